//! A network under a hand-moved clock: an HSS, serving nodes that decide by Fig. A.2, phones and their users.

use crate::people::{self, APN, Whereabouts, X};
use futures_channel::oneshot;
use gmlc::{AreaRefusal, Ask, CardRoad, Home, HomeAnswer, LdrCancel, LdrOrder, Network, PeerGateway, Routed};
use lcs::{
    AreaIdentity, CellIdentity, DeferredEvent, Digits, Duration, Failure, Fix, Identities, LcsCapabilitySets,
    LcsClientType, LcsInterface, LocationType, Named, NodeKind, PositioningOutcome, PrivacyIndicators, PrivacySetting,
    Pseudonym, RefusalReason, RoutingInfo, ServingNode, TargetArea, Timestamp, Way,
    gad::{Latitude, Longitude, Point, Shape, Uncertainty},
    select_rel6,
};
use privacy::{Confirmed, ForCard, NodeInstruction, NotificationOnly, Permit, Referral, SessionIdentity};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

pub(crate) const HOME: &str = "epc.mnc001.mcc262.3gppnetwork.org";
pub(crate) const ABROAD: &str = "epc.mnc010.mcc208.3gppnetwork.org";
/// Time of a message there and back.
const LATENCY: Duration = Duration::from_millis(40);
/// How long a user takes to answer, and a node waits for one who does not.
const ANSWER: Duration = Duration::from_secs(3);
const NO_ANSWER: Duration = Duration::from_secs(20);
/// Age of a position that was kept, minutes.
pub(crate) const KEPT_AGE_MIN: u32 = 7;

/// How a user takes a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    Accepts,
    Refuses,
    NeverAnswers,
    /// The phone cannot show anything.
    CannotBeTold,
}

/// What a serving node does with requests about a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Answers,
    /// Answers after this many seconds more.
    Slow(u64),
    /// Never answers.
    Mute,
    Fails(Failure),
    /// Answers a request for a position as if it had been one to notify, and the other way round.
    Confused,
    TransientlyUnreachable,
    /// Knows the cell only.
    CellOnly,
}

/// What the HSS does with questions about a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hss {
    Answers,
    Mute,
    Fails(Failure),
    /// Names the IMSI of another phone.
    Contradicts,
}

/// A phone with its user, and the network round it.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    pub(crate) identities: Identities,
    pub(crate) user: User,
    /// A session that the phone opened to the client's network is up.
    pub(crate) session: bool,
    pub(crate) at: Whereabouts,
    pub(crate) accuracy_fulfilled: Option<bool>,
    /// Index of the node that serves, see [`node`].
    pub(crate) served_by: usize,
    /// Nodes of other domains that the HSS names before it.
    pub(crate) also: Vec<usize>,
    /// What a node answers that does not serve.
    pub(crate) elsewhere: Failure,
    pub(crate) node: Node,
    pub(crate) hss: Hss,
    /// An emergency call of the phone is under way, which its node has told of.
    pub(crate) calling: bool,
    /// A position is kept from earlier, of this place.
    pub(crate) kept: Option<Whereabouts>,
}

/// A request to a serving node, and what the node made of it.
#[derive(Debug, Clone)]
pub(crate) struct Plr {
    pub(crate) node: usize,
    /// The route to the node had been kept.
    pub(crate) by_kept_route: bool,
    pub(crate) client_type: LcsClientType,
    pub(crate) identities: Identities,
    pub(crate) indicators: PrivacyIndicators,
    pub(crate) session: Option<SessionIdentity>,
    pub(crate) location_type: LocationType,
    pub(crate) codeword: Option<String>,
    /// What the node acted by, and whether session criteria were met; `None` if it did not act.
    pub(crate) action: Option<(PrivacySetting, bool)>,
    /// The phone as it was then.
    pub(crate) phone: Option<Phone>,
}

