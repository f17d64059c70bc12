//! What a serving node is told of a deferred request.

use super::{LdrRequest, instructed::Instruction};
use lcs::{AreaIdentity, Identities, LdrReference, TargetArea};

/// What a node is to wait for, beside what the permit says.
#[derive(Debug, Clone, Copy)]
pub struct LdrOrder<'a> {
    /// The request.
    pub request: &'a LdrRequest,
    /// Its reference.
    pub reference: LdrReference,
    /// The areas of an area event, as this node's network names them; complete. Empty for other events.
    pub areas: &'a [AreaIdentity],
    /// What the home gateway told, where this is the visited one.
    pub instruction: Option<&'a Instruction>,
}

/// What a node is to wait for no longer. Needs no permit: nothing is told by it, and nothing comes back but an acknowledgement.
#[derive(Debug, Clone, Copy)]
pub struct LdrCancel<'a> {
    /// The request.
    pub request: &'a LdrRequest,
    /// Its reference.
    pub reference: LdrReference,
    /// Whom it is about.
    pub target: Identities,
    /// The node that acknowledged last, or the visited gateway that was asked, by the name that it is kept under; empty if none.
    pub node: &'a str,
    /// What the home gateway told, where this is the visited one: it knows the node by that, and by no home register.
    pub instruction: Option<&'a Instruction>,
}

/// By which road a deferred request went to whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LdrRoad {
    /// To a serving node.
    Node,
    /// Over Lr to the gateway of the network where the phone is, which has a node wait (TS 23.271 clauses 9.1.8.1 step 2 and 9.1.19.1 step 2).
    Visited,
    /// Over SMS to the application on the subscriber's card (TS 23.271 Annex F).
    Card,
    /// To nobody any more: whoever was asked said no, so that nothing is to be taken back.
    Nobody,
}

/// When area events go to the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CardRoad {
    /// Never.
    Never,
    /// Where the serving node takes none, or none can be asked.
    WhenNoNodeCan,
    /// Wherever the card can watch it.
    Preferred,
}

/// Why areas cannot be put into the identities of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AreaRefusal {
    /// No cell of this network is known to lie there, or part of the area lies where none is known.
    #[error("the area is not covered by cells that are known")]
    NotCovered,
    /// More cells and tracking areas than a request can name (TS 29.172 clause 7.4.39: 250).
    #[error("the area is too large for one request")]
    TooLarge,
    /// Nobody gave that name to an area.
    #[error("no area has this name")]
    UnknownName,
    /// Its shape is none that an area can have: a point, a line, crossing itself.
    #[error("the shape is no area")]
    NoArea,
    /// This gateway has no table of cells.
    #[error("this gateway has no table of cells")]
    NoTable,
}

impl AreaRefusal {
    /// Whether the client gave something that cannot be used, and not this gateway lacks something.
    #[must_use]
    pub fn is_the_clients(self) -> bool {
        matches!(self, Self::UnknownName | Self::NoArea | Self::TooLarge)
    }
}

impl From<AreaRefusal> for lcs::Failure {
    fn from(refusal: AreaRefusal) -> Self {
        if refusal.is_the_clients() { Self::InvalidRequest } else { Self::OutsideCoverage }
    }
}

/// The target areas of an area event; none for other events.
pub(crate) fn target_areas(request: &LdrRequest) -> &[TargetArea] {
    match &request.event {
        lcs::DeferredEvent::Area { areas, .. } => areas,
        lcs::DeferredEvent::UeAvailable | lcs::DeferredEvent::Periodic { .. } | lcs::DeferredEvent::Motion { .. } => {
            &[]
        }
    }
}
