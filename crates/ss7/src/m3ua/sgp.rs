//! The signalling gateway process, or the IPSP that answers: the side that grants traffic (RFC 4666 section 4.3).
//!
//! ```text
//!   LinkUp          ASPUP             ASPAC (for a server)         each change is told to the processes
//!   --------> Down --------> Inactive ---------------------> Active      of the server by NTFY
//!              ^     ASPDN      |  ^       ASPIA, override      |
//!              +----------------+--+----------------------------+
//! ```

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use super::heartbeat::{Due, Heartbeat};
use super::{
    Action, Affected, AsState, CloseReason, Data, DecodeError, Discard, Message, Network, NetworkIndicator, PointCode,
    SendError, Stream, TrafficMode, Transfer,
};
use servers::Server;

mod maintenance;
mod servers;
mod table;
#[cfg(test)]
mod tests;
mod traffic;

/// Names one association. The driver chooses; a number may be used again once its link is lost or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link(pub u32);

/// An Application Server with its routing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationServer {
    /// Routing context.
    pub routing_context: u32,
    /// Its point codes: the destinations whose traffic it gets, and the only ones that its processes may send from.
    pub point_codes: Vec<PointCode>,
    /// How its processes share the traffic.
    pub traffic_mode: TrafficMode,
    /// ASP identifiers of the processes that may serve it; any process may when empty.
    pub members: Vec<u32>,
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
    /// A new association stands, or one began anew by itself.
    LinkUp(Link),
    /// An association is lost.
    LinkLost(Link),
    /// A message came, or octets that are none.
    Received(Link, Result<Message, DecodeError>),
    /// Tell every active process that this destination can be reached again (DAVA), or cannot any more (DUNA).
    Reachable(PointCode, bool),
    /// The deadline passed.
    Timeout,
}

/// One association.
#[derive(Debug, Clone)]
struct Peer {
    up: bool,
    asp_identifier: Option<u32>,
    /// Servers, by their place, in which the process is active.
    active: BTreeSet<usize>,
    heartbeat: Heartbeat,
}

type Actions = Vec<(Link, Action)>;

/// The machine of all associations of a gateway process.
#[derive(Debug, Clone)]
pub struct Sgp {
    config: SgpConfig,
    servers: Vec<Server>,
    reachable: BTreeSet<PointCode>,
    peers: BTreeMap<Link, Peer>,
}

impl Sgp {
    /// A gateway without links.
    #[must_use]
    pub fn new(config: SgpConfig) -> Self {
        let servers = config.servers.iter().map(|_| Server::default()).collect();
        let reachable = config.reachable.iter().copied().collect();
        Self { config, servers, reachable, peers: BTreeMap::new() }
    }

    /// State of the server with this routing context; `None` when there is none.
    #[must_use]
    pub fn server_state(&self, routing_context: u32) -> Option<AsState> {
        self.servers.get(self.place_of(routing_context)?).map(|server| server.state)
    }

    /// State of the process behind a link in the server with this routing context; `None` when there is no such.
    #[must_use]
    pub fn link_state(&self, link: Link, routing_context: u32) -> Option<LinkState> {
        let place = self.place_of(routing_context)?;
        let peer = self.peers.get(&link)?;
        Some(match (peer.up, peer.active.contains(&place)) {
            (false, _) => LinkState::Down,
            (true, false) => LinkState::Inactive,
            (true, true) => LinkState::Active,
        })
    }

