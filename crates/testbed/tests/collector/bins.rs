//! B27: bins of a running collector, whatever comes, goes and stops in between.

use super::phone::{Phone, SealedSegment, entry};
use super::process;
use super::scene::{AREA, CELL, LONDON, PLMN, Scene, reference_at};
use mdt_log::{CloseReason, JobReference, Suite};
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// A log of a phone of its own, half an hour from yesterday noon on.
fn log(scene: &Scene, session: u8) -> (SealedSegment, Vec<u8>) {
    let day_s = 86_400;
    let today = jiff::Timestamp::now().as_second() / day_s;
    let noon = jiff::Timestamp::from_second((today - 1) * day_s + day_s / 2).unwrap();
    let job = JobReference { recording_session: [0, session], ..reference_at(AREA, noon) };
    let entries = [5, 1805].map(|second| entry(second, PLMN, CELL, Some(LONDON)));
    let (mut phone, key) = (Phone::new(), scene.key(Suite::Hybrid));
    let segment = phone.segment(key, &job, b"", &entries, Some(CloseReason::Upload)).unwrap();
    (segment, phone.unlock(key).unwrap())
}

async fn uploaded(scene: &Scene, session: u8) -> SealedSegment {
    let (segment, unlock) = log(scene, session);
    scene.uploader().upload(segment.id, &segment.octets, &unlock, 9000).await.unwrap();
    segment
}

/// What the command said, and the file.
async fn bins(scene: &Scene, name: &str, more: &[&str]) -> (String, String) {
    let admin = format!("http://{}", scene.gateway.doors.admin);
    let to = format!("{name}.json");
    let command = ["mdt", "bins", "--to", &to, "--format", "json", "--admin", &admin];
    let said = process::ok(scene.lab.path(), &[&command, more].concat()).await;
    (said, std::fs::read_to_string(scene.lab.path().join(to)).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn b27_bins_are_of_enough_phones_and_released_once() {
    let scene = Scene::new("consent = 'network'\nbin_wait_s = 0\n").await;
    let mut segments = Vec::new();
    for session in 0..10 {
        segments.push(uploaded(&scene, session).await);
    }
    // One goes before anything was told.
    let phone = scene.uploader();
    assert_eq!(phone.erase(&segments[0].token.0).await.unwrap().status, StatusCode::OK);
    assert_eq!(bins(&scene, "few", &[]).await, ("0 bins\n".to_owned(), String::new()));
    uploaded(&scene, 10).await;
    let (said, first) = bins(&scene, "first", &[]).await;
    assert_eq!(said, "1 bins\n");
    let bin: Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&bin["subjects"], &bin["entries"], &bin["rat"]), (&10.into(), &20.into(), &"NR".into()), "{bin}");
    assert_eq!(bin["rsrp_p50_dbm"], -96.5);
    assert_eq!(bin["sinr_p50_db"], Value::Null);
    for name in ["job", "session", "cell", "model"] {
        assert_eq!(bin.get(name), None);
    }

    // Two go and three come: what was told stays as it was, also after a kill.
    for segment in &segments[1..3] {
        assert_eq!(phone.erase(&segment.token.0).await.unwrap().status, StatusCode::OK);
    }
    for session in 11..14 {
        uploaded(&scene, session).await;
    }
    assert_eq!(bins(&scene, "second", &[]).await.1, first);
    let scene = scene.restarted().await;
    assert_eq!(bins(&scene, "third", &[]).await.1, first);
    assert_eq!(bins(&scene, "later", &["--from", "2100-01-01"]).await.0, "0 bins\n");
    let admin = format!("http://{}", scene.gateway.doors.admin);
    let map = ["mdt", "bins", "--to", "map.gpkg", "--format", "geopackage", "--admin", &admin];
    assert_eq!(process::ok(scene.lab.path(), &map).await, "1 bins\n");
    for wrong in ["form=xml", "form=csv&from=yesterday", "form=csv&job=234-15-000001"] {
        let (status, _) = scene.gateway.admin(Method::GET, &format!("/v1/mdt/bins?{wrong}"), None, None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    // The folder tells the same without the gateway, under whatever rule.
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    let offline =
        ["mdt", "bins", "mdt", "--to", "offline.json", "--format", "json", "--wait-s", "0", "--side-m", "500"];
    assert_eq!(process::ok(lab.path(), &offline).await, "1 bins\n");
    assert_eq!(std::fs::read_to_string(lab.path().join("offline.json")).unwrap(), first);
    let leftovers = std::fs::read_dir(lab.path().join("mdt")).unwrap();
    assert!(leftovers.into_iter().all(|entry| !entry.unwrap().file_name().to_string_lossy().ends_with(".tmp")));
}
