//! Immediate requests of TS 23.271 clauses 9.1.1 and 9.1.15, case by case: before positioning, positioning, after it.

use crate::{
    network::{Hss, Node, Sent, User},
    people::{self, Asked, Class, N, NT, Plain, VA, VR, WORD, Whereabouts, Who, X, Zone},
    world::{Answered, START, World, policy},
};
use lcs::{Duration, Failure, LocationType, Qos, QosClass, RefusalReason, Target};
use privacy::{
    Basis, CodewordHandling, Policy, RuleId, Subscriber,
    disclosure::{Notification, Outcome, Subject},
};

fn listed() -> Asked {
    Asked::by(Who::Listed, 0)
}

fn refused(answered: &Answered, reason: RefusalReason, rule: RuleId) {
    assert_eq!(answered.failure(), Some(Failure::Refused(reason)), "{answered:?}");
    assert_eq!(answered.entry().ending.outcome, Outcome::Refused(reason));
    assert_eq!(answered.entry().ending.rule, Some(rule));
}

#[test]
pub(crate) fn allowed_without_notification_is_one_question_to_the_hss_and_one_to_the_node() {
    let mut world = World::with(Plain::listed(N));
    let answered = world.answer(&listed());
    assert!(answered.fix().is_some(), "{answered:?}");
    assert_eq!(answered.counts(), (1, 1, 0));
    let ending = &answered.entry().ending;
    assert!(matches!(ending.outcome, Outcome::Allowed(_)));
    assert_eq!((ending.basis, ending.rule), (Some(Basis::Profile), Some(RuleId::UnrelatedListed)));
    assert_eq!((ending.settings, ending.notification), (Some((N, None)), Notification::NotNeeded));
    assert_eq!(answered.entries[0].1, Subject::Subscriber(people::salt(0)));
    assert_eq!(answered.entry().identities, people::both(0));
}

/// The five settings with each kind of user: released or not, what the record says of the notification. A phone that cannot
/// show anything is a refusal (the text is silent; the private reading).
#[test]
pub(crate) fn every_setting_with_every_user() {
    use Notification::{Accepted, Denied, NotNeeded, Ordered};
    let rows = [
        (N, User::Accepts, true, NotNeeded),
        (N, User::Refuses, true, NotNeeded),
        (N, User::NeverAnswers, true, NotNeeded),
        (N, User::CannotBeTold, true, NotNeeded),
        (NT, User::Accepts, true, Ordered),
        (NT, User::Refuses, true, Ordered),
        (NT, User::NeverAnswers, true, Ordered),
        (NT, User::CannotBeTold, false, Ordered),
        (VA, User::Accepts, true, Accepted),
        (VA, User::Refuses, false, Denied),
        (VA, User::NeverAnswers, true, Accepted),
        (VA, User::CannotBeTold, false, Denied),
        (VR, User::Accepts, true, Accepted),
        (VR, User::Refuses, false, Denied),
        (VR, User::NeverAnswers, false, Denied),
        (VR, User::CannotBeTold, false, Denied),
    ];
    for after in [false, true] {
        for (setting, user, given, notification) in rows {
            let mut world = World::with(Plain { notify_after: after, ..Plain::listed(setting) });
            world.network.phone(0, |phone| phone.user = user);
            let answered = world.answer(&listed());
            assert_eq!(answered.fix().is_some(), given, "{setting:?} {user:?} after {after}");
            let second = after && setting != N;
            let ending = &answered.entry().ending;
            assert_eq!((ending.notification, ending.second_round), (notification, second), "{setting:?} {user:?}");
            assert_eq!(answered.counts(), (1, 1, usize::from(second)));
            if !given {
                let expected = if second {
                    Failure::Refused(RefusalReason::RefusedAfterPositioning)
                } else {
                    Failure::PositioningDenied
                };
                assert_eq!(answered.failure(), Some(expected));
            }
        }
    }
}

