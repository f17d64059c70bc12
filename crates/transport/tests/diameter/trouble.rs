//! Peers that fail, lie, or leave (RFC 6733 sections 5.4, 5.5.4, 6.2.1 and 7).

use std::sync::atomic::Ordering;
use std::time::Duration;

use diameter::base::{DisconnectCause, DisconnectPeerRequest};
use diameter::codec::{
    ApplicationId, Builder, CommandCode, CommandFlags, ExperimentalResult, Header, Identifiers, Outcome, ResultCode,
    set_hop_by_hop,
};
use diameter::peer::State;
use tokio::net::TcpListener;
use transport::{Destination, LinkError, NoCommands, Node, PeerConfig, RequestError, UnknownPeers};

use crate::common::*;

/// A client of two scripted servers of one realm, the first preferred.
async fn two_servers() -> (Node, Raw, Raw, TcpListener) {
    let (first, second) = (TcpListener::bind(ANY).await.unwrap(), TcpListener::bind(ANY).await.unwrap());
    let mut config = config("gmlc.lab");
    config.timers.peer_wait = Duration::ZERO;
    config.peers = vec![
        PeerConfig::initiate("mme1.lab", "lab", first.local_addr().unwrap()).priority(1),
        PeerConfig::initiate("mme2.lab", "lab", second.local_addr().unwrap()).priority(2),
    ];
    let node = Node::start(config, NoCommands).await.unwrap();
    let (one, two) = tokio::join!(Raw::welcome(&first, "mme1.lab"), Raw::welcome(&second, "mme2.lab"));
    usable(&node, 2).await;
    (node, one, two, first)
}

fn lab() -> Destination {
    Destination::to_realm("lab")
}

#[tokio::test]
async fn a_lost_connection_moves_its_requests_to_the_other_peer_with_the_t_bit() {
    let (node, mut one, mut two, _listener) = two_servers().await;
    let to = lab();
    let asking = ask(&node, "moved", &to);
    let serving = async {
        let first = one.expect(PLR).await;
        assert!(!first.header.flags.contains(CommandFlags::RETRANSMITTED));
        drop(one);
        let second = two.expect(PLR).await;
        assert!(second.header.flags.contains(CommandFlags::RETRANSMITTED));
        assert_eq!(second.header.ids.end_to_end, first.header.ids.end_to_end);
        assert_eq!(text_of(&second), "moved");
        two.answer(&second).await;
    };
    assert_eq!(tokio::join!(asking, serving).0.as_deref(), Ok("moved"));
    assert_eq!(node.counters().retransmissions, 1);
}

#[tokio::test]
async fn a_lost_connection_without_another_peer_fails_its_requests() {
    let (node, mut one, two, _listener) = two_servers().await;
    drop(two);
    until(|| node.peers().iter().any(|peer| !peer.usable)).await;
    let to = Destination::to_host("mme1.lab", "lab");
    let cutting = async {
        one.expect(PLR).await;
        drop(one);
    };
    assert_eq!(tokio::join!(ask(&node, "x", &to), cutting).0, Err(RequestError::Disconnected));
}

/// The only way to a host comes back while the request may still wait.
#[tokio::test]
async fn a_request_outlives_a_reconnection() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let mut config = config("gmlc.lab");
    config.timers.peer_wait = PATIENCE;
    config.peers = vec![PeerConfig::initiate("mme.lab", "lab", listener.local_addr().unwrap())];
    let node = Node::start(config, NoCommands).await.unwrap();
    let to = Destination::to_host("mme.lab", "lab");
    let serving = async {
        let mut before = Raw::welcome(&listener, "mme.lab").await;
        let first = before.expect(PLR).await;
        drop(before);
        let mut after = Raw::welcome(&listener, "mme.lab").await;
        let second = after.expect(PLR).await;
        assert!(second.header.flags.contains(CommandFlags::RETRANSMITTED));
        assert_eq!(second.header.ids.end_to_end, first.header.ids.end_to_end);
        after.answer(&second).await;
    };
    assert_eq!(tokio::join!(ask(&node, "patient", &to), serving).0.as_deref(), Ok("patient"));
    assert_eq!(node.peers()[0].watchdog, diameter::peer::WatchdogState::Okay);
}

