//! The register in memory. Persons are found by keyed hash of any identity that they have or had.

use super::change::{Change, ChangeError, Order};
use super::erasure::{ErasureDraft, RecordedErasure};
use super::notice::{Notice, NoticeBook, NoticeError};
use super::permit::{MdtPermit, PERMIT_MAX, Question};
use super::person::{Held, IdentityHash, IdentityKind, Person, PersonId};
use super::table::{Denied, Exclusion, Facts, Ground, Informed, OptOut, PauseState, Reach, Said, settle};
use super::words::{Mode, Precision, Source};
use crate::disclosure::{Log, Recording, RequestId, Subject, Via};
use crate::permit::sealed;
use crate::{Cleared, Releasable, ReleaseKey};
use aws_lc_rs::hmac;
use lcs::{Digits, Identities, PlmnId, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};

/// The key by which identities are hashed. Lost, no opt-out is found any more: keep it with the key of the store.
pub struct ConsentKey(hmac::Key);

impl ConsentKey {
    /// From 32 octets.
    #[must_use]
    pub fn from_octets(octets: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, octets))
    }

    fn hash(&self, kind: IdentityKind, digits: Digits) -> IdentityHash {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&[match kind {
            IdentityKind::Imsi => 1,
            IdentityKind::Msisdn => 2,
            IdentityKind::Imei => 3,
        }]);
        context.update(&digits.to_word().to_be_bytes());
        let mut hash = [0; 32];
        hash.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        IdentityHash(hash)
    }

    /// Keyed hashes of what is known of somebody. Of an IMEI the check digit is left out.
    #[must_use]
    pub fn hashes(&self, who: &Identities) -> Vec<(IdentityKind, IdentityHash)> {
        let imei = who.imei.and_then(|imei| Digits::from_digits(imei.expose_digits().values().take(14)).ok());
        let digits = [
            (IdentityKind::Imsi, who.imsi.map(|imsi| imsi.expose_digits())),
            (IdentityKind::Msisdn, who.msisdn.map(|msisdn| msisdn.expose_digits())),
            (IdentityKind::Imei, imei),
        ];
        digits.into_iter().filter_map(|(kind, digits)| Some((kind, self.hash(kind, digits?)))).collect()
    }
}

impl core::fmt::Debug for ConsentKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ConsentKey(hidden)")
    }
}

#[derive(Default)]
struct Inner {
    persons: HashMap<PersonId, Arc<Person>>,
    by_identity: HashMap<IdentityHash, Vec<PersonId>>,
    notices: NoticeBook,
    /// Of whom something is kept that cannot be read.
    unreadable: HashSet<IdentityHash>,
    /// Everything that is kept was read.
    loaded: bool,
}

impl Inner {
    fn put(&mut self, person: Arc<Person>) {
        for Held { hash, .. } in person.identities() {
            let owners = self.by_identity.entry(*hash).or_default();
            if !owners.contains(&person.id) {
                owners.push(person.id);
            }
        }
        self.persons.insert(person.id, person);
    }

    fn remove(&mut self, person: PersonId) {
        let Some(person) = self.persons.remove(&person) else { return };
        for Held { hash, .. } in person.identities() {
            if let Some(owners) = self.by_identity.get_mut(hash) {
                owners.retain(|owner| *owner != person.id);
                if owners.is_empty() {
                    self.by_identity.remove(hash);
                }
            }
        }
    }
}

/// The consent register.
pub struct ConsentRegister {
    key: ConsentKey,
    mode: Mode,
    inner: RwLock<Inner>,
}

impl core::fmt::Debug for ConsentRegister {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ConsentRegister({:?})", self.mode)
    }
}

/// A change of one person's record, drafted and not made yet.
#[derive(Debug)]
#[must_use = "a draft changes nothing"]
pub struct Draft {
    person: Arc<Person>,
    order: Order,
    identities: Identities,
}

/// A record whose change stands in the disclosure log. Comes out of [`crate::disclosure::Recorded::release`] alone.
#[derive(Debug)]
#[must_use = "take it into the register"]
pub struct RecordedDraft {
    person: Arc<Person>,
}

/// A record whose change only restricts: it may take effect before it is recorded. Comes out of [`Draft::restriction`] alone.
#[derive(Debug)]
#[must_use = "take it into the register"]
pub struct Restriction {
    person: Arc<Person>,
}

