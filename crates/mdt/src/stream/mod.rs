//! Streaming trace records (TS 32.423 clause 5 and Annex G): what a network sends over a socket while it measures.
//!
//! ```text
//!   one message of the transport ──▶ read ──▶ Record, Record, …        length (varint), TraceRecord (GPB), length, …
//!                                               └─▶ Record::found ──▶ capture::Found ──▶ LogColumns
//! ```
//!
//! Whose phone it was ends at this door: `ran_ue_id` and every `vendor_extension` are passed over as unknown fields are, and come into no
//! value here.

mod gpb;

use crate::capture::{Channel, Found, Place};
use crate::rrc::{MAX_MESSAGE, TraceReference};
use lcs::Timestamp;
use prost::Message as _;
use std::borrow::Cow;

/// Longest message of the transport taken, octets.
pub const MAX_TRANSPORT: usize = 1024 * 1024;
/// Most records in one.
pub const MAX_RECORDS: usize = 4096;

/// Why a message is refused. Nothing of it is kept, for where one record is not sound nobody knows where the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamFault {
    /// Longer than [`MAX_TRANSPORT`].
    #[error("message of {octets} octets; at most 1048576 are taken")]
    TooLong {
        /// Its octets.
        octets: usize,
    },
    /// More than [`MAX_RECORDS`].
    #[error("more than 4096 records in one message")]
    TooMany,
    /// A length is torn, longer than a length may be, or longer than what is left.
    #[error("record {record}: its length is torn, or longer than what is left of the message")]
    Length {
        /// Which, from 0.
        record: usize,
    },
    /// A record is none.
    #[error("record {record} is no TraceRecord with a header")]
    Record {
        /// Which, from 0.
        record: usize,
    },
}

/// TraceRecordType.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// NORMAL: something that was recorded.
    Normal,
    /// TRACE_SESSION_START.
    SessionStart,
    /// TRACE_SESSION_STOP.
    SessionStop,
    /// TRACE_RECORDING_SESSION_START.
    RecordingStart,
    /// TRACE_RECORDING_SESSION_STOP.
    RecordingStop,
    /// TRACE_STREAM_HEARTBEAT.
    Heartbeat,
    /// TRACE_RECORDING_SESSION_DROPPED_EVENTS.
    DroppedEvents,
    /// TRACE_RECORDING_SESSION_NOT_STARTED.
    NotStarted,
    /// One that is not known here.
    Other,
}

impl Kind {
    /// All that have a number, in its order.
    pub const ALL: [Self; 8] = [
        Self::Normal,
        Self::SessionStart,
        Self::SessionStop,
        Self::RecordingStart,
        Self::RecordingStop,
        Self::Heartbeat,
        Self::DroppedEvents,
        Self::NotStarted,
    ];

    /// For counts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::SessionStart => "session_start",
            Self::SessionStop => "session_stop",
            Self::RecordingStart => "recording_start",
            Self::RecordingStop => "recording_stop",
            Self::Heartbeat => "heartbeat",
            Self::DroppedEvents => "dropped_events",
            Self::NotStarted => "not_started",
            Self::Other => "other",
        }
    }

    fn from_number(number: i32) -> Self {
        usize::try_from(number).ok().and_then(|number| Self::ALL.get(number).copied()).unwrap_or(Self::Other)
    }
}

/// One record. `Debug` tells its kind and job.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What kind.
    pub kind: Kind,
    /// When, where the time stamp is one: milliseconds since 1970 by the standard; seconds, micro- and nanoseconds are told by their size.
    pub at: Option<Timestamp>,
    /// The job; `None` where the reference is none.
    pub job: Option<TraceReference>,
    /// Events that the network dropped, of [`Kind::DroppedEvents`].
    pub dropped: u64,
    /// How the content is to be read, of [`Kind::Normal`]; `None` where nothing known is said.
    pub channel: Option<Channel>,
    /// Content, of [`Kind::Normal`]; empty otherwise.
    pub content: Vec<u8>,
}

impl core::fmt::Debug for Record {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Record({:?}, {:?})", self.kind, self.job)
    }
}

