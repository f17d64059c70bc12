//! The network as the procedures see it: SLh to the HSS or Lh to the HLR, SLg, Lgd and Lg to serving nodes, over one Diameter
//! node and, where the operator has one, one node of the signalling network.

mod areas;
mod cards;
mod deferred;
mod deferred_reports;
mod emergency_calls;
mod lr;
mod map;
mod map_deferred;
mod map_deferred_reports;
mod map_reports;
mod peers;
mod reports;
mod routes;
mod sigtran;
mod slg;
mod slh;

pub(crate) use areas::load as load_areas;
pub(crate) use map::MapNode;
pub(crate) use map_reports::MapReports;
pub(crate) use peers::{node_config, peer_views};
pub(crate) use reports::Reports;
pub(crate) use sigtran::{association_views, sigtran_config};

use crate::charging::note_node;
use crate::lr::{Gateways, name_of_node, plmn_of_node};
use crate::{clock, config, pmd::Pseudonyms, usim::Cards};
use diameter::{base::Origin, codec::ResultCode};
use emergency_calls::EmergencyCalls;
use gmlc::{AreaRefusal, Ask, CardRoad, Home, HomeAnswer, LdrCancel, LdrOrder, PeerGateway, Routed};
use lcs::{
    Address, AreaIdentity, Codeword, DeferredEvent, Digits, Duration, Failure, Fix, Identities, LcsInterface,
    LocationType, Named, NodeKind, PlmnId, PositioningOutcome, Pseudonym, RefusalReason, RoutingInfo, ServingNode,
    TargetArea, Timestamp, Way,
};
use privacy::{Confirmed, ForCard, Instructing, NodeInstruction, NotificationOnly, Permit, Referral, SessionIdentity};
use routes::Routes;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, RwLock};
use transport::{Destination, Node, RequestError};

/// HSS, HLR and serving nodes over Diameter and MAP, and other operators' gateways over Lr.
pub(crate) struct CoreNetwork {
    node: Node,
    hss: Destination,
    gmlc: Option<Address>,
    slh_limit: Duration,
    slg_limit: Duration,
    /// Hosts that put the GAD shape type into the low nibble.
    low_nibble: HashSet<String>,
    routes: Routes,
    map: Option<MapNode>,
    calls: EmergencyCalls,
    pseudonyms: Option<Pseudonyms>,
    gateways: Gateways,
    /// This gateway as serving nodes know it for deferred requests; none where it takes none.
    h_gmlc: Option<IpAddr>,
    /// Networks where phones may report of deferred requests, beside the one that serves.
    reporting_plmns: Vec<PlmnId>,
    /// The first of the own networks, in whose cells areas are named where no node tells another; and beginnings of the numbers of its
    /// MSCs and SGSNs.
    home_plmn: Option<String>,
    home_node_numbers: Vec<Digits>,
    /// Where the cells of networks are, if the operator has a table.
    areas: RwLock<Option<Arc<::areas::AreaMap>>>,
    /// The road over SMS to cards.
    cards: Option<Arc<Cards>>,
}

impl CoreNetwork {
    /// The gateways of other operators.
    pub(crate) fn gateways(&self) -> &Gateways {
        &self.gateways
    }

    pub(crate) fn new(
        node: Node,
        map: Option<MapNode>,
        pseudonyms: Option<Pseudonyms>,
        gateways: Gateways,
        config: &config::Config,
    ) -> Self {
        let diameter = &config.diameter;
        let low_nibble = diameter.peer.iter().filter(|peer| peer.gad_low_nibble);
        Self {
            hss: Destination::to_realm(config.hss_realm()),
            gmlc: config.gateway.gmlc_number.map(|number| number.0),
            slh_limit: Duration::from_millis(diameter.timers.slh_ms),
            slg_limit: Duration::from_millis(diameter.timers.slg_ms),
            low_nibble: low_nibble.map(|peer| peer.host.to_ascii_lowercase()).collect(),
            routes: Routes::new(&config.cache),
            node,
            map,
            calls: EmergencyCalls::new(),
            pseudonyms,
            gateways,
            h_gmlc: config.deferred.gmlc_address,
            home_plmn: config.gateway.home_plmns.first().cloned(),
            home_node_numbers: config.gateway.home_node_numbers.iter().map(|number| number.0.digits).collect(),
            reporting_plmns: config.deferred.networks(),
            areas: RwLock::default(),
            cards: None,
        }
    }

