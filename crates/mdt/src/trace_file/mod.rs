//! Trace files of TS 32.423 Annex A, their MDT part: XML in and out, and the names that such files have (Annex B.1).
//!
//! What says who was measured ends at this door: of a `ue` element stays that an identity was there, or the model of the phone.

mod columns;
mod name;
pub mod names;
mod read;
mod write;

pub use columns::ColumnCounts;
pub use name::{FileKind, FileName};
pub use read::read;

use crate::rrc::{Plmn, TraceReference};
use core::fmt;
use lcs::Timestamp;

/// Longest file taken, octets.
pub const MAX_FILE: usize = 64 * 1024 * 1024;

/// Longest name or value taken, octets.
pub const MAX_TEXT: usize = 1024;

/// `traceCollecFile`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceFile {
    /// fileFormatVersion.
    pub format_version: String,
    /// vendorName.
    pub vendor: Option<String>,
    /// pOPLMN: the operator.
    pub operator: Option<Plmn>,
    /// elementDn of fileSender: which network element wrote it.
    pub sender_dn: Option<String>,
    /// elementType of fileSender.
    pub sender_type: Option<String>,
    /// beginTime of traceCollec.
    pub begins: Timestamp,
    /// traceRecSession.
    pub sessions: Vec<Session>,
}

/// What a file tells of whose phone it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ue {
    /// Nothing.
    None,
    /// Its model: eight digits (type allocation code).
    Model(String),
    /// An identity was there. It was not kept; a file of an anonymised job that has one is to be set aside (B26).
    Identity,
}

/// One trace recording session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// dnPrefix.
    pub dn_prefix: Option<String>,
    /// traceRecSessionRef (TS 32.422 clause 5.7); one octet in a file is the lower one here.
    pub reference: [u8; 2],
    /// stime.
    pub started: Timestamp,
    /// Whose.
    pub ue: Ue,
    /// meas, in order.
    pub measurements: Vec<Measurement>,
    /// msg that hold a UEInformationResponse as it was sent, in order.
    pub responses: Vec<Response>,
    /// traceSessionRef: the job.
    pub job: Option<TraceReference>,
}

/// `msg` of a UEInformationResponse with its `rawMsg`: what a phone brought to the network. `Debug` tells its line alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Where it stands.
    pub line: u64,
    /// changeTime: microseconds since the session started.
    pub since_us: u64,
    /// The message, with the wrapping of its channel (UL-DCCH).
    pub octets: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response(line {})", self.line)
    }
}

/// `meas`: one measurement of immediate MDT (TS 32.423 clauses 4.16 and 4.34). `Debug` tells its name alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Measurement {
    /// Its name, as `RSRP`.
    pub name: String,
    /// changeTime: microseconds since the session started.
    pub since_us: u64,
    /// vendorSpecific.
    pub vendor_specific: bool,
    /// targetCell.
    pub target_cell: Option<String>,
    /// Its value as it stands, an index of the standards or a list of them.
    pub value: String,
}

impl fmt::Debug for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Measurement({})", self.name)
    }
}

/// What to do with what is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Refuse the file.
    Strict,
    /// Read past it where that is possible, and report.
    Lenient,
}

/// What is not as the schema of TS 32.423 clause A.2.2 says. Never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {element}: {what}")]
pub struct TraceFault {
    /// Where, from 1.
    pub line: u64,
    /// In or at which element.
    pub element: &'static str,
    /// What is wrong.
    pub what: &'static str,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TraceReport {
    /// Measurements that were taken.
    pub measurements: u64,
    /// Measurements and sessions that were passed over, because they were not sound.
    pub passed_over: u64,
    /// Messages (`msg`). Those that are not of MDT were not looked at.
    pub messages: u64,
    /// Things that were not as they should be.
    pub faults: u64,
    /// The first hundred of them.
    pub first: Vec<TraceFault>,
}
