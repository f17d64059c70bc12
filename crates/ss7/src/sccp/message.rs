//! Messages of the connectionless service as values (ITU-T Q.713 clauses 4.10 to 4.21).

use bytes::Bytes;

use super::SccpAddress;

/// Protocol class (ITU-T Q.713 clause 3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// 0: messages may overtake each other.
    Basic,
    /// 1: messages keep their order.
    Sequenced,
}

/// Segmentation parameter (ITU-T Q.713 clause 3.17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Segmentation {
    /// Whether this is the first segment.
    pub first: bool,
    /// Class that the user asked for; segments travel in class 1.
    pub class: Class,
    /// Segments that follow, 0-15.
    pub remaining: u8,
    /// Segmentation local reference, 24 bits.
    pub reference: u32,
}

/// What extended and long messages have more than short ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extension {
    /// Hop counter, 15 down to 1 (ITU-T Q.713 clause 3.18).
    pub hop_counter: u8,
    /// Segmentation.
    pub segmentation: Option<Segmentation>,
    /// Importance, 0-7 (ITU-T Q.713 clause 3.19).
    pub importance: Option<u8>,
}

impl Extension {
    /// Hop counter of a new message.
    pub const HOPS: u8 = 15;

    /// A new message in one piece.
    pub const NEW: Self = Self { hop_counter: Self::HOPS, segmentation: None, importance: None };
}

/// Form of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// UDT, UDTS.
    Short,
    /// XUDT, XUDTS.
    Extended(Extension),
    /// LUDT, LUDTS.
    Long(Extension),
}

/// UDT, XUDT or LUDT.
#[derive(Clone, PartialEq, Eq)]
pub struct UnitdataMessage {
    /// Form.
    pub form: Form,
    /// Protocol class.
    pub class: Class,
    /// Whether it is to come back when it cannot be delivered.
    pub return_on_error: bool,
    /// Who is to get it.
    pub called: SccpAddress,
    /// Who sent it.
    pub calling: SccpAddress,
    /// Octets of the user.
    pub data: Bytes,
}

/// UDTS, XUDTS or LUDTS: a message that comes back.
#[derive(Clone, PartialEq, Eq)]
pub struct UnitdataService {
    /// Form.
    pub form: Form,
    /// Why it comes back.
    pub cause: ReturnCause,
    /// Who gets it back: the calling party of the message.
    pub called: SccpAddress,
    /// Who should have had it: the called party of the message.
    pub calling: SccpAddress,
    /// Octets of the user.
    pub data: Bytes,
}

impl core::fmt::Debug for UnitdataMessage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The octets hold subscriber identities.
        f.debug_struct("UnitdataMessage")
            .field("form", &self.form)
            .field("class", &self.class)
            .field("return_on_error", &self.return_on_error)
            .field("called", &self.called)
            .field("calling", &self.calling)
            .field("octets", &self.data.len())
            .finish()
    }
}

impl core::fmt::Debug for UnitdataService {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UnitdataService")
            .field("form", &self.form)
            .field("cause", &self.cause)
            .field("called", &self.called)
            .field("calling", &self.calling)
            .field("octets", &self.data.len())
            .finish()
    }
}

/// A message of the connectionless service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// UDT, XUDT or LUDT.
    Unitdata(UnitdataMessage),
    /// UDTS, XUDTS or LUDTS.
    Service(UnitdataService),
}

/// Declares the causes once; both directions come from the list.
macro_rules! return_causes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// Return cause (ITU-T Q.713 clause 3.12).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ReturnCause {
            $($(#[$doc])* $name,)*
            /// A cause that Q.713 does not name.
            Other(u8),
        }

        impl ReturnCause {
            /// Every cause that Q.713 names.
            pub const NAMED: &[Self] = &[$(Self::$name,)*];

            /// From the octet on the wire.
            #[must_use]
            pub const fn from_code(code: u8) -> Self {
                match code {
                    $($code => Self::$name,)*
                    other => Self::Other(other),
                }
            }

            /// The octet on the wire.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$name => $code,)*
                    Self::Other(code) => code,
                }
            }
        }
    };
}

return_causes! {
    /// No translation for an address of such nature.
    NoTranslationNature = 0,
    /// No translation for this specific address.
    NoTranslationAddress = 1,
    /// Subsystem congestion.
    SubsystemCongestion = 2,
    /// Subsystem failure.
    SubsystemFailure = 3,
    /// Unequipped user.
    UnequippedUser = 4,
    /// MTP failure.
    MtpFailure = 5,
    /// Network congestion.
    NetworkCongestion = 6,
    /// Unqualified.
    Unqualified = 7,
    /// Error in message transport.
    MessageTransport = 8,
    /// Error in local processing.
    LocalProcessing = 9,
    /// Destination cannot perform reassembly.
    CannotReassemble = 10,
    /// SCCP failure.
    SccpFailure = 11,
    /// Hop counter violation.
    HopCounterViolation = 12,
    /// Segmentation not supported.
    SegmentationNotSupported = 13,
    /// Segmentation failure.
    SegmentationFailure = 14,
}
