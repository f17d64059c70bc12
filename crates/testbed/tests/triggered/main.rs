//! Triggered requests end to end (OMA MLP section 5.2.3.6, TS 23.271 clauses 9.1.8 and 9.1.19): a client, the gateway as a process of its own, an
//! MME and its phones that move through cells.
//!
//! Needs the program: `cargo build -p wherefore`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "helpers of tests, outside of test functions, some of them shared with other tests"
)]

#[path = "../gateway/ask.rs"]
mod ask;
#[path = "../gateway/lab.rs"]
mod lab;
#[path = "../gateway/process.rs"]
mod process;
mod scene;
#[path = "../gateway/school.rs"]
mod school;

mod areas;
mod by_map;
mod killed;
mod merged;
mod not_theirs;
mod paused;
mod revoked;
