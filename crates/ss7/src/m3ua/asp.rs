//! The Application Server Process: the side that asks for traffic (RFC 4666 section 4.3).
//!
//! ```text
//!                  AssociationUp          ASPUP ACK            ASPAC ACK
//!   Disconnected ---------------> UpSent -----------> ActiveSent -----------> Active
//!        ^                          |                    | ^                    |  | Stop
//!        |                          |      NTFY pending  | |   NTFY alternate   |  v
//!        |                          |         or inactive| +----- Inactive <----+  InactiveSent
//!        |  ASPDN ACK               | Stop               | Stop                       | ASPIA ACK
//!        +---------------------- DownSent <--------------+----------------------------+
//! ```

use core::time::Duration;

use super::heartbeat::{Due, Heartbeat};
use super::{
    Action, Data, DecodeError, Destination, Destinations, Discard, ErrorCode, Message, MessageKind, Network,
    NetworkIndicator, NotifyStatus, PointCode, SERVICE_SCCP, SendError, Stream, TrafficMode, Transfer,
};
use table::{Effect, Trigger, transition};

mod table;
#[cfg(test)]
mod tests;

/// Most statements about destinations that are kept.
const DESTINATIONS: usize = 1024;

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
    /// Up, another process has the traffic (ASP-INACTIVE).
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
    /// The association stands, or began anew by itself.
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
    heartbeat: Heartbeat,
    /// When the request under way is sent again, and how often it was sent.
    retry: Option<(Duration, u8)>,
}

