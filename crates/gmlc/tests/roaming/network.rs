//! The networks: home registers, nodes that act by what they are told, users, and Lr between the gateways.

use crate::{
    people::{Whereabouts, X},
    world::{self, table},
};
use futures_channel::oneshot;
use gmlc::{
    AreaRefusal, Ask, CardRoad, Home, HomeAnswer, LdrCancel, LdrOrder, Network, PeerGateway, RequestingGateway, Routed,
    home, visited, visited_overriding,
};
use lcs::{
    Address, AreaIdentity, Codeword, DeferredEvent, Digits, Duration, Failure, Fix, Identities, Imsi,
    LcsCapabilitySets, LcsInterface, LocationRequest, LocationType, Msisdn, Named, NodeKind, PositioningOutcome,
    PrivacySetting, Pseudonym, RefusalReason, RoutingInfo, ServingNode, Target, TargetArea, Timestamp, Way,
    gad::{Latitude, Longitude, Point, Shape, Uncertainty},
};
use privacy::{
    Authorisation, Checks, Confirmed, ForCard, HomeAuthority, HomeWord, Instructing, Lpp, LppFault, LppStanding,
    NodeInstruction, NotificationOnly, Permit, Ppr, Referral, Register, Stands, SubjectSalt, Verdict,
    disclosure::{Facts, Log, RequestId, Ticket, Via},
};
use std::{
    collections::BTreeMap,
    future::Future,
    net::{IpAddr, Ipv4Addr},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
};

const LATENCY: Duration = Duration::from_millis(40);
const ANSWER: Duration = Duration::from_secs(3);
const NO_ANSWER: Duration = Duration::from_secs(20);

/// Country calling code of a network.
pub(crate) fn code_of(site: usize) -> u16 {
    [49, 33, 43][site]
}

fn mcc_of(site: usize) -> u16 {
    [262, 208, 232][site]
}

/// Country and network code.
pub(crate) fn plmn_of(site: usize) -> Digits {
    Digits::parse(&format!("{}01", mcc_of(site))).unwrap()
}

pub(crate) fn realm_of(site: usize) -> String {
    format!("epc.mnc001.mcc{}.3gppnetwork.org", mcc_of(site))
}

pub(crate) fn gmlc_number(site: usize) -> Address {
    Address::international(&format!("+{}170999", code_of(site))).unwrap()
}

fn ip_of(site: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, site as u8 + 1))
}

pub(crate) fn identities(phone: usize, home: usize) -> Identities {
    let imsi = Imsi::parse(&format!("{}01123456{phone:04}", mcc_of(home))).unwrap();
    let msisdn = Msisdn::parse(&format!("{}170000{phone:04}", code_of(home))).unwrap();
    Identities { imsi: Some(imsi), msisdn: Some(msisdn), imei: None }
}

pub(crate) fn salt(phone: usize) -> SubjectSalt {
    SubjectSalt::from_octets([phone as u8 + 1; 16])
}

/// Kinds of serving node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Mme,
    /// An SGSN of set 4: takes indicators, and cannot notify after positioning.
    Sgsn,
    /// An MSC of set 2: takes numbers alone.
    OldMsc,
}

pub(crate) const SORTS: [Sort; 3] = [Sort::Mme, Sort::Sgsn, Sort::OldMsc];

/// A node of a network; the home register tells its gateway if these networks do.
pub(crate) fn node(site: usize, sort: Sort, told_visited: bool) -> ServingNode {
    let number = |end: u8| Address::international(&format!("+{}170777{end}", code_of(site))).unwrap();
    let realm = realm_of(site);
    let sets = |highest: u32| Some(LcsCapabilitySets((1 << highest) - 1));
    let (kind, capabilities) = match sort {
        Sort::Mme => (NodeKind::Mme { name: format!("mme.{realm}"), realm }, None),
        Sort::Sgsn => {
            let diameter = Some((format!("sgsn.{realm}"), realm));
            (NodeKind::Sgsn { number: Some(number(1)), diameter }, sets(4))
        }
        Sort::OldMsc => (NodeKind::Msc { number: number(2) }, sets(2)),
    };
    ServingNode { kind, capabilities, v_gmlc: told_visited.then(|| ip_of(site)) }
}

