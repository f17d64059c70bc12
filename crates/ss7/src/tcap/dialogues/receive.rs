//! Messages of peers (ITU-T Q.774 clauses 3.2.1.2, 3.2.2, 3.2.3, 3.3.3 and 3.3.4).

use core::time::Duration;

use tcap::AssociateSourceDiagnostic;

use super::super::codec::{self, Control, Decoded, Kind, Message, PeerTransactionId, Portion};
use super::super::codes::ProviderAbortCause;
use super::super::context::ApplicationContext;
use super::super::indication::{AbortReason, DialogueId, Indication, Output};
use super::super::limits::FirstAnswer;
use super::super::state::{Action, Event, State, transition};
use super::Dialogues;
use super::dialogue::Dialogue;

impl<A: Clone + Eq> Dialogues<A> {
    pub(super) fn take(&mut self, octets: &[u8], from: &A, now: Duration) {
        if octets.len() > self.limits.message_octets {
            self.counters.discarded += 1;
            return;
        }
        match codec::decode(octets) {
            Decoded::Unidirectional => self.counters.unidirectional += 1,
            Decoded::Damaged { kind, otid, dtid, cause } => self.take_damaged((kind, otid, dtid), cause, from),
            Decoded::Message(message) => match message.kind {
                Kind::Begin => self.take_begin(message, from, now),
                Kind::Continue | Kind::End | Kind::Abort => self.take_of_dialogue(message, from, now),
            },
        }
    }

    /// The dialogue that a message with these identifiers from this address belongs to, if that is to be believed.
    fn believed(&self, dtid: Option<u32>, otid: Option<PeerTransactionId>, from: &A) -> Option<(u32, State)> {
        let identifier = dtid?;
        let dialogue = self.table.get(&identifier)?;
        let believed = match dialogue.state {
            State::InitSent => self.limits.first_answer == FirstAnswer::FromAnyAddress || dialogue.peer == *from,
            State::Active => dialogue.peer == *from && (otid.is_none() || otid == dialogue.peer_id),
            State::InitReceived | State::Idle => false,
        };
        believed.then_some((identifier, dialogue.state))
    }

    /// Q.774 clause 3.3.4: an Abort to whoever can be told, and the end of the dialogue if it is one.
    fn take_damaged(
        &mut self,
        (kind, otid, dtid): (Option<Kind>, Option<PeerTransactionId>, Option<u32>),
        cause: ProviderAbortCause,
        from: &A,
    ) {
        let found = if kind == Some(Kind::Begin) { None } else { self.believed(dtid, otid, from) };
        let answerable = matches!(kind, None | Some(Kind::Begin | Kind::Continue));
        match otid.filter(|_| answerable) {
            Some(otid) => self.provider_abort(otid, cause, from),
            None => self.counters.discarded += 1,
        }
        if let Some((identifier, state)) = found
            && transition(state, Event::Malformed).is_some()
        {
            self.abort_indication(identifier, AbortReason::Malformed(cause));
        }
    }

    fn take_begin(&mut self, message: Message, from: &A, now: Duration) {
        let Some(otid) = message.otid else { return };
        if message.components.len() > self.limits.components {
            self.provider_abort(otid, ProviderAbortCause::ResourceLimitation, from);
            return;
        }
        let (context, user_information) = match message.portion {
            Portion::Absent => (None, Vec::new()),
            Portion::Request { context, user_information } => (Some(context), user_information),
            Portion::OtherVersion { context } => {
                let diagnostic = AssociateSourceDiagnostic::PROVIDER_NO_COMMON_DIALOGUE_PORTION;
                self.answer_abort(otid, Control::Reject(&context, diagnostic, &[]), from);
                return;
            }
            _ => {
                self.answer_abort(otid, Control::AbortByProvider, from);
                return;
            }
        };
        if self.is_full() || self.refuses_begins {
            self.counters.refused_full += 1;
            self.provider_abort(otid, ProviderAbortCause::ResourceLimitation, from);
            return;
        }
        let Some((_, state)) = transition(State::Idle, Event::Begin) else { return };
        let mut dialogue = Dialogue::new(state, from.clone(), context, &self.limits, now);
        dialogue.peer_id = Some(otid);
        let components = dialogue.take(message.components, message.faulty, &self.limits);
        let identifier = self.identifiers.draw(|identifier| self.table.contains_key(&identifier));
        self.enter(identifier, dialogue);
        self.outputs.push_back(Output::Indication(Indication::Begin {
            dialogue: DialogueId(identifier),
            from: from.clone(),
            application_context: context,
            user_information,
            components,
        }));
    }

