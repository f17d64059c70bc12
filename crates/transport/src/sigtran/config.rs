//! What a node is told: who it is, whom it connects to, which way global titles lead, whom it serves, how long it waits, how
//! much it takes.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use lcs::{Address, Digits};
use ss7::m3ua::{NetworkIndicator, PointCode, TrafficMode};
use ss7::sccp::Ssn;

/// A node of the signalling network: users of TCAP over SCCP over M3UA.
#[derive(Debug, Clone)]
pub struct SigtranConfig {
    /// Point code of this node.
    pub point_code: PointCode,
    /// Network indicator of what is sent and taken.
    pub network: NetworkIndicator,
    /// Global title of this node, E.164: what it calls itself, and where answers come to.
    pub global_title: Address,
    /// Other titles that are this node's, or beginnings of them: a home register has the numbers of its subscribers.
    pub other_titles: Vec<Address>,
    /// Subsystems served: GMLC; a laboratory may be HLR, MSC, SGSN. Requests come from the first when the caller names none.
    pub subsystems: Vec<Ssn>,
    /// Associations, each with the signalling gateway or the node at its other end.
    pub associations: Vec<AssociationConfig>,
    /// Where global titles lead; the longest prefix counts.
    pub routes: Vec<GtRoute>,
    /// Where a global title leads that no route knows: the signal transfer point. Without it, nowhere.
    pub default_route: Option<PointCode>,
    /// Who may begin a dialogue with this node.
    pub admission: Admission,
    /// Waiting times.
    pub timers: SigtranTimers,
    /// Bounds.
    pub limits: SigtranLimits,
}

impl SigtranConfig {
    /// A node of a national network that knows nobody and serves nobody, with the default timers and limits.
    #[must_use]
    pub fn new(point_code: PointCode, global_title: Address, subsystem: Ssn) -> Self {
        Self {
            point_code,
            network: NetworkIndicator::National,
            global_title,
            other_titles: Vec::new(),
            subsystems: vec![subsystem],
            associations: Vec::new(),
            routes: Vec::new(),
            default_route: None,
            admission: Admission::nobody(),
            timers: SigtranTimers::default(),
            limits: SigtranLimits::default(),
        }
    }
}

/// One association (RFC 4666 section 1.2), or the place where those of one application server arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociationConfig {
    /// What status, logs and errors call it.
    pub name: String,
    /// Which side this node is.
    pub role: Role,
    /// [`Role::Asp`]: where to connect to. [`Role::Server`]: where to listen; port 0 takes any free one, see
    /// [`crate::sigtran::SigtranNode::local_addrs`].
    pub address: SocketAddr,
    /// What M3UA runs over.
    pub transport: SigtranTransport,
    /// Routing context (RFC 4666 section 1.4.2.1), where both sides have agreed on one.
    pub routing_context: Option<u32>,
    /// Network appearance (RFC 4666 section 1.2), where both sides have agreed on one.
    pub network_appearance: Option<u32>,
    /// [`Role::Asp`]: ASP identifier, when the other side wants one (RFC 4666 section 3.5.1).
    pub asp_identifier: Option<u32>,
    /// How several application server processes share the traffic.
    pub traffic_mode: TrafficMode,
    /// Point codes that are reached through this association and may speak on it, those behind a signal transfer point
    /// included. Messages of others are dropped.
    pub point_codes: Vec<PointCode>,
    /// [`Role::Server`]: addresses that may connect. Empty: any.
    pub from: Vec<IpAddr>,
}

impl AssociationConfig {
    /// An association over TCP that this node makes.
    #[must_use]
    pub fn asp(name: &str, address: SocketAddr, point_codes: impl Into<Vec<PointCode>>) -> Self {
        Self {
            name: name.to_owned(),
            role: Role::Asp,
            address,
            transport: SigtranTransport::Tcp,
            routing_context: None,
            network_appearance: None,
            asp_identifier: None,
            traffic_mode: TrafficMode::Loadshare,
            point_codes: point_codes.into(),
            from: Vec::new(),
        }
    }

    /// A place where application server processes connect over TCP.
    #[must_use]
    pub fn server(name: &str, address: SocketAddr, point_codes: impl Into<Vec<PointCode>>) -> Self {
        Self { role: Role::Server, ..Self::asp(name, address, point_codes) }
    }
}

/// Which side of M3UA this node is on an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Application server process: connects, sends ASPUP and ASPAC (RFC 4666 section 4.3).
    Asp,
    /// The signalling gateway's side, or the IPSP that answers: listens, answers ASPUP and ASPAC.
    Server,
}

