//! The way of a permit, through the register as a gateway goes it: vectors P and F of the digest that belong here.

use super::*;
use crate::{
    AreaEffect, AreaRule, CodewordHandling, Codewords, Conditions, Jurisdiction, OverrideClient, Place, Policy, Ppr,
    Profile, Refusal, Rules, Standing, testing::*,
};
use lcs::gad::{
    Latitude, Longitude, Point, Shape, Uncertainty,
    geometry::{Area, Position},
};
use lcs::{
    CellIdentity, Codeword, Failure, LcsCapabilitySets, LcsClientType, LcsInterface, NodeKind, PlmnClient,
    PositioningOutcome,
};
use lcs::{RefusalReason, ServingNode, Way};

type Step<T> = Result<T, Refusal>;

fn authorise(ppr: &Ppr, request: &LocationRequest) -> Step<Permit<Authorised>> {
    ppr.authorise(request, &by_msisdn(), NOW, &gmlc())
}

fn confirm_at(ppr: &Ppr, request: &LocationRequest, node: &ServingNode) -> Step<Permit<Confirmed>> {
    ppr.confirm(authorise(ppr, request)?, request, &route(), over(node), NOW, &gmlc())
}

/// The node over the interface that it has.
fn over(node: &ServingNode) -> Way<'_> {
    let slg = node.is_reached_over(LcsInterface::Slg);
    Way { node, interface: if slg { LcsInterface::Slg } else { LcsInterface::Lg } }
}

fn confirm(ppr: &Ppr, request: &LocationRequest) -> Step<Permit<Confirmed>> {
    confirm_at(ppr, request, &mme())
}

/// Unrelated and related indicator, and the identity that goes along.
type Sent = (PrivacySetting, Option<PrivacySetting>, Option<SessionIdentity>);

fn sent(permit: &Permit<Confirmed>) -> Sent {
    let indicators = permit.instruction().indicators().unwrap();
    (indicators.unrelated(), indicators.related(), permit.session_identity())
}

fn sgsn(sets: u32) -> ServingNode {
    let kind = NodeKind::Sgsn { number: Some(address("+49170777")), diameter: None };
    ServingNode { kind, capabilities: Some(LcsCapabilitySets(sets)), v_gmlc: None }
}

fn msc(sets: Option<u32>) -> ServingNode {
    let kind = NodeKind::Msc { number: address("+49170888") };
    ServingNode { kind, capabilities: sets.map(LcsCapabilitySets), v_gmlc: None }
}

const BERLIN: Position = Position { lat_deg: 52.52, lon_deg: 13.405 };

fn circle(lat_deg: f64, lon_deg: f64, radius_m: f64) -> Shape {
    let latitude = Latitude::from_degrees(lat_deg).unwrap();
    let longitude = Longitude::from_degrees(lon_deg).unwrap();
    Shape::Circle(Point { latitude, longitude }, Uncertainty::for_result(radius_m).unwrap())
}

fn fix_at(shape: Option<Shape>) -> Fix {
    Fix {
        shape,
        age_min: Some(0),
        accuracy_fulfilled: Some(true),
        velocity: None,
        cell: Some(CellIdentity::Ecgi([1, 2, 3, 4, 5, 6, 7])),
        civic_address: Some("<civicAddress/>".to_owned()),
        barometric_pressure_pa: Some(101_325),
    }
}

fn in_berlin() -> Fix {
    fix_at(Some(circle(BERLIN.lat_deg, BERLIN.lon_deg, 50.0)))
}

fn rule(when: Place, effect: AreaEffect) -> AreaRule {
    AreaRule { area: Area::circle(BERLIN, 10_000.0).unwrap(), when, effect }
}

fn with_areas(areas: Vec<AreaRule>) -> Rules {
    let conditions = Conditions { areas, ..Conditions::default() };
    Rules { conditions, ..listed(None, Some(N)) }
}

fn opened(checked: Step<Checked>) -> Result<Fix, RefusalReason> {
    match checked.map_err(|refusal| refusal.reason)? {
        Checked::Release(cleared) => Ok(cleared.release(&ReleaseKey::after_record())),
        Checked::NotifyFirst(_) => panic!("no second round was wanted"),
    }
}

