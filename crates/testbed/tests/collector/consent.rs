//! Consent, looked up again when a log arrives: B21, B22, A5, and a job of one subscriber.

use super::phone::entry;
use super::process;
use super::scene::{AREA, CELL, IMSI, LONDON, OTHER_PLMN, PLMN, RLF_OF_ONE, SUBSCRIBER, Scene, entries, trace};
use reqwest::{Method, StatusCode};
use serde_json::json;

const OPT_OUT: &str = "/v1/consent/opt-out";

async fn counts(scene: &Scene, job: u8, entries: &[Vec<u8>], reference: &[u8]) -> (u32, u32, u32) {
    let (segment, unlock) = scene.segment(job, entries, reference);
    let answer = scene.uploader().begin(&segment.octets, Some(&unlock)).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    scene.counts(&answer.body)
}

/// A log of an area brings back what the register gave out: without it, with another job's, or after an opt-out nothing is opened.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_a_reference_that_holds_is_not_opened() {
    let scene = Scene::new("").await;
    let body = json!({"job": trace(AREA)});
    let (status, _) = scene.gateway.admin(Method::POST, "/v1/mdt/consent-reference", Some(IMSI), Some(&body)).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "nobody is given a job who was not asked");
    scene.consent("exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    assert_eq!(counts(&scene, AREA, &entries(3), &reference).await, (3, 0, 0));
    assert_eq!(counts(&scene, AREA, &entries(3), b"").await, (0, 4, 0), "none");
    assert_eq!(counts(&scene, AREA, &entries(3), &[7; 51]).await, (0, 4, 0), "made up");
    let of_another = scene.consent_reference(super::scene::MODELS).await;
    assert_eq!(counts(&scene, AREA, &entries(3), &of_another).await, (0, 4, 0), "another job's");
    // A5: withdrawn in the middle of the job.
    scene.gateway.done(Method::POST, OPT_OUT, Some(IMSI), Some(&json!({"source": "person"}))).await;
    assert_eq!(counts(&scene, AREA, &entries(3), &reference).await, (0, 4, 0), "opted out");
    assert_eq!(scene.rows().await.len(), 3);
}