impl Asp {
    /// A process without an association. Once it has one, it goes for traffic by itself.
    #[must_use]
    pub const fn new(config: AspConfig) -> Self {
        let destinations = Destinations::new(DESTINATIONS, config.timers.congestion);
        let heartbeat = Heartbeat::new(config.timers.heartbeat);
        Self { config, state: AspState::Disconnected, destinations, heartbeat, retry: None }
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
    pub fn deadline(&self) -> Option<Duration> {
        [self.retry.map(|(due, _)| due), self.heartbeat.due()].into_iter().flatten().min()
    }

    /// Takes an event at `now` and returns what to do, in order.
    pub fn handle(&mut self, event: AspEvent, now: Duration) -> Vec<Action> {
        let mut out = Vec::new();
        match event {
            AspEvent::AssociationUp => {
                self.destinations.clear();
                self.heartbeat.start(now);
                self.retry = None;
                self.step(Trigger::AssociationUp, None, now, &mut out);
            }
            AspEvent::AssociationLost => self.step(Trigger::AssociationLost, None, now, &mut out),
            AspEvent::Stop => self.step(Trigger::Stop, None, now, &mut out),
            AspEvent::Timeout => self.timeout(now, &mut out),
            AspEvent::Audit(point_codes) => self.audit(&point_codes, &mut out),
            AspEvent::Received(_) if self.state == AspState::Disconnected => {}
            AspEvent::Received(Ok(message)) => self.message(message, now, &mut out),
            AspEvent::Received(Err(error)) => {
                out.extend(error.report().map(|report| send(Message::Error(report))));
                out.push(Action::Discarded(Discard::Malformed(error.fault.error_code())));
            }
        }
        out
    }

    /// The message that carries `transfer`.
    ///
    /// # Errors
    /// Traffic may not flow, the destination is unavailable, or the transfer is impossible.
    pub fn send(&self, transfer: Transfer, now: Duration) -> Result<(Stream, Message), SendError> {
        if transfer.priority > 3 || transfer.data.len() > Transfer::MAX_DATA {
            return Err(SendError::Invalid { max: Transfer::MAX_DATA });
        }
        if self.state != AspState::Active {
            return Err(SendError::NotActive);
        }
        if self.destinations.of(transfer.dpc, now) == Destination::Unavailable {
            return Err(SendError::Unavailable(transfer.dpc));
        }
        let stream = Stream::Traffic { sls: transfer.sls };
        let (network_appearance, routing_context) = (self.config.network_appearance, self.config.routing_context);
        Ok((stream, Message::Data(Data { network_appearance, routing_context, transfer, correlation: None })))
    }

    fn audit(&self, point_codes: &[PointCode], out: &mut Vec<Action>) {
        let up = matches!(self.state, AspState::Inactive | AspState::ActiveSent | AspState::Active);
        if up && !point_codes.is_empty() {
            let affected = point_codes.iter().copied().map(super::Affected::one).collect();
            let network = Network {
                appearance: self.config.network_appearance,
                routing_contexts: self.config.routing_context.into_iter().collect(),
            };
            out.push(send(Message::Daud(network, affected)));
        }
    }

    fn timeout(&mut self, now: Duration, out: &mut Vec<Action>) {
        if let Some((due, sent)) = self.retry
            && now >= due
        {
            let trigger = if sent < self.config.timers.attempts { Trigger::Retry } else { Trigger::GiveUp };
            self.step(trigger, None, now, out);
        }
        match self.heartbeat.check(now) {
            Due::Wait => {}
            Due::Ask(beat) => out.push(send(beat)),
            Due::Silent => self.step(Trigger::Silent, None, now, out),
        }
    }

    fn message(&mut self, message: Message, now: Duration, out: &mut Vec<Action>) {
        let trigger = match &message {
            Message::Error(report) => {
                out.push(Action::Reported(report.clone()));
                return;
            }
            Message::BeatAck(data) => {
                if !self.heartbeat.acknowledged(data) {
                    out.push(Action::Discarded(Discard::Unexpected(MessageKind::BeatAck)));
                }
                return;
            }
            Message::Notify(notify) => {
                out.push(Action::Notified(notify.clone()));
                if !self.concerns_us(&notify.routing_contexts) {
                    return;
                }
                match notify.status {
                    NotifyStatus::AlternateAspActive => Trigger::Overridden,
                    NotifyStatus::AsInactive | NotifyStatus::AsPending | NotifyStatus::InsufficientAspResources => {
                        Trigger::Wanted
                    }
                    _ => return,
                }
            }
            Message::Beat(_) => Trigger::Beat,
            Message::Data(_) => Trigger::Data,
            Message::Duna(..) | Message::Dava(..) | Message::Drst(..) | Message::Scon(..) | Message::Dupu(..) => {
                Trigger::Network
            }
            Message::AspUpAck { .. } => Trigger::UpAck,
            Message::AspActiveAck { routing_contexts, .. } | Message::AspInactiveAck(routing_contexts)
                if !self.concerns_us(routing_contexts) =>
            {
                out.push(Action::Discarded(Discard::RoutingContext));
                return;
            }
            Message::AspActiveAck { .. } => Trigger::ActiveAck,
            Message::AspInactiveAck(_) => Trigger::InactiveAck,
            Message::AspDownAck => Trigger::DownAck,
            Message::AspUp { .. }
            | Message::AspDown
            | Message::AspActive { .. }
            | Message::AspInactive(_)
            | Message::Daud(..) => Trigger::Request,
        };
        self.step(trigger, Some(message), now, out);
    }

    /// Whether routing contexts of a message include ours; a message without any means all, as does our having none.
    fn concerns_us(&self, contexts: &[u32]) -> bool {
        contexts.is_empty() || self.config.routing_context.is_none_or(|ours| contexts.contains(&ours))
    }

    fn step(&mut self, trigger: Trigger, message: Option<Message>, now: Duration, out: &mut Vec<Action>) {
        let (effects, next) = transition(self.state, trigger);
        if next != self.state {
            self.retry = None;
        }
        self.state = next;
        for effect in effects {
            self.perform(*effect, message.as_ref(), now, out);
        }
        if next == AspState::Disconnected {
            self.retry = None;
            self.heartbeat.stop();
            self.destinations.clear();
        }
    }

    fn perform(&mut self, effect: Effect, message: Option<&Message>, now: Duration, out: &mut Vec<Action>) {
        match effect {
            Effect::SendUp => {
                self.request(Message::AspUp { asp_identifier: self.config.asp_identifier }, now, out);
            }
            Effect::SendActive => {
                let routing_contexts = self.config.routing_context.into_iter().collect();
                let traffic_mode = self.config.traffic_mode;
                self.request(Message::AspActive { traffic_mode, routing_contexts }, now, out);
            }
            Effect::SendInactive => {
                let routing_contexts = self.config.routing_context.into_iter().collect();
                self.request(Message::AspInactive(routing_contexts), now, out);
            }
            Effect::SendDown => self.request(Message::AspDown, now, out),
            Effect::TellActive => out.push(Action::Active),
            Effect::TellInactive => out.push(Action::Inactive),
            Effect::Close(reason) => out.push(Action::Close(reason)),
            Effect::Echo => {
                if let Some(Message::Beat(data)) = message {
                    out.push(send(Message::BeatAck(data.clone())));
                }
            }
            Effect::Deliver => self.deliver(message, out),
            Effect::Note => {
                let changes = message.map(|message| self.note(message, now, out)).unwrap_or_default();
                out.extend(changes.into_iter().map(Action::Destination));
            }
            Effect::Drop => {
                out.extend(message.map(|message| Action::Discarded(Discard::Unexpected(message.kind()))));
            }
            Effect::Refuse => {
                let Some(message) = message else { return };
                out.push(send(Message::Error(message.refusal(ErrorCode::UnexpectedMessage))));
                out.push(Action::Discarded(Discard::Unexpected(message.kind())));
            }
        }
    }

    /// Sends a request and counts it.
    fn request(&mut self, message: Message, now: Duration, out: &mut Vec<Action>) {
        let sent = self.retry.map_or(0, |(_, sent)| sent);
        self.retry = Some((now + self.config.timers.acknowledgement, sent.saturating_add(1)));
        out.push(send(message));
    }

    fn note(&mut self, message: &Message, now: Duration, out: &mut Vec<Action>) -> Vec<super::DestinationChange> {
        if !self.concerns_us(&message.routing_contexts()) {
            out.push(send(Message::Error(message.refusal(ErrorCode::InvalidRoutingContext))));
            out.push(Action::Discarded(Discard::RoutingContext));
            return Vec::new();
        }
        self.destinations.take(message, now)
    }

    fn deliver(&self, message: Option<&Message>, out: &mut Vec<Action>) {
        let Some(message @ Message::Data(data)) = message else { return };
        if data.network_appearance.is_some() && data.network_appearance != self.config.network_appearance {
            let mut report = message.refusal(ErrorCode::InvalidNetworkAppearance);
            report.network_appearance = data.network_appearance;
            out.push(send(Message::Error(report)));
            out.push(Action::Discarded(Discard::NetworkAppearance));
        } else if let (Some(ours), Some(theirs)) = (self.config.routing_context, data.routing_context)
            && ours != theirs
        {
            out.push(send(Message::Error(message.refusal(ErrorCode::InvalidRoutingContext))));
            out.push(Action::Discarded(Discard::RoutingContext));
        } else if data.transfer.service != SERVICE_SCCP {
            out.push(Action::Discarded(Discard::ServiceIndicator(data.transfer.service)));
        } else if data.transfer.network != self.config.network {
            out.push(Action::Discarded(Discard::NetworkIndicator));
        } else {
            out.push(Action::Deliver(data.transfer.clone()));
        }
    }
}

/// Everything but traffic goes on stream 0.
const fn send(message: Message) -> Action {
    Action::Send { stream: Stream::Management, message }
}
