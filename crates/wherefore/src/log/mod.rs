//! The disclosure log on files: where [`privacy::disclosure`] meets the disk.
//!
//! ```text
//!   DIR/lock            held by the one process that writes
//!   DIR/log.vkey        public key: all that `wherefore log verify` needs
//!   DIR/checkpoint      latest signed checkpoint (C2SP tlog-checkpoint), replaced whole
//!   DIR/tile/…          the tree (C2SP tlog-tiles); derived from the segments, rebuilt if lost
//!   DIR/segment/…       the entries: preallocated files, named by their first index
//! ```
//!
//! [`open`] starts two threads: one writes and syncs batches, one publishes tiles and the checkpoint at most once a second.

mod error;
mod files;
mod keys;
mod prove;
mod service;
mod show;
mod verify;

#[cfg(test)]
mod tests;

pub use error::LogError;
pub use files::{FileStore, Files};
pub use keys::{KeyPaths, load_or_make, read_master, read_verifier};
pub use prove::{ProveWhat, check_proof, prove, publish};
pub use service::{HeadReader, OpenLog, open};
pub use show::{Filter, Shown, show, shown_as_json, shown_as_table};
pub use verify::{Verified, VerifyOptions, verify};
