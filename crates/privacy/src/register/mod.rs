//! The register of privacy profiles in memory: the data of a PPR (TS 23.271 clause 6.3.11).
//!
//! ```text
//! MSISDN ──> index shard ──┐
//!                          ├──> record (48 octets) ──> rules, shared by all who have the same
//! IMSI ──> record shard's index ┘
//! ```
//!
//! Reading takes one read lock for an IMSI and two for an MSISDN, allocates nothing and copies nothing. Changes are made in
//! place, one writer at a time. Locks are taken in the order writer, MSISDN index, record shard. A lock poisoned by a panic
//! makes the profiles under it unreadable, so that nobody in it is located.

mod index;
mod interner;
mod record;
#[cfg(test)]
mod tests;

pub use record::Subscriber;

use crate::disclosure::SubjectSalt;
use crate::profile::{CompiledProfile, SharedRules, Standing};
use index::{Index, hash};
use interner::Interner;
use lcs::{Identities, Imsi, Msisdn};
use record::{Record, imsi_word, msisdn_word};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, RwLock,
    atomic::{AtomicUsize, Ordering},
};

/// Number of shards; a location has its shard in the high octet and the slot below.
const SHARDS: usize = 256;
const SLOT_BITS: u32 = 24;

/// The register of privacy profiles.
pub struct Register {
    shards: Box<[RwLock<Shard>]>,
    by_msisdn: Box<[RwLock<Index>]>,
    writer: Mutex<Interner>,
    len: AtomicUsize,
}

#[derive(Default)]
struct Shard {
    by_imsi: Index,
    records: Vec<Record>,
    free: Vec<u32>,
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
    /// A shard is full.
    #[error("the register is full")]
    Full,
}

/// Memory of a register, octets; an account from sizes and capacities, without the allocator's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Records.
    pub records: usize,
    /// Both indexes.
    pub indexes: usize,
    /// Rules, each shared set counted once.
    pub rules: usize,
}

