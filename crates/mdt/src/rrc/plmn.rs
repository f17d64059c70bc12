//! PLMN identity, trace reference and the absolute time of a log, the same in LTE and NR.

use crate::uper::{Reader, Uper, UperError, Writer, sequence};
use core::fmt;

/// PLMN identity (TS 36.331 clause 6.3.4, TS 38.331 clause 6.3.2), packed: the digits as nibbles.
///
/// RRC writes digits one by one, so the orders of nibbles that S1AP and NAS disagree about do not occur here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Plmn(u32);

const HAS_MCC: u32 = 1 << 31;
const LONG_MNC: u32 = 1 << 30;

impl Plmn {
    /// From digits: MCC of three, MNC of two or three; `None` for anything else.
    #[must_use]
    pub fn new(mcc: &str, mnc: &str) -> Option<Self> {
        let digits =
            |text: &str| text.bytes().try_fold(0, |all, b| b.is_ascii_digit().then(|| all << 4 | u32::from(b - b'0')));
        let long = match (mcc.len(), mnc.len()) {
            (3, 2) => 0,
            (3, 3) => LONG_MNC,
            _ => return None,
        };
        Some(Self(HAS_MCC | long | digits(mcc)? << 12 | digits(mnc)?))
    }

    /// From three octets as NAS writes them (TS 24.008 clause 10.5.1.13): second and first digit of the MCC, third of the MNC (15 where
    /// it has two) and of the MCC, second and first of the MNC. `None` where one is no digit.
    #[must_use]
    pub fn from_octets([a, b, c]: [u8; 3]) -> Option<Self> {
        let nibble = |octet: u8, shift: u32| u32::from(octet >> shift & 0xF);
        let mcc = nibble(a, 0) << 8 | nibble(a, 4) << 4 | nibble(b, 0);
        let two = nibble(c, 0) << 4 | nibble(c, 4);
        let (long, mnc) = match nibble(b, 4) {
            0xF => (0, two),
            third => (LONG_MNC, two << 4 | third),
        };
        is_decimal(mcc << 12 | mnc).then_some(Self(HAS_MCC | long | mcc << 12 | mnc))
    }

    /// Three octets as NAS writes them, the inverse of [`Plmn::from_octets`]; the MCC is zeroes where there is none.
    #[must_use]
    pub fn to_octets(self) -> [u8; 3] {
        let digit = |shift: u32| (self.0 >> shift & 0xF) as u8;
        let (third, second, first) = if self.0 & LONG_MNC == 0 { (0xF, 0, 4) } else { (digit(0), 4, 8) };
        [digit(16) << 4 | digit(20), third << 4 | digit(12), digit(second) << 4 | digit(first)]
    }

    /// As [`Plmn::packed`] gave it; `None` for what it never gives.
    #[must_use]
    pub fn from_packed(packed: u32) -> Option<Self> {
        let (long, spare) = (packed & LONG_MNC != 0, packed & 0x3F00_0000);
        let odd = spare != 0 || !is_decimal(packed & 0xFF_FFFF) || (!long && packed & 0xF00 != 0);
        let hidden = packed & HAS_MCC == 0 && packed & 0xFF_F000 != 0;
        (!odd && !hidden).then_some(Self(packed))
    }

    /// One number for a column: bit 31 when there is an MCC, bit 30 when the MNC has three digits, then six nibbles.
    #[must_use]
    pub const fn packed(self) -> u32 {
        self.0
    }

    /// MCC as a number. Absent only in lists, where the one before holds, and in what breaks the rules.
    #[must_use]
    pub fn mcc(self) -> Option<u16> {
        (self.0 & HAS_MCC != 0).then(|| decimal(self.0 >> 12 & 0xFFF))
    }

    /// MNC as a number.
    #[must_use]
    pub fn mnc(self) -> u16 {
        decimal(self.0 & 0xFFF)
    }

    /// Digits of the MNC, 2 or 3: 01 and 001 are different networks.
    #[must_use]
    pub fn mnc_digits(self) -> usize {
        if self.0 & LONG_MNC == 0 { 2 } else { 3 }
    }

