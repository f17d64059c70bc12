//! Uploads that are cut off, go on, and come twice: B8 and B9 at the collector.

use super::process;
use super::scene::{AREA, Scene, USUAL, entries};
use reqwest::StatusCode;
use testbed::mdt_upload::Uploader;
use tokio::io::AsyncWriteExt as _;

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_where_its_octets_end_also_after_a_kill() {
    let scene = Scene::new(USUAL).await;
    let (segment, unlock) = scene.segment(AREA, &entries(40), b"");
    let (first, rest) = segment.octets.split_at(2000);
    let (second, third) = rest.split_at(1000);
    let phone = scene.uploader();
    let begun = phone.begin(first, None).await.unwrap();
    assert_eq!((begun.status, begun.offset, begun.complete), (StatusCode::CREATED, Some(2000), Some(false)));
    assert_eq!(begun.location, Some(format!("/mdt/v1/uploads/{:?}", segment.id)));
    // Begun once more, or gone on with elsewhere than it ends: where it ends is told, and nothing changes.
    let again = phone.begin(first, None).await.unwrap();
    assert_eq!((again.status, again.offset), (StatusCode::CONFLICT, Some(2000)));
    for wrong in [0, 1999, 2001] {
        let answer = phone.append(segment.id, wrong, second, None).await.unwrap();
        assert_eq!((answer.status, answer.offset), (StatusCode::CONFLICT, Some(2000)), "{wrong}");
    }
    let scene = scene.restarted().await;
    let phone = scene.uploader();
    let standing = phone.standing(segment.id).await.unwrap();
    assert_eq!(
        (standing.status, standing.offset, standing.complete),
        (StatusCode::NO_CONTENT, Some(2000), Some(false))
    );
    let answer = phone.append(segment.id, 2000, second, None).await.unwrap();
    assert_eq!((answer.status, answer.offset), (StatusCode::NO_CONTENT, Some(3000)));
    // All is here, without the unlock message: it stays, and the message makes it whole.
    let answer = phone.append(segment.id, 3000, third, None).await.unwrap();
    assert_eq!(answer.offset, Some(segment.octets.len() as u32));
    let done = phone.append(segment.id, segment.octets.len() as u32, b"", Some(&unlock)).await.unwrap();
    assert_eq!((done.status, done.complete), (StatusCode::OK, Some(true)));
    assert_eq!(scene.counts(&done.body), (40, 0, 0));
    assert_eq!(scene.unfinished(), 0, "sealed octets go once they are taken");
    assert_eq!(scene.rows().await.len(), 40);
}

/// B9: the same again, in every form, gives the same receipt and no second row, also after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn b9_what_comes_twice_is_kept_once_and_has_one_receipt() {
    let scene = Scene::new(USUAL).await;
    let (segment, unlock) = scene.segment(AREA, &entries(7), b"");
    let first = scene.uploader().begin(&segment.octets, Some(&unlock)).await.unwrap();
    assert_eq!(first.status, StatusCode::OK);
    let scene = scene.restarted().await;
    let phone = scene.uploader();
    let octets = segment.octets.len() as u32;
    let again = [
        phone.begin(&segment.octets, Some(&unlock)).await.unwrap(),
        phone.begin(&segment.octets[..1500], None).await.unwrap(),
        phone.append(segment.id, octets, b"", Some(&unlock)).await.unwrap(),
        phone.append(segment.id, 0, &segment.octets, None).await.unwrap(),
        phone.receipt(segment.id).await.unwrap(),
    ];
    for (at, answer) in again.iter().enumerate() {
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &first.body), "{at}");
    }
    assert_eq!(phone.standing(segment.id).await.unwrap().complete, Some(true));
    // Other octets under that name are another matter.
    let mut other = segment.octets.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(phone.begin(&other, Some(&unlock)).await.unwrap().status, StatusCode::CONFLICT);
    assert_eq!(scene.unfinished(), 0);
    assert_eq!(scene.rows().await.len(), 7);
}

/// A body that ends early: what came is kept, durably, and the phone goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_loses_nothing_that_came() {
    let scene = Scene::new(USUAL).await;
    let (segment, unlock) = scene.segment(AREA, &entries(40), b"");
    let stream = tokio::net::TcpStream::connect(scene.door()).await.unwrap();
    let tls = super::scene::tls(scene.lab.path(), false, &tokio_rustls::rustls::version::TLS13);
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(tls));
    let mut stream = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
    let head = format!(
        "POST /mdt/v1/uploads HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\nupload-complete: ?0\r\ncontent-length: {}\r\n\r\n",
        super::scene::TOKEN,
        segment.octets.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&segment.octets[..2500]).await.unwrap();
    stream.shutdown().await.unwrap();
    drop(stream);
    let phone = scene.uploader();
    process::until("the octets that came are there", async || {
        (phone.standing(segment.id).await.unwrap().offset == Some(2500)).then_some(())
    })
    .await;
    // It may still be in hand for a moment.
    let receipt = process::until("it is gone on with", async || {
        let rest = phone.append(segment.id, 2500, &segment.octets[2500..], Some(&unlock)).await.unwrap();
        (rest.status == StatusCode::OK).then_some(rest.body)
    })
    .await;
    assert_eq!(scene.counts(&receipt), (40, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_upload_is_refused_and_leaves_nothing() {
    let scene = Scene::new(USUAL).await;
    let (segment, unlock) = scene.segment(AREA, &entries(1), b"");
    let phone = scene.uploader();
    let begin = async |request: reqwest::RequestBuilder| Uploader::send(request).await.unwrap().status;
    let bare = || phone.request(reqwest::Method::POST, "/mdt/v1/uploads").body(segment.octets.clone());
    assert_eq!(begin(bare()).await, StatusCode::BAD_REQUEST, "complete or not");
    assert_eq!(begin(bare().header("upload-complete", "yes")).await, StatusCode::BAD_REQUEST);
    assert_eq!(
        begin(bare().header("upload-complete", "?0").header("upload-length", "-1")).await,
        StatusCode::BAD_REQUEST
    );
    for octets in [&b""[..], b"MDTS", &[0; 5000], &segment.octets[..200]] {
        assert_eq!(phone.begin(octets, None).await.unwrap().status, StatusCode::BAD_REQUEST);
    }
    let nothing = phone.append(segment.id, 0, b"", None).await.unwrap();
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    let no_name = Uploader::send(phone.request(reqwest::Method::HEAD, "/mdt/v1/uploads/xyz")).await.unwrap();
    assert_eq!(no_name.status, StatusCode::NOT_FOUND);
    assert_eq!(scene.unfinished(), 0);
    // The length that was told is the length that must come.
    let length = segment.octets.len() as u32;
    let short = phone.beginning(&segment.octets, Some(&unlock)).header("upload-length", length + 1);
    let answer = Uploader::send(short).await.unwrap();
    assert_eq!((answer.status, answer.offset), (StatusCode::BAD_REQUEST, Some(length)));
    assert_eq!(phone.cancel(segment.id).await.unwrap().status, StatusCode::NO_CONTENT);
    let options = Uploader::send(phone.request(reqwest::Method::OPTIONS, "/mdt/v1/uploads")).await.unwrap();
    assert_eq!(options.status, StatusCode::NO_CONTENT);
    let document = Uploader::send(phone.request(reqwest::Method::GET, "/mdt/v1/openapi.json")).await.unwrap();
    assert!(String::from_utf8(document.body).unwrap().contains("/mdt/v1/uploads/{segment}"));
}
