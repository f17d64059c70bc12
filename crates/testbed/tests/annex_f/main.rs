//! Area events over SMS to the (U)SIM end to end (TS 23.271 Annex F): a client, the gateway as a process of its own, an SMS centre, and
//! subscribers with cards that move through cells.
//!
//! Needs the program: `cargo build -p wherefore`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "helpers of tests, outside of test functions, some of them shared with other tests"
)]

#[path = "../gateway/ask.rs"]
mod ask;
#[path = "../gateway/lab.rs"]
mod lab;
mod offered;
#[path = "../gateway/process.rs"]
mod process;
mod receipts;
mod scene;
#[path = "../gateway/school.rs"]
mod school;
mod stopping;
mod trouble;

use lab::who;
use mlp::AreaChange;
use reqwest::Method;
use scene::{HOME, SCHOOL, Scene, complete, school, told};
use serde_json::json;
use testbed::smsc::CommandStatus;
use testbed::usim::Answer;

/// F-24 and F-25: what the client hears, what the card has, what the log says.
#[tokio::test]
async fn verification_accepted_refused_and_not_answered() {
    let (mut scene, gateway) = Scene::new().await;
    scene.profile(&gateway, 1, "verify_restrict").await;
    for answer in [Answer::No, Answer::Nothing, Answer::Yes] {
        scene.card(1).set_answer(answer).await;
        let answered = scene.ask(&gateway, 1, school(AreaChange::Entering, None)).await;
        let shown = scene.card(1).shown().await.pop().unwrap();
        assert!(shown.contains("Laboratory"), "{shown}");
        let installed = answer == Answer::Yes;
        assert_eq!((answered.request_id.is_some(), answered.result.is_none()), (installed, installed), "{answer:?}");
        assert_eq!(scene.card(1).requests().await, usize::from(installed), "{answer:?}");
        if installed {
            let armed = scene::armed(answered);
            scene.go(1, SCHOOL).await;
            scene.reported(&armed, 1, SCHOOL).await;
            assert_eq!(scene.card(1).requests().await, 0, "one report");
            assert_eq!(told(&scene.entries(&armed).await), complete(1));
        }
    }
    gateway.stop().await;
    scene.lab.verified().await;
}

/// Several reports of each event, the gateway killed in between, a report that comes twice, and a cancellation.
#[tokio::test]
async fn many_reports_of_each_event_and_the_gateway_killed_in_between() {
    let (mut scene, mut gateway) = Scene::new().await;
    scene.go(2, SCHOOL).await;
    let entering = scene.armed(&gateway, 1, school(AreaChange::Entering, Some(9))).await;
    let leaving = scene.armed(&gateway, 2, school(AreaChange::Leaving, Some(9))).await;
    for round in 0..3 {
        scene.go(1, SCHOOL).await;
        scene.reported(&entering, 1, SCHOOL).await;
        scene.go(2, HOME).await;
        scene.reported(&leaving, 2, HOME).await;
        if round == 0 {
            // Who asks how requests stand waits until what is under way for them is kept. A report of which that is not yet so is made once more,
            // with an entry of its own.
            gateway.done(Method::GET, "/v1/deferred", None, None).await;
            gateway.kill().await;
            gateway = scene.start().await;
        }
        let again = scene.card(2).replay().await.unwrap();
        assert!(again.is_some_and(|status| status != CommandStatus::EsmeRok), "{again:?}");
        scene.pass(5).await;
        scene.go(1, HOME).await;
        scene.go(2, SCHOOL).await;
        scene.pass(5).await;
    }
    let inside = scene.armed(&gateway, 2, school(AreaChange::Within, Some(2))).await;
    scene.reported(&inside, 2, SCHOOL).await;
    // Operator and subscriber end what is left.
    for number in [1, 2] {
        let body = json!({ "subscriber": who(number) });
        gateway.done(Method::POST, "/v1/deferred/cancel", None, Some(&body)).await;
        scene.free(&gateway, number).await;
    }
    gateway.stop().await;
    assert_eq!(told(&scene.entries(&entering).await), complete(3));
    assert_eq!(told(&scene.entries(&leaving).await), complete(3));
    assert_eq!(told(&scene.entries(&inside).await), complete(1));
    scene.lab.verified().await;
}

#[tokio::test]
async fn a_change_of_the_profile_ends_it_on_the_card_too() {
    let (mut scene, gateway) = Scene::new().await;
    let armed = scene.armed(&gateway, 1, school(AreaChange::Entering, Some(9))).await;
    gateway.done(Method::PATCH, "/v1/subscriber", Some(&who(1)), Some(&json!({"opted_out": true}))).await;
    let end = scene.next().await;
    assert_eq!((end.element.as_str(), end.request_id.as_ref()), ("tlrsa", Some(&armed.request_id)));
    scene.free(&gateway, 1).await;
    scene.go(1, SCHOOL).await;
    gateway.stop().await;
    assert_eq!(told(&scene.entries(&armed).await), [("activate deferred", "allowed"), ("cancel deferred", "refused")]);
    scene.lab.verified().await;
}
