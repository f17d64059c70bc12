//! The one writer of a log: group commit, one signature and one sync for each batch.

use super::checkpoint::{Checkpoint, Origin, SigningKey, VerifierKey};
use super::log::{Bounds, Log, LogUnavailable, Shared};
use super::merkle::Frontier;
use super::queue::{self, Pending, Queue, Work};
use super::recovery::{self, OpenError};
use super::seal::{MasterKey, RECORD_MAX, Sealer};
use super::segment::{self, SEGMENT_HEADER};
use super::storage::{Storage, StorageError};
use lcs::Timestamp;
use std::sync::Arc;

/// The two secrets of a log.
#[derive(Debug)]
pub struct LogKeys {
    /// Signs checkpoints.
    pub signing: SigningKey,
    /// Seals entries.
    pub master: MasterKey,
}

impl LogKeys {
    /// Name of the log.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.signing.verifier().origin()
    }

    /// The public key.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.signing.verifier()
    }
}

/// Why a batch could not be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The checkpoint could not be signed.
    #[error("the checkpoint could not be signed")]
    Signing,
}

/// What one step of the writer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing waits.
    Idle,
    /// A batch of so many entries is durable and its waiters are told.
    Committed(usize),
    /// A batch could not be made durable; it is kept to be tried again, and the log refuses entries.
    Failed(CommitError),
    /// The batch that had failed is durable now; the log takes entries again.
    Resumed(usize),
    /// The log is closed and all is written.
    Ended,
}

/// The end of the queue that writes. Runs on a thread of its own, see [`run`](Self::run).
pub struct Writer<S: Storage> {
    shared: Arc<Shared>,
    key: SigningKey,
    storage: S,
    capacity: u64,
    frontier: Frontier,
    /// Segment that is written, by its first index; `None` until there is one.
    segment: Option<u64>,
    offset: u64,
    /// A batch that could not be made durable, kept word for word: what was signed once is never contradicted.
    held: Option<Held>,
    spare: Option<Pending>,
}

struct Held {
    batch: Pending,
    entries: usize,
    /// The tree after it, once it is signed.
    after: Option<Frontier>,
}

impl<S: Storage> core::fmt::Debug for Writer<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Writer({} entries)", self.frontier.size())
    }
}

impl<S: Storage> Writer<S> {
    /// Opens a log: recovers what is durable, drops a torn end, and refuses to go on if less is there than was signed.
    pub fn open(mut storage: S, keys: LogKeys, bounds: Bounds) -> Result<(Self, Log), OpenError> {
        let state = recovery::recover(&mut storage, keys.verifier())?;
        let capacity = storage.capacity();
        // A batch is at most twice the bound and two records more, and must fit a segment.
        let room = usize::try_from(capacity).unwrap_or(usize::MAX).min(segment::FRAMES_MAX);
        let room = room.checked_sub(SEGMENT_HEADER + segment::batch_len(2 * (2 + RECORD_MAX)));
        let octets = bounds.octets.min(room.ok_or(OpenError::SegmentTooSmall { capacity })? / 2);
        let bounds = Bounds { octets, ..bounds };
        let sealer = Sealer::new(&keys.master, keys.origin()).ok_or(OpenError::Random)?;
        let queue = Queue::new(bounds, state.frontier.size());
        let shared = Arc::new(Shared { sealer, queue });
        let log = Log::new(Arc::clone(&shared));
        let writer = Self {
            shared,
            key: keys.signing,
            storage,
            capacity,
            frontier: state.frontier,
            segment: state.segment,
            offset: state.offset,
            held: None,
            spare: None,
        };
        Ok((writer, log))
    }

