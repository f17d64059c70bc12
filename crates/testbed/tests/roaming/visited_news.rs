//! Visited gateways against the rules, and what a visited gateway is not asked for as it should be.

use super::impostor::{Impostor, Reply};
use super::operators::{AT_HOME, OWN, Person, ROAMER, World, gateway_name};
use super::process::until;
use super::rlp::{allowed, fix, news, now, of, report, routed, send, tell, wanted};
use super::watcher::{Watcher, armed_at_home, post};
use lcs::{Duration, LcsClientType, TerminationCause, Timestamp};
use mlp::client::TriggeredRequest;
use mlp::rlp::{
    Answer, AnswerBody, Outgoing, OutgoingTold, PeerOutcome, Sender, Service, SvcInit, Transaction, write_stopped,
};
use mlp::{AreaChange, ResultId, Trigger, TriggerEvent, TriggerWord, TriggeredOutcome, Waiting};
use std::sync::{Arc, Mutex};

/// The names under which a gateway was asked, and whether each was ended.
type Asked = Arc<Mutex<Vec<(String, bool)>>>;

/// A visited gateway of the test in the place of `c`'s, which waits for everything.
async fn visited(world: &World) -> (Impostor, Asked) {
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let answer = move |init: &SvcInit| {
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
            Service::Unsupported(_) => return Reply::HangUp,
        }
        Reply::Kept(out)
    };
    (Impostor::serving(world, "c", &gateway_name("c"), answer).await, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_visited_gateway_that_was_asked_is_believed_and_in_what_was_asked_alone() {
    let world = World::with_cells().await;
    let (visited, asked) = visited(&world).await;
    let b = world.start("b").await;
    let mut watcher = Watcher::of(&b.gateway).await;
    let id = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    let name = || asked.lock().unwrap().last().unwrap().0.clone();
    let first = name();
    assert_ne!(first, id, "what the client knows it by stays at home");
    let (a, c) = (gateway_name("a"), gateway_name("c"));
    let (roamer, other) = (of(&ROAMER), of(&AT_HOME));
    let report = |number, subject, trigger| report(number, subject, trigger, false);
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
    visited.stop().await;
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

/// Periodic reports have no least time between two: what comes late shows at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_visited_gateway_that_comes_after_a_newer_one_is_none() {
    let world = World::with_cells().await;
    let (visited, asked) = visited(&world).await;
    let b = world.start("b").await;
    let mut watcher = Watcher::of(&b.gateway).await;
    let every = TriggeredRequest::periodic(watcher.about(&ROAMER), 600, 3_000).to_xml();
    let id = armed_at_home(post(&b.gateway, &every).await);
    let name = asked.lock().unwrap()[0].0.clone();
    let (c, roamer) = (gateway_name("c"), of(&ROAMER));
    let told = async |number, last| {
        let body = news("c", &name, report(number, &roamer, TriggerWord::Periodic, last));
        tell(&world, &c, "b", &body).await
    };
    // The first was lost on the way, and comes late.
    for number in [2, 2, 1, 3, 2] {
        assert_eq!(told(number, false).await, 200, "{number}");
    }
    // Those of before it were lost as well, and are not waited for.
    assert_eq!(told(4, true).await, 200);
    for last in [false, false, true] {
        let told = watcher.next().await;
        assert_eq!((told.element.as_str(), told.request_id.as_deref()), ("tlrep", Some(id.as_str())));
        assert_eq!(told.time_remaining_s.is_none(), last);
    }
    assert_eq!(told(4, true).await, 410);
    b.gateway.stop().await;
    visited.stop().await;
    let entries = world.entries("b").await;
    assert_eq!(entries.iter().filter(|entry| entry["location_type"] == "current").count(), 3, "{entries:?}");
}

/// One that was told late, and ones by clocks that are not this gateway's.
#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_as_old_as_it_was_whenever_it_is_told() {
    let world = World::with_cells().await;
    let (visited, asked) = visited(&world).await;
    let b = world.start("b").await;
    let mut watcher = Watcher::of(&b.gateway).await;
    let every = TriggeredRequest::periodic(watcher.about(&ROAMER), 600, 3_000).to_xml();
    armed_at_home(post(&b.gateway, &every).await);
    let name = asked.lock().unwrap()[0].0.clone();
    let (c, roamer, fix) = (gateway_name("c"), of(&ROAMER), fix());
    let (hour_us, slack_us) = (3_600_000_000, 120_000_000);
    for (number, at, old_us) in [
        (1, now(), 0),
        (2, Timestamp::from_micros(now().micros() - hour_us), hour_us),
        (3, Timestamp::from_micros(now().micros() + hour_us), 0),
    ] {
        let outcome = TriggeredOutcome::Fixed { fix: &fix, at };
        let (trigger, qos_class) = (TriggerWord::Periodic, lcs::QosClass::BestEffort);
        let told = OutgoingTold::Report { number, last: false, subject: &roamer, trigger, outcome, qos_class };
        assert_eq!(tell(&world, &c, "b", &news("c", &name, told)).await, 200);
        let told = watcher.next().await;
        let [position] = &told.positions[..] else { panic!("{told:?}") };
        let since_us = now().micros() - position.time.unwrap().micros();
        assert!((old_us..old_us + slack_us).contains(&since_us), "{number}: {since_us} µs old");
    }
    b.gateway.stop().await;
    visited.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visited_gateway_is_asked_by_clocks_that_agree_with_its_own() {
    let world = World::with_cells().await;
    let c = world.start("c").await;
    let stop = Some(now().after(Duration::from_secs(3_600)));
    let waiting = Waiting { trigger: Trigger::Event(TriggerEvent::Available), start: None, stop, duration_s: None };
    let (sender, request) = (Sender::new(gateway_name("b")), wanted(&ROAMER, LcsClientType::ValueAdded));
    for (name, sent_us) in [("old", now().micros() - 120_000_000), ("early", now().micros() + 120_000_000)] {
        let outgoing = Outgoing::to_visited(&sender, &request, ROAMER.identities(), allowed()).unwrap();
        let sent = Timestamp::from_micros(sent_us);
        let outgoing = outgoing.routing(routed("c")).lcs_ref(1).transaction(Transaction::new(name).unwrap(), sent);
        let answer =
            send(&world, &gateway_name("b"), "c", &outgoing.waiting(&waiting).unwrap().to_xml()).await.unwrap();
        assert_eq!(answer.outcome, PeerOutcome::Failed(ResultId::UNAUTHORIZED_APPLICATION), "{name}");
    }
    assert_eq!(world.network.counted().plr, 0);
    let name = format!("wherefore_lr_refused_total{{peer=\"{}\",reason=\"out_of_time\"}}", gateway_name("b"));
    let refused = c.gateway.metric(&name).await;
    assert!((refused - 2.0).abs() < 0.1, "{refused}");
    c.gateway.stop().await;
    let entries = world.entries("c").await;
    assert!(entries.len() == 2 && entries.iter().all(|entry| entry["outcome"] == "refused"), "{entries:?}");
}
