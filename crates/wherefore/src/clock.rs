//! The clock. Everything below this crate is told the time.

use lcs::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now. Before 1970 the clock is wrong and this is the epoch.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

/// A moment as it is written by people and in files; one before 1970 is the epoch.
pub(crate) fn timestamp(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_micros(u64::try_from(at.as_microsecond()).unwrap_or(0))
}
