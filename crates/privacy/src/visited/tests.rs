//! Permits by the word of a home gateway, and the operator's default profile for own subscribers alone.

use super::*;
use crate::{
    Checked, Confirmed, Jurisdiction, NodeInstruction, OverrideClient, Policy, Register, SessionIdentity, testing::*,
};
use lcs::{
    Codeword, Fix, Imsi, LcsCapabilitySets, LcsInterface, Msisdn, NodeKind, RoutingInfo, ServingNode, Target, Way,
};
use std::net::IpAddr;

const FOREIGN: &str = "208101234567890";

fn digits(text: &str) -> Digits {
    Digits::parse(text).unwrap()
}

fn foreign() -> Identities {
    Identities {
        imsi: Some(Imsi::parse(FOREIGN).unwrap()),
        msisdn: Some(Msisdn::parse("33170000001").unwrap()),
        imei: None,
    }
}

fn about_foreign() -> LocationRequest {
    LocationRequest { target: Target::Msisdn(foreign().msisdn.unwrap()), ..request() }
}

fn authority() -> HomeAuthority {
    HomeAuthority::from_record(vec![digits("20810")])
}

fn visited() -> Ppr {
    Ppr::new(Arc::new(Register::new()), policy())
}

fn word(unrelated: PrivacySetting, related: Option<PrivacySetting>) -> HomeWord {
    HomeWord { indicators: Some(PrivacyIndicators::new(unrelated, related).unwrap()), number: None }
}

fn number() -> Address {
    address("+3390000000001")
}

fn sgsn(sets: u32) -> ServingNode {
    let kind = NodeKind::Sgsn {
        number: Some(address("+49170777")),
        diameter: Some((format!("sgsn.{REALM}"), REALM.to_owned())),
    };
    ServingNode { kind, capabilities: Some(LcsCapabilitySets((1 << sets) - 1)), v_gmlc: None }
}

fn confirm(
    ppr: &Ppr,
    word: HomeWord,
    request: &LocationRequest,
    node: &ServingNode,
    interface: LcsInterface,
) -> Result<Permit<Confirmed>, Refusal> {
    let permit = ppr.authorise_instructed(&authority(), word, request, &foreign())?;
    let route = RoutingInfo { identities: foreign(), ..route() };
    ppr.confirm(permit, request, &route, Way { node, interface }, NOW, &gmlc())
}

/// Country and network code at least: whoever is recorded with less speaks for nobody.
#[test]
fn a_gateway_speaks_for_imsis_of_its_networks() {
    for (prefixes, covers) in [
        (vec!["20810"], true),
        (vec!["208101"], true),
        (vec!["20811", "20810"], true),
        (vec!["20811"], false),
        (vec!["2081"], false),
        (vec!["2"], false),
        (vec![], false),
    ] {
        let authority = HomeAuthority::from_record(prefixes.iter().map(|prefix| digits(prefix)).collect());
        assert_eq!(authority.covers(&foreign()), covers, "{prefixes:?}");
        assert!(!authority.covers(&Identities { imsi: None, ..foreign() }));
    }
}

/// Every pair of indicators arrives at the node as it was told, over each interface; and the IMSI alone.
#[test]
fn the_node_is_told_the_word_and_nothing_else() {
    let request = LocationRequest { target: about_foreign().target, ..apn_request() };
    for unrelated in PrivacySetting::ALL {
        for related in PrivacySetting::ALL.map(Some).into_iter().chain([None]) {
            let Ok(told) = PrivacyIndicators::new(unrelated, related) else { continue };
            let word = HomeWord { indicators: Some(told), number: Some(number()) };
            for (node, interface) in
                [(mme(), LcsInterface::Slg), (sgsn(4), LcsInterface::Slg), (sgsn(5), LcsInterface::Lg)]
            {
                let permit = confirm(&visited(), word, &request, &node, interface).unwrap();
                assert_eq!(permit.instruction(), NodeInstruction::Indicators(told));
                assert_eq!(permit.identities(), Identities { msisdn: None, ..foreign() });
                assert!(!permit.notifies_after());
                let related = told.related().is_some() || interface == LcsInterface::Lg;
                assert_eq!(permit.session_identity(), related.then_some(SessionIdentity::Apn));
            }
            let permit = confirm(&visited(), word, &request, &sgsn(3), LcsInterface::Lg).unwrap();
            assert_eq!(
                (permit.instruction(), permit.instruction().settings()),
                (NodeInstruction::HomeNumber(number()), None)
            );
        }
    }
}

