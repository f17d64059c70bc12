//! The override of TS 23.271 clauses 9.1.1A and 9.5.1, and emergency calls that the network reports (clause 9.1.17).

use crate::{
    network::{ABROAD, Node, Sent, User, fix},
    people::{self, Asked, N, Plain, VR, Whereabouts, Who, Zone},
    world::{START, World},
};
use gmlc::{EmergencyEvent, EmergencyReport};
use lcs::{Duration, Failure, Identities, Imei, LcsClientType, RefusalReason, Target};
use privacy::{
    Basis, OverrideClient, RuleId,
    disclosure::{Notification, Outcome, StorageError, Subject, Via},
};

const EMERGENCY: Who = Who::Emergency { overrides: true };

/// Profiles that let nobody through, and none at all.
fn barring() -> Vec<Option<Plain>> {
    let paused = Some(START.after(Duration::from_secs(600)));
    let word = Some(privacy::CodewordHandling::Network);
    let zone = Some(Zone::Allow);
    vec![
        None,
        Some(Plain::default()),
        Some(Plain { opted_out: true, ..Plain::listed(N) }),
        Some(Plain { switched_off: true, ..Plain::listed(N) }),
        Some(Plain { paused_until: paused, ..Plain::listed(N) }),
        Some(Plain { codeword: word, zone, notify_after: true, ..Plain::listed(VR) }),
    ]
}

/// F-21 for an MME, which takes no override indicator: client type and "allowed without notification" (A20).
#[test]
fn an_override_passes_every_profile_and_tells_nobody() {
    for by in [EMERGENCY, Who::Lawful] {
        for plain in barring() {
            let mut world = World::new(1);
            if let Some(plain) = plain {
                world.subscribe(0, plain);
            }
            world.network.phone(0, |phone| (phone.user, phone.at) = (User::Refuses, Whereabouts::Away));
            let answered = world.answer(&Asked::by(by, 0));
            assert!(answered.fix().is_some(), "{plain:?} {answered:?}");
            assert_eq!(answered.counts(), (1, 1, 0));
            let plrs = answered.plrs();
            assert_eq!((plrs[0].indicators.unrelated(), plrs[0].indicators.related()), (N, None));
            assert_eq!(plrs[0].client_type, by.client_type());
            let ending = &answered.entry().ending;
            let basis = if by == EMERGENCY { Basis::Emergency } else { Basis::LawfulIntercept };
            assert_eq!((ending.basis, ending.rule), (Some(basis), Some(RuleId::Override)));
            assert_eq!(ending.notification, Notification::NotNeeded);
            let subject = plain.map_or(Subject::Operator, |_| Subject::Subscriber(people::salt(0)));
            assert_eq!(answered.entries[0].1, subject);
        }
        let mut world = World::new(1);
        world.ppr.register().put_unreadable(&people::subscriber(0)).unwrap();
        assert!(world.answer(&Asked::by(by, 0)).fix().is_some());
    }
}

#[test]
fn nobody_else_gets_it() {
    for client_type in LcsClientType::ALL {
        assert_eq!(OverrideClient::from_record(client_type, false), None);
        let may = matches!(client_type, LcsClientType::Emergency | LcsClientType::LawfulIntercept);
        assert_eq!(OverrideClient::from_record(client_type, true).is_some(), may);
    }
    for by in [Who::Emergency { overrides: false }, Who::Listed, Who::Other, Who::Plmn] {
        for plain in barring().into_iter().flatten() {
            let mut world = World::with(plain);
            let answered = world.answer(&Asked::by(by, 0));
            assert!(matches!(answered.failure(), Some(Failure::Refused(_))), "{by:?} {plain:?}");
            assert!(answered.sent.is_empty());
        }
    }
}

