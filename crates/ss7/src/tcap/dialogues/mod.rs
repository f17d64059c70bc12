//! The dialogues of one local subsystem.

mod components;
mod dialogue;
mod identifiers;
mod receive;
mod request;
mod single;
mod timers;

use core::time::Duration;
use std::collections::VecDeque;

use tcap::AssociateSourceDiagnostic;

use super::codec::{self, Control};
use super::component::Request;
use super::context::ApplicationContext;
use super::fault::TcapFault;
use super::indication::{AbortReason, DialogueId, Indication, Outcome, Output, Refusal};
use super::limits::TcapLimits;
use super::state::{Action, Event, State, transition};
use dialogue::Dialogue;
use identifiers::{ByIdentifier, Identifiers};
use request::Within;
use timers::Timers;

/// What was received and led to nothing, since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Messages dropped: unreadable with no one to tell, or longer than allowed.
    pub discarded: u64,
    /// Messages for a transaction that is not under way, or not with the address they came from.
    pub strays: u64,
    /// Begins refused because the table is full, or [`Dialogues::accept_begins`] says so.
    pub refused_full: u64,
    /// Unidirectional messages, which no operation here uses.
    pub unidirectional: u64,
}

/// The dialogues of one local subsystem, with peers at addresses of type `A`.
///
/// Times are durations since any moment that the caller chose once. After every call take everything out of
/// [`Self::poll`], in order.
///
/// ```
/// # use core::time::Duration;
/// use ss7::tcap::{ApplicationContext, Component, Dialogues, Indication, Outcome, Output, Request, TcapLimits};
///
/// let (here, there) = ("1234567890", "1987654321");
/// let mut gmlc = Dialogues::new(TcapLimits::default(), 0x5eed);
/// let mut hlr = Dialogues::new(TcapLimits::default(), 0xfeed);
/// let now = Duration::ZERO;
///
/// let (context, operation, argument) = (ApplicationContext::map(37, 3), 85, [0x30, 0x00]);
/// let asked = gmlc.invoke(there, context, operation, &argument, Duration::from_secs(10), now)?;
/// let Some(Output::Send { octets, .. }) = gmlc.poll() else { panic!("a Begin") };
///
/// hlr.receive(&octets, &here, now);
/// let Some(Output::Indication(Indication::Begin { dialogue, components, .. })) = hlr.poll() else { panic!("a Begin") };
/// let [Component::Invoke { invoke_id, .. }] = components[..] else { panic!("one operation") };
/// hlr.end(dialogue, &[Request::ResultLast { invoke_id, result: &[0x30, 0x00] }])?;
/// let Some(Output::Send { octets, .. }) = hlr.poll() else { panic!("an End") };
///
/// gmlc.receive(&octets, &there, now);
/// let outcome = Outcome::Result(vec![0x30, 0x00]);
/// assert_eq!(gmlc.poll(), Some(Output::Indication(Indication::Outcome { dialogue: asked, outcome })));
/// # Ok::<(), ss7::tcap::TcapFault>(())
/// ```
pub struct Dialogues<A> {
    limits: TcapLimits,
    identifiers: Identifiers,
    table: ByIdentifier<Dialogue<A>>,
    timers: Timers,
    outputs: VecDeque<Output<A>>,
    counters: Counters,
    refuses_begins: bool,
}

impl<A: Clone + Eq> Dialogues<A> {
    /// Most dialogues that a table may be asked to hold: identifiers stay hard to guess while few of them are taken.
    const MOST_DIALOGUES: usize = 1 << 20;

    /// No dialogues. `random` is where transaction identifiers come from: 64 bits that no peer can know, other ones in
    /// every run.
    #[must_use]
    pub fn new(mut limits: TcapLimits, random: u64) -> Self {
        limits.dialogues = limits.dialogues.clamp(1, Self::MOST_DIALOGUES);
        limits.components = limits.components.clamp(1, 128);
        Self {
            limits,
            identifiers: Identifiers::new(random),
            table: ByIdentifier::default(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
            refuses_begins: false,
        }
    }

    /// Dialogues under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether no dialogue is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Whether no further dialogue fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.table.len() >= self.limits.dialogues
    }

    /// Whether Begins of peers are taken from now on, as they are at first. Otherwise they are refused as if the table were
    /// full: a bound on them leaves the rest of the table to dialogues of ours.
    pub const fn accept_begins(&mut self, accept: bool) {
        self.refuses_begins = !accept;
    }

