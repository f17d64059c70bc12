//! A running network: the nodes of a scenario, each behind its tap, and the control API.

use crate::{
    control,
    counters::{Counters, count},
    fault::{FaultRule, Faults, Scope},
    hss::Hss,
    mdt_core::{self, Mdt, MdtCore, MdtStartError},
    mme::{Deferrals, Mme},
    phones::{Phone, Phones},
    scenario::{CellSpec, MmePolicy, MmeSpec, Operator, PhoneState, Scenario},
    seen::Screens,
    ss7::{self, Legacy, PushError, ReportError, SelfLocation, Ss7Address},
    tap::{Marks, Protocol, Tap, TapConfig},
    usim::{self, Cards, CardsError},
    wire::{EmergencyReport, Origin},
};
use ::ss7::map::LcsEvent;
use diameter::{
    base::DisconnectCause,
    codec::{ApplicationId, Outcome, ResultCode, VendorId},
    dictionary as avp,
};
use lcs::gad::{GadError, ShapeSet};
use parking_lot::RwLock;
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, SystemTime},
};
use transport::{
    Application, Destination, Handler, Limits, Listen, Node, NodeConfig, PeerConfig, RequestError, Transport,
    UnknownPeers,
};

/// How long an MME waits for the answer to an emergency report.
const REPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Microseconds since 1970-01-01T00:00:00Z.
pub(crate) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Why a network did not start.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// A Diameter node did not start.
    #[error("node {0}: {1}")]
    Node(String, transport::StartError),
    /// An address cannot be listened at.
    #[error("cannot listen at {0}: {1}; choose another address in the scenario or stop what holds it")]
    Listen(SocketAddr, io::Error),
    /// A node of the legacy half did not start.
    #[error("node {0}: {1}")]
    LegacyNode(String, transport::sigtran::SigtranStartError),
    /// The core's part in MDT did not start.
    #[error(transparent)]
    Mdt(#[from] MdtStartError),
    /// SMS centre and cards did not start.
    #[error(transparent)]
    Cards(#[from] CardsError),
    /// A scenario that was not checked.
    #[error("node {0}: its number or point code cannot be used")]
    Unsound(String),
}

/// Why an emergency call was not reported.
#[derive(Debug, thiserror::Error)]
pub enum EmergencyCallError {
    /// The phone cannot call.
    #[error("the phone is not attached")]
    NotAttached,
    /// No gateway took the report.
    #[error("no gateway took the report: {0}")]
    NoGateway(#[from] RequestError),
    /// The report of an MSC or SGSN came to nothing.
    #[error(transparent)]
    OverMap(#[from] ReportError),
    /// The answer has no result.
    #[error("the gateway's answer has neither Result-Code nor Experimental-Result")]
    Malformed,
    /// The scenario asks for what the shape cannot hold.
    #[error("the scenario's estimate cannot be coded: {0}")]
    NoEstimate(#[from] GadError),
}

/// What a Diameter node plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeRole {
    /// Home subscriber server.
    Hss,
    /// Mobility management entity.
    Mme,
}

impl NodeRole {
    fn application(self) -> ApplicationId {
        match self {
            Self::Hss => ApplicationId::SLH,
            Self::Mme => ApplicationId::SLG,
        }
    }
}

/// A Diameter node, as a gateway is to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiameterAddress {
    /// Name.
    pub name: String,
    /// What it plays.
    pub role: NodeRole,
    /// Name of its operator.
    pub operator: String,
    /// Diameter identity.
    pub host: String,
    /// Diameter realm.
    pub realm: String,
    /// Where it listens.
    pub listen: SocketAddr,
}

/// A node that runs.
struct Running {
    name: String,
    role: NodeRole,
    operator: String,
    origin: Origin,
    node: Node,
    tap: Tap,
}

/// An MME as home registers tell it.
pub(crate) struct ServingMme {
    pub(crate) origin: Origin,
    /// Its visited gateway.
    pub(crate) v_gmlc: Option<IpAddr>,
}

/// What the nodes and the control API share.
pub(crate) struct Shared {
    pub(crate) phones: Phones,
    pub(crate) screens: Screens,
    pub(crate) faults: Arc<Faults>,
    pub(crate) marks: Arc<Marks>,
    pub(crate) counters: Counters,
    pub(crate) policy: MmePolicy,
    pub(crate) verification_timeout: Duration,
    /// Realm of the network with the legacy half.
    pub(crate) realm: String,
    /// Name of its operator.
    pub(crate) operator: String,
    /// MMEs of all operators, as home registers tell them: by name.
    pub(crate) mmes: HashMap<String, ServingMme>,
    /// Cells of the network with the legacy half.
    pub(crate) cells: Vec<CellSpec>,
    /// What phones wait for.
    pub(crate) deferrals: Deferrals,
    /// The legacy half, if the scenario has one.
    pub(crate) ss7: Option<Legacy>,
    /// MDT, if the scenario has a radio network.
    pub(crate) mdt: Option<MdtCore>,
    /// SMS centre and cards, if the scenario has a centre.
    pub(crate) cards: Option<Cards>,
    running: RwLock<Vec<Running>>,
}

impl Shared {
    pub(crate) fn node_names(&self) -> Vec<String> {
        let legacy =
            self.ss7.iter().flat_map(|ss7| ss7.running.read().iter().map(|n| n.name.clone()).collect::<Vec<_>>());
        self.running.read().iter().map(|running| running.name.clone()).chain(legacy).collect()
    }

    /// A node that speaks Diameter, by name.
    pub(crate) fn diameter_node(&self, name: &str) -> Option<(Node, Origin)> {
        let running = self.running.read();
        running.iter().find(|running| running.name == name).map(|of| (of.node.clone(), of.origin.clone()))
    }

    /// A phone calls for help: its MSC or SGSN reports to the gateway (TS 23.271 clauses 9.1.5 and 9.1.7), or else its MME (clause
    /// 9.1.17 step 4). Returns the result code; over MAP, where there is none, that of success.
    pub(crate) async fn emergency_call(&self, phone: &Phone, ends: bool) -> Result<u32, EmergencyCallError> {
        if let Some(node) = self.ss7.as_ref().and_then(|ss7| ss7.serving(phone)) {
            let event = if ends { LcsEvent::EmergencyCallRelease } else { LcsEvent::EmergencyCallOrigination };
            node.emergency_call(phone, event).await?;
            return Ok(ResultCode::SUCCESS.0);
        }
        let spec = phone.now();
        if spec.state != PhoneState::Attached {
            return Err(EmergencyCallError::NotAttached);
        }
        let serving = phone.mme().and_then(|name| self.diameter_node(&name)).map(|(node, origin)| {
            let gateway = node.peers().into_iter().find(|peer| peer.usable);
            (node, origin, gateway)
        });
        let Some((node, origin, Some(gateway))) = serving else {
            return Err(EmergencyCallError::NoGateway(RequestError::NoPeer));
        };
        let located = self.located(&spec, ShapeSet::ALL, &origin)?;
        let session_id = node.session_id();
        let report = EmergencyReport {
            session_id: &session_id,
            origin: &origin,
            gateway_host: &gateway.host,
            gateway_realm: &gateway.realm,
            identities: phone.identities,
            located: &located,
        };
        count(&self.counters.lrr);
        let destination = Destination::to_host(&gateway.host, &gateway.realm);
        let answer =
            node.request(ApplicationId::SLG, destination, |ids, out| report.encode(ids, out), REPORT_TIMEOUT).await?;
        let base = answer.find(&avp::RESULT_CODE).and_then(|avp| avp.u32().ok());
        let experimental = answer
            .find(&avp::EXPERIMENTAL_RESULT)
            .and_then(|avp| avp.grouped().ok()?.find(&avp::EXPERIMENTAL_RESULT_CODE)?.u32().ok());
        let code = experimental.or(base).ok_or(EmergencyCallError::Malformed)?;
        if matches!(Outcome::of(base.map(ResultCode), None), Some(Outcome::Success)) {
            count(&self.counters.lrr_accepted);
        }
        Ok(code)
    }
}

/// The home register and the nodes that serve, over MAP.
impl Shared {
    /// Puts what the home register holds of a subscriber in place, and gives it to the nodes that serve.
    pub(crate) async fn provision(&self, label: &str, information: lcs::slpp::LcsInformation) -> Result<(), PushError> {
        let phone = self.phones.labelled(label);
        let hlr = self.ss7.as_ref().and_then(Legacy::hlr);
        let (Some(phone), Some(hlr)) = (phone, hlr) else { return Err(PushError::NoRegister) };
        hlr.provision(phone, information).await
    }

    /// A phone has its position sent to a client.
    pub(crate) async fn self_location(&self, phone: &Phone, wanted: &SelfLocation) -> Result<(), ReportError> {
        let node = self.ss7.as_ref().and_then(|ss7| ss7.serving(phone)).ok_or(ReportError::NotServed)?;
        node.self_location(phone, wanted).await
    }
}

/// A network that runs until [`Network::stop`].
pub struct Network {
    shared: Arc<Shared>,
    control: SocketAddr,
    control_task: tokio::task::JoinHandle<()>,
}

/// What a network needs beside its scenario.
#[derive(Clone, Default)]
pub struct NetworkOptions {
    /// Server side of TLS for all Diameter nodes; plain TCP if absent.
    pub tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Network {
    /// Starts every node of the scenario and the control API.
    pub async fn start(scenario: &Scenario, options: NetworkOptions) -> Result<Self, NetworkError> {
        let shared = Arc::new(Shared {
            phones: Phones::new(scenario),
            screens: Screens::default(),
            faults: Arc::new(Faults::default()),
            marks: Arc::new(Marks::default()),
            counters: Counters::default(),
            policy: scenario.network.policy,
            verification_timeout: scenario.network.verification_timeout(),
            realm: scenario.network.realm.clone(),
            operator: scenario.network.operator.clone(),
            mmes: mmes(scenario),
            cells: scenario.cells.clone(),
            deferrals: Deferrals::default(),
            ss7: scenario.ss7.as_ref().map(|spec| Legacy::new(scenario, spec)),
            mdt: MdtCore::new(scenario)?,
            cards: Cards::start(scenario).await?,
            running: RwLock::new(Vec::new()),
        });
        for operator in scenario.operators() {
            start_operator(&shared, operator, options.clone()).await?;
        }
        for subscriber in &scenario.subscribers {
            for rule in &subscriber.faults {
                shared.faults.add(Scope::Subscriber(subscriber.label.clone()), *rule);
            }
        }
        if let (Some(spec), Some(legacy)) = (&scenario.ss7, &shared.ss7) {
            let nodes = ss7::start(&shared, spec).await?;
            ss7::attach(&nodes).await;
            *legacy.running.write() = nodes;
        }
        mdt_core::start(&shared, scenario).await?;
        tokio::spawn(usim::follow(Arc::downgrade(&shared)));
        let address = scenario.network.control;
        let listen = |error| NetworkError::Listen(address, error);
        let listener = tokio::net::TcpListener::bind(address).await.map_err(listen)?;
        let control = listener.local_addr().map_err(listen)?;
        let router = control::router(Arc::clone(&shared));
        let control_task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the control API ended");
            }
        });
        Ok(Self { shared, control, control_task })
    }

    /// Where the control API listens.
    #[must_use]
    pub fn control_address(&self) -> SocketAddr {
        self.control
    }

    /// Where each node listens for Diameter, by name; of each operator the HSS first.
    #[must_use]
    pub fn addresses(&self) -> Vec<(String, SocketAddr)> {
        self.shared.running.read().iter().map(|of| (of.name.clone(), of.tap.local_address())).collect()
    }

    /// Every node that speaks Diameter, in the order of [`Network::addresses`].
    #[must_use]
    pub fn diameter_addresses(&self) -> Vec<DiameterAddress> {
        let address = |of: &Running| DiameterAddress {
            name: of.name.clone(),
            role: of.role,
            operator: of.operator.clone(),
            host: of.origin.host.clone(),
            realm: of.origin.realm.clone(),
            listen: of.tap.local_address(),
        };
        self.shared.running.read().iter().map(address).collect()
    }

    /// What happened so far.
    #[must_use]
    pub fn counted(&self) -> crate::Counted {
        self.shared.counters.now()
    }

    /// Answers spoiled on the wire so far.
    #[must_use]
    pub fn spoiled_on_the_wire(&self) -> u64 {
        let legacy =
            self.shared.ss7.iter().map(|ss7| ss7.running.read().iter().map(ss7::LegacyNode::spoiled).sum::<u64>());
        self.shared.running.read().iter().map(|running| running.tap.spoiled()).chain(legacy).sum()
    }

    /// The phones.
    #[must_use]
    pub fn phones(&self) -> &Phones {
        &self.shared.phones
    }

    /// References of the deferred requests that a phone, or its node for it, has.
    #[must_use]
    pub fn deferred(&self, label: &str) -> Vec<u8> {
        self.shared.deferrals.of(label)
    }

    /// An MSC or SGSN takes a phone over, and registers it; whether it could.
    pub async fn relocate(&self, label: &str, node: &str) -> bool {
        match self.shared.phones.labelled(label) {
            Some(phone) => self.shared.relocate(phone, node).await,
            None => false,
        }
    }

    /// The cells as a table in the columns of OpenCelliD.
    #[must_use]
    pub fn cell_table(&self) -> String {
        self.shared.cell_table()
    }

    /// The same of the network of another realm, which has its cells at the same places. `None` without cells, and for a realm that shares
    /// the code of this network, whose phones are in the cells of their estimates.
    #[must_use]
    pub fn cell_table_in(&self, realm: &str) -> Option<String> {
        self.shared.cell_table_in(realm)
    }

    /// What their users saw.
    #[must_use]
    pub fn screens(&self) -> &Screens {
        &self.shared.screens
    }

    /// The faults that hold.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// SMS centre and cards, if the scenario has a centre.
    #[must_use]
    pub fn cards(&self) -> Option<&Cards> {
        self.shared.cards.as_ref()
    }

    /// MDT, if the scenario has a radio network.
    #[must_use]
    pub fn mdt(&self) -> Option<Mdt> {
        Mdt::of(&self.shared)
    }

    /// A phone calls for help; the result code of the gateway's answer to the report.
    pub async fn emergency_call(&self, label: &str) -> Result<u32, EmergencyCallError> {
        let phone = self.shared.phones.labelled(label).ok_or(EmergencyCallError::NotAttached)?;
        self.shared.emergency_call(phone, false).await
    }

    /// Waits until every node has a gateway connected.
    pub async fn connected(&self) {
        let nodes: Vec<Node> = self.shared.running.read().iter().map(|running| running.node.clone()).collect();
        for node in nodes {
            node.wait_usable(1).await;
        }
        // Clones, so that no lock is held while waiting.
        let legacy = self
            .shared
            .ss7
            .iter()
            .flat_map(|ss7| ss7.running.read().iter().map(ss7::LegacyNode::meeting).collect::<Vec<_>>());
        for node in legacy {
            node.with_gateway().await;
        }
    }

    /// Where each node of the legacy half listens for M3UA; the home register first.
    #[must_use]
    pub fn ss7_addresses(&self) -> Vec<Ss7Address> {
        let legacy = self.shared.ss7.iter();
        legacy.flat_map(|ss7| ss7.running.read().iter().map(ss7::LegacyNode::address).collect::<Vec<_>>()).collect()
    }

    /// Puts what the home register holds of a subscriber in place, and gives it to the nodes that serve.
    pub async fn provision(&self, label: &str, information: lcs::slpp::LcsInformation) -> Result<(), PushError> {
        self.shared.provision(label, information).await
    }

    /// What the home register holds of a subscriber.
    #[must_use]
    pub fn provisioned(&self, label: &str) -> lcs::slpp::LcsInformation {
        self.shared.ss7.as_ref().map(|ss7| ss7.register.information(label)).unwrap_or_default()
    }

    /// A phone has its position sent to a client, by the MSC or SGSN that serves it.
    pub async fn self_location(&self, label: &str, wanted: &SelfLocation) -> Result<(), ReportError> {
        let phone = self.shared.phones.labelled(label).ok_or(ReportError::NotAttached)?;
        self.shared.self_location(phone, wanted).await
    }

    /// Ends the network: peers are told to go.
    pub async fn stop(self) {
        self.control_task.abort();
        self.shared.deferrals.stop();
        mdt_core::stop(&self.shared).await;
        let running = std::mem::take(&mut *self.shared.running.write());
        for running in running {
            running.node.shutdown(DisconnectCause::REBOOTING).await;
        }
        let legacy = self.shared.ss7.as_ref().map(|ss7| std::mem::take(&mut *ss7.running.write())).unwrap_or_default();
        for node in legacy {
            node.node.stop().await;
        }
    }
}

