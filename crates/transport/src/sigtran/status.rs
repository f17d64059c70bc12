//! What a node tells about its associations.

use core::net::SocketAddr;

use crate::sigtran::{LinkDown, Role};

/// An association as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociationStatus {
    /// Its name in the configuration.
    pub name: String,
    /// Which side this node is.
    pub role: Role,
    /// Whether traffic may flow: some application server process on it is active (RFC 4666 section 4.3.1).
    pub active: bool,
    /// Its connections: one at most for [`Role::Asp`].
    pub connections: Vec<ConnectionStatus>,
    /// Why the last attempt or connection ended.
    pub last_error: Option<LinkDown>,
}

/// A connection as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionStatus {
    /// Address of the peer.
    pub remote: SocketAddr,
    /// Whether traffic may flow on it.
    pub active: bool,
    /// Invocations of the peer being handled.
    pub handling: usize,
}

/// A node as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigtranStatus {
    /// Associations, in the order of the configuration.
    pub associations: Vec<AssociationStatus>,
    /// Dialogues under way that this node began.
    pub dialogues: usize,
    /// Dialogues under way that peers began.
    pub peer_dialogues: usize,
}
