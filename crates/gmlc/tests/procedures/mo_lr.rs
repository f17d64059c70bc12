//! Positions that subscribers send to a client of their own accord (TS 23.271 clauses 9.2.1 and 9.2.2).

use crate::{
    network::fix,
    people::{self, N, Plain, Whereabouts, X},
    world::{START, World},
};
use lcs::{Duration, Failure, Fix, LcsClientType, RefusalReason};
use privacy::{
    Basis, RuleId,
    disclosure::{Outcome, StorageError, Subject, Via},
};

fn here() -> Fix {
    fix(Whereabouts::Home, Some(1), Some(true))
}

fn sent(world: &mut World, fix: Option<Fix>) -> crate::world::Answered {
    let task = world.own_report(0, fix, Via::Network, LcsClientType::ValueAdded);
    world.settle();
    world.answered(task)
}

#[test]
pub(crate) fn what_a_subscriber_sends_is_given_and_recorded_as_the_own_request() {
    // No class need allow the client that the subscriber names.
    for plain in [Plain::default(), Plain::listed(X), Plain::listed(N)] {
        let mut world = World::with(plain);
        let answered = sent(&mut world, Some(here()));
        assert_eq!(answered.fix(), Some(&here()));
        assert!(answered.sent.is_empty(), "nobody asks the network");
        let entry = answered.entry();
        assert_eq!((entry.ending.basis, entry.ending.rule), (Some(Basis::OwnRequest), Some(RuleId::OwnRequest)));
        assert_eq!(answered.entries[0].1, Subject::Subscriber(people::salt(0)));
    }
}

#[test]
pub(crate) fn who_withdrew_or_is_unknown_sends_nothing() {
    let paused = Some(START.after(Duration::from_secs(600)));
    let table = [
        (None, RefusalReason::NoProfile),
        (Some(Plain { opted_out: true, ..Plain::listed(N) }), RefusalReason::OptedOut),
        (Some(Plain { switched_off: true, ..Plain::listed(N) }), RefusalReason::SwitchedOff),
        (Some(Plain { paused_until: paused, ..Plain::listed(N) }), RefusalReason::Paused),
    ];
    for (plain, reason) in table {
        let mut world = World::new(1);
        if let Some(plain) = plain {
            world.subscribe(0, plain);
        }
        let answered = sent(&mut world, Some(here()));
        assert_eq!(answered.failure(), Some(Failure::Refused(reason)));
        assert_eq!(answered.entry().ending.outcome, Outcome::Refused(reason));
    }
}

#[test]
pub(crate) fn without_a_position_that_can_be_told_there_is_nothing_to_send() {
    for told in [None, Some(Fix { shape: None, ..here() })] {
        let mut world = World::with(Plain::default());
        assert_eq!(sent(&mut world, told).failure(), Some(Failure::PositioningFailed));
    }
}

/// The way without a permit is for reports of the network to value added clients, and for nothing else.
#[test]
pub(crate) fn under_any_other_ticket_nothing_is_cleared() {
    for door in [Via::Mlp, Via::Rlp, Via::Camara, Via::Admin, Via::Network, Via::Portal, Via::Pull] {
        for client_type in LcsClientType::ALL {
            let mut world = World::with(Plain { universal: true, ..Plain::default() });
            let task = world.own_report(0, Some(here()), door, client_type);
            world.settle();
            let answered = world.answered(task);
            let cleared = door == Via::Network && client_type == LcsClientType::ValueAdded;
            assert_eq!(answered.fix().is_some(), cleared, "{door:?} {client_type:?}");
            if !cleared {
                assert_eq!(answered.entry().ending.outcome, Outcome::Refused(RefusalReason::OverrideNotApplicable));
            }
        }
    }
}

#[test]
pub(crate) fn what_cannot_be_recorded_goes_nowhere() {
    let mut world = World::with(Plain::default());
    world.disk.fault(Some(StorageError::Full));
    assert_eq!(sent(&mut world, Some(here())).failure(), Some(Failure::LogUnavailable));
}
