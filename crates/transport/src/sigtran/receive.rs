//! What a connection brings: SCCP, TCAP, and what the dialogues make of it.

use core::time::Duration;
use std::sync::Arc;

use ss7::m3ua::Transfer;
use ss7::sccp::{Discard, Indication as Sccp, Notice, PlanIndicator, SccpAddress, Ssn};
use ss7::tcap::{Component, DialogueId, Indication, Output, Refusal};

use super::association::At;
use super::node::Shared;
use super::table::{Job, Open, Peer, Sent, Table, aborted};
use crate::sigtran::{Admission, Incoming, InvokeError, InvokeOutcome};

impl Table {
    /// Takes a message of the network. Invocations for the handler are left in `jobs`.
    pub(crate) fn receive(&mut self, shared: &Shared, transfer: &Transfer, at: At, now: Duration) {
        for indication in self.endpoint.receive(transfer, now) {
            self.sccp(shared, indication, Some((transfer, at)), now);
        }
    }

    /// The deadline passed.
    pub(crate) fn expire(&mut self, shared: &Shared, now: Duration) {
        self.dialogues.expire(now);
        self.settle(shared, now);
        for indication in self.endpoint.expire(now) {
            self.sccp(shared, indication, None, now);
        }
    }

    fn sccp(&mut self, shared: &Shared, indication: Sccp, from: Option<(&Transfer, At)>, now: Duration) {
        match indication {
            Sccp::Unitdata(received) => {
                let peer = Peer {
                    address: received.calling,
                    subsystem: received.called.ssn.unwrap_or(Ssn::UNKNOWN),
                    sequence: from.map_or(0, |(transfer, _)| u32::from(transfer.sls)),
                };
                self.dialogues.accept_begins(self.peer_dialogues < shared.config.limits.max_peer_dialogues);
                self.dialogues.receive(&received.data, &peer, now);
                // What the messages of a peer lead to and cannot be sent is counted.
                self.flush(shared, from.map(|(_, at)| at), now).ok();
            }
            Sccp::Notice(notice) => self.returned(shared, &notice, now),
            Sccp::Transfer(transfer) => {
                if shared.send(transfer, now).is_err() {
                    shared.counters.unsent.one();
                }
            }
            Sccp::Subsystem { point_code, ssn, allowed } => {
                tracing::info!(%point_code, %ssn, allowed, "a subsystem changed");
            }
            Sccp::Discarded(discard) => {
                let counters = &shared.counters;
                match discard {
                    Discard::Malformed(_) => counters.malformed_sccp.one(),
                    Discard::NotForUs(_) => counters.foreign_data.one(),
                    Discard::Undeliverable(_) => counters.undeliverable.one(),
                    Discard::Segment | Discard::ReassemblyTimeout => counters.reassembly_failures.one(),
                    Discard::UnknownReturn(_) | Discard::Management(_) => counters.stray_sccp.one(),
                }
                tracing::debug!(?discard, "SCCP message dropped");
            }
        }
    }

    /// A message of ours came back.
    fn returned(&mut self, shared: &Shared, notice: &Notice, now: Duration) {
        let cause = notice.cause.code();
        let is = |sent: &Option<Sent>| sent.is_some_and(|sent| sent.message == Some(notice.message));
        if let Some(dialogue) = self.ours.iter().find(|(_, ours)| is(&ours.sent)).map(|(id, _)| *id) {
            return self.end_ours(shared, dialogue, Ok(InvokeOutcome::Unreachable { cause }));
        }
        if let Some(dialogue) = self.open.iter().find(|(_, open)| is(&open.sent)).map(|(id, _)| *id) {
            // Known: it is in `open`.
            self.dialogues.end_prearranged(dialogue).ok();
            return self.remove_open(shared, dialogue, &Ok(InvokeOutcome::Unreachable { cause }));
        }
        // Sent before the last message of its dialogue.
        self.returned = Some(cause);
        self.dialogues.returned(&notice.data);
        self.settle(shared, now);
        self.returned = None;
    }

    /// Does what the machine of the dialogues says, and forgets what cannot be sent.
    pub(crate) fn settle(&mut self, shared: &Shared, now: Duration) {
        // Counted where it happened.
        self.flush(shared, None, now).ok();
    }

    /// Does what the machine of the dialogues says. The result is that of the last message it sent.
    pub(crate) fn flush(
        &mut self,
        shared: &Shared,
        from: Option<At>,
        now: Duration,
    ) -> Result<Option<Sent>, InvokeError> {
        let mut result = Ok(None);
        while let Some(output) = self.dialogues.poll() {
            match output {
                Output::Send { to, octets } => result = self.transmit(shared, &to, octets, now).map(Some),
                Output::Indication(indication) => self.indicate(shared, indication, from, now),
            }
        }
        result
    }

