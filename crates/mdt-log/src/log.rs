//! The log of a phone over its ports: epochs, segments, reports, and what a crash leaves of them.

mod recover;
mod state;
mod upload;

pub use recover::Recovery;
pub use upload::{Delivery, Part, Submission};

use crate::machine::Saved;
use crate::port::{Storage, StorageError, Vault};
use crate::{BootId, CLOSE_OCTETS, CloseReason, CollectorKey, EpochId, Kind, ReportFacts, SealError, SegmentFacts};
use crate::{JobReference, SegmentSealer, seal_report};
use alloc::vec::Vec;
use hpke::rand_core::CryptoRng;
use state::{Epoch, Purpose, State};
use thiserror::Error;

/// Bounds of a log, octets. All of it lies in storage; in memory there is one frame, one head and one vault record at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Sealed octets of all segments together.
    pub log_octets: u32,
    /// Sealed octets of one segment.
    pub segment_octets: u32,
    /// Reports of failures that wait.
    pub reports: usize,
}

impl Profile {
    /// 64 KiB of entries and more (TS 38.306 clause 4.2.18), sealed and padded: 256 KiB.
    pub const STANDARD: Self = Self { log_octets: 256 << 10, segment_octets: 128 << 10, reports: 8 };
    /// 16 KiB of entries and more, for devices of reduced capability: 64 KiB sealed.
    pub const REDUCED: Self = Self { log_octets: 64 << 10, segment_octets: 64 << 10, reports: 4 };
}

/// A call on the log did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LogError {
    /// The log has as many octets as its profile allows, or the storage has no room: the job ends.
    #[error("the memory of the log is full")]
    Full,
    /// Nothing was sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A port failed.
    #[error("a store of the phone failed: {0}")]
    Storage(StorageError),
    /// There is no job that could be logged.
    #[error("no job runs")]
    NoJob,
    /// The vault's record is not of this version.
    #[error("the protected record cannot be read")]
    Vault,
}

impl From<StorageError> for LogError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Full => Self::Full,
            StorageError::Missing | StorageError::Failed => Self::Storage(error),
        }
    }
}

/// What may be said of the log on the phone: numbers, no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status {
    /// Records since the program started.
    pub records: u32,
    /// Sealed octets of the log.
    pub octets: u32,
    /// Segments.
    pub segments: usize,
    /// Reports of failures.
    pub reports: usize,
}

/// One object in storage.
#[derive(Clone)]
struct Object {
    object: u32,
    epoch: EpochId,
    id: crate::SegmentId,
    octets: u32,
    /// Place in the epoch; nothing for a report.
    number: Option<u32>,
    kind: Kind,
}

/// The segment that takes records.
struct Writing {
    object: u32,
    sealer: SegmentSealer,
}

/// The log. It seals and counts; no method gives an entry back, because it cannot.
pub struct SealedLog<S, V, R> {
    storage: S,
    vault: V,
    rng: R,
    profile: Profile,
    state: State,
    objects: Vec<Object>,
    writing: Option<Writing>,
    facts: Option<(JobFacts, CollectorKey)>,
    next_object: u32,
    records: u32,
    /// Whether the vault still has what memory has not.
    unsaved: bool,
}

/// What each segment of a job says.
struct JobFacts {
    content: crate::Content,
    job: JobReference,
    consent: Vec<u8>,
}

impl<S: Storage, V: Vault, R: CryptoRng> SealedLog<S, V, R> {
    /// What may be told.
    #[must_use]
    pub fn status(&self) -> Status {
        let reports = self.objects.iter().filter(|o| o.number.is_none()).count();
        Status { records: self.records, octets: self.log_octets(), segments: self.objects.len() - reports, reports }
    }

    /// The boot that the state belongs to.
    #[must_use]
    pub fn boot(&self) -> BootId {
        self.state.boot
    }

    /// The generator.
    pub(crate) fn generator(&mut self) -> &mut R {
        &mut self.rng
    }

    /// Which job the next segments belong to, and the key that they are sealed to.
    pub fn begin(&mut self, facts: &SegmentFacts, to: CollectorKey) {
        let SegmentFacts { content, job, consent, .. } = facts.clone();
        self.facts = Some((JobFacts { content, job, consent }, to));
    }

