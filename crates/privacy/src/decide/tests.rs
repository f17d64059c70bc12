//! The check against an oracle that shares nothing with it, over the whole finite domain; and what must hold of any profile.

use super::*;
use crate::{
    ClassRules, Codewords, CompiledProfile, Hours, ListedClient, ListedService, OperatorFloor, Profile, ServiceTypes,
    Window, profile::GmlcRestriction, testing::*,
};
use lcs::{Codeword, LeastPrivacy, Requestor, ServiceType};
use proptest::prelude::*;

/// What a class, or the service types, say of the client: numbers are settings, 0 loosest to 4 "not allowed".
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    Nothing,
    NotListed(u8),
    /// The entry's setting, and whether its GMLC restriction holds.
    Listed(u8, bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    Unused,
    NetworkRight,
    NetworkWrong,
    NetworkMissing,
    UeGiven,
    UeMissing,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    client_type: LcsClientType,
    universal: bool,
    unrelated: Says,
    related: Says,
    session: bool,
    service: Says,
    names_service: bool,
    word: Word,
    plmn_listed: bool,
    floor: u8,
}

/// The table-like reading of section 2.5 of the digest, in numbers. `None`: refused.
fn oracle(case: Case) -> Option<(u8, Option<u8>)> {
    let class = |says| match says {
        Says::Nothing | Says::Listed(_, false) => 4,
        Says::NotListed(setting) | Says::Listed(setting, true) => setting,
    };
    match (case.client_type, case.universal) {
        (LcsClientType::ValueAdded, _)
            if matches!(case.word, Word::NetworkWrong | Word::NetworkMissing | Word::UeMissing) =>
        {
            None
        }
        (LcsClientType::ValueAdded, true) => (case.floor < 4).then_some((case.floor, None)),
        (LcsClientType::ValueAdded, false) => {
            let fold = |class: u8| match case.service {
                _ if class == 4 || !case.names_service => class,
                Says::NotListed(s) | Says::Listed(s, true) if s < class => s,
                _ => class,
            };
            let u = fold(class(case.unrelated)).max(case.floor);
            let r = (case.session && case.related != Says::Nothing).then(|| fold(class(case.related)).max(case.floor));
            (u < 4 || r.is_some_and(|r| r < 4)).then_some((u, r))
        }
        (_, universal) => {
            let allowed = universal || (case.client_type == LcsClientType::PlmnOperator && case.plmn_listed);
            (allowed && case.floor == 0).then_some((0, None))
        }
    }
}

const NETWORK_CODE: &str = "sesame";

fn setting(code: u8) -> PrivacySetting {
    PrivacySetting::from_code(u32::from(code)).unwrap()
}

fn entry(code: u8, holds: bool) -> ListedClient {
    // The requesting gateway is at home and not identified.
    let gmlc = if holds { GmlcRestriction::HomeCountry } else { GmlcRestriction::Identified };
    ListedClient { setting: setting(code), gmlc, ..ListedClient::new(client()) }
}

fn class(says: Says) -> Option<ClassRules> {
    let other = ListedClient::new(address("+4940555"));
    match says {
        Says::Nothing => None,
        Says::NotListed(code) => Some(ClassRules { not_listed: setting(code), clients: vec![other] }),
        // The option for others is the loosest that may be: it must not shine through.
        Says::Listed(code, holds) => Some(ClassRules { not_listed: NT, clients: vec![other, entry(code, holds)] }),
    }
}

fn services(says: Says) -> Option<ServiceTypes> {
    let asked = ServiceType::new(13).unwrap();
    let other = ListedService::new(ServiceType::new(64).unwrap());
    match says {
        Says::Nothing => None,
        Says::NotListed(code) => Some(ServiceTypes { not_listed: setting(code), listed: vec![other] }),
        Says::Listed(code, holds) => {
            let ListedClient { setting, gmlc, .. } = entry(code, holds);
            let listed = vec![other, ListedService { setting, gmlc, ..ListedService::new(asked) }];
            Some(ServiceTypes { not_listed: NT, listed })
        }
    }
}

