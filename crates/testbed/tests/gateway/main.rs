//! The gateway as a process of its own beside the simulated network: killed, short of disk, badly spoken to, stopped,
//! reconfigured while it runs, and used from the command line.
//!
//! Needs the program: `cargo build -p wherefore`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests, outside of test functions"
)]

mod ask;
mod device;
mod lab;
mod process;
mod register;
#[path = "../legacy/table.rs"]
mod table;

mod bad_input;
mod changes;
mod command_line;
mod credentials;
mod disk_full;
mod emergency;
mod entries;
mod home_register;
mod killed;
mod legacy;
mod lpp;
mod pseudonyms;
mod ss7_bad_input;
mod stopping;
mod tls;
