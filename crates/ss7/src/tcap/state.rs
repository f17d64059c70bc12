//! The transaction state machine (ITU-T Q.774 clause 3.3), one per dialogue.
//!
//! ```text
//!             begin                            Continue
//!          +---------> InitSent ------------------------------+
//!          |              | End, Abort, malformed             v
//!   Idle --+              +---------------> Idle          Active --+ continue, Continue
//!          |              | end prearranged, abort            ^  |
//!          |              |                                   |  | end, abort, End, Abort, malformed
//!          +---------> InitReceived --------------------------+  +--> Idle
//!             Begin       | end, abort      continue
//!                         +---------------> Idle
//! ```
//!
//! Any state ends in Idle when its time is over or SCCP gives a message back.

#[cfg(test)]
mod tests;

/// State of a transaction. Idle is a transaction that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// No transaction.
    Idle,
    /// A Begin was sent, nothing came back.
    InitSent,
    /// A Begin came, nothing was sent back. The peer does not know our identifier yet.
    InitReceived,
    /// Both sides know each other's identifier.
    Active,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// TC-user: TC-BEGIN request.
    BeginRequest,
    /// TC-user: TC-CONTINUE request.
    ContinueRequest,
    /// TC-user: TC-END request, basic.
    EndRequest,
    /// TC-user: TC-END request, prearranged.
    PrearrangedEnd,
    /// TC-user: TC-U-ABORT request.
    AbortRequest,
    /// A Begin came.
    Begin,
    /// A Continue came from the peer.
    Continue,
    /// An End came from the peer.
    End,
    /// An Abort came from the peer.
    Abort,
    /// A message came from the peer whose transaction or dialogue portion is not acceptable.
    Malformed,
    /// SCCP gave back a message of this transaction.
    Returned,
    /// The time of the dialogue is over.
    Expiry,
}

/// What to do, in the order given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Action {
    /// Send a Begin.
    SendBegin,
    /// Send a Continue.
    SendContinue,
    /// Send an End.
    SendEnd,
    /// Send an Abort to the peer.
    SendAbort,
    /// Send an Abort to the originator of the message, if that can be found in it.
    AnswerAbort,
    /// Note the peer's identifier and address: they do not change any more.
    FixPeer,
    /// Indicate what came, or that the dialogue is over.
    Indicate,
}

/// The row of the table for `state` and `event`, or nothing when the event is not allowed or not believed there.
///
/// While InitReceived, no message of the peer can name our identifier, because it was never sent.
pub(super) const fn transition(state: State, event: Event) -> Option<(&'static [Action], State)> {
    match state {
        State::Idle => idle(event),
        State::InitSent => init_sent(event),
        State::InitReceived => init_received(event),
        State::Active => active(event),
    }
}

const fn idle(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::BeginRequest => Some((&[Action::SendBegin], State::InitSent)),
        Event::Begin => Some((&[Action::FixPeer, Action::Indicate], State::InitReceived)),
        _ => None,
    }
}

const fn init_sent(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::PrearrangedEnd | Event::AbortRequest => Some((&[], State::Idle)),
        Event::Continue => Some((&[Action::FixPeer, Action::Indicate], State::Active)),
        Event::End | Event::Abort | Event::Returned | Event::Expiry => Some((&[Action::Indicate], State::Idle)),
        Event::Malformed => Some((&[Action::AnswerAbort, Action::Indicate], State::Idle)),
        _ => None,
    }
}

const fn init_received(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::ContinueRequest => Some((&[Action::SendContinue], State::Active)),
        Event::EndRequest => Some((&[Action::SendEnd], State::Idle)),
        Event::PrearrangedEnd => Some((&[], State::Idle)),
        Event::AbortRequest => Some((&[Action::SendAbort], State::Idle)),
        Event::Expiry => Some((&[Action::SendAbort, Action::Indicate], State::Idle)),
        _ => None,
    }
}

const fn active(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::ContinueRequest => Some((&[Action::SendContinue], State::Active)),
        Event::EndRequest => Some((&[Action::SendEnd], State::Idle)),
        Event::PrearrangedEnd => Some((&[], State::Idle)),
        Event::AbortRequest => Some((&[Action::SendAbort], State::Idle)),
        Event::Continue => Some((&[Action::Indicate], State::Active)),
        Event::End | Event::Abort | Event::Returned => Some((&[Action::Indicate], State::Idle)),
        Event::Malformed => Some((&[Action::AnswerAbort, Action::Indicate], State::Idle)),
        Event::Expiry => Some((&[Action::SendAbort, Action::Indicate], State::Idle)),
        _ => None,
    }
}
