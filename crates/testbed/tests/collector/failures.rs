//! Reports of failures at the collector: single ones under the small suite, and those among the records of a log (TS 37.320 clause 5.1.6).

use super::phone::{Phone, SealedSegment};
use super::process;
use super::scene::{
    AREA, IMSI, MODELS, PLMN, RCEF, RLF, RLF_OF_ONE, SUBSCRIBER, Scene, USUAL, entries, reference, trace,
};
use mdt::rrc::{Plmn, lte};
use mdt_log::{CloseReason, Content, Kind, Suite};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;

/// The identity by which a base station knew the phone: nowhere may it be found.
const C_RNTI: u16 = 0xBEEF;

fn ecgi(network: [u8; 3], cell: u32) -> lte::Ecgi {
    lte::Ecgi { plmn: Plmn::from_octets(network).unwrap(), cell }
}

/// A radio link that failed in cell 257 of this network, 30 s before it was reported, near London.
fn radio_link(network: [u8; 3]) -> Vec<u8> {
    radio_link_since(network, 30)
}

/// The same so many seconds before.
fn radio_link_since(network: [u8; 3], time_since_failure_s: u32) -> Vec<u8> {
    let shape = lcs::gad::Shape::Point(lcs::gad::Point {
        latitude: lcs::gad::Latitude::from_degrees(51.5).unwrap(),
        longitude: lcs::gad::Longitude::from_degrees(-0.125).unwrap(),
    });
    let report = lte::RlfReport {
        r10: Some(lte::RlfR10 {
            location: Some(lte::LocationInfo::at(&shape).unwrap()),
            failed_cell: Some(lte::FailedCell::Global(ecgi(network, 257))),
            reestablishment_cell: Some(ecgi(network, 258)),
            time_conn_failure_100ms: Some(12),
            failure_type: Some(lte::ConnectionFailureType::Rlf),
            previous_cell: None,
        }),
        r11: Some(lte::RlfR11 {
            basic: Some(lte::RlfBasic { c_rnti: C_RNTI, cause: lte::RlfCause::T310Expiry, time_since_failure_s }),
            previous_utra: None,
            selected_utra: None,
        }),
        ..lte::RlfReport::new(lte::FailedResult { rsrp: 15, rsrq: Some(4) })
    };
    report.encode().unwrap()
}

/// A connection that did not come about in cell 259.
fn connection() -> Vec<u8> {
    let report = lte::ConnEstFailReport {
        failed_cell: ecgi(PLMN, 259),
        location: None,
        failed: lte::FailedResult { rsrp: 20, rsrq: Some(6) },
        neighbours: None,
        preambles_sent: 10,
        contention_detected: false,
        max_tx_power_reached: true,
        time_since_failure_s: 120,
        eutra_v1130: None,
        v1250: None,
        v1360: None,
        r15: None,
        r16: None,
        v1640: None,
    };
    report.encode().unwrap()
}

fn sealed(scene: &Scene, kind: Kind, content: &[u8], consent: &[u8]) -> (SealedSegment, Vec<u8>) {
    let (phone, key) = (Phone::new(), scene.key(Suite::Small));
    let report = phone.report(key, kind, Content::EutraUper, content, consent).unwrap();
    (report, phone.unlock(key).unwrap())
}

async fn counts(scene: &Scene, kind: Kind, content: &[u8], consent: &[u8]) -> (u32, u32, u32) {
    let (report, unlock) = sealed(scene, kind, content, consent);
    let answer = scene.uploader().begin(&report.octets, Some(&unlock)).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    scene.counts(&answer.body)
}

