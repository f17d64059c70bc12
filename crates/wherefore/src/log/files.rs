//! Segments, tiles and checkpoint as files.

use super::error::LogError;
use privacy::disclosure::{Publication, ReadStorage, Storage, StorageError};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

const LOCK: &str = "lock";
const SEGMENTS: &str = "segment";
const SPARE: &str = "spare.tmp";
/// Written and synced at once when a segment is set aside, so that no sync of the log waits long behind it.
const STRIDE: usize = 256 << 10;

/// The files of a log for readers and for the thread that publishes. Opens without a lock.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
    /// The segment read last.
    segment: Option<(u64, File)>,
}

impl Files {
    /// The log in `dir`.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), segment: None }
    }

    /// Whether some process writes this log now.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let lock = File::open(self.dir.join(LOCK));
        lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn segment_path(&self, first: u64) -> PathBuf {
        self.dir.join(SEGMENTS).join(format!("{first:020}.seg"))
    }

    fn segment(&mut self, first: u64) -> Result<&File, StorageError> {
        if self.segment.as_ref().is_none_or(|(open, _)| *open != first) {
            self.segment = Some((first, File::open(self.segment_path(first))?));
        }
        self.segment.as_ref().map(|(_, file)| file).ok_or(StorageError::Missing)
    }
}

impl ReadStorage for Files {
    fn segments(&mut self) -> Result<Vec<u64>, StorageError> {
        let entries = match std::fs::read_dir(self.dir.join(SEGMENTS)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let first = name.to_str().and_then(|name| name.strip_suffix(".seg")).filter(|digits| digits.len() == 20);
            found.extend(first.and_then(|digits| digits.parse::<u64>().ok()));
        }
        found.sort_unstable();
        Ok(found)
    }

