//! What no proper client sends, over real sockets: each gets its answer or the end of its connection, and the gateway stays.

use super::{
    ask::{about, ask, endpoint, result},
    lab::{Lab, OPEN},
    process::{Gateway, PATIENCE, until},
};
use mlp::client::parse_svc_result;
use std::{net::SocketAddr, time::Duration};
use testbed::load::Connection;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Short for what is begun and not finished, so long for what lies idle that a test which takes one for the other fails.
const CHANGES: &str = "[mlp]\nread_timeout_ms = 400\nidle_timeout_ms = 3600000\nmax_connections = 12\n";
/// As in `CHANGES`.
const PLACES: usize = 12;

/// Reads until the other side closes, however it does that.
async fn rest(what: &str, stream: &mut TcpStream) -> String {
    let mut got = Vec::new();
    let mut some = [0; 4096];
    let reading = async {
        while let Ok(length @ 1..) = stream.read(&mut some).await {
            got.extend_from_slice(&some[..length]);
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, reading).await.is_ok(),
        "{what}: stays open after {}",
        String::from_utf8_lossy(&got)
    );
    String::from_utf8_lossy(&got).into_owned()
}

/// Sends octets over a connection of their own, and gives all that comes until the gateway closes it.
async fn send(mlp: SocketAddr, octets: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(mlp).await.unwrap();
    // Refused while it is sent: what counts is the answer.
    stream.write_all(octets.as_ref()).await.ok();
    rest(&String::from_utf8_lossy(&octets.as_ref()[..octets.as_ref().len().min(60)]), &mut stream).await
}

