//! What a visited gateway is told of the privacy check at home (TS 23.271 clauses 9.1.1 step 8, 9.5.4 and Annex C).

use crate::{header::action_word, write};
use lcs::{Address, IndicatorError, NatureOfAddress, NumberingPlan, PrivacyIndicators};

/// What the visited gateway passes to the serving node. No `Default`: without it nobody may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivacyInstruction {
    /// Indicators, for a node of capability set 4 or higher.
    Indicators(PrivacyIndicators),
    /// The number of a pseudo-external identity in place of the client's, for a node below that.
    PseudoExternal(Address),
    /// Both, where nodes of both kinds may come to serve: the visited gateway takes what fits the one that it asks.
    Either(PrivacyIndicators, Address),
}

/// Why a request tells a visited gateway too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InstructionError {
    /// Neither indicators nor a pseudo-external identity.
    #[error("no serving_node_action and no pseudoid: a visited gateway needs one (TS 23.271 clause 9.1.1 step 8)")]
    Missing,
    /// Neither indicator would allow a position.
    #[error("serving_node_action allows nothing: {0}")]
    Barred(#[from] IndicatorError),
    /// A related indicator without the call or session that it is about.
    #[error("serving_node_action has an active_type and no session is named (TS 23.271 clause 9.5.4)")]
    RelatedWithoutSession,
}

impl PrivacyInstruction {
    /// The indicators, if there are any.
    #[must_use]
    pub fn indicators(self) -> Option<PrivacyIndicators> {
        match self {
            Self::Indicators(indicators) | Self::Either(indicators, _) => Some(indicators),
            Self::PseudoExternal(_) => None,
        }
    }

    /// The number that stands for the client, if there is one.
    #[must_use]
    pub fn pseudo_external(self) -> Option<Address> {
        match self {
            Self::PseudoExternal(number) | Self::Either(_, number) => Some(number),
            Self::Indicators(_) => None,
        }
    }

    /// Whether the number, if there is one, can travel: international ones do.
    pub(super) fn is_international(self) -> bool {
        self.pseudo_external()
            .is_none_or(|number| number.nature == NatureOfAddress::International && number.plan == NumberingPlan::Isdn)
    }
}

/// Appends `serving_node_action` (RLP 1.0, header; its attributes are those of OMA MLP section 5.3.114).
pub(super) fn write_action(out: &mut String, passive: lcs::PrivacySetting, active: Option<lcs::PrivacySetting>) {
    let mut attributes = vec![("passive_type", action_word(passive))];
    attributes.extend(active.map(|setting| ("active_type", action_word(setting))));
    write::empty(out, "serving_node_action", &attributes);
}
