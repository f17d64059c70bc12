//! The queue between those who record and the one who writes: what arrives during a sync is the next batch.

use super::log::{Bounds, LogState, LogUnavailable};
use super::merkle::Hash;
use super::segment::BATCH_HEAD;
use futures_channel::oneshot;
use lcs::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Who waits for an entry.
pub(super) type Waiter = oneshot::Sender<Result<u64, LogUnavailable>>;

/// Entries that become durable together.
#[derive(Default)]
pub(super) struct Pending {
    /// Room for the batch's head, then the frames.
    pub(super) octets: Vec<u8>,
    /// Leaf hashes in order.
    pub(super) leaves: Vec<Hash>,
    /// Who waits for each.
    pub(super) waiters: Vec<Option<Waiter>>,
    /// Losses that an entry among these tells of, and since when.
    gap: Option<(u64, Timestamp)>,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }

    /// Empties it and keeps its memory.
    pub(super) fn clear(&mut self) {
        self.octets.clear();
        self.leaves.clear();
        self.waiters.clear();
        self.gap = None;
    }

    fn push(&mut self, record: &[u8], leaf: Hash, waiter: Option<Waiter>) {
        if self.octets.is_empty() {
            self.octets.resize(BATCH_HEAD, 0);
        }
        // A record is shorter than 64 KiB: checked when it was sealed.
        let len = u16::try_from(record.len()).unwrap_or(u16::MAX);
        self.octets.extend_from_slice(&len.to_be_bytes());
        self.octets.extend_from_slice(record);
        self.leaves.push(leaf);
        self.waiters.push(waiter);
    }

    /// Tells all waiters that their entry is not durable.
    pub(super) fn refuse(&mut self, reason: LogUnavailable) {
        for waiter in self.waiters.drain(..).flatten() {
            tell(waiter, Err(reason));
        }
    }
}

/// Tells a waiter; one that went away needs no answer.
pub(super) fn tell(waiter: Waiter, answer: Result<u64, LogUnavailable>) {
    waiter.send(answer).unwrap_or_default();
}

/// What the log does with entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Takes them.
    Open,
    /// Refuses them until the storage works again.
    Failed {
        /// Second, by the entries' own time, of the last attempt.
        tried_s: u64,
        /// Somebody wants another attempt.
        again: bool,
    },
    /// Refuses them for good.
    Closed,
}

struct Inner {
    pending: Pending,
    phase: Phase,
    /// The writer sleeps and must be woken.
    writer_sleeps: bool,
    /// Somebody waits for durable entries.
    watched: bool,
    /// The writer is gone.
    ended: bool,
    /// Ends not recorded since the last gap entry, and when that began.
    gap: Option<(u64, Timestamp)>,
    lost: u64,
}

pub(super) struct Queue {
    bounds: Bounds,
    inner: Mutex<Inner>,
    work: Condvar,
    progress: Condvar,
    durable: AtomicU64,
}

/// What the writer finds to do.
pub(super) enum Work {
    /// A batch.
    Batch(Pending),
    /// Try the batch that failed again.
    Retry,
    /// Nothing now.
    Nothing,
    /// Nothing ever again.
    End,
}

impl Queue {
    pub(super) fn new(bounds: Bounds, durable: u64) -> Self {
        let inner = Inner {
            pending: Pending::default(),
            phase: Phase::Open,
            writer_sleeps: false,
            watched: false,
            ended: false,
            gap: None,
            lost: 0,
        };
        Self {
            bounds,
            inner: Mutex::new(inner),
            work: Condvar::new(),
            progress: Condvar::new(),
            durable: AtomicU64::new(durable),
        }
    }

    /// A panic elsewhere leaves the queue sound: every change of it is complete before anything can panic.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a sealed record. `urgent`: an emergency, or the last
    /// chance of an entry; it may exceed the bounds twofold.
    /// `gap` makes the entry that tells of earlier losses.
    pub(super) fn submit(
        &self,
        record: &[u8],
        leaf: Hash,
        time: Timestamp,
        urgent: bool,
        gap: impl FnOnce(u64, Timestamp) -> Option<(Vec<u8>, Hash)>,
    ) -> Result<oneshot::Receiver<Result<u64, LogUnavailable>>, LogUnavailable> {
        let mut inner = self.lock();
        if let Err(reason) = inner.admit(self.bounds, record.len(), urgent) {
            inner.lose(time);
            if inner.want_retry(time) {
                self.work.notify_one();
            }
            return Err(reason);
        }
        if let Some((lost, since)) = inner.gap
            && let Some((record, leaf)) = gap(lost, since)
        {
            inner.pending.push(&record, leaf, None);
            inner.pending.gap = inner.gap.take();
        }
        let (waiter, receiver) = oneshot::channel();
        inner.pending.push(record, leaf, Some(waiter));
        let wake = core::mem::take(&mut inner.writer_sleeps);
        drop(inner);
        if wake {
            self.work.notify_one();
        }
        Ok(receiver)
    }

