//! Reports of failures that may be kept: a table of its own beside the rows of logs, cut and erased alike.

mod anonymise;
mod export;
mod parquet;

pub use export::FailureLine;

use crate::table::{Table, Whose};
use crate::{Day, Model, Place, SubjectId};
use bytes::Bytes;
use core::fmt;
use mdt::rrc::{FailureRecord, TraceReference};

/// One failure. `Debug` tells nothing: it is where somebody was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// Milliseconds since 1970-01-01T00:00:00Z: when the report came, less what it says it waited.
    pub time_ms: i64,
    /// The job that it was kept under.
    pub job: TraceReference,
    /// SHA-256 of the token that erases it.
    pub erasure: Option<[u8; 32]>,
    /// The subscriber, of a signalling based job alone.
    pub subject: Option<SubjectId>,
    /// The model of the phone, where the job allows and enough phones are of it.
    pub model: Option<Model>,
    /// What failed, without the time that it waited.
    pub record: FailureRecord,
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Failure(hidden)")
    }
}

impl Failure {
    fn place(&self) -> Place {
        Place::of(self.record.position, self.record.failed.and_then(|cell| cell.tracking_area))
    }
}

/// Failures that went through an [`crate::Anonymiser`].
#[derive(Clone, Default)]
pub struct AnonymisedFailures(Vec<Failure>);

impl fmt::Debug for AnonymisedFailures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnonymisedFailures({})", self.0.len())
    }
}

impl AnonymisedFailures {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Failure> {
        self.0.iter()
    }

    /// Subscribers that failures are of, each with the job.
    pub fn subjects(&self) -> impl Iterator<Item = (TraceReference, SubjectId)> + '_ {
        self.0.iter().filter_map(|failure| failure.subject.map(|subject| (failure.job, subject)))
    }

    /// Those that name nobody.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self(self.0.iter().filter(|failure| failure.subject.is_none()).copied().collect())
    }

    /// Adds all of `other`.
    pub fn append(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }
}

impl Table for AnonymisedFailures {
    const FOLDER: &'static str = "failures/";

    fn read(file: Bytes) -> Result<Self, crate::ParquetError> {
        parquet::read(file).map(Self)
    }

    fn write(&self) -> Result<Vec<u8>, crate::ParquetError> {
        let mut sorted = self.0.clone();
        sorted.sort_by_key(|failure| (failure.place(), failure.time_ms));
        parquet::write(&sorted)
    }

    fn rows(&self) -> usize {
        self.0.len()
    }

    fn whose(&self, at: usize) -> Option<Whose> {
        let failure = self.0.get(at)?;
        Some(Whose { job: failure.job, erasure: failure.erasure, subject: failure.subject })
    }

    fn anybody(&self, is: impl Fn(&Whose) -> bool) -> bool {
        (0..self.0.len()).filter_map(|at| self.whose(at)).any(|whose| is(&whose))
    }

    fn time_ms(&self, at: usize) -> i64 {
        self.0.get(at).map_or(0, |failure| failure.time_ms)
    }

    fn partition(&self, at: usize) -> (Day, Place) {
        self.0.get(at).map_or((Day::of(0), Place::Nowhere), |failure| (Day::of(failure.time_ms), failure.place()))
    }

    fn append_these(&mut self, other: &Self, rows: impl Iterator<Item = usize>) {
        self.0.extend(rows.filter_map(|at| other.0.get(at).copied()));
    }
}
