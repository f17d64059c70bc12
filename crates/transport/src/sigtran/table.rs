//! The dialogues of a node, its SCCP, and who waits for what: one table behind one lock, held for one message at a time.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use ss7::sccp::{Endpoint, MessageId, Routing, SccpAddress, SendError, Ssn, Unitdata};
use ss7::tcap::{AbortReason, ApplicationContext, DialogueId, Dialogues, Problem, Refusal, Request, TcapFault};
use tokio::sync::oneshot;

use super::association::At;
use super::node::Shared;
use crate::sigtran::{Answer, Incoming, Invoke, InvokeError, InvokeOutcome};

/// Where the outcome of an invocation goes.
pub(crate) type Caller = oneshot::Sender<Result<InvokeOutcome, InvokeError>>;
pub(crate) type Outcome = oneshot::Receiver<Result<InvokeOutcome, InvokeError>>;

/// The other end of a dialogue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) address: SccpAddress,
    /// Which of our subsystems talks to it.
    pub(crate) subsystem: Ssn,
    /// Its messages keep their order under this number.
    pub(crate) sequence: u32,
}

impl PartialEq for Peer {
    fn eq(&self, other: &Self) -> bool {
        // The sequence says how messages travel, not to whom.
        self.address == other.address && self.subsystem == other.subsystem
    }
}
impl Eq for Peer {}

/// A dialogue with one invocation of ours and nothing else.
pub(crate) struct Ours {
    pub(crate) caller: Caller,
    pub(crate) sent: Option<Sent>,
}

/// Any other dialogue.
pub(crate) struct Open {
    pub(crate) ours: bool,
    pub(crate) peer: Peer,
    pub(crate) application_context: Option<ApplicationContext>,
    pub(crate) user_information: Arc<[u8]>,
    /// Invocations of the peer that the handler has not answered.
    pub(crate) unanswered: usize,
    /// Invocations of ours under way.
    pub(crate) waiting: Vec<(i8, Caller)>,
    pub(crate) next_invoke_id: i8,
    /// Where its last message came or went.
    pub(crate) sent: Option<Sent>,
}

/// How a message left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) at: At,
    /// Its name in case that it comes back.
    pub(crate) message: Option<MessageId>,
}

/// An invocation of a peer for the handler.
pub(crate) struct Job {
    pub(crate) dialogue: DialogueId,
    pub(crate) invoke_id: i8,
    pub(crate) incoming: Incoming,
}

/// The table.
pub(crate) struct Table {
    pub(crate) endpoint: Endpoint,
    pub(crate) dialogues: Dialogues<Peer>,
    pub(crate) ours: HashMap<DialogueId, Ours>,
    pub(crate) open: HashMap<DialogueId, Open>,
    /// Dialogues in `open` that peers began.
    pub(crate) peer_dialogues: usize,
    sequence: u32,
    /// The return cause of the message that is being given back to its dialogue.
    pub(crate) returned: Option<u8>,
    /// Invocations of peers for the handler, until the lock is released.
    pub(crate) jobs: Vec<Job>,
    /// When the next stranger is worth a line in the log.
    pub(crate) next_warning: Duration,
}

impl Table {
    pub(crate) fn new(endpoint: Endpoint, dialogues: Dialogues<Peer>) -> Self {
        Self {
            endpoint,
            dialogues,
            ours: HashMap::new(),
            open: HashMap::new(),
            peer_dialogues: 0,
            sequence: 0,
            returned: None,
            jobs: Vec::new(),
            next_warning: Duration::ZERO,
        }
    }

