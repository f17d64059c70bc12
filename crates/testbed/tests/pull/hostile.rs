//! Terminals that forge, sites that ask for others, and a proxy that leads nowhere else.

use super::world::World;
use reqwest::{Method, StatusCode};
use std::net::SocketAddr;
use testbed::pull::{Terminal, WebService};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
};

/// Sends octets from an address, and reads until the other side closes: the status lines.
async fn raw(from: &str, proxy: SocketAddr, request: &str) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(proxy).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is reset after its answer has been read all the same.
    stream.read_to_end(&mut answer).await.ok();
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_terminal_says_of_itself_reaches_the_client() {
    let world = World::new().await;
    let terminal = world.terminal_at(9);
    let forged = [
        ("X-MSISDN", "99900000001"),
        ("x_msisdn", "99900000001"),
        ("X-Up-Calling-Line-ID", "99900000001"),
        ("X-Nokia-IMSI", "001010000000001"),
        ("X-Home_Alias", "99900000001"),
        ("X-Forwarded-For", "127.0.8.1"),
        ("Forwarded", "for=127.0.8.1"),
        ("Authorization", "Pseudonym forged"),
        ("Authorization", "pseudonym forged"),
        ("Connection", "X-Nominated"),
        ("X-Nominated", "forged"),
        ("Proxy-Authorization", "Basic forged"),
    ];
    let mut request = terminal.request(Method::GET, &world.shop.origin()).header("X-Harmless", "kept");
    for (name, value) in forged {
        request = request.header(name, value);
    }
    assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let [seen] = &world.shop.seen()[..] else { panic!("{:?}", world.shop.seen()) };
    for text in ["99900000001", "001010000000001", "127.0.8.", "forged"] {
        assert!(!seen.mentions(text), "{text}: {seen:?}");
    }
    assert_eq!(seen.headers["x-harmless"], "kept");
    assert!(world.shop.let_in().is_empty());
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_overheard_is_of_no_use_through_the_proxy_or_past_it() {
    let world = World::new().await;
    let victim = world.terminal(1).await;
    assert_eq!(victim.visit(&world.shop.origin()).await.unwrap().status(), StatusCode::OK);
    let token = world.shop.seen()[1].token().unwrap().to_owned();
    let thief = world.terminal_at(9);
    let shown = |url: String| thief.request(Method::GET, &url).header("Authorization", format!("Pseudonym {token}"));
    assert_eq!(shown(world.shop.origin()).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert!(world.shop.seen().last().unwrap().token().is_none());
    // Straight to the site, and to the other one.
    let direct = reqwest::Client::builder().no_proxy().build().unwrap();
    for service in [&world.shop, &world.fleet] {
        let sent = direct.get(service.origin()).header("Authorization", format!("Pseudonym {token}")).send();
        assert_eq!(sent.await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.shop.let_in()[1], Err(assertion::GateError::Replayed));
    assert_eq!(world.fleet.let_in()[0], Err(assertion::VerifyError::Audience.into()));
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_gets_names_for_itself_alone() {
    let world = World::new().await;
    let terminal = world.terminal(1).await;
    // A client that asks for somebody else, and one that asks by another scheme.
    assert_eq!(
        terminal.visit(&format!("{}/other", world.shop.origin())).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        terminal.visit(&format!("{}/basic", world.shop.origin())).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!((world.counted("other_audience").await, world.shop.seen().len()), (1, 2));
    // Credentials of the terminal's own are not put aside.
    let own = terminal.request(Method::GET, &world.shop.origin()).header("Authorization", "Basic dTpw").send().await;
    assert_eq!(own.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(world.shop.seen()[2].headers["authorization"], "Basic dTpw");
    assert_eq!((world.counted("not_repeatable").await, world.counted("given").await), (1, 0));
    // A client that the operator has stopped.
    let mut record = super::lab::client_record("shop");
    record["enabled"] = false.into();
    world.gateway.done(Method::PUT, "/v1/clients/shop", None, Some(&record)).await;
    assert_eq!(terminal.visit(&world.shop.origin()).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    // A client that may not ask about this person.
    record["enabled"] = true.into();
    record["targets"] = serde_json::json!(["msisdn:4917*"]);
    world.gateway.done(Method::PUT, "/v1/clients/shop", None, Some(&record)).await;
    assert_eq!(terminal.visit(&world.shop.origin()).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert!(world.shop.let_in().is_empty());
    let entries = world.stopped().await;
    assert!(entries.len() == 1 && entries[0]["outcome"] == "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_leads_terminals_to_clients_and_nobody_to_the_operator() {
    let world = World::new().await;
    let stranger = WebService::start("stranger").await.unwrap();
    let terminal = world.terminal(1).await;
    let status = async |url: &str| terminal.visit(url).await.unwrap().status();
    assert_eq!(status(&stranger.origin()).await, StatusCode::FORBIDDEN);
    let doors = world.gateway.doors;
    for own in [doors.admin, doors.metrics, doors.mlp, world.pull] {
        assert_eq!(status(&format!("http://{own}/")).await, StatusCode::FORBIDDEN, "{own}");
    }
    for odd in ["http://169.254.169.254/latest", "http://localhost:1/", "http://[::1]/"] {
        assert_eq!(status(odd).await, StatusCode::FORBIDDEN, "{odd}");
    }
    assert!(stranger.seen().is_empty());
    // Nobody from outside the access network.
    let outside = Terminal::new("127.0.0.1".parse().unwrap(), world.pull).unwrap();
    assert_eq!(outside.visit(&world.shop.origin()).await.unwrap().status(), StatusCode::FORBIDDEN);
    assert!(world.shop.seen().is_empty());
    let shop = world.shop.address();
    let head = "Host: x\r\nConnection: close\r\n\r\n";
    for (request, expected) in [
        (format!("CONNECT {shop} HTTP/1.1\r\n{head}"), "405"),
        (format!("TRACE http://{shop}/ HTTP/1.1\r\n{head}"), "405"),
        (format!("GET / HTTP/1.1\r\n{head}"), "421"),
        (format!("GET http://user:pw@{shop}/ HTTP/1.1\r\n{head}"), "400"),
        (format!("GET ftp://{shop}/ HTTP/1.1\r\n{head}"), "400"),
        ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n".into(), "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n".into(), "400"),
        ("nonsense\r\n\r\n".into(), "400"),
    ] {
        let said = raw("127.0.8.1", world.pull, &request).await;
        assert!(said.contains(expected), "{request}: {said}");
    }
    assert!(world.shop.seen().is_empty());
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_other_sites_are_open_private_ones_are_not() {
    let roles = "[pmd]\nrealm = 'h.gmlc.example'\n[roles]\npmd = true\n";
    let world = World::with("others = 'public'\nconnect = 'tunnel'", roles).await;
    let stranger = WebService::start("stranger").await.unwrap();
    let terminal = world.terminal(1).await;
    for url in [stranger.origin(), format!("http://{}/", world.gateway.doors.admin), "http://10.0.0.1/".into()] {
        assert_eq!(terminal.visit(&url).await.unwrap().status(), StatusCode::FORBIDDEN, "{url}");
    }
    let head = "Host: x\r\nConnection: close\r\n\r\n";
    for to in [stranger.address(), world.gateway.doors.admin, "127.0.0.1:443".parse().unwrap()] {
        let said = raw("127.0.8.1", world.pull, &format!("CONNECT {to} HTTP/1.1\r\n{head}")).await;
        assert!(said.contains("403"), "{to}: {said}");
    }
    assert!(stranger.seen().is_empty());
    // Clients are still reached.
    assert_eq!(terminal.visit(&world.shop.origin()).await.unwrap().status(), StatusCode::OK);
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_passes_on_leaves_its_old_connections_to_nobody() {
    let world = World::new().await;
    let first = world.terminal(1).await;
    // Reads to the end, so that the connection is used again.
    let visit = async |terminal: &Terminal| {
        let answer = terminal.visit(&world.shop.origin()).await.unwrap();
        let status = answer.status();
        answer.bytes().await.unwrap();
        status
    };
    assert_eq!(visit(&first).await, StatusCode::OK);
    // The next person's address, the same connection kept open by the terminal before.
    world.lease(1, 2).await;
    assert_eq!(visit(&first).await, StatusCode::UNAUTHORIZED);
    let second = world.terminal_at(1);
    assert_eq!(visit(&second).await, StatusCode::OK);
    let names: Vec<String> = world.shop.let_in().into_iter().map(Result::unwrap).collect();
    assert!(names.len() == 2 && names[0] != names[1]);
    let end = serde_json::json!({"address": "127.0.8.1"});
    world.gateway.done(Method::DELETE, "/v1/pull/terminals", None, Some(&end)).await;
    assert_eq!(visit(&second).await, StatusCode::UNAUTHORIZED);
    // The network is believed about its own addresses, in sound terms.
    for (address, subscriber, lasts_s) in [
        ("127.0.9.1", "msisdn:99900000001", 60),
        ("127.0.8.1", "imsi:001010000000001", 60),
        ("127.0.8.1", "msisdn:99900000001", 0),
    ] {
        let body = serde_json::json!({"address": address, "subscriber": subscriber, "lasts_s": lasts_s});
        let (status, told) = world.gateway.admin(Method::PUT, "/v1/pull/terminals", None, Some(&body)).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && !told.to_string().contains("9990"), "{body} {told}");
    }
    world.gateway.stop().await;
}