    /// The Diameter node.
    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    /// The node of the signalling network, if there is one.
    pub(crate) fn map(&self) -> Option<&MapNode> {
        self.map.as_ref()
    }

    /// Whoever kept a route asks the HSS again.
    pub(crate) fn forget_route(&self, target: &Identities) {
        self.routes.forget(target);
    }

    /// The same for every target.
    pub(crate) fn forget_routes(&self) {
        self.routes.forget_all();
    }

    fn origin(&self) -> Origin<'_> {
        Origin { host: self.node.origin_host(), realm: self.node.origin_realm() }
    }

    async fn ask(&self, order: Order<'_>, way: Way<'_>, ask: &Ask) -> Result<PositioningOutcome, Failure> {
        let asked_here = way.interface != LcsInterface::Lr;
        note_node(order.target, name_of_node(way.node).filter(|_| asked_here), plmn_of_node(way.node));
        match (way.interface, &self.map) {
            (LcsInterface::Slg, _) => self.ask_node(order, way, ask).await,
            (LcsInterface::Lg, Some(map)) => map.ask_node(&order, way, ask).await,
            (LcsInterface::Lg, None) => Err(Failure::ServingNodeUnsupported),
            (LcsInterface::Lr, _) => self.ask_visited(order, way, ask).await,
        }
    }

    /// Time left for one exchange.
    ///
    /// # Errors
    /// None is left.
    fn time_left(limit: Duration, deadline: Timestamp) -> Result<Duration, Failure> {
        let left = deadline.since(clock::now()).min(limit);
        if left.is_zero() { Err(Failure::TimedOut) } else { Ok(left) }
    }
}

/// What a permit says of the request to a node.
struct Order<'a> {
    location_type: LocationType,
    target: Identities,
    instruction: NodeInstruction,
    session: Option<SessionIdentity>,
    codeword: Option<&'a Codeword>,
}

impl<'a> Order<'a> {
    fn of<Stage: Instructing>(permit: &Permit<Stage>, ask: &'a Ask) -> Self {
        Self {
            location_type: permit.location_type(),
            target: permit.identities(),
            instruction: permit.instruction(),
            session: permit.session_identity(),
            codeword: permit.codeword(&ask.request),
        }
    }
}

impl gmlc::Network for CoreNetwork {
    type Ppr = crate::lpp::Checks;

    fn now(&self) -> Timestamp {
        clock::now()
    }

    async fn verinym(&self, pseudonym: &Pseudonym, client: &str, deadline: Timestamp) -> Result<Identities, Failure> {
        match &self.pseudonyms {
            Some(pmd) => Ok(pmd.resolve(pseudonym, client, deadline).await?),
            None => Err(Failure::Refused(RefusalReason::PseudonymUnresolved)),
        }
    }

    async fn routing_info(&self, target: &Identities, anew: bool, deadline: Timestamp) -> Result<Routed, Failure> {
        if anew {
            self.routes.forget(target);
        } else if let Some(info) = self.routes.find(target) {
            return Ok(Routed { info, kept: true });
        }
        let info = match self.map.as_ref().filter(|map| map.has_home_register()) {
            Some(map) => map.ask_hlr(target, deadline).await?,
            None => self.ask_hss(target, deadline).await?,
        };
        self.routes.keep(target, &info);
        Ok(Routed { info, kept: false })
    }

    fn emergency_call(&self, target: &Identities, key: Option<Digits>) -> Option<Routed> {
        self.calls.find(target, key).map(|info| Routed { info, kept: true })
    }

    fn reaches(&self, interface: LcsInterface) -> bool {
        match interface {
            LcsInterface::Slg => true,
            LcsInterface::Lg => self.map.is_some(),
            LcsInterface::Lr => false,
        }
    }

    fn home_gateway(&self, whom: &Named, told: Option<&RoutingInfo>) -> Home {
        self.gateways.home_gateway(whom, told)
    }

    fn visited_gateway(&self, node: &ServingNode) -> Option<PeerGateway> {
        self.gateways.visited_gateway(node)
    }

