//! What can go wrong with the log on disk, said with the path and what to do.

use privacy::disclosure::{
    AuditError, MakeProofError, NoteError, OpenError, ProofTextError, PublishError, StorageError,
};
use std::path::{Path, PathBuf};

/// Why the disclosure log could not be opened, read or checked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file or directory could not be used.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Another process writes this log.
    #[error("{dir}: another process has this disclosure log open; only one gateway may write it")]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// A key file may be read by others.
    #[error("{path}: others may read or write this key file; run `chmod 600` on it, and think about who has read it")]
    KeyExposed {
        /// The file.
        path: PathBuf,
    },
    /// A key file does not hold a key.
    #[error("{path}: {error}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: NoteError,
    },
    /// A key file is missing and the log has entries under that key.
    #[error(
        "{path}: this key file is missing and the log in {dir} has entries under it; restore the key, do not make another"
    )]
    KeyLost {
        /// The file.
        path: PathBuf,
        /// The log.
        dir: PathBuf,
    },
    /// The key names another log than the configuration.
    #[error("{path}: the key is of the log `{of}`, the configuration names `{wanted}`; set `log.origin` to the former")]
    OtherOrigin {
        /// The file.
        path: PathBuf,
        /// Origin in the key.
        of: String,
        /// Origin in the configuration.
        wanted: String,
    },
    /// The name of the log cannot be one.
    #[error("log.origin: {0}")]
    Origin(NoteError),
    /// The log does not open.
    #[error("{dir}: {error}")]
    Open {
        /// The directory.
        dir: PathBuf,
        /// Why.
        error: OpenError,
    },
    /// A thread could not be started.
    #[error("a thread for the disclosure log could not be started: {0}")]
    Thread(std::io::Error),
    /// The random source failed.
    #[error("the system's random source failed")]
    Random,
    /// There is nothing to prove from.
    #[error("{dir}: nothing is published for this; run `wherefore log publish` first, or the entry is not there")]
    NotPublished {
        /// The directory.
        dir: PathBuf,
    },
    /// Not good.
    #[error("{dir}: {error}")]
    Audit {
        /// The directory.
        dir: PathBuf,
        /// The first thing wrong.
        error: AuditError,
    },
    /// A proof could not be made.
    #[error(transparent)]
    MakeProof(#[from] MakeProofError),
    /// A proof is not good.
    #[error(transparent)]
    Proof(#[from] ProofTextError),
    /// Publishing failed.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The storage failed while reading.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl LogError {
    /// For use with `map_err` on operations on a path.
    pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}
