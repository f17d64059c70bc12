//! What nodes below capability set 4 are told, and nodes that are asked over MAP: vectors P-03 to P-16 of the digest.

use super::*;
use crate::{CodewordHandling, Codewords, Policy, Ppr, Provisioned, Refusal, Rules, testing::*};
use lcs::{Codeword, LcsCapabilitySets, LcsInterface, NodeKind, PlmnClient, RefusalReason, ServingNode, Way};

fn node(kind: NodeKind, sets: Option<u32>) -> ServingNode {
    ServingNode { kind, capabilities: sets.map(LcsCapabilitySets), v_gmlc: None }
}

fn msc(sets: Option<u32>) -> ServingNode {
    node(NodeKind::Msc { number: address("+49170888") }, sets)
}

fn sgsn(sets: Option<u32>) -> ServingNode {
    node(NodeKind::Sgsn { number: Some(address("+49170777")), diameter: None }, sets)
}

fn lg(node: &ServingNode) -> Way<'_> {
    Way { node, interface: LcsInterface::Lg }
}

/// A node whose highest set is this one.
fn up_to(set: u32) -> Option<u32> {
    Some((1 << set) - 1)
}

fn ppr_with(rules: Rules, provisioned: Provisioned) -> Ppr {
    let bare = ppr(rules);
    let policy = Policy { pseudo_external: Some(pseudo_external(provisioned)), ..policy() };
    Ppr::new(std::sync::Arc::clone(bare.register()), policy)
}

fn instruct(ppr: &Ppr, request: &LocationRequest, node: &ServingNode) -> Result<Permit<Confirmed>, Refusal> {
    let permit = ppr.authorise(request, &by_msisdn(), NOW, &gmlc())?;
    let suits = ppr.suits(&permit, lg(node));
    let confirmed = ppr.confirm(permit, request, &route(), lg(node), NOW, &gmlc());
    assert_eq!(suits, confirmed.is_ok());
    confirmed
}

fn number_told(permit: &Permit<Confirmed>) -> u8 {
    let NodeInstruction::PseudoExternal(identity, number) = permit.instruction() else { panic!("not by a number") };
    assert_eq!(number, address(&format!("+4990000000{:02}", identity.number())));
    identity.number()
}

/// Related, unrelated, and the identity of TS 23.271 Annex C for them with a call or session named; 0: barred.
const TABLE: [(PrivacySetting, [u8; 5]); 5] = [
    (N, [1, 14, 13, 12, 11]),
    (NT, [1, 2, 10, 9, 8]),
    (VA, [1, 2, 3, 7, 6]),
    (VR, [1, 2, 3, 4, 5]),
    (X, [1, 2, 3, 4, 0]),
];

#[test]
fn p03_to_p06_every_pair_reaches_an_old_node_by_its_identity() {
    for (r, row) in TABLE {
        for (u, expected) in PrivacySetting::ALL.into_iter().zip(row) {
            let ppr = ppr_with(listed(Some(r), Some(u)), Provisioned::Fourteen);
            for set in [2, 3] {
                for (node, related) in [(msc(up_to(set)), dialled_request()), (sgsn(up_to(set)), apn_request())] {
                    match instruct(&ppr, &related, &node) {
                        Ok(permit) => {
                            assert_eq!(number_told(&permit), expected, "{r:?} {u:?}");
                            assert_eq!(permit.instruction().indicators(), None);
                            assert!(permit.session_identity().is_some());
                        }
                        Err(refusal) => {
                            assert_eq!((expected, refusal.reason), (0, RefusalReason::ClassBars));
                        }
                    }
                    // Without a call or session the unrelated setting alone counts.
                    match instruct(&ppr, &request(), &node) {
                        Ok(permit) => {
                            assert_eq!((number_told(&permit), permit.session_identity()), (u.code() + 1, None))
                        }
                        Err(_) => assert_eq!(u, X),
                    }
                }
            }
        }
    }
}

