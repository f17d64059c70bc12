//! Short messages that carry secured packets (TS 23.040 clause 9.2, TS 31.115 clause 4).

mod reassembly;
mod tpdu;
mod user_data;

pub use reassembly::Reassembly;
pub use tpdu::{DCS_CLASS_2_DATA, Deliver, PID_USIM_DOWNLOAD, Submit, address_octets};
pub(crate) use tpdu::{number, number_type};
pub use user_data::{Carried, Part, Parts, USER_DATA_LIMIT, read_part, split};

/// Why octets are no short message with a part of a secured packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// Shorter or longer than its lengths say.
    #[error("short message: its lengths do not fit its octets")]
    Length,
    /// Another type than the one expected.
    #[error("short message: not of the expected type (TP-MTI)")]
    Type,
    /// The address is none, or has more than 15 digits.
    #[error("short message: an address that is no number of 1-15 digits")]
    Address,
    /// Not octets: another alphabet, or compressed.
    #[error("short message: TP-DCS says other than 8-bit data")]
    Alphabet,
    /// No user data header, or one whose elements do not fit it.
    #[error("short message: without a sound user data header")]
    Header,
    /// Part numbers that contradict themselves or what came before.
    #[error("short message: part numbers that do not fit")]
    Part,
    /// Too long for 255 parts, or for this receiver.
    #[error("short message: more parts than are taken")]
    TooLong,
}
