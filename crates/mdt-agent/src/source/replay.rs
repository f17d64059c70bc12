//! Measurements from a file: JSON, one record a line, each with its time.

mod record;

use super::{Reported, Sighting};
use mdt_log::failure::MAX_SINCE_S;
use record::{Seen, read};
use serde::Deserialize;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

/// Longest line, octets.
const LINE: usize = 16 << 10;

/// How a file is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// Each record when its time has come, counted from the start.
    #[default]
    Times,
    /// At once, as if the last record were of now.
    AtOnce,
}

/// The file cannot be played on. Says where, and never repeats what stands there.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// It cannot be read.
    #[error("the file of measurements cannot be read: {0}")]
    File(#[from] io::Error),
    /// A line is longer than 16 KiB.
    #[error("line {0} of the file of measurements is longer than 16384 octets")]
    Long(u64),
    /// A line is no record.
    #[error(
        "line {line}, column {column} of the file of measurements: no record, or with a key or value that is not known"
    )]
    Malformed {
        /// Line.
        line: u64,
        /// Column.
        column: usize,
    },
    /// A value is out of its range.
    #[error("line {line} of the file of measurements: {key} is out of its range")]
    Range {
        /// Line.
        line: u64,
        /// Which value.
        key: &'static str,
    },
    /// Time goes back.
    #[error("line {0} of the file of measurements: at_s is before that of the line before")]
    Back(u64),
}

/// Lines of a file, each wiped once it was read.
struct Lines {
    file: File,
    buffer: Zeroizing<Vec<u8>>,
    filled: usize,
    line: u64,
}

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::open(path)?, buffer: Zeroizing::new(vec![0; 2 * LINE]), filled: 0, line: 0 })
    }

    /// The next line that says something, read by `take`.
    fn next<T>(&mut self, take: impl Fn(u64, &[u8]) -> Result<T, ReplayError>) -> Result<Option<T>, ReplayError> {
        loop {
            let (end, whole) = match self.buffer.iter().take(self.filled).position(|octet| *octet == b'\n') {
                Some(end) => (end, end + 1),
                None if self.filled > LINE => return Err(ReplayError::Long(self.line + 1)),
                None => {
                    let read = self.file.read(self.buffer.get_mut(self.filled..).unwrap_or_default())?;
                    if read > 0 {
                        self.filled += read;
                        continue;
                    }
                    if self.filled == 0 {
                        return Ok(None);
                    }
                    (self.filled, self.filled)
                }
            };
            self.line += 1;
            let text = self.buffer.get(..end).unwrap_or_default();
            let says_something = !text.iter().all(u8::is_ascii_whitespace) && text.first() != Some(&b'#');
            let taken = says_something.then(|| take(self.line, text)).transpose();
            self.buffer.copy_within(whole..self.filled, 0);
            let left = self.filled - whole;
            if let Some(rest) = self.buffer.get_mut(left..self.filled) {
                rest.zeroize();
            }
            self.filled = left;
            if let Some(taken) = taken? {
                return Ok(Some(taken));
            }
        }
    }
}

/// A file that is played.
pub struct Replay {
    lines: Lines,
    pace: Pace,
    /// When the file begins.
    start_ms: u64,
    current: Option<Seen>,
    next: Option<Seen>,
    /// Failures of records whose time has come, that nobody has seen yet.
    failures: Vec<Reported>,
}

impl Replay {
    /// Opens a file. It begins at `now_ms`; a file that is played at once is read through for its last time, and ends there.
    ///
    /// # Errors
    /// It cannot be read, or, played at once, a line is no record.
    pub fn open(path: &Path, pace: Pace, now_ms: u64) -> Result<Self, ReplayError> {
        let mut span_ms = 0;
        if pace == Pace::AtOnce {
            let mut lines = Lines::open(path)?;
            while let Some(seen) = lines.next(read)? {
                span_ms = seen.after_ms;
            }
        }
        let start_ms = now_ms.saturating_sub(span_ms);
        let mut replay =
            Self { lines: Lines::open(path)?, pace, start_ms, current: None, next: None, failures: Vec::new() };
        replay.next = replay.lines.next(read)?;
        Ok(replay)
    }

    /// How it is played.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// When it begins, ms.
    #[must_use]
    pub fn start_ms(&self) -> u64 {
        self.start_ms
    }

    /// When the next record counts, ms; none after the last.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        self.next.as_ref().map(|seen| self.start_ms.saturating_add(seen.after_ms))
    }

    /// The record that counts at `now_ms`: the last whose time has come. After the last one of the file the modem is registered where it
    /// was, and nothing is seen.
    ///
    /// # Errors
    /// The next line is no record; nothing more of the file is played then.
    pub fn see(&mut self, now_ms: u64) -> Result<Sighting, ReplayError> {
        while self.next_ms().is_some_and(|at_ms| at_ms <= now_ms) {
            let before_ms = self.next.as_ref().map_or(0, |seen| seen.after_ms);
            self.current = self.next.take();
            if let Some((kind, mut failure)) = self.current.as_mut().and_then(|seen| seen.failure.take()) {
                let since_s = now_ms.saturating_sub(self.start_ms.saturating_add(before_ms)) / 1000;
                failure.since_s = u32::try_from(since_s).unwrap_or(MAX_SINCE_S).min(MAX_SINCE_S);
                self.failures.push((kind, failure));
            }
            self.next = self.lines.next(read)?;
            if self.next.as_ref().is_some_and(|next| next.after_ms < before_ms) {
                self.next = None;
                return Err(ReplayError::Back(self.lines.line));
            }
        }
        let Some(seen) = &self.current else { return Ok(Sighting::nothing()) };
        let at_ms = self.start_ms.saturating_add(seen.after_ms);
        let failures = std::mem::take(&mut self.failures);
        let mut sighting = if self.next.is_some() || at_ms >= now_ms {
            seen.sighting.again(at_ms)
        } else {
            let (after_ms, rplmn) = (seen.after_ms, seen.sighting.rplmn);
            self.current = Some(Seen { after_ms, sighting: Sighting::registered(rplmn), failure: None });
            Sighting::registered(rplmn)
        };
        sighting.failures = failures;
        Ok(sighting)
    }
}

#[cfg(test)]
mod tests;
