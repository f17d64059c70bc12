//! The collector's keys: a list that the operator's root signed, whose place an older one never takes.

use crate::files::{read, read_if_there, write_durably};
use mdt_log::{KeyList, KeyListError};
use std::io;
use std::path::Path;
use thiserror::Error;

/// The list is not taken; nothing is sealed to it.
#[derive(Debug, Error)]
pub enum KeysError {
    /// It, or the note of the version seen last, cannot be read or written.
    #[error("{what} cannot be used: {error}")]
    File {
        /// Which.
        what: &'static str,
        /// Why.
        error: io::Error,
    },
    /// It counts for nothing.
    #[error(transparent)]
    List(#[from] KeyListError),
}

/// A list without keys: everything is refused under it.
#[must_use]
pub fn none() -> KeyList {
    KeyList { version: 0, issued_s: 0, expires_s: 0, keys: Vec::new(), receipts: Vec::new() }
}

/// Takes the list in `file` that one of `roots` signed, and notes its version in `seen`, below which none is taken any more.
///
/// # Errors
/// Why it is not taken. A note that cannot be read is taken for one of a version that no list reaches.
pub fn take(file: &Path, roots: &[[u8; 32]], seen: &Path, now_s: u64) -> Result<KeyList, KeysError> {
    let noted = |error| KeysError::File { what: "the version of the key list that was seen last", error };
    let known = match read_if_there(seen).map_err(noted)? {
        None => 0,
        Some(text) => std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(u64::MAX),
    };
    let octets = read(file).map_err(|error| KeysError::File { what: "the key list", error })?;
    let list = KeyList::verify(&octets, roots, known, now_s)?;
    if list.version > known || known == 0 {
        write_durably(seen, list.version.to_string().as_bytes()).map_err(noted)?;
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdt_log::open::RootSigner;

    #[test]
    fn an_older_list_an_expired_one_and_one_of_another_root_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (file, seen) = (dir.path().join("keys.mdtk"), dir.path().join("version"));
        let root = RootSigner::from_seed(&[7; 32]);
        let offer = |root: &RootSigner, version| {
            let list = KeyList { version, issued_s: 0, expires_s: 1000, keys: vec![], receipts: vec![] };
            std::fs::write(&file, root.sign(&list).unwrap()).unwrap();
        };
        let taken = |now_s| take(&file, &[root.public()], &seen, now_s);
        assert!(matches!(taken(1), Err(KeysError::File { .. })));
        offer(&root, 3);
        assert_eq!(taken(1).unwrap().version, 3);
        offer(&root, 2);
        assert!(matches!(taken(1), Err(KeysError::List(KeyListError::Older { known: 3, offered: 2 }))));
        offer(&root, 4);
        assert!(matches!(taken(1000), Err(KeysError::List(KeyListError::Expired))));
        assert_eq!(taken(999).unwrap().version, 4);
        offer(&RootSigner::from_seed(&[8; 32]), 5);
        assert!(matches!(taken(1), Err(KeysError::List(KeyListError::Signature))));
        // A note that says nothing lets no list through.
        offer(&root, 6);
        std::fs::write(&seen, "?").unwrap();
        assert!(matches!(taken(1), Err(KeysError::List(KeyListError::Older { .. }))));
    }
}
