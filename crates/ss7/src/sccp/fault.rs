//! What can be wrong with octets, with a wish to send, and with what arrives.

use super::{ReturnCause, Ssn, TranslationError};
use crate::m3ua::PointCode;

/// What is wrong with octets that should be a message: the peer broke the rules, or speaks what is not supported here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DecodeError {
    /// The octets end before the message does, or a pointer or length leads out of it.
    #[error("SCCP: the message ends early, or a pointer or length leads out of it")]
    Truncated,
    /// A message type that is unknown, or belongs to the connection-oriented service.
    #[error("SCCP: message type {0:#04x} is not supported")]
    MessageType(u8),
    /// A protocol class other than 0 and 1.
    #[error("SCCP: protocol class {0} is not one of the connectionless service")]
    Class(u8),
    /// A global title indicator that is not 0 to 4.
    #[error("SCCP: global title indicator {0} is not supported")]
    TitleIndicator(u8),
    /// A global title that is not 1-15 decimal digits in BCD.
    #[error("SCCP: a global title is not 1 to 15 decimal digits in BCD")]
    Digits,
    /// An optional parameter whose length is impossible.
    #[error("SCCP: optional parameter {0:#04x} has an impossible length")]
    Optional(u8),
    /// More user data than any message has.
    #[error("SCCP: {0} octets of user data, at most 3952 are taken")]
    Data(usize),
}

/// Why a message value has no octets: the caller misused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum EncodeError {
    /// More user data than the form takes.
    #[error("SCCP: {octets} octets of user data, this form takes at most {max}")]
    Data {
        /// Octets given.
        octets: usize,
        /// Most that fit.
        max: usize,
    },
    /// A value out of its range: hop counter, remaining segments, reference, importance.
    #[error("SCCP: a value is out of its range")]
    Value,
}

/// Why unitdata of a user cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The title of the called address has no translation here.
    #[error(transparent)]
    Translation(#[from] TranslationError),
    /// The called address is routed by subsystem number and has no point code, or is routed by title and has none.
    #[error("SCCP: the called address lacks what it is routed by")]
    Incomplete,
    /// No data.
    #[error("SCCP: there is no user data")]
    Empty,
    /// More data than sixteen segments hold.
    #[error("SCCP: {octets} octets of user data, sixteen segments hold at most {max}")]
    TooLong {
        /// Octets given.
        octets: usize,
        /// Most that fit.
        max: usize,
    },
    /// The caller's values do not make a message.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Why a message that came was not handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Discard {
    /// It could not be read.
    Malformed(DecodeError),
    /// It is for another node.
    NotForUs(PointCode),
    /// It could not be delivered; it went back if its sender had asked for that.
    Undeliverable(ReturnCause),
    /// It came back, but nothing like it was sent from here lately.
    UnknownReturn(ReturnCause),
    /// A segment without its beginning, out of order, repeated or too long: all segments before it are dropped.
    Segment,
    /// A message whose segments did not all come in time.
    ReassemblyTimeout,
    /// A management message that is not answered.
    Management(Ssn),
}
