//! A home register and two MSCs in a thread, as lean as the project's own node allows: their answers are made once.
//!
//! One MSC has LCS capability sets 1 to 4 and must be told privacy indicators; the other has sets 1 to 3 and must be told one of the
//! pseudo-external identities (TS 23.271 Annex C). Neither answers a request that says anything else.

use crate::gateway::{GMLC_NUMBER, SUBSCRIBERS, imsi, msisdn};
use anyhow::{Context, Result};
use lcs::gad::Shape;
use lcs::{
    Address, CellIdentity, Fix, Identities, Imsi, LcsCapabilitySets, Msisdn, NodeKind, RoutingInfo, ServingNode,
};
use ss7::map::{MapError, Operation, PslRes, ReceivedPsl, RoutingInfoForLcsArg, RoutingInfoForLcsRes, SystemFailure};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use tokio::sync::oneshot;
use transport::sigtran::{
    Admission, Answer, AssociationConfig, Dialogue, DialogueHandler, GtRoute, Incoming, InvokeProblem, PointCode,
    SigtranConfig, SigtranLimits, SigtranNode, Ssn,
};

const GATEWAY_POINT_CODE: u32 = 1001;
const NETWORK_POINT_CODE: u32 = 2001;
const HLR: &str = "491702000001";
/// The MSCs, by the lowest bit of the subscriber's place.
const MSCS: [(&str, LcsCapabilitySets); 2] =
    [("491702000004", LcsCapabilitySets(0b1111)), ("491702000003", LcsCapabilitySets(0b111))];
/// Begins every pseudo-external identity; 01 to 14 follow.
const PSEUDO_EXTERNAL: &str = "4990000000";

/// Which MSC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Msc {
    /// Knows privacy indicators.
    Set4 = 0,
    /// Knows none.
    Set3 = 1,
}

impl Msc {
    /// A subscriber that it serves: the `at`th, scattered.
    pub(crate) fn subscriber(self, at: usize) -> u64 {
        (at as u64 * 977 * 2 + self as u64) % SUBSCRIBERS
    }

    fn of(subscriber: u64) -> Self {
        if subscriber.is_multiple_of(2) { Self::Set4 } else { Self::Set3 }
    }
}

/// What the nodes were asked.
#[derive(Default)]
pub(crate) struct Asked {
    routes: AtomicU64,
    by_indicators: AtomicU64,
    by_identity: AtomicU64,
    otherwise: AtomicU64,
}

impl std::fmt::Display for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [routes, indicators, identity, otherwise] =
            [&self.routes, &self.by_indicators, &self.by_identity, &self.otherwise].map(|n| n.load(Ordering::Relaxed));
        write!(
            f,
            "{routes} SRI-LCS; PSL: {indicators} by indicators, {identity} by a pseudo-external identity, {otherwise} otherwise"
        )
    }
}

/// The running nodes; they end when this is dropped.
pub(crate) struct Signalling {
    pub(crate) asked: Arc<Asked>,
    address: SocketAddr,
    _end: oneshot::Sender<()>,
}

impl Signalling {
    /// Starts them in a thread of their own.
    pub(crate) fn start() -> Result<Self> {
        let handler = Nodes::new()?;
        let asked = Arc::clone(&handler.asked);
        let (ready, started) = mpsc::channel();
        let (end, ended) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            let told = ready.clone();
            let run = async move {
                let node = SigtranNode::start(configuration()?, handler).await?;
                let address = node.local_addrs().first().copied().flatten().context("the node does not listen")?;
                ready.send(Ok(address)).ok();
                // Told or dropped, it is the end.
                ended.await.ok();
                anyhow::Ok(())
            };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Err(error) = runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(run)) {
                told.send(Err(error)).ok();
            }
        });
        Ok(Self { address: started.recv()??, asked, _end: end })
    }

    /// What a gateway is to be told of them.
    pub(crate) fn sections(&self) -> String {
        let identities: Vec<String> = (1..=14).map(|n| format!("\"+{PSEUDO_EXTERNAL}{n:02}\"")).collect();
        format!(
            "[sigtran]\nenabled = true\npoint_code = {GATEWAY_POINT_CODE}\ndefault_route = {NETWORK_POINT_CODE}\n\
             [sigtran.timers]\nreconnect_s = 1\n\
             [[sigtran.association]]\nname = \"network\"\naddress = \"{}\"\ntransport = \"tcp\"\npoint_codes = [{NETWORK_POINT_CODE}]\n\
             [map]\nhlr = \"+{HLR}\"\n[pseudo_external]\nnumbers = [{}]\n",
            self.address,
            identities.join(", "),
        )
    }
}

