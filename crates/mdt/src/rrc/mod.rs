//! RRC as far as MDT goes: logged measurements, their configuration and request, and the reports of failures and mobility.
//!
//! ```text
//!   octets ──▶ lte::UeInformationResponse, nr::…          typed, both directions: what a phone writes, what is looked at one by one
//!      ├─────▶ RecordReader ──▶ LogColumns                records of a sealed log, one entry each
//!      └─────▶ LogColumns                                 hot path: every entry of a log into columns, no allocation each
//! ```
//!
//! Structures are typed by hand from TS 36.331 and TS 38.331 clause 6; [`lpp`] holds the positions of TS 37.355 that they carry.

mod columns;
mod failure;
pub mod lpp;
pub mod lte;
pub mod nr;
mod plmn;
mod quantity;
mod radio;
mod record;
mod single;
mod time;

pub use crate::uper::{MAX_MESSAGE, UperError};
pub use columns::{
    Beam, CellColumns, EntryColumns, Flags, LogColumns, LogHead, NONE_COORDINATE, NONE_INDEX, NONE_NUMBER,
    NeighbourRat, Rat, ScanReport,
};
pub(crate) use columns::{Place, Row};
pub use failure::{FailureCause, FailureError, FailureKind, FailureRecord, NamedCell};
pub use plmn::{Plmn, TraceHead, TraceReference};
pub use quantity::{Interval, Quantity};
pub(crate) use radio::hidden;
pub use radio::{BluetoothResult, WlanIdentifiers, WlanResult, WlanRtt};
pub use record::{RecordCounts, RecordError, RecordReader};
pub use single::{SingleLog, SingleLogs};
pub use time::{AbsoluteTime, ZONE_MARGIN};