/// What is refused before positioning costs no signalling at all where the profile is known by the key given.
#[test]
pub(crate) fn refusals_before_positioning_cost_no_signalling() {
    let paused = Some(START.after(Duration::from_secs(1)));
    let word = |handling| Plain { codeword: Some(handling), ..Plain::listed(N) };
    let rows = [
        (Plain { opted_out: true, ..Plain::listed(N) }, RefusalReason::OptedOut, RuleId::OptOut),
        (Plain { switched_off: true, ..Plain::listed(N) }, RefusalReason::SwitchedOff, RuleId::Switch),
        (Plain { paused_until: paused, ..Plain::listed(N) }, RefusalReason::Paused, RuleId::Pause),
        (Plain::default(), RefusalReason::NoClass, RuleId::ClassSubscribed),
        (Plain::listed(X), RefusalReason::ClassBars, RuleId::UnrelatedListed),
        // F-19, and the same without a word; F-20 asks for any word.
        (word(CodewordHandling::Network), RefusalReason::CodewordMissing, RuleId::Codeword),
        (word(CodewordHandling::Ue), RefusalReason::CodewordMissing, RuleId::Codeword),
    ];
    for (plain, reason, rule) in rows {
        let mut world = World::with(plain);
        let answered = world.answer(&listed());
        refused(&answered, reason, rule);
        assert!(answered.sent.is_empty(), "{reason:?}: {:?}", answered.sent);
    }
    let mut world = World::with(word(CodewordHandling::Network));
    refused(&world.answer(&Asked { word: Some("wrong"), ..listed() }), RefusalReason::CodewordWrong, RuleId::Codeword);
    let mut world = World::new(1);
    world.ppr.register().put_unreadable(&people::subscriber(0)).unwrap();
    let answered = world.answer(&listed());
    refused(&answered, RefusalReason::ProfileUnreadable, RuleId::ProfileReadable);
    assert!(answered.sent.is_empty());
}

/// F-19, F-20: checked here, the word stays here; to be shown to the user, it goes along unchecked.
#[test]
pub(crate) fn a_codeword_goes_to_the_node_only_if_the_user_is_to_see_it() {
    for (handling, word, sent) in
        [(CodewordHandling::Network, WORD, None), (CodewordHandling::Ue, "anything", Some("anything"))]
    {
        let mut world = World::with(Plain { codeword: Some(handling), ..Plain::listed(NT) });
        let answered = world.answer(&Asked { word: Some(word), ..listed() });
        assert!(answered.fix().is_some());
        assert_eq!(answered.plrs()[0].codeword.as_deref(), sent);
    }
}

/// The looser of both indicators counts while the session is up, which the node sees and the check does not.
#[test]
pub(crate) fn the_related_indicator_counts_while_the_session_is_up() {
    let related = Some(Class { listed: Some(N), others: X });
    for (unrelated, session, names_apn, given) in [
        (VR, true, true, true),
        (VR, false, true, false),
        (VR, true, false, false),
        (X, true, true, true),
        (X, false, true, false),
    ] {
        let mut world = World::with(Plain { related, ..Plain::listed(unrelated) });
        world.network.phone(0, |phone| (phone.session, phone.user) = (session, User::Refuses));
        let answered = world.answer(&Asked { names_apn, ..listed() });
        assert_eq!(answered.fix().is_some(), given, "{unrelated:?} {session} {names_apn}");
        let indicators = answered.plrs()[0].indicators;
        assert_eq!((indicators.unrelated(), indicators.related()), (unrelated, names_apn.then_some(N)));
    }
}

/// F-03: the country of the node decides, before the node is asked; one that cannot be told is outside.
#[test]
pub(crate) fn service_coverage_is_the_country_of_the_node() {
    let rows = [
        (0, vec![49], true),
        (0, vec![33], false),
        (2, vec![49], false),
        (2, vec![33, 49], true),
        (6, vec![49], false),
        (6, vec![], true),
    ];
    for (served_by, coverage, given) in rows {
        let mut world = World::with(Plain::listed(N));
        world.network.phone(0, |phone| phone.served_by = served_by);
        let answered = world.answer(&Asked { coverage: coverage.clone(), ..listed() });
        assert_eq!(answered.fix().is_some(), given, "{served_by} {coverage:?}");
        assert_eq!(answered.counts(), (1, usize::from(given), 0));
        if !given {
            assert_eq!(answered.failure(), Some(Failure::OutsideCoverage));
            assert_eq!(answered.entry().ending.outcome, Outcome::Failed(Failure::OutsideCoverage));
        }
    }
}

