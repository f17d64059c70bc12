//! Who comes in: B33, the credentials of phones, bounds.

use super::phone::Phone;
use super::scene::{AREA, PLMN, Scene, TOKEN, USUAL, entries, tls};
use mdt_log::Suite;
use reqwest::StatusCode;
use testbed::mdt_upload::Uploader;
use tokio_rustls::rustls::version;

/// B33 at the collector: a client of TLS 1.2 gets no connection.
#[tokio::test(flavor = "multi_thread")]
async fn b33_tls_1_2_is_refused() {
    let scene = Scene::new(USUAL).await;
    let (segment, unlock) = scene.segment(AREA, &entries(1), b"");
    let old = Uploader::new(&scene.base(), &tls(scene.lab.path(), false, &version::TLS12), Some(TOKEN)).unwrap();
    assert!(old.begin(&segment.octets, Some(&unlock)).await.is_err());
    assert_eq!(scene.unfinished(), 0);
    let answer = scene.uploader().begin(&segment.octets, Some(&unlock)).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_known_by_certificate_or_token_and_nobody_else_uploads() {
    let scene = Scene::new(USUAL).await;
    for (certificate, token, status) in [
        (false, None, StatusCode::UNAUTHORIZED),
        (false, Some("another"), StatusCode::UNAUTHORIZED),
        (true, None, StatusCode::OK),
        (false, Some(TOKEN), StatusCode::OK),
    ] {
        let (segment, unlock) = scene.segment(AREA, &entries(1), b"");
        let uploader = scene.uploader_as(certificate, token);
        let answer = uploader.begin(&segment.octets, Some(&unlock)).await.unwrap();
        assert_eq!(answer.status, status, "{certificate} {token:?}");
        let standing = uploader.standing(segment.id).await.unwrap();
        assert_eq!(standing.status == StatusCode::UNAUTHORIZED, status == StatusCode::UNAUTHORIZED);
    }
    assert_eq!(scene.unfinished(), 0);
    assert_eq!(scene.rows().await.len(), 2);
}

/// Another's upload is as none: neither looked at, nor gone on with, nor ended.
#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_upload_is_its_phones_alone() {
    let scene = Scene::new(USUAL).await;
    let (segment, unlock) = scene.segment(AREA, &entries(3), b"");
    let (own, other) = (scene.uploader(), scene.uploader_as(true, None));
    let (first, rest) = segment.octets.split_at(segment.octets.len() - 10);
    assert_eq!(own.begin(first, None).await.unwrap().status, StatusCode::CREATED);
    let at = first.len() as u32;
    assert_eq!(other.standing(segment.id).await.unwrap().status, StatusCode::NOT_FOUND);
    assert_eq!(other.append(segment.id, at, rest, Some(&unlock)).await.unwrap().status, StatusCode::NOT_FOUND);
    assert_eq!(other.begin(first, None).await.unwrap().status, StatusCode::NOT_FOUND);
    assert_eq!(other.cancel(segment.id).await.unwrap().status, StatusCode::NOT_FOUND);
    assert_eq!(own.append(segment.id, at, rest, Some(&unlock)).await.unwrap().status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_bounded_each_and_in_all_and_in_length() {
    let scene =
        Scene::new(&format!("{USUAL}max_uploads = 3\nmax_uploads_per_client = 2\nsegment_limit_bytes = 8192\n")).await;
    let (phone, other) = (scene.uploader(), scene.uploader_as(true, None));
    let parts: Vec<_> = (0..5).map(|_| scene.segment(AREA, &entries(1), b"").0).collect();
    let begun = async |uploader: &Uploader, at: usize| uploader.begin(&parts[at].octets, None).await.unwrap().status;
    assert_eq!(begun(&phone, 0).await, StatusCode::CREATED);
    assert_eq!(begun(&phone, 1).await, StatusCode::CREATED);
    assert_eq!(begun(&phone, 2).await, StatusCode::TOO_MANY_REQUESTS, "two of one phone");
    assert_eq!(begun(&other, 3).await, StatusCode::CREATED);
    assert_eq!(begun(&other, 4).await, StatusCode::SERVICE_UNAVAILABLE, "three in all");
    assert_eq!(phone.cancel(parts[0].id).await.unwrap().status, StatusCode::NO_CONTENT);
    let (long, unlock) = scene.segment(AREA, &entries(100), b"");
    assert!(long.octets.len() > 8192);
    let answer = phone.begin(&long.octets, Some(&unlock)).await.unwrap();
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let told = Uploader::send(phone.beginning(&parts[0].octets, None).header("upload-length", 9000)).await.unwrap();
    assert_eq!(told.status, StatusCode::PAYLOAD_TOO_LARGE, "refused before anything is kept");
    assert_eq!(scene.unfinished(), 2);
}

/// B24: where a phone connects from is written down nowhere; neither is what it showed.
#[tokio::test(flavor = "multi_thread")]
async fn b24_the_log_of_the_program_tells_no_phone() {
    let scene = Scene::new(USUAL).await;
    let key = scene.key(Suite::Hybrid);
    let (segment, unlock) = scene.segment(AREA, &entries(2), b"");
    let phone = scene.uploader();
    assert_eq!(phone.begin(&segment.octets, Some(&unlock)).await.unwrap().status, StatusCode::OK);
    // And one that is refused, which is where programs like to talk.
    let refused = phone.begin(&segment.octets[..100], Some(&unlock)).await.unwrap();
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let stranger = Phone::new().unlock(key).unwrap();
    let (second, _) = scene.segment(AREA, &entries(1), b"");
    assert!(!phone.begin(&second.octets, Some(&stranger)).await.unwrap().status.is_success());
    let lab = scene.lab;
    scene.gateway.stop().await;
    let log = std::fs::read_to_string(lab.path().join("gateway.log")).unwrap();
    let listeners = log.lines().filter(|line| line.contains("ready"));
    let told: Vec<&str> = log.lines().filter(|line| line.contains("127.0.0.1")).collect();
    assert!(told.len() <= listeners.count(), "{told:?}");
    for secret in [format!("{:?}", segment.id), TOKEN.to_owned(), format!("{PLMN:?}")] {
        assert!(!log.contains(&secret), "{secret}");
    }
}
