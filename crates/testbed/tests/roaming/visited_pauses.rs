//! Pauses on either side of a visited gateway, and what a client may ask for through one: names of areas, quality, a number of reports.

use super::operators::{ROAMER, World};
use super::process::{Gateway, until};
use super::school::{HOME, SCHOOL};
use super::visited::{ARMED_BY_PROFILE, ARMED_BY_WORD, TOLD_BY_PROFILE, TOLD_BY_WORD};
use super::watcher::{
    Watcher, armed_at_home, counted, entries, free, go, leaves_again, lines, looking_out, nothing_is_left, of_request,
    post, reported, stop,
};
use lcs::{QosClass, gad::Position};
use mlp::AreaChange;
use mlp::client::{ClientArea, ClientEvent, TriggeredRequest};
use reqwest::Method;
use serde_json::{Value, json};

/// Has the one request of a gateway pause or go on, by the operator or by the subscriber.
async fn order(gateway: &Gateway, what: &str, by_subscriber: bool) {
    let listed = gateway.done(Method::GET, "/v1/deferred", None, None).await;
    let body = json!({"id": listed["requests"][0]["id"], "demanded_by_subscriber": by_subscriber});
    gateway.done(Method::POST, &format!("/v1/deferred/{what}"), None, Some(&body)).await;
}

/// How the one request of a gateway stands.
async fn standing(gateway: &Gateway) -> Value {
    gateway.done(Method::GET, "/v1/deferred", None, None).await["requests"][0].clone()
}

/// The visited gateway has told the home one so many times.
async fn taken(c: &Gateway, times: u64) {
    let taken = async || {
        let news = counted(c, "wherefore_lr_news_total", "b", "outcome=\"taken\"").await;
        (news >= times).then_some(())
    };
    until("the home gateway takes the report", taken).await;
}

/// The client is told that reports pause, or go on.
async fn told(watcher: &mut Watcher, cause: &str) {
    let told = watcher.next().await;
    assert_eq!((told.element.as_str(), told.cause.as_deref()), ("tlrpr", Some(cause)));
}

#[tokio::test]
async fn what_happens_in_a_pause_at_home_is_told_to_nobody_and_counts_for_nothing() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(2)).await);
    looking_out(&world, &ROAMER, 1).await;
    for by_subscriber in [false, true, true] {
        order(&b.gateway, "pause", by_subscriber).await;
    }
    told(&mut watcher, "PAUSE").await;
    // As often as the client wanted to be told.
    go(&world, &ROAMER, SCHOOL).await;
    taken(&c.gateway, 1).await;
    leaves_again(&world, &ROAMER, 3).await;
    taken(&c.gateway, 2).await;
    b.gateway.kill().await;
    let b = world.again("b").await;
    let paused = standing(&b).await;
    assert_eq!((&paused["paused"], &paused["reports"]), (&json!(true), &json!(0)));
    order(&b, "resume", false).await;
    assert_eq!(standing(&b).await["paused"], json!(true), "the subscriber has not said so");
    order(&b, "resume", true).await;
    told(&mut watcher, "RESUME").await;
    for (accepted, last) in [(4, false), (5, true)] {
        leaves_again(&world, &ROAMER, accepted).await;
        let report = watcher.next().await;
        reported(&report, &leaving, &ROAMER, SCHOOL);
        assert_eq!(report.time_remaining_s.is_none(), last);
    }
    nothing_is_left(&world, &ROAMER, &[&b, &c.gateway]).await;
    b.stop().await;
    stop([c]).await;
    assert_eq!(entries(&world, "b").await, lines([ARMED_BY_PROFILE, TOLD_BY_PROFILE, TOLD_BY_PROFILE]));
    // What the home gateway made nothing of was told to it, and is on record for that.
    let (told, _) = of_request(&world, "c").await;
    assert_eq!(told, lines([ARMED_BY_WORD, TOLD_BY_WORD, TOLD_BY_WORD, TOLD_BY_WORD, TOLD_BY_WORD]));
}

