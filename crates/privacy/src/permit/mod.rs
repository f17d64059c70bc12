//! Permits: leave to ask the network where somebody is. Made only by a passed check; used up by each step.

mod cleared;
mod confirm;
mod deferred;
#[cfg(test)]
mod deferred_tests;
#[cfg(test)]
mod legacy_tests;
#[cfg(test)]
mod tests;

pub(crate) use cleared::sealed;
pub use cleared::{Checked, Cleared, NotificationOutcome, Releasable, ReleaseKey};
pub(crate) use confirm::{confirm, confirm_for_card, recheck, recheck_elsewhere, release_cached, suits};
pub(crate) use deferred::clear_report;

use crate::{
    decide::{Contributor, RuleId},
    disclosure::{Subject, SubjectSalt},
    lpp::PseudoExternalOffer,
    profile::SharedRules,
    visited::HomeWord,
};
use lcs::{
    Address, Codeword, Failure, Fix, Identities, LcsClientType, LocationRequest, LocationType, PositioningOutcome,
    PrivacyIndicators, PrivacySetting, PseudoExternalIdentity,
};
use std::sync::Arc;

/// On what ground a permit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The subscriber's profile, for a value added client, or by the universal class.
    Profile,
    /// The PLMN operator class of the subscriber's profile (TS 23.271 clause 9.5.3.4).
    PlmnOperator,
    /// Privacy override for emergency services (TS 23.271 clause 9.5.1).
    Emergency,
    /// Privacy override for lawful interception (TS 23.271 clause 9.5.1).
    LawfulIntercept,
    /// The subscriber's own request to have the position sent to a client (TS 23.271 clause 9.2).
    OwnRequest,
    /// The check of the subscriber's home gateway, which is another and sent the position (TS 23.271 clause 9.1.1 step 15).
    HomeGateway,
    /// What the subscriber's home gateway, which is another, told this one to have the serving node do (TS 23.271 clause 9.1.1
    /// step 8).
    HomeInstruction,
}

impl Basis {
    /// Whether it is a privacy override, which asks no profile (TS 23.271 clause 9.5.1).
    #[must_use]
    pub fn overrides(self) -> bool {
        matches!(self, Self::Emergency | Self::LawfulIntercept)
    }
}

/// Leave to locate one subscriber for one request, at a stage of the procedure of TS 23.271 clause 9.1.1.
///
/// Not `Clone`, so that one check serves one request; no `Default`, no constructor outside this crate.
#[derive(Debug)]
#[must_use = "a permit that is dropped is a request that goes nowhere"]
pub struct Permit<Stage> {
    grant: Grant,
    stage: Stage,
}

/// Stage of a permit after step 5: the privacy check has passed, the serving node is not yet known.
#[derive(Debug)]
pub struct Authorised {
    made_here: (),
}

/// Stage of a permit after step 8: the serving node can keep to what the check came to. The network may be asked.
#[derive(Debug)]
pub struct Confirmed {
    means: confirm::Means,
    instruction: NodeInstruction,
    session: Option<SessionIdentity>,
}

/// Stage of a permit that leads to the application on the subscriber's card, in the place of a serving node (TS 23.271 Annex F.1 step 3).
/// The card tells or asks its user itself. No node may be asked by it, and no position comes back.
#[derive(Debug)]
pub struct ForCard {
    indicators: PrivacyIndicators,
}

/// Stage of a permit after step 11: the position is known, kept here, and the user is to be told or asked first.
#[derive(Debug)]
pub struct NotificationOnly {
    instruction: NodeInstruction,
    session: Option<SessionIdentity>,
    fix: Fix,
    coarsened: bool,
}

/// How the serving node is told what to do. There is no node that is told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeInstruction {
    /// By indicators, to a node of capability set 4 or higher (TS 23.271 clause 9.5.4).
    Indicators(PrivacyIndicators),
    /// By the number of a pseudo-external identity in the place of the client's own, to an older node, which finds it in the
    /// profile that the home register gave it. No indicators go along: it would pass them over (TS 23.271 Annex C).
    PseudoExternal(PseudoExternalIdentity, Address),
    /// By the internal identity of a PLMN operator client alone, which an older node finds in its copy of the PLMN operator
    /// class (TS 23.271 clause 9.5.3.4).
    PlmnClient,
    /// By the number of a pseudo-external identity that the subscriber's home gateway chose. What it stands for the home register
    /// and the node know, and not this gateway, which is the visited one (TS 23.271 clause 9.1.1 step 8).
    HomeNumber(Address),
    /// By the privacy override indicator of MAP, and "not allowed" beside it for a node that does not accept it
    /// (TS 23.271 clauses 9.5.1 and 9.1.1A).
    Override,
}

