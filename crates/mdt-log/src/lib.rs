//! The sealed log of a phone that takes part in the minimisation of drive tests (MDT, TS 37.320), and how a collector opens it.
//!
//! ```text
//!   phone                                                    collector (feature `open`)
//!   KeyList::verify ── CollectorKey ─┐
//!   EpochKey ── unlock ──────────────┼── in TLS, at upload ──▶ open::unlock ──┐
//!   SegmentSealer ── head, frames ───┼── in TLS, at upload ──▶ open::open_segment ──▶ records, Verdict
//!   seal_report ── one report ───────┘                     ──▶ open::open_report
//!   Receipt::verify ◀────────────────────────────────────────  open::ReceiptSigner
//! ```
//!
//! Two locks: the collector's private key, and the key of an epoch that only the phone has until it uploads. A clear destroys the epoch
//! key, and then nobody opens what was logged. Each record has a key of its own, from a chain that runs one way: what a phone has
//! sealed, the phone cannot open. No interface yields an entry, and no type that holds one has a printable form.
//!
//! ```compile_fail,E0277
//! fn print<T: core::fmt::Debug>() {}
//! print::<mdt_log::entry::Entry>();
//! ```
//! ```compile_fail,E0277
//! fn print<T: core::fmt::Debug>() {}
//! print::<mdt_log::entry::Measurement>();
//! ```
//! ```compile_fail,E0277
//! fn print<T: core::fmt::Debug>() {}
//! print::<mdt_log::EpochKey>();
//! ```
//! ```compile_fail,E0277
//! fn print<T: core::fmt::Debug>() {}
//! print::<mdt_log::SegmentSealer>();
//! ```
//!
//! No I/O, no clock, no `std`: storage is a port, time is passed in. The format is in `docs/mdt-log.md`.
#![cfg_attr(not(any(test, feature = "open")), no_std)]

extern crate alloc;

mod agent;
pub mod entry;
mod epoch;
mod error;
pub mod failure;
mod frame;
mod head;
mod ids;
mod keys;
pub mod log;
pub mod machine;
#[cfg(feature = "open")]
pub mod open;
mod port;
mod ratchet;
mod receipt;
mod record;
mod seal;
mod suite;

pub use agent::{Agent, Overview, Request};
pub use epoch::{DeviceSecret, EpochKey, ErasureToken};
pub use error::SealError;
pub use frame::Frames;
pub use head::{
    Content, HeadError, JobReference, MAX_CONSENT_REFERENCE, ParsedReport, ParsedSegment, Rat, ReportHead, SegmentHead,
};
/// The trait of generators of random numbers that callers bring.
pub use hpke::rand_core;
pub use ids::{BootId, EpochId, KeyId, SegmentId};
pub use keys::{CollectorKey, KeyList, KeyListError, MAX_KEYS, ReceiptKey};
pub use port::{Storage, StorageError, Vault};
pub use receipt::{ErasureReceipt, MAX_RECEIVED, Receipt, ReceiptError, Received};
pub use record::{BUCKETS, CloseReason, Kind, MAX_ENTRY};
pub use seal::{CLOSE_OCTETS, ReportFacts, SegmentFacts, SegmentSealer, seal_report};
pub use suite::Suite;