fn recheck(rules: Rules, fix: Fix) -> Result<Fix, RefusalReason> {
    let ppr = ppr(rules);
    opened(ppr.recheck(confirm(&ppr, &request()).unwrap(), fix, NOW))
}

#[test]
fn p01_related_only_over_an_apn_to_an_mme() {
    let ppr = ppr(listed(Some(NT), Some(X)));
    let permit = confirm(&ppr, &apn_request()).unwrap();
    assert_eq!(sent(&permit), (X, Some(NT), Some(SessionIdentity::Apn)));
    assert_eq!(permit.instruction().settings().unwrap().0.code(), 4);
    assert_eq!(permit.rule(), RuleId::RelatedListed);
}

#[test]
fn p02_related_only_without_a_session_is_barred() {
    let refusal = authorise(&ppr(listed(Some(NT), Some(X))), &request()).unwrap_err();
    assert_eq!(refusal, Refusal { reason: RefusalReason::ClassBars, rule: RuleId::UnrelatedListed });
    let refusal = authorise(&ppr(listed(Some(NT), None)), &request()).unwrap_err();
    assert_eq!(refusal, Refusal { reason: RefusalReason::NoClass, rule: RuleId::ClassSubscribed });
}

#[test]
fn p03_a_related_result_of_not_allowed_is_not_sent() {
    let permit = confirm_at(&ppr(listed(Some(X), Some(NT))), &dialled_request(), &msc(Some(0b01000))).unwrap();
    assert_eq!(sent(&permit), (NT, None, Some(SessionIdentity::Dialled)));
}

#[test]
fn without_a_table_nodes_below_set_four_are_refused() {
    let universal = Rules { universal: true, ..Rules::default() };
    for rules in [listed(Some(N), Some(VR)), listed(Some(VA), Some(VR)), listed(Some(VR), Some(X)), universal] {
        let ppr = ppr(rules);
        let below = [sgsn(0b00100), sgsn(0b00010), msc(None), msc(Some(0b00111)), sgsn(0)];
        for node in below {
            for request in [apn_request(), dialled_request()] {
                let refusal = confirm_at(&ppr, &request, &node).unwrap_err();
                assert_eq!(refusal, Refusal { reason: RefusalReason::NodeIncapable, rule: RuleId::NodeCapability });
            }
        }
    }
}

#[test]
fn p07_universal_class_sends_unrelated_allowed_only() {
    let ppr = ppr(Rules { universal: true, ..listed(Some(VR), Some(VR)) });
    let permit = confirm_at(&ppr, &apn_request(), &sgsn(0b01111)).unwrap();
    assert_eq!(sent(&permit), (N, None, Some(SessionIdentity::Apn)));
    assert_eq!((permit.basis(), permit.rule()), (Basis::Profile, RuleId::Universal));
}

#[test]
fn p09_plmn_operator_client_sends_unrelated_allowed() {
    let ppr = ppr(Rules { plmn_operator: Some(vec![PlmnClient::AnonymousLocation]), ..Rules::default() });
    let permit = confirm(&ppr, &request_of(LcsClientType::PlmnOperator)).unwrap();
    assert_eq!((sent(&permit), permit.basis()), ((N, None, None), Basis::PlmnOperator));
}

#[test]
fn p10_both_not_allowed_is_barred_before_any_signalling() {
    let refusal = authorise(&ppr(listed(Some(X), Some(X))), &apn_request()).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::ClassBars);
}

#[test]
fn p17_an_mme_that_tells_no_capabilities_takes_indicators_and_notifies_after() {
    let rules = listed(None, Some(VR));
    let conditions = Conditions { notify_after_positioning: true, ..Conditions::default() };
    let permit = confirm(&ppr(Rules { conditions, ..rules }), &request()).unwrap();
    assert!(permit.notifies_after());
}