/// F-04, F-05, and all that stands against a position kept from earlier, which is 7 minutes old and good to 100 m.
#[test]
pub(crate) fn a_position_kept_from_earlier_serves_only_where_nobody_need_be_told() {
    let last = Asked { location_type: LocationType::CurrentOrLastKnown, max_age_s: Some(600), ..listed() };
    let with = |horizontal_m, class| Qos { class, horizontal_m: Some(horizontal_m), ..Qos::BEST_EFFORT };
    let rows = [
        (Plain::listed(N), last.clone(), true),
        (Plain::listed(NT), last.clone(), false),
        (Plain::listed(N), Asked { max_age_s: Some(419), ..last.clone() }, false),
        (Plain::listed(N), Asked { max_age_s: Some(420), ..last.clone() }, true),
        (Plain::listed(N), Asked { max_age_s: None, ..last.clone() }, false),
        (Plain::listed(N), Asked { location_type: LocationType::Current, ..last.clone() }, false),
        (Plain::listed(N), Asked { qos: with(50, QosClass::BestEffort), ..last.clone() }, false),
        (Plain::listed(N), Asked { qos: with(500, QosClass::Assured), ..last.clone() }, true),
        (Plain::listed(N), Asked { coverage: vec![49], ..last.clone() }, false),
        (Plain { zone: Some(Zone::Allow), ..Plain::listed(N) }, last.clone(), false),
    ];
    for (number, (plain, asked, from_kept)) in rows.into_iter().enumerate() {
        let mut world = World::with(plain);
        world.network.phone(0, |phone| phone.kept = Some(Whereabouts::Away));
        let answered = world.answer(&asked);
        assert_eq!(answered.fix().unwrap().age_min.is_some(), from_kept, "row {number}");
        assert_eq!(answered.sent.is_empty(), from_kept, "row {number}");
        assert!(matches!(answered.entry().ending.outcome, Outcome::Allowed(_)));
    }
    // The operator's default profile allows, and the HSS would have told that the subscriber's own does not.
    let default = Plain { universal: true, ..Plain::default() }.profile().compile().unwrap();
    let mut world = World::under(1, Policy { default_profile: Some(default), ..policy() });
    let by_imsi = Subscriber { msisdn: None, ..people::subscriber(0) };
    let own = Plain { opted_out: true, ..Plain::default() }.profile().compile().unwrap();
    world.ppr.register().put(&by_imsi, &own).unwrap();
    world.network.phone(0, |phone| phone.kept = Some(Whereabouts::Away));
    let answered = world.answer(&last);
    refused(&answered, RefusalReason::OptedOut, RuleId::OptOut);
    assert_eq!(answered.entries[0].1, Subject::Subscriber(people::salt(0)), "the entry is the subscriber's own");
}

/// F-18: an assured request takes nothing that misses its accuracy, a best effort one takes it with the mark.
#[test]
pub(crate) fn assured_takes_no_estimate_that_misses_its_accuracy() {
    let assured = |horizontal_m| Qos { class: QosClass::Assured, horizontal_m, ..Qos::BEST_EFFORT };
    let coarse = Plain { zone: Some(Zone::Coarsen), ..Plain::listed(N) };
    let rows = [
        (Plain::listed(N), Some(false), Qos::BEST_EFFORT, true),
        (Plain::listed(N), Some(false), assured(Some(500)), false),
        (Plain::listed(N), Some(true), assured(Some(50)), true),
        // The node says nothing: the figures decide.
        (Plain::listed(N), None, assured(Some(500)), true),
        (Plain::listed(N), None, assured(Some(50)), false),
        (Plain::listed(N), None, assured(None), true),
        (coarse, Some(true), assured(Some(500)), false),
        (coarse, None, assured(Some(500)), false),
        (coarse, Some(true), Qos::BEST_EFFORT, true),
    ];
    for (number, (plain, accuracy, qos, given)) in rows.into_iter().enumerate() {
        let mut world = World::with(plain);
        world.network.phone(0, |phone| phone.accuracy_fulfilled = accuracy);
        let answered = world.answer(&Asked { qos, ..listed() });
        assert_eq!(answered.fix().is_some(), given, "row {number}");
        if given {
            let marked = answered.fix().unwrap().accuracy_fulfilled;
            assert_eq!(marked, accuracy.map(|met| met && plain.zone.is_none()), "row {number}");
        } else {
            assert_eq!(answered.failure(), Some(Failure::QosNotAttainable));
            assert_eq!(answered.entry().ending.outcome, Outcome::Failed(Failure::QosNotAttainable));
        }
    }
    // Nobody is asked about a position that could not be given anyway.
    let mut world = World::with(Plain { notify_after: true, ..Plain::listed(VR) });
    world.network.phone(0, |phone| phone.accuracy_fulfilled = Some(false));
    assert_eq!(world.answer(&Asked { qos: assured(Some(50)), ..listed() }).counts(), (1, 1, 0));
}

