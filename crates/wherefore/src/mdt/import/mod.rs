//! What operators have already: files of others into the store of rows (`docs/mdt-import.md`).
//!
//! ```text
//!   file ──▶ rrc ──▶ LogColumns, one log at a time ──▶ Anonymiser ──▶ Prepared: parts by job ──▶ Store::import: one durable batch a file
//! ```
//!
//! What is prepared goes into a store that a command has open, or into that of the running collector (`collector/import.rs`).
//!
//! The same gate as the collector's: rows are anonymised or are not. A job must be given for every log that is to be kept, and be one of
//! an area, for a file brings no consent of anybody.

mod geopackage;
mod report;
mod rrc;
mod survey;
mod trace;

pub use geopackage::{SurveyFileError, Table, tables};
pub use report::{ImportCounts, ImportOutcome, ImportReport};
pub use rrc::{RrcOptionError, RrcOptions};

use super::collector::CountedModels;
use crate::clock;
use crate::config::{Secret, SecretError};
use lcs::Timestamp;
use mdt::capture::{CaptureFault, Mode};
use mdt::job::TraceJob;
use mdt::rrc::{FailureRecord, LogColumns, Rat, SingleLog, TraceReference};
use mdt::trace_file::TraceFault;
use mdt_store::{
    AnonymiseError, AnonymisedFailures, AnonymisedRows, Anonymiser, Files, ImportName, SessionKey, Store, Told,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is not what it should be.
    #[error(transparent)]
    Capture(#[from] CaptureFault),
    /// It is no trace file.
    #[error(transparent)]
    Trace(#[from] TraceFault),
    /// It is no survey.
    #[error(transparent)]
    Survey(#[from] mdt::survey::SurveyError),
    /// It is no GeoPackage of a survey.
    #[error(transparent)]
    SurveyFile(#[from] SurveyFileError),
    /// A survey names no job, so it must be one.
    #[error("a survey names no job; give the one that it is of, and no other")]
    OneJob,
    /// An identity, or a model, came with a job that keeps none.
    #[error(
        "an identity came with a job that is anonymised; nothing of it was kept, tell its sender (TS 32.422 clause 4.7)"
    )]
    Identity,
    /// The store.
    #[error(transparent)]
    Store(#[from] mdt_store::StoreError),
}

/// Jobs cannot be used for imports.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImporterError {
    /// It is no TraceJob.
    #[error(transparent)]
    Job(#[from] mdt::job::JobError),
    /// It is of one subscriber.
    #[error("the job is of one subscriber; a file brings no consent, so only jobs of an area are imported")]
    Signalling,
    /// Two jobs of one reference.
    #[error("two jobs have one trace reference; give each once")]
    Twice,
    /// The key.
    #[error(transparent)]
    Key(#[from] SecretError),
    /// The counts of models.
    #[error("{0:#}")]
    Models(anyhow::Error),
}

/// Reads files of others into a store.
pub struct Importer {
    anonymiser: Arc<Anonymiser<CountedModels>>,
    jobs: BTreeMap<TraceReference, TraceJob>,
}

/// How a file is to be read.
#[derive(Debug, Clone)]
pub(crate) enum Reading {
    /// RRC messages, a capture or lines.
    Rrc(RrcOptions),
    /// A trace file of TS 32.423.
    Trace(Mode),
    /// A survey, as CSV of this technology.
    Survey(Rat, Mode),
}

/// What of a file goes into the store.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    parts: BTreeMap<TraceReference, (AnonymisedRows, AnonymisedFailures)>,
    counts: ImportCounts,
    faults: Vec<String>,
}

/// A part of a file that is of one job, under the name that it is kept once by.
pub(crate) type ImportPart = (ImportName, AnonymisedRows, AnonymisedFailures);

impl Prepared {
    /// The parts, and what is reported once it is known which of them were kept now.
    pub(crate) fn named(
        self,
        file: &[u8],
    ) -> (Vec<ImportPart>, impl FnOnce(&[ImportPart], &[bool]) -> ImportReport + use<>) {
        let Self { parts, counts, faults } = self;
        let named = |(job, (rows, failures))| (ImportName::new(file, job), rows, failures);
        let parts = parts.into_iter().map(named).collect();
        let report = move |parts: &[ImportPart], kept: &[bool]| {
            let (mut rows, mut failures, mut any) = (0, 0, false);
            for ((_, of_logs, failed), kept) in parts.iter().zip(kept) {
                any |= !of_logs.is_empty() || !failed.is_empty();
                if *kept {
                    rows += of_logs.len() as u64;
                    failures += failed.len() as u64;
                }
            }
            let outcome = match (rows + failures, any) {
                (0, false) => ImportOutcome::Nothing,
                (0, true) => ImportOutcome::KeptBefore,
                _ => ImportOutcome::Kept,
            };
            ImportReport { file: String::new(), outcome, rows, failures, counts, faults }
        };
        (parts, report)
    }
}

impl Importer {
    /// With the key that hides recording sessions, the same as the collector's, so that a log is of one session however it came.
    ///
    /// Models are kept, of jobs that ask for them, if the file of counts says that so many phones are of them; without a file none is.
    ///
    /// # Errors
    /// The key or the counts cannot be read.
    pub fn open(session_key_file: &Path, models_file: Option<&Path>, model_floor: u64) -> Result<Self, ImporterError> {
        let key = SessionKey::new(*Secret { file: session_key_file, env: None }.read_key()?);
        let models = CountedModels::load(models_file).map_err(ImporterError::Models)?;
        Ok(Self::with(Arc::new(Anonymiser::new(key, models, model_floor))))
    }

    /// With the anonymiser of a collector.
    pub(in crate::mdt) fn with(anonymiser: Arc<Anonymiser<CountedModels>>) -> Self {
        Self { anonymiser, jobs: BTreeMap::new() }
    }

    /// Takes a job, TraceJob in the JSON of TS 28.623, whose logs are to be kept.
    ///
    /// # Errors
    /// It is none, of one subscriber, or a second one of its reference.
    pub fn job(&mut self, json: &[u8]) -> Result<(), ImporterError> {
        self.take(TraceJob::from_json(json)?)
    }

    /// The same of a job that was read.
    pub(crate) fn take(&mut self, job: TraceJob) -> Result<(), ImporterError> {
        if job.anonymization().is_none() {
            return Err(ImporterError::Signalling);
        }
        // Read and checked: it has one.
        let reference = job.reference().ok_or(ImporterError::Signalling)?;
        if self.jobs.insert(reference, job).is_some() { Err(ImporterError::Twice) } else { Ok(()) }
    }

    /// Reads a file; nothing is kept yet.
    pub(crate) fn read(&self, file: &[u8], how: &Reading) -> Result<Prepared, ImportError> {
        match how {
            Reading::Rrc(options) => rrc::read(self, file, options),
            Reading::Trace(mode) => trace::read(self, file, *mode),
            Reading::Survey(rat, mode) => survey::read(self, file, &[Table { rat: *rat, csv: file.to_vec() }], *mode),
        }
    }

    /// Reads RRC messages, a capture or lines, and keeps the rows of their logs.
    ///
    /// # Errors
    /// The file, or the store.
    pub fn rrc<F: Files>(
        &self,
        store: &mut Store<F>,
        file: &[u8],
        options: &RrcOptions,
    ) -> Result<ImportReport, ImportError> {
        keep(store, file, rrc::read(self, file, options)?)
    }

    /// Reads a trace file of TS 32.423 and keeps the rows of its measurements.
    ///
    /// # Errors
    /// The file, or the store. [`ImportError::Identity`]: the whole is to be set aside.
    pub fn trace<F: Files>(&self, store: &mut Store<F>, file: &[u8], mode: Mode) -> Result<ImportReport, ImportError> {
        keep(store, file, trace::read(self, file, mode)?)
    }

    /// Keeps the rows of a survey, which were read as tables of CSV, as of the one job that was given.
    ///
    /// # Errors
    /// The file, or the store.
    pub fn survey<F: Files>(
        &self,
        store: &mut Store<F>,
        file: &[u8],
        tables: &[Table],
        mode: Mode,
    ) -> Result<ImportReport, ImportError> {
        keep(store, file, survey::read(self, file, tables, mode)?)
    }

    /// Rows of one report, counted; none where no job was given for it, or where its time is not near.
    fn anonymise(&self, prepared: &mut Prepared, log: &LogColumns, told: Told, received: Timestamp) {
        let Some(head) = log.heads.first() else { return };
        let reference = head.trace.trace_reference;
        let counts = &mut prepared.counts;
        counts.logs += 1;
        let Some(job) = self.jobs.get(&reference) else {
            counts.logs_of_other_jobs += 1;
            return;
        };
        match self.anonymiser.management(job, log, told, None, received) {
            Ok((rows, _)) => prepared.parts.entry(reference).or_default().0.append(&rows),
            Err(AnonymiseError::Time { .. }) => counts.logs_out_of_time += 1,
            // Jobs of an area alone are taken. What was told with a session was judged by the session's job; of another one nothing is kept.
            Err(_) => counts.logs_of_other_jobs += 1,
        }
    }

    /// Failures that a message reports. It names no job: they are of the one that is told, or of the first that asks for their kind, or of that
    /// of the log beside them.
    fn failures(
        &self,
        prepared: &mut Prepared,
        found: &[Option<FailureRecord>],
        (told_job, beside): (Option<TraceReference>, Option<TraceReference>),
        told: Told,
        received: Timestamp,
    ) -> Result<(), ImportError> {
        for record in found.iter().flatten() {
            // A job of reports takes those of its kind, any other job what comes with its data.
            let takes = |job: &TraceJob| job.asks_for(record.kind) || !job.is_of_reports();
            let of = |reference: TraceReference| self.jobs.get_key_value(&reference).filter(|(_, job)| takes(job));
            let asks = || self.jobs.iter().find(|(_, job)| job.asks_for(record.kind));
            let job = match told_job {
                Some(reference) => of(reference),
                None => asks().or_else(|| beside.and_then(of)),
            };
            let Some((reference, job)) = job else {
                prepared.counts.failures_of_no_job += 1;
                continue;
            };
            let kept = self.anonymiser.management_failures(job, &[*record], told, None, received);
            let (kept, _) = kept.map_err(|_| ImportError::Identity)?;
            prepared.parts.entry(*reference).or_default().1.append(&kept);
        }
        Ok(())
    }

    /// Rows of measurements that say whole dates: their own beginning is when they came. None where that is no time.
    fn measured(
        &self,
        prepared: &mut Prepared,
        (reference, job): (TraceReference, &TraceJob),
        log: &SingleLog,
        told: Told,
    ) -> Result<(), ImportError> {
        prepared.counts.logs += 1;
        match self.anonymiser.management(job, &log.columns, told, None, log.began) {
            Ok((rows, _)) => prepared.parts.entry(reference).or_default().0.append(&rows),
            Err(AnonymiseError::Time { .. }) => prepared.counts.logs_out_of_time += 1,
            Err(_) => return Err(ImportError::Identity),
        }
        Ok(())
    }
}

/// One durable batch.
fn keep<F: Files>(store: &mut Store<F>, file: &[u8], prepared: Prepared) -> Result<ImportReport, ImportError> {
    let (parts, report) = prepared.named(file);
    let kept = store.import_both(&parts)?;
    Ok(report(&parts, &kept))
}

/// A fault of a file that can be read past.
fn note(faults: &mut Vec<String>, fault: impl ToString) {
    if faults.len() < 100 {
        faults.push(fault.to_string());
    }
}

/// Whether a file is one of SQLite, as GeoPackages are.
#[must_use]
pub fn is_geopackage(file: &[u8]) -> bool {
    file.starts_with(geopackage::MAGIC)
}

/// Which of the two a command asks for.
#[must_use]
pub const fn mode(lenient: bool) -> Mode {
    if lenient { Mode::Lenient } else { Mode::Strict }
}

/// When messages came that say no time: at this moment, or now.
pub(crate) fn received(at: Option<jiff::Timestamp>) -> Timestamp {
    at.map_or_else(clock::now, clock::timestamp)
}
