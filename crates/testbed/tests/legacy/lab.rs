//! A network on loopback, and a node that asks it as a gateway would.

use lcs::{
    Address, ApnNi, ClientName, FormatIndicator, Imsi, LcsClientType, LocationType, Msisdn, PrivacySetting, Requestor,
};
use ss7::map::{
    ApnLabels, ClientExternalId, ClientId, ClientNameString, MapError, Operation, PslRes, ReceivedPsl,
    RequestedLocation, RequestedPrivacy, RequestorIdString, SlrArg, SlrRes,
};
use std::time::Duration;
use testbed::{
    Network, NetworkOptions, Sight,
    fault::{Fault, FaultRule, Scope},
    scenario::Scenario,
};
use tokio::sync::mpsc;
use transport::sigtran::{
    Admission, Answer, AssociationConfig, Dialogue, DialogueHandler, GtRoute, Incoming, Invoke, InvokeError,
    InvokeOutcome, InvokeProblem, PointCode, SigtranConfig, SigtranNode, SigtranTimers, Ssn, by_number,
};

pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const GMLC: &str = "99912340000";
pub(crate) const HLR: &str = "99900100001";

/// Head of a scenario: an HSS, an MME and the HLR; legacy nodes follow.
pub(crate) const HEAD: &str = "
[network]
realm = 'epc.mnc001.mcc001.3gppnetwork.org'
control = '127.0.0.1:0'
verification_timeout_ms = 40
[hss]
host = 'hss.epc.mnc001.mcc001.3gppnetwork.org'
listen = '127.0.0.1:0'
[[mme]]
name = 'mme-1'
host = 'mme1.epc.mnc001.mcc001.3gppnetwork.org'
listen = '127.0.0.1:0'
[ss7]
country_code = '999'
[[ss7.gateway]]
point_code = 100
number = '+99912340000'
[ss7.hlr]
number = '+99900100001'
point_code = 201
listen = '127.0.0.1:0'
";

/// An MSC called `msc-N` with more keys; N is 1-9.
pub(crate) fn msc(n: u8, more: &str) -> String {
    format!(
        "[[ss7.msc]]\nname = 'msc-{n}'\nnumber = '+9990020000{n}'\npoint_code = {}\nlisten = '127.0.0.1:0'\n{more}\n",
        210 + u16::from(n)
    )
}

/// An SGSN called `sgsn-N` with more keys.
pub(crate) fn sgsn(n: u8, more: &str) -> String {
    format!(
        "[[ss7.sgsn]]\nname = 'sgsn-{n}'\nnumber = '+9990030000{n}'\npoint_code = {}\nlisten = '127.0.0.1:0'\n{more}\n",
        220 + u16::from(n)
    )
}

pub(crate) fn msc_number(n: u8) -> Address {
    number(&format!("9990020000{n}"))
}

pub(crate) fn sgsn_number(n: u8) -> Address {
    number(&format!("9990030000{n}"))
}

/// A subscriber whose number ends in `n`, with more keys.
pub(crate) fn subscriber(n: u8, more: &str) -> String {
    format!(
        "[[subscriber]]\nlabel = 'sub-{n:02}'\nimsi = '0010100000000{n:02}'\nmsisdn = '999000000{n:02}'\n\
         position = {{ latitude = 52.52, longitude = 13.405 }}\n{more}\n"
    )
}

pub(crate) fn imsi(n: u8) -> Imsi {
    Imsi::parse(&format!("0010100000000{n:02}")).unwrap()
}

pub(crate) fn msisdn(n: u8) -> Msisdn {
    Msisdn::parse(&format!("999000000{n:02}")).unwrap()
}

pub(crate) fn number(text: &str) -> Address {
    Address::international(text).unwrap()
}

/// A network with a gateway beside it.
pub(crate) struct Lab {
    pub(crate) network: Network,
    pub(crate) gateway: SigtranNode,
    /// What the network reported.
    pub(crate) reports: mpsc::UnboundedReceiver<SlrArg>,
}

/// The gateway's side: takes every report.
struct Reports(mpsc::UnboundedSender<SlrArg>);

impl DialogueHandler for Reports {
    async fn handle(&self, incoming: Incoming, _dialogue: Dialogue) -> Answer {
        if incoming.operation != Operation::SubscriberLocationReport.code() {
            return Answer::Reject(InvokeProblem::UnrecognizedOperation);
        }
        self.0.send(SlrArg::decode(&incoming.argument).unwrap()).unwrap();
        Answer::Result(SlrRes::default().encode())
    }
}

