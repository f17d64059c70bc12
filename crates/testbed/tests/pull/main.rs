//! The PULL model of TS 23.271 Annex E (Fig. E.2) end to end: terminals, the proxy of a gateway, web services, and the services' questions to
//! the location gateway by the pseudonym. Over real sockets; each terminal at an address of its own on loopback.
//!
//! Needs the program: `cargo build -p wherefore`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    dead_code,
    reason = "helpers of tests, outside of test functions, some of them shared with other tests"
)]

#[path = "../gateway/lab.rs"]
mod lab;
#[path = "../gateway/process.rs"]
mod process;
mod world;

mod consent;
mod failures;
mod hostile;
mod library;
mod python;
mod redirect_form;
mod steps;
mod tls;
