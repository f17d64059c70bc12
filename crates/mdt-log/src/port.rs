//! What a phone brings: where sealed octets lie, and where its secrets lie.

use alloc::vec::Vec;
use zeroize::Zeroizing;

/// Storage did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// There is no room.
    #[error("the storage is full")]
    Full,
    /// There is no such object.
    #[error("there is no such object")]
    Missing,
    /// It failed.
    #[error("the storage failed")]
    Failed,
}

/// Where sealed octets lie: objects by number, each a segment or a report, appended to and never changed. Whoever reads or alters them
/// learns sizes and job references, and cannot make up a record that opens.
pub trait Storage {
    /// Numbers of all objects, in any order.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    fn objects(&mut self) -> Result<Vec<u32>, StorageError>;

    /// Octets of an object.
    ///
    /// # Errors
    /// [`StorageError::Missing`], [`StorageError::Failed`].
    fn len(&mut self, object: u32) -> Result<u32, StorageError>;

    /// Reads from `offset` on; gives how many octets there were, fewer than asked for at the end only.
    ///
    /// # Errors
    /// [`StorageError::Missing`], [`StorageError::Failed`].
    fn read(&mut self, object: u32, offset: u32, into: &mut [u8]) -> Result<usize, StorageError>;

    /// Appends; the object begins with its first octets. A crash may leave any beginning of what was not flushed.
    ///
    /// # Errors
    /// [`StorageError::Full`], [`StorageError::Failed`]; any beginning of the octets may be there then.
    fn append(&mut self, object: u32, octets: &[u8]) -> Result<(), StorageError>;

    /// Makes durable what was appended.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    fn flush(&mut self, object: u32) -> Result<(), StorageError>;

    /// Overwrites and removes an object, durably. One that is not there is no error.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    fn erase(&mut self, object: u32) -> Result<(), StorageError>;
}

/// Where the epoch keys and the device secret lie: one small record (below 4 KiB) in the best protected store of the phone (TEE,
/// StrongBox, TPM), or else a file of mode 0600 that no backup takes. Who reads it can open nothing alone: it takes the collector's
/// private key besides. Who changes it can end the log, not read it.
pub trait Vault {
    /// The record, if there is one.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    fn load(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, StorageError>;

    /// Replaces the record, at once and durably: after a crash there is the old one or this. The old one can then not be had back; on
    /// this the erasure of a log rests.
    ///
    /// # Errors
    /// [`StorageError::Failed`]: the old one is still there.
    fn replace(&mut self, record: &[u8]) -> Result<(), StorageError>;
}
