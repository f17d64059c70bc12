//! Two nodes and a link under a hand-moved clock, through random lists of operations.
//!
//! Failures, checked after every step and at the end:
//! 1. both sides believe that they are open and use different connections, once everything sent has arrived;
//! 2. a request ends twice, or an answer reaches another request than its own;
//! 3. a request neither ends nor is under way: it is lost;
//! 4. a request is still under way after its deadline;
//! 5. more than one connection between the two outlives the handshake;
//! 6. with the link left in peace, both sides are not open and usable within ten minutes.
//!
//! Not failures: a request that is lost with its connection; a request served twice when it was sent again (the T bit tells);
//! closing a connection because a dropped message made the other side seem mute.
//!
//! Messages are values here, not octets; the link keeps their order per connection as TCP does, unless an operation drops
//! or holds one, which stands for a peer that loses or delays an answer.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;

use super::*;
use crate::codec::{ApplicationId, CommandCode};

const PLR: CommandCode = CommandCode::PROVIDE_LOCATION;
const SLG: ApplicationId = ApplicationId::SLG;
const TIMEOUT: Duration = Duration::from_secs(20);
const HOSTS: [&str; 2] = ["a.lab", "b.lab"];

/// What travels. A connection is named by a number that both ends know.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wire {
    Syn,
    SynAck,
    Cer,
    Cea,
    Dwr,
    Dwa,
    Dpr,
    Dpa,
    Request { hop_by_hop: u32, tag: u32 },
    Answer { hop_by_hop: u32, tag: u32 },
    Fin,
}

#[derive(Debug, Clone)]
struct Packet {
    to: usize,
    connection: u32,
    wire: Wire,
}

struct Node {
    machine: PeerMachine,
    watchdog: Watchdog,
    transactions: Transactions<u32>,
    /// Connections by side.
    sides: BTreeMap<Side, u32>,
    /// A connection that brought a CER, for the machine to accept.
    offered: Option<u32>,
    redial: Duration,
}

struct World {
    nodes: [Node; 2],
    link: VecDeque<Packet>,
    held: Vec<Packet>,
    now: Duration,
    next_connection: u32,
    next_tag: u32,
    /// Each request: its deadline, its node, and how it ended.
    requests: BTreeMap<u32, (Duration, usize, Option<&'static str>)>,
    random: u32,
}

impl World {
    fn new(seed: u32) -> Self {
        let node = |here: usize| Node {
            machine: PeerMachine::new(HOSTS[here], HOSTS[1 - here], PeerTimers::default()),
            watchdog: Watchdog::new(WatchdogConfig::default(), Duration::ZERO, seed),
            transactions: Transactions::new(8, u64::from(seed)),
            sides: BTreeMap::new(),
            offered: None,
            redial: Duration::ZERO,
        };
        Self {
            nodes: [node(0), node(1)],
            link: VecDeque::new(),
            held: Vec::new(),
            now: Duration::ZERO,
            next_connection: 0,
            next_tag: 0,
            requests: BTreeMap::new(),
            random: seed | 1,
        }
    }

    fn random(&mut self) -> u32 {
        self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.random
    }

    fn send(&mut self, from: usize, connection: u32, wire: Wire) {
        self.link.push_back(Packet { to: 1 - from, connection, wire });
    }

    fn on(&self, here: usize, side: Side) -> Option<u32> {
        self.nodes[here].sides.get(&side).copied()
    }

    fn event(&mut self, here: usize, event: Event) {
        let before = self.nodes[here].machine.open_side();
        for action in self.nodes[here].machine.handle(event, self.now) {
            self.act(here, action);
        }
        let after = self.nodes[here].machine.open_side();
        match (before, after) {
            (None, Some(_)) => self.watch(here, WatchdogEvent::ConnectionUp),
            (Some(_), None) if self.nodes[here].machine.state() == State::Closed => self.down(here),
            _ => {}
        }
    }

    fn down(&mut self, here: usize) {
        let lost: Vec<_> = self.nodes[here].transactions.drain().collect();
        for tag in lost {
            self.end(tag, "lost");
        }
        self.watch(here, WatchdogEvent::ConnectionDown);
    }

