//! A gateway, the processes of two nodes, and connections between them, under a clock that is moved by hand.
//!
//! A connection keeps the order of what it carries, as SCTP and TCP do. It can be cut, for both ends or for one that the
//! other learns of only by its heartbeats; what is under way is lost then. Octets travel, so both codecs are in the way.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use lcs::Address;
use ss7::m3ua::{
    Action, ApplicationServer, Asp, AspConfig, AspEvent, AspState, AspTimers, ErrorCode, Link, Message,
    NetworkIndicator, PointCode, Sgp, SgpConfig, SgpEvent, SgpTimers, TrafficMode, Transfer,
};
use ss7::sccp::{
    Endpoint, EndpointConfig, GlobalTitle, Indication, MessageId, Notice, Route, Routing, SccpAddress, SendError, Ssn,
    TranslationTable, Unitdata,
};

/// How long a process waits before it connects again.
const REDIAL: Duration = Duration::from_secs(1);
/// More messages than any exchange takes; whoever needs more does not come to rest.
const RESTLESS: usize = 10_000;

/// Number, subsystem, point code and routing context of each node.
pub(crate) const NODES: [(&str, Ssn, u16, u32); 2] =
    [("491720000001", Ssn::GMLC, 1, 10), ("491710000001", Ssn::MSC, 2, 20)];

pub(crate) fn point_code(node: usize) -> PointCode {
    PointCode::new(u32::from(NODES[node].2)).unwrap()
}

pub(crate) fn address(node: usize) -> SccpAddress {
    SccpAddress::by_title(GlobalTitle::e164(number(node)).unwrap(), NODES[node].1)
}

fn number(node: usize) -> Address {
    Address::international(NODES[node].0).unwrap()
}

/// A process with its node on top.
pub(crate) struct Process {
    pub(crate) asp: Asp,
    pub(crate) endpoint: Endpoint,
    /// The connection, while this end believes in it.
    connection: Option<u32>,
    redial: Option<Duration>,
    pub(crate) received: Vec<Bytes>,
    pub(crate) notices: Vec<Notice>,
    /// Error messages that came.
    pub(crate) errors: usize,
    pub(crate) last_error: Option<ErrorCode>,
}

/// What travels.
struct Packet {
    connection: u32,
    to_gateway: bool,
    octets: Bytes,
}

pub(crate) struct World {
    pub(crate) now: Duration,
    pub(crate) sgp: Sgp,
    pub(crate) processes: Vec<Process>,
    /// Process at the end of each connection that the gateway believes in.
    links: BTreeMap<u32, usize>,
    packets: VecDeque<Packet>,
    next_connection: u32,
    /// Messages dropped on the way because no process was active.
    pub(crate) undelivered: usize,
}

impl World {
    /// One process for each node.
    pub(crate) fn new(mode: TrafficMode, identifiers: bool) -> Self {
        let server = |(_, _, _, routing_context): &(&str, Ssn, u16, u32), node: usize| ApplicationServer {
            routing_context: *routing_context,
            point_codes: vec![point_code(node)],
            traffic_mode: mode,
            members: if identifiers { vec![node as u32] } else { Vec::new() },
        };
        let sgp = Sgp::new(SgpConfig {
            servers: NODES.iter().enumerate().map(|(node, row)| server(row, node)).collect(),
            reachable: Vec::new(),
            network_appearance: None,
            network: NetworkIndicator::National,
            asp_identifier_required: identifiers,
            max_links: 64,
            timers: SgpTimers::default(),
        });
        let processes = (0..NODES.len()).map(|node| Process {
            asp: Asp::new(AspConfig {
                asp_identifier: identifiers.then_some(node as u32),
                routing_context: Some(NODES[node].3),
                network_appearance: None,
                traffic_mode: None,
                network: NetworkIndicator::National,
                timers: AspTimers::default(),
            }),
            endpoint: endpoint(node),
            connection: None,
            redial: Some(Duration::ZERO),
            received: Vec::new(),
            notices: Vec::new(),
            errors: 0,
            last_error: None,
        });
        Self {
            now: Duration::ZERO,
            sgp,
            processes: processes.collect(),
            links: BTreeMap::new(),
            packets: VecDeque::new(),
            next_connection: 0,
            undelivered: 0,
        }
    }

    /// Moves the clock, stopping at each deadline.
    pub(crate) fn advance(&mut self, by: Duration) {
        let until = self.now + by;
        loop {
            self.settle();
            let due = self.deadline().filter(|due| *due <= until);
            self.now = due.unwrap_or(until).max(self.now);
            self.timers();
            self.settle();
            if due.is_none() {
                return;
            }
        }
    }

    fn deadline(&self) -> Option<Duration> {
        let of = |process: &Process| [process.asp.deadline(), process.redial, process.endpoint.deadline()];
        self.processes.iter().flat_map(of).chain([self.sgp.deadline()]).flatten().min()
    }

    fn timers(&mut self) {
        for node in 0..self.processes.len() {
            if self.processes[node].redial.is_some_and(|due| self.now >= due) {
                self.processes[node].redial = None;
                self.connect(node);
            }
            self.asp(node, AspEvent::Timeout);
            let indications = self.processes[node].endpoint.expire(self.now);
            self.indications(node, indications);
        }
        self.sgp(SgpEvent::Timeout);
    }

    fn connect(&mut self, node: usize) {
        let connection = self.next_connection;
        self.next_connection += 1;
        self.links.insert(connection, node);
        self.processes[node].connection = Some(connection);
        self.sgp(SgpEvent::LinkUp(Link(connection)));
        self.asp(node, AspEvent::AssociationUp);
    }

