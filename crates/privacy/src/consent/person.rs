//! One person: what is kept, and how a change changes it.

use super::change::{Change, ChangeError, Order};
use super::notice::{LIST_MAX, NoticeBook, TEXT_MAX};
use super::permit::Question;
use super::table::{Exclusion, Informed, PauseState, Said};
use super::words::{Channel, Precision, Purpose, Source};
use crate::disclosure::SubjectSalt;
use lcs::{PlmnId, Timestamp};
use minicbor::{Decode, Encode};

/// Most networks of one decision: as many as an MDT PLMN list has room for (TS 37.320 clause 5.1.3).
pub(super) const PLMNS_MAX: usize = 16;
/// Most identities that one person ever had here.
pub(super) const IDENTITIES_MAX: usize = 256;

/// Random name of a person's record. Says nothing about anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct PersonId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// Keyed hash of an identity: all that the register keeps of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct IdentityHash(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

/// What kind of identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum IdentityKind {
    /// The SIM.
    #[n(1)]
    Imsi,
    /// The number.
    #[n(2)]
    Msisdn,
    /// The phone.
    #[n(3)]
    Imei,
}

/// An identity that a person has or had. A former one is kept for ever: an opt-out is found by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Held {
    /// Its keyed hash.
    #[n(0)]
    pub hash: IdentityHash,
    /// Its kind.
    #[n(1)]
    pub kind: IdentityKind,
    /// Whether it is theirs now.
    #[n(2)]
    pub current: bool,
}

/// Proof that a person got a notice.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Delivery {
    /// Name of the notice.
    #[n(0)]
    pub notice: String,
    /// Its version.
    #[n(1)]
    pub version: u32,
    /// In which language.
    #[n(2)]
    pub language: String,
    /// How.
    #[n(3)]
    pub channel: Channel,
    /// When.
    #[cbor(n(4), with = "super::codec::time")]
    pub at: Timestamp,
    /// SHA-256 of whatever proves it: a signed form, a delivery receipt.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub evidence: [u8; 32],
}

/// A yes or no to one purpose.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Decision {
    /// Yes.
    #[n(0)]
    pub given: bool,
    /// For which networks; at most 16, none with a no.
    #[cbor(n(1), with = "super::codec::plmns")]
    pub plmns: Vec<PlmnId>,
    /// How exactly.
    #[n(2)]
    pub precision: Precision,
    /// Identified, signalling based collection included.
    #[n(3)]
    pub identified: bool,
    /// The notice that was read; its name.
    #[n(4)]
    pub notice: String,
    /// Its version.
    #[n(5)]
    pub version: u32,
    /// Whose word.
    #[n(6)]
    pub source: Source,
    /// Since when.
    #[cbor(n(7), with = "super::codec::time")]
    pub at: Timestamp,
    /// Until when, if it ends by itself.
    #[cbor(n(8), with = "super::codec::maybe_time")]
    pub expires: Option<Timestamp>,
    /// SHA-256 of whatever proves it.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub evidence: [u8; 32],
}

/// A pause that the person asked for. No opt-out: consents stay, and it ends by itself where it says when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Pause {
    /// Since when.
    #[cbor(n(0), with = "super::codec::time")]
    pub since: Timestamp,
    /// Until when; `None`: until resumed.
    #[cbor(n(1), with = "super::codec::maybe_time")]
    pub until: Option<Timestamp>,
}

/// What the register keeps about a person. `Debug` shows the record's name alone.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Person {
    #[n(0)]
    pub(super) id: PersonId,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(super) salt: [u8; 16],
    #[n(2)]
    pub(super) identities: Vec<Held>,
    #[n(3)]
    pub(super) deliveries: Vec<Delivery>,
    /// By purpose, at most one each, in order of purposes.
    #[n(4)]
    pub(super) decisions: Vec<(Purpose, Decision)>,
    #[n(5)]
    pub(super) pause: Option<Pause>,
    #[cbor(n(6), with = "super::codec::maybe_time")]
    pub(super) opt_out: Option<Timestamp>,
    #[n(7)]
    pub(super) excluded: bool,
    /// Counts the changes.
    #[n(8)]
    pub(super) version: u64,
}

impl core::fmt::Debug for Person {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Person({:?}, version {})", self.id, self.version)
    }
}

impl Person {
    pub(super) fn new(id: PersonId, salt: [u8; 16]) -> Self {
        Self {
            id,
            salt,
            identities: Vec::new(),
            deliveries: Vec::new(),
            decisions: Vec::new(),
            pause: None,
            opt_out: None,
            excluded: false,
            version: 0,
        }
    }

    /// Name of the record.
    #[must_use]
    pub fn id(&self) -> PersonId {
        self.id
    }