impl NodeInstruction {
    /// The indicators, if it is told by them: the only way over SLg and Lgd.
    #[must_use]
    pub fn indicators(self) -> Option<PrivacyIndicators> {
        match self {
            Self::Indicators(indicators) => Some(indicators),
            Self::PseudoExternal(..) | Self::PlmnClient | Self::HomeNumber(_) | Self::Override => None,
        }
    }

    /// What the node is told to do: unrelated setting, and related if there is one. `None`: the home gateway alone knows.
    #[must_use]
    pub fn settings(self) -> Option<(PrivacySetting, Option<PrivacySetting>)> {
        match self {
            Self::Indicators(indicators) => Some((indicators.unrelated(), indicators.related())),
            Self::PseudoExternal(identity, _) => {
                let (related, unrelated) = identity.settings();
                Some((unrelated, related))
            }
            Self::PlmnClient | Self::Override => Some((PrivacySetting::AllowedWithoutNotification, None)),
            Self::HomeNumber(_) => None,
        }
    }
}

/// The call or session identity that goes to the serving node beside a related indicator (TS 23.271 clause 9.5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionIdentity {
    /// The number that the UE dialled.
    Dialled,
    /// The APN network identifier.
    Apn,
}

/// Who judges where the subscriber is, once that is known.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "one lives as long as its permit, and a box would cost an allocation for each request"
)]
pub(crate) enum Areas {
    /// Nobody: there are no such rules.
    None,
    /// This register: the rules, and the entries whose conditions count.
    Here(Arc<SharedRules>, [Option<Contributor>; 3]),
    /// The register at the other end of Lpp, which gave the permit.
    Elsewhere {
        /// There are such rules.
        checks: bool,
        /// What it told for nodes below capability set 4.
        offer: Option<PseudoExternalOffer>,
    },
}

impl Areas {
    fn are_none(&self) -> bool {
        matches!(self, Self::None | Self::Elsewhere { checks: false, .. })
    }
}

/// What the check granted.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) identities: Identities,
    pub(crate) account: Arc<str>,
    pub(crate) salt: Option<SubjectSalt>,
    pub(crate) basis: Basis,
    pub(crate) rule: RuleId,
    pub(crate) unrelated: PrivacySetting,
    pub(crate) related: Option<PrivacySetting>,
    pub(crate) forwards_codeword: bool,
    pub(crate) notifies_after: bool,
    /// Holds only while the home PLMN serves, or, for another gateway, at nodes of the own network.
    pub(crate) home_plmn_only: bool,
    /// What another gateway, which is the home one, said; it alone counts then.
    pub(crate) home_word: Option<HomeWord>,
    /// Rules on where the subscriber is.
    pub(crate) areas: Areas,
    /// Which call or session identities the request names: dialled number, APN.
    pub(crate) names_dialled: bool,
    pub(crate) names_apn: bool,
    pub(crate) location_type: LocationType,
    pub(crate) client_type: LcsClientType,
    /// Given by the operator's default profile, for want of the subscriber's own.
    pub(crate) by_default: bool,
}

impl Permit<Authorised> {
    pub(crate) fn new(grant: Grant) -> Self {
        Self { grant, stage: Authorised { made_here: () } }
    }

    /// The same with identities that the HSS completed.
    pub(crate) fn completed(mut self, identities: Identities) -> Self {
        self.grant.identities = identities;
        self
    }

    /// The same, for nodes of the own network alone.
    pub(crate) fn at_own_nodes(mut self) -> Self {
        self.grant.home_plmn_only = true;
        self
    }

    pub(crate) fn with_salt(mut self, salt: Option<SubjectSalt>) -> Self {
        self.grant.salt = salt;
        self
    }

    /// Whether a stored estimate may be given instead of asking the network (TS 23.271 clause 9.1.1 step 5): the client takes
    /// a last known location, the unrelated result is "allowed without notification", and nothing is to be checked or told
    /// once the position is known. Not by the operator's default profile: the HSS may yet lead to the subscriber's own.
    #[must_use]
    pub fn allows_cached(&self) -> bool {
        let Authorised { made_here: () } = self.stage;
        self.grant.location_type == LocationType::CurrentOrLastKnown
            && self.grant.unrelated == PrivacySetting::AllowedWithoutNotification
            && self.grant.areas.are_none()
            && !self.grant.notifies_after
            && !self.grant.home_plmn_only
            && !self.grant.by_default
    }
}

impl Permit<Confirmed> {
    /// Whether a register elsewhere gave it and judges where the subscriber is.
    pub(crate) fn checks_elsewhere(&self) -> bool {
        matches!(self.grant.areas, Areas::Elsewhere { checks: true, .. })
    }

    /// Whether the user will be told or asked after positioning, so that a second request follows.
    #[must_use]
    pub fn notifies_after(&self) -> bool {
        self.grant.notifies_after
    }
}

