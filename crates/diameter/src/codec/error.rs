//! What is wrong with bytes from outside, as the result code and Failed-AVP of the answer (RFC 6733 section 7).

use super::{ApplicationId, AvpCode, AvpRef, Builder, CommandCode, CommandFlags, Message, ResultCode, VendorId};
use crate::dictionary::{self, AvpDef};

/// The AVP that goes into Failed-AVP (RFC 6733 section 7.5). Its octets may hold an identity, so only its name prints.
#[derive(Clone, PartialEq, Eq)]
pub struct FailedAvp {
    code: AvpCode,
    vendor: Option<VendorId>,
    octets: Box<[u8]>,
}

impl FailedAvp {
    /// The offending AVP itself.
    #[must_use]
    pub fn copy_of(avp: AvpRef<'_>) -> Self {
        let mut octets = Vec::new();
        Builder::fragment(&mut octets).raw(avp);
        Self { code: avp.code, vendor: avp.vendor, octets: octets.into() }
    }

    /// An example of an AVP that is missing: right code and vendor, zeroes of the least length of its type
    /// (RFC 6733 section 7.1.5, DIAMETER_MISSING_AVP).
    #[must_use]
    pub fn example(def: &AvpDef) -> Self {
        let mut octets = Vec::new();
        let zeroes = [0; 8];
        Builder::fragment(&mut octets).avp(def, zeroes.get(..def.kind.least_len()).unwrap_or_default());
        Self { code: def.code, vendor: def.vendor, octets: octets.into() }
    }

    /// An AVP of this definition that is already encoded.
    #[must_use]
    pub(crate) fn encoded(def: &AvpDef, octets: Vec<u8>) -> Self {
        Self { code: def.code, vendor: def.vendor, octets: octets.into() }
    }

    /// What can be told of an AVP whose header is cut short or whose length is wrong: the header, as far as it goes, with
    /// zeroes for the rest (RFC 6733 section 7.1.5, DIAMETER_INVALID_AVP_LENGTH).
    #[must_use]
    pub fn broken(rest: &[u8]) -> Self {
        let at = |index: usize| rest.get(index).copied().unwrap_or(0);
        let word = |index: usize| u32::from_be_bytes([at(index), at(index + 1), at(index + 2), at(index + 3)]);
        let flags = super::AvpFlags(at(4));
        let (code, vendor) = (AvpCode(word(0)), flags.vendor().then(|| VendorId(word(8))));
        let least = dictionary::lookup(code, vendor).map_or(0, |def| def.kind.least_len());
        let zeroes = [0; 8];
        Self::copy_of(AvpRef { code, vendor, flags, data: zeroes.get(..least).unwrap_or_default() })
    }

    /// This AVP inside the group that held it, so that the receiver sees where it was (RFC 6733 section 7.5).
    #[must_use]
    pub fn within(self, group: AvpRef<'_>) -> Self {
        Self::copy_of(AvpRef { data: &self.octets, ..group })
    }

    /// Code of the outermost AVP.
    #[must_use]
    pub fn code(&self) -> AvpCode {
        self.code
    }

    /// Vendor of the outermost AVP.
    #[must_use]
    pub fn vendor(&self) -> Option<VendorId> {
        self.vendor
    }

    /// The encoded AVP, padding included: the data of the Failed-AVP.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
}

impl core::fmt::Display for FailedAvp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        dictionary::write_name(f, self.code, self.vendor)
    }
}

impl core::fmt::Debug for FailedAvp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "FailedAvp({self})")
    }
}

/// Why a message is not acceptable. Each variant is one result code of RFC 6733 section 7.1; none names a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not version 1 (5011).
    #[error("Diameter version {0}: only version 1 is understood")]
    UnsupportedVersion(u8),
    /// The message length is below 20, no multiple of 4, above the limit, or not that of the frame (5015).
    #[error("message length {0}: at least 20, a multiple of 4, within the limit, and that of the frame is needed")]
    InvalidMessageLength(u32),
    /// The command flags contradict each other or the command (3008).
    #[error("command flags {0:?} do not fit the command")]
    InvalidHeaderBits(CommandFlags),
    /// The AVP flags cannot be: V with vendor 0 (3009).
    #[error("AVP {0}: flags are wrong, V is set with vendor 0")]
    InvalidAvpBits(FailedAvp),
    /// The command is not served (3001).
    #[error("command {0} is not supported")]
    CommandUnsupported(CommandCode),
    /// The application is not served (3007).
    #[error("application {0} is not supported")]
    ApplicationUnsupported(ApplicationId),
    /// An unknown AVP demands to be understood (5001).
    #[error("AVP {0}: mandatory and unknown")]
    AvpUnsupported(FailedAvp),
    /// A value is out of range or unknown (5004).
    #[error("AVP {0}: value is not valid")]
    InvalidAvpValue(FailedAvp),
    /// Groups lie deeper than [`super::MAX_GROUP_DEPTH`] (answered as 5004).
    #[error("AVP {0}: groups lie too deep")]
    TooDeep(FailedAvp),
    /// A mandatory AVP is missing (5005).
    #[error("AVP {0}: missing and mandatory")]
    MissingAvp(FailedAvp),
    /// Two AVPs contradict each other (5007).
    #[error("AVP {0}: contradicts another")]
    ContradictingAvps(FailedAvp),
    /// A known AVP lies where it must not (5008).
    #[error("AVP {0}: not allowed here")]
    AvpNotAllowed(FailedAvp),
    /// An AVP occurs more often than the grammar allows (5009).
    #[error("AVP {0}: occurs too many times")]
    AvpOccursTooManyTimes(FailedAvp),
    /// The length of an AVP is below its header, beyond what holds it, or not that of its type (5014).
    #[error("AVP {0}: length is not valid")]
    InvalidAvpLength(FailedAvp),
}

