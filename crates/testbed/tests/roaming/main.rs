//! Gateways of three operators, each a process of its own beside its own register and nodes, that speak RLP over TLS with one another;
//! and others in the place of one of them that break the rules (TS 23.271 clause 9.1.1).
//!
//! Needs the program: `cargo build -p wherefore`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

mod certificates;
mod impostor;
mod operators;
#[allow(dead_code, reason = "shared with the tests of one gateway, which use the rest")]
#[path = "../gateway/process.rs"]
mod process;
#[path = "../gateway/register.rs"]
#[allow(dead_code, reason = "shared with the tests of one gateway, which use the rest")]
mod register;
mod rlp;
#[allow(dead_code, reason = "shared with the tests of one gateway, which use the rest")]
#[path = "../gateway/school.rs"]
mod school;
mod watcher;

mod asked;
mod asking;
mod deferred;
mod elsewhere;
mod listed;
mod misfits;
mod news;
mod passed_on;
mod requests;
mod visited;
mod visited_faults;
mod visited_news;
mod visited_pauses;