    fn take_of_dialogue(&mut self, message: Message, from: &A, now: Duration) {
        let event = match message.kind {
            Kind::Continue => Event::Continue,
            Kind::End => Event::End,
            Kind::Begin | Kind::Abort => Event::Abort,
        };
        let found = self.believed(message.dtid, message.otid, from);
        let Some((identifier, (actions, next))) =
            found.and_then(|(identifier, state)| Some((identifier, transition(state, event)?)))
        else {
            self.counters.strays += 1;
            if let (Kind::Continue, Some(otid)) = (message.kind, message.otid) {
                self.provider_abort(otid, ProviderAbortCause::UnrecognizedTransactionId, from);
            }
            return;
        };
        if event == Event::Abort {
            let Some(dialogue) = self.table.get(&identifier) else { return };
            let reason = abort_reason(message.portion, message.cause, dialogue.state, dialogue.context);
            self.abort_indication(identifier, reason);
        } else if let Some(reason) = self.fault_of(identifier, &message) {
            // The state table has the same row for every fault: Malformed.
            match (message.otid, &reason) {
                (Some(otid), AbortReason::Malformed(cause)) => self.provider_abort(otid, *cause, from),
                (Some(otid), _) => self.answer_abort(otid, Control::AbortByProvider, from),
                (None, _) => {}
            }
            self.abort_indication(identifier, reason);
        } else if next == State::Idle {
            self.take_end(identifier, message);
        } else {
            let peer = actions.contains(&Action::FixPeer).then_some(from);
            self.take_continue(identifier, message, peer, now);
        }
    }

    /// What is wrong with the dialogue portion of a Continue or End (Q.774 clause 3.2.2.1), or with its size.
    fn fault_of(&self, identifier: u32, message: &Message) -> Option<AbortReason> {
        let dialogue = self.table.get(&identifier)?;
        let awaited = dialogue.context.filter(|_| dialogue.state == State::InitSent);
        let regular = match (&message.portion, awaited) {
            (Portion::Absent, None) => true,
            (Portion::Accepted { context }, Some(proposed)) => *context == proposed,
            _ => false,
        };
        if !regular {
            Some(AbortReason::AbnormalDialogue)
        } else if message.components.len() > self.limits.components {
            Some(AbortReason::Malformed(ProviderAbortCause::ResourceLimitation))
        } else {
            None
        }
    }

    fn take_end(&mut self, identifier: u32, message: Message) {
        let Some(mut dialogue) = self.forget(identifier) else { return };
        let components = dialogue.take(message.components, message.faulty, &self.limits);
        if dialogue.single {
            self.outcome(identifier, super::single::outcome_of_end(components));
        } else {
            let dialogue = DialogueId(identifier);
            self.outputs.push_back(Output::Indication(Indication::End { dialogue, components }));
        }
    }

    fn take_continue(&mut self, identifier: u32, message: Message, new_peer: Option<&A>, now: Duration) {
        let Some(dialogue) = self.table.get_mut(&identifier) else { return };
        dialogue.state = State::Active;
        if let Some(from) = new_peer {
            dialogue.peer = from.clone();
            dialogue.peer_id = message.otid;
        }
        dialogue.stir(&self.limits, now);
        let components = dialogue.take(message.components, message.faulty, &self.limits);
        if dialogue.single {
            self.take_single(identifier, components, now);
        } else {
            let from = dialogue.peer.clone();
            let dialogue = DialogueId(identifier);
            self.outputs.push_back(Output::Indication(Indication::Continue { dialogue, from, components }));
        }
        self.timers.schedule(&mut self.table, identifier);
    }

    /// SCCP gave a message of ours back.
    pub(super) fn take_returned(&mut self, octets: &[u8]) {
        let Decoded::Message(message) = codec::decode(octets) else { return };
        let Some(identifier) = message.otid.and_then(PeerTransactionId::as_local) else { return };
        let state = self.table.get(&identifier).map_or(State::Idle, |dialogue| dialogue.state);
        if transition(state, Event::Returned).is_some() {
            self.abort_indication(identifier, AbortReason::Undeliverable);
        }
    }

    fn provider_abort(&mut self, otid: PeerTransactionId, cause: ProviderAbortCause, to: &A) {
        if let Ok(octets) = codec::provider_abort(otid, cause) {
            self.outputs.push_back(Output::Send { to: to.clone(), octets });
        }
    }

    fn answer_abort(&mut self, otid: PeerTransactionId, control: Control<'_>, to: &A) {
        if let Ok(octets) = codec::abort(otid, Some(control)) {
            self.outputs.push_back(Output::Send { to: to.clone(), octets });
        }
    }
}

/// What an Abort says. An AARE counts only as the first answer to an AARQ.
fn abort_reason(
    portion: Portion,
    cause: Option<ProviderAbortCause>,
    state: State,
    context: Option<ApplicationContext>,
) -> AbortReason {
    if let Some(cause) = cause {
        return AbortReason::Provider(cause);
    }
    match (portion, context.filter(|_| state == State::InitSent)) {
        (Portion::Absent, _) => AbortReason::User(Vec::new()),
        (Portion::Foreign(user_information) | Portion::Abort { by_user: true, user_information }, _) => {
            AbortReason::User(user_information)
        }
        (Portion::Abort { by_user: false, .. }, _) => AbortReason::DialogueProvider,
        (Portion::Rejected { context, diagnostic, user_information }, Some(proposed)) => match diagnostic {
            AssociateSourceDiagnostic::USER_APPLICATION_CONTEXT_NAME_NOT_SUPPORTED => {
                let alternative = (context != proposed).then_some(context);
                AbortReason::ContextNotSupported { alternative, user_information }
            }
            AssociateSourceDiagnostic::PROVIDER_NO_COMMON_DIALOGUE_PORTION => AbortReason::NoCommonDialoguePortion,
            _ => AbortReason::Refused { user_information },
        },
        _ => AbortReason::AbnormalDialogue,
    }
}