    /// Cuts the connection of a process; the gateway learns of it only when `both`.
    pub(crate) fn cut(&mut self, node: usize, both: bool) {
        let Some(connection) = self.processes[node].connection.take() else { return };
        self.packets.retain(|packet| packet.connection != connection);
        self.processes[node].redial = Some(self.now + REDIAL);
        self.asp(node, AspEvent::AssociationLost);
        if both {
            self.links.remove(&connection);
            self.sgp(SgpEvent::LinkLost(Link(connection)));
        }
    }

    pub(crate) fn stop(&mut self, node: usize) {
        self.asp(node, AspEvent::Stop);
    }

    /// Lets what is under way arrive, until nothing is.
    pub(crate) fn settle(&mut self) {
        for _ in 0..RESTLESS {
            if !self.deliver_one() {
                return;
            }
        }
        panic!("the nodes do not come to rest");
    }

    pub(crate) fn deliver_one(&mut self) -> bool {
        let Some(packet) = self.packets.pop_front() else { return false };
        let message = Message::decode(&packet.octets);
        if packet.to_gateway {
            if self.links.contains_key(&packet.connection) {
                self.sgp(SgpEvent::Received(Link(packet.connection), message));
            }
        } else if let Some(node) =
            self.processes.iter().position(|process| process.connection == Some(packet.connection))
        {
            self.asp(node, AspEvent::Received(message));
        }
        true
    }

    /// Octets from the peer that the peer did not send.
    pub(crate) fn inject(&mut self, node: usize, to_gateway: bool, octets: Bytes) {
        if let Some(connection) = self.processes[node].connection {
            self.packets.push_back(Packet { connection, to_gateway, octets });
        }
    }

    fn asp(&mut self, node: usize, event: AspEvent) {
        let actions = self.processes[node].asp.handle(event, self.now);
        for action in actions {
            match action {
                Action::Send { message, .. } => self.inject(node, true, message.encode()),
                Action::Deliver(transfer) => {
                    let indications = self.processes[node].endpoint.receive(&transfer, self.now);
                    self.indications(node, indications);
                }
                Action::Close(_) => self.cut(node, true),
                Action::Reported(report) => {
                    self.processes[node].errors += 1;
                    self.processes[node].last_error = Some(report.code);
                }
                _ => {}
            }
        }
        let process = &self.processes[node];
        let waits = !matches!(process.asp.state(), AspState::Disconnected);
        assert_eq!(process.asp.deadline().is_some(), waits, "whoever is connected has a deadline");
    }

    fn sgp(&mut self, event: SgpEvent) {
        let actions = self.sgp.handle(event, self.now);
        for (Link(connection), action) in actions {
            match action {
                Action::Send { message, .. } => {
                    self.packets.push_back(Packet { connection, to_gateway: false, octets: message.encode() });
                }
                Action::Deliver(transfer) => self.relay(transfer),
                Action::Close(_) => {
                    self.links.remove(&connection);
                    if let Some(node) = self.processes.iter().position(|p| p.connection == Some(connection)) {
                        self.processes[node].connection = None;
                        self.processes[node].redial = Some(self.now + REDIAL);
                        self.asp(node, AspEvent::AssociationLost);
                    }
                }
                _ => {}
            }
        }
    }

    fn relay(&mut self, transfer: Transfer) {
        match self.sgp.send(transfer) {
            Ok((Link(connection), _, message)) => {
                self.packets.push_back(Packet { connection, to_gateway: false, octets: message.encode() });
            }
            Err(_) => self.undelivered += 1,
        }
    }

    fn indications(&mut self, node: usize, indications: Vec<Indication>) {
        for indication in indications {
            match indication {
                Indication::Unitdata(received) => self.processes[node].received.push(received.data),
                Indication::Notice(notice) => self.processes[node].notices.push(notice),
                Indication::Transfer(transfer) => self.transfer(node, transfer),
                Indication::Subsystem { .. } | Indication::Discarded(_) => {}
            }
        }
    }

    fn transfer(&mut self, node: usize, transfer: Transfer) {
        match self.processes[node].asp.send(transfer, self.now) {
            Ok((_, message)) => self.inject(node, true, message.encode()),
            Err(_) => self.undelivered += 1,
        }
    }

    /// Sends octets to the other node, for the subsystem `ssn` there.
    pub(crate) fn send(&mut self, node: usize, ssn: Ssn, data: Bytes) -> Result<MessageId, SendError> {
        let unitdata = Unitdata {
            called: SccpAddress { ssn: Some(ssn), ..address(1 - node) },
            calling: address(node),
            sequence: Some(7),
            return_on_error: true,
            data,
        };
        let sent = self.processes[node].endpoint.send(&unitdata, self.now)?;
        for transfer in sent.transfers {
            self.transfer(node, transfer);
        }
        Ok(sent.message)
    }

    /// Routing context in which the gateway has the process active, if it has.
    pub(crate) fn active_at_gateway(&self, node: usize) -> bool {
        let state = |connection| self.sgp.link_state(Link(connection), NODES[node].3);
        self.processes[node].connection.and_then(state) == Some(ss7::m3ua::LinkState::Active)
    }
}

fn endpoint(node: usize) -> Endpoint {
    let mut config = EndpointConfig::new(point_code(node), NetworkIndicator::National, vec![NODES[node].1]);
    config.titles = vec![number(node)];
    config.translation = TranslationTable::new();
    for other in 0..NODES.len() {
        let route = Route { point_code: point_code(other), ssn: None, routing: Routing::GlobalTitle };
        config.translation.insert(number(other), route).unwrap();
    }
    Endpoint::new(config, 0)
}