fn number(digits: &str) -> Result<Address> {
    Ok(Address::international(digits)?)
}

fn configuration() -> Result<SigtranConfig> {
    let mut config = SigtranConfig::new(PointCode::new(NETWORK_POINT_CODE)?, number(HLR)?, Ssn::HLR);
    config.subsystems.push(Ssn::MSC);
    for (msc, _) in MSCS {
        config.other_titles.push(number(msc)?);
    }
    let gateway = (number(GMLC_NUMBER)?, PointCode::new(GATEWAY_POINT_CODE)?);
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    config.associations.push(AssociationConfig::server("gateway", anywhere, [gateway.1]));
    config.routes.push(GtRoute { prefix: gateway.0, point_code: gateway.1 });
    config.admission = Admission::Only { prefixes: vec![gateway.0.digits], point_codes: Vec::new() };
    config.limits = SigtranLimits { max_handling: 1 << 16, ..SigtranLimits::default() };
    Ok(config)
}

/// All that the nodes know.
struct Nodes {
    routes: HashMap<Msisdn, Vec<u8>>,
    served: HashMap<Imsi, Msc>,
    position: Vec<u8>,
    identities: Vec<Address>,
    asked: Arc<Asked>,
}

impl Nodes {
    fn new() -> Result<Self> {
        let (mut routes, mut served) = (HashMap::new(), HashMap::new());
        for n in 0..SUBSCRIBERS {
            let (msisdn, imsi, msc) = (Msisdn::parse(&msisdn(n))?, Imsi::parse(&imsi(n))?, Msc::of(n));
            let (of, capabilities) = MSCS[msc as usize];
            let node = ServingNode {
                kind: NodeKind::Msc { number: number(of)? },
                capabilities: Some(capabilities),
                v_gmlc: None,
            };
            let identities = Identities { imsi: Some(imsi), msisdn: Some(msisdn), imei: None };
            let route = RoutingInfo { identities, nodes: [node].into(), h_gmlc: None, ppr: None, optimised_lcs: false };
            let told = RoutingInfoForLcsRes::of(&route, ss7::map::SubscriberIdentity::Msisdn(msisdn));
            routes.insert(msisdn, told.context("a route that MAP cannot say")?.encode());
            served.insert(imsi, msc);
        }
        let fix = Fix {
            shape: Some(Shape::decode(&[0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A])?),
            age_min: Some(0),
            accuracy_fulfilled: Some(true),
            velocity: None,
            cell: Some(CellIdentity::Cgi([0x00, 0xF1, 0x10, 1, 2, 3, 4])),
            civic_address: None,
            barometric_pressure_pa: None,
        };
        let position = PslRes::of_fix(&fix, None).ok().context("a position that MAP cannot say")?.encode();
        let identities = (1..=14).map(|n| number(&format!("{PSEUDO_EXTERNAL}{n:02}"))).collect::<Result<Vec<_>>>()?;
        Ok(Self { routes, served, position, identities, asked: Arc::default() })
    }

    fn answer(&self, operation: i64, argument: &[u8]) -> Answer {
        match Operation::from_code(operation) {
            Some(Operation::SendRoutingInfoForLcs) => self.route(argument),
            Some(Operation::ProvideSubscriberLocation) => self.locate(argument),
            _ => Answer::Reject(InvokeProblem::UnrecognizedOperation),
        }
    }

    fn route(&self, argument: &[u8]) -> Answer {
        self.asked.routes.fetch_add(1, Ordering::Relaxed);
        let Ok(asked) = RoutingInfoForLcsArg::decode(argument) else {
            return Answer::Reject(InvokeProblem::MistypedParameter);
        };
        let route = asked.target_ms.identities().msisdn.and_then(|msisdn| self.routes.get(&msisdn));
        route.map_or_else(|| error(MapError::UnknownSubscriber(None)), |route| Answer::Result(route.clone()))
    }