/// F-17, and coarsening: what the rules on where the subscriber is do with each place; without an estimate they refuse.
#[test]
pub(crate) fn area_rules_refuse_or_coarsen_by_where_the_subscriber_is() {
    use Whereabouts::{Away, Edge, Home};
    let rows = [
        (Zone::Allow, [(Home, Some(false)), (Edge, None), (Away, None)]),
        (Zone::Refuse, [(Home, None), (Edge, None), (Away, Some(false))]),
        (Zone::Coarsen, [(Home, Some(true)), (Edge, Some(true)), (Away, Some(false))]),
    ];
    for (zone, places) in rows {
        for (at, expected) in places {
            let mut world = World::with(Plain { zone: Some(zone), ..Plain::listed(N) });
            world.network.phone(0, |phone| phone.at = at);
            let answered = world.answer(&listed());
            assert_eq!(answered.counts(), (1, 1, 0), "the node was asked before the place was known");
            let Some(coarse) = expected else {
                refused(&answered, RefusalReason::AreaRule, RuleId::AreaRule);
                continue;
            };
            let fix = answered.fix().unwrap();
            let radius_m = fix.shape.as_ref().unwrap().horizontal_uncertainty_m().unwrap();
            assert_eq!(
                (radius_m >= f64::from(people::COARSE_M), fix.cell.is_none()),
                (coarse, coarse),
                "{zone:?} {at:?}"
            );
            let Outcome::Allowed(given) = &answered.entry().ending.outcome else { panic!("{answered:?}") };
            assert_eq!(given.coarsened, coarse);
        }
        let mut world = World::with(Plain { zone: Some(zone), ..Plain::listed(N) });
        world.network.phone(0, |phone| phone.node = Node::CellOnly);
        refused(&world.answer(&listed()), RefusalReason::AreaRule, RuleId::AreaRule);
    }
    let mut world = World::with(Plain::listed(N));
    world.network.phone(0, |phone| phone.node = Node::CellOnly);
    // A cell without an estimate ends the request, but Le has no place to tell it, so nothing was given.
    let answered = world.answer(&listed());
    assert_eq!(answered.failure(), Some(Failure::PositioningFailed));
    assert_eq!(answered.entry().ending.outcome, Outcome::Failed(Failure::PositioningFailed));
}

/// The profile is under the IMSI and the client names the number: the HSS tells the other key, and the profile decides.
#[test]
pub(crate) fn a_profile_under_the_other_key_is_found_by_the_hss() {
    let by_imsi = Subscriber { msisdn: None, ..people::subscriber(0) };
    for (setting, given) in [(N, true), (X, false)] {
        let mut world = World::new(1);
        world.ppr.register().put(&by_imsi, &Plain::listed(setting).profile().compile().unwrap()).unwrap();
        let answered = world.answer(&listed());
        assert_eq!(answered.fix().is_some(), given);
        assert_eq!(answered.counts(), (1, usize::from(given), 0));
        assert_eq!(answered.entries[0].1, Subject::Subscriber(people::salt(0)), "the entry is the subscriber's own");
        assert_eq!(answered.entry().identities, people::both(0));
    }
}

#[test]
pub(crate) fn without_a_profile_the_hss_decides_between_unknown_and_refused() {
    let mut world = World::new(1);
    let answered = world.answer(&listed());
    refused(&answered, RefusalReason::NoProfile, RuleId::ProfileKnown);
    assert_eq!(answered.counts(), (1, 0, 0));
    let nobody = Asked { target: Target::Msisdn(people::msisdn(7)), ..listed() };
    let answered = world.answer(&nobody);
    assert_eq!(answered.failure(), Some(Failure::UnknownSubscriber));
    assert_eq!(answered.entry().ending.outcome, Outcome::Failed(Failure::UnknownSubscriber));
    assert_eq!(answered.entries[0].1, Subject::Operator);
    world.network.phone(0, |phone| phone.hss = Hss::Mute);
    assert_eq!(world.answer(&listed()).failure(), Some(Failure::TimedOut));
}

