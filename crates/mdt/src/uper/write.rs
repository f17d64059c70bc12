//! The writing side.

use super::UperError;

/// Octets that grow by bits.
#[derive(Default)]
pub(crate) struct Writer {
    octets: Vec<u8>,
    /// Bits used of the last octet, 0 when it is full.
    used: u32,
}

impl Writer {
    pub(crate) fn new() -> Self {
        // Longer than what a phone writes at once: what is moved leaves a copy behind.
        Self { octets: Vec::with_capacity(256), ..Self::default() }
    }

    /// The low `n` bits of `value`, 0 to 64.
    pub(crate) fn bits(&mut self, mut n: u32, value: u64) {
        while n > 0 {
            if self.used == 0 {
                self.octets.push(0);
            }
            let room = 8 - self.used;
            let now = room.min(n);
            let piece = (value >> (n - now)) as u8 & (0xFF_u16 >> (8 - now)) as u8;
            if let Some(last) = self.octets.last_mut() {
                *last |= piece << (room - now);
            }
            self.used = (self.used + now) % 8;
            n -= now;
        }
    }

    /// One bit.
    pub(crate) fn bit(&mut self, value: bool) {
        self.bits(1, u64::from(value));
    }

    /// A length determinant without upper bound (X.691 clause 11.9).
    pub(crate) fn length(&mut self, octets: usize) -> Result<(), UperError> {
        match octets {
            0..128 => self.bits(8, octets as u64),
            128..16_384 => self.bits(16, 0x8000 | octets as u64),
            _ => return Err(UperError::Unencodable("field of 16384 octets or more")),
        }
        Ok(())
    }

    /// Fills up an octet that was begun (aligned rules).
    pub(crate) fn align(&mut self) {
        self.used = 0;
    }

    /// Whole octets.
    pub(crate) fn octets(&mut self, octets: &[u8]) {
        if self.used == 0 {
            self.octets.extend_from_slice(octets);
        } else {
            for octet in octets {
                self.bits(8, u64::from(*octet));
            }
        }
    }

    /// A value inside an open type: length and octets, one at least (X.691 clause 11.2).
    pub(crate) fn open(&mut self, write: impl FnOnce(&mut Writer) -> Result<(), UperError>) -> Result<(), UperError> {
        let mut inside = Writer::new();
        write(&mut inside)?;
        let octets = inside.finish();
        self.length(octets.len())?;
        self.octets(&octets);
        Ok(())
    }

    /// A complete encoding: padded to octets, one at least (X.691 clause 11.1).
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if self.octets.is_empty() {
            self.octets.push(0);
        }
        self.octets
    }
}

/// The bit map of the extension additions of a SEQUENCE (X.691 clause 19.7), for 1 to 64 of them.
pub(crate) fn write_additions(writer: &mut Writer, present: &[bool]) {
    writer.bits(7, present.len().saturating_sub(1) as u64);
    for there in present {
        writer.bit(*there);
    }
}
