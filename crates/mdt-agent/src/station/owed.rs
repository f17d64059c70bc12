//! Tokens of what the collector has from here, and which of it must be erased there. A file each, beside the keys.

use crate::files::{own_folder, read, wipe, write_durably};
use mdt_log::SegmentId;
use mdt_log::log::Submission;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Tokens of delivered segments that are kept; of an older one the rows can no longer be erased from here.
const MOST_SENT: usize = 1024;

pub(super) struct Owed {
    folder: PathBuf,
}

impl Owed {
    pub(super) fn new(keys: &Path) -> io::Result<Self> {
        let folder = keys.join("owed");
        own_folder(&folder)?;
        Ok(Self { folder })
    }

    /// Names in the folder that begin so, by age.
    fn named(&self, prefix: &str) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for file in std::fs::read_dir(&self.folder)? {
            let file = file?;
            let name = file.file_name();
            if name.to_str().is_some_and(|name| name.starts_with(prefix) && !name.ends_with(".new")) {
                found.push((file.metadata()?.modified()?, file.path()));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }

    /// A segment was delivered: its token may be wanted later.
    pub(super) fn sent(&self, of: &Submission) -> io::Result<()> {
        write_durably(&self.name("sent", of.segment), &of.token.0)?;
        let sent = self.named("sent-")?;
        let beyond = sent.len().saturating_sub(MOST_SENT);
        sent.iter().take(beyond).try_for_each(|path| wipe(path))
    }

    /// A segment reached the collector, and the user had cleared it: it is to be erased there.
    pub(super) fn erase(&self, of: &Submission) -> io::Result<()> {
        write_durably(&self.name("erase", of.segment), &of.token.0)
    }

    /// Everything that was delivered is to be erased.
    pub(super) fn erase_all(&self) -> io::Result<()> {
        for path in self.named("sent-")? {
            let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix("sent-"));
            if let Some(name) = name {
                std::fs::rename(&path, self.folder.join(format!("erase-{name}")))?;
            }
        }
        std::fs::File::open(&self.folder)?.sync_all()
    }

    pub(super) fn erasures(&self) -> io::Result<Vec<PathBuf>> {
        self.named("erase-")
    }

    /// The next token to be shown.
    pub(super) fn next_erasure(&self) -> io::Result<Option<(PathBuf, Zeroizing<Vec<u8>>)>> {
        let Some(path) = self.erasures()?.into_iter().next() else { return Ok(None) };
        let token = read(&path)?;
        Ok(Some((path, token)))
    }

    fn name(&self, kind: &str, segment: SegmentId) -> PathBuf {
        self.folder.join(format!("{kind}-{segment:?}"))
    }
}
