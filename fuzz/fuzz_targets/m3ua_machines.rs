//! An ASP and an SGP under arbitrary octets, events and times (RFC 4666 section 4): what holds in every state.
#![no_main]

use std::time::Duration;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use ss7::m3ua::{
    Action, ApplicationServer, AsState, Asp, AspConfig, AspEvent, AspState, AspTimers, Link, LinkState, Message,
    NetworkIndicator, PointCode, SERVICE_SCCP, Sgp, SgpConfig, SgpEvent, SgpTimers, TrafficMode, Transfer,
};

#[derive(Debug, Arbitrary)]
struct Input {
    context: bool,
    heartbeat: bool,
    loadshare: bool,
    steps: Vec<Step>,
}

#[derive(Debug, Arbitrary)]
enum Step {
    Wait {
        ms: u16,
    },
    Up {
        link: u8,
    },
    Lost {
        link: u8,
    },
    Stop,
    Audit(Vec<u16>),
    Reachable {
        point_code: u16,
        reachable: bool,
    },
    /// Class, type and body of a message to the ASP, or to the SGP on a link.
    Message {
        to: Option<u8>,
        class: u8,
        kind: u8,
        body: Vec<u8>,
    },
    /// What the ASP and the SGP say to each other on link 0.
    Talk,
}

const CONTEXTS: [u32; 2] = [10, 20];
const LINKS: u8 = 4;

struct World {
    now: Duration,
    asp: Asp,
    sgp: Sgp,
    to_sgp: Vec<Message>,
    to_asp: Vec<Message>,
    /// What was last told of traffic.
    asp_active: bool,
    active: [bool; LINKS as usize + 1],
}

fn point_code(value: u16) -> PointCode {
    PointCode::new(u32::from(value & PointCode::MAX)).expect("14 bits")
}

fuzz_target!(|input: Input| {
    let heartbeat = input.heartbeat.then_some(Duration::from_secs(30));
    let asp = Asp::new(AspConfig {
        asp_identifier: None,
        routing_context: input.context.then_some(CONTEXTS[0]),
        network_appearance: None,
        traffic_mode: None,
        network: NetworkIndicator::National,
        timers: AspTimers { heartbeat, ..AspTimers::default() },
    });
    let traffic_mode = if input.loadshare { TrafficMode::Loadshare } else { TrafficMode::Override };
    let servers = CONTEXTS.map(|routing_context| ApplicationServer {
        routing_context,
        point_codes: vec![point_code(routing_context as u16)],
        traffic_mode,
        members: Vec::new(),
    });
    let sgp = Sgp::new(SgpConfig {
        servers: servers.to_vec(),
        reachable: vec![point_code(900)],
        network_appearance: None,
        network: NetworkIndicator::National,
        asp_identifier_required: false,
        max_links: usize::from(LINKS),
        timers: SgpTimers { heartbeat, ..SgpTimers::default() },
    });
    let mut world = World {
        now: Duration::ZERO,
        asp,
        sgp,
        to_sgp: Vec::new(),
        to_asp: Vec::new(),
        asp_active: false,
        active: [false; LINKS as usize + 1],
    };
    for step in input.steps {
        world.step(step, traffic_mode);
    }
});

impl World {
    fn step(&mut self, step: Step, mode: TrafficMode) {
        match step {
            Step::Wait { ms } => {
                self.now += Duration::from_millis(u64::from(ms));
                self.asp(AspEvent::Timeout);
                self.sgp(SgpEvent::Timeout);
                assert!(self.asp.deadline().is_none_or(|due| due > self.now), "what was due is done");
                assert!(self.sgp.deadline().is_none_or(|due| due > self.now), "what was due is done");
            }
            Step::Up { link } => {
                let link = link % (LINKS + 1);
                self.sgp(SgpEvent::LinkUp(Link(u32::from(link))));
                if link == 0 {
                    self.asp(AspEvent::AssociationUp);
                }
            }
            Step::Lost { link } => {
                let link = link % (LINKS + 1);
                self.sgp(SgpEvent::LinkLost(Link(u32::from(link))));
                if link == 0 {
                    self.asp(AspEvent::AssociationLost);
                    assert_eq!((self.asp.state(), self.asp.deadline()), (AspState::Disconnected, None));
                }
            }
            Step::Stop => self.asp(AspEvent::Stop),
            Step::Audit(point_codes) => {
                self.asp(AspEvent::Audit(point_codes.into_iter().take(100).map(point_code).collect()));
            }
            Step::Reachable { point_code: value, reachable } => {
                self.sgp(SgpEvent::Reachable(point_code(value), reachable));
            }
            Step::Message { to, class, kind, body } => {
                let length = u32::try_from(body.len() + 8).expect("short");
                let octets = [&[1, 0, class % 10, kind % 8], length.to_be_bytes().as_slice(), &body].concat();
                let message = Message::decode(&octets);
                match to {
                    None => self.asp(AspEvent::Received(message)),
                    Some(link) => self.sgp(SgpEvent::Received(Link(u32::from(link % (LINKS + 1))), message)),
                }
            }
            Step::Talk => self.talk(),
        }
        self.check(mode);
    }