impl Lab {
    pub(crate) async fn start(scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario).unwrap();
        let network = Network::start(&scenario, NetworkOptions::default()).await.unwrap();
        let (sender, reports) = mpsc::unbounded_channel();
        let gateway = gateway(&network, 100, GMLC, 0, Reports(sender)).await;
        Self { network, gateway, reports }
    }

    pub(crate) fn fault(&self, node: &str, fault: Fault, times: Option<u32>) {
        self.network.faults().add(Scope::Node(node.to_owned()), FaultRule { fault, times });
    }

    pub(crate) fn seen(&self, n: u8) -> Vec<Sight> {
        self.network.screens().of(&format!("sub-{n:02}"))
    }

    pub(crate) fn wipe(&self, n: u8) {
        self.network.screens().wipe(&format!("sub-{n:02}"));
    }

    /// Asks a node for an operation.
    pub(crate) async fn invoke(
        &self,
        node: Address,
        subsystem: Ssn,
        operation: Operation,
        argument: Vec<u8>,
    ) -> Result<InvokeOutcome, InvokeError> {
        let to = by_number(node, subsystem).unwrap();
        self.gateway.invoke(Invoke::new(to, operation.context(), operation.code(), argument, TIMEOUT)).await
    }

    /// Asks an MSC for a location.
    pub(crate) async fn psl(&self, msc: u8, psl: &ReceivedPsl) -> Result<PslRes, MapError> {
        self.located(msc_number(msc), Ssn::MSC, psl).await
    }

    /// Asks an SGSN for a location.
    pub(crate) async fn psl_ps(&self, sgsn: u8, psl: &ReceivedPsl) -> Result<PslRes, MapError> {
        self.located(sgsn_number(sgsn), Ssn::SGSN, psl).await
    }

    async fn located(&self, node: Address, subsystem: Ssn, psl: &ReceivedPsl) -> Result<PslRes, MapError> {
        match self.invoke(node, subsystem, Operation::ProvideSubscriberLocation, psl.encode()).await.unwrap() {
            InvokeOutcome::Result(result) => Ok(PslRes::decode(&result).unwrap()),
            InvokeOutcome::Error { code, parameter } => Err(MapError::decode(code, &parameter).unwrap()),
            other => panic!("{other:?}"),
        }
    }
}

/// A gateway with this point code and number, at the place `at` of the scenario's list.
pub(crate) async fn gateway(
    network: &Network,
    point_code: u32,
    own: &str,
    at: usize,
    handler: impl DialogueHandler,
) -> SigtranNode {
    let code = |code: u32| PointCode::new(code).unwrap();
    let mut config = SigtranConfig::new(code(point_code), number(own), Ssn::GMLC);
    config.admission = Admission::Anyone;
    config.timers =
        SigtranTimers { reconnect_min: Duration::from_millis(10), drain: Duration::ZERO, ..SigtranTimers::default() };
    for node in network.ss7_addresses() {
        let there = code(u32::from(node.point_code));
        config.associations.push(AssociationConfig::asp(&node.name, node.listen[at], [there]));
        config.routes.push(GtRoute { prefix: node.number, point_code: there });
    }
    let associations = config.associations.len();
    let gateway = SigtranNode::start(config, handler).await.unwrap();
    tokio::time::timeout(TIMEOUT, gateway.wait_active(associations)).await.expect("all associations come up");
    gateway
}

/// A request of a value added client called "Acme" with this external identity, about the subscriber `n`.
pub(crate) fn psl(n: u8, external: &str) -> ReceivedPsl {
    let name = ClientName::new("Acme", FormatIndicator::LogicalName).unwrap();
    let client = ClientId {
        external_id: Some(ClientExternalId::of(number(external))),
        name: ClientNameString::new(&name, None),
        ..ClientId::new(LcsClientType::ValueAdded)
    };
    ReceivedPsl {
        location_type: RequestedLocation { estimate_type: LocationType::Current, deferred_event_type: None },
        mlc_number: number(GMLC),
        client_id: Some(client),
        privacy_override: false,
        imsi: Some(imsi(n)),
        msisdn: None,
        lmsi: None,
        imei: None,
        priority: None,
        qos: None,
        supported_gad_shapes: None,
        reference_number: None,
        service_type: None,
        codeword: None,
        privacy_check: None,
        area_event_info: None,
        h_gmlc_address: None,
        mo_lr_short_circuit: false,
        periodic_ldr_info: None,
        reporting_plmn_list: None,
    }
}

/// More to a request.
pub(crate) trait More: Sized {
    fn client(self, how: impl FnOnce(&mut ClientId)) -> Self;

    fn dialled(self, number: &str) -> Self {
        self.client(|client| client.dialled_by_ms = Some(self::number(number)))
    }

    fn apn(self, apn: &str) -> Self {
        self.client(|client| client.apn = ApnLabels::new(&ApnNi::new(apn).unwrap()))
    }

    /// As the field has it, and merged into the name.
    fn requestor(self, text: &str) -> Self {
        let name = ClientName::new("Acme", FormatIndicator::LogicalName).unwrap();
        let requestor = Requestor { text: text.to_owned(), format: FormatIndicator::LogicalName };
        self.client(|client| {
            client.requestor = RequestorIdString::new(&requestor);
            client.name = ClientNameString::new(&name, Some(&requestor));
        })
    }

    fn indicators(self, unrelated: PrivacySetting, related: Option<PrivacySetting>) -> Self;

    fn kind(self, location_type: LocationType) -> Self;
}

impl More for ReceivedPsl {
    fn client(mut self, how: impl FnOnce(&mut ClientId)) -> Self {
        how(self.client_id.as_mut().unwrap());
        self
    }

    fn indicators(self, unrelated: PrivacySetting, related: Option<PrivacySetting>) -> Self {
        Self { privacy_check: Some(RequestedPrivacy { unrelated, related }), ..self }
    }

    fn kind(mut self, location_type: LocationType) -> Self {
        self.location_type.estimate_type = location_type;
        self
    }
}

/// A client of the control API.
pub(crate) fn http() -> reqwest::Client {
    // Fails only if a provider is installed already, which is as good.
    tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
