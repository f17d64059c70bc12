//! SCCP over M3UA from outside: whole nodes under a hand-moved clock, codecs under arbitrary values, hostile octets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests: a wrong value ends the test")]

mod codecs;
mod hostile;
mod simulation;
mod world;
