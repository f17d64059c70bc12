//! What the disclosure log says about one request and one target.

use crate::{Basis, Cleared, Refusal, RuleId};
use lcs::{
    Address, Failure, Fix, Identities, LcsClientType, LocationType, PrivacySetting, Qos, RefusalReason, Requestor,
    ServiceType, Target, Timestamp,
};
use std::sync::Arc;

/// Random name of a request, the same in every record of it. Says nothing about anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub [u8; 16]);

impl RequestId {
    /// A fresh one from the system's random source; `None` if that source fails.
    #[must_use]
    pub fn random() -> Option<Self> {
        let mut id = [0; 16];
        aws_lc_rs::rand::fill(&mut id).ok()?;
        Some(Self(id))
    }
}

impl core::fmt::Display for RequestId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// The door through which a request came. Codes are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Via {
    /// OMA MLP (Le).
    Mlp = 1,
    /// OMA RLP (Lr), from another gateway.
    Rlp = 2,
    /// CAMARA.
    Camara = 3,
    /// The operator's own command line or admin interface.
    Admin = 4,
    /// The network itself: a location report that nobody asked for (TS 29.172 clause 6.2.3).
    Network = 5,
    /// The subscriber's portal.
    Portal = 6,
    /// The proxy of the PULL model: a pseudonym for a client, no location (TS 23.271 Annex E).
    Pull = 7,
    /// A phone that takes part in MDT, at the door of the collector: its user's own word, brought without an identity.
    Phone = 8,
}

/// What became of telling or asking the user. Codes are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Notification {
    /// Nobody was to be told.
    NotNeeded = 0,
    /// The serving node was told to notify; it does not say whether the user saw it.
    Ordered = 1,
    /// The user was asked and agreed, or the node answered as if so.
    Accepted = 2,
    /// The user was asked and refused.
    Denied = 3,
    /// The user was asked and did not answer.
    NoAnswer = 4,
}

/// Who asked, for what, about whom: known when a request is opened. `Debug` shows no identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// When the request arrived.
    pub time: Timestamp,
    /// Name of the request; several targets of one request share it.
    pub request: RequestId,
    /// The door.
    pub via: Via,
    /// Account of the client, as the operator registered it.
    pub account: Arc<str>,
    /// Client type (TS 29.172 clause 7.4.1).
    pub client_type: LcsClientType,
    /// External identity of the client.
    pub external: Option<Address>,
    /// Who asked the client.
    pub requestor: Option<Requestor>,
    /// Service type.
    pub service_type: Option<ServiceType>,
    /// Type of location.
    pub location_type: LocationType,
    /// Quality asked for.
    pub qos: Qos,
    /// Whom it is about, as the client named them.
    pub target: Target,
}

/// What of a position was given. Coordinates are not kept unless the operator turned that on. `Debug` hides them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Given {
    /// Type code of the shape (TS 23.032 clause 7.2); `None`: no estimate.
    pub shape: Option<u8>,
    /// Uncertainty of the estimate in metres, the greater axis, where the shape has one.
    pub accuracy_m: Option<u32>,
    /// Age in minutes, if told.
    pub age_min: Option<u32>,
    /// Whether the accuracy asked for was met, if told.
    pub accuracy_fulfilled: Option<bool>,
    /// Velocity was given.
    pub velocity: bool,
    /// The serving cell was given.
    pub cell: bool,
    /// A civic address was given.
    pub civic_address: bool,
    /// It was made coarser than the network gave it, as the subscriber's rules or the operator ask.
    pub coarsened: bool,
    /// The position in the octets of its shape, only if the operator keeps location history. Never there before the entry is
    /// written: whoever has the keys of the log reads it from there.
    pub octets: Option<Vec<u8>>,
}

impl core::fmt::Debug for Given {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Given(shape {:?}, accuracy {:?} m, age {:?} min)", self.shape, self.accuracy_m, self.age_min)
    }
}

impl Given {
    /// The description of a fix, without its coordinates.
    #[must_use]
    pub fn of(fix: &Fix) -> Self {
        let (shape, accuracy_m) = fix.shape.as_ref().map(super::codes::shape_facts).unzip();
        Self {
            shape,
            accuracy_m: accuracy_m.flatten(),
            age_min: fix.age_min,
            accuracy_fulfilled: fix.accuracy_fulfilled,
            velocity: fix.velocity.is_some(),
            cell: fix.cell.is_some(),
            civic_address: fix.civic_address.is_some(),
            coarsened: false,
            octets: None,
        }
    }
}

/// How a request about one target ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The gateway decided to give this.
    Allowed(Given),
    /// Policy refused.
    Refused(RefusalReason),
    /// There was nothing to give.
    Failed(Failure),
    /// The request was given up before it ended: the client went away, or the work on it died.
    Abandoned,
}