#[test]
pub(crate) fn an_hss_that_contradicts_the_register_is_refused() {
    let mut world = World::with(Plain::listed(N));
    world.network.phone(0, |phone| phone.hss = Hss::Contradicts);
    let answered = world.answer(&listed());
    refused(&answered, RefusalReason::NoProfile, RuleId::OneSubscriber);
    assert_eq!(answered.counts(), (1, 0, 0));
    // Also where the profile is only found by what the HSS tells.
    let mut world = World::new(1);
    let by_number = Subscriber { imsi: None, ..people::subscriber(0) };
    world.ppr.register().put(&by_number, &Plain::listed(N).profile().compile().unwrap()).unwrap();
    world.network.phone(0, |phone| phone.hss = Hss::Contradicts);
    let by_imsi = Asked { target: Target::Imsi(people::imsi(0)), ..listed() };
    refused(&world.answer(&by_imsi), RefusalReason::NoProfile, RuleId::OneSubscriber);
}

fn pseudonym(text: &str) -> Target {
    Target::Pseudonym(lcs::Pseudonym::new(text.to_owned()).unwrap())
}

#[test]
pub(crate) fn a_pseudonym_that_does_not_resolve_costs_no_signalling() {
    let mut world = World::with(Plain::listed(N));
    let account = listed().request().account;
    for text in ["k7", "somebody-else/0", &format!("{account}/"), &format!("{account}0")] {
        let answered = world.answer(&Asked { target: pseudonym(text), ..listed() });
        assert_eq!(answered.failure(), Some(Failure::Refused(RefusalReason::PseudonymUnresolved)));
        assert!(answered.sent.is_empty() && answered.entries[0].1 == Subject::Operator);
    }
}

#[test]
pub(crate) fn behind_a_pseudonym_the_subscriber_decides_as_ever_and_the_entry_does_not_tell_it() {
    let account = listed().request().account;
    for (plain, given) in [(Plain::listed(N), true), (Plain::listed(X), false), (Plain::default(), false)] {
        let mut world = World::with(plain);
        let answered = world.answer(&Asked { target: pseudonym(&format!("{account}/0")), ..listed() });
        assert_eq!(answered.fix().is_some(), given);
        assert_eq!(answered.entries[0].1, Subject::Subscriber(people::salt(0)));
        let entry = answered.entry();
        assert_eq!((&entry.identities, &entry.facts.target), (&people::both(0), &pseudonym("@")));
    }
}

/// The number went to somebody else since the pseudonym was given; it leads to neither.
#[test]
pub(crate) fn a_pseudonym_whose_number_has_another_owner_leads_to_nobody() {
    let account = listed().request().account;
    let mut world = World::with(Plain::listed(N));
    let other = Subscriber { imsi: Some(people::imsi(7)), ..people::subscriber(0) };
    world.ppr.register().remove(&people::both(0));
    world.ppr.register().put(&other, &Plain::listed(N).profile().compile().unwrap()).unwrap();
    let answered = world.answer(&Asked { target: pseudonym(&format!("{account}/0")), ..listed() });
    assert_eq!(answered.fix(), None);
    assert!(answered.sent.is_empty());
}

/// Nodes below set 4 cannot be told; set 4 cannot notify after positioning; no node of ours is none at all.
#[test]
pub(crate) fn a_node_that_cannot_keep_to_the_settings_is_not_asked() {
    for (plain, served_by, failure) in [
        (Plain::listed(N), 3, None),
        (Plain::listed(VR), 3, None),
        (Plain::listed(N), 4, Some(Failure::Refused(RefusalReason::NodeIncapable))),
        (Plain { notify_after: true, ..Plain::listed(NT) }, 3, Some(Failure::Refused(RefusalReason::NodeIncapable))),
        (Plain { notify_after: true, ..Plain::listed(N) }, 3, None),
        (Plain::listed(N), 5, Some(Failure::ServingNodeUnsupported)),
    ] {
        let mut world = World::with(plain);
        world.network.phone(0, |phone| phone.served_by = served_by);
        let answered = world.answer(&listed());
        assert_eq!(answered.failure(), failure, "{served_by}");
        assert_eq!(answered.counts(), (1, usize::from(failure.is_none()), 0));
    }
}

