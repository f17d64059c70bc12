//! The steps of TS 23.271 clause 9.1.1 in a literal table: who asks whom in each arrangement of requesting, home and visited gateway.

use crate::{
    network::{Mode, NodeAsked, Sort, User, gmlc_number},
    people::{Asked, N, NT, Plain, VR, Who, X, Zone},
    world::{World, by_number, by_pseudonym},
};
use lcs::{Duration, Failure, LocationType, PrivacySetting, Qos, QosClass, RefusalReason, Target};
use privacy::{
    Basis, CodewordHandling, GmlcRestriction, RuleId,
    disclosure::{Outcome, Via},
};

/// Networks: R asks, H is home, V serves.
const R: usize = 0;
const H: usize = 1;
const V: usize = 2;

/// How a request comes, and what of the two tables and answers there is.
struct Row {
    name: &'static str,
    /// Requesting, home, visited.
    at: (usize, usize, usize),
    pseudonym: bool,
    mode: Mode,
    /// Steps 2 and 6: who asks the home register; steps 4 and 15: from where to where; steps 8 and 10: whether the visited gateway
    /// takes part; step 9: which gateway asks the node.
    registers: &'static [usize],
    referred: &'static [(usize, usize)],
    relayed: bool,
    node_asked_by: Option<usize>,
}

fn mode(change: impl Fn(&mut Mode)) -> Mode {
    let mut mode = Mode::roaming();
    change(&mut mode);
    mode
}

fn rows() -> Vec<Row> {
    let all = mode(|_| ());
    let table = mode(|mode| mode.table = true);
    let no_v = mode(|mode| mode.told_visited = false);
    let no_h = mode(|mode| mode.told_home = false);
    let not_with_v = mode(|mode| mode.lr[H][V] = false);
    let not_with_h = mode(|mode| mode.lr[R][H] = false);
    let row = |name, at, pseudonym, mode: &Mode| Row {
        name,
        at,
        pseudonym,
        mode: mode.clone(),
        registers: &[],
        referred: &[],
        relayed: false,
        node_asked_by: None,
    };
    vec![
        Row {
            registers: &[R, H],
            referred: &[(R, H)],
            relayed: true,
            node_asked_by: Some(V),
            ..row("R, H, V", (R, H, V), false, &all)
        },
        Row {
            registers: &[H],
            referred: &[(R, H)],
            relayed: true,
            node_asked_by: Some(V),
            ..row("steps 2, 3 by table", (R, H, V), false, &table)
        },
        Row {
            registers: &[H],
            referred: &[(R, H)],
            relayed: true,
            node_asked_by: Some(V),
            ..row("F-06: steps 2, 3 by pseudonym", (R, H, V), true, &all)
        },
        Row { registers: &[R, H], referred: &[(R, H)], node_asked_by: Some(H), ..row("H = V", (R, H, H), false, &all) },
        Row {
            registers: &[H],
            referred: &[(R, H)],
            node_asked_by: Some(H),
            ..row("H = V, pseudonym", (R, H, H), true, &all)
        },
        Row {
            registers: &[R, H],
            referred: &[(R, H)],
            relayed: true,
            node_asked_by: Some(R),
            ..row("R = V", (R, H, R), false, &all)
        },
        Row { registers: &[H], relayed: true, node_asked_by: Some(V), ..row("R = H", (H, H, V), false, &all) },
        Row {
            registers: &[H],
            relayed: true,
            node_asked_by: Some(V),
            ..row("R = H, pseudonym", (H, H, V), true, &all)
        },
        Row { registers: &[H], node_asked_by: Some(H), ..row("R = H = V", (H, H, H), false, &all) },
        Row {
            registers: &[R, H],
            referred: &[(R, H)],
            node_asked_by: Some(H),
            ..row("F-10: no V told", (R, H, V), false, &no_v)
        },
        Row { registers: &[H], node_asked_by: Some(H), ..row("R = H, no V told", (H, H, V), false, &no_v) },
        Row {
            registers: &[R, H],
            referred: &[(R, H)],
            node_asked_by: Some(H),
            ..row("no Lr with V", (R, H, V), false, &not_with_v)
        },
        // Step 4 without a home gateway: this gateway has no profile, so the node is not asked (F-09 in the private reading).
        Row { registers: &[R], ..row("F-09: no H told", (R, H, V), false, &no_h) },
        Row { registers: &[R], ..row("no Lr with H", (R, H, V), false, &not_with_h) },
        Row { ..row("no Lr with H, pseudonym", (R, H, V), true, &not_with_h) },
        Row {
            registers: &[H],
            relayed: true,
            node_asked_by: Some(V),
            ..row("R = H by the profile, no H told", (H, H, V), false, &no_h)
        },
    ]
}

