//! Changes while the gateway runs: the next request meets them; an erased subscriber's entries are closed for good.

use super::{
    ask::{about, ask, result},
    lab::{CLIENT, Lab, client_record, msisdn, who},
    process,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_next_request_meets_what_was_changed() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    let mlp = gateway.doors.mlp;
    let one = async || result(&ask(mlp, &about(&secret, &[1])).await);
    let change = async |method, path: &str, body: Value| {
        gateway.done(method, path, Some(&who(1)), Some(&body)).await;
    };
    assert_eq!(one().await, 0);
    change(Method::PATCH, "/v1/subscriber", json!({"switched_off": true})).await;
    assert_eq!(one().await, 202);
    change(Method::PATCH, "/v1/subscriber", json!({"switched_off": false})).await;
    assert_eq!(one().await, 0);
    change(Method::POST, "/v1/subscriber/pause", json!({"for_s": 3600})).await;
    assert_eq!(one().await, 202);
    change(Method::POST, "/v1/subscriber/resume", json!({})).await;
    assert_eq!(one().await, 0);
    change(Method::PUT, "/v1/subscriber", json!({})).await;
    assert_eq!(one().await, 202);
    change(Method::PUT, "/v1/subscriber", json!({"universal": true})).await;
    assert_eq!(one().await, 0);
    // The client: disabled, enabled, with another secret.
    let record = |enabled: bool| {
        let mut record = client_record(CLIENT);
        record["enabled"] = json!(enabled);
        record
    };
    gateway.done(Method::PUT, "/v1/clients/lab", None, Some(&record(false))).await;
    assert_eq!(one().await, 3);
    gateway.done(Method::PUT, "/v1/clients/lab", None, Some(&record(true))).await;
    assert_eq!(one().await, 0);
    let fresh = gateway.client(CLIENT, record(true)).await;
    assert_eq!(one().await, 3, "the old secret is remembered");
    assert_eq!(result(&ask(mlp, &about(&fresh, &[1])).await), 0);
    // The opt-out holds at once, against a new profile, and after a restart without warning.
    change(Method::POST, "/v1/subscriber/opt-out", json!({})).await;
    assert_eq!(result(&ask(mlp, &about(&fresh, &[1])).await), 202);
    let (status, _) =
        gateway.admin(Method::PUT, "/v1/subscriber", Some(&who(1)), Some(&json!({"universal": true}))).await;
    assert_eq!(status, StatusCode::CONFLICT);
    gateway.kill().await;
    let gateway = lab.start().await;
    assert_eq!(result(&ask(gateway.doors.mlp, &about(&fresh, &[1])).await), 202);
    let yes = json!({"demanded_by_subscriber": true});
    gateway.done(Method::POST, "/v1/subscriber/opt-in", Some(&who(1)), Some(&yes)).await;
    assert_eq!(result(&ask(gateway.doors.mlp, &about(&fresh, &[1])).await), 0);
    gateway.stop().await;
    let report = lab.verified().await;
    assert_eq!(report["size"], 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_subscriber_has_no_entry_that_can_be_read_and_every_proof_holds() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    for number in [1, 2, 1] {
        assert_eq!(result(&ask(gateway.doors.mlp, &about(&secret, &[number])).await), 0);
    }
    process::until("all is published", async || (lab.verified().await["published"] == 3).then_some(())).await;
    let proof = process::ok(lab.path(), &["log", "prove", "log", "--range", "0-2"]).await;
    std::fs::write(lab.path().join("entries.proof"), proof).unwrap();
    let of_both = lab.entries().await;
    assert_eq!(of_both.len(), 3);
    let root = lab.verified().await["root"].clone();

    gateway.done(Method::DELETE, "/v1/subscriber", Some(&who(1)), None).await;
    let left = lab.entries().await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["msisdn"], msisdn(2));
    let shown = process::run(lab.path(), &["log", "show", &who(1), "--config", "wherefore.toml"]).await;
    assert_eq!(shown.status.code(), Some(2), "{}", String::from_utf8_lossy(&shown.stdout));
    assert_eq!(lab.verified().await["root"], root);
    process::ok(lab.path(), &["log", "check-proof", "entries.proof", "--vkey", "log/log.vkey"]).await;
    // Unknown from now on, with entries of a new kind: nobody's.
    assert_ne!(result(&ask(gateway.doors.mlp, &about(&secret, &[1])).await), 0);
    // Known again, the old entries stay closed.
    gateway.done(Method::PUT, "/v1/subscriber", Some(&who(1)), Some(&json!({"universal": true}))).await;
    assert_eq!(result(&ask(gateway.doors.mlp, &about(&secret, &[1])).await), 0);
    gateway.stop().await;
    let own = process::json(lab.path(), &["log", "show", &who(1), "--config", "wherefore.toml", "--json"]).await;
    assert_eq!(own.as_array().unwrap().len(), 1);
    lab.verified().await;
}