/// B22: rows of networks that the consent does not list are dropped, and counted.
#[tokio::test(flavor = "multi_thread")]
async fn b22_rows_of_other_networks_are_dropped() {
    let scene = Scene::new("").await;
    scene.consent("exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    let log = [entry(0, PLMN, CELL, Some(LONDON)), entry(5, OTHER_PLMN, CELL, Some(LONDON))];
    assert_eq!(counts(&scene, AREA, &log, &reference).await, (1, 1, 0));
    let rows = scene.rows().await;
    assert_eq!((rows.len(), rows[0]["network"].as_str()), (1, Some("234-15")));
}

/// Who agreed to coarse places alone leaves no position.
#[tokio::test(flavor = "multi_thread")]
async fn a_coarse_consent_leaves_no_position() {
    let scene = Scene::new("").await;
    scene.consent("coarse", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    assert_eq!(counts(&scene, AREA, &entries(2), &reference).await, (2, 0, 0));
    for row in scene.rows().await {
        assert!(row["latitude_deg"].is_null() && row["longitude_deg"].is_null() && !row["cell"].is_null(), "{row}");
    }
}

/// B21: a job of one subscriber is kept under consent to identified collection alone, and its rows are found by the register's name.
#[tokio::test(flavor = "multi_thread")]
async fn b21_a_job_of_one_subscriber_needs_consent_to_being_identified() {
    let scene = Scene::new("").await;
    scene.consent("exact", false, &["234-15"]).await;
    assert_eq!(counts(&scene, SUBSCRIBER, &entries(2), b"").await, (0, 3, 0), "agreed, and not to that");
    let scene = Scene::new("").await;
    scene.consent("exact", true, &["234-15"]).await;
    assert_eq!(counts(&scene, SUBSCRIBER, &entries(2), b"").await, (2, 0, 0));
    assert_eq!(counts(&scene, AREA, &entries(1), &scene.consent_reference(AREA).await).await, (1, 0, 0));
    let admin = format!("http://{}", scene.gateway.doors.admin);
    let Scene { lab, gateway, .. } = scene;
    // B29: the same rows in every form, and only the requester's.
    for (form, file) in [("json", "own.json"), ("csv", "own.csv"), ("geopackage", "own.gpkg")] {
        let export = ["mdt", "export", "--to", file, "--format", form, "--subscriber", IMSI, "--admin", &admin];
        assert!(process::ok(lab.path(), &export).await.contains("2 rows"), "{form}");
    }
    gateway.stop().await;
    assert_eq!(Scene::rows_of(&lab).await.len(), 1, "those that name nobody");
}

/// B42: where the register does not answer nobody is asked and nothing is opened. A register that was not read to its end is one that
/// does not answer; that it refuses is tested in `privacy`. Here: what it cannot read of a person refuses that person.
#[tokio::test(flavor = "multi_thread")]
async fn b42_a_person_whose_record_cannot_be_read_is_refused() {
    let scene = Scene::new("").await;
    scene.consent("exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    let scene = scene.spoil_records().await;
    assert_eq!(counts(&scene, AREA, &entries(2), &reference).await, (0, 3, 0));
}

/// Whoever is given a job by name has done their duty as whoever is drawn: durably, before the reference leaves, and at the planner too.
#[tokio::test(flavor = "multi_thread")]
async fn a_reference_counts_as_the_duty_of_the_phone() {
    let scene = Scene::new("least_allowed = 2\nduty_jobs = 1\n").await;
    scene.job(RLF_OF_ONE).await;
    scene.consent("exact", true, &["234-15"]).await;
    scene.consent_to("failure-reports", "exact", true, &["234-15"]).await;
    scene.consent_of("imsi:234150000000002", "exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    let scene = scene.restarted().await;
    let refer = async |job: u8| {
        let body = json!({"job": trace(job)});
        scene.gateway.admin(Method::POST, "/v1/mdt/consent-reference", Some(IMSI), Some(&body)).await
    };
    for job in [AREA, super::scene::MODELS] {
        let (status, told) = refer(job).await;
        assert_eq!((status, told["title"].as_str()), (StatusCode::FORBIDDEN, Some("asked enough")), "{told}");
    }
    let candidates =
        ["1", "2"].map(|digit| json!({"subscriber": format!("imsi:23415000000000{digit}"), "registered": "234-15"}));
    let body = json!({"job": trace(AREA), "candidates": candidates});
    let told = scene.gateway.done(Method::POST, "/v1/mdt/selection", None, Some(&body)).await;
    assert_eq!((&told["chosen"][0]["candidate"], &told["not_chosen"]), (&json!(1), &json!({"duty": "few"})));
    // A job of the person's own is no duty of an area.
    assert_eq!(refer(RLF_OF_ONE).await.0, StatusCode::OK);
    // What was given goes on.
    assert_eq!(counts(&scene, AREA, &entries(3), &reference).await, (3, 0, 0));
}

/// A job of the subscriber's own that may still log is not replaced by one of an area.
#[tokio::test(flavor = "multi_thread")]
async fn a_reference_replaces_no_job_of_ones_own() {
    let scene = Scene::new("").await;
    scene.consent("exact", true, &["234-15"]).await;
    let own = json!({"job": trace(SUBSCRIBER), "candidates": [{"subscriber": IMSI, "registered": "234-15"}]});
    let told = scene.gateway.done(Method::POST, "/v1/mdt/selection", None, Some(&own)).await;
    assert_eq!(told["chosen"].as_array().map(Vec::len), Some(1));
    let body = json!({"job": trace(AREA)});
    let (status, told) = scene.gateway.admin(Method::POST, "/v1/mdt/consent-reference", Some(IMSI), Some(&body)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(told["detail"].as_str().unwrap().contains("would replace it"), "{told}");
}
