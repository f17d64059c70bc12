//! What can be wrong with octets, and with a wish to send.

use ::m3ua::tags;
use bytes::Bytes;

use super::{AsState, ErrorCode, ErrorReport, PointCode};

/// What is wrong with octets that should be a message: the peer broke the rules, or speaks what is not supported here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DecodeFault {
    /// Fewer octets than a common header has.
    #[error("shorter than a common header of 8 octets")]
    TooShort,
    /// A length that no message has, or more than is taken.
    #[error("message length {length}: at least 8 octets, at most {max} are taken")]
    Length {
        /// The length said by the header, octets.
        length: u32,
        /// Most that is taken, octets.
        max: usize,
    },
    /// The length is not that of what came.
    #[error("message length {said}, but {found} octets came")]
    LengthMismatch {
        /// The length said by the header, octets.
        said: u32,
        /// Octets that came.
        found: usize,
    },
    /// Not version 1.
    #[error("version {0}: only version 1 is known")]
    Version(u8),
    /// A message class that is unknown or not supported.
    #[error("message class {0} is not supported")]
    Class(u8),
    /// A message type that is unknown.
    #[error("message class {class}, type {kind} is not supported")]
    Type {
        /// Message class.
        class: u8,
        /// Message type.
        kind: u8,
    },
    /// A parameter whose length is impossible.
    #[error("parameter {tag:#06x}: impossible length")]
    ParameterLength {
        /// Parameter tag; 0 when not even a tag is there.
        tag: u16,
    },
    /// More parameters than any message has.
    #[error("more parameters than any message has")]
    TooManyParameters,
    /// A parameter that is there twice.
    #[error("parameter {tag:#06x} is there twice")]
    Repeated {
        /// Parameter tag.
        tag: u16,
    },
    /// A parameter whose value is impossible.
    #[error("parameter {tag:#06x}: impossible value")]
    ParameterValue {
        /// Parameter tag.
        tag: u16,
    },
    /// A parameter that has to be there is not.
    #[error("parameter {tag:#06x} is missing")]
    Missing {
        /// Parameter tag.
        tag: u16,
    },
}

impl DecodeFault {
    /// The code with which it is answered (RFC 4666 section 3.8.1).
    #[must_use]
    pub const fn error_code(self) -> ErrorCode {
        match self {
            Self::TooShort | Self::Length { .. } | Self::LengthMismatch { .. } | Self::TooManyParameters => {
                ErrorCode::ProtocolError
            }
            Self::Version(_) => ErrorCode::InvalidVersion,
            Self::Class(_) => ErrorCode::UnsupportedMessageClass,
            Self::Type { .. } => ErrorCode::UnsupportedMessageType,
            Self::ParameterLength { .. } => ErrorCode::ParameterFieldError,
            Self::Repeated { .. } => ErrorCode::UnexpectedParameter,
            Self::ParameterValue { tag: tags::TRAFFIC_MODE_TYPE } => ErrorCode::UnsupportedTrafficModeType,
            Self::ParameterValue { .. } => ErrorCode::InvalidParameterValue,
            Self::Missing { .. } => ErrorCode::MissingParameter,
        }
    }
}

/// Octets that are no message, with what an answer to them needs.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("M3UA: {fault}")]
pub struct DecodeError {
    /// What is wrong.
    pub fault: DecodeFault,
    /// Whether the octets are an Error message, which is never answered by another.
    pub of_error: bool,
    /// The first octets, 40 at most.
    pub diagnostic: Bytes,
}

impl core::fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The diagnostic may hold octets of a user's message.
        write!(f, "DecodeError({:?}, of_error: {}, {} octets)", self.fault, self.of_error, self.diagnostic.len())
    }
}

impl DecodeError {
    /// The Error message to answer with; `None` when the octets are an Error message themselves.
    #[must_use]
    pub fn report(&self) -> Option<ErrorReport> {
        let report = ErrorReport { diagnostic: self.diagnostic.clone(), ..ErrorReport::new(self.fault.error_code()) };
        (!self.of_error).then_some(report)
    }
}

/// Why a message of an MTP3 user cannot be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The association is not active.
    #[error("the association is not active")]
    NotActive,
    /// The network said that the destination cannot be reached.
    #[error("destination {0} is unavailable")]
    Unavailable(PointCode),
    /// No Application Server has this point code.
    #[error("no Application Server has point code {0}")]
    NoRoute(PointCode),
    /// The Application Server is not active.
    #[error("the Application Server of {0} is {1:?}")]
    ServerNotActive(PointCode, AsState),
    /// A priority above 3, or more data than a message takes.
    #[error("a priority above 3, or more than {max} octets of data")]
    Invalid {
        /// Most octets of data.
        max: usize,
    },
}
