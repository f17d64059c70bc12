//! Peers that break the rules, flood, or are nobody's friends.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use ss7::m3ua::{Message, PointCode};
use ss7::sccp::ReturnCause;
use ss7::tcap::{AbortReason, Component, Indication, InvokeProblem, Output, Problem, ProviderAbortCause, Request};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use transport::sigtran::{Admission, InvokeError, InvokeOutcome, LinkDown, NoOperations, SigtranNode, Ssn, by_number};

use crate::common::{
    ANY, CONTEXT, ECHO, LONG, PATIENCE, Register, WAIT, active, ask, call, centre, centre_number, connected_to,
    element, number, pair, point_code, register, to_register, until,
};
use crate::raw::{Raw, dialogues, sent};

fn codes() -> (PointCode, PointCode) {
    (point_code(2057), point_code(2062))
}

fn from_centre() -> ss7::sccp::SccpAddress {
    by_number(centre_number(), Ssn::GMLC).unwrap()
}

fn invoke(operation: i64, argument: &[u8]) -> Request<'_> {
    Request::Invoke { invoke_id: 1, linked_id: None, operation, argument, timeout: PATIENCE }
}

/// A calling party that no prefix admits is refused before any handler hears of it, and so is one that calls itself by a
/// point code that is not named.
#[tokio::test]
async fn strangers_are_refused() {
    let served = Register::default();
    let node = SigtranNode::start(register(), served.clone()).await.unwrap();
    let (own, other) = codes();
    let mut raw = Raw::active(node.local_addrs()[0].unwrap(), own, other).await;
    let mut table = dialogues();
    let foreign = by_number(number("4917612345678"), Ssn::GMLC).unwrap();
    let unnamed = ss7::sccp::SccpAddress::by_ssn(point_code(99), Ssn::GMLC);
    for (calling, context) in [(foreign, Some(CONTEXT)), (unnamed, Some(CONTEXT)), (foreign, None)] {
        table.begin(to_register(), context, &[invoke(ECHO, &element(4))], Duration::ZERO).unwrap();
        let begin = sent(&mut table);
        raw.give(to_register(), calling, &begin).await;
    }
    until(|| node.counters().strangers == 3).await;
    assert!(served.seen.lock().unwrap().is_empty());
    assert_eq!(node.status().peer_dialogues, 0);
    // The refusal goes where the address leads; nowhere for these.
    assert_eq!(node.counters().unsent, 3);
    // A stranger that we have a route to hears of its refusal.
    let mut config = register();
    config.admission = Admission::nobody();
    let (centre, node) = pair(config, served.clone()).await;
    let outcome = ask(&centre, ECHO).await;
    assert!(matches!(outcome, Ok(InvokeOutcome::Aborted(AbortReason::Refused { .. }))), "{outcome:?}");
    assert_eq!(node.counters().strangers, 1);
    assert!(served.seen.lock().unwrap().is_empty());
}

/// A message of a point code that may not speak on the association is dropped, whatever address it bears.
#[tokio::test]
async fn other_point_codes_are_not_listened_to() {
    let served = Register::default();
    let mut config = register();
    config.admission = Admission::Anyone;
    let node = SigtranNode::start(config, served.clone()).await.unwrap();
    let (own, other) = codes();
    let mut raw = Raw::active(node.local_addrs()[0].unwrap(), own, other).await;
    let mut table = dialogues();
    table.begin(to_register(), Some(CONTEXT), &[invoke(ECHO, &element(4))], Duration::ZERO).unwrap();
    let begin = sent(&mut table);
    raw.own = point_code(98);
    raw.give(to_register(), from_centre(), &begin).await;
    until(|| node.counters().foreign_data == 1).await;
    raw.own = own;
    raw.give(to_register(), from_centre(), &begin).await;
    raw.unitdata().await;
    assert_eq!(served.seen.lock().unwrap().len(), 1);
}

