use super::Action::{AnswerAbort, FixPeer, Indicate, SendAbort, SendBegin, SendContinue, SendEnd};
use super::*;

const EVENTS: [Event; 12] = [
    Event::BeginRequest,
    Event::ContinueRequest,
    Event::EndRequest,
    Event::PrearrangedEnd,
    Event::AbortRequest,
    Event::Begin,
    Event::Continue,
    Event::End,
    Event::Abort,
    Event::Malformed,
    Event::Returned,
    Event::Expiry,
];

type Row = Option<(&'static [Action], State)>;

/// Columns in the order of [`EVENTS`].
#[rustfmt::skip]
const TABLE: [(State, [Row; 12]); 4] = [
    (State::Idle, [
        /* begin    */ Some((&[SendBegin], State::InitSent)),
        /* continue */ None,
        /* end      */ None,
        /* prearr.  */ None,
        /* abort    */ None,
        /* Begin    */ Some((&[FixPeer, Indicate], State::InitReceived)),
        /* Continue */ None,
        /* End      */ None,
        /* Abort    */ None,
        /* damaged  */ None,
        /* returned */ None,
        /* expiry   */ None,
    ]),
    (State::InitSent, [
        /* begin    */ None,
        /* continue */ None, // the peer did not tell its identifier
        /* end      */ None, // no identifier to send it to: prearranged only
        /* prearr.  */ Some((&[], State::Idle)),
        /* abort    */ Some((&[], State::Idle)), // local, there is no one to tell
        /* Begin    */ None,
        /* Continue */ Some((&[FixPeer, Indicate], State::Active)),
        /* End      */ Some((&[Indicate], State::Idle)),
        /* Abort    */ Some((&[Indicate], State::Idle)),
        /* damaged  */ Some((&[AnswerAbort, Indicate], State::Idle)),
        /* returned */ Some((&[Indicate], State::Idle)),
        /* expiry   */ Some((&[Indicate], State::Idle)),
    ]),
    (State::InitReceived, [
        /* begin    */ None,
        /* continue */ Some((&[SendContinue], State::Active)),
        /* end      */ Some((&[SendEnd], State::Idle)),
        /* prearr.  */ Some((&[], State::Idle)),
        /* abort    */ Some((&[SendAbort], State::Idle)),
        /* Begin    */ None,
        /* Continue */ None, // BEYOND: our identifier was never sent, so whoever names it guessed it
        /* End      */ None,
        /* Abort    */ None,
        /* damaged  */ None,
        /* returned */ None, // nothing was sent that could come back
        /* expiry   */ Some((&[SendAbort, Indicate], State::Idle)),
    ]),
    (State::Active, [
        /* begin    */ None,
        /* continue */ Some((&[SendContinue], State::Active)),
        /* end      */ Some((&[SendEnd], State::Idle)),
        /* prearr.  */ Some((&[], State::Idle)),
        /* abort    */ Some((&[SendAbort], State::Idle)),
        /* Begin    */ None,
        /* Continue */ Some((&[Indicate], State::Active)),
        /* End      */ Some((&[Indicate], State::Idle)),
        /* Abort    */ Some((&[Indicate], State::Idle)),
        /* damaged  */ Some((&[AnswerAbort, Indicate], State::Idle)),
        /* returned */ Some((&[Indicate], State::Idle)),
        /* expiry   */ Some((&[SendAbort, Indicate], State::Idle)),
    ]),
];

#[test]
fn every_state_and_event_follows_the_table() {
    for (state, rows) in TABLE {
        for (event, expected) in EVENTS.into_iter().zip(rows) {
            assert_eq!(transition(state, event), expected, "{state:?} {event:?}");
        }
    }
}

#[test]
fn every_state_can_end_and_says_so() {
    for state in [State::InitSent, State::InitReceived, State::Active] {
        let (actions, next) = transition(state, Event::Expiry).unwrap();
        assert!(next == State::Idle && actions.contains(&Indicate), "{state:?}");
        assert_eq!(transition(state, Event::PrearrangedEnd), Some((&[][..], State::Idle)));
    }
}