#[test]
fn every_pair_reaches_each_kind_of_node_by_the_identity_that_it_can_be_told() {
    let nodes = [(mme(), true, false), (sgsn(0b11000), true, false), (msc(Some(0b01000)), false, true)];
    for (r, u) in PrivacySetting::ALL.into_iter().flat_map(|r| PrivacySetting::ALL.map(|u| (r, u))) {
        let ppr = ppr(listed(Some(r), Some(u)));
        for (node, takes_apn, takes_number) in &nodes {
            // MAP takes the identity of the call or session whenever there is one (TS 23.271 Annex B NOTE).
            let over_map = over(node).interface == LcsInterface::Lg;
            let ways = [
                (apn_request(), *takes_apn, SessionIdentity::Apn),
                (dialled_request(), *takes_number, SessionIdentity::Dialled),
            ];
            for (request, told, identity) in ways {
                let expected: Option<Sent> = match (r, u) {
                    (X, X) => None,
                    (X, u) => Some((u, None, Some(identity).filter(|_| told && over_map))),
                    (r, u) if told => Some((u, Some(r), Some(identity))),
                    (_, X) => None,
                    (_, u) => Some((u, None, None)),
                };
                assert_eq!(confirm_at(&ppr, &request, node).ok().map(|permit| sent(&permit)), expected, "{r:?} {u:?}");
            }
        }
    }
}

#[test]
fn f04_f05_a_stored_estimate_serves_only_where_nobody_is_to_be_told() {
    let ask = |location_type, rules| {
        let ppr = ppr(rules);
        let mut request = request();
        request.location_type = location_type;
        let permit = authorise(&ppr, &request).unwrap();
        let allows = permit.allows_cached();
        assert_eq!(ppr.release_cached(permit, in_berlin(), NOW).is_ok(), allows);
        allows
    };
    let last_known = LocationType::CurrentOrLastKnown;
    assert!(ask(last_known, listed(None, Some(N))));
    assert!(!ask(LocationType::Current, listed(None, Some(N))));
    for setting in [NT, VA, VR] {
        assert!(!ask(last_known, listed(None, Some(setting))));
    }
    assert!(!ask(last_known, with_areas(vec![rule(Place::Inside, AreaEffect::Allow)])));
    assert!(!ask(last_known, decides_knowing_where(Some(N), NT)));
    assert!(ask(last_known, Rules { universal: true, ..Rules::default() }));
    let open = Policy { default_profile: Some(compiled(listed(None, Some(N)))), ..policy() };
    let strangers = Ppr::new(std::sync::Arc::new(crate::Register::new()), open);
    let mut request = request();
    request.location_type = last_known;
    assert!(!authorise(&strangers, &request).unwrap().allows_cached());
}

#[test]
fn f17_outside_the_permitted_area_nothing_is_cleared() {
    let only_in_berlin = || with_areas(vec![rule(Place::Inside, AreaEffect::Allow)]);
    assert_eq!(recheck(only_in_berlin(), in_berlin()), Ok(in_berlin()));
    let elsewhere = fix_at(Some(circle(48.0, 11.0, 50.0)));
    assert_eq!(recheck(only_in_berlin(), elsewhere), Err(RefusalReason::AreaRule));
    let straddling = fix_at(Some(circle(BERLIN.lat_deg, BERLIN.lon_deg, 50_000.0)));
    assert_eq!(recheck(only_in_berlin(), straddling), Err(RefusalReason::AreaRule));
}

#[test]
fn area_rules_without_an_estimate_refuse() {
    let coarse = with_areas(vec![rule(Place::Inside, AreaEffect::Coarsen { radius_m: 5000 })]);
    assert_eq!(recheck(coarse, fix_at(None)), Err(RefusalReason::AreaRule));
    assert_eq!(recheck(listed(None, Some(N)), fix_at(None)), Ok(fix_at(None)));
}

#[test]
fn a_coarsened_position_keeps_nothing_that_tells_more() {
    let coarse = |radius_m| rule(Place::Inside, AreaEffect::Coarsen { radius_m });
    let fix = recheck(with_areas(vec![coarse(2000), coarse(5000)]), in_berlin()).unwrap();
    let expected = in_berlin().shape.map(|shape| shape.coarsen(5000.0));
    let bare = Fix {
        shape: expected,
        age_min: Some(0),
        accuracy_fulfilled: Some(false),
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    };
    assert_eq!(fix, bare);
    assert!(fix.shape.unwrap().horizontal_uncertainty_m().unwrap() >= 5000.0);
}