    /// Under which the person's entries of the disclosure log are sealed.
    #[must_use]
    pub fn salt(&self) -> SubjectSalt {
        SubjectSalt::from_octets(self.salt)
    }

    /// Identities, former ones included.
    #[must_use]
    pub fn identities(&self) -> &[Held] {
        &self.identities
    }

    /// Notices that were delivered.
    #[must_use]
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// Decisions by purpose.
    #[must_use]
    pub fn decisions(&self) -> &[(Purpose, Decision)] {
        &self.decisions
    }

    /// The pause, over or not.
    #[must_use]
    pub fn pause(&self) -> Option<Pause> {
        self.pause
    }

    /// Since when opted out for good.
    #[must_use]
    pub fn opted_out(&self) -> Option<Timestamp> {
        self.opt_out
    }

    /// Whether the person must not be asked at all.
    #[must_use]
    pub fn is_excluded(&self) -> bool {
        self.excluded
    }

    /// Counts the changes, from 1.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The decision for a purpose.
    #[must_use]
    pub fn decision(&self, purpose: Purpose) -> Option<&Decision> {
        self.decisions.iter().find(|(of, _)| *of == purpose).map(|(_, decision)| decision)
    }

    /// Whether what was read can be one.
    pub(super) fn is_sound(&self) -> bool {
        let ordered = self.decisions.windows(2).all(|pair| match pair {
            [(first, _), (second, _)] => first < second,
            _ => true,
        });
        ordered
            && self.identities.len() <= IDENTITIES_MAX
            && self.deliveries.len() <= LIST_MAX
            && self.decisions.iter().all(|(_, decision)| decision.fits())
    }

    fn set(&mut self, purpose: Purpose, decision: Decision) {
        self.decisions.retain(|(of, _)| *of != purpose);
        self.decisions.push((purpose, decision));
        self.decisions.sort_by_key(|(of, _)| *of);
    }

    /// Takes an identity as theirs now; one of the same kind that they had before becomes a former one.
    pub(super) fn hold(&mut self, hash: IdentityHash, kind: IdentityKind) -> Result<(), ChangeError> {
        for held in self.identities.iter_mut().filter(|held| held.kind == kind) {
            held.current = held.hash == hash;
        }
        if !self.identities.iter().any(|held| held.hash == hash) {
            if self.identities.len() >= IDENTITIES_MAX {
                return Err(ChangeError::TooMany);
            }
            self.identities.push(Held { hash, kind, current: true });
        }
        Ok(())
    }

    /// Makes an identity a former one; says whether it was theirs.
    pub(super) fn leave(&mut self, hash: IdentityHash) -> bool {
        let held = self.identities.iter_mut().find(|held| held.hash == hash && held.current);
        held.map(|held| held.current = false).is_some()
    }

    /// Carries a change out.
    ///
    /// # Errors
    /// It is not one that this source may make, or names what is not there. Nothing changed then.
    pub(super) fn apply(&mut self, order: &Order, notices: &NoticeBook) -> Result<(), ChangeError> {
        let Order { change, source, at } = order;
        match (source, change) {
            (Source::Law, Change::Excluded(_)) | (Source::Person | Source::CustomerCare, _) => {}
            (Source::Import, Change::Decided { .. }) => {}
            (Source::Law | Source::Import, _) => return Err(ChangeError::Source),
        }
        match change {
            Change::Informed(delivery) => self.inform(delivery, notices)?,
            Change::Decided { purpose, decision } => self.decide(*purpose, decision, order, notices)?,
            Change::Paused { until } => self.pause = Some(Pause { since: *at, until: *until }),
            Change::Resumed => self.pause = None,
            Change::OptedOut => self.opt_out_at(*at),
            Change::OptOutLifted { .. } if *source != Source::Person => return Err(ChangeError::Source),
            Change::OptOutLifted { .. } => self.opt_out = None,
            Change::Linked | Change::Unlinked | Change::Erased => {}
            Change::Excluded(_) if *source == Source::Person => return Err(ChangeError::Source),
            Change::Excluded(excluded) => self.excluded = *excluded,
        }
        self.version = self.version.saturating_add(1);
        Ok(())
    }

    fn inform(&mut self, delivery: &Delivery, notices: &NoticeBook) -> Result<(), ChangeError> {
        let notice = notices.get(&delivery.notice, delivery.version).ok_or(ChangeError::NoNotice)?;
        notice.text(&delivery.language).ok_or(ChangeError::NoLanguage)?;
        // Told twice is told the first time.
        let known = |old: &Delivery| (&old.notice, old.version) == (&delivery.notice, delivery.version);
        if !self.deliveries.iter().any(known) {
            if self.deliveries.len() >= LIST_MAX {
                let anew = |old: &Delivery| old.version >= notices.counts_since(&old.notice);
                self.deliveries.retain(anew);
            }
            if self.deliveries.len() >= LIST_MAX {
                return Err(ChangeError::TooMany);
            }
            self.deliveries.push(delivery.clone());
        }
        Ok(())
    }