fn site_of(node: &ServingNode) -> usize {
    let of = |site: &usize| SORTS.iter().any(|sort| self::node(*site, *sort, false).kind == node.kind);
    world::ALL.into_iter().find(of).unwrap()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    Accepts,
    Refuses,
    NeverAnswers,
}

#[derive(Debug, Clone)]
pub(crate) struct Phone {
    pub(crate) identities: Identities,
    pub(crate) home: usize,
    pub(crate) at: usize,
    pub(crate) sort: Sort,
    pub(crate) user: User,
    /// What the node answers instead.
    pub(crate) fails: Option<Failure>,
    pub(crate) slow_s: u64,
    /// The node answers a request for a position as if it had been one to notify, and the other way round.
    pub(crate) confused: bool,
    /// The home gateway keeps a position, this many minutes old.
    pub(crate) kept_min: Option<u32>,
}

impl Phone {
    pub(crate) fn new(number: usize, home: usize, at: usize) -> Self {
        let identities = identities(number, home);
        Self {
            identities,
            home,
            at,
            sort: Sort::Mme,
            user: User::Accepts,
            fails: None,
            slow_s: 0,
            confused: false,
            kept_min: None,
        }
    }
}

/// How the networks deal with each other.
#[derive(Debug, Clone)]
pub(crate) struct Mode {
    /// Gateways have a table of subscribers' home gateways.
    pub(crate) table: bool,
    /// Home registers tell the home gateway, and the visited gateways of nodes.
    pub(crate) told_home: bool,
    pub(crate) told_visited: bool,
    /// Who speaks Lr with whom.
    pub(crate) lr: [[bool; 3]; 3],
    /// With whose country there is an agreement on overrides.
    pub(crate) agreements: [[bool; 3]; 3],
    pub(crate) keeps_routes: bool,
    /// Operators have a default profile that allows.
    pub(crate) default_profile: bool,
    /// Each gateway has its register at the other end of Lpp.
    pub(crate) elsewhere: bool,
    /// The privacy check knows the IMSIs of the own network.
    pub(crate) knows_own: bool,
    pub(crate) lie: Lie,
}

impl Mode {
    pub(crate) fn roaming() -> Self {
        Self {
            table: false,
            told_home: true,
            told_visited: true,
            lr: [[true; 3]; 3],
            agreements: [[false; 3]; 3],
            keeps_routes: false,
            default_profile: false,
            elsewhere: false,
            knows_own: true,
            lie: Lie::None,
        }
    }
}

/// What every other gateway does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    None,
    /// A home gateway tells of another subscriber, or of nobody.
    OtherSubscriber,
    Nobody,
    /// A visited gateway acknowledges where a position was asked for.
    Acknowledges,
    /// A visited gateway gives a position where an acknowledgement was asked for.
    Positions,
}

/// What a node was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NodeAsked {
    /// The gateway that asked.
    pub(crate) by: usize,
    pub(crate) node: usize,
    pub(crate) phone: Option<usize>,
    /// By indicators, or by what the number stands for at home; `None` for an override.
    pub(crate) told: Option<(PrivacySetting, Option<PrivacySetting>)>,
    pub(crate) location_type: LocationType,
    pub(crate) codeword: Option<String>,
    /// Whether the user saw anything.
    pub(crate) shown: bool,
    pub(crate) at: Timestamp,
}

pub(crate) struct Site {
    pub(crate) ppr: Checks<Road>,
    pub(crate) register: Arc<Register>,
    pub(crate) log: Log,
}

/// Lpp without a wire, to a register elsewhere. No rule here looks at the time.
pub(crate) struct Road(pub(crate) Ppr);

impl Lpp for Road {
    async fn authorise(&self, asked: &Authorisation<'_>) -> Result<Verdict, LppFault> {
        Ok(self.0.answer(asked, world::START))
    }

    async fn standing(&self, asked: &LppStanding) -> Result<Stands, LppFault> {
        Ok(self.0.answer_standing(asked, world::START))
    }

    fn resolves_pseudonyms(&self) -> bool {
        false
    }

