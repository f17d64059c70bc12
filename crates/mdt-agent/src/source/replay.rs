//! Measurements from a file: JSON, one record a line, each with its time.

use super::{Heard, Sighting, ranked, shape};
use crate::quantity::{Kept, Quality};
use lcs::PlmnId;
use mdt_log::Rat;
use mdt_log::machine::{Camping, CellId};
use serde::Deserialize;
use std::borrow::Cow;
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

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Camped,
    Searching,
    Limited,
    Connected,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Technology {
    Lte,
    Nr,
}

impl Technology {
    fn rat(self) -> Rat {
        match self {
            Self::Lte => Rat::Eutra,
            Self::Nr => Rat::Nr,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cell<'a> {
    #[serde(borrow)]
    plmn: Option<Cow<'a, str>>,
    id: u64,
    tac: Option<u32>,
    arfcn: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Near {
    technology: Option<Technology>,
    arfcn: u32,
    pci: u16,
    rsrp_dbm: Option<f64>,
    rsrq_db: Option<f64>,
    sinr_db: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record<'a> {
    at_s: f64,
    technology: Technology,
    state: State,
    #[serde(borrow)]
    plmn: Option<Cow<'a, str>>,
    #[serde(borrow)]
    cell: Option<Cell<'a>>,
    rsrp_dbm: Option<f64>,
    rsrq_db: Option<f64>,
    sinr_db: Option<f64>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    uncertainty_m: Option<f64>,
    #[serde(default)]
    neighbours: Vec<Near>,
}

/// A record that was read, and when it is of.
struct Seen {
    after_ms: u64,
    sighting: Sighting,
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
        let mut replay = Self { lines: Lines::open(path)?, pace, start_ms, current: None, next: None };
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
            self.next = self.lines.next(read)?;
            if self.next.as_ref().is_some_and(|next| next.after_ms < before_ms) {
                self.next = None;
                return Err(ReplayError::Back(self.lines.line));
            }
        }
        let Some(seen) = &self.current else { return Ok(Sighting::nothing()) };
        let at_ms = self.start_ms.saturating_add(seen.after_ms);
        if self.next.is_some() || at_ms >= now_ms {
            return Ok(seen.sighting.again(at_ms));
        }
        let rplmn = seen.sighting.rplmn;
        self.current = Some(Seen { after_ms: seen.after_ms, sighting: Sighting::registered(rplmn) });
        Ok(Sighting::registered(rplmn))
    }
}

fn read(line: u64, text: &[u8]) -> Result<Seen, ReplayError> {
    let record: Record<'_> =
        serde_json::from_slice(text).map_err(|error| ReplayError::Malformed { line, column: error.column() })?;
    let range = |key| ReplayError::Range { line, key };
    if !(0.0..=1e9).contains(&record.at_s) {
        return Err(range("at_s"));
    }
    let plmn = |digits: &Option<Cow<'_, str>>| {
        digits.as_deref().map(|digits| PlmnId::from_digits(digits).map(PlmnId::octets).ok_or(range("plmn"))).transpose()
    };
    let rplmn = plmn(&record.plmn)?;
    let rat = record.technology.rat();
    let cells = match record.technology {
        Technology::Lte => 1 << 28,
        Technology::Nr => 1_u64 << 36,
    };
    let cell = match &record.cell {
        None => None,
        Some(cell) if cell.id >= cells => return Err(range("cell.id")),
        Some(cell) => {
            let plmn = plmn(&cell.plmn)?.or(rplmn).ok_or(range("cell.plmn"))?;
            Some(CellId { plmn, cell: cell.id })
        }
    };
    let location = match (record.latitude, record.longitude) {
        (None, None) => None,
        (Some(latitude), Some(longitude)) => {
            let shape = shape(latitude, longitude, record.uncertainty_m).map_err(|_| range("latitude or longitude"))?;
            Some((shape, 0))
        }
        _ => return Err(range("latitude without longitude, or the other way round,")),
    };
    let heard = |near: &Near| {
        let Near { technology, arfcn, pci, rsrp_dbm, rsrq_db, sinr_db } = *near;
        let rat = technology.map_or(rat, Technology::rat);
        let heard = Heard { rat, arfcn, pci, quality: Quality { rsrp_dbm, rsrq_db, sinr_db } };
        if heard.is_sound() { Ok(heard) } else { Err(range("arfcn or pci of a neighbour")) }
    };
    let heard = record.neighbours.iter().map(heard).collect::<Result<Vec<_>, _>>()?;
    let sighting = Sighting {
        camping: match record.state {
            State::Camped => Camping::Normally,
            State::Searching => Camping::AnyCellSelection,
            State::Limited => Camping::OnAnyCell,
            State::Connected => Camping::Connected,
        },
        rat,
        rplmn,
        cell,
        tracking_area: record.cell.as_ref().and_then(|cell| cell.tac),
        arfcn: record.cell.as_ref().and_then(|cell| cell.arfcn).unwrap_or(0),
        quality: Kept(Quality { rsrp_dbm: record.rsrp_dbm, rsrq_db: record.rsrq_db, sinr_db: record.sinr_db }),
        location,
        neighbours: ranked(rat, heard),
    };
    Ok(Seen { after_ms: (record.at_s * 1000.0).round() as u64, sighting })
}

#[cfg(test)]
mod tests;
