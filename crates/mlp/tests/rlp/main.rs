//! RLP between gateways (TS 23.271 clause 5.6): golden files, round trips, refusals, hostile documents.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod answers;
mod golden;
mod hostile;
mod refusals;
mod requests;
mod round_trip;
mod samples;
mod triggered;
