//! Two subsystems, users that do anything, a network that loses, repeats, delays and damages, and a clock moved by hand.
//!
//! A model beside each subsystem holds what its user was told. Whatever happens: an invocation ends once, an indication is
//! of a dialogue that the user knows of, tables and model agree, and in the end nothing is left.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use ss7::tcap::{
    Component, DialogueId, FirstAnswer, Indication, InvokeProblem, Outcome, Output, Problem, Refusal, Request,
    TcapFault, TcapLimits,
};

use crate::support::*;

/// SplitMix64: chances from one seed.
struct Chances(u64);

impl Chances {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.draw() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Sent,
    Received,
    Active,
}

/// What a user knows of a dialogue.
#[derive(Debug)]
struct Known {
    phase: Phase,
    single: bool,
    mine: BTreeSet<i8>,
    theirs: BTreeSet<i8>,
}

struct Side {
    party: Party,
    known: BTreeMap<DialogueId, Known>,
    told: usize,
}

/// A message on its way: to which side, from which address.
type OnWire = (usize, &'static str, Vec<u8>);

struct World {
    chances: Chances,
    now: Duration,
    sides: [Side; 2],
    wire: Vec<OnWire>,
    delivered: usize,
    outcomes: BTreeSet<&'static str>,
}

const ADDRESSES: [[&str; 2]; 2] = [["a", "a, second address"], ["b", "b, second address"]];

impl World {
    fn new(seed: u64) -> Self {
        let mut chances = Chances(seed);
        let limits = TcapLimits {
            dialogues: 4 + chances.below(12),
            components: 5 + chances.below(3),
            result_octets: 6 + chances.below(12),
            idle_timeout: Duration::from_secs(20),
            lifetime: Duration::from_secs(90),
            first_answer: if chances.one_in(2) { FirstAnswer::FromAnyAddress } else { FirstAnswer::FromSameAddress },
            ..TcapLimits::default()
        };
        let mut side = || Side { party: Party::new(limits, chances.draw()), known: BTreeMap::new(), told: 0 };
        let sides = [side(), side()];
        Self { chances, now: NOW, sides, wire: Vec::new(), delivered: 0, outcomes: BTreeSet::new() }
    }

    fn step(&mut self) {
        let at = self.chances.below(2);
        match self.chances.below(16) {
            0 | 1 => self.invoke(at),
            2 | 3 => self.begin(at),
            4..=7 => self.act(at),
            8..=12 => self.deliver(),
            13 => self.trouble(),
            14 => self.pass(500),
            _ => self.pass(15_000),
        }
    }

    fn invoke(&mut self, at: usize) {
        let timeout = Duration::from_millis(self.chances.draw() % 12_000);
        let side = &mut self.sides[at];
        let full = side.known.len() >= side.party.len() && side.party.is_full();
        match side.party.invoke(ADDRESSES[1 - at][0], ENQUIRY, PSL, &ARGUMENT, timeout, self.now) {
            Ok(dialogue) => {
                let known = Known { phase: Phase::Sent, single: true, mine: [1].into(), theirs: BTreeSet::new() };
                assert!(side.known.insert(dialogue, known).is_none());
            }
            Err(fault) => assert!(fault == TcapFault::Full && full),
        }
        self.settle(at);
    }

    fn begin(&mut self, at: usize) {
        let context = (!self.chances.one_in(4)).then_some(LOCATION_UPDATE);
        let count = i8::try_from(self.chances.below(3)).unwrap();
        let requests: Vec<_> = (1..=count).map(|id| invoke(id, UL)).collect();
        let side = &mut self.sides[at];
        match side.party.begin(ADDRESSES[1 - at][0], context, &requests, self.now) {
            Ok(dialogue) => {
                let mine = (1..=count).collect();
                let known = Known { phase: Phase::Sent, single: false, mine, theirs: BTreeSet::new() };
                assert!(side.known.insert(dialogue, known).is_none());
            }
            Err(fault) => assert!(fault == TcapFault::Full && side.party.is_full()),
        }
        self.settle(at);
    }

    /// The user does something in one of its dialogues, allowed or not.
    fn act(&mut self, at: usize) {
        let side = &mut self.sides[at];
        let Some(&dialogue) = side.known.keys().nth(self.chances.below(side.known.len())) else { return };
        let known = side.known.get_mut(&dialogue).unwrap();
        let requests = requests(&mut self.chances, known);
        let answerable = known.phase != Phase::Sent && !known.single;
        match self.chances.below(8) {
            0..=2 => {
                let done = side.party.proceed(dialogue, &requests, self.now);
                assert_eq!(done.is_ok(), answerable, "{done:?} {known:?}");
                if answerable {
                    known.phase = Phase::Active;
                    note(known, &requests);
                }
            }
            3..=5 => {
                let asks = requests.iter().any(|request| matches!(request, Request::Invoke { .. }));
                let done = side.party.end(dialogue, &requests);
                assert_eq!(done.is_ok(), answerable && !asks, "{done:?} {known:?}");
                if done.is_ok() {
                    side.known.remove(&dialogue);
                }
            }
            6 => {
                let refusal = Refusal::ContextNotSupported { alternative: Some(ENQUIRY_V2) };
                let done = side.party.refuse(dialogue, refusal, &[]);
                assert_eq!(done.is_ok(), known.phase == Phase::Received);
                if done.is_ok() {
                    side.known.remove(&dialogue);
                }
            }
            _ => {
                let prearranged = self.chances.one_in(2);
                let party = &mut side.party;
                if prearranged { party.end_prearranged(dialogue) } else { party.abort(dialogue, &[]) }.unwrap();
                side.known.remove(&dialogue);
            }
        }
        self.settle(at);
    }

    /// Any message on the wire arrives: they overtake each other.
    fn deliver(&mut self) {
        if self.wire.is_empty() {
            return;
        }
        let (at, from, octets) = self.wire.swap_remove(self.chances.below(self.wire.len()));
        self.delivered += 1;
        self.sides[at].party.receive(&octets, &from, self.now);
        self.settle(at);
    }

    /// A message is lost, repeated, damaged, given back, or arrives from another address of its sender.
    fn trouble(&mut self) {
        if self.wire.is_empty() {
            return;
        }
        let which = self.chances.below(self.wire.len());
        match self.chances.below(6) {
            0 | 1 => {
                self.wire.swap_remove(which);
            }
            2 => self.wire.push(self.wire[which].clone()),
            3 => {
                let bit = self.chances.below(self.wire[which].2.len() * 8);
                self.wire[which].2[bit / 8] ^= 1 << (bit % 8);
            }
            4 => {
                let (to, _, octets) = self.wire.swap_remove(which);
                self.sides[1 - to].party.returned(&octets);
                self.settle(1 - to);
            }
            _ => self.wire[which].1 = ADDRESSES[1 - self.wire[which].0][1],
        }
    }

    /// Some time passes, less than this.
    fn pass(&mut self, below_ms: u64) {
        self.now += Duration::from_millis(self.chances.draw() % below_ms);
        self.expire();
    }

    fn expire(&mut self) {
        for at in 0..2 {
            self.sides[at].party.expire(self.now);
            self.settle(at);
            let due = self.sides[at].party.deadline();
            assert!(due.is_none_or(|due| due > self.now), "what was due is done");
        }
    }

    /// Takes everything out, and compares.
    fn settle(&mut self, at: usize) {
        while let Some(output) = self.sides[at].party.poll() {
            match output {
                Output::Send { to, octets } => {
                    let side = ADDRESSES.iter().position(|addresses| addresses.contains(&to)).unwrap();
                    assert_eq!(side, 1 - at, "nothing is sent to oneself");
                    assert!(tcap::decode(&octets).is_ok());
                    self.wire.push((side, ADDRESSES[at][0], octets));
                }
                Output::Indication(indication) => {
                    self.sides[at].told += 1;
                    self.sides[at].take(indication, &mut self.outcomes);
                }
            }
        }
        let side = &self.sides[at];
        assert_eq!(side.party.len(), side.known.len());
        assert_eq!(side.party.deadline().is_none(), side.party.is_empty(), "whatever lives has a deadline");
    }

    /// Users and network come to rest.
    fn end(mut self) -> (usize, BTreeSet<&'static str>) {
        for _ in 0..2 {
            let before = self.delivered;
            while !self.wire.is_empty() {
                self.deliver();
                assert!(self.delivered - before < 10_000, "messages beget messages");
            }
            self.now += Duration::from_secs(91);
            self.expire();
        }
        for side in &self.sides {
            assert!(side.party.is_empty() && side.known.is_empty());
        }
        (self.sides[0].told + self.sides[1].told, self.outcomes)
    }
}

/// What the user wants to send: answers to some of what it was asked, and perhaps a question.
fn requests(chances: &mut Chances, known: &Known) -> Vec<Request<'static>> {
    let mut requests = Vec::new();
    for &invoke_id in known.theirs.iter().take(2) {
        match chances.below(6) {
            0 => {}
            1 => {
                requests.push(Request::ResultNotLast { invoke_id, result: &RESULT });
                requests.extend(chances.one_in(2).then(|| result(invoke_id)));
            }
            2 => requests.push(Request::Error { invoke_id, code: 34, parameter: &[] }),
            3 => {
                let problem = Problem::Invoke(InvokeProblem::ResourceLimitation);
                requests.push(Request::Reject { invoke_id, problem });
            }
            _ => requests.push(result(invoke_id)),
        }
    }
    if chances.one_in(3) && known.mine.len() < 3 {
        let free = (1..).find(|id| !known.mine.contains(id)).unwrap();
        let linked_id = known
            .theirs
            .iter()
            .last()
            .copied()
            .filter(|id| chances.one_in(2) && !requests.iter().any(|request| answered(request) == Some(*id)));
        let timeout = Duration::from_millis(chances.draw() % 30_000);
        requests.push(Request::Invoke { invoke_id: free, linked_id, operation: ISD, argument: &ARGUMENT, timeout });
    }
    requests
}

