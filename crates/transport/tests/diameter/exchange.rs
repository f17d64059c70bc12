//! Requests and answers between two nodes (RFC 6733 section 6).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::common::*;
use diameter::base::DisconnectCause;
use diameter::codec::{ApplicationId, Builder, CommandCode, EncodeError, Header, Identifiers};
use diameter::dictionary;
use transport::{Destination, NoCommands, Node, NodeConfig, PeerConfig, RequestError, UnknownPeers};

/// A server `mme.lab` and a client `gmlc.lab` connected to it.
async fn pair(change: impl FnOnce(&mut NodeConfig, &mut NodeConfig)) -> (Node, Node, Echo) {
    let mut server = config("mme.lab");
    server.limits.unknown_peers = UnknownPeers::Accept;
    let mut client = config("gmlc.lab");
    client.listen.clear();
    let probe = echo("mme.lab");
    change(&mut client, &mut server);
    let server = Node::start(server, probe.clone()).await.unwrap();
    let address = server.local_addrs()[0];
    client.peers = vec![PeerConfig::initiate("mme.lab", "lab", address)];
    let client = Node::start(client, NoCommands).await.unwrap();
    usable(&client, 1).await;
    (client, server, probe)
}

fn mme() -> Destination {
    Destination::to_host("mme.lab", "lab")
}

#[tokio::test]
async fn a_request_is_answered_and_the_node_shuts_down() {
    let (client, server, probe) = pair(|_, _| {}).await;
    assert_eq!(ask(&client, "one", &mme()).await.as_deref(), Ok("one"));
    assert_eq!(ask(&client, "two", &Destination::to_realm("LAB")).await.as_deref(), Ok("two"));
    let seen = probe.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 2);
    assert_ne!(seen[0].ids.end_to_end, seen[1].ids.end_to_end);
    let status = &client.peers()[0];
    assert_eq!((status.product_name.as_str(), status.applications.as_slice()), ("Wherefore", &[SLG][..]));

    client.shutdown(DisconnectCause::REBOOTING).await;
    assert_eq!(ask(&client, "late", &mme()).await, Err(RequestError::Shutdown));
    until(|| server.peers().is_empty()).await;
    server.shutdown(DisconnectCause::REBOOTING).await;
    assert_eq!(server.counters().connections_closed, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_requests_at_once_each_get_their_own_answer() {
    let (client, _server, _) = pair(|client, _| client.limits.max_outstanding = 4096).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..4000 {
        let client = client.clone();
        tasks.spawn(async move {
            let text = format!("request {number}");
            assert_eq!(ask(&client, &text, &mme()).await.unwrap(), text);
        });
    }
    while let Some(result) = tasks.join_next().await {
        result.unwrap();
    }
    let counters = client.counters();
    assert_eq!((counters.requests_sent, counters.answers_received, counters.stray_answers), (4000, 4000, 0));
    assert!(counters.writes < 4000, "requests go out together: {} writes", counters.writes);
}

#[tokio::test]
async fn a_slow_request_delays_nobody_and_a_panic_harms_nobody() {
    let (client, _server, probe) = pair(|_, _| {}).await;
    let slow = tokio::spawn({
        let client = client.clone();
        async move { ask(&client, "wait", &mme()).await }
    });
    until(|| probe.waiting.load(Ordering::SeqCst) == 1).await;
    for _ in 0..10 {
        assert_eq!(ask(&client, "quick", &mme()).await.as_deref(), Ok("quick"));
    }
    let to = mme();
    for early_or_late in ["panic", "panic later"] {
        let answer = client.request(SLG, to.clone(), plr(early_or_late, &to), PATIENCE).await.unwrap();
        assert_eq!(result_of(&answer), 5012, "{early_or_late}");
    }
    assert!(!slow.is_finished());
    probe.gate.add_permits(1);
    assert_eq!(slow.await.unwrap().as_deref(), Ok("wait"));
}

#[tokio::test]
async fn a_full_table_refuses_at_once_and_recovers() {
    let (client, _server, probe) = pair(|client, _| client.limits.max_outstanding = 3).await;
    let waiting: Vec<_> = (0..3)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move { ask(&client, &format!("wait {number}"), &mme()).await })
        })
        .collect();
    until(|| probe.waiting.load(Ordering::SeqCst) == 3).await;
    assert_eq!(ask(&client, "more", &mme()).await, Err(RequestError::Overloaded));
    assert_eq!(client.counters().overloads, 1);
    probe.gate.add_permits(3);
    for task in waiting {
        assert!(task.await.unwrap().is_ok());
    }
    assert_eq!(ask(&client, "again", &mme()).await.as_deref(), Ok("again"));
}

#[tokio::test]
async fn a_server_with_its_hands_full_answers_too_busy() {
    let (client, _server, probe) = pair(|_, server| server.limits.max_handling = 1).await;
    let first = tokio::spawn({
        let client = client.clone();
        async move { ask(&client, "wait", &mme()).await }
    });
    until(|| probe.waiting.load(Ordering::SeqCst) == 1).await;
    assert_eq!(ask(&client, "more", &mme()).await, Err(RequestError::Protocol { result_code: 3004 }));
    probe.gate.add_permits(1);
    assert_eq!(first.await.unwrap().as_deref(), Ok("wait"));
}

