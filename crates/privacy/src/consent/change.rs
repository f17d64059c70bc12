//! Changes of the register, and their entries in the disclosure log.

use super::person::{Decision, Delivery};
use super::words::{Purpose, Source};
use crate::disclosure::{RequestId, Via};
use lcs::{Digits, Identities, Timestamp};
use minicbor::{Decode, Encode};
use std::sync::Arc;

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Change {
    /// A notice was delivered.
    #[n(1)]
    Informed(#[n(0)] Delivery),
    /// Yes or no to one purpose.
    #[n(2)]
    Decided {
        /// The purpose.
        #[n(0)]
        purpose: Purpose,
        /// What was said.
        #[n(1)]
        decision: Decision,
    },
    /// No measurements for a while.
    #[n(3)]
    Paused {
        /// Until when; `None`: until resumed.
        #[cbor(n(0), with = "super::codec::maybe_time")]
        until: Option<Timestamp>,
    },
    /// The pause is over.
    #[n(4)]
    Resumed,
    /// Never again.
    #[n(5)]
    OptedOut,
    /// The person takes the opt-out back. Brings no consent back.
    #[n(6)]
    OptOutLifted {
        /// SHA-256 of whatever proves that it was the person's own demand.
        #[cbor(n(0), with = "minicbor::bytes")]
        evidence: [u8; 32],
    },
    /// The person has another SIM, number or phone: those named beside the entry.
    #[n(7)]
    Linked,
    /// Must not be asked at all, or may be again.
    #[n(8)]
    Excluded(#[n(0)] bool),
    /// The SIM, number or phone named beside the entry is the person's no longer. An opt-out stays bound to it.
    #[n(9)]
    Unlinked,
    /// The person asked to be forgotten: the record is gone, but for an opt-out or an exclusion and what finds them. Names nobody.
    #[n(10)]
    Erased,
}

impl Change {
    /// Whether somebody may be asked after it who might not be asked before: such a change is recorded before it takes effect.
    #[must_use]
    pub fn loosens(&self) -> bool {
        match self {
            Self::Decided { decision, .. } => decision.given,
            Self::Informed(_) | Self::Resumed | Self::OptOutLifted { .. } | Self::Linked => true,
            // Of two persons by one identity, whom nobody asks, one may be left.
            Self::Excluded(false) | Self::Unlinked | Self::Erased => true,
            Self::Paused { .. } | Self::OptedOut | Self::Excluded(true) => false,
        }
    }
}

/// A change with whose word it is and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What.
    pub change: Change,
    /// Whose word.
    pub source: Source,
    /// When.
    pub at: Timestamp,
}

impl Order {
    /// What the disclosure log says of it: the person as named in the request, its name, its door and who wrote it down.
    pub(super) fn entry(
        &self,
        identities: Identities,
        request: RequestId,
        via: Via,
        account: Arc<str>,
    ) -> ConsentEntry {
        let (source, change) = (self.source, self.change.clone());
        ConsentEntry { time: self.at, request, via, account, source, identities, change }
    }
}

/// Why a change is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// No identity was named.
    #[error("a person needs an IMSI, an MSISDN or an IMEI")]
    NoIdentity,
    /// The identities are of different persons.
    #[error("the identities belong to different persons; link them first, or name only one")]
    TwoPersons,
    /// An identity that is to go is not theirs now.
    #[error("an identity is not this person's now; nothing was unlinked")]
    NotTheirs,
    /// The last identity is to go.
    #[error(
        "this is the last identity of the person, and without one nobody finds the record; erase it, or link another first"
    )]
    LastIdentity,
    /// Nobody of that identity is known.
    #[error("nobody of this identity is in the register; inform the person first")]
    Nobody,
    /// What is kept cannot be read.
    #[error("the record of this person cannot be read; only an opt-out is taken, restore the record from a backup")]
    Unreadable,
    /// This source may not make this change.
    #[error(
        "this source may not make this change: an import only decides, the law only excludes, and only the person lifts an opt-out"
    )]
    Source,
    /// No such notice.
    #[error("no such version of this notice; publish it first")]
    NoNotice,
    /// The notice has no text in that language.
    #[error("the notice has no text in this language")]
    NoLanguage,
    /// The decision contradicts itself.
    #[error("a yes needs 1 to 16 networks, and a no has none")]
    Decision,
    /// The person did not get that notice.
    #[error("the notice was not delivered to this person; inform the person first")]
    NotInformed,
    /// The notice does not tell of that purpose, or its terms were changed.
    #[error(
        "this version of the notice does not tell of this purpose, or newer terms replace it; inform the person anew"
    )]
    NotInNotice,
    /// The person decided, or somebody's no stands.
    #[error("the person's own word or a refusal stands; an import gives no consent over it")]
    OwnWord,
    /// Opted out for good.
    #[error("the person opted out for good; only the person lifts that")]
    OptedOut,
    /// No room left.
    #[error("this person has as many records of this kind as there may be")]
    TooMany,
    /// The system's random source failed, or a lock is broken.
    #[error("the register cannot take changes now; try again or restart")]
    Unavailable,
}