    fn read(&mut self, first: u64, offset: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        let file = self.segment(first)?;
        let mut done = 0;
        while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match file.read_at(rest, offset + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(done)
    }

    fn object(&mut self, path: &str) -> Result<Option<Vec<u8>>, StorageError> {
        match std::fs::read(self.dir.join(path)) {
            Ok(octets) => Ok(Some(octets)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Publication for Files {
    fn put(&mut self, path: &str, octets: &[u8], durable: bool) -> Result<(), StorageError> {
        let path = self.dir.join(path);
        let parent = path.parent().ok_or(StorageError::Missing)?;
        make_dir(parent)?;
        let temporary = path.with_extension("tmp");
        let mut file = private().create(true).truncate(true).open(&temporary)?;
        file.write_all(octets)?;
        if durable {
            file.sync_all()?;
        }
        std::fs::rename(&temporary, &path)?;
        if durable && parent == self.dir {
            // The checkpoint: its new name must be there after a power cut, or an older one is.
            File::open(parent)?.sync_all()?;
        }
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        match std::fs::remove_file(self.dir.join(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// The files of a log for its one writer. Holds the lock as long as it lives.
#[derive(Debug)]
pub struct FileStore {
    files: Files,
    capacity: u64,
    /// The segment that is written.
    current: Option<(u64, File)>,
    /// The next segment, being set aside.
    spare: Option<JoinHandle<io::Result<()>>>,
    _lock: File,
}

impl FileStore {
    /// Opens the log in `dir`, making the directory if need be, with segments of `capacity` octets.
    pub fn open(dir: &Path, capacity: u64) -> Result<Self, LogError> {
        let segments = dir.join(SEGMENTS);
        make_dir(&segments).map_err(LogError::file(&segments))?;
        let lock_path = dir.join(LOCK);
        let lock = private().create(true).truncate(false).open(&lock_path).map_err(LogError::file(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LogError::Locked { dir: dir.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(LogError::File { path: lock_path, error }),
        }
        Ok(Self { files: Files::new(dir), capacity, current: None, spare: None, _lock: lock })
    }

    /// Sets the next segment aside on a thread of its own. Without a thread it is made when it is needed.
    pub(super) fn begin_spare(&mut self) {
        let (path, capacity) = (self.spare_path(), self.capacity);
        let builder = std::thread::Builder::new().name("log-spare".to_owned());
        self.spare = builder.spawn(move || set_aside(&path, capacity)).ok();
    }

    fn spare_path(&self) -> PathBuf {
        self.files.dir.join(SEGMENTS).join(SPARE)
    }

    /// Waits for the segment that was set aside; sets one aside now if there is none.
    fn take_spare(&mut self) -> io::Result<PathBuf> {
        let path = self.spare_path();
        let ready = self.spare.take().is_some_and(|spare| matches!(spare.join(), Ok(Ok(()))));
        if !ready {
            set_aside(&path, self.capacity)?;
        }
        Ok(path)
    }

    fn current(&mut self, first: u64) -> Result<&File, StorageError> {
        if self.current.as_ref().is_none_or(|(open, _)| *open != first) {
            let file = OpenOptions::new().read(true).write(true).open(self.files.segment_path(first))?;
            self.current = Some((first, file));
        }
        self.current.as_ref().map(|(_, file)| file).ok_or(StorageError::Missing)
    }
}

impl ReadStorage for FileStore {
    fn segments(&mut self) -> Result<Vec<u64>, StorageError> {
        self.files.segments()
    }

    fn read(&mut self, first: u64, offset: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        self.files.read(first, offset, into)
    }

    fn object(&mut self, path: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.files.object(path)
    }
}

impl Storage for FileStore {
    fn capacity(&self) -> u64 {
        // A log that was begun with other segments keeps their length for the last one; only new ones have this.
        self.capacity
    }

    fn create(&mut self, first: u64, header: &[u8]) -> Result<(), StorageError> {
        let spare = self.take_spare()?;
        let path = self.files.segment_path(first);
        let file = OpenOptions::new().read(true).write(true).open(&spare)?;
        file.write_all_at(header, 0)?;
        file.sync_all()?;
        std::fs::rename(&spare, &path)?;
        File::open(self.files.dir.join(SEGMENTS))?.sync_all()?;
        self.current = Some((first, file));
        self.begin_spare();
        Ok(())
    }

    fn write(&mut self, first: u64, offset: u64, octets: &[u8]) -> Result<(), StorageError> {
        Ok(self.current(first)?.write_all_at(octets, offset)?)
    }

    fn sync(&mut self, first: u64) -> Result<(), StorageError> {
        Ok(self.current(first)?.sync_data()?)
    }
}

impl Drop for FileStore {
    /// The lock must not be given back while zeros are still being written.
    fn drop(&mut self) {
        if let Some(Err(_)) = self.spare.take().map(JoinHandle::join) {
            tracing::error!("setting a segment of the disclosure log aside died");
        }
    }
}

/// Makes a file of zeros that are really written: later writes into it change no metadata, so a sync of them is short.
fn set_aside(path: &Path, capacity: u64) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    // A new file, never one that something else may still write to.
    let mut file = private().create_new(true).open(path)?;
    let filled = fill(&mut file, capacity);
    if filled.is_err() {
        // What cannot be whole takes no room from the checkpoint and from whoever else needs some.
        std::fs::remove_file(path)?;
    }
    filled
}

fn fill(file: &mut File, capacity: u64) -> io::Result<()> {
    let zeros = vec![0; STRIDE];
    let mut left = capacity;
    while left > 0 {
        let stride = left.min(STRIDE as u64);
        file.write_all(zeros.get(..usize::try_from(stride).unwrap_or(STRIDE)).unwrap_or(&zeros))?;
        file.sync_data()?;
        left -= stride;
    }
    file.sync_all()
}

/// Opening for writing, with a mode that keeps others out when the file is made.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Makes a directory and those above it, closed to others.
pub(super) fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}