#[test]
fn every_arrangement_takes_its_steps_and_no_others() {
    for elsewhere in [false, true] {
        rows().into_iter().for_each(|row| takes_its_steps(Row { mode: Mode { elsewhere, ..row.mode.clone() }, ..row }));
    }
}

fn takes_its_steps(row: Row) {
    let Row { name, at: (r, h, v), pseudonym, mode, registers, referred, relayed, node_asked_by } = row;
    let mut world = World::one(mode, h, v, Plain::listed(N));
    let asked = if pseudonym { by_pseudonym(0, Some(h)) } else { by_number(0, h) };
    let answered = world.answer(r, &asked);
    assert_eq!(answered.fix().is_some(), node_asked_by.is_some(), "{name}: {answered:?}");
    assert_eq!((answered.registers.as_slice(), answered.referred.as_slice()), (registers, referred), "{name}");
    let by: Vec<usize> = answered.nodes.iter().map(|asked| asked.by).collect();
    assert_eq!(by, node_asked_by.into_iter().collect::<Vec<_>>(), "{name}");
    // Each that took part has one entry, with its own ground and door.
    let mut expected = [0; 3];
    expected[r] += 1;
    expected[h] += usize::from(!referred.is_empty());
    expected[v] += usize::from(relayed);
    assert_eq!(answered.counts(), expected, "{name}");
    if node_asked_by.is_some() && r != v {
        let basis = |site: usize| answered.entry(site).map(|entry| (entry.ending.basis, entry.facts.via));
        let own = if r == h { Basis::Profile } else { Basis::HomeGateway };
        assert_eq!(basis(r), Some((Some(own), Via::Mlp)), "{name}");
        if r != h {
            assert_eq!(basis(h), Some((Some(Basis::Profile), Via::Rlp)), "{name}");
        }
        if relayed {
            assert_eq!(basis(v), Some((Some(Basis::HomeInstruction), Via::Rlp)), "{name}");
        }
    }
    if !pseudonym {
        assert_eq!(answered.entries[r][0].1.facts.target, asked.target, "{name}");
    }
    // Steps 11 and 16: it is the pseudonym that the client is answered with, and not resolved but at home.
    if pseudonym && r != h {
        assert_eq!(answered.entries[r][0].1.identities, lcs::Identities::default(), "{name}: not resolved here");
    }
    assert!(world.networks.resolved().iter().all(|(by, home)| by == home), "{name}");
}

/// Refused for want of a check: the reason, and nothing sent to a node.
#[test]
fn without_a_home_gateway_there_is_no_check_and_so_no_position_whatever_the_default_profile_says() {
    for (told_home, lr, knows_own) in
        [(false, true, true), (true, false, true), (false, true, false), (true, false, false)]
    {
        let mode = mode(|mode| {
            (mode.told_home, mode.default_profile, mode.knows_own) = (told_home, true, knows_own);
            mode.lr[R][H] = lr;
        });
        let mut world = World::one(mode, H, V, Plain::listed(N));
        let answered = world.answer(R, &by_number(0, H));
        assert_eq!(answered.failure(), Some(Failure::Refused(RefusalReason::NoProfile)));
        assert_eq!(answered.entry(R).unwrap().ending.rule, Some(RuleId::ProfileKnown));
        assert!(answered.nodes.is_empty() && answered.referred.is_empty());
    }
}

/// The operator's default profile is for its own subscribers: a home gateway that knows nobody by the name applies it, one that is
/// asked about another's subscriber does not, and neither does one that the home register calls so in error.
#[test]
fn the_default_profile_is_for_the_own_subscribers_alone() {
    let world = |home| World::new(mode(|mode| mode.default_profile = true), &[(home, V)]);
    let answered = world(H).answer(R, &by_number(0, H));
    assert!(answered.fix().is_some(), "{answered:?}");
    assert_eq!(answered.referred, [(R, H)]);
    // Nobody told that it is another's, and the beginning of the IMSI does.
    let mut world = World::new(mode(|mode| (mode.default_profile, mode.told_home) = (true, false)), &[(H, R)]);
    let by_imsi = Asked { target: Target::Imsi(crate::network::identities(0, H).imsi.unwrap()), ..by_number(0, H) };
    for asked in [by_number(0, H), by_imsi] {
        let answered = world.answer(R, &asked);
        assert_eq!(answered.failure(), Some(Failure::Refused(RefusalReason::NoProfile)));
        assert!(answered.nodes.is_empty());
    }
}