impl Permit<NotificationOnly> {
    /// What the node's answer to this second request comes to. A plain acknowledgement grants, or, from an older node, a
    /// position, which it gives only when the user was told, or asked and did not object. Anything else has shown nothing.
    #[must_use]
    pub fn outcome_of(&self, answer: &Result<PositioningOutcome, Failure>) -> NotificationOutcome {
        let acts_by_number = matches!(self.stage.instruction, NodeInstruction::PseudoExternal(..));
        match answer {
            Ok(PositioningOutcome::Notified) if !acts_by_number => NotificationOutcome::Granted,
            Ok(PositioningOutcome::Fixed(_)) if acts_by_number => NotificationOutcome::Granted,
            Ok(_) | Err(_) => NotificationOutcome::Denied,
        }
    }
}

/// A stage at which the network may be asked.
pub trait Instructing: sealed::Stage {
    /// What the serving node is told.
    fn instruction(&self) -> NodeInstruction;

    /// The call or session identity that goes along.
    fn session(&self) -> Option<SessionIdentity>;

    /// The type of location to ask for, where the request is granted `asked`.
    fn location_type(&self, asked: LocationType) -> LocationType;
}

impl sealed::Stage for Confirmed {}
impl sealed::Stage for NotificationOnly {}

impl Instructing for Confirmed {
    fn instruction(&self) -> NodeInstruction {
        self.instruction
    }

    fn session(&self) -> Option<SessionIdentity> {
        self.session
    }

    fn location_type(&self, asked: LocationType) -> LocationType {
        asked
    }
}

impl Instructing for NotificationOnly {
    fn instruction(&self) -> NodeInstruction {
        self.instruction
    }

    fn session(&self) -> Option<SessionIdentity> {
        self.session
    }

    /// Notification and verification only (TS 29.172 clause 7.4.2). An older node does not know that type; it is asked for a
    /// position once more, which is dropped (TS 23.271 clause 9.1.1 step 12).
    fn location_type(&self, _: LocationType) -> LocationType {
        match self.instruction {
            NodeInstruction::PseudoExternal(..) | NodeInstruction::HomeNumber(_) => LocationType::Current,
            NodeInstruction::Indicators(_) | NodeInstruction::PlmnClient | NodeInstruction::Override => {
                LocationType::NotificationVerificationOnly
            }
        }
    }
}

impl Permit<ForCard> {
    /// What the card is to do about its user. Never "not allowed".
    #[must_use]
    pub fn privacy_action(&self) -> PrivacySetting {
        self.stage.indicators.unrelated()
    }

    /// The same as records have it.
    #[must_use]
    pub fn card_instruction(&self) -> NodeInstruction {
        NodeInstruction::Indicators(self.stage.indicators)
    }
}

impl<Stage: Instructing> Permit<Stage> {
    /// What the serving node is told, always (TS 23.271 clause 9.5.4, TS 29.172 clause 7.4.23).
    #[must_use]
    pub fn instruction(&self) -> NodeInstruction {
        self.stage.instruction()
    }

    /// The call or session identity that goes along. Over SLg and Lgd only beside a related indicator; over MAP whenever the
    /// request has one that the node knows (TS 23.271 Annex B NOTE).
    #[must_use]
    pub fn session_identity(&self) -> Option<SessionIdentity> {
        self.stage.session()
    }

    /// The type of location to ask for.
    #[must_use]
    pub fn location_type(&self) -> LocationType {
        self.stage.location_type(self.grant.location_type)
    }
}

impl<Stage> Permit<Stage> {
    /// Whether the operator's default profile gave it, for want of the subscriber's own.
    #[must_use]
    pub fn is_by_default(&self) -> bool {
        self.grant.by_default
    }

    /// Whom it is about, completed from the register and the HSS. For codecs.
    #[must_use]
    pub fn identities(&self) -> Identities {
        self.grant.identities
    }

    /// The client account that it was given to.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.grant.account
    }

    /// Under whose key the entry of the disclosure log is sealed.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.grant.salt.map_or(Subject::Operator, Subject::Subscriber)
    }

    /// On what ground it stands.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.grant.basis
    }

    /// The rule that decided.
    #[must_use]
    pub fn rule(&self) -> RuleId {
        self.grant.rule
    }

    /// The results of the check: unrelated, and related if there is one. Where a home gateway told a number alone, which only it
    /// can read, they stand for nothing.
    #[must_use]
    pub fn settings(&self) -> (PrivacySetting, Option<PrivacySetting>) {
        (self.grant.unrelated, self.grant.related)
    }

    /// The codeword of `request`, if it goes to the serving node for the user to see (TS 23.271 Table 10.12a).
    #[must_use]
    pub fn codeword<'r>(&self, request: &'r LocationRequest) -> Option<&'r Codeword> {
        request.codeword.as_ref().filter(|_| self.grant.forwards_codeword)
    }
}
