//! Starting the legacy nodes: who listens where, who knows the way to whom.

use super::{Hlr, LegacyNode, ServingNode, number, register::Domain};
use crate::{
    fault::Scope,
    network::{NetworkError, Shared},
    scenario::{LegacyNodeSpec, Ss7Spec},
    tap::{Protocol, Tap, TapConfig},
};
use lcs::Address;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use transport::sigtran::{
    Admission, AssociationConfig, DialogueHandler, GtRoute, NetworkIndicator, PointCode, SigtranConfig, SigtranLimits,
    SigtranNode, SigtranTimers, Ssn,
};

/// How long nodes may take to find each other on loopback.
const MEET: Duration = Duration::from_secs(10);

/// A node to be started.
struct Plan<'s> {
    name: &'s str,
    number: Address,
    point_code: PointCode,
    listen: SocketAddr,
    subsystem: Ssn,
}

/// A neighbour and the way to it.
struct Neighbour {
    number: Address,
    point_code: PointCode,
}

struct Starter<'s> {
    shared: &'s Arc<Shared>,
    spec: &'s Ss7Spec,
    gateways: Vec<Neighbour>,
}

/// Starts all of them; the home register first. Nobody is registered yet.
pub(crate) async fn start(shared: &Arc<Shared>, spec: &Ss7Spec) -> Result<Vec<LegacyNode>, NetworkError> {
    let gateways = spec.gateways.iter().map(|gateway| neighbour(&gateway.number, gateway.point_code));
    let starter = Starter { shared, spec, gateways: gateways.collect::<Result<_, _>>()? };
    let nodes: Vec<(&LegacyNodeSpec, Domain)> = spec
        .mscs
        .iter()
        .map(|node| (node, Domain::Cs))
        .chain(spec.sgsns.iter().map(|node| (node, Domain::Ps)))
        .collect();
    let (hlr, doors) = starter.hlr(&nodes).await?;
    let way = neighbour(&spec.hlr.number, spec.hlr.point_code)?;
    let mut running = vec![hlr];
    for ((node, domain), door) in nodes.into_iter().zip(doors) {
        running.push(starter.serving(node, domain, &way, door).await?);
    }
    let met = async {
        for node in &running {
            node.meeting().inside().await;
        }
    };
    // Who has not met by then registers nobody, and says so.
    tokio::time::timeout(MEET, met).await.ok();
    Ok(running)
}

fn unsound(name: &str) -> NetworkError {
    NetworkError::Unsound(name.to_owned())
}

fn point_code(name: &str, code: u32) -> Result<PointCode, NetworkError> {
    PointCode::new(code).map_err(|_| unsound(name))
}

fn neighbour(text: &str, code: u32) -> Result<Neighbour, NetworkError> {
    Ok(Neighbour { number: number(text).ok_or_else(|| unsound("gateway"))?, point_code: point_code("gateway", code)? })
}