/// What depends on a call or session that the node cannot be told of is not told.
#[test]
fn a_related_indicator_without_its_session_is_refused() {
    let refusal = confirm(&visited(), word(X, Some(N)), &about_foreign(), &mme(), LcsInterface::Slg).unwrap_err();
    assert_eq!(refusal.rule, RuleId::SessionIdentity);
}

/// Never passed on to a third gateway, with a word or an override.
#[test]
fn what_is_asked_for_another_gateway_is_not_asked_over_lr() {
    let refusal = confirm(&visited(), word(N, None), &about_foreign(), &mme(), LcsInterface::Lr).unwrap_err();
    assert_eq!(refusal.rule, RuleId::NodeCapability);
    for client_type in [LcsClientType::Emergency, LcsClientType::LawfulIntercept] {
        let client = OverrideClient::from_record(client_type, true).unwrap();
        let (request, ppr) = (request_of(client_type), visited());
        let permit = |own: bool| {
            let permit = ppr.authorise_override(client, &request, &foreign(), Jurisdiction::Agreement).unwrap();
            if own { permit.at_own_nodes() } else { permit }
        };
        let abroad = ServingNode {
            kind: NodeKind::Mme {
                name: "mme.epc.mnc010.mcc208.3gppnetwork.org".into(),
                realm: "epc.mnc010.mcc208.3gppnetwork.org".into(),
            },
            ..mme()
        };
        for (own, node, interface, confirmed) in [
            (false, mme(), LcsInterface::Lr, true),
            (false, abroad.clone(), LcsInterface::Lr, true),
            (false, abroad.clone(), LcsInterface::Slg, true),
            (true, mme(), LcsInterface::Slg, true),
            (true, sgsn(2), LcsInterface::Lg, true),
            (true, mme(), LcsInterface::Lr, false),
            (true, abroad, LcsInterface::Slg, false),
        ] {
            let way = Way { node: &node, interface };
            let result = ppr.confirm(permit(own), &request, &route(), way, NOW, &gmlc());
            assert_eq!(result.is_ok(), confirmed, "{client_type:?} {own} {interface:?}");
            if let (Ok(permit), LcsInterface::Lr) = (result, interface) {
                assert_eq!(permit.instruction(), NodeInstruction::Override);
            }
        }
    }
}

/// A node lets emergency and lawful clients pass by their type alone: no home gateway's word makes one of them.
#[test]
fn a_word_is_for_clients_that_settings_serve() {
    for client_type in LcsClientType::ALL {
        let request = LocationRequest { target: about_foreign().target, ..request_of(client_type) };
        let permit = visited().authorise_instructed(&authority(), word(N, None), &request, &foreign());
        let served = matches!(client_type, LcsClientType::ValueAdded | LcsClientType::PlmnOperator);
        assert_eq!(permit.is_ok(), served, "{client_type:?}");
    }
}

/// A codeword that came is for the user to see; a node below set 3 would show none.
#[test]
fn a_codeword_needs_a_node_that_shows_it() {
    let codeword = Codeword::new("sesame".to_owned());
    let request = LocationRequest { codeword, ..about_foreign() };
    let word = HomeWord { number: Some(number()), ..word(NT, None) };
    for (sets, told) in [(1, false), (2, false), (3, true), (4, true)] {
        let permit = confirm(&visited(), word, &request, &sgsn(sets), LcsInterface::Lg);
        assert_eq!(permit.is_ok(), told, "set {sets}");
        if let Ok(permit) = permit {
            assert!(permit.codeword(&request).is_some());
        }
    }
}

/// The position is cleared for the gateway that asked, unless the subscriber came to be at home here.
#[test]
fn a_position_by_the_word_is_cleared_while_no_profile_is_here() {
    let fix = || Fix {
        shape: None,
        age_min: None,
        accuracy_fulfilled: None,
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    };
    for comes in [false, true] {
        let ppr = visited();
        let permit = confirm(&ppr, word(VA, None), &about_foreign(), &mme(), LcsInterface::Slg).unwrap();
        if comes {
            let subscriber = crate::Subscriber { imsi: foreign().imsi, msisdn: None, ..subscriber() };
            ppr.register().put(&subscriber, &compiled(listed(None, Some(N)))).unwrap();
        }
        match ppr.recheck(permit, fix(), NOW) {
            Ok(Checked::Release(cleared)) => {
                assert!(!comes);
                assert_eq!((cleared.basis(), cleared.settings()), (Basis::HomeInstruction, Some((VA, None))));
            }
            Ok(Checked::NotifyFirst(_)) => panic!("no round of its own"),
            Err(refusal) => assert!(comes, "{refusal:?}"),
        }
    }
}

