//! Deferred requests over MAP: an MSC and an SGSN wait, or hand them to the phone, and report (TS 23.271 clauses 9.1.8 and 9.1.9).

use super::lab::{MME, who};
use super::not_theirs::forge;
use super::process::until;
use super::scene::{HOME, SCHOOL, Scene, complete, label, school, told};
use mlp::AreaChange;
use mlp::client::ClientEvent;
use reqwest::Method;
use serde_json::json;
use testbed::fault::{Fault, FaultRule, Scope};
use testbed::scenario::PhoneState;

#[tokio::test]
async fn an_msc_and_an_sgsn_have_the_phone_report_on_areas() {
    let (mut scene, gateway) = Scene::by_map().await;
    let mut all = Vec::new();
    for (change, number, before, after) in [
        (AreaChange::Entering, 21, HOME, SCHOOL),
        (AreaChange::Leaving, 22, SCHOOL, HOME),
        (AreaChange::Within, 23, HOME, SCHOOL),
        // There already.
        (AreaChange::Within, 24, SCHOOL, SCHOOL),
        (AreaChange::Entering, 31, HOME, SCHOOL),
        (AreaChange::Leaving, 32, SCHOOL, HOME),
        (AreaChange::Within, 33, HOME, SCHOOL),
    ] {
        scene.go(number, before).await;
        let armed = scene.armed(&gateway, number, school(change, None)).await;
        scene.go(number, after).await;
        scene.reported(&armed, number, after).await;
        scene.free(number).await;
        all.push((armed, 1));
    }
    // Three times, no closer than was asked.
    scene.go(25, SCHOOL).await;
    let armed = scene.armed(&gateway, 25, school(AreaChange::Leaving, Some(3))).await;
    for _ in 1..=3 {
        scene.go(25, HOME).await;
        scene.reported(&armed, 25, HOME).await;
        scene.go(25, SCHOOL).await;
        scene.advance(10).await;
    }
    scene.free(25).await;
    all.push((armed, 3));
    // "Inside" is reported once over MAP, so that many cannot be promised.
    let refused = scene.ask(&gateway, 26, school(AreaChange::Within, Some(3))).await;
    assert!(refused.request_id.is_none(), "{refused:?}");
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    for (armed, reports) in all {
        assert_eq!(told(&scene.entries(&armed).await), complete(reports));
    }
    scene.lab.verified().await;
}

#[tokio::test]
async fn a_node_waits_for_the_phone_and_another_goes_on_where_it_went() {
    let (mut scene, gateway) = Scene::by_map().await;
    let state = |scene: &Scene, number, state| {
        scene.lab.network.phones().labelled(&label(number)).unwrap().change(|spec| spec.state = state);
    };
    for number in [21, 31] {
        state(&scene, number, PhoneState::Unreachable);
        let armed = scene.armed(&gateway, number, ClientEvent::Available).await;
        assert_eq!(scene.lab.network.deferred(&label(number)), [armed.reference]);
        state(&scene, number, PhoneState::Attached);
        scene.reported_as("MS_AVAIL", &armed, number, HOME).await;
        scene.free(number).await;
        assert_eq!(told(&scene.entries(&armed).await), complete(1));
    }
    state(&scene, 22, PhoneState::Unreachable);
    let armed = scene.armed(&gateway, 22, ClientEvent::Available).await;
    let asked = scene.lab.network.counted().psl;
    assert!(scene.lab.network.relocate(&label(22), "msc-2").await);
    // The first MSC says that the phone went, and the gateway asks the second.
    until("the second MSC is asked", async || (scene.lab.network.counted().psl > asked).then_some(())).await;
    until("the second MSC waits", async || (scene.lab.network.deferred(&label(22)) == [armed.reference]).then_some(()))
        .await;
    state(&scene, 22, PhoneState::Attached);
    scene.reported_as("MS_AVAIL", &armed, 22, HOME).await;
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    scene.lab.verified().await;
}

#[tokio::test]
async fn forged_doubled_and_strange_reports_do_nothing() {
    let (mut scene, gateway) = Scene::by_map().await;
    let armed = scene.armed(&gateway, 21, school(AreaChange::Entering, Some(2))).await;
    for (what, number, node, reference, event, wanted) in [
        ("no request has it", 21, "msc-1", armed.reference.wrapping_add(1), "entering", 58),
        ("nor about this one", 22, "msc-1", armed.reference, "entering", 58),
        ("not the serving node", 21, "msc-2", armed.reference, "entering", 52),
        ("nor this one", 21, "sgsn-1", armed.reference, "entering", 52),
        ("nor an MME", 21, MME, armed.reference, "entering", 5490),
        ("not what is waited for", 21, "msc-1", armed.reference, "leaving", 36),
        ("not a place either", 21, "msc-1", armed.reference, "available", 36),
    ] {
        assert_eq!(forge(&scene, number, node, reference, event).await, wanted, "{what}");
    }
    let scope = || Scope::Subscriber(label(21));
    let once = |fault| FaultRule { fault, times: Some(1) };
    scene.lab.network.faults().add(scope(), once(Fault::ReportTwice));
    let sent = scene.lab.network.counted().slr;
    scene.go(21, SCHOOL).await;
    scene.reported(&armed, 21, SCHOOL).await;
    assert_eq!(scene.lab.network.counted().slr, sent + 2, "the report was not sent twice");
    // The second comes after a forged one.
    scene.lab.network.faults().add(scope(), once(Fault::ForgedReport));
    scene.go(21, HOME).await;
    scene.advance(10).await;
    scene.go(21, SCHOOL).await;
    scene.reported(&armed, 21, SCHOOL).await;
    scene.free(21).await;
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    assert_eq!(told(&scene.entries(&armed).await), complete(2));
    scene.lab.verified().await;
}

