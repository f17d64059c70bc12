//! What changes on the way: the subscriber's mind, the serving node, the client, the disk of the log.

use crate::{
    network::{Node, Sent, User},
    people::{self, Asked, N, NT, Plain, VA, VR, Who},
    world::{End, START, World, name_of},
};
use lcs::{Duration, Failure, RefusalReason};
use privacy::{
    RuleId, Standing,
    disclosure::{Content, LogUnavailable, Notification, Outcome, Step, StorageError, Subject},
};

fn listed() -> Asked {
    Asked::by(Who::Listed, 0)
}

/// Runs until the task has asked a node as often as this, and no further.
pub(crate) fn until_asked(world: &mut World, task: usize, times: usize) {
    let asked =
        |world: &World| world.network.sent(task).iter().filter(|sent| !matches!(sent, Sent::Routing { .. })).count();
    world.run();
    while asked(world) < times {
        assert!(world.network.advance());
        world.run();
    }
}

/// Opt-out, switch, pause, removal: each while the node is positioning, each while the user is asked afterwards.
#[test]
pub(crate) fn who_withdraws_on_the_way_is_not_located() {
    type Change = fn(&World);
    fn stand(world: &World, standing: Standing) {
        assert!(world.ppr.register().set_standing(&people::both(0), standing));
    }
    let changes: [(Change, RefusalReason, RuleId); 5] = [
        (
            |world| stand(world, Standing { opted_out: true, ..Standing::default() }),
            RefusalReason::OptedOut,
            RuleId::OptOut,
        ),
        (
            |world| stand(world, Standing { switched_off: true, ..Standing::default() }),
            RefusalReason::SwitchedOff,
            RuleId::Switch,
        ),
        (
            |world| {
                let paused_until = Some(START.after(Duration::from_secs(600)));
                stand(world, Standing { paused_until, ..Standing::default() });
            },
            RefusalReason::Paused,
            RuleId::Pause,
        ),
        (
            |world| assert!(world.ppr.register().remove(&people::both(0))),
            RefusalReason::NoProfile,
            RuleId::ProfileKnown,
        ),
        (
            |world| world.ppr.register().put_unreadable(&people::subscriber(0)).unwrap(),
            RefusalReason::ProfileUnreadable,
            RuleId::ProfileReadable,
        ),
    ];
    for (change, reason, rule) in changes {
        for second_round in [false, true] {
            let mut world = World::with(Plain { notify_after: second_round, ..Plain::listed(VA) });
            let task = world.ask(&listed());
            until_asked(&mut world, task, 1 + usize::from(second_round));
            change(&world);
            world.settle();
            let answered = world.answered(task);
            assert_eq!(answered.failure(), Some(Failure::Refused(reason)), "{second_round}");
            let ending = &answered.entry().ending;
            assert_eq!((ending.rule, ending.second_round), (Some(rule), second_round));
            assert_eq!(ending.notification, Notification::Ordered);
        }
    }
}

/// In the second round, what is no answer by or about the user is a failure of the network, and the position is dropped.
#[test]
pub(crate) fn a_network_that_fails_in_the_second_round_is_not_the_users_refusal() {
    for (node, failure) in [
        (Node::Mute, Failure::TimedOut),
        (Node::Fails(Failure::NetworkUnreachable), Failure::NetworkUnreachable),
        (Node::TransientlyUnreachable, Failure::AbsentSubscriber),
        (Node::Confused, Failure::NetworkProtocol),
    ] {
        let mut world = World::with(Plain { notify_after: true, ..Plain::listed(VA) });
        let task = world.ask(&listed());
        until_asked(&mut world, task, 1);
        world.network.phone(0, |phone| phone.node = node);
        world.settle();
        let answered = world.answered(task);
        assert_eq!(answered.failure(), Some(failure));
        let ending = &answered.entry().ending;
        assert_eq!((&ending.outcome, ending.second_round), (&Outcome::Failed(failure), true));
        assert_eq!(ending.notification, Notification::Ordered, "nobody knows that the user refused");
    }
}

