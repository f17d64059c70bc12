//! A peer under arbitrary events: state machine (RFC 6733 section 5.6), watchdog (RFC 3539), requests under way.
#![no_main]

use std::collections::BTreeMap;
use std::time::Duration;

use arbitrary::Arbitrary;
use diameter::codec::{ApplicationId, CommandCode};
use diameter::peer::{
    Action, Event, Full, PeerMachine, PeerTimers, Side, State, Stray, Transactions, Watchdog, WatchdogConfig,
    WatchdogEvent, WatchdogState, transition,
};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input {
    wins: bool,
    prompt_reopen: bool,
    limit: u8,
    random: u64,
    steps: Vec<Step>,
}

#[derive(Debug, Arbitrary)]
enum Step {
    Wait { ms: u16 },
    Machine { event: u8, responder: bool },
    Watchdog { event: u8, random: u32 },
    Insert { command: u8, timeout_ms: u16 },
    Answer { which: u16, command: u8, off: u8 },
    Cancel { which: u16 },
    Expire,
    Drain,
}

/// One request as the model has it.
type Request = (u8, Duration, u32);

struct World {
    now: Duration,
    machine: PeerMachine,
    watchdog: Watchdog,
    transactions: Transactions<u32>,
    under_way: BTreeMap<u32, Request>,
    limit: usize,
    next: u32,
}

fuzz_target!(|input: Input| {
    let (local, peer) = if input.wins { ("b.lab", "a.lab") } else { ("a.lab", "b.lab") };
    let config = WatchdogConfig { prompt_reopen: input.prompt_reopen, ..WatchdogConfig::default() };
    let limit = usize::from(input.limit);
    let mut world = World {
        now: Duration::ZERO,
        machine: PeerMachine::new(local, peer, PeerTimers::default()),
        watchdog: Watchdog::new(config, Duration::ZERO, 0),
        transactions: Transactions::new(limit, input.random),
        under_way: BTreeMap::new(),
        limit: limit.max(1),
        next: 0,
    };
    for step in &input.steps {
        world.take(step);
        assert_eq!(world.transactions.len(), world.under_way.len());
        assert_eq!(world.transactions.is_full(), world.under_way.len() == world.limit);
        assert_eq!(world.transactions.deadline(), world.under_way.values().map(|request| request.1).min());
    }
});

impl World {
    fn take(&mut self, step: &Step) {
        match *step {
            Step::Wait { ms } => self.now += Duration::from_millis(u64::from(ms) * 4),
            Step::Machine { event, responder } => self.machine(event, responder),
            Step::Watchdog { event, random } => self.watchdog(event, random),
            Step::Insert { command, timeout_ms } => self.insert(command, timeout_ms),
            Step::Answer { which, command, off } => self.answer(which, command, off),
            Step::Cancel { which } => {
                let Some(id) = self.pick(which) else { return };
                let expected = self.under_way.remove(&id).map(|request| request.2);
                assert_eq!(self.transactions.cancel(id), expected);
                assert_eq!(self.transactions.cancel(id), None);
            }
            Step::Expire => {
                while let Some(value) = self.transactions.expire(self.now) {
                    let id = self.under_way.iter().find(|(_, request)| request.2 == value).map(|(id, _)| *id);
                    let (_, deadline, _) = self.under_way.remove(&id.expect("it was under way")).expect("found");
                    assert!(deadline <= self.now);
                }
                assert!(self.under_way.values().all(|request| request.1 > self.now));
            }
            Step::Drain => {
                let mut drained: Vec<u32> = self.transactions.drain().collect();
                let mut expected: Vec<u32> = self.under_way.values().map(|request| request.2).collect();
                drained.sort_unstable();
                expected.sort_unstable();
                assert_eq!(drained, expected);
                self.under_way.clear();
            }
        }
    }

    fn pick(&self, which: u16) -> Option<u32> {
        let count = self.under_way.len().max(1);
        self.under_way.keys().nth(usize::from(which) % count).copied()
    }

    fn machine(&mut self, event: u8, responder: bool) {
        let side = if responder { Side::Responder } else { Side::Initiator };
        let events = [
            Event::Start,
            Event::ConnCer,
            Event::ConnAck,
            Event::ConnNack,
            Event::Timeout,
            Event::Cea,
            Event::NonCea,
            Event::PeerDisc(side),
            Event::SendMessage,
            Event::Message(side),
            Event::Cer(side),
            Event::Dwr(side),
            Event::Dwa(side),
            Event::Stop,
            Event::Dpr(side),
            Event::Dpa(side),
        ];
        let event = events[usize::from(event) % events.len()];
        let (before, due) = (self.machine.state(), self.machine.deadline());
        let actions = self.machine.handle(event, self.now);
        let early = event == Event::Timeout && due.is_none_or(|due| self.now < due);
        if early || transition(before, event).is_none() {
            assert!(actions.is_empty() && self.machine.state() == before && self.machine.deadline() == due);
        }
        let after = self.machine.state();
        let rests = matches!(after, State::Closed | State::ROpen | State::IOpen);
        assert_eq!(self.machine.deadline().is_none(), rests, "whatever waits has a deadline: {after:?}");
        assert_eq!(self.machine.open_side().is_some(), matches!(after, State::ROpen | State::IOpen));
        for action in actions {
            if let Action::SndMessage(side) = action {
                assert_eq!(self.machine.open_side(), Some(side), "messages go out on the open side");
            }
        }
    }

    fn watchdog(&mut self, event: u8, random: u32) {
        let events = [
            WatchdogEvent::ConnectionUp,
            WatchdogEvent::ConnectionDown,
            WatchdogEvent::ReceiveDwa,
            WatchdogEvent::ReceiveNonDwa,
            WatchdogEvent::TimerExpires,
        ];
        match events.get(usize::from(event) % (events.len() + 1)) {
            None => self.watchdog.reset(self.now, random),
            Some(event) => {
                self.watchdog.handle(*event, self.now, random);
            }
        }
        let state = self.watchdog.state();
        assert_eq!(self.watchdog.is_usable(), state == WatchdogState::Okay);
        if matches!(state, WatchdogState::Initial | WatchdogState::Down) {
            assert!(!self.watchdog.is_pending(), "no question is open where there is no connection");
        }
        let longest = WatchdogConfig::DEFAULT_TW + WatchdogConfig::MAX_JITTER;
        assert!(self.watchdog.deadline() <= self.now + longest);
    }

    fn insert(&mut self, command: u8, timeout_ms: u16) {
        let deadline = self.now + Duration::from_millis(u64::from(timeout_ms));
        let value = self.next;
        self.next += 1;
        match self.transactions.insert(CommandCode(u32::from(command & 3)), ApplicationId::SLG, deadline, value) {
            Err(Full) => assert_eq!(self.under_way.len(), self.limit),
            Ok(id) => assert_eq!(self.under_way.insert(id, (command & 3, deadline, value)), None),
        }
    }

    fn answer(&mut self, which: u16, command: u8, off: u8) {
        let Some(id) = self.pick(which) else { return };
        // Sometimes another identifier than any given out.
        let id = id.wrapping_add(u32::from(off >> 4));
        let found = self.transactions.answer(id, CommandCode(u32::from(command & 3)), ApplicationId::SLG);
        match self.under_way.get(&id) {
            None => assert_eq!(found, Err(Stray::Unknown)),
            Some((sent, ..)) if *sent != command & 3 => assert_eq!(found, Err(Stray::Mismatch)),
            Some((.., value)) => {
                assert_eq!(found, Ok(*value));
                self.under_way.remove(&id);
            }
        }
    }
}
