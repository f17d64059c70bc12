//! The agent: its station under a clock that is moved by hand, and the program itself from outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

mod failures;
mod killed;
mod modem;
mod program;
mod scene;
mod station;
