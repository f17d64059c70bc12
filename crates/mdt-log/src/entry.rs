//! What of a measurement goes into an entry, and an encoding of it for phones whose modem does not give one in UPER.
//!
//! Measurement and entry hold where somebody was: neither has a printable form, and both are wiped when dropped.

use crate::machine::CellId;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Neighbours on the serving frequency that are logged (TS 38.331 clause 5.5a.3.2).
pub const SERVING_NEIGHBOURS: usize = 6;
/// Neighbours on each other frequency that are logged.
pub const OTHER_NEIGHBOURS: usize = 3;
/// Other frequencies of a technology whose neighbours are logged (TS 38.331 clause 6.4, maxFreq).
pub const OTHER_FREQUENCIES: usize = 8;
/// Octets of the longest location: a polygon of TS 23.032 with fifteen points.
pub const MAX_LOCATION: usize = 91;

/// Results of one cell, as the index of the standard (TS 38.133 clause 10.1, TS 36.133 clause 9.1), not in dBm.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize, Encode, Decode)]
#[cbor(array)]
pub struct Results {
    /// RSRP.
    #[n(0)]
    pub rsrp: Option<u8>,
    /// RSRQ.
    #[n(1)]
    pub rsrq: Option<u8>,
    /// SINR.
    #[n(2)]
    pub sinr: Option<u8>,
}

/// A neighbour.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize, Encode, Decode)]
#[cbor(array)]
pub struct Neighbour {
    /// ARFCN of its technology.
    #[n(0)]
    pub arfcn: u32,
    /// Physical cell identity.
    #[n(1)]
    pub pci: u16,
    /// Whether it is of the technology of the serving cell.
    #[n(2)]
    pub same_rat: bool,
    /// What was measured.
    #[n(3)]
    pub results: Results,
}

/// What a modem gives when it is asked to measure.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Measurement {
    /// The serving cell; in any cell selection nothing.
    #[zeroize(skip)]
    pub serving: Option<(CellId, Results)>,
    /// ARFCN of the serving cell, or of the last that was.
    pub serving_arfcn: u32,
    /// Neighbours, the best ranked first (TS 38.304 clause 5.2.4.6).
    pub neighbours: Vec<Neighbour>,
    /// A shape of TS 23.032, and when it was determined, ms since the phone started.
    pub location: Option<(Vec<u8>, u64)>,
}

/// One entry.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Encode, Decode)]
#[cbor(array)]
pub struct Entry {
    /// Whole seconds since the configuration arrived.
    #[n(0)]
    pub relative_s: u16,
    /// `anyCellSelectionDetected`.
    #[n(1)]
    pub any_cell_selection: bool,
    /// The serving cell, or the last before coverage was lost.
    #[zeroize(skip)]
    #[n(2)]
    pub serving: Option<Serving>,
    /// A shape of TS 23.032, if one was determined during the last logging interval.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub location: Option<Vec<u8>>,
    /// Neighbours that are logged.
    #[n(4)]
    pub neighbours: Vec<Neighbour>,
}

/// The serving cell of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Serving {
    /// Which.
    #[n(0)]
    pub cell: CellId,
    /// What was measured.
    #[n(1)]
    pub results: Results,
}

/// Makes entries of one job out of measurements (TS 38.331 clause 5.5a.3.2).
#[derive(Default)]
pub struct EntryMaker {
    last: Option<Serving>,
}

impl EntryMaker {
    /// The entry of a measurement at `now_ms`, in a job with this logging interval (0 for `infinity`).
    ///
    /// A location counts only when it became available during the last interval. In any cell selection the last serving cell is repeated
    /// with its results. Of neighbours, the best ranked stay: six on the serving frequency, three on each other one, of eight in each
    /// technology.
    pub fn entry(
        &mut self,
        mut measured: Measurement,
        relative_s: u16,
        any_cell_selection: bool,
        interval_ms: u32,
        now_ms: u64,
    ) -> Entry {
        if let Some((cell, results)) = measured.serving.filter(|_| !any_cell_selection) {
            self.last = Some(Serving { cell, results });
        }
        let fresh = |at_ms: u64| at_ms <= now_ms && (interval_ms == 0 || now_ms - at_ms <= u64::from(interval_ms));
        let location = measured.location.take().and_then(|(mut shape, at_ms)| {
            if fresh(at_ms) && shape.len() <= MAX_LOCATION {
                return Some(shape);
            }
            shape.zeroize();
            None
        });
        let mut neighbours: Vec<Neighbour> = Vec::with_capacity(measured.neighbours.len());
        // Other frequencies so far, of the technology of the serving cell and of another.
        let mut frequencies = [0; 2];
        for neighbour in &measured.neighbours {
            let serving = neighbour.same_rat && neighbour.arfcn == measured.serving_arfcn;
            let alike = |other: &&Neighbour| other.arfcn == neighbour.arfcn && other.same_rat == neighbour.same_rat;
            let others = &mut frequencies[usize::from(!neighbour.same_rat)];
            let fits = match neighbours.iter().filter(alike).count() {
                count if serving => count < SERVING_NEIGHBOURS,
                0 => *others < OTHER_FREQUENCIES,
                count => count < OTHER_NEIGHBOURS,
            };
            if fits {
                *others += usize::from(!serving && !neighbours.iter().any(|other| alike(&other)));
                neighbours.push(*neighbour);
            }
        }
        Entry { relative_s, any_cell_selection, serving: self.last, location, neighbours }
    }
}

impl Entry {
    /// The content of a record of [`crate::Content::Cbor`]. Give it to [`crate::Agent::entry`], which wipes it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // 8 of head and flags, 40 of the serving cell, location, 24 a neighbour.
        encoded(self, 64 + MAX_LOCATION + 24 * self.neighbours.len())
    }

    /// Reads a record of [`crate::Content::Cbor`]; nothing when it is none.
    #[cfg(feature = "open")]
    #[must_use]
    pub fn decode(content: &[u8]) -> Option<Self> {
        let entry: Self = decoded(content)?;
        is_short(entry.location.as_deref()).then_some(entry)
    }
}

/// A value in CBOR; `longest` octets at most, so that it is not moved.
pub(crate) fn encoded(value: &impl Encode<()>, longest: usize) -> Vec<u8> {
    let mut octets = Vec::with_capacity(longest);
    // A vector takes whatever is written.
    if minicbor::encode(value, &mut octets).is_err() {
        octets.zeroize();
    }
    octets
}

/// A value in CBOR and nothing behind it.
#[cfg(feature = "open")]
pub(crate) fn decoded<'a, T: Decode<'a, ()>>(content: &'a [u8]) -> Option<T> {
    let mut decoder = minicbor::Decoder::new(content);
    let value = decoder.decode().ok()?;
    (decoder.position() == content.len()).then_some(value)
}

/// Whether a location is no longer than there may be.
#[cfg(feature = "open")]
pub(crate) fn is_short(location: Option<&[u8]>) -> bool {
    location.is_none_or(|shape| shape.len() <= MAX_LOCATION)
}
