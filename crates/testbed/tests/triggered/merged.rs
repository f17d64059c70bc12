//! Ten clients wait for the same: the MME is asked once, and each of them is told.

use super::lab::client_record;
use super::scene::{SCHOOL, Scene, label, school};
use mlp::AreaChange;
use serde_json::json;
use std::collections::HashSet;

#[tokio::test]
async fn ten_clients_cost_one_request() {
    let (mut scene, gateway) = Scene::new().await;
    let mut waiting = HashSet::new();
    for client in 0..10 {
        let name = format!("merging-{client}");
        let mut record = client_record(&name);
        record["requests"].as_array_mut().unwrap().push(json!("change_of_area"));
        record["push_urls"] = json!([scene.listener.prefix()]);
        record["external_identities"] = json!([{"number": format!("+9991234600{client}")}]);
        let secret = gateway.client(&name, record).await;
        let answer = scene.ask_as(&gateway, (&name, &secret), 1, school(AreaChange::Entering, None)).await;
        waiting.insert(answer.request_id.unwrap());
    }
    assert_eq!(scene.lab.network.deferred(&label(1)).len(), 1);
    assert_eq!(scene.lab.network.counted().plr, 1);
    scene.go(1, SCHOOL).await;
    for _ in 0..10 {
        let report = scene.next().await;
        assert_eq!(report.element, "tlrep");
        assert!(waiting.remove(&report.request_id.unwrap()), "told another's");
    }
    scene.free(1).await;
    assert_eq!(scene.lab.network.counted().plr, 1);
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    scene.lab.verified().await;
}
