//! A node against peers on loopback: other nodes, and peers whose every octet the test writes.

mod common;
mod exchange;
mod opening;
mod relay;
mod tls;
mod trouble;
mod watchdog;
