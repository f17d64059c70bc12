//! A node against peers on loopback: other nodes, and peers whose every octet the test writes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the helpers of a test fail as its tests do"
)]

mod common;
mod exchange;
mod opening;
mod relay;
mod tls;
mod trouble;
mod watchdog;
