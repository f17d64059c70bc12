//! The watchdog on a wire, time moved by hand (RFC 3539 section 3.4.1).

use std::time::Duration;

use diameter::codec::{CommandCode, CommandFlags};
use diameter::peer::{State, WatchdogState};
use tokio::net::TcpListener;
use transport::{Destination, LinkError, NoCommands, Node, PeerConfig};

use crate::common::*;

async fn node(listeners: &[&TcpListener]) -> Node {
    let mut config = config("gmlc.lab");
    config.listen.clear();
    config.timers.watchdog = Duration::from_secs(10);
    config.timers.peer_wait = Duration::ZERO;
    for (number, listener) in (1..).zip(listeners) {
        let host = format!("mme{number}.lab");
        config.peers.push(PeerConfig::initiate(&host, "lab", listener.local_addr().unwrap()).priority(number));
    }
    Node::start(config, NoCommands).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_quiet_peer_is_asked_once_per_interval_and_stays() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let node = node(&[&listener]).await;
    let mut raw = Raw::welcome(&listener, "mme1.lab").await;
    for _ in 0..20 {
        let asked = tokio::time::Instant::now();
        let dwr = raw.next().await.unwrap();
        assert_eq!(dwr.header.command, CommandCode::DEVICE_WATCHDOG);
        assert!(asked.elapsed() >= Duration::from_secs(8) && asked.elapsed() <= Duration::from_secs(13));
        raw.dwa(dwr.header).await;
    }
    assert_eq!(node.peers()[0].watchdog, WatchdogState::Okay);
    assert_eq!(node.counters().connections_opened, 1);
}

/// A mute peer: its request moves to the other one after the second interval, the connection goes after the third.
#[tokio::test(start_paused = true)]
async fn a_mute_peer_is_left_and_then_closed() {
    let (first, second) = (TcpListener::bind(ANY).await.unwrap(), TcpListener::bind(ANY).await.unwrap());
    let node = node(&[&first, &second]).await;
    let (mut mute, mut sound) = tokio::join!(Raw::welcome(&first, "mme1.lab"), Raw::welcome(&second, "mme2.lab"));
    usable(&node, 2).await;
    let to = Destination::to_realm("lab");
    let begun = tokio::time::Instant::now();
    let asking = node.request(SLG, to.clone(), plr("moved", &to), Duration::from_secs(100));
    let serving = async {
        let request = mute.expect(PLR).await;
        let moved = sound.expect(PLR).await;
        assert!(moved.header.flags.contains(CommandFlags::RETRANSMITTED));
        assert_eq!(moved.header.ids.end_to_end, request.header.ids.end_to_end);
        sound.answer(&moved).await;
        moved
    };
    let (answer, _) = tokio::join!(asking, serving);
    assert_eq!(text_of(&answer.unwrap()), "moved");
    let taken = begun.elapsed().as_secs();
    assert!((16..=26).contains(&taken), "two intervals of 8 to 12 s, not {taken} s");
    assert_eq!(node.counters().failovers, 1);

    let sound = tokio::spawn(async move {
        loop {
            sound.expect(PLR).await;
        }
    });
    while let Some(message) = mute.next().await {
        assert_eq!(message.header.command, CommandCode::DEVICE_WATCHDOG);
    }
    let status = node.peers().into_iter().find(|peer| peer.host == "mme1.lab").unwrap();
    assert_eq!((status.last_error, status.usable), (Some(LinkError::Watchdog), false));
    sound.abort();
}

/// A suspect peer that answers after all keeps its request, when no other peer could take it.
#[tokio::test(start_paused = true)]
async fn a_suspect_peer_without_an_alternative_keeps_its_requests() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let node = node(&[&listener]).await;
    let mut raw = Raw::welcome(&listener, "mme1.lab").await;
    usable(&node, 1).await;
    let to = Destination::to_realm("lab");
    let asking = node.request(SLG, to.clone(), plr("late", &to), Duration::from_secs(100));
    let serving = async {
        let request = raw.expect(PLR).await;
        until(|| node.peers()[0].watchdog == WatchdogState::Suspect).await;
        assert!(!node.peers()[0].usable);
        raw.answer(&request).await;
    };
    let (answer, ()) = tokio::join!(asking, serving);
    assert_eq!(text_of(&answer.unwrap()), "late");
    assert_eq!((node.peers()[0].watchdog, node.peers()[0].usable), (WatchdogState::Okay, true));
    assert_eq!(node.counters().retransmissions, 0);
}

/// After a fault, three watchdogs have to be answered before requests go there again.
#[tokio::test(start_paused = true)]
async fn a_peer_that_returns_after_a_fault_answers_three_watchdogs_first() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let node = node(&[&listener]).await;
    drop(Raw::welcome(&listener, "mme1.lab").await);
    until(|| node.counters().connections_closed == 1).await;
    let mut raw = Raw::welcome(&listener, "mme1.lab").await;
    for _ in 0..3 {
        assert!(!node.peers()[0].usable);
        let dwr = raw.next().await.unwrap();
        assert_eq!(dwr.header.command, CommandCode::DEVICE_WATCHDOG);
        raw.dwa(dwr.header).await;
    }
    usable(&node, 1).await;
    assert_eq!(node.peers()[0].state, State::IOpen);
}

#[tokio::test(start_paused = true)]
async fn a_request_times_out_at_its_own_time_and_not_before() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let node = node(&[&listener]).await;
    let mut raw = Raw::welcome(&listener, "mme1.lab").await;
    usable(&node, 1).await;
    let serving = tokio::spawn(async move {
        loop {
            raw.expect(PLR).await;
        }
    });
    let to = Destination::to_realm("lab");
    let begun = tokio::time::Instant::now();
    let times = [3000, 1000, 2000].map(|millis| {
        let (node, to) = (node.clone(), to.clone());
        tokio::spawn(async move {
            let patience = Duration::from_millis(millis);
            let result = node.request(SLG, to.clone(), plr("x", &to), patience).await;
            assert_eq!(result.unwrap_err(), transport::RequestError::TimedOut);
            let taken = begun.elapsed();
            assert!(taken >= patience && taken <= patience + Duration::from_millis(5), "{taken:?}");
        })
    });
    for time in times {
        time.await.unwrap();
    }
    assert_eq!(node.counters().timeouts, 3);
    serving.abort();
}
