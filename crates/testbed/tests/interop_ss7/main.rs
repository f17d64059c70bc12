//! Wireshark's dissector on everything that nodes of the signalling network say to each other, from M3UA to MAP: nothing
//! malformed, nothing unknown, every value as it was sent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

mod capture;
#[path = "../interop/mod.rs"]
mod interop;
mod messages;
mod network;
mod subscriber;
mod values;

use interop::tshark;
use network::{Network, Who};
use std::time::Duration;

#[tokio::test]
async fn exchanges_are_dissected() {
    let network = Network::start(Duration::from_secs(60)).await;
    let exchanges = messages::all();
    for exchange in &exchanges {
        network.play(exchange).await;
    }
    let capture = network.capture.clone();
    network.stop().await;
    capture.write(std::path::Path::new("/tmp/interop7/all.pcap"));
}
