//! Nodes of the signalling network against each other on loopback, and against peers whose every octet the test writes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of a test fail as its tests do"
)]

mod common;
mod configuration;
mod exchange;
mod loss;
mod raw;
mod stop;
mod trouble;