/// RFC 6733 section 7.1.3: another peer is tried once, without the T bit.
#[tokio::test]
async fn a_peer_that_cannot_deliver_is_left_for_another_once() {
    let (node, mut one, mut two, _listener) = two_servers().await;
    let to = lab();
    let refuse = async |raw: &mut Raw, result: ResultCode| {
        let request = raw.expect(PLR).await;
        assert!(!request.header.flags.contains(CommandFlags::RETRANSMITTED));
        let origin = diameter::base::Origin { host: raw.host, realm: "lab" };
        raw.send(|out| diameter::base::failure_answer(&request, origin, Outcome::Base(result), out)).await;
    };
    let serving = async {
        refuse(&mut one, ResultCode::TOO_BUSY).await;
        let request = two.expect(PLR).await;
        assert!(!request.header.flags.contains(CommandFlags::RETRANSMITTED));
        two.answer(&request).await;
    };
    assert_eq!(tokio::join!(ask(&node, "helped", &to), serving).0.as_deref(), Ok("helped"));
    let serving = async {
        refuse(&mut one, ResultCode::UNABLE_TO_DELIVER).await;
        refuse(&mut two, ResultCode::TOO_BUSY).await;
    };
    let result = tokio::join!(ask(&node, "hopeless", &to), serving).0;
    assert_eq!(result, Err(RequestError::Protocol { result_code: 3004 }));
    assert_eq!(node.counters().alternates, 2);
    let serving = refuse(&mut one, ResultCode::INVALID_HDR_BITS);
    let result = tokio::join!(ask(&node, "wrong", &to), serving).0;
    assert_eq!(result, Err(RequestError::Protocol { result_code: 3008 }), "no other peer would help");
}

/// A request that brings its receiver down goes out three times at most.
#[tokio::test]
async fn a_request_that_no_peer_survives_is_given_up() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let mut config = config("gmlc.lab");
    config.timers.peer_wait = PATIENCE;
    config.peers = vec![PeerConfig::initiate("mme.lab", "lab", listener.local_addr().unwrap())];
    let node = Node::start(config, NoCommands).await.unwrap();
    let to = Destination::to_host("mme.lab", "lab");
    let serving = async {
        for _ in 0..3 {
            Raw::welcome(&listener, "mme.lab").await.expect(PLR).await;
        }
    };
    assert_eq!(tokio::join!(ask(&node, "poison", &to), serving).0, Err(RequestError::Disconnected));
    assert_eq!(node.counters().requests_sent, 3);
}

/// Some nodes set E with an error of the application too, which is then the caller's to read.
#[tokio::test]
async fn an_experimental_result_counts_though_the_e_bit_is_set() {
    let (node, mut one, _two, _listener) = two_servers().await;
    let to = lab();
    let serving = async {
        let request = one.expect(PLR).await;
        let origin = diameter::base::Origin { host: "mme1.lab", realm: "lab" };
        let denied = Outcome::Experimental(ExperimentalResult::POSITIONING_DENIED);
        let mut octets = Vec::new();
        diameter::base::failure_answer(&request, origin, denied, &mut octets).unwrap();
        octets[4] |= 0x20;
        one.write(&octets).await;
    };
    let answer = tokio::join!(node.request(SLG, to.clone(), plr("x", &to), PATIENCE), serving).0.unwrap();
    assert!(answer.find(&diameter::dictionary::EXPERIMENTAL_RESULT).is_some());
}

