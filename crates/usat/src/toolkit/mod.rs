//! What card and phone say to each other: the (U)SIM application toolkit (TS 31.111, ETSI TS 102 223), as far as the change-of-area
//! application needs it, both ways.

mod ber;
mod command;
mod envelope;
mod located;
mod response;
mod time;

pub use command::{Command, LocalInformation, Proactive};
pub use envelope::{Envelope, LocationStatus};
pub use located::{AccessTechnology, LocationInformation, Position};
pub use response::{Outcome, TerminalResponse};
pub use time::{date_time_octets, read_date_time};

/// Greatest number of octets of a text that is shown, in its coding: with all around it a command stays in one FETCH.
pub const TEXT_LIMIT: usize = 220;

/// Why octets are no message of the toolkit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ToolkitError {
    /// A length does not fit, or octets are left over.
    #[error("toolkit: a length that does not fit the octets")]
    Length,
    /// The outer tag is another one.
    #[error("toolkit: not the message that is expected here")]
    Tag,
    /// A data object is missing.
    #[error("toolkit: data object {0:02X} is missing")]
    Missing(u8),
    /// A data object does not say what it must.
    #[error("toolkit: data object {0:02X} is none")]
    Object(u8),
    /// A command that this application does not use.
    #[error("toolkit: command {0:02X} is not one that this application uses")]
    Command(u8),
    /// Too long to be sent.
    #[error("toolkit: longer than 255 octets")]
    TooLong,
}

/// Tags of data objects, without the mark of comprehension (ETSI TS 101 220 clause 7.2).
mod tag {
    pub(super) const COMMAND_DETAILS: u8 = 0x01;
    pub(super) const DEVICE_IDENTITIES: u8 = 0x02;
    pub(super) const RESULT: u8 = 0x03;
    pub(super) const ADDRESS: u8 = 0x06;
    pub(super) const SMS_TPDU: u8 = 0x0B;
    pub(super) const TEXT_STRING: u8 = 0x0D;
    pub(super) const LOCATION_INFORMATION: u8 = 0x13;
    pub(super) const EVENT_LIST: u8 = 0x19;
    pub(super) const LOCATION_STATUS: u8 = 0x1B;
    pub(super) const TIMER_IDENTIFIER: u8 = 0x24;
    pub(super) const TIMER_VALUE: u8 = 0x25;
    pub(super) const DATE_TIME: u8 = 0x26;
    pub(super) const ACCESS_TECHNOLOGY: u8 = 0x3F;
}

/// Device identities (ETSI TS 102 223 clause 8.7).
mod device {
    pub(super) const KEYPAD: u8 = 0x01;
    pub(super) const DISPLAY: u8 = 0x02;
    pub(super) const CARD: u8 = 0x81;
    pub(super) const TERMINAL: u8 = 0x82;
    pub(super) const NETWORK: u8 = 0x83;
}
