//! What a node is told: who it is, where it listens, whom it knows, how long it waits, how much it takes.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::sync::Arc;

use diameter::codec::ApplicationId;

/// A local Diameter node (RFC 6733 section 1.2).
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Origin-Host: the identity of this node, a fully qualified domain name.
    pub origin_host: String,
    /// Origin-Realm.
    pub origin_realm: String,
    /// Vendor-Id of the CER (RFC 6733 section 5.3.3); zero when none was assigned.
    pub vendor_id: u32,
    /// Product-Name (RFC 6733 section 5.3.7).
    pub product_name: String,
    /// Host-IP-Address values (RFC 6733 section 5.3.5). When empty, the local address of each connection is sent.
    pub host_ip_addresses: Vec<IpAddr>,
    /// Applications announced in the capabilities exchange, beside base (which needs no announcement).
    pub applications: Vec<Application>,
    /// Where connections are accepted.
    pub listen: Vec<Listen>,
    /// Peers known beforehand.
    pub peers: Vec<PeerConfig>,
    /// Certificates for TLS; needed when a listener or a peer uses it.
    pub tls: Option<TlsConfig>,
    /// Whether the node forwards requests for others (RFC 6733 section 2.8.1); it then announces the relay application.
    pub relay: bool,
    /// Waiting times.
    pub timers: Timers,
    /// Bounds.
    pub limits: Limits,
}

impl NodeConfig {
    /// A node that knows nobody, listens nowhere, and has the default timers and limits.
    #[must_use]
    pub fn new(origin_host: &str, origin_realm: &str) -> Self {
        Self {
            origin_host: origin_host.to_owned(),
            origin_realm: origin_realm.to_owned(),
            vendor_id: 0,
            product_name: "Wherefore".to_owned(),
            host_ip_addresses: Vec::new(),
            applications: Vec::new(),
            listen: Vec::new(),
            peers: Vec::new(),
            tls: None,
            relay: false,
            timers: Timers::default(),
            limits: Limits::default(),
        }
    }
}

/// An application as announced (RFC 6733 section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Application {
    /// Its identifier, sent as Auth-Application-Id.
    pub id: ApplicationId,
    /// Vendor whose Vendor-Specific-Application-Id carries it (10415 for SLg, SLh and S6a); none for one sent bare.
    pub vendor: Option<u32>,
}

impl Application {
    /// An application of 3GPP, such as SLg or SLh.
    #[must_use]
    pub const fn tgpp(id: ApplicationId) -> Self {
        Self { id, vendor: Some(10415) }
    }
}

/// A place where connections are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// Local address; port 0 takes any free one, see [`crate::Node::local_addrs`].
    pub address: SocketAddr,
    /// Transport.
    pub transport: Transport,
}

/// Transport below Diameter (RFC 6733 section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TCP, port 3868.
    Tcp,
    /// TLS over TCP before the capabilities exchange, port 5868 (RFC 6733 sections 2.2 and 13.1).
    Tls,
    /// SCTP of the kernel, one-to-one style, port 3868. The payload protocol identifier stays 0, not 46 (RFC 6733 section
    /// 2.1.1): setting it takes a system call that has no safe wrapper. All messages use one stream.
    Sctp,
}

/// Who begins the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// This node connects, and accepts too; connections that cross are settled by election.
    Initiate,
    /// The peer connects.
    Accept,
}

/// A peer known beforehand (RFC 6733 section 2.6).
#[derive(Debug, Clone)]
pub struct PeerConfig {
    /// Its identity. A peer that says another one in its CER or CEA is refused.
    pub host: String,
    /// Its realm.
    pub realm: String,
    /// Address to connect to. For [`Mode::Accept`], optional: the IP address that it has to connect from.
    pub address: Option<SocketAddr>,
    /// Transport to connect with. A peer with [`Transport::Tls`] is refused when it connects without TLS.
    pub transport: Transport,
    /// Who begins.
    pub mode: Mode,
    /// Smaller is preferred among peers that would serve equally well.
    pub priority: u16,
    /// Whether it forwards requests for hosts other than itself.
    pub relay: bool,
    /// Name that its TLS certificate must carry, when that is not `host`.
    pub tls_name: Option<String>,
}