    /// What was received and led to nothing.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// One operation in a dialogue of its own: a Begin with this invocation. Exactly one
    /// [`Indication::Outcome`] follows, after `timeout` at the latest, unless the caller aborts it before; nothing else is
    /// indicated.
    pub fn invoke(
        &mut self,
        to: A,
        application_context: ApplicationContext,
        operation: i64,
        argument: &[u8],
        timeout: Duration,
        now: Duration,
    ) -> Result<DialogueId, TcapFault> {
        let request = Request::Invoke { invoke_id: 1, linked_id: None, operation, argument, timeout };
        self.open(to, Some(application_context), &[request], true, now)
    }

    /// Begins a dialogue (TC-BEGIN request) with these invocations, none allowed. Without an application context no dialogue
    /// portion is used (MAP version 1).
    pub fn begin(
        &mut self,
        to: A,
        application_context: Option<ApplicationContext>,
        requests: &[Request<'_>],
        now: Duration,
    ) -> Result<DialogueId, TcapFault> {
        self.open(to, application_context, requests, false, now)
    }

    fn open(
        &mut self,
        to: A,
        context: Option<ApplicationContext>,
        requests: &[Request<'_>],
        single: bool,
        now: Duration,
    ) -> Result<DialogueId, TcapFault> {
        if self.is_full() {
            return Err(TcapFault::Full);
        }
        let (_, state) = transition(State::Idle, Event::BeginRequest).ok_or(TcapFault::WrongState)?;
        request::check::<A>(None, requests, Within::Begin, &self.limits)?;
        let identifier = self.identifiers.draw(|identifier| self.table.contains_key(&identifier));
        let components = request::build(&[], &[], requests, &self.limits);
        let octets = codec::begin(identifier, context.as_ref().map(Control::Propose), components)?;
        self.fits(&octets)?;
        let mut dialogue = Dialogue::new(state, to.clone(), context, &self.limits, now);
        dialogue.single = single;
        request::enter(&mut dialogue, requests, &self.limits, now);
        self.enter(identifier, dialogue);
        self.outputs.push_back(Output::Send { to, octets });
        Ok(DialogueId(identifier))
    }

    /// Sends these components and keeps the dialogue (TC-CONTINUE request). The first one accepts a dialogue of the peer.
    pub fn proceed(&mut self, dialogue: DialogueId, requests: &[Request<'_>], now: Duration) -> Result<(), TcapFault> {
        let next = self.answer(dialogue, requests, Event::ContinueRequest)?;
        let Some(found) = self.table.get_mut(&dialogue.0) else { return Ok(()) };
        found.state = next;
        request::enter(found, requests, &self.limits, now);
        self.timers.schedule(&mut self.table, dialogue.0);
        Ok(())
    }

    /// Sends these components and ends the dialogue (TC-END request, basic). Invocations of ours that are under way end
    /// without indication.
    pub fn end(&mut self, dialogue: DialogueId, requests: &[Request<'_>]) -> Result<(), TcapFault> {
        self.answer(dialogue, requests, Event::EndRequest)?;
        self.forget(dialogue.0);
        Ok(())
    }

    /// Checks and sends a Continue or End, and tells the state after it.
    fn answer(&mut self, dialogue: DialogueId, requests: &[Request<'_>], event: Event) -> Result<State, TcapFault> {
        let found = self.table.get(&dialogue.0).ok_or(TcapFault::UnknownDialogue)?;
        let (actions, next) = transition(found.state, event).ok_or(TcapFault::WrongState)?;
        let (false, Some(peer_id)) = (found.single, found.peer_id) else { return Err(TcapFault::WrongState) };
        let ends = actions.contains(&Action::SendEnd);
        let within = if ends { Within::End } else { Within::Continue };
        request::check(Some(found), requests, within, &self.limits)?;
        let components = request::build(&found.asked, &found.rejects, requests, &self.limits);
        let accepts = found.context.as_ref().filter(|_| found.state == State::InitReceived);
        let control = accepts.map(Control::Accept);
        let octets = if ends {
            codec::end(peer_id, control, components)?
        } else {
            codec::proceed(dialogue.0, peer_id, control, components)?
        };
        self.fits(&octets)?;
        let to = found.peer.clone();
        self.outputs.push_back(Output::Send { to, octets });
        Ok(next)
    }

    /// Forgets the dialogue without a message (TC-END request, prearranged).
    pub fn end_prearranged(&mut self, dialogue: DialogueId) -> Result<(), TcapFault> {
        let found = self.table.get(&dialogue.0).ok_or(TcapFault::UnknownDialogue)?;
        transition(found.state, Event::PrearrangedEnd).ok_or(TcapFault::WrongState)?;
        self.forget(dialogue.0);
        Ok(())
    }

    /// Refuses a dialogue that a peer began, before anything else was sent in it (TC-U-ABORT request). `user_information`
    /// is one EXTERNAL in BER, empty for none.
    pub fn refuse(&mut self, dialogue: DialogueId, refusal: Refusal, user_information: &[u8]) -> Result<(), TcapFault> {
        let found = self.table.get(&dialogue.0).ok_or(TcapFault::UnknownDialogue)?;
        if found.state != State::InitReceived {
            return Err(TcapFault::WrongState);
        }
        let (diagnostic, alternative) = match refusal {
            Refusal::ContextNotSupported { alternative } => {
                (AssociateSourceDiagnostic::USER_APPLICATION_CONTEXT_NAME_NOT_SUPPORTED, alternative)
            }
            Refusal::NoReasonGiven => (AssociateSourceDiagnostic::USER_NO_REASON_GIVEN, None),
        };
        let control = match &found.context {
            Some(proposed) => Control::Reject(alternative.as_ref().unwrap_or(proposed), diagnostic, user_information),
            None => Control::Foreign(user_information),
        };
        let abort = found.abort(control)?;
        self.outputs.push_back(abort);
        self.forget(dialogue.0);
        Ok(())
    }

    /// Aborts the dialogue (TC-U-ABORT request). A dialogue of ours that the peer never answered is forgotten without a
    /// message. `user_information` is one EXTERNAL in BER, empty for none.
    pub fn abort(&mut self, dialogue: DialogueId, user_information: &[u8]) -> Result<(), TcapFault> {
        let found = self.table.get(&dialogue.0).ok_or(TcapFault::UnknownDialogue)?;
        let (actions, _) = transition(found.state, Event::AbortRequest).ok_or(TcapFault::WrongState)?;
        if actions.contains(&Action::SendAbort) {
            let abort = found.abort(found.abort_control(user_information))?;
            self.outputs.push_back(abort);
        }
        self.forget(dialogue.0);
        Ok(())
    }

    /// Takes the user data of one SCCP message from this calling address.
    pub fn receive(&mut self, octets: &[u8], from: &A, now: Duration) {
        self.take(octets, from, now);
    }

    /// Takes the user data of a message of ours that SCCP could not deliver and gave back (N-NOTICE, UDTS): its dialogue is
    /// aborted.
    pub fn returned(&mut self, octets: &[u8]) {
        self.take_returned(octets);
    }

    /// Carries out every timer that is due at `now`.
    pub fn expire(&mut self, now: Duration) {
        while let Some(identifier) = self.timers.pop(&mut self.table, now) {
            self.expire_in(DialogueId(identifier), now);
        }
    }

    fn expire_in(&mut self, dialogue: DialogueId, now: Duration) {
        let Some(found) = self.table.get_mut(&dialogue.0) else { return };
        let passed = |invocation: &dialogue::Invocation| invocation.deadline <= now;
        while let Some(at) = found.invocations.iter().position(passed).filter(|_| !found.single) {
            let invoke_id = found.invocations.remove(at).invoke_id;
            self.outputs.push_back(Output::Indication(Indication::Cancelled { dialogue, invoke_id }));
            found.stir(&self.limits, now);
        }
        if !found.single && found.expires_at() > now {
            self.timers.schedule(&mut self.table, dialogue.0);
            return;
        }
        let Some((actions, _)) = transition(found.state, Event::Expiry) else { return };
        let abort = found.abort(found.abort_control(&[])).ok().filter(|_| actions.contains(&Action::SendAbort));
        self.outputs.extend(abort);
        self.abort_indication(dialogue.0, AbortReason::Expired);
    }

    /// When [`Self::expire`] next has something to do, as a time of the caller's clock; it may find nothing to do then.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.timers.next()
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output<A>> {
        self.outputs.pop_front()
    }

    fn fits(&self, octets: &[u8]) -> Result<(), TcapFault> {
        let (octets, limit) = (octets.len(), self.limits.message_octets);
        if octets > limit { Err(TcapFault::TooLong { octets, limit }) } else { Ok(()) }
    }

    fn enter(&mut self, identifier: u32, dialogue: Dialogue<A>) {
        self.table.insert(identifier, dialogue);
        self.timers.schedule(&mut self.table, identifier);
    }

    fn forget(&mut self, identifier: u32) -> Option<Dialogue<A>> {
        let dialogue = self.table.remove(&identifier);
        self.timers.prune(&self.table);
        dialogue
    }

    /// Forgets the dialogue and tells its owner why.
    fn abort_indication(&mut self, identifier: u32, reason: AbortReason) {
        let Some(dialogue) = self.forget(identifier) else { return };
        if dialogue.single {
            self.outcome(identifier, Outcome::from(reason));
        } else {
            let dialogue = DialogueId(identifier);
            self.outputs.push_back(Output::Indication(Indication::Aborted { dialogue, reason }));
        }
    }
}