/// What was sent, by which task.
#[derive(Debug, Clone)]
pub(crate) enum Sent {
    /// A question to the HSS, or to the routes kept.
    Routing {
        kept: bool,
    },
    Positioning(Plr),
    Notification(Plr),
}

struct Inner {
    now: Timestamp,
    timers: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    timers_set: u64,
    phones: Vec<Phone>,
    keeps_routes: bool,
    kept_routes: BTreeMap<usize, usize>,
    task: usize,
    /// Whether the last route that a task got had been kept.
    by_kept_route: BTreeMap<usize, bool>,
    sent: Vec<(usize, Sent)>,
}

pub(crate) struct Simulated(Mutex<Inner>);

/// Serving nodes: 0, 1 MMEs at home; 2 an MME abroad; 3 an SGSN of set 4 and 4 one of set 3 that Lgd reaches; 5 an MSC;
/// 6 an MME whose realm tells no country.
pub(crate) fn node(index: usize) -> ServingNode {
    let mme = |name: &str, realm: &str| NodeKind::Mme { name: format!("{name}.{realm}"), realm: realm.to_owned() };
    let sgsn =
        |name: &str| NodeKind::Sgsn { number: None, diameter: Some((format!("{name}.{HOME}"), HOME.to_owned())) };
    let sets = |highest: u32| Some(LcsCapabilitySets((1 << highest) - 1));
    let (kind, capabilities) = match index {
        0 => (mme("mme1", HOME), None),
        1 => (mme("mme2", HOME), None),
        2 => (mme("mme3", ABROAD), None),
        3 => (sgsn("sgsn4"), sets(4)),
        4 => (sgsn("sgsn3"), sets(3)),
        5 => (NodeKind::Msc { number: lcs::Address::international("+491719999").unwrap() }, sets(4)),
        _ => (mme("mme6", "lab.example"), None),
    };
    ServingNode { kind, capabilities, v_gmlc: None }
}

/// A position as the network gives it; `age_min` says that it was kept.
pub(crate) fn fix(at: Whereabouts, age_min: Option<u32>, accuracy_fulfilled: Option<bool>) -> Fix {
    let place = at.position();
    let latitude = Latitude::from_degrees(place.lat_deg).unwrap();
    let point = Point { latitude, longitude: Longitude::from_degrees(place.lon_deg).unwrap() };
    Fix {
        shape: Some(Shape::Circle(point, Uncertainty::for_result(100.0).unwrap())),
        age_min,
        accuracy_fulfilled,
        velocity: None,
        cell: Some(CellIdentity::Ecgi([0x62, 0xF2, 0x10, 0, 0, 1, 2])),
        civic_address: None,
        barometric_pressure_pa: None,
    }
}

