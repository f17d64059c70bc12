//! Deferred requests: a node is asked with a permit and for what is kept alone; each report is checked by the profile of its moment.

use crate::{
    network::{Node, Sent, fix},
    people::{self, Asked, N, NT, Plain, VA, VR, Whereabouts, Who, X, Zone},
    world::{World, gmlc_number, name_of},
};
use gmlc::{Activated, Ask, Gateway, Keep, Kept, LdrAsk, LdrRequest, LdrRoad, PeerGateway, activate, ldr_report};
use lcs::{
    DeferredEvent, Duration, Failure, Fix, Identities, LdrReference, LocationRequest, LocationType, PrivacySetting,
    RefusalReason,
};
use privacy::disclosure::{Facts, Outcome, Via};
use proptest::prelude::*;
use std::{
    cell::RefCell,
    rc::Rc,
    sync::{Arc, Mutex},
};

const REFERENCE: LdrReference = LdrReference(7);

/// Where requests are kept.
#[derive(Default)]
struct Drawer {
    full: bool,
    joins: bool,
    kept: Mutex<Option<(Identities, PrivacySetting)>>,
}

impl Keep for Drawer {
    fn went(&self) -> Option<LdrRoad> {
        None
    }

    async fn keep(&self, target: Identities, agreed: PrivacySetting, _: LdrRoad) -> Result<Kept, Failure> {
        if self.full {
            return Err(Failure::Congestion);
        }
        *self.kept.lock().unwrap() = Some((target, agreed));
        Ok(Kept { reference: REFERENCE, joined: self.joins })
    }

    async fn keep_visited(
        &self,
        _: Identities,
        _: PrivacySetting,
        _: &PeerGateway,
    ) -> Result<(LdrReference, Arc<str>), Failure> {
        Err(Failure::ServingNodeUnsupported)
    }
}

/// What came of an arming, and how often a node was asked.
type Armed = (Result<Activated, Failure>, usize);

fn arm(world: &mut World, asked: &Asked, drawer: &Arc<Drawer>) -> Armed {
    let task = world.executor.next();
    let facts = world.facts(asked, task);
    let ticket = world.log.open(Facts { location_type: LocationType::ActivateDeferred, ..facts });
    let deadline = world.now().after(Duration::from_secs(asked.deadline_s));
    let request = LdrRequest {
        id: name_of(task),
        request: asked.request(),
        event: DeferredEvent::UeAvailable,
        rounds: None,
        start: None,
        stop: world.now().after(Duration::from_secs(3_600)),
        via: Via::Mlp,
        door: Vec::new(),
    };
    let (network, ppr, drawer) = (Arc::clone(&world.network), Arc::clone(&world.checks), Arc::clone(drawer));
    let done = Rc::new(RefCell::new(None));
    let end = Rc::clone(&done);
    world.executor.spawn(async move {
        let (network, number) = (&*network, gmlc_number());
        let gateway = Gateway { ppr: &*ppr, network, number, keeps_coordinates: false, domains: &[] };
        let ask = Ask { request: request.request.clone(), deadline, emergency_key: None };
        let armed = activate(&gateway, &request, &ask, &*drawer, ticket).await;
        *end.borrow_mut() = Some(armed.unwrap());
    });
    world.settle();
    let asked = world.network.sent(task).iter().filter(|sent| matches!(sent, Sent::Positioning(_))).count();
    let entries = world.answered(task).entries;
    let armed = done.borrow_mut().take().unwrap();
    assert_eq!(entries.len(), 1, "exactly one entry");
    assert_eq!(matches!(entries[0].2.ending.outcome, Outcome::Allowed(_)), armed.is_ok());
    (armed, asked)
}

/// A report about what was armed: what may be told.
fn report(
    world: &mut World,
    request: &LocationRequest,
    agreed: PrivacySetting,
    fix: Option<Fix>,
) -> Result<Fix, Failure> {
    let task = world.executor.next();
    let ticket = world.log.open(world.facts(&Asked::by(Who::Listed, 0), task));
    let (network, ppr, request) = (Arc::clone(&world.network), Arc::clone(&world.checks), request.clone());
    let done = Rc::new(RefCell::new(None));
    let end = Rc::clone(&done);
    world.executor.spawn(async move {
        let (network, number) = (&*network, gmlc_number());
        let gateway = Gateway { ppr: &*ppr, network, number, keeps_coordinates: false, domains: &[] };
        let ask = LdrAsk { request: &request, target: people::both(0), agreed, fix, locate: None };
        let (recorded, _) = ldr_report(&gateway, ask, ticket).await.unwrap();
        *end.borrow_mut() = Some(recorded.release());
    });
    world.settle();
    let entries = world.answered(task).entries;
    let told = done.borrow_mut().take().unwrap();
    assert_eq!(entries.len(), 1, "exactly one entry");
    assert_eq!(matches!(entries[0].2.ending.outcome, Outcome::Allowed(_)), told.is_ok());
    told
}