#[test]
fn conditions_of_the_entries_that_decided_count_and_of_others_do_not() {
    let refuse = Conditions { areas: vec![rule(Place::Inside, AreaEffect::Refuse)], ..Conditions::default() };
    let with = |on_related: bool| {
        let mut rules = listed(Some(N), Some(VR));
        let class = if on_related { &mut rules.related } else { &mut rules.unrelated };
        class.iter_mut().flat_map(|c| &mut c.clients).for_each(|c| c.conditions = refuse.clone());
        let ppr = ppr(rules);
        let of = |request| opened(ppr.recheck(confirm(&ppr, &request).unwrap(), in_berlin(), NOW)).is_ok();
        (of(request()), of(apn_request()))
    };
    assert_eq!(with(true), (true, false));
    assert_eq!(with(false), (false, false));
}

#[test]
fn f19_f20_codeword_in_the_network_and_in_the_phone() {
    let word = |text: &str| Codeword::new(text.to_owned()).unwrap();
    let rules =
        |handling| Rules { codewords: Some(Codewords::new(handling, [&word("sesame")])), ..listed(None, Some(N)) };
    let ask = |handling, given: Option<&str>| {
        let mut request = request();
        request.codeword = given.map(word);
        let forwards = confirm(&ppr(rules(handling)), &request).map(|permit| permit.codeword(&request).cloned());
        forwards.map_err(|refusal| refusal.reason)
    };
    assert_eq!(ask(CodewordHandling::Network, Some("open")), Err(RefusalReason::CodewordWrong));
    assert_eq!(ask(CodewordHandling::Network, None), Err(RefusalReason::CodewordMissing));
    assert_eq!(ask(CodewordHandling::Network, Some("sesame")), Ok(None));
    assert_eq!(ask(CodewordHandling::Ue, Some("open")), Ok(Some(word("open"))));
    assert_eq!(ask(CodewordHandling::Ue, None), Err(RefusalReason::CodewordMissing));
}

/// Rules by which the user decides knowing where.
fn decides_knowing_where(related: Option<PrivacySetting>, unrelated: PrivacySetting) -> Rules {
    let conditions = Conditions { notify_after_positioning: true, ..Conditions::default() };
    Rules { conditions, ..listed(related, Some(unrelated)) }
}

#[test]
fn notification_after_positioning_asks_first_without_and_then_with_the_settings() {
    let pairs = [
        (decides_knowing_where(None, VR), (N, None), (VR, None)),
        (decides_knowing_where(Some(NT), X), (X, Some(N)), (X, Some(NT))),
        (decides_knowing_where(Some(N), VR), (N, Some(N)), (VR, Some(N))),
    ];
    for (rules, first, second) in pairs {
        let ppr = ppr(rules);
        let permit = confirm(&ppr, &apn_request()).unwrap();
        assert_eq!((permit.instruction().settings().unwrap().0, permit.instruction().settings().unwrap().1), first);
        assert_eq!(permit.location_type(), LocationType::Current);
        let Ok(Checked::NotifyFirst(permit)) = ppr.recheck(permit, in_berlin(), NOW) else { panic!("no second round") };
        assert_eq!((permit.instruction().settings().unwrap().0, permit.instruction().settings().unwrap().1), second);
        assert_eq!(permit.location_type(), LocationType::NotificationVerificationOnly);
        assert_eq!(permit.session_identity(), second.1.map(|_| SessionIdentity::Apn));
        let cleared = ppr.after_notification(permit, NotificationOutcome::Granted, NOW).unwrap();
        assert!(cleared.is_notified_after());
        assert_eq!(cleared.release(&ReleaseKey::after_record()), in_berlin());
    }
}

#[test]
fn whatever_is_not_a_plain_acknowledgement_drops_the_position() {
    let answers = [
        Ok(PositioningOutcome::Fixed(in_berlin())),
        Ok(PositioningOutcome::TransientlyUnreachable),
        Err(Failure::PositioningDenied),
        Err(Failure::TimedOut),
    ];
    for answer in &answers {
        let ppr = ppr(decides_knowing_where(None, NT));
        let permit = confirm(&ppr, &request()).unwrap();
        let Ok(Checked::NotifyFirst(permit)) = ppr.recheck(permit, in_berlin(), NOW) else { panic!("no second round") };
        let outcome = permit.outcome_of(answer);
        let refusal = ppr.after_notification(permit, outcome, NOW).unwrap_err();
        assert_eq!(refusal.reason, RefusalReason::RefusedAfterPositioning);
    }
    let ppr = ppr(decides_knowing_where(None, NT));
    let permit = confirm(&ppr, &request()).unwrap();
    let Ok(Checked::NotifyFirst(permit)) = ppr.recheck(permit, in_berlin(), NOW) else { panic!("no second round") };
    assert_eq!(permit.outcome_of(&Ok(PositioningOutcome::Notified)), NotificationOutcome::Granted);
}