    /// Number of durable entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.shared.queue.durable()
    }

    /// Writes until the log is closed. Blocks; the caller gives it a thread. `seen` hears of every step, for metrics and the
    /// operator's log.
    pub fn run(mut self, mut seen: impl FnMut(Step)) {
        loop {
            let step = self.step_or_wait(true);
            seen(step);
            if step == Step::Ended {
                return;
            }
        }
    }

    /// Commits what waits, without waiting for more.
    pub fn step(&mut self) -> Step {
        self.step_or_wait(false)
    }

    fn step_or_wait(&mut self, wait: bool) -> Step {
        match self.shared.queue.work(&mut self.spare, wait) {
            Work::Nothing => Step::Idle,
            Work::End => match self.attempt() {
                // The last chance of a batch that failed before the log was closed.
                Some(Ok(entries)) => Step::Resumed(entries),
                Some(Err(_)) | None => Step::Ended,
            },
            Work::Batch(batch) => {
                let entries = batch.leaves.len();
                self.held = Some(Held { batch, entries, after: None });
                match self.attempt() {
                    Some(Ok(entries)) => Step::Committed(entries),
                    Some(Err(error)) => self.fail(error),
                    None => Step::Idle,
                }
            }
            Work::Retry => match self.attempt() {
                Some(Ok(entries)) => Step::Resumed(entries),
                Some(Err(error)) => self.fail(error),
                None => Step::Idle,
            },
        }
    }

    fn fail(&mut self, error: CommitError) -> Step {
        if let Some(held) = &mut self.held {
            held.batch.refuse(LogUnavailable::Failed);
        }
        let time = self.held.as_ref().and_then(Held::time).unwrap_or_default();
        self.shared.queue.fail(time);
        Step::Failed(error)
    }

    /// Tries to make the held batch durable; on success tells its waiters. `None` if no batch is held.
    fn attempt(&mut self) -> Option<Result<usize, CommitError>> {
        let mut held = self.held.take()?;
        if let Err(error) = self.commit(&mut held) {
            self.held = Some(held);
            return Some(Err(error));
        }
        let first = self.frontier.size();
        self.offset += held.batch.octets.len() as u64;
        self.frontier = held.after.take().unwrap_or_default();
        self.shared.queue.advance(self.frontier.size());
        for (index, waiter) in (first..).zip(held.batch.waiters.drain(..)) {
            if let Some(waiter) = waiter {
                queue::tell(waiter, Ok(index));
            }
        }
        held.batch.clear();
        self.spare = Some(held.batch);
        Some(Ok(held.entries))
    }

    fn commit(&mut self, held: &mut Held) -> Result<(), CommitError> {
        let segment = match held.after {
            Some(_) => self.segment.ok_or(StorageError::Missing)?,
            None => {
                let segment = self.room_for(held.batch.octets.len())?;
                self.sign(held)?;
                segment
            }
        };
        self.storage.write(segment, self.offset, &held.batch.octets)?;
        self.storage.sync(segment)?;
        Ok(())
    }

    /// Signs the checkpoint after the batch and completes the batch's octets.
    fn sign(&self, held: &mut Held) -> Result<(), CommitError> {
        let mut after = self.frontier.clone();
        held.batch.leaves.iter().for_each(|leaf| after.push(*leaf));
        let checkpoint = Checkpoint { size: after.size(), root: after.root() };
        let signature = self.key.sign(&checkpoint).map_err(|_| CommitError::Signing)?;
        // The queue's bound keeps batches far below 2^32 entries.
        let entries = u32::try_from(held.entries).unwrap_or(u32::MAX);
        segment::finish_batch(&mut held.batch.octets, self.frontier.size(), entries, &checkpoint.root, &signature);
        held.after = Some(after);
        Ok(())
    }

    /// The segment into which a batch of so many octets goes, made if the last one has no room.
    fn room_for(&mut self, octets: usize) -> Result<u64, CommitError> {
        let end = self.offset + segment::batch_len(octets - segment::BATCH_HEAD) as u64;
        if let Some(segment) = self.segment.filter(|_| end <= self.capacity) {
            return Ok(segment);
        }
        let first = self.frontier.size();
        let checkpoint = Checkpoint { size: first, root: self.frontier.root() };
        let signature = self.key.sign(&checkpoint).map_err(|_| CommitError::Signing)?;
        let header = segment::segment_header(self.key.verifier(), &self.frontier, &signature);
        self.storage.create(first, &header)?;
        self.segment = Some(first);
        self.offset = SEGMENT_HEADER as u64;
        Ok(first)
    }
}

impl Held {
    /// Time in the clear of the first record.
    fn time(&self) -> Option<Timestamp> {
        super::seal::record_time(self.batch.octets.get(segment::BATCH_HEAD + 2..)?)
    }
}

impl<S: Storage> Drop for Writer<S> {
    fn drop(&mut self) {
        self.shared.queue.abandon();
    }
}
