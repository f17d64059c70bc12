//! Somebody who is in another network is waited for by its gateway: the home gateway asks it, and checks what it reports (TS 23.271 clauses
//! 9.1.8, 9.1.9 and 9.1.19). `b` is the home gateway, `c` the visited one, and clients are of `a` and of `b`.

use super::operators::{ROAMER, SHUT_OFF, World};
use super::process::until;
use super::school::{HOME, SCHOOL};
use super::watcher::{
    Watcher, armed_at_home, counted, entries, free, go, lines, looking_out, post, reported, request_id, stop,
};
use mlp::AreaChange;
use mlp::client::{ClientEvent, TriggeredRequest};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const ARMED_BY_WORD: [&str; 4] = ["activate deferred", "allowed", "instruction of the home gateway", "rlp"];
pub(crate) const TOLD_BY_WORD: [&str; 4] = ["current", "allowed", "instruction of the home gateway", "rlp"];
pub(crate) const ARMED_BY_PROFILE: [&str; 4] = ["activate deferred", "allowed", "subscriber's profile", "mlp"];
pub(crate) const TOLD_BY_PROFILE: [&str; 4] = ["current", "allowed", "subscriber's profile", "mlp"];

#[tokio::test]
async fn a_client_of_one_operator_waits_for_a_subscriber_of_another_in_the_network_of_a_third() {
    let world = World::with_cells().await;
    let (a, b, c) = (world.start("a").await, world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&a.gateway).await;
    let leaving = request_id(watcher.wait(&a.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &ROAMER, 1).await;
    assert_eq!(counted(&c.gateway, "wherefore_lr_served_total", "b", "as=\"visited\",outcome=\"done\"").await, 1);
    go(&world, &ROAMER, SCHOOL).await;
    reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);
    // A stop goes all the way.
    assert_eq!(watcher.stop(&a.gateway, &leaving).await.element, "tlrsa");
    free(&world, &ROAMER).await;
    stop([a, b, c]).await;
    let here = |basis, via| {
        let entry = |kind| [kind, "allowed", basis, via];
        lines([entry("activate deferred"), entry("current")])
    };
    assert_eq!(entries(&world, "a").await, here("answer of the home gateway", "mlp"));
    assert_eq!(entries(&world, "b").await, here("subscriber's profile", "rlp"));
    assert_eq!(entries(&world, "c").await, here("instruction of the home gateway", "rlp"));
}

#[tokio::test]
async fn home_and_visited_gateway_may_be_killed_between_arming_and_report() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &ROAMER, 1).await;

    // The home gateway is away when she leaves: the visited one has the report, and tells it when it is back.
    b.gateway.kill().await;
    go(&world, &ROAMER, SCHOOL).await;
    let taken = async || (world.network.counted().lrr_accepted >= 2).then_some(());
    until("the visited gateway takes the report", taken).await;
    let b = world.again("b").await;
    reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);

    // The visited gateway is away when she leaves once more: its node tells it when it is back.
    go(&world, &ROAMER, HOME).await;
    world.network.phones().clock().advance(Duration::from_secs(60));
    c.gateway.kill().await;
    go(&world, &ROAMER, SCHOOL).await;
    let c = world.again("c").await;
    let told = async || {
        world.network.phones().clock().advance(Duration::from_secs(16));
        (world.network.counted().lrr_accepted >= 3).then_some(())
    };
    until("the node reports again", told).await;
    reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);

    // And away when it is stopped: it hears of it when it is back, from a home gateway that was away, too.
    c.kill().await;
    assert_eq!(watcher.stop(&b, &leaving).await.element, "tlrsa");
    b.kill().await;
    let c = world.again("c").await;
    let b = world.again("b").await;
    free(&world, &ROAMER).await;
    b.stop().await;
    c.stop().await;
    assert_eq!(entries(&world, "b").await, lines([ARMED_BY_PROFILE, TOLD_BY_PROFILE, TOLD_BY_PROFILE]));
    // What was asked apart from the request is the home gateway's own question, where a report told no position: as one does that comes within
    // the least time by the clock of the gateway, however long ago the phone's own says that the last was.
    let entries = world.entries("c").await;
    let (of_request, asked): (Vec<_>, Vec<_>) =
        entries.iter().partition(|entry| entry["request"] == entries[0]["request"]);
    let words =
        |entry: &Value| ["location_type", "outcome", "basis", "via"].map(|key| entry[key].as_str().unwrap().to_owned());
    let unlocated =
        of_request.iter().filter(|entry| entry["location_type"] == "current" && entry["given"] == "nothing");
    assert!(unlocated.count() <= asked.len(), "{entries:?}");
    let told: Vec<_> = of_request.into_iter().map(words).collect();
    assert_eq!(told, lines([ARMED_BY_WORD, TOLD_BY_WORD, TOLD_BY_WORD]));
    assert!(asked.len() <= 1 && asked.into_iter().all(|entry| words(entry) == TOLD_BY_WORD), "{entries:?}");
}