#[test]
fn notification_after_positioning_needs_set_five_and_something_to_notify_of() {
    let refusal = confirm_at(&ppr(decides_knowing_where(None, VR)), &request(), &sgsn(0b01111)).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::NodeIncapable);
    let permit = confirm_at(&ppr(decides_knowing_where(None, N)), &request(), &sgsn(0b01111)).unwrap();
    assert!(!permit.notifies_after());
}

#[test]
fn who_withdraws_while_the_network_positions_is_not_located() {
    let standings = [
        (Standing { opted_out: true, ..Standing::default() }, RefusalReason::OptedOut),
        (Standing { switched_off: true, ..Standing::default() }, RefusalReason::SwitchedOff),
        (
            Standing { paused_until: Some(NOW.after(lcs::Duration::from_secs(60))), ..Standing::default() },
            RefusalReason::Paused,
        ),
    ];
    for (standing, reason) in standings {
        let ppr = ppr(listed(None, Some(N)));
        let permit = confirm(&ppr, &request()).unwrap();
        assert!(ppr.register().set_standing(&by_msisdn(), standing));
        assert_eq!(ppr.recheck(permit, in_berlin(), NOW).unwrap_err().reason, reason);
    }
    let gone = ppr(listed(None, Some(N)));
    let permit = confirm(&gone, &request()).unwrap();
    gone.register().remove(&both());
    assert_eq!(gone.recheck(permit, in_berlin(), NOW).unwrap_err().reason, RefusalReason::NoProfile);
    let broken = ppr(listed(None, Some(N)));
    let permit = confirm(&broken, &request()).unwrap();
    broken.register().put_unreadable(&subscriber()).unwrap();
    assert_eq!(broken.recheck(permit, in_berlin(), NOW).unwrap_err().reason, RefusalReason::ProfileUnreadable);
}

#[test]
fn unreadable_and_unknown_profiles_refuse_and_only_the_unknown_take_the_default() {
    let open = Rules { universal: true, ..Rules::default() };
    let policy = Policy { default_profile: Some(compiled(open)), ..policy() };
    let with_default = ppr_under(listed(None, Some(X)), policy);
    let stranger = Identities { msisdn: lcs::Msisdn::parse("4915199999").ok(), ..Identities::default() };
    let ask = |ppr: &Ppr, whose: Identities| ppr.authorise(&request(), &whose, NOW, &gmlc()).map(|p| p.rule());
    assert_eq!(ask(&with_default, stranger), Ok(RuleId::Universal));
    assert_eq!(ask(&with_default, both()).unwrap_err().reason, RefusalReason::ClassBars);
    with_default.register().put_unreadable(&subscriber()).unwrap();
    assert_eq!(ask(&with_default, both()).unwrap_err().reason, RefusalReason::ProfileUnreadable);
    let without = ppr(listed(None, Some(N)));
    assert_eq!(ask(&without, stranger).unwrap_err().reason, RefusalReason::NoProfile);
    let nobody = Identities::default();
    assert_eq!(ask(&without, nobody).unwrap_err().reason, RefusalReason::NoProfile);
}

#[test]
fn identities_that_the_hss_adds_lead_to_a_new_check() {
    let open = compiled(Rules { universal: true, ..Rules::default() });
    let policy = Policy { default_profile: Some(open), ..policy() };
    // The register knows the IMSI alone, and says no; the client names a number that only the HSS knows.
    let ppr = ppr_under(listed(None, Some(X)), policy);
    ppr.register().remove(&both());
    let by_imsi = crate::Subscriber { msisdn: None, ..subscriber() };
    ppr.register().put(&by_imsi, &compiled(listed(None, Some(X)))).unwrap();
    let permit = authorise(&ppr, &request()).unwrap();
    assert!(permit.is_by_default());
    let refusal = ppr.confirm(permit, &request(), &route(), over(&mme()), NOW, &gmlc()).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::ClassBars);
}

