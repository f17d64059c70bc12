//! The legacy half of the network: home location register, MSCs with their VLRs, and SGSNs, which speak MAP.
//!
//! ```text
//!   gateway ---- M3UA (SCCP, TCAP, MAP) ---+-- tap --- Hlr --------------- data as its operator provisioned it
//!                                          |            ^ location update, subscriber data
//!                                          +-- tap --- ServingNode(s) ---- a copy, phones, users, screens
//! ```
//!
//! A node knows of its subscribers what it downloaded, and decides by that alone.

mod answer;
mod attach;
mod copies;
mod decide;
mod deferred;
mod gateway;
mod hlr;
mod register;
mod report;
mod serving;
mod start;

pub use decide::{Asked, Denial, Diagnostic, Reach, Verdict, action, decide};
pub use gateway::gateway_sections;
pub(crate) use hlr::Hlr;
pub use hlr::PushError;
pub use register::{Domain, Register, Registration};
pub use report::{ReportError, SelfLocation};
pub(crate) use serving::ServingNode;
pub(crate) use start::start;

use crate::{
    phones::Phone,
    scenario::{Scenario, Ss7Spec, SubscriberSpec},
    tap::Tap,
};
use copies::Copies;
pub(crate) use deferred::MapDeferral;
use lcs::{Address, Digits};
use parking_lot::RwLock;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use transport::sigtran::{PointCode, SigtranNode};

/// What all legacy nodes share, and the nodes.
pub(crate) struct Legacy {
    pub(crate) register: Register,
    pub(crate) h_gmlc: Option<IpAddr>,
    pub(crate) ppr: Option<IpAddr>,
    /// Country code of the network.
    country: Option<Digits>,
    /// Numbers and Diameter identities of SGSNs that have one.
    lgd: Vec<(Address, String)>,
    pub(crate) running: RwLock<Vec<LegacyNode>>,
}

impl Legacy {
    pub(crate) fn new(scenario: &Scenario, spec: &Ss7Spec) -> Self {
        let lgd = spec.sgsns.iter().filter_map(|node| Some((number(&node.number)?, node.host.clone()?)));
        Self {
            register: Register::new(scenario, spec),
            h_gmlc: spec.hlr.h_gmlc,
            ppr: spec.hlr.ppr,
            country: Digits::parse(&spec.country_code).ok(),
            lgd: lgd.collect(),
            running: RwLock::default(),
        }
    }

    /// Diameter identity of the SGSN with this number, if it has one.
    pub(crate) fn lgd_host(&self, number: Address) -> Option<&str> {
        self.lgd.iter().find(|(of, _)| *of == number).map(|(_, host)| host.as_str())
    }

    /// Whether a number is of this network's country (TS 23.271 clause 9.5.1).
    pub(crate) fn is_home_country(&self, number: Address) -> bool {
        self.country.is_some_and(|country| number.digits.starts_with(country))
    }

    /// The home register.
    pub(crate) fn hlr(&self) -> Option<Arc<Hlr>> {
        self.running.read().iter().find_map(|node| match &node.part {
            Part::Hlr(hlr) => Some(Arc::clone(hlr)),
            Part::Serving(_) => None,
        })
    }

    /// The MSC or SGSN of this name.
    pub(crate) fn node(&self, name: &str) -> Option<Arc<ServingNode>> {
        self.running.read().iter().find_map(|node| match &node.part {
            Part::Serving(serving) if node.name == name => Some(Arc::clone(serving)),
            Part::Serving(_) | Part::Hlr(_) => None,
        })
    }

    /// The node that serves a phone: its MSC, or else its SGSN.
    pub(crate) fn serving(&self, phone: &Phone) -> Option<Arc<ServingNode>> {
        self.named_by(&phone.now())
    }

    /// The node that serves a phone that is like this.
    fn named_by(&self, spec: &SubscriberSpec) -> Option<Arc<ServingNode>> {
        self.running.read().iter().find_map(|node| match &node.part {
            Part::Serving(serving) if serving.is_named_by(spec) => Some(Arc::clone(serving)),
            Part::Serving(_) | Part::Hlr(_) => None,
        })
    }

    /// The network of that node, as on the wire.
    pub(crate) fn network(&self, spec: &SubscriberSpec) -> Option<[u8; 3]> {
        self.named_by(spec).map(|node| node.plmn)
    }
}

/// What a legacy node plays.
pub(crate) enum Part {
    Hlr(Arc<Hlr>),
    Serving(Arc<ServingNode>),
}

impl From<Arc<Hlr>> for Part {
    fn from(hlr: Arc<Hlr>) -> Self {
        Self::Hlr(hlr)
    }
}

impl From<Arc<ServingNode>> for Part {
    fn from(node: Arc<ServingNode>) -> Self {
        Self::Serving(node)
    }
}

/// A legacy node that runs.
pub(crate) struct LegacyNode {
    pub(crate) name: String,
    pub(crate) number: Address,
    pub(crate) point_code: PointCode,
    pub(crate) node: SigtranNode,
    /// One for each gateway of the scenario, in its order.
    pub(crate) taps: Vec<Tap>,
    pub(crate) part: Part,
}

/// Between two looks at associations that come up.
const LOOK: Duration = Duration::from_millis(2);

/// The associations of a node, to wait for.
pub(crate) struct Meeting {
    node: SigtranNode,
    /// Associations for gateways, which come first.
    gateways: usize,
}

impl Meeting {
    /// Waits until the node has all its neighbours inside the network.
    pub(crate) async fn inside(&self) {
        let active = || {
            let status = self.node.status();
            status.associations.iter().skip(self.gateways).all(|association| association.active)
        };
        while !active() {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until a gateway is there too.
    pub(crate) async fn with_gateway(&self) {
        self.inside().await;
        let inside = self.node.status().associations.len().saturating_sub(self.gateways);
        self.node.wait_active(inside + 1).await;
    }
}

/// A legacy node, as a gateway is to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ss7Address {
    /// Name.
    pub name: String,
    /// Its number, which is its global title.
    pub number: Address,
    /// Its point code.
    pub point_code: u16,
    /// Where it listens for M3UA over TCP: for each gateway of the scenario, in its order.
    pub listen: Vec<SocketAddr>,
}

impl LegacyNode {
    pub(crate) fn meeting(&self) -> Meeting {
        Meeting { node: self.node.clone(), gateways: self.taps.len() }
    }

    /// Answers spoiled on the wire so far.
    pub(crate) fn spoiled(&self) -> u64 {
        self.taps.iter().map(Tap::spoiled).sum()
    }

    pub(crate) fn address(&self) -> Ss7Address {
        Ss7Address {
            name: self.name.clone(),
            number: self.number,
            point_code: self.point_code.value(),
            listen: self.taps.iter().map(Tap::local_address).collect(),
        }
    }
}

/// Registers every phone at the node that serves it.
pub(crate) async fn attach(nodes: &[LegacyNode]) {
    for node in nodes {
        if let Part::Serving(serving) = &node.part {
            attach::attach_all(serving).await;
        }
    }
}

/// A number of the scenario, which was checked when it was read.
pub(crate) fn number(text: &str) -> Option<Address> {
    Address::international(text).ok()
}