    fn misbelongs(&self) {
        panic!("an answer to another question");
    }
}

struct Inner {
    now: Timestamp,
    timers: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    timers_set: u64,
    phones: Vec<Phone>,
    kept: BTreeMap<(usize, usize), Arc<RoutingInfo>>,
    nodes: Vec<(RequestId, NodeAsked)>,
    registers: Vec<(RequestId, usize)>,
    referred: Vec<(RequestId, (usize, usize))>,
    resolved: Vec<(usize, usize)>,
    opened: Vec<(RequestId, usize)>,
}

pub(crate) struct Networks {
    pub(crate) mode: Mode,
    sites: Vec<Site>,
    inner: Mutex<Inner>,
}

impl Networks {
    pub(crate) fn new(now: Timestamp, mode: Mode, phones: Vec<Phone>, sites: Vec<Site>) -> Self {
        let inner = Inner {
            now,
            timers: BTreeMap::new(),
            timers_set: 0,
            phones,
            kept: BTreeMap::new(),
            nodes: Vec::new(),
            registers: Vec::new(),
            referred: Vec::new(),
            resolved: Vec::new(),
            opened: Vec::new(),
        };
        Self { mode, sites, inner: Mutex::new(inner) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(crate) fn site(&self, site: usize) -> &Site {
        &self.sites[site]
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.lock().now
    }

    pub(crate) fn phone<T>(&self, number: usize, change: impl FnOnce(&mut Phone) -> T) -> T {
        change(&mut self.lock().phones[number])
    }

    pub(crate) fn nodes_asked(&self, request: RequestId) -> Vec<NodeAsked> {
        self.lock().nodes.iter().filter(|(of, _)| *of == request).map(|(_, asked)| asked.clone()).collect()
    }

    pub(crate) fn registers_asked(&self, request: RequestId) -> Vec<usize> {
        self.lock().registers.iter().filter(|(of, _)| *of == request).map(|(_, site)| *site).collect()
    }

    pub(crate) fn referred(&self, request: RequestId) -> Vec<(usize, usize)> {
        self.lock().referred.iter().filter(|(of, _)| *of == request).map(|(_, way)| *way).collect()
    }

    /// Which gateways took part in a request, each once for each time.
    pub(crate) fn opened(&self, request: RequestId) -> Vec<usize> {
        self.lock().opened.iter().filter(|(of, _)| *of == request).map(|(_, site)| *site).collect()
    }

    /// Which gateways turned back pseudonyms, and of which home.
    pub(crate) fn resolved(&self) -> Vec<(usize, usize)> {
        self.lock().resolved.clone()
    }

    pub(crate) fn open(&self, site: usize, facts: Facts) -> Ticket {
        self.lock().opened.push((facts.request, site));
        self.sites[site].log.open(facts)
    }

    pub(crate) fn advance(&self) -> bool {
        let mut inner = self.lock();
        let Some(((at, _), bell)) = inner.timers.pop_first() else { return false };
        inner.now = inner.now.max(at);
        drop(inner);
        bell.send(()).unwrap_or_default();
        true
    }

    /// Waits; [`Failure::TimedOut`] if `deadline` is sooner.
    async fn wait(&self, took: Duration, deadline: Timestamp) -> Result<(), Failure> {
        let (at, bell) = {
            let mut inner = self.lock();
            let (bell, rings) = oneshot::channel();
            let at = inner.now.after(took);
            inner.timers_set += 1;
            let key = (at.min(deadline), inner.timers_set);
            inner.timers.insert(key, bell);
            (at, rings)
        };
        bell.await.unwrap_or_default();
        if at >= deadline { Err(Failure::TimedOut) } else { Ok(()) }
    }
}

impl Inner {
    fn find(&self, target: &Identities) -> Option<usize> {
        let same = |phone: &Phone| match (target.imsi, target.msisdn) {
            (Some(imsi), _) => phone.identities.imsi == Some(imsi),
            (None, msisdn) => msisdn.is_some() && phone.identities.msisdn == msisdn,
        };
        self.phones.iter().position(same)
    }

    /// What a node answers, and after what time; notes what it was asked.
    fn ask(&mut self, request: RequestId, by: usize, order: &Order) -> (Duration, Result<PositioningOutcome, Failure>) {
        let number = self.find(&order.identities);
        let phone = number.map(|number| self.phones[number].clone());
        let told = match order.instruction {
            NodeInstruction::Indicators(indicators) => Some((indicators.unrelated(), indicators.related())),
            // The copy of the profile that the node has of the home register says what the number stands for.
            NodeInstruction::PseudoExternal(_, number) | NodeInstruction::HomeNumber(number) => {
                let identity = phone.as_ref().and_then(|phone| table(phone.home).identity_of(number));
                Some(identity.map_or((X, None), |identity| (identity.settings().1, identity.settings().0)))
            }
            NodeInstruction::Override => None,
            NodeInstruction::PlmnClient => panic!("no such client here"),
        };
        let action = told.map_or(PrivacySetting::AllowedWithoutNotification, |told| told.0);
        let serves = phone.as_ref().filter(|phone| node(phone.at, phone.sort, false).kind == order.node.kind);
        let (took, answer) = match serves {
            None => (Duration::ZERO, Err(Failure::UnknownSubscriber)),
            Some(Phone { fails: Some(failure), .. }) => (Duration::ZERO, Err(*failure)),
            Some(phone) => answer(phone, action, order.location_type),
        };
        let shown = action.notifies() && serves.is_some_and(|phone| phone.fails.is_none());
        let asked = NodeAsked {
            by,
            node: site_of(&order.node),
            phone: number,
            told,
            location_type: order.location_type,
            codeword: order.codeword.as_ref().map(|word| word.expose().to_owned()),
            shown,
            at: self.now,
        };
        self.nodes.push((request, asked));
        let slow = phone.map_or(0, |phone| phone.slow_s);
        (took + LATENCY + Duration::from_secs(slow), answer)
    }
}

fn answer(
    phone: &Phone,
    action: PrivacySetting,
    location_type: LocationType,
) -> (Duration, Result<PositioningOutcome, Failure>) {
    let (took, allowed) = match (phone.user, action) {
        (_, X) => (Duration::ZERO, false),
        (User::Accepts, action) if action.verifies() => (ANSWER, true),
        (User::Refuses, action) if action.verifies() => (ANSWER, false),
        (User::NeverAnswers, action) if action.verifies() => (NO_ANSWER, action == PrivacySetting::AllowedIfNoResponse),
        _ => (Duration::ZERO, true),
    };
    let notifies_only = location_type == LocationType::NotificationVerificationOnly;
    let good =
        if notifies_only == phone.confused { PositioningOutcome::Fixed(fix()) } else { PositioningOutcome::Notified };
    (took, if allowed { Ok(good) } else { Err(Failure::PositioningDenied) })
}

pub(crate) fn fix() -> Fix {
    let place = Whereabouts::Home.position();
    let latitude = Latitude::from_degrees(place.lat_deg).unwrap();
    let point = Point { latitude, longitude: Longitude::from_degrees(place.lon_deg).unwrap() };
    Fix {
        shape: Some(Shape::Circle(point, Uncertainty::for_result(100.0).unwrap())),
        age_min: None,
        accuracy_fulfilled: None,
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    }
}

/// What a permit says of a request to a node or to its gateway.
struct Order {
    identities: Identities,
    instruction: NodeInstruction,
    location_type: LocationType,
    codeword: Option<Codeword>,
    node: ServingNode,
    request: LocationRequest,
    deadline: Timestamp,
}

impl Order {
    fn of<Stage: Instructing>(permit: &Permit<Stage>, node: &ServingNode, ask: &Ask) -> Self {
        Self {
            identities: permit.identities(),
            instruction: permit.instruction(),
            location_type: permit.location_type(),
            codeword: permit.codeword(&ask.request).cloned(),
            node: node.clone(),
            request: ask.request.clone(),
            deadline: ask.deadline,
        }
    }
}

/// One gateway's view of the networks, for one request.
#[derive(Clone)]
pub(crate) struct Port {
    pub(crate) networks: Arc<Networks>,
    pub(crate) site: usize,
    pub(crate) request: RequestId,
}

type Eventually<T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send>>;

/// What is left of a failure after Lr.
fn over_lr(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(RefusalReason::PseudonymUnresolved) => Failure::UnknownSubscriber,
        Failure::Refused(RefusalReason::GatewayNotAuthorised) => Failure::NetworkNotAuthorised,
        Failure::Refused(_) | Failure::OutsideCoverage => Failure::PositioningDenied,
        Failure::NetworkUnreachable => Failure::NetworkFault,
        other => other,
    }
}

impl Port {
    fn at(&self, site: usize) -> Self {
        Self { site, ..self.clone() }
    }