impl PeerConfig {
    /// A peer to connect to over TCP.
    #[must_use]
    pub fn initiate(host: &str, realm: &str, address: SocketAddr) -> Self {
        Self {
            host: host.to_owned(),
            realm: realm.to_owned(),
            address: Some(address),
            transport: Transport::Tcp,
            mode: Mode::Initiate,
            priority: 0,
            relay: false,
            tls_name: None,
        }
    }

    /// A peer that connects to this node.
    #[must_use]
    pub fn accept(host: &str, realm: &str) -> Self {
        Self {
            host: host.to_owned(),
            realm: realm.to_owned(),
            address: None,
            transport: Transport::Tcp,
            mode: Mode::Accept,
            priority: 0,
            relay: false,
            tls_name: None,
        }
    }

    /// The same peer over another transport.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// The same peer with a priority; smaller is preferred.
    #[must_use]
    pub const fn priority(mut self, priority: u16) -> Self {
        self.priority = priority;
        self
    }

    /// The same peer as a relay.
    #[must_use]
    pub const fn relay(mut self) -> Self {
        self.relay = true;
        self
    }
}

/// Certificates. Both sides show theirs and check the other's when `server` was built with a client verifier.
#[derive(Clone)]
pub struct TlsConfig {
    /// For connections that this node begins; carries the roots and, for mutual authentication, the own certificate.
    pub client: Arc<rustls::ClientConfig>,
    /// For connections that this node accepts.
    pub server: Option<Arc<rustls::ServerConfig>>,
}

impl core::fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("TlsConfig").field("server", &self.server.is_some()).finish_non_exhaustive()
    }
}

/// Waiting times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// Tw, silence before a watchdog; at least 6 s is used, jitter of 2 s either way is added (RFC 3539 section 3.4.1).
    pub watchdog: Duration,
    /// Whether a peer that reopens is asked its three watchdogs one after the other at once (three round trips) or one per
    /// Tw, as RFC 3539 Appendix A has it.
    pub prompt_reopen: bool,
    /// For a connection, and for TLS on it, to be made.
    pub connect: Duration,
    /// For the CER after an accepted connection and for the CEA after our CER.
    pub capabilities: Duration,
    /// First pause before connecting again; doubles up to `reconnect_max`, each with up to a quarter of jitter.
    pub reconnect_min: Duration,
    /// Longest pause before connecting again (Tc, RFC 6733 section 2.1, whose 30 s is the default).
    pub reconnect_max: Duration,
    /// How long a request waits for a suitable peer to become usable before it fails with
    /// [`crate::RequestError::NoPeer`] or `Disconnected`; zero fails at once. Never longer than the request's own timeout,
    /// and not at all for a destination to which no peer of the configuration leads.
    pub peer_wait: Duration,
    /// For the DPA after a DPR.
    pub closing: Duration,
    /// What [`crate::Node::shutdown`] gives to requests under way before it disconnects.
    pub drain: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            watchdog: Duration::from_secs(30),
            prompt_reopen: true,
            connect: Duration::from_secs(5),
            capabilities: Duration::from_secs(10),
            reconnect_min: Duration::from_millis(200),
            reconnect_max: Duration::from_secs(30),
            peer_wait: Duration::from_secs(1),
            closing: Duration::from_secs(2),
            drain: Duration::from_secs(10),
        }
    }
}

/// Bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of ours under way per peer; one more is [`crate::RequestError::Overloaded`]. At most 65,536.
    pub max_outstanding: usize,
    /// Requests of a peer being handled at a time; one more is answered DIAMETER_TOO_BUSY (RFC 6733 section 7.1.3).
    pub max_handling: usize,
    /// Largest message taken, in octets.
    pub max_message: usize,
    /// Octets that may wait to be written to one peer; past that our requests are refused and its own are left unread.
    pub max_unsent: usize,
    /// Connections at a time that others began, those before their CER included.
    pub max_connections: usize,
    /// Peers that are not in [`NodeConfig::peers`].
    pub unknown_peers: UnknownPeers,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_outstanding: 4096,
            max_handling: 4096,
            max_message: 64 * 1024,
            max_unsent: 4 * 1024 * 1024,
            max_connections: 4096,
            unknown_peers: UnknownPeers::Refuse,
        }
    }
}

/// What to do with a peer that is not configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnknownPeers {
    /// Answer its CER with DIAMETER_UNKNOWN_PEER and close (RFC 6733 section 5.3).
    Refuse,
    /// Take it while it stays connected. An attacker who can connect is then a peer: for laboratories.
    Accept,
}
