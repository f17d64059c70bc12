//! Two nodes over a gateway through random lists of operations.
//!
//! Failures, checked after every step and at the end:
//! 1. with nothing under way and no half-cut connection, a process and the gateway disagree whether it is active;
//! 2. what a user gets is not what a user sent, or it comes twice;
//! 3. something sent over connections that nobody cut is lost;
//! 4. a message comes back that was not sent, that arrived, or twice;
//! 5. an Error message is sent although nobody broke a rule;
//! 6. the nodes do not come to rest, or a connected process waits for nothing;
//! 7. with the connections left in peace, both are not active within five minutes.
//!
//! Not failures: loss with a cut connection, and loss while a process is not active.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use proptest::prelude::*;
use ss7::m3ua::{AspState, Message, TrafficMode};
use ss7::sccp::{MessageId, Ssn};

use crate::world::{NODES, World};

#[derive(Debug, Clone)]
enum Step {
    Wait {
        ms: u32,
    },
    Deliver {
        count: u8,
    },
    Send {
        node: usize,
        octets: usize,
    },
    SendToNobody {
        node: usize,
        octets: usize,
    },
    Cut {
        node: usize,
    },
    HalfCut {
        node: usize,
    },
    /// A message out of nowhere.
    Stray {
        node: usize,
        to_gateway: bool,
        which: usize,
    },
}

fn step(trouble: bool) -> impl Strategy<Value = Step> {
    let node = 0..NODES.len();
    let quiet = prop_oneof![
        4 => (0..40_000u32).prop_map(|ms| Step::Wait { ms }),
        4 => (1..20u8).prop_map(|count| Step::Deliver { count }),
        6 => (node.clone(), 1..3500usize).prop_map(|(node, octets)| Step::Send { node, octets }),
        2 => (node.clone(), 1..600usize).prop_map(|(node, octets)| Step::SendToNobody { node, octets }),
    ];
    let node = 0..NODES.len();
    let weight = u32::from(trouble);
    prop_oneof![
        12 => quiet,
        1 + 2 * weight => node.clone().prop_map(|node| Step::Cut { node }),
        2 * weight + 1 => (node.clone(), any::<bool>())
            .prop_map(move |(node, half)| if half && trouble { Step::HalfCut { node } } else { Step::Cut { node } }),
        2 * weight + 1 => (node, any::<bool>(), 0..STRAYS)
            .prop_map(move |(node, to_gateway, which)| {
                if trouble { Step::Stray { node, to_gateway, which } } else { Step::Deliver { count: 1 } }
            }),
    ]
}

const STRAYS: usize = 9;

/// Messages that mean nothing most of the time. A forged NTFY is not among them, since a process believes its gateway, nor
/// is a takeover of the other's server, which only configured members prevent.
fn stray(node: usize, which: usize) -> Bytes {
    let message = match which {
        0 => Message::AspUp { asp_identifier: None },
        1 => Message::AspUpAck { asp_identifier: None },
        2 => Message::AspDownAck,
        3 => Message::AspActive { traffic_mode: None, routing_contexts: vec![NODES[node].3, 99] },
        4 => Message::AspActiveAck { traffic_mode: None, routing_contexts: Vec::new() },
        5 => Message::AspInactiveAck(Vec::new()),
        6 => Message::Beat(Bytes::from_static(b"stray")),
        7 => Message::BeatAck(Bytes::from_static(b"stray")),
        _ => return Bytes::from_static(&[1, 0, 9, 1, 0, 0, 0, 8]),
    };
    message.encode()
}

struct Watch {
    world: World,
    next: u32,
    /// What was sent by each node and has not arrived; gone when a cut may have taken it.
    awaited: [BTreeSet<Bytes>; 2],
    /// What was sent by each node and has neither arrived nor come back.
    open: [BTreeMap<MessageId, Bytes>; 2],
    half_cut: bool,
    strays: bool,
}

impl Watch {
    fn new(mode: TrafficMode, identifiers: bool) -> Self {
        Self {
            world: World::new(mode, identifiers),
            next: 0,
            awaited: Default::default(),
            open: Default::default(),
            half_cut: false,
            strays: false,
        }
    }

    /// Octets that are sent once.
    fn octets(&mut self, length: usize) -> Bytes {
        self.next += 1;
        let head = self.next.to_be_bytes();
        head.into_iter().chain((0..length).map(|at| (at % 251) as u8)).take(length.max(4)).collect()
    }