#[tokio::test]
async fn a_node_is_told_that_it_is_over_and_a_killed_gateway_goes_on() {
    let (mut scene, gateway) = Scene::by_map().await;
    for number in [21, 31] {
        let armed = scene.armed(&gateway, number, school(AreaChange::Entering, Some(5))).await;
        let opted_out = json!({"opted_out": true});
        gateway.done(Method::PATCH, "/v1/subscriber", Some(&who(number)), Some(&opted_out)).await;
        let end = scene.next().await;
        assert_eq!((end.element.as_str(), end.request_id.as_ref()), ("tlrsa", Some(&armed.request_id)));
        scene.free(number).await;
        assert_eq!(
            told(&scene.entries(&armed).await),
            [("activate deferred", "allowed"), ("cancel deferred", "refused")]
        );
    }
    let armed = scene.armed(&gateway, 22, school(AreaChange::Entering, None)).await;
    gateway.kill().await;
    scene.go(22, SCHOOL).await;
    let gateway = scene.lab.start().await;
    scene.lab.network.connected().await;
    // The node's next try.
    scene.advance(16).await;
    scene.reported(&armed, 22, SCHOOL).await;
    scene.free(22).await;
    gateway.stop().await;
    assert_eq!(told(&scene.entries(&armed).await), complete(1));
    scene.lab.verified().await;
}

#[tokio::test]
async fn an_sgsn_reports_periodically_and_then_no_more() {
    let (mut scene, gateway) = Scene::by_map().await;
    let armed = scene.armed_each(&gateway, 31, 10, 30).await;
    assert_eq!(scene.lab.network.deferred(&label(31)), [armed.reference]);
    // Where the phone is each time.
    for place in [HOME, SCHOOL, HOME] {
        scene.go(31, place).await;
        scene.advance(10).await;
        scene.reported_as("PERIODIC", &armed, 31, place).await;
    }
    scene.free(31).await;
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    assert_eq!(told(&scene.entries(&armed).await), complete(3));
    scene.lab.verified().await;
}

#[tokio::test]
async fn a_client_that_asks_no_more_has_the_node_wait_no_more() {
    let (mut scene, gateway) = Scene::by_map().await;
    for number in [21, 31] {
        let armed = scene.armed(&gateway, number, school(AreaChange::Entering, Some(5))).await;
        let other = scene.armed(&gateway, number, school(AreaChange::Within, None)).await;
        let asked = scene.lab.network.counted().psl;
        let stopped = scene.stop(&gateway, &armed).await;
        assert_eq!((stopped.element.as_str(), &stopped.result), ("tlrsa", &None), "{:?}", stopped.add_info);
        assert_eq!(stopped.request_id.as_ref(), Some(&armed.request_id));
        let left = async || (scene.lab.network.deferred(&label(number)) == [other.reference]).then_some(());
        until("the node is told that it is over", left).await;
        assert_eq!(scene.lab.network.counted().psl, asked + 1, "told more than once");
        // What the client asked no more is not reported, and the other is.
        scene.go(number, SCHOOL).await;
        scene.reported(&other, number, SCHOOL).await;
        scene.free(number).await;
        let again = scene.stop(&gateway, &armed).await;
        assert!(again.result.is_some(), "stopped twice: {again:?}");
        assert_eq!(told(&scene.entries(&armed).await), complete(0));
    }
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    scene.lab.verified().await;
}

#[tokio::test]
async fn a_report_that_is_lost_comes_again() {
    let (mut scene, gateway) = Scene::by_map().await;
    for number in [21, 31] {
        let armed = scene.armed(&gateway, number, school(AreaChange::Entering, None)).await;
        let lost = FaultRule { fault: Fault::LostReport, times: Some(2) };
        scene.lab.network.faults().add(Scope::Subscriber(label(number)), lost);
        let sent = scene.lab.network.counted().slr;
        scene.go(number, SCHOOL).await;
        scene.advance(1).await;
        assert_eq!(scene.lab.network.counted().slr, sent, "a lost report was sent");
        assert_eq!(scene.lab.network.deferred(&label(number)), [armed.reference], "over before the report was taken");
        // The third try, two seconds after the second.
        scene.advance(2).await;
        scene.reported(&armed, number, SCHOOL).await;
        assert_eq!(scene.lab.network.counted().slr, sent + 1);
        scene.free(number).await;
        assert_eq!(told(&scene.entries(&armed).await), complete(1));
    }
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    scene.lab.verified().await;
}