#[test]
fn a_number_that_the_hss_gives_to_another_subscriber_is_refused() {
    let ppr = ppr(listed(None, Some(N)));
    let mut route = route();
    route.identities.imsi = lcs::Imsi::parse("262019999999999").ok();
    let permit = authorise(&ppr, &request()).unwrap();
    let refusal = ppr.confirm(permit, &request(), &route, over(&mme()), NOW, &gmlc()).unwrap_err();
    assert_eq!(refusal.rule, RuleId::OneSubscriber);
}

#[test]
fn a_number_whose_imsi_the_hss_does_not_tell_is_refused() {
    // Under the default profile it may be the number of somebody whose own record is known by IMSI alone; under a record the
    // number may have gone to somebody else.
    let open = compiled(Rules { universal: true, ..Rules::default() });
    let policy = Policy { default_profile: Some(open.clone()), ..policy() };
    let stranger = ppr_under(Rules::default(), policy);
    stranger.register().remove(&both());
    let known = ppr(listed(None, Some(N)));
    let mut route = route();
    route.identities = by_msisdn();
    for ppr in [stranger, known] {
        let permit = authorise(&ppr, &request()).unwrap();
        let refusal = ppr.confirm(permit, &request(), &route, over(&mme()), NOW, &gmlc()).unwrap_err();
        assert_eq!(refusal.rule, RuleId::OneSubscriber);
    }
}

#[test]
fn a_number_that_the_hss_gives_to_the_subscriber_leads_to_its_own_record_too() {
    let ppr = ppr(listed(None, Some(N)));
    let renumbered = lcs::Msisdn::parse("491700000002").ok();
    let request = LocationRequest { target: lcs::Target::Imsi(crate::testing::imsi()), ..request() };
    let by_imsi = Identities { msisdn: None, ..both() };
    let mut route = route();
    route.identities.msisdn = renumbered;
    let confirmed = |ppr: &Ppr| {
        let permit = ppr.authorise(&request, &by_imsi, NOW, &gmlc()).unwrap();
        ppr.confirm(permit, &request, &route, over(&mme()), NOW, &gmlc())
    };
    assert_eq!(confirmed(&ppr).unwrap().identities().msisdn, renumbered);
    // Opted out under the new number, before anybody tied it to the IMSI.
    let opted_out = Standing { opted_out: true, ..Standing::default() };
    let profile = crate::Profile { standing: opted_out, ..crate::Profile::default() }.compile().unwrap();
    let by_number =
        crate::Subscriber { imsi: None, msisdn: renumbered, salt: crate::SubjectSalt::from_octets([8; 16]) };
    ppr.register().put(&by_number, &profile).unwrap();
    assert_eq!(confirmed(&ppr).unwrap_err().rule, RuleId::OneSubscriber);
}

#[test]
fn a_record_that_comes_while_the_default_profile_positions_counts() {
    let open = compiled(Rules { universal: true, ..Rules::default() });
    let ppr = ppr_under(Rules::default(), Policy { default_profile: Some(open), ..policy() });
    ppr.register().remove(&both());
    let permit = confirm(&ppr, &request()).unwrap();
    ppr.register().put(&subscriber(), &compiled(listed(None, Some(X)))).unwrap();
    assert!(ppr.recheck(permit, in_berlin(), NOW).is_err());
}

#[test]
fn operation_and_maintenance_of_the_home_plmn_only_while_it_serves() {
    let ppr = ppr(Rules { plmn_operator: Some(vec![PlmnClient::OmHplmn]), ..Rules::default() });
    let mut request = request_of(LcsClientType::PlmnOperator);
    request.client.internal = Some(PlmnClient::OmHplmn);
    let at = |realm: &str| {
        let kind = NodeKind::Mme { name: "mme".to_owned(), realm: realm.to_owned() };
        confirm_at(&ppr, &request, &ServingNode { kind, ..mme() }).is_ok()
    };
    assert!(at(REALM) && at(&format!("west.{REALM}")) && at(&REALM.to_uppercase()));
    assert!(!at("epc.mnc002.mcc262.3gppnetwork.org") && !at(&format!("x{REALM}")) && !at("") && !at("ä"));
    assert!(confirm_at(&ppr, &request, &sgsn(0b11111)).is_ok());
}

