//! What does not fit is refused, and on record: at the door of clients, at that of gateways, and what a home gateway answers.

use super::impostor::{Impostor, Reply};
use super::operators::{OWN, World, gateway_name};
use super::process::until;
use super::rlp::{named, now, of, send, wanted};
use super::watcher::Watcher;
use lcs::{Duration, LcsClientType};
use mlp::rlp::{Answer, AnswerBody, Outgoing, PeerOutcome, Sender, Service, SvcInit, write_stopped};
use mlp::{AreaChange, MlpArea, ResultId, Trigger, TriggerEvent, Waiting};
use serde_json::Value;
use std::sync::{Arc, Mutex};

fn outcomes(entries: &[Value]) -> Vec<[&str; 3]> {
    entries.iter().map(|entry| ["location_type", "outcome", "via"].map(|key| entry[key].as_str().unwrap())).collect()
}

/// No network waits for somebody to be outside of an area, nor for one by a name that nobody gave.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_network_waits_for_is_refused_and_recorded_at_both_doors() {
    let world = World::with_cells().await;
    let (a, b) = (world.start("a").await, world.start("b").await);
    let watcher = Watcher::of(&b.gateway).await;
    let refused = watcher.wait(&b.gateway, &OWN, AreaChange::Outside, None).await;
    assert!(refused.request_id.is_none() && refused.result.is_some(), "{refused:?}");

    let (sender, request) = (Sender::new(gateway_name("b")), wanted(&OWN, LcsClientType::ValueAdded));
    let stop = Some(now().after(Duration::from_secs(3_600)));
    let area = |name: &str| MlpArea::Named(name.to_owned());
    for (change, area, name) in [(AreaChange::Outside, area("home"), "1"), (AreaChange::Leaving, area("nowhere"), "2")]
    {
        let event = TriggerEvent::ChangeArea { change, area, estimates: true, reports: 1, min_interval_s: None };
        let waiting = Waiting { trigger: Trigger::Event(event), start: None, stop, duration_s: None };
        let outgoing = Outgoing::to_home(&sender, &request, of(&OWN)).unwrap();
        let body = named(outgoing, name).waiting(&waiting).unwrap().to_xml();
        let answer = send(&world, &gateway_name("b"), "a", &body).await.unwrap();
        assert_eq!(answer.outcome, PeerOutcome::Failed(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE), "{name}");
    }
    assert_eq!(world.network.counted().plr, 0);
    a.gateway.stop().await;
    b.gateway.stop().await;
    assert_eq!(outcomes(&world.entries("b").await), [["activate deferred", "failed", "mlp"]]);
    assert_eq!(outcomes(&world.entries("a").await), [["activate deferred", "failed", "rlp"]; 2]);
}

/// A home gateway that answers without a name for what it would wait for: nobody is said to be waited for, and it is told to stop.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_fit_the_request_arms_nothing() {
    let world = World::with_cells().await;
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&asked);
    let answer = move |init: &SvcInit| {
        let sender = Sender::new(gateway_name("a"));
        let mut out = String::new();
        match &init.service {
            Service::Triggered(asked) => {
                let name = asked.request.transaction.as_ref().unwrap().as_str().to_owned();
                seen.lock().unwrap().push(name);
                Answer::to(init.version, &asked.request, &sender, AnswerBody::Notified).to_triggered().write(&mut out);
            }
            Service::Stop(stop) => {
                seen.lock().unwrap().push(stop.request_id.clone());
                write_stopped(&mut out, init.version, &sender, &stop.request_id, stop.transaction.as_ref());
            }
            _ => return Reply::HangUp,
        }
        Reply::Kept(out)
    };
    let home = Impostor::serving(&world, "a", &gateway_name("a"), answer).await;
    let b = world.start("b").await;
    let watcher = Watcher::of(&b.gateway).await;
    let refused = watcher.wait(&b.gateway, &OWN, AreaChange::Leaving, None).await;
    assert!(refused.request_id.is_none() && refused.result.is_some(), "{refused:?}");
    // By the name under which it was asked, which was kept before it was.
    let told = async || (asked.lock().unwrap().len() == 2).then_some(());
    until("the home gateway is told that it is over", told).await;
    {
        let names = asked.lock().unwrap();
        assert_eq!(names[0], names[1]);
    }
    b.gateway.stop().await;
    home.stop().await;
    assert_eq!(outcomes(&world.entries("b").await), [["activate deferred", "failed", "mlp"]]);
}
