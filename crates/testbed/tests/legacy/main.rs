//! The legacy half of the network on the wire (TS 29.002, TS 23.271 clauses 9.1.2, 9.1.6 and A.2): a home register, MSCs and
//! SGSNs, asked by MAP over M3UA as a gateway would.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

mod lab;
mod table;

mod data;
mod faults;
mod hlr;
mod nodes;
mod pairs;
mod reports;
