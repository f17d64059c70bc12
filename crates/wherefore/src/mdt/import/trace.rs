//! Trace files of TS 32.423.

use super::{ImportError, Importer, Prepared, note};
use mdt::capture::Mode;
use mdt::job::TraceJob;
use mdt::rrc::LogColumns;
use mdt::trace_file::{self, Session, TraceFault, TraceFile, Ue};
use mdt_store::{AnonymiseError, AnonymisedRows, Model, Told};

pub(super) fn read(importer: &Importer, octets: &[u8], mode: Mode) -> Result<Prepared, ImportError> {
    let (file, report) = trace_file::read(octets, mode)?;
    let mut prepared = Prepared::default();
    prepared.counts.messages = report.messages;
    prepared.counts.measurements = report.measurements;
    prepared.counts.faults = report.faults;
    report.first.iter().for_each(|fault| note(&mut prepared.faults, fault));
    for session in &file.sessions {
        prepared.counts.sessions += 1;
        let given = session.job.and_then(|reference| Some((reference, importer.jobs.get(&reference)?)));
        let Some((reference, job)) = given else {
            prepared.counts.sessions_of_other_jobs += 1;
            continue;
        };
        let rows = rows(importer, job, &file, session, &mut prepared, mode)?;
        prepared.parts.entry(reference).or_default().append(&rows);
    }
    Ok(prepared)
}

/// Rows of a session of a job that was given.
fn rows(
    importer: &Importer,
    job: &TraceJob,
    file: &TraceFile,
    session: &Session,
    prepared: &mut Prepared,
    mode: Mode,
) -> Result<AnonymisedRows, ImportError> {
    let told = match &session.ue {
        Ue::None => Told::Nothing,
        Ue::Identity => Told::Identity,
        Ue::Model(model) => Model::parse(model).map_or(Told::Identity, Told::Model),
    };
    // Asked before there are rows, so that an identity without a measurement is found as well.
    let management = |log: &LogColumns, began| importer.anonymiser.management(job, log, told, None, began);
    let (_, dropped) = management(&LogColumns::default(), session.started).map_err(|_| ImportError::Identity)?;
    prepared.counts.models_suppressed += u64::from(dropped.model_suppressed);
    let (logs, counts) = session.columns(file);
    prepared.counts.without_column += counts.without_column;
    if counts.unsound > 0 {
        if mode == Mode::Strict {
            return Err(TraceFault { line: 0, element: "meas", what: "a value is none of its name's" }.into());
        }
        prepared.counts.faults += counts.unsound;
        note(&mut prepared.faults, "meas: a value is none of its name's");
    }
    let mut rows = AnonymisedRows::default();
    for log in logs {
        prepared.counts.logs += 1;
        // Its own beginning is when it came: a trace file tells the whole year.
        match management(&log.columns, log.began) {
            Ok((kept, _)) => rows.append(&kept),
            Err(AnonymiseError::Time { .. }) => prepared.counts.logs_out_of_time += 1,
            Err(_) => return Err(ImportError::Identity),
        }
    }
    Ok(rows)
}