#[tokio::test]
async fn a_request_without_an_answer_times_out_and_one_given_up_is_forgotten() {
    let (client, _server, probe) = pair(|_, _| {}).await;
    let to = mme();
    let short = Duration::from_millis(20);
    let silent = client.request(SLG, to.clone(), plr("silent", &to), short).await;
    assert_eq!(silent.unwrap_err(), RequestError::TimedOut);
    let dropped = tokio::time::timeout(short, ask(&client, "wait", &to)).await;
    assert!(dropped.is_err());
    assert_eq!(client.peers()[0].outstanding, 0);
    probe.gate.add_permits(1);
    until(|| client.counters().stray_answers == 1).await;
    assert_eq!(ask(&client, "next", &to).await.as_deref(), Ok("next"));
}

/// RFC 6733 sections 6.1.4, 6.1.7 and 7.1.3.
#[tokio::test]
async fn requests_for_others_or_for_nothing_are_refused_with_the_right_code() {
    let (client, _server, _) = pair(|client, server| {
        let extra = transport::Application::tgpp(ApplicationId::SLH);
        client.applications.push(extra);
        server.applications.push(extra);
    })
    .await;
    let to = mme();
    let send = |application: ApplicationId, command: u32, host: &'static str, realm: &'static str, loops: bool| {
        let encode = move |ids: Identifiers, out: &mut Vec<u8>| -> Result<usize, EncodeError> {
            let mut builder = Builder::new(out, Header::request(application, CommandCode(command), ids));
            builder.text(&dictionary::SESSION_ID, "x");
            if !host.is_empty() {
                builder.text(&dictionary::DESTINATION_HOST, host);
            }
            builder.text(&dictionary::DESTINATION_REALM, realm);
            if loops {
                builder.text(&dictionary::ROUTE_RECORD, "MME.lab");
            }
            builder.finish()
        };
        client.request(application, to.clone(), encode, PATIENCE)
    };
    let code = |result: Result<diameter::codec::Message, RequestError>| match result {
        Err(RequestError::Protocol { result_code }) => result_code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(send(SLG, 7, "mme.lab", "lab", false).await), 3001, "unknown command");
    assert_eq!(code(send(SLG, PLR.0, "other.lab", "lab", false).await), 3002, "another host");
    assert_eq!(code(send(SLG, PLR.0, "", "elsewhere", false).await), 3003, "another realm");
    assert_eq!(code(send(SLG, PLR.0, "mme.lab", "lab", true).await), 3005, "a loop");
    assert!(send(SLG, PLR.0, "", "lab", false).await.is_ok());
}

#[tokio::test]
async fn a_request_that_does_not_encode_is_the_callers_fault() {
    let (client, _server, _) = pair(|_, _| {}).await;
    let to = mme();
    type Encode = fn(Identifiers, &mut Vec<u8>) -> Result<usize, EncodeError>;
    let cases: [Encode; 5] = [
        |_, _| Ok(0),
        |_, _| Err(EncodeError::TooLong),
        |ids, out| Builder::new(out, Header::request(SLG, PLR, ids).answer()).finish(),
        |ids, out| Builder::new(out, Header::request(ApplicationId::SLH, PLR, ids)).finish(),
        |ids, out| {
            let mut builder = Builder::new(out, Header::request(SLG, PLR, ids));
            builder.avp(&dictionary::SESSION_ID, &[b'x'; 70_000]);
            builder.finish()
        },
    ];
    for encode in cases {
        let result = client.request(SLG, to.clone(), encode, PATIENCE).await;
        assert_eq!(result.unwrap_err(), RequestError::Malformed);
    }
    assert_eq!(ask(&client, "fine", &to).await.as_deref(), Ok("fine"));
}

#[tokio::test]
async fn where_no_peer_leads_a_request_fails_at_once() {
    let (client, _server, _) = pair(|client, _| client.timers.peer_wait = Duration::from_secs(600)).await;
    let nowhere = Destination::to_realm("nowhere");
    assert_eq!(ask(&client, "x", &nowhere).await, Err(RequestError::NoPeer));
    let stranger = Destination::to_host("stranger.lab", "lab");
    assert_eq!(ask(&client, "x", &stranger).await, Err(RequestError::NoPeer));
}

#[tokio::test]
async fn shutdown_lets_what_is_under_way_finish() {
    let (client, server, probe) = pair(|_, _| {}).await;
    let slow = tokio::spawn({
        let client = client.clone();
        async move { ask(&client, "wait", &mme()).await }
    });
    until(|| probe.waiting.load(Ordering::SeqCst) == 1).await;
    let ending = tokio::spawn({
        let server = server.clone();
        async move { server.shutdown(DisconnectCause::BUSY).await }
    });
    until(|| Arc::strong_count(&probe.gate) > 0 && !ending.is_finished()).await;
    probe.gate.add_permits(1);
    assert_eq!(slow.await.unwrap().as_deref(), Ok("wait"));
    ending.await.unwrap();
    until(|| client.peers()[0].last_error == Some(transport::LinkError::Disconnected(1))).await;
}