    /// When [`SgpEvent::Timeout`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let recovery = self.servers.iter().filter_map(|server| server.pending_until);
        recovery.chain(self.peers.values().filter_map(|peer| peer.heartbeat.due())).min()
    }

    /// Takes an event at `now` and returns what to do on which link, in order.
    ///
    /// [`Action::Deliver`] brings what a process sent: for a local user, or to be sent on by [`Sgp::send`].
    pub fn handle(&mut self, event: SgpEvent, now: Duration) -> Vec<(Link, Action)> {
        let mut out = Vec::new();
        match event {
            SgpEvent::LinkUp(link) => self.link_up(link, now, &mut out),
            SgpEvent::LinkLost(link) => self.link_lost(link, now, &mut out),
            SgpEvent::Received(link, Ok(message)) => self.message(link, &message, now, &mut out),
            SgpEvent::Received(link, Err(error)) => {
                if self.peers.contains_key(&link) {
                    out.extend(error.report().map(|report| (link, send(Message::Error(report)))));
                    out.push((link, Action::Discarded(Discard::Malformed(error.fault.error_code()))));
                }
            }
            SgpEvent::Reachable(point_code, reachable) => {
                let changed =
                    if reachable { self.reachable.insert(point_code) } else { self.reachable.remove(&point_code) };
                if changed {
                    self.tell_reachable(None, &[point_code], reachable, &mut out);
                }
            }
            SgpEvent::Timeout => self.timeout(now, &mut out),
        }
        out
    }

    /// The message that carries `transfer`, and the link of the active process that gets it.
    ///
    /// # Errors
    /// No server has the point code, it has no active process, or the transfer is impossible.
    pub fn send(&self, transfer: Transfer) -> Result<(Link, Stream, Message), SendError> {
        if transfer.priority > 3 || transfer.data.len() > Transfer::MAX_DATA {
            return Err(SendError::Invalid { max: Transfer::MAX_DATA });
        }
        let dpc = transfer.dpc;
        let mut configured = self.config.servers.iter().enumerate();
        let found = configured.find(|(_, server)| server.point_codes.contains(&dpc));
        let (place, server) = found.ok_or(SendError::NoRoute(dpc))?;
        let state = self.servers.get(place).map_or(AsState::Down, |server| server.state);
        let active: Vec<Link> = self.active_in(place).collect();
        // Override leaves one active; of several the link selection names one, so that order is kept.
        let chosen = usize::from(transfer.sls).checked_rem(active.len()).and_then(|at| active.get(at));
        let link = *chosen.ok_or(SendError::ServerNotActive(dpc, state))?;
        let stream = Stream::Traffic { sls: transfer.sls };
        let data = Data {
            network_appearance: self.config.network_appearance,
            routing_context: Some(server.routing_context),
            transfer,
            correlation: None,
        };
        Ok((link, stream, Message::Data(data)))
    }

    fn place_of(&self, routing_context: u32) -> Option<usize> {
        self.config.servers.iter().position(|server| server.routing_context == routing_context)
    }

    fn active_in(&self, place: usize) -> impl Iterator<Item = Link> {
        self.peers.iter().filter(move |(_, peer)| peer.active.contains(&place)).map(|(link, _)| *link)
    }

    fn link_up(&mut self, link: Link, now: Duration, out: &mut Actions) {
        self.link_lost(link, now, out);
        if self.peers.len() >= self.config.max_links {
            out.push((link, Action::Close(CloseReason::TooManyLinks)));
            return;
        }
        let mut heartbeat = Heartbeat::new(self.config.timers.heartbeat);
        heartbeat.start(now);
        self.peers.insert(link, Peer { up: false, asp_identifier: None, active: BTreeSet::new(), heartbeat });
    }

    fn link_lost(&mut self, link: Link, now: Duration, out: &mut Actions) {
        let Some(peer) = self.peers.remove(&link) else { return };
        if !peer.active.is_empty() {
            out.push((link, Action::Inactive));
        }
        self.review(now, None, out);
    }

    fn timeout(&mut self, now: Duration, out: &mut Actions) {
        let mut silent = Vec::new();
        for (link, peer) in &mut self.peers {
            match peer.heartbeat.check(now) {
                Due::Wait => {}
                Due::Ask(beat) => out.push((*link, send(beat))),
                Due::Silent => silent.push(*link),
            }
        }
        for link in silent {
            self.link_lost(link, now, out);
            out.push((link, Action::Close(CloseReason::NoHeartbeat)));
        }
        self.review(now, None, out);
    }

    /// Tells active processes of the other servers about destinations.
    fn tell_reachable(&self, of: Option<usize>, point_codes: &[PointCode], reachable: bool, out: &mut Actions) {
        let affected: Vec<Affected> = point_codes.iter().copied().map(Affected::one).collect();
        if affected.is_empty() {
            return;
        }
        for (link, peer) in &self.peers {
            let mut places = peer.active.iter().filter(|place| Some(**place) != of);
            let Some(place) = places.next() else { continue };
            let contexts = core::iter::once(place).chain(places).filter_map(|place| self.config.servers.get(*place));
            let network = Network {
                appearance: self.config.network_appearance,
                routing_contexts: contexts.map(|server| server.routing_context).collect(),
            };
            let affected = affected.clone();
            let message = if reachable { Message::Dava(network, affected) } else { Message::Duna(network, affected) };
            out.push((*link, send(message)));
        }
    }
}

/// Everything but traffic goes on stream 0.
const fn send(message: Message) -> Action {
    Action::Send { stream: Stream::Management, message }
}