impl Draft {
    /// The record as it will be, for the store.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The change by itself, if it only restricts.
    pub fn restriction(&self) -> Option<Restriction> {
        let is_link_of_opted_out = self.order.change == Change::Linked && self.person.opt_out.is_some();
        let restricts = is_link_of_opted_out || !self.order.change.loosens();
        restricts.then(|| Restriction { person: Arc::clone(&self.person) })
    }

    /// Writes the change into the disclosure log. What comes out can be taken into the register.
    pub fn record(self, log: &Log, request: RequestId, via: Via, account: Arc<str>) -> Recording<Self> {
        let entry = self.order.entry(self.identities, request, via, account);
        let subject = Subject::Subscriber(self.person.salt());
        log.record_consent(&entry, &subject, self)
    }
}

impl sealed::Sealed for Draft {
    fn position(&self) -> Option<&Cleared> {
        None
    }
}

impl Releasable for Draft {
    type Released = RecordedDraft;

    fn release(self, _: &ReleaseKey) -> RecordedDraft {
        RecordedDraft { person: self.person }
    }
}

impl RecordedDraft {
    /// The record, for the store.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.person
    }
}

/// What the register says about a person, for the person and for customer care.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The record.
    pub person: Arc<Person>,
    /// Notices that the record names.
    pub notices: Vec<Arc<Notice>>,
}

/// Who is meant by identities.
struct Found {
    /// Whose identities they are now: one person, if all is well.
    current: Vec<Arc<Person>>,
    /// Whoever has or had any of them.
    all: Vec<Arc<Person>>,
    unreadable: bool,
}

impl ConsentRegister {
    /// An empty register, which refuses all until [`loaded`](Self::loaded) is called.
    #[must_use]
    pub fn new(key: ConsentKey, mode: Mode) -> Self {
        Self { key, mode, inner: RwLock::default() }
    }

    /// The mode.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Number of persons.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.read().map_or(0, |inner| inner.persons.len())
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes in a record as the store keeps it, at start.
    pub fn load_person(&self, person: Person) {
        self.put(Arc::new(person));
    }

    /// Notes that something is kept of this identity that cannot be read: whoever has it is refused.
    pub fn load_unreadable(&self, hash: IdentityHash) {
        if let Ok(mut inner) = self.inner.write() {
            inner.unreadable.insert(hash);
        }
    }

    /// Takes in a notice as the store keeps it.
    pub fn load_notice(&self, notice: Notice) {
        if let Ok(mut inner) = self.inner.write() {
            inner.notices.put(notice);
        }
    }

    /// Says that all that is kept was read: only now anybody can be permitted.
    pub fn loaded(&self) {
        if let Ok(mut inner) = self.inner.write() {
            inner.loaded = true;
        }
    }

    /// Sees that a notice is sound and comes next.
    ///
    /// # Errors
    /// It is not; a broken lock counts as that.
    pub fn check_notice(&self, notice: &Notice) -> Result<(), NoticeError> {
        let inner = self.inner.read().map_err(|_| NoticeError::Field("the register is broken; restart"))?;
        inner.notices.check_next(notice)
    }

    /// Every version of every notice.
    #[must_use]
    pub fn notices(&self) -> Vec<Arc<Notice>> {
        self.inner.read().map(|inner| inner.notices.iter().map(Arc::clone).collect()).unwrap_or_default()
    }

    /// The person of these identities.
    ///
    /// # Errors
    /// Nobody, several, or unreadable.
    pub fn picture(&self, who: &Identities) -> Result<Picture, ChangeError> {
        let inner = self.inner.read().map_err(|_| ChangeError::Unavailable)?;
        let person = self.find(&inner, who)?.one()?.ok_or(ChangeError::Nobody)?;
        let of_deliveries = person.deliveries().iter().map(|d| (d.notice.as_str(), d.version));
        let of_decisions = person.decisions().iter().map(|(_, d)| (d.notice.as_str(), d.version));
        let mut names: Vec<_> = of_deliveries.chain(of_decisions).collect();
        names.sort_unstable();
        names.dedup();
        let notices = names.into_iter().filter_map(|(name, version)| inner.notices.get(name, version).cloned());
        let notices = notices.collect();
        Ok(Picture { person, notices })
    }

