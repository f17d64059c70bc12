//! The files: one is open at a time, closed when it is full or its day ends, and only closed ones are for others to take.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Suffix of the file that is still written.
const OPEN: &str = ".jsonl.open";
/// Suffix of those that are not.
const CLOSED: &str = ".jsonl";

/// The directory with the file that is written.
pub(super) struct Files {
    dir: PathBuf,
    rotate_octets: u64,
    current: Option<Current>,
}

struct Current {
    file: File,
    path: PathBuf,
    /// Octets of whole records that are on disk.
    written: u64,
    day: jiff::civil::Date,
}

impl Files {
    /// Opens the directory, made if it is missing. Files that a crash left open are closed, without a last line cut short.
    ///
    /// # Errors
    /// The directory cannot be made, read or written.
    pub(super) fn open(dir: &Path, rotate_octets: u64) -> io::Result<Self> {
        make_private(dir)?;
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.to_str().is_some_and(|path| path.ends_with(OPEN)) {
                cut_and_close(&path)?;
            }
        }
        sync_dir(dir)?;
        Ok(Self { dir: dir.to_owned(), rotate_octets, current: None })
    }

    /// Appends whole lines, on disk when it returns.
    ///
    /// # Errors
    /// They are not: none of them counts as written.
    pub(super) fn append(&mut self, lines: &[u8], now: jiff::Timestamp) -> io::Result<()> {
        self.close_if_due(now)?;
        let current = match &mut self.current {
            Some(current) => current,
            empty => empty.insert(Current::begin(&self.dir, now)?),
        };
        let result = current.file.write_all(lines).and_then(|()| current.file.sync_data());
        if let Err(error) = result {
            // What was written in part is taken back, so that the next try begins at a line. Where that fails too, the file
            // is left as after a crash.
            if current.file.set_len(current.written).is_err() {
                self.current = None;
            }
            return Err(error);
        }
        current.written += lines.len() as u64;
        if current.written >= self.rotate_octets {
            // The lines are on disk whether this works or not; the next batch tries again.
            if let Err(error) = self.close() {
                tracing::error!(%error, "charging: a full file could not be closed");
            }
        }
        Ok(())
    }

    /// Closes the file if its day is over.
    ///
    /// # Errors
    /// It cannot be closed.
    pub(super) fn close_if_due(&mut self, now: jiff::Timestamp) -> io::Result<()> {
        let over = self.current.as_ref().is_some_and(|current| current.day != day(now));
        if over { self.close() } else { Ok(()) }
    }

    /// Closes the file that is written, if there is one.
    ///
    /// # Errors
    /// It cannot be synchronised or renamed.
    pub(super) fn close(&mut self) -> io::Result<()> {
        let Some(current) = &self.current else { return Ok(()) };
        current.file.sync_all()?;
        rename_closed(&current.path)?;
        self.current = None;
        sync_dir(&self.dir)
    }
}

impl Current {
    /// A new file. Its name tells when it was begun, and no two are the same, wherever others have been taken to.
    fn begin(dir: &Path, now: jiff::Timestamp) -> io::Result<Self> {
        let begun = utc(now);
        let mut micros = begun.subsec_nanosecond() / 1000;
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
        loop {
            let name = format!("charging-{}.{micros:06}Z", begun.strftime("%Y%m%dT%H%M%S"));
            let path = dir.join(format!("{name}{OPEN}"));
            let free = !dir.join(format!("{name}{CLOSED}")).exists();
            match free.then(|| options.open(&path)) {
                Some(Ok(file)) => {
                    sync_dir(dir)?;
                    return Ok(Self { file, path, written: 0, day: day(now) });
                }
                Some(Err(error)) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                // Another of the same microsecond.
                _ => micros += 1,
            }
        }
    }
}

fn day(now: jiff::Timestamp) -> jiff::civil::Date {
    utc(now).date()
}

fn utc(now: jiff::Timestamp) -> jiff::civil::DateTime {
    jiff::tz::TimeZone::UTC.to_datetime(now)
}

fn cut_and_close(path: &Path) -> io::Result<()> {
    let text = std::fs::read(path)?;
    let whole = text.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
    if whole == 0 {
        return std::fs::remove_file(path);
    }
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(whole as u64)?;
    file.sync_all()?;
    rename_closed(path)
}

fn rename_closed(path: &Path) -> io::Result<()> {
    let closed = path.to_str().and_then(|path| path.strip_suffix(OPEN)).map(|name| format!("{name}{CLOSED}"));
    let closed = closed.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8"))?;
    std::fs::rename(path, closed)
}

fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o750);
    builder.create(dir)
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
