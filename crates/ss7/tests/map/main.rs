//! MAP operations of location services as octets and as values (TS 29.002).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests: a wrong value ends the test")]

mod common;
mod errors;
mod instruction;
mod malformed;
mod messages;
mod operations;
mod peer;
mod place;
mod profile;
mod properties;
mod routing;
mod samples;
mod vectors;