/// The home gateway hears nothing of it: its client is told neither of the pause nor of what happens meanwhile.
#[tokio::test]
async fn a_pause_in_the_visited_network_holds_there_and_the_node_is_asked_anew_after_it() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, None).await);
    looking_out(&world, &ROAMER, 1).await;
    order(&c.gateway, "pause", false).await;
    order(&c.gateway, "pause", true).await;
    // The one report that was asked for, in the pause.
    go(&world, &ROAMER, SCHOOL).await;
    free(&world, &ROAMER).await;
    c.gateway.kill().await;
    let c = world.again("c").await;
    order(&c, "resume", false).await;
    assert_eq!(standing(&c).await["paused"], json!(true), "the subscriber has not said so");
    assert_eq!(world.network.counted().plr, 1);
    order(&c, "resume", true).await;
    looking_out(&world, &ROAMER, 3).await;
    let at_home = standing(&b.gateway).await;
    assert_eq!((&at_home["paused"], &at_home["reports"]), (&json!(false), &json!(0)));
    leaves_again(&world, &ROAMER, 4).await;
    reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);
    nothing_is_left(&world, &ROAMER, &[&b.gateway, &c]).await;
    stop([b]).await;
    c.stop().await;
    assert_eq!(entries(&world, "b").await, lines([ARMED_BY_PROFILE, TOLD_BY_PROFILE]));
    assert_eq!(entries(&world, "c").await, lines([ARMED_BY_WORD, ARMED_BY_WORD, TOLD_BY_WORD]));
}

#[tokio::test]
async fn a_name_of_an_area_goes_to_a_visited_gateway_as_a_shape_or_not_at_all() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = (AreaChange::Leaving, None);
    for name in ["both", "nowhere"] {
        let refused = watcher.wait_for(&b.gateway, &ROAMER, ClientArea::Named(name.into()), leaving).await;
        assert_eq!((refused.request_id, refused.result.map(|(result, _)| result.0)), (None, Some(6)), "{name}");
    }
    assert_eq!(world.network.counted().plr, 0);
    nothing_is_left(&world, &ROAMER, &[&b.gateway]).await;
    let home = armed_at_home(watcher.wait_for(&b.gateway, &ROAMER, ClientArea::Named("home".into()), leaving).await);
    looking_out(&world, &ROAMER, 1).await;
    go(&world, &ROAMER, SCHOOL).await;
    reported(&watcher.next().await, &home, &ROAMER, SCHOOL);
    free(&world, &ROAMER).await;
    stop([b, c]).await;
    let refused = ["activate deferred", "failed", "subscriber's profile", "mlp"];
    assert_eq!(entries(&world, "b").await, lines([refused, refused, ARMED_BY_PROFILE, TOLD_BY_PROFILE]));
    assert_eq!(entries(&world, "c").await, lines([ARMED_BY_WORD, TOLD_BY_WORD]));
}

#[tokio::test]
async fn quality_and_number_of_reports_are_those_that_the_client_asked_for() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let area = ClientArea::Circle { centre: Position { lat_deg: HOME, lon_deg: 13.405 }, radius_m: 300 };
    let change = AreaChange::Leaving;
    let event = ClientEvent::ChangeArea { change, area, estimates: true, reports: Some(2), min_interval_s: None };
    let mut request = watcher.about(&ROAMER);
    request.hor_acc_m = Some((70, Some(QosClass::Assured)));
    let leaving = armed_at_home(post(&b.gateway, &TriggeredRequest::on(request, event).to_xml()).await);
    looking_out(&world, &ROAMER, 1).await;
    go(&world, &ROAMER, SCHOOL).await;
    let first = watcher.next().await;
    reported(&first, &leaving, &ROAMER, SCHOOL);
    assert!(first.time_remaining_s.is_some());
    leaves_again(&world, &ROAMER, 3).await;
    let last = watcher.next().await;
    reported(&last, &leaving, &ROAMER, SCHOOL);
    assert_eq!(last.time_remaining_s, None);
    // The home gateway counts, and ends it.
    free(&world, &ROAMER).await;
    stop([b, c]).await;
    let (told, _) = of_request(&world, "c").await;
    assert_eq!(told, lines([ARMED_BY_WORD, TOLD_BY_WORD, TOLD_BY_WORD]));
    for entry in world.entries("c").await {
        let quality = (entry["qos_class"].as_str(), entry["qos_horizontal_m"].as_u64());
        assert!(matches!(quality, (Some("assured"), Some(60..=70))), "{quality:?}");
    }
}
