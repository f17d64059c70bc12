//! A failure as a report of its own says it, for phones whose modem gives no report in UPER.

use crate::Rat;
use crate::entry::{MAX_LOCATION, Results, encoded};
#[cfg(feature = "open")]
use crate::entry::{decoded, is_short};
use crate::machine::CellId;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Longest time from a failure to its report, s: 48 hours (TS 38.331 clause 6.3.4, `TimeSinceFailure-r16`).
pub const MAX_SINCE_S: u32 = 172_800;

/// What a network learns of a failure of a radio link or a handover (TS 38.331 clause 5.3.10.5), or of establishing a connection (clause
/// 5.3.3.7): which of the two it is says the kind of the record. It has no printable form and is wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Encode, Decode)]
#[cbor(array)]
pub struct Failure {
    /// Technology of the cell that failed.
    #[zeroize(skip)]
    #[n(0)]
    pub rat: Rat,
    /// Whether a handover failed; of a connection never.
    #[n(1)]
    pub handover: bool,
    /// Whole seconds from the failure until it was sealed, at most [`MAX_SINCE_S`].
    #[n(2)]
    pub since_s: u32,
    /// The cell that failed or never answered, or the target of the handover.
    #[zeroize(skip)]
    #[n(3)]
    pub failed: Option<CellId>,
    /// Its tracking area code.
    #[n(4)]
    pub tracking_area: Option<u32>,
    /// What was measured last of the serving cell, or of the one that never answered.
    #[n(5)]
    pub results: Results,
    /// The cell before the last handover.
    #[zeroize(skip)]
    #[n(6)]
    pub previous: Option<CellId>,
    /// Where the phone tried to come back at once.
    #[zeroize(skip)]
    #[n(7)]
    pub reestablishment: Option<CellId>,
    /// A shape of TS 23.032.
    #[n(8)]
    #[cbor(with = "minicbor::bytes")]
    pub location: Option<Vec<u8>>,
}

impl Failure {
    /// The content of a report of [`crate::Content::Cbor`]. Give it to [`crate::Agent::report`], which wipes it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Cells 16 each, numbers 24, location.
        encoded(self, 96 + MAX_LOCATION)
    }

    /// Reads a report of [`crate::Content::Cbor`]; nothing when it is none.
    #[cfg(feature = "open")]
    #[must_use]
    pub fn decode(content: &[u8]) -> Option<Self> {
        let failure: Self = decoded(content)?;
        (is_short(failure.location.as_deref()) && failure.since_s <= MAX_SINCE_S).then_some(failure)
    }
}