    fn locate(&self, argument: &[u8]) -> Answer {
        let Ok(psl) = ReceivedPsl::decode(argument) else {
            return Answer::Reject(InvokeProblem::MistypedParameter);
        };
        let client = psl.client_id.as_ref().and_then(|client| client.external_id?.external_address);
        let by_identity = client.is_some_and(|number| self.identities.contains(&number));
        let msc = psl.imsi.and_then(|imsi| self.served.get(&imsi));
        let count = match (msc, psl.privacy_check.is_some(), by_identity) {
            (Some(Msc::Set4), true, false) => &self.asked.by_indicators,
            (Some(Msc::Set3), false, true) => &self.asked.by_identity,
            _ => {
                self.asked.otherwise.fetch_add(1, Ordering::Relaxed);
                return error(MapError::SystemFailure(SystemFailure::default()));
            }
        };
        count.fetch_add(1, Ordering::Relaxed);
        Answer::Result(self.position.clone())
    }
}

fn error(error: MapError) -> Answer {
    Answer::Error { code: error.code(), parameter: error.parameter() }
}

impl DialogueHandler for Nodes {
    async fn handle(&self, incoming: Incoming, _dialogue: Dialogue) -> Answer {
        self.answer(incoming.operation, &incoming.argument)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::{
        ClientName, FormatIndicator, LcsClientId, LcsClientType, LocationType, PrivacyIndicators, PrivacySetting,
    };
    use ss7::map::{PrivacyInstruction, Psl, SubscriberIdentity};

    fn psl(subscriber: u64, instruction: PrivacyInstruction, sets: LcsCapabilitySets) -> Vec<u8> {
        let client = LcsClientId {
            client_type: LcsClientType::ValueAdded,
            external: Some(number("4930123456").unwrap()),
            internal: None,
            dialled: None,
            apn: None,
            name: Some(ClientName::new("fleet", FormatIndicator::LogicalName).unwrap()),
            requestor: None,
            call_session_related: false,
        };
        let target = Identities { imsi: Some(Imsi::parse(&imsi(subscriber)).unwrap()), ..Identities::default() };
        let gateway = number(GMLC_NUMBER).unwrap();
        Psl::new(gateway, LocationType::Current, target, &client, instruction, sets).unwrap().encode()
    }

    #[test]
    fn each_msc_answers_what_it_is_to_be_told_and_nothing_else() {
        let nodes = Nodes::new().unwrap();
        let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
        let by_indicators = PrivacyInstruction::Indicators(indicators);
        let by_identity = PrivacyInstruction::PseudoExternal(number("499000000001").unwrap());
        let psl_code = Operation::ProvideSubscriberLocation.code();
        let (four, three) = (MSCS[0].1, MSCS[1].1);
        for (subscriber, instruction, sets, answered) in [
            (0, by_indicators, four, true),
            (1, by_identity, three, true),
            (0, by_identity, three, false),
            (1, by_indicators, four, false),
            (SUBSCRIBERS, by_indicators, four, false),
        ] {
            let answer = nodes.answer(psl_code, &psl(subscriber, instruction, sets));
            assert_eq!(matches!(answer, Answer::Result(_)), answered, "{subscriber} {instruction:?}");
        }
        let shown = "0 SRI-LCS; PSL: 1 by indicators, 1 by a pseudo-external identity, 3 otherwise";
        assert_eq!(nodes.asked.to_string(), shown);
    }

    #[test]
    fn the_position_is_one_that_gateways_read() {
        let nodes = Nodes::new().unwrap();
        let outcome = PslRes::decode(&nodes.position).unwrap().positioning_outcome(LocationType::Current);
        assert!(matches!(outcome, Ok(lcs::PositioningOutcome::Fixed(_))), "{outcome:?}");
    }

    #[test]
    fn the_register_leads_to_the_msc_of_the_subscriber() {
        let nodes = Nodes::new().unwrap();
        for msc in [Msc::Set4, Msc::Set3] {
            for at in [0, 1, 63, 511] {
                let n = msc.subscriber(at);
                let asked = SubscriberIdentity::Msisdn(Msisdn::parse(&msisdn(n)).unwrap());
                let argument = RoutingInfoForLcsArg { mlc_number: number(GMLC_NUMBER).unwrap(), target_ms: asked };
                let operation = Operation::SendRoutingInfoForLcs.code();
                let Answer::Result(octets) = nodes.answer(operation, &argument.encode()) else { panic!("no route") };
                let route = RoutingInfoForLcsRes::decode(&octets).unwrap().routing_info(asked.identities()).unwrap();
                let (of, sets) = MSCS[msc as usize];
                assert_eq!(route.nodes[0].kind, NodeKind::Msc { number: number(of).unwrap() });
                assert_eq!(route.nodes[0].capabilities, Some(sets));
                assert_eq!(route.identities.imsi, Some(Imsi::parse(&imsi(n)).unwrap()));
            }
        }
    }
}
