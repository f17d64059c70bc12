//! Session-Id and session state of applications whose sessions end with the answer.

use crate::{
    codec::{AvpRef, Builder, DecodeError, number},
    dictionary::AvpDef,
    value::{Value, number_value},
};
use core::fmt::Write;

number! {
    /// Auth-Session-State (RFC 6733 section 8.11).
    AuthSessionState {
        /// STATE_MAINTAINED.
        STATE_MAINTAINED = 0;
        /// NO_STATE_MAINTAINED: the session ends with the answer, as always on SLh and SLg.
        NO_STATE_MAINTAINED = 1;
    }
}
number_value!(AuthSessionState);

/// Makes Session-Ids that never occur again: host, seconds at start, and a counter (RFC 6733 section 8.8). They hold
/// nothing about a subscriber.
#[derive(Debug, Clone)]
pub struct SessionIds {
    host: String,
    next: u64,
}

impl SessionIds {
    /// Begins for this Origin-Host; `start_s` is the time of start in seconds, so that restarts do not repeat.
    #[must_use]
    pub fn new(host: &str, start_s: u32) -> Self {
        Self { host: host.to_owned(), next: u64::from(start_s) << 32 }
    }

    /// Writes the next one into `out`, whose content it replaces.
    pub fn next_into(&mut self, out: &mut String) {
        out.clear();
        let (high, low) = (self.next >> 32, self.next & 0xFFFF_FFFF);
        self.next = self.next.wrapping_add(1);
        // Writing to a String cannot fail.
        let written = write!(out, "{};{high};{low}", self.host);
        debug_assert!(written.is_ok());
    }
}