    /// The request as the other gateway gets it, and what it writes down of it.
    fn told(&self, mut request: LocationRequest, named: &Named) -> (LocationRequest, Facts) {
        request.account = Arc::from(format!("gateway{}", self.site));
        request.target = match named {
            Named::Pseudonym(pseudonym) => Target::Pseudonym(pseudonym.clone()),
            Named::Verinym(known) => known.msisdn.map(Target::Msisdn).or(known.imsi.map(Target::Imsi)).unwrap(),
        };
        let facts = Facts {
            time: self.networks.now(),
            request: self.request,
            via: Via::Rlp,
            account: Arc::clone(&request.account),
            client_type: request.client.client_type,
            external: request.client.external,
            requestor: None,
            service_type: request.service_type,
            location_type: request.location_type,
            qos: request.qos,
            target: request.target.clone(),
        };
        (request, facts)
    }

    /// Lr to the visited gateway of a node.
    fn relay(&self, order: Order) -> Eventually<PositioningOutcome> {
        let port = self.at(site_of(&order.node));
        let (mut request, mut facts) = self.told(order.request.clone(), &Named::Verinym(order.identities));
        (request.codeword, request.location_type) = (order.codeword.clone(), order.location_type);
        facts.location_type = order.location_type;
        let requesting = gmlc_number(self.site);
        let authority = HomeAuthority::from_record(vec![plmn_of(self.site)]);
        Box::pin(async move {
            let networks = Arc::clone(&port.networks);
            networks.wait(LATENCY, order.deadline).await?;
            let ticket = networks.open(port.site, facts);
            let ask = Ask { request, deadline: order.deadline, emergency_key: None };
            let nodes = [order.node].into();
            let (h_gmlc, ppr) = (None, None);
            let route =
                Arc::new(RoutingInfo { identities: order.identities, nodes, h_gmlc, ppr, optimised_lcs: false });
            let gateway = port.gateway(&networks);
            let word = match order.instruction {
                NodeInstruction::Indicators(told) => Some(HomeWord { indicators: Some(told), number: None }),
                NodeInstruction::PseudoExternal(_, number) => Some(HomeWord { indicators: None, number: Some(number) }),
                NodeInstruction::Override => None,
                NodeInstruction::PlmnClient | NodeInstruction::HomeNumber(_) => panic!("not over Lr"),
            };
            let outcome = match word {
                Some(word) => {
                    let recorded = visited(&gateway, &authority, word, route, &ask, ticket).await;
                    recorded.map_err(|_| Failure::NetworkFault)?.release()
                }
                None => {
                    let client = world::override_of(ask.request.client.client_type).unwrap();
                    let territory = networks.territory(port.site);
                    let by = (&territory, requesting);
                    let recorded = visited_overriding(&gateway, client, by, route, &ask, ticket).await;
                    recorded.map_err(|_| Failure::NetworkFault)?.release().map(PositioningOutcome::Fixed)
                }
            };
            networks.wait(LATENCY, order.deadline).await?;
            let outcome = outcome.map_err(over_lr)?;
            Ok(match (networks.mode.lie, outcome) {
                (Lie::Acknowledges, PositioningOutcome::Fixed(_)) => PositioningOutcome::Notified,
                (Lie::Positions, PositioningOutcome::Notified) => PositioningOutcome::Fixed(fix()),
                (_, told) => told,
            })
        })
    }