/// An entry of the disclosure log about one change. `Debug` shows no identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    /// When.
    pub time: Timestamp,
    /// Name of the request that brought it.
    pub request: RequestId,
    /// Through which door.
    pub via: Via,
    /// Who wrote it down: an account of the operator's.
    pub account: Arc<str>,
    /// Whose word.
    pub source: Source,
    /// The person, as named in the request.
    pub identities: Identities,
    /// What.
    pub change: Change,
}

/// A [`ConsentEntry`] in words. Identities are readable: show it only to those who asked with the right to.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainConsent {
    /// When.
    pub time: Timestamp,
    /// Name of the request.
    pub request: String,
    /// Who wrote it down.
    pub account: String,
    /// Whose word.
    pub source: &'static str,
    /// IMSI, if it was named.
    pub imsi: Option<String>,
    /// MSISDN, if it was named.
    pub msisdn: Option<String>,
    /// IMEI, if it was named.
    pub imei: Option<String>,
    /// What changed.
    pub change: &'static str,
    /// The purpose of a decision.
    pub purpose: Option<&'static str>,
    /// Whether it was a yes.
    pub given: Option<bool>,
    /// Networks of a yes.
    pub plmns: Vec<String>,
    /// Notice delivered or read, with its version.
    pub notice: Option<String>,
    /// Until when it holds.
    pub until: Option<Timestamp>,
}

impl core::fmt::Debug for PlainConsent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PlainConsent({})", self.request)
    }
}

impl From<&ConsentEntry> for PlainConsent {
    fn from(entry: &ConsentEntry) -> Self {
        let text = |digits: Digits| digits.values().map(|digit| char::from(b'0' + digit)).collect();
        let mut plain = Self {
            time: entry.time,
            request: entry.request.to_string(),
            account: entry.account.to_string(),
            source: entry.source.word(),
            imsi: entry.identities.imsi.map(|imsi| text(imsi.expose_digits())),
            msisdn: entry.identities.msisdn.map(|msisdn| text(msisdn.expose_digits())),
            imei: entry.identities.imei.map(|imei| text(imei.expose_digits())),
            change: "",
            purpose: None,
            given: None,
            plmns: Vec::new(),
            notice: None,
            until: None,
        };
        plain.change = match &entry.change {
            Change::Informed(delivery) => {
                plain.notice = Some(format!("{} {}", delivery.notice, delivery.version));
                "informed"
            }
            Change::Decided { purpose, decision } => {
                plain.purpose = Some(purpose.word());
                plain.given = Some(decision.given);
                plain.plmns = decision.plmns.iter().map(ToString::to_string).collect();
                plain.notice = decision.given.then(|| format!("{} {}", decision.notice, decision.version));
                plain.until = decision.expires;
                "decided"
            }
            Change::Paused { until } => {
                plain.until = *until;
                "paused"
            }
            Change::Resumed => "resumed",
            Change::OptedOut => "opted out for good",
            Change::OptOutLifted { .. } => "opt-out lifted",
            Change::Linked => "linked",
            Change::Unlinked => "unlinked",
            Change::Erased => "erased",
            Change::Excluded(true) => "excluded",
            Change::Excluded(false) => "exclusion ended",
        };
        plain
    }
}
