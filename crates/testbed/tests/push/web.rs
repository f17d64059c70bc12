//! Web requests: the whole of figure E.1, two clients, what is refused, and the device of pseudonyms missing.

use super::ask::{ask, result};
use super::lab::{CLIENT, msisdn};
use super::process::PATIENCE;
use super::scene::{FLEET_HOST, OTHER_HOST, REALM, Scene, everything, holds, local};
use super::smpp::without_pmd;
use mlp::MsidType;
use mlp::client::{ClientTarget, Request};

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_of_figure_e_1() {
    let mut scene = Scene::usual().await;
    let number = msisdn(1);
    // 1-3: the request arrives without the number; 7-9: the answer goes back as it is.
    let web = scene.web(FLEET_HOST);
    let answer = web.ask("POST /where?q=1", Some(&number), &[("Cookie", "a=b")], b"Where is my bus?").await.unwrap();
    let seen = scene.service.next(PATIENCE).await.unwrap();
    let [pseudonym] = seen.all("x-pseudonym")[..] else { panic!("{seen:?}") };
    assert!(pseudonym.ends_with(REALM) && seen.all("x-msisdn").is_empty());
    assert_eq!((seen.request.as_str(), seen.body.as_slice()), ("POST /where?q=1", &b"Where is my bus?"[..]));
    assert_eq!((seen.all("host"), seen.all("cookie")), (vec![FLEET_HOST], vec!["a=b"]));
    assert_eq!((answer.status, answer.body), (200, format!("hello {pseudonym}").into_bytes()));
    let [one, two] = answer.headers.iter().filter(|(name, _)| name == "set-cookie").collect::<Vec<_>>()[..] else {
        panic!()
    };
    assert!(one.1.starts_with("one=1") && two.1.starts_with("two=2"));
    assert!(!answer.headers.iter().any(|(name, _)| name == "x-hop"), "of another connection");
    // 4-6: the client asks where, by pseudonym.
    let target = |pseudonym: &str| vec![ClientTarget::of(MsidType::Asid, pseudonym)];
    let located = ask(scene.gateway.doors.mlp, &Request::new(CLIENT, &scene.secrets[0], target(pseudonym))).await;
    assert_eq!(result(&located), 0);

    // Another client sees somebody else; both see nobody where nobody is told.
    scene.web(OTHER_HOST).ask("GET /", Some(&number), &[], b"").await.unwrap();
    let theirs = scene.service.next(PATIENCE).await.unwrap();
    let [their_pseudonym] = theirs.all("x-other-pseudonym")[..] else { panic!("{theirs:?}") };
    assert!(their_pseudonym != pseudonym && theirs.all("x-pseudonym").is_empty());
    let foreign = ask(scene.gateway.doors.mlp, &Request::new(CLIENT, &scene.secrets[0], target(their_pseudonym))).await;
    assert_ne!(result(&foreign), 0);
    let answer = web.ask("GET /", None, &[], b"").await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"hello stranger"[..]));
    assert!(scene.service.next(PATIENCE).await.unwrap().all("x-pseudonym").is_empty());

    let texts = [number, pseudonym.to_owned(), their_pseudonym.to_owned()];
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    let mut octets = Vec::new();
    everything(lab.path(), &mut octets);
    assert!(texts.iter().all(|text| !holds(&octets, text)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_for_a_client_goes_no_further() {
    let mut scene = Scene::start(&local(), "[push.web]\nwithout_identity = 'refuse'").await;
    let web = scene.web(FLEET_HOST);
    let number = msisdn(1);
    let host = format!("Host: {FLEET_HOST}\r\n");
    let raw: [(String, u16); 9] = [
        (format!("TRACE / HTTP/1.1\r\n{host}X-MSISDN: {number}\r\n\r\n"), 405),
        (format!("CONNECT {FLEET_HOST}:80 HTTP/1.1\r\n{host}\r\n"), 405),
        ("GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n".into(), 421),
        (format!("GET / HTTP/1.1\r\n{host}{host}X-MSISDN: {number}\r\n\r\n"), 400),
        (format!("GET http://{OTHER_HOST}/ HTTP/1.1\r\n{host}X-MSISDN: {number}\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{host}X-MSISDN: {number}\r\nX_MSISDN: 99900000002\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{host}X-MSISDN: somebody\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{host}\r\n"), 403),
        // Two lengths: what one reader takes for a body is a request to another (RFC 9112 section 11.2).
        (
            format!(
                "POST / HTTP/1.1\r\n{host}X-MSISDN: {number}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n0\r\n\r\nX"
            ),
            400,
        ),
    ];
    for (octets, status) in raw {
        let octets = octets.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
        assert_eq!(web.raw(octets.as_bytes()).await.unwrap().status, status, "{octets}");
    }
    let long = vec![b'x'; 100_001];
    assert_eq!(web.ask("POST /", Some(&number), &[], &long).await.unwrap().status, 413);
    // Of a length that is not told, in chunks.
    let chunk = format!("{:x}\r\n{}\r\n", 60_000, "x".repeat(60_000));
    let head = format!(
        "POST / HTTP/1.1\r\n{host}X-MSISDN: {number}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let answer = web.raw(format!("{head}{chunk}{chunk}0\r\n\r\n").as_bytes()).await.unwrap();
    assert_eq!(answer.status, 413);
    let whole = web.raw(format!("{head}{chunk}0\r\nX-MSISDN: 99900000002\r\n\r\n").as_bytes()).await.unwrap();
    assert_eq!(whole.status, 200);
    // The service may have seen that the one that was cut began; it came to nothing.
    let mut seen = scene.service.next(PATIENCE).await.unwrap();
    while seen.body.is_empty() {
        seen = scene.service.next(PATIENCE).await.unwrap();
    }
    assert_eq!((seen.body.len(), seen.all("x-msisdn").len()), (60_000, 0));
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_device_of_pseudonyms_nothing_goes_on() {
    let mut scene = without_pmd().await;
    let answer = scene.web(FLEET_HOST).ask("GET /", Some(&msisdn(1)), &[], b"").await.unwrap();
    assert_eq!(answer.status, 503);
    assert_eq!(scene.service.waiting(), 0);
    // Who is nobody needs none.
    assert_eq!(scene.web(FLEET_HOST).ask("GET /", None, &[], b"").await.unwrap().status, 200);
    assert!(scene.service.next(PATIENCE).await.unwrap().all("x-pseudonym").is_empty());
    scene.gateway.stop().await;
}
