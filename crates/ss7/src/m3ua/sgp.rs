//! The signalling gateway process, or the IPSP that answers: the side that grants traffic (RFC 4666 section 4.3).

use core::time::Duration;

use super::{
    Action, AsState, DecodeError, Message, NetworkIndicator, PointCode, SendError, Stream, TrafficMode, Transfer,
};

/// Names one association. The driver chooses; a number may be used again once its link is lost or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link(pub u32);

/// An Application Server with its routing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationServer {
    /// Routing context.
    pub routing_context: u32,
    /// Destination point codes whose traffic it gets.
    pub point_codes: Vec<PointCode>,
    /// How its processes share the traffic.
    pub traffic_mode: TrafficMode,
}

/// What is configured on this side.
#[derive(Debug, Clone)]
pub struct SgpConfig {
    /// Application Servers; the first with a matching point code gets the traffic.
    pub servers: Vec<ApplicationServer>,
    /// Point codes that can be reached through this gateway, besides those of active servers: the answer to a DAUD.
    pub reachable: Vec<PointCode>,
    /// Network appearance, when there is one.
    pub network_appearance: Option<u32>,
    /// Network indicator of what is sent and taken.
    pub network: NetworkIndicator,
    /// Whether an ASP Up has to bring an ASP identifier.
    pub asp_identifier_required: bool,
    /// Most links at a time.
    pub max_links: usize,
    /// Times.
    pub timers: SgpTimers,
}

/// Times of an [`Sgp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SgpTimers {
    /// T(r): how long a server without an active process stays AS-PENDING.
    pub recovery: Duration,
    /// T(beat): interval of heartbeats, none when `None`. Without an answer for twice the time the link is given up.
    pub heartbeat: Option<Duration>,
}

impl Default for SgpTimers {
    fn default() -> Self {
        Self { recovery: Duration::from_secs(2), heartbeat: Some(Duration::from_secs(30)) }
    }
}

/// State of the process at the other end of a link, in one Application Server (RFC 4666 section 4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkState {
    /// ASP-DOWN.
    Down,
    /// ASP-INACTIVE.
    Inactive,
    /// ASP-ACTIVE.
    Active,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum SgpEvent {
    /// A new association stands.
    LinkUp(Link),
    /// An association is lost.
    LinkLost(Link),
    /// A message came, or octets that are none.
    Received(Link, Result<Message, DecodeError>),
    /// Tell every active process that this destination cannot be reached any more (DUNA), or again (DAVA).
    Reachable(PointCode, bool),
    /// The deadline passed.
    Timeout,
}

/// The machine of all associations of a gateway process.
#[derive(Debug, Clone)]
pub struct Sgp {
    config: SgpConfig,
}

impl Sgp {
    /// A gateway without links.
    #[must_use]
    pub const fn new(config: SgpConfig) -> Self {
        Self { config }
    }

    /// State of the server with this routing context; `None` when there is none.
    #[must_use]
    pub fn server_state(&self, _routing_context: u32) -> Option<AsState> {
        None
    }

    /// State of the process behind a link in the server with this routing context; `None` when there is no such.
    #[must_use]
    pub fn link_state(&self, _link: Link, _routing_context: u32) -> Option<LinkState> {
        None
    }

    /// When [`SgpEvent::Timeout`] is due.
    #[must_use]
    pub const fn deadline(&self) -> Option<Duration> {
        None
    }

    /// Takes an event at `now` and returns what to do on which link, in order.
    ///
    /// [`Action::Deliver`] brings what a process sent: for a local user, or to be sent on by [`Sgp::send`].
    pub fn handle(&mut self, _event: SgpEvent, _now: Duration) -> Vec<(Link, Action)> {
        let _ = &self.config;
        Vec::new()
    }

    /// The message that carries `transfer`, and the link of the active process that gets it.
    ///
    /// # Errors
    /// No server has the point code, it has no active process, or the transfer is impossible.
    pub fn send(&self, transfer: Transfer) -> Result<(Link, Stream, Message), SendError> {
        Err(SendError::NoRoute(transfer.dpc))
    }
}