/// RFC 6733 section 5.4: a peer that expects nothing from us is left alone until there is something for it.
#[tokio::test]
async fn a_peer_that_did_not_want_to_talk_is_connected_to_when_there_is_something_to_send() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let mut config = config("gmlc.lab");
    config.timers.peer_wait = PATIENCE;
    config.peers = vec![PeerConfig::initiate("mme.lab", "lab", listener.local_addr().unwrap())];
    let node = Node::start(config, NoCommands).await.unwrap();
    let mut raw = Raw::welcome(&listener, "mme.lab").await;
    usable(&node, 1).await;
    raw.send(|out| {
        DisconnectPeerRequest {
            origin_host: "mme.lab",
            origin_realm: "lab",
            disconnect_cause: DisconnectCause::DO_NOT_WANT_TO_TALK_TO_YOU,
            extra: Vec::new(),
        }
        .encode(Identifiers::default(), out)
    })
    .await;
    raw.expect(CommandCode::DISCONNECT_PEER).await;
    drop(raw);
    until(|| node.peers()[0].last_error == Some(LinkError::Disconnected(2))).await;
    let left_alone = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(left_alone.is_err());
    let to = Destination::to_host("mme.lab", "lab");
    let serving = async {
        let mut raw = Raw::welcome(&listener, "mme.lab").await;
        let request = raw.expect(PLR).await;
        raw.answer(&request).await;
    };
    assert_eq!(tokio::join!(ask(&node, "news", &to), serving).0.as_deref(), Ok("news"));
}

#[tokio::test]
async fn answers_to_nothing_and_wrong_answers_are_dropped_and_counted() {
    let (node, mut one, _two, _listener) = two_servers().await;
    let to = lab();
    let serving = async {
        let request = one.expect(PLR).await;
        let reply = |header: Header| move |out: &mut Vec<u8>| answer(header, "mme1.lab", "forged", out);
        let other_command = Header { command: CommandCode(7), ..request.header };
        let other_application = Header { application: ApplicationId::SLH, ..request.header };
        let mut nothing = request.header;
        nothing.ids.hop_by_hop ^= 0x4000_0000;
        for header in [other_command, other_application, nothing] {
            one.send(reply(header)).await;
        }
        // The right one, and again.
        one.answer(&request).await;
        one.answer(&request).await;
    };
    assert_eq!(tokio::join!(ask(&node, "true", &to), serving).0.as_deref(), Ok("true"));
    until(|| node.counters().stray_answers == 2).await;
    assert_eq!(node.counters().mismatched_answers, 2);
    assert_eq!(node.peers().iter().filter(|peer| peer.usable).count(), 2);
}

#[tokio::test]
async fn a_malformed_answer_fails_its_request_at_once() {
    let (node, mut one, _two, _listener) = two_servers().await;
    let to = lab();
    let serving = async {
        let request = one.expect(PLR).await;
        let mut octets = Vec::new();
        answer(request.header, "mme1.lab", "x", &mut octets).unwrap();
        // The first AVP claims more than the message has.
        octets[20 + 7] = 0xff;
        one.write(&octets).await;
    };
    assert_eq!(tokio::join!(ask(&node, "x", &to), serving).0, Err(RequestError::BadAnswer));
    assert_eq!(node.counters().malformed_messages, 1);
}

#[tokio::test]
async fn a_peer_that_leaves_in_good_order_is_answered_and_connected_to_again_or_not() {
    for (cause, comes_back) in [(0, true), (2, false)] {
        let (node, mut one, mut two, listener) = two_servers().await;
        let ids = Identifiers { hop_by_hop: 9, end_to_end: 9 };
        one.send(|out| {
            DisconnectPeerRequest {
                origin_host: "mme1.lab",
                origin_realm: "lab",
                disconnect_cause: DisconnectCause(cause),
                extra: Vec::new(),
            }
            .encode(ids, out)
        })
        .await;
        let dpa = one.expect(CommandCode::DISCONNECT_PEER).await;
        assert_eq!((dpa.header.ids, result_of(&dpa)), (ids, 2001));
        // New requests go to the other peer already.
        let to = lab();
        let serving = async {
            let request = two.expect(PLR).await;
            assert!(!request.header.flags.contains(CommandFlags::RETRANSMITTED));
            two.answer(&request).await;
        };
        assert_eq!(tokio::join!(ask(&node, "x", &to), serving).0.as_deref(), Ok("x"));
        drop(one);
        until(|| node.counters().connections_closed == 1).await;
        if comes_back {
            let _again = Raw::welcome(&listener, "mme1.lab").await;
            usable(&node, 2).await;
        } else {
            let error = node.peers().into_iter().find_map(|peer| peer.last_error);
            assert_eq!(error, Some(LinkError::Disconnected(2)));
            let again = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
            assert!(again.is_err(), "a peer that does not want to talk is left alone");
        }
    }
}

