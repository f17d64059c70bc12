use super::super::job::{Done, Job};
use super::*;

const DRESS: Dress<'static> = Dress { tlv: 0x1401, keep: &[], tlvs: true, head: None };
const LIMITS: Limits = Limits { window: 3, response: Duration::from_secs(10), enquire: Duration::from_secs(30) };
const FIRST: u32 = 2;

fn relay(listed: bool, now: Instant) -> Relay<'static> {
    Relay::new(listed.then_some(DRESS), LIMITS, now)
}

fn request(command: u32, sequence: u32) -> Pdu {
    let address = b"\x01\x01491701234567\0".as_slice();
    let text = b"\0\0\0\0\0\0\0\0\0\x02Hi".as_slice();
    let body = match command {
        command::SUBMIT_SM | command::DELIVER_SM => [b"\0", address, address, text].concat(),
        command::SUBMIT_MULTI => [b"\0", address, b"\x01\x01", address, text].concat(),
        command::DATA_SM => [b"\0", address, address, b"\0\0\0"].concat(),
        command::ALERT_NOTIFICATION => [address, address].concat(),
        command::CANCEL_SM => [b"\0id\0", address, address].concat(),
        _ => Vec::new(),
    };
    Pdu::of(command, 0, sequence, &body)
}

/// Actions in short: `client 80000004/58/7` for what is sent, `run`, `end`.
fn told(actions: &[Action]) -> Vec<String> {
    let one = |action: &Action| match action {
        Action::Send(side, pdu) => {
            let side = if *side == Side::Client { "client" } else { "centre" };
            format!("{side} {:x}/{:x}/{}", pdu.command(), pdu.status(), pdu.sequence())
        }
        Action::Run(_) => "run".into(),
        Action::End => "end".into(),
    };
    actions.iter().map(one).collect()
}

fn job(actions: Vec<Action>) -> Job {
    match actions.into_iter().next() {
        Some(Action::Run(job)) => *job,
        other => panic!("{other:?}"),
    }
}

fn done(job: Job) -> Done {
    Done { from: job.from, outcome: Ok((job.pdu.clone(), Vec::new())), asked: job.pdu }
}

#[tokio::test]
async fn what_each_side_may_ask_and_what_becomes_of_it() {
    use command::*;
    // Command; from a listed client; from the SMS centre towards one. Without listing, all but links and binds passes.
    let nack = "80000000/3/7";
    let table: [(u32, &str, &str); 17] = [
        (SUBMIT_SM, "run", nack),
        (DATA_SM, "run", "run"),
        (SUBMIT_MULTI, "run", nack),
        (CANCEL_SM, "run", nack),
        (QUERY_SM, "pass", nack),
        (REPLACE_SM, "pass", nack),
        (BROADCAST_SM, "pass", nack),
        (QUERY_BROADCAST_SM, "pass", nack),
        (CANCEL_BROADCAST_SM, "pass", nack),
        (DELIVER_SM, nack, "run"),
        (ALERT_NOTIFICATION, nack, "run"),
        (0x0B, nack, nack),
        (0x7777, nack, nack),
        (ENQUIRE_LINK, "80000015/0/7", "80000015/0/7"),
        (BIND_TRANSCEIVER, "80000009/5/7", nack),
        (BIND_RECEIVER, "80000001/5/7", nack),
        (BIND_TRANSMITTER, "80000002/5/7", nack),
    ];
    let now = Instant::now();
    for (command, from_client, from_centre) in table {
        for (side, name, expected) in [(Side::Client, "client", from_client), (Side::Centre, "centre", from_centre)] {
            let other = if side == Side::Client { "centre" } else { "client" };
            let passed = format!("{other} {command:x}/0/{FIRST}");
            let expected = match expected {
                "run" => "run".to_owned(),
                "pass" => passed.clone(),
                answer => format!("{name} {answer}"),
            };
            let pdu = request(command, 7);
            assert_eq!(
                told(&relay(true, now).take(side, pdu.clone(), now)),
                std::slice::from_ref(&expected),
                "{command:#x} {name}"
            );
            let bind = side == Side::Client && matches!(command, 1 | 2 | 9);
            let unlisted = if command == ENQUIRE_LINK || bind { expected } else { passed };
            assert_eq!(told(&relay(false, now).take(side, pdu, now)), [unlisted], "{command:#x} {name}");
        }
    }
}

#[tokio::test]
async fn answers_come_back_under_the_number_of_their_request() {
    let now = Instant::now();
    let mut relay = relay(true, now);
    for theirs in [70, 5, 70] {
        let job = job(relay.take(Side::Centre, request(command::DELIVER_SM, theirs), now));
        relay.done(done(job), now);
    }
    let answer = |number| Pdu::of(command::DELIVER_SM | command::RESPONSE, 0, number, b"\0");
    assert_eq!(told(&relay.take(Side::Client, answer(3), now)), ["centre 80000005/0/5"]);
    assert_eq!(told(&relay.take(Side::Client, answer(2), now)), ["centre 80000005/0/70"]);
    // Twice, never asked, of another command, from the other side.
    let other = Pdu::of(command::SUBMIT_SM | command::RESPONSE, 0, 4, b"\0");
    for (side, stray) in
        [(Side::Client, answer(2)), (Side::Client, answer(99)), (Side::Client, other), (Side::Centre, answer(4))]
    {
        assert!(relay.take(side, stray, now).is_empty());
    }
    let nack = Pdu::of(command::GENERIC_NACK, status::RINVCMDID, 4, b"");
    assert_eq!(told(&relay.take(Side::Client, nack, now)), ["centre 80000000/3/70"]);
}

