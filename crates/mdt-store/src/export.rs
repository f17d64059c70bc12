//! What leaves the store for people: lines with units, without models that are rare among what is exported.

use crate::place::Day;
use crate::rows::{AnonymisedRows, Row};
use crate::schema::{job_name, neighbour_rat_name, rat_name};
use crate::{AnonymisedFailures, Model, StoreError};
use lcs::gad::Uncertainty;
use mdt::rrc::Quantity;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// Counts, before an export, by how many sessions each model is seen in it: one on its own leads to a person.
#[derive(Default)]
pub struct ModelCount(HashMap<Model, HashSet<u64>>);

impl ModelCount {
    /// Counts these rows in.
    pub fn count(&mut self, rows: &AnonymisedRows) {
        for origin in &rows.origins {
            if let Some(model) = origin.model {
                self.0.entry(model).or_default().insert(origin.session);
            }
        }
    }

    /// Counts these failures in. A failure tells no session: each token to erase stands for one.
    pub fn count_failures(&mut self, failures: &AnonymisedFailures) {
        for failure in failures.iter() {
            if let (Some(model), Some([a, b, c, d, e, f, g, h, ..])) = (failure.model, failure.erasure) {
                self.0.entry(model).or_default().insert(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
            }
        }
    }

    /// An export that tells models of at least `floor` sessions and takes the others off (B25).
    #[must_use]
    pub fn export(self, floor: usize) -> Export {
        let common = self.0.into_iter().filter(|(_, sessions)| sessions.len() >= floor);
        Export { common: common.map(|(model, _)| model).collect() }
    }
}

/// Rows on their way out.
pub struct Export {
    common: HashSet<Model>,
}

/// A row for people. What is not known is left out.
#[derive(Serialize)]
pub struct Line {
    /// `2026-11-28T12:00:05.000Z`.
    pub time: String,
    /// Job, `234-15-000001`.
    pub job: String,
    /// What stands for the session, 16 hexadecimal digits.
    pub session: String,
    /// Type allocation code.
    pub model: Option<String>,
    /// `LTE` or `NR`.
    pub rat: &'static str,
    /// Degrees north.
    pub latitude_deg: Option<f64>,
    /// Degrees east.
    pub longitude_deg: Option<f64>,
    /// Radius that holds the position.
    pub uncertainty_m: Option<f64>,
    /// Network, `234-15`.
    pub network: Option<String>,
    /// Serving cell.
    pub cell: Option<u64>,
    /// Tracking area code.
    pub tracking_area: Option<u32>,
    /// RSRP, index.
    pub rsrp: Option<i8>,
    /// RSRP, middle of the index's interval.
    pub rsrp_dbm: Option<f32>,
    /// RSRQ, index.
    pub rsrq: Option<i8>,
    /// RSRQ, middle of the interval.
    pub rsrq_db: Option<f32>,
    /// SINR, index.
    pub sinr: Option<i8>,
    /// SINR, middle of the interval.
    pub sinr_db: Option<f32>,
    /// [`mdt::rrc::Flags`].
    pub flags: u8,
}

/// A neighbour for people.
#[derive(Serialize)]
struct Cell {
    rat: &'static str,
    carrier: Option<u32>,
    pci: u16,
    rsrp: Option<i8>,
    rsrq: Option<i8>,
    sinr: Option<i8>,
}

#[derive(Serialize)]
struct WithNeighbours {
    #[serde(flatten)]
    line: Line,
    neighbours: Vec<Cell>,
}

/// A moment for people.
pub(crate) fn dated(time_ms: i64) -> String {
    let of_day_ms = time_ms.rem_euclid(86_400_000);
    let (hours, minutes) = (of_day_ms / 3_600_000, of_day_ms / 60_000 % 60);
    let (seconds, millis) = (of_day_ms / 1000 % 60, of_day_ms % 1000);
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z", Day::of(time_ms))
}

impl Export {
    /// Whether a model is told.
    pub(crate) fn tells(&self, model: Model) -> bool {
        self.common.contains(&model)
    }

    /// Rows, each with its number.
    pub fn lines<'a>(&'a self, rows: &'a AnonymisedRows) -> impl Iterator<Item = Line> + 'a {
        (0..rows.len()).filter_map(|at| rows.row(at)).map(|row| self.line(&row))
    }

    /// Adds the rows as CSV, RFC 4180; with the line of names when `header` says so. Neighbours are in JSON alone.
    pub fn csv(&self, rows: &AnonymisedRows, header: bool, into: &mut Vec<u8>) -> Result<(), StoreError> {
        let mut writer = csv::WriterBuilder::new().has_headers(header).from_writer(into);
        for line in self.lines(rows) {
            writer.serialize(line).map_err(|_| StoreError::Export)?;
        }
        writer.flush().map_err(|_| StoreError::Export)
    }

    /// Adds the rows as JSON, an object a line.
    pub fn json(&self, rows: &AnonymisedRows, into: &mut Vec<u8>) -> Result<(), StoreError> {
        for (at, line) in self.lines(rows).enumerate() {
            let neighbours = rows.neighbours(at).map(|n| Cell {
                rat: neighbour_rat_name(n.rat),
                carrier: n.carrier,
                pci: n.pci,
                rsrp: n.rsrp,
                rsrq: n.rsrq,
                sinr: n.sinr,
            });
            let object = WithNeighbours { line, neighbours: neighbours.collect() };
            serde_json::to_writer(&mut *into, &object).map_err(|_| StoreError::Export)?;
            into.push(b'\n');
        }
        Ok(())
    }

    fn line(&self, row: &Row) -> Line {
        let [rsrp, rsrq, sinr] = Quantity::of(row.origin.rat);
        let model = row.origin.model.filter(|model| self.tells(*model));
        Line {
            time: dated(row.time_ms),
            job: job_name(row.origin.job),
            session: format!("{:016x}", row.origin.session),
            model: model.map(|model| model.as_str().to_owned()),
            rat: rat_name(row.origin.rat),
            latitude_deg: row.position.map(|(latitude, _)| f64::from(latitude) * 90.0 / 8_388_608.0),
            longitude_deg: row.position.map(|(_, longitude)| f64::from(longitude) * 360.0 / 16_777_216.0),
            uncertainty_m: row.uncertainty.and_then(Uncertainty::from_code).map(Uncertainty::metres),
            network: row.network.map(|network| network.to_string()),
            cell: row.cell,
            tracking_area: row.tracking_area,
            rsrp: row.rsrp,
            rsrp_dbm: row.rsrp.and_then(|index| rsrp.middle(index)),
            rsrq: row.rsrq,
            rsrq_db: row.rsrq.and_then(|index| rsrq.middle(index)),
            sinr: row.sinr,
            sinr_db: row.sinr.and_then(|index| sinr.middle(index)),
            flags: row.flags,
        }
    }
}