#[test]
fn override_is_for_emergency_and_lawful_clients_whose_record_says_so() {
    for client_type in LcsClientType::ALL {
        let able = matches!(client_type, LcsClientType::Emergency | LcsClientType::LawfulIntercept);
        assert_eq!(OverrideClient::from_record(client_type, true).is_some(), able);
        assert_eq!(OverrideClient::from_record(client_type, false), None);
    }
    // A profile that refuses everybody: it is not read.
    let shut = Profile { standing: Standing { opted_out: true, ..Standing::default() }, ..Profile::default() };
    let ppr = ppr(Rules::default());
    ppr.register().put(&subscriber(), &shut.compile().unwrap()).unwrap();
    let ways = [(LcsClientType::Emergency, Basis::Emergency), (LcsClientType::LawfulIntercept, Basis::LawfulIntercept)];
    for (client_type, basis) in ways {
        let client = OverrideClient::from_record(client_type, true).unwrap();
        for asking in LcsClientType::ALL {
            let request = request_of(asking);
            for jurisdiction in [Jurisdiction::SameCountry, Jurisdiction::Agreement, Jurisdiction::Otherwise] {
                let permit = ppr.authorise_override(client, &request, &by_msisdn(), jurisdiction);
                let allowed = asking == client_type && jurisdiction != Jurisdiction::Otherwise;
                assert_eq!(
                    permit.as_ref().map_err(|e| e.reason).err(),
                    (!allowed).then_some(RefusalReason::OverrideNotApplicable)
                );
                let Ok(permit) = permit else { continue };
                let permit = ppr.confirm(permit, &request, &route(), over(&mme()), NOW, &gmlc()).unwrap();
                assert_eq!((sent(&permit), permit.basis()), ((N, None, None), basis));
                assert_eq!(
                    (permit.rule(), permit.subject()),
                    (RuleId::Override, Subject::Subscriber(subscriber().salt))
                );
                assert_eq!(opened(ppr.recheck(permit, in_berlin(), NOW)), Ok(in_berlin()));
            }
        }
        let request = request_of(client_type);
        let permit = ppr.authorise_override(client, &request, &both(), Jurisdiction::SameCountry).unwrap();
        let sgsn = NodeKind::Sgsn { number: None, diameter: Some(("sgsn".to_owned(), REALM.to_owned())) };
        let sgsn = ServingNode { kind: sgsn, capabilities: Some(LcsCapabilitySets::ALL_FIVE), v_gmlc: None };
        assert!(ppr.confirm(permit, &request, &route(), over(&sgsn), NOW, &gmlc()).is_err());
    }
}

#[test]
fn an_explanation_through_the_register_is_the_decision() {
    let ppr = ppr(listed(Some(N), Some(VR)));
    let explained = ppr.explain(&apn_request(), &both(), NOW, &gmlc());
    let conclusion = explained.outcome.unwrap();
    let permit = authorise(&ppr, &apn_request()).unwrap();
    assert_eq!((conclusion.unrelated, conclusion.related), permit.settings());
    assert_eq!((explained.decided_by(), permit.rule()), (RuleId::RelatedListed, RuleId::RelatedListed));
    let words: Vec<&str> = explained.steps.iter().map(|step| step.rule.word()).collect();
    let expected = "profile-known opt-out switch pause profile-readable client-type codeword requestor hours universal-class \
                    unrelated-listed related-listed service-type-listed operator-floor barring";
    assert_eq!(words.join(" "), expected);
}

#[test]
fn nothing_of_a_permit_or_a_cleared_position_prints_an_identity_or_a_place() {
    let ppr = ppr(decides_knowing_where(None, VR));
    let permit = confirm(&ppr, &request()).unwrap();
    let Ok(Checked::NotifyFirst(permit)) = ppr.recheck(permit, in_berlin(), NOW) else { panic!("no second round") };
    let printed = format!("{permit:?}");
    let cleared = ppr.after_notification(permit, NotificationOutcome::Granted, NOW).unwrap();
    let rules = with_areas(vec![rule(Place::Inside, AreaEffect::Refuse)]);
    let printed = format!("{printed} {cleared:?} {ppr:?} {rules:?} {:?}", compiled(rules.clone()));
    for secret in ["4917", "26201", "52.5", "13.4", "civic"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}
