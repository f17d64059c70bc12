//! Frames of sealed records: length in two octets, ciphertext.

use crate::BUCKETS;
use crate::record::TAG;

/// Octets before each ciphertext.
pub(crate) const PREFIX: usize = 2;

/// Goes through the frames of a segment's records.
#[derive(Clone)]
pub struct Frames<'a> {
    rest: &'a [u8],
    read: usize,
}

impl<'a> Frames<'a> {
    /// Over the octets after a head.
    #[must_use]
    pub const fn new(records: &'a [u8]) -> Self {
        Self { rest: records, read: 0 }
    }

    /// Octets of the whole frames so far.
    #[must_use]
    pub const fn read(&self) -> usize {
        self.read
    }

    /// Octets that are left: after the last whole frame, those of a torn tail.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.rest.len()
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = &'a [u8];

    /// The next whole frame's ciphertext. Ends at the first that is not one: a length is one of eight, so nothing else passes for it.
    fn next(&mut self) -> Option<&'a [u8]> {
        let (len, rest) = self.rest.split_first_chunk::<PREFIX>()?;
        let len = usize::from(u16::from_be_bytes(*len));
        if !BUCKETS.iter().any(|bucket| bucket + TAG == len) {
            return None;
        }
        let (sealed, rest) = rest.split_at_checked(len)?;
        self.rest = rest;
        self.read += PREFIX + len;
        Some(sealed)
    }
}
