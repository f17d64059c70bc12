//! The end of a node.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ss7::m3ua::Message;
use tokio::net::TcpListener;
use transport::sigtran::{InvokeError, InvokeOutcome, NoOperations, SigtranNode};

use crate::common::{
    ANY, ECHO, Register, WAIT, active, ask, call, centre, connected_to, element, pair, point_code, register, until,
};
use crate::raw::Raw;

/// What is under way ends, nothing new begins, and the peer sees ASPIA and ASPDN.
#[tokio::test]
async fn what_is_under_way_ends_before_the_node_does() {
    let served = Register::default();
    let (centre, register) = pair(register(), served.clone()).await;
    let waiting = tokio::spawn(centre.invoke(call(WAIT, element(4))));
    until(|| served.waiting.load(Ordering::SeqCst) == 1).await;
    let stopping = {
        let centre = centre.clone();
        tokio::spawn(async move { centre.stop().await })
    };
    // Both refuse what is new; it takes a moment until the order is given.
    loop {
        match ask(&centre, ECHO).await {
            Ok(InvokeOutcome::Result(_)) => tokio::task::yield_now().await,
            other => break assert_eq!(other, Err(InvokeError::Stopping)),
        }
    }
    assert!(!stopping.is_finished());
    served.gate.0.add_permits(1);
    assert_eq!(waiting.await.unwrap(), Ok(InvokeOutcome::Result(element(4))));
    stopping.await.unwrap();
    assert!(centre.status().associations[0].connections.is_empty());
    until(|| register.status().associations[0].connections.is_empty()).await;
    register.stop().await;
    // Again is no harm.
    register.stop().await;
}

#[tokio::test]
async fn a_process_says_goodbye() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let centre =
        SigtranNode::start(connected_to(centre(), listener.local_addr().unwrap()), NoOperations).await.unwrap();
    let mut raw = Raw::gateway(&listener, point_code(2062), point_code(2057)).await;
    active(&centre, 1).await;
    let stopping = tokio::spawn(async move { centre.stop().await });
    raw.expect(|message| matches!(message, Message::AspInactive(_))).await;
    raw.send(&Message::AspInactiveAck(Vec::new())).await;
    raw.expect(|message| matches!(message, Message::AspDown)).await;
    raw.send(&Message::AspDownAck).await;
    raw.ended().await;
    drop(raw);
    stopping.await.unwrap();
}

/// Neither a peer that does not acknowledge nor a handler that does not end holds the stop up for ever.
#[tokio::test]
async fn nobody_holds_the_stop_up() {
    let served = Register::default();
    let mut config = register();
    config.timers.drain = Duration::from_millis(50);
    let node = SigtranNode::start(config, served.clone()).await.unwrap();
    let mut config = connected_to(centre(), node.local_addrs()[0].unwrap());
    config.timers.drain = Duration::from_millis(50);
    let centre = SigtranNode::start(config, NoOperations).await.unwrap();
    active(&centre, 1).await;
    let waiting = tokio::spawn(centre.invoke(call(WAIT, element(4))));
    until(|| served.waiting.load(Ordering::SeqCst) == 1).await;
    node.stop().await;
    let outcome = waiting.await.unwrap();
    assert!(matches!(outcome, Ok(InvokeOutcome::Aborted(_)) | Err(InvokeError::Lost)), "{outcome:?}");
    centre.stop().await;
    // A gateway that never acknowledges.
    let listener = TcpListener::bind(ANY).await.unwrap();
    let mut config = connected_to(crate::common::centre(), listener.local_addr().unwrap());
    config.timers.closing = Duration::from_millis(50);
    config.timers.drain = Duration::from_millis(50);
    let centre = SigtranNode::start(config, NoOperations).await.unwrap();
    let mut raw = Raw::gateway(&listener, point_code(2062), point_code(2057)).await;
    active(&centre, 1).await;
    let waiting = tokio::spawn(centre.invoke(call(WAIT, element(4))));
    raw.unitdata().await;
    centre.stop().await;
    assert_eq!(waiting.await.unwrap(), Err(InvokeError::Stopping));
    raw.ended().await;
}
