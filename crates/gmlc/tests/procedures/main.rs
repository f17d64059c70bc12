//! The procedures under a hand-moved clock: simulated HSS, serving nodes and users; the real privacy check and the real
//! disclosure log.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests and their simulated network")]

mod changes;
mod deferred;
mod directed;
mod disk;
mod executor;
mod lpp;
mod mo_lr;
mod network;
mod oracle;
mod overriding;
mod people;
mod random;
mod run;
mod world;
