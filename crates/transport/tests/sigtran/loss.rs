//! Associations that are not there, are lost, come back, or are taken by another process.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ss7::m3ua::Message;
use ss7::sccp::ReturnCause;
use tokio::net::TcpListener;
use transport::sigtran::{
    GtRoute, InvokeError, InvokeOutcome, LinkDown, NoOperations, SigtranNode, SigtranTransport, Ssn, TrafficMode,
    by_number,
};

use crate::common::{
    ANY, ECHO, Register, WAIT, active, ask, call, centre, connected_to, element, number, pair, point_code, register,
    until,
};
use crate::raw::Raw;

#[tokio::test]
async fn without_an_active_association_an_invocation_fails_at_once() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let address = listener.local_addr().unwrap();
    let centre = SigtranNode::start(connected_to(centre(), address), NoOperations).await.unwrap();
    assert_eq!(ask(&centre, ECHO).await, Err(InvokeError::NotActive));
    // Connected and up is not active yet.
    let mut raw = Raw::new(listener.accept().await.unwrap().0, point_code(2062), point_code(2057));
    raw.expect(|message| matches!(message, Message::AspUp { .. })).await;
    assert_eq!(ask(&centre, ECHO).await, Err(InvokeError::NotActive));
    raw.send(&Message::AspUpAck { asp_identifier: None }).await;
    raw.expect(|message| matches!(message, Message::AspActive { .. })).await;
    assert_eq!(ask(&centre, ECHO).await, Err(InvokeError::NotActive));
    assert_eq!(centre.status().dialogues, 0);
    // A number that no route knows.
    let mut elsewhere = call(ECHO, element(1));
    elsewhere.to = by_number(number("33612345678"), Ssn::HLR).unwrap();
    assert_eq!(centre.invoke(elsewhere).await, Err(InvokeError::NoRoute));
    assert_eq!(centre.counters().unsent, 4);
}

#[tokio::test]
async fn a_lost_association_fails_what_waits_and_comes_back() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (own, other) = (point_code(2062), point_code(2057));
    let centre = SigtranNode::start(connected_to(centre(), address), NoOperations).await.unwrap();
    let mut raw = Raw::gateway(&listener, own, other).await;
    active(&centre, 1).await;
    let calls: Vec<_> = (0..10).map(|_| tokio::spawn(centre.invoke(call(WAIT, element(4))))).collect();
    let served = tokio::spawn(centre.invoke(call(WAIT, element(4)).serving()));
    for _ in 0..11 {
        raw.unitdata().await;
    }
    drop(raw);
    for call in calls {
        assert_eq!(call.await.unwrap(), Err(InvokeError::Lost));
    }
    assert_eq!(served.await.unwrap(), Err(InvokeError::Lost));
    assert_eq!((centre.status().dialogues, centre.counters().lost), (0, 11));
    assert!(!centre.status().associations[0].active);
    assert_eq!(centre.status().associations[0].last_error, Some(LinkDown::Closed));
    // It connects again, and the next gateway gets the next requests.
    let mut raw = Raw::gateway(&listener, own, other).await;
    active(&centre, 1).await;
    let again = tokio::spawn(centre.invoke(call(ECHO, element(4))));
    let unitdata = raw.unitdata().await;
    raw.give_back(unitdata, ReturnCause::SubsystemFailure).await;
    assert_eq!(again.await.unwrap(), Ok(InvokeOutcome::Unreachable { cause: 3 }));
    assert_eq!(centre.counters().undelivered, 1);
    assert_eq!(centre.counters().connections_opened, 2);
}

/// A restarted register is found again, and the handlers that its predecessor ran are none of its own.
#[tokio::test]
async fn a_restarted_node_is_connected_to_again() {
    let served = Register::default();
    let (centre, first) = pair(register(), served.clone()).await;
    let address = first.local_addrs()[0].unwrap();
    let waiting = tokio::spawn(centre.invoke(call(WAIT, element(4))));
    until(|| served.waiting.load(Ordering::SeqCst) == 1).await;
    let mut config = register();
    config.associations[0].address = address;
    let quick = async {
        // The waiting handler has no end of its own.
        tokio::time::pause();
        first.stop().await;
        tokio::time::resume();
    };
    quick.await;
    let outcome = waiting.await.unwrap();
    assert!(matches!(outcome, Ok(InvokeOutcome::Aborted(_)) | Err(InvokeError::Lost)), "{outcome:?}");
    until(|| !centre.status().associations[0].active).await;
    let second = SigtranNode::start(config, served).await.unwrap();
    active(&centre, 1).await;
    active(&second, 1).await;
    assert_eq!(ask(&centre, ECHO).await, Ok(InvokeOutcome::Result(element(20))));
}