/// F-22: only in the country of the gateway or by agreement, judged by the node that is asked.
#[test]
fn the_override_ends_at_the_border() {
    let rows = [
        (0, vec![], vec![], vec![], true),
        (2, vec![], vec![], vec![], false),
        (2, vec![], vec![33], vec![], true),
        (6, vec![], vec![33], vec![], false),
        (6, vec![], vec![], vec!["LAB.example".to_owned()], true),
        (2, vec![], vec![], vec![ABROAD.to_owned()], false),
        // A node at home that is not asked says nothing about the one that is.
        (2, vec![5], vec![], vec![], false),
        (0, vec![5, 4], vec![], vec![], true),
        (0, vec![2], vec![], vec![], false),
    ];
    for (number, (served_by, also, agreements, realms, given)) in rows.into_iter().enumerate() {
        let mut world = World::with(Plain::listed(N));
        (world.territory.agreements, world.territory.realms) = (agreements, realms);
        world.network.phone(0, |phone| (phone.served_by, phone.also) = (served_by, also));
        let answered = world.answer(&Asked::by(EMERGENCY, 0));
        assert_eq!(answered.fix().is_some(), given, "row {number} {answered:?}");
        if !given {
            assert_eq!(answered.failure(), Some(Failure::Refused(RefusalReason::OverrideNotApplicable)));
            assert_eq!(answered.counts(), (1, 0, 0));
            assert_eq!(answered.entry().ending.rule, Some(RuleId::Override));
        }
    }
}

/// The node at home does not know the subscriber; the one abroad, which does, is no substitute. With an agreement it is.
#[test]
fn an_override_does_not_follow_to_a_second_node_abroad() {
    for (agreements, asked, given) in [(vec![], 1, false), (vec![33], 2, true)] {
        let mut world = World::with(Plain::listed(N));
        world.territory.agreements = agreements;
        world.network.phone(0, |phone| (phone.served_by, phone.also) = (2, vec![1]));
        let answered = world.answer(&Asked::by(EMERGENCY, 0));
        assert_eq!((answered.fix().is_some(), answered.counts().1), (given, asked), "{answered:?}");
        if !given {
            assert_eq!(answered.failure(), Some(Failure::UnknownSubscriber));
        }
    }
}

#[test]
fn an_override_refused_by_a_kept_route_is_made_sure_of() {
    let mut world = World::with(Plain::default());
    world.network.keep_routes();
    world.network.phone(0, |phone| phone.served_by = 2);
    assert!(world.answer(&Asked::by(EMERGENCY, 0)).fix().is_none());
    world.network.phone(0, |phone| phone.served_by = 0);
    let answered = world.answer(&Asked::by(EMERGENCY, 0));
    assert!(answered.fix().is_some());
    assert_eq!(answered.counts(), (1, 1, 0));
    // Moved on within the country: asked anew once, and by that node.
    world.network.phone(0, |phone| phone.served_by = 1);
    assert_eq!(world.answer(&Asked::by(EMERGENCY, 0)).counts(), (1, 2, 0));
    world.network.phone(0, |phone| phone.node = Node::Fails(Failure::AbsentSubscriber));
    let answered = world.answer(&Asked::by(EMERGENCY, 0));
    assert_eq!((answered.failure(), answered.counts()), (Some(Failure::AbsentSubscriber), (1, 1, 0)));
}

/// TS 23.271 clauses 9.1.3, 9.1.6A and 9.1.16: the node told of the call, so no HSS is asked; who is not calling is asked of it.
#[test]
fn of_an_emergency_call_under_way_the_node_is_asked_without_the_hss() {
    for calling in [true, false] {
        let mut world = World::with(Plain::default());
        world.network.phone(0, |phone| {
            phone.identities.imei = Imei::parse("35850604062684").ok();
            phone.calling = calling;
        });
        let target = Target::Imei(Imei::parse("35850604062684").unwrap());
        let answered = world.answer(&Asked { target, ..Asked::by(EMERGENCY, 0) });
        let asked_of_hss = answered.sent.iter().any(|sent| matches!(sent, Sent::Routing { .. }));
        assert_eq!((answered.fix().is_some(), asked_of_hss), (calling, !calling), "{answered:?}");
        // Not for others who may override.
        let target = Target::Imei(Imei::parse("35850604062684").unwrap());
        let answered = world.answer(&Asked { target, ..Asked::by(Who::Lawful, 0) });
        assert_eq!(answered.fix(), None);
    }
}

/// The call moved on unreported: the HSS is asked after all.
#[test]
fn a_node_that_no_longer_has_the_call_leads_to_the_hss() {
    let mut world = World::with(Plain::default());
    world.network.phone(0, |phone| (phone.calling, phone.node) = (true, Node::Fails(Failure::AbsentSubscriber)));
    let answered = world.answer(&Asked::by(EMERGENCY, 0));
    assert_eq!(answered.failure(), Some(Failure::AbsentSubscriber));
    assert!(answered.sent.iter().any(|sent| matches!(sent, Sent::Routing { .. })));
}