impl Record {
    /// The message in it; `None` where it has none whose channel is known. `number` is its place in the stream.
    #[must_use]
    pub fn found(&self, number: u64) -> Option<Found<'_>> {
        let (channel, octets) = (self.channel?, Cow::Borrowed(self.content.as_slice()));
        (!self.content.is_empty()).then_some(Found { channel, octets, at: self.at, place: Place::Packet(number) })
    }
}

/// Reads one message of the transport: records, each behind its length, no octet between them and none behind (TS 32.423 clause G.1).
///
/// # Errors
/// [`StreamFault`]; then no record of it is to be used.
pub fn read(message: &[u8]) -> Result<Vec<Record>, StreamFault> {
    if message.len() > MAX_TRANSPORT {
        return Err(StreamFault::TooLong { octets: message.len() });
    }
    let (mut rest, mut records) = (message, Vec::new());
    while !rest.is_empty() {
        let record = records.len();
        if record == MAX_RECORDS {
            return Err(StreamFault::TooMany);
        }
        let torn = StreamFault::Length { record };
        let length = prost::decode_length_delimiter(&mut rest).map_err(|_| torn)?;
        let (octets, after) = rest.split_at_checked(length).ok_or(torn)?;
        rest = after;
        let decoded = gpb::TraceRecord::decode(octets).map_err(|_| StreamFault::Record { record })?;
        records.push(decoded.record().ok_or(StreamFault::Record { record })?);
    }
    Ok(records)
}

impl gpb::TraceRecord {
    fn record(self) -> Option<Record> {
        let header = self.header?;
        let kind = Kind::from_number(header.trace_rec_type_id);
        let mut record = Record {
            kind,
            at: time(header.time_stamp),
            // A trace differentiator of later releases stands behind the six octets.
            job: header.trace_reference.get(..6).and_then(TraceReference::from_octets),
            dropped: 0,
            channel: None,
            content: Vec::new(),
        };
        // The two payloads are told apart by what is in them: which of the numbers is which was not read.
        let parts = [self.second, self.third];
        match kind {
            Kind::Normal => {
                let read = |part: &Vec<u8>| gpb::TraceRecordPayload::decode(part.as_slice()).ok();
                let payload = parts.iter().flatten().filter_map(read).find(|payload| !payload.content.is_empty());
                record.content = payload.map(|payload| payload.content).unwrap_or_default();
                if record.content.len() > MAX_MESSAGE {
                    return None;
                }
                record.channel = channel(header.payload_schema_uri.as_deref(), &header.nf_type);
            }
            Kind::DroppedEvents => {
                let read = |part: &Vec<u8>| gpb::CommonTracePayload::decode(part.as_slice()).ok()?.dropped;
                let told = parts.iter().flatten().find_map(read);
                record.dropped = told.map_or(0, |told| u64::try_from(told.number).unwrap_or_default());
            }
            _ => {}
        }
        Some(record)
    }
}

/// The schema says it by the name of a channel, behind the last `/` or `#`. Where none is said, the kind of the network function does: what
/// such a node records of MDT is the answer of a phone.
fn channel(schema: Option<&str>, nf_type: &str) -> Option<Channel> {
    match schema.filter(|schema| !schema.is_empty()) {
        Some(schema) => Channel::from_name(schema.rsplit(['/', '#']).next().unwrap_or_default()),
        None => match nf_type {
            "eNB" | "ENB" => Some(Channel::LteUlDcch),
            "gNB" | "GNB" | "gNB-CU" | "gNB-CU-CP" | "GNB_CU_CP" => Some(Channel::NrUlDcch),
            _ => None,
        },
    }
}

/// 1 January 2100 in seconds; more than that is a smaller unit.
const CENTURY_S: u64 = 4_102_444_800;

fn time(stamp: i64) -> Option<Timestamp> {
    let stamp = u64::try_from(stamp).ok().filter(|stamp| *stamp > 0)?;
    let micros = if stamp <= CENTURY_S {
        stamp.checked_mul(1_000_000)?
    } else if stamp <= CENTURY_S * 1000 {
        stamp.checked_mul(1000)?
    } else if stamp <= CENTURY_S * 1_000_000 {
        stamp
    } else {
        stamp / 1000
    };
    Some(Timestamp::from_micros(micros))
}
