//! What leaves while the collector runs, what is recorded first, and what is kept how long.

use super::lab::Lab;
use super::process::{self, Starting};
use super::scene::{AREA, IMSI, SUBSCRIBER, Scene, USUAL, entries, reference_at, trace};
use base64ct::{Base64, Encoding as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;

/// Exports from the running gateway; what it said, and the lines.
pub(crate) async fn exported(scene: &Scene, name: &str, more: &[&str]) -> (String, Vec<Value>) {
    let admin = format!("http://{}", scene.gateway.doors.admin);
    let (directory, to) = (scene.lab.path(), format!("{name}.json"));
    let export = ["mdt", "export", "--to", &to, "--format", "json", "--admin", &admin];
    let said = process::ok(directory, &[&export, more].concat()).await;
    let text = std::fs::read_to_string(directory.join(to)).unwrap();
    (said, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Entries of the disclosure log about exports, as the subscriber's own keys open them. The gateway must not run.
async fn recorded(lab: &Lab) -> Vec<Value> {
    let show = ["log", "show", IMSI, "--config", "wherefore.toml", "--json"];
    let entries = process::json(lab.path(), &show).await;
    let of_exports = entries.as_array().unwrap().iter().filter(|entry| entry["account"] == "mdt export");
    of_exports.cloned().collect()
}

fn parquet(directory: &Path) -> usize {
    let mut folders = vec![directory.join("mdt")];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "parquet") {
                found += 1;
            }
        }
    }
    found
}

