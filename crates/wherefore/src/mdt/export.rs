//! What an export asks for, and rows of either kind on their way into it.

use mdt::rrc::TraceReference;
use mdt_store::{AnonymisedFailures, AnonymisedRows, Export, ModelCount, StoreError, SubjectId, Which};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// RFC 4180, a line a row.
    Csv,
    /// A JSON object a line.
    Json,
    /// OGC 12-128r18.
    Geopackage,
    /// A trace file of TS 32.423, XML; rows of logs alone.
    #[serde(rename = "32.423")]
    Trace,
}

/// What is to leave.
pub(crate) struct Wish {
    /// Rows asked for; all without.
    pub(crate) which: Option<Which>,
    /// Failures instead of rows of logs.
    pub(crate) failures: bool,
    /// As what.
    pub(crate) form: Form,
    /// Sessions that a model must have.
    pub(crate) model_floor: usize,
}

/// Rows that could possibly be in a trace file: each takes more than a hundred octets.
const MOST_ROWS: usize = mdt::trace_file::MAX_FILE / 100;

/// A trace file would be longer than one that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these rows make a trace file of more than 64 MiB; export a job at a time, or in another form")]
pub(crate) struct TooLong;

/// Rows on their way into a trace file, which is written as a whole and no longer than one that is read.
#[derive(Default)]
pub(crate) struct TraceRows(AnonymisedRows);

impl TraceRows {
    /// Adds rows. Of failures a trace file has none.
    pub(crate) fn add(&mut self, part: &Part) -> Result<(), TooLong> {
        if let Part::Rows(rows) = part {
            self.0.append(rows);
        }
        if self.0.len() > MOST_ROWS { Err(TooLong) } else { Ok(()) }
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them as XML.
    pub(crate) fn text(&self, export: &Export) -> Result<Result<String, TooLong>, StoreError> {
        let text = export.trace(&self.0)?.to_xml();
        Ok(if text.len() > mdt::trace_file::MAX_FILE { Err(TooLong) } else { Ok(text) })
    }
}

/// Rows of one file.
#[expect(clippy::large_enum_variant, reason = "one at a time: a table of columns, or few failures")]
pub(crate) enum Part {
    /// Of logs.
    Rows(AnonymisedRows),
    /// Failures.
    Failures(AnonymisedFailures),
}

impl Part {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.len(),
            Self::Failures(failures) => failures.len(),
        }
    }

    /// The rows that name nobody.
    pub(crate) fn anonymous(&self) -> Self {
        match self {
            Self::Rows(rows) => Self::Rows(rows.anonymous()),
            Self::Failures(failures) => Self::Failures(failures.anonymous()),
        }
    }

    /// Counts models in.
    pub(crate) fn count(&self, models: &mut ModelCount) {
        match self {
            Self::Rows(rows) => models.count(rows),
            Self::Failures(failures) => models.count_failures(failures),
        }
    }

    /// Whom rows are of, and of which job.
    pub(crate) fn subjects(&self) -> Vec<(TraceReference, SubjectId)> {
        match self {
            Self::Rows(rows) => rows.subjects().collect(),
            Self::Failures(failures) => failures.subjects().collect(),
        }
    }

    /// Lines; with the line of names where `header` says so.
    pub(crate) fn text(&self, export: &Export, form: Form, header: bool, into: &mut Vec<u8>) -> Result<(), StoreError> {
        match (self, form) {
            (Self::Rows(rows), Form::Json) => export.json(rows, into),
            (Self::Rows(rows), _) => export.csv(rows, header, into),
            (Self::Failures(failures), Form::Json) => export.failures_json(failures, into),
            (Self::Failures(failures), _) => export.failures_csv(failures, header, into),
        }
    }
}
