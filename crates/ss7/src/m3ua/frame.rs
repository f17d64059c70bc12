//! Messages in a stream of octets.

use bytes::{Bytes, BytesMut};

use super::DecodeFault;

/// Octets of the common header (RFC 4666 section 3.1).
pub const HEADER_OCTETS: usize = 8;

/// Greatest message taken unless configured, octets. A long unitdata of SCCP with 3,952 octets of user data fits.
pub const DEFAULT_MAX_MESSAGE: usize = 8192;

/// Cuts a stream into messages by the length in the common header. SCTP keeps messages apart by itself.
#[derive(Debug, Clone, Copy)]
pub struct Framer {
    /// Greatest message taken, octets.
    pub max_message: usize,
}

impl Default for Framer {
    fn default() -> Self {
        Self { max_message: DEFAULT_MAX_MESSAGE }
    }
}

impl Framer {
    /// The next whole message at the front of `buffer`, taken out without copying; `None` until more octets arrive.
    ///
    /// # Errors
    /// A length that no message has, or another version: framing is lost and the connection must be closed.
    pub fn next_frame(self, buffer: &mut BytesMut) -> Result<Option<Bytes>, DecodeFault> {
        let Some([version, _, _, _, a, b, c, d]) = buffer.first_chunk::<HEADER_OCTETS>() else { return Ok(None) };
        if *version != 1 {
            return Err(DecodeFault::Version(*version));
        }
        let length = u32::from_be_bytes([*a, *b, *c, *d]);
        let octets = length as usize;
        if octets < HEADER_OCTETS || octets > self.max_message {
            return Err(DecodeFault::Length { length, max: self.max_message });
        }
        Ok((buffer.len() >= octets).then(|| buffer.split_to(octets).freeze()))
    }
}
