//! The folder of a store of MDT rows.

use bytes::Bytes;
use mdt_store::{Files, FilesError};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};

/// Held by who has the store open.
const LOCK: &str = "lock";

/// A folder on disk, held by this process alone until it is dropped.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    _lock: File,
}

fn fault(what: &'static str, name: &str, why: impl ToString) -> FilesError {
    FilesError { what, name: name.to_owned(), why: why.to_string() }
}

impl Folder {
    /// Takes the folder; makes it when it is not there. Errors: it cannot be made, or another process has it.
    pub fn open(dir: &Path) -> Result<Self, FilesError> {
        std::fs::create_dir_all(dir).map_err(|error| fault("make", &dir.display().to_string(), error))?;
        let lock = File::create(dir.join(LOCK)).map_err(|error| fault("write", LOCK, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { dir: dir.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(fault("lock", LOCK, "another process has the store open; stop it first"))
            }
            Err(TryLockError::Error(error)) => Err(fault("lock", LOCK, error)),
        }
    }

    /// Where a file lies; never outside of the folder.
    fn path(&self, what: &'static str, name: &str) -> Result<PathBuf, FilesError> {
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if inside && !name.is_empty() {
            Ok(self.dir.join(name))
        } else {
            Err(fault(what, name, "it is no name below the store"))
        }
    }

    fn write(&self, path: &Path, content: &[u8]) -> std::io::Result<()> {
        let parent = path.parent().unwrap_or(&self.dir);
        if !parent.is_dir() {
            std::fs::create_dir_all(parent)?;
            // Each new folder is an entry of the one above it.
            for above in parent.ancestors().skip(1).take_while(|above| above.starts_with(&self.dir)) {
                File::open(above)?.sync_all()?;
            }
        }
        let beside = path.with_extension("tmp");
        let mut file = File::create(&beside)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        File::open(parent)?.sync_all()
    }
}

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Option<Bytes>, FilesError> {
        match std::fs::read(self.path("read", name)?) {
            Ok(content) => Ok(Some(content.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault("read", name, error)),
        }
    }

    fn put(&mut self, name: &str, content: &[u8]) -> Result<(), FilesError> {
        self.write(&self.path("write", name)?, content).map_err(|error| fault("write", name, error))
    }

    fn remove(&mut self, name: &str) -> Result<(), FilesError> {
        let path = self.path("remove", name)?;
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(fault("remove", name, error)),
        }
        // Folders of a day or place that nothing is left of go too; one that is not empty stays.
        for above in path.ancestors().skip(1).take_while(|above| above.starts_with(&self.dir) && *above != self.dir) {
            if std::fs::remove_dir(above).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn list(&self) -> Result<Vec<String>, FilesError> {
        let (mut names, mut folders) = (Vec::new(), vec![self.dir.clone()]);
        while let Some(folder) = folders.pop() {
            let shown = folder.display().to_string();
            let entries = std::fs::read_dir(&folder).map_err(|error| fault("list", &shown, error))?;
            for entry in entries {
                let path = entry.map_err(|error| fault("list", &shown, error))?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Some(name) = path.strip_prefix(&self.dir).ok().and_then(Path::to_str)
                    && name != LOCK
                {
                    names.push(name.to_owned());
                }
            }
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_and_go_inside_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(dir.path()).unwrap();
        let name = "day=2026-11-28/place=nowhere/000000000001.parquet";
        assert_eq!(folder.read(name), Ok(None));
        folder.put(name, b"one").unwrap();
        folder.put(name, b"two").unwrap();
        assert_eq!(folder.read(name), Ok(Some(Bytes::from_static(b"two"))));
        assert_eq!(folder.list(), Ok(vec![name.to_owned()]));
        folder.remove(name).unwrap();
        folder.remove(name).unwrap();
        assert_eq!(folder.list(), Ok(vec![]));
        assert!(!dir.path().join("day=2026-11-28").exists(), "empty folders go");
        for name in ["", "/etc/passwd", "../x", "a/../../x", "."] {
            assert!(folder.put(name, b"").is_err(), "{name}");
        }
    }

    #[test]
    fn one_process_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::open(dir.path()).unwrap();
        let refused = Folder::open(dir.path()).unwrap_err();
        assert!(refused.to_string().contains("another process has the store open"), "{refused}");
        drop(first);
        Folder::open(dir.path()).unwrap();
    }
}