#[tokio::test]
async fn shutdown_says_goodbye_and_gives_up_on_a_peer_that_does_not_answer() {
    let (node, mut one, mut two, _listener) = two_servers().await;
    let ending = node.shutdown(DisconnectCause::REBOOTING);
    let serving = async {
        let dpr = one.expect(CommandCode::DISCONNECT_PEER).await;
        assert_eq!(DisconnectPeerRequest::decode(&dpr).unwrap().disconnect_cause, DisconnectCause::REBOOTING);
        one.dpa(dpr.header).await;
        assert!(one.next().await.is_none());
        two.expect(CommandCode::DISCONNECT_PEER).await;
        assert!(two.next().await.is_none(), "closed without its answer");
    };
    tokio::join!(ending, serving);
    assert!(node.peers().iter().all(|peer| peer.state == State::Closed));
}

/// A node that accepts, and a scripted peer of it that is open.
async fn accepting() -> (Node, Raw, Echo) {
    let mut config = config("mme.lab");
    config.limits.unknown_peers = UnknownPeers::Accept;
    let probe = echo("mme.lab");
    let node = Node::start(config, probe.clone()).await.unwrap();
    let raw = Raw::open(node.local_addrs()[0], "gmlc.lab").await;
    (node, raw, probe)
}

/// RFC 6733 section 7.1.5: a wrong version or length is reported and ends the connection.
#[tokio::test]
async fn octets_that_are_no_message_are_reported_and_close_the_connection() {
    let to = Destination::to_realm("lab");
    type Break = (u32, fn(&mut [u8]));
    let broken: [Break; 4] = [
        (5011, |octets| octets[0] = 2),
        (5015, |octets| octets[3] = 12),
        (5015, |octets| octets[3] = octets[3].wrapping_add(1)),
        (5015, |octets| octets[1] = 0xff),
    ];
    for (result, break_it) in broken {
        let (node, mut raw, _) = accepting().await;
        let mut octets = Vec::new();
        plr("x", &to)(Identifiers { hop_by_hop: 5, end_to_end: 6 }, &mut octets).unwrap();
        break_it(&mut octets);
        raw.write(&octets).await;
        let answer = raw.expect(PLR).await;
        assert_eq!((result_of(&answer), answer.header.ids.hop_by_hop), (result, 5));
        assert!(raw.next().await.is_none());
        until(|| node.peers().is_empty()).await;
    }
}

#[tokio::test]
async fn a_request_with_unsound_avps_is_answered_and_the_connection_stays() {
    let (node, mut raw, _) = accepting().await;
    let to = Destination::to_realm("lab");
    let mut octets = Vec::new();
    plr("x", &to)(Identifiers { hop_by_hop: 5, end_to_end: 6 }, &mut octets).unwrap();
    octets[20 + 7] = 0xfe;
    raw.write(&octets).await;
    let answer = raw.expect(PLR).await;
    assert_eq!((result_of(&answer), answer.header.ids.end_to_end), (5014, 6));
    raw.send(|out| plr("y", &to)(Identifiers::default(), out)).await;
    assert_eq!(text_of(&raw.expect(PLR).await), "y");
    assert_eq!(node.counters().malformed_messages, 1);
}

