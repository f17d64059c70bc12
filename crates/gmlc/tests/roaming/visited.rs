//! The visited gateway, asked directly: whose word it takes, about whom, and at which nodes.

use crate::{
    network::{Mode, Port, SORTS, Sort, gmlc_number, identities, node, plmn_of},
    people::{Asked, N, Plain, VR, X},
    world::{World, by_number, by_pseudonym, name_of, table},
};
use gmlc::{Ask, visited};
use lcs::{
    Digits, Duration, Failure, Identities, LocationType, PositioningOutcome, PrivacyIndicators, PseudoExternalIdentity,
    RefusalReason, RoutingInfo,
};
use privacy::{
    Basis, HomeAuthority, HomeWord, RuleId,
    disclosure::{Ending, Outcome, Via},
};
use std::sync::{Arc, Mutex};

/// The home gateway, and the visited one that is asked.
const H: usize = 1;
const V: usize = 2;

struct Told {
    prefixes: Vec<Digits>,
    word: HomeWord,
    identities: Identities,
    nodes: Vec<lcs::ServingNode>,
    location_type: LocationType,
    via: Via,
}

fn by(indicators: PrivacyIndicators) -> HomeWord {
    HomeWord { indicators: Some(indicators), number: None }
}

fn allowed() -> PrivacyIndicators {
    PrivacyIndicators::new(N, None).unwrap()
}

impl Told {
    fn sound() -> Self {
        Self {
            prefixes: vec![plmn_of(H)],
            word: by(allowed()),
            identities: identities(0, H),
            nodes: vec![node(V, Sort::Mme, true)],
            location_type: LocationType::Current,
            via: Via::Rlp,
        }
    }
}

type Ended = (Result<PositioningOutcome, Failure>, usize, Ending);

/// Asks gateway V and gives the end, how often nodes were asked, and the entry's ending.
fn ask_as(world: &mut World, told: Told, asked: &Asked) -> Ended {
    let task = world.next();
    let mut facts = world.facts(asked, task, told.via);
    facts.account = Arc::from("gateway1");
    let networks = Arc::clone(&world.networks);
    let end = Arc::new(Mutex::new(None));
    let ends = Arc::clone(&end);
    let mut request = asked.request();
    (request.account, request.location_type) = (Arc::from("gateway1"), told.location_type);
    world.spawn(async move {
        let ticket = networks.open(V, facts);
        let port = Port { networks: Arc::clone(&networks), site: V, request: name_of(task) };
        let deadline = networks.now().after(Duration::from_secs(60));
        let ask = Ask { request, deadline, emergency_key: None };
        let Told { identities, nodes, .. } = told;
        let route =
            Arc::new(RoutingInfo { identities, nodes: nodes.into(), h_gmlc: None, ppr: None, optimised_lcs: false });
        let authority = HomeAuthority::from_record(told.prefixes);
        let recorded = visited(&port.gateway(&networks), &authority, told.word, route, &ask, ticket).await;
        *ends.lock().unwrap() = Some(recorded.map_err(Failure::from).and_then(|recorded| recorded.release()));
    });
    world.settle();
    let answered = world.answered(task);
    let ending = answered.entry(V).unwrap().ending.clone();
    (end.lock().unwrap().take().unwrap(), answered.nodes.len(), ending)
}

fn ask(world: &mut World, told: Told) -> Ended {
    ask_as(world, told, &by_number(0, H))
}

fn world() -> World {
    World::one(Mode::roaming(), H, V, Plain::listed(X))
}

fn refused(ended: Ended, reason: RefusalReason, rule: RuleId) {
    let (end, asked, ending) = ended;
    assert_eq!((end, asked), (Err(Failure::Refused(reason)), 0));
    assert_eq!((ending.outcome, ending.rule), (Outcome::Refused(reason), Some(rule)));
}

#[test]
fn the_word_of_the_home_gateway_is_carried_out_and_recorded() {
    let (end, asked, ending) = ask(&mut world(), Told::sound());
    assert!(matches!(end, Ok(PositioningOutcome::Fixed(_))), "{end:?}");
    assert_eq!(asked, 1);
    assert_eq!((ending.basis, ending.rule), (Some(Basis::HomeInstruction), Some(RuleId::HomeInstruction)));
    assert_eq!(ending.settings, Some((N, None)));
}