    fn act(&mut self, here: usize, action: Action) {
        match action {
            Action::SndConnReq => {
                self.next_connection += 1;
                let connection = self.next_connection;
                self.nodes[here].sides.insert(Side::Initiator, connection);
                self.send(here, connection, Wire::Syn);
            }
            Action::Accept => {
                if let Some(connection) = self.nodes[here].offered.take() {
                    self.nodes[here].sides.insert(Side::Responder, connection);
                }
            }
            Action::Reject => {
                if let Some(connection) = self.nodes[here].offered.take() {
                    self.send(here, connection, Wire::Fin);
                }
            }
            Action::SndCer => self.say(here, Side::Initiator, Wire::Cer),
            Action::SndCea(side) => self.say(here, side, Wire::Cea),
            Action::SndDwa(side) => self.say(here, side, Wire::Dwa),
            Action::SndDpr(side) => self.say(here, side, Wire::Dpr),
            Action::SndDpa(side) => self.say(here, side, Wire::Dpa),
            Action::Disc(side) => self.hang_up(here, side),
            Action::Error | Action::Cleanup => {
                self.hang_up(here, Side::Initiator);
                self.hang_up(here, Side::Responder);
            }
            _ => {}
        }
    }

    fn say(&mut self, here: usize, side: Side, wire: Wire) {
        if let Some(connection) = self.on(here, side) {
            self.send(here, connection, wire);
        }
    }

    fn hang_up(&mut self, here: usize, side: Side) {
        if let Some(connection) = self.nodes[here].sides.remove(&side) {
            self.send(here, connection, Wire::Fin);
        }
    }

    fn watch(&mut self, here: usize, event: WatchdogEvent) {
        let random = self.random();
        for action in self.nodes[here].watchdog.handle(event, self.now, random) {
            match (action, self.nodes[here].machine.open_side()) {
                (WatchdogAction::SendWatchdog, Some(side)) => self.say(here, side, Wire::Dwr),
                (WatchdogAction::CloseConnection, Some(side)) => {
                    self.hang_up(here, side);
                    self.event(here, Event::PeerDisc(side));
                }
                _ => {}
            }
        }
    }

    fn deliver(&mut self, packet: Packet) {
        let Packet { to: here, connection, wire } = packet;
        let side = self.nodes[here].sides.iter().find(|(_, held)| **held == connection).map(|(side, _)| *side);
        match (wire, side) {
            (Wire::Syn, None) => self.send(here, connection, Wire::SynAck),
            (Wire::SynAck, Some(Side::Initiator)) => self.event(here, Event::ConnAck),
            (Wire::Cer, None) => {
                self.nodes[here].offered = Some(connection);
                self.event(here, Event::ConnCer);
                // A state that has no use for the connection lets go of it.
                if self.nodes[here].offered.take().is_some() {
                    self.send(here, connection, Wire::Fin);
                }
            }
            (Wire::Cea, Some(Side::Initiator)) => self.event(here, Event::Cea),
            (Wire::Fin, Some(side)) => {
                self.nodes[here].sides.remove(&side);
                let connecting = side == Side::Initiator
                    && matches!(self.nodes[here].machine.state(), State::WaitConnAck | State::WaitConnAckElect);
                self.event(here, if connecting { Event::ConnNack } else { Event::PeerDisc(side) });
            }
            (Wire::Fin, None) => {}
            // A connection that this side no longer knows: the peer learns it.
            (_, None) => self.send(here, connection, Wire::Fin),
            (wire, Some(side)) => self.message(here, side, connection, wire),
        }
    }