fn codewords(word: Word) -> Option<Codewords> {
    let sesame = Codeword::new(NETWORK_CODE.to_owned()).unwrap();
    let handling = match word {
        Word::Unused => return None,
        Word::NetworkRight | Word::NetworkWrong | Word::NetworkMissing => CodewordHandling::Network,
        Word::UeGiven | Word::UeMissing => CodewordHandling::Ue,
    };
    Some(Codewords::new(handling, [&sesame]))
}

fn profile_of(case: Case) -> CompiledProfile {
    compiled(Rules {
        universal: case.universal,
        related: class(case.related),
        unrelated: class(case.unrelated),
        plmn_operator: Some(vec![if case.plmn_listed { PlmnClient::AnonymousLocation } else { PlmnClient::Broadcast }]),
        service_types: services(case.service),
        codewords: codewords(case.word),
        gmlcs: vec![address("+33611")],
        ..Rules::default()
    })
}

fn request_for(case: Case) -> LocationRequest {
    let mut asked = request_of(case.client_type);
    if case.client_type == LcsClientType::ValueAdded {
        asked.client.dialled = case.session.then(client);
        asked.service_type = case.names_service.then(|| ServiceType::new(13).unwrap());
        let word = match case.word {
            Word::Unused | Word::NetworkMissing | Word::UeMissing => None,
            Word::NetworkRight => Some(NETWORK_CODE),
            Word::NetworkWrong | Word::UeGiven => Some("open"),
        };
        asked.codeword = word.map(|word| Codeword::new(word.to_owned()).unwrap());
    }
    asked
}

fn unrelated_domain() -> Vec<Says> {
    let listed = (0..5).flat_map(|s| [Says::Listed(s, true), Says::Listed(s, false)]);
    [Says::Nothing].into_iter().chain((1..5).map(Says::NotListed)).chain(listed).collect()
}

fn related_domain() -> Vec<Says> {
    [Says::NotListed(0)].into_iter().chain(unrelated_domain()).collect()
}

fn checked(question: Question<'_>, profile: &CompiledProfile) -> Result<Decision, Refusal> {
    let subject = Subject { standing: profile.standing, rules: Some(&*profile.rules) };
    check(question, subject, &mut NoTrace)
}

/// Runs one case and compares the decision, and the indicators that follow from it (TS 23.271 clause 9.5.4).
fn agrees(case: Case, asked: &LocationRequest, profile: &CompiledProfile, policy: &Policy) {
    let gmlc = gmlc();
    let decision = checked(Question { request: asked, gmlc: &gmlc, now: NOW, policy }, profile);
    let got = decision.map(|d| (d.unrelated.code(), d.related.map(PrivacySetting::code)));
    assert_eq!(got.ok(), oracle(case), "{case:?}: {decision:?}");
    if let Ok(decision) = decision {
        assert!(lcs::PrivacyIndicators::new(decision.unrelated, decision.related).is_ok(), "{case:?}");
        assert_eq!(
            decision.forwards_codeword,
            case.word == Word::UeGiven && case.client_type == LcsClientType::ValueAdded
        );
    }
}

