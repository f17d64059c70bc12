//! The register of privacy profiles in memory: the data of a PPR (TS 23.271 clause 6.3.11).
//!
//! ```text
//! MSISDN ──────────────> record (48 octets, in the table itself) ──> rules, shared by all who have the same
//! IMSI ──> index entry ──┘
//! ```
//!
//! Reading takes one read lock for an MSISDN and two for an IMSI, allocates nothing and copies nothing. Changes are made in
//! place, one writer at a time. Locks are taken in the order writer, index by IMSI, shard of records. A lock poisoned by a
//! panic makes the profiles under it unreadable, so that nobody in it is located.

mod interner;
mod record;
mod table;
#[cfg(test)]
mod tests;

pub use record::Subscriber;

use crate::disclosure::SubjectSalt;
use crate::profile::{CompiledProfile, SharedRules, Standing};
use interner::Interner;
use lcs::{Identities, Imsi, Msisdn};
use record::{ImsiEntry, Location, Record, imsi_word, msisdn_word};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard,
    atomic::{AtomicUsize, Ordering},
};
use table::{Slot, Table};

/// Number of shards: one for each value of a location's low octet.
const SHARDS: usize = 256;

/// The register of privacy profiles.
pub struct Register {
    shards: Box<[RwLock<Table<Record>>]>,
    by_imsi: Box<[RwLock<Table<ImsiEntry>>]>,
    writer: Mutex<Interner>,
    len: AtomicUsize,
}

/// Why a record is not put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// Neither IMSI nor MSISDN.
    #[error("a subscriber needs an IMSI or an MSISDN")]
    NoIdentity,
    /// IMSI and MSISDN belong to different records: remove or renumber the other subscriber first.
    #[error("IMSI or MSISDN is in use by another subscriber: remove or renumber that one first")]
    InUse,
}

/// Memory of a register, octets; an account from sizes and capacities, without the allocator's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Records, which are the index by MSISDN too.
    pub records: usize,
    /// Index by IMSI.
    pub index: usize,
    /// Rules, each shared set counted once.
    pub rules: usize,
}

impl Memory {
    /// All of it.
    #[must_use]
    pub fn total(self) -> usize {
        self.records + self.index + self.rules
    }
}

/// What a lookup meets. Lives as long as the read lock.
pub(crate) enum Found<'a> {
    /// A record.
    Record(RecordView<'a>),
    /// IMSI and MSISDN name two different subscribers.
    TwoSubscribers,
    /// The register cannot be read here.
    Unreadable,
    /// Nobody.
    Nobody,
}

/// A record under its read lock.
#[derive(Clone, Copy)]
pub(crate) struct RecordView<'a>(&'a Record);

impl<'a> RecordView<'a> {
    pub(crate) fn standing(self) -> Standing {
        self.0.standing()
    }

    /// `None`: the profile cannot be read.
    pub(crate) fn rules(self) -> Option<&'a Arc<SharedRules>> {
        self.0.rules.as_ref()
    }

    pub(crate) fn identities(self) -> Identities {
        self.0.identities()
    }

    pub(crate) fn salt(self) -> SubjectSalt {
        self.0.salt()
    }
}

impl Default for Register {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for Register {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Register({} subscribers)", self.len())
    }
}

