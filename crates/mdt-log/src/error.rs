//! What can go wrong on the phone's side.

use thiserror::Error;

/// Sealing did not happen. Nothing was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// The collector's public key cannot be sealed to. Get the key list anew.
    #[error("the collector's public key is not one of its suite: fetch the key list again")]
    CollectorKey,
    /// The caller's entry is too long.
    #[error("an entry has {octets} octets, the limit is {limit}")]
    TooLong {
        /// Octets of the entry.
        octets: usize,
        /// [`crate::MAX_ENTRY`].
        limit: usize,
    },
    /// The caller's head field is too long.
    #[error("{field} has {octets} octets, the limit is {limit}")]
    Field {
        /// Which field.
        field: &'static str,
        /// Octets of it.
        octets: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The caller gave a kind that is not one of a failure as a report on its own.
    #[error("a report on its own is of a failure")]
    NotAReport,
    /// A segment has as many records as its counter can count.
    #[error("the segment has no more record numbers: close it")]
    Exhausted,
    /// We failed: a primitive refused what it must take.
    #[error("a cryptographic primitive failed")]
    Internal,
}
