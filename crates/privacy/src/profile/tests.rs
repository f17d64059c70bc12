//! What makes a profile sound, and what its conditions admit.

use super::*;
use crate::testing::*;
use lcs::gad::{
    Latitude, Longitude, Point, Shape, Uncertainty,
    geometry::{Area, Position},
};
use lcs::{Codeword, FormatIndicator};

fn compile(change: impl FnOnce(&mut Rules)) -> Result<CompiledProfile, ProfileError> {
    let mut rules = listed(Some(N), Some(N));
    change(&mut rules);
    Profile { rules, ..Profile::default() }.compile()
}

fn services(listed: Vec<ListedService>) -> Option<ServiceTypes> {
    Some(ServiceTypes { not_listed: X, listed })
}

fn conditions(change: impl FnOnce(&mut Conditions)) -> impl FnOnce(&mut Rules) {
    move |rules| change(&mut rules.conditions)
}

fn windows(pairs: &[(u16, u16)]) -> Option<Hours> {
    let windows =
        pairs.iter().map(|(start_min, end_min)| Window { start_min: *start_min, end_min: *end_min }).collect();
    Some(Hours { windows })
}

#[test]
fn defaults_of_clause_9_5_3() {
    assert_eq!(ClassRules::related(Vec::new()).not_listed, N);
    assert_eq!(ClassRules::unrelated(Vec::new()).not_listed, X);
    let entry = ListedClient::new(client());
    assert_eq!((entry.setting, entry.gmlc), (N, GmlcRestriction::Any));
    let entry = ListedService::new(ServiceType::new(0).unwrap());
    assert_eq!((entry.setting, entry.gmlc), (N, GmlcRestriction::Any));
    let nothing = Rules::default();
    assert!(!nothing.universal && nothing.related.is_none() && nothing.unrelated.is_none());
}

#[test]
fn each_broken_rule_has_its_error() {
    let service = || ListedService::new(ServiceType::new(13).unwrap());
    let requestor = || Requestor { text: "Anna".to_owned(), format: FormatIndicator::LogicalName };
    let area = || Area::circle(Position { lat_deg: 0.0, lon_deg: 0.0 }, 1.0).unwrap();
    let coarse = |radius_m| AreaRule { area: area(), when: Place::Inside, effect: AreaEffect::Coarsen { radius_m } };
    let unrelated = |rules: &mut Rules, change: fn(&mut ClassRules)| rules.unrelated.iter_mut().for_each(change);
    let broken = [
        (compile(|r| unrelated(r, |c| c.not_listed = N)), ProfileError::UnrelatedNotListedUnnotified),
        (
            compile(|r| r.service_types = Some(ServiceTypes { not_listed: N, listed: vec![service()] })),
            ProfileError::ServiceNotListedUnnotified,
        ),
        (compile(|r| r.plmn_operator = Some(Vec::new())), ProfileError::NoPlmnClients),
        (compile(|r| r.service_types = services(Vec::new())), ProfileError::NoServiceTypes),
        (compile(|r| unrelated(r, |c| c.clients.push(ListedClient::new(client())))), ProfileError::ClientTwice(1)),
        (compile(|r| r.service_types = services(vec![service(), service()])), ProfileError::ServiceTwice(1)),
        (
            compile(|r| {
                let identified = ListedService { gmlc: GmlcRestriction::Identified, ..service() };
                r.service_types = services(vec![identified]);
            }),
            ProfileError::NoIdentifiedGmlcs,
        ),
        (compile(|r| r.gmlcs = vec![gmlc(); 6]), ProfileError::TooMany { count: 6, limit: 5 }),
        (compile(|r| r.codewords = Some(Codewords::new(CodewordHandling::Network, []))), ProfileError::NoCodewords),
        (compile(conditions(|c| c.requestors = Some(Vec::new()))), ProfileError::NoRequestors),
        (
            compile(conditions(|c| c.requestors = Some(vec![requestor(); 251]))),
            ProfileError::TooMany { count: 251, limit: 250 },
        ),
        (compile(conditions(|c| c.hours = windows(&[]))), ProfileError::NoWindows),
        (compile(conditions(|c| c.hours = windows(&[(5, 5)]))), ProfileError::Window),
        (compile(conditions(|c| c.hours = windows(&[(10_080, 1)]))), ProfileError::Window),
        (compile(conditions(|c| c.hours = windows(&[(0, 10_081)]))), ProfileError::Window),
        (compile(conditions(|c| c.areas = vec![coarse(0)])), ProfileError::CoarsenRadius),
        (compile(conditions(|c| c.areas = vec![coarse(1_000_001)])), ProfileError::CoarsenRadius),
        (
            compile(|r| r.related.iter_mut().for_each(|c| c.clients[0].conditions.hours = windows(&[]))),
            ProfileError::NoWindows,
        ),
    ];
    for (at, (result, error)) in broken.into_iter().enumerate() {
        assert_eq!(result, Err(error), "row {at}");
    }
    for (offset, sound) in [(-721, false), (-720, true), (840, true), (841, false)] {
        let standing = Standing { utc_offset_min: offset, ..Standing::default() };
        assert_eq!(Profile { standing, ..Profile::default() }.compile().is_ok(), sound);
    }
    assert!(compile(|r| r.codewords = Some(Codewords::new(CodewordHandling::Ue, []))).is_ok());
    assert!(compile(|r| r.related.iter_mut().for_each(|c| c.not_listed = N)).is_ok());
}