impl Register {
    /// An empty register.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            by_imsi: (0..SHARDS).map(|_| RwLock::default()).collect(),
            writer: Mutex::default(),
            len: AtomicUsize::new(0),
        }
    }

    /// Makes room for about `additional` subscribers, so that loading them copies nothing twice.
    pub fn reserve(&self, additional: usize) {
        let _writer = self.writer();
        // Shards fill unevenly: a little above the mean for each.
        let each = additional / SHARDS + additional / SHARDS / 64 + 16;
        self.by_imsi.iter().for_each(|index| writing(index).reserve(each));
        self.shards.iter().for_each(|shard| writing(shard).reserve(each));
    }

    /// Number of subscribers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts a subscriber's profile in, new or in place of the one before. An opt-out stays: see [`Register::withdraw_opt_out`].
    pub fn put(&self, subscriber: &Subscriber, profile: &CompiledProfile) -> Result<(), RegisterError> {
        let mut interner = self.writer();
        let rules = interner.intern(&profile.rules);
        self.place(&mut interner, subscriber, profile.standing, Some(rules))
    }

    /// Marks a subscriber's profile as present and not readable: the subscriber is not located. An opt-out stays.
    pub fn put_unreadable(&self, subscriber: &Subscriber) -> Result<(), RegisterError> {
        let mut interner = self.writer();
        self.place(&mut interner, subscriber, Standing::default(), None)
    }

    /// Changes switch, pause and time zone in place; an opt-out can be set, not taken back. Says whether the subscriber is known.
    pub fn set_standing(&self, identities: &Identities, standing: Standing) -> bool {
        self.change(identities, |record| {
            let opted_out = standing.opted_out || record.standing().opted_out;
            record.set_standing(Standing { opted_out, ..standing });
        })
    }

    /// Takes back an opt-out, on the subscriber's own demand only. Says whether the subscriber is known.
    pub fn withdraw_opt_out(&self, identities: &Identities) -> bool {
        self.change(identities, |record| record.set_standing(Standing { opted_out: false, ..record.standing() }))
    }

    /// Removes a subscriber with the salt, opt-out included: where the operator has a default profile that allows, keep an
    /// opted-out record instead. Says whether the subscriber was known.
    pub fn remove(&self, identities: &Identities) -> bool {
        let mut interner = self.writer();
        match self.locate(imsi_word(identities.imsi), msisdn_word(identities.msisdn)) {
            Ok(Some(record)) => {
                self.take(&record);
                if let Some(rules) = record.rules {
                    interner.release(rules);
                }
                true
            }
            Ok(None) | Err(_) => false,
        }
    }

    /// The subscriber's salt, for records of the disclosure log; `None` for one not known.
    #[must_use]
    pub fn salt(&self, identities: &Identities) -> Option<SubjectSalt> {
        self.with(identities, |found| match found {
            Found::Record(record) => Some(record.salt()),
            Found::TwoSubscribers | Found::Unreadable | Found::Nobody => None,
        })
    }

    /// The subscriber's standing; `None` for one not known.
    #[must_use]
    pub fn standing(&self, identities: &Identities) -> Option<Standing> {
        self.with(identities, |found| match found {
            Found::Record(record) => Some(record.standing()),
            Found::TwoSubscribers | Found::Unreadable | Found::Nobody => None,
        })
    }

    /// Memory taken. Walks every record.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let interner = self.writer();
        let mut memory = Memory { records: 0, index: 0, rules: interner.heap_bytes() };
        for index in &self.by_imsi {
            memory.index += index.read().unwrap_or_else(PoisonError::into_inner).bytes();
        }
        for shard in &self.shards {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            memory.records += shard.bytes();
            let own = shard.iter().filter_map(|record| record.rules.as_ref()).filter(|rules| !rules.is_shareable());
            memory.rules += own.map(|rules| rules.heap_bytes()).sum::<usize>();
        }
        memory
    }

    /// Looks a subscriber up and lets `read` see what is found under the read lock. Calls it once.
    pub(crate) fn with<R>(&self, identities: &Identities, mut read: impl FnMut(Found<'_>) -> R) -> R {
        match (identities.imsi, identities.msisdn) {
            (Some(imsi), None) => self.with_imsi(imsi, read),
            (None, Some(msisdn)) => self.with_msisdn(msisdn, read),
            (None, None) => read(Found::Nobody),
            (Some(imsi), Some(msisdn)) => self.with_both(imsi, msisdn, read),
        }
    }

    fn with_msisdn<R>(&self, msisdn: Msisdn, mut read: impl FnMut(Found<'_>) -> R) -> R {
        let word = msisdn_word(Some(msisdn));
        let place = Location::of(word);
        let Some(Ok(shard)) = self.shards.get(place.shard()).map(RwLock::read) else {
            return read(Found::Unreadable);
        };
        match shard.cluster(place.tag()).find(|record| record.msisdn == word) {
            Some(record) => read(Found::Record(RecordView(record))),
            None => read(Found::Nobody),
        }
    }

    fn with_imsi<R>(&self, imsi: Imsi, mut read: impl FnMut(Found<'_>) -> R) -> R {
        let word = imsi_word(Some(imsi));
        let place = Location::of(word);
        // Held to the end, so that the record stays where the entry says.
        let Some(Ok(index)) = self.by_imsi.get(place.shard()).map(RwLock::read) else {
            return read(Found::Unreadable);
        };
        for entry in index.cluster(ImsiEntry::tag_of(place)).filter(|entry| entry.may_be(place)) {
            let at = entry.record();
            let Some(Ok(shard)) = self.shards.get(at.shard()).map(RwLock::read) else {
                return read(Found::Unreadable);
            };
            if let Some(record) = shard.cluster(at.tag()).find(|record| record.imsi == word) {
                return read(Found::Record(RecordView(record)));
            }
        }
        read(Found::Nobody)
    }

    /// Both known: the record of the IMSI counts, unless the number is another subscriber's.
    fn with_both<R>(&self, imsi: Imsi, msisdn: Msisdn, mut read: impl FnMut(Found<'_>) -> R) -> R {
        enum Owner<R> {
            Same(R),
            Other,
            NumberOnly,
            Nobody,
            Unreadable,
        }
        let word = imsi_word(Some(imsi));
        let owner = self.with_msisdn(msisdn, |found| match found {
            Found::Record(record) if record.0.imsi == word => Owner::Same(read(Found::Record(record))),
            Found::Record(record) if record.0.imsi == 0 => Owner::NumberOnly,
            Found::Record(_) | Found::TwoSubscribers => Owner::Other,
            Found::Unreadable => Owner::Unreadable,
            Found::Nobody => Owner::Nobody,
        });
        match owner {
            Owner::Same(result) => result,
            Owner::Unreadable => read(Found::Unreadable),
            Owner::Other => read(Found::TwoSubscribers),
            Owner::Nobody => self.with_imsi(imsi, read),
            Owner::NumberOnly if self.with_imsi(imsi, |found| matches!(found, Found::Nobody)) => {
                self.with_msisdn(msisdn, read)
            }
            Owner::NumberOnly => read(Found::TwoSubscribers),
        }
    }

    fn writer(&self) -> MutexGuard<'_, Interner> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writing. Every method here is called with the writer's lock held, so what was read stays true until it is written.
impl Register {
    fn place(
        &self,
        interner: &mut Interner,
        subscriber: &Subscriber,
        standing: Standing,
        rules: Option<Arc<SharedRules>>,
    ) -> Result<(), RegisterError> {
        let mut record = Record::new(subscriber, standing, rules);
        if record.is_vacant() {
            return Err(RegisterError::NoIdentity);
        }
        let Some(before) = self.locate(record.imsi, record.msisdn)? else {
            self.insert(record);
            return Ok(());
        };
        if before.imsi != 0 && record.imsi != 0 && before.imsi != record.imsi {
            return Err(RegisterError::InUse);
        }
        let opted_out = standing.opted_out || before.standing().opted_out;
        record.set_standing(Standing { opted_out, ..standing });
        if before.is_of(&record) {
            self.write(&before, |place| *place = record);
        } else {
            // First in at the new place, then out at the old: at no moment is the subscriber unknown.
            self.insert(record);
            self.take(&before);
        }
        if let Some(rules) = before.rules {
            interner.release(rules);
        }
        Ok(())
    }

    fn change(&self, identities: &Identities, change: impl FnOnce(&mut Record)) -> bool {
        let _writer = self.writer();
        match self.locate(imsi_word(identities.imsi), msisdn_word(identities.msisdn)) {
            Ok(Some(record)) => {
                self.write(&record, change);
                true
            }
            Ok(None) | Err(_) => false,
        }
    }

    /// A copy of the record of these words; an error if they belong to two.
    fn locate(&self, imsi: u64, msisdn: u64) -> Result<Option<Record>, RegisterError> {
        let by_imsi = if imsi == 0 { None } else { self.locate_imsi(imsi) };
        let by_msisdn = if msisdn == 0 { None } else { self.record_at(Location::of(msisdn), |r| r.msisdn == msisdn) };
        match (by_imsi, by_msisdn) {
            (Some(a), Some(b)) if !a.is_of(&b) => Err(RegisterError::InUse),
            (a, b) => Ok(a.or(b)),
        }
    }

    fn locate_imsi(&self, word: u64) -> Option<Record> {
        let place = Location::of(word);
        let index = self.by_imsi.get(place.shard())?.read().unwrap_or_else(PoisonError::into_inner);
        let mut entries = index.cluster(ImsiEntry::tag_of(place)).filter(|entry| entry.may_be(place));
        entries.find_map(|entry| self.record_at(entry.record(), |record| record.imsi == word))
    }

    fn record_at(&self, place: Location, is: impl Fn(&Record) -> bool) -> Option<Record> {
        let shard = self.shards.get(place.shard())?.read().unwrap_or_else(PoisonError::into_inner);
        shard.cluster(place.tag()).find(|record| is(record)).cloned()
    }

    fn write(&self, known: &Record, write: impl FnOnce(&mut Record)) {
        let place = known.place();
        if let Some(shard) = self.shards.get(place.shard()) {
            writing(shard).find_mut(place.tag(), |record| record.is_of(known)).map(write);
        }
    }

    /// Puts a record in, then its index entry.
    fn insert(&self, record: Record) {
        let (imsi, place) = (record.imsi, record.place());
        if let Some(shard) = self.shards.get(place.shard()) {
            writing(shard).insert(record);
        }
        if let Some((index, of)) = self.index_of(imsi) {
            writing(index).insert(ImsiEntry::new(of, place));
        }
        self.len.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes an index entry out, then its record, leaving zeros in its place.
    fn take(&self, known: &Record) {
        let place = known.place();
        if let Some((index, of)) = self.index_of(known.imsi) {
            let entry = ImsiEntry::new(of, place);
            writing(index).remove(ImsiEntry::tag_of(of), |other| *other == entry);
        }
        if let Some(shard) = self.shards.get(place.shard()) {
            writing(shard).remove(place.tag(), |record| record.is_of(known));
        }
        self.len.fetch_sub(1, Ordering::Relaxed);
    }

    /// The index shard of an IMSI's word, and the IMSI's place; `None` for no IMSI.
    fn index_of(&self, imsi: u64) -> Option<(&RwLock<Table<ImsiEntry>>, Location)> {
        let place = Location::of(imsi);
        self.by_imsi.get(place.shard()).filter(|_| imsi != 0).map(|index| (index, place))
    }
}

fn writing<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
