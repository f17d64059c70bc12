//! What the list of deferred requests says of those that go between gateways: who asked this one, and whom it asked.

use super::operators::{AT_HOME, ROAMER, World};
use super::process::{self, Gateway};
use super::watcher::{Watcher, armed_at_home, request_id};
use mlp::AreaChange;
use serde_json::Value;
use std::path::Path;

/// The list of a gateway, as its operator's command prints it.
async fn list(directory: &Path, gateway: &Gateway) -> Vec<Value> {
    let admin = format!("http://{}", gateway.doors.admin);
    let command = ["ldr", "list", "--admin", admin.as_str(), "--token-file", "admin.token"];
    let listed = process::json(directory, &[&command[..], &["--json"]].concat()).await;
    let requests = listed["requests"].as_array().unwrap().clone();
    let table = process::ok(directory, &command).await;
    for request in &requests {
        let line = table.lines().find(|line| line.contains(request["id"].as_str().unwrap())).unwrap();
        for key in ["asked_by", "road"] {
            assert!(line.contains(request[key].as_str().unwrap()), "{key}: {line}");
        }
    }
    requests
}

fn roads(requests: &[Value]) -> Vec<[&str; 3]> {
    let mut roads: Vec<_> = requests
        .iter()
        .map(|request| ["state", "asked_by", "road"].map(|key| request[key].as_str().unwrap()))
        .collect();
    roads.sort_unstable();
    roads
}

#[tokio::test]
async fn each_gateway_lists_who_asked_it_and_whom_it_asked() {
    let world = World::with_cells().await;
    let (a, b, c) = (world.start("a").await, world.start("b").await, world.start("c").await);
    let (of_a, of_b) = (Watcher::of(&a.gateway).await, Watcher::of(&b.gateway).await);
    request_id(of_a.wait(&a.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    request_id(of_a.wait(&a.gateway, &AT_HOME, AreaChange::Leaving, Some(5)).await);
    armed_at_home(of_b.wait(&b.gateway, &ROAMER, AreaChange::Entering, Some(5)).await);
    armed_at_home(of_b.wait(&b.gateway, &AT_HOME, AreaChange::Entering, Some(5)).await);

    let at_a = list(world.directory("a"), &a.gateway).await;
    assert_eq!(roads(&at_a), [["armed", "client", "home_gateway"]; 2]);
    let at_b = list(world.directory("b"), &b.gateway).await;
    let expected = [
        ["armed", "client", "slg"],
        ["armed", "client", "visited_gateway"],
        ["armed", "requesting_gateway", "slg"],
        ["armed", "requesting_gateway", "visited_gateway"],
    ];
    assert_eq!(roads(&at_b), expected);
    let at_c = list(world.directory("c"), &c.gateway).await;
    assert_eq!(roads(&at_c), [["armed", "home_gateway", "slg"]; 2]);
    let all = at_a.iter().chain(&at_b).chain(&at_c);
    assert!(all.clone().all(|request| request["merged"] == false));
    for gateway in [a, b, c] {
        gateway.gateway.stop().await;
    }
}
