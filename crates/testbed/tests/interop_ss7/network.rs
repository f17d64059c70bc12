//! A gateway, a home register, an MSC server with its visitor register, and an SGSN, on loopback, with what they say to each
//! other taken down. What each answers is told it beforehand.

use crate::capture::{self, Capture};
use crate::messages::{Answered, Exchange};
use lcs::Address;
use parking_lot::Mutex;
use ss7::tcap::AbortReason;
use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use transport::sigtran::{
    Admission, Answer, AssociationConfig, Dialogue, DialogueHandler, GtRoute, Incoming, Invoke, InvokeOutcome,
    PointCode, SigtranConfig, SigtranNode, Ssn, by_number,
};

pub const PATIENCE: Duration = Duration::from_secs(60);
const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    Gmlc,
    Hlr,
    Msc,
    Sgsn,
}

impl Who {
    /// Its number, which is its global title.
    pub fn digits(self) -> &'static str {
        match self {
            Self::Gmlc => "499500001",
            Self::Hlr => "499500010",
            Self::Msc => "499500021",
            Self::Sgsn => "499500022",
        }
    }

    pub fn number(self) -> Address {
        Address::international(self.digits()).unwrap()
    }

    pub fn point_code(self) -> PointCode {
        let value = match self {
            Self::Gmlc => 2057,
            Self::Hlr => 2062,
            Self::Msc => 2064,
            Self::Sgsn => 2065,
        };
        PointCode::new(value).unwrap()
    }

    pub fn subsystem(self) -> Ssn {
        match self {
            Self::Gmlc => Ssn::GMLC,
            Self::Hlr => Ssn::HLR,
            Self::Msc => Ssn::MSC,
            Self::Sgsn => Ssn::SGSN,
        }
    }

    fn route(self) -> GtRoute {
        GtRoute { prefix: self.number(), point_code: self.point_code() }
    }

    fn config(self) -> SigtranConfig {
        let mut config = SigtranConfig::new(self.point_code(), self.number(), self.subsystem());
        if self == Self::Msc {
            config.subsystems.push(Ssn::VLR);
        }
        // To the MSC server alone, the home register is a stranger, unless the question is within a dialogue of its own.
        config.admission = match self {
            Self::Msc => Admission::Only { prefixes: vec![Self::Gmlc.number().digits], point_codes: Vec::new() },
            Self::Gmlc | Self::Hlr | Self::Sgsn => Admission::Anyone,
        };
        config.timers.reconnect_min = Duration::from_millis(10);
        config.timers.reconnect_max = Duration::from_millis(50);
        config.timers.closing = Duration::from_millis(500);
        config
    }

    /// What it has for the associations from these neighbours, which connect.
    fn serving(self, neighbours: &[Self]) -> SigtranConfig {
        let mut config = self.config();
        config.routes = neighbours.iter().map(|who| who.route()).collect();
        for who in neighbours {
            let association = AssociationConfig::server(who.digits(), ANY, [who.point_code()]);
            config.associations.push(AssociationConfig { routing_context: Some(CONTEXT), ..association });
        }
        config
    }
}

/// Routing context of every association.
pub const CONTEXT: u32 = 7;

/// Answers in the order in which they were told.
#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<Played>>);

#[derive(Default)]
struct Played {
    answers: VecDeque<Answered>,
    seen: Vec<Incoming>,
    /// What was answered to questions back.
    outcomes: Vec<InvokeOutcome>,
}

impl DialogueHandler for Script {
    async fn handle(&self, incoming: Incoming, dialogue: Dialogue) -> Answer {
        let next = {
            let mut played = self.0.lock();
            played.seen.push(incoming);
            played.answers.pop_front()
        };
        match next {
            Some(Answered::At(once)) => once,
            Some(Answered::AfterAsking { operation, argument, then }) => {
                let outcome = dialogue.invoke(operation.code(), &argument, PATIENCE).await.unwrap();
                self.0.lock().outcomes.push(outcome);
                then
            }
            Some(Answered::OnceLet { gate, operation, argument, then }) => {
                gate.acquire().await.unwrap().forget();
                let outcome = dialogue.invoke(operation.code(), &argument, PATIENCE).await.unwrap();
                self.0.lock().outcomes.push(outcome);
                then
            }
            None => Answer::Abort(Vec::new()),
        }
    }
}

/// The nodes; between them, everything is taken down.
pub struct Network {
    pub capture: Capture,
    nodes: HashMap<Who, (SigtranNode, Script)>,
}