/// What M3UA runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigtranTransport {
    /// TCP, as laboratories and tunnels do; the length in the common header finds the messages.
    Tcp,
    /// SCTP of the kernel, one-to-one style, port 2905 (RFC 4666 section 1.4.8). The payload protocol identifier stays 0,
    /// not 3, and all messages use stream 0: setting either takes a system call that has no safe wrapper.
    Sctp,
}

/// Global titles that begin with `prefix` lead to `point_code`, and are left as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GtRoute {
    /// Numbering plan, nature and first digits of the title.
    pub prefix: Address,
    /// Point code of the next node.
    pub point_code: PointCode,
}

/// Who may begin a dialogue with this node. Judged by the SCCP calling party address, which answers go back to; whoever
/// lies in it does not get the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Whoever has an E.164 global title with one of these prefixes, or no global title and one of these point codes.
    Only {
        /// Prefixes of international E.164 numbers.
        prefixes: Vec<Digits>,
        /// Point codes of nodes that are addressed without a global title.
        point_codes: Vec<PointCode>,
    },
    /// Anybody who reaches this node: for laboratories.
    Anyone,
}

impl Admission {
    /// Nobody may begin a dialogue: for a node that only asks.
    #[must_use]
    pub const fn nobody() -> Self {
        Self::Only { prefixes: Vec::new(), point_codes: Vec::new() }
    }
}

/// Waiting times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigtranTimers {
    /// For a connection to be made.
    pub connect: Duration,
    /// T(ack), for the acknowledgement of ASPUP, ASPAC, ASPIA and ASPDN, before it is sent again (RFC 4666 section 4.3.4).
    pub ack: Duration,
    /// How often such a request is sent in all before the connection is given up.
    pub ack_attempts: u8,
    /// T(beat), between heartbeats on a connection (RFC 4666 section 4.3.4.6); silence for twice as long ends it.
    pub heartbeat: Duration,
    /// First pause before connecting again; doubles up to `reconnect_max`, each with up to a quarter of jitter.
    pub reconnect_min: Duration,
    /// Longest pause before connecting again.
    pub reconnect_max: Duration,
    /// How long nothing may happen in a dialogue before it is aborted.
    pub dialogue_idle: Duration,
    /// How long a dialogue may last at all.
    pub dialogue_lifetime: Duration,
    /// How long the segments of one message may take to arrive (ITU-T Q.714 clause 4.1.1.2.4, T(reass)).
    pub reassembly: Duration,
    /// What [`crate::sigtran::SigtranNode::stop`] gives to dialogues under way before it ends them.
    pub drain: Duration,
    /// For the last messages of a connection to be written and the acknowledgements of the end to arrive.
    pub closing: Duration,
}

impl Default for SigtranTimers {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            ack: Duration::from_secs(2),
            ack_attempts: 5,
            heartbeat: Duration::from_secs(10),
            reconnect_min: Duration::from_millis(200),
            reconnect_max: Duration::from_secs(30),
            dialogue_idle: Duration::from_secs(60),
            dialogue_lifetime: Duration::from_mins(10),
            reassembly: Duration::from_secs(10),
            drain: Duration::from_secs(10),
            closing: Duration::from_secs(2),
        }
    }
}

/// Bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigtranLimits {
    /// Dialogues of this node under way; one more is [`crate::sigtran::InvokeError::Overloaded`].
    pub max_dialogues: usize,
    /// Dialogues of peers under way; one more is aborted with resourceLimitation (ITU-T Q.773 table 12).
    pub max_peer_dialogues: usize,
    /// Invocations of peers being handled at a time, for each association; one more is rejected with resourceLimitation.
    pub max_handling: usize,
    /// Largest M3UA message taken, in octets.
    pub max_message: usize,
    /// Octets that may wait to be written on one connection; past that our requests are refused and answers dropped. Past
    /// half of it the peer's messages are left unread.
    pub max_unsent: usize,
    /// Messages that are being put together from segments at a time.
    pub max_reassemblies: usize,
    /// Sent messages that are remembered in case they come back undelivered.
    pub max_returns: usize,
    /// Connections at a time on one [`Role::Server`] association.
    pub max_connections: usize,
}

impl Default for SigtranLimits {
    fn default() -> Self {
        Self {
            max_dialogues: 16_384,
            max_peer_dialogues: 16_384,
            max_handling: 4096,
            max_message: 8192,
            max_unsent: 4 * 1024 * 1024,
            max_reassemblies: 1024,
            max_returns: 16_384,
            max_connections: 64,
        }
    }
}
