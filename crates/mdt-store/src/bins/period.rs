//! Periods, and what was released of them.

use super::{Bin, Grid, Spread, Square};
use crate::place::Day;
use crate::schema::rat_name;
use core::fmt;
use mdt::rrc::Rat;
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// Some days, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first.
    #[serde(with = "day_number")]
    pub first: Day,
    /// How many.
    pub days: u8,
}

mod day_number {
    use super::Day;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(day: &Day, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i32(day.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
        i32::deserialize(from).map(Day)
    }
}

impl Period {
    pub(crate) fn start_ms(self) -> i64 {
        self.first.start_ms()
    }

    /// The moment after its last one.
    pub(crate) fn end_ms(self) -> i64 {
        self.start_ms() + i64::from(self.days) * DAY_MS
    }

    pub(crate) fn next(self) -> Self {
        Self { first: Day(self.first.0.saturating_add(self.days.into())), ..self }
    }

    /// Whether they have a day in common.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.start_ms() < other.end_ms() && other.start_ms() < self.end_ms()
    }
}

/// First day and number of days: `2026-11-28+1`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.first, self.days)
    }
}

/// The bins of a period that may be told. Made by [`super::Binning::finish`], or read from what was released, and by nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodBins {
    pub(super) period: Period,
    pub(super) grid: Grid,
    /// Fewest subjects under the rule that made them.
    pub(super) subjects: u32,
    pub(super) bins: Vec<Bin>,
}

impl PeriodBins {
    /// Of when.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// How squares are cut.
    #[must_use]
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The bins, by square and technology.
    #[must_use]
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// As a file of the store.
    pub(crate) fn to_json(&self) -> Option<Vec<u8>> {
        let kept = Kept {
            period: self.period,
            side_m: self.grid.side_m(),
            subjects: self.subjects,
            bins: self.bins.iter().map(KeptBin::from).collect(),
        };
        serde_json::to_vec(&kept).ok()
    }

    /// From a file of the store; nothing where it is none.
    pub(crate) fn from_json(text: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(text).ok()?;
        let bins: Option<Vec<Bin>> = kept.bins.into_iter().map(KeptBin::bin).collect();
        let grid = Grid::new(kept.side_m)?;
        Some(Self { period: kept.period, grid, subjects: kept.subjects, bins: bins? })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    period: Period,
    side_m: u32,
    subjects: u32,
    bins: Vec<KeptBin>,
}

/// Subjects and percentiles.
type KeptSpread = Option<(u32, i8, i8, i8)>;

/// Row, column, technology, entries, subjects, quantities.
#[derive(Serialize, Deserialize)]
struct KeptBin(u32, u32, String, u64, u32, [KeptSpread; 3]);

impl From<&Bin> for KeptBin {
    fn from(bin: &Bin) -> Self {
        let spread = |s: Option<Spread>| s.map(|s| (s.subjects, s.p5, s.p50, s.p95));
        let quantities = [bin.rsrp, bin.rsrq, bin.sinr].map(spread);
        let Square { row, column } = bin.square;
        Self(row, column, rat_name(bin.rat).to_owned(), bin.entries, bin.subjects, quantities)
    }
}

impl KeptBin {
    fn bin(self) -> Option<Bin> {
        let Self(row, column, rat, entries, subjects, quantities) = self;
        let rat = [Rat::Lte, Rat::Nr].into_iter().find(|known| rat_name(*known) == rat)?;
        let spread = |s: KeptSpread| s.map(|(subjects, p5, p50, p95)| Spread { subjects, p5, p50, p95 });
        let [rsrp, rsrq, sinr] = quantities.map(spread);
        Some(Bin { square: Square { row, column }, rat, entries, subjects, rsrp, rsrq, sinr })
    }
}