#[test]
fn value_added_clients_as_the_oracle_over_the_whole_domain() {
    let floors: Vec<Policy> = (0..5).map(|code| Policy { floor: floor_for_all(setting(code)), ..policy() }).collect();
    let words =
        [Word::Unused, Word::NetworkRight, Word::NetworkWrong, Word::NetworkMissing, Word::UeGiven, Word::UeMissing];
    let mut cases = 0;
    for universal in [false, true] {
        for unrelated in unrelated_domain() {
            for related in related_domain() {
                for service in unrelated_domain() {
                    for word in words {
                        let mut case = Case {
                            client_type: LcsClientType::ValueAdded,
                            universal,
                            unrelated,
                            related,
                            session: false,
                            service,
                            names_service: false,
                            word,
                            plmn_listed: true,
                            floor: 0,
                        };
                        // The codeword refuses or does not; it need not meet every service type.
                        if word != Word::Unused && service != Says::Listed(1, true) {
                            continue;
                        }
                        let profile = profile_of(case);
                        for (session, names_service) in [(false, false), (false, true), (true, false), (true, true)] {
                            (case.session, case.names_service) = (session, names_service);
                            let asked = request_for(case);
                            for (floor, policy) in (0u8..).zip(&floors) {
                                agrees(Case { floor, ..case }, &asked, &profile, policy);
                                cases += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    assert_eq!(cases, 2 * 15 * 16 * (15 + 5) * 4 * 5);
}

#[test]
fn other_clients_as_the_oracle_over_the_whole_domain() {
    for client_type in [LcsClientType::Emergency, LcsClientType::PlmnOperator, LcsClientType::LawfulIntercept] {
        for (universal, plmn_listed, floor) in (0..20u8).map(|at| (at % 2 == 1, at / 2 % 2 == 1, at / 4)) {
            // A class that is open to everybody, and a codeword, must mean nothing to them.
            let case = Case {
                client_type,
                universal,
                unrelated: Says::Listed(0, true),
                related: Says::NotListed(0),
                session: false,
                service: Says::Listed(0, true),
                names_service: false,
                word: Word::NetworkMissing,
                plmn_listed,
                floor,
            };
            let policy = Policy { floor: floor_for_all(setting(floor)), ..policy() };
            agrees(case, &request_for(case), &profile_of(case), &policy);
        }
    }
}

#[test]
fn every_pair_of_settings_gives_the_indicators_of_clause_9_5_4() {
    for r in PrivacySetting::ALL {
        for u in PrivacySetting::ALL {
            let profile = compiled(listed(Some(r), Some(u)));
            let (gmlc, policy) = (gmlc(), policy());
            let with = |asked: &LocationRequest| {
                checked(Question { request: asked, gmlc: &gmlc, now: NOW, policy: &policy }, &profile)
                    .map(|d| (d.unrelated, d.related))
            };
            let barred = |allowed: bool| allowed.then_some(()).ok_or(RefusalReason::ClassBars);
            let session = with(&apn_request());
            assert_eq!(session.map_err(|e| e.reason), barred(r != X || u != X).map(|()| (u, Some(r))));
            assert_eq!(with(&request()).map_err(|e| e.reason), barred(u != X).map(|()| (u, None)));
        }
    }
}

#[test]
fn all_plmn_client_types_by_their_list() {
    for listed in PlmnClient::ALL {
        for asking in PlmnClient::ALL {
            let profile = compiled(Rules { plmn_operator: Some(vec![listed]), ..Rules::default() });
            let mut asked = request_of(LcsClientType::PlmnOperator);
            asked.client.internal = Some(asking);
            let (gmlc, policy) = (gmlc(), policy());
            let decision = checked(Question { request: &asked, gmlc: &gmlc, now: NOW, policy: &policy }, &profile);
            assert_eq!(decision.is_ok(), listed == asking);
            assert_eq!(decision.is_ok_and(|d| d.home_plmn_only), listed == asking && asking == PlmnClient::OmHplmn);
        }
    }
}

#[test]
fn the_most_specific_entry_decides_even_when_its_conditions_fail() {
    let range = ListedClient::new(address("+4930"));
    let cases = [
        (ListedClient { setting: VR, ..ListedClient::new(client()) }, Ok(VR)),
        (ListedClient { setting: X, ..ListedClient::new(client()) }, Err(RefusalReason::ClassBars)),
        (
            ListedClient { gmlc: GmlcRestriction::Identified, ..ListedClient::new(client()) },
            Err(RefusalReason::GmlcRestriction),
        ),
        // Longer than the client's number: no match, the range decides.
        (ListedClient { setting: X, ..ListedClient::new(address("+49301234567")) }, Ok(N)),
    ];
    for (specific, expected) in cases {
        for clients in [vec![range.clone(), specific.clone()], vec![specific.clone(), range.clone()]] {
            let unrelated = Some(ClassRules { not_listed: NT, clients });
            let profile = compiled(Rules { unrelated, gmlcs: vec![address("+33")], ..Rules::default() });
            let (gmlc, policy, asked) = (gmlc(), policy(), request());
            let decision = checked(Question { request: &asked, gmlc: &gmlc, now: NOW, policy: &policy }, &profile);
            assert_eq!(decision.map(|d| d.unrelated).map_err(|e| e.reason), expected);
        }
    }
}

#[test]
fn gmlc_restrictions_by_the_requesting_gateway() {
    let through = |restriction, gmlc: Address| {
        let unrelated = ListedClient { gmlc: restriction, ..ListedClient::new(client()) };
        let unrelated = Some(ClassRules::unrelated(vec![unrelated]));
        let profile = compiled(Rules { unrelated, gmlcs: vec![address("+3361")], ..Rules::default() });
        let (policy, asked) = (policy(), request());
        checked(Question { request: &asked, gmlc: &gmlc, now: NOW, policy: &policy }, &profile).is_ok()
    };
    let national = Address { nature: lcs::NatureOfAddress::National, ..address("+49170") };
    for (gmlc, any, at_home, identified) in [
        (address("+49170999"), true, true, false),
        (address("+33612345"), true, false, true),
        (address("+43664"), true, false, false),
        (national, true, false, false),
    ] {
        assert_eq!(through(GmlcRestriction::Any, gmlc), any);
        assert_eq!(through(GmlcRestriction::HomeCountry, gmlc), at_home);
        assert_eq!(through(GmlcRestriction::Identified, gmlc), identified);
    }
}

#[test]
fn conditions_of_the_profile_refuse_and_those_of_an_entry_shut_its_class() {
    let requestor = |text: &str| Requestor { text: text.to_owned(), format: lcs::FormatIndicator::Msisdn };
    let allows = Conditions { requestors: Some(vec![requestor("+49171")]), ..Conditions::default() };
    let night = Conditions {
        hours: Some(Hours { windows: vec![Window { start_min: 0, end_min: 60 }] }),
        ..Conditions::default()
    };
    let with_entry = |conditions: Conditions, related| {
        let mut rules = listed(related, Some(N));
        rules.unrelated.iter_mut().flat_map(|c| &mut c.clients).for_each(|c| c.conditions = conditions.clone());
        compiled(rules)
    };
    let with_profile = |conditions| compiled(Rules { conditions, ..listed(Some(N), Some(N)) });
    let (gmlc, policy) = (gmlc(), policy());
    let ask = |profile: &CompiledProfile, who: Option<&str>| {
        let mut asked = dialled_request();
        asked.client.requestor = who.map(requestor);
        checked(Question { request: &asked, gmlc: &gmlc, now: NOW, policy: &policy }, profile)
            .map(|d| (d.unrelated, d.related))
            .map_err(|refusal| (refusal.reason, refusal.rule))
    };
    let no_requestor = RefusalReason::RequestorNotAllowed;
    assert_eq!(ask(&with_profile(allows.clone()), Some("49171")), Ok((N, Some(N))));
    assert_eq!(ask(&with_profile(allows.clone()), Some("49172")), Err((no_requestor, RuleId::Requestor)));
    assert_eq!(ask(&with_profile(allows.clone()), None), Err((no_requestor, RuleId::Requestor)));
    assert_eq!(ask(&with_entry(allows.clone(), None), None), Err((no_requestor, RuleId::EntryRequestor)));
    assert_eq!(ask(&with_entry(allows, Some(VA)), None), Ok((X, Some(VA))));
    let outside = RefusalReason::OutsideHours;
    assert_eq!(ask(&with_profile(night.clone()), None), Err((outside, RuleId::Hours)));
    assert_eq!(ask(&with_entry(night.clone(), None), None), Err((outside, RuleId::EntryHours)));
    assert_eq!(ask(&with_entry(night, Some(VA)), None), Ok((X, Some(VA))));
}

#[test]
fn opt_out_switch_pause_and_unreadable_refuse_everybody_in_this_order() {
    let everything = compiled(Rules { universal: true, ..Rules::default() });
    let (gmlc, policy) = (gmlc(), policy());
    let later = Some(NOW.after(lcs::Duration::from_secs(1)));
    for at in 0..16u8 {
        let standing = Standing {
            opted_out: at & 1 != 0,
            switched_off: at & 2 != 0,
            paused_until: later.filter(|_| at & 4 != 0),
            utc_offset_min: 0,
        };
        let rules = (at & 8 == 0).then_some(&*everything.rules);
        let expected = match at {
            _ if at & 1 != 0 => Err(RefusalReason::OptedOut),
            _ if at & 2 != 0 => Err(RefusalReason::SwitchedOff),
            _ if at & 4 != 0 => Err(RefusalReason::Paused),
            8 => Err(RefusalReason::ProfileUnreadable),
            _ => Ok(N),
        };
        for client_type in LcsClientType::ALL {
            let asked = request_of(client_type);
            let question = Question { request: &asked, gmlc: &gmlc, now: NOW, policy: &policy };
            let decision = check(question, Subject { standing, rules }, &mut NoTrace);
            assert_eq!(decision.map(|d| d.unrelated).map_err(|e| e.reason), expected);
        }
    }
    let ends_now = Standing { paused_until: Some(NOW), ..Standing::default() };
    assert_eq!(check_standing(ends_now, NOW, &mut NoTrace), Ok(()));
}

#[test]
fn floors_add_up_to_the_strictest() {
    let mut asked = request();
    asked.service_type = ServiceType::new(16);
    let floor = |account, service, client_type| {
        OperatorFloor::none()
            .for_account("fleet".into(), account)
            .for_account("other".into(), X)
            .for_service_type(ServiceType::new(16).unwrap(), service)
            .for_service_type(ServiceType::new(17).unwrap(), X)
            .for_client_type(LcsClientType::ValueAdded, client_type)
            .for_client_type(LcsClientType::PlmnOperator, X)
            .of(&asked)
    };
    assert_eq!(OperatorFloor::none().of(&asked), N);
    assert_eq!([floor(NT, N, N), floor(N, VA, NT), floor(NT, VA, VR)], [NT, VA, VR]);
}

#[test]
fn rule_numbers_and_words_are_single_and_lead_back() {
    for rule in RuleId::ALL {
        assert_eq!(RuleId::from_code(rule.code()), Some(*rule));
        assert!(rule.clause().starts_with("TS 23.271 "));
        assert_eq!(RuleId::ALL.iter().filter(|other| other.word() == rule.word()).count(), 1);
    }
    assert_eq!(RuleId::from_code(0), None);
    assert_eq!(
        Refusal::new(RuleId::Codeword, RefusalReason::CodewordWrong).to_string(),
        "codeword wrong (rule codeword, TS 23.271 clause 10.3.2)"
    );
}

fn any_setting() -> impl Strategy<Value = PrivacySetting> {
    prop::sample::select(PrivacySetting::ALL.to_vec())
}

fn any_conditions() -> impl Strategy<Value = Conditions> {
    let hours = prop::option::weighted(0.3, (0..10_080u16, 1..10_080u16));
    let requestors = prop::option::weighted(0.2, Just(()));
    (hours, requestors, any::<bool>()).prop_map(|(hours, requestors, notify_after_positioning)| Conditions {
        hours: hours
            .filter(|(a, b)| a != b)
            .map(|(start_min, end_min)| Hours { windows: vec![Window { start_min, end_min }] }),
        requestors: requestors
            .map(|()| vec![Requestor { text: "Anna".to_owned(), format: lcs::FormatIndicator::LogicalName }]),
        areas: Vec::new(),
        notify_after_positioning,
    })
}

fn any_restriction() -> impl Strategy<Value = GmlcRestriction> {
    prop::sample::select(vec![GmlcRestriction::Any, GmlcRestriction::HomeCountry, GmlcRestriction::Identified])
}

fn any_class() -> impl Strategy<Value = Option<ClassRules>> {
    let numbers =
        prop::sample::subsequence(vec!["+49", "+4930", "+493012", "+4930123456", "+49301234567", "+33"], 0..4);
    let entries = (numbers, prop::collection::vec((any_setting(), any_restriction(), any_conditions()), 4));
    prop::option::of((any_setting(), entries).prop_map(|(not_listed, (numbers, entries))| {
        ClassRules {
            not_listed,
            clients: numbers
                .into_iter()
                .zip(entries)
                .map(|(number, (setting, gmlc, conditions))| ListedClient {
                    address: address(number),
                    setting,
                    gmlc,
                    conditions,
                })
                .collect(),
        }
    }))
}

prop_compose! {
    pub(crate) fn any_profile()(
        universal in prop::bool::weighted(0.1),
        related in any_class(),
        mut unrelated in any_class(),
        services in prop::option::of((any_setting(), any_setting(), any_restriction(), any_conditions())),
        word in prop::option::weighted(0.3, any::<bool>()),
        conditions in any_conditions(),
        (opted_out, switched_off, paused) in (prop::bool::weighted(0.1), prop::bool::weighted(0.1), prop::bool::weighted(0.1)),
    ) -> Profile {
        let notified = |setting: PrivacySetting| setting.stricter(NT);
        if let Some(class) = &mut unrelated {
            class.not_listed = notified(class.not_listed);
        }
        let sesame = Codeword::new(NETWORK_CODE.to_owned()).unwrap();
        let handling = |ue| if ue { CodewordHandling::Ue } else { CodewordHandling::Network };
        Profile {
            standing: Standing { opted_out, switched_off, paused_until: paused.then_some(Timestamp::from_secs(u64::MAX)), utc_offset_min: 60 },
            rules: Rules {
                universal,
                related,
                unrelated,
                plmn_operator: Some(vec![PlmnClient::AnonymousLocation]),
                service_types: services.map(|(not_listed, setting, gmlc, conditions)| ServiceTypes {
                    not_listed: notified(not_listed),
                    listed: vec![ListedService { service_type: ServiceType::new(13).unwrap(), setting, gmlc, conditions }],
                }),
                codewords: word.map(|ue| Codewords::new(handling(ue), [&sesame])),
                gmlcs: vec![address("+33611")],
                conditions,
            },
        }
    }
}

prop_compose! {
    pub(crate) fn any_request()(
        client_type in prop::sample::select(vec![
            LcsClientType::ValueAdded, LcsClientType::ValueAdded, LcsClientType::ValueAdded,
            LcsClientType::PlmnOperator, LcsClientType::Emergency, LcsClientType::LawfulIntercept,
        ]),
        session in 0..3u8,
        service in prop::option::of(prop::sample::select(vec![13u32, 16])),
        word in prop::option::of(prop::sample::select(vec![NETWORK_CODE, "open"])),
        requestor in prop::option::of(prop::sample::select(vec!["Anna", "Bert"])),
    ) -> LocationRequest {
        let mut asked = match session {
            0 => request(),
            1 => dialled_request(),
            _ => apn_request(),
        };
        asked.service_type = service.and_then(ServiceType::new);
        asked.codeword = word.map(|word| Codeword::new(word.to_owned()).unwrap());
        asked.client.requestor = requestor.map(|text| Requestor { text: text.to_owned(), format: lcs::FormatIndicator::LogicalName });
        if client_type != LcsClientType::ValueAdded {
            asked.client = request_of(client_type).client;
        }
        asked
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_explanation_comes_to_the_decision_and_names_its_rule(
        profile in any_profile(), asked in any_request(), hour in 0..168u64, floor in any_setting(),
    ) {
        let profile = profile.compile().unwrap();
        let policy = Policy { floor: floor_for_all(floor), ..policy() };
        let gmlc = gmlc();
        let question = Question { request: &asked, gmlc: &gmlc, now: Timestamp::from_secs(NOW.secs() + hour * 3600), policy: &policy };
        let subject = Subject { standing: profile.standing, rules: Some(&*profile.rules) };
        let mut steps: Vec<Step> = Vec::new();
        let explained = check(question, subject, &mut steps);
        prop_assert_eq!(explained, check(question, subject, &mut NoTrace));
        let decided = match &explained { Ok(decision) => decision.rule, Err(refusal) => refusal.rule };
        prop_assert!(steps.iter().any(|step| step.rule == decided), "{decided:?} is not among {steps:?}");
    }

    #[test]
    fn no_profile_loosens_below_the_floor_and_no_floor_loosens_a_profile(
        profile in any_profile(), asked in any_request(), floor in any_setting(),
    ) {
        let profile = profile.compile().unwrap();
        let gmlc = gmlc();
        let at = |floor| {
            let policy = Policy { floor: floor_for_all(floor), ..policy() };
            checked(Question { request: &asked, gmlc: &gmlc, now: NOW, policy: &policy }, &profile)
        };
        match (at(N), at(floor)) {
            (Err(free), floored) => prop_assert_eq!(floored.unwrap_err(), free),
            (Ok(free), Ok(floored)) => {
                prop_assert_eq!(floored.unrelated, free.unrelated.stricter(floor));
                prop_assert_eq!(floored.related, free.related.map(|r| r.stricter(floor)));
            }
            (Ok(free), Err(refusal)) => {
                prop_assert_eq!(refusal.reason, RefusalReason::OperatorFloor);
                let loosest = free.related.map_or(free.unrelated, |r| r.looser(free.unrelated));
                prop_assert!(floor == X || (asked.client.client_type != LcsClientType::ValueAdded && floor > loosest));
            }
        }
    }

    #[test]
    fn without_a_class_nothing_is_allowed(asked in any_request(), conditions in any_conditions()) {
        let profile = compiled(Rules { conditions, ..Rules::default() });
        let (gmlc, policy) = (gmlc(), policy());
        let question = Question { request: &asked, gmlc: &gmlc, now: NOW, policy: &policy };
        prop_assert!(checked(question, &profile).is_err());
    }
}

#[test]
fn what_a_request_wants_at_least_never_loosens_and_always_counts() {
    let base = Case {
        client_type: LcsClientType::ValueAdded,
        universal: false,
        unrelated: Says::Nothing,
        related: Says::Nothing,
        session: true,
        service: Says::Nothing,
        names_service: false,
        word: Word::Unused,
        plmn_listed: true,
        floor: 0,
    };
    let gmlc = gmlc();
    for (u, r, least_u, least_r) in
        (0..5u8).flat_map(|u| (0..5u8).flat_map(move |r| (0..25u8).map(move |l| (u, r, l / 5, l % 5))))
    {
        let case = Case { unrelated: Says::Listed(u, true), related: Says::Listed(r, true), ..base };
        let mut asked = request_for(case);
        asked.least_privacy = LeastPrivacy { unrelated: setting(least_u), related: setting(least_r) };
        let question = Question { request: &asked, gmlc: &gmlc, now: NOW, policy: &policy() };
        let got =
            checked(question, &profile_of(case)).map(|d| (d.unrelated.code(), d.related.map(PrivacySetting::code)));
        let (wanted_u, wanted_r) = (u.max(least_u), r.max(least_r));
        let wanted = (wanted_u < 4 || wanted_r < 4).then_some((wanted_u, Some(wanted_r)));
        assert_eq!(got.ok(), wanted, "unrelated {u} at least {least_u}, related {r} at least {least_r}");
    }
}
