//! Reports that nothing stands behind, or that come twice: nobody is told of them.

use super::lab::MME;
use super::scene::{HOME, SCHOOL, Scene, complete, label, school, told};
use mlp::AreaChange;
use serde_json::{Value, json};
use testbed::fault::{Fault, FaultRule, Scope};

/// Has a node report about a subscriber what nothing stands behind; what the gateway answers.
pub(crate) async fn forge(scene: &Scene, number: u32, node: &str, reference: u8, event: &str) -> u64 {
    let body =
        json!({ "subscriber": label(number), "node": node, "reference": reference, "event": event, "sequence": 1 });
    let url = format!("http://{}/forged-report", scene.lab.network.control_address());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer: Value = http.post(url).json(&body).send().await.unwrap().json().await.unwrap();
    answer["result_code"].as_u64().unwrap()
}

#[tokio::test]
async fn a_forged_report_and_a_doubled_one_do_nothing() {
    let (mut scene, gateway) = Scene::new().await;
    let armed = scene.armed(&gateway, 1, school(AreaChange::Entering, Some(2))).await;
    for (what, number, node, reference, event, wanted) in [
        ("no request has it", 1, MME, armed.reference.wrapping_add(1), "entering", 4226),
        ("nor about this one", 2, MME, armed.reference, "entering", 4226),
        ("not the serving node", 1, "mme-2", armed.reference, "entering", 5490),
        ("not what is waited for", 1, MME, armed.reference, "leaving", 5012),
        ("not a place either", 1, MME, armed.reference, "available", 5012),
    ] {
        assert_eq!(forge(&scene, number, node, reference, event).await, wanted, "{what}");
    }
    // The first report comes twice and the second after a forged one: the client is told of two.
    let scope = || Scope::Subscriber(label(1));
    let once = |fault| FaultRule { fault, times: Some(1) };
    scene.lab.network.faults().add(scope(), once(Fault::ReportTwice));
    let sent = scene.lab.network.counted().lrr;
    scene.go(1, SCHOOL).await;
    scene.reported(&armed, 1, SCHOOL).await;
    assert_eq!(scene.lab.network.counted().lrr, sent + 2, "the report was not sent twice");
    scene.lab.network.faults().add(scope(), once(Fault::ForgedReport));
    scene.go(1, HOME).await;
    scene.advance(10).await;
    scene.go(1, SCHOOL).await;
    scene.reported(&armed, 1, SCHOOL).await;
    scene.free(1).await;
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    assert_eq!(told(&scene.entries(&armed).await), complete(2));
    scene.lab.verified().await;
}
