use super::super::port::{MessageId, SubmitFailure};
use super::super::submissions::Terms;
use super::*;
use crate::config::Config;

const SECOND: Duration = Duration::from_secs(1);
const LIMITS: Limits = Limits { window: 2, response: Duration::from_secs(10), enquire: Duration::from_secs(30) };
const TERMS: Terms = Terms {
    window: 2,
    queue: 10,
    interval: Duration::ZERO,
    patience: Duration::from_secs(20),
    response: Duration::from_secs(10),
    pause: (SECOND, SECOND),
};

fn reading() -> Reading {
    Reading::new(&Config::default())
}

fn session(reading: &Reading) -> (Session<'_, u32>, Instant) {
    let now = Instant::now();
    (Session::new(reading, LIMITS, Submissions::new(TERMS, now), now), now)
}

fn submit() -> Pdu {
    Pdu::of(command::SUBMIT_SM, 0, 0, b"anything")
}

fn answer(to: u32, status: u32, number: u32) -> Pdu {
    Pdu::of(to | command::RESPONSE, status, number, b"")
}

/// A deliver_sm from +491701 with the octets 1, 2.
fn deliver(number: u32) -> Pdu {
    let body = b"\0\x01\x01491701\0\x01\x014917\0\x40\x7F\0\0\0\0\0\xF6\0\x02\x01\x02";
    Pdu::of(command::DELIVER_SM, 0, number, body)
}

fn sent(actions: &[Action<u32>]) -> Vec<(u32, u32, u32)> {
    let of = |action: &Action<u32>| match action {
        Action::Send(pdu) => Some((pdu.command(), pdu.status(), pdu.sequence())),
        Action::Done(..) | Action::Take(..) | Action::End => None,
    };
    actions.iter().filter_map(of).collect()
}

#[test]
fn either_side_may_ask_whether_the_other_is_there() {
    let reading = reading();
    let (mut session, start) = session(&reading);
    let answered = session.take(Pdu::of(command::ENQUIRE_LINK, 0, 77, b""), start);
    assert_eq!(sent(&answered), [(command::ENQUIRE_LINK | command::RESPONSE, 0, 77)]);
    // Silent since then.
    assert_eq!(session.deadline(), start + LIMITS.enquire);
    let asked = start + LIMITS.enquire;
    assert_eq!(sent(&session.tick(asked)), [(command::ENQUIRE_LINK, 0, 2)]);
    assert_eq!(session.deadline(), asked + LIMITS.response);
    // Anything that it says is a sign of life.
    assert_eq!(session.take(answer(command::ENQUIRE_LINK, 0, 2), asked + SECOND), []);
    let again = asked + SECOND + LIMITS.enquire;
    assert_eq!(sent(&session.tick(again)), [(command::ENQUIRE_LINK, 0, 3)]);
    assert!(matches!(session.take(deliver(5), again + SECOND)[..], [Action::Take(..)]));
    let silent = again + SECOND + LIMITS.enquire;
    assert_eq!(sent(&session.tick(silent)), [(command::ENQUIRE_LINK, 0, 4)]);
    assert_eq!(session.tick(silent + LIMITS.response), [Action::End]);
}

#[test]
fn answers_out_of_order_find_who_waits() {
    let reading = reading();
    let (mut session, now) = session(&reading);
    assert_eq!(sent(&session.submit(submit(), 1, now)), [(command::SUBMIT_SM, 0, 2)]);
    assert_eq!(sent(&session.submit(submit(), 2, now)), [(command::SUBMIT_SM, 0, 3)]);
    assert_eq!(session.submit(submit(), 3, now), [], "the window is full");
    let actions = session.take(Pdu::of(command::SUBMIT_SM | command::RESPONSE, 0, 3, b"b\0"), now);
    assert_eq!(actions[0], Action::Done(2, Ok(MessageId::new("b"))));
    assert_eq!(sent(&actions), [(command::SUBMIT_SM, 0, 4)]);
    // An id without its zero octet, and none at all.
    let actions = session.take(Pdu::of(command::SUBMIT_SM | command::RESPONSE, 0, 2, b"a"), now);
    assert_eq!(actions, [Action::Done(1, Ok(MessageId::new("a")))]);
    let actions = session.take(Pdu::of(command::SUBMIT_SM | command::RESPONSE, 0, 4, b""), now);
    assert_eq!(actions, [Action::Done(3, Ok(MessageId::new("")))]);
    assert_eq!(session.take(answer(command::SUBMIT_SM, 0, 4), now), [], "twice");
}

#[test]
fn no_answer_in_time_frees_the_place() {
    let reading = reading();
    let (mut session, now) = session(&reading);
    for who in 1..=3 {
        session.submit(submit(), who, now);
    }
    let late = now + TERMS.response;
    assert_eq!(session.deadline(), late);
    let actions = session.tick(late);
    assert_eq!(actions[..2], [1, 2].map(|who| Action::Done(who, Err(SubmitFailure::NoAnswer))));
    assert_eq!(sent(&actions), [(command::SUBMIT_SM, 0, 4)]);
    assert_eq!(session.take(answer(command::SUBMIT_SM, 0, 2), late), [], "too late");
}

