use lcs::NatureOfAddress;

use super::*;
use crate::sccp::{NatureIndicator, TitleError};

fn route(point_code: u32) -> Route {
    Route { point_code: PointCode::new(point_code).unwrap(), ssn: None, routing: Routing::GlobalTitle }
}

fn number(text: &str) -> Address {
    Address::international(text).unwrap()
}

fn title(text: &str) -> GlobalTitle {
    GlobalTitle::e164(number(text)).unwrap()
}

#[test]
fn the_longest_prefix_counts() {
    let mut table = TranslationTable::new();
    for (prefix, point_code) in [("4", 1), ("49170", 2), ("491701", 3), ("49170123456", 4)] {
        table.insert(number(prefix), route(point_code)).unwrap();
    }
    let cases = [("49170123456", 4), ("491701234567", 4), ("4917012345", 3), ("491709", 2), ("49", 1), ("4", 1)];
    for (digits, point_code) in cases {
        assert_eq!(table.translate(title(digits)), Ok(route(point_code)), "{digits}");
    }
    assert_eq!(table.translate(title("33")), Err(TranslationError::Address));
    table.insert(number("49170"), route(9)).unwrap();
    assert_eq!(table.translate(title("491709")), Ok(route(9)), "the later entry counts");
}

#[test]
fn an_unknown_title_is_an_error_unless_there_is_a_default() {
    let mut table = TranslationTable::new();
    assert_eq!(table.translate(title("49")), Err(TranslationError::Nature));
    table.insert(number("49"), route(1)).unwrap();
    assert_eq!(table.translate(title("33")), Err(TranslationError::Address));
    let national = Address { nature: NatureOfAddress::National, ..number("170") };
    assert_eq!(table.translate(GlobalTitle::e164(national).unwrap()), Err(TranslationError::Nature));
    assert_eq!(TranslationError::Nature.cause(), ReturnCause::NoTranslationNature);
    assert_eq!(TranslationError::Address.cause(), ReturnCause::NoTranslationAddress);
    table.set_default(Some(route(7)));
    assert_eq!(table.translate(title("33")), Ok(route(7)));
    assert_eq!(table.translate(title("49")), Ok(route(1)));
}

#[test]
fn plans_and_natures_are_kept_apart_and_what_a_title_leaves_out_is_international_e164() {
    let mut table = TranslationTable::new();
    let e214 = Address { plan: NumberingPlan::Other(PlanIndicator::ISDN_MOBILE.0), ..number("49170") };
    table.insert(number("49170"), route(1)).unwrap();
    table.insert(e214, route(2)).unwrap();
    let digits = Digits::parse("491701234").unwrap();
    let (isdn, mobile) = (PlanIndicator::ISDN, PlanIndicator::ISDN_MOBILE);
    let nature = NatureIndicator::INTERNATIONAL;
    let cases = [
        (GlobalTitle::Full { translation_type: 0, plan: mobile, nature, digits }, Ok(route(2))),
        (GlobalTitle::Full { translation_type: 5, plan: isdn, nature, digits }, Ok(route(1))),
        (GlobalTitle::Plan { translation_type: 0, plan: mobile, digits }, Ok(route(2))),
        (GlobalTitle::Plan { translation_type: 0, plan: isdn, digits }, Ok(route(1))),
        (GlobalTitle::Type { translation_type: 0, digits }, Ok(route(1))),
        (GlobalTitle::Nature { nature, digits }, Ok(route(1))),
        (GlobalTitle::Nature { nature: NatureIndicator::UNKNOWN, digits }, Err(TranslationError::Nature)),
    ];
    for (title, expected) in cases {
        assert_eq!(table.translate(title), expected, "{title:?}");
    }
}

#[test]
fn subscribers_do_not_belong_into_the_table() {
    let mut table = TranslationTable::new();
    let plan = |plan: PlanIndicator, text| Address { plan: NumberingPlan::Other(plan.0), ..number(text) };
    assert_eq!(table.insert(plan(PlanIndicator::LAND_MOBILE, "262011"), route(1)), Ok(()));
    assert_eq!(table.insert(plan(PlanIndicator::LAND_MOBILE, "2620110"), route(1)), Err(TranslationError::Subscriber));
    assert_eq!(table.insert(plan(PlanIndicator::ISDN_MOBILE, "491701234"), route(1)), Ok(()));
    assert_eq!(
        table.insert(plan(PlanIndicator::ISDN_MOBILE, "4917012345"), route(1)),
        Err(TranslationError::Subscriber)
    );
}

#[test]
fn a_title_of_a_node_is_its_number_and_back() {
    for nature in [NatureOfAddress::International, NatureOfAddress::National, NatureOfAddress::Subscriber] {
        let address = Address { nature, ..number("49170") };
        assert_eq!(GlobalTitle::e164(address).unwrap().node_address(), address);
    }
    for nature in [NatureOfAddress::NetworkSpecific, NatureOfAddress::Abbreviated, NatureOfAddress::Other(0)] {
        assert_eq!(GlobalTitle::e164(Address { nature, ..number("49170") }), Err(TitleError));
    }
    let data = Address { plan: NumberingPlan::Other(3), ..number("49170") };
    assert_eq!(GlobalTitle::e164(data), Err(TitleError));
}
