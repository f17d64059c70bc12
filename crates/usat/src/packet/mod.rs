//! Secured packets (TS 102 225, TS 31.115): what goes between gateway and card inside of short messages.
//!
//! ```text
//! command   CPL 2 │ CHL 1 │ SPI 2 │ KIc 1 │ KID 1 │ TAR 3 │ CNTR 5 │ PCNTR 1 │ CC 8 │ data, padding
//! response  RPL 2 │ RHL 1 │ TAR 3 │                         CNTR 5 │ PCNTR 1 │ status 1 │ CC 8 │ data, padding
//!                                                          └── enciphered from here on ──
//! ```
//!
//! AES alone: CBC with an IV of zeroes, CMAC cut to eight octets. The counter stands first in what is enciphered, so no two packets
//! under one key begin alike. The families of DES, redundancy checks and packets without a checksum are refused.

mod command;
mod counter;
mod keys;
mod level;
mod response;

pub use command::{Header, Received, Rejected, header, open_command, seal_command};
pub use counter::{Counter, CounterCheck, Reserved, Usable};
pub use keys::{CardKeys, KeyError};
pub use level::{Level, LevelError, Proof, ProofWhen, Status, Tar};
pub use response::{Response, open_response, seal_response};

/// Greatest number of octets of a packet: what 255 short messages hold is far more than any application needs.
pub const PACKET_LIMIT: usize = 4096;

/// Why octets are no packet for this receiver. What is told outside is the [`Status`] that it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Lengths do not fit the octets.
    #[error("secured packet: its lengths do not fit its {0} octets")]
    Length(usize),
    /// The SPI says a level that is not spoken.
    #[error("secured packet: {0}")]
    Level(#[from] LevelError),
    /// The SPI says another level than this receiver wants.
    #[error("secured packet: another level of security than this receiver wants")]
    OtherLevel,
    /// For another application.
    #[error("secured packet: for another application (TAR)")]
    Tar,
    /// Another algorithm than AES, or another key set.
    #[error("secured packet: KIc or KID names another algorithm than AES, or another key set")]
    Algorithm,
    /// Not whole blocks, or a key that the cipher does not take.
    #[error("secured packet: cannot be deciphered")]
    Cipher,
    /// The checksum is wrong: forged, damaged, or other keys.
    #[error("secured packet: wrong cryptographic checksum")]
    Checksum,
    /// The counter says that it came before, or is out of order.
    #[error("secured packet: counter {0:?}")]
    Counter(Status),
}

impl PacketError {
    /// The response status code for it.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Length(_) => Status::Unidentified,
            Self::Level(_) | Self::OtherLevel | Self::Algorithm => Status::InsufficientLevel,
            Self::Tar => Status::TarUnknown,
            Self::Cipher => Status::CipheringError,
            Self::Checksum => Status::ChecksumFailed,
            Self::Counter(status) => status,
        }
    }
}

/// Octets of padding that make `length` whole blocks.
fn padding(length: usize) -> u8 {
    // Below 16.
    (length.next_multiple_of(keys::BLOCK) - length) as u8
}