impl Memory {
    /// All of it.
    #[must_use]
    pub fn total(self) -> usize {
        self.records + self.indexes + self.rules
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
pub(crate) struct RecordView<'a> {
    pub(crate) standing: Standing,
    /// `None`: the profile cannot be read.
    pub(crate) rules: Option<&'a Arc<SharedRules>>,
    pub(crate) identities: Identities,
    pub(crate) salt: SubjectSalt,
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
            by_msisdn: (0..SHARDS).map(|_| RwLock::default()).collect(),
            writer: Mutex::default(),
            len: AtomicUsize::new(0),
        }
    }

    /// Makes room for about `additional` subscribers, so that loading them copies nothing twice.
    pub fn reserve(&self, additional: usize) {
        let _writer = self.writer();
        // Shards fill unevenly: a little above the mean for each.
        let each = additional / SHARDS + additional / SHARDS / 32 + 16;
        for index in &self.by_msisdn {
            index.write().unwrap_or_else(PoisonError::into_inner).reserve(each);
        }
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            shard.by_imsi.reserve(each);
            shard.records.reserve_exact(each);
        }
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
        let location = self.locate(imsi_word(identities.imsi), msisdn_word(identities.msisdn));
        match location {
            Ok(Some(location)) => {
                if let Some(rules) = self.take(location) {
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
            Found::Record(record) => Some(record.salt),
            Found::TwoSubscribers | Found::Unreadable | Found::Nobody => None,
        })
    }

    /// The subscriber's standing; `None` for one not known.
    #[must_use]
    pub fn standing(&self, identities: &Identities) -> Option<Standing> {
        self.with(identities, |found| match found {
            Found::Record(record) => Some(record.standing),
            Found::TwoSubscribers | Found::Unreadable | Found::Nobody => None,
        })
    }

    /// Memory taken. Walks every record.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let interner = self.writer();
        let mut memory = Memory { records: 0, indexes: 0, rules: interner.heap_bytes() };
        for index in &self.by_msisdn {
            memory.indexes += index.read().unwrap_or_else(PoisonError::into_inner).bytes();
        }
        for shard in &self.shards {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            memory.indexes += shard.by_imsi.bytes();
            memory.records += shard.records.capacity() * size_of::<Record>() + shard.free.capacity() * 4;
            let own = shard.records.iter().filter_map(|record| record.rules.as_ref());
            memory.rules += own.filter(|rules| !rules.is_shareable()).map(|rules| rules.heap_bytes()).sum::<usize>();
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

    fn with_imsi<R>(&self, imsi: Imsi, mut read: impl FnMut(Found<'_>) -> R) -> R {
        let word = imsi_word(Some(imsi));
        let hash = hash(word);
        let Some(Ok(shard)) = self.shards.get(shard_of(hash)).map(RwLock::read) else {
            return read(Found::Unreadable);
        };
        match shard.find(hash, word) {
            Some((_, record)) => read(Found::Record(view(record))),
            None => read(Found::Nobody),
        }
    }

    fn with_msisdn<R>(&self, msisdn: Msisdn, mut read: impl FnMut(Found<'_>) -> R) -> R {
        let word = msisdn_word(Some(msisdn));
        let hash = hash(word);
        // Held to the end, so that the number stays with the record.
        let Some(Ok(index)) = self.by_msisdn.get(shard_of(hash)).map(RwLock::read) else {
            return read(Found::Unreadable);
        };
        for location in index.candidates(hash) {
            let Some(Ok(shard)) = self.shards.get(shard_at(location)).map(RwLock::read) else {
                return read(Found::Unreadable);
            };
            if let Some(record) = shard.records.get(slot_at(location)).filter(|record| record.msisdn == word) {
                return read(Found::Record(view(record)));
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
        let owner = self.with_msisdn(msisdn, |found| match found {
            Found::Record(record) if record.identities.imsi == Some(imsi) => Owner::Same(read(Found::Record(record))),
            Found::Record(record) if record.identities.imsi.is_none() => Owner::NumberOnly,
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
        let Some(location) = self.locate(record.imsi, record.msisdn)? else {
            return self.insert(record);
        };
        let before = self.read_at(location);
        if before.imsi != 0 && record.imsi != 0 && before.imsi != record.imsi {
            return Err(RegisterError::InUse);
        }
        let opted_out = standing.opted_out || before.standing().opted_out;
        record.set_standing(Standing { opted_out, ..record.standing() });
        if (before.imsi, before.msisdn) == (record.imsi, record.msisdn) {
            self.write_at(location, |place| *place = record);
        } else {
            // First in at the new place, then out at the old: at no moment is the subscriber unknown.
            self.insert(record)?;
            self.take(location);
        }
        if let Some(rules) = before.rules {
            interner.release(rules);
        }
        Ok(())
    }

    fn change(&self, identities: &Identities, change: impl FnOnce(&mut Record)) -> bool {
        let _writer = self.writer();
        match self.locate(imsi_word(identities.imsi), msisdn_word(identities.msisdn)) {
            Ok(Some(location)) => {
                self.write_at(location, change);
                true
            }
            Ok(None) | Err(_) => false,
        }
    }

    /// Where the record of these words lies; an error if they lie apart.
    fn locate(&self, imsi: u64, msisdn: u64) -> Result<Option<u32>, RegisterError> {
        let by_imsi = (imsi != 0).then(|| self.locate_imsi(imsi)).flatten();
        let by_msisdn = (msisdn != 0).then(|| self.locate_msisdn(msisdn)).flatten();
        match (by_imsi, by_msisdn) {
            (Some(a), Some(b)) if a != b => Err(RegisterError::InUse),
            (a, b) => Ok(a.or(b)),
        }
    }

    fn locate_imsi(&self, word: u64) -> Option<u32> {
        let hash = hash(word);
        let shard = self.shards.get(shard_of(hash))?.read().unwrap_or_else(PoisonError::into_inner);
        shard.find(hash, word).map(|(location, _)| location)
    }

    fn locate_msisdn(&self, word: u64) -> Option<u32> {
        let hash = hash(word);
        let index = self.by_msisdn.get(shard_of(hash))?.read().unwrap_or_else(PoisonError::into_inner);
        index.candidates(hash).find(|location| self.read_at(*location).msisdn == word)
    }

    fn read_at(&self, location: u32) -> Record {
        let shard = self.shards.get(shard_at(location)).map(|s| s.read().unwrap_or_else(PoisonError::into_inner));
        shard.and_then(|shard| shard.records.get(slot_at(location)).cloned()).unwrap_or_default()
    }

    fn write_at(&self, location: u32, write: impl FnOnce(&mut Record)) {
        if let Some(shard) = self.shards.get(shard_at(location)) {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(record) = shard.records.get_mut(slot_at(location)) {
                write(record);
            }
        }
    }

    fn insert(&self, record: Record) -> Result<(), RegisterError> {
        let (imsi, msisdn) = (record.imsi, record.msisdn);
        let home = hash(if imsi == 0 { msisdn } else { imsi });
        let mut index = self.number_index(msisdn);
        let Some(shard) = self.shards.get(shard_of(home)) else { return Err(RegisterError::Full) };
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        let slot = shard.vacant_slot()?;
        let location = (shard_of(home) as u32) << SLOT_BITS | slot;
        if let Some(place) = shard.records.get_mut(slot as usize) {
            *place = record;
        }
        if imsi != 0 {
            shard.by_imsi.insert(home, location);
        }
        if let Some(index) = &mut index {
            index.insert(hash(msisdn), location);
        }
        self.len.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Takes a record out, leaving zeros in its place.
    fn take(&self, location: u32) -> Option<Arc<SharedRules>> {
        let before = self.read_at(location);
        let mut index = self.number_index(before.msisdn);
        let mut shard = self.shards.get(shard_at(location))?.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = &mut index {
            index.remove(hash(before.msisdn), location);
        }
        if before.imsi != 0 {
            shard.by_imsi.remove(hash(before.imsi), location);
        }
        *shard.records.get_mut(slot_at(location))? = Record::default();
        shard.free.push(location & ((1 << SLOT_BITS) - 1));
        self.len.fetch_sub(1, Ordering::Relaxed);
        before.rules
    }

    /// The index shard of a number, locked for writing; `None` for no number.
    fn number_index(&self, msisdn: u64) -> Option<std::sync::RwLockWriteGuard<'_, Index>> {
        let index = self.by_msisdn.get(shard_of(hash(msisdn))).filter(|_| msisdn != 0)?;
        Some(index.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shard {
    fn find(&self, hash: u64, word: u64) -> Option<(u32, &Record)> {
        self.by_imsi.candidates(hash).find_map(|location| {
            let record = self.records.get(slot_at(location)).filter(|record| record.imsi == word)?;
            Some((location, record))
        })
    }

    /// A slot to fill. Records grow by an eighth: memory counts for more than copying.
    fn vacant_slot(&mut self) -> Result<u32, RegisterError> {
        if let Some(slot) = self.free.pop() {
            return Ok(slot);
        }
        let next = self.records.len();
        if next + 1 >= 1 << SLOT_BITS {
            return Err(RegisterError::Full);
        }
        if next == self.records.capacity() {
            self.records.reserve_exact(next / 8 + 8);
        }
        self.records.push(Record::default());
        u32::try_from(next).map_err(|_| RegisterError::Full)
    }
}

fn view(record: &Record) -> RecordView<'_> {
    RecordView {
        standing: record.standing(),
        rules: record.rules.as_ref(),
        identities: record.identities(),
        salt: record.salt(),
    }
}

/// The shard of a hash: its low octet. The index places by the high half.
fn shard_of(hash: u64) -> usize {
    (hash & 0xFF) as usize
}

fn shard_at(location: u32) -> usize {
    (location >> SLOT_BITS) as usize
}

fn slot_at(location: u32) -> usize {
    (location & ((1 << SLOT_BITS) - 1)) as usize
}
