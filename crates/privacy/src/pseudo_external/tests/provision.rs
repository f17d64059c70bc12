//! What is provisioned, written out.

use super::{
    Address, LcsInformation, MoLrCode, NotificationToUser, OperatorFloor, PlmnClass, Provisioned, Rules, SlppContext,
    WhyWithheld, address, built, compiled, data, gmlc, home, plain, pseudo_external,
};
use crate::{
    AreaEffect, AreaRule, Conditions, Hours, Place, Profile, Standing, Window, check_slpp,
    testing::{NOW, NT, floor_for_all},
};
use lcs::{
    Duration, PlmnClient,
    gad::{Position, geometry::Area},
    slpp::{ExternalClientEntry, MoLrClass, PrivacyClass, PrivacyClassCode, SsStatus},
};

const NOTIFY: Option<NotificationToUser> = Some(NotificationToUser::NotifyLocationAllowed);
const ALLOW: Option<NotificationToUser> = Some(NotificationToUser::VerifyAllowedIfNoResponse);
const RESTRICT: Option<NotificationToUser> = Some(NotificationToUser::VerifyNotAllowedIfNoResponse);

fn entries(list: &[(u8, Option<NotificationToUser>)]) -> Vec<ExternalClientEntry> {
    let entry = |(number, notification): &(u8, _)| ExternalClientEntry {
        client: Some(address(&format!("+4990000000{number:02}"))),
        gmlc_restriction: None,
        notification: *notification,
    };
    list.iter().map(entry).collect()
}

fn basic_self_location() -> Vec<MoLrClass> {
    vec![MoLrClass { code: MoLrCode::BasicSelfLocation, status: SsStatus(0b0101) }]
}

fn fourteen() -> LcsInformation {
    let related = [
        (2, NOTIFY),
        (3, ALLOW),
        (4, RESTRICT),
        (5, RESTRICT),
        (6, ALLOW),
        (7, ALLOW),
        (8, NOTIFY),
        (9, NOTIFY),
        (10, NOTIFY),
        (11, None),
        (12, None),
        (13, None),
        (14, None),
    ];
    let unrelated = [
        (1, None),
        (2, NOTIFY),
        (3, ALLOW),
        (4, RESTRICT),
        (7, RESTRICT),
        (9, RESTRICT),
        (10, ALLOW),
        (12, RESTRICT),
        (13, ALLOW),
        (14, NOTIFY),
    ];
    LcsInformation {
        gmlc_list: Vec::new(),
        privacy_classes: vec![
            PrivacyClass {
                code: PrivacyClassCode::CallSessionRelated,
                status: SsStatus(0b0101),
                not_listed: Some(NotificationToUser::LocationNotAllowed),
                external_clients: entries(&related),
                plmn_clients: Vec::new(),
                service_types: Vec::new(),
            },
            PrivacyClass {
                code: PrivacyClassCode::CallSessionUnrelated,
                status: SsStatus(0b0101),
                not_listed: None,
                external_clients: entries(&unrelated),
                plmn_clients: Vec::new(),
                service_types: Vec::new(),
            },
        ],
        mo_lr: basic_self_location(),
    }
}

#[test]
fn all_fourteen_for_nodes_of_sets_2_and_3() {
    assert_eq!(plain(Provisioned::Fourteen), fourteen());
}

#[test]
fn the_first_four_for_nodes_of_set_1_too() {
    let unrelated = entries(&[(1, None), (2, NOTIFY), (3, ALLOW), (4, RESTRICT)]);
    let class =
        PrivacyClass { external_clients: unrelated, ..PrivacyClass::active(PrivacyClassCode::CallSessionUnrelated) };
    let expected = LcsInformation { gmlc_list: Vec::new(), privacy_classes: vec![class], mo_lr: basic_self_location() };
    assert_eq!(plain(Provisioned::FirstFour), expected);
}

#[test]
fn self_location_as_the_operator_says() {
    for mo_lr in [Vec::new(), MoLrCode::ALL.to_vec()] {
        let register = super::HomeRegisterData { mo_lr: mo_lr.clone(), ..data(Provisioned::FirstFour) };
        let written = register.slpp(&compiled(Rules::default()), &OperatorFloor::none(), NOW).information.mo_lr;
        assert_eq!(written.iter().map(|service| service.code).collect::<Vec<_>>(), mo_lr);
    }
}

