//! Bins for people and maps.

use super::{Bin, PeriodBins, Spread};
use crate::StoreError;
use crate::schema::rat_name;
use mdt::rrc::{Quantity, Rat};
use serde::Serialize;

/// A bin for people. What fewer subjects have than are asked for is left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BinLine {
    /// First day, UTC: `2026-11-28`.
    pub day: String,
    /// How many days.
    pub days: u8,
    /// Side of the square in metres, row and column: `100m-r0157349c0124487`.
    pub bin: String,
    /// Degrees east.
    pub west_deg: f64,
    /// Degrees north.
    pub south_deg: f64,
    /// Degrees east.
    pub east_deg: f64,
    /// Degrees north.
    pub north_deg: f64,
    /// `LTE` or `NR`.
    pub rat: &'static str,
    /// Entries of logs.
    pub entries: u64,
    /// Subjects, at least.
    pub subjects: u32,
    /// RSRP that 5 % of the sessions' entries lie at or below, middle of the index's interval.
    pub rsrp_p5_dbm: Option<f32>,
    /// Its median.
    pub rsrp_p50_dbm: Option<f32>,
    /// That 95 % lie at or below.
    pub rsrp_p95_dbm: Option<f32>,
    /// RSRQ, likewise.
    pub rsrq_p5_db: Option<f32>,
    /// Its median.
    pub rsrq_p50_db: Option<f32>,
    /// That 95 % lie at or below.
    pub rsrq_p95_db: Option<f32>,
    /// SINR, likewise.
    pub sinr_p5_db: Option<f32>,
    /// Its median.
    pub sinr_p50_db: Option<f32>,
    /// That 95 % lie at or below.
    pub sinr_p95_db: Option<f32>,
}

/// Bins on their way out: of at least so many subjects, also where they were released under a laxer rule.
#[derive(Debug, Clone, Copy)]
pub struct BinExport {
    subjects: u32,
}

impl BinExport {
    /// Of at least so many subjects.
    #[must_use]
    pub fn new(subjects: u32) -> Self {
        Self { subjects }
    }

    /// The bins of a period.
    pub fn lines<'a>(&'a self, bins: &'a PeriodBins) -> impl Iterator<Item = BinLine> + 'a {
        bins.bins.iter().filter(|bin| bin.subjects >= self.subjects).map(|bin| self.line(bins, bin))
    }

    /// Adds bins as CSV, RFC 4180; with the line of names when `header` says so. Says how many.
    pub fn csv(&self, bins: &PeriodBins, header: bool, into: &mut Vec<u8>) -> Result<u64, StoreError> {
        let mut writer = csv::WriterBuilder::new().has_headers(header).from_writer(into);
        let mut written = 0;
        for line in self.lines(bins) {
            writer.serialize(line).map_err(|_| StoreError::Export)?;
            written += 1;
        }
        writer.flush().map_err(|_| StoreError::Export)?;
        Ok(written)
    }

    /// Adds bins as JSON, an object a line. Says how many.
    pub fn json(&self, bins: &PeriodBins, into: &mut Vec<u8>) -> Result<u64, StoreError> {
        let mut written = 0;
        for line in self.lines(bins) {
            serde_json::to_writer(&mut *into, &line).map_err(|_| StoreError::Export)?;
            into.push(b'\n');
            written += 1;
        }
        Ok(written)
    }

    fn line(&self, bins: &PeriodBins, bin: &Bin) -> BinLine {
        let told = |quantity: Quantity, spread: Option<Spread>| {
            let spread = spread.filter(|spread| spread.subjects >= self.subjects);
            let percentiles = spread.map_or([None; 3], |s| [Some(s.p5), Some(s.p50), Some(s.p95)]);
            percentiles.map(|index| index.and_then(|index| quantity.middle(index)))
        };
        let [rsrp, rsrq, sinr] = match bin.rat {
            Rat::Lte => [Quantity::LteRsrp, Quantity::LteRsrq, Quantity::LteSinr],
            Rat::Nr => [Quantity::NrRsrp, Quantity::NrRsrq, Quantity::NrSinr],
        };
        let [rsrp_p5_dbm, rsrp_p50_dbm, rsrp_p95_dbm] = told(rsrp, bin.rsrp);
        let [rsrq_p5_db, rsrq_p50_db, rsrq_p95_db] = told(rsrq, bin.rsrq);
        let [sinr_p5_db, sinr_p50_db, sinr_p95_db] = told(sinr, bin.sinr);
        let [west_deg, south_deg, east_deg, north_deg] = bins.grid.bounds(bin.square);
        BinLine {
            day: bins.period.first.to_string(),
            days: bins.period.days,
            bin: format!("{}m-{}", bins.grid.side_m(), bin.square),
            west_deg,
            south_deg,
            east_deg,
            north_deg,
            rat: rat_name(bin.rat),
            entries: bin.entries,
            subjects: bin.subjects,
            rsrp_p5_dbm,
            rsrp_p50_dbm,
            rsrp_p95_dbm,
            rsrq_p5_db,
            rsrq_p50_db,
            rsrq_p95_db,
            sinr_p5_db,
            sinr_p50_db,
            sinr_p95_db,
        }
    }
}