fn mmes(scenario: &Scenario) -> HashMap<String, ServingMme> {
    let all = scenario.operators().flat_map(|of| of.mmes.iter().map(move |mme| (of, mme)));
    let told = |(of, mme): (Operator<'_>, &MmeSpec)| {
        (mme.name.clone(), ServingMme { origin: mme_origin(of, mme), v_gmlc: of.gateway.address })
    };
    all.map(told).collect()
}

fn mme_origin(of: Operator<'_>, mme: &MmeSpec) -> Origin {
    Origin { host: mme.host.clone(), realm: mme.realm.clone().unwrap_or_else(|| of.realm.to_owned()) }
}

/// Starts the Diameter nodes of an operator.
async fn start_operator(shared: &Arc<Shared>, of: Operator<'_>, options: NetworkOptions) -> Result<(), NetworkError> {
    let starter = Starter { shared: Arc::clone(shared), operator: of.name, gateways: of.gateways, options };
    let hss = of.hss;
    let origin = Origin { host: hss.host.clone(), realm: of.realm.to_owned() };
    let first = of.name == shared.operator;
    let legacy = shared.ss7.as_ref().filter(|_| first);
    let handler = Hss {
        name: hss.name.clone(),
        operator: of.name.to_owned(),
        origin: origin.clone(),
        unauthorised: hss.unauthorised.clone(),
        authorised: of.authorised(hss.authorised.as_ref()),
        h_gmlc: of.gateway.address.or_else(|| legacy?.h_gmlc),
        ppr: of.gateway.ppr.or_else(|| legacy?.ppr),
        shared: Arc::clone(shared),
    };
    starter.start(&hss.name, origin, hss.listen, NodeRole::Hss, handler, &hss.faults).await?;
    for mme in of.mmes {
        let origin = mme_origin(of, mme);
        let handler = Mme {
            name: mme.name.clone(),
            origin: origin.clone(),
            authorised: of.authorised(mme.authorised.as_ref()),
            shared: Arc::clone(shared),
        };
        starter.start(&mme.name, origin, mme.listen, NodeRole::Mme, handler, &mme.faults).await?;
    }
    Ok(())
}

