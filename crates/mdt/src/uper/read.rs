//! The reading side.

use super::UperError;

/// A place in octets, counted in bits.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    octets: &'a [u8],
    at: usize,
    /// Bits there are for this reader; inside an open type these end before the octets do.
    end: usize,
    /// Whether a value was found outside its range.
    out_of_range: bool,
    /// Whether a length was beyond what is taken.
    oversized: bool,
}

impl<'a> Reader<'a> {
    /// At the start of a message.
    pub(crate) fn new(octets: &'a [u8]) -> Result<Self, UperError> {
        if octets.len() > super::MAX_MESSAGE {
            return Err(UperError::TooLong { octets: octets.len() });
        }
        Ok(Self { octets, at: 0, end: octets.len() * 8, out_of_range: false, oversized: false })
    }

    /// The next `n` bits, 1 to 57; zeroes beyond the end, with the mark set.
    #[inline(always)]
    pub(crate) fn bits(&mut self, n: u32) -> u64 {
        let (octet, shift) = (self.at >> 3, self.at & 7);
        self.at += n as usize;
        if let Some(word) = self.octets.get(octet..).and_then(|rest| rest.first_chunk::<8>()) {
            // Bits of a neighbour may be read at the end of an open type; the mark tells, and nothing is kept then.
            return (u64::from_be_bytes(*word) << shift) >> (64 - n);
        }
        self.tail(octet, shift, n)
    }

    #[cold]
    #[inline(never)]
    fn tail(&self, octet: usize, shift: usize, n: u32) -> u64 {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(self.octets.get(octet..).unwrap_or_default()) {
            *to = *from;
        }
        (u64::from_be_bytes(word) << shift) >> (64 - n)
    }

    /// One bit.
    #[inline(always)]
    pub(crate) fn bit(&mut self) -> bool {
        self.bits(1) != 0
    }

    /// `n` bits that must not be above `max`; marked otherwise.
    #[inline(always)]
    pub(crate) fn up_to(&mut self, n: u32, max: u64) -> u64 {
        let value = self.bits(n);
        self.out_of_range |= value > max;
        value
    }

    /// Marks a value out of range where `wrong`.
    #[inline(always)]
    pub(crate) fn mark(&mut self, wrong: bool) {
        self.out_of_range |= wrong;
    }

    /// Whether all was sound so far. Does not move.
    #[inline(always)]
    pub(crate) fn is_sound(&self) -> bool {
        self.at <= self.end && !self.out_of_range && !self.oversized
    }

    /// The fault behind the mark, if there is one.
    pub(crate) fn check(&self) -> Result<(), UperError> {
        let at = self.at;
        if at > self.end {
            Err(UperError::Truncated { at: self.end })
        } else if self.oversized {
            Err(UperError::Oversized { at })
        } else if self.out_of_range {
            Err(UperError::OutOfRange { at })
        } else {
            Ok(())
        }
    }

    /// `n` bits, 0 to 57, or a fault.
    pub(crate) fn take(&mut self, n: u32) -> Result<u64, UperError> {
        if n == 0 {
            return Ok(0);
        }
        let value = self.bits(n);
        if self.at > self.end { Err(UperError::Truncated { at: self.end }) } else { Ok(value) }
    }

    /// A fault of range here.
    pub(crate) fn out_of_range(&self) -> UperError {
        UperError::OutOfRange { at: self.at }
    }

    /// A length determinant without upper bound, octets; fragments are marked as oversized (X.691 clause 11.9).
    #[inline(always)]
    pub(crate) fn length(&mut self) -> usize {
        if !self.bit() {
            return self.bits(7) as usize;
        }
        if self.bit() {
            self.oversized = true;
            return 0;
        }
        self.bits(14) as usize
    }

    /// The same, or a fault.
    pub(crate) fn take_length(&mut self) -> Result<usize, UperError> {
        let length = self.length();
        self.check()?;
        Ok(length)
    }

    /// Passes over what is left of an octet that was begun (aligned rules).
    pub(crate) fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }

    /// Passes over octets; marked if there are too few.
    #[inline(always)]
    pub(crate) fn skip(&mut self, octets: usize) {
        self.at += octets * 8;
    }

    /// A reader of the next `octets` octets alone, which this one passes over. Marked if there are too few.
    #[inline(always)]
    pub(crate) fn window(&mut self, octets: usize) -> Self {
        let end = (self.at + octets * 8).min(self.end);
        let inside = Self { octets: self.octets, at: self.at, end, out_of_range: false, oversized: false };
        self.skip(octets);
        inside
    }

    /// Takes over what a window found unsound.
    #[inline(always)]
    pub(crate) fn absorb(&mut self, window: &Self) {
        self.out_of_range |= window.out_of_range | (window.at > window.end);
        self.oversized |= window.oversized;
    }

    /// Whether nothing is left but the bits that fill the last octet up.
    pub(crate) fn is_at_end(&self) -> bool {
        self.end.saturating_sub(self.at) < 8
    }

    /// Octets that are left, whole or begun.
    pub(crate) fn octets_left(&self) -> usize {
        self.end.saturating_sub(self.at).div_ceil(8)
    }

    /// The bit map of extension additions of a SEQUENCE whose extension bit was set (X.691 clause 19.7); marked if longer than 64.
    #[inline(always)]
    pub(crate) fn additions(&mut self) -> Additions {
        if self.bit() {
            self.oversized = true;
            return Additions { present: 0 };
        }
        let count = self.bits(6) as u32 + 1;
        // Two reads, as one takes 57 bits at most.
        let high = count.min(32);
        let mut present = self.bits(high) << (64 - high);
        if count > 32 {
            present |= self.bits(count - 32) << (64 - count);
        }
        Additions { present }
    }
}

/// Extension additions that are present and not yet read, the next in the highest bit.
pub(crate) struct Additions {
    present: u64,
}

impl Additions {
    /// For a SEQUENCE whose extension bit is clear.
    pub(crate) const NONE: Self = Self { present: 0 };

    /// Whether the next addition is there.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> bool {
        let there = self.present >> 63 != 0;
        self.present <<= 1;
        there
    }

    /// Reads the next addition, if it is there, inside its open type.
    pub(crate) fn read<'a, T>(
        &mut self,
        reader: &mut Reader<'a>,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, UperError>,
    ) -> Result<Option<T>, UperError> {
        if !self.next() {
            return Ok(None);
        }
        let length = reader.take_length()?;
        let mut window = reader.window(length);
        reader.check()?;
        read(&mut window).map(Some)
    }

    /// Passes over all that are left and counts them.
    #[inline(always)]
    pub(crate) fn skip(self, reader: &mut Reader<'_>) -> u32 {
        let left = self.present.count_ones();
        for _ in 0..left {
            let length = reader.length();
            reader.skip(length);
        }
        left
    }
}