/// An export beside a collector that takes logs and erases: rows that are erased when it ends are not in it, and none is there twice.
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_exported_while_logs_come_in_and_others_are_erased() {
    let scene = Scene::new(USUAL).await;
    let mut waiting = Vec::new();
    for _ in 0..8 {
        waiting.push(scene.segment(AREA, &entries(5), b""));
    }
    let (first, rest) = waiting.split_at(4);
    let phone = scene.uploader();
    for (segment, unlock) in first {
        phone.upload(segment.id, &segment.octets, unlock, 9000).await.unwrap();
    }
    let coming = async {
        for (segment, unlock) in rest {
            phone.upload(segment.id, &segment.octets, unlock, 9000).await.unwrap();
        }
    };
    let going = async {
        for (segment, _) in first {
            assert_eq!(phone.erase(&segment.token.0).await.unwrap().status, StatusCode::OK);
        }
    };
    let leaving = async {
        for at in 0..4 {
            let (_, rows) = exported(&scene, &format!("beside-{at}"), &[]).await;
            assert_eq!(rows.len() % 5, 0, "whole logs");
        }
    };
    tokio::join!(coming, going, leaving);
    let (said, rows) = exported(&scene, "after", &["--job", &trace(AREA)]).await;
    assert_eq!((said.as_str(), rows.len()), ("20 rows\n", 20), "what was erased is not told any more");
    let admin = format!("http://{}", scene.gateway.doors.admin);
    let map = ["mdt", "export", "--to", "map.gpkg", "--format", "geopackage", "--admin", &admin];
    assert_eq!(process::ok(scene.lab.path(), &map).await, "20 rows\n");
    assert!(std::fs::read(scene.lab.path().join("map.gpkg")).unwrap().starts_with(b"SQLite format 3"));
    let leftovers = std::fs::read_dir(scene.lab.path().join("mdt")).unwrap();
    assert!(leftovers.into_iter().all(|entry| !entry.unwrap().file_name().to_string_lossy().ends_with(".tmp")));
    let (status, _) = scene.gateway.admin(Method::GET, "/v1/mdt/export?form=xml", None, None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// Second law: of whom rows name, an entry stands in the disclosure log before they leave, under that person's key; a folder without the
/// log gives none of them. B44: with an entry taken out, the log is not good any more (`privacy` `disclosure::tests::audits`).
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_subscriber_leave_under_an_entry_of_the_disclosure_log_alone() {
    let scene = Scene::new(USUAL).await;
    scene.consent("exact", true, &["234-15"]).await;
    for (job, count) in [(AREA, 1), (SUBSCRIBER, 3)] {
        let (segment, unlock) = scene.segment(job, &entries(count), b"");
        scene.uploader().upload(segment.id, &segment.octets, &unlock, 9000).await.unwrap();
    }
    // Rows of nobody need none.
    assert_eq!(exported(&scene, "area", &["--job", &trace(AREA)]).await.1.len(), 1);
    assert_eq!(exported(&scene, "own", &["--subscriber", IMSI]).await.1.len(), 3);
    assert_eq!(exported(&scene, "all", &[]).await.1.len(), 4);
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    let recorded = recorded(&lab).await;
    assert_eq!(recorded.len(), 2, "of each export with rows of the subscriber: {recorded:?}");
    assert!(recorded.iter().all(|entry| entry["outcome"] == "allowed"), "{recorded:?}");
    lab.verified().await;
    let offline = ["mdt", "export", "mdt", "--to", "offline.json", "--format", "json"];
    let said = process::ok(lab.path(), &offline).await;
    assert_eq!(said, "3 rows of subscribers left out; the running gateway exports them, and records it\n1 rows\n");
    let refused = ["mdt", "export", "mdt", "--to", "no.json", "--format", "json", "--subject", &"0".repeat(32)];
    assert_eq!(process::run(lab.path(), &refused).await.status.code(), Some(2));
}

/// Rows older than they may be are in no answer, and gone from disk with the next pass; so is a job that was stopped too long ago.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_too_old_are_told_to_nobody_and_go() {
    let scene = Scene::new(&format!("{USUAL}keep_rows_days = 1\nkeep_subject_rows_days = 1\n")).await;
    // Two days and an hour ago: young enough for a log, and of a day that is over.
    let mut phone = super::phone::Phone::new();
    let key = scene.key(mdt_log::Suite::Hybrid);
    let job = reference_at(AREA, jiff::Timestamp::now() - jiff::SignedDuration::from_hours(49));
    let old = phone.segment(key, &job, b"", &entries(3), Some(mdt_log::CloseReason::Upload)).unwrap();
    let answer = scene.uploader().begin(&old.octets, Some(&phone.unlock(key).unwrap())).await.unwrap();
    assert_eq!(scene.counts(&answer.body), (3, 0, 0));
    let (young, unlock) = scene.segment(AREA, &entries(2), b"");
    scene.uploader().upload(young.id, &young.octets, &unlock, 9000).await.unwrap();
    assert_eq!(exported(&scene, "young", &[]).await.1.len(), 2, "not told at once");
    assert_eq!(parquet(scene.lab.path()), 2);
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    let gateway = Starting::new(lab.path()).listening().await;
    process::until("the pass took them from disk", async || (parquet(lab.path()) == 1).then_some(())).await;
    gateway.stop().await;
    assert_eq!(Scene::rows_of(&lab).await.len(), 2);
}

/// B42: the database under register and books fails while the gateway runs. Nothing is opened: the octets wait as they came, with 503 and a
/// time to come again. Once it works they are taken, or dropped where the person said no meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn b42_what_comes_while_the_database_is_down_waits_unopened() {
    let scene = Scene::new("").await;
    scene.consent("exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    let url = format!("sqlite://{}", scene.lab.path().join("wherefore.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let all = [(); 2].map(|()| scene.segment(AREA, &entries(3), &reference));
    let phone = scene.uploader();
    // The heads go up while it works, all that opens them afterwards.
    for (segment, _) in &all {
        assert_eq!(phone.begin(&segment.octets[..1500], None).await.unwrap().status, StatusCode::CREATED);
    }
    sqlx::query("ALTER TABLE mdt_segments RENAME TO away").execute(&pool).await.unwrap();
    for (segment, unlock) in &all {
        let request = phone.request(Method::PATCH, &format!("/mdt/v1/uploads/{:?}", segment.id));
        let request = request.header("upload-offset", 1500).header("upload-complete", "?1");
        let request = request.header("mdt-unlock", format!(":{}:", Base64::encode_string(unlock)));
        let answer = request.body(segment.octets[1500..].to_vec()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key("retry-after"));
    }
    assert_eq!((scene.unfinished(), parquet(scene.lab.path())), (2, 0), "kept as it came, and not opened");
    sqlx::query("ALTER TABLE away RENAME TO mdt_segments").execute(&pool).await.unwrap();
    pool.close().await;
    let taken = async |at: usize| {
        let (segment, unlock) = &all[at];
        let receipt = phone.upload(segment.id, &segment.octets, unlock, 9000).await.unwrap();
        scene.counts(&receipt)
    };
    assert_eq!(taken(0).await, (3, 0, 0), "taken");
    scene.gateway.done(Method::POST, "/v1/consent/opt-out", Some(IMSI), Some(&json!({"source": "person"}))).await;
    assert_eq!(taken(1).await, (0, 4, 0), "dropped, unopened");
    assert_eq!(scene.unfinished(), 0);
    assert_eq!(scene.rows().await.len(), 3);
}