impl Network {
    /// All of them, connected.
    pub async fn start(heartbeat: Duration) -> Self {
        let capture = Capture::default();
        let mut nodes = HashMap::new();
        let mut relays = 0_u16;
        // Each connects to those before it that have an association for it.
        for (who, neighbours, connects_to) in [
            (Who::Hlr, &[Who::Gmlc, Who::Msc, Who::Sgsn][..], &[][..]),
            (Who::Msc, &[Who::Gmlc], &[(Who::Hlr, 1)]),
            (Who::Sgsn, &[Who::Gmlc], &[(Who::Hlr, 2)]),
            (Who::Gmlc, &[], &[(Who::Hlr, 0), (Who::Msc, 0), (Who::Sgsn, 0)]),
        ] {
            let mut config = who.serving(neighbours);
            config.timers.heartbeat = heartbeat;
            for (to, at) in connects_to {
                let (node, _): &(SigtranNode, Script) = &nodes[to];
                relays += 1;
                config.routes.push(to.route());
                let address = capture::before(node.local_addrs()[*at].unwrap(), relays, &capture).await;
                let association = AssociationConfig::asp(to.digits(), address, [to.point_code()]);
                let (routing_context, asp_identifier) = (Some(CONTEXT), Some(u32::from(relays)));
                config.associations.push(AssociationConfig { routing_context, asp_identifier, ..association });
            }
            let script = Script::default();
            let node = SigtranNode::start(config, script.clone()).await.unwrap();
            active(&node, connects_to.len()).await;
            nodes.insert(who, (node, script));
        }
        for (who, associations) in [(Who::Hlr, 3), (Who::Msc, 2), (Who::Sgsn, 2)] {
            active(&nodes[&who].0, associations).await;
        }
        Self { capture, nodes }
    }

    /// Has an exchange, and looks whether each side got what the other sent. Returns how many messages there were before it.
    pub async fn play(&self, exchange: &Exchange) -> usize {
        let before = self.capture.len();
        let Exchange { name, from, as_subsystem, to, subsystem, operation, context, argument, .. } = exchange;
        let (asker, own) = &self.nodes[from];
        let (_, script) = &self.nodes[to];
        script.0.lock().answers.extend(exchange.answer.clone());
        own.0.lock().answers.extend(exchange.answer_back.clone());
        let address = by_number(to.number(), *subsystem).unwrap();
        let call = Invoke::new(address, *context, operation.code(), argument.clone(), PATIENCE);
        let outcome = asker.invoke(call.from(*as_subsystem).serving()).await.unwrap();
        assert_eq!(outcome, exchange.outcome, "{name}");
        let played = std::mem::take(&mut *script.0.lock());
        let of_ours = std::mem::take(&mut *own.0.lock());
        assert!(played.answers.is_empty() && of_ours.answers.is_empty(), "{name}: not all was asked");
        if exchange.answer.is_some() {
            let [incoming] = &played.seen[..] else { panic!("{name}: {:?}", played.seen) };
            assert_eq!((incoming.operation, &incoming.argument), (operation.code(), argument), "{name}");
            assert_eq!(incoming.application_context, Some(*context), "{name}");
        }
        exchange.asked_back(&of_ours.seen, &played.outcomes);
        before
    }

    /// Asks, and leaves the dialogue before it is answered; the other side asks back then, and hears that there is none.
    pub async fn leave(&self, exchange: &Exchange) -> usize {
        let before = self.capture.len();
        let (script, own) = (&self.nodes[&exchange.to].1, &self.nodes[&exchange.from].0);
        let Some(Answered::AfterAsking { operation, argument, then }) = exchange.answer.clone() else { panic!() };
        let gate = Arc::new(Semaphore::new(0));
        let held = Answered::OnceLet { gate: Arc::clone(&gate), operation, argument, then };
        script.0.lock().answers.push_back(held);
        let address = by_number(exchange.to.number(), exchange.subsystem).unwrap();
        let argument = exchange.argument.clone();
        let call = Invoke::new(address, exchange.context, exchange.operation.code(), argument, PATIENCE);
        let asking = tokio::spawn(own.invoke(call.from(exchange.as_subsystem).serving()));
        until(|| !script.0.lock().seen.is_empty()).await;
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        gate.add_permits(1);
        until(|| !script.0.lock().outcomes.is_empty()).await;
        let outcome = script.0.lock().outcomes[0].clone();
        assert!(matches!(outcome, InvokeOutcome::Aborted(AbortReason::Provider(_))), "{outcome:?}");
        before
    }

    /// Ends the nodes in this order.
    pub async fn stop(self, order: [Who; 4]) {
        for who in order {
            self.nodes[&who].0.stop().await;
        }
    }
}

/// Waits until something holds.
pub async fn until(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("did not come to hold");
}

async fn active(node: &SigtranNode, count: usize) {
    tokio::time::timeout(PATIENCE, node.wait_active(count)).await.expect("no active association");
}