    fn talk(&mut self) {
        for round in 0.. {
            let (to_sgp, to_asp) = (std::mem::take(&mut self.to_sgp), std::mem::take(&mut self.to_asp));
            if to_sgp.is_empty() && to_asp.is_empty() {
                return;
            }
            assert!(round < 64, "they do not come to rest");
            to_sgp.into_iter().for_each(|message| self.sgp(SgpEvent::Received(Link(0), Ok(message))));
            to_asp.into_iter().for_each(|message| self.asp(AspEvent::Received(Ok(message))));
        }
    }

    fn asp(&mut self, event: AspEvent) {
        let of_error = matches!(&event, AspEvent::Received(Ok(Message::Error(_))));
        for action in self.asp.handle(event, self.now) {
            match action {
                Action::Send { message, .. } => {
                    assert!(!of_error, "an Error message is not answered");
                    self.to_sgp.push(message);
                }
                Action::Active | Action::Inactive => {
                    let active = action == Action::Active;
                    assert_ne!(std::mem::replace(&mut self.asp_active, active), active, "told when it changes");
                }
                Action::Deliver(transfer) => assert_eq!(transfer.service, SERVICE_SCCP),
                _ => {}
            }
        }
    }

    fn sgp(&mut self, event: SgpEvent) {
        let of_error = matches!(&event, SgpEvent::Received(_, Ok(Message::Error(_))));
        for (link, action) in self.sgp.handle(event, self.now) {
            match action {
                Action::Send { message, .. } => {
                    assert!(!of_error, "an Error message is not answered");
                    if link == Link(0) {
                        self.to_asp.push(message);
                    }
                }
                Action::Active | Action::Inactive => {
                    let active = action == Action::Active;
                    let told = &mut self.active[link.0 as usize];
                    assert_ne!(std::mem::replace(told, active), active, "told when it changes");
                }
                Action::Deliver(transfer) => {
                    assert!(CONTEXTS.contains(&u32::from(transfer.opc.value())), "from a point code of its server");
                }
                _ => {}
            }
        }
    }

    fn check(&mut self, mode: TrafficMode) {
        self.to_sgp.truncate(16);
        self.to_asp.truncate(16);
        let state = self.asp.state();
        assert_eq!(self.asp_active, state == AspState::Active);
        let waits =
            matches!(state, AspState::UpSent | AspState::ActiveSent | AspState::InactiveSent | AspState::DownSent);
        assert!(!waits || self.asp.deadline().is_some(), "whoever waits has a deadline");
        for context in CONTEXTS {
            let states: Vec<_> = (0..=LINKS).filter_map(|link| self.link(link, context)).collect();
            let count = |state| states.iter().filter(|found| **found == state).count();
            let (active, inactive) = (count(LinkState::Active), count(LinkState::Inactive));
            assert!(mode != TrafficMode::Override || active <= 1, "one takes all");
            let expected: &[AsState] = match (active, inactive) {
                (0, 0) => &[AsState::Down, AsState::Pending],
                (0, _) => &[AsState::Inactive, AsState::Pending],
                _ => &[AsState::Active],
            };
            let state = self.sgp.server_state(context).expect("configured");
            assert!(expected.contains(&state), "{state:?} with {active} active and {inactive} inactive");
            assert!(state != AsState::Pending || self.sgp.deadline().is_some());
            let dpc = point_code(context as u16);
            let network = NetworkIndicator::National;
            let data = bytes::Bytes::from_static(b"x");
            let transfer = Transfer { opc: dpc, dpc, service: SERVICE_SCCP, network, priority: 0, sls: 7, data };
            match self.sgp.send(transfer) {
                Ok((link, ..)) => assert_eq!(self.sgp.link_state(link, context), Some(LinkState::Active)),
                Err(_) => assert_eq!(active, 0),
            }
        }
    }

    fn link(&self, link: u8, context: u32) -> Option<LinkState> {
        self.sgp.link_state(Link(u32::from(link)), context)
    }
}
