//! Columns of the files.

use mdt::rrc::{NeighbourRat, Plmn, Rat, TraceReference};
use parquet::errors::ParquetError as Inner;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;
use std::sync::Arc;

/// Rows of a row group: some megabytes, so that a reader skips much and seeks little.
pub(crate) const ROW_GROUP: usize = 262_144;

/// Columns in the order of the schema; those of neighbours last.
pub(crate) const COLUMNS: &str = "message mdt {
  required int64 time (TIMESTAMP(MILLIS,true));
  required binary job (STRING);
  required int64 session (INTEGER(64,false));
  optional fixed_len_byte_array(32) erasure;
  optional fixed_len_byte_array(16) subject;
  optional binary model (STRING);
  required binary rat (STRING);
  optional int32 latitude;
  optional int32 longitude;
  optional int32 uncertainty (INTEGER(8,false));
  optional binary network (STRING);
  optional int64 cell;
  optional int32 tracking_area;
  optional int32 rsrp (INTEGER(8,true));
  optional int32 rsrq (INTEGER(8,true));
  optional int32 sinr (INTEGER(8,true));
  required int32 flags (INTEGER(8,false));
  required group neighbours (LIST) { repeated group list { required group element {
    required binary rat (STRING);
    optional int32 carrier;
    required int32 pci;
    optional int32 rsrp (INTEGER(8,true));
    optional int32 rsrq (INTEGER(8,true));
    optional int32 sinr (INTEGER(8,true));
  } } }
}";

/// What the numbers mean, in every file for whoever reads it without this program.
pub(crate) const MEANING: &[(&str, &str)] = &[
    ("mdt.latitude", "degrees = latitude * 90 / 2^23 (TS 23.032 clause 6.1)"),
    ("mdt.longitude", "degrees = longitude * 360 / 2^24 (TS 23.032 clause 6.1)"),
    ("mdt.uncertainty", "metres = 10 * (1.1^uncertainty - 1) (TS 23.032 clause 6.2)"),
    ("mdt.quantities", "indices of TS 36.133 clause 9.1 (rat LTE) and TS 38.133 clause 10.1 (rat NR)"),
];

/// A file of the store cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParquetError {
    /// It is no Parquet, or the writer failed.
    #[error("Parquet: {0}")]
    Parquet(String),
    /// Its columns are not those of this program.
    #[error("its columns are not those of this version")]
    Schema,
    /// A column holds what is none of its values.
    #[error("row group {group}: column {column} holds what is none of its values")]
    Value {
        /// Which row group, from 0.
        group: usize,
        /// Which column.
        column: &'static str,
    },
}

impl From<Inner> for ParquetError {
    fn from(error: Inner) -> Self {
        Self::Parquet(error.to_string())
    }
}

pub(crate) fn schema() -> Result<TypePtr, ParquetError> {
    Ok(Arc::new(parse_message_type(COLUMNS)?))
}

pub(crate) const fn rat_name(rat: Rat) -> &'static str {
    match rat {
        Rat::Lte => "LTE",
        Rat::Nr => "NR",
    }
}

pub(crate) fn rat_of(name: &[u8]) -> Option<Rat> {
    [Rat::Lte, Rat::Nr].into_iter().find(|rat| rat_name(*rat).as_bytes() == name)
}

/// The word of a value, among all values with their words.
pub(crate) fn word<T: Copy + PartialEq>(words: &[(T, &'static str)], of: T) -> Option<&'static str> {
    words.iter().find(|(known, _)| *known == of).map(|(_, word)| *word)
}

pub(crate) fn neighbour_rat_name(rat: NeighbourRat) -> &'static str {
    word(&NeighbourRat::WORDS, rat).unwrap_or_default()
}

/// `234-15-000001`: MCC, MNC, trace id.
pub(crate) fn job_name(job: TraceReference) -> String {
    let [a, b, c] = job.trace_id;
    format!("{}-{a:02x}{b:02x}{c:02x}", job.plmn)
}

/// A job by its name in the store: `234-15-000001` is MCC, MNC and trace id; `None` for anything else.
#[must_use]
pub fn job_of(name: &[u8]) -> Option<TraceReference> {
    let (plmn, trace_id) = core::str::from_utf8(name).ok()?.rsplit_once('-')?;
    if trace_id.len() != 6 || !trace_id.is_ascii() {
        return None;
    }
    let [0, a, b, c] = u32::from_str_radix(trace_id, 16).ok()?.to_be_bytes() else { return None };
    Some(TraceReference { plmn: plmn_of(plmn.as_bytes())?, trace_id: [a, b, c] })
}

pub(crate) fn plmn_of(name: &[u8]) -> Option<Plmn> {
    let (mcc, mnc) = core::str::from_utf8(name).ok()?.split_once('-')?;
    Plmn::new(mcc, mnc)
}
