//! The dialogues of one local subsystem.

use core::time::Duration;
use std::collections::VecDeque;

use super::component::Request;
use super::context::ApplicationContext;
use super::fault::TcapFault;
use super::indication::{DialogueId, Output, Refusal};
use super::limits::TcapLimits;

/// What was received and led to nothing, since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Messages dropped: unreadable with no one to tell, or longer than allowed.
    pub discarded: u64,
    /// Messages for a transaction that is not under way, or not with the address they came from.
    pub strays: u64,
    /// Begins refused because the table is full.
    pub refused_full: u64,
    /// Unidirectional messages, which no operation here uses.
    pub unidirectional: u64,
}

/// The dialogues of one local subsystem, with peers at addresses of type `A`.
///
/// After every call take everything out of [`Self::poll`], in order.
pub struct Dialogues<A> {
    limits: TcapLimits,
    outputs: VecDeque<Output<A>>,
    counters: Counters,
}

impl<A: Clone + Eq> Dialogues<A> {
    /// No dialogues. `random` is where transaction identifiers come from: 64 bits that no peer can know, other ones in
    /// every run.
    #[must_use]
    pub fn new(limits: TcapLimits, random: u64) -> Self {
        let _ = random;
        Self { limits, outputs: VecDeque::new(), counters: Counters::default() }
    }

    /// Dialogues under way.
    #[must_use]
    pub fn len(&self) -> usize {
        0
    }

    /// Whether no dialogue is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether no further dialogue fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len() >= self.limits.dialogues
    }

    /// What was received and led to nothing.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// One operation in a dialogue of its own: a Begin with this invocation. Exactly one
    /// [`Indication::Outcome`](super::Indication::Outcome) follows, within `timeout` at the latest.
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
        self.begin(to, Some(application_context), &[request], now)
    }

    /// Begins a dialogue (TC-BEGIN request) with these invocations, none allowed.
    pub fn begin(
        &mut self,
        to: A,
        application_context: Option<ApplicationContext>,
        requests: &[Request<'_>],
        now: Duration,
    ) -> Result<DialogueId, TcapFault> {
        let _ = (to, application_context, requests, now);
        Err(TcapFault::Full)
    }

    /// Sends these components and keeps the dialogue (TC-CONTINUE request). The first one accepts a dialogue of the peer.
    pub fn proceed(&mut self, dialogue: DialogueId, requests: &[Request<'_>], now: Duration) -> Result<(), TcapFault> {
        let _ = (dialogue, requests, now);
        Err(TcapFault::UnknownDialogue)
    }

    /// Sends these components and ends the dialogue (TC-END request, basic). Invocations of ours that are under way end
    /// without indication.
    pub fn end(&mut self, dialogue: DialogueId, requests: &[Request<'_>]) -> Result<(), TcapFault> {
        let _ = (dialogue, requests);
        Err(TcapFault::UnknownDialogue)
    }

    /// Forgets the dialogue without a message (TC-END request, prearranged).
    pub fn end_prearranged(&mut self, dialogue: DialogueId) -> Result<(), TcapFault> {
        let _ = dialogue;
        Err(TcapFault::UnknownDialogue)
    }

    /// Refuses a dialogue that a peer began, before anything else was sent in it (TC-U-ABORT request). `user_information`
    /// is EXTERNALs in BER, empty for none.
    pub fn refuse(&mut self, dialogue: DialogueId, refusal: Refusal, user_information: &[u8]) -> Result<(), TcapFault> {
        let _ = (dialogue, refusal, user_information);
        Err(TcapFault::UnknownDialogue)
    }

    /// Aborts the dialogue (TC-U-ABORT request). A dialogue of ours that the peer never answered is forgotten without a
    /// message. `user_information` is EXTERNALs in BER, empty for none.
    pub fn abort(&mut self, dialogue: DialogueId, user_information: &[u8]) -> Result<(), TcapFault> {
        let _ = (dialogue, user_information);
        Err(TcapFault::UnknownDialogue)
    }

    /// Takes the user data of one SCCP message from this calling address.
    pub fn receive(&mut self, octets: &[u8], from: &A, now: Duration) {
        let _ = (octets, from, now);
    }

    /// Takes the user data of a message of ours that SCCP could not deliver and gave back (N-NOTICE, UDTS): its dialogue is
    /// aborted.
    pub fn returned(&mut self, octets: &[u8], now: Duration) {
        let _ = (octets, now);
    }

    /// Carries out every timer that is due at `now`.
    pub fn expire(&mut self, now: Duration) {
        let _ = now;
    }

    /// When [`Self::expire`] next has something to do, as a time of the caller's clock.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        None
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output<A>> {
        self.outputs.pop_front()
    }
}