    /// Drafts a change: of the person, or, for an opt-out, of everybody who has any of the identities now. Who was not known comes into
    /// being by being informed, excluded or opting out, under all identities named.
    ///
    /// # Errors
    /// The change cannot be made; nothing changed.
    pub fn draft(&self, who: &Identities, order: &Order) -> Result<Vec<Draft>, ChangeError> {
        let inner = self.inner.read().map_err(|_| ChangeError::Unavailable)?;
        if matches!(order.change, Change::Linked | Change::Unlinked | Change::Erased) {
            return Err(ChangeError::Source);
        }
        let found = self.find(&inner, who)?;
        let comes_into_being = matches!(order.change, Change::Informed(_) | Change::Excluded(true) | Change::OptedOut);
        let persons = match &order.change {
            // Whoever of them asked: stricter is right for all. A record that cannot be read gets a new one beside it.
            Change::OptedOut if found.current.is_empty() => vec![fresh()?],
            Change::OptedOut => found.current,
            _ => match found.one()? {
                Some(person) => vec![person],
                None if comes_into_being => vec![fresh()?],
                None => return Err(ChangeError::Nobody),
            },
        };
        let several = persons.len() > 1;
        let draft = |person: Arc<Person>| {
            let mut next = Person::clone(&person);
            if !several {
                self.hold_all(&mut next, who)?;
            }
            next.apply(order, &inner.notices)?;
            Ok(Draft { person: Arc::new(next), order: order.clone(), identities: *who })
        };
        persons.into_iter().map(draft).collect()
    }

    /// Whether the person of a record opted out.
    #[must_use]
    pub fn is_opted_out(&self, person: PersonId) -> bool {
        self.inner.read().is_ok_and(|inner| inner.persons.get(&person).is_some_and(|of| of.opt_out.is_some()))
    }

    /// Drafts that the person of a record opts out: for a collector, to whom a phone brings what the register gave out, and no identity.
    /// `None`: nobody has this record.
    ///
    /// # Errors
    /// The register cannot tell, because not all of it was read; or the change cannot be made.
    pub fn draft_opt_out_of_record(&self, person: PersonId, at: Timestamp) -> Result<Option<Draft>, ChangeError> {
        let inner = self.inner.read().map_err(|_| ChangeError::Unavailable)?;
        let Some(person) = inner.persons.get(&person) else {
            // It may be one of those that cannot be read: then the word must come again.
            let knows_all = inner.loaded && inner.unreadable.is_empty();
            return if knows_all { Ok(None) } else { Err(ChangeError::Unavailable) };
        };
        let order = Order { change: Change::OptedOut, source: Source::Person, at };
        let mut next = Person::clone(person);
        next.apply(&order, &inner.notices)?;
        Ok(Some(Draft { person: Arc::new(next), order, identities: Identities::default() }))
    }

    /// Drafts that the person of `who` has these other identities from now on, each in place of the one of its kind before. Whoever
    /// had them before has them no longer; an opt-out of theirs stays bound to them.
    ///
    /// # Errors
    /// The person is not known, or no identity is named.
    pub fn draft_link(&self, who: &Identities, new: &Identities, order: &Order) -> Result<Vec<Draft>, ChangeError> {
        let inner = self.inner.read().map_err(|_| ChangeError::Unavailable)?;
        let person = self.find(&inner, who)?.one()?.ok_or(ChangeError::Nobody)?;
        let hashes = self.key.hashes(new);
        if hashes.is_empty() {
            return Err(ChangeError::NoIdentity);
        }
        let order = Order { change: Change::Linked, ..order.clone() };
        let mut next = Person::clone(&person);
        for (kind, hash) in &hashes {
            next.hold(*hash, *kind)?;
        }
        next.apply(&order, &inner.notices)?;
        let mut drafts = vec![Draft { person: Arc::new(next), order: order.clone(), identities: new.or(*who) }];
        for other in self.owners(&inner, &hashes).into_iter().filter(|other| other.id != person.id) {
            let mut before = Person::clone(&other);
            let left = hashes.iter().filter(|(_, hash)| before.leave(*hash)).count();
            if left > 0 {
                before.apply(&order, &inner.notices)?;
                drafts.push(Draft {
                    person: Arc::new(before),
                    order: order.clone(),
                    identities: Identities::default(),
                });
            }
        }
        Ok(drafts)
    }

