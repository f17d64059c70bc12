use super::home::{Homes, Own};
use super::{Peers, name_of_node, plmn_of_node};
use crate::config::Config;
use gmlc::{Home, PeerGateway};
use lcs::{Address, Identities, Imsi, Msisdn, Named, NodeKind, Pseudonym, RoutingInfo, ServingNode};
use std::sync::Arc;

const TABLE: &str = "
[gateway]
home_plmns = ['00101']
[pmd]
realm = 'h.a.example'
[lr]
addresses = ['192.0.2.10']
[[lr.peer]]
name = 'b'
roles = ['requesting', 'home']
country_code = 888
plmns = ['00102']
number_prefixes = ['+888']
addresses = ['192.0.2.20']
realms = ['h.b.example']
[[lr.peer]]
name = 'c'
roles = ['visited']
country_code = 883
plmns = ['00103']
number_prefixes = ['+883']
addresses = ['192.0.2.30']
realms = ['h.c.example']
";

fn homes(text: &str) -> Homes {
    let config = Config::parse(text).unwrap();
    Homes::new(Arc::new(Peers::new(&config.lr)), Own::of(&config))
}

fn who(imsi: Option<&str>, msisdn: Option<&str>) -> Identities {
    Identities {
        imsi: imsi.map(|text| Imsi::parse(text).unwrap()),
        msisdn: msisdn.map(|text| Msisdn::parse(text).unwrap()),
        imei: None,
    }
}

fn told(identities: Identities, h_gmlc: Option<&str>) -> RoutingInfo {
    RoutingInfo {
        identities,
        nodes: [].into(),
        h_gmlc: h_gmlc.map(|text| text.parse().unwrap()),
        ppr: None,
        optimised_lcs: false,
    }
}

#[test]
fn a_subscribers_home_is_told_by_the_register_then_by_imsi_then_by_number() {
    let homes = homes(TABLE);
    let b = || Home::Peer(PeerGateway("b".into()));
    let (own, other, third, nowhere) = ("001010000000001", "001020000000001", "001030000000001", "999990000000001");
    let none = who(None, None);
    // Identities asked about, what the register told, whose subscriber that is.
    let table = [
        (who(Some(own), None), None, Home::Own),
        (who(Some(other), None), None, b()),
        // A gateway that is visited alone is nobody's home, whatever its networks.
        (who(Some(third), None), None, Home::Elsewhere),
        (who(Some(nowhere), None), None, Home::Elsewhere),
        (who(None, Some("88800001")), None, b()),
        (who(None, Some("99900001")), None, Home::Untold),
        (who(None, Some("88300001")), None, Home::Untold),
        // A number that moved: the IMSI tells.
        (who(Some(own), Some("88800001")), None, Home::Own),
        (who(Some(nowhere), Some("88800001")), None, Home::Elsewhere),
        (who(None, Some("88800001")), Some(told(who(Some(own), None), None)), Home::Own),
        (who(None, Some("99900001")), Some(told(who(Some(other), None), None)), b()),
        (who(None, Some("99900001")), Some(told(none, None)), Home::Untold),
        // What the register says of the gateway goes before all.
        (who(Some(other), None), Some(told(none, Some("192.0.2.10"))), Home::Own),
        (who(Some(own), None), Some(told(none, Some("192.0.2.20"))), b()),
        (who(Some(own), None), Some(told(none, Some("192.0.2.30"))), Home::Elsewhere),
        (who(Some(own), None), Some(told(none, Some("192.0.2.99"))), Home::Elsewhere),
    ];
    for (at, (asked, told, expected)) in table.into_iter().enumerate() {
        assert_eq!(homes.of(&Named::Verinym(asked), told.as_ref()), expected, "row {at}");
    }
}

