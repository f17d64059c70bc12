//! What is down, slow, long or broken: the terminal gets the client's own answer, and the client nothing.

use super::process::free_address;
use super::world::World;
use reqwest::{Method, StatusCode};
use testbed::Laboratory;
use tokio::net::TcpListener;

/// Pseudonyms are another device's, at this address: the client's own answer, and no token.
async fn ends_in_nothing(address: std::net::SocketAddr) {
    let ours = Laboratory::new(&[], "gmlc.example.net").unwrap();
    let directory = tempfile::tempdir().unwrap();
    ours.write(directory.path()).unwrap();
    let file = |name: &str| directory.path().join(name).display().to_string();
    let remote = format!(
        "[pmd.remote]\nurl = 'https://localhost:{}'\ncert_file = '{}'\nkey_file = '{}'\nca_file = '{}'\ntimeout_ms = 200\n",
        address.port(),
        file("client.pem"),
        file("client.key"),
        file("ca.pem")
    );
    let world = World::with("", &remote).await;
    let terminal = world.terminal(1).await;
    let answer = terminal.visit(&world.shop.origin()).await.unwrap();
    assert_eq!((answer.status(), answer.text().await.unwrap().as_str()), (StatusCode::UNAUTHORIZED, "who are you?\n"));
    assert_eq!((world.counted("no_pmd").await, world.counted("given").await), (1, 0));
    assert!(world.shop.seen().iter().all(|seen| seen.token().is_none()));
    let entries = world.stopped().await;
    assert!(entries.len() == 1 && entries[0]["outcome"] != "allowed", "{entries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_down_gives_nobody_a_name() {
    ends_in_nothing(free_address().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_does_not_answer_is_not_waited_for() {
    // Takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    ends_in_nothing(silent.local_addr().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_too_long_to_keep_passes_once() {
    let roles = "[pmd]\nrealm = 'h.gmlc.example'\n[roles]\npmd = true\n";
    let world = World::with("body_limit_bytes = 1000", roles).await;
    let terminal = world.terminal(1).await;
    let post = async |length: usize, path: &str| {
        let request = terminal.request(Method::POST, &format!("{}{path}", world.shop.origin()));
        request.body("x".repeat(length)).send().await.unwrap().status()
    };
    assert_eq!(post(1000, "/").await, StatusCode::OK);
    assert_eq!(post(1001, "/").await, StatusCode::UNAUTHORIZED);
    assert_eq!(post(3 << 20, "/open").await, StatusCode::OK);
    let lengths: Vec<usize> = world.shop.seen().iter().map(|seen| seen.body.len()).collect();
    assert_eq!(lengths, [1000, 1000, 1001, 3 << 20]);
    assert_eq!((world.counted("not_repeatable").await, world.counted("given").await), (1, 1));
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_down_or_silent_is_told_of_in_time() {
    let roles = "[pmd]\nrealm = 'h.gmlc.example'\n[roles]\npmd = true\n";
    let (down, silent) = (free_address().await, TcpListener::bind("127.0.0.1:0").await.unwrap());
    let silent_at = silent.local_addr().unwrap();
    let more: String = [("down", down), ("silent", silent_at)]
        .iter()
        .map(|(account, at)| format!("[[client]]\naccount = '{account}'\norigin = 'http://{at}'\nprivate = true\n"))
        .collect();
    let world = World::with(&format!("timeout_ms = 300\n{more}"), roles).await;
    let terminal = world.terminal(1).await;
    let status = async |at: std::net::SocketAddr| terminal.visit(&format!("http://{at}/")).await.unwrap().status();
    assert_eq!(status(down).await, StatusCode::BAD_GATEWAY);
    assert_eq!(status(silent_at).await, StatusCode::GATEWAY_TIMEOUT);
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_that_sign_outlive_a_restart_and_addresses_do_not() {
    let world = World::new().await;
    let terminal = world.terminal(1).await;
    assert_eq!(terminal.visit(&world.shop.origin()).await.unwrap().status(), StatusCode::OK);
    let keys = async |at: std::net::SocketAddr| {
        reqwest::get(format!("http://{at}/.well-known/jwks.json")).await.unwrap().text().await.unwrap()
    };
    let before = keys(world.pull).await;
    let World { lab, gateway, shop, .. } = world;
    gateway.stop().await;
    let gateway = lab.start().await;
    let pull = super::world::pull_address(&lab).await;
    assert_eq!(keys(pull).await, before);
    let terminal = testbed::pull::Terminal::new("127.0.8.1".parse().unwrap(), pull).unwrap();
    assert_eq!(terminal.visit(&shop.origin()).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    gateway.stop().await;
}