#[test]
fn p16_set_one_takes_the_first_four_and_only_where_registers_hold_no_more() {
    for (r, row) in TABLE {
        for (u, identity) in PrivacySetting::ALL.into_iter().zip(row) {
            for node in [msc(None), msc(up_to(1))] {
                let all = ppr_with(listed(Some(r), Some(u)), Provisioned::Fourteen);
                assert!(instruct(&all, &dialled_request(), &node).is_err());
                let four = ppr_with(listed(Some(r), Some(u)), Provisioned::FirstFour);
                let told = instruct(&four, &dialled_request(), &node).map(|permit| number_told(&permit));
                match identity {
                    1..=4 => assert_eq!(told, Ok(identity)),
                    0 => assert!(told.is_err()),
                    _ => assert_eq!(told.unwrap_err().reason, RefusalReason::NodeIncapable),
                }
            }
        }
    }
    let four = ppr_with(listed(None, Some(N)), Provisioned::FirstFour);
    assert!(instruct(&four, &request(), &msc(up_to(3))).is_ok());
    // An SGSN that tells no set has no LCS (TS 23.271 clause 10.5.1).
    for sets in [None, Some(0)] {
        assert!(instruct(&four, &request(), &sgsn(sets)).is_err());
    }
}

#[test]
fn p08_universal_is_identity_one() {
    let universal = || Rules { universal: true, ..Rules::default() };
    let ppr = ppr_with(universal(), Provisioned::Fourteen);
    assert_eq!(number_told(&instruct(&ppr, &dialled_request(), &sgsn(up_to(3))).unwrap()), 1);
    // Fig. A.1 knows an emergency client by the universal class alone, which home registers do not hold.
    let refusal = instruct(&ppr, &request_of(LcsClientType::Emergency), &msc(up_to(3))).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::NodeIncapable);
}

#[test]
fn a2_a_plmn_operator_client_goes_by_its_internal_identity() {
    let rules = Rules { plmn_operator: Some(vec![PlmnClient::AnonymousLocation]), ..Rules::default() };
    let ppr = ppr_with(rules, Provisioned::Fourteen);
    for node in [msc(None), msc(up_to(2)), sgsn(up_to(3))] {
        let permit = instruct(&ppr, &request_of(LcsClientType::PlmnOperator), &node).unwrap();
        assert_eq!((permit.instruction(), permit.session_identity()), (NodeInstruction::PlmnClient, None));
    }
    let permit = instruct(&ppr, &request_of(LcsClientType::PlmnOperator), &msc(up_to(4))).unwrap();
    assert_eq!(permit.instruction().settings(), Some((N, None)));
    assert!(permit.instruction().indicators().is_some());
}

#[test]
fn a35_no_indicators_to_a_node_below_set_four_over_any_interface() {
    let diameter = Some(("sgsn.example.net".to_owned(), REALM.to_owned()));
    let both = NodeKind::Sgsn { number: Some(address("+49170777")), diameter };
    let ppr = ppr_with(listed(Some(N), Some(NT)), Provisioned::Fourteen);
    for set in 1..=5 {
        let node = node(both.clone(), up_to(set));
        for interface in [LcsInterface::Slg, LcsInterface::Lg] {
            let permit = ppr.authorise(&apn_request(), &by_msisdn(), NOW, &gmlc()).unwrap();
            let confirmed = ppr.confirm(permit, &apn_request(), &route(), Way { node: &node, interface }, NOW, &gmlc());
            let told = confirmed.ok().map(|permit| permit.instruction().indicators().is_some());
            let expected = match (set, interface) {
                (4 | 5, _) => Some(true),
                (2 | 3, LcsInterface::Lg) => Some(false),
                _ => None,
            };
            assert_eq!(told, expected, "set {set}, {interface:?}");
        }
    }
}

