//! Permits of deferred requests: what they are refused, and what a report may tell.

use super::*;
use crate::{
    AreaEffect, AreaRule, Conditions, HomeAuthority, HomeWord, Place, Ppr, PrivacyCheck, Refusal, Register, Rules,
    Standing, testing::*,
};
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use lcs::gad::{
    Latitude, Longitude, Point, Shape, Uncertainty,
    geometry::{Area, Position},
};
use lcs::{Digits, LcsInterface, RefusalReason, Way};

/// The answers of a register in the same process are ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("not ready"),
    }
}

fn permitted(ppr: &Ppr, request: &LocationRequest) -> Result<Permit<Authorised>, Refusal> {
    let (both, gmlc) = (both(), gmlc());
    ready(ppr.authorise_deferred(request, &both, NOW, &gmlc)).map_err(|barred| barred.refusal)
}

fn told(ppr: &Ppr, agreed: PrivacySetting, fix: Option<Fix>) -> Result<Fix, RefusalReason> {
    let permit = permitted(ppr, &request()).map_err(|refusal| refusal.reason)?;
    let cleared = ready(PrivacyCheck::clear_report(ppr, permit, agreed, fix, NOW));
    cleared.map(|cleared| cleared.release(&ReleaseKey::after_record())).map_err(|refusal| refusal.reason)
}

const BERLIN: Position = Position { lat_deg: 52.52, lon_deg: 13.405 };

fn in_berlin() -> Fix {
    let point = Point {
        latitude: Latitude::from_degrees(BERLIN.lat_deg).unwrap(),
        longitude: Longitude::from_degrees(BERLIN.lon_deg).unwrap(),
    };
    let shape = Some(Shape::Circle(point, Uncertainty::for_result(50.0).unwrap()));
    Fix {
        shape,
        age_min: None,
        accuracy_fulfilled: None,
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    }
}

fn with_area(effect: AreaEffect) -> Rules {
    let rule = AreaRule { area: Area::circle(BERLIN, 10_000.0).unwrap(), when: Place::Inside, effect };
    Rules { conditions: Conditions { areas: vec![rule], ..Conditions::default() }, ..listed(None, Some(N)) }
}

#[test]
fn a_permit_to_wait_tells_the_node_so_and_asks_nobody_twice() {
    for setting in [N, NT, VA, VR] {
        let ppr = ppr(listed(Some(N), Some(setting)));
        let permit = permitted(&ppr, &apn_request()).unwrap();
        let node = mme();
        let way = Way { node: &node, interface: LcsInterface::Slg };
        let permit = ppr.confirm(permit, &apn_request(), &route(), way, NOW, &gmlc()).unwrap();
        assert_eq!(permit.location_type(), LocationType::ActivateDeferred);
        let indicators = permit.instruction().indicators().unwrap();
        // A session of now says nothing about later.
        assert_eq!((indicators.unrelated(), indicators.related(), permit.session_identity()), (setting, None, None));
    }
}

/// TS 23.271 Annex F.1 step 3: the card is told what the check came to, whatever the node can do, and no position can be asked for by it.
#[test]
fn a_card_is_told_what_the_check_came_to() {
    for setting in [N, NT, VA, VR] {
        let ppr = ppr(listed(Some(N), Some(setting)));
        let permit = permitted(&ppr, &apn_request()).unwrap();
        let permit = ppr.confirm_for_card(permit, &apn_request(), &route(), NOW, &gmlc()).unwrap();
        assert_eq!(permit.privacy_action(), setting);
        assert_eq!(permit.card_instruction().settings(), Some((setting, None)));
        assert_eq!(permit.identities(), both());
    }
    // Not by a permit to locate.
    let ppr = ppr(listed(None, Some(N)));
    let immediate = ppr.authorise(&request(), &both(), NOW, &gmlc()).unwrap();
    let refused = ppr.confirm_for_card(immediate, &request(), &route(), NOW, &gmlc()).unwrap_err();
    assert_eq!(refused, Refusal { rule: RuleId::NodeCapability, reason: RefusalReason::NodeIncapable });
}

