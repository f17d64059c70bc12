//! The subscriber has reports pause: the client is told, and what happens meanwhile leaves no trace, also if the gateway is killed.

use super::scene::{Armed, HOME, SCHOOL, Scene, complete, label, school, told};
use mlp::AreaChange;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn while_reports_pause_nothing_is_told_and_then_they_go_on() {
    let (mut scene, gateway) = Scene::new().await;
    let armed = scene.armed(&gateway, 1, school(AreaChange::Entering, Some(5))).await;
    scene.go(1, SCHOOL).await;
    scene.reported(&armed, 1, SCHOOL).await;

    let subscriber = format!("msisdn:{}", super::lab::msisdn(1));
    let order = json!({"subscriber": subscriber, "demanded_by_subscriber": true});
    gateway.done(Method::POST, "/v1/deferred/pause", None, Some(&order)).await;
    changed(&mut scene, &armed, "PAUSE").await;
    scene.go(1, HOME).await;
    scene.advance(10).await;
    scene.go(1, SCHOOL).await;
    // The node is told that its report was taken, as ever.
    scene.accepted().await;
    gateway.kill().await;
    let gateway = scene.lab.start().await;
    scene.lab.network.connected().await;
    assert_eq!(scene.lab.network.deferred(&label(1)).len(), 1, "the phone still waits");

    // Who did not pause them cannot have them go on.
    let by_operator = json!({"subscriber": subscriber});
    gateway.done(Method::POST, "/v1/deferred/resume", None, Some(&by_operator)).await;
    gateway.done(Method::POST, "/v1/deferred/resume", None, Some(&order)).await;
    changed(&mut scene, &armed, "RESUME").await;
    scene.go(1, HOME).await;
    scene.advance(10).await;
    scene.go(1, SCHOOL).await;
    scene.reported(&armed, 1, SCHOOL).await;
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    assert_eq!(told(&scene.entries(&armed).await), complete(2));
    scene.lab.verified().await;
}

/// The next that the client is told is that reports about its target pause, or go on.
async fn changed(scene: &mut Scene, armed: &Armed, cause: &str) {
    let told = scene.next().await;
    assert_eq!((told.element.as_str(), told.cause.as_deref()), ("tlrpr", Some(cause)));
    assert_eq!(told.request_id.as_ref(), Some(&armed.request_id));
}
