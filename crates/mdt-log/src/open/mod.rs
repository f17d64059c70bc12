//! The collector's side: what only the private key, together with the key of an epoch, can do.

mod keys;
mod segment;
mod sequence;
mod sign;

pub use keys::{CollectorPrivateKey, UnlockedEpoch, unlock};
pub use segment::{End, Finding, OpenedRecord, Verdict, open_report, open_segment};
pub use sequence::{Hole, holes};
pub use sign::{ReceiptSigner, RootSigner};

use crate::{EpochId, HeadError, KeyId};
use thiserror::Error;

/// Nothing of a message, segment or report opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Its head cannot be read.
    #[error("the head cannot be read: {0}")]
    Head(#[from] HeadError),
    /// It is sealed to a key that is not here, or was destroyed.
    #[error("it is sealed to key {0:?}, which is not among those here")]
    UnknownKey(KeyId),
    /// It belongs to another epoch than the one that was unlocked.
    #[error("it belongs to epoch {segment:?}, the one unlocked is {unlocked:?}")]
    Epoch {
        /// The epoch that it names.
        segment: EpochId,
        /// The epoch in hand.
        unlocked: EpochId,
    },
    /// The keys that follow from head and epoch are not those of its sender: the head was altered, or the epoch key is another.
    #[error("the head was altered, or the epoch key is not the one that it was sealed under")]
    Altered,
    /// A sender that holds the right keys broke the format.
    #[error("the sender broke the format")]
    Malformed,
}