#[tokio::test]
async fn what_the_home_gateway_ends_and_refuses_is_over_in_the_visited_network() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &ROAMER, 1).await;
    let who = format!("msisdn:{},imsi:{}", ROAMER.msisdn(), ROAMER.imsi());
    b.gateway.done(Method::PATCH, "/v1/subscriber", Some(&who), Some(&json!({"opted_out": true}))).await;
    let end = watcher.next().await;
    assert_eq!((end.element.as_str(), end.request_id.as_deref()), ("tlrsa", Some(leaving.as_str())));
    free(&world, &ROAMER).await;
    stop([b, c]).await;
    assert_eq!(entries(&world, "c").await, lines([ARMED_BY_WORD]));
}

#[tokio::test]
async fn the_operator_of_the_visited_network_ends_one_and_the_client_is_told() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &ROAMER, 1).await;
    let listed = c.gateway.done(Method::GET, "/v1/deferred", None, None).await;
    let order = json!({"id": listed["requests"][0]["id"]});
    c.gateway.done(Method::POST, "/v1/deferred/cancel", None, Some(&order)).await;
    let end = watcher.next().await;
    assert_eq!((end.element.as_str(), end.request_id.as_deref()), ("tlrep", Some(leaving.as_str())), "{end:?}");
    assert_eq!(watcher.next().await.element, "tlrsa");
    free(&world, &ROAMER).await;
    stop([b, c]).await;
}

/// A gateway that is away, and one that does not know the home gateway as that.
#[tokio::test]
async fn nobody_is_said_to_be_waited_for_where_the_visited_gateway_does_not() {
    let world = World::with_cells().await;
    let b = world.start("b").await;
    let watcher = Watcher::of(&b.gateway).await;
    let away = watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, None).await;
    assert!(away.request_id.is_none() && away.result.is_some(), "{away:?}");
    world.take_role("c", "b", "home");
    let c = world.start("c").await;
    let refused = watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, None).await;
    assert!(refused.request_id.is_none() && refused.result.is_some(), "{refused:?}");
    assert!(world.network.deferred(&ROAMER.label()).is_empty());
    assert_eq!(world.network.counted().plr, 0);
    stop([b, c]).await;
    let refused = entries(&world, "c").await;
    assert!(!refused.is_empty());
    let failed = ["activate deferred", "failed", "", "rlp"];
    assert!(refused.iter().all(|entry| *entry == failed), "no subscriber of this network: {refused:?}");
    let failed = ["activate deferred", "failed", "subscriber's profile", "mlp"];
    assert_eq!(entries(&world, "b").await, lines([failed, failed]));
}

/// The node tells that the phone went to another, the visited gateway tells the home one, and that begins anew at the node that serves now.
#[tokio::test]
async fn a_request_follows_the_phone_from_one_network_to_another() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let watcher = Watcher::of(&b.gateway).await;
    let asked = TriggeredRequest::on(watcher.about(&SHUT_OFF), ClientEvent::Available).to_xml();
    let waiting = armed_at_home(post(&b.gateway, &asked).await);
    let waits = async || (world.network.deferred(&SHUT_OFF.label()).len() == 1).then_some(());
    until("the node waits for the phone", waits).await;
    world.network.phones().labelled(&SHUT_OFF.label()).unwrap().go(None, Some("mme-b".into()));
    let armed = async || {
        (b.gateway.metric("wherefore_deferred_node_reports_total{outcome=\"taken\"}").await > 0.5).then_some(())
    };
    until("the home gateway hears that the phone went", armed).await;
    let anew = async || (world.network.counted().plr >= 2).then_some(());
    until("the node that serves now is asked", anew).await;
    assert_eq!(watcher.stop(&b.gateway, &waiting).await.element, "tlrsa");
    free(&world, &SHUT_OFF).await;
    // The visited gateway waits for nobody any more.
    let listed = c.gateway.done(Method::GET, "/v1/deferred", None, None).await;
    assert_eq!(listed["requests"].as_array().map(Vec::len), Some(0), "{listed}");
    stop([b, c]).await;
    assert_eq!(entries(&world, "c").await, lines([ARMED_BY_WORD]));
    assert_eq!(entries(&world, "b").await, lines([ARMED_BY_PROFILE, ARMED_BY_PROFILE]));
}