fn report(identities: Identities, event: EmergencyEvent, located: bool) -> EmergencyReport {
    EmergencyReport { identities, event, fix: located.then(|| fix(Whereabouts::Home, Some(1), Some(true))) }
}

#[test]
fn an_emergency_call_that_the_network_reports_passes_every_profile_and_is_recorded() {
    for event in [EmergencyEvent::Origination, EmergencyEvent::Release, EmergencyEvent::Handover] {
        for plain in barring() {
            let mut world = World::new(1);
            if let Some(plain) = plain {
                world.subscribe(0, plain);
            }
            let task = world.report(report(people::both(0), event, true), Via::Network, LcsClientType::Emergency);
            world.settle();
            let answered = world.answered(task);
            assert_eq!(answered.fix(), Some(&fix(Whereabouts::Home, Some(1), Some(true))));
            assert!(answered.sent.is_empty(), "nobody asks the network");
            let entry = answered.entry();
            assert!(matches!(entry.ending.outcome, Outcome::Allowed(_)));
            assert_eq!((entry.ending.basis, entry.ending.rule), (Some(Basis::Emergency), Some(RuleId::Override)));
            assert_eq!((entry.facts.via, entry.identities), (Via::Network, people::both(0)));
            let subject = plain.map_or(Subject::Operator, |_| Subject::Subscriber(people::salt(0)));
            assert_eq!(answered.entries[0].1, subject);
        }
    }
}

#[test]
fn a_report_without_a_position_is_recorded_as_that() {
    let mut world = World::with(Plain::default());
    let sim_less = Identities { imei: Imei::parse("35850604062684").ok(), ..Identities::default() };
    for identities in [people::both(0), sim_less] {
        let task = world.report(
            report(identities, EmergencyEvent::Origination, false),
            Via::Network,
            LcsClientType::Emergency,
        );
        world.settle();
        let answered = world.answered(task);
        assert_eq!(answered.failure(), Some(Failure::PositioningFailed));
        let entry = answered.entry();
        assert_eq!(entry.ending.outcome, Outcome::Failed(Failure::PositioningFailed));
        assert_eq!((entry.ending.basis, entry.identities), (Some(Basis::Emergency), identities));
    }
}

/// The way without a permit is for reports of the network to emergency services, and for nothing else.
#[test]
fn a_report_under_any_other_ticket_clears_nothing() {
    let doors = [Via::Mlp, Via::Rlp, Via::Camara, Via::Admin, Via::Network, Via::Portal, Via::Pull];
    for door in doors {
        for client_type in LcsClientType::ALL {
            let mut world = World::with(Plain { universal: true, ..Plain::default() });
            let task = world.report(report(people::both(0), EmergencyEvent::Origination, true), door, client_type);
            world.settle();
            let answered = world.answered(task);
            let cleared = door == Via::Network && client_type == LcsClientType::Emergency;
            assert_eq!(answered.fix().is_some(), cleared, "{door:?} {client_type:?}");
            if !cleared {
                assert_eq!(answered.entry().ending.outcome, Outcome::Refused(RefusalReason::OverrideNotApplicable));
            }
        }
    }
}

#[test]
fn a_report_that_cannot_be_recorded_goes_nowhere() {
    let mut world = World::with(Plain::default());
    world.disk.fault(Some(StorageError::Full));
    let report = report(people::both(0), EmergencyEvent::Origination, true);
    let task = world.report(report, Via::Network, LcsClientType::Emergency);
    world.settle();
    assert_eq!(world.answered(task).failure(), Some(Failure::LogUnavailable));
}

/// Calling codes that the table of countries does not have count as the operator wrote them.
#[test]
fn a_node_under_a_code_of_no_country_is_where_the_operator_says() {
    use lcs::{Address, NodeKind, ServingNode};
    use privacy::Jurisdiction::{Agreement, Otherwise, SameCountry};
    let territory = gmlc::Territory { home: vec![999, 49], agreements: vec![888], realms: Vec::new() };
    for (number, expected) in [
        ("+99912345", SameCountry),
        ("+88812345", Agreement),
        ("+77712345", Otherwise),
        ("+49170", SameCountry),
        ("+33170", Otherwise),
    ] {
        let kind = NodeKind::Msc { number: Address::international(number).unwrap() };
        let node = ServingNode { kind, capabilities: None, v_gmlc: None };
        assert_eq!(territory.jurisdiction(Some(&node)), expected, "{number}");
    }
}
