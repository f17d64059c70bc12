//! Decimal digit strings of the telephone world, packed, and their TBCD form.

use core::num::NonZeroU64;
use zeroize::Zeroize;

/// Up to 15 decimal digits (E.164, E.212 and TS 23.003 identities), packed four bits each.
///
/// Has no `Display`; its `Debug` shows only the length, because most digit strings here are somebody's identity.
///
/// One word: the first digit in the highest nibble, unused nibbles zero, the count in the lowest. The count is never 0, so neither is the
/// word, and an [`Option`] of it takes no more room.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Zeroize)]
pub struct Digits(NonZeroU64);

/// Why a text or an octet string is not a digit string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigitsError {
    /// No digit at all.
    #[error("empty: at least one decimal digit is needed")]
    Empty,
    /// More than 15 digits.
    #[error("too long: at most 15 decimal digits")]
    TooLong,
    /// A character or nibble that is not a decimal digit.
    #[error("not a decimal digit at position {0}")]
    NotADigit(usize),
}

impl Digits {
    /// Greatest number of digits held.
    pub const MAX: usize = 15;

    /// Parses ASCII digits, without sign, blank or separator.
    pub fn parse(text: &str) -> Result<Self, DigitsError> {
        Self::from_digits(text.bytes().map(|b| b.wrapping_sub(b'0')))
    }

    /// Builds from digit values 0-9.
    pub fn from_digits(values: impl IntoIterator<Item = u8>) -> Result<Self, DigitsError> {
        let mut word = 0u64;
        for (at, value) in values.into_iter().enumerate() {
            if value > 9 {
                return Err(DigitsError::NotADigit(at));
            }
            if at == Self::MAX {
                return Err(DigitsError::TooLong);
            }
            word = (word | u64::from(value) << (60 - 4 * at)) + 1;
        }
        NonZeroU64::new(word).map(Self).ok_or(DigitsError::Empty)
    }

    /// Decodes telephony BCD: low nibble first, filler 0xF in the last high nibble (TS 29.002 clause 17.7.8, TBCD-STRING).
    pub fn from_tbcd(octets: &[u8]) -> Result<Self, DigitsError> {
        let last = octets.len().wrapping_sub(1);
        let nibbles = octets.iter().enumerate().flat_map(|(at, octet)| {
            let high = octet >> 4;
            let filler = at == last && high == 0xF;
            [Some(octet & 0xF), (!filler).then_some(high)]
        });
        Self::from_digits(nibbles.flatten())
    }

    /// Number of digits, 1-15.
    #[must_use]
    pub fn count(self) -> usize {
        (self.to_word() & 0xF) as usize
    }

    /// Its digits alone, without the count.
    fn packed(self) -> u64 {
        self.to_word() & !0xF
    }

    /// The digit values in order. Callers are limited as for [`crate::Imsi::expose_digits`].
    pub fn values(self) -> impl Iterator<Item = u8> {
        (0..self.count()).map(move |at| (self.to_word() >> (60 - 4 * at) & 0xF) as u8)
    }

    /// Telephony BCD octets, filler 0xF when the count is odd: at most 8 octets and their number.
    #[must_use]
    pub fn to_tbcd(self) -> ([u8; 8], usize) {
        let mut out = [0xFF; 8];
        for (at, value) in self.values().enumerate() {
            let octet = &mut out[at / 2];
            *octet = if at % 2 == 0 { 0xF0 | value } else { (*octet & 0x0F) | value << 4 };
        }
        (out, self.count().div_ceil(2))
    }

    /// One word that is equal exactly when the digits are: the key of in-memory indexes. Low nibble holds the count.
    #[must_use]
    pub fn to_word(self) -> u64 {
        self.0.get()
    }

    /// Inverse of [`Digits::to_word`]; `None` for a word that no digit string makes.
    #[must_use]
    pub fn from_word(word: u64) -> Option<Self> {
        let (packed, count) = (word & !0xF, word & 0xF);
        // A nibble is above 9 if its bit of 8 is set and so is that of 4 or of 2; all nibbles at once.
        let above_nine = packed & (packed << 1 | packed << 2) & 0x8888_8888_8888_8888;
        let sound = count >= 1 && above_nine == 0 && (packed << (4 * count)) == 0;
        NonZeroU64::new(word).filter(|_| sound).map(Self)
    }

    /// Whether these digits begin with all digits of `prefix` (TS 23.271 clause 9.5.3.6).
    #[must_use]
    pub fn starts_with(self, prefix: Self) -> bool {
        let mask = !0u64 << (64 - 4 * prefix.count());
        self.count() >= prefix.count() && (self.to_word() & mask) == prefix.packed()
    }
}

impl core::fmt::Debug for Digits {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Digits({} digits)", self.count())
    }
}