    /// Counts an end that never came as far as the queue.
    pub(super) fn lose(&self, time: Timestamp) {
        self.lock().lose(time);
    }

    /// Work for the writer; sleeps until there is some if `block`. `spare` is the memory of an earlier batch.
    pub(super) fn work(&self, spare: &mut Option<Pending>, block: bool) -> Work {
        let mut inner = self.lock();
        loop {
            let empty = inner.pending.is_empty();
            match &mut inner.phase {
                Phase::Failed { again, .. } if *again => {
                    *again = false;
                    return Work::Retry;
                }
                Phase::Open | Phase::Closed if !empty => {
                    let fresh = spare.take().unwrap_or_default();
                    return Work::Batch(core::mem::replace(&mut inner.pending, fresh));
                }
                Phase::Open | Phase::Failed { .. } => {}
                Phase::Closed => return Work::End,
            }
            if !block {
                return Work::Nothing;
            }
            inner.writer_sleeps = true;
            inner = self.work.wait(inner).unwrap_or_else(PoisonError::into_inner);
            inner.writer_sleeps = false;
        }
    }

    /// A batch is durable; the log takes entries (again).
    pub(super) fn advance(&self, durable: u64) {
        self.durable.store(durable, Ordering::Release);
        let mut inner = self.lock();
        if matches!(inner.phase, Phase::Failed { .. }) {
            inner.phase = Phase::Open;
        }
        if core::mem::take(&mut inner.watched) {
            self.progress.notify_all();
        }
    }

    /// The storage failed: refuses all that wait, and all that come. What never reached a batch counts as lost since `time`.
    pub(super) fn fail(&self, time: Timestamp) {
        let mut inner = self.lock();
        // An entry that told of earlier losses goes too: they are still to be told, and it is no end itself.
        let told = inner.pending.gap.take();
        let dropped = inner.pending.leaves.len() as u64 - u64::from(told.is_some());
        inner.pending.refuse(LogUnavailable::Failed);
        inner.pending.clear();
        if dropped > 0 || told.is_some() {
            inner.lost += dropped;
            let (later, later_since) = inner.gap.unwrap_or((0, time));
            let (earlier, since) = told.unwrap_or((0, later_since));
            inner.gap = Some((earlier + later + dropped, since));
        }
        if inner.phase != Phase::Closed {
            let tried_s = match inner.phase {
                Phase::Failed { tried_s, .. } => tried_s,
                Phase::Open | Phase::Closed => 0,
            };
            inner.phase = Phase::Failed { tried_s, again: false };
        }
    }

    pub(super) fn retry(&self) {
        let mut inner = self.lock();
        if let Phase::Failed { again, .. } = &mut inner.phase {
            *again = true;
            self.work.notify_one();
        }
    }

    pub(super) fn close(&self) {
        let mut inner = self.lock();
        inner.phase = Phase::Closed;
        drop(inner);
        self.work.notify_one();
    }

    /// The writer is gone: nobody will write what waits.
    pub(super) fn abandon(&self) {
        let mut inner = self.lock();
        (inner.phase, inner.ended) = (Phase::Closed, true);
        inner.pending.refuse(LogUnavailable::Closed);
        inner.pending.clear();
        drop(inner);
        self.progress.notify_all();
    }

    pub(super) fn wait_durable(&self, beyond: u64) -> Option<u64> {
        let mut inner = self.lock();
        loop {
            let durable = self.durable();
            if durable > beyond {
                return Some(durable);
            }
            if inner.ended {
                return None;
            }
            inner.watched = true;
            inner = self.progress.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    pub(super) fn state(&self) -> LogState {
        let inner = self.lock();
        LogState {
            durable: self.durable(),
            waiting: inner.pending.leaves.len(),
            lost: inner.lost,
            failed: matches!(inner.phase, Phase::Failed { .. }),
        }
    }
}

impl Inner {
    fn admit(&self, bounds: Bounds, record: usize, urgent: bool) -> Result<(), LogUnavailable> {
        match self.phase {
            Phase::Open => {}
            Phase::Failed { .. } => return Err(LogUnavailable::Failed),
            Phase::Closed => return Err(LogUnavailable::Closed),
        }
        let times = if urgent { 2 } else { 1 };
        let full = self.pending.leaves.len() >= bounds.entries * times
            || self.pending.octets.len() + record > bounds.octets * times;
        if full { Err(LogUnavailable::Overloaded) } else { Ok(()) }
    }

    fn lose(&mut self, time: Timestamp) {
        let (lost, since) = self.gap.unwrap_or((0, time));
        self.gap = Some((lost + 1, since));
        self.lost += 1;
    }

    /// Asks for another attempt when the second of the entries' time has changed since the last one.
    fn want_retry(&mut self, time: Timestamp) -> bool {
        match &mut self.phase {
            Phase::Failed { tried_s, again } if *tried_s != time.secs() => {
                (*tried_s, *again) = (time.secs(), true);
                true
            }
            Phase::Open | Phase::Failed { .. } | Phase::Closed => false,
        }
    }
}