/// Override: the process that becomes active last takes the traffic from the one before (RFC 4666 section 4.3.4.3).
#[tokio::test]
async fn another_process_takes_the_traffic_over() {
    let (own, other) = (point_code(2057), point_code(2062));
    let mut config = register();
    config.associations[0].traffic_mode = TrafficMode::Override;
    config.routes = vec![GtRoute { prefix: number("49177"), point_code: own }];
    let node = SigtranNode::start(config, NoOperations).await.unwrap();
    let address = node.local_addrs()[0].unwrap();
    let mut first = Raw::active(address, own, other).await;
    let to_centre = by_number(crate::common::centre_number(), Ssn::GMLC).unwrap();
    let mut call = call(ECHO, element(4));
    call.to = to_centre;
    let waiting = tokio::spawn(node.invoke(call.clone()));
    first.unitdata().await;
    let mut second = Raw::active(address, own, other).await;
    assert_eq!(waiting.await.unwrap(), Err(InvokeError::Lost));
    let waiting = tokio::spawn(node.invoke(call));
    let unitdata = second.unitdata().await;
    second.give_back(unitdata, ReturnCause::UnequippedUser).await;
    assert_eq!(waiting.await.unwrap(), Ok(InvokeOutcome::Unreachable { cause: 4 }));
    let status = node.status();
    let active: Vec<_> = status.associations[0].connections.iter().map(|one| one.active).collect();
    assert_eq!(active, [false, true]);
}

/// Two heartbeats without an answer end the connection; a peer that answers stays.
#[tokio::test]
async fn a_peer_that_does_not_answer_heartbeats_is_given_up() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let mut config = connected_to(centre(), listener.local_addr().unwrap());
    config.timers.heartbeat = Duration::from_millis(250);
    let centre = SigtranNode::start(config, NoOperations).await.unwrap();
    let mut raw = Raw::gateway(&listener, point_code(2062), point_code(2057)).await;
    active(&centre, 1).await;
    for _ in 0..2 {
        let Message::Beat(data) = raw.expect(|message| matches!(message, Message::Beat(_))).await else {
            panic!("a heartbeat")
        };
        raw.send(&Message::BeatAck(data)).await;
    }
    assert!(centre.status().associations[0].active);
    raw.ended().await;
    until(|| centre.status().associations[0].last_error == Some(LinkDown::Heartbeat)).await;
}

/// SCTP works where the kernel has it, and is a plain error where not.
#[tokio::test]
async fn sctp_is_the_kernels() {
    let mut config = register();
    config.associations[0].transport = SigtranTransport::Sctp;
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, Some(socket2::Protocol::from(132)));
    let Ok(_) = socket else {
        let error = SigtranNode::start(config, Register::default()).await.unwrap_err();
        assert!(error.to_string().contains("sctp module"), "{error}");
        let mut config = connected_to(centre(), "127.0.0.1:2905".parse().unwrap());
        config.associations[0].transport = SigtranTransport::Sctp;
        let centre = SigtranNode::start(config, NoOperations).await.unwrap();
        until(|| centre.status().associations[0].last_error == Some(LinkDown::SctpUnavailable)).await;
        return;
    };
    let register = SigtranNode::start(config, Register::default()).await.unwrap();
    let mut config = connected_to(centre(), register.local_addrs()[0].unwrap());
    config.associations[0].transport = SigtranTransport::Sctp;
    let centre = SigtranNode::start(config, NoOperations).await.unwrap();
    active(&centre, 1).await;
    assert_eq!(ask(&centre, ECHO).await, Ok(InvokeOutcome::Result(element(20))));
    assert_eq!(centre.invoke(call(ECHO, element(2000))).await, Ok(InvokeOutcome::Result(element(2000))));
}