/// What is kept, as it is exported. The gateway must not run.
pub(crate) async fn kept(directory: &Path) -> Vec<Value> {
    let to = directory.join("failures.json");
    std::fs::remove_file(&to).ok();
    let export = ["mdt", "export", "mdt", "--failures", "--to", "failures.json", "--format", "json"];
    process::ok(directory, &export).await;
    let text = std::fs::read_to_string(to).unwrap();
    assert!(!text.contains("rnti") && !text.contains(&C_RNTI.to_string()), "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Where the network selects, a report is of the job that asks for its kind; without one nothing is opened.
#[tokio::test(flavor = "multi_thread")]
async fn a_single_report_is_kept_under_the_job_that_asks_for_its_kind() {
    let scene = Scene::new(USUAL).await;
    assert_eq!(counts(&scene, Kind::RadioLinkFailure, &radio_link(PLMN), b"").await, (0, 1, 0), "no job asks");
    scene.job(RLF).await;
    assert_eq!(counts(&scene, Kind::RadioLinkFailure, &radio_link(PLMN), b"").await, (1, 0, 0));
    assert_eq!(counts(&scene, Kind::ConnectionFailure, &connection(), b"").await, (0, 1, 0), "only the other kind");
    scene.job(RCEF).await;
    let (report, unlock) = sealed(&scene, Kind::ConnectionFailure, &connection(), b"");
    let phone = scene.uploader();
    let receipt = phone.begin(&report.octets, Some(&unlock)).await.unwrap().body;
    assert_eq!(scene.counts(&receipt), (1, 0, 0));
    let again = phone.begin(&report.octets, Some(&unlock)).await.unwrap();
    assert_eq!((again.status, again.body), (StatusCode::OK, receipt), "what comes twice is kept once");
    assert_eq!(counts(&scene, Kind::RadioLinkFailure, b"\xff", b"").await, (0, 0, 1), "no report");
    let (lost, _) = sealed(&scene, Kind::RadioLinkFailure, &radio_link(PLMN), b"");
    let refused = phone.begin(&lost.octets, Some(b"none")).await.unwrap();
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "no unlock message of its epoch");
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    let kept = kept(lab.path()).await;
    let words: Vec<_> = kept.iter().map(|row| (row["kind"].as_str().unwrap(), row["job"].as_str().unwrap())).collect();
    assert_eq!(words, [("RLF", trace(RLF).as_str()), ("CEF", trace(RCEF).as_str())]);
    let link = &kept[0];
    assert_eq!(
        (&link["cause"], &link["cell"], &link["network"]),
        (&json!("t310-Expiry"), &json!(257), &json!("234-15"))
    );
    assert_eq!((&link["reestablishment"], &link["rsrp_dbm"]), (&json!("234-15/258"), &json!(-125.5)));
    assert!((link["latitude_deg"].as_f64().unwrap() - 51.5).abs() < 0.0001, "{link}");
    assert_eq!((&kept[1]["preambles"], &kept[1]["flags"]), (&json!(10), &json!(4)));
    assert!(Scene::rows_of(&lab).await.is_empty(), "failures are a table of their own");
}

/// A reference says which job a report is of, and lets the register say no, also later; rows of other networks are dropped.
#[tokio::test(flavor = "multi_thread")]
async fn a_single_report_needs_a_reference_that_holds() {
    let scene = Scene::new("").await;
    scene.job(RLF).await;
    scene.consent("exact", false, &["234-15"]).await;
    let body = json!({"job": trace(RLF)});
    let (status, _) = scene.gateway.admin(Method::POST, "/v1/mdt/consent-reference", Some(IMSI), Some(&body)).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "agreed to logs, and not to reports of failures");
    scene.consent_to("failure-reports", "coarse", false, &["234-15"]).await;
    let reference = scene.consent_reference(RLF).await;
    let link = Kind::RadioLinkFailure;
    assert_eq!(counts(&scene, link, &radio_link(PLMN), &reference).await, (1, 0, 0));
    assert_eq!(counts(&scene, link, &radio_link([0x32, 0xf4, 0x03]), &reference).await, (0, 1, 0), "another network");
    assert_eq!(counts(&scene, link, &radio_link(PLMN), b"").await, (0, 1, 0), "no reference");
    assert_eq!(counts(&scene, Kind::ConnectionFailure, &connection(), &reference).await, (0, 1, 0), "another kind");
    let of_a_log = scene.consent_reference(AREA).await;
    assert_eq!(counts(&scene, link, &radio_link(PLMN), &of_a_log).await, (0, 1, 0), "of a job of logs");
    scene.gateway.done(Method::POST, "/v1/consent/opt-out", Some(IMSI), Some(&json!({"source": "person"}))).await;
    assert_eq!(counts(&scene, link, &radio_link(PLMN), &reference).await, (0, 1, 0), "opted out");
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    let kept = kept(lab.path()).await;
    assert_eq!(kept.len(), 1);
    assert!(kept[0]["latitude_deg"].is_null() && kept[0]["cell"] == 257, "agreed to coarse places: {}", kept[0]);
}