/// Nothing said, nobody spoken for, somebody of the own network, or a pseudonym: refused before any node is asked.
#[test]
fn who_may_not_speak_or_says_nothing_is_refused() {
    let other = RefusalReason::GatewayNotAuthorised;
    let nothing = HomeWord { indicators: None, number: None };
    let rule = RuleId::HomeInstruction;
    refused(ask(&mut world(), Told { word: nothing, ..Told::sound() }), other, rule);
    for prefixes in [vec![], vec![plmn_of(0)], vec![Digits::parse("208").unwrap()]] {
        refused(ask(&mut world(), Told { prefixes, ..Told::sound() }), other, rule);
    }
    // Without the IMSI nobody can tell whose subscriber it is.
    let by_number = Identities { imsi: None, ..identities(0, H) };
    refused(ask(&mut world(), Told { identities: by_number, ..Told::sound() }), other, rule);
    // The request is about another than its route.
    refused(ask(&mut world(), Told { identities: identities(5, H), ..Told::sound() }), other, rule);
    let pseudonym = by_pseudonym(0, Some(H));
    refused(ask_as(&mut world(), Told::sound(), &pseudonym), other, rule);
}

/// A gateway that holds the profile is the home gateway: no other's word counts, neither about the subscriber's IMSI nor where the
/// number beside another's IMSI is the own subscriber's.
#[test]
fn no_word_counts_about_a_subscriber_whose_profile_is_here() {
    let own = identities(1, V);
    for elsewhere in [false, true] {
        let world = || {
            let mut world = World::new(Mode { elsewhere, ..Mode::roaming() }, &[(H, V), (V, V)]);
            world.subscribe(1, Plain::listed(N));
            world.settle();
            world
        };
        let told = Told { identities: own, prefixes: vec![plmn_of(V)], ..Told::sound() };
        let of_own = by_number(1, V);
        let ended = ask_as(&mut world(), told, &of_own);
        assert!(matches!(ended.0, Err(Failure::Refused(_))), "{ended:?}");
        assert_eq!(ended.1, 0);
        let mixed = Identities { msisdn: own.msisdn, ..identities(0, H) };
        let ended = ask_as(&mut world(), Told { identities: mixed, ..Told::sound() }, &of_own);
        assert!(matches!(ended.0, Err(Failure::Refused(_))), "{ended:?}");
        assert_eq!(ended.1, 0);
    }
}

/// The visited gateway asks nodes of its own network alone, and of several the one that serves.
#[test]
fn nodes_of_other_networks_are_not_asked() {
    for site in [0, H] {
        for sort in SORTS {
            let word = HomeWord { number: table(H).number_of(one()), ..by(allowed()) };
            let told = Told { nodes: vec![node(site, sort, false)], word, ..Told::sound() };
            refused(ask(&mut world(), told), RefusalReason::GatewayNotAuthorised, RuleId::OwnNode);
        }
    }
    let nodes = vec![node(0, Sort::Mme, false), node(V, Sort::Sgsn, false), node(V, Sort::Mme, false)];
    let (end, asked, _) = ask(&mut world(), Told { nodes, ..Told::sound() });
    assert!(matches!(end, Ok(PositioningOutcome::Fixed(_))), "{end:?}");
    assert_eq!(asked, 2);
}

fn one() -> PseudoExternalIdentity {
    PseudoExternalIdentity::select(None, N).unwrap()
}

/// Indicators to nodes that take them, a number to those that do not, and never one for the other; "notification only" to set 5.
#[test]
fn a_node_is_told_by_what_it_takes() {
    let number = table(H).number_of(one());
    let only = LocationType::NotificationVerificationOnly;
    for (indicators, number, sort, location_type, asked) in [
        (Some(allowed()), None, Sort::Mme, LocationType::Current, true),
        (Some(allowed()), None, Sort::Sgsn, LocationType::Current, true),
        (Some(allowed()), None, Sort::OldMsc, LocationType::Current, false),
        (None, number, Sort::Mme, LocationType::Current, false),
        (None, number, Sort::Sgsn, LocationType::Current, false),
        (None, number, Sort::OldMsc, LocationType::Current, true),
        (Some(allowed()), number, Sort::OldMsc, LocationType::Current, true),
        (Some(allowed()), number, Sort::Mme, LocationType::Current, true),
        (Some(allowed()), number, Sort::Mme, only, true),
        (Some(allowed()), number, Sort::Sgsn, only, false),
        (Some(allowed()), number, Sort::OldMsc, only, false),
        (None, number, Sort::OldMsc, only, false),
    ] {
        let mut world = world();
        world.networks.phone(0, |phone| phone.sort = sort);
        let word = HomeWord { indicators, number };
        let told = Told { word, location_type, nodes: vec![node(V, sort, false)], ..Told::sound() };
        let (end, count, ending) = ask(&mut world, told);
        assert_eq!(count, usize::from(asked), "{word:?} {sort:?} {location_type:?}");
        match (asked, location_type == only) {
            (false, _) => assert_eq!(ending.rule, Some(RuleId::NodeCapability)),
            (true, true) => {
                assert_eq!(end, Ok(PositioningOutcome::Notified));
                assert!(matches!(ending.outcome, Outcome::Allowed(given) if given == Default::default()));
            }
            (true, false) => assert!(matches!(end, Ok(PositioningOutcome::Fixed(_)))),
        }
    }
}

