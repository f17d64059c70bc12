//! Notes that outlive a crash: which job was taken, and what the user wants that is not finished.

use crate::files::{own_folder, read_if_there, wipe, write_durably};
use crate::quantity::Quantity;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What is to be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// A clear.
    Clear,
    /// An opt-out.
    OptOut,
}

/// The job that was taken last.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// What tells it from another.
    pub digest: [u8; 32],
    /// In which boot.
    pub boot: [u8; 16],
    /// When, ms of that boot.
    pub began_ms: u64,
    /// Its trace reference.
    pub name: String,
    /// Its collection entity.
    pub tce_id: u8,
    /// Its interval, ms.
    pub interval_ms: u32,
    /// Its duration, s.
    pub duration_s: u16,
    /// The quantity of its threshold.
    pub quantity: Option<Quantity>,
}

pub(super) struct Notes {
    folder: PathBuf,
}

impl Notes {
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        own_folder(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// A note that cannot be understood is that of a job that nobody asks for again.
    pub(super) fn taken(&self) -> io::Result<Option<Taken>> {
        let note = read_if_there(&self.folder.join("job"))?;
        Ok(note.and_then(|note| serde_json::from_slice(&note).ok()))
    }

    pub(super) fn note_taken(&self, taken: Option<&Taken>) -> io::Result<()> {
        match taken {
            Some(taken) => write_durably(&self.folder.join("job"), &serde_json::to_vec(taken)?),
            None => wipe(&self.folder.join("job")),
        }
    }

    /// The reference of the consent to reports of failures that was given last; empty without one.
    pub(super) fn reference(&self) -> io::Result<Vec<u8>> {
        let note = read_if_there(&self.folder.join("failures-reference"))?;
        Ok(note.map(|note| note.to_vec()).unwrap_or_default())
    }

    pub(super) fn note_reference(&self, reference: &[u8]) -> io::Result<()> {
        write_durably(&self.folder.join("failures-reference"), reference)
    }

    /// Whatever stands in the note but a clear is an opt-out: the more private of the two.
    pub(super) fn intent(&self) -> io::Result<Option<Intent>> {
        let note = read_if_there(&self.folder.join("intent"))?;
        Ok(note.map(|note| if note.as_slice() == b"clear" { Intent::Clear } else { Intent::OptOut }))
    }

    pub(super) fn note_intent(&self, intent: Intent) -> io::Result<()> {
        let note = match intent {
            Intent::Clear => b"clear".as_slice(),
            Intent::OptOut => b"opt-out",
        };
        write_durably(&self.folder.join("intent"), note)
    }

    pub(super) fn forget_intent(&self) -> io::Result<()> {
        wipe(&self.folder.join("intent"))
    }
}