    async fn refer(
        &self,
        referral: &Referral,
        home: &PeerGateway,
        route: Option<&RoutingInfo>,
        ask: &Ask,
    ) -> Result<HomeAnswer, Failure> {
        self.gateways.refer(referral, home, route, ask).await
    }

    async fn provide_location(
        &self,
        permit: &Permit<Confirmed>,
        way: Way<'_>,
        ask: &Ask,
    ) -> Result<PositioningOutcome, Failure> {
        self.ask(Order::of(permit, ask), way, ask).await
    }

    async fn notify(
        &self,
        permit: &Permit<NotificationOnly>,
        way: Way<'_>,
        ask: &Ask,
    ) -> Result<PositioningOutcome, Failure> {
        self.ask(Order::of(permit, ask), way, ask).await
    }

    fn waits(&self, way: Way<'_>, event: &DeferredEvent) -> bool {
        match way.interface {
            LcsInterface::Slg => matches!(way.node.kind, NodeKind::Mme { .. }),
            LcsInterface::Lg => map_deferred::waits_for(way.node, event),
            LcsInterface::Lr => self.h_gmlc.is_some() && self.gateways.visited_gateway(way.node).is_some(),
        }
    }

    async fn areas_at(&self, areas: &[TargetArea], node: &ServingNode) -> Result<Vec<AreaIdentity>, AreaRefusal> {
        self.identities_at(areas, node)
    }

    async fn activate(
        &self,
        permit: &Permit<Confirmed>,
        way: Way<'_>,
        order: &LdrOrder<'_>,
        ask: &Ask,
    ) -> Result<(), Failure> {
        note_node(permit.identities(), name_of_node(way.node), plmn_of_node(way.node));
        match way.interface {
            LcsInterface::Slg => self.activate_at(Order::of(permit, ask), way, order, ask).await,
            LcsInterface::Lg => self.activate_by_map(&Order::of(permit, ask), way, order, ask).await,
            LcsInterface::Lr => Err(Failure::ServingNodeUnsupported),
        }
    }

    async fn activate_through(
        &self,
        permit: &Permit<Confirmed>,
        way: Way<'_>,
        order: (&LdrOrder<'_>, &str),
        ask: &Ask,
    ) -> Result<(), Failure> {
        note_node(permit.identities(), None, plmn_of_node(way.node));
        self.activate_at_visited(&Order::of(permit, ask), way, order, ask).await
    }

    async fn release(&self, cancel: &LdrCancel<'_>, deadline: Timestamp) -> Result<(), Failure> {
        self.release_at(cancel, deadline).await
    }

    fn card_road(&self) -> CardRoad {
        self.road_to_cards()
    }

    async fn has_card(&self, target: &Identities) -> bool {
        match self.cards() {
            Some(cards) => cards.has_card(target).await,
            None => false,
        }
    }

    async fn areas_on_card(&self, areas: &[TargetArea], route: &RoutingInfo) -> Result<Vec<AreaIdentity>, AreaRefusal> {
        self.identities_on_card(areas, route)
    }

    async fn install(&self, permit: &Permit<ForCard>, order: &LdrOrder<'_>, _: &Ask) -> Result<(), Failure> {
        self.install_on_card(permit, order).await
    }

    async fn uninstall(&self, cancel: &LdrCancel<'_>) -> Result<(), Failure> {
        self.uninstall_from_card(cancel).await
    }

    fn kept_fix(&self, _target: &Identities, _max_age_s: u32) -> Option<Fix> {
        // Positions are not kept: a location history is the operator's to turn on, and there is none yet.
        None
    }
}

/// What it means for a request that no answer came.
fn failure_of(error: RequestError) -> Failure {
    match error {
        RequestError::NoPeer => Failure::NetworkUnreachable,
        // The node may have the request, and its user be asked: nobody else is to ask again.
        RequestError::Disconnected => Failure::NetworkFault,
        RequestError::TimedOut => Failure::TimedOut,
        RequestError::Overloaded => Failure::NetworkCongestion,
        RequestError::Protocol { result_code } => {
            let outcome = diameter::codec::Outcome::Base(ResultCode(result_code));
            diameter::slg::failure(outcome).unwrap_or(Failure::NetworkProtocol)
        }
        RequestError::BadAnswer => Failure::NetworkProtocol,
        RequestError::Malformed => Failure::SystemFailure,
        RequestError::Shutdown => Failure::Stopping,
    }
}