/// A job of one subscriber takes that subscriber's reports alone, and only of who agreed to being identified.
#[tokio::test(flavor = "multi_thread")]
async fn a_single_report_of_one_subscriber_is_found_and_erased_by_the_registers_name() {
    let scene = Scene::new("").await;
    scene.job(RLF_OF_ONE).await;
    scene.consent_to("failure-reports", "exact", true, &["234-15"]).await;
    let reference = scene.consent_reference(RLF_OF_ONE).await;
    let (link, now) = (Kind::RadioLinkFailure, radio_link_since(PLMN, 0));
    assert_eq!(counts(&scene, link, &now, &reference).await, (1, 0, 0));
    assert_eq!(counts(&scene, link, &radio_link_since(PLMN, 3600), &reference).await, (0, 1, 0), "before the yes");
    assert_eq!(counts(&scene, link, &now, b"").await, (0, 1, 0), "nobody's");
    let admin = format!("http://{}", scene.gateway.doors.admin);
    let forget = ["mdt", "forget", "--subscriber", IMSI, "--admin", &admin];
    assert_eq!(process::ok(scene.lab.path(), &forget).await, "1 rows erased\n");
}

/// Failures among the records of a log are kept with it, erased with it, and refused where only the log was agreed to.
#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_log_are_kept_where_they_are_agreed_to() {
    let scene = Scene::new("").await;
    scene.consent("exact", false, &["234-15"]).await;
    let consent = scene.consent_reference(AREA).await;
    let log = || {
        let mut job = reference(AREA);
        job.rat = mdt_log::Rat::Eutra;
        let (mut phone, key) = (Phone::new(), scene.key(Suite::Hybrid));
        let mut records: Vec<_> =
            [(Kind::RadioLinkFailure, radio_link(PLMN)), (Kind::ConnectionFailure, connection())].into();
        records.push((Kind::RadioLinkFailure, b"\xff".to_vec()));
        let segment =
            phone.records(key, &job, Content::EutraUper, &consent, &records, Some(CloseReason::Upload)).unwrap();
        (segment, phone.unlock(key).unwrap())
    };
    let taken = async |(segment, unlock): &(SealedSegment, Vec<u8>)| {
        let answer = scene.uploader().begin(&segment.octets, Some(unlock)).await.unwrap();
        scene.counts(&answer.body)
    };
    assert_eq!(taken(&log()).await, (0, 2, 1), "agreed to logs alone; one cannot be read");
    scene.consent_to("failure-reports", "exact", false, &["234-15"]).await;
    let (first, second) = (log(), log());
    assert_eq!(taken(&first).await, (2, 0, 1));
    assert_eq!(taken(&second).await, (2, 0, 1));
    assert_eq!(scene.uploader().erase(&first.0.token.0).await.unwrap().status, StatusCode::OK);
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    assert_eq!(kept(lab.path()).await.len(), 2, "those of the second log");
    assert!(process::ok(lab.path(), &["mdt", "compact", "mdt"]).await.contains("2 rows"));
    assert_eq!(kept(lab.path()).await.len(), 2);
    let sorted = std::fs::read_dir(lab.path().join("mdt/failures")).unwrap();
    assert!(sorted.into_iter().all(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("day=")));
}

/// B25, B26 of failures: a model comes with a job that keeps it, or the whole is refused.
#[tokio::test(flavor = "multi_thread")]
async fn b26_a_model_that_a_job_does_not_keep_refuses_a_report() {
    let scene = Scene::new(&format!("{USUAL}models_file = 'models.csv'\n")).await;
    scene.job(RLF).await;
    let (report, unlock) = sealed(&scene, Kind::RadioLinkFailure, &radio_link(PLMN), b"");
    let phone = scene.uploader();
    let with_model = phone.beginning(&report.octets, Some(&unlock)).header("mdt-model", "35123456");
    let answer = testbed::mdt_upload::Uploader::send(with_model).await.unwrap();
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    // That jobs of logs take no single reports is by their kind.
    let rows = [(MODELS, 1), (SUBSCRIBER, 1)];
    for (job, count) in rows {
        let (segment, unlock) = scene.segment(job, &entries(count), b"");
        assert_eq!(phone.begin(&segment.octets, Some(&unlock)).await.unwrap().status, StatusCode::OK);
    }
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    assert!(kept(lab.path()).await.is_empty());
}
