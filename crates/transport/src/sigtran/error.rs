//! What can go wrong for the caller, by fault.

use core::net::SocketAddr;

use ss7::m3ua::PointCode;

use crate::sigtran::SigtranTransport;

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum SigtranStartError {
    /// A listener could not be opened.
    #[error(
        "association {name}: cannot listen on {transport:?} {address}: {source}; choose another address or stop what holds it"
    )]
    Listen {
        /// The association.
        name: String,
        /// The address asked for.
        address: SocketAddr,
        /// The transport asked for.
        transport: SigtranTransport,
        /// What the system said.
        source: std::io::Error,
    },
    /// The kernel has no SCTP.
    #[error("association {name}: the kernel refuses SCTP on {address}; load its sctp module or use TCP")]
    SctpUnavailable {
        /// The association.
        name: String,
        /// The address asked for.
        address: SocketAddr,
    },
    /// No subsystem, or one of the numbers that are none of a user: 0 unknown, 1 SCCP management.
    #[error("subsystems: at least one is needed, each a number from 2 to 254")]
    Subsystems,
    /// Two associations with the same name.
    #[error("association {name} is named twice")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// An association through which nobody can be reached and nobody may speak.
    #[error("association {name}: point_codes is empty, so it could carry nothing; list the point codes behind it")]
    NoPointCodes {
        /// The association.
        name: String,
    },
    /// A route to a point code that no association leads to.
    #[error("{place}: no association leads to point code {point_code}; add it to the point_codes of one")]
    NoAssociation {
        /// Where it stands.
        place: String,
        /// The value.
        point_code: PointCode,
    },
    /// A title that is no E.164 number, or a route whose prefix names subscribers.
    #[error("{place}: {reason}")]
    Title {
        /// Where it stands.
        place: String,
        /// What is wrong.
        reason: String,
    },
}

/// Why an invocation has no outcome. What the peer said is an [`InvokeOutcome`](crate::sigtran::InvokeOutcome), not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// No route of the configuration leads to the address.
    #[error("no route leads to the called address")]
    NoRoute,
    /// A route leads there, and no association on it is active.
    #[error("no association to the destination is active")]
    NotActive,
    /// The connection was lost with the invocation under way. Whether the peer got it is not known.
    #[error("the association was lost with the invocation under way")]
    Lost,
    /// As many dialogues, or as many unsent octets, as allowed are under way.
    #[error("too much under way")]
    Overloaded,
    /// The argument does not fit the segments of one SCCP message (ITU-T Q.713 clause 4.18: 16 segments).
    #[error("the message is too long for SCCP")]
    TooLong,
    /// The operation, argument or address does not encode.
    #[error("the invocation does not encode: {0}")]
    Malformed(&'static str),
    /// The dialogue has ended: its peer ended or aborted it, or its handler has answered.
    #[error("the dialogue has ended")]
    Ended,
    /// The node is stopping.
    #[error("the node is stopping")]
    Stopping,
}

/// Why a connection is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkDown {
    /// The connection could not be made.
    #[error("cannot connect: {0}")]
    Connect(std::io::ErrorKind),
    /// The kernel has no SCTP.
    #[error("the kernel has no SCTP; load its sctp module or use TCP")]
    SctpUnavailable,
    /// The peer closed the connection, or it broke.
    #[error("the connection was closed by the peer or broke")]
    Closed,
    /// The peer sent what cannot be framed.
    #[error("the peer sent octets that are no M3UA message")]
    Garbage,
    /// The peer did not answer heartbeats.
    #[error("the peer did not answer heartbeats")]
    Heartbeat,
    /// The peer did not acknowledge ASPUP or ASPAC, or refused it.
    #[error("the peer did not take this node up as an application server process")]
    NotTaken,
    /// As many connections as the association takes are there.
    #[error("too many connections on the association")]
    TooMany,
    /// This node ended it.
    #[error("this node ended the association")]
    Local,
}
