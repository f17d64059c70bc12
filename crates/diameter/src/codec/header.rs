//! The message header and framing (RFC 6733 section 3).

use super::{ApplicationId, CommandCode, DecodeError};

/// Octets of a message header.
pub const HEADER_LEN: usize = 20;

/// Greatest message taken unless configured otherwise, octets.
pub const DEFAULT_MAX_MESSAGE: usize = 64 * 1024;

/// Command flags, all eight bits as on the wire: reserved ones are kept and otherwise ignored (RFC 6733 section 3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CommandFlags(pub u8);

impl CommandFlags {
    /// R: a request.
    pub const REQUEST: Self = Self(0x80);
    /// P: may be proxied, relayed or redirected.
    pub const PROXIABLE: Self = Self(0x40);
    /// E: a protocol error in an answer.
    pub const ERROR: Self = Self(0x20);
    /// T: potentially retransmitted.
    pub const RETRANSMITTED: Self = Self(0x10);

    /// Whether every bit of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// With the bits of `other` set.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// With the bits of `other` cleared.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl core::fmt::Debug for CommandFlags {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (bit, letter) in [(0x80, 'R'), (0x40, 'P'), (0x20, 'E'), (0x10, 'T')] {
            write!(f, "{}", if self.0 & bit == 0 { '-' } else { letter })?;
        }
        if self.0 & 0x0F == 0 { Ok(()) } else { write!(f, "+{:x}", self.0 & 0x0F) }
    }
}

/// The two identifiers that tie an answer to its request (RFC 6733 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Identifiers {
    /// Matches request and answer on one connection.
    pub hop_by_hop: u32,
    /// Finds duplicates end to end.
    pub end_to_end: u32,
}

/// A message header without its length, which follows from the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    /// Command flags.
    pub flags: CommandFlags,
    /// Command code.
    pub command: CommandCode,
    /// Application.
    pub application: ApplicationId,
    /// Hop-by-hop and end-to-end identifiers.
    pub ids: Identifiers,
}

impl Header {
    /// Header of a request, P set unless it belongs to the common messages.
    #[must_use]
    pub fn request(application: ApplicationId, command: CommandCode, ids: Identifiers) -> Self {
        Self { flags: proxiable(application).with(CommandFlags::REQUEST), command, application, ids }
    }

    /// Header of the answer to a request: same command, application, identifiers and P; R, E and T clear
    /// (RFC 6733 section 6.2).
    #[must_use]
    pub fn answer(self) -> Self {
        Self { flags: CommandFlags(self.flags.0 & CommandFlags::PROXIABLE.0), ..self }
    }

    /// Whether R is set.
    #[must_use]
    pub fn is_request(self) -> bool {
        self.flags.contains(CommandFlags::REQUEST)
    }

    /// Whether E is set.
    #[must_use]
    pub fn is_error(self) -> bool {
        self.flags.contains(CommandFlags::ERROR)
    }

    /// Reads the 20 octets; the length is checked by [`frame_length`] and against the frame by `Message::decode`.
    #[must_use]
    pub fn decode(octets: &[u8; HEADER_LEN]) -> Self {
        let [_, _, _, _, flags, c0, c1, c2, a0, a1, a2, a3, h0, h1, h2, h3, e0, e1, e2, e3] = *octets;
        Self {
            flags: CommandFlags(flags),
            command: CommandCode(u32::from_be_bytes([0, c0, c1, c2])),
            application: ApplicationId(u32::from_be_bytes([a0, a1, a2, a3])),
            ids: Identifiers {
                hop_by_hop: u32::from_be_bytes([h0, h1, h2, h3]),
                end_to_end: u32::from_be_bytes([e0, e1, e2, e3]),
            },
        }
    }

    /// Writes version 1, the low 24 bits of `length`, and the rest.
    #[must_use]
    pub fn encode(self, length: u32) -> [u8; HEADER_LEN] {
        let [_, l0, l1, l2] = length.to_be_bytes();
        let [_, c0, c1, c2] = self.command.0.to_be_bytes();
        let [a0, a1, a2, a3] = self.application.0.to_be_bytes();
        let [h0, h1, h2, h3] = self.ids.hop_by_hop.to_be_bytes();
        let [e0, e1, e2, e3] = self.ids.end_to_end.to_be_bytes();
        [1, l0, l1, l2, self.flags.0, c0, c1, c2, a0, a1, a2, a3, h0, h1, h2, h3, e0, e1, e2, e3]
    }
}

fn proxiable(application: ApplicationId) -> CommandFlags {
    if application == ApplicationId::COMMON { CommandFlags(0) } else { CommandFlags::PROXIABLE }
}

/// Length of the message that begins with `prefix`, octets, header included.
///
/// After an error the stream has lost its framing: the connection can only be closed.
///
/// # Errors
/// [`DecodeError::UnsupportedVersion`] (5011), or [`DecodeError::InvalidMessageLength`] (5015) for a length below 20,
/// not a multiple of 4 (RFC 6733 section 3), or above `max`.
pub fn frame_length(prefix: [u8; 4], max: usize) -> Result<usize, DecodeError> {
    let [version, l0, l1, l2] = prefix;
    if version != 1 {
        return Err(DecodeError::UnsupportedVersion(version));
    }
    let length = u32::from_be_bytes([0, l0, l1, l2]);
    match usize::try_from(length) {
        Ok(octets) if octets >= HEADER_LEN && octets % 4 == 0 && octets <= max => Ok(octets),
        _ => Err(DecodeError::InvalidMessageLength(length)),
    }
}

/// Writes a new hop-by-hop identifier into an encoded message; does nothing to one shorter than a header.
pub fn set_hop_by_hop(message: &mut [u8], hop_by_hop: u32) {
    if let Some(field) = message.get_mut(12..16) {
        field.copy_from_slice(&hop_by_hop.to_be_bytes());
    }
}

/// Sets T in an encoded request that is sent again (RFC 6733 section 3); does nothing to one shorter than a header.
pub fn set_retransmitted(message: &mut [u8]) {
    if let Some(flags) = message.get_mut(4) {
        *flags |= CommandFlags::RETRANSMITTED.0;
    }
}
