//! Bit strings with named bits.

use super::super::ber::{BIT_STRING, Element, Place, primitive};
use bcder::decode::{Content, DecodeError as BerError, Source};
use lcs::{LcsCapabilitySets, gad::ShapeSet};

/// Bits of a BIT STRING of 1-16 bits, bit 0 of the notation in bit 0 here, and their number.
fn read_bits(octets: &[u8]) -> Option<(u16, u32)> {
    let (unused, bits, count) = match *octets {
        [unused, high] => (u32::from(unused), u16::from_be_bytes([high, 0]), 8),
        [unused, high, low] => (u32::from(unused), u16::from_be_bytes([high, low]), 16),
        _ => return None,
    };
    // Bits that are not used may have any value.
    let mask = u16::MAX << (unused & 7) << (16 - count);
    (unused < 8).then(|| ((bits & mask).reverse_bits(), count - unused))
}

/// Appends bits, as few as hold all that are set and no fewer than `least`.
fn put_bits(out: &mut Vec<u8>, bits: u16, least: u32) {
    let count = (16 - bits.leading_zeros()).max(least);
    let [high, low] = bits.reverse_bits().to_be_bytes();
    // 1-16 bits: the rest is below 8.
    out.push((count.next_multiple_of(8) - count) as u8);
    out.push(high);
    if count > 8 {
        out.push(low);
    }
}

/// The events that a deferred request waits for: DeferredLocationEventType (TS 29.002 clause 17.7.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeferredEvents(u16);

impl DeferredEvents {
    /// The phone can be reached.
    pub const MS_AVAILABLE: Self = Self(1);
    /// It enters an area.
    pub const ENTERING_INTO_AREA: Self = Self(2);
    /// It leaves an area.
    pub const LEAVING_FROM_AREA: Self = Self(4);
    /// It is inside an area: always reported once.
    pub const BEING_INSIDE_AREA: Self = Self(8);
    /// Periodically.
    pub const PERIODIC_LDR: Self = Self(16);
    /// The three events of an area.
    pub const AREA: Self = Self(2 | 4 | 8);
    const KNOWN: u16 = 0b1_1111;

    /// These events and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one of `other` is among these.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Events that are not known are unexpected (TS 29.002 clause 17.7.13).
impl Element for DeferredEvents {
    const NATURAL: u32 = BIT_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| {
            let (bits, count) = read_bits(octets)?;
            (count >= 1 && bits & !Self::KNOWN == 0).then_some(Self(bits))
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_bits(out, self.0, 1);
    }
}

/// SupportedGADShapes, 7-16 bits of which the first seven mean anything (TS 29.002 clause 17.7.13).
impl Element for ShapeSet {
    const NATURAL: u32 = BIT_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| {
            read_bits(octets).filter(|(_, count)| *count >= 7).map(|(bits, _)| Self(u32::from(bits & 0x7F)))
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_bits(out, (self.0 & 0x7F) as u16, 7);
    }
}

/// SupportedLCS-CapabilitySets, 2-16 bits of which the first five mean anything (TS 29.002 clause 17.7.1).
impl Element for LcsCapabilitySets {
    const NATURAL: u32 = BIT_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| {
            let known = Self::ALL_FIVE.0;
            read_bits(octets).filter(|(_, count)| *count >= 2).map(|(bits, _)| Self(u32::from(bits) & known))
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_bits(out, (self.0 & Self::ALL_FIVE.0) as u16, 2);
    }
}
