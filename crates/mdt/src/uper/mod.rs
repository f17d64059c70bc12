//! Unaligned packed encoding rules (ITU-T X.691), what RRC and LPP use of them.
//!
//! [`Reader`] takes bits and, once the octets have ended, goes on giving zeroes with its mark set, so that a hot loop may look at the mark
//! once a turn; everything else asks with a `Result`. Types are described by `sequence!` and `choice!`, which make both directions of one
//! description.

mod describe;
mod read;
mod value;
mod write;

pub(crate) use describe::{choice, enumerated, sequence};
pub(crate) use read::{Additions, Reader};
pub(crate) use value::{As, Int, List, OctetString, Octets, Raw, Same, Uper};
pub(crate) use write::{Writer, write_additions};

/// Longest message taken, octets: sixteen segments of 9000 (TS 38.331 clause 5.7.7, TS 38.323 clause 4.3.1).
pub const MAX_MESSAGE: usize = 144_000;

/// Why octets are no message, or a message cannot become octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UperError {
    /// The sender's octets end inside a value.
    #[error("message ends after {at} bits, inside a value; it is cut short or not what it is taken for")]
    Truncated {
        /// Bits that there were.
        at: usize,
    },
    /// The sender's value is outside the range of its type.
    #[error("value outside the range of its type at bit {at}; the sender breaks the rules or this is another message")]
    OutOfRange {
        /// Where, bits from the start.
        at: usize,
    },
    /// A length of 16 384 or more, or more than 64 extension additions: nothing here is that large.
    #[error("length beyond anything that this message may hold at bit {at}")]
    Oversized {
        /// Where, bits from the start.
        at: usize,
    },
    /// Longer than [`MAX_MESSAGE`].
    #[error("message of {octets} octets; at most {MAX_MESSAGE} are taken")]
    TooLong {
        /// Its octets.
        octets: usize,
    },
    /// Sound so far, but another message than the one asked for, or a critical extension that nobody knows yet.
    #[error("another message, or a version of it that is not known here")]
    OtherMessage,
    /// The caller's value does not fit its type.
    #[error("value does not fit its type: {0}")]
    Unencodable(&'static str),
}
