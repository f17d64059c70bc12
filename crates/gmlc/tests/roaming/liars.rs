//! Gateways that break the rules: what they say leads to no position.

use crate::{
    network::{Lie, Mode, NodeAsked},
    people::{N, Plain, VR},
    world::{Answered, World, by_number, by_pseudonym},
};
use lcs::{Failure, LocationType};
use privacy::disclosure::Outcome;

const R: usize = 0;
const H: usize = 1;
const V: usize = 2;

fn protocol_failure(answered: &Answered, site: usize) {
    let outcomes: Vec<&Outcome> = answered.entries[site].iter().map(|(_, entry)| &entry.ending.outcome).collect();
    assert_eq!(outcomes, [&Outcome::Failed(Failure::NetworkProtocol)], "{answered:?}");
}

/// An answer about somebody else, or about nobody, under a number or a pseudonym: nothing is released, and the entry says so.
#[test]
fn a_home_gateway_that_tells_of_another_subscriber_is_not_believed() {
    for lie in [Lie::OtherSubscriber, Lie::Nobody] {
        for asked in [by_number(0, H), by_pseudonym(0, Some(H))] {
            let mut world = World::one(Mode { lie, ..Mode::roaming() }, H, V, Plain::listed(N));
            let answered = world.answer(R, &asked);
            assert_eq!(answered.failure(), Some(Failure::NetworkProtocol));
            protocol_failure(&answered, R);
            assert_eq!(answered.referred.len(), 1, "asked once, whatever came of it");
        }
    }
}

/// An acknowledgement is no position.
#[test]
fn a_visited_gateway_that_acknowledges_instead_of_positioning_has_not_done_it() {
    let mut world = World::one(Mode { lie: Lie::Acknowledges, ..Mode::roaming() }, H, V, Plain::listed(N));
    let answered = world.answer(R, &by_number(0, H));
    assert_eq!(answered.failure(), Some(Failure::NetworkProtocol));
    protocol_failure(&answered, H);
    assert_eq!(answered.nodes.len(), 1);
}

/// A position where the user was to be told shows that the user was not: what was known from the first round is dropped too.
#[test]
fn a_visited_gateway_that_positions_instead_of_notifying_releases_nothing() {
    let plain = Plain { notify_after: true, ..Plain::listed(VR) };
    let mut world = World::one(Mode { lie: Lie::Positions, ..Mode::roaming() }, H, V, plain);
    let answered = world.answer(R, &by_number(0, H));
    assert_eq!(answered.failure(), Some(Failure::NetworkProtocol));
    protocol_failure(&answered, H);
    let types: Vec<LocationType> =
        answered.nodes.iter().map(|NodeAsked { location_type, .. }| *location_type).collect();
    assert_eq!(types, [LocationType::Current, LocationType::NotificationVerificationOnly]);
}
