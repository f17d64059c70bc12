//! What is opened, what is not, and what of it is kept: B21, B24, B25, B26, B34, and jobs that are not there.

use super::phone::{Phone, entry};
use super::scene::{AREA, CELL, LONDON, MODELS, PLMN, SUBSCRIBER, Scene, USUAL, entries, reference, trace};
use mdt_log::{CloseReason, Suite};
use reqwest::{Method, StatusCode};
use serde_json::json;
use testbed::mdt_upload::Uploader;

/// B24: rows of a job without identity.
#[tokio::test(flavor = "multi_thread")]
async fn b24_rows_name_nobody_and_hide_their_session() {
    let scene = Scene::new(USUAL).await;
    let (segment, unlock) = scene.segment(AREA, &entries(3), b"");
    let receipt = scene.uploader().upload(segment.id, &segment.octets, &unlock, 1500).await.unwrap();
    let received = scene.received(&receipt);
    assert_eq!((received.segment, received.octets), (segment.id, segment.octets.len() as u32));
    assert_eq!((received.kept, received.not_wanted, received.unreadable), (3, 0, 0));
    let rows = scene.rows().await;
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert_eq!(row["job"], trace(AREA));
        assert!(!row["session"].as_str().unwrap().starts_with("0000"), "nothing to guess by counting: {row}");
        assert!(row.get("subject").is_none() && row["model"].is_null(), "{row}");
        assert_eq!(row["network"], "234-15");
    }
}

