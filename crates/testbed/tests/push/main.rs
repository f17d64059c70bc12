//! The role `push` as a process of its own between a simulated SMS centre or web gateway and the clients behind it: what each side
//! sees, what is refused, and what happens when something is missing (TS 23.271 Annex E.1).
//!
//! Needs the program: `cargo build -p wherefore`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests, outside of test functions"
)]

#[path = "../gateway/ask.rs"]
#[allow(dead_code, reason = "each test program uses a part")]
mod ask;
#[path = "../gateway/device.rs"]
#[allow(dead_code, reason = "each test program uses a part")]
mod device;
#[path = "../interop/mod.rs"]
mod interop;
#[path = "../gateway/lab.rs"]
#[allow(dead_code, reason = "each test program uses a part")]
mod lab;
#[path = "../gateway/process.rs"]
#[allow(dead_code, reason = "each test program uses a part")]
mod process;

mod bad_input;
mod headers;
mod others;
mod remote;
mod scene;
mod smpp;
mod tls;
mod web;