/// F-07, F-08: a pseudonym that tells no home is for the requesting gateway's own device; the answer has the pseudonym.
#[test]
fn a_pseudonym_that_tells_no_home_is_turned_back_where_the_client_asked() {
    let mut world = World::one(Mode::roaming(), H, V, Plain::listed(N));
    let asked = by_pseudonym(0, None);
    let answered = world.answer(R, &asked);
    assert!(answered.fix().is_some());
    assert_eq!((answered.registers, answered.referred), (vec![R, H], vec![(R, H)]));
    // Of another client: nobody.
    let pseudonym = lcs::Pseudonym::new("none/other/0".to_owned()).unwrap();
    let answered = world.answer(R, &Asked { target: Target::Pseudonym(pseudonym), ..asked });
    assert_eq!(answered.failure(), Some(Failure::Refused(RefusalReason::PseudonymUnresolved)));
    assert!(answered.nodes.is_empty());
    // A genuine one of another client that tells its home: the home says so, and nobody else looks.
    let pseudonym = lcs::Pseudonym::new("1/other/0".to_owned()).unwrap();
    let answered = world.answer(R, &Asked { target: Target::Pseudonym(pseudonym), ..by_number(0, H) });
    assert_eq!(answered.failure(), Some(Failure::UnknownSubscriber));
    assert_eq!(answered.entry(H).unwrap().ending.outcome, Outcome::Refused(RefusalReason::PseudonymUnresolved));
}

/// Steps 6 and 7 fall away where a route was kept; steps 2 and 3 too.
#[test]
fn routes_that_were_kept_spare_the_home_register() {
    let mut world = World::one(mode(|mode| mode.keeps_routes = true), H, V, Plain::listed(N));
    assert_eq!(world.answer(R, &by_number(0, H)).registers, [R, H]);
    let again = world.answer(R, &by_number(0, H));
    assert!(again.fix().is_some() && again.registers.is_empty());
    // The subscriber moved: the home gateway asks its register anew, and once.
    world.networks.phone(0, |phone| phone.at = H);
    let moved = world.answer(R, &by_number(0, H));
    assert!(moved.fix().is_some(), "{moved:?}");
    assert_eq!(moved.registers, [H]);
}

/// F-03, at home, by the country of the node.
#[test]
fn service_coverage_is_checked_at_home_by_the_country_of_the_node() {
    for (coverage, given) in [(vec![43], true), (vec![49, 33], false), (vec![], true)] {
        let mut world = World::one(Mode::roaming(), H, V, Plain::listed(N));
        let answered = world.answer(R, &Asked { coverage: coverage.clone(), ..by_number(0, H) });
        assert_eq!((answered.fix().is_some(), answered.nodes.len()), (given, usize::from(given)), "{coverage:?}");
        if !given {
            assert_eq!(answered.entry(H).unwrap().ending.outcome, Outcome::Failed(Failure::OutsideCoverage));
        }
    }
}

/// What a node is told, and what becomes of it, for each setting at home, each user and each kind of node: through both gateways as it
/// would be directly. Set 4 cannot notify after positioning; an older node is told by numbers, twice for a position.
#[test]
fn the_node_is_told_what_the_home_gateway_decided_whichever_way_it_is_asked() {
    for (r, v, elsewhere) in
        [(R, V, false), (H, V, false), (R, H, false), (H, H, false), (R, R, false), (R, V, true), (R, R, true)]
    {
        for sort in crate::network::SORTS {
            for user in [User::Accepts, User::Refuses, User::NeverAnswers] {
                for setting in [N, NT, PrivacySetting::AllowedIfNoResponse, VR, X] {
                    for after in [false, true] {
                        told((r, v, elsewhere), sort, user, setting, after);
                    }
                }
            }
        }
    }
}

