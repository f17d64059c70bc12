//! The Application Server Process: the side that asks for traffic (RFC 4666 section 4.3).

use core::time::Duration;

use super::{
    Action, DecodeError, Destinations, Message, NetworkIndicator, PointCode, SendError, Stream, TrafficMode, Transfer,
};

/// What is configured on this side.
#[derive(Debug, Clone)]
pub struct AspConfig {
    /// ASP identifier, when the peer wants one.
    pub asp_identifier: Option<u32>,
    /// Routing context of the one Application Server that this process serves, when the peer has one for it.
    pub routing_context: Option<u32>,
    /// Network appearance, when the peer serves several networks.
    pub network_appearance: Option<u32>,
    /// Traffic mode to ask for; the peer's own when none.
    pub traffic_mode: Option<TrafficMode>,
    /// Network indicator of what is sent and taken.
    pub network: NetworkIndicator,
    /// Times.
    pub timers: AspTimers,
}

/// Times of an [`Asp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AspTimers {
    /// T(ack): how long an acknowledgement may take before the request is sent again.
    pub acknowledgement: Duration,
    /// How often a request is sent in all before the association is given up.
    pub attempts: u8,
    /// T(beat): interval of heartbeats, none when `None`. Without an answer for twice the time the association is given up.
    pub heartbeat: Option<Duration>,
    /// How long a destination counts as congested.
    pub congestion: Duration,
}

impl Default for AspTimers {
    fn default() -> Self {
        Self {
            acknowledgement: Duration::from_secs(2),
            attempts: 5,
            heartbeat: Some(Duration::from_secs(30)),
            congestion: Duration::from_secs(5),
        }
    }
}

/// State of the process, seen from itself (RFC 4666 section 4.3.1, with a state for each request under way).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AspState {
    /// No association.
    Disconnected,
    /// ASP Up is sent (ASP-DOWN).
    UpSent,
    /// Up, not asked to be active (ASP-INACTIVE).
    Inactive,
    /// ASP Active is sent (ASP-INACTIVE).
    ActiveSent,
    /// Traffic flows (ASP-ACTIVE).
    Active,
    /// ASP Inactive is sent, on the way to stop.
    InactiveSent,
    /// ASP Down is sent, on the way to stop.
    DownSent,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum AspEvent {
    /// The association stands.
    AssociationUp,
    /// The association is lost or could not be made.
    AssociationLost,
    /// A message came, or octets that are none.
    Received(Result<Message, DecodeError>),
    /// Ask about these destinations (DAUD).
    Audit(Vec<PointCode>),
    /// Shut down in good order: ASP Inactive, ASP Down, close.
    Stop,
    /// The deadline passed.
    Timeout,
}

/// The machine of one association.
#[derive(Debug, Clone)]
pub struct Asp {
    config: AspConfig,
    state: AspState,
    destinations: Destinations,
    deadline: Option<Duration>,
}

impl Asp {
    /// A process without an association. Once it has one, it goes for traffic by itself.
    #[must_use]
    pub const fn new(config: AspConfig) -> Self {
        let destinations = Destinations::new(4096, config.timers.congestion);
        Self { config, state: AspState::Disconnected, destinations, deadline: None }
    }

    /// The present state.
    #[must_use]
    pub const fn state(&self) -> AspState {
        self.state
    }

    /// What the network told about destinations.
    #[must_use]
    pub const fn destinations(&self) -> &Destinations {
        &self.destinations
    }

    /// When [`AspEvent::Timeout`] is due.
    #[must_use]
    pub const fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Takes an event at `now` and returns what to do, in order.
    pub fn handle(&mut self, _event: AspEvent, _now: Duration) -> Vec<Action> {
        let _ = &self.config;
        Vec::new()
    }

    /// The message that carries `transfer`.
    ///
    /// # Errors
    /// Traffic may not flow, the destination is unavailable, or the transfer is impossible.
    pub fn send(&self, _transfer: Transfer, _now: Duration) -> Result<(Stream, Message), SendError> {
        Err(SendError::NotActive)
    }
}
