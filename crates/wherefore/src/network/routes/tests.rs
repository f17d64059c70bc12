use super::*;
use lcs::{Digits, LcsCapabilitySets, NodeKind, ServingNode};

const LONGEST: Duration = Duration::from_secs(60);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn kept(most: usize) -> Kept {
    let (by_imsi, by_msisdn) = (Shelf::new(most, LONGEST), Shelf::new(most, LONGEST));
    Kept { by_imsi, by_msisdn, common: Mutex::default(), longest: LONGEST }
}

fn subscriber(n: u64) -> Identities {
    let digits = |start: u64| Digits::parse(&(start + n).to_string()).unwrap();
    let imsi = Imsi::new(digits(262_010_000_000_000)).ok();
    Identities { imsi, msisdn: Msisdn::new(digits(491_700_000_000)).ok(), imei: None }
}

/// Served by an MME of this number and, beside it, an SGSN that is reached over both interfaces.
fn route(n: u64, mme: u64) -> RoutingInfo {
    let realm = "epc.mnc001.mcc262.3gppnetwork.org";
    let number = lcs::Address::international("+491710001").ok();
    let kinds = [
        NodeKind::Mme { name: format!("mme{mme}.{realm}"), realm: realm.to_owned() },
        NodeKind::Sgsn { number, diameter: Some((format!("sgsn{mme}.{realm}"), realm.to_owned())) },
    ];
    let node = |kind| ServingNode { kind, capabilities: Some(LcsCapabilitySets::ALL_FIVE), v_gmlc: None };
    let h_gmlc = Some("192.0.2.8".parse().unwrap());
    RoutingInfo { identities: subscriber(n), nodes: kinds.map(node).into(), h_gmlc, ppr: None, optimised_lcs: true }
}

#[test]
fn a_kept_route_takes_less_than_256_octets_and_its_nodes_are_kept_once() {
    let kept = kept(1_000_000);
    // Just after the tables have grown: the worst number of routes.
    let routes = 7 * 64 * 1024 / 8 + 3_000;
    for n in 0..routes {
        kept.keep(&subscriber(n), &route(n, n % 20), at(1));
    }
    let ((imsis, first), (msisdns, second)) = (kept.by_imsi.size(), kept.by_msisdn.size());
    assert_eq!((imsis as u64, msisdns as u64), (routes, routes));
    let common = kept.common();
    assert_eq!(common.known.len(), 20);
    let each = (first + second + common.octets) / imsis;
    assert!(each < 256, "{each} octets a route");
}

#[test]
fn a_route_is_found_under_either_identity_as_it_was_kept() {
    let kept = kept(100);
    kept.keep(&Identities { imsi: None, ..subscriber(7) }, &route(7, 1), at(1));
    let Identities { imsi, msisdn, .. } = subscriber(7);
    let imei = lcs::Imei::parse("35850604062684").ok();
    for (asked, found) in [
        (subscriber(7), Some(subscriber(7))),
        (Identities { msisdn: None, imei, ..subscriber(7) }, Some(Identities { imei, ..subscriber(7) })),
        (Identities { imsi: None, ..subscriber(7) }, Some(subscriber(7))),
        (Identities { imsi, msisdn: subscriber(8).msisdn, imei: None }, None),
        (Identities { imsi: subscriber(8).imsi, msisdn, imei: None }, None),
        (Identities { imsi: None, msisdn: None, imei }, None),
        (subscriber(8), None),
    ] {
        let expected = found.map(|identities| RoutingInfo { identities, ..route(7, 1) });
        assert_eq!(kept.find(&asked, at(2)), expected, "{asked:?}");
    }
}

#[test]
fn a_route_is_let_go_by_age_by_number_and_by_word() {
    let kept = kept(64);
    kept.keep(&subscriber(1), &route(1, 1), at(100));
    let found = |n: u64, now: u64| kept.find(&subscriber(n), at(now)).map(|route| route.nodes.len());
    assert_eq!((found(1, 159), found(1, 160)), (Some(2), None));
    // Kept anew it lives anew, though one that is let go for it had its name.
    kept.keep(&subscriber(1), &route(1, 2), at(150));
    assert_eq!((found(1, 209), found(1, 210)), (Some(2), None));
    for n in 1_000..1_640 {
        kept.keep(&subscriber(n), &route(n, 1), at(205));
    }
    let (imsis, _) = kept.by_imsi.size();
    assert!((1..=64).contains(&imsis), "{imsis}: one a part");
    kept.keep(&subscriber(5), &route(5, 1), at(206));
    assert_eq!(found(5, 207), Some(2));
    let routes = Routes { kept: Some(kept), started: Instant::now() };
    let by_number = Identities { imsi: None, ..subscriber(5) };
    routes.keep(&subscriber(5), &route(5, 1));
    assert!(routes.find(&by_number).is_some());
    routes.forget(&by_number);
    assert!(routes.find(&subscriber(5)).is_none(), "under both");
    routes.keep(&subscriber(6), &route(6, 1));
    routes.forget_all();
    assert!(routes.find(&subscriber(6)).is_none());
}

#[test]
fn routes_that_have_nothing_in_common_are_bounded_by_their_octets() {
    let kept = kept(1_000_000);
    let octets_each = octets(&route(0, 10_000));
    let most = COMMON_OCTETS / octets_each;
    let last = u64::try_from(most).unwrap() + 10;
    for n in 0..last {
        kept.keep(&subscriber(n), &route(n, 10_000 + n), at(1));
    }
    assert!(kept.common().octets <= COMMON_OCTETS);
    assert!(kept.find(&subscriber(0), at(2)).is_some());
    assert!(kept.find(&subscriber(last - 1), at(2)).is_none(), "no room: asked about anew");
    kept.keep(&subscriber(last), &route(last, 10_000), at(2));
    assert!(kept.find(&subscriber(last), at(2)).is_some(), "what is known has room");
    // When those are let go, so is what they had.
    kept.by_imsi.clear();
    kept.by_msisdn.clear();
    kept.keep(&subscriber(last - 1), &route(last, 1), at(61));
    assert_eq!(kept.common().known.len(), 1);
}
