//! Which files are the store: what is not named here does not count, so one write of this file makes many changes at once.

use crate::bins::Period;
use crate::files::{Files, FilesError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Its name.
pub(crate) const CATALOG: &str = "catalog.json";

/// One file of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Its name, below the folder of the store.
    pub(crate) name: String,
    /// Its rows.
    pub(crate) rows: u64,
    /// When its first and last row were, and whether any names a subscriber; not told by older catalogs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) span: Option<Span>,
}

/// What retention has to know of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    /// Milliseconds since 1970.
    pub(crate) first_ms: i64,
    /// Milliseconds since 1970.
    pub(crate) last_ms: i64,
    /// Whether a row names a subscriber.
    pub(crate) subjects: bool,
}

/// Content of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Catalog {
    /// Layout of the store. Refused when it is another.
    pub(crate) version: u32,
    /// Number that the next file takes, so that no name comes twice.
    pub(crate) next: u64,
    /// Batches that were committed, ever.
    pub(crate) batches: u64,
    /// Files, in the order in which they were made.
    pub(crate) files: Vec<Entry>,
    /// Names of what was imported, ever: 64 hexadecimal digits each.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) imports: BTreeSet<String>,
    /// Periods whose bins were released, with the file that has them: they are never made again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) released: Vec<Release>,
}

/// Bins of a period as they were released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Release {
    /// Which days.
    pub(crate) period: Period,
    /// Name of the file, below the folder of the store.
    pub(crate) name: String,
}

/// The layout that this program reads and writes.
pub(crate) const VERSION: u32 = 1;

impl Catalog {
    /// As it stands in the folder; an empty one in an empty folder; `None` when it cannot be read.
    pub(crate) fn load(files: &impl Files) -> Result<Option<Self>, FilesError> {
        let Some(text) = files.read(CATALOG)? else { return Ok(Some(Self { version: VERSION, ..Self::default() })) };
        Ok(serde_json::from_slice(&text).ok().filter(|catalog: &Self| catalog.version == VERSION))
    }

    /// Makes this the store.
    pub(crate) fn save(&self, files: &mut impl Files) -> Result<(), FilesError> {
        let text = serde_json::to_vec(self).map_err(|error| FilesError {
            what: "write",
            name: CATALOG.to_owned(),
            why: error.to_string(),
        })?;
        files.put(CATALOG, &text)
    }

    /// A name below `folder` that no file ever had.
    pub(crate) fn name(&mut self, folder: &str) -> String {
        self.name_as(folder, "parquet")
    }

    /// The same with this ending.
    pub(crate) fn name_as(&mut self, folder: &str, ending: &str) -> String {
        self.next += 1;
        format!("{folder}/{:012}.{ending}", self.next - 1)
    }

    /// Whether a file of this name is part of the store.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.iter().any(|file| file.name == name) || self.released.iter().any(|release| release.name == name)
    }
}