#[test]
fn an_old_node_positions_twice_where_the_user_decides_knowing_where() {
    let conditions = crate::Conditions { notify_after_positioning: true, ..crate::Conditions::default() };
    let rules = |r, u| Rules { conditions: conditions.clone(), ..listed(r, Some(u)) };
    // Related, unrelated; identity of the first round, of the second.
    for (r, u, first, second) in [(None, VR, 1, 4), (Some(NT), X, 11, 8), (Some(N), VR, 1, 12), (Some(VA), VR, 1, 7)] {
        let ppr = ppr_with(rules(r, u), Provisioned::Fourteen);
        let permit = instruct(&ppr, &dialled_request(), &msc(up_to(3))).unwrap();
        assert_eq!(number_told(&permit), first);
        let fix = || lcs::Fix {
            shape: None,
            age_min: None,
            accuracy_fulfilled: None,
            velocity: None,
            cell: None,
            civic_address: None,
            barometric_pressure_pa: None,
        };
        let Ok(Checked::NotifyFirst(permit)) = ppr.recheck(permit, fix(), NOW) else { panic!("no second round") };
        let NodeInstruction::PseudoExternal(identity, _) = permit.instruction() else { panic!("not by a number") };
        assert_eq!((identity.number(), permit.location_type()), (second, LocationType::Current));
        assert_eq!(permit.outcome_of(&Ok(PositioningOutcome::Fixed(fix()))), NotificationOutcome::Granted);
        let shown_nothing =
            [Ok(PositioningOutcome::Notified), Ok(PositioningOutcome::TransientlyUnreachable), Err(Failure::TimedOut)];
        for answer in shown_nothing {
            assert_eq!(permit.outcome_of(&answer), NotificationOutcome::Denied);
        }
    }
    // Set 4 takes indicators and knows no second round.
    let refusal = instruct(&ppr_with(rules(None, VR), Provisioned::Fourteen), &request(), &msc(up_to(4))).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::NodeIncapable);
}

#[test]
fn an_override_goes_over_map_by_its_indicator() {
    let ppr = ppr_with(Rules::default(), Provisioned::Fourteen);
    let client = crate::OverrideClient::from_record(LcsClientType::Emergency, true).unwrap();
    for node in [msc(None), msc(up_to(5)), sgsn(up_to(2))] {
        let request = request_of(LcsClientType::Emergency);
        let here = crate::Jurisdiction::SameCountry;
        let permit = ppr.authorise_override(client, &request, &by_msisdn(), here).unwrap();
        let permit = ppr.confirm(permit, &request, &route(), lg(&node), NOW, &gmlc()).unwrap();
        assert_eq!(permit.instruction(), NodeInstruction::Override);
    }
}

#[test]
fn clients_of_the_home_plmn_are_served_by_nodes_with_its_numbers() {
    let rules = Rules { plmn_operator: Some(vec![PlmnClient::OmHplmn]), ..Rules::default() };
    let mut request = request_of(LcsClientType::PlmnOperator);
    request.client.internal = Some(PlmnClient::OmHplmn);
    let ppr = ppr_with(rules, Provisioned::Fourteen);
    assert!(instruct(&ppr, &request, &msc(up_to(4))).is_ok());
    let abroad = node(NodeKind::Msc { number: address("+33170888") }, up_to(4));
    assert_eq!(instruct(&ppr, &request, &abroad).unwrap_err().rule, RuleId::PlmnScope);
}

#[test]
fn a_codeword_for_the_user_needs_a_node_that_shows_it() {
    let word = || Codeword::new("sesame".to_owned()).unwrap();
    for handling in [CodewordHandling::Ue, CodewordHandling::Network] {
        let codewords = Some(Codewords::new(handling, [&word()]));
        let ppr = ppr_with(Rules { codewords, ..listed(None, Some(VR)) }, Provisioned::FirstFour);
        let request = LocationRequest { codeword: Some(word()), ..request() };
        for set in 1..=4 {
            let shown = instruct(&ppr, &request, &msc(up_to(set))).map(|permit| permit.codeword(&request).is_some());
            let expected = match handling {
                CodewordHandling::Network => Ok(false),
                CodewordHandling::Ue if set >= 3 => Ok(true),
                CodewordHandling::Ue => Err(RefusalReason::NodeIncapable),
            };
            assert_eq!(shown.map_err(|refusal| refusal.reason), expected, "{handling:?}, set {set}");
        }
    }
}