    /// Lr to a home gateway.
    fn ask_home(&self, site: usize, named: Named, ask: &Ask) -> Eventually<HomeAnswer> {
        let port = self.at(site);
        let (request, facts) = self.told(ask.request.clone(), &named);
        let ask = Ask { request, deadline: ask.deadline, emergency_key: None };
        let number = gmlc_number(self.site);
        let requesting = RequestingGateway { number, may_ask: true, pseudonyms_of: Arc::from("fleet") };
        Box::pin(async move {
            let networks = Arc::clone(&port.networks);
            networks.wait(LATENCY, ask.deadline).await?;
            let ticket = networks.open(site, facts);
            let recorded = home(&port.gateway(&networks), &requesting, &ask, ticket).await;
            let fix = recorded.map_err(|_| Failure::NetworkFault)?.release();
            networks.wait(LATENCY, ask.deadline).await?;
            let about = match networks.mode.lie {
                Lie::OtherSubscriber => Named::Verinym(identities(77, site)),
                Lie::Nobody => Named::Verinym(Identities::default()),
                Lie::None | Lie::Acknowledges | Lie::Positions => named,
            };
            Ok(HomeAnswer { about, fix: fix.map_err(over_lr)? })
        })
    }

    fn ask(&self, order: Order, interface: LcsInterface) -> Eventually<PositioningOutcome> {
        if interface == LcsInterface::Lr {
            return self.relay(order);
        }
        let port = self.clone();
        Box::pin(async move {
            let (took, answer) = port.networks.lock().ask(port.request, port.site, &order);
            port.networks.wait(took, order.deadline).await?;
            answer
        })
    }