/// A peer that begins dialogues and never ends them runs into a bound.
#[tokio::test]
async fn dialogues_that_never_end_are_bounded() {
    let served = Register::default();
    let mut config = register();
    config.limits.max_peer_dialogues = 10;
    let node = SigtranNode::start(config, served).await.unwrap();
    let (own, other) = codes();
    let mut raw = Raw::active(node.local_addrs()[0].unwrap(), own, other).await;
    let mut table = dialogues();
    // An empty Begin is accepted by a Continue; then nothing comes.
    for _ in 0..30 {
        table.begin(to_register(), Some(CONTEXT), &[], Duration::ZERO).unwrap();
        let begin = sent(&mut table);
        raw.give(to_register(), from_centre(), &begin).await;
    }
    let (mut accepted, mut refused) = (0, 0);
    while accepted + refused < 30 {
        let unitdata = raw.unitdata().await;
        table.receive(&unitdata.data, &unitdata.calling, Duration::ZERO);
        match table.poll() {
            Some(Output::Indication(Indication::Continue { components, .. })) if components.is_empty() => accepted += 1,
            Some(Output::Indication(Indication::Aborted {
                reason: AbortReason::Provider(ProviderAbortCause::ResourceLimitation),
                ..
            })) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((accepted, refused), (10, 20));
    assert_eq!((node.counters().resource_limited, node.status().peer_dialogues), (20, 10));
}

/// A dialogue in which nothing comes any more is aborted, and there is room again.
#[tokio::test]
async fn a_dialogue_that_never_ends_times_out() {
    let mut config = register();
    config.limits.max_peer_dialogues = 1;
    config.timers.dialogue_idle = Duration::from_millis(100);
    let node = SigtranNode::start(config, Register::default()).await.unwrap();
    let (own, other) = codes();
    let mut raw = Raw::active(node.local_addrs()[0].unwrap(), own, other).await;
    let mut table = dialogues();
    for round in 1..=2 {
        table.begin(to_register(), Some(CONTEXT), &[], Duration::ZERO).unwrap();
        let begin = sent(&mut table);
        raw.give(to_register(), from_centre(), &begin).await;
        for aborted in [false, true] {
            let unitdata = raw.unitdata().await;
            table.receive(&unitdata.data, &unitdata.calling, Duration::ZERO);
            match table.poll() {
                Some(Output::Indication(Indication::Continue { .. })) => assert!(!aborted),
                Some(Output::Indication(Indication::Aborted { reason: AbortReason::User(_), .. })) => assert!(aborted),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((node.counters().idle_dialogues, node.status().peer_dialogues), (round, 0));
    }
}

/// More invocations than may be handled at a time are rejected with resourceLimitation, and the rest is served.
#[tokio::test]
async fn a_flood_of_invocations_is_rejected() {
    let served = Register::default();
    let mut config = register();
    config.limits.max_handling = 3;
    let (centre, node) = pair(config, served.clone()).await;
    let calls: Vec<_> = (0..10).map(|_| tokio::spawn(centre.invoke(call(WAIT, element(4))))).collect();
    until(|| node.counters().resource_limited == 7).await;
    assert_eq!(served.waiting.load(Ordering::SeqCst), 3);
    served.gate.0.add_permits(3);
    let (mut results, mut rejected) = (0, 0);
    for call in calls {
        match call.await.unwrap() {
            Ok(InvokeOutcome::Result(_)) => results += 1,
            Ok(InvokeOutcome::Rejected(Problem::Invoke(InvokeProblem::ResourceLimitation))) => rejected += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((results, rejected), (3, 7));
    assert_eq!(ask(&centre, ECHO).await, Ok(InvokeOutcome::Result(element(20))));
}

/// Our own dialogues have a bound of their own.
#[tokio::test]
async fn too_many_dialogues_of_ours_are_an_error_at_once() {
    let served = Register::default();
    let register = SigtranNode::start(register(), served.clone()).await.unwrap();
    let mut config = connected_to(centre(), register.local_addrs()[0].unwrap());
    config.limits.max_dialogues = 2;
    let centre = SigtranNode::start(config, NoOperations).await.unwrap();
    active(&centre, 1).await;
    let calls: Vec<_> = (0..2).map(|_| tokio::spawn(centre.invoke(call(WAIT, element(4))))).collect();
    until(|| served.waiting.load(Ordering::SeqCst) == 2).await;
    assert_eq!(ask(&centre, ECHO).await, Err(InvokeError::Overloaded));
    assert_eq!(centre.counters().overloads, 1);
    served.gate.0.add_permits(2);
    for call in calls {
        assert!(matches!(call.await.unwrap(), Ok(InvokeOutcome::Result(_))));
    }
    assert_eq!(ask(&centre, ECHO).await, Ok(InvokeOutcome::Result(element(20))));
}

/// A peer that does not read is not written to without bound.
#[tokio::test]
async fn a_peer_that_does_not_read_fills_one_buffer_and_no_more() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let mut config = connected_to(centre(), listener.local_addr().unwrap());
    config.limits.max_unsent = 64 * 1024;
    config.limits.max_dialogues = 100_000;
    let centre = SigtranNode::start(config, NoOperations).await.unwrap();
    let raw = Raw::gateway(&listener, point_code(2062), point_code(2057)).await;
    active(&centre, 1).await;
    let mut waiting = Vec::new();
    let overloaded = loop {
        let mut call = Box::pin(centre.invoke(call(WAIT, element(2000))));
        let first = core::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx))).await;
        match first {
            std::task::Poll::Ready(outcome) => break outcome,
            std::task::Poll::Pending => waiting.push(call),
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(overloaded, Err(InvokeError::Overloaded));
    drop(raw);
    for call in waiting {
        assert_eq!(call.await, Err(InvokeError::Lost));
    }
}

/// A peer that asks and never reads: its requests are left unread once its answers fill the buffer, and served when it
/// reads again.
#[tokio::test]
async fn a_peer_that_asks_and_does_not_read_is_not_read_from() {
    let served = Register::default();
    let mut config = register();
    config.limits.max_unsent = 64 * 1024;
    let node = SigtranNode::start(config, served.clone()).await.unwrap();
    let (own, other) = codes();
    let mut raw = Raw::active(node.local_addrs()[0].unwrap(), own, other).await;
    let mut table = dialogues();
    table.invoke(to_register(), CONTEXT, LONG, &element(4), PATIENCE, Duration::ZERO).unwrap();
    let begin = raw.data_octets(to_register(), from_centre(), &sent(&mut table));
    let (mut given, mut at) = (0, 0);
    // Until nothing can be written any more: each socket buffer is full, and nobody empties them.
    let patience = Duration::from_millis(300);
    while let Ok(written) = tokio::time::timeout(patience, raw.stream.write(&begin[at..])).await {
        at = (at + written.unwrap()) % begin.len();
        given += usize::from(at == 0);
        assert!(given < 1_000_000, "the node reads on");
    }
    let handled = node.counters().invokes_handled as usize;
    assert!(handled < given, "{handled} of {given}");
    // Every request that was read has its answer, in segments.
    let segments = node.counters().data_sent / handled as u64;
    assert_eq!(node.counters().data_sent, handled as u64 * segments);
    for _ in 0..node.counters().data_sent {
        raw.data().await;
    }
    assert_eq!(node.counters().unsent, 0);
}

/// Octets that are no M3UA message end the connection; what is wrong further up ends nothing.
#[tokio::test]
async fn garbage_of_each_layer() {
    let served = Register::default();
    let node = SigtranNode::start(register(), served.clone()).await.unwrap();
    let address = node.local_addrs()[0].unwrap();
    let (own, other) = codes();
    // Not version 1: there is no next message.
    let mut raw = Raw::active(address, own, other).await;
    raw.write(b"GET / HTTP/1.1\r\n\r\n").await;
    raw.ended().await;
    assert_eq!(node.counters().malformed_m3ua, 1);
    until(|| node.status().associations[0].last_error == Some(LinkDown::Garbage)).await;
    // A length beyond what is taken.
    let mut raw = Raw::active(address, own, other).await;
    raw.write(&[1, 0, 1, 1, 0x7f, 0xff, 0xff, 0xff]).await;
    raw.ended().await;
    assert_eq!(node.counters().malformed_m3ua, 2);
    // A class that nobody knows, a DATA without anything in it: an Error message each, and the connection goes on.
    let mut raw = Raw::active(address, own, other).await;
    raw.write(&[1, 0, 42, 1, 0, 0, 0, 8]).await;
    raw.write(&[1, 0, 1, 1, 0, 0, 0, 8]).await;
    for _ in 0..2 {
        raw.expect(|message| matches!(message, Message::Error(_))).await;
    }
    assert_eq!(node.counters().malformed_m3ua, 4);
    // SCCP that ends early; TCAP that is none; a Continue, an End and an Abort of no dialogue.
    raw.transfer(own, Bytes::from_static(&[9, 0, 3])).await;
    until(|| node.counters().malformed_sccp == 1).await;
    for octets in [&[0xff, 0x00][..], &[0x62, 0x7f, 0x01]] {
        raw.give(to_register(), from_centre(), octets).await;
    }
    until(|| node.counters().malformed_tcap == 2).await;
    for octets in [
        // End and Abort of a transaction 01020304 that is not there.
        &[0x64, 0x06, 0x49, 0x04, 1, 2, 3, 4][..],
        &[0x67, 0x06, 0x49, 0x04, 1, 2, 3, 4],
        // Continue from transaction 0a0b0c0d to that one.
        &[0x65, 0x0c, 0x48, 0x04, 10, 11, 12, 13, 0x49, 0x04, 1, 2, 3, 4],
    ] {
        raw.give(to_register(), from_centre(), octets).await;
    }
    until(|| node.counters().stray_dialogues == 3).await;
    // It serves all the same.
    let mut table = dialogues();
    table.invoke(to_register(), CONTEXT, ECHO, &element(4), PATIENCE, Duration::ZERO).unwrap();
    let begin = sent(&mut table);
    raw.give(to_register(), from_centre(), &begin).await;
    loop {
        let unitdata = raw.unitdata().await;
        table.receive(&unitdata.data, &unitdata.calling, Duration::ZERO);
        match table.poll() {
            Some(Output::Indication(Indication::Outcome { outcome, .. })) => {
                assert_eq!(outcome, ss7::tcap::Outcome::Result(element(4)));
                break;
            }
            // The P-Abort for the Continue of no dialogue.
            None => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(served.seen.lock().unwrap().len(), 1);
}

/// DATA before ASPAC is answered by an Error and reaches nobody.
#[tokio::test]
async fn traffic_before_the_process_is_active_is_dropped() {
    let served = Register::default();
    let mut config = register();
    config.admission = Admission::Anyone;
    let node = SigtranNode::start(config, served.clone()).await.unwrap();
    let (own, other) = codes();
    let stream = tokio::net::TcpStream::connect(node.local_addrs()[0].unwrap()).await.unwrap();
    let mut raw = Raw::new(stream, own, other);
    let mut table = dialogues();
    table.begin(to_register(), Some(CONTEXT), &[invoke(ECHO, &element(4))], Duration::ZERO).unwrap();
    let begin = sent(&mut table);
    raw.give(to_register(), from_centre(), &begin).await;
    raw.send(&Message::AspUp { asp_identifier: None }).await;
    raw.expect(|message| matches!(message, Message::AspUpAck { .. })).await;
    raw.give(to_register(), from_centre(), &begin).await;
    until(|| node.counters().foreign_data == 2).await;
    assert!(served.seen.lock().unwrap().is_empty());
}

/// Messages of the peer that answer nothing, answer wrongly, or abort.
#[tokio::test]
async fn answers_that_are_none() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let centre =
        SigtranNode::start(connected_to(centre(), listener.local_addr().unwrap()), NoOperations).await.unwrap();
    let mut raw = Raw::gateway(&listener, point_code(2062), point_code(2057)).await;
    active(&centre, 1).await;
    let mut table = dialogues();
    for case in 0..6 {
        let waiting = tokio::spawn(centre.invoke(call(ECHO, element(4))));
        let unitdata = raw.unitdata().await;
        table.receive(&unitdata.data, &unitdata.calling, Duration::ZERO);
        let Some(Output::Indication(Indication::Begin { dialogue, components, .. })) = table.poll() else {
            panic!("a Begin")
        };
        assert!(matches!(components[..], [Component::Invoke { invoke_id: 1, operation: ECHO, .. }]));
        match case {
            0 => table.end(dialogue, &[]).unwrap(),
            1 => table.abort(dialogue, &[]).unwrap(),
            2 => table.refuse(dialogue, ss7::tcap::Refusal::NoReasonGiven, &[]).unwrap(),
            // It has the result and never ends the dialogue.
            3 => {
                let answer = Request::ResultLast { invoke_id: 1, result: &element(7) };
                table.proceed(dialogue, &[answer], Duration::ZERO).unwrap();
            }
            4 => raw.give_back(unitdata.clone(), ReturnCause::NoTranslationAddress).await,
            _ => {
                let problem = Problem::Invoke(InvokeProblem::UnrecognizedOperation);
                table.end(dialogue, &[Request::Reject { invoke_id: 1, problem }]).unwrap();
            }
        }
        if case != 4 {
            let octets = sent(&mut table);
            raw.give(unitdata.calling, to_register(), &octets).await;
        }
        let outcome = waiting.await.unwrap().unwrap();
        match case {
            0 => assert_eq!(outcome, InvokeOutcome::NoAnswer),
            1 => assert_eq!(outcome, InvokeOutcome::Aborted(AbortReason::User(Vec::new()))),
            2 => assert!(matches!(outcome, InvokeOutcome::Aborted(AbortReason::Refused { .. })), "{outcome:?}"),
            3 => assert_eq!(outcome, InvokeOutcome::Result(element(7))),
            4 => assert_eq!(outcome, InvokeOutcome::Unreachable { cause: 1 }),
            _ => assert_eq!(outcome, InvokeOutcome::Rejected(Problem::Invoke(InvokeProblem::UnrecognizedOperation))),
        }
        assert_eq!(centre.status().dialogues, 0, "case {case}");
        if case == 3 {
            // The dialogue is ended from here.
            let unitdata = raw.unitdata().await;
            assert_eq!(unitdata.data[0], 0x64, "an End");
        }
    }
}

/// A subsystem that is not there, a title that is not ours: unitdata goes back if its sender wants it.
#[tokio::test]
async fn an_unknown_subsystem_is_unequipped() {
    let (centre, node) = pair(register(), Register::default()).await;
    let mut elsewhere = call(ECHO, element(4));
    elsewhere.to.ssn = Some(Ssn::VLR);
    assert_eq!(centre.invoke(elsewhere).await, Ok(InvokeOutcome::Unreachable { cause: 4 }));
    let mut elsewhere = call(ECHO, element(4));
    elsewhere.to = by_number(number("4917799"), Ssn::HLR).unwrap();
    let outcome = centre.invoke(elsewhere).await;
    assert!(matches!(outcome, Ok(InvokeOutcome::Unreachable { .. })), "{outcome:?}");
    assert_eq!((node.counters().undeliverable, centre.counters().undelivered), (2, 2));
}

/// A connection from an address that may not connect is closed before a word.
#[tokio::test]
async fn other_addresses_do_not_connect() {
    let mut config = register();
    config.associations[0].from = vec!["192.0.2.1".parse().unwrap()];
    let node = SigtranNode::start(config, NoOperations).await.unwrap();
    let stream = tokio::net::TcpStream::connect(node.local_addrs()[0].unwrap()).await.unwrap();
    Raw::new(stream, point_code(2057), point_code(2062)).ended().await;
    assert_eq!(node.counters().connections_refused, 1);
}