#[test]
fn a_pseudonym_goes_to_the_gateway_of_its_realm_and_no_other() {
    let homes = homes(TABLE);
    let genuine = "AQeiM21ZaRYXENKuseGkOFz5XcjViiXeEUn8ejNmNSmuyLmmf-F_s808";
    for (text, expected) in [
        (format!("{genuine}@h.a.example"), Home::Own),
        (format!("{genuine}@h.b.example"), Home::Peer(PeerGateway("b".into()))),
        (format!("{genuine}@h.c.example"), Home::Elsewhere),
        (format!("{genuine}@h.x.example"), Home::Elsewhere),
        // No pseudonym of anybody's: the own device refuses it.
        ("nobody".to_owned(), Home::Own),
    ] {
        let named = Named::Pseudonym(Pseudonym::new(text.clone()).unwrap());
        assert_eq!(homes.of(&named, None), expected, "{text}");
    }
}

fn mme(realm: &str, v_gmlc: Option<&str>) -> ServingNode {
    let kind = NodeKind::Mme { name: format!("mme.{realm}"), realm: realm.to_owned() };
    ServingNode { kind, capabilities: None, v_gmlc: v_gmlc.map(|text| text.parse().unwrap()) }
}

#[test]
fn a_node_is_asked_through_the_gateway_that_the_register_told_or_that_of_its_network() {
    let homes = homes(TABLE);
    let (own, b, c) =
        ("epc.mnc001.mcc001.3gppnetwork.org", "epc.mnc002.mcc001.3gppnetwork.org", "EPC.mnc003.mcc001.3gppnetwork.org");
    let number = Address::international("88300002").unwrap();
    let msc = ServingNode { kind: NodeKind::Msc { number }, capabilities: None, v_gmlc: None };
    for (node, expected) in [
        (mme(own, None), None),
        (mme(own, Some("192.0.2.10")), None),
        (mme(c, Some("192.0.2.30")), Some("c")),
        (mme(c, None), Some("c")),
        // Known, and not as a visited gateway; and not known.
        (mme(b, None), None),
        (mme(b, Some("192.0.2.20")), None),
        (mme(c, Some("192.0.2.99")), None),
        (msc, None),
    ] {
        let found = homes.visited(&node).map(|peer| peer.name().to_string());
        assert_eq!(found.as_deref(), expected, "{node:?}");
    }
}

#[test]
fn without_other_gateways_this_one_is_everybodys_home() {
    let homes = homes("[gateway]\nhome_plmns = ['00101']");
    let stranger = Named::Verinym(who(Some("999990000000001"), None));
    assert_eq!(homes.of(&stranger, Some(&told(who(None, None), Some("192.0.2.20")))), Home::Own);
}

#[test]
fn a_peer_speaks_for_imsis_of_its_networks_alone() {
    let config = Config::parse(TABLE).unwrap();
    let peers = Peers::new(&config.lr);
    let b = peers.named("b").unwrap();
    assert!(b.authority().covers(&who(Some("001020000000001"), Some("88800001"))));
    for not_its_own in [who(Some("001010000000001"), Some("88800001")), who(None, Some("88800001")), who(None, None)] {
        assert!(!b.authority().covers(&not_its_own));
    }
    assert!(b.may_bring(lcs::LcsClientType::ValueAdded) && !b.may_bring(lcs::LcsClientType::Emergency));
    assert!(peers.named("x").is_none());
}

#[test]
fn nodes_are_named_by_host_or_number_and_their_network_by_realm() {
    for (realm, plmn) in [
        ("epc.mnc001.mcc262.3gppnetwork.org", Some("26201")),
        ("EPC.MNC410.MCC310.3gppnetwork.org", Some("310410")),
        ("epc.mnc01.mcc262.3gppnetwork.org", None),
        ("epc.mnc0a1.mcc262.3gppnetwork.org", None),
        ("example.net", None),
    ] {
        assert_eq!(plmn_of_node(&mme(realm, None)).as_deref(), plmn, "{realm}");
    }
    let number = Address::international("4917100").unwrap();
    let node = |kind| ServingNode { kind, capabilities: None, v_gmlc: None };
    assert_eq!(name_of_node(&node(NodeKind::Msc { number })).as_deref(), Some("+4917100"));
    assert_eq!(
        name_of_node(&node(NodeKind::Sgsn { number: Some(number), diameter: None })).as_deref(),
        Some("+4917100")
    );
    assert_eq!(name_of_node(&node(NodeKind::Sgsn { number: None, diameter: None })), None);
    assert_eq!(name_of_node(&mme("r.example", None)).as_deref(), Some("mme.r.example"));
}
