//! The ports through which the log reaches its files. The daemon implements them; tests bring faults and power cuts.

use std::io;

/// What can go wrong below the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// No space is left. Make room; the log goes on by itself with the next request.
    #[error("no space left for the disclosure log")]
    Full,
    /// The directory or file may not be written.
    #[error("the disclosure log may not be written: permission denied or read-only")]
    Forbidden,
    /// A file that must be there is not.
    #[error("a file of the disclosure log is missing")]
    Missing,
    /// Another process writes this log.
    #[error("another process has the disclosure log open")]
    Locked,
    /// Anything else, as the system calls it.
    #[error("input or output of the disclosure log failed: {0}")]
    Io(io::ErrorKind),
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Forbidden,
            io::ErrorKind::NotFound => Self::Missing,
            kind => Self::Io(kind),
        }
    }
}

/// Reading a log: all that an auditor needs.
pub trait ReadStorage {
    /// First indexes of the segments, ascending.
    fn segments(&mut self) -> Result<Vec<u64>, StorageError>;

    /// Reads from the segment that begins with entry `first`, at `offset`; fewer octets than asked only at its end.
    fn read(&mut self, first: u64, offset: u64, into: &mut [u8]) -> Result<usize, StorageError>;

    /// A published file by its path: `checkpoint`, or a tile; `None` if there is none.
    fn object(&mut self, path: &str) -> Result<Option<Vec<u8>>, StorageError>;
}

/// Writing a log. One writer at a time; the implementation keeps others out.
pub trait Storage: ReadStorage {
    /// Length of a segment, octets.
    fn capacity(&self) -> u64;

    /// Makes a segment of [`capacity`](Self::capacity) octets: `header`, then zeros. All of it is durable when this returns;
    /// until then no segment of that name is seen, not even after a crash.
    fn create(&mut self, first: u64, header: &[u8]) -> Result<(), StorageError>;

    /// Overwrites part of a segment. Not durable before [`sync`](Self::sync) returns.
    fn write(&mut self, first: u64, offset: u64, octets: &[u8]) -> Result<(), StorageError>;

    /// Makes all writes to a segment durable.
    fn sync(&mut self, first: u64) -> Result<(), StorageError>;
}

/// Publishing what derives from a log: tiles and the latest checkpoint.
pub trait Publication: ReadStorage {
    /// Replaces a published file whole: readers see the old or the new one. `durable`: it must survive a power cut.
    fn put(&mut self, path: &str, octets: &[u8], durable: bool) -> Result<(), StorageError>;

    /// Removes a published file; not there is no error.
    fn remove(&mut self, path: &str) -> Result<(), StorageError>;
}