/// A codeword that the user is to judge has no place on a card.
#[test]
fn a_card_is_not_told_what_it_has_no_words_for() {
    let word = Codeword::new("sesame".to_owned()).unwrap();
    let words = crate::Codewords::new(crate::CodewordHandling::Ue, [&word]);
    let rules = Rules { codewords: Some(words), ..listed(None, Some(VR)) };
    let asked = LocationRequest { codeword: Some(word), ..request() };
    let ppr = ppr(rules);
    let permit = permitted(&ppr, &asked).unwrap();
    let refused = ppr.confirm_for_card(permit, &asked, &route(), NOW, &gmlc()).unwrap_err();
    assert_eq!(refused.reason, RefusalReason::NodeIncapable);
}

/// The number is that of a record that the check by the IMSI did not see: the check is done again, and stays one of a deferred request.
#[test]
fn a_check_that_is_done_again_stays_one_to_wait() {
    let ppr = ppr(listed(None, Some(N)));
    let gmlc = gmlc();
    let permit = ready(ppr.authorise_deferred(&request(), &by_msisdn(), NOW, &gmlc)).unwrap();
    let node = mme();
    let way = Way { node: &node, interface: LcsInterface::Slg };
    let permit = ppr.confirm(permit, &request(), &route(), way, NOW, &gmlc).unwrap();
    assert_eq!(permit.location_type(), LocationType::ActivateDeferred);
}

#[test]
fn what_nobody_can_keep_to_later_is_not_waited_for() {
    let reason = |rules| permitted(&ppr(rules), &apn_request()).unwrap_err();
    // Allowed within a session alone.
    assert_eq!(reason(listed(Some(N), Some(X))).reason, RefusalReason::ClassBars);
    let after = Conditions { notify_after_positioning: true, ..Conditions::default() };
    let refusal = reason(Rules { conditions: after, ..listed(Some(N), Some(NT)) });
    assert_eq!(refusal, Refusal { rule: RuleId::NotifyAfter, reason: RefusalReason::ClassBars });
}

#[test]
fn a_report_needs_a_permit_of_a_deferred_request() {
    let ppr = ppr(listed(None, Some(N)));
    let permit = ppr.authorise(&request(), &both(), NOW, &gmlc()).unwrap();
    assert!(ppr.clear_report(permit, N, Some(in_berlin()), NOW).is_err());
}

/// Every setting agreed on, against every setting of now.
#[test]
fn a_report_is_told_only_if_the_user_was_asked_as_much_as_now() {
    for agreed in [N, NT, VA, VR] {
        for now in [N, NT, VA, VR] {
            let done = told(&ppr(listed(None, Some(now))), agreed, Some(in_berlin()));
            let expected = if now > agreed { Err(RefusalReason::ClassBars) } else { Ok(in_berlin()) };
            assert_eq!(done, expected, "{agreed:?} {now:?}");
        }
    }
    assert_eq!(told(&ppr(listed(None, Some(X))), VR, None), Err(RefusalReason::ClassBars));
}

#[test]
fn rules_on_where_are_judged_with_the_position_and_refuse_without() {
    let refuse = || ppr(with_area(AreaEffect::Refuse));
    assert_eq!(told(&refuse(), N, Some(in_berlin())), Err(RefusalReason::AreaRule));
    assert_eq!(told(&refuse(), N, None), Err(RefusalReason::AreaRule));
    let coarse = told(&ppr(with_area(AreaEffect::Coarsen { radius_m: 5_000 })), N, Some(in_berlin())).unwrap();
    assert_ne!(coarse.shape, in_berlin().shape);
    let nothing = told(&ppr(listed(None, Some(N))), N, None).unwrap();
    assert_eq!(nothing.shape, None, "the event alone");
}

