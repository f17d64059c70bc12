//! A centre in trouble, and one that speaks TLS alone: the same requests and reports, or a client that is told that nothing waits.

use super::process::PATIENCE;
use super::scene::{HOME, SCHOOL, Scene, complete, school, told};
use mlp::{AreaChange, ResultId};
use testbed::smsc::CommandStatus;

/// Short waits of the gateway's, so that a test is quick.
const QUICK: &str = "throttle_first_ms = 10\nreconnect_first_ms = 10\n";

#[tokio::test]
async fn a_centre_that_throttles_and_hangs_up_costs_time_and_nothing_else() {
    let (mut scene, gateway) = Scene::with(QUICK, false).await;
    for _ in 0..3 {
        scene.smsc.refuse_next(CommandStatus::EsmeRthrottled);
    }
    let armed = scene.armed(&gateway, 1, school(AreaChange::Entering, Some(9))).await;
    assert_eq!(scene.card(1).requests().await, 1);
    for _ in 0..2 {
        scene.smsc.cut();
        scene.smsc.wait_bound("gmlc", 1, PATIENCE).await.unwrap();
        scene.go(1, SCHOOL).await;
        scene.reported(&armed, 1, SCHOOL).await;
        scene.pass(5).await;
        scene.go(1, HOME).await;
        scene.pass(5).await;
    }
    gateway.stop().await;
    assert_eq!(told(&scene.entries(&armed).await), complete(2));
    scene.lab.verified().await;
}

/// Nothing armed is ever said to be armed when it is not: the client hears it, the log has it, and the next request is as good as any.
#[tokio::test]
async fn what_a_centre_refuses_for_good_is_not_armed() {
    let (mut scene, gateway) = Scene::with(QUICK, false).await;
    scene.smsc.refuse_next(CommandStatus::EsmeRinvdstadr);
    let answered = scene.ask(&gateway, 1, school(AreaChange::Entering, None)).await;
    let result = answered.result.map(|(result, _)| result);
    assert_eq!((answered.request_id, result), (None, Some(ResultId::UNKNOWN_SUBSCRIBER)));
    assert_eq!(scene.card(1).requests().await, 0);
    scene.free(&gateway, 1).await;
    let armed = scene.armed(&gateway, 1, school(AreaChange::Entering, None)).await;
    scene.go(1, SCHOOL).await;
    scene.reported(&armed, 1, SCHOOL).await;
    gateway.stop().await;
    let entries = scene.lab.entries().await;
    let activations: Vec<_> = told(&entries)
        .into_iter()
        .filter(|(kind, _)| *kind == "activate deferred")
        .map(|(_, outcome)| outcome)
        .collect();
    assert_eq!(activations, ["failed", "allowed"]);
    scene.lab.verified().await;
}

#[tokio::test]
async fn a_centre_that_speaks_tls_alone() {
    let (mut scene, gateway) = Scene::with(QUICK, true).await;
    let armed = scene.armed(&gateway, 1, school(AreaChange::Entering, None)).await;
    scene.go(1, SCHOOL).await;
    scene.reported(&armed, 1, SCHOOL).await;
    gateway.stop().await;
    assert_eq!(told(&scene.entries(&armed).await), complete(1));
    scene.lab.verified().await;
}