#[test]
fn a_class_may_list_250_clients_and_the_longest_number_comes_first() {
    let many = |count: usize| (0..count).map(|at| ListedClient::new(address(&format!("49{}", 1000 + at)))).collect();
    assert!(compile(|r| r.unrelated = Some(ClassRules::unrelated(many(250)))).is_ok());
    let too_many = compile(|r| r.unrelated = Some(ClassRules::unrelated(many(251))));
    assert_eq!(too_many, Err(ProfileError::TooMany { count: 251, limit: 250 }));
    let numbers = ["49", "4930123", "4930"];
    let mixed = numbers.map(|number| ListedClient::new(address(number))).to_vec();
    let profile = compile(|r| r.unrelated = Some(ClassRules::unrelated(mixed))).unwrap();
    let class = profile.rules.rules.unrelated.as_ref().unwrap();
    assert_eq!(class.clients.iter().map(|c| c.address.digits.count()).collect::<Vec<_>>(), [7, 4, 2]);
}

#[test]
fn hours_run_over_sunday_midnight_and_follow_the_offset() {
    // The epoch is Thursday 00:00 UTC.
    let thursday = 3 * 1440;
    let at = |minute: u64| Timestamp::from_secs(minute * 60 + 59);
    let hours = windows(&[(thursday, thursday + 60)]).unwrap();
    assert!(hours.contain(at(0), 0) && hours.contain(at(59), 0) && !hours.contain(at(60), 0));
    assert!(!hours.contain(at(0), -1) && !hours.contain(at(0), 60) && hours.contain(at(60), -60));
    assert!(hours.contain(at(7 * 1440), 0));
    let over_midnight = windows(&[(10_000, 30)]).unwrap();
    let monday = u64::from(10_080 - thursday);
    assert!(over_midnight.contain(at(monday - 80), 0) && !over_midnight.contain(at(monday - 81), 0));
    assert!(over_midnight.contain(at(monday + 29), 0) && !over_midnight.contain(at(monday + 30), 0));
    let all_week = windows(&[(0, 10_080)]).unwrap();
    assert!((0..10_080).all(|minute| all_week.contain(at(minute), 0)));
    assert!(all_week.contain(Timestamp::from_micros(u64::MAX), 840));
}