/// Status of an HTTP answer.
fn status(answer: &str) -> u16 {
    let line = answer.strip_prefix("HTTP/1.1 ").unwrap_or_else(|| panic!("no HTTP answer: {answer:?}"));
    line[..3].parse().unwrap()
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// A request whose answer is the last of its connection.
fn post(headers: &str, body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{headers}\r\n{body}")
}

fn with_length(body: &str) -> String {
    post(&format!("Content-Length: {}\r\n", body.len()), body)
}

fn chunked(body: &str, size: usize) -> String {
    let mut text = String::new();
    for chunk in body.as_bytes().chunks(size) {
        text.push_str(&format!("{:x}\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap()));
    }
    post("Transfer-Encoding: chunked\r\n", &format!("{text}0\r\n\r\n"))
}

/// The gateway answers a proper request.
async fn serves(gateway: &Gateway, secret: &str) {
    assert_eq!(result(&ask(gateway.doors.mlp, &about(secret, &[1])).await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn http_that_is_none_or_odd() {
    let lab = Lab::new(CHANGES).await;
    let (mut gateway, secret) = lab.first_start().await;
    let mlp = gateway.doors.mlp;
    let good = about(&secret, &[1]).to_xml();
    let huge_header = format!("POST / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    let many_headers = format!("POST / HTTP/1.1\r\n{}\r\n", "X: x\r\n".repeat(2000));
    let cases: [(&str, String, &[u16]); 15] = [
        ("no HTTP", "\u{0}\u{1}garbage\r\n\r\n".into(), &[400]),
        ("a TLS hello", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\r\n\r\n".into(), &[400]),
        ("GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n".into(), &[405]),
        ("PUT", format!("PUT / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{good}", good.len()), &[405]),
        ("a huge header", huge_header, &[431]),
        ("many headers", many_headers, &[431]),
        ("two lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), &[400]),
        ("no number", post("Content-Length: many\r\n", "abcd"), &[400]),
        ("a negative length", post("Content-Length: -1\r\n", "abcd"), &[400]),
        ("no length of a chunk", post("Transfer-Encoding: chunked\r\n", "zz\r\nabcd\r\n0\r\n\r\n"), &[400]),
        ("an endless length of a chunk", post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nab"), &[400]),
        ("an unknown coding", post("Transfer-Encoding: gzip\r\n", "abcd"), &[400, 501]),
        ("257 KiB", with_length(&"x".repeat(257 << 10)), &[413]),
        ("10 MiB", with_length(&"x".repeat(10 << 20)), &[413]),
        ("257 KiB in chunks", chunked(&"x".repeat(257 << 10), 1 << 10), &[413]),
    ];
    for (what, octets, wanted) in cases {
        let answer = send(mlp, octets).await;
        assert!(!answer.is_empty(), "{what}: no answer");
        assert!(wanted.contains(&status(&answer)), "{what}: {answer}");
        assert!(gateway.is_up(), "{what}");
    }
    // HTTP/2 cannot be answered in HTTP/1.1.
    assert_eq!(send(mlp, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await, "");
    assert!(send(mlp, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.to_lowercase().contains("\r\nallow: post\r\n"));

    // HTTP that is in order, though few clients speak it so.
    let old = format!("POST / HTTP/1.0\r\nContent-Length: {}\r\n\r\n{good}", good.len());
    let expecting = post(&format!("Content-Length: {}\r\nExpect: 100-continue\r\n", good.len()), &good);
    for (what, octets) in [("chunks of 7", chunked(&good, 7)), ("HTTP/1.0", old), ("expecting", expecting)] {
        let answer = send(mlp, octets).await;
        let answer = answer.trim_start_matches("HTTP/1.1 100 Continue\r\n\r\n").replacen("HTTP/1.0", "HTTP/1.1", 1);
        assert_eq!(status(&answer), 200, "{what}");
        assert_eq!(result(&parse_svc_result(body(&answer).as_bytes()).unwrap()), 0, "{what}");
    }
    // No body at all is no MLP.
    let answer = send(mlp, post("", "")).await;
    assert_eq!((status(&answer), parse_svc_result(body(&answer).as_bytes()).unwrap().result.unwrap().0.0), (200, 106));

    // Two at once on one connection: two answers, in order.
    let second = about(&secret, &[2]).to_xml();
    let first = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{good}", good.len());
    let answers = send(mlp, first + &with_length(&second)).await;
    let at: Vec<_> = [1, 2].map(|number| answers.find(&super::lab::msisdn(number)).unwrap()).into();
    assert!(at[0] < at[1] && answers.matches("HTTP/1.1 200").count() == 2, "{answers}");
    serves(&gateway, &secret).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn xml_that_means_harm() {
    let lab = Lab::new(CHANGES).await;
    let (mut gateway, secret) = lab.first_start().await;
    let good = about(&secret, &[1]).to_xml();
    let (_, root) = good.split_once("?>").unwrap();
    let entities: String =
        (1..=9).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let cases = [
        (
            "a bomb",
            format!(
                "<?xml version='1.0'?><!DOCTYPE svc_init [<!ENTITY l0 'ha'>{entities}]>{}",
                root.replace(&super::lab::msisdn(1), "&l9;")
            ),
        ),
        (
            "a file",
            format!(
                "<?xml version='1.0'?><!DOCTYPE svc_init [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>{}",
                root.replace(&super::lab::msisdn(1), "&f;")
            ),
        ),
        ("a nest", format!("<svc_init>{}", "<a>".repeat(50_000))),
        ("many attributes", format!("<svc_init {}/>", (0..20_000).map(|n| format!("a{n}='' ")).collect::<String>())),
        ("half", good[..good.len() / 2].to_owned()),
        ("zeros", "\0".repeat(1000)),
        ("another vocabulary", "<?xml version='1.0'?><html><body/></html>".into()),
    ];
    for (what, xml) in cases {
        let answer = send(gateway.doors.mlp, with_length(&xml)).await;
        let told =
            parse_svc_result(body(&answer).as_bytes()).unwrap_or_else(|error| panic!("{what}: {error}: {answer}"));
        let (result, _) = told.result.unwrap_or_else(|| panic!("{what}: {answer}"));
        assert!(matches!(result.0, 105..=108), "{what}: {result:?}");
        assert!(!answer.contains("root:"), "{what}");
        assert!(gateway.is_up(), "{what}");
    }
    serves(&gateway, &secret).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_slow_or_leaves_gives_the_place_back() {
    let lab = Lab::new(CHANGES).await;
    let (gateway, secret) = lab.first_start().await;
    let mlp = gateway.doors.mlp;
    let good = about(&secret, &[1]).to_xml();

    // Headers that never end: closed, with an answer or without. A body that never ends: 408.
    let mut slow = TcpStream::connect(mlp).await.unwrap();
    slow.write_all(b"POST / HTTP/1.1\r\nHost: ").await.unwrap();
    let told = rest("a slow header", &mut slow).await;
    assert!(told.is_empty() || status(&told) == 408, "{told}");
    assert_eq!(status(&send(mlp, post("Content-Length: 100\r\n", "<svc")).await), 408);
    assert_eq!(status(&send(mlp, post("Transfer-Encoding: chunked\r\n", "4\r\n<svc\r\n")).await), 408);

    // One who asks and asks and never reads: the gateway does not wait for ever.
    let mut deaf = TcpStream::connect(mlp).await.unwrap();
    let again =
        format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", 1000, "x".repeat(1000)).repeat(100);
    let flood = async { while deaf.write_all(again.as_bytes()).await.is_ok() {} };
    assert!(tokio::time::timeout(PATIENCE, flood).await.is_ok(), "the flood goes on");

    // The half-closed: whoever has said all may stop sending and still be answered.
    let mut half = TcpStream::connect(mlp).await.unwrap();
    half.write_all(with_length(&good).as_bytes()).await.unwrap();
    half.shutdown().await.unwrap();
    let answer = rest("half-closed", &mut half).await;
    assert_eq!((status(&answer), result(&parse_svc_result(body(&answer).as_bytes()).unwrap())), (200, 0));

    // Gone in the middle of a header, of a body, of an answer.
    for octets in ["POST / HT".to_owned(), post("Content-Length: 100\r\n", "<svc"), with_length(&good)] {
        let mut stream = TcpStream::connect(mlp).await.unwrap();
        stream.write_all(octets.as_bytes()).await.unwrap();
        drop(stream);
    }

    // All places taken: the next one is turned away at once, and served once there is room.
    let taken = until("all places are free again", async || occupied(mlp, &good).await).await;
    assert_eq!(send(mlp, with_length(&good)).await, "");
    drop(taken);
    until("all places are free again", async || occupied(mlp, &good).await).await;
    gateway.stop().await;
}

/// Connections that have been served once and stay; none if one is turned away.
async fn occupied(mlp: SocketAddr, good: &str) -> Option<Vec<Connection>> {
    let mut held = Vec::new();
    for _ in 0..PLACES {
        let mut connection = Connection::open(&endpoint(mlp)).await.ok()?;
        let (_, answer) = connection.exchange(&endpoint(mlp).request(good), parse_svc_result).await.ok()?;
        assert_eq!(result(&answer.unwrap()), 0);
        held.push(connection);
    }
    Some(held)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_is_closed() {
    let lab = Lab::new("[mlp]\nidle_timeout_ms = 300\n").await;
    let (gateway, secret) = lab.first_start().await;
    let mut silent = TcpStream::connect(gateway.doors.mlp).await.unwrap();
    assert_eq!(rest("silent", &mut silent).await, "");
    // Idle is not the time of the request itself.
    lab.network.faults().add(
        testbed::fault::Scope::Node(super::lab::MME.into()),
        testbed::fault::FaultRule { fault: testbed::fault::Fault::Delay { ms: 900 }, times: Some(OPEN) },
    );
    tokio::time::timeout(Duration::from_secs(20), serves(&gateway, &secret)).await.unwrap();
    gateway.stop().await;
}
