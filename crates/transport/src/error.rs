//! What can go wrong for the caller, by fault.

use core::net::SocketAddr;

use crate::Transport;

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A listener could not be opened.
    #[error("cannot listen on {transport:?} {address}: {source}; choose another address or stop what holds it")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The transport asked for.
        transport: Transport,
        /// What the system said.
        source: std::io::Error,
    },
    /// The kernel has no SCTP.
    #[error("the kernel refuses SCTP on {address}; load its sctp module or use TCP or TLS")]
    SctpUnavailable {
        /// The address asked for.
        address: SocketAddr,
    },
    /// A TLS listener without a server certificate, or a TLS peer without client settings.
    #[error("TLS is used but `tls` has no certificate for it")]
    TlsMissing,
    /// A peer to connect to has no address.
    #[error("peer {host} is to be connected to but has no address")]
    AddressMissing {
        /// The peer.
        host: String,
    },
    /// A name that is no host name: empty, longer than 255 octets, or with other characters than letters, digits, `-`, `.`
    /// and `_`.
    #[error("{name:?} is not a Diameter identity: a fully qualified domain name is needed")]
    Identity {
        /// The name.
        name: String,
    },
    /// Two peers with the same identity, or one with ours.
    #[error("identity {host} is used twice")]
    DuplicateIdentity {
        /// The identity.
        host: String,
    },
}

/// Why a request has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No peer that is open, healthy and announced the application leads to the destination.
    #[error("no usable peer leads to the destination")]
    NoPeer,
    /// The time given passed.
    #[error("no answer in time")]
    TimedOut,
    /// The connection was lost with the request under way, and no other peer was there to take it.
    #[error("the connection was lost and no other peer could take the request")]
    Disconnected,
    /// As many requests, or as many unsent octets, as allowed are under way at every suitable peer.
    #[error("too many requests under way")]
    Overloaded,
    /// The answer was a protocol error (E bit, RFC 6733 section 7.1.3), also after another peer was tried where that helps.
    /// Holds the Result-Code; 0 when the answer had none.
    #[error("a node on the way answered with protocol error {result_code}")]
    Protocol {
        /// Result-Code of the answer.
        result_code: u32,
    },
    /// The answer is no sound Diameter message.
    #[error("the answer is malformed")]
    BadAnswer,
    /// The request as encoded is not one complete Diameter request, or too large.
    #[error("the request does not encode to one Diameter request within the size limit")]
    Malformed,
    /// The node is shutting down.
    #[error("the node is shutting down")]
    Shutdown,
}