    fn indicate(&mut self, shared: &Shared, indication: Indication<Peer>, from: Option<At>, now: Duration) {
        match indication {
            Indication::Outcome { dialogue, outcome } => {
                let Some(ours) = self.ours.remove(&dialogue) else { return };
                let outcome = match outcome {
                    ss7::tcap::Outcome::Aborted(reason) => aborted(reason, self.returned),
                    outcome => outcome.into(),
                };
                let outcome = Ok(outcome);
                shared.count(&outcome);
                // A caller that no longer waits needs no outcome.
                ours.caller.send(outcome).ok();
                shared.changed_if_stopping();
            }
            Indication::Begin { dialogue, from: peer, application_context, user_information, components } => {
                let open = Open {
                    ours: false,
                    peer,
                    application_context,
                    user_information: user_information.into(),
                    unanswered: 0,
                    waiting: Vec::new(),
                    next_invoke_id: 1,
                    sent: from.map(|at| Sent { at, message: None }),
                };
                if self.admit(shared, dialogue, &open, now) {
                    self.peer_dialogues += 1;
                    self.open.insert(dialogue, open);
                    self.components(shared, dialogue, components);
                    self.accept(dialogue, now);
                }
            }
            Indication::Continue { dialogue, from: peer, components } => {
                let Some(open) = self.open.get_mut(&dialogue) else { return };
                open.peer = peer;
                open.sent = from.map(|at| Sent { at, message: None }).or(open.sent);
                let unacceptable = components.iter().any(|one| matches!(one, Component::Unacceptable { .. }));
                self.components(shared, dialogue, components);
                if unacceptable {
                    // The reject goes out with the next message. It fails only where the dialogue is gone.
                    self.dialogues.proceed(dialogue, &[], now).ok();
                }
                self.end_if_done(shared, dialogue);
            }
            Indication::End { dialogue, components } => {
                self.components(shared, dialogue, components);
                self.jobs.retain(|job| job.dialogue != dialogue);
                self.remove_open(shared, dialogue, &Ok(InvokeOutcome::NoAnswer));
            }
            Indication::Aborted { dialogue, reason } => {
                if matches!(reason, ss7::tcap::AbortReason::Expired) {
                    shared.counters.idle_dialogues.one();
                }
                let outcome = Ok(aborted(reason, self.returned));
                self.jobs.retain(|job| job.dialogue != dialogue);
                self.remove_open(shared, dialogue, &outcome);
            }
            Indication::Cancelled { dialogue, invoke_id } => {
                self.tell(shared, dialogue, Some(invoke_id), InvokeOutcome::TimedOut);
                self.end_if_done(shared, dialogue);
            }
        }
    }

    /// Whether a dialogue that a peer began may go on; it is refused otherwise.
    fn admit(&mut self, shared: &Shared, dialogue: DialogueId, open: &Open, now: Duration) -> bool {
        let counters = &shared.counters;
        if !shared.config.admission.admits(&open.peer.address) {
            counters.strangers.one();
            if self.next_warning <= now {
                self.next_warning = now + Duration::from_secs(1);
                let point_code = open.peer.address.point_code;
                let subsystem = open.peer.subsystem;
                let strangers = counters.strangers.get();
                tracing::warn!(?point_code, %subsystem, strangers, "a dialogue of a stranger is refused");
            }
        } else if shared.is_stopping() {
            tracing::debug!("a dialogue is refused: the node stops");
        } else {
            return true;
        }
        if self.dialogues.refuse(dialogue, Refusal::NoReasonGiven, &[]).is_err() {
            // A peer without application contexts has no dialogue portion to be refused in.
            self.dialogues.abort(dialogue, &[]).ok();
        }
        false
    }

    /// The first message of a peer asks for nothing yet, or for nothing acceptable: it waits to hear that it may go on.
    fn accept(&mut self, dialogue: DialogueId, now: Duration) {
        if self.open.get(&dialogue).is_some_and(|open| open.unanswered == 0) {
            // It fails only where the dialogue is gone.
            self.dialogues.proceed(dialogue, &[], now).ok();
        }
    }

    fn components(&mut self, shared: &Shared, dialogue: DialogueId, components: Vec<Component>) {
        for component in components {
            match component {
                Component::Invoke { invoke_id, operation, argument, .. } => {
                    let Some(open) = self.open.get_mut(&dialogue) else { return };
                    open.unanswered += 1;
                    let incoming = Incoming {
                        from: open.peer.address,
                        subsystem: open.peer.subsystem,
                        application_context: open.application_context,
                        user_information: Arc::clone(&open.user_information),
                        operation,
                        argument,
                        within_ours: open.ours,
                    };
                    self.jobs.push(Job { dialogue, invoke_id, incoming });
                }
                Component::ResultLast { invoke_id, result, .. } => {
                    self.tell(shared, dialogue, Some(invoke_id), InvokeOutcome::Result(result));
                }
                Component::Error { invoke_id, code, parameter, .. } => {
                    self.tell(shared, dialogue, Some(invoke_id), InvokeOutcome::Error { code, parameter });
                }
                Component::Rejected { invoke_id, problem, ends_invocation: true } => {
                    self.tell(shared, dialogue, invoke_id, InvokeOutcome::Rejected(problem));
                }
                Component::Unacceptable { invoke_id, problem, ends_invocation: true } => {
                    self.tell(shared, dialogue, invoke_id, InvokeOutcome::Unacceptable(problem));
                }
                Component::Rejected { .. } | Component::Unacceptable { .. } => {}
            }
        }
    }

    fn tell(&mut self, shared: &Shared, dialogue: DialogueId, invoke_id: Option<i8>, outcome: InvokeOutcome) {
        let Some(open) = self.open.get_mut(&dialogue) else { return };
        let Some(at) = open.waiting.iter().position(|(id, _)| Some(*id) == invoke_id) else { return };
        let (_, caller) = open.waiting.swap_remove(at);
        let outcome = Ok(outcome);
        shared.count(&outcome);
        // A caller that no longer waits needs no outcome.
        caller.send(outcome).ok();
    }
}

impl Admission {
    /// Whether this calling party may begin a dialogue.
    fn admits(&self, calling: &SccpAddress) -> bool {
        match (self, calling.title) {
            (Self::Anyone, _) => true,
            (Self::Only { prefixes, .. }, Some(title)) => {
                title.plan() == PlanIndicator::ISDN && prefixes.iter().any(|prefix| title.digits().starts_with(*prefix))
            }
            (Self::Only { point_codes, .. }, None) => {
                calling.point_code.is_some_and(|point_code| point_codes.contains(&point_code))
            }
        }
    }
}
