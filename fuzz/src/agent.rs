//! A disk for the agent for routers, and the key list that it has there.

use mdt_agent::station::ReportsTo;
use mdt_log::KeyList;
use std::path::{Path, PathBuf};

/// A folder that is empty at first and gone afterwards. In memory where the machine has such a place: a target writes thousands.
pub struct Scratch(PathBuf);

impl Scratch {
    /// The folder of this process.
    ///
    /// # Panics
    /// It cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let below = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let scratch = Self(below.join(format!("mdt-agent-fuzz-{}", std::process::id())));
        drop(std::fs::remove_dir_all(&scratch.0));
        for folder in ["state/log", "keys/owed"] {
            scratch.folder(folder);
        }
        scratch
    }

    /// A folder in it that is its owner's alone, as those above it.
    ///
    /// # Panics
    /// It cannot be made.
    pub fn folder(&self, name: &str) -> PathBuf {
        let mut path = self.0.clone();
        for part in name.split('/') {
            path.push(part);
            mdt_agent::files::own_folder(&path).expect("a folder is made");
        }
        path
    }

    /// A file in it.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, octets).expect("a file is written");
        path
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The next one begins with that.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The list of the genuine collector, which signs receipts and opens logs elsewhere.
#[must_use]
pub fn keys() -> KeyList {
    crate::mdt::genuine().list.2.clone()
}

/// Where its reports of failures go.
#[must_use]
pub fn reporting() -> ReportsTo {
    ReportsTo { tce_id: 1, consent: vec![0xC0, 0xFF, 0xEE] }
}