#[tokio::test]
async fn unsupported_applications_and_common_commands_are_refused() {
    let (_node, mut raw, _) = accepting().await;
    let cases = [(ApplicationId(4), CommandCode(272), 3007), (ApplicationId::COMMON, CommandCode(999), 3001)];
    for (application, command, result) in cases {
        let header = Header::request(application, command, Identifiers::default());
        raw.send(|out| Builder::new(out, header).finish()).await;
        let answer = raw.expect(command).await;
        assert_eq!(result_of(&answer), result);
        assert!(answer.header.is_error());
    }
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_a_message_is_closed_and_the_peer_can_return() {
    let (node, mut raw, _) = accepting().await;
    let mut octets = Vec::new();
    plr("x", &Destination::to_realm("lab"))(Identifiers::default(), &mut octets).unwrap();
    raw.write(&octets[..octets.len() / 2]).await;
    drop(raw);
    until(|| node.peers().is_empty()).await;
    Raw::open(node.local_addrs()[0], "gmlc.lab").await;
}

#[tokio::test]
async fn repeated_hop_by_hop_identifiers_of_a_peer_are_each_answered() {
    let (_node, mut raw, probe) = accepting().await;
    let to = Destination::to_realm("lab");
    let ids = Identifiers { hop_by_hop: 1, end_to_end: 1 };
    raw.send(|out| plr("wait", &to)(ids, out)).await;
    until(|| probe.waiting.load(Ordering::SeqCst) == 1).await;
    raw.send(|out| plr("same", &to)(ids, out)).await;
    assert_eq!(text_of(&raw.expect(PLR).await), "same");
    probe.gate.add_permits(1);
    assert_eq!(text_of(&raw.expect(PLR).await), "wait");
}

/// An answer never goes out on a later connection than its request came in on.
#[tokio::test]
async fn an_answer_whose_connection_is_gone_is_dropped() {
    let mut config = config("mme.lab");
    config.peers = vec![PeerConfig::accept("gmlc.lab", "lab")];
    let probe = echo("mme.lab");
    let node = Node::start(config, probe.clone()).await.unwrap();
    let address = node.local_addrs()[0];
    let to = Destination::to_realm("lab");
    let mut before = Raw::open(address, "gmlc.lab").await;
    before.send(|out| plr("wait", &to)(Identifiers::default(), out)).await;
    until(|| probe.waiting.load(Ordering::SeqCst) == 1).await;
    drop(before);
    until(|| node.peers()[0].state == State::Closed).await;
    let mut after = Raw::open(address, "gmlc.lab").await;
    probe.gate.add_permits(1);
    until(|| node.peers()[0].handling == 0).await;
    after.send(|out| plr("fresh", &to)(Identifiers::default(), out)).await;
    assert_eq!(text_of(&after.expect(PLR).await), "fresh");
}

#[tokio::test]
async fn a_handler_can_cut_the_connection() {
    let (node, mut raw, _) = accepting().await;
    raw.send(|out| plr("cut", &Destination::to_realm("lab"))(Identifiers::default(), out)).await;
    assert!(raw.next().await.is_none());
    until(|| node.peers().is_empty()).await;
}

#[tokio::test]
async fn a_cer_on_an_open_connection_is_answered() {
    let (node, mut raw, _) = accepting().await;
    raw.cer().await;
    let cea = raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
    assert_eq!(result_of(&cea), 2001);
    assert_eq!(node.peers()[0].state, State::ROpen);
}

/// Hop-by-hop identifiers are ours alone: a request that forges one does not reach another's answer.
#[tokio::test]
async fn the_hop_by_hop_identifier_of_the_encoder_does_not_matter() {
    let (node, mut one, _two, _listener) = two_servers().await;
    let to = lab();
    let forged = |ids: Identifiers, out: &mut Vec<u8>| {
        let start = out.len();
        let length = plr("forged", &lab())(ids, out)?;
        set_hop_by_hop(&mut out[start..], 0xdead_beef);
        Ok(length)
    };
    let asking = node.request(SLG, to, forged, PATIENCE);
    let serving = async {
        let request = one.expect(PLR).await;
        assert_ne!(request.header.ids.hop_by_hop, 0xdead_beef);
        one.answer(&request).await;
    };
    assert!(tokio::join!(asking, serving).0.is_ok());
}