    /// Seals an entry and appends it. It is acknowledged by the next [`SealedLog::flush`].
    ///
    /// # Errors
    /// [`LogError::Full`] when the profile or the storage has no room; the entry is not logged. Others as they say.
    pub fn append(&mut self, kind: Kind, content: &[u8]) -> Result<(), LogError> {
        let frame = octets(SegmentSealer::frame_octets(content.len())?);
        let close = octets(CLOSE_OCTETS);
        let (facts, to) = self.facts.as_ref().ok_or(LogError::NoJob)?;
        let writing = self.writing.as_ref().map(|w| w.object);
        let used = writing.and_then(|at| self.objects.iter().find(|o| o.object == at)).map(|o| o.octets);
        let fits = used.is_some_and(|used| used.saturating_add(frame + close) <= self.profile.segment_octets);
        // Room for the close records is kept; a new segment takes its head besides.
        let needed = match (used, fits) {
            (Some(_), true) => frame + close,
            (Some(_), false) => frame + close + close + head_octets(facts, to),
            (None, _) => frame + close + head_octets(facts, to),
        };
        if self.log_octets().saturating_add(needed) > self.profile.log_octets {
            return Err(LogError::Full);
        }
        if !fits {
            self.close(CloseReason::SegmentFull)?;
            self.open_segment()?;
        }
        let Some(writing) = &mut self.writing else { return Err(LogError::NoJob) };
        let mut sealed = Vec::new();
        writing.sealer.seal(kind, content, &mut sealed)?;
        let object = writing.object;
        self.write(object, &sealed)?;
        self.records = self.records.saturating_add(1);
        Ok(())
    }

    /// Makes durable what was appended: from here on it is acknowledged.
    ///
    /// # Errors
    /// [`LogError::Storage`].
    pub fn flush(&mut self) -> Result<(), LogError> {
        match &self.writing {
            Some(writing) => Ok(self.storage.flush(writing.object)?),
            None => Ok(()),
        }
    }

    /// Closes the segment that is open, if one is.
    ///
    /// # Errors
    /// [`LogError::Storage`]; the segment takes no more all the same.
    pub fn close(&mut self, reason: CloseReason) -> Result<(), LogError> {
        let Some(Writing { object, sealer }) = self.writing.take() else { return Ok(()) };
        let mut sealed = Vec::new();
        sealer.close(reason, &mut sealed)?;
        self.write(object, &sealed)?;
        Ok(self.storage.flush(object)?)
    }

    /// Seals a report of a failure and makes it durable. As many as the profile says wait: beyond, the oldest goes; and of radio link
    /// failures the latest alone (TS 38.331 clause 5.3.10.5).
    ///
    /// # Errors
    /// [`LogError::Seal`], [`LogError::Storage`].
    pub fn report(
        &mut self,
        kind: Kind,
        content: &[u8],
        facts: &ReportFacts,
        to: &CollectorKey,
    ) -> Result<(), LogError> {
        let epoch = self.epoch(Purpose::Reports)?;
        let Some(epoch) = self.state.epochs.iter().find(|e| e.key.id() == epoch) else { return Err(LogError::Vault) };
        let sealed = seal_report(kind, content, facts, to, &epoch.key, &self.state.device, &mut self.rng)?;
        let id = epoch.key.id();
        let waiting: Vec<&Object> = self.objects.iter().filter(|o| o.number.is_none() && o.epoch == id).collect();
        let (replaced, others): (Vec<&Object>, Vec<&Object>) =
            waiting.into_iter().partition(|o| kind == Kind::RadioLinkFailure && o.kind == kind);
        let beyond = (others.len() + 1).saturating_sub(self.profile.reports);
        let gone: Vec<u32> = replaced.into_iter().chain(others.into_iter().take(beyond)).map(|o| o.object).collect();
        gone.into_iter().try_for_each(|object| self.erase(object))?;
        let object = self.next_object;
        self.next_object = self.next_object.wrapping_add(1);
        self.objects.push(Object { object, epoch: id, id: sealed.0, octets: 0, number: None, kind });
        self.write(object, &sealed.1)?;
        Ok(self.storage.flush(object)?)
    }

    /// Destroys the keys of the log or of the reports or of both, those of an upload under way included, and then what they sealed. Once
    /// the vault has replaced its record, nobody can open it, whatever storage still holds; a crash in between is made good at the next
    /// start.
    ///
    /// # Errors
    /// [`LogError::Storage`] when the keys could not be destroyed or an object not be erased: call again.
    pub fn discard(&mut self, log: bool, reports: bool) -> Result<(), LogError> {
        if log {
            (self.writing, self.facts) = (None, None);
        }
        let before = self.state.epochs.len();
        self.state.epochs.retain(|epoch| match epoch.purpose {
            Purpose::Log => !log,
            Purpose::Reports => !reports,
        });
        self.unsaved |= self.state.epochs.len() < before;
        if self.unsaved {
            self.save()?;
        }
        self.erase_orphans()
    }

