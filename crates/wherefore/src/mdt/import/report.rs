//! What became of a file.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// Its rows are in the store.
    Kept,
    /// They were before: nothing was kept twice.
    KeptBefore,
    /// There was nothing in it to keep.
    Nothing,
    /// An identity came with a job that is anonymised: nothing of it was kept, and the command moves the file into another folder.
    SetAside,
}

/// Counts. None tells of whom a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ImportCounts {
    /// Lines or packets that were read.
    pub read: u64,
    /// Messages of MDT among them.
    pub messages: u64,
    /// Lines or packets with something else.
    pub other: u64,
    /// Messages that came before in the same file, octet by octet.
    pub repeated: u64,
    /// Logged measurement configurations.
    pub configurations: u64,
    /// Requests for logs and reports.
    pub requests: u64,
    /// Responses.
    pub responses: u64,
    /// Logs in them.
    pub logs: u64,
    /// Logs of jobs that were not given: passed over.
    pub logs_of_other_jobs: u64,
    /// Logs that say that they began at no time near their reception: passed over.
    pub logs_out_of_time: u64,
    /// Reports of radio link and handover failures.
    pub radio_link_failures: u64,
    /// Reports of connections that did not come about.
    pub connection_failures: u64,
    /// Reports of failures for which no job was given: passed over.
    pub failures_of_no_job: u64,
    /// Reports of failures that cannot be read, in messages that can.
    pub unreadable_failures: u64,
    /// Histories of mobility: counted and never kept, for they are a trail and no job asks for it.
    pub mobility_histories: u64,
    /// Positions that cannot be read, in entries that were kept.
    pub unreadable_positions: u64,
    /// Entries with Bluetooth, WLAN or sensor results, which were dropped.
    pub dropped_results: u64,
    /// Trace recording sessions.
    pub sessions: u64,
    /// Sessions of jobs that were not given, or that name none: passed over.
    pub sessions_of_other_jobs: u64,
    /// Measurements.
    pub measurements: u64,
    /// Measurements, and further values of lists, for which there is no column: passed over.
    pub without_column: u64,
    /// Sessions whose model of phone was not kept, because it is rare or nobody counted it.
    pub models_suppressed: u64,
    /// Things that were not as they should be.
    pub faults: u64,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// Its name, as it was given; empty where the gateway tells it, which knows none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// What became of it.
    pub outcome: ImportOutcome,
    /// Rows that were kept now.
    pub rows: u64,
    /// Failures that were kept now.
    #[serde(default)]
    pub failures: u64,
    /// Counts.
    pub counts: ImportCounts,
    /// The first hundred faults, by place. None repeats a value.
    pub faults: Vec<String>,
}

impl ImportReport {
    /// Of a file that was set aside.
    #[must_use]
    pub fn set_aside(file: String) -> Self {
        Self {
            file,
            outcome: ImportOutcome::SetAside,
            rows: 0,
            failures: 0,
            counts: ImportCounts::default(),
            faults: Vec::new(),
        }
    }
}