fn told((r, v, elsewhere): (usize, usize, bool), sort: Sort, user: User, setting: PrivacySetting, after: bool) {
    let plain = Plain { notify_after: after, ..Plain::listed(setting) };
    let mut world = World::one(Mode { elsewhere, ..Mode::roaming() }, H, v, plain);
    world.networks.phone(0, |phone| (phone.sort, phone.user) = (sort, user));
    let answered = world.answer(r, &by_number(0, H));
    let name = format!("{r} {v} {sort:?} {user:?} {setting:?} {after}");
    // A profile that wants no notice does not want it afterwards either.
    let second = after && setting.notifies();
    let incapable = second && sort == Sort::Sgsn;
    let expected: Vec<PrivacySetting> = match (setting, second) {
        (X, _) => vec![],
        _ if incapable => vec![],
        (_, true) => vec![N, setting],
        (_, false) => vec![setting],
    };
    let seen: Vec<PrivacySetting> = answered.nodes.iter().map(|asked| asked.told.unwrap().0).collect();
    assert_eq!(seen, expected, "{name}: {answered:?}");
    assert!(answered.nodes.iter().all(|asked| asked.by == v), "{name}");
    let only = |asked: &NodeAsked| asked.location_type == LocationType::NotificationVerificationOnly;
    let notified: Vec<bool> = answered.nodes.iter().map(only).collect();
    // By numbers the second round is a second positioning (step 12 NOTE).
    assert_eq!(notified, [false, sort != Sort::OldMsc][..expected.len()], "{name}");
    let allows = match (setting, user) {
        (X, _) | (VR, User::Refuses | User::NeverAnswers) => false,
        (PrivacySetting::AllowedIfNoResponse, User::Refuses) => false,
        _ => !incapable,
    };
    assert_eq!(answered.fix().is_some(), allows, "{name}");
    assert!(answered.nodes.iter().filter(|asked| asked.shown).count() <= 1, "{name}");
    if v != H && !expected.is_empty() {
        assert_eq!(answered.counts()[v], expected.len() + usize::from(r == v), "{name}: an entry for each round");
    }
}

/// A codeword for the user goes to the node through both gateways; one for the check at home stays there.
#[test]
fn a_codeword_goes_as_far_as_it_is_meant_to() {
    for (handling, sent) in [(CodewordHandling::Network, None), (CodewordHandling::Ue, Some("sesame"))] {
        let plain = Plain { codeword: Some(handling), ..Plain::listed(NT) };
        let mut world = World::one(Mode::roaming(), H, V, plain);
        let answered = world.answer(R, &Asked { word: Some("sesame"), ..by_number(0, H) });
        assert!(answered.fix().is_some());
        assert_eq!(answered.nodes[0].codeword.as_deref(), sent);
    }
}

/// An operator's client of type "anonymous location" is checked at home like any other; an old node has its own list, which Lr has no
/// word for, so that its own gateway asks it or nobody does.
#[test]
fn an_operators_client_is_checked_at_home() {
    for (plmn, given) in [(true, true), (false, false)] {
        let mut world = World::one(Mode::roaming(), H, V, Plain { plmn, ..Plain::default() });
        let answered = world.answer(R, &Asked { by: Who::Plmn, ..by_number(0, H) });
        assert_eq!(answered.fix().is_some(), given, "{answered:?}");
    }
}

/// Step 5: a position that the home gateway keeps spares steps 6 to 10, for a client elsewhere too, where nobody need be told.
#[test]
fn a_position_that_the_home_gateway_keeps_spares_the_rest() {
    let old_enough = Asked { location_type: LocationType::CurrentOrLastKnown, max_age_s: Some(600), ..by_number(0, H) };
    for (setting, asked, spared) in [
        (N, old_enough.clone(), true),
        (NT, old_enough.clone(), false),
        (N, Asked { max_age_s: Some(60), ..old_enough.clone() }, false),
        (N, by_number(0, H), false),
    ] {
        let mut world = World::one(Mode::roaming(), H, V, Plain::listed(setting));
        world.networks.phone(0, |phone| phone.kept_min = Some(7));
        let answered = world.answer(R, &asked);
        assert_eq!(answered.fix().and_then(|fix| fix.age_min).is_some(), spared);
        let expected: (&[usize], usize) = if spared { (&[R], 0) } else { (&[R, H], 1) };
        assert_eq!((answered.registers.as_slice(), answered.nodes.len()), expected);
        assert_eq!(answered.counts(), [1, 1, usize::from(!spared)]);
    }
}

/// Step 10, F-18: an assured request takes no position that misses its accuracy, which is 100 m here: the visited gateway says so, and
/// no other gateway gets the position.
#[test]
fn an_assured_position_is_judged_where_it_is_had() {
    let assured = |metres| Qos { class: QosClass::Assured, horizontal_m: Some(metres), ..Qos::BEST_EFFORT };
    let best = |metres| Qos { class: QosClass::BestEffort, ..assured(metres) };
    for (qos, given) in [(assured(50), false), (assured(500), true), (best(50), true)] {
        let mut world = World::one(Mode::roaming(), H, V, Plain::listed(N));
        let answered = world.answer(R, &Asked { qos, ..by_number(0, H) });
        assert_eq!(answered.fix().is_some(), given, "{qos:?}");
        if !given {
            for site in [R, H, V] {
                let outcome = &answered.entry(site).unwrap().ending.outcome;
                assert_eq!(outcome, &Outcome::Failed(Failure::QosNotAttainable), "{site}");
            }
        }
    }
}

