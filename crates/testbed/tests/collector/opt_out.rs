//! An opt-out that a phone tells: B15, B16.

use super::network::{NETWORK, area_job};
use super::process;
use super::scene::{AREA, IMSI, Scene, TOKEN, tls, trace, unhex};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use testbed::mdt_upload::Uploader;
use testbed::{Network, NetworkOptions, mdt_core::JobOutcome, scenario::Scenario};
use tokio_rustls::rustls::version;

/// Since when the register has an opt-out of the subscriber.
async fn opted_out(scene: &Scene) -> Value {
    scene.gateway.done(Method::GET, "/v1/consent", Some(IMSI), None).await["opted_out"].clone()
}

async fn told(to: &Uploader, reference: &[u8]) -> StatusCode {
    let answer = to.opt_out(reference).await.unwrap();
    assert!(answer.status != StatusCode::NO_CONTENT || answer.body.is_empty());
    answer.status
}

/// Who wrote an opt-out into the disclosure log, entry by entry.
async fn recorded(directory: &Path) -> Vec<Value> {
    let shown = process::json(directory, &["log", "show", IMSI, "--config", "wherefore.toml", "--json"]).await;
    let entries = shown.as_array().unwrap().iter();
    entries.filter(|entry| entry["change"] == "opted out for good").map(|entry| entry["account"].clone()).collect()
}

/// A yes as another system has it.
async fn import(scene: &Scene) -> StatusCode {
    let yes = json!({"purpose": "logged-mdt", "given": true, "plmns": ["234-15"], "precision": "exact",
        "identified": false, "notice": "drive-tests", "version": 1, "source": "import", "evidence_sha256": "0".repeat(64)});
    scene.gateway.admin(Method::POST, "/v1/consent/decision", Some(IMSI), Some(&yes)).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn b16_a_phones_opt_out_is_durable_recorded_and_beats_imports() {
    let scene = Scene::new("").await;
    scene.consent("exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    let phone = scene.uploader();
    // Neither certificate nor token; nothing; too much; more than any body.
    assert_eq!(told(&scene.uploader_as(false, None), &reference).await, StatusCode::UNAUTHORIZED);
    for (octets, status) in
        [(0, StatusCode::BAD_REQUEST), (65, StatusCode::BAD_REQUEST), (2000, StatusCode::PAYLOAD_TOO_LARGE)]
    {
        assert_eq!(told(&phone, &vec![7; octets]).await, status, "{octets}");
    }
    // About nobody: made up, cut, altered. Nothing is told and nothing happens.
    let mut altered = reference.clone();
    altered[20] ^= 1;
    for nobody in [&[7; 51][..], &reference[..50], &altered, b"x"] {
        assert_eq!(told(&phone, nobody).await, StatusCode::NO_CONTENT);
    }
    assert_eq!(opted_out(&scene).await, Value::Null);
    // The job ended: its reference still says who it is. By token and by certificate, once and again.
    scene.gateway.done(Method::POST, "/v1/mdt/jobs/stop", None, Some(&json!({"job": trace(AREA)}))).await;
    assert_eq!(told(&phone, &reference).await, StatusCode::NO_CONTENT);
    let since = opted_out(&scene).await;
    assert!(since.is_string(), "{since}");
    assert_eq!(told(&scene.uploader_as(true, None), &reference).await, StatusCode::NO_CONTENT);
    // A power cut after the answer loses nothing, and what is said again is the same opt-out.
    let scene = scene.restarted().await;
    assert_eq!(opted_out(&scene).await, since);
    assert_eq!(import(&scene).await, StatusCode::CONFLICT);
    assert_eq!(opted_out(&scene).await, since);
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    assert_eq!(recorded(lab.path()).await, [json!("phone")], "once, however often it is said");
}

/// The register cannot tell whose it is: the phone is to come again, and does not believe that it was heard.
#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_that_the_register_cannot_take_is_not_acknowledged() {
    let scene = Scene::new("").await;
    scene.consent("exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    let scene = scene.spoil_records().await;
    let request = scene.uploader().request(Method::POST, "/mdt/v1/opt-out").body(reference);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
}

/// B15 from the phone's side: offline it stops at once, forgets its log and takes no job; it tells the register when it next meets the
/// collector, through a reboot and a collector that does not answer; and then nobody's import changes anything.
#[tokio::test(flavor = "multi_thread")]
async fn b15_a_phone_opts_out_offline_and_the_register_hears_of_it() {
    let scene = Scene::without_jobs("").await;
    scene.gateway.done(Method::POST, "/v1/mdt/jobs", None, Some(&area_job())).await;
    scene.consent("exact", false, &["234-15"]).await;
    let network = Network::start(&Scenario::parse(NETWORK).unwrap(), NetworkOptions::default()).await.unwrap();
    let mdt = network.mdt().unwrap();
    mdt.trust(&scene.list).unwrap();
    let reference = scene.consent_reference(9).await;
    mdt.refer("phone", unhex("32f451000009").try_into().unwrap(), reference).await.unwrap();
    let job = serde_json::from_value(area_job()).unwrap();
    let give = async || mdt.job(&job, true).await.unwrap()[0].1;
    assert_eq!(give().await, JobOutcome::Taken);
    network.phones().clock().advance(Duration::from_secs(60));
    // The reference does what it is for as long as nobody opts out.
    assert_eq!(mdt.upload("phone", &scene.uploader()).await.unwrap(), 1);
    network.phones().clock().advance(Duration::from_secs(60));
    let standing = async || {
        let of = |phone: &mut testbed::mdt_phone::MdtPhone, _: &testbed::ran::Ran| {
            (phone.flash().image().len(), phone.overview().phase, phone.register_waits())
        };
        mdt.phone("phone", of).await.unwrap()
    };
    assert_eq!((standing().await.0, standing().await.1), (1, mdt_log::machine::Phase::Logging));
    // Offline.
    let wish =
        |phone: &mut testbed::mdt_phone::MdtPhone, _: &testbed::ran::Ran| phone.wish(testbed::mdt_phone::Wish::OptOut);
    mdt.phone("phone", wish).await.unwrap().unwrap();
    let out = mdt_log::machine::Phase::OptedOut;
    assert_eq!(standing().await, (0, out, true));
    network.phones().clock().advance(Duration::from_secs(600));
    assert_eq!((standing().await, give().await), ((0, out, true), JobOutcome::OptedOut));
    assert_eq!(opted_out(&scene).await, Value::Null, "nobody told it yet");
    // Nobody answers; the battery is taken out; it still waits.
    let nobody = Uploader::new("https://localhost:1", &tls(scene.lab.path(), false, &version::TLS13), Some(TOKEN));
    assert!(mdt.tell_register("phone", &nobody.unwrap()).await.is_err());
    mdt.reboot("phone").await.unwrap();
    assert_eq!(standing().await, (0, out, true));
    // The next contact, whatever it is for.
    assert_eq!(mdt.upload("phone", &scene.uploader()).await.unwrap(), 0);
    assert_eq!(standing().await, (0, out, false));
    assert!(opted_out(&scene).await.is_string());
    assert_eq!(import(&scene).await, StatusCode::CONFLICT);
    // For good: no second word, no job, after another boot too.
    mdt.reboot("phone").await.unwrap();
    network.phones().clock().advance(Duration::from_secs(60));
    assert_eq!((standing().await, give().await), ((0, out, false), JobOutcome::OptedOut));
    assert!(mdt.tell_register("phone", &scene.uploader()).await.unwrap());
    network.stop().await;
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    assert_eq!(recorded(lab.path()).await, [json!("phone")]);
}
