//! One dialogue: its transaction, its invocations in both directions, its Rejects to be sent.

use core::time::Duration;

use tcap::Reject;

use super::super::codec::{self, Control, PeerTransactionId};
use super::super::context::ApplicationContext;
use super::super::fault::TcapFault;
use super::super::indication::Output;
use super::super::limits::TcapLimits;
use super::super::state::State;

/// An invocation of ours that waits for its outcome (Q.774 clause 3.2.1.1, operation class 1).
pub(super) struct Invocation {
    pub(super) invoke_id: i8,
    pub(super) operation: i64,
    pub(super) deadline: Duration,
    /// Segments of the result that came so far.
    pub(super) segments: Vec<u8>,
}

/// An invocation of the peer that was not answered yet.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) invoke_id: i8,
    pub(super) operation: i64,
}

/// A dialogue under way.
pub(super) struct Dialogue<A> {
    pub(super) state: State,
    /// Whether it was begun by `invoke`: it serves that one operation and tells only its outcome.
    pub(super) single: bool,
    pub(super) peer: A,
    /// What the peer calls the transaction; unknown while InitSent.
    pub(super) peer_id: Option<PeerTransactionId>,
    /// Present where the dialogue portion is used.
    pub(super) context: Option<ApplicationContext>,
    pub(super) invocations: Vec<Invocation>,
    pub(super) asked: Vec<Asked>,
    /// Rejects that go out with the next message.
    pub(super) rejects: Vec<Reject>,
    /// When the whole dialogue is over, whatever happens.
    pub(super) ends_at: Duration,
    /// When it is over if nothing happens.
    pub(super) idle_at: Duration,
    /// The entry of the timer queue that counts for this dialogue.
    pub(super) scheduled: Duration,
}

impl<A> Dialogue<A> {
    pub(super) fn new(
        state: State,
        peer: A,
        context: Option<ApplicationContext>,
        limits: &TcapLimits,
        now: Duration,
    ) -> Self {
        let mut dialogue = Self {
            state,
            single: false,
            peer,
            peer_id: None,
            context,
            invocations: Vec::new(),
            asked: Vec::new(),
            rejects: Vec::new(),
            ends_at: now.saturating_add(limits.lifetime),
            idle_at: Duration::ZERO,
            scheduled: Duration::MAX,
        };
        dialogue.stir(limits, now);
        dialogue
    }

    /// Something went out or came in.
    pub(super) fn stir(&mut self, limits: &TcapLimits, now: Duration) {
        self.idle_at = now.saturating_add(limits.idle_timeout);
    }

    /// When the dialogue is over, as it stands: an invocation that waits keeps it from being idle.
    pub(super) fn expires_at(&self) -> Duration {
        let longest = self.invocations.iter().map(|invocation| invocation.deadline).max().unwrap_or_default();
        self.ends_at.min(self.idle_at.max(longest))
    }

    /// When something has to be done for it.
    pub(super) fn due(&self) -> Duration {
        let next = self.invocations.iter().map(|invocation| invocation.deadline).min();
        self.expires_at().min(next.unwrap_or(Duration::MAX))
    }

    pub(super) fn invocation(&self, invoke_id: i8) -> Option<usize> {
        self.invocations.iter().position(|invocation| invocation.invoke_id == invoke_id)
    }

    /// Takes out an invocation of ours: it is over.
    pub(super) fn finish(&mut self, invoke_id: i8) -> Option<Invocation> {
        self.invocation(invoke_id).map(|at| self.invocations.swap_remove(at))
    }

    pub(super) fn has_asked(&self, invoke_id: i8) -> bool {
        self.asked.iter().any(|asked| asked.invoke_id == invoke_id)
    }

    /// What an Abort by the TC-user says: an ABRT where the dialogue portion is used, else only the user information.
    pub(super) const fn abort_control<'a>(&self, user_information: &'a [u8]) -> Control<'a> {
        match self.context {
            Some(_) => Control::AbortByUser(user_information),
            None => Control::Foreign(user_information),
        }
    }
}

impl<A: Clone> Dialogue<A> {
    /// The Abort to the peer, once something came from it.
    pub(super) fn abort(&self, control: Control<'_>) -> Result<Output<A>, TcapFault> {
        let peer_id = self.peer_id.ok_or(TcapFault::WrongState)?;
        Ok(Output::Send { to: self.peer.clone(), octets: codec::abort(peer_id, Some(control))? })
    }
}
