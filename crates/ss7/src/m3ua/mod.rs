//! M3UA, the MTP3 user adaptation layer (RFC 4666), without I/O.
//!
//! ```text
//!   octets  -> Framer, Message::decode     common header, parameters            RFC 4666 section 3
//!   events  -> Asp                         the side that asks: ASPUP, ASPAC     RFC 4666 section 4.3
//!   events  -> Sgp                         the side that grants: many links     RFC 4666 section 4.3
//!              Destinations                DUNA, DAVA, DRST, SCON, DUPU         RFC 4666 sections 3.4 and 4.5
//!   Transfer                               one message of an MTP3 user          RFC 4666 section 1.6.1
//! ```
//!
//! Both machines take an event and `now`, a [`core::time::Duration`] since a start that the driver chooses, and give
//! actions and a deadline. An `Asp` against an `Sgp` is also how two IPSPs talk in single exchange mode.

mod asp;
mod codec;
mod codes;
mod destinations;
mod fault;
mod frame;
mod heartbeat;
mod message;
mod sgp;
mod transfer;

pub use asp::{Asp, AspConfig, AspEvent, AspState, AspTimers};
pub use codes::{AsState, ErrorCode, NotifyStatus, TrafficMode};
pub use destinations::{Destination, DestinationChange, Destinations};
pub use fault::{DecodeError, DecodeFault, SendError};
pub use frame::{DEFAULT_MAX_MESSAGE, Framer, HEADER_OCTETS};
pub use message::{
    Affected, Congestion, Data, ErrorReport, Message, MessageKind, Network, Notify, UserPartUnavailable,
};
pub use sgp::{ApplicationServer, Link, LinkState, Sgp, SgpConfig, SgpEvent, SgpTimers};
pub use transfer::{InvalidPointCode, NetworkIndicator, PointCode, SERVICE_SCCP, Transfer};

/// Port of M3UA over SCTP, taken for a stream transport as well (RFC 4666 section 1.4.8).
pub const PORT: u16 = 2905;

/// SCTP payload protocol identifier of M3UA (RFC 4666 section 7.1).
pub const PAYLOAD_PROTOCOL: u32 = 3;

/// On which stream of an association a message goes (RFC 4666 section 1.4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Stream 0: everything but traffic.
    Management,
    /// Traffic: any stream but 0 where there are several, the same for the same signalling link selection.
    Traffic {
        /// Signalling link selection.
        sls: u8,
    },
}

/// What the driver of a machine has to do, in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send a message.
    Send {
        /// On this stream.
        stream: Stream,
        /// This message.
        message: Message,
    },
    /// Hand a message to the MTP3 user (MTP-TRANSFER indication).
    Deliver(Transfer),
    /// Traffic may flow from now on.
    Active,
    /// Traffic may not flow any more.
    Inactive,
    /// What is known of destinations changed (MTP-PAUSE, MTP-RESUME, MTP-STATUS indication).
    Destination(DestinationChange),
    /// The peer told of the state of an Application Server (RFC 4666 section 3.8.2), for the log.
    Notified(Notify),
    /// The peer reported an error of ours (RFC 4666 section 3.8.1), for the log.
    Reported(ErrorReport),
    /// A message was dropped, for the log and a counter.
    Discarded(Discard),
    /// End the association, for this reason; the machine counts it as lost already.
    Close(CloseReason),
}

/// Why a message was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Discard {
    /// It could not be read.
    Malformed(ErrorCode),
    /// It means nothing in the present state.
    Unexpected(MessageKind),
    /// Its network appearance is not configured.
    NetworkAppearance,
    /// Its routing context is not configured, or missing where there must be one.
    RoutingContext,
    /// Its service indicator is not that of SCCP.
    ServiceIndicator(u8),
    /// Its network indicator is not ours.
    NetworkIndicator,
    /// The sender's point code is not one of its Application Server.
    PointCode(PointCode),
}

/// Why a machine ends an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The peer acknowledged the shutdown, or had its time to.
    Stopped,
    /// The peer left a request unanswered as often as it may.
    NoAcknowledgement,
    /// The peer left heartbeats unanswered.
    NoHeartbeat,
    /// More links than allowed.
    TooManyLinks,
}