    /// Drafts that the person of `who` has these identities no longer: sold, lost, given back. They stay former ones, by which an opt-out
    /// is found.
    ///
    /// # Errors
    /// The person is not known, has one of them not now, or would be left without any.
    pub fn draft_unlink(&self, who: &Identities, gone: &Identities, order: &Order) -> Result<Draft, ChangeError> {
        let inner = self.inner.read().map_err(|_| ChangeError::Unavailable)?;
        let person = self.find(&inner, who)?.one()?.ok_or(ChangeError::Nobody)?;
        let hashes = self.key.hashes(gone);
        if hashes.is_empty() {
            return Err(ChangeError::NoIdentity);
        }
        let mut next = Person::clone(&person);
        if !hashes.iter().all(|(_, hash)| next.leave(*hash)) {
            return Err(ChangeError::NotTheirs);
        }
        if !next.identities.iter().any(|held| held.current) {
            return Err(ChangeError::LastIdentity);
        }
        let order = Order { change: Change::Unlinked, ..order.clone() };
        next.apply(&order, &inner.notices)?;
        Ok(Draft { person: Arc::new(next), order, identities: gone.or(*who) })
    }

    /// Drafts that a person is forgotten, on their own demand.
    ///
    /// # Errors
    /// Nobody, several, or unreadable; or it is not the person's word.
    pub fn draft_erasure(&self, who: &Identities, order: &Order) -> Result<ErasureDraft, ChangeError> {
        let inner = self.inner.read().map_err(|_| ChangeError::Unavailable)?;
        let person = self.find(&inner, who)?.one()?.ok_or(ChangeError::Nobody)?;
        let order = Order { change: Change::Erased, ..order.clone() };
        ErasureDraft::new(&person, order, &inner.notices)
    }

    /// Forgets a person, once that is recorded and durable.
    pub fn erase(&self, recorded: RecordedErasure) {
        // In one piece, so that who opted out is a stranger at no moment.
        if let Ok(mut inner) = self.inner.write() {
            inner.remove(recorded.gone());
            recorded.into_remains().into_iter().for_each(|stays| inner.put(stays));
        }
    }

    /// Lets a recorded change take effect.
    pub fn take(&self, recorded: RecordedDraft) {
        self.put(recorded.person);
    }

    /// Lets a change that only restricts take effect.
    pub fn restrict(&self, restriction: Restriction) {
        self.put(restriction.person);
    }

    /// Whether this person may be asked, and how.
    ///
    /// # Errors
    /// The first reason why not. Whoever is not known was not told.
    pub fn permit(&self, who: &Identities, question: &Question, now: Timestamp) -> Result<MdtPermit, Denied> {
        let inner = self.inner.read().map_err(|_| Denied::Unavailable)?;
        let found = self.find(&inner, who).map_err(|_| Denied::NotInformed)?;
        self.decide(&inner, &found, question, now)
    }

    /// The same of a record by its name: for a collector, to whom an upload names nobody and brings what the register gave out when the
    /// person was asked.
    ///
    /// # Errors
    /// The first reason why not. A record that is not known was not told.
    pub fn permit_record(&self, person: PersonId, question: &Question, now: Timestamp) -> Result<MdtPermit, Denied> {
        let inner = self.inner.read().map_err(|_| Denied::Unavailable)?;
        let mut found = Found { current: Vec::new(), all: Vec::new(), unreadable: false };
        if let Some(person) = inner.persons.get(&person) {
            let hashes: Vec<_> = person.identities.iter().map(|held| (held.kind, held.hash)).collect();
            found.unreadable = hashes.iter().any(|(_, hash)| inner.unreadable.contains(hash));
            found.all = self.owners(&inner, &hashes);
            found.current.push(Arc::clone(person));
        }
        self.decide(&inner, &found, question, now)
    }

    fn decide(&self, inner: &Inner, found: &Found, question: &Question, now: Timestamp) -> Result<MdtPermit, Denied> {
        let ground = settle(&self.facts(inner, found, question, now))?;
        let person = found.current.first().ok_or(Denied::NotInformed)?;
        let decision = person.decision(question.purpose).filter(|_| ground == Ground::Consent);
        let job = if question.plmns.is_empty() { vec![question.registered] } else { question.plmns.clone() };
        let agreed = |plmn: &PlmnId| decision.is_none_or(|decision| decision.plmns.contains(plmn));
        let plmns: Vec<PlmnId> = job.into_iter().filter(agreed).collect();
        if !plmns.contains(&question.registered) {
            return Err(Denied::NoConsent);
        }
        let mut expires = now.after(PERMIT_MAX);
        if let Some(ends) = decision.and_then(|decision| decision.expires) {
            expires = expires.min(ends);
        }
        Ok(MdtPermit {
            person: person.id,
            purpose: question.purpose,
            registered: question.registered,
            plmns,
            keeps: question.keeps,
            precision: decision.map_or(Precision::Coarse, |decision| decision.precision),
            identified: decision.is_some_and(|decision| decision.identified),
            ground,
            expires,
        })
    }