#[test]
pub(crate) fn a_node_is_asked_for_what_is_allowed_and_kept() {
    for setting in [N, NT, VA, VR] {
        let mut world = World::with(Plain::listed(setting));
        let drawer = Arc::new(Drawer::default());
        let (armed, asked) = arm(&mut world, &Asked::by(Who::Listed, 0), &drawer);
        assert_eq!((armed.unwrap().reference, asked), (REFERENCE, 1), "{setting:?}");
        let kept = drawer.kept.lock().unwrap().unwrap();
        assert_eq!((kept.0.imsi, kept.1), (Some(people::imsi(0)), setting));
    }
    let mut world = World::with(Plain::listed(X));
    let drawer = Arc::new(Drawer::default());
    let (armed, asked) = arm(&mut world, &Asked::by(Who::Listed, 0), &drawer);
    assert!(matches!(armed, Err(Failure::Refused(_))) && asked == 0);
    assert_eq!(*drawer.kept.lock().unwrap(), None);
}

/// TS 23.271 clause 4.5: a node waits already. And one that cannot be kept asks nobody.
#[test]
pub(crate) fn one_that_joins_or_cannot_be_kept_asks_no_node() {
    let mut world = World::with(Plain::listed(N));
    let joins = Arc::new(Drawer { joins: true, ..Drawer::default() });
    let (armed, asked) = arm(&mut world, &Asked::by(Who::Listed, 0), &joins);
    assert_eq!((armed.unwrap().reference, asked), (REFERENCE, 0));
    let full = Arc::new(Drawer { full: true, ..Drawer::default() });
    assert_eq!(arm(&mut world, &Asked::by(Who::Listed, 0), &full), (Err(Failure::Congestion), 0));
}

#[test]
pub(crate) fn a_node_that_does_not_acknowledge_has_armed_nothing() {
    let failures = [Failure::PositioningDenied, Failure::NetworkUnreachable];
    for (node, failure) in
        failures.map(|failure| (Node::Fails(failure), failure)).into_iter().chain([(Node::Mute, Failure::TimedOut)])
    {
        let mut world = World::with(Plain::listed(N));
        world.network.phone(0, |phone| phone.node = node);
        let (armed, asked) = arm(&mut world, &Asked::by(Who::Listed, 0), &Arc::default());
        assert_eq!((armed, asked), (Err(failure), 1), "{node:?}");
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Profile { setting: usize, opted_out: bool, refuses_home: bool },
    Arm,
    Report(Option<Whereabouts>),
}

const SETTINGS: [PrivacySetting; 5] = [N, NT, VA, VR, X];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = prop_oneof![Just(None), (0..3_usize).prop_map(|at| Some(Whereabouts::ALL[at]))];
    let profile = (0..5_usize, prop::bool::weighted(0.2), any::<bool>())
        .prop_map(|(setting, opted_out, refuses_home)| Step::Profile { setting, opted_out, refuses_home });
    let step = prop_oneof![2 => profile, 3 => Just(Step::Arm), 5 => place.prop_map(Step::Report)];
    proptest::collection::vec(step, 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_lists_of_armings_and_reports_tell_what_the_profile_of_the_moment_allows(steps in steps()) {
        let mut world = World::new(1);
        let (mut plain, mut agreed) = (Plain::listed(N), N);
        world.subscribe(0, plain);
        let request = Asked::by(Who::Listed, 0).request();
        for step in steps {
            let allows = plain.unrelated.and_then(|class| class.listed).filter(|setting| *setting != X && !plain.opted_out);
            match step {
                Step::Profile { setting, opted_out, refuses_home } => {
                    let zone = refuses_home.then_some(Zone::Refuse);
                    // An opt-out stays.
                    plain = Plain { opted_out: opted_out || plain.opted_out, zone, ..Plain::listed(SETTINGS[setting]) };
                    world.subscribe(0, plain);
                }
                Step::Arm => {
                    let drawer = Arc::new(Drawer::default());
                    let (armed, asked) = arm(&mut world, &Asked::by(Who::Listed, 0), &drawer);
                    prop_assert_eq!((armed.is_ok(), asked), (allows.is_some(), usize::from(allows.is_some())));
                    let kept = drawer.kept.lock().unwrap().map(|(_, agreed)| agreed);
                    prop_assert_eq!(kept, allows, "kept as the node was told");
                    agreed = kept.unwrap_or(agreed);
                }
                Step::Report(at) => {
                    let given = at.map(|at| fix(at, None, None));
                    let told = report(&mut world, &request, agreed, given.clone());
                    // Without a position nobody can say that it is not home.
                    let home = plain.zone.is_some() && at != Some(Whereabouts::Away);
                    let may = allows.is_some_and(|setting| setting <= agreed) && !home;
                    prop_assert_eq!(told.is_ok(), may, "{:?} of {:?}, agreed {:?}", at, plain, agreed);
                    match told {
                        Ok(told) => prop_assert_eq!(told.shape, given.and_then(|fix| fix.shape)),
                        Err(failure) => prop_assert!(matches!(failure, Failure::Refused(_)), "{}", failure),
                    }
                    prop_assert!(told_reason_is_known(plain.opted_out, &world), "the entry says why");
                }
            }
        }
    }
}

/// The newest entry of somebody who opted out says that.
fn told_reason_is_known(opted_out: bool, world: &World) -> bool {
    let entries = world.entries();
    let newest = entries.iter().max_by_key(|(index, ..)| *index);
    !opted_out || newest.is_some_and(|(_, _, entry)| entry.ending.outcome == Outcome::Refused(RefusalReason::OptedOut))
}
