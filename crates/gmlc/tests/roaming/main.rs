//! Three gateways, each with its own register, log, HSS and nodes, joined by a simulated Lr under a hand-moved clock: the roaming
//! procedures of TS 23.271 clauses 9.1.1 and 9.1.1A.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests and their simulated networks")]

#[path = "../procedures/disk.rs"]
#[allow(dead_code, reason = "shared with the procedures of one gateway")]
mod disk;
#[path = "../procedures/executor.rs"]
#[allow(dead_code, reason = "shared with the procedures of one gateway")]
mod executor;
mod liars;
mod network;
mod overriding;
#[path = "../procedures/people.rs"]
#[allow(dead_code, reason = "shared with the procedures of one gateway")]
mod people;
mod random;
mod steps;
mod visited;
mod walk;
mod world;
