//! The ten steps, and what holds of the pseudonyms that come of them.

use super::lab::msisdn;
use super::world::{REALM, World};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::path::Path;

fn everything(dir: &Path, octets: &mut Vec<u8>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything(&path, octets);
        } else {
            octets.extend(std::fs::read(path).unwrap());
        }
    }
}

fn holds(octets: &[u8], text: &str) -> bool {
    octets.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ten_steps_end_with_content_made_for_a_person_whose_number_nobody_told() {
    let world = World::new().await;
    let terminal = world.terminal(1).await;
    // 1, 10
    let answer = terminal.visit(&format!("{}/start?q=1", world.shop.origin())).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["cache-control"], "private");
    assert_eq!(answer.text().await.unwrap(), "welcome back; location result [0], under the same name true\n");
    let [first, second] = &world.shop.seen()[..] else { panic!("{:?}", world.shop.seen()) };
    // 2, 3, 5
    assert_eq!((first.line.as_str(), second.line.as_str()), ("GET /start?q=1", "GET /start?q=1"));
    assert!(first.token().is_none() && second.token().is_some());
    for seen in [first, second] {
        assert!(!seen.mentions(&msisdn(1)) && !seen.mentions("127.0.8."), "{seen:?}");
        assert_eq!(seen.headers["host"], world.shop.origin().trim_start_matches("http://"));
        assert_eq!(seen.headers["via"], "1.1 operator");
    }
    let pseudonym = world.shop.let_in()[0].clone().unwrap();
    assert!(pseudonym.ends_with(REALM) && pseudonym.len() <= 96);

    assert_eq!(world.counted("given").await, 1);
    let (path, token) = (world.lab.path().to_owned(), second.token().unwrap().to_owned());
    let page = reqwest::get(format!("http://{}/metrics", world.gateway.doors.metrics)).await.unwrap();
    let mut octets = page.bytes().await.unwrap().to_vec();
    world.gateway.stop().await;
    // Nothing that the gateway says of itself pairs them, or has either.
    everything(&path, &mut octets);
    assert!(holds(&octets, "pull ready"));
    for text in [pseudonym.as_str(), &pseudonym[..56], &token, &msisdn(1), "127.0.8.1\""] {
        assert!(!holds(&octets, text), "{text}");
    }
    let entries = world.lab.entries().await;
    assert_eq!(entries.len(), 2);
    // The introduction, then the location: each under the same client, about the same person.
    assert_eq!((&entries[0]["via"], &entries[0]["outcome"]), (&json!("pull"), &json!("allowed")));
    assert_eq!((&entries[1]["via"], &entries[1]["outcome"]), (&json!("mlp"), &json!("allowed")));
    assert!(entries.iter().all(|entry| entry["account"] == "shop" && entry.to_string().contains(&msisdn(1))));
    world.lab.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sees_one_name_of_a_person_and_no_other_client_the_same() {
    let world = World::new().await;
    let (one, two) = (world.terminal(1).await, world.terminal(2).await);
    for service in [&world.shop, &world.fleet] {
        for terminal in [&one, &one, &two] {
            assert_eq!(terminal.visit(&service.origin()).await.unwrap().status(), StatusCode::OK);
        }
    }
    let names = |list: Vec<Result<String, _>>| -> Vec<String> { list.into_iter().map(Result::unwrap).collect() };
    let (shop, fleet) = (names(world.shop.let_in()), names(world.fleet.let_in()));
    assert!(shop[0] == shop[1] && shop[0] != shop[2]);
    assert!(fleet[0] == fleet[1] && fleet[0] != fleet[2]);
    assert!(shop.iter().all(|name| !fleet.contains(name)));
    // The tokens themselves have nothing in common either.
    let ids = |token: &str| token.split('.').nth(1).unwrap().to_owned();
    let tokens: Vec<String> =
        [world.shop.seen(), world.fleet.seen()].concat().iter().filter_map(|seen| seen.token().map(ids)).collect();
    assert!(tokens.len() == 6 && tokens.iter().all(|one| tokens.iter().filter(|other| one == *other).count() == 1));
    assert_eq!(world.stopped().await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_sent_again_and_what_wants_no_name_passes_as_it_is() {
    let world = World::new().await;
    let (terminal, shop) = (world.terminal(1).await, world.shop.origin());
    let posted = terminal.request(Method::POST, &format!("{shop}/order")).body("one of each").send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::OK);
    let bodies: Vec<_> = world.shop.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies, ["one of each", "one of each"]);
    let open = terminal.visit(&format!("{shop}/open")).await.unwrap();
    assert_eq!((open.status(), world.shop.seen().len()), (StatusCode::OK, 3));
    // A site that is never content is asked twice and no more.
    let stubborn = terminal.visit(&format!("{shop}/stubborn")).await.unwrap();
    assert_eq!((stubborn.status(), world.shop.seen().len()), (StatusCode::UNAUTHORIZED, 5));
    // A site that leads elsewhere: the terminal goes there, and nothing goes with it.
    let elsewhere = terminal.visit(&format!("{shop}/elsewhere")).await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::FOUND);
    assert_eq!(elsewhere.headers()["location"], "http://elsewhere.example/");
    assert!(!format!("{:?}", elsewhere.headers()).contains("Pseudonym"));
    let head = terminal.request(Method::HEAD, &shop).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_told_to_everybody_and_nothing_else_is() {
    let world = World::new().await;
    let get = async |path: &str| reqwest::get(format!("http://{}{path}", world.pull)).await.unwrap();
    let keys: serde_json::Value =
        serde_json::from_str(&get("/.well-known/jwks.json").await.text().await.unwrap()).unwrap();
    assert_eq!((keys["keys"].as_array().unwrap().len(), &keys["keys"][0]["alg"]), (1, &json!("ES256")));
    assert!(keys["keys"][0].get("d").is_none());
    let found = get("/.well-known/openid-configuration").await;
    assert_eq!(found.headers()["content-type"], "application/json");
    let found: serde_json::Value = serde_json::from_str(&found.text().await.unwrap()).unwrap();
    assert_eq!(
        (&found["issuer"], &found["subject_types_supported"]),
        (&json!(super::world::ORIGIN), &json!(["pairwise"]))
    );
    assert_eq!(found["jwks_uri"], format!("{}/.well-known/jwks.json", super::world::ORIGIN));
    for path in ["/", "/consent", "/authorize", "/v1/pull/terminals"] {
        assert_eq!(get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    // A terminal has them under the operator's name too.
    let terminal = world.terminal_at(9);
    let keys = terminal.visit(&format!("{}/.well-known/jwks.json", super::world::ORIGIN)).await.unwrap();
    assert_eq!(keys.status(), StatusCode::OK);
    world.gateway.stop().await;
}
