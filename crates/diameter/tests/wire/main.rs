//! The wire formats of this crate, seen from outside.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests: a wrong value ends the test")]

mod common;
mod dictionary;
mod grammar;
mod malformed;
mod properties;
mod results;
mod s6a;
mod vectors;
