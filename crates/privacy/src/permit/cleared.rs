//! Positions that passed the check, sealed until they are recorded.

use super::{Basis, Grant, NotificationOnly, Permit};
use crate::{
    decide::{Refusal, RuleId},
    disclosure::{Facts, Given, Via},
};
use lcs::{Failure, Fix, Identities, LcsClientType, PrivacySetting, RefusalReason};
use std::sync::Arc;

/// A position that may be given to the client who asked, once it is recorded. Only this crate makes one, and nobody reads
/// it without a [`ReleaseKey`].
#[derive(Debug)]
#[must_use = "a cleared position is to be recorded and released, or refused"]
pub struct Cleared {
    fix: Fix,
    of: Belongs,
    coarsened: bool,
    notified_after: bool,
    basis: Basis,
    rule: RuleId,
    settings: Option<(PrivacySetting, Option<PrivacySetting>)>,
}

/// For whom a position was cleared, and about whom: it is recorded under a ticket of the same, or not at all.
#[derive(Debug)]
struct Belongs {
    account: Arc<str>,
    identities: Identities,
    origin: Origin,
}

/// By what way a position came to be cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// By a permit.
    Permit,
    /// Without one, for a report that the network made of its own accord, about an emergency call.
    EmergencyReport,
    /// Without one, for a report that the subscriber had the network make.
    OwnRequest,
    /// By a referral to the home gateway, which checked.
    Referral,
    /// By a permit that the home gateway's word gave, for that gateway.
    HomeInstruction,
}

impl Origin {
    /// Whether an entry with these facts may tell of it.
    fn agrees(self, facts: &Facts) -> bool {
        let by_network = |of| facts.via == Via::Network && facts.client_type == of;
        match self {
            Self::Permit => true,
            Self::EmergencyReport => by_network(LcsClientType::Emergency),
            Self::OwnRequest => by_network(LcsClientType::ValueAdded),
            Self::Referral => facts.via != Via::Network,
            Self::HomeInstruction => facts.via == Via::Rlp,
        }
    }
}

/// Opens cleared positions. The disclosure log alone has one, and lends it to [`Releasable::release`] after it has made an
/// entry durable.
#[derive(Debug)]
pub struct ReleaseKey(());

impl ReleaseKey {
    /// For the disclosure log, after its entry is durable.
    pub(crate) fn after_record() -> Self {
        Self(())
    }
}

/// Keeps [`Releasable`] to this crate, so that whoever records a value cannot hide a position in it.
pub(crate) mod sealed {
    /// Keeps [`Instructing`](super::super::Instructing) to this crate.
    pub trait Stage {}

    /// What of a value goes out as a position.
    pub trait Sealed {
        /// The position in it, if it has one.
        fn position(&self) -> Option<&super::Cleared>;
    }
}

/// What may stand in a record of the disclosure log and be opened once it is durable. Only types of this crate and results of
/// them are: what a value gives must be seen before its entry is written.
pub trait Releasable: sealed::Sealed {
    /// What the client is answered from.
    type Released;

    /// Opens it.
    fn release(self, key: &ReleaseKey) -> Self::Released;
}

impl Releasable for Cleared {
    type Released = Fix;

    fn release(self, _: &ReleaseKey) -> Fix {
        self.fix
    }
}

impl sealed::Sealed for Cleared {
    fn position(&self) -> Option<&Self> {
        Some(self)
    }
}

impl sealed::Sealed for Failure {
    fn position(&self) -> Option<&Cleared> {
        None
    }
}

impl<T: Releasable, E: Releasable> sealed::Sealed for Result<T, E> {
    fn position(&self) -> Option<&Cleared> {
        match self {
            Ok(value) => value.position(),
            Err(error) => error.position(),
        }
    }
}

/// A failure names nobody and tells no place.
impl Releasable for Failure {
    type Released = Self;

    fn release(self, _: &ReleaseKey) -> Self {
        self
    }
}

impl<T: Releasable, E: Releasable> Releasable for Result<T, E> {
    type Released = Result<T::Released, E::Released>;

    fn release(self, key: &ReleaseKey) -> Self::Released {
        match self {
            Ok(value) => Ok(value.release(key)),
            Err(error) => Err(error.release(key)),
        }
    }
}

