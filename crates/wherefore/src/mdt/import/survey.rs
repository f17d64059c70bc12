//! Surveys: cell measurements of programs on phones, as CSV or GeoPackage, without the device that made them.

use super::geopackage::Table;
use super::{ImportError, Importer, Prepared, note};
use aws_lc_rs::digest::{SHA256, digest};
use mdt::capture::Mode;
use mdt::rrc::{TraceHead, TraceReference};
use mdt::survey;
use mdt_store::Told;

/// `octets` is the file, of which `tables` were read.
pub(super) fn read(importer: &Importer, octets: &[u8], tables: &[Table], mode: Mode) -> Result<Prepared, ImportError> {
    let mut jobs = importer.jobs.iter();
    let (Some((reference, job)), None) = (jobs.next(), jobs.next()) else { return Err(ImportError::OneJob) };
    let trace = head(octets, *reference);
    let mut prepared = Prepared::default();
    for Table { rat, csv } in tables {
        let (columns, report) = survey::read(csv, *rat, mode)?;
        let counts = &mut prepared.counts;
        counts.read += report.taken + report.passed_over;
        counts.measurements += report.taken;
        counts.faults += report.passed_over;
        report.faults.iter().for_each(|fault| note(&mut prepared.faults, fault));
        for log in columns.logs(*rat, trace) {
            importer.measured(&mut prepared, (*reference, job), &log, Told::Nothing)?;
        }
    }
    Ok(prepared)
}

/// A survey has no session: two octets of the file's hash stand for it, hidden as any other is.
fn head(octets: &[u8], trace_reference: TraceReference) -> TraceHead {
    let hash = digest(&SHA256, octets);
    let recording_session = hash.as_ref().first_chunk().copied().unwrap_or_default();
    TraceHead { trace_reference, recording_session, tce_id: 0 }
}