    /// Dialogues that this node began.
    pub(crate) fn own_dialogues(&self) -> usize {
        self.ours.len() + self.open.len() - self.peer_dialogues
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.ours.is_empty() && self.open.is_empty()
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        match (self.dialogues.deadline(), self.endpoint.deadline()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Begins a dialogue with one invocation. Nothing is left of it when it cannot be sent.
    pub(crate) fn begin(
        &mut self,
        shared: &Shared,
        call: &Invoke,
        now: Duration,
    ) -> Result<(DialogueId, Outcome), InvokeError> {
        if self.own_dialogues() >= shared.config.limits.max_dialogues {
            return Err(InvokeError::Overloaded);
        }
        self.sequence = self.sequence.wrapping_add(1);
        let subsystem = call.from.or(shared.config.subsystems.first().copied()).unwrap_or(Ssn::UNKNOWN);
        let peer = Peer { address: call.to, subsystem, sequence: self.sequence };
        let (caller, outcome) = oneshot::channel();
        let dialogue = match call.application_context {
            Some(context) if !call.serve => {
                self.dialogues.invoke(peer, context, call.operation, &call.argument, call.timeout, now)?
            }
            context => {
                let request = request(1, call.operation, &call.argument, call.timeout);
                self.dialogues.begin(peer, context, &[request], now)?
            }
        };
        let sent = match self.flush(shared, None, now) {
            Ok(sent) => sent,
            Err(error) => {
                // It is there: it was begun just now.
                self.dialogues.end_prearranged(dialogue).ok();
                return Err(error);
            }
        };
        if call.application_context.is_some() && !call.serve {
            self.ours.insert(dialogue, Ours { caller, sent });
        } else {
            let open = Open {
                ours: true,
                peer,
                application_context: call.application_context,
                user_information: Arc::default(),
                unanswered: 0,
                waiting: vec![(1, caller)],
                next_invoke_id: 2,
                sent,
            };
            self.open.insert(dialogue, open);
        }
        shared.counters.invokes_sent.one();
        Ok((dialogue, outcome))
    }

    /// A further invocation in a dialogue.
    pub(crate) fn invoke_within(
        &mut self,
        shared: &Shared,
        dialogue: DialogueId,
        operation: i64,
        argument: &[u8],
        timeout: Duration,
        now: Duration,
    ) -> Result<(i8, Outcome), InvokeError> {
        let open = self.open.get_mut(&dialogue).ok_or(InvokeError::Ended)?;
        let invoke_id = open.next_invoke_id;
        self.dialogues.proceed(dialogue, &[request(invoke_id, operation, argument, timeout)], now)?;
        let (caller, outcome) = oneshot::channel();
        open.next_invoke_id = invoke_id.checked_add(1).unwrap_or(1);
        open.waiting.push((invoke_id, caller));
        let sent = self.flush(shared, None, now);
        let open = self.open.get_mut(&dialogue).ok_or(InvokeError::Ended)?;
        match sent {
            Ok(sent) => open.sent = sent.or(open.sent),
            Err(error) => {
                // The machine gives it up when its time is over; nobody waits for it then.
                open.waiting.retain(|(id, _)| *id != invoke_id);
                return Err(error);
            }
        }
        shared.counters.invokes_sent.one();
        Ok((invoke_id, outcome))
    }

    /// Sends a message of a dialogue; what cannot be sent is counted.
    pub(crate) fn transmit(
        &mut self,
        shared: &Shared,
        to: &Peer,
        octets: Vec<u8>,
        now: Duration,
    ) -> Result<Sent, InvokeError> {
        // Begin and Continue (ITU-T Q.773 table 8): somebody waits for what follows.
        let return_on_error = matches!(octets.first(), Some(0x62 | 0x65));
        let unitdata = Unitdata {
            called: to.address,
            calling: shared.own_address(to),
            sequence: Some(to.sequence),
            return_on_error,
            data: Bytes::from(octets),
        };
        let sent = self.endpoint.send(&unitdata, now).map_err(|error| match error {
            SendError::TooLong { .. } => InvokeError::TooLong,
            SendError::Encode(_) | SendError::Empty => InvokeError::Malformed("SCCP takes no such message"),
            SendError::Translation(_) | SendError::Incomplete => InvokeError::NoRoute,
        });
        let result = sent.and_then(|sent| {
            let mut at = Err(InvokeError::NotActive);
            for transfer in sent.transfers {
                at = Ok(shared.send(transfer, now)?);
            }
            at.map(|at| Sent { at, message: Some(sent.message) })
        });
        if let Err(error) = result {
            shared.counters.unsent.one();
            tracing::debug!(%error, "a message of a dialogue was not sent");
        }
        result
    }

    /// Answers an invocation of a peer; into nothing when its dialogue has ended.
    pub(crate) fn answer(
        &mut self,
        shared: &Shared,
        dialogue: DialogueId,
        invoke_id: i8,
        answer: &Answer,
        now: Duration,
    ) {
        let Some(open) = self.open.get_mut(&dialogue) else { return };
        open.unanswered = open.unanswered.saturating_sub(1);
        let last = !open.ours && open.unanswered == 0 && open.waiting.is_empty();
        let request = match answer {
            Answer::Result(result) => Request::ResultLast { invoke_id, result },
            Answer::Error { code, parameter } => Request::Error { invoke_id, code: *code, parameter },
            Answer::Reject(problem) => Request::Reject { invoke_id, problem: Problem::Invoke(*problem) },
            Answer::ContextNotSupported { alternative } => {
                return self.refuse(shared, dialogue, *alternative, now);
            }
            Answer::Abort(information) => return self.abort(shared, dialogue, information, now),
            Answer::Silence => {
                // Known: it is in `open`.
                self.dialogues.end_prearranged(dialogue).ok();
                return self.remove_open(shared, dialogue, &Err(InvokeError::Ended));
            }
        };
        let told = if last {
            self.dialogues.end(dialogue, &[request])
        } else {
            self.dialogues.proceed(dialogue, &[request], now)
        };
        match told {
            Ok(()) if last => self.remove_open(shared, dialogue, &Err(InvokeError::Ended)),
            Ok(()) => self.end_if_done(shared, dialogue),
            Err(fault) => {
                tracing::warn!(%fault, "the answer of the handler does not encode; the dialogue is aborted");
                return self.abort(shared, dialogue, &[], now);
            }
        }
        self.settle(shared, now);
    }

    fn refuse(
        &mut self,
        shared: &Shared,
        dialogue: DialogueId,
        alternative: Option<ApplicationContext>,
        now: Duration,
    ) {
        let refusal = Refusal::ContextNotSupported { alternative };
        if self.dialogues.refuse(dialogue, refusal, &[]).is_err() {
            return self.abort(shared, dialogue, &[], now);
        }
        self.remove_open(shared, dialogue, &Err(InvokeError::Ended));
        self.settle(shared, now);
    }

    /// Aborts a dialogue of `open`.
    pub(crate) fn abort(&mut self, shared: &Shared, dialogue: DialogueId, information: &[u8], now: Duration) {
        if self.dialogues.abort(dialogue, information).is_err() {
            // What the handler gave is no user information; without it there is nothing to refuse.
            self.dialogues.abort(dialogue, &[]).ok();
        }
        self.remove_open(shared, dialogue, &Err(InvokeError::Ended));
        self.settle(shared, now);
    }

    /// Ends a dialogue of ours in which nothing is under way any more.
    pub(crate) fn end_if_done(&mut self, shared: &Shared, dialogue: DialogueId) {
        let done = |open: &Open| open.ours && open.waiting.is_empty() && open.unanswered == 0;
        if self.open.get(&dialogue).is_some_and(done) {
            if self.dialogues.end(dialogue, &[]).is_err() {
                // Not answered yet, so that there is nothing to end.
                self.dialogues.end_prearranged(dialogue).ok();
            }
            self.remove_open(shared, dialogue, &Err(InvokeError::Ended));
        }
    }

    /// Forgets a dialogue; whoever waits in it is told.
    pub(crate) fn remove_open(
        &mut self,
        shared: &Shared,
        dialogue: DialogueId,
        outcome: &Result<InvokeOutcome, InvokeError>,
    ) {
        let Some(open) = self.open.remove(&dialogue) else { return };
        self.peer_dialogues -= usize::from(!open.ours);
        for (_, caller) in open.waiting {
            shared.count(outcome);
            // A caller that no longer waits needs no outcome.
            caller.send(outcome.clone()).ok();
        }
        shared.changed_if_stopping();
    }

    /// The caller of an invocation no longer waits.
    pub(crate) fn forget(&mut self, shared: &Shared, dialogue: DialogueId, invoke_id: Option<i8>, now: Duration) {
        if self.ours.remove(&dialogue).is_some() {
            // A peer that has answered already is told.
            self.dialogues.abort(dialogue, &[]).ok();
            shared.changed_if_stopping();
        } else if let Some(open) = self.open.get_mut(&dialogue) {
            open.waiting.retain(|(id, _)| Some(*id) != invoke_id);
            if open.ours && open.waiting.is_empty() {
                return self.abort(shared, dialogue, &[], now);
            }
        }
        self.settle(shared, now);
    }

    /// A connection carries no traffic any more: who waits for something that was sent on it waits in vain.
    pub(crate) fn lost(&mut self, shared: &Shared, at: At, now: Duration) {
        let here = |sent: &Option<Sent>| sent.is_some_and(|sent| sent.at == at);
        let lost: Vec<_> = self.ours.iter().filter(|(_, ours)| here(&ours.sent)).map(|(id, _)| *id).collect();
        for dialogue in lost {
            self.end_ours(shared, dialogue, Err(InvokeError::Lost));
        }
        let mut ended = Vec::new();
        for (dialogue, open) in self.open.iter_mut().filter(|(_, open)| here(&open.sent)) {
            for (_, caller) in open.waiting.drain(..) {
                shared.counters.lost.one();
                // A caller that no longer waits needs no outcome.
                caller.send(Err(InvokeError::Lost)).ok();
            }
            if open.ours {
                ended.push(*dialogue);
            }
        }
        for dialogue in ended {
            self.abort(shared, dialogue, &[], now);
        }
        self.settle(shared, now);
    }

    /// Ends a dialogue of `ours` without a word to the peer.
    pub(crate) fn end_ours(
        &mut self,
        shared: &Shared,
        dialogue: DialogueId,
        outcome: Result<InvokeOutcome, InvokeError>,
    ) {
        let Some(ours) = self.ours.remove(&dialogue) else { return };
        // Known: it was in `ours`.
        self.dialogues.end_prearranged(dialogue).ok();
        shared.count(&outcome);
        // A caller that no longer waits needs no outcome.
        ours.caller.send(outcome).ok();
        shared.changed_if_stopping();
    }

    /// Ends everything: the node stops.
    pub(crate) fn end_all(&mut self, shared: &Shared, now: Duration) {
        let ours: Vec<_> = self.ours.keys().copied().collect();
        for dialogue in ours {
            if let Some(ours) = self.ours.remove(&dialogue) {
                self.dialogues.abort(dialogue, &[]).ok();
                ours.caller.send(Err(InvokeError::Stopping)).ok();
            }
        }
        let open: Vec<_> = self.open.keys().copied().collect();
        for dialogue in open {
            self.dialogues.abort(dialogue, &[]).ok();
            self.remove_open(shared, dialogue, &Err(InvokeError::Stopping));
        }
        self.settle(shared, now);
    }
}

fn request(invoke_id: i8, operation: i64, argument: &[u8], timeout: Duration) -> Request<'_> {
    Request::Invoke { invoke_id, linked_id: None, operation, argument, timeout }
}

impl From<TcapFault> for InvokeError {
    fn from(fault: TcapFault) -> Self {
        match fault {
            TcapFault::Full | TcapFault::TooManyComponents => Self::Overloaded,
            TcapFault::UnknownDialogue | TcapFault::WrongState => Self::Ended,
            TcapFault::TooLong { .. } => Self::TooLong,
            TcapFault::NotOneElement => Self::Malformed("the argument is not one BER element"),
            TcapFault::InvokeIdInUse(_) | TcapFault::UnknownInvokeId(_) | TcapFault::MisplacedComponent => {
                Self::Malformed("the dialogue does not take it")
            }
        }
    }
}

/// What an abort means for those who wait in the dialogue.
pub(crate) fn aborted(reason: AbortReason, returned: Option<u8>) -> InvokeOutcome {
    returned.map_or_else(|| InvokeOutcome::from(reason), |cause| InvokeOutcome::Unreachable { cause })
}

/// By which address we are to be answered: as the peer is addressed.
impl Shared {
    pub(crate) fn own_address(&self, to: &Peer) -> SccpAddress {
        match to.address.routing {
            Routing::GlobalTitle => SccpAddress::by_title(self.title, to.subsystem),
            Routing::Ssn => SccpAddress::by_ssn(self.config.point_code, to.subsystem),
        }
    }
}
