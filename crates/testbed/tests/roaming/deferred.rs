//! "Tell me when she leaves": a client of `b` waits for a subscriber of `a`, whose gateway checks, waits and reports through `b`'s.

use super::operators::{OWN, OWN_CLOSED, World, gateway_name};
use super::process::until;
use super::school::{HOME, SCHOOL};
use super::watcher::{PATIENCE, Watcher, entries, free, go, lines, looking_out, post, reported, request_id};
use mlp::AreaChange;
use mlp::client::{ClientArea, query};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const ARMED_HERE: [&str; 4] = ["activate deferred", "allowed", "subscriber's profile", "rlp"];
const TOLD_HERE: [&str; 4] = ["current", "allowed", "subscriber's profile", "rlp"];
const ARMED_THERE: [&str; 4] = ["activate deferred", "allowed", "answer of the home gateway", "mlp"];
const TOLD_THERE: [&str; 4] = ["current", "allowed", "answer of the home gateway", "mlp"];

#[tokio::test]
async fn she_leaves_and_a_client_of_another_operator_is_told_through_both_gateways() {
    let world = World::with_cells().await;
    let (a, b) = (world.start("a").await, world.start("b").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    // Whoever allows nobody anything is not waited for, and both have it on record.
    let refused = watcher.wait(&b.gateway, &OWN_CLOSED, AreaChange::Leaving, None).await;
    assert_eq!(refused.result.unwrap().0.0, 202);

    let leaving = request_id(watcher.wait(&b.gateway, &OWN, AreaChange::Leaving, None).await);
    looking_out(&world, &OWN, 1).await;
    let listed = watcher.about(&OWN);
    assert_eq!(post(&b.gateway, &query(&listed)).await.element, "tlrqa");
    let report = watcher.listener().next(PATIENCE).await.unwrap();
    assert!(report.contains("<tlqrep") && report.contains(&leaving), "{report}");
    go(&world, &OWN, SCHOOL).await;
    reported(&watcher.next().await, &leaving, &OWN, SCHOOL);
    free(&world, &OWN).await;
    // It was the last: nobody knows of it any more.
    let gone = watcher.stop(&b.gateway, &leaving).await;
    assert_eq!(gone.result.unwrap().0.0, 110);

    // One for each way, until the client has enough.
    let coming = request_id(watcher.wait(&b.gateway, &OWN, AreaChange::Entering, Some(5)).await);
    looking_out(&world, &OWN, 3).await;
    go(&world, &OWN, HOME).await;
    reported(&watcher.next().await, &coming, &OWN, HOME);
    assert_eq!(watcher.stop(&b.gateway, &coming).await.element, "tlrsa");
    free(&world, &OWN).await;

    for gateway in [a, b] {
        gateway.gateway.stop().await;
    }
    let refused_here = ["activate deferred", "refused", "", "rlp"];
    let refused_there = ["activate deferred", "failed", "answer of the home gateway", "mlp"];
    assert_eq!(entries(&world, "a").await, lines([refused_here, ARMED_HERE, TOLD_HERE, ARMED_HERE, TOLD_HERE]));
    assert_eq!(entries(&world, "b").await, lines([refused_there, ARMED_THERE, TOLD_THERE, ARMED_THERE, TOLD_THERE]));
    let account = format!("lr/{}/+88812345002", gateway_name("b"));
    assert!(world.entries("a").await.iter().all(|entry| entry["account"] == account.as_str()));
    // Both can be billed for it, and their records be joined.
    let (asked, home) = (world.charged("b"), world.charged("a"));
    let kinds = |records: &[Value]| -> Vec<[String; 3]> {
        let text = |record: &Value, key: &str| record[key].as_str().unwrap_or_default().to_owned();
        records.iter().map(|record| ["role", "location_type", "result"].map(|key| text(record, key))).collect()
    };
    for (records, role) in [(&asked, "requesting"), (&home, "home")] {
        let kinds = kinds(records);
        let once = [[role, "activate_deferred", "armed"], [role, "current", "located"]];
        let wanted = [once[0], once[1], once[0], once[1], [role, "cancel_deferred", "ended"]];
        assert_eq!(
            (kinds[0][0].as_str(), kinds[0][1].as_str(), kinds.len()),
            (role, "activate_deferred", 6),
            "{kinds:?}"
        );
        assert_eq!(kinds[1..], wanted, "{role}");
    }
    for (at, from) in [(1, 1), (3, 3)] {
        let leg = &asked[at]["asked"][0];
        assert_eq!((&leg["as"], &leg["result"]), (&json!("home"), &json!("armed")), "{leg}");
        for record in &home[from..from + 2] {
            assert_eq!((&record["from"], &record["transaction"]), (&json!(gateway_name("b")), &leg["transaction"]));
        }
    }
}

#[tokio::test]
async fn a_name_of_an_area_goes_as_a_shape_or_not_at_all() {
    let world = World::with_cells().await;
    let (a, b) = (world.start("a").await, world.start("b").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = (AreaChange::Leaving, None);
    for name in ["both", "nowhere"] {
        let refused = watcher.wait_for(&b.gateway, &OWN, ClientArea::Named(name.into()), leaving).await;
        assert_eq!((refused.request_id, refused.result.map(|(result, _)| result.0)), (None, Some(6)), "{name}");
    }
    assert_eq!(world.network.counted().plr, 0);
    let home = watcher.wait_for(&b.gateway, &OWN, ClientArea::Named("home".into()), leaving).await;
    let home = request_id(home);
    looking_out(&world, &OWN, 1).await;
    go(&world, &OWN, SCHOOL).await;
    reported(&watcher.next().await, &home, &OWN, SCHOOL);
    free(&world, &OWN).await;
    for gateway in [a, b] {
        gateway.gateway.stop().await;
    }
    let refused = ["activate deferred", "failed", "answer of the home gateway", "mlp"];
    assert_eq!(entries(&world, "a").await, lines([ARMED_HERE, TOLD_HERE]));
    assert_eq!(entries(&world, "b").await, lines([refused, refused, ARMED_THERE, TOLD_THERE]));
}

#[tokio::test]
async fn while_reports_pause_at_the_requesting_gateway_nothing_is_told() {
    let world = World::with_cells().await;
    let (a, b) = (world.start("a").await, world.start("b").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = request_id(watcher.wait(&b.gateway, &OWN, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &OWN, 1).await;
    let listed = b.gateway.done(Method::GET, "/v1/deferred", None, None).await;
    let order = json!({"id": listed["requests"][0]["id"]});
    for _ in 0..2 {
        b.gateway.done(Method::POST, "/v1/deferred/pause", None, Some(&order)).await;
    }
    let told = watcher.next().await;
    assert_eq!((told.element.as_str(), told.cause.as_deref()), ("tlrpr", Some("PAUSE")));
    go(&world, &OWN, SCHOOL).await;
    let taken = async || {
        let name = format!("wherefore_lr_news_total{{peer=\"{}\",outcome=\"taken\"}}", gateway_name("b"));
        (a.gateway.metric(&name).await > 0.5).then_some(())
    };
    until("the requesting gateway takes the report", taken).await;
    // It outlives the process.
    b.gateway.kill().await;
    let b = world.again("b").await;
    let listed = b.done(Method::GET, "/v1/deferred", None, None).await;
    assert_eq!((&listed["requests"][0]["paused"], &listed["requests"][0]["reports"]), (&json!(true), &json!(1)));
    b.done(Method::POST, "/v1/deferred/resume", None, Some(&order)).await;
    let told = watcher.next().await;
    assert_eq!((told.element.as_str(), told.cause.as_deref()), ("tlrpr", Some("RESUME")));
    go(&world, &OWN, HOME).await;
    world.network.phones().clock().advance(Duration::from_secs(60));
    go(&world, &OWN, SCHOOL).await;
    reported(&watcher.next().await, &leaving, &OWN, SCHOOL);
    a.gateway.stop().await;
    b.stop().await;
    let held_back = ["current", "refused", "", "mlp"];
    assert_eq!(entries(&world, "a").await, lines([ARMED_HERE, TOLD_HERE, TOLD_HERE]));
    assert_eq!(entries(&world, "b").await, lines([ARMED_THERE, held_back, TOLD_THERE]));
}

#[tokio::test]
async fn opting_out_at_home_ends_what_the_other_gateways_client_waits_for() {
    let world = World::with_cells().await;
    let (a, b) = (world.start("a").await, world.start("b").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = request_id(watcher.wait(&b.gateway, &OWN, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &OWN, 1).await;
    go(&world, &OWN, SCHOOL).await;
    reported(&watcher.next().await, &leaving, &OWN, SCHOOL);
    let who = format!("msisdn:{},imsi:{}", OWN.msisdn(), OWN.imsi());
    a.gateway.done(Method::PATCH, "/v1/subscriber", Some(&who), Some(&json!({"opted_out": true}))).await;
    let end = watcher.next().await;
    assert_eq!((end.element.as_str(), end.request_id.as_deref()), ("tlrsa", Some(leaving.as_str())));
    free(&world, &OWN).await;
    // Why is at home alone.
    let refused = watcher.wait(&b.gateway, &OWN, AreaChange::Entering, None).await;
    assert!(refused.request_id.is_none() && refused.result.is_some());
    for gateway in [a, b] {
        gateway.gateway.stop().await;
    }
    let ended = ["cancel deferred", "refused", "", "rlp"];
    let refused = ["activate deferred", "refused", "", "rlp"];
    assert_eq!(entries(&world, "a").await, lines([ARMED_HERE, TOLD_HERE, ended, refused]));
    assert_eq!(entries(&world, "b").await.len(), 3);
}

#[tokio::test]
async fn either_gateway_may_be_killed_between_arming_and_report() {
    let world = World::with_cells().await;
    let (a, b) = (world.start("a").await, world.start("b").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = request_id(watcher.wait(&b.gateway, &OWN, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &OWN, 1).await;

    // The one that asked is away when she leaves: the home gateway tells it when it is back.
    b.gateway.kill().await;
    go(&world, &OWN, SCHOOL).await;
    let taken = async || (world.network.counted().lrr_accepted >= 2).then_some(());
    until("the home gateway takes the report", taken).await;
    let b = world.again("b").await;
    reported(&watcher.next().await, &leaving, &OWN, SCHOOL);

    // The home gateway is away when she leaves once more: its node tells it when it is back.
    go(&world, &OWN, HOME).await;
    world.network.phones().clock().advance(Duration::from_secs(60));
    a.gateway.kill().await;
    go(&world, &OWN, SCHOOL).await;
    let a = world.again("a").await;
    let told = async || {
        world.network.phones().clock().advance(Duration::from_secs(16));
        (world.network.counted().lrr_accepted >= 3).then_some(())
    };
    until("the node reports again", told).await;
    reported(&watcher.next().await, &leaving, &OWN, SCHOOL);

    // And away when it is stopped: it hears of it when it is back.
    a.kill().await;
    assert_eq!(watcher.stop(&b, &leaving).await.element, "tlrsa");
    b.kill().await;
    let b = world.again("b").await;
    let a = world.again("a").await;
    free(&world, &OWN).await;
    for gateway in [a, b] {
        gateway.stop().await;
    }
    assert_eq!(entries(&world, "a").await, lines([ARMED_HERE, TOLD_HERE, TOLD_HERE]));
    assert_eq!(entries(&world, "b").await, lines([ARMED_THERE, TOLD_THERE, TOLD_THERE]));
}