    /// Erases what no epoch key belongs to.
    fn erase_orphans(&mut self) -> Result<(), LogError> {
        let gone: Vec<u32> = self
            .objects
            .iter()
            .filter(|o| !self.state.epochs.iter().any(|e| e.key.id() == o.epoch))
            .map(|o| o.object)
            .collect();
        gone.into_iter().try_for_each(|object| self.erase(object))
    }

    fn erase(&mut self, object: u32) -> Result<(), LogError> {
        self.storage.erase(object)?;
        self.objects.retain(|o| o.object != object);
        Ok(())
    }

    fn log_octets(&self) -> u32 {
        self.objects.iter().filter(|o| o.number.is_some()).fold(0, |sum, o| sum.saturating_add(o.octets))
    }

    /// The epoch that new records of this purpose belong to; draws one when there is none.
    fn epoch(&mut self, purpose: Purpose) -> Result<EpochId, LogError> {
        if let Some(epoch) = self.state.epochs.iter().find(|e| e.purpose == purpose && !e.frozen) {
            return Ok(epoch.key.id());
        }
        let key = crate::EpochKey::generate(&mut self.rng);
        let id = key.id();
        self.state.epochs.push(Epoch { key, purpose, frozen: false });
        // Before anything is sealed under it: else a crash would leave what nobody opens.
        if let Err(error) = self.save() {
            self.state.epochs.retain(|e| e.key.id() != id);
            return Err(error);
        }
        Ok(id)
    }

    fn open_segment(&mut self) -> Result<(), LogError> {
        let id = self.epoch(Purpose::Log)?;
        let number = self.objects.iter().filter(|o| o.epoch == id).filter_map(|o| o.number).max();
        let number = number.map_or(0, |last| last.saturating_add(1));
        let (facts, to) = self.facts.as_ref().ok_or(LogError::NoJob)?;
        let facts =
            SegmentFacts { number, content: facts.content, job: facts.job.clone(), consent: facts.consent.clone() };
        let Some(epoch) = self.state.epochs.iter().find(|e| e.key.id() == id) else { return Err(LogError::Vault) };
        let mut head = Vec::new();
        let (sealer, segment) =
            SegmentSealer::begin(&facts, to, &epoch.key, &self.state.device, &mut self.rng, &mut head)?;
        let object = self.next_object;
        self.next_object = self.next_object.wrapping_add(1);
        let kind = Kind::Entry;
        self.objects.push(Object { object, epoch: id, id: segment, octets: 0, number: Some(number), kind });
        if let Err(error) = self.write(object, &head) {
            // Without a whole head it is nothing.
            self.erase(object)?;
            return Err(error);
        }
        self.writing = Some(Writing { object, sealer });
        Ok(())
    }

    fn write(&mut self, object: u32, octets: &[u8]) -> Result<(), LogError> {
        if let Err(error) = self.storage.append(object, octets) {
            // Any beginning may be there: nothing can be appended behind it.
            self.writing = None;
            let there = self.storage.len(object).unwrap_or(0);
            self.objects.iter_mut().filter(|o| o.object == object).for_each(|o| o.octets = there);
            return Err(error.into());
        }
        let len = self::octets(octets.len());
        self.objects.iter_mut().filter(|o| o.object == object).for_each(|o| o.octets = o.octets.saturating_add(len));
        Ok(())
    }

    pub(crate) fn save(&mut self) -> Result<(), LogError> {
        self.unsaved = true;
        let record = self.state.encode()?;
        self.vault.replace(&record)?;
        self.unsaved = false;
        Ok(())
    }

    /// The machine's state, saved together with whatever is saved next.
    pub(crate) fn note(&mut self, saved: Saved) {
        self.state.machine = Some(saved);
    }

    pub(crate) fn noted(&self) -> Option<&Saved> {
        self.state.machine.as_ref()
    }
}

/// Octets of a head: what it is for this job, and no less than it will be.
fn head_octets(facts: &JobFacts, to: &CollectorKey) -> u32 {
    // Magic and length 7, CBOR of the fixed fields below 160, confirmation 16.
    octets(7 + 160 + 16 + facts.consent.len() + facts.job.trace_reference.len() + to.suite().encapsulated_len())
}

fn octets(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