impl Starter<'_> {
    /// The home register, and where each node is to connect to it.
    async fn hlr(&self, nodes: &[(&LegacyNodeSpec, Domain)]) -> Result<(LegacyNode, Vec<SocketAddr>), NetworkError> {
        let spec = &self.spec.hlr;
        let plan = Plan {
            name: &spec.name,
            number: number(&spec.number).ok_or_else(|| unsound(&spec.name))?,
            point_code: point_code(&spec.name, spec.point_code)?,
            listen: spec.listen,
            subsystem: Ssn::HLR,
        };
        let mut config = self.config(&plan);
        for (node, _) in nodes {
            let way = neighbour(&node.number, node.point_code)?;
            let door = SocketAddr::from(([127, 0, 0, 1], 0));
            config.associations.push(AssociationConfig::server(&node.name, door, [way.point_code]));
            introduce(&mut config, &way);
        }
        let handler = Arc::new(Hlr::new(spec, plan.number, Arc::clone(self.shared)));
        let started = self.node(&plan, config, Arc::clone(&handler), &spec.faults).await?;
        handler.knows(&started.node);
        let doors = started.node.local_addrs().iter().skip(self.gateways.len()).filter_map(|door| *door).collect();
        Ok((started.with(handler), doors))
    }

    async fn serving(
        &self,
        spec: &LegacyNodeSpec,
        domain: Domain,
        hlr: &Neighbour,
        door: SocketAddr,
    ) -> Result<LegacyNode, NetworkError> {
        let plan = Plan {
            name: &spec.name,
            number: number(&spec.number).ok_or_else(|| unsound(&spec.name))?,
            point_code: point_code(&spec.name, spec.point_code)?,
            listen: spec.listen,
            subsystem: if domain == Domain::Cs { Ssn::MSC } else { Ssn::SGSN },
        };
        let mut config = self.config(&plan);
        if domain == Domain::Cs {
            // Subscriber data goes to the visitor register in the same place.
            config.subsystems.push(Ssn::VLR);
        }
        config.associations.push(AssociationConfig::asp("hlr", door, [hlr.point_code]));
        introduce(&mut config, hlr);
        let gateway = self.gateways.first().map(|gateway| gateway.number);
        let hlr = (self.spec.hlr.name.clone(), hlr.number);
        let handler = Arc::new(ServingNode::new(spec, domain, plan.number, hlr, gateway, Arc::clone(self.shared)));
        let started = self.node(&plan, config, Arc::clone(&handler), &spec.faults).await?;
        handler.knows(&started.node);
        Ok(started.with(handler))
    }

    /// What all nodes have in common: a door for each gateway, and the way to it.
    fn config(&self, plan: &Plan<'_>) -> SigtranConfig {
        let mut config = SigtranConfig::new(plan.point_code, plan.number, plan.subsystem);
        config.network = NetworkIndicator::from_code(self.spec.network_indicator).unwrap_or(NetworkIndicator::National);
        config.admission = Admission::Only { prefixes: Vec::new(), point_codes: Vec::new() };
        config.limits =
            SigtranLimits { max_handling: 1 << 16, max_peer_dialogues: 1 << 17, ..SigtranLimits::default() };
        let second = Duration::from_secs(1);
        config.timers = SigtranTimers {
            reconnect_min: Duration::from_millis(20),
            drain: Duration::ZERO,
            closing: second,
            ..SigtranTimers::default()
        };
        for gateway in &self.gateways {
            let inner = SocketAddr::from(([127, 0, 0, 1], 0));
            config.associations.push(AssociationConfig::server(
                &format!("gateway-{}", gateway.point_code.value()),
                inner,
                [gateway.point_code],
            ));
            introduce(&mut config, gateway);
        }
        config
    }

    /// Starts a node and a tap before each of its doors for gateways.
    async fn node(
        &self,
        plan: &Plan<'_>,
        config: SigtranConfig,
        handler: impl DialogueHandler,
        faults: &[crate::fault::FaultRule],
    ) -> Result<Started, NetworkError> {
        for rule in faults {
            self.shared.faults.add(Scope::Node(plan.name.to_owned()), *rule);
        }
        let started = SigtranNode::start(config, handler).await;
        let node = started.map_err(|error| NetworkError::LegacyNode(plan.name.to_owned(), error))?;
        let mut taps = Vec::new();
        for (at, inner) in node.local_addrs().iter().take(self.gateways.len()).enumerate() {
            let Some(inner) = *inner else { continue };
            let tap = TapConfig {
                node: plan.name.to_owned(),
                protocol: Protocol::M3ua,
                inner,
                tls: None,
                faults: Arc::clone(&self.shared.faults),
                marks: Arc::clone(&self.shared.marks),
            };
            let address = door(plan.listen, at);
            taps.push(Tap::start(address, tap).await.map_err(|error| NetworkError::Listen(address, error))?);
        }
        Ok(Started { name: plan.name.to_owned(), number: plan.number, point_code: plan.point_code, node, taps })
    }
}

/// Where the gateway at this place of the list connects: each one port up, unless any port will do.
fn door(listen: SocketAddr, at: usize) -> SocketAddr {
    let mut address = listen;
    if let (Some(port), true) =
        (u16::try_from(at).ok().and_then(|at| listen.port().checked_add(at)), listen.port() != 0)
    {
        address.set_port(port);
    }
    address
}

/// Tells a node the way to a neighbour, and that it may ask.
fn introduce(config: &mut SigtranConfig, neighbour: &Neighbour) {
    config.routes.push(GtRoute { prefix: neighbour.number, point_code: neighbour.point_code });
    if let Admission::Only { prefixes, .. } = &mut config.admission {
        prefixes.push(neighbour.number.digits);
    }
}

/// A node that runs, before it is known what it is.
struct Started {
    name: String,
    number: Address,
    point_code: PointCode,
    node: SigtranNode,
    taps: Vec<Tap>,
}

impl Started {
    fn with(self, part: impl Into<super::Part>) -> LegacyNode {
        let Self { name, number, point_code, node, taps } = self;
        LegacyNode { name, number, point_code, node, taps, part: part.into() }
    }
}