impl Cleared {
    pub(super) fn new(fix: Fix, coarsened: bool, notified_after: bool, grant: &Grant) -> Self {
        let (settings, origin) = match grant.home_word {
            None => (Some((grant.unrelated, grant.related)), Origin::Permit),
            Some(word) => (word.settings(), Origin::HomeInstruction),
        };
        let of = Belongs { account: Arc::clone(&grant.account), identities: grant.identities, origin };
        Self { fix, of, coarsened, notified_after, basis: grant.basis, rule: grant.rule, settings }
    }

    /// For [`crate::clear_emergency_report`], which says why there is no permit.
    pub(crate) fn of_emergency_report(fix: Fix, facts: &Facts, identities: Identities) -> Self {
        let settings = Some((PrivacySetting::AllowedWithoutNotification, None));
        let (basis, rule) = (Basis::Emergency, RuleId::Override);
        let of = Belongs { account: Arc::clone(&facts.account), identities, origin: Origin::EmergencyReport };
        Self { fix, of, coarsened: false, notified_after: false, basis, rule, settings }
    }

    /// For [`crate::Ppr::clear_own_request`], which says why there is no permit.
    pub(crate) fn of_own_request(fix: Fix, facts: &Facts, identities: Identities) -> Self {
        let settings = Some((PrivacySetting::AllowedWithoutNotification, None));
        let (basis, rule) = (Basis::OwnRequest, RuleId::OwnRequest);
        let of = Belongs { account: Arc::clone(&facts.account), identities, origin: Origin::OwnRequest };
        Self { fix, of, coarsened: false, notified_after: false, basis, rule, settings }
    }

    /// For [`crate::Ppr::clear_referred`], which says why there is no permit. What the check at home came to is not told.
    pub(crate) fn of_referral(fix: Fix, account: Arc<str>, identities: Identities) -> Self {
        let (basis, rule) = (Basis::HomeGateway, RuleId::HomeGateway);
        let of = Belongs { account, identities, origin: Origin::Referral };
        Self { fix, of, coarsened: false, notified_after: false, basis, rule, settings: None }
    }

    /// What is given, for the entry that describes it.
    pub(crate) fn fix(&self) -> &Fix {
        &self.fix
    }

    /// Whether an entry with these facts and identities is of the request that it was cleared for: the same client, no other
    /// subscriber, and a report of the network if it is one.
    pub(crate) fn belongs_to(&self, facts: &Facts, identities: &Identities) -> bool {
        let Belongs { account, identities: own, origin } = &self.of;
        *account == facts.account && origin.agrees(facts) && !own.contradicts(identities)
    }

    /// What the record says of it, without its coordinates.
    #[must_use]
    pub fn given(&self) -> Given {
        Given { coarsened: self.coarsened, ..Given::of(&self.fix) }
    }

    /// Whether it was made coarser than the network gave it.
    #[must_use]
    pub fn is_coarsened(&self) -> bool {
        self.coarsened
    }

    /// Whether the user was told or asked after positioning.
    #[must_use]
    pub fn is_notified_after(&self) -> bool {
        self.notified_after
    }

    /// On what ground it is given.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// The rule that decided.
    #[must_use]
    pub fn rule(&self) -> RuleId {
        self.rule
    }

    /// The results of the check: unrelated, and related if there is one. `None`: the home gateway alone knows.
    #[must_use]
    pub fn settings(&self) -> Option<(PrivacySetting, Option<PrivacySetting>)> {
        self.settings
    }
}

/// What the check after positioning comes to, if it does not refuse (TS 23.271 clause 9.1.1 step 11).
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "one lives for a moment, and a box would cost an allocation for each request"
)]
pub enum Checked {
    /// The position may be given.
    Release(Cleared),
    /// The user is to be told or asked first: a second request, of type "notification only", goes to the same node.
    NotifyFirst(Permit<NotificationOnly>),
}

/// How the second request, "notification only", ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotificationOutcome {
    /// The user was told, or asked and did not object.
    Granted,
    /// Anything else.
    Denied,
}

impl Permit<NotificationOnly> {
    /// Ends the second round: the position kept in the permit is cleared, or dropped for good (TS 23.271 clause 9.1.18).
    pub(crate) fn after_notification(self, outcome: NotificationOutcome) -> Result<Cleared, Refusal> {
        match outcome {
            NotificationOutcome::Granted => Ok(Cleared::new(self.stage.fix, self.stage.coarsened, true, &self.grant)),
            NotificationOutcome::Denied => {
                Err(Refusal::new(RuleId::NotifyAfter, RefusalReason::RefusedAfterPositioning))
            }
        }
    }
}