#[test]
fn requestors_are_equal_in_text_and_form() {
    let one = |text: &str, format| Requestor { text: text.to_owned(), format };
    let (number, name) = (FormatIndicator::Msisdn, FormatIndicator::LogicalName);
    let allowed =
        Conditions { requestors: Some(vec![one("+49171", number), one("Anna", name)]), ..Conditions::default() };
    let cases = [
        (Some(one("49171", number)), true),
        (Some(one("+49171", number)), true),
        (Some(one("Anna", name)), true),
        (Some(one("anna", name)), false),
        (Some(one("+Anna", name)), false),
        (Some(one("Anna", number)), false),
        (Some(one("4917", number)), false),
        (None, false),
    ];
    for (requestor, admitted) in cases {
        assert_eq!(allowed.admits_requestor(requestor.as_ref()), admitted);
        assert!(Conditions::default().admits_requestor(requestor.as_ref()));
    }
}

#[test]
fn codewords_admit_equal_words_only_and_hide() {
    let word = |text: &str| Codeword::new(text.to_owned()).unwrap();
    let words = Codewords::new(CodewordHandling::Network, [&word("sesame"), &word("open")]);
    for (asked, admitted) in [("sesame", true), ("open", true), ("Sesame", false), ("sesam", false), ("sesamee", false)]
    {
        assert_eq!(words.admit(&word(asked)), admitted);
    }
    assert_eq!(format!("{words:?}"), "Codewords(Network, 2 hidden)");
}

/// Every list of up to two rules at every relation, against the three sentences of [`area::judge`].
#[test]
fn area_rules_in_any_order() {
    let centre = Position { lat_deg: 52.52, lon_deg: 13.405 };
    let area = Area::circle(centre, 10_000.0).unwrap();
    let circle = |lat_deg, radius_m| {
        let point = Point {
            latitude: Latitude::from_degrees(lat_deg).unwrap(),
            longitude: Longitude::from_degrees(13.405).unwrap(),
        };
        Shape::Circle(point, Uncertainty::for_result(radius_m).unwrap())
    };
    let (inside, outside, straddling) = (circle(52.52, 100.0), circle(48.0, 100.0), circle(52.52, 50_000.0));
    let effects = [
        AreaEffect::Allow,
        AreaEffect::Refuse,
        AreaEffect::Coarsen { radius_m: 500 },
        AreaEffect::Coarsen { radius_m: 900 },
    ];
    let places = [Place::Inside, Place::Outside];
    let every = || effects.iter().flat_map(|effect| places.map(|when| (when, *effect)));
    let lists = every().map(|a| vec![a]).chain(every().flat_map(|a| every().map(move |b| vec![a, b])));
    for list in lists.chain([Vec::new()]) {
        let rules: Vec<AreaRule> =
            list.iter().map(|(when, effect)| AreaRule { area: area.clone(), when: *when, effect: *effect }).collect();
        for (shape, relation) in [(&inside, Some(Place::Inside)), (&outside, Some(Place::Outside)), (&straddling, None)]
        {
            let may = |when: Place| relation.is_none_or(|place| place == when);
            let must = |when: Place| relation == Some(when);
            let refused = list.iter().any(|(when, effect)| *effect == AreaEffect::Refuse && may(*when));
            let mut allows = list.iter().filter(|(_, effect)| *effect == AreaEffect::Allow).peekable();
            let unmet = allows.peek().is_some() && !allows.any(|(when, _)| must(*when));
            let radius = list.iter().filter_map(|(when, effect)| match effect {
                AreaEffect::Coarsen { radius_m } if may(*when) => Some(*radius_m),
                _ => None,
            });
            let expected = match (refused || unmet, radius.max()) {
                (true, _) => AreaVerdict::Refused,
                (false, Some(radius_m)) => AreaVerdict::Coarsened(radius_m),
                (false, None) => AreaVerdict::AsItIs,
            };
            assert_eq!(judge_areas(&rules, Some(shape)), expected, "{list:?} at {relation:?}");
        }
        let blind = if rules.is_empty() { AreaVerdict::AsItIs } else { AreaVerdict::Refused };
        assert_eq!(judge_areas(&rules, None), blind);
    }
}