    /// The same without MCC, as it may stand in a list behind one with the same MCC.
    #[must_use]
    pub fn without_mcc(self) -> Self {
        Self(self.0 & (LONG_MNC | 0xFFF))
    }

    /// This one with the MCC of `before`, if it has none (TS 36.331 clause 6.3.4).
    #[must_use]
    pub fn after(self, before: Self) -> Self {
        if self.0 & HAS_MCC == 0 { Self(self.0 | before.0 & (HAS_MCC | 0xFF_F000)) } else { self }
    }

    /// For hot loops: marks the reader where digits are none.
    #[inline(always)]
    pub(crate) fn scan(reader: &mut Reader<'_>) -> Self {
        let mut packed = 0;
        if reader.bit() {
            packed = HAS_MCC | (reader.bits(12) as u32) << 12;
        }
        packed |= if reader.bit() { LONG_MNC | reader.bits(12) as u32 } else { reader.bits(8) as u32 };
        // Takes no bit: marks only.
        reader.mark(!is_decimal(packed & 0xFF_FFFF));
        Self(packed)
    }
}

/// Whether all six nibbles are digits: above 9 means bit 3 and one of bits 2 and 1.
#[inline(always)]
const fn is_decimal(nibbles: u32) -> bool {
    nibbles & (nibbles << 1 | nibbles << 2) & 0x88_8888 == 0
}

fn decimal(nibbles: u32) -> u16 {
    ((nibbles >> 8 & 0xF) * 100 + (nibbles >> 4 & 0xF) * 10 + (nibbles & 0xF)) as u16
}

impl Uper for Plmn {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        let plmn = Self::scan(reader);
        reader.check()?;
        Ok(plmn)
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        let (mcc, long) = (self.0 & HAS_MCC != 0, self.0 & LONG_MNC != 0);
        writer.bit(mcc);
        if mcc {
            writer.bits(12, u64::from(self.0 >> 12 & 0xFFF));
        }
        writer.bit(long);
        writer.bits(if long { 12 } else { 8 }, u64::from(self.0 & 0xFFF));
        Ok(())
    }
}

/// `234-15`; `?` for an MCC that is not there.
impl fmt::Display for Plmn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mcc() {
            Some(mcc) => write!(f, "{mcc:03}")?,
            None => f.write_str("?")?,
        }
        write!(f, "-{:0width$}", self.mnc(), width = self.mnc_digits())
    }
}

impl fmt::Debug for Plmn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plmn({self})")
    }
}

sequence! {
    /// Trace reference (TS 32.422 clause 5.6): which job.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub struct TraceReference {
        /// The network whose management system made the job.
        must plmn: Plmn as crate::uper::Same,
        /// Its number there.
        must trace_id: [u8; 3] as crate::uper::Same,
    }
}

sequence! {
    /// What ties a log to its job and its collector, in every configuration and report (TS 37.320 clause 5.1.1).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct TraceHead {
        /// The job.
        must trace_reference: TraceReference as crate::uper::Same,
        /// Trace recording session reference (TS 32.422 clause 5.7): which phone's session within the job. A pseudonym.
        must recording_session: [u8; 2] as crate::uper::Same,
        /// Which collector, by its number in the table of the network (TS 32.422 clause 5.10.11).
        must tce_id: u8 as crate::uper::Int<0, 255>,
    }
}

impl TraceReference {
    /// Six octets, the network as [`Plmn::to_octets`] writes it.
    #[must_use]
    pub fn to_octets(self) -> [u8; 6] {
        let ([a, b, c], [d, e, f]) = (self.plmn.to_octets(), self.trace_id);
        [a, b, c, d, e, f]
    }

    /// From six octets, the network as [`Plmn::from_octets`] reads it; `None` for anything else.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        let (plmn, trace_id) = octets.split_first_chunk::<3>()?;
        Some(Self { plmn: Plmn::from_octets(*plmn)?, trace_id: trace_id.try_into().ok()? })
    }
}

/// Network and trace id, as `234-15-000001`.
impl fmt::Display for TraceReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.trace_id;
        write!(f, "{}-{a:02x}{b:02x}{c:02x}", self.plmn)
    }
}
