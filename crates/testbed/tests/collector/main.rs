//! The collector of MDT logs end to end (TS 37.320, TS 32.422): phones that seal and upload, the gateway as a process of its own, its register,
//! its store. Real sockets, real TLS.
//!
//! Needs the programs: `cargo build -p wherefore -p mdt-agent`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "helpers of tests, outside of test functions, some of them shared with other tests"
)]

#[path = "../gateway/lab.rs"]
mod lab;
mod phone;
#[path = "../gateway/process.rs"]
mod process;
mod scene;

mod agent;
mod bins;
mod consent;
mod door;
mod erasure;
mod failures;
mod import;
mod keeping;
mod killed;
mod network;
mod opening;
mod opt_out;
mod resuming;
mod scan;
mod stream;
mod three_points;