#[test]
fn the_plmn_operator_class_is_the_profiles_own() {
    let listing = |list: &[PlmnClient]| Rules { plmn_operator: Some(list.to_vec()), ..Rules::default() };
    let written = |rules| {
        let built = built(Provisioned::Fourteen, &compiled(rules));
        let class = built.information.class(PrivacyClassCode::PlmnOperator).cloned();
        (built.plmn, class.map(|class| class.plmn_clients))
    };
    assert_eq!(written(Rules::default()), (PlmnClass::NotSubscribed, None));
    assert_eq!(
        written(listing(&[PlmnClient::OmVplmn, PlmnClient::Broadcast, PlmnClient::OmVplmn])),
        (PlmnClass::Listed, Some(vec![PlmnClient::Broadcast, PlmnClient::OmVplmn]))
    );
    // The universal class itself stays out: a node would try it before any identity (TS 23.271 Fig. A.1).
    let universal = Rules { universal: true, ..Rules::default() };
    assert_eq!(written(universal.clone()), (PlmnClass::Universal, Some(PlmnClient::ALL.to_vec())));
    let codes = built(Provisioned::Fourteen, &compiled(universal)).information.privacy_classes;
    assert_eq!(codes.iter().map(|class| class.code.code()).collect::<Vec<_>>(), [0xB2, 0xB3, 0xB4]);
}

#[test]
fn service_types_and_clients_of_the_profile_stay_here() {
    let mut rules = crate::testing::listed(Some(crate::testing::N), Some(crate::testing::N));
    let listed = vec![crate::ListedService::new(lcs::ServiceType::new(13).unwrap())];
    rules.service_types = Some(crate::ServiceTypes { not_listed: NT, listed });
    assert_eq!(built(Provisioned::Fourteen, &compiled(rules)).information, fourteen());
}

#[test]
fn who_bars_keeps_the_identities_and_loses_the_plmn_operator_class() {
    let rules = Rules { plmn_operator: Some(vec![PlmnClient::Broadcast]), ..Rules::default() };
    let later = NOW.after(Duration::from_secs(3600));
    let standing = Standing::default();
    let cases = [
        (Standing { opted_out: true, ..standing }, WhyWithheld::OptedOut),
        (Standing { switched_off: true, ..standing }, WhyWithheld::SwitchedOff),
        (Standing { paused_until: Some(later), ..standing }, WhyWithheld::PausedUntil(later)),
    ];
    for (standing, why) in cases {
        let profile = Profile { standing, rules: rules.clone() }.compile().unwrap();
        let built = built(Provisioned::Fourteen, &profile);
        assert_eq!((built.plmn, built.information), (PlmnClass::Withheld(why), fourteen()));
    }
    // A pause that is over bars nobody.
    let over = Standing { paused_until: Some(NOW), ..standing };
    let profile = Profile { standing: over, rules }.compile().unwrap();
    assert_eq!(built(Provisioned::Fourteen, &profile).plmn, PlmnClass::Listed);
}

#[test]
fn the_plmn_operator_class_is_withheld_where_a_node_could_not_keep_to_more() {
    let with = |conditions| {
        let plmn_operator = Some(vec![PlmnClient::Broadcast]);
        built(Provisioned::FirstFour, &compiled(Rules { plmn_operator, conditions, ..Rules::default() })).plmn
    };
    let hours = Hours { windows: vec![Window { start_min: 480, end_min: 1080 }] };
    assert_eq!(
        with(Conditions { hours: Some(hours), ..Conditions::default() }),
        PlmnClass::Withheld(WhyWithheld::Hours)
    );
    let area = Area::circle(Position { lat_deg: 52.52, lon_deg: 13.405 }, 1000.0).unwrap();
    let areas = vec![AreaRule { area, when: Place::Inside, effect: AreaEffect::Refuse }];
    assert_eq!(with(Conditions { areas, ..Conditions::default() }), PlmnClass::Withheld(WhyWithheld::Areas));
    // What is asked of value added clients alone changes nothing.
    assert_eq!(with(Conditions { notify_after_positioning: true, ..Conditions::default() }), PlmnClass::Listed);
    let profile = compiled(Rules { universal: true, ..Rules::default() });
    let floored = data(Provisioned::FirstFour).slpp(&profile, &floor_for_all(NT), NOW);
    assert_eq!(floored.plmn, PlmnClass::Withheld(WhyWithheld::Floor));
}

#[test]
fn what_is_provisioned_passes_the_check() {
    let visited: [Address; 2] = [gmlc(), address("+33600000001")];
    let clients = [crate::testing::client()];
    for provisioned in [Provisioned::Fourteen, Provisioned::FirstFour] {
        for list in [None, Some(vec![PlmnClient::OmHplmn]), Some(PlmnClient::ALL.to_vec())] {
            let rules = Rules { plmn_operator: list.clone(), ..Rules::default() };
            let information = built(provisioned, &compiled(rules)).information;
            let expected = list.unwrap_or_default();
            let context =
                SlppContext { home: &home(), gateways: &visited, clients: &clients, plmn_clients: Some(&expected) };
            assert_eq!(check_slpp(&information, &pseudo_external(provisioned), &context), []);
        }
    }
}
