//! Octets of messages (ITU-T Q.713), on the crate `sccp`.

use super::{DecodeError, EncodeError, Message};

impl Message {
    /// Reads one message.
    ///
    /// # Errors
    /// The octets break Q.713 or are not supported.
    pub fn decode(_octets: &[u8]) -> Result<Self, DecodeError> {
        Err(DecodeError::Truncated)
    }

    /// The octets.
    ///
    /// # Errors
    /// More data than the form takes, or values out of range.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        Err(EncodeError::Value)
    }
}
