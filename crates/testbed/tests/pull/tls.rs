//! Sites that are reached over TLS, by the proxy itself or through a tunnel that it makes.

use super::lab::msisdn;
use super::world::{REALM, World, site_keys, usual};
use reqwest::StatusCode;
use std::net::SocketAddr;
use testbed::pull::{Terminal, WebService};
use testbed::{Laboratory, Tunnel};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::rustls::pki_types::ServerName;

/// Both sites, each behind TLS of its laboratory.
async fn sites(laboratories: [&Laboratory; 2]) -> ([WebService; 2], [Tunnel; 2]) {
    let services = [WebService::start("shop").await.unwrap(), WebService::start("fleet").await.unwrap()];
    let end = async |at: usize| {
        let acceptor = laboratories[at].acceptor(false).unwrap();
        Tunnel::ending_tls(acceptor, services[at].address()).await.unwrap()
    };
    let ends = [end(0).await, end(1).await];
    (services, ends)
}

/// Files of a laboratory.
fn written(laboratory: &Laboratory) -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("wherefore-pull-tls-").tempdir().unwrap();
    laboratory.write(dir.path()).unwrap();
    dir
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_reached_over_tls_where_terminals_ask_for_http() {
    let ours = Laboratory::new(&[], "nobody.example").unwrap();
    let others = Laboratory::new(&[], "nobody.example").unwrap();
    let dir = written(&ours);
    let (services, ends) = sites([&ours, &others]).await;
    let origins = [&ends[0], &ends[1]].map(|end| format!("http://localhost:{}", end.address().port()));
    let keys = [&origins[0], &origins[1]].map(|origin| site_keys(origin) + "upstream = 'https'\n");
    let pull = format!("ca_file = '{}'", dir.path().join("ca.pem").display());
    let world = World::of(services, &keys, &pull, &usual()).await;
    let terminal = world.terminal(1).await;

    let answer = terminal.visit(&format!("{}/start?q=1", origins[0])).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.text().await.unwrap(), "welcome back; location result [0], under the same name true\n");
    let [first, second] = &world.shop.seen()[..] else { panic!("{:?}", world.shop.seen()) };
    assert!(first.token().is_none() && second.token().is_some());
    for seen in [first, second] {
        assert_eq!(
            (seen.line.as_str(), seen.headers["host"].to_str().unwrap()),
            ("GET /start?q=1", &origins[0]["http://".len()..])
        );
        assert!(!seen.mentions(&msisdn(1)) && !seen.mentions("127.0.8."), "{seen:?}");
    }
    assert!(world.shop.let_in()[0].as_ref().unwrap().ends_with(REALM));
    // A site that another authority signed, or that does not speak TLS where it is said to: nothing is told to it.
    assert_eq!(terminal.visit(&origins[1]).await.unwrap().status(), StatusCode::BAD_GATEWAY);
    assert!(world.fleet.seen().is_empty());
    assert_eq!(world.stopped().await.len(), 1);
}

/// Asks for a tunnel from an address: the stream behind the answer's head, or its status line.
async fn tunnel(from: &str, proxy: SocketAddr, to: &str) -> Result<TcpStream, String> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(proxy).await.unwrap();
    stream.write_all(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes()).await.unwrap();
    let (mut head, mut octet) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut octet).await.unwrap();
        head.extend(octet);
    }
    let line = String::from_utf8(head).unwrap().lines().next().unwrap().to_owned();
    if line.contains(" 200 ") { Ok(stream) } else { Err(line) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_leads_to_clients_alone_and_nothing_is_added_to_it() {
    let ours = Laboratory::new(&[], "nobody.example").unwrap();
    let (services, ends) = sites([&ours, &ours]).await;
    let ports = [&ends[0], &ends[1]].map(|end| end.address().port());
    // The one is https throughout; the other is known by http, to which no tunnel leads.
    let keys =
        [site_keys(&format!("https://localhost:{}", ports[0])), site_keys(&format!("http://localhost:{}", ports[1]))];
    let dir = written(&ours);
    let pull = format!("connect = 'tunnel'\nca_file = '{}'", dir.path().join("ca.pem").display());
    let world = World::of(services, &keys, &pull, &usual()).await;
    world.lease(1, 1).await;

    let stream = tunnel("127.0.8.1", world.pull, &format!("localhost:{}", ports[0])).await.unwrap();
    // End to end: the certificate is the site's, and the proxy has no key of it.
    let connector = ours.connector().unwrap();
    let mut site = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    let request = "GET /start HTTP/1.1\r\nHost: localhost\r\nX-Own: kept\r\nConnection: close\r\n\r\n";
    site.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    site.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("www-authenticate: Pseudonym"), "{answer}");
    let [seen] = &world.shop.seen()[..] else { panic!("{:?}", world.shop.seen()) };
    assert!(seen.token().is_none() && seen.headers["x-own"] == "kept" && !seen.headers.contains_key("via"));

    for (from, port) in [("127.0.8.1", ports[1]), ("127.0.8.1", world.pull.port()), ("127.0.0.1", ports[0])] {
        let refused = tunnel(from, world.pull, &format!("localhost:{port}")).await;
        assert!(refused.as_ref().is_err_and(|line| line.contains(" 403 ")), "{from} {port} {refused:?}");
    }
    assert!(world.fleet.seen().is_empty() && world.shop.seen().len() == 1);
    // In a tunnel nobody is introduced: there is nothing to record.
    let terminal = Terminal::new("127.0.8.1".parse().unwrap(), world.pull).unwrap();
    let plain = terminal.visit(&format!("http://localhost:{}/", ports[0])).await.unwrap();
    assert_eq!(plain.status(), StatusCode::FORBIDDEN);
    assert!(world.stopped().await.is_empty());
}
