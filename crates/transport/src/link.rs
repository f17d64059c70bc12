//! The hot path between callers and the task of a peer: the buffer that fills, the requests under way.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;

use diameter::codec::{ApplicationId, CommandCode, CommandFlags, EncodeError, Identifiers, Message};
use diameter::codec::{frame_length, set_hop_by_hop, set_retransmitted};
use diameter::peer::{Full, Transactions};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use crate::RequestError;

/// How the wait for an answer ends.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The answer.
    Answer(Message),
    /// An answer that does not decode.
    BadAnswer,
    /// The connection is gone.
    Lost,
    /// The connection is suspect; the request stays under way there.
    Suspect,
    /// The deadline passed.
    TimedOut,
}

/// A request under way: where its reply goes, unless its caller is looking for another peer.
pub(crate) type Pending = Option<oneshot::Sender<Reply>>;

/// What callers and the task of a peer share.
pub(crate) struct Link {
    inner: Mutex<Inner>,
    /// Wakes the task of the peer: there is something to write.
    pub(crate) wake: Notify,
    /// Whether requests may be sent: open, and the watchdog is content.
    usable: AtomicBool,
    /// There is something to send and no connection.
    wanted: AtomicBool,
    /// Requests under way, readable without the lock.
    outstanding: AtomicUsize,
}

pub(crate) struct Inner {
    open: bool,
    /// Counts connections, so that an answer never goes out on a later one than its request came in on.
    epoch: u64,
    /// A handler wants the connection closed.
    close: bool,
    out: Vec<u8>,
    pub(crate) transactions: Transactions<Pending>,
    woken: bool,
    max_unsent: usize,
    max_message: usize,
}

/// What a request needs besides its encoding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outgoing {
    pub(crate) application: ApplicationId,
    pub(crate) end_to_end: u32,
    pub(crate) retransmitted: bool,
    pub(crate) deadline: Duration,
}

/// Why a request was not put on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotSent {
    /// The connection closed in between.
    Closed,
    /// Too much is under way.
    Overloaded,
    /// It does not encode to one request of this application.
    Malformed,
}

impl From<NotSent> for RequestError {
    fn from(reason: NotSent) -> Self {
        match reason {
            NotSent::Closed => Self::Disconnected,
            NotSent::Overloaded => Self::Overloaded,
            NotSent::Malformed => Self::Malformed,
        }
    }
}

impl Link {
    pub(crate) fn new(max_outstanding: usize, max_unsent: usize, max_message: usize, random: u64) -> Self {
        let inner = Inner {
            open: false,
            epoch: 0,
            close: false,
            out: Vec::new(),
            transactions: Transactions::new(max_outstanding, random),
            woken: false,
            max_unsent,
            max_message,
        };
        Self {
            inner: Mutex::new(inner),
            wake: Notify::new(),
            usable: AtomicBool::new(false),
            wanted: AtomicBool::new(false),
            outstanding: AtomicUsize::new(0),
        }
    }

    /// Requests under way, when the peer may be used.
    pub(crate) fn load(&self) -> Option<usize> {
        self.usable.load(Ordering::Acquire).then(|| self.outstanding())
    }

