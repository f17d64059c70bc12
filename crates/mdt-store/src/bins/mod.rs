//! Bins for maps: how well a square of ground was covered on a day, told only where enough phones were (`docs/mdt-store.md`, B27).
//!
//! ```text
//!   rows that name nobody ──▶ Binning::add ──▶ finish ──▶ PeriodBins ──▶ Store::release     once a period, for good
//!                              by period, square, RAT        └ only bins of at least k subjects
//! ```
//!
//! **No bin of fewer than k.** Rows do not say whose they are, and one phone may have made several sessions. So what is counted is a lower
//! bound: sessions that cannot be one phone's, because they went on at the same moment (`subjects.rs`). Each quantity is told
//! under the same rule, by the sessions that have it.
//!
//! **No difference of fewer than k.** A row falls into one bin of one period, and a period is released once: what was told is told again
//! octet for octet, and what was withheld stays withheld, whatever was erased, imported or lost since. So any two releases have a bin alike or
//! one of them lacks it, and what is lacking is of at least k.

mod export;
mod grid;
mod period;
mod spread;
mod subjects;

pub use export::{BinExport, BinLine};
pub use grid::{Grid, Square};
pub use period::{Period, PeriodBins};
pub use spread::Spread;

use crate::place::Day;
use crate::rows::{AnonymisedRows, Row};
use lcs::Duration;
use mdt::rrc::{Flags, Rat, TraceReference};
use spread::{Weighed, spread};
use std::collections::{BTreeMap, HashMap};
use subjects::{Apart, Logs};

/// Fewest subjects that a rule may ask for.
pub const LEAST_SUBJECTS: u32 = 5;
/// Most subjects that a rule may ask for.
pub const MOST_SUBJECTS: u32 = 1_000_000;

/// How bins are cut and which of them may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BinRule {
    grid: Grid,
    days: u8,
    subjects: u32,
    apart: Apart,
}

/// Such a rule there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BinRuleError {
    /// The side of a square.
    #[error("the side of a bin is 10 to 100000 m")]
    Side,
    /// The period.
    #[error("a period of bins is 1 to 31 days")]
    Days,
    /// The number of subjects.
    #[error("a bin has at least 5 subjects, and no more than 1000000 can be asked for")]
    Subjects,
}

impl BinRule {
    /// Squares of `side_m` metres (10-100000), periods of `days` (1-31), bins of at least `subjects` (5-1000000).
    ///
    /// `apart` is what the operator vouches for: no phone was given two jobs within it, of all whose rows are binned. Zero, and anything
    /// below four hours, vouches for nothing: then only logs that went on at the same moment count as of different phones.
    ///
    /// # Errors
    /// Which of them is out of its range.
    pub fn new(side_m: u32, days: u8, subjects: u32, apart: Duration) -> Result<Self, BinRuleError> {
        if !(1..=31).contains(&days) {
            return Err(BinRuleError::Days);
        }
        if !(LEAST_SUBJECTS..=MOST_SUBJECTS).contains(&subjects) {
            return Err(BinRuleError::Subjects);
        }
        let grid = Grid::new(side_m).ok_or(BinRuleError::Side)?;
        Ok(Self { grid, days, subjects, apart: Apart::new(apart) })
    }

    /// Fewest subjects of a bin.
    #[must_use]
    pub fn subjects(&self) -> u32 {
        self.subjects
    }

    /// The period that a day belongs to: periods are counted from 1970-01-01.
    pub(crate) fn period(&self, day: Day) -> Period {
        Period { first: Day(day.0.div_euclid(self.days.into()) * i32::from(self.days)), days: self.days }
    }
}

/// A square in a period as one technology covered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// Where.
    pub square: Square,
    /// Technology.
    pub rat: Rat,
    /// Rows in it.
    pub entries: u64,
    /// Subjects that these rows are of, at least.
    pub subjects: u32,
    /// RSRP, where enough subjects have it.
    pub rsrp: Option<Spread>,
    /// RSRQ.
    pub rsrq: Option<Spread>,
    /// SINR.
    pub sinr: Option<Spread>,
}

/// A row in a bin. In the order in which bins are made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    square: Square,
    nr: bool,
    session: u32,
    quantities: [Option<i8>; 3],
}

/// What was gathered of a period.
#[derive(Default)]
struct Gathered {
    sessions: HashMap<(TraceReference, u64), u32>,
    logs: Logs,
    entries: Vec<Entry>,
}

/// Gathers rows into bins. The order of rows does not matter; about 16 octets a row are held.
pub struct Binning {
    rule: BinRule,
    closed_before_ms: i64,
    released: Vec<Period>,
    gathered: BTreeMap<Period, Gathered>,
}

