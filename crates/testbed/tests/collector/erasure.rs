//! B28: erasure by token, by job and by subscriber; and that nothing comes back.

use super::process;
use super::scene::{AREA, IMSI, MODELS, SUBSCRIBER, Scene, USUAL, entries, now_s, trace};
use mdt_log::ErasureReceipt;
use reqwest::{Method, StatusCode};
use serde_json::json;

/// Who has the token of a log erases it, shows nothing else, and gets a signed receipt. The same octets bring nothing back.
#[tokio::test(flavor = "multi_thread")]
async fn b28_a_token_erases_and_no_replay_brings_back() {
    let scene = Scene::new(USUAL).await;
    let (first, unlock) = scene.segment(AREA, &entries(3), b"");
    let (second, other) = scene.segment(AREA, &entries(2), b"");
    let phone = scene.uploader();
    let receipt = phone.upload(first.id, &first.octets, &unlock, 4000).await.unwrap();
    phone.upload(second.id, &second.octets, &other, 4000).await.unwrap();
    let stranger = scene.uploader_as(false, None);
    let rows = async |token: &[u8]| {
        let answer = stranger.erase(token).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        let receipt = ErasureReceipt::verify(&answer.body, &scene.list, now_s()).unwrap();
        assert_eq!(receipt.commitment, <[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(token)));
        receipt.rows
    };
    assert_eq!(rows(&[9; 32]).await, 0, "a token of nothing");
    assert_eq!(rows(&first.token.0).await, 3);
    assert_eq!(rows(&first.token.0).await, 0, "once");
    assert_eq!(stranger.erase(b"short").await.unwrap().status, StatusCode::BAD_REQUEST);
    let again = phone.begin(&first.octets, Some(&unlock)).await.unwrap();
    assert_eq!((again.status, again.body), (StatusCode::OK, receipt), "taken once, erased for good");
    assert_eq!(scene.rows().await.len(), 2);
}

/// What is still under way goes too.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_lets_an_unfinished_upload_go() {
    let scene = Scene::new(USUAL).await;
    let (segment, _) = scene.segment(AREA, &entries(3), b"");
    let phone = scene.uploader();
    assert_eq!(phone.begin(&segment.octets[..1500], None).await.unwrap().status, StatusCode::CREATED);
    assert_eq!(scene.unfinished(), 1);
    assert_eq!(scene.uploader_as(false, None).erase(&segment.token.0).await.unwrap().status, StatusCode::OK);
    assert_eq!(scene.unfinished(), 0);
    assert_eq!(phone.standing(segment.id).await.unwrap().status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn b28_jobs_and_subscribers_are_erased_while_the_collector_runs() {
    let scene = Scene::new(USUAL).await;
    scene.consent("exact", true, &["234-15"]).await;
    for (job, count) in [(AREA, 1), (MODELS, 2), (SUBSCRIBER, 4)] {
        let (segment, unlock) = scene.segment(job, &entries(count), b"");
        scene.uploader().upload(segment.id, &segment.octets, &unlock, 9000).await.unwrap();
    }
    let erase =
        async |subscriber, body| scene.gateway.admin(Method::POST, "/v1/mdt/erase", subscriber, Some(&body)).await;
    assert_eq!(erase(None, json!({})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(erase(Some(IMSI), json!({"job": trace(AREA)})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(erase(Some("imsi:234159999999999"), json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(erase(None, json!({"job": trace(MODELS)})).await, (StatusCode::OK, json!({"rows": 2})));
    let admin = format!("http://{}", scene.gateway.doors.admin);
    let forget = ["mdt", "forget", "--subscriber", IMSI, "--admin", &admin];
    assert_eq!(process::ok(scene.lab.path(), &forget).await, "4 rows erased\n");
    assert_eq!(scene.rows().await.len(), 1);
}
