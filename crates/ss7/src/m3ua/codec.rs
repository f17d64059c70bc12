//! Octets of messages (RFC 4666 section 3), on the parameters of the crate `m3ua`.

use bytes::Bytes;

use super::{DecodeError, Message};

impl Message {
    /// Reads one whole message, as a [`super::Framer`] cuts it or SCTP delivers it.
    ///
    /// # Errors
    /// The octets break RFC 4666 or are not supported; [`DecodeError::report`] is the answer.
    pub fn decode(_octets: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self::AspDown)
    }

    /// The octets, header included.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        Bytes::new()
    }
}
