//! Trace files of TS 32.423.

use super::{ImportError, Importer, Prepared, note, rrc};
use lcs::Timestamp;
use mdt::capture::{Channel, Found, Mode, Place};
use mdt::job::TraceJob;
use mdt::rrc::{LogColumns, Rat, TraceReference};
use mdt::trace_file::{self, Session, TraceFault, TraceFile, Ue};
use mdt_store::{Model, Told};
use std::borrow::Cow;

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
        rows(importer, (reference, job), &file, session, &mut prepared, mode)?;
    }
    Ok(prepared)
}

/// Rows and failures of a session of a job that was given.
fn rows(
    importer: &Importer,
    job: (TraceReference, &TraceJob),
    file: &TraceFile,
    session: &Session,
    prepared: &mut Prepared,
    mode: Mode,
) -> Result<(), ImportError> {
    let told = match &session.ue {
        Ue::None => Told::Nothing,
        Ue::Identity => Told::Identity,
        Ue::Model(model) => Model::parse(model).map_or(Told::Identity, Told::Model),
    };
    // Asked before there are rows, so that an identity without a measurement is found as well.
    let nothing = importer.anonymiser.management(job.1, &LogColumns::default(), told, None, session.started);
    let (_, dropped) = nothing.map_err(|_| ImportError::Identity)?;
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
    logs.iter().try_for_each(|log| importer.measured(prepared, job, log, told))?;
    let mut log = LogColumns::default();
    for response in &session.responses {
        log.clear();
        let found = Found {
            channel: if session.rat(file) == Rat::Nr { Channel::NrUlDcch } else { Channel::LteUlDcch },
            octets: Cow::Borrowed(&response.octets),
            at: None,
            place: Place::Line(response.line),
        };
        let Ok(holds) = found.decode_into(&mut log) else {
            let fault = TraceFault { line: response.line, element: "rawMsg", what: "it is no UEInformationResponse" };
            if mode == Mode::Strict {
                return Err(fault.into());
            }
            prepared.counts.faults += 1;
            note(&mut prepared.faults, fault);
            continue;
        };
        rrc::count(prepared, &holds);
        let received = Timestamp::from_micros(session.started.micros().saturating_add(response.since_us));
        importer.anonymise(prepared, &log, told, received);
        importer.failures(prepared, &holds.failures, (Some(job.0), None), told, received)?;
    }
    Ok(())
}
