//! The control API, and emergency reports on command.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests, outside of test functions")]

mod support;

use diameter::dictionary as avp;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use support::{HEAD, Lab, Plr, Reports, imsi, msisdn, result, subscriber, u32_of};

async fn call(lab: &Lab, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let url = format!("http://{}{path}", lab.network.control_address());
    let mut request = Client::builder().no_proxy().build().unwrap().request(method, url);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
}

fn scenario() -> String {
    [HEAD.to_owned(), subscriber(1, "user = { answer = 'refuses' }"), subscriber(2, "state = 'detached'")].concat()
}

#[tokio::test]
async fn what_users_saw_is_told_by_label_or_identity_and_names_labels_only() {
    let lab = Lab::start(&scenario()).await;
    assert_eq!(result(&lab.ask_mme(&Plr::unrelated(1, 3)).await.unwrap()), -4224);
    for name in ["sub-01".to_owned(), imsi(1), msisdn(1)] {
        let (status, seen) = call(&lab, Method::GET, &format!("/seen/{name}"), None).await;
        assert_eq!((status, &seen["subscriber"]), (StatusCode::OK, &json!("sub-01")));
        assert_eq!(seen["seen"][0]["shown"], "question_restrict");
        assert_eq!(seen["seen"][0]["response"], "denied");
        assert_eq!(seen["seen"][0]["client"], "Example Fleet");
        assert!(!seen.to_string().contains(&imsi(1)) && !seen.to_string().contains(&msisdn(1)));
    }
    assert_eq!(call(&lab, Method::DELETE, "/seen/sub-01", None).await.0, StatusCode::NO_CONTENT);
    let (_, seen) = call(&lab, Method::GET, "/seen/sub-01", None).await;
    assert_eq!(seen["seen"], json!([]));
    let (status, told) = call(&lab, Method::GET, "/seen/001010000000099", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(!told.to_string().contains("001010000000099"));
}

#[tokio::test]
async fn health_counters_and_subscribers() {
    let lab = Lab::start(&scenario()).await;
    let (_, health) = call(&lab, Method::GET, "/health", None).await;
    assert_eq!(health, json!({ "nodes": ["hss", "mme-1", "mme-2"], "subscribers": 2 }));
    lab.ask_mme(&Plr::of(1)).await.unwrap();
    lab.ask_mme(&Plr::of(2)).await.unwrap();
    let (_, counters) = call(&lab, Method::GET, "/counters", None).await;
    assert_eq!(
        (&counters["plr"], &counters["plr_located"], &counters["plr_refused"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let (_, subscribers) = call(&lab, Method::GET, "/subscribers", None).await;
    assert_eq!(subscribers[1], json!({ "label": "sub-02", "mme": "mme-1", "state": "detached" }));
}

#[tokio::test]
async fn faults_sessions_and_states_change_while_it_runs() {
    let lab = Lab::start(&scenario()).await;
    let post = async |path: &str, body: Value| call(&lab, Method::POST, path, Some(body)).await.0;
    let fault = json!({ "subscriber": "sub-01", "fault": { "kind": "result", "code": 5012 } });
    assert_eq!(post("/fault", fault).await, StatusCode::NO_CONTENT);
    assert_eq!(result(&lab.ask_mme(&Plr::of(1)).await.unwrap()), 5012);
    let cleared = call(&lab, Method::DELETE, "/faults?subscriber=sub-01", None).await.0;
    assert_eq!(cleared, StatusCode::NO_CONTENT);
    assert_eq!(result(&lab.ask_mme(&Plr::of(1)).await.unwrap()), 2001);

    let related = Plr { related: Some(0), unrelated: Some(4), apn: Some("fleet.example"), ..Plr::of(1) };
    assert_eq!(result(&lab.ask_mme(&related).await.unwrap()), -4224);
    let up = |up: bool| json!({ "subscriber": "sub-01", "apn": "fleet.example", "up": up });
    assert_eq!(post("/session", up(true)).await, StatusCode::NO_CONTENT);
    assert_eq!(result(&lab.ask_mme(&related).await.unwrap()), 2001);
    assert_eq!(post("/session", up(false)).await, StatusCode::NO_CONTENT);
    assert_eq!(result(&lab.ask_mme(&related).await.unwrap()), -4224);

    let suspended = json!({ "subscriber": "sub-01", "state": "suspended" });
    assert_eq!(post("/state", suspended).await, StatusCode::NO_CONTENT);
    assert_eq!(result(&lab.ask_mme(&Plr::of(1)).await.unwrap()), -4222);

    for (path, body, status) in [
        ("/fault", json!({ "fault": { "kind": "drop" } }), StatusCode::BAD_REQUEST),
        ("/fault", json!({ "node": "mme-9", "fault": { "kind": "drop" } }), StatusCode::NOT_FOUND),
        ("/fault", json!({ "node": "hss", "fault": { "kind": "loud" } }), StatusCode::UNPROCESSABLE_ENTITY),
        ("/fault", json!({ "subscriber": "sub-01", "fault": { "kind": "mute" } }), StatusCode::BAD_REQUEST),
        ("/session", json!({ "subscriber": "sub-01", "apn": "..", "up": true }), StatusCode::BAD_REQUEST),
        ("/state", json!({ "subscriber": "sub-09", "state": "attached" }), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(post(path, body.clone()).await, status, "{path} {body}");
    }
}

#[tokio::test]
async fn an_emergency_call_is_reported_to_the_gateway() {
    let (sender, mut reports) = tokio::sync::mpsc::unbounded_channel();
    let lab = Lab::with(&scenario(), Reports(sender)).await;
    let (status, told) = call(&lab, Method::POST, "/emergency-call", Some(json!({ "subscriber": "sub-01" }))).await;
    assert_eq!((status, &told["result_code"]), (StatusCode::OK, &json!(2001)));
    let report = reports.recv().await.unwrap();
    assert_eq!(u32_of(&report, &avp::LOCATION_EVENT), Some(0));
    assert_eq!(report.find(&avp::USER_NAME).unwrap().utf8().unwrap(), imsi(1));
    assert_eq!(report.find(&avp::DESTINATION_HOST).unwrap().utf8().unwrap(), "gmlc.test");
    assert!(report.find(&avp::MSISDN).is_some() && report.find(&avp::ECGI).is_some());
    assert_eq!(report.find(&avp::LOCATION_ESTIMATE).unwrap().data[0], 0x10);
    let counted = lab.network.counted();
    assert_eq!((counted.lrr, counted.lrr_accepted), (1, 1));
    let detached = call(&lab, Method::POST, "/emergency-call", Some(json!({ "subscriber": "sub-02" }))).await;
    assert_eq!(detached.0, StatusCode::CONFLICT);
}
