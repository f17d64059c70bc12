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