impl Simulated {
    pub(crate) fn new(now: Timestamp, phones: usize) -> Self {
        let phone = |number| Phone {
            identities: people::both(number),
            user: User::Accepts,
            session: false,
            at: Whereabouts::Home,
            accuracy_fulfilled: None,
            served_by: 0,
            also: Vec::new(),
            elsewhere: Failure::UnknownSubscriber,
            node: Node::Answers,
            hss: Hss::Answers,
            calling: false,
            kept: None,
        };
        Self(Mutex::new(Inner {
            now,
            timers: BTreeMap::new(),
            timers_set: 0,
            phones: (0..phones).map(phone).collect(),
            keeps_routes: false,
            kept_routes: BTreeMap::new(),
            task: usize::MAX,
            by_kept_route: BTreeMap::new(),
            sent: Vec::new(),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// Changes a phone.
    pub(crate) fn phone<T>(&self, number: usize, change: impl FnOnce(&mut Phone) -> T) -> T {
        change(&mut self.lock().phones[number])
    }

    /// Routes are kept from now on.
    pub(crate) fn keep_routes(&self) {
        self.lock().keeps_routes = true;
    }

    /// Says which task sends what follows.
    pub(crate) fn task(&self, number: usize) {
        self.lock().task = number;
    }

    /// What a task sent.
    pub(crate) fn sent(&self, task: usize) -> Vec<Sent> {
        self.lock().sent.iter().filter(|(by, _)| *by == task).map(|(_, sent)| sent.clone()).collect()
    }

    /// Moves the clock on by a little, so that no two steps have the same time.
    pub(crate) fn tick(&self) {
        let mut inner = self.lock();
        inner.now = inner.now.after(Duration::from_micros(1));
    }

    /// Moves the clock to the next timer and lets it ring; `false` if there is none.
    pub(crate) fn advance(&self) -> bool {
        let mut inner = self.lock();
        let Some(((at, _), bell)) = inner.timers.pop_first() else { return false };
        inner.now = inner.now.max(at);
        drop(inner);
        // Nobody hears it if the task is gone.
        bell.send(()).unwrap_or_default();
        true
    }

    /// Waits until `at`, or until `deadline`, whichever is sooner.
    async fn wait<T>(&self, at: Timestamp, deadline: Timestamp, answer: Result<T, Failure>) -> Result<T, Failure> {
        let bell = {
            let mut inner = self.lock();
            let (bell, rings) = oneshot::channel();
            inner.timers_set += 1;
            let key = (at.min(deadline), inner.timers_set);
            inner.timers.insert(key, bell);
            rings
        };
        bell.await.unwrap_or_default();
        if at >= deadline { Err(Failure::TimedOut) } else { answer }
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

    fn route(&self, phone: usize, served_by: usize) -> RoutingInfo {
        let mut identities = self.phones[phone].identities;
        if self.phones[phone].hss == Hss::Contradicts {
            identities.imsi = Some(people::imsi(phone + 500));
        }
        let nodes = self.phones[phone].also.iter().copied().chain([served_by]).map(node).collect();
        RoutingInfo { identities, nodes, h_gmlc: None, ppr: None, optimised_lcs: false }
    }

    /// When the HSS answers, and what.
    fn routing(&mut self, target: &Identities, anew: bool) -> (Option<Duration>, Result<Routed, Failure>) {
        let task = self.task;
        let phone = self.find(target);
        let kept = phone.filter(|_| self.keeps_routes && !anew).and_then(|phone| self.kept_routes.get(&phone).copied());
        self.sent.push((task, Sent::Routing { kept: kept.is_some() }));
        self.by_kept_route.insert(task, kept.is_some());
        let Some(number) = phone else { return (Some(LATENCY), Err(Failure::UnknownSubscriber)) };
        if let Some(node) = kept {
            return (None, Ok(Routed { info: Arc::new(self.route(number, node)), kept: true }));
        }
        match self.phones[number].hss {
            Hss::Mute => (Some(Duration::MAX), Err(Failure::TimedOut)),
            Hss::Fails(failure) => (Some(LATENCY), Err(failure)),
            Hss::Answers | Hss::Contradicts => {
                let served_by = self.phones[number].served_by;
                self.kept_routes.insert(number, served_by);
                (Some(LATENCY), Ok(Routed { info: Arc::new(self.route(number, served_by)), kept: false }))
            }
        }
    }

    /// When the node answers, and what; notes what it was asked.
    fn ask(&mut self, mut plr: Plr, asked: &ServingNode) -> (Duration, Result<PositioningOutcome, Failure>) {
        let notifies_only = plr.location_type == LocationType::NotificationVerificationOnly;
        let number = self.find(&plr.identities);
        plr.node = (0..7).find(|index| node(*index) == *asked).unwrap();
        let serves = number.filter(|number| self.phones[*number].served_by == plr.node);
        let answer = match serves {
            None => (LATENCY, Err(number.map_or(Failure::UnknownSubscriber, |number| self.phones[number].elsewhere))),
            Some(number) => {
                let phone = self.phones[number].clone();
                let met = phone.session && plr.session == Some(SessionIdentity::Apn);
                let action = select_rel6(plr.indicators.related(), Some(plr.indicators.unrelated()), met).action;
                plr.action = Some((action, met));
                plr.phone = Some(phone.clone());
                answer(&phone, action, notifies_only)
            }
        };
        let sent = if notifies_only { Sent::Notification(plr) } else { Sent::Positioning(plr) };
        self.sent.push((self.task, sent));
        answer
    }
}

/// What a node answers about a phone, and when (TS 23.271 clause 9.1.15, and 9.1.18 where it is only to notify).
fn answer(
    phone: &Phone,
    action: PrivacySetting,
    notifies_only: bool,
) -> (Duration, Result<PositioningOutcome, Failure>) {
    let fixed = |fix| Ok(PositioningOutcome::Fixed(fix));
    let good = || match notifies_only {
        true => Ok(PositioningOutcome::Notified),
        false => fixed(fix(phone.at, None, phone.accuracy_fulfilled)),
    };
    let (took, allowed) = match (phone.user, action) {
        (_, X) => (Duration::ZERO, false),
        (User::CannotBeTold, action) if action.notifies() => (Duration::ZERO, false),
        (User::Accepts, action) if action.verifies() => (ANSWER, true),
        (User::Refuses, action) if action.verifies() => (ANSWER, false),
        (User::NeverAnswers, action) if action.verifies() => (NO_ANSWER, action == PrivacySetting::AllowedIfNoResponse),
        _ => (Duration::ZERO, true),
    };
    let took = took + LATENCY;
    match phone.node {
        Node::Mute => (Duration::MAX, Err(Failure::TimedOut)),
        Node::Fails(failure) => (LATENCY, Err(failure)),
        _ if !allowed => (took, Err(Failure::PositioningDenied)),
        Node::Answers => (took, good()),
        Node::Slow(more_s) => (took + Duration::from_secs(more_s), good()),
        Node::Confused if notifies_only => (took, fixed(fix(phone.at, None, None))),
        Node::Confused => (took, Ok(PositioningOutcome::Notified)),
        Node::TransientlyUnreachable => (took, Ok(PositioningOutcome::TransientlyUnreachable)),
        Node::CellOnly if notifies_only => (took, good()),
        Node::CellOnly => (took, fixed(Fix { shape: None, ..fix(phone.at, None, None) })),
    }
}

fn plr(permit: (Identities, PrivacyIndicators, Option<SessionIdentity>, LocationType), ask: &Ask, kept: bool) -> Plr {
    let (identities, indicators, session, location_type) = permit;
    if session == Some(SessionIdentity::Apn) {
        assert_eq!(ask.request.client.apn.as_ref().map(lcs::ApnNi::as_str), Some(APN));
    }
    Plr {
        node: usize::MAX,
        by_kept_route: kept,
        client_type: ask.request.client.client_type,
        identities,
        indicators,
        session,
        location_type,
        codeword: None,
        action: None,
        phone: None,
    }
}

/// The indicators, by which alone a node is told over SLg.
fn told(instruction: NodeInstruction) -> PrivacyIndicators {
    instruction.indicators().unwrap()
}

impl Network for Simulated {
    type Ppr = privacy::Checks<crate::lpp::InProcess>;

    fn now(&self) -> Timestamp {
        self.lock().now
    }

    async fn routing_info(&self, target: &Identities, anew: bool, deadline: Timestamp) -> Result<Routed, Failure> {
        let (now, (took, answer)) = {
            let mut inner = self.lock();
            (inner.now, inner.routing(target, anew))
        };
        match took {
            None => answer,
            Some(took) => self.wait(now.after(took), deadline, answer).await,
        }
    }

    /// A pseudonym here is the client's account and the number of a phone; it opens for that client alone.
    async fn verinym(&self, pseudonym: &Pseudonym, account: &str, _: Timestamp) -> Result<Identities, Failure> {
        let phone = pseudonym.expose().strip_prefix(account).and_then(|rest| rest.strip_prefix('/'));
        let phone = phone.and_then(|number| number.parse::<usize>().ok());
        phone.map(people::both).ok_or(Failure::Refused(RefusalReason::PseudonymUnresolved))
    }

    /// A phone whose call the network told of, by its IMEI; only there is one that has no SIM.
    fn emergency_call(&self, target: &Identities, key: Option<Digits>) -> Option<Routed> {
        let inner = self.lock();
        let calls = |phone: &&Phone| phone.calling && (key.is_some() || target.imei == phone.identities.imei);
        let phone = inner.phones.iter().find(calls)?;
        let info = RoutingInfo {
            identities: phone.identities,
            nodes: [node(phone.served_by)].into(),
            h_gmlc: None,
            ppr: None,
            optimised_lcs: false,
        };
        Some(Routed { info: Arc::new(info), kept: true })
    }

    fn reaches(&self, interface: LcsInterface) -> bool {
        interface == LcsInterface::Slg
    }

    fn home_gateway(&self, _: &Named, _: Option<&RoutingInfo>) -> Home {
        Home::Own
    }

    fn visited_gateway(&self, _: &ServingNode) -> Option<PeerGateway> {
        None
    }

    async fn refer(
        &self,
        _: &Referral,
        _: &PeerGateway,
        _: Option<&RoutingInfo>,
        _: &Ask,
    ) -> Result<HomeAnswer, Failure> {
        Err(Failure::NetworkUnreachable)
    }

    async fn provide_location(
        &self,
        permit: &Permit<Confirmed>,
        Way { node, .. }: Way<'_>,
        ask: &Ask,
    ) -> Result<PositioningOutcome, Failure> {
        let (now, (took, answer)) = {
            let mut inner = self.lock();
            let kept = inner.by_kept_route.get(&inner.task).copied().unwrap_or(false);
            let of_permit =
                (permit.identities(), told(permit.instruction()), permit.session_identity(), permit.location_type());
            let mut plr = plr(of_permit, ask, kept);
            plr.codeword = permit.codeword(&ask.request).map(|word| word.expose().to_owned());
            (inner.now, inner.ask(plr, node))
        };
        self.wait(now.after(took), ask.deadline, answer).await
    }

    async fn notify(
        &self,
        permit: &Permit<NotificationOnly>,
        Way { node, .. }: Way<'_>,
        ask: &Ask,
    ) -> Result<PositioningOutcome, Failure> {
        let (now, (took, answer)) = {
            let mut inner = self.lock();
            let of_permit =
                (permit.identities(), told(permit.instruction()), permit.session_identity(), permit.location_type());
            let plr = plr(of_permit, ask, false);
            (inner.now, inner.ask(plr, node))
        };
        self.wait(now.after(took), ask.deadline, answer).await
    }

    /// Gives what there is, however old: the procedure looks at the age itself.
    fn kept_fix(&self, target: &Identities, _: u32) -> Option<Fix> {
        let inner = self.lock();
        let kept = inner.find(target).and_then(|number| inner.phones[number].kept)?;
        Some(fix(kept, Some(KEPT_AGE_MIN), None))
    }

    fn waits(&self, _: Way<'_>, _: &DeferredEvent) -> bool {
        true
    }

    async fn areas_at(&self, _: &[TargetArea], _: &ServingNode) -> Result<Vec<AreaIdentity>, AreaRefusal> {
        Err(AreaRefusal::NoTable)
    }

    /// Acknowledged by a node that would give a position.
    async fn activate(
        &self,
        permit: &Permit<Confirmed>,
        Way { node, .. }: Way<'_>,
        _: &LdrOrder<'_>,
        ask: &Ask,
    ) -> Result<(), Failure> {
        let (now, (took, answer)) = {
            let mut inner = self.lock();
            let of_permit =
                (permit.identities(), told(permit.instruction()), permit.session_identity(), permit.location_type());
            (inner.now, inner.ask(plr(of_permit, ask, false), node))
        };
        self.wait(now.after(took), ask.deadline, answer.map(|_| ())).await
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
