//! `[charging]`: records of what was asked and given, for billing between operators and of clients (`docs/charging.md`).

use super::check::Findings;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[charging]`: files of records (TS 23.271 clauses 11.1 and 11.2). Off unless `dir` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Charging {
    /// Directory of the files. Default none: no records.
    pub dir: Option<PathBuf>,
    /// How the target of a request is named. Default `hashed`. Clear numbers make the files a list of who was looked for.
    pub target: ChargedTarget,
    /// File with the key of the hash, made on first start with mode 0600. Whoever has it can find out by trying whom a record
    /// is about. Default `charging.key`.
    pub key_file: PathBuf,
    /// A file that has grown to this is closed and another begun, MiB; so it is at every UTC midnight. Default 64.
    pub rotate_mib: u64,
    /// Most records that wait for the disk; those beyond are counted and lost. Default 65536.
    pub max_waiting: usize,
}

/// How a record names the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargedTarget {
    /// By a keyed hash: the same subscriber the same text, told to nobody without the key.
    Hashed,
    /// By its identities.
    Clear,
    /// Not at all.
    None,
}

impl Default for Charging {
    fn default() -> Self {
        Self {
            dir: None,
            target: ChargedTarget::Hashed,
            key_file: "charging.key".into(),
            rotate_mib: 64,
            max_waiting: 65_536,
        }
    }
}

impl Charging {
    pub(super) fn problems(&self, found: &mut Findings) {
        found.range("charging.rotate_mib", self.rotate_mib, 1, 65_536);
        found.range("charging.max_waiting", self.max_waiting as u64, 1, 10_000_000);
    }
}