    fn both_active(&self) -> bool {
        (0..2).all(|node| {
            self.world.processes[node].asp.state() == AspState::Active && self.world.active_at_gateway(node)
        })
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Wait { ms } => self.world.advance(Duration::from_millis(u64::from(ms))),
            Step::Deliver { count } => (0..count).for_each(|_| {
                self.world.deliver_one();
            }),
            Step::Send { node, octets } => {
                let data = self.octets(octets);
                let certain = self.both_active() && !self.half_cut && !self.strays;
                let message = self.world.send(node, NODES[1 - node].1, data.clone()).unwrap();
                self.open[node].insert(message, data.clone());
                if certain {
                    self.awaited[node].insert(data);
                }
            }
            Step::SendToNobody { node, octets } => {
                let data = self.octets(octets);
                let message = self.world.send(node, Ssn::HLR, data.clone()).unwrap();
                self.open[node].insert(message, data);
            }
            Step::Cut { node } => {
                self.world.cut(node, true);
                self.awaited.iter_mut().for_each(BTreeSet::clear);
            }
            Step::HalfCut { node } => {
                self.world.cut(node, false);
                self.awaited.iter_mut().for_each(BTreeSet::clear);
                self.half_cut = true;
            }
            Step::Stray { node, to_gateway, which } => {
                self.world.inject(node, to_gateway, stray(node, which));
                self.awaited.iter_mut().for_each(BTreeSet::clear);
                self.strays = true;
            }
        }
        self.check();
    }

    fn check(&mut self) {
        for node in 0..2 {
            let from = 1 - node;
            for data in core::mem::take(&mut self.world.processes[node].received) {
                let before = self.open[from].len();
                self.open[from].retain(|_, sent| *sent != data);
                assert_eq!(self.open[from].len() + 1, before, "what arrives was sent, and once");
                self.awaited[from].remove(&data);
            }
            for notice in core::mem::take(&mut self.world.processes[node].notices) {
                let sent = self.open[node].remove(&notice.message).expect("what comes back has not arrived");
                assert!(sent.starts_with(&notice.data) && !self.awaited[node].contains(&sent));
            }
            assert!(self.strays || self.half_cut || self.world.processes[node].errors == 0, "nobody broke a rule");
        }
    }

    fn settled(&mut self) {
        self.world.settle();
        self.check();
        if self.half_cut {
            return;
        }
        assert!(self.awaited.iter().all(BTreeSet::is_empty), "nothing is lost that no cut took");
        for node in 0..2 {
            let active = self.world.processes[node].asp.state() == AspState::Active;
            assert_eq!(active, self.world.active_at_gateway(node), "both ends agree about process {node}");
        }
    }

    fn recovers(&mut self) {
        self.world.advance(Duration::from_secs(300));
        self.check();
        assert!(self.both_active(), "{:?}", [0, 1].map(|node| self.world.processes[node].asp.state()));
        (self.half_cut, self.strays) = (false, false);
        self.world.processes.iter_mut().for_each(|process| process.errors = 0);
        self.open.iter_mut().for_each(BTreeMap::clear);
        for node in 0..2 {
            self.run(&Step::Send { node, octets: 1000 });
            self.run(&Step::SendToNobody { node, octets: 1000 });
        }
        self.settled();
        assert!(self.open.iter().all(BTreeMap::is_empty), "one arrived, the other came back");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn nodes_agree_deliver_and_recover_whatever_is_cut(
        steps in prop::collection::vec(step(false), 1..60), loadshare in any::<bool>(), identifiers in any::<bool>(),
    ) {
        let mode = if loadshare { TrafficMode::Loadshare } else { TrafficMode::Override };
        let mut watch = Watch::new(mode, identifiers);
        for (at, step) in steps.iter().enumerate() {
            watch.run(step);
            if at % 4 == 3 {
                watch.settled();
            }
        }
        watch.settled();
        watch.recovers();
    }

    #[test]
    fn nodes_recover_from_half_cut_connections_and_strays(
        steps in prop::collection::vec(step(true), 1..60), loadshare in any::<bool>(), identifiers in any::<bool>(),
    ) {
        let mode = if loadshare { TrafficMode::Loadshare } else { TrafficMode::Override };
        let mut watch = Watch::new(mode, identifiers);
        for step in &steps {
            watch.run(step);
        }
        watch.recovers();
    }
}

#[test]
fn a_process_goes_from_nothing_to_traffic_and_back_in_good_order() {
    let mut watch = Watch::new(TrafficMode::Override, true);
    watch.world.advance(Duration::from_millis(1));
    assert!(watch.both_active(), "without waiting for anything");
    watch.run(&Step::Send { node: 0, octets: 3000 });
    watch.settled();
    watch.world.stop(0);
    watch.world.settle();
    assert_eq!(watch.world.processes[0].asp.state(), AspState::Disconnected);
    assert!(!watch.world.active_at_gateway(0));
    assert_eq!(watch.world.sgp.server_state(NODES[0].3), Some(ss7::m3ua::AsState::Pending));
    let data = watch.octets(10);
    watch.world.send(1, NODES[0].1, data).unwrap();
    watch.world.settle();
    assert_eq!(watch.world.undelivered, 1, "nobody to take it");
    assert_eq!(watch.world.processes[0].errors, 0);
}