/// TS 23.271 clause 9.1.1 step 9 NOTE 4: another domain after one where the subscriber is not; four nodes in all.
#[test]
pub(crate) fn other_nodes_are_asked_while_none_serves_and_four_at_most() {
    for (also, asked, given) in
        [(vec![], 1, true), (vec![1], 2, true), (vec![1, 2, 6], 4, true), (vec![1, 2, 6, 3], 4, false)]
    {
        let mut world = World::with(Plain::listed(N));
        world.network.phone(0, |phone| phone.also = also);
        let answered = world.answer(&listed());
        assert_eq!((answered.fix().is_some(), answered.counts().1), (given, asked), "{answered:?}");
    }
}

/// After anything that a user may have seen nobody else is asked, who would show it again.
#[test]
pub(crate) fn another_node_is_asked_only_where_the_first_did_nothing() {
    let elsewhere = [
        Failure::UnknownSubscriber,
        Failure::AbsentSubscriber,
        Failure::DetachedSubscriber,
        Failure::NetworkUnreachable,
    ];
    let here = [
        Failure::TimedOut,
        Failure::PositioningDenied,
        Failure::PositioningFailed,
        Failure::NetworkFault,
        Failure::NetworkProtocol,
        Failure::NetworkCongestion,
        Failure::NetworkNotAuthorised,
        Failure::QosNotAttainable,
        Failure::ServingNodeUnsupported,
        Failure::SuspendedSubscriber,
        Failure::SystemFailure,
        Failure::Refused(RefusalReason::LocalRegulation),
    ];
    for failure in elsewhere.into_iter().chain(here) {
        let mut world = World::with(Plain::listed(VR));
        world.network.phone(0, |phone| (phone.also, phone.elsewhere) = (vec![1], failure));
        let answered = world.answer(&listed());
        let another = elsewhere.contains(&failure);
        assert_eq!((answered.fix().is_some(), answered.counts().1), (another, 1 + usize::from(another)), "{failure:?}");
        assert_eq!(answered.failure(), (!another).then_some(failure));
    }
}

/// What the first node said is the end, and not that the second cannot be told.
#[test]
pub(crate) fn a_node_that_cannot_be_told_is_no_second_one() {
    let mut world = World::with(Plain::listed(N));
    world
        .network
        .phone(0, |phone| (phone.served_by, phone.also, phone.elsewhere) = (4, vec![0], Failure::AbsentSubscriber));
    let answered = world.answer(&listed());
    assert_eq!((answered.failure(), answered.counts()), (Some(Failure::AbsentSubscriber), (1, 1, 0)));
}

#[test]
pub(crate) fn every_failure_of_the_node_is_its_own_end() {
    for (node, failure) in [
        (Node::Confused, Failure::NetworkProtocol),
        (Node::TransientlyUnreachable, Failure::AbsentSubscriber),
        (Node::Mute, Failure::TimedOut),
        (Node::Slow(100), Failure::TimedOut),
        (Node::Fails(Failure::NetworkCongestion), Failure::NetworkCongestion),
        (Node::Fails(Failure::PositioningFailed), Failure::PositioningFailed),
        (Node::Fails(Failure::SuspendedSubscriber), Failure::SuspendedSubscriber),
    ] {
        let mut world = World::with(Plain::listed(NT));
        world.network.phone(0, |phone| phone.node = node);
        let answered = world.answer(&listed());
        assert_eq!(answered.failure(), Some(failure));
        let ending = &answered.entry().ending;
        assert_eq!((&ending.outcome, ending.notification), (&Outcome::Failed(failure), Notification::Ordered));
        assert_eq!((ending.basis, ending.settings), (Some(Basis::Profile), Some((NT, None))));
    }
}

#[test]
pub(crate) fn an_answer_is_as_late_as_the_deadline_at_most() {
    let mut world = World::with(Plain::listed(VR));
    world.network.phone(0, |phone| phone.node = Node::Mute);
    let answered = world.answer(&Asked { deadline_s: 5, ..listed() });
    let waited = answered.entry().ending.answered.unwrap().since(START);
    assert_eq!(waited, Duration::from_secs(5));
    assert_eq!(answered.sent.iter().filter(|sent| matches!(sent, Sent::Positioning(_))).count(), 1);
}
