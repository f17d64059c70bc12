//! The order of TS 23.271 clause 9.1.1 step 9, walked over every choice of nodes.

use super::*;
use lcs::{Address, ApnNi, Identities, LcsCapabilitySets, LcsClientType};

const EPS: Domain = Domain::Eps;
const PS: Domain = Domain::Ps;
const CS: Domain = Domain::Cs;

fn node(domain: Domain, sets: u32) -> ServingNode {
    let number = Address::international("+49170777").unwrap();
    let diameter = ("node.example.net".to_owned(), "example.net".to_owned());
    let kind = match domain {
        Domain::Eps => NodeKind::Mme { name: diameter.0, realm: diameter.1 },
        Domain::Ps => NodeKind::Sgsn { number: Some(number), diameter: Some(diameter) },
        Domain::Cs => NodeKind::Msc { number },
    };
    ServingNode { kind, capabilities: Some(LcsCapabilitySets(sets)), v_gmlc: None }
}

fn route(nodes: Vec<ServingNode>) -> RoutingInfo {
    RoutingInfo {
        identities: Identities::default(),
        nodes: nodes.into(),
        h_gmlc: None,
        ppr: None,
        optimised_lcs: false,
    }
}

fn client(dialled: bool, apn: bool) -> LcsClientId {
    LcsClientId {
        client_type: LcsClientType::ValueAdded,
        external: None,
        internal: None,
        dialled: dialled.then(|| Address::international("+4930123456").unwrap()),
        apn: apn.then(|| ApnNi::new("fleet").unwrap()),
        name: None,
        requestor: None,
        call_session_related: dialled || apn,
    }
}

fn order(route: &RoutingInfo, choice: &Choice<'_>) -> Vec<Domain> {
    let mut domains: Vec<Domain> = ways(route, choice).iter().filter_map(|way| Domain::of(way.node)).collect();
    domains.dedup();
    domains
}

#[test]
fn what_belongs_to_a_call_or_session_goes_to_its_domain_and_all_else_by_preference() {
    let all = [EPS, PS, CS];
    // Order of the register, preference of the operator, call, session, override; the order to try.
    type Row<'a> = ([Domain; 3], &'a [Domain], (bool, bool, bool), [Domain; 3]);
    let table: &[Row<'_>] = &[
        (all, &[], (false, false, false), [EPS, PS, CS]),
        ([CS, PS, EPS], &[], (false, false, false), [CS, PS, EPS]),
        (all, &[CS], (false, false, false), [CS, EPS, PS]),
        (all, &[CS, PS, EPS], (false, false, false), [CS, PS, EPS]),
        (all, &[], (true, false, false), [CS, EPS, PS]),
        (all, &[PS], (true, false, false), [CS, PS, EPS]),
        ([CS, PS, EPS], &[], (false, true, false), [PS, EPS, CS]),
        ([CS, PS, EPS], &[CS, EPS], (false, true, false), [EPS, PS, CS]),
        ([CS, PS, EPS], &[CS], (false, false, true), [EPS, CS, PS]),
    ];
    for (register, preference, (dialled, apn, overrides), expected) in table {
        let client = client(*dialled, *apn);
        let choice = Choice { client: &client, overrides: *overrides, preference, slg: true, lg: true, lr: &|_| false };
        let route = route(register.iter().map(|domain| node(*domain, 0b11111)).collect());
        assert_eq!(order(&route, &choice), expected, "{register:?} {preference:?} {dialled} {apn} {overrides}");
    }
}

#[test]
fn an_older_node_is_asked_over_map_first_and_a_newer_one_over_diameter() {
    let client = client(false, false);
    let (slg, lg) = (LcsInterface::Slg, LcsInterface::Lg);
    // Sets of the SGSN, which has both addresses; what the gateway has; the interfaces to try.
    let table: [(u32, bool, bool, &[LcsInterface]); 6] = [
        (0b11111, true, true, &[slg, lg]),
        (0b01000, true, true, &[slg, lg]),
        (0b00100, true, true, &[lg, slg]),
        (0b00100, true, false, &[slg]),
        (0b11111, false, true, &[lg]),
        (0b11111, false, false, &[]),
    ];
    for (sets, has_slg, has_lg, expected) in table {
        let choice =
            Choice { client: &client, overrides: false, preference: &[], slg: has_slg, lg: has_lg, lr: &|_| false };
        let route = route(vec![node(PS, sets)]);
        let over: Vec<LcsInterface> = ways(&route, &choice).iter().map(|way| way.interface).collect();
        assert_eq!(over, expected, "{sets:b} {has_slg} {has_lg}");
    }
}

#[test]
fn a_node_asked_in_vain_leaves_the_others_but_one_packet_domain_under_the_optimised_procedure() {
    let nodes = [EPS, PS, CS].map(|domain| node(domain, 0b11111));
    for optimised_lcs in [false, true] {
        let route = RoutingInfo { optimised_lcs, ..route(nodes.to_vec()) };
        for (asked, left) in
            [(0, [false, !optimised_lcs, true]), (1, [!optimised_lcs, false, true]), (2, [true, true, false])]
        {
            let remaining: Vec<bool> = nodes.iter().map(|node| remains(&route, node, &nodes[asked])).collect();
            assert_eq!(remaining, left);
        }
    }
}

/// Step 8: a node whose visited gateway both operators use is asked through it first, and by itself what cannot be said there; one
/// without is asked by itself. The order of the domains stays.
#[test]
fn a_node_with_a_visited_gateway_is_asked_through_it_first() {
    let client = client(false, false);
    let (slg, lg, lr) = (LcsInterface::Slg, LcsInterface::Lg, LcsInterface::Lr);
    let has_gateway = |node: &ServingNode| Domain::of(node) != Some(EPS);
    let choice = Choice { client: &client, overrides: false, preference: &[PS], slg: true, lg: true, lr: &has_gateway };
    let nodes = [EPS, PS, CS].map(|domain| node(domain, 0b111));
    let route = route(nodes.to_vec());
    let asked =
        ways(&route, &choice).iter().map(|way| (Domain::of(way.node).unwrap(), way.interface)).collect::<Vec<_>>();
    assert_eq!(asked, [(PS, lr), (PS, lg), (PS, slg), (EPS, slg), (CS, lr), (CS, lg)]);
}
