//! Visited gateways against the rules, and what a visited gateway is not asked for as it should be.

use super::deferred::{Watcher, armed_at_home};
use super::operators::{AT_HOME, OWN, Person, ROAMER, World, gateway_name};
use super::process::until;
use super::rlp::{allowed, message, now, routed, send, tell, wanted};
use lcs::{Duration, LcsClientType, TerminationCause};
use mlp::rlp::{
    Answer, AnswerBody, Outgoing, OutgoingNews, OutgoingTold, PeerOutcome, Sender, Service, Subject, Transaction,
    Version, parse_svc_init, write_stopped,
};
use mlp::{AreaChange, Limits, ResultId, Trigger, TriggerEvent, TriggerWord, TriggeredOutcome, Waiting};
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

/// The names under which a gateway was asked, and whether each was ended.
type Asked = Arc<Mutex<Vec<(String, bool)>>>;

/// A visited gateway of the test in the place of `c`'s, which waits for everything.
async fn visited(world: &World) -> (tokio::task::JoinHandle<()>, Asked) {
    let listener = TcpListener::bind(world.doors["c"]).await.unwrap();
    let acceptor = world.exchange.acceptor(&gateway_name("c"));
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let task = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
            connections.spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                while let Ok(body) = message(&mut stream).await {
                    let init = parse_svc_init(body.as_bytes(), &Limits::default()).unwrap();
                    let sender = Sender::new(gateway_name("c"));
                    let mut out = String::new();
                    match &init.service {
                        Service::Triggered(asked) => {
                            let request = &asked.request;
                            // What the check came to, a reference and an address always go along; of the subscriber the IMSI counts.
                            assert!(request.instruction().is_ok() && request.lcs_ref.is_some());
                            assert!(request.routing.h_gmlc.is_some() && request.routing.nodes.len() == 1);
                            let name = request.transaction.as_ref().unwrap().as_str().to_owned();
                            let accepted = AnswerBody::Accepted { request_id: &name };
                            Answer::to(init.version, request, &sender, accepted).to_triggered().write(&mut out);
                            seen.lock().unwrap().push((name, false));
                        }
                        Service::Stop(stop) => {
                            let (name, transaction) = (&stop.request_id, stop.transaction.as_ref());
                            seen.lock().unwrap().iter_mut().filter(|one| one.0 == *name).for_each(|one| one.1 = true);
                            write_stopped(&mut out, init.version, &sender, name, transaction);
                        }
                        // A position that is asked for is not to be had.
                        Service::Immediate(request) => {
                            let result = ResultId::ABSENT_SUBSCRIBER;
                            let failed = AnswerBody::Failed { result, add_info: None };
                            Answer::to(init.version, request, &sender, failed).write(&mut out);
                        }
                        Service::Unsupported(_) => return,
                    }
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", out.len());
                    if stream.write_all(&[head.as_bytes(), out.as_bytes()].concat()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (task, asked)
}

fn news(from: &str, request_id: &str, told: OutgoingTold<'_>) -> String {
    let sender = Sender::new(gateway_name(from));
    let mut out = String::new();
    OutgoingNews { version: Version::V1_1, sender: &sender, request_id, told }.write(&mut out);
    out
}

fn of(person: &Person) -> Subject {
    Subject::Known(person.identities())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_visited_gateway_that_was_asked_is_believed_and_in_what_was_asked_alone() {
    let world = World::with_cells().await;
    let (task, asked) = visited(&world).await;
    let b = world.start("b").await;
    let mut watcher = Watcher::of(&b.gateway).await;
    let id = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    let name = || asked.lock().unwrap().last().unwrap().0.clone();
    let first = name();
    assert_ne!(first, id, "what the client knows it by stays at home");
    let (a, c) = (gateway_name("a"), gateway_name("c"));
    let (roamer, other) = (of(&ROAMER), of(&AT_HOME));
    let report = |number, subject, trigger| {
        let outcome = TriggeredOutcome::Event { at: now() };
        OutgoingTold::Report { number, last: false, subject, trigger, outcome, qos_class: lcs::QosClass::BestEffort }
    };
    let change = TriggerWord::ChangeArea;
    let ended = |cause| OutgoingTold::Ended { by_network: true, cause };
    for (what, by, body, status) in [
        ("another gateway", &a, news("a", &first, report(1, &roamer, change)), 410),
        ("in the name of another", &a, news("c", &first, report(1, &roamer, change)), 403),
        ("what nobody waits for", &c, news("c", "another", report(1, &roamer, change)), 410),
        ("what the client knows it by", &c, news("c", &id, report(1, &roamer, change)), 410),
        ("about somebody else", &c, news("c", &first, report(1, &other, change)), 403),
        ("something else", &c, news("c", &first, report(1, &roamer, TriggerWord::Available)), 403),
        ("an end by another", &a, news("a", &first, ended(None)), 410),
    ] {
        assert_eq!(tell(&world, by, "b", &body).await, status, "{what}");
    }
    // The true one, and once more.
    for _ in 0..2 {
        assert_eq!(tell(&world, &c, "b", &news("c", &first, report(1, &roamer, change))).await, 200);
    }
    let told = watcher.next().await;
    assert_eq!((told.element.as_str(), told.request_id.as_deref()), ("tlrep", Some(id.as_str())));

    // The phone went to another node: it is asked for anew, under another name, and of the first nothing is taken any more.
    assert_eq!(tell(&world, &c, "b", &news("c", &first, ended(Some(TerminationCause::MtLrRestart)))).await, 200);
    let anew = async || (asked.lock().unwrap().len() == 2).then_some(());
    until("the visited gateway is asked anew", anew).await;
    let second = name();
    assert_ne!(first, second);
    assert_eq!(tell(&world, &c, "b", &news("c", &first, report(2, &roamer, change))).await, 410);
    // The number begins anew as well. A cause that is no move ends it.
    assert_eq!(tell(&world, &c, "b", &news("c", &second, ended(Some(TerminationCause::UeTermination)))).await, 200);
    let told = watcher.next().await;
    assert_eq!((told.element.as_str(), told.positions[0].result.0), ("tlrep", 114));
    assert_eq!(watcher.next().await.element, "tlrsa");
    assert_eq!(tell(&world, &c, "b", &news("c", &second, ended(None))).await, 410);

    // One that its client ended is ended there.
    let third = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    assert_eq!(watcher.stop(&b.gateway, &third).await.element, "tlrsa");
    let stopped = async || asked.lock().unwrap().last().unwrap().1.then_some(());
    until("the visited gateway is told", stopped).await;
    assert_eq!(tell(&world, &c, "b", &news("c", &name(), report(1, &roamer, change))).await, 410);
    b.gateway.stop().await;
    task.abort();
    let entries = world.entries("b").await;
    let of = |kind: &str, outcome: &str| {
        entries.iter().filter(|entry| entry["location_type"] == kind && entry["outcome"] == outcome).count()
    };
    // Armed three times, told once, and what does not fit is on record.
    assert_eq!((of("activate deferred", "allowed"), of("current", "allowed"), of("current", "failed")), (3, 1, 2));
}

/// What `b`'s gateway asks of `c`'s by hand.
#[tokio::test(flavor = "multi_thread")]
async fn a_visited_gateway_waits_for_those_that_the_home_gateway_speaks_for_and_as_it_says() {
    let world = World::with_cells().await;
    let c = world.start("c").await;
    let stop = Some(now().after(Duration::from_secs(3_600)));
    let available = Waiting { trigger: Trigger::Event(TriggerEvent::Available), start: None, stop, duration_s: None };
    let later = Waiting { start: Some(now().after(Duration::from_secs(600))), ..available.clone() };
    let past = Waiting { stop: Some(now()), ..available.clone() };
    let sender = Sender::new(gateway_name("b"));
    let asked = async |person: &Person, at: &str, waiting: &Waiting, reference: Option<u8>, name: &str| {
        let request = wanted(person, LcsClientType::ValueAdded);
        let outgoing = Outgoing::to_visited(&sender, &request, person.identities(), allowed()).unwrap();
        let outgoing = outgoing.routing(routed(at)).transaction(Transaction::new(name).unwrap(), now());
        let outgoing = reference.map_or(outgoing.clone(), |number| outgoing.lcs_ref(number));
        send(&world, &gateway_name("b"), "c", &outgoing.waiting(waiting).unwrap().to_xml()).await.unwrap().outcome
    };
    let refused = |outcome| matches!(outcome, PeerOutcome::Failed(_));
    // About a subscriber of another operator, and at a node of another network.
    assert!(refused(asked(&OWN, "c", &available, Some(1), "1").await));
    assert!(refused(asked(&ROAMER, "b", &available, Some(1), "2").await));
    // Without a reference, for later, and what is over already.
    assert!(refused(asked(&ROAMER, "c", &available, None, "3").await));
    assert!(refused(asked(&ROAMER, "c", &later, Some(1), "4").await));
    assert!(refused(asked(&ROAMER, "c", &past, Some(1), "5").await));
    assert_eq!(world.network.counted().plr, 0);
    let leaving = |count| {
        let change = mlp::AreaChange::Leaving;
        let area = mlp::MlpArea::Plmn(lcs::PlmnId::new("234", "03").unwrap());
        let (estimates, min_interval_s) = (false, None);
        let event = TriggerEvent::ChangeArea { change, area, estimates, reports: count, min_interval_s };
        Waiting { trigger: Trigger::Event(event), start: None, stop, duration_s: None }
    };
    // Under a reference that is taken: what is asked last counts, and the phone has one.
    assert_eq!(asked(&ROAMER, "c", &leaving(2), Some(9), "six").await, PeerOutcome::Accepted);
    assert_eq!(asked(&ROAMER, "c", &leaving(3), Some(9), "seven").await, PeerOutcome::Accepted);
    let one = async || (world.network.deferred(&ROAMER.label()) == [9]).then_some(());
    until("the phone has the one", one).await;
    let listed = c.gateway.done(reqwest::Method::GET, "/v1/deferred", None, None).await;
    assert_eq!(listed["requests"].as_array().map(Vec::len), Some(1), "{listed}");
    c.gateway.stop().await;
    let entries = world.entries("c").await;
    let of = |outcome: &str| entries.iter().filter(|entry| entry["outcome"] == outcome).count();
    assert_eq!((of("allowed"), entries.len()), (2, 7), "{entries:?}");
}
