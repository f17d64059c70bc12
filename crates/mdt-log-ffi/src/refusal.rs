//! Why a call did nothing, in words that both interfaces share.

use mdt_log::log::LogError;
use mdt_log::{KeyListError, ReceiptError, StorageError};

/// A call did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error), uniffi(flat_error))]
pub enum Refusal {
    /// The caller's: a value is outside its range, or a pointer is null.
    #[error("an argument is outside its range")]
    Argument,
    /// The caller's: a call was made while another runs, from a second thread or from inside a callback.
    #[error("another call runs")]
    Busy,
    /// The caller's: the entry or report is too long.
    #[error("the content is too long for a record")]
    TooLong,
    /// Nothing may be uploaded: nothing waits, or the registered network is not listed; or no such piece was given.
    #[error("nothing may be uploaded now")]
    NothingToUpload,
    /// The phone's random source failed. Nothing was done.
    #[error("the random source failed")]
    Random,
    /// The phone's storage or vault failed. What had to be destroyed may not be: clear again.
    #[error("a store of the phone failed")]
    Storage,
    /// The storage is full.
    #[error("the memory of the log is full")]
    Full,
    /// The vault's record is of another version.
    #[error("the protected record cannot be read")]
    Vault,
    /// The key list is malformed, or no root signed it.
    #[error("the key list is not one that a known root signed")]
    KeyListForged,
    /// A newer key list was seen.
    #[error("the key list is older than one that was seen")]
    KeyListOlder,
    /// The key list expired.
    #[error("the key list expired")]
    KeyListExpired,
    /// The key list has no valid key of the collection entity.
    #[error("the key list has no valid key of the collector")]
    Collector,
    /// The receipt counts for nothing: malformed, or not signed by a key of the list.
    #[error("the receipt is not one that the collector signed")]
    ReceiptForged,
    /// Ours: a primitive refused what it must take, or an earlier call panicked.
    #[error("the library failed")]
    Internal,
}

impl From<LogError> for Refusal {
    fn from(error: LogError) -> Self {
        use mdt_log::SealError;
        match error {
            LogError::Full | LogError::Storage(StorageError::Full) => Self::Full,
            LogError::Storage(_) => Self::Storage,
            LogError::NoJob => Self::NothingToUpload,
            LogError::Vault => Self::Vault,
            LogError::Seal(SealError::TooLong { .. }) => Self::TooLong,
            LogError::Seal(SealError::Field { .. } | SealError::NotAReport) => Self::Argument,
            LogError::Seal(SealError::CollectorKey) => Self::Collector,
            LogError::Seal(SealError::Exhausted | SealError::Internal) => Self::Internal,
        }
    }
}

impl From<KeyListError> for Refusal {
    fn from(error: KeyListError) -> Self {
        match error {
            KeyListError::Malformed | KeyListError::Signature => Self::KeyListForged,
            KeyListError::Older { .. } => Self::KeyListOlder,
            KeyListError::Expired => Self::KeyListExpired,
        }
    }
}

impl From<ReceiptError> for Refusal {
    fn from(_: ReceiptError) -> Self {
        Self::ReceiptForged
    }
}
