//! The way into the log: a ticket for each target of a request, and values that leave only once they are recorded.
//!
//! ```text
//! Log::open(facts) -> Ticket -> record(ending, value) -> Recording -> Recorded<T> -> release() -> T
//!                        \ dropped: an entry "abandoned"      \ the batch with the entry is durable
//! ```

use super::entry::{Content, Ending, Entry, Facts, Outcome};
use super::merkle::Hash;
use super::queue::Queue;
use super::seal::{SealError, Sealer, Subject};
use crate::consent::ConsentEntry;
use crate::permit::sealed;
use crate::{Cleared, Releasable, ReleaseKey};
use futures_channel::oneshot;
use lcs::{Failure, Identities, LcsClientType, Timestamp};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Why the log did not take an entry. What was to be released is gone; the answer is a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogUnavailable {
    /// More entries wait than the queue takes.
    #[error("the disclosure log has too much to do")]
    Overloaded,
    /// The storage failed. The log tries again by itself; see `docs/disclosure-log.md`.
    #[error("the disclosure log cannot write")]
    Failed,
    /// The log was closed.
    #[error("the disclosure log is closed")]
    Closed,
    /// The position was cleared for another client, or about another subscriber, than the ticket is of.
    #[error("the position belongs to another request")]
    OtherRequest,
    /// The entry could not be sealed.
    #[error("the entry could not be sealed: {0}")]
    Sealing(#[from] SealError),
}

impl From<LogUnavailable> for Failure {
    fn from(reason: LogUnavailable) -> Self {
        match reason {
            LogUnavailable::Overloaded => Self::Congestion,
            LogUnavailable::Failed | LogUnavailable::Sealing(_) => Self::LogUnavailable,
            LogUnavailable::OtherRequest => Self::SystemFailure,
            LogUnavailable::Closed => Self::Stopping,
        }
    }
}

/// How much may wait to be written before the log refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Entries that may wait; also the greatest batch. Default 8,192.
    pub entries: usize,
    /// Octets that may wait. Default 4 MiB; never more than half a segment.
    pub octets: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { entries: 8192, octets: 4 << 20 }
    }
}

/// State of the log, for metrics and health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogState {
    /// Entries that are durable.
    pub durable: u64,
    /// Entries that wait.
    pub waiting: usize,
    /// Ends that could not be recorded since the log was opened. None of them released anything.
    pub lost: u64,
    /// Whether the storage failed and entries are refused.
    pub failed: bool,
}

/// Handle of the disclosure log, for every task that ends a request. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) sealer: Sealer,
    pub(super) queue: Queue,
}

impl core::fmt::Debug for Log {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Log({:?})", self.state())
    }
}

impl Log {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Opens the record of a request about one target. Nothing is written until it ends.
    pub fn open(&self, facts: Facts) -> Ticket {
        let identities = Identities::of(&facts.target).unwrap_or_default();
        Ticket { log: self.clone(), subject: Subject::Operator, open: Some(Open { facts, identities }) }
    }

    /// State of the log.
    #[must_use]
    pub fn state(&self) -> LogState {
        self.shared.queue.state()
    }

    /// Number of durable entries.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.shared.queue.durable()
    }

    /// Blocks until more than `beyond` entries are durable; gives their number, or `None` once the log is closed and no
    /// more will come. For the thread that publishes tiles and checkpoints.
    #[must_use]
    pub fn wait_durable(&self, beyond: u64) -> Option<u64> {
        self.shared.queue.wait_durable(beyond)
    }

    /// Lets a failed log try its storage again now. It also does so by itself, once a second, while requests come.
    pub fn retry(&self) {
        self.shared.queue.retry();
    }

    /// Closes the log: what waits is still written, later entries are refused, and the writer ends.
    pub fn close(&self) {
        self.shared.queue.close();
    }

    /// Records a change in the consent register and locks `value` up until that is durable.
    pub(crate) fn record_consent<T: Releasable>(
        &self,
        entry: &ConsentEntry,
        subject: &Subject,
        value: T,
    ) -> Recording<T> {
        let sealed = self.shared.sealer.seal_consent(entry, subject);
        let state = match self.queue(sealed, entry.time, false) {
            Ok(receiver) => State::Waiting(receiver, value),
            Err(reason) => State::Refused(reason),
        };
        Recording { state }
    }

    /// Seals an entry on the calling thread and queues it.
    fn submit(&self, entry: &Entry, subject: &Subject, urgent: bool) -> Submitted {
        self.queue(self.shared.sealer.seal_entry(entry, subject), entry.facts.time, urgent)
    }

    fn queue(&self, sealed: Result<Vec<u8>, SealError>, time: Timestamp, urgent: bool) -> Submitted {
        let record = sealed.inspect_err(|_| self.shared.queue.lose(time))?;
        let leaf: Hash = super::merkle::leaf_hash(&record);
        let gap = |lost, since| {
            let record = self.shared.sealer.seal(&Content::Gap { lost, since }, time, &Subject::Operator).ok()?;
            let leaf = super::merkle::leaf_hash(&record);
            Some((record, leaf))
        };
        self.shared.queue.submit(&record, leaf, time, urgent, gap)
    }
}

type Submitted = Result<oneshot::Receiver<Result<u64, LogUnavailable>>, LogUnavailable>;

struct Open {
    facts: Facts,
    identities: Identities,
}