fn answered(request: &Request<'_>) -> Option<i8> {
    match *request {
        Request::ResultLast { invoke_id, .. }
        | Request::Error { invoke_id, .. }
        | Request::Reject { invoke_id, .. } => Some(invoke_id),
        Request::Invoke { .. } | Request::ResultNotLast { .. } => None,
    }
}

fn note(known: &mut Known, requests: &[Request<'_>]) {
    for request in requests {
        if let Request::Invoke { invoke_id, .. } = request {
            assert!(known.mine.insert(*invoke_id));
        }
        if let Some(invoke_id) = answered(request) {
            assert!(known.theirs.remove(&invoke_id));
        }
    }
}

impl Side {
    fn take(&mut self, indication: Told, outcomes: &mut BTreeSet<&'static str>) {
        match indication {
            Indication::Begin { dialogue, components, .. } => {
                let mut known =
                    Known { phase: Phase::Received, single: false, mine: BTreeSet::new(), theirs: BTreeSet::new() };
                known.take(components);
                assert!(self.known.insert(dialogue, known).is_none());
            }
            Indication::Continue { dialogue, components, .. } => {
                let known = self.known.get_mut(&dialogue).expect("a dialogue under way");
                assert!(!known.single && known.phase != Phase::Received);
                known.phase = Phase::Active;
                known.take(components);
            }
            Indication::End { dialogue, components } => {
                let mut known = self.known.remove(&dialogue).expect("a dialogue under way");
                assert!(!known.single && known.phase != Phase::Received);
                known.take(components);
                outcomes.insert("end");
            }
            Indication::Aborted { dialogue, reason } => {
                let known = self.known.remove(&dialogue).expect("a dialogue under way");
                assert!(!known.single, "{reason:?}");
                outcomes.insert("aborted");
            }
            Indication::Cancelled { dialogue, invoke_id } => {
                let known = self.known.get_mut(&dialogue).expect("a dialogue under way");
                assert!(!known.single && known.mine.remove(&invoke_id), "an invocation ends once");
                outcomes.insert("cancelled");
            }
            Indication::Outcome { dialogue, outcome } => {
                let known = self.known.remove(&dialogue).expect("a dialogue under way");
                assert!(known.single);
                outcomes.insert(match outcome {
                    Outcome::Result(_) => "result",
                    Outcome::Error { .. } => "error",
                    Outcome::Rejected(_) => "rejected",
                    Outcome::Unacceptable(_) => "unacceptable",
                    Outcome::ContextNotSupported { .. } => "context",
                    Outcome::Aborted(_) => "aborted single",
                    Outcome::NoAnswer => "no answer",
                    Outcome::TimedOut => "timed out",
                });
            }
        }
    }
}

impl Known {
    fn take(&mut self, components: Vec<Component>) {
        for component in components {
            match component {
                Component::Invoke { invoke_id, .. } => assert!(self.theirs.insert(invoke_id), "no identifier twice"),
                Component::ResultLast { invoke_id, .. } | Component::Error { invoke_id, .. } => {
                    assert!(self.mine.remove(&invoke_id), "an invocation ends once");
                }
                Component::Rejected { invoke_id, ends_invocation, .. }
                | Component::Unacceptable { invoke_id, ends_invocation, .. } => {
                    let ended = ends_invocation && self.mine.remove(&invoke_id.expect("names it"));
                    assert_eq!(ended, ends_invocation, "an invocation ends once");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_invocation_ends_once_and_nothing_is_left(seed in any::<u64>()) {
        let mut world = World::new(seed);
        for _ in 0..600 {
            world.step();
        }
        world.end();
    }
}

/// The simulation is worth its name: it meets every kind of end.
#[test]
fn the_simulation_meets_every_outcome() {
    let mut met = BTreeSet::new();
    let mut told = 0;
    for seed in 0..40 {
        let mut world = World::new(seed);
        for _ in 0..1_000 {
            world.step();
        }
        let (count, outcomes) = world.end();
        told += count;
        met.extend(outcomes);
    }
    assert!(told > 5_000, "{told} indications");
    let all = [
        "aborted",
        "aborted single",
        "cancelled",
        "context",
        "end",
        "error",
        "no answer",
        "rejected",
        "result",
        "timed out",
        "unacceptable",
    ];
    assert_eq!(Vec::from_iter(met), all);
}