impl DecodeError {
    /// The Result-Code of an answer that reports this.
    #[must_use]
    pub fn result_code(&self) -> ResultCode {
        match self {
            Self::UnsupportedVersion(_) => ResultCode::UNSUPPORTED_VERSION,
            Self::InvalidMessageLength(_) => ResultCode::INVALID_MESSAGE_LENGTH,
            Self::InvalidHeaderBits(_) => ResultCode::INVALID_HDR_BITS,
            Self::InvalidAvpBits(_) => ResultCode::INVALID_AVP_BITS,
            Self::CommandUnsupported(_) => ResultCode::COMMAND_UNSUPPORTED,
            Self::ApplicationUnsupported(_) => ResultCode::APPLICATION_UNSUPPORTED,
            Self::AvpUnsupported(_) => ResultCode::AVP_UNSUPPORTED,
            Self::InvalidAvpValue(_) | Self::TooDeep(_) => ResultCode::INVALID_AVP_VALUE,
            Self::MissingAvp(_) => ResultCode::MISSING_AVP,
            Self::ContradictingAvps(_) => ResultCode::CONTRADICTING_AVPS,
            Self::AvpNotAllowed(_) => ResultCode::AVP_NOT_ALLOWED,
            Self::AvpOccursTooManyTimes(_) => ResultCode::AVP_OCCURS_TOO_MANY_TIMES,
            Self::InvalidAvpLength(_) => ResultCode::INVALID_AVP_LENGTH,
        }
    }

    /// What goes into Failed-AVP, if this error has it.
    #[must_use]
    pub fn failed_avp(&self) -> Option<&FailedAvp> {
        match self {
            Self::UnsupportedVersion(_)
            | Self::InvalidMessageLength(_)
            | Self::InvalidHeaderBits(_)
            | Self::CommandUnsupported(_)
            | Self::ApplicationUnsupported(_) => None,
            Self::InvalidAvpBits(failed)
            | Self::AvpUnsupported(failed)
            | Self::InvalidAvpValue(failed)
            | Self::TooDeep(failed)
            | Self::MissingAvp(failed)
            | Self::ContradictingAvps(failed)
            | Self::AvpNotAllowed(failed)
            | Self::AvpOccursTooManyTimes(failed)
            | Self::InvalidAvpLength(failed) => Some(failed),
        }
    }

    /// Whether the answer carries the E bit: a protocol error, 3xxx (RFC 6733 section 7.1.3).
    #[must_use]
    pub fn is_protocol_error(&self) -> bool {
        self.result_code().is_protocol_error()
    }

    /// This error with its AVP shown inside `group`.
    #[must_use]
    #[cold]
    pub fn within(self, group: AvpRef<'_>) -> Self {
        match self {
            Self::UnsupportedVersion(_)
            | Self::InvalidMessageLength(_)
            | Self::InvalidHeaderBits(_)
            | Self::CommandUnsupported(_)
            | Self::ApplicationUnsupported(_) => self,
            Self::InvalidAvpBits(failed) => Self::InvalidAvpBits(failed.within(group)),
            Self::AvpUnsupported(failed) => Self::AvpUnsupported(failed.within(group)),
            Self::InvalidAvpValue(failed) => Self::InvalidAvpValue(failed.within(group)),
            Self::TooDeep(failed) => Self::TooDeep(failed.within(group)),
            Self::MissingAvp(failed) => Self::MissingAvp(failed.within(group)),
            Self::ContradictingAvps(failed) => Self::ContradictingAvps(failed.within(group)),
            Self::AvpNotAllowed(failed) => Self::AvpNotAllowed(failed.within(group)),
            Self::AvpOccursTooManyTimes(failed) => Self::AvpOccursTooManyTimes(failed.within(group)),
            Self::InvalidAvpLength(failed) => Self::InvalidAvpLength(failed.within(group)),
        }
    }
}

/// A frame that is no sound message, with as much of it as can still be told, so that it can be answered or matched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Malformed {
    /// The message up to the fault: iterating its AVPs ends where they stop making sense. `None` if there is no header.
    pub message: Option<Message>,
    /// What is wrong.
    pub error: DecodeError,
}

/// Why a message cannot be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// An AVP or the message is longer than 24 bits of length can say.
    #[error("longer than 16,777,215 octets")]
    TooLong,
    /// A session related privacy indicator is to be sent, and there is no APN-NI to go with it.
    #[error("a session related indicator needs the APN-NI of the session (TS 23.271 clause 9.5.4)")]
    RelatedWithoutApn,
    /// No identity of the target is given.
    #[error("one of IMSI, MSISDN and IMEI is needed (TS 29.172 clause 6.2.2)")]
    NoTarget,
}
