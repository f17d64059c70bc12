//! The port to files.

/// A file could not be read, written or removed. Never repeats content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot {what} {name} of the store: {why}")]
pub struct FilesError {
    /// What was tried.
    pub what: &'static str,
    /// Which file, below the folder of the store.
    pub name: String,
    /// What went wrong.
    pub why: String,
}

/// Files below the folder of a store. Names are relative, parts divided by `/`.
pub trait Files {
    /// Content of a file; `None` when there is none of that name.
    fn read(&self, name: &str) -> Result<Option<bytes::Bytes>, FilesError>;

    /// Writes a file, in place of one of that name. Durable when this returns: after a crash there is the old file or the new one, whole (a
    /// file beside it, synced, renamed, the folder synced).
    fn put(&mut self, name: &str, content: &[u8]) -> Result<(), FilesError>;

    /// Removes a file; that it is not there is no error.
    fn remove(&mut self, name: &str) -> Result<(), FilesError>;

    /// Names of all files.
    fn list(&self) -> Result<Vec<String>, FilesError>;
}
