//! The Diameter wire format (RFC 6733 sections 3, 4 and 7), without input or output.

mod avp;
mod builder;
mod codes;
mod error;
mod header;
mod message;
mod result;

pub(crate) use codes::number;
pub(crate) use message::is_sound_group;

pub use avp::{AvpFlags, AvpRef, Avps};
pub use builder::Builder;
pub use codes::{ApplicationId, AvpCode, CommandCode, VendorId};
pub use error::{DecodeError, EncodeError, FailedAvp, Malformed};
pub use header::{
    CommandFlags, DEFAULT_MAX_MESSAGE, HEADER_LEN, Header, Identifiers, frame_length, set_hop_by_hop, set_retransmitted,
};
pub use message::{Framer, MAX_GROUP_DEPTH, Message};
pub use result::{ExperimentalResult, Outcome, ResultCode};