#[tokio::test]
async fn more_than_the_window_is_throttled_on_either_side() {
    let now = Instant::now();
    for (side, command, answer) in [
        (Side::Client, command::SUBMIT_SM, "client 80000004/58/9"),
        (Side::Centre, command::DELIVER_SM, "centre 80000005/64/9"),
    ] {
        let mut relay = relay(true, now);
        // One is under way, two wait for pseudonyms.
        let first = job(relay.take(side, request(command, 1), now));
        relay.done(done(first), now);
        for number in 2..=LIMITS.window {
            assert_eq!(told(&relay.take(side, request(command, u32::try_from(number).unwrap()), now)), ["run"]);
        }
        assert_eq!(told(&relay.take(side, request(command, 9), now)), [answer]);
        // The other side has its own.
        let back = if side == Side::Client { command::DELIVER_SM } else { command::SUBMIT_SM };
        assert_eq!(told(&relay.take(side.other(), request(back, 1), now)), ["run"]);
    }
}

#[tokio::test]
async fn what_the_centre_refuses_is_told_as_it_is() {
    let now = Instant::now();
    let mut relay = relay(true, now);
    let job = job(relay.take(Side::Client, request(command::SUBMIT_SM, 8), now));
    assert_eq!(told(&relay.done(done(job), now)), [format!("centre 4/0/{FIRST}")]);
    let answer = Pdu::of(command::SUBMIT_SM | command::RESPONSE, status::RTHROTTLED, FIRST, b"");
    assert_eq!(told(&relay.take(Side::Centre, answer, now)), ["client 80000004/58/8"]);
}

#[tokio::test]
async fn a_message_without_a_pseudonym_goes_back() {
    let now = Instant::now();
    let mut relay = relay(true, now);
    let deliver = job(relay.take(Side::Centre, request(command::DELIVER_SM, 8), now));
    let failed = |job: Job, status| Done { from: job.from, asked: job.pdu, outcome: Err(status) };
    assert_eq!(told(&relay.done(failed(deliver, status::RX_T_APPN), now)), ["centre 80000005/64/8"]);
    let alert = job(relay.take(Side::Centre, request(command::ALERT_NOTIFICATION, 9), now));
    assert!(relay.done(failed(alert, status::RX_T_APPN), now).is_empty());
    let submit = job(relay.take(Side::Client, request(command::SUBMIT_SM, 9), now));
    assert_eq!(told(&relay.done(failed(submit, status::RINVDSTADR), now)), ["client 80000004/b/9"]);
    let cut = Pdu::of(command::DELIVER_SM, 0, 3, b"\0\x01");
    assert_eq!(told(&relay.take(Side::Centre, cut, now)), ["centre 80000005/2/3"]);
}

#[tokio::test]
async fn a_request_without_an_answer_is_refused_in_time() {
    let now = Instant::now();
    let mut relay = relay(true, now);
    for (side, command) in [(Side::Client, command::SUBMIT_SM), (Side::Centre, command::DELIVER_SM)] {
        let job = job(relay.take(side, request(command, 6), now));
        relay.done(done(job), now);
    }
    assert_eq!(relay.deadline(), now + LIMITS.response);
    assert!(relay.tick(now + LIMITS.response - Duration::from_millis(1)).is_empty());
    let late = relay.tick(now + LIMITS.response);
    assert_eq!(told(&late), ["centre 80000005/64/6", "client 80000004/8/6"]);
    // What comes after that is nobody's.
    let answer = Pdu::of(command::DELIVER_SM | command::RESPONSE, 0, FIRST, b"\0");
    assert!(relay.take(Side::Client, answer, now + LIMITS.response).is_empty());
}

#[tokio::test]
async fn a_silent_side_is_asked_and_then_left() {
    let now = Instant::now();
    let mut relay = relay(false, now);
    let then = now + LIMITS.enquire;
    assert_eq!(relay.deadline(), then);
    assert_eq!(told(&relay.tick(then)), [format!("client 15/0/{FIRST}"), format!("centre 15/0/{FIRST}")]);
    let here = Pdu::of(command::ENQUIRE_LINK | command::RESPONSE, 0, FIRST, b"");
    assert!(relay.take(Side::Client, here, then).is_empty());
    assert!(relay.tick(then + LIMITS.response - Duration::from_millis(1)).is_empty());
    assert_eq!(told(&relay.tick(then + LIMITS.response)), ["end"]);
}

#[tokio::test]
async fn either_side_unbinds_both() {
    let now = Instant::now();
    for (side, expected) in [
        (Side::Client, ["client 80000006/0/4", "centre 6/0/2", "end"]),
        (Side::Centre, ["centre 80000006/0/4", "client 6/0/2", "end"]),
    ] {
        assert_eq!(told(&relay(true, now).take(side, request(command::UNBIND, 4), now)), expected);
        let answer = Pdu::of(command::UNBIND | command::RESPONSE, 0, 4, b"");
        assert_eq!(told(&relay(true, now).take(side, answer, now)), ["end"]);
    }
}

#[tokio::test]
async fn numbers_begin_again_after_the_last() {
    let now = Instant::now();
    let mut relay = relay(false, now);
    relay.centre.number = LAST_NUMBER - 1;
    let passed = |relay: &mut Relay<'_>| told(&relay.take(Side::Client, request(command::QUERY_SM, 1), now));
    assert_eq!(passed(&mut relay), [format!("centre 3/0/{LAST_NUMBER}")]);
    assert_eq!(passed(&mut relay), ["centre 3/0/1"]);
}
