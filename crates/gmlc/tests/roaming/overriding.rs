//! Clause 9.1.1A: emergency and lawful requests go past the home gateway to the visited one, and both judge whether the override holds.

use crate::{
    network::{Mode, Sort},
    people::{Asked, Plain, Who, X},
    world::{ALL, World, by_number},
};
use lcs::{Failure, PrivacySetting, RefusalReason};
use privacy::{Basis, RuleId, disclosure::Via};

const EMERGENCY: Who = Who::Emergency { overrides: true };

fn asked(who: Who, home: usize) -> Asked {
    Asked { by: who, ..by_number(0, home) }
}

/// Requesting gateway 0; home and visited gateway any; agreements of either with the other; the kind of node. The profile refuses
/// everybody, opted out, and counts for nothing.
#[test]
fn an_override_holds_where_both_gateways_have_an_agreement_or_one_country() {
    let plain = Plain { opted_out: true, ..Plain::listed(X) };
    for (h, v) in ALL.into_iter().flat_map(|h| ALL.map(|v| (h, v))) {
        for bits in 0..8usize {
            let [agrees, agreed, lr] = core::array::from_fn(|bit| bits >> bit & 1 == 1);
            for who in [EMERGENCY, Who::Lawful] {
                for sort in [Sort::Mme, Sort::OldMsc] {
                    let mut mode = Mode::roaming();
                    (mode.agreements[0][v], mode.agreements[v][0]) = (agrees, agreed);
                    mode.lr[0][v] = lr;
                    let mut world = World::one(mode, h, v, plain);
                    world.networks.phone(0, |phone| phone.sort = sort);
                    let answered = world.answer(0, &asked(who, h));
                    let name = format!("{h} {v} {agrees} {agreed} {lr} {who:?} {sort:?}");
                    // Without Lr the node is asked by the gateway itself, and judges for itself; it is told by the client type, or by
                    // the override indicator.
                    let given = v == 0 || (agrees && (agreed || !lr));
                    assert_eq!(answered.fix().is_some(), given, "{name}: {answered:?}");
                    let relayed = v != 0 && lr && agrees;
                    let by = if relayed { v } else { 0 };
                    assert!(answered.nodes.iter().all(|asked| asked.by == by), "{name}");
                    assert_eq!(answered.nodes.len(), usize::from(given), "{name}");
                    assert!(answered.referred.is_empty(), "{name}: past the home gateway");
                    if h != 0 && h != v {
                        assert_eq!(answered.counts()[h], 0, "{name}");
                    }
                    let basis = if who == EMERGENCY { Basis::Emergency } else { Basis::LawfulIntercept };
                    if relayed {
                        let entry = answered.entry(v).unwrap();
                        assert_eq!((entry.facts.via, entry.ending.rule), (Via::Rlp, Some(RuleId::Override)), "{name}");
                        assert_eq!(entry.ending.basis, given.then_some(basis), "{name}");
                    }
                    if given {
                        assert_eq!(answered.entry(0).unwrap().ending.basis, Some(basis), "{name}");
                        let told = (sort == Sort::Mme).then_some((PrivacySetting::AllowedWithoutNotification, None));
                        assert_eq!(answered.nodes[0].told, told, "{name}: F-21");
                    }
                }
            }
        }
    }
}

/// F-22: the visited gateway refuses, and the client hears of a refusal.
#[test]
fn an_override_that_does_not_hold_in_the_visited_network_is_refused_there() {
    let mut mode = Mode::roaming();
    mode.agreements[0][2] = true;
    let mut world = World::one(mode, 1, 2, Plain::listed(X));
    let answered = world.answer(0, &asked(EMERGENCY, 1));
    assert_eq!(answered.failure(), Some(Failure::PositioningDenied));
    let ending = &answered.entry(2).unwrap().ending;
    assert_eq!(ending.outcome, privacy::disclosure::Outcome::Refused(RefusalReason::OverrideNotApplicable));
    assert!(answered.nodes.is_empty());
}

/// Emergency services need no profile, at home or anywhere; without the capability in the client's record they are like anybody else,
/// and no class serves them.
#[test]
fn emergency_services_need_no_profile_and_the_capability() {
    for (overrides, given) in [(true, true), (false, false)] {
        let mut mode = Mode::roaming();
        (mode.agreements[0][2], mode.agreements[2][0]) = (true, true);
        let mut world = World::new(mode, &[(1, 2)]);
        let answered = world.answer(0, &asked(Who::Emergency { overrides }, 1));
        assert_eq!(answered.fix().is_some(), given, "{answered:?}");
    }
}
