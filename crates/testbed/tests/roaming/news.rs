//! Triggered requests against the rules: home gateways that tell of what nobody waits for, and gateways that ask for more than they may.

use super::impostor::{Impostor, Reply};
use super::operators::{OWN, OWN_ABROAD, Person, ROAMER, World, gateway_name};
use super::process::until;
use super::rlp::{named, news, now, of, report, send, tell, wanted};
use super::watcher::{Watcher, request_id};
use lcs::{Duration, LcsClientType, Timestamp};
use mlp::rlp::{
    Answer, AnswerBody, Outgoing, OutgoingStop, OutgoingTold, PeerOutcome, Sender, Service, SvcInit, Transaction,
    write_stopped,
};
use mlp::{AreaChange, ResultId, Trigger, TriggerEvent, TriggerWord, Waiting};
use std::sync::{Arc, Mutex};

/// What a home gateway of the test names what it waits for.
const NAME: &str = "home-knows-it-by-this";

/// A home gateway of the test in the place of `a`'s, which waits for everything and forgets what it is told to. Gives what it was asked.
async fn home(world: &World) -> (Impostor, Arc<Mutex<Vec<&'static str>>>) {
    let asked = Arc::<Mutex<Vec<&'static str>>>::default();
    let seen = Arc::clone(&asked);
    let answer = move |init: &SvcInit| {
        let sender = Sender::new(gateway_name("a"));
        let mut out = String::new();
        match &init.service {
            Service::Triggered(asked) => {
                seen.lock().unwrap().push("trlrr");
                let accepted = AnswerBody::Accepted { request_id: NAME };
                Answer::to(init.version, &asked.request, &sender, accepted).to_triggered().write(&mut out);
            }
            Service::Stop(stop) => {
                seen.lock().unwrap().push(if stop.request_id == NAME { "trlrsr" } else { "trlrsr of another" });
                write_stopped(&mut out, init.version, &sender, &stop.request_id, stop.transaction.as_ref());
            }
            other => panic!("{other:?}"),
        }
        Reply::Kept(out)
    };
    (Impostor::serving(world, "a", &gateway_name("a"), answer).await, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_home_gateway_that_was_asked_is_believed_and_in_what_was_asked_alone() {
    let world = World::with_cells().await;
    let (home, asked) = home(&world).await;
    let b = world.start("b").await;
    let mut watcher = Watcher::of(&b.gateway).await;
    let (own, other) = (of(&OWN), of(&OWN_ABROAD));
    let change = TriggerWord::ChangeArea;
    let id = request_id(watcher.wait(&b.gateway, &OWN, AreaChange::Leaving, Some(5)).await);
    let (a, c) = (gateway_name("a"), gateway_name("c"));
    let of_home = |name: &str, told| news("a", name, told);

    for (what, by, body, status) in [
        ("another home gateway", &c, news("c", NAME, report(1, &own, change, false)), 410),
        ("in the name of another", &c, of_home(NAME, report(1, &own, change, false)), 403),
        ("a stranger", &"gmlc.stranger.example".to_owned(), of_home(NAME, report(1, &own, change, false)), 403),
        ("what nobody waits for", &a, of_home("another", report(1, &own, change, false)), 410),
        ("about somebody else", &a, of_home(NAME, report(1, &other, change, false)), 403),
        ("something else", &a, of_home(NAME, report(1, &own, TriggerWord::Available, false)), 403),
        ("an end by another", &c, news("c", NAME, OutgoingTold::Ended { by_network: false, cause: None }), 410),
        ("what cannot be read", &a, "<rlp_svc_result><trlrep/></rlp_svc_result>".to_owned(), 400),
    ] {
        assert_eq!(tell(&world, by, "b", &body).await, status, "{what}");
    }
    // The true one, once more, one that is older than it, and the next.
    for number in [2, 2, 1, 3] {
        assert_eq!(tell(&world, &a, "b", &of_home(NAME, report(number, &own, change, false))).await, 200);
    }
    for _ in 0..2 {
        let told = watcher.next().await;
        assert_eq!((told.element.as_str(), told.request_id.as_deref()), ("tlrep", Some(id.as_str())));
    }
    assert_eq!(tell(&world, &a, "b", &of_home(NAME, OutgoingTold::Ended { by_network: true, cause: None })).await, 200);
    let told = watcher.next().await;
    let [end] = &told.positions[..] else { panic!("{told:?}") };
    assert_eq!((told.element.as_str(), end.result.0), ("tlrep", 114));
    assert_eq!(watcher.next().await.element, "tlrsa");
    assert_eq!(tell(&world, &a, "b", &of_home(NAME, report(4, &own, change, true))).await, 410);

    // One that its client ended is ended at once here, and then at home.
    let second = request_id(watcher.wait(&b.gateway, &OWN, AreaChange::Leaving, Some(5)).await);
    assert_eq!(watcher.stop(&b.gateway, &second).await.element, "tlrsa");
    assert_eq!(tell(&world, &a, "b", &of_home(NAME, report(1, &own, change, false))).await, 410);
    let stopped = async || (asked.lock().unwrap()[..] == ["trlrr", "trlrr", "trlrsr"]).then_some(());
    until("the home gateway is told", stopped).await;
    for (reason, times) in [("unknown_request", 2.0), ("other_subscriber", 1.0), ("other_event", 1.0)] {
        let name = format!("wherefore_lr_refused_total{{peer=\"{a}\",reason=\"{reason}\"}}");
        let counted = b.gateway.metric(&name).await;
        let times = if reason == "unknown_request" { times + 1.0 } else { times };
        assert!((counted - times).abs() < 0.1, "{reason}: {counted}");
    }
    b.gateway.stop().await;
    home.stop().await;
    // Armed twice, told twice, and nothing of what was made up: what does not fit the request is on record, too.
    let entries = world.entries("b").await;
    let of = |outcome: &str| entries.iter().filter(|entry| entry["outcome"] == outcome).count();
    assert_eq!((of("allowed"), of("failed"), entries.len()), (4, 2, 6), "{entries:?}");
}

fn waiting() -> Waiting {
    let stop = Some(now().after(Duration::from_secs(3_600)));
    Waiting { trigger: Trigger::Event(TriggerEvent::Available), start: None, stop, duration_s: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_has_its_own_clients_wait_for_subscribers_of_the_home_and_ends_what_is_its_own() {
    let world = World::with_cells().await;
    let a = world.start("a").await;
    let waiting = waiting();
    let asked = async |by: &str, names: &str, person: &Person, client, transaction: &str, sent: Timestamp| {
        let (sender, request) = (Sender::new(gateway_name(names)), wanted(person, client));
        let outgoing = Outgoing::to_home(&sender, &request, of(person)).unwrap();
        let outgoing = named(outgoing, transaction).transaction(Transaction::new(transaction).unwrap(), sent);
        send(&world, by, "a", &outgoing.waiting(&waiting).unwrap().to_xml()).await.unwrap().outcome
    };
    let refused = PeerOutcome::Failed(ResultId::UNAUTHORIZED_APPLICATION);
    let (b, c, value_added) = (gateway_name("b"), gateway_name("c"), LcsClientType::ValueAdded);
    let old = Timestamp::from_micros(now().micros() - 120_000_000);
    assert_eq!(asked("gmlc.stranger.example", "b", &OWN, value_added, "1", now()).await, refused);
    assert_eq!(asked(&c, "b", &OWN, value_added, "2", now()).await, refused);
    assert_eq!(asked(&b, "b", &OWN, value_added, "3", old).await, refused);
    assert_eq!(asked(&b, "b", &OWN, LcsClientType::LawfulIntercept, "4", now()).await, refused);
    // No visited gateway waits for another's subscriber, and nobody is referred on.
    assert_eq!(asked(&b, "b", &ROAMER, value_added, "5", now()).await, refused);
    assert!(matches!(asked(&c, "c", &ROAMER, value_added, "6", now()).await, PeerOutcome::Failed(_)));
    assert_eq!(world.network.counted().plr, 0);
    assert_eq!(asked(&b, "b", &OWN, value_added, "seven", now()).await, PeerOutcome::Accepted);
    assert_eq!(asked(&b, "b", &OWN, value_added, "seven", now()).await, refused);

    let stop = async |by: &str, request_id: &str| {
        let (sender, transaction) =
            (Sender::new(by.to_owned()), Transaction::new(format!("stop-{by}-{request_id}")).unwrap());
        let mut out = String::new();
        OutgoingStop { sender: &sender, request_id, transaction: &transaction, sent: now() }.write(&mut out);
        send(&world, by, "a", &out).await.unwrap().outcome
    };
    let unknown = PeerOutcome::Failed(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE);
    assert_eq!(stop(&c, "seven").await, unknown);
    assert_eq!(stop(&b, "eight").await, unknown);
    let done = stop(&b, "seven").await;
    // The phone can be reached, and may have been reported meanwhile: the one report that was asked for.
    assert!(done == PeerOutcome::Accepted || done == unknown, "{done:?}");
    a.gateway.stop().await;
    let entries = world.entries("a").await;
    let armed =
        entries.iter().filter(|entry| entry["outcome"] == "allowed" && entry["location_type"] == "activate deferred");
    assert_eq!(armed.count(), 1);
    assert_eq!(entries.iter().filter(|entry| entry["outcome"] != "allowed").count(), 7, "{entries:?}");
}