    fn home_of(&self, site: usize) -> Home {
        if site == self.site {
            Home::Own
        } else if self.networks.mode.lr[self.site][site] {
            Home::Peer(PeerGateway(Arc::from(site.to_string())))
        } else {
            Home::Elsewhere
        }
    }
}

impl Network for Port {
    type Ppr = Checks<Road>;

    fn now(&self) -> Timestamp {
        self.networks.now()
    }

    /// A pseudonym is its home, the client's account and the number of a phone. Without a home any gateway's device may have it.
    async fn verinym(&self, pseudonym: &Pseudonym, account: &str, _: Timestamp) -> Result<Identities, Failure> {
        let unresolved = Failure::Refused(RefusalReason::PseudonymUnresolved);
        let mut parts = pseudonym.expose().split('/');
        let home = parts.next().and_then(|home| home.parse::<usize>().ok());
        let of_client = parts.next() == Some(account);
        let phone: usize = parts.next().and_then(|phone| phone.parse().ok()).ok_or(unresolved)?;
        let mut inner = self.networks.lock();
        if let Some(home) = home {
            inner.resolved.push((self.site, home));
        }
        let known = of_client && home.is_none_or(|home| home == self.site);
        if known { Ok(inner.phones[phone].identities) } else { Err(unresolved) }
    }

    async fn routing_info(&self, target: &Identities, anew: bool, deadline: Timestamp) -> Result<Routed, Failure> {
        let Mode { told_home, told_visited, keeps_routes, .. } = self.networks.mode;
        let (found, kept) = {
            let mut inner = self.networks.lock();
            let found = inner.find(target);
            let key = found.map(|phone| (self.site, phone)).filter(|_| keeps_routes && !anew);
            let kept = key.and_then(|key| inner.kept.get(&key).cloned());
            let told = found.map(|number| {
                let phone = &inner.phones[number];
                let h_gmlc = told_home.then(|| ip_of(phone.home));
                let nodes = [node(phone.at, phone.sort, told_visited)].into();
                Arc::new(RoutingInfo { identities: phone.identities, nodes, h_gmlc, ppr: None, optimised_lcs: false })
            });
            if kept.is_none() {
                inner.registers.push((self.request, self.site));
                inner.kept.extend(found.zip(told.clone()).map(|(phone, told)| ((self.site, phone), told)));
            }
            (kept.clone().or(told), kept.is_some())
        };
        if !kept {
            self.networks.wait(LATENCY, deadline).await?;
        }
        Ok(Routed { info: found.ok_or(Failure::UnknownSubscriber)?, kept })
    }

    fn reaches(&self, interface: LcsInterface) -> bool {
        interface != LcsInterface::Lr
    }