#[test]
pub(crate) fn a_route_that_no_longer_holds_is_asked_for_anew() {
    let mut world = World::with(Plain::listed(VR));
    world.network.keep_routes();
    assert_eq!(world.answer(&listed()).counts(), (1, 1, 0));
    assert_eq!(world.answer(&listed()).counts(), (0, 1, 0), "the route was kept");
    world.network.phone(0, |phone| phone.served_by = 1);
    let answered = world.answer(&listed());
    assert!(answered.fix().is_some());
    assert_eq!(answered.counts(), (1, 2, 0));
    assert_eq!(answered.plrs().iter().map(|plr| plr.node).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(answered.entry().ending.notification, Notification::Accepted);
    // A node that is the right one is not asked twice, whatever it says: its user may have seen a question.
    world.network.phone(0, |phone| phone.node = Node::Fails(Failure::NetworkUnreachable));
    let answered = world.answer(&listed());
    assert_eq!((answered.failure(), answered.counts()), (Some(Failure::NetworkUnreachable), (1, 1, 0)));
    world.network.phone(0, |phone| (phone.node, phone.user) = (Node::Answers, User::Refuses));
    let answered = world.answer(&listed());
    assert_eq!((answered.failure(), answered.counts()), (Some(Failure::PositioningDenied), (0, 1, 0)));
}

/// What only the kept route stands against is looked at again before it is refused.
#[test]
pub(crate) fn a_refusal_by_what_a_kept_route_says_is_made_sure_of() {
    for (before, coverage, failure) in
        [(4, vec![], None), (5, vec![], None), (2, vec![49], None), (2, vec![33], Some(Failure::OutsideCoverage))]
    {
        let mut world = World::with(Plain::listed(N));
        world.network.keep_routes();
        world.network.phone(0, |phone| phone.served_by = before);
        world.answer(&listed());
        world.network.phone(0, |phone| phone.served_by = 0);
        let answered = world.answer(&Asked { coverage, ..listed() });
        assert_eq!(answered.failure(), failure, "{before}");
        assert_eq!(answered.counts().0, 1, "{before}");
    }
}

/// The client is gone: nothing is released, and the record says so under the subscriber's key, wherever the work stood.
#[test]
pub(crate) fn a_client_that_goes_away_leaves_an_entry() {
    for asked in 0..=2 {
        let mut world = World::with(Plain { notify_after: true, ..Plain::listed(NT) });
        let task = world.ask(&listed());
        if asked > 0 {
            until_asked(&mut world, task, asked);
        }
        world.executor.drop_task(task);
        world.settle();
        let answered = world.answered(task);
        assert_eq!(answered.end, None);
        assert_eq!(answered.entry().ending.outcome, Outcome::Abandoned);
        let subject = if asked > 0 { Subject::Subscriber(people::salt(0)) } else { Subject::Operator };
        assert_eq!(answered.entries[0].1, subject);
    }
    // The decision had fallen and was on its way to the disk: it stays what it was.
    let mut world = World::with(Plain::listed(N));
    let task = world.ask(&listed());
    until_asked(&mut world, task, 1);
    world.network.advance();
    world.run();
    world.executor.drop_task(task);
    world.settle();
    let answered = world.answered(task);
    assert_eq!(answered.end, None);
    assert!(matches!(answered.entry().ending.outcome, Outcome::Allowed(_)));
}

#[test]
pub(crate) fn nothing_leaves_before_its_entry_is_durable() {
    let mut world = World::with(Plain::listed(N));
    let task = world.ask(&listed());
    world.run();
    while world.network.advance() {
        world.run();
    }
    assert!(world.ends.borrow().is_empty(), "located, not recorded, not released");
    assert_eq!(world.writer.step(), Step::Committed(1));
    world.run();
    assert!(matches!(world.ends.borrow()[&task], End::Released { index: 0, .. }));
}

/// A full disk: the position is gone, later requests fail at once and the log says how many it missed.
#[test]
pub(crate) fn a_full_disk_releases_nothing_and_the_gap_is_told() {
    let mut world = World::with(Plain::listed(N));
    assert!(world.answer(&listed()).fix().is_some());
    world.disk.fault(Some(StorageError::Full));
    let held = world.answer(&listed());
    assert_eq!(held.end, Some(End::Unrecorded(LogUnavailable::Failed)));
    assert_eq!((held.failure(), held.entries.len()), (Some(Failure::LogUnavailable), 0));
    let lost = world.answer(&listed());
    assert_eq!(lost.failure(), Some(Failure::LogUnavailable));
    world.disk.fault(None);
    world.log.retry();
    world.settle();
    assert!(world.answer(&listed()).fix().is_some(), "the log goes on by itself");
    let contents = world.contents();
    let gap = |content: &Content| match content {
        Content::Gap { lost, .. } => Some(*lost),
        Content::Request(_) | Content::Consent(_) => None,
    };
    let gaps: Vec<_> = contents.iter().filter_map(|(_, _, content)| gap(content)).collect();
    assert_eq!(gaps, [1], "the request that met a log known to have failed");
    let named = |number| {
        let of =
            |content: &Content| matches!(content, Content::Request(entry) if entry.facts.request == name_of(number));
        contents.iter().filter(|(_, _, content)| of(content)).count()
    };
    assert_eq!([named(0), named(1), named(2), named(3)], [1, 1, 0, 1]);
}

#[test]
pub(crate) fn a_log_that_is_closed_ends_requests() {
    let mut world = World::with(Plain::listed(N));
    world.log.close();
    let answered = world.answer(&listed());
    assert_eq!(answered.end, Some(End::Unrecorded(LogUnavailable::Closed)));
    assert_eq!(answered.failure(), Some(Failure::Stopping));
}

#[test]
pub(crate) fn coordinates_are_recorded_only_if_the_operator_keeps_them() {
    for keeps in [false, true] {
        let mut world = World::with(Plain::listed(N));
        world.keeps_coordinates = keeps;
        let answered = world.answer(&listed());
        let Outcome::Allowed(given) = &answered.entry().ending.outcome else { panic!("{answered:?}") };
        let shape = answered.fix().unwrap().shape.as_ref().unwrap();
        assert_eq!(given.octets, keeps.then(|| shape.encode()));
    }
}