/// The end of a request about one target: all that [`Ticket::record`](super::Ticket::record) adds to its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How it ended.
    pub outcome: Outcome,
    /// On what it rests, when that was settled.
    pub basis: Option<Basis>,
    /// The rule that decided; it names its clause.
    pub rule: Option<RuleId>,
    /// Results of the check that went to the serving node: unrelated, and related if there is one.
    pub settings: Option<(PrivacySetting, Option<PrivacySetting>)>,
    /// What became of telling or asking the user.
    pub notification: Notification,
    /// The user was asked a second time, after positioning (TS 23.271 clause 9.1.18).
    pub second_round: bool,
    /// When the end was known.
    pub answered: Option<Timestamp>,
    /// Whether the entry keeps the coordinates of the position that is released under it.
    pub keeps_position: bool,
}

impl Ending {
    /// An end of this kind, nothing else said.
    #[must_use]
    pub fn new(outcome: Outcome) -> Self {
        // One spelling of a refusal in the log, whichever way it was carried here.
        let outcome = match outcome {
            Outcome::Failed(Failure::Refused(reason)) => Outcome::Refused(reason),
            other => other,
        };
        Self {
            outcome,
            basis: None,
            rule: None,
            settings: None,
            notification: Notification::NotNeeded,
            second_round: false,
            answered: None,
            keeps_position: false,
        }
    }

    /// Something was given, on this basis.
    #[must_use]
    pub fn allowed(given: Given, basis: Basis) -> Self {
        Self { basis: Some(basis), ..Self::new(Outcome::Allowed(given)) }
    }

    /// A cleared position was given: what it is, on what ground and by which rule. Its coordinates are kept only if
    /// `keep_position`, which is the operator's choice and off by default; they come into the entry when that is written.
    #[must_use]
    pub fn cleared(cleared: &Cleared, keep_position: bool) -> Self {
        let ending = Self::allowed(cleared.given(), cleared.basis()).by(cleared.rule());
        let second_round = cleared.is_notified_after();
        Self { settings: cleared.settings(), second_round, keeps_position: keep_position, ..ending }
    }

    /// The same with what is true of the position that is given under it: outcome, ground, rule and settings are the position's.
    pub(crate) fn telling(self, cleared: &Cleared) -> Self {
        let shape = cleared.fix().shape.as_ref().filter(|_| self.keeps_position);
        let given = Given { octets: shape.map(lcs::gad::Shape::encode), ..cleared.given() };
        let truth = Self::cleared(cleared, self.keeps_position);
        Self {
            outcome: Outcome::Allowed(given),
            second_round: self.second_round || truth.second_round,
            notification: self.notification,
            answered: self.answered,
            ..truth
        }
    }

    /// The privacy check refused, by this rule.
    #[must_use]
    pub fn refusal(refusal: Refusal) -> Self {
        Self::refused(refusal.reason).by(refusal.rule)
    }

    /// Policy refused.
    #[must_use]
    pub fn refused(reason: RefusalReason) -> Self {
        Self::new(Outcome::Refused(reason))
    }

    /// Nothing could be given. A [`Failure::Refused`] is recorded as the refusal that it is.
    #[must_use]
    pub fn failed(failure: Failure) -> Self {
        Self::new(Outcome::Failed(failure))
    }

    /// Names the rule that decided.
    #[must_use]
    pub fn by(mut self, rule: RuleId) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Says on what it rests.
    #[must_use]
    pub fn on(mut self, basis: Basis) -> Self {
        self.basis = Some(basis);
        self
    }

    /// Says what became of telling or asking the user.
    #[must_use]
    pub fn notified(mut self, notification: Notification) -> Self {
        self.notification = notification;
        self
    }

    /// Says that the user was asked a second time.
    #[must_use]
    pub fn after_second_round(mut self) -> Self {
        self.second_round = true;
        self
    }

    /// Says when the end was known.
    #[must_use]
    pub fn at(mut self, answered: Timestamp) -> Self {
        self.answered = Some(answered);
        self
    }
}

/// One entry about one request and one target. `Debug` shows no identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What was asked.
    pub facts: Facts,
    /// True identities of the target, as far as they were known.
    pub identities: Identities,
    /// How it ended.
    pub ending: Ending,
}

/// Content of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// One request about one target. Boxed: an entry is large.
    Request(Box<Entry>),
    /// One change in the consent register.
    Consent(Box<crate::consent::ConsentEntry>),
    /// While the log could not write or was overloaded, this many ends were not recorded. None of them gave a position.
    Gap {
        /// How many.
        lost: u64,
        /// Time of the first of them.
        since: Timestamp,
    },
}