/// The default profile: for IMSIs of the own network. A number alone waits for what the home register tells of it.
#[test]
fn the_default_profile_is_for_own_subscribers() {
    let with = |own: Option<Vec<Digits>>| {
        let default_profile = Some(compiled(crate::Rules { universal: true, ..Default::default() }));
        Ppr::new(Arc::new(Register::new()), Policy { own_subscribers: own, default_profile, ..policy() })
    };
    let confirmed = |ppr: &Ppr, told: Identities| {
        let permit = ppr.authorise(&request(), &by_msisdn(), NOW, &gmlc())?;
        assert!(permit.is_by_default() && !permit.allows_cached());
        let (node, interface) = (mme(), LcsInterface::Slg);
        let route = RoutingInfo { identities: told, ..route() };
        ppr.confirm(permit, &request(), &route, Way { node: &node, interface }, NOW, &gmlc())
    };
    let of = |imsi: &str| Identities { imsi: Some(Imsi::parse(imsi).unwrap()), ..by_msisdn() };
    for (own, imsi, given) in [
        (None, FOREIGN, true),
        (Some(vec!["26201"]), "262011234567890", true),
        (Some(vec!["26201"]), FOREIGN, false),
        (Some(vec![]), "262011234567890", false),
    ] {
        let ppr = with(own.clone().map(|own| own.into_iter().map(digits).collect()));
        let result = confirmed(&ppr, of(imsi));
        assert_eq!(result.is_ok(), given, "{own:?}");
        if let Err(refusal) = result {
            assert_eq!((refusal.rule, refusal.reason), (RuleId::ProfileKnown, RefusalReason::NoProfile));
        }
        // Named by the IMSI it is known at once.
        assert_eq!(ppr.authorise(&request(), &of(imsi), NOW, &gmlc()).is_ok(), given, "{own:?}");
    }
}

/// For whom the home register names a register of privacy profiles, the profile is there; where that is not the one asked here, the
/// default profile is not theirs (TS 23.271 clause 9.1.1 steps 3, 5 and 8).
#[test]
fn the_default_profile_is_not_for_those_whom_another_register_keeps() {
    let [own, other]: [IpAddr; 2] = ["192.0.2.8", "192.0.2.9"].map(|address| address.parse().unwrap());
    for (known, told, given) in [
        (vec![], None, true),
        (vec![own], None, true),
        (vec![own], Some(own), true),
        (vec![other, own], Some(own), true),
        (vec![], Some(own), false),
        (vec![own], Some(other), false),
    ] {
        let default_profile = Some(compiled(crate::Rules { universal: true, ..Default::default() }));
        let policy = Policy { own_registers: known.clone(), default_profile, ..policy() };
        let ppr = Ppr::new(Arc::new(Register::new()), policy);
        let permit = ppr.authorise(&request(), &by_msisdn(), NOW, &gmlc()).unwrap();
        let node = mme();
        let route = RoutingInfo { ppr: told, ..route() };
        let way = Way { node: &node, interface: LcsInterface::Slg };
        let result = ppr.confirm(permit, &request(), &route, way, NOW, &gmlc());
        let refusal = result.err().map(|refusal| (refusal.rule, refusal.reason));
        let expected = (!given).then_some((RuleId::ProfileKnown, RefusalReason::NoProfile));
        assert_eq!(refusal, expected, "{known:?} {told:?}");
    }
    // A profile that is kept here counts, whatever the home register says.
    let ppr = ppr_under(crate::Rules { universal: true, ..Default::default() }, policy());
    let permit = ppr.authorise(&request(), &by_msisdn(), NOW, &gmlc()).unwrap();
    let node = mme();
    let route = RoutingInfo { ppr: Some(other), ..route() };
    let way = Way { node: &node, interface: LcsInterface::Slg };
    assert!(ppr.confirm(permit, &request(), &route, way, NOW, &gmlc()).is_ok());
}
