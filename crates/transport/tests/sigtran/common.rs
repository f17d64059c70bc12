//! Two nodes on loopback: a centre that asks, a register that answers by operation code, and the way between them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lcs::{Address, Digits};
use tokio::sync::Semaphore;
use transport::sigtran::{
    Admission, Answer, ApplicationContext, AssociationConfig, Dialogue, DialogueHandler, GtRoute, Incoming, Invoke,
    InvokeError, InvokeOutcome, InvokeProblem, PointCode, SccpAddress, SigtranConfig, SigtranNode, Ssn, by_number,
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
/// Application context of location services, version 3 (TS 29.002 clause 17.3.3).
pub(crate) const CONTEXT: ApplicationContext = ApplicationContext::map(38, 3);

/// What the register does, by operation code.
pub(crate) const ECHO: i64 = 1;
pub(crate) const WAIT: i64 = 2;
pub(crate) const FAIL: i64 = 3;
pub(crate) const OTHER_CONTEXT: i64 = 4;
pub(crate) const ABORT: i64 = 5;
pub(crate) const SILENT: i64 = 6;
pub(crate) const REJECT: i64 = 7;
pub(crate) const ASK_BACK: i64 = 8;
pub(crate) const PANIC: i64 = 9;
pub(crate) const PANIC_LATER: i64 = 10;
pub(crate) const NO_ELEMENT: i64 = 11;
pub(crate) const EMPTY: i64 = 12;
pub(crate) const TOO_LONG: i64 = 13;
pub(crate) const LONG: i64 = 14;

pub(crate) fn point_code(value: u32) -> PointCode {
    PointCode::new(value).unwrap()
}

pub(crate) fn number(digits: &str) -> Address {
    Address::international(digits).unwrap()
}

pub(crate) fn centre_number() -> Address {
    number("491770000145")
}

pub(crate) fn register_number() -> Address {
    number("491770000006")
}

/// A gateway mobile location centre at 1-1-1 that admits nobody.
pub(crate) fn centre() -> SigtranConfig {
    let mut config = SigtranConfig::new(point_code(2057), centre_number(), Ssn::GMLC);
    quick(&mut config);
    config
}

/// A home register at 1-1-6 that admits its own network and listens.
pub(crate) fn register() -> SigtranConfig {
    let mut config = SigtranConfig::new(point_code(2062), register_number(), Ssn::HLR);
    let prefixes = vec![Digits::parse("49177").unwrap()];
    config.admission = Admission::Only { prefixes, point_codes: vec![point_code(2057)] };
    config.associations = vec![AssociationConfig::server("centre", ANY, [point_code(2057)])];
    config.routes = vec![GtRoute { prefix: number("49177"), point_code: point_code(2057) }];
    quick(&mut config);
    config
}

fn quick(config: &mut SigtranConfig) {
    config.timers.reconnect_min = Duration::from_millis(10);
    config.timers.reconnect_max = Duration::from_millis(50);
    config.timers.closing = Duration::from_millis(500);
}

/// The centre with an association to an address, behind which is the register.
pub(crate) fn connected_to(mut config: SigtranConfig, address: SocketAddr) -> SigtranConfig {
    config.associations.push(AssociationConfig::asp("register", address, [point_code(2062)]));
    config.routes = vec![GtRoute { prefix: number("49177"), point_code: point_code(2062) }];
    config
}

/// A register and a centre with an active association.
pub(crate) async fn pair(register: SigtranConfig, served: Register) -> (SigtranNode, SigtranNode) {
    let register = SigtranNode::start(register, served.clone()).await.unwrap();
    let address = register.local_addrs()[0].unwrap();
    let centre = SigtranNode::start(connected_to(centre(), address), served).await.unwrap();
    active(&centre, 1).await;
    active(&register, 1).await;
    (centre, register)
}

/// Answers by operation code; see the constants.
#[derive(Clone, Default)]
pub(crate) struct Register {
    pub(crate) seen: Arc<Mutex<Vec<Incoming>>>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) waiting: Arc<AtomicUsize>,
    pub(crate) asked: Arc<Mutex<Vec<Result<InvokeOutcome, InvokeError>>>>,
}

pub(crate) struct Gate(pub(crate) Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl DialogueHandler for Register {
    async fn handle(&self, incoming: Incoming, dialogue: Dialogue) -> Answer {
        let (operation, argument) = (incoming.operation, incoming.argument.clone());
        self.seen.lock().unwrap().push(incoming);
        match operation {
            ECHO => Answer::Result(argument),
            WAIT => {
                self.waiting.fetch_add(1, Ordering::SeqCst);
                self.gate.0.acquire().await.unwrap().forget();
                Answer::Result(argument)
            }
            FAIL => Answer::Error { code: 10, parameter: argument },
            OTHER_CONTEXT => Answer::ContextNotSupported { alternative: Some(ApplicationContext::map(38, 2)) },
            ABORT => Answer::Abort(Vec::new()),
            SILENT => Answer::Silence,
            REJECT => Answer::Reject(InvokeProblem::MistypedParameter),
            ASK_BACK => {
                let answer = dialogue.invoke(ECHO, &argument, PATIENCE).await;
                self.asked.lock().unwrap().push(answer.clone());
                match answer {
                    Ok(InvokeOutcome::Result(result)) => Answer::Result(result),
                    _ => Answer::Error { code: 34, parameter: Vec::new() },
                }
            }
            PANIC => panic!("asked for"),
            PANIC_LATER => {
                tokio::task::yield_now().await;
                panic!("asked for");
            }
            NO_ELEMENT => Answer::Result(vec![0x04, 0x05, 0x00]),
            EMPTY => Answer::Result(Vec::new()),
            LONG => Answer::Result(element(2000)),
            TOO_LONG => Answer::Result(element(5000)),
            _ => Answer::Reject(InvokeProblem::UnrecognizedOperation),
        }
    }
}

/// An OCTET STRING of this many octets, each different from the one before.
pub(crate) fn element(octets: usize) -> Vec<u8> {
    let mut element = vec![0x04];
    match octets {
        0..=127 => element.push(octets as u8),
        128..=255 => element.extend([0x81, octets as u8]),
        _ => element.extend([0x82, (octets >> 8) as u8, octets as u8]),
    }
    element.extend((0..octets).map(|at| (at % 251) as u8));
    element
}

pub(crate) fn to_register() -> SccpAddress {
    by_number(register_number(), Ssn::HLR).unwrap()
}

pub(crate) fn call(operation: i64, argument: Vec<u8>) -> Invoke {
    Invoke::new(to_register(), CONTEXT, operation, argument, PATIENCE)
}

pub(crate) async fn ask(node: &SigtranNode, operation: i64) -> Result<InvokeOutcome, InvokeError> {
    node.invoke(call(operation, element(20))).await
}

pub(crate) async fn active(node: &SigtranNode, count: usize) {
    tokio::time::timeout(PATIENCE, node.wait_active(count)).await.expect("no active association");
}

/// Waits until something holds, without a fixed pause.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("did not come to hold");
}