    fn facts(&self, inner: &Inner, found: &Found, question: &Question, now: Timestamp) -> Facts {
        let reach = if inner.loaded { Reach::Here } else { Reach::Unreachable };
        let mut opt_out = OptOut::No;
        let (mut exclusion, mut pause) = (Exclusion::No, PauseState::No);
        let (mut informed, mut said) = (Informed::NotDelivered, Said::Never);
        match found.current.as_slice() {
            [] => {}
            [person] => {
                (exclusion, pause) = person.standing(now);
                informed = person.informed(question.purpose, &inner.notices, now);
                said = person.said(question, &inner.notices, now);
            }
            // Of several nobody knows who is meant: what restricts one of them counts, and what allows does not.
            several => {
                let standings: Vec<_> = several.iter().map(|person| person.standing(now)).collect();
                let excluded = standings.iter().any(|(exclusion, _)| *exclusion != Exclusion::No);
                let paused = standings.iter().any(|(_, pause)| *pause != PauseState::No);
                exclusion = if excluded { Exclusion::Yes } else { exclusion };
                pause = if paused { PauseState::Active } else { pause };
                (informed, said) = (Informed::Unknown, Said::Unknown);
            }
        }
        // Whoever had the phone, SIM or number before and opted out did so for good.
        if found.all.iter().any(|person| person.opt_out.is_some()) {
            opt_out = OptOut::Yes;
        } else if found.unreadable {
            opt_out = OptOut::Unknown;
        }
        Facts { reach, opt_out, exclusion, pause, informed, said, mode: self.mode, keeps: question.keeps }
    }

    fn put(&self, person: Arc<Person>) {
        if let Ok(mut inner) = self.inner.write() {
            inner.put(person);
        }
    }

    fn owners(&self, inner: &Inner, hashes: &[(IdentityKind, IdentityHash)]) -> Vec<Arc<Person>> {
        let ids = hashes.iter().filter_map(|(_, hash)| inner.by_identity.get(hash)).flatten();
        let mut ids: Vec<PersonId> = ids.copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.iter().filter_map(|id| inner.persons.get(id)).map(Arc::clone).collect()
    }

    fn find(&self, inner: &Inner, who: &Identities) -> Result<Found, ChangeError> {
        let hashes = self.key.hashes(who);
        if hashes.is_empty() {
            return Err(ChangeError::NoIdentity);
        }
        let all = self.owners(inner, &hashes);
        let holds = |person: &&Arc<Person>| {
            person.identities.iter().any(|held| held.current && hashes.iter().any(|(_, hash)| *hash == held.hash))
        };
        let current = all.iter().filter(holds).map(Arc::clone).collect();
        let unreadable = hashes.iter().any(|(_, hash)| inner.unreadable.contains(hash));
        Ok(Found { current, all, unreadable })
    }

    /// Binds identities that were named and are nobody's yet to a person.
    fn hold_all(&self, person: &mut Person, who: &Identities) -> Result<(), ChangeError> {
        for (kind, hash) in self.key.hashes(who) {
            if person.identities.iter().any(|held| held.hash == hash) {
                continue;
            }
            // A second SIM, number or phone needs a word of its own: `draft_link`.
            if person.identities.iter().any(|held| held.kind == kind && held.current) {
                return Err(ChangeError::TwoPersons);
            }
            person.hold(hash, kind)?;
        }
        Ok(())
    }
}

impl Found {
    fn one(&self) -> Result<Option<Arc<Person>>, ChangeError> {
        match self.current.as_slice() {
            _ if self.unreadable => Err(ChangeError::Unreadable),
            [] => Ok(None),
            [person] => Ok(Some(Arc::clone(person))),
            _ => Err(ChangeError::TwoPersons),
        }
    }
}

fn fresh() -> Result<Arc<Person>, ChangeError> {
    let (id, salt) = fresh_names()?;
    Ok(Arc::new(Person::new(id, salt)))
}

/// A name and a salt that nobody has.
pub(super) fn fresh_names() -> Result<(PersonId, [u8; 16]), ChangeError> {
    let (mut id, mut salt) = ([0; 16], [0; 16]);
    aws_lc_rs::rand::fill(&mut id).map_err(|_| ChangeError::Unavailable)?;
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| ChangeError::Unavailable)?;
    Ok((PersonId(id), salt))
}
