//! Octet strings, numbers and lists with the bounds of their notation.

use super::super::ber::{Element, INTEGER, OCTET_STRING, Place, SEQUENCE, primitive, put};
use bcder::{
    Mode,
    decode::{Content, DecodeError as BerError, Source},
    encode::PrimitiveContent,
};

/// Between `MIN` and `MAX` octets whose inside another standard defines. `Debug` hides them: they may tell a place.
#[derive(Clone, PartialEq, Eq)]
pub struct Octets<const MIN: usize, const MAX: usize>(Vec<u8>);

impl<const MIN: usize, const MAX: usize> Octets<MIN, MAX> {
    /// Takes octets; `None` if they are too few or too many.
    #[must_use]
    pub fn new(octets: impl Into<Vec<u8>>) -> Option<Self> {
        let octets = octets.into();
        (MIN..=MAX).contains(&octets.len()).then_some(Self(octets))
    }

    /// Octets whose number is known to fit.
    pub(in crate::map) fn of(octets: Vec<u8>) -> Self {
        debug_assert!((MIN..=MAX).contains(&octets.len()));
        Self(octets)
    }

    /// The octets.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> core::fmt::Debug for Octets<MIN, MAX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Octets({} hidden)", self.0.len())
    }
}

impl<const MIN: usize, const MAX: usize> Element for Octets<MIN, MAX> {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| (MIN..=MAX).contains(&octets.len()).then(|| Self(octets.to_vec())))
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

/// Exactly so many octets.
impl<const N: usize> Element for [u8; N] {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| octets.try_into().ok())
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

/// One octet.
impl Element for u8 {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        <[Self; 1]>::read(content, place).map(|[octet]| octet)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Number<MIN, MAX> {
    /// Takes a number of the range.
    #[must_use]
    pub const fn new(value: u32) -> Option<Self> {
        if value >= MIN && value <= MAX { Some(Self(value)) } else { None }
    }

    /// The number, or the end of the range that is nearest to it.
    #[must_use]
    pub fn saturating(value: u32) -> Self {
        Self(value.clamp(MIN, MAX))
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> Element for Number<MIN, MAX> {
    const NATURAL: u32 = INTEGER;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        // Every range ends below 2^32: what does not fit breaks the syntax, what is outside the range the semantics.
        let value = content.to_u32()?;
        Self::new(value).ok_or_else(|| place.unexpected(content))
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_number(out, self.0);
    }
}

/// Appends the content octets of a number.
pub(in crate::map) fn put_number(out: &mut Vec<u8>, value: u32) {
    // Writing into memory does not fail.
    value.write_encoded(Mode::Ber, out).unwrap_or_default();
}

/// Between `MIN` and `MAX` values of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// Takes values; `None` if they are too few or too many.
    #[must_use]
    pub fn new(values: Vec<T>) -> Option<Self> {
        (MIN..=MAX).contains(&values.len()).then_some(Self(values))
    }

    /// The values in order.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The values in order.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T: Element, const MIN: usize, const MAX: usize> Element for List<T, MIN, MAX> {
    const NATURAL: u32 = SEQUENCE;
    const CONSTRUCTED: bool = true;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        let mut values = Vec::new();
        let elements = content.as_constructed()?;
        while let Some(value) = elements.take_opt_value(|tag, content| {
            // No cursor: every element of the list has the same tag, and one with another tag does not belong here.
            match place.find(&[T::NATURAL], 0, tag, content)? {
                Some(_) if values.len() < MAX => T::read(content, place),
                Some(_) => Err(place.unexpected(content)),
                None => Err(content.content_err("not of the list")),
            }
        })? {
            values.push(value);
        }
        Self::new(values).ok_or_else(|| place.unexpected(content))
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.0.iter().for_each(|value| put(out, T::NATURAL, value));
    }
}