/// The duty to record how a request about one target ends. Ends in exactly one entry: [`record`](Self::record) makes it, and
/// a ticket that is dropped makes one that says "abandoned".
#[derive(Debug)]
#[must_use = "a ticket that is dropped is recorded as abandoned"]
pub struct Ticket {
    log: Log,
    subject: Subject,
    open: Option<Open>,
}

impl core::fmt::Debug for Open {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Open({:?})", self.facts.request)
    }
}

impl Ticket {
    /// Says who the target is, once that is known. Until then the entry is under the operator's own key.
    pub fn identify(&mut self, subject: Subject, identities: Identities) {
        self.subject = subject;
        if let Some(open) = &mut self.open {
            open.identities = identities.or(open.identities);
        }
    }

    /// What was said when the ticket was opened.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        self.open.as_ref().map(|open| &open.facts)
    }

    /// Identities of the target as far as they are known here.
    pub(crate) fn identities(&self) -> Identities {
        self.open.as_ref().map(|open| open.identities).unwrap_or_default()
    }

    /// Records the end and locks `value` up until that is durable. The entry is sealed and queued before this returns;
    /// dropping the future does not take it back.
    ///
    /// If `value` has a position, the entry says so whatever `ending` says; a position that was cleared for another client or
    /// about another subscriber is dropped, and the end is recorded as a failure.
    #[must_use = "the value comes out of the future"]
    pub fn record<T: Releasable>(mut self, ending: Ending, value: T) -> Recording<T> {
        // Always there: only this method and `drop` take it, and each runs once.
        let Some(open) = self.open.take() else { return Recording { state: State::Refused(LogUnavailable::Closed) } };
        let (ending, strays) = match value.position() {
            None => (ending, false),
            Some(cleared) if cleared.belongs_to(&open.facts, &open.identities) => (ending.telling(cleared), false),
            Some(_) => (Ending::failed(Failure::SystemFailure), true),
        };
        let state = match self.submit_by_urgency(open, ending) {
            Ok(_) if strays => State::Refused(LogUnavailable::OtherRequest),
            Ok(receiver) => State::Waiting(receiver, value),
            Err(reason) => State::Refused(reason),
        };
        Recording { state }
    }

    /// Emergency services come first: where others are refused for want of room, they are not yet.
    fn submit_by_urgency(&self, open: Open, ending: Ending) -> Submitted {
        let is_urgent = open.facts.client_type == LcsClientType::Emergency;
        self.submit(open, ending, is_urgent)
    }

    fn submit(&self, open: Open, ending: Ending, urgent: bool) -> Submitted {
        let entry = Entry { facts: open.facts, identities: open.identities, ending };
        self.log.submit(&entry, &self.subject, urgent)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            // Nobody waits for this one; if it is refused, the queue counts it as lost.
            drop(self.submit(open, Ending::new(Outcome::Abandoned), true));
        }
    }
}

enum State<T> {
    Waiting(oneshot::Receiver<Result<u64, LogUnavailable>>, T),
    Refused(LogUnavailable),
    Done,
}

/// The wait for an entry to become durable.
#[must_use = "the value comes out of the future"]
pub struct Recording<T> {
    state: State<T>,
}

// The value is moved, never pinned.
impl<T> Unpin for Recording<T> {}

impl<T> core::fmt::Debug for Recording<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self.state {
            State::Waiting(..) => "Recording(waiting)",
            State::Refused(_) => "Recording(refused)",
            State::Done => "Recording(done)",
        })
    }
}

impl<T> Future for Recording<T> {
    type Output = Result<Recorded<T>, LogUnavailable>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Waiting(receiver, _) = &mut self.state {
            let answer = match Pin::new(receiver).poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(answer) => answer,
            };
            let State::Waiting(_, value) = core::mem::replace(&mut self.state, State::Done) else {
                return Poll::Ready(Err(LogUnavailable::Closed));
            };
            return Poll::Ready(match answer {
                Ok(Ok(index)) => Ok(Recorded { value, receipt: Receipt { index } }),
                Ok(Err(reason)) => Err(reason),
                // The writer is gone, and with it the entry's certainty.
                Err(oneshot::Canceled) => Err(LogUnavailable::Closed),
            });
        }
        match core::mem::replace(&mut self.state, State::Done) {
            State::Refused(reason) => Poll::Ready(Err(reason)),
            // Polled again after its end: there is no value any more.
            State::Waiting(..) | State::Done => Poll::Ready(Err(LogUnavailable::Closed)),
        }
    }
}

/// Where an entry is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Index of the entry, from 0.
    pub index: u64,
}

/// A value whose entry in the disclosure log is durable. Only the log makes one, which is the second law of the house: no
/// answer without a record.
#[derive(Debug)]
#[must_use = "release the value, or nobody gets it"]
pub struct Recorded<T> {
    value: T,
    receipt: Receipt,
}

impl<T> Recorded<T> {
    /// Where the entry is.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        self.receipt
    }
}

impl<T: Releasable> Recorded<T> {
    /// Lets the value go out.
    pub fn release(self) -> T::Released {
        self.value.release(&ReleaseKey::after_record())
    }
}

impl sealed::Sealed for () {
    fn position(&self) -> Option<&Cleared> {
        None
    }
}

/// Where nothing is given, nothing comes out.
impl Releasable for () {
    type Released = ();

    fn release(self, _: &ReleaseKey) {}
}