/// A position by another gateway's word goes out under an entry that says that it came over Lr, or not at all.
#[test]
fn under_any_other_ticket_nothing_is_released() {
    for via in [Via::Mlp, Via::Camara, Via::Admin, Via::Network, Via::Portal] {
        let (end, ..) = ask(&mut world(), Told { via, ..Told::sound() });
        assert!(end.is_err(), "{via:?}");
    }
}

/// A denial is told as that, and the entry says that the user was asked.
#[test]
fn a_denial_goes_back_as_a_denial() {
    let mut world = world();
    world.networks.phone(0, |phone| phone.user = crate::network::User::Refuses);
    let word = by(PrivacyIndicators::new(VR, None).unwrap());
    let (end, _, ending) = ask(&mut world, Told { word, ..Told::sound() });
    assert_eq!(end, Err(Failure::PositioningDenied));
    assert_eq!(ending.notification, privacy::disclosure::Notification::Denied);
}

/// A node that positions where it was to notify has not shown that it notified, and one that acknowledges has not positioned.
#[test]
fn a_node_that_does_the_other_thing_has_done_nothing() {
    for location_type in [LocationType::Current, LocationType::NotificationVerificationOnly] {
        let mut world = world();
        world.networks.phone(0, |phone| phone.confused = true);
        let (end, asked, ending) = ask(&mut world, Told { location_type, ..Told::sound() });
        assert_eq!((end, asked), (Err(Failure::NetworkProtocol), 1));
        assert_eq!(ending.outcome, Outcome::Failed(Failure::NetworkProtocol));
    }
}

/// Asks gateway `site` as the home gateway, for the client of gateway 0, about phone 0.
fn ask_home(world: &mut World, site: usize, may_ask: bool) -> (Result<lcs::Fix, Failure>, usize) {
    let task = world.next();
    let asked = by_number(0, H);
    let facts = world.facts(&asked, task, Via::Rlp);
    let networks = Arc::clone(&world.networks);
    let end = Arc::new(Mutex::new(None));
    let ends = Arc::clone(&end);
    world.spawn(async move {
        let ticket = networks.open(site, facts);
        let port = Port { networks: Arc::clone(&networks), site, request: name_of(task) };
        let deadline = networks.now().after(Duration::from_secs(60));
        let ask = Ask { request: asked.request(), deadline, emergency_key: None };
        let requesting = gmlc::RequestingGateway { number: gmlc_number(0), may_ask, pseudonyms_of: Arc::from("fleet") };
        let recorded = gmlc::home(&port.gateway(&networks), &requesting, &ask, ticket).await.unwrap();
        *ends.lock().unwrap() = Some(recorded.release());
    });
    world.settle();
    (end.lock().unwrap().take().unwrap(), task)
}

/// A requesting gateway that may not ask is refused with an entry, before anything is looked up.
#[test]
fn a_gateway_that_may_not_ask_is_refused_at_home() {
    let mut world = World::one(Mode::roaming(), H, V, Plain::listed(N));
    let (end, task) = ask_home(&mut world, H, false);
    assert_eq!(end, Err(Failure::Refused(RefusalReason::GatewayNotAuthorised)));
    let answered = world.answered(task);
    assert!(answered.registers.is_empty() && answered.nodes.is_empty());
    assert_eq!(answered.counts(), [0, 1, 0]);
    assert!(answered.entries.iter().flatten().all(|(_, entry)| entry.ending.basis.is_none()));
}

/// Who is asked about another's subscriber does not ask that one in turn, whatever it knows of it.
#[test]
fn a_request_is_not_referred_twice() {
    for table in [false, true] {
        let mode = Mode { table, default_profile: true, ..Mode::roaming() };
        let mut world = World::one(mode, H, V, Plain::listed(N));
        let (end, task) = ask_home(&mut world, V, true);
        assert_eq!(end, Err(Failure::Refused(RefusalReason::NoProfile)));
        let answered = world.answered(task);
        assert!(answered.referred.is_empty() && answered.nodes.is_empty());
        assert_eq!(answered.counts(), [0, 0, 1]);
    }
}