struct Starter<'s> {
    shared: Arc<Shared>,
    operator: &'s str,
    gateways: &'s [String],
    options: NetworkOptions,
}

impl Starter<'_> {
    async fn start(
        &self,
        name: &str,
        origin: Origin,
        listen: SocketAddr,
        role: NodeRole,
        handler: impl Handler,
        faults: &[FaultRule],
    ) -> Result<(), NetworkError> {
        let mut config = NodeConfig::new(&origin.host, &origin.realm);
        config.product_name = "Wherefore testbed".to_owned();
        config.applications = vec![Application { id: role.application(), vendor: Some(VendorId::TGPP.0) }];
        let inner = SocketAddr::from(([127, 0, 0, 1], 0));
        config.listen = vec![Listen { address: inner, transport: Transport::Tcp }];
        config.peers = self.gateways.iter().map(|host| PeerConfig::accept(host, realm_of(host))).collect();
        config.limits = Limits {
            unknown_peers: if self.gateways.is_empty() { UnknownPeers::Accept } else { UnknownPeers::Refuse },
            max_handling: 1 << 16,
            ..Limits::default()
        };
        let node = Node::start(config, handler).await.map_err(|error| NetworkError::Node(name.to_owned(), error))?;
        let Some(inner) = node.local_addrs().first().copied() else { return Ok(()) };
        for rule in faults {
            self.shared.faults.add(Scope::Node(name.to_owned()), *rule);
        }
        let tap = TapConfig {
            node: name.to_owned(),
            protocol: Protocol::Diameter,
            inner,
            tls: self.options.tls.clone(),
            faults: Arc::clone(&self.shared.faults),
            marks: Arc::clone(&self.shared.marks),
        };
        let tap = Tap::start(listen, tap).await.map_err(|error| NetworkError::Listen(listen, error))?;
        self.shared.running.write().push(Running {
            name: name.to_owned(),
            role,
            operator: self.operator.to_owned(),
            origin,
            node,
            tap,
        });
        Ok(())
    }
}

/// The realm of a host whose own label comes first.
fn realm_of(host: &str) -> &str {
    host.split_once('.').map_or(host, |(_, realm)| realm)
}
