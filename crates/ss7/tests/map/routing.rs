//! Where a subscriber is served, both ways (TS 29.002 clause 13A.1, TS 23.271 clause 10.5.1).

use crate::common::{imsi, msisdn, number, sets};
use lcs::{Address, Identities, Msisdn, NodeKind, RoutingInfo, ServingNode};
use ss7::map::{AdditionalNumber, DiameterIdentity, LcsLocationInfo, RoutingInfoForLcsRes, SubscriberIdentity};
use std::net::IpAddr;

const MME: &str = "mmec01.mmegi0001.mme.epc.mnc001.mcc262.3gppnetwork.org";

fn address(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, last]))
}

fn msc(number: Address, highest: Option<u32>, v_gmlc: Option<IpAddr>) -> ServingNode {
    ServingNode { kind: NodeKind::Msc { number }, capabilities: highest.map(sets), v_gmlc }
}

fn sgsn(number: Address, highest: u32) -> ServingNode {
    let kind = NodeKind::Sgsn { number: Some(number), diameter: None };
    ServingNode { kind, capabilities: Some(sets(highest)), v_gmlc: None }
}

fn mme() -> ServingNode {
    let realm = "epc.mnc001.mcc262.3gppnetwork.org".to_owned();
    ServingNode { kind: NodeKind::Mme { name: MME.to_owned(), realm }, capabilities: None, v_gmlc: None }
}

fn routing(nodes: Vec<ServingNode>) -> RoutingInfo {
    RoutingInfo {
        identities: Identities { imsi: Some(imsi()), msisdn: Some(msisdn()), imei: None },
        nodes: nodes.into(),
        h_gmlc: address(1),
        ppr: address(2),
        optimised_lcs: false,
    }
}

#[test]
fn nodes_go_to_the_wire_and_back() {
    let (first, second) = (number("499500021"), number("499500022"));
    let by_name = ServingNode {
        kind: NodeKind::Sgsn {
            number: Some(second),
            diameter: Some(("sgsn1.example.net".to_owned(), "example.net".to_owned())),
        },
        capabilities: Some(sets(5)),
        v_gmlc: address(4),
    };
    let aaa =
        ServingNode { kind: NodeKind::Aaa { name: "aaa.example.net".to_owned() }, capabilities: None, v_gmlc: None };
    for nodes in [
        vec![msc(first, Some(3), address(3))],
        vec![msc(first, None, None), sgsn(second, 4)],
        vec![sgsn(second, 2), msc(first, Some(5), address(3))],
        vec![msc(first, Some(1), None), by_name],
        vec![ServingNode { v_gmlc: address(5), ..mme() }],
        vec![sgsn(second, 5), mme(), aaa],
    ] {
        let info = routing(nodes);
        for asked in [SubscriberIdentity::Imsi(imsi()), SubscriberIdentity::Msisdn(msisdn())] {
            let sent = RoutingInfoForLcsRes::of(&info, asked).unwrap();
            let read = RoutingInfoForLcsRes::decode(&sent.encode()).unwrap();
            assert_eq!(read, sent);
            assert_eq!(read.routing_info(asked.identities()), Some(info.clone()));
        }
    }
}

#[test]
fn an_mme_alone_has_a_number_that_is_none() {
    let sent = RoutingInfoForLcsRes::of(&routing(vec![mme()]), SubscriberIdentity::Imsi(imsi())).unwrap();
    assert_eq!(sent.lcs_location_info.network_node_number, number("0"));
    assert_eq!(sent.lcs_location_info.mme_name, DiameterIdentity::new(MME));
    assert_eq!(sent.routing_info(Identities::default()).unwrap().nodes[..], [mme()]);
}

#[test]
fn what_map_cannot_say() {
    let numbers = ["499500021", "499500022", "499500023"].map(number);
    let three = numbers.map(|number| msc(number, None, None)).to_vec();
    assert_eq!(RoutingInfoForLcsRes::of(&routing(three), SubscriberIdentity::Imsi(imsi())), None);
    let short = NodeKind::Mme { name: "mme".to_owned(), realm: "x".to_owned() };
    let short = ServingNode { kind: short, capabilities: None, v_gmlc: None };
    assert_eq!(RoutingInfoForLcsRes::of(&routing(vec![short]), SubscriberIdentity::Imsi(imsi())), None);
}

#[test]
fn no_node_and_no_number() {
    let told = |info: LcsLocationInfo| RoutingInfoForLcsRes {
        target_ms: SubscriberIdentity::Msisdn(Msisdn::parse("000000000000000").unwrap()),
        lcs_location_info: info,
        v_gmlc_address: None,
        h_gmlc_address: None,
        ppr_address: None,
        additional_v_gmlc_address: None,
    };
    let asked = Identities { imsi: Some(imsi()), ..Identities::default() };
    assert_eq!(told(LcsLocationInfo::of_number(number("0"), false)).routing_info(asked), None);
    // Fifteen zeroes are nobody's number.
    let info = told(LcsLocationInfo::of_number(number("499500021"), false)).routing_info(asked).unwrap();
    assert_eq!(info.identities, asked);
    // The second number counts where the first is none.
    let second = LcsLocationInfo {
        additional_number: Some(AdditionalNumber::Sgsn(number("499500022"))),
        additional_lcs_capability_sets: Some(sets(2)),
        ..LcsLocationInfo::of_number(number("0"), false)
    };
    assert_eq!(told(second).routing_info(asked).unwrap().nodes[..], [sgsn(number("499500022"), 2)]);
}
