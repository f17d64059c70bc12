//! The gateway is stopped while it waits for the word of a card that cannot say it: the phone is out of reach. The stop waits for no card, and
//! what is kept says what is done about it afterwards.

use super::lab::who;
use super::process::{Gateway, until};
use super::scene::{Armed, SCHOOL, Scene, complete, school, told};
use mlp::{AreaChange, ResultId};
use reqwest::Method;
use serde_json::Value;

/// Longer than a stop, and than any wait of these tests.
const NEVER_S: u32 = 600;

/// Submissions that the centre has taken from this process.
const SUBMITTED: &str = "wherefore_smsc_submitted_total{outcome=\"taken\"}";

/// Waits until a message to the card is with the centre.
async fn submitted(gateway: &Gateway) {
    until("the card is told", async || (gateway.metric(SUBMITTED).await > 0.0).then_some(())).await;
}

/// Entries about arming: outcome, and why.
fn armings(entries: &[Value]) -> Vec<(&str, Option<&str>)> {
    let of_arming = entries.iter().filter(|entry| entry["location_type"] == "activate deferred");
    of_arming.map(|entry| (entry["outcome"].as_str().unwrap(), entry["why"].as_str())).collect()
}

/// The client is told that nothing waits, and the card, once it is there again, that it is over.
#[tokio::test]
async fn a_client_is_told_that_nothing_waits_and_the_card_later_that_it_is_over() {
    let (mut scene, gateway) = Scene::patient(NEVER_S).await;
    scene.detach(1);
    let stopping = async {
        submitted(&gateway).await;
        gateway.terminate().await;
    };
    let (answered, ()) = tokio::join!(scene.ask(&gateway, 1, school(AreaChange::Entering, None)), stopping);
    // Had the card been waited for, it would be that no word came in time.
    let result = answered.result.map(|(result, _)| result);
    assert_eq!((answered.request_id, result), (None, Some(ResultId::CONGESTION_IN_LOCATION_SERVER)));
    assert!(gateway.ended().await.success());
    assert_eq!(armings(&scene.lab.entries().await), [("failed", Some("gateway is stopping"))]);

    let gateway = scene.start().await;
    scene.attach(1);
    scene.free(&gateway, 1).await;
    gateway.stop().await;
    scene.lab.verified().await;
}

/// A request that was being armed when the process died is being armed again when the next one is stopped: it goes on in the one after that.
#[tokio::test]
async fn what_was_being_begun_again_goes_on_after_the_stop() {
    let (mut scene, gateway) = Scene::patient(NEVER_S).await;
    scene.detach(1);
    tokio::select! {
        answered = scene.ask(&gateway, 1, school(AreaChange::Entering, None)) => panic!("{answered:?}"),
        () = submitted(&gateway) => {}
    }
    gateway.kill().await;

    let gateway = scene.start().await;
    submitted(&gateway).await;
    gateway.stop().await;
    assert_eq!(armings(&scene.lab.entries().await), [("failed", Some("gateway is stopping"))]);

    let gateway = scene.start().await;
    scene.attach(1);
    let armed = until("the card watches", async || {
        let listed = gateway.done(Method::GET, "/v1/deferred", Some(&who(1)), None).await;
        let [request] = &listed["requests"].as_array().unwrap()[..] else { panic!("{listed}") };
        let reference = u8::try_from(request["reference"].as_u64().unwrap()).unwrap();
        // What the client knows it by ends with a number of its own.
        let request_id = request["id"].as_str().unwrap()[..28].to_owned();
        (request["state"] == "armed").then_some(Armed { request_id, reference })
    });
    let armed = armed.await;
    assert_eq!(scene.card(1).requests().await, 1);
    scene.go(1, SCHOOL).await;
    scene.reported(&armed, 1, SCHOOL).await;
    gateway.stop().await;
    let entries = scene.entries(&armed).await;
    assert_eq!(told(&entries)[1..], complete(1));
    scene.lab.verified().await;
}
