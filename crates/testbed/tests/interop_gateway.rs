//! The gateway as a process of its own, with freeDiameter between it and the simulated network.
//!
//! Needs the program: `cargo build -p wherefore`.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, also of others"
)]

#[path = "gateway/ask.rs"]
mod ask;
mod interop;
#[path = "gateway/lab.rs"]
mod lab;
#[path = "gateway/process.rs"]
mod process;

use interop::freediameter::{self, Relay};
use lab::{CLOSED, Lab};
use std::net::SocketAddr;

const REALM: &str = "epc.mnc001.mcc001.3gppnetwork.org";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_request_goes_through_the_relay() {
    if let Some(missing) = freediameter::missing() {
        interop::skip("a_location_request_goes_through_the_relay", missing);
        return;
    }
    let lab = Lab::new("").await;
    let nodes: Vec<(String, SocketAddr)> = lab.network.addresses();
    let host = |name: &str| if name == lab::MME { format!("mme1.{REALM}") } else { format!("hss.{REALM}") };
    let nodes: Vec<(String, SocketAddr)> = nodes.into_iter().map(|(name, address)| (host(&name), address)).collect();
    let peers: Vec<(&str, &str, SocketAddr)> =
        nodes.iter().map(|(host, address)| (host.as_str(), REALM, *address)).collect();
    let mut relay = Relay::start(&peers);
    tokio::time::timeout(interop::PATIENCE, lab.network.connected()).await.expect("the relay connects to the network");

    // The gateway knows nobody but the relay.
    lab.configure(&format!(
        "[[diameter.peer]]\nhost = '{}'\nrealm = '{}'\nrole = 'relay'\naddress = '{}'\n",
        freediameter::HOST,
        freediameter::REALM,
        relay.address
    ));
    let (gateway, secret) = lab.first_start().await;
    relay.running.line(&format!("-> 'STATE_OPEN'\t'gmlc.{REALM}'"));

    let answer = ask::ask(gateway.doors.mlp, &ask::about(&secret, &[1, CLOSED, 2])).await;
    assert_eq!(ask::results(&answer), [0, 202, 0], "two positions, and one that its subscriber does not allow");
    for place in [&answer.positions[0], &answer.positions[2]] {
        assert!(place.lat_deg.is_some_and(|degrees| (degrees - 52.52).abs() < 1e-3));
        assert!(place.lon_deg.is_some_and(|degrees| (degrees - 13.405).abs() < 1e-3));
    }
    let counted = lab.network.counted();
    assert_eq!((counted.plr, counted.plr_without_indicator), (2, 0));
    gateway.stop().await;
    lab.verified().await;
    relay.running.line(&format!("Peer 'gmlc.{REALM}' sent a DPR"));
}
