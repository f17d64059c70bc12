//! What a node tells about its peers.

use core::net::SocketAddr;

use diameter::codec::ApplicationId;
use diameter::peer::{State, WatchdogState};

/// A peer as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerStatus {
    /// Its identity.
    pub host: String,
    /// Its realm.
    pub realm: String,
    /// State of the peer state machine (RFC 6733 section 5.6).
    pub state: State,
    /// State of the watchdog (RFC 3539 section 3.4.1).
    pub watchdog: WatchdogState,
    /// Whether requests may go to it now.
    pub usable: bool,
    /// Applications in common, those of the last connection when there is none now.
    pub applications: Vec<ApplicationId>,
    /// Its Product-Name, empty before the first connection.
    pub product_name: String,
    /// Its address on the present connection.
    pub address: Option<SocketAddr>,
    /// Requests of ours under way.
    pub outstanding: usize,
    /// Requests of its own being handled.
    pub handling: usize,
    /// Why the last attempt or connection ended.
    pub last_error: Option<LinkError>,
}

/// Why a connection is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The connection could not be made.
    #[error("cannot connect: {0}")]
    Connect(std::io::ErrorKind),
    /// The kernel has no SCTP.
    #[error("the kernel has no SCTP; load its sctp module or use TCP or TLS")]
    SctpUnavailable,
    /// TLS failed: a certificate or a parameter was not accepted, by us or by the peer.
    #[error("TLS failed: certificate or parameters not accepted")]
    Tls,
    /// No connection or no answer in time while opening.
    #[error("no capabilities exchange in time")]
    HandshakeTimeout,
    /// The peer refused our CER with this Result-Code.
    #[error("the peer refused the capabilities exchange with result {0}")]
    Refused(u32),
    /// The peer answered our CER with something else than a sound CEA.
    #[error("the peer broke the capabilities exchange")]
    Handshake,
    /// The peer said that it is another one.
    #[error("the peer has another identity than configured")]
    WrongIdentity,
    /// No application in common.
    #[error("no application in common")]
    NoCommonApplication,
    /// The peer closed the connection, or it broke.
    #[error("the connection was closed by the peer or broke")]
    Closed,
    /// The peer sent what cannot be framed.
    #[error("the peer sent octets that are no Diameter message")]
    Garbage,
    /// The peer did not answer its watchdog.
    #[error("the peer did not answer the watchdog")]
    Watchdog,
    /// The peer disconnected with a DPR of this Disconnect-Cause.
    #[error("the peer disconnected with cause {0}")]
    Disconnected(u32),
    /// This node disconnected.
    #[error("this node disconnected")]
    Local,
}
