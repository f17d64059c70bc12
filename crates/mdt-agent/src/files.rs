//! Files of the daemon: sealed octets, secrets, and notes that must outlive a crash.

use mdt_log::{Storage, StorageError, Vault};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest file that is read whole, octets.
const LONGEST: u64 = 64 << 10;

/// A folder for this daemon alone, made if it is not there.
///
/// # Errors
/// It cannot be made, or others may look into it.
pub fn own_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let mode = std::fs::metadata(path)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        let told = format!("{} has mode {mode:o} and holds secrets: chmod 700 it", path.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, told));
    }
    Ok(())
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Replaces a file at once and durably.
///
/// # Errors
/// Of the file system; the old file is still there.
pub fn write_durably(path: &Path, octets: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(octets)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    sync_folder(folder_of(path))
}

/// Overwrites and removes a file, durably. One that is not there is no error.
///
/// # Errors
/// Of the file system.
pub fn wipe(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(file) => {
            let len = file.metadata()?.len();
            let zeroes = [0; 4096];
            let mut at = 0;
            while at < len {
                let part = usize::try_from(len - at).unwrap_or(usize::MAX).min(zeroes.len());
                file.write_all_at(zeroes.get(..part).unwrap_or(&zeroes), at)?;
                at += part as u64;
            }
            file.sync_all()?;
        }
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => sync_folder(folder_of(path)),
    }
}

/// Reads a small file whole.
///
/// # Errors
/// Of the file system, or it is longer than 64 KiB.
pub fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    if len > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "longer than 64 KiB"));
    }
    // One allocation, so that no copy is left behind.
    let mut octets = Zeroizing::new(vec![0; usize::try_from(len).unwrap_or(0)]);
    file.read_exact(&mut octets)?;
    Ok(octets)
}

/// The same; nothing where there is no file.
///
/// # Errors
/// As [`read`].
pub fn read_if_there(path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    match read(path) {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps a second daemon out of the same folder for as long as it lives.
pub struct Claim {
    _file: File,
}

impl Claim {
    /// Claims a folder.
    ///
    /// # Errors
    /// Another daemon has it.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(folder.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => {
                let told = format!("another mdt-agent works in {}", folder.display());
                Err(io::Error::new(io::ErrorKind::ResourceBusy, told))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

fn failed(error: io::Error) -> StorageError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => StorageError::Full,
        io::ErrorKind::NotFound => StorageError::Missing,
        _ => StorageError::Failed,
    }
}

/// Sealed octets, a file an object.
pub struct LogFiles {
    folder: PathBuf,
    /// The object that is appended to, and whether its name is durable.
    writing: Option<(u32, File, bool)>,
}

impl LogFiles {
    /// In this folder.
    ///
    /// # Errors
    /// As [`own_folder`].
    pub fn new(folder: &Path) -> io::Result<Self> {
        own_folder(folder)?;
        Ok(Self { folder: folder.to_owned(), writing: None })
    }

    fn path(&self, object: u32) -> PathBuf {
        self.folder.join(format!("{object:08x}.mdts"))
    }

    fn open(&mut self, object: u32) -> io::Result<&mut File> {
        if self.writing.as_ref().is_none_or(|(of, ..)| *of != object) {
            let path = self.path(object);
            let known = path.exists();
            let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
            self.writing = Some((object, file, known));
        }
        self.writing.as_mut().map(|(_, file, _)| file).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Storage for LogFiles {
    fn objects(&mut self) -> Result<Vec<u32>, StorageError> {
        let mut objects = Vec::new();
        for found in std::fs::read_dir(&self.folder).map_err(failed)? {
            let name = found.map_err(failed)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".mdts"));
            objects.extend(number.and_then(|number| u32::from_str_radix(number, 16).ok()));
        }
        Ok(objects)
    }

    fn len(&mut self, object: u32) -> Result<u32, StorageError> {
        let len = std::fs::metadata(self.path(object)).map_err(failed)?.len();
        u32::try_from(len).map_err(|_| StorageError::Failed)
    }

    fn read(&mut self, object: u32, offset: u32, into: &mut [u8]) -> Result<usize, StorageError> {
        let mut file = File::open(self.path(object)).map_err(failed)?;
        file.seek(io::SeekFrom::Start(u64::from(offset))).map_err(failed)?;
        let mut read = 0;
        while let Some(rest) = into.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match file.read(rest).map_err(failed)? {
                0 => break,
                more => read += more,
            }
        }
        Ok(read)
    }

    fn append(&mut self, object: u32, octets: &[u8]) -> Result<(), StorageError> {
        self.open(object).and_then(|file| file.write_all(octets)).map_err(failed)
    }

    fn flush(&mut self, object: u32) -> Result<(), StorageError> {
        self.open(object).and_then(|file| file.sync_data()).map_err(failed)?;
        if let Some((_, _, known)) = &mut self.writing
            && !*known
        {
            sync_folder(&self.folder).map_err(failed)?;
            *known = true;
        }
        Ok(())
    }

    fn erase(&mut self, object: u32) -> Result<(), StorageError> {
        if self.writing.as_ref().is_some_and(|(of, ..)| *of == object) {
            self.writing = None;
        }
        wipe(&self.path(object)).map_err(failed)
    }
}

/// Epoch keys, device secret and state: one file of mode 0600, apart from the log.
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// In this folder.
    ///
    /// # Errors
    /// As [`own_folder`].
    pub fn new(folder: &Path) -> io::Result<Self> {
        own_folder(folder)?;
        Ok(Self { path: folder.join("vault") })
    }

    fn beside(&self, extension: &str) -> PathBuf {
        self.path.with_extension(extension)
    }
}

impl Vault for KeyFile {
    fn load(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, StorageError> {
        // What a crash left of a replacement: an old record, whose keys must not be had back, or a part of a new one.
        wipe(&self.beside("old")).map_err(failed)?;
        wipe(&self.beside("new")).map_err(failed)?;
        read_if_there(&self.path).map_err(failed)
    }

    fn replace(&mut self, record: &[u8]) -> Result<(), StorageError> {
        let old = self.beside("old");
        let replace = || {
            wipe(&old)?;
            // A second name for the old record, by which it is overwritten once it is not the record any more.
            match std::fs::hard_link(&self.path, &old) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            write_durably(&self.path, record)?;
            wipe(&old)
        };
        replace().map_err(failed)
    }
}

#[cfg(test)]
mod tests;