#[test]
fn what_a_phone_sends_is_answered_once_it_is_taken_and_no_more_at_once_than_the_window() {
    let reading = reading();
    let (mut session, now) = session(&reading);
    let take = |actions: Vec<Action<u32>>| match &actions[..] {
        [Action::Take(request, Arrived::Message(_, message))] => {
            assert_eq!((message.has_header, &message.user_data[..]), (true, &[1, 2][..]));
            *request
        }
        other => panic!("{other:?}"),
    };
    let first = take(session.take(deliver(8), now));
    let second = take(session.take(deliver(9), now));
    const ANSWER: u32 = command::DELIVER_SM | command::RESPONSE;
    assert_eq!(sent(&session.take(deliver(10), now)), [(ANSWER, status::RX_T_APPN, 10)]);
    assert_eq!(sent(&session.taken(second, 0, now)), [(ANSWER, 0, 9)]);
    take(session.take(deliver(10), now));
    let refused = session.taken(first, status::RX_P_APPN, now);
    assert_eq!(sent(&refused), [(ANSWER, status::RX_P_APPN, 8)]);
    assert!(matches!(&refused[..], [Action::Send(pdu)] if pdu.body() == b"\0"));
}

#[test]
fn what_is_not_understood_is_said_so_and_the_session_goes_on() {
    let reading = reading();
    let (mut session, now) = session(&reading);
    let nack = |status, number| vec![(command::GENERIC_NACK, status, number)];
    let cut = Pdu::of(command::DELIVER_SM, 0, 5, &deliver(5).body()[..20]);
    assert_eq!(sent(&session.take(cut, now)), nack(status::RINVCMDLEN, 5));
    for unknown in [0, 0x0A, command::SUBMIT_SM, command::BIND_RECEIVER, 0x7FFF_FFFF] {
        assert_eq!(sent(&session.take(Pdu::of(unknown, 0, 6, b""), now)), nack(status::RINVCMDID, 6), "{unknown:#x}");
    }
    for silent in [command::ALERT_NOTIFICATION, OUTBIND, command::GENERIC_NACK, 0x8000_00FF] {
        assert_eq!(session.take(Pdu::of(silent, 0, 7, b""), now), [], "{silent:#x}");
    }
    // A sender without a number: there is nobody to have sent it.
    let body = b"\0\x05\0Bank\0\x01\x014917\0\0\0\0\0\0\0\0\0\0\0";
    let unread = session.take(Pdu::of(command::DELIVER_SM, 0, 9, body), now);
    assert_eq!(sent(&unread), [(command::DELIVER_SM | command::RESPONSE, status::RINVSRCADR, 9)]);
    assert_eq!(sent(&session.submit(submit(), 1, now)), [(command::SUBMIT_SM, 0, 2)]);
    let ended = session.ended(Ended::Length);
    assert_eq!(sent(&ended), nack(status::RINVCMDLEN, 0));
    assert_eq!(ended[1], Action::End);
    assert_eq!(session.ended(Ended::Closed), [Action::End]);
}

#[test]
fn the_centre_may_end_it() {
    let reading = reading();
    let (mut session, now) = session(&reading);
    session.submit(submit(), 1, now);
    let actions = session.take(Pdu::of(command::UNBIND, 0, 3, b""), now);
    assert_eq!(sent(&actions), [(command::UNBIND | command::RESPONSE, 0, 3)]);
    assert_eq!(actions.last(), Some(&Action::End));
    assert_eq!(session.into_submissions().lost(), [(1, Err(SubmitFailure::NoAnswer))]);
}

#[test]
fn a_stop_lets_what_is_under_way_end_and_begins_nothing() {
    let reading = reading();
    let (mut session, now) = session(&reading);
    for who in 1..=3 {
        session.submit(submit(), who, now);
    }
    let request = match &session.take(deliver(8), now)[..] {
        [Action::Take(request, _)] => *request,
        other => panic!("{other:?}"),
    };
    assert_eq!(session.stop(now), [Action::Done(3, Err(SubmitFailure::NotBound))]);
    assert!(!session.is_open());
    let refused = session.take(deliver(9), now);
    assert_eq!(sent(&refused), [(command::DELIVER_SM | command::RESPONSE, status::RX_T_APPN, 9)]);
    session.take(answer(command::SUBMIT_SM, 0, 2), now);
    session.take(answer(command::SUBMIT_SM, 0, 3), now);
    let last = sent(&session.taken(request, 0, now));
    assert_eq!(last, [(command::DELIVER_SM | command::RESPONSE, 0, 8), (command::UNBIND, 0, 4)]);
    assert_eq!(session.take(answer(command::UNBIND, 0, 4), now), [Action::End]);
}

#[test]
fn a_stop_waits_for_nobody_for_long() {
    let reading = reading();
    let (mut session, now) = session(&reading);
    session.submit(submit(), 1, now);
    assert_eq!(session.stop(now), []);
    assert_eq!(session.deadline(), now + CLOSING);
    assert_eq!(sent(&session.tick(now + CLOSING)), [(command::UNBIND, 0, 3)]);
    assert_eq!(session.deadline(), now + CLOSING + UNBINDING);
    assert_eq!(session.tick(now + CLOSING + UNBINDING), [Action::End]);
}

#[test]
fn numbers_go_round() {
    let mut number = LAST_NUMBER - 1;
    assert_eq!([next(&mut number), next(&mut number), next(&mut number)], [LAST_NUMBER, 1, 2]);
}
