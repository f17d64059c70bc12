//! Failures for people: with units, without models that are rare among what is exported.

use super::{AnonymisedFailures, Failure};
use crate::StoreError;
use crate::export::{Export, dated};
use crate::schema::{job_name, rat_name, word};
use lcs::gad::Uncertainty;
use mdt::rrc::{FailureCause, FailureKind, FailureRecord, NamedCell, Quantity};
use serde::Serialize;

/// A failure for people. What is not known is left out.
#[derive(Serialize)]
pub struct FailureLine {
    /// `2026-11-28T12:00:05.000Z`: when the report came, less what it says it waited.
    pub time: String,
    /// Job, `234-15-000001`.
    pub job: String,
    /// Type allocation code.
    pub model: Option<String>,
    /// `LTE` or `NR`.
    pub rat: &'static str,
    /// `RLF`, `HOF` or `CEF`.
    pub kind: &'static str,
    /// Why, in the standard's word.
    pub cause: Option<&'static str>,
    /// Degrees north.
    pub latitude_deg: Option<f64>,
    /// Degrees east.
    pub longitude_deg: Option<f64>,
    /// Radius that holds the position.
    pub uncertainty_m: Option<f64>,
    /// Network of the cell that failed, `234-15`.
    pub network: Option<String>,
    /// The cell that failed.
    pub cell: Option<u64>,
    /// Its tracking area code.
    pub tracking_area: Option<u32>,
    /// Its carrier, where it is not named.
    pub carrier: Option<u32>,
    /// And its physical identity.
    pub pci: Option<u16>,
    /// RSRP, middle of the index's interval.
    pub rsrp_dbm: Option<f32>,
    /// RSRQ, middle of the interval.
    pub rsrq_db: Option<f32>,
    /// SINR, middle of the interval.
    pub sinr_db: Option<f32>,
    /// The cell before the last handover, as `234-15/19088641`.
    pub previous: Option<String>,
    /// Where the phone tried to come back at once.
    pub reestablishment: Option<String>,
    /// Where it came back.
    pub reconnection: Option<String>,
    /// Seconds until it came back.
    pub until_reconnection_s: Option<u32>,
    /// Seconds from the last handover to the failure; 102.3 is that or longer.
    pub since_handover_s: Option<f32>,
    /// Preambles sent in vain.
    pub preambles: Option<u8>,
    /// Attempts in a row.
    pub failures: Option<u8>,
    /// [`FailureRecord::NO_SUITABLE_CELL`] and the others.
    pub flags: u8,
}

impl Export {
    /// Failures, as lines.
    pub fn failure_lines<'a>(&'a self, failures: &'a AnonymisedFailures) -> impl Iterator<Item = FailureLine> + 'a {
        failures.iter().map(|failure| self.failure(failure))
    }

    /// Adds failures as CSV, RFC 4180; with the line of names when `header` says so.
    pub fn failures_csv(
        &self,
        failures: &AnonymisedFailures,
        header: bool,
        into: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        let mut writer = csv::WriterBuilder::new().has_headers(header).from_writer(into);
        for line in self.failure_lines(failures) {
            writer.serialize(line).map_err(|_| StoreError::Export)?;
        }
        writer.flush().map_err(|_| StoreError::Export)
    }

    /// Adds failures as JSON, an object a line.
    pub fn failures_json(&self, failures: &AnonymisedFailures, into: &mut Vec<u8>) -> Result<(), StoreError> {
        for line in self.failure_lines(failures) {
            serde_json::to_writer(&mut *into, &line).map_err(|_| StoreError::Export)?;
            into.push(b'\n');
        }
        Ok(())
    }

    fn failure(&self, failure: &Failure) -> FailureLine {
        let record: &FailureRecord = &failure.record;
        let [rsrp, rsrq, sinr] = Quantity::of(record.rat);
        let named = |cell: NamedCell| format!("{}/{}", cell.network, cell.cell);
        FailureLine {
            time: dated(failure.time_ms),
            job: job_name(failure.job),
            model: failure.model.filter(|model| self.tells(*model)).map(|model| model.as_str().to_owned()),
            rat: rat_name(record.rat),
            kind: word(&FailureKind::WORDS, record.kind).unwrap_or_default(),
            cause: record.cause.and_then(|cause| word(&FailureCause::WORDS, cause)),
            latitude_deg: record.position.map(|(latitude, _)| f64::from(latitude) * 90.0 / 8_388_608.0),
            longitude_deg: record.position.map(|(_, longitude)| f64::from(longitude) * 360.0 / 16_777_216.0),
            uncertainty_m: record.uncertainty.and_then(Uncertainty::from_code).map(Uncertainty::metres),
            network: record.failed.map(|cell| cell.network.to_string()),
            cell: record.failed.map(|cell| cell.cell),
            tracking_area: record.failed.and_then(|cell| cell.tracking_area),
            carrier: record.carrier,
            pci: record.pci,
            rsrp_dbm: record.results[0].and_then(|index| rsrp.middle(index)),
            rsrq_db: record.results[1].and_then(|index| rsrq.middle(index)),
            sinr_db: record.results[2].and_then(|index| sinr.middle(index)),
            previous: record.previous.map(named),
            reestablishment: record.reestablishment.map(named),
            reconnection: record.reconnection.map(named),
            until_reconnection_s: record.until_reconnection_s,
            since_handover_s: record.since_handover_100ms.map(|tenths| f32::from(tenths) / 10.0),
            preambles: record.preambles,
            failures: record.failures,
            flags: record.flags,
        }
    }
}