    fn message(&mut self, here: usize, side: Side, connection: u32, wire: Wire) {
        let open = self.nodes[here].machine.open_side() == Some(side);
        let event = match wire {
            Wire::Dwr => Event::Dwr(side),
            Wire::Dwa => Event::Dwa(side),
            Wire::Dpr => Event::Dpr(side),
            Wire::Dpa => Event::Dpa(side),
            _ => Event::Message(side),
        };
        if !open && self.nodes[here].machine.state() != State::Closing {
            return self.event(here, if side == Side::Initiator { Event::NonCea } else { event });
        }
        self.event(here, event);
        if open {
            let heard = if wire == Wire::Dwa { WatchdogEvent::ReceiveDwa } else { WatchdogEvent::ReceiveNonDwa };
            self.watch(here, heard);
        }
        match wire {
            Wire::Request { hop_by_hop, tag } => self.send(here, connection, Wire::Answer { hop_by_hop, tag }),
            Wire::Answer { hop_by_hop, tag } => {
                if let Ok(own) = self.nodes[here].transactions.answer(hop_by_hop, PLR, SLG) {
                    assert_eq!(own, tag, "failure 2: an answer reached another request");
                    self.end(tag, "answered");
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: u32, how: &'static str) {
        let request = self.requests.get_mut(&tag).unwrap();
        assert_eq!(request.2.replace(how), None, "failure 2: request {tag} ended twice");
    }

    fn request(&mut self, here: usize) {
        let Some(side) = self.nodes[here].machine.open_side() else { return };
        let (tag, deadline) = (self.next_tag, self.now + TIMEOUT);
        if !self.nodes[here].watchdog.is_usable() {
            return;
        }
        let Ok(hop_by_hop) = self.nodes[here].transactions.insert(PLR, SLG, deadline, tag) else { return };
        self.next_tag += 1;
        self.requests.insert(tag, (deadline, here, None));
        self.say(here, side, Wire::Request { hop_by_hop, tag });
    }

    fn tick(&mut self, step: Duration) {
        self.now += step;
        for here in 0..2 {
            self.event(here, Event::Timeout);
            if self.nodes[here].machine.open_side().is_some() {
                self.watch(here, WatchdogEvent::TimerExpires);
            }
            while let Some(tag) = self.nodes[here].transactions.expire(self.now) {
                self.end(tag, "timed out");
            }
            if self.nodes[here].machine.state() == State::Closed && self.nodes[here].redial <= self.now {
                self.nodes[here].redial = self.now + Duration::from_secs(u64::from(self.random() % 7 + 1));
                self.event(here, Event::Start);
            }
        }
        self.check();
    }

    fn check(&self) {
        for (tag, (deadline, here, end)) in &self.requests {
            let under_way = !self.nodes[*here].transactions.is_empty();
            assert!(end.is_some() || under_way, "failure 3: request {tag} is lost");
            assert!(end.is_some() || *deadline > self.now, "failure 4: request {tag} outlives its deadline");
        }
        let open = [0, 1].map(|here| self.nodes[here].machine.open_side().and_then(|side| self.on(here, side)));
        if let ([Some(a), Some(b)], true) = (open, self.link.is_empty() && self.held.is_empty()) {
            assert_eq!(a, b, "failure 1: each side is open on another connection");
            let held = self.nodes.iter().map(|node| node.sides.len()).max();
            assert_eq!(held, Some(1), "failure 5: a second connection outlived the handshake");
        }
    }

    fn flush(&mut self) {
        self.link.extend(self.held.drain(..));
        for _ in 0..1000 {
            let Some(packet) = self.link.pop_front() else { break };
            self.deliver(packet);
        }
        self.check();
    }

    fn is_well(&self) -> bool {
        self.nodes.iter().all(|node| node.machine.open_side().is_some() && node.watchdog.is_usable())
    }
}

#[derive(Debug, Clone, Copy)]
enum Op {
    /// Deliver the oldest message.
    Deliver,
    /// Lose the oldest message that is no handshake of the transport.
    Drop,
    /// Keep the oldest message back until the link is left in peace or it is released.
    Hold,
    Release,
    /// The transport of one node's connection breaks, and both ends learn it.
    Break(usize),
    Request(usize),
    Stop(usize),
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        30 => Just(Op::Deliver),
        2 => Just(Op::Drop),
        2 => Just(Op::Hold),
        2 => Just(Op::Release),
        1 => (0_usize..2).prop_map(Op::Break),
        10 => (0_usize..2).prop_map(Op::Request),
        1 => (0_usize..2).prop_map(Op::Stop),
        8 => (1_u64..12_000).prop_map(Op::Pass),
    ]
}

fn apply(world: &mut World, op: Op) {
    let transport = |wire: &Wire| matches!(wire, Wire::Syn | Wire::SynAck | Wire::Fin);
    match op {
        Op::Deliver => {
            if let Some(packet) = world.link.pop_front() {
                world.deliver(packet);
            }
        }
        Op::Drop | Op::Hold if world.link.front().is_some_and(|packet| !transport(&packet.wire)) => {
            let packet = world.link.pop_front();
            if matches!(op, Op::Hold) {
                world.held.extend(packet);
            }
        }
        Op::Drop | Op::Hold => {}
        Op::Release => world.link.extend(world.held.pop()),
        Op::Break(here) => {
            if let Some(side) = world.nodes[here].machine.open_side() {
                world.hang_up(here, side);
                world.event(here, Event::PeerDisc(side));
            }
        }
        Op::Request(here) => world.request(here),
        Op::Stop(here) => world.event(here, Event::Stop),
        Op::Pass(millis) => world.tick(Duration::from_millis(millis)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn two_nodes_agree_and_recover_whatever_the_link_does(seed: u32, ops in prop::collection::vec(op(), 0..400)) {
        let mut world = World::new(seed);
        for op in ops {
            apply(&mut world, op);
        }
        // Peace: every message arrives at once.
        let until = world.now + Duration::from_secs(600);
        let mut well = Duration::ZERO;
        while world.now < until && well < Duration::from_secs(60) {
            world.flush();
            world.tick(Duration::from_secs(1));
            well = if world.is_well() { well + Duration::from_secs(1) } else { Duration::ZERO };
        }
        world.flush();
        prop_assert!(well >= Duration::from_secs(60), "failure 6: not open within ten minutes of peace");
        for here in 0..2 {
            world.request(here);
        }
        world.flush();
        prop_assert!(world.requests.values().all(|(_, _, end)| end.is_some()), "a request in peace is answered");
    }
}