    pub(crate) fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Relaxed)
    }

    pub(crate) fn is_full(&self) -> bool {
        let inner = self.inner.lock();
        inner.transactions.is_full() || inner.out.len() > inner.max_unsent
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.usable.load(Ordering::Acquire)
    }

    pub(crate) fn set_usable(&self, usable: bool) {
        self.usable.store(usable, Ordering::Release);
    }

    /// Encodes a request at the end of the buffer, enters it, and wakes the task.
    pub(crate) fn send(
        &self,
        outgoing: Outgoing,
        encode: &impl Fn(Identifiers, &mut Vec<u8>) -> Result<usize, EncodeError>,
    ) -> Result<(u32, oneshot::Receiver<Reply>), NotSent> {
        let (reply, receiver) = oneshot::channel();
        let (hop_by_hop, wake) = {
            let mut inner = self.inner.lock();
            let hop_by_hop = inner.enter(outgoing, reply, encode)?;
            self.outstanding.store(inner.transactions.len(), Ordering::Relaxed);
            (hop_by_hop, !core::mem::replace(&mut inner.woken, true))
        };
        if wake {
            self.wake.notify_one();
        }
        Ok((hop_by_hop, receiver))
    }

    /// Tells the task of the peer that there is something to send and no connection to send it on.
    pub(crate) fn want(&self) {
        if !self.is_usable() && !self.wanted.swap(true, Ordering::AcqRel) {
            self.wake.notify_one();
        }
    }

    /// Whether there was something to send since this was last asked.
    pub(crate) fn take_wanted(&self) -> bool {
        self.wanted.swap(false, Ordering::AcqRel)
    }

    /// The present connection, by number.
    pub(crate) fn epoch(&self) -> u64 {
        self.inner.lock().epoch
    }

    /// Appends an encoded message, such as an answer, unless the connection `epoch` is gone.
    pub(crate) fn push(&self, epoch: u64, encode: impl FnOnce(&mut Vec<u8>)) {
        self.change(epoch, |inner| encode(&mut inner.out));
    }

    /// Asks the task of the peer to close the connection `epoch`.
    pub(crate) fn ask_to_close(&self, epoch: u64) {
        self.change(epoch, |inner| inner.close = true);
    }

    fn change(&self, epoch: u64, change: impl FnOnce(&mut Inner)) {
        let wake = {
            let mut inner = self.inner.lock();
            if !inner.open || inner.epoch != epoch {
                return;
            }
            change(&mut inner);
            !core::mem::replace(&mut inner.woken, true)
        };
        if wake {
            self.wake.notify_one();
        }
    }

    /// Begins a connection.
    pub(crate) fn open(&self) {
        let mut inner = self.inner.lock();
        inner.open = true;
        inner.close = false;
        inner.epoch += 1;
    }

    /// Ends the connection and gives back whoever waits for an answer.
    pub(crate) fn close(&self) -> Vec<oneshot::Sender<Reply>> {
        self.set_usable(false);
        self.with(|inner| {
            inner.open = false;
            inner.out = Vec::new();
            inner.transactions.drain().flatten().collect()
        })
    }

    /// Whether a handler wants the connection closed.
    pub(crate) fn is_to_close(&self) -> bool {
        self.inner.lock().close
    }

    /// Waits again for a request whose caller found no other peer. Nothing when it has ended meanwhile.
    pub(crate) fn wait_again(&self, hop_by_hop: u32) -> Option<oneshot::Receiver<Reply>> {
        let (reply, receiver) = oneshot::channel();
        *self.inner.lock().transactions.get_mut(hop_by_hop)? = Some(reply);
        Some(receiver)
    }

    /// Forgets a request whose caller no longer waits.
    pub(crate) fn forget(&self, hop_by_hop: u32) {
        let mut inner = self.inner.lock();
        inner.transactions.cancel(hop_by_hop);
        self.outstanding.store(inner.transactions.len(), Ordering::Relaxed);
    }

    /// Runs `work` under the lock; for the task of the peer.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.inner.lock();
        let result = work(&mut inner);
        self.outstanding.store(inner.transactions.len(), Ordering::Relaxed);
        result
    }

    /// Moves what waits to be written behind `writing`; later pushes wake the task anew.
    pub(crate) fn take_out(&self, writing: &mut Vec<u8>) {
        let mut inner = self.inner.lock();
        inner.woken = false;
        if writing.is_empty() {
            core::mem::swap(&mut inner.out, writing);
        } else {
            writing.append(&mut inner.out);
        }
    }
}

impl Inner {
    fn enter(
        &mut self,
        outgoing: Outgoing,
        reply: oneshot::Sender<Reply>,
        encode: &impl Fn(Identifiers, &mut Vec<u8>) -> Result<usize, EncodeError>,
    ) -> Result<u32, NotSent> {
        if !self.open {
            return Err(NotSent::Closed);
        }
        if self.transactions.is_full() || self.out.len() > self.max_unsent {
            return Err(NotSent::Overloaded);
        }
        let start = self.out.len();
        let entered = self.encode(outgoing, start, encode).and_then(|command| {
            let Outgoing { application, deadline, .. } = outgoing;
            self.transactions.insert(command, application, deadline, Some(reply)).map_err(|Full| NotSent::Overloaded)
        });
        match (entered, self.out.get_mut(start..)) {
            (Ok(hop_by_hop), Some(message)) => {
                set_hop_by_hop(message, hop_by_hop);
                if outgoing.retransmitted {
                    set_retransmitted(message);
                }
            }
            _ => self.out.truncate(start),
        }
        entered
    }

    /// Encodes and checks that exactly one request of the application came out.
    fn encode(
        &mut self,
        outgoing: Outgoing,
        start: usize,
        encode: &impl Fn(Identifiers, &mut Vec<u8>) -> Result<usize, EncodeError>,
    ) -> Result<CommandCode, NotSent> {
        let ids = Identifiers { hop_by_hop: 0, end_to_end: outgoing.end_to_end };
        encode(ids, &mut self.out).map_err(|_| NotSent::Malformed)?;
        let message = self.out.get(start..).ok_or(NotSent::Malformed)?;
        let head = message.first_chunk().ok_or(NotSent::Malformed)?;
        let header = diameter::codec::Header::decode(head);
        let prefix = message.first_chunk().ok_or(NotSent::Malformed)?;
        let whole = frame_length(*prefix, self.max_message).is_ok_and(|length| length == message.len());
        let sound = whole
            && header.flags.contains(CommandFlags::REQUEST)
            && header.application == outgoing.application
            && header.ids.end_to_end == outgoing.end_to_end;
        if sound { Ok(header.command) } else { Err(NotSent::Malformed) }
    }
}