#[test]
fn who_opted_out_since_is_told_of_no_more() {
    let ppr = ppr(listed(None, Some(N)));
    let permit = permitted(&ppr, &request()).unwrap();
    let withdrawn = crate::Profile {
        standing: Standing { opted_out: true, switched_off: false, paused_until: None, utc_offset_min: 0 },
        rules: listed(None, Some(N)),
    };
    ppr.register().put(&subscriber(), &withdrawn.compile().unwrap()).unwrap();
    let refused = ppr.clear_report(permit, N, None, NOW).unwrap_err();
    assert_eq!(refused.reason, RefusalReason::OptedOut);
}

/// What a home gateway said for its subscriber, at a node of the own network and in a register that knows nobody.
fn by_word(
    prefix: &str,
    word: HomeWord,
    request: &LocationRequest,
) -> (Ppr, Result<Permit<Authorised>, RefusalReason>) {
    let ppr = Ppr::new(Arc::new(Register::new()), policy());
    let authority = HomeAuthority::from_record(vec![Digits::parse(prefix).unwrap()]);
    let both = both();
    let permit = ready(ppr.authorise_instructed_deferred(&authority, word, request, &both));
    (ppr, permit.map_err(|refusal| refusal.reason))
}

fn word(unrelated: PrivacySetting, related: Option<PrivacySetting>) -> HomeWord {
    HomeWord { indicators: PrivacyIndicators::new(unrelated, related).ok(), number: None }
}

/// The node is told to wait with what the home gateway said, in the name of the IMSI alone, and a report is cleared by the same word.
#[test]
fn a_visited_gateway_waits_by_the_word_of_the_home_gateway() {
    let prefix = "26201";
    for setting in [N, NT, VA, VR] {
        let (ppr, permit) = by_word(prefix, word(setting, None), &request());
        let permit = permit.unwrap();
        let (node, interface, route) = (mme(), LcsInterface::Slg, route());
        let permit = ppr.confirm(permit, &request(), &route, Way { node: &node, interface }, NOW, &gmlc()).unwrap();
        assert_eq!(permit.location_type(), LocationType::ActivateDeferred);
        assert_eq!(permit.instruction().settings(), Some((setting, None)));
        assert_eq!((permit.identities().imsi, permit.identities().msisdn), (both().imsi, None));
        let (ppr, again) = by_word(prefix, word(setting, None), &request());
        let cleared = ready(PrivacyCheck::clear_report(&ppr, again.unwrap(), setting, Some(in_berlin()), NOW)).unwrap();
        assert_eq!(cleared.release(&ReleaseKey::after_record()).shape, in_berlin().shape);
    }
    // Nobody speaks for the subscribers of others, and what holds in a call alone is not waited for.
    assert_eq!(by_word("20810", word(N, None), &request()).1.err(), Some(RefusalReason::GatewayNotAuthorised));
    let said_nothing = HomeWord { indicators: None, number: None };
    assert_eq!(by_word(prefix, said_nothing, &request()).1.err(), Some(RefusalReason::GatewayNotAuthorised));
    let in_calls = word(PrivacySetting::NotAllowed, Some(N));
    assert_eq!(by_word(prefix, in_calls, &request()).1.err(), Some(RefusalReason::ClassBars));
    // A number is for nodes that know it; whether it allows anything the home gateway knows.
    let number = HomeWord { indicators: None, number: Some(address("+3390000000001")) };
    assert!(by_word(prefix, number, &request()).1.is_ok());
    // Who has a profile here is at home here.
    let authority = HomeAuthority::from_record(vec![Digits::parse(prefix).unwrap()]);
    let (here, request, both) = (ppr(listed(Some(N), Some(N))), request(), both());
    let permit = ready(here.authorise_instructed_deferred(&authority, word(N, None), &request, &both));
    assert!(permit.is_err());
}