    fn decide(
        &mut self,
        purpose: Purpose,
        decision: &Decision,
        order: &Order,
        notices: &NoticeBook,
    ) -> Result<(), ChangeError> {
        if !decision.fits() || decision.source != order.source || decision.at != order.at {
            return Err(ChangeError::Decision);
        }
        if decision.given {
            if self.opt_out.is_some() {
                return Err(ChangeError::OptedOut);
            }
            let told = self.deliveries.iter().any(|d| (&d.notice, d.version) == (&decision.notice, decision.version));
            if !told {
                return Err(ChangeError::NotInformed);
            }
            if notices.tells(&decision.notice, decision.version, purpose) != Some(true) {
                return Err(ChangeError::NotInNotice);
            }
            let own = |before: &Decision| !before.given || before.source != Source::Import;
            if order.source == Source::Import && self.decision(purpose).is_some_and(own) {
                return Err(ChangeError::OwnWord);
            }
        }
        self.set(purpose, decision.clone());
        Ok(())
    }

    /// Ends every consent, so that lifting the opt-out brings none back, and notes a no to every purpose, so that no import gives one.
    fn opt_out_at(&mut self, at: Timestamp) {
        self.opt_out.get_or_insert(at);
        for purpose in Purpose::ALL {
            let no = Decision { source: Source::Person, ..Decision::no(at) };
            self.set(*purpose, no);
        }
    }

    /// What has to stay of a person who is forgotten, as a record of another name and under another key: an opt-out, by every identity
    /// that they ever had, with its no to every purpose; an exclusion, by those that they have now. Nothing where there is neither.
    pub(super) fn remains(&self, id: PersonId, salt: [u8; 16]) -> Option<Self> {
        if self.opt_out.is_none() && !self.excluded {
            return None;
        }
        let mut stays = Self::new(id, salt);
        let finds = |held: &&Held| held.current || self.opt_out.is_some();
        stays.identities = self.identities.iter().filter(finds).copied().collect();
        stays.excluded = self.excluded;
        if let Some(since) = self.opt_out {
            stays.opt_out_at(since);
        }
        stays.version = 1;
        Some(stays)
    }

    /// Exclusion, and whether a pause runs.
    pub(super) fn standing(&self, now: Timestamp) -> (Exclusion, PauseState) {
        let pause = match self.pause {
            Some(Pause { until, .. }) if until.is_none_or(|until| now < until) => PauseState::Active,
            Some(_) | None => PauseState::No,
        };
        (if self.excluded { Exclusion::Yes } else { Exclusion::No }, pause)
    }

    /// Whether they were told of a purpose in advance: the best that any delivery says.
    pub(super) fn informed(&self, purpose: Purpose, notices: &NoticeBook, now: Timestamp) -> Informed {
        let mut best = Informed::NotDelivered;
        for delivery in &self.deliveries {
            match notices.tells(&delivery.notice, delivery.version, purpose) {
                Some(false) => {}
                None if best == Informed::NotDelivered => best = Informed::Unknown,
                None => {}
                Some(true) => {
                    let notice = notices.get(&delivery.notice, delivery.version);
                    if notice.is_some_and(|notice| notice.counts_from(delivery.at) <= now) {
                        return Informed::Yes;
                    }
                    best = Informed::TooEarly;
                }
            }
        }
        best
    }

    /// What they said.
    pub(super) fn said(&self, question: &Question, notices: &NoticeBook, now: Timestamp) -> Said {
        let Some(decision) = self.decision(question.purpose) else { return Said::Never };
        if !decision.given {
            return Said::Withdrawn;
        }
        match notices.tells(&decision.notice, decision.version, question.purpose) {
            _ if decision.at > now => Said::Unknown,
            _ if decision.expires.is_some_and(|expires| expires <= now) => Said::Expired,
            None => Said::Unknown,
            Some(false) => Said::OtherNotice,
            Some(true) if !decision.plmns.contains(&question.registered) => Said::OtherPlmn,
            Some(true) if decision.identified => Said::GivenIdentified,
            Some(true) => Said::Given,
        }
    }
}

impl Decision {
    /// A no, since `at`.
    #[must_use]
    pub fn no(at: Timestamp) -> Self {
        Self {
            given: false,
            plmns: Vec::new(),
            precision: Precision::Coarse,
            identified: false,
            notice: String::new(),
            version: 0,
            source: Source::Person,
            at,
            expires: None,
            evidence: [0; 32],
        }
    }

    fn fits(&self) -> bool {
        let networks = if self.given { 1..=PLMNS_MAX } else { 0..=0 };
        networks.contains(&self.plmns.len()) && self.notice.len() <= TEXT_MAX
    }
}