/// Step 11, F-17: rules on where the subscriber is are the home gateway's: the visited one gives the position, the client does not get
/// it, or gets it coarser.
#[test]
fn rules_on_where_are_applied_at_home() {
    for (zone, given) in [(Zone::Allow, true), (Zone::Refuse, false), (Zone::Coarsen, true)] {
        let plain = Plain { zone: Some(zone), ..Plain::listed(N) };
        let mut world = World::one(Mode::roaming(), H, V, plain);
        let answered = world.answer(R, &by_number(0, H));
        assert_eq!(answered.fix().is_some(), given, "{zone:?}");
        assert!(matches!(answered.entry(V).unwrap().ending.outcome, Outcome::Allowed(_)));
        match &answered.entry(H).unwrap().ending.outcome {
            Outcome::Allowed(told) => assert_eq!(told.coarsened, zone == Zone::Coarsen),
            outcome => assert_eq!(*outcome, Outcome::Refused(RefusalReason::AreaRule)),
        }
        if zone == Zone::Coarsen {
            let told = &answered.entry(R).unwrap().ending.outcome;
            assert!(matches!(told, Outcome::Allowed(told) if told.accuracy_m >= Some(5_000)), "{told:?}");
        }
    }
}

/// Who opts out while the visited gateway positions is not located.
#[test]
fn who_withdraws_while_the_visited_gateway_positions_is_not_located() {
    let mut world = World::one(Mode::roaming(), H, V, Plain::listed(N));
    let task = world.ask(R, &by_number(0, H));
    while world.networks.nodes_asked(crate::world::name_of(task)).is_empty() {
        world.step();
        world.networks.advance();
    }
    let standing = privacy::Standing { opted_out: true, ..privacy::Standing::default() };
    world.networks.site(H).register.set_standing(&crate::network::identities(0, H), standing);
    world.settle();
    let answered = world.answered(task);
    assert_eq!(answered.failure(), Some(Failure::PositioningDenied));
    assert_eq!(answered.entry(H).unwrap().ending.outcome, Outcome::Refused(RefusalReason::OptedOut));
    assert_eq!(answered.entry(R).unwrap().ending.basis, Some(Basis::HomeGateway));
}

/// The time that a client waits is for all: whoever still works on its request when it is over has failed by then too.
#[test]
fn the_deadline_is_that_of_the_client_in_every_gateway() {
    for deadline_s in [0, 1, 10] {
        let mut world = World::one(Mode::roaming(), H, V, Plain::listed(N));
        world.networks.phone(0, |phone| phone.slow_s = 15);
        let began = world.networks.now();
        let answered = world.answer(R, &Asked { deadline_s, ..by_number(0, H) });
        assert_eq!(answered.failure(), Some(Failure::TimedOut));
        let until = began.after(Duration::from_secs(deadline_s));
        let entries = answered.entries.iter().flatten();
        assert!(entries.clone().all(|(_, entry)| entry.ending.answered <= Some(until)));
        assert_eq!(entries.count(), if deadline_s == 0 { 1 } else { 3 });
    }
}

/// Step 5: an entry that is restricted to gateways of the home country, or to one gateway, looks at the gateway that the client asked,
/// which is the requesting one (clause 9.5.3.3.1).
#[test]
fn a_restriction_to_gateways_is_of_the_one_that_the_client_asked() {
    for (restriction, by_home, by_other) in [
        (GmlcRestriction::Any, true, true),
        (GmlcRestriction::HomeCountry, true, false),
        (GmlcRestriction::Identified, false, true),
    ] {
        for (r, given) in [(H, by_home), (R, by_other)] {
            let mut profile = Plain::listed(N).profile();
            profile.rules.unrelated.as_mut().unwrap().clients[0].gmlc = restriction;
            profile.rules.gmlcs = vec![gmlc_number(R)];
            let mut world = World::new(Mode::roaming(), &[(H, V)]);
            world.subscribe_with(0, profile);
            let answered = world.answer(r, &by_number(0, H));
            assert_eq!(answered.fix().is_some(), given, "{r} {restriction:?}");
            let outcome = &answered.entry(H).unwrap().ending.outcome;
            assert_eq!(*outcome == Outcome::Refused(RefusalReason::GmlcRestriction), !given, "{r} {restriction:?}");
        }
    }
}