    fn home_gateway(&self, whom: &Named, told: Option<&RoutingInfo>) -> Home {
        if let Named::Pseudonym(pseudonym) = whom {
            let home = pseudonym.expose().split('/').next().and_then(|home| home.parse().ok());
            return home.map_or(Home::Untold, |home| self.home_of(home));
        }
        if let Some(told) = told.and_then(|told| told.h_gmlc) {
            return self.home_of(world::ALL.into_iter().find(|site| ip_of(*site) == told).unwrap());
        }
        let Named::Verinym(known) = whom else { return Home::Untold };
        let inner = self.networks.lock();
        let phone = inner.find(known).filter(|_| self.networks.mode.table);
        phone.map_or(Home::Untold, |phone| self.home_of(inner.phones[phone].home))
    }

    fn visited_gateway(&self, node: &ServingNode) -> Option<PeerGateway> {
        let site = node.v_gmlc.map(|_| site_of(node)).filter(|site| *site != self.site)?;
        self.networks.mode.lr[self.site][site].then(|| PeerGateway(Arc::from(site.to_string())))
    }

    async fn refer(
        &self,
        referral: &Referral,
        home: &PeerGateway,
        _: Option<&RoutingInfo>,
        ask: &Ask,
    ) -> Result<HomeAnswer, Failure> {
        let site = home.0.parse().unwrap();
        self.networks.lock().referred.push((self.request, (self.site, site)));
        self.ask_home(site, referral.named().clone(), ask).await
    }

    fn emergency_call(&self, _: &Identities, _: Option<Digits>) -> Option<Routed> {
        None
    }

    async fn provide_location(
        &self,
        permit: &Permit<Confirmed>,
        way: Way<'_>,
        ask: &Ask,
    ) -> Result<PositioningOutcome, Failure> {
        self.ask(Order::of(permit, way.node, ask), way.interface).await
    }

    async fn notify(
        &self,
        permit: &Permit<NotificationOnly>,
        way: Way<'_>,
        ask: &Ask,
    ) -> Result<PositioningOutcome, Failure> {
        self.ask(Order::of(permit, way.node, ask), way.interface).await
    }

    fn kept_fix(&self, target: &Identities, _: u32) -> Option<Fix> {
        let inner = self.networks.lock();
        let phone = inner.find(target).map(|number| &inner.phones[number]).filter(|phone| phone.home == self.site);
        phone.and_then(|phone| phone.kept_min).map(|age| Fix { age_min: Some(age), ..fix() })
    }

    fn waits(&self, _: Way<'_>, _: &DeferredEvent) -> bool {
        true
    }

    async fn areas_at(&self, _: &[TargetArea], _: &ServingNode) -> Result<Vec<AreaIdentity>, AreaRefusal> {
        Err(AreaRefusal::NoTable)
    }

    async fn activate(&self, _: &Permit<Confirmed>, _: Way<'_>, _: &LdrOrder<'_>, _: &Ask) -> Result<(), Failure> {
        Err(Failure::ServingNodeUnsupported)
    }

    async fn activate_through(
        &self,
        _: &Permit<Confirmed>,
        _: Way<'_>,
        _: (&LdrOrder<'_>, &str),
        _: &Ask,
    ) -> Result<(), Failure> {
        Err(Failure::ServingNodeUnsupported)
    }

    fn card_road(&self) -> CardRoad {
        CardRoad::Never
    }

    async fn has_card(&self, _: &Identities) -> bool {
        false
    }

    async fn areas_on_card(&self, _: &[TargetArea], _: &RoutingInfo) -> Result<Vec<AreaIdentity>, AreaRefusal> {
        Err(AreaRefusal::NoTable)
    }

    async fn install(&self, _: &Permit<ForCard>, _: &LdrOrder<'_>, _: &Ask) -> Result<(), Failure> {
        Err(Failure::ServingNodeUnsupported)
    }

    async fn uninstall(&self, _: &LdrCancel<'_>) -> Result<(), Failure> {
        Err(Failure::ServingNodeUnsupported)
    }

    async fn release(&self, _: &LdrCancel<'_>, _: Timestamp) -> Result<(), Failure> {
        Err(Failure::ServingNodeUnsupported)
    }
}