/// B25, and B26 at the collector: a model is kept where the job asks for it and enough phones have it; it is an identity where the job
/// keeps none.
#[tokio::test(flavor = "multi_thread")]
async fn b25_b26_models_as_the_job_says() {
    let scene = Scene::new(&format!("{USUAL}models_file = 'models.csv'\nmodel_floor = 100\n")).await;
    let send = async |job: u8, model: &str| {
        let (segment, unlock) = scene.segment(job, &entries(1), b"");
        let request = scene.uploader().beginning(&segment.octets, Some(&unlock)).header("mdt-model", model);
        Uploader::send(request).await.unwrap()
    };
    for (job, model, status) in [
        (MODELS, "35123456", StatusCode::OK),
        (MODELS, "35999999", StatusCode::OK),
        (MODELS, "35000000", StatusCode::OK),
        (MODELS, "351234567890123", StatusCode::UNPROCESSABLE_ENTITY),
        (AREA, "35123456", StatusCode::UNPROCESSABLE_ENTITY),
        (AREA, "351234567890123", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(send(job, model).await.status, status, "{job} {model}");
    }
    assert_eq!(scene.unfinished(), 0, "of what came with an identity nothing is kept");
    let suppressed = scene.gateway.metric("wherefore_mdt_models_suppressed_total").await;
    assert!((suppressed - 2.0).abs() < 0.1, "the rare one and the unknown one: {suppressed}");
    assert_eq!(scene.rows().await.len(), 3);
}

/// B21: three kinds of no look the same from outside: no such job, one that was stopped, one of a subscriber who did not agree. The phone
/// may delete, nothing was opened, nothing is kept.
#[tokio::test(flavor = "multi_thread")]
async fn b21_refusals_for_good_are_alike() {
    let scene = Scene::new(USUAL).await;
    scene.gateway.done(Method::POST, "/v1/mdt/jobs/stop", None, Some(&json!({"job": trace(MODELS)}))).await;
    let phone = scene.uploader();
    for job in [77, MODELS, SUBSCRIBER] {
        let (segment, _) = scene.segment(job, &entries(4), b"");
        // Not even a sound unlock message is needed, because nothing is opened.
        let answer = phone.begin(&segment.octets, Some(b"none")).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(scene.counts(&answer.body), (0, 5, 0), "four entries and the close record, unopened");
    }
    // For another collector, or with an entity that the job does not have.
    let (key, mut other) = (scene.key(Suite::Hybrid), reference(AREA));
    other.tce_id = 2;
    let mut owner = Phone::new();
    let segment = owner.segment(key, &other, b"", &entries(1), None).unwrap();
    let answer = phone.begin(&segment.octets, Some(&owner.unlock(key).unwrap())).await.unwrap();
    assert_eq!(scene.counts(&answer.body), (0, 1, 0));
    let jobs = scene.gateway.done(Method::GET, "/v1/mdt/jobs", None, None).await;
    assert!(jobs["jobs"][1]["stopped"].is_string() && jobs["jobs"][0]["stopped"].is_null());
    assert!(!jobs.to_string().contains("234150000000001"), "no job tells its subscriber");
    assert_eq!(scene.rows().await.len(), 0);
}

/// B34: damage is named in the counts of the receipt, and what is genuine besides is kept.
#[tokio::test(flavor = "multi_thread")]
async fn b34_damage_costs_what_it_hits() {
    let scene = Scene::new(USUAL).await;
    let (phone, key) = (scene.uploader(), scene.key(Suite::Hybrid));
    let frame = mdt_log::SegmentSealer::frame_octets(entries(1)[0].len()).unwrap();
    let of = |count: u16| scene.segment(AREA, &entries(count), b"");
    let start = |octets: &[u8], records: usize| octets.len() - mdt_log::CLOSE_OCTETS - records * frame;
    let take = async |octets: &[u8], unlock: &[u8]| phone.begin(octets, Some(unlock)).await.unwrap();
    // A flipped bit in the second of three records.
    let (mut flipped, unlock) = of(3);
    let at = start(&flipped.octets, 2) + 10;
    flipped.octets[at] ^= 1;
    assert_eq!(scene.counts(&take(&flipped.octets, &unlock).await.body), (2, 0, 1));
    // The second record taken out.
    let (mut short, unlock) = of(3);
    let at = start(&short.octets, 2);
    short.octets.drain(at..at + frame);
    assert_eq!(scene.counts(&take(&short.octets, &unlock).await.body), (2, 0, 1));
    // First and second the other way round: both are genuine.
    let (mut swapped, unlock) = of(3);
    let at = start(&swapped.octets, 3);
    let first: Vec<u8> = swapped.octets.drain(at..at + frame).collect();
    swapped.octets.splice(at + frame..at + frame, first);
    assert_eq!(scene.counts(&take(&swapped.octets, &unlock).await.body), (3, 0, 0));
    // A torn tail: the whole records before it count.
    let (mut torn, unlock) = of(3);
    torn.octets.truncate(start(&torn.octets, 1) + 7);
    assert_eq!(scene.counts(&take(&torn.octets, &unlock).await.body), (2, 0, 0));
    // A crash left it open: nothing is held against anybody.
    let mut owner = Phone::new();
    let open = owner.segment(key, &reference(AREA), b"", &entries(2), None).unwrap();
    let unlock = owner.unlock(key).unwrap();
    assert_eq!(scene.counts(&take(&open.octets, &unlock).await.body), (2, 0, 0));
    // A flipped bit in the head, after the name; another epoch's key; octets that are no unlock message.
    let (head, unlock) = of(1);
    let mut altered = head.octets.clone();
    let job = altered.windows(2).position(|two| two == [0x14, 0x00]).unwrap();
    altered[job] ^= 1;
    let answer = take(&altered, &unlock).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stranger = Phone::new().unlock(key).unwrap();
    let (sound, unlock) = of(1);
    for wrong in [&stranger[..], b"MDTU", &unlock[..100]] {
        let answer = take(&sound.octets, wrong).await;
        let refused = [StatusCode::BAD_REQUEST, StatusCode::CONFLICT];
        assert!(refused.contains(&answer.status), "{}", answer.status);
        assert_eq!(answer.offset, Some(sound.octets.len() as u32), "the octets stay");
    }
    let done = phone.append(sound.id, sound.octets.len() as u32, b"", Some(&unlock)).await.unwrap();
    assert_eq!(scene.counts(&done.body), (1, 0, 0));
}

/// A key that was destroyed opens nothing any more, and no receipt says that it did.
#[tokio::test(flavor = "multi_thread")]
async fn a_destroyed_key_is_gone() {
    let scene = Scene::new(USUAL).await;
    let (segment, unlock) = scene.segment(AREA, &entries(1), b"");
    let id = format!("{:?}", scene.key(Suite::Hybrid).id());
    super::process::ok(scene.lab.path(), &["mdt", "key", "destroy", "mdt-keys", &id]).await;
    let listed = super::process::ok(scene.lab.path(), &["mdt", "key", "list", "mdt-keys"]).await;
    assert!(!listed.contains(&id) && listed.contains("small"), "{listed}");
    let scene = scene.restarted().await;
    let answer = scene.uploader().begin(&segment.octets, Some(&unlock)).await.unwrap();
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(scene.unfinished(), 0);
    assert_eq!(scene.rows().await.len(), 0);
}

/// Entries that cannot be read, and a log of long ago.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_or_is_too_old_is_not_kept() {
    let scene = Scene::new(USUAL).await;
    let mixed = vec![entry(0, PLMN, CELL, Some(LONDON)), b"no entry".to_vec(), entry(7201, PLMN, CELL, None)];
    let (segment, unlock) = scene.segment(AREA, &mixed, b"");
    let answer = scene.uploader().begin(&segment.octets, Some(&unlock)).await.unwrap();
    assert_eq!(scene.counts(&answer.body), (1, 0, 2));
    let (key, mut old) = (scene.key(Suite::Small), reference(AREA));
    old.absolute_time = [0x20, 0x01, 0x01, 0, 0, 0];
    let mut phone = Phone::new();
    let segment = phone.segment(key, &old, b"", &entries(2), Some(CloseReason::Upload)).unwrap();
    let answer = scene.uploader().begin(&segment.octets, Some(&phone.unlock(key).unwrap())).await.unwrap();
    assert_eq!(scene.counts(&answer.body), (0, 2, 0));
    assert_eq!(scene.rows().await.len(), 1);
}