impl Binning {
    /// Of periods that ended by `closed_before_ms` (milliseconds since 1970) and share no day with one that was released.
    #[must_use]
    pub fn new(rule: BinRule, closed_before_ms: i64, released: Vec<Period>) -> Self {
        Self { rule, closed_before_ms, released, gathered: BTreeMap::new() }
    }

    /// The period of a moment, if it is to be released.
    pub(crate) fn due(&self, time_ms: i64) -> Option<Period> {
        let period = self.rule.period(Day::of(time_ms));
        let is_due = period.end_ms() <= self.closed_before_ms && !self.released.iter().any(|other| other.meets(period));
        is_due.then_some(period)
    }

    /// Whether a moment from `first_ms` to `last_ms` is in a period to be released.
    pub(crate) fn due_between(&self, first_ms: i64, last_ms: i64) -> bool {
        let (mut period, last) = (self.rule.period(Day::of(first_ms)), self.rule.period(Day::of(last_ms)));
        while period <= last && period.end_ms() <= self.closed_before_ms {
            if self.due(period.start_ms()).is_some() {
                return true;
            }
            period = period.next();
        }
        false
    }

    /// Counts rows in. Left out are rows of a subscriber, those without position or with one less sure than a square is wide, and those
    /// of any cell selection, which repeat the quantities of an earlier place; all but the first tell how long their log went on. RSRQ
    /// that compares with no other is passed over.
    pub fn add(&mut self, rows: &AnonymisedRows) {
        for row in (0..rows.len()).filter_map(|at| rows.row(at)).filter(|row| row.origin.subject.is_none()) {
            let Some(period) = self.due(row.time_ms) else { continue };
            let grid = self.rule.grid;
            let gathered = self.gathered.entry(period).or_default();
            let session = gathered.session(&row);
            if row.flags & Flags::ANY_CELL != 0 || !grid.is_sure(row.uncertainty) {
                continue;
            }
            let Some(position) = row.position else { continue };
            let rsrq = row.rsrq.filter(|_| row.flags & Flags::OTHER_RSRQ == 0);
            let quantities = [row.rsrp, rsrq, row.sinr];
            let (square, nr) = (grid.square(position), row.origin.rat == Rat::Nr);
            gathered.entries.push(Entry { square, nr, session, quantities });
        }
    }

    /// The bins that may be told, by period. A period without any is not among them, so that it may be released another time.
    #[must_use]
    pub fn finish(self) -> Vec<PeriodBins> {
        let rule = self.rule;
        let made = self.gathered.into_iter().map(|(period, gathered)| PeriodBins {
            period,
            grid: rule.grid,
            subjects: rule.subjects,
            bins: gathered.bins(&rule),
        });
        made.filter(|period| !period.bins.is_empty()).collect()
    }
}

impl Gathered {
    fn session(&mut self, row: &Row) -> u32 {
        let next = self.sessions.len() as u32;
        let session = *self.sessions.entry((row.origin.job, row.origin.session)).or_insert(next);
        self.logs.went_on(session, row.origin.erasure, row.time_ms);
        session
    }

    fn bins(mut self, rule: &BinRule) -> Vec<Bin> {
        let intervals = self.logs.intervals(rule.apart);
        self.entries.sort_unstable();
        let of_one = |a: &Entry, b: &Entry| (a.square, a.nr) == (b.square, b.nr);
        self.entries.chunk_by(of_one).filter_map(|entries| bin(entries, &intervals, rule)).collect()
    }
}

/// The bin of these entries, ordered by session, if it may be told.
fn bin(entries: &[Entry], intervals: &subjects::Intervals, rule: &BinRule) -> Option<Bin> {
    let subjects = intervals.subjects(entries.iter().map(|entry| entry.session));
    let first = entries.first().filter(|_| subjects >= rule.subjects)?;
    let quantity = |at: usize| {
        let of = |entry: &Entry| Some((entry.session, entry.quantities.get(at).copied().flatten()?));
        let values: Vec<(u32, i8)> = entries.iter().filter_map(of).collect();
        let subjects = intervals.subjects(values.iter().map(|(session, _)| *session));
        (subjects >= rule.subjects).then(|| spread(Weighed::by_session(&values), subjects)).flatten()
    };
    Some(Bin {
        square: first.square,
        rat: if first.nr { Rat::Nr } else { Rat::Lte },
        entries: entries.len() as u64,
        subjects,
        rsrp: quantity(0),
        rsrq: quantity(1),
        sinr: quantity(2),
    })
}
