//! The MME on the wire (TS 29.172; TS 23.271 clauses 9.1.15, 9.1.18 and A.3).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests, outside of test functions")]

mod support;

use diameter::{codec::Builder, dictionary as avp};
use lcs::{PrivacySetting, gad::Shape, select_rel6};
use std::sync::Arc;
use support::{HEAD, Lab, Plr, msisdn, result, subscriber, u32_of};
use testbed::Sight;

const SILENT: &str = "user = { answer = 'silent' }";

fn shown(sights: &[Sight]) -> Vec<(&'static str, Option<&'static str>)> {
    sights.iter().map(|sight| (sight.shown, sight.response)).collect()
}

/// A2-25x: all 25 pairs of settings, and those with either indicator left out, with and without a session.
#[tokio::test]
async fn every_pair_of_indicators_leads_to_the_action_of_figure_a2() {
    let session = "[[subscriber.session]]\napn = 'fleet.example'";
    let lab = Lab::start(&[HEAD.to_owned(), subscriber(1, session), subscriber(2, SILENT)].concat()).await;
    let settings: Vec<Option<PrivacySetting>> = PrivacySetting::ALL.into_iter().map(Some).chain([None]).collect();
    for related in &settings {
        for unrelated in &settings {
            for (n, criteria_met) in [(1, true), (2, false)] {
                let label = format!("sub-{n:02}");
                lab.network.screens().wipe(&label);
                let code = |setting: &Option<PrivacySetting>| setting.map(|setting| u32::from(setting.code()));
                let apn = Some("Fleet.Example");
                let plr = Plr { related: code(related), unrelated: code(unrelated), apn, ..Plr::of(n) };
                let answer = lab.ask_mme(&plr).await.unwrap();
                let action = select_rel6(*related, *unrelated, criteria_met).action;
                // The user of the first phone accepts at once, that of the second is silent.
                let expected = match (action, criteria_met) {
                    (PrivacySetting::NotAllowed, _) => (-4224, vec![]),
                    (PrivacySetting::AllowedWithoutNotification, _) => (2001, vec![]),
                    (PrivacySetting::AllowedWithNotification, _) => (2001, vec![("notification", Some("not_asked"))]),
                    (PrivacySetting::AllowedIfNoResponse, true) => (2001, vec![("question_allow", Some("granted"))]),
                    (PrivacySetting::AllowedIfNoResponse, false) => (2001, vec![("question_allow", Some("none"))]),
                    (PrivacySetting::RestrictedIfNoResponse, true) => {
                        (2001, vec![("question_restrict", Some("granted"))])
                    }
                    (PrivacySetting::RestrictedIfNoResponse, false) => {
                        (-4224, vec![("question_restrict", Some("none"))])
                    }
                };
                let got = (result(&answer), shown(&lab.network.screens().of(&label)));
                assert_eq!(got, expected, "{related:?} {unrelated:?} {criteria_met}");
                assert_eq!(answer.find(&avp::LOCATION_ESTIMATE).is_some(), expected.0 == 2001);
            }
        }
    }
    assert_eq!(lab.network.counted().plr_without_indicator, 12);
}

#[tokio::test]
async fn users_accept_refuse_come_late_or_stay_silent() {
    let lab = Lab::start(
        &[
            HEAD.to_owned(),
            subscriber(1, "user = { answer = 'accepts', after_ms = 10 }"),
            subscriber(2, "user = { answer = 'refuses', after_ms = 10 }"),
            subscriber(3, "user = { answer = 'accepts', after_ms = 60000 }"),
            subscriber(4, "user = { answer = 'refuses', after_ms = 60000 }"),
            subscriber(5, SILENT),
        ]
        .concat(),
    )
    .await;
    for (n, response, allow, restrict) in [
        (1, "granted", 2001, 2001),
        (2, "denied", -4224, -4224),
        (3, "none", 2001, -4224),
        (4, "none", 2001, -4224),
        (5, "none", 2001, -4224),
    ] {
        for (setting, expected, question) in [(2, allow, "question_allow"), (3, restrict, "question_restrict")] {
            let label = format!("sub-{n:02}");
            lab.network.screens().wipe(&label);
            assert_eq!(result(&lab.ask_mme(&Plr::unrelated(n, setting)).await.unwrap()), expected, "{label} {setting}");
            assert_eq!(shown(&lab.network.screens().of(&label)), [(question, Some(response))]);
        }
    }
}

#[tokio::test]
async fn the_user_sees_who_asks_and_why() {
    let lab = Lab::start(&[HEAD.to_owned(), subscriber(1, "")].concat()).await;
    let more = |builder: &mut Builder<'_>| {
        builder
            .group(&avp::LCS_REQUESTOR_NAME, |group| {
                group.text(&avp::LCS_REQUESTOR_ID_STRING, "dispatch desk").u32(&avp::LCS_FORMAT_INDICATOR, 0);
            })
            .u32(&avp::LCS_SERVICE_TYPE_ID, 16)
            .text(&avp::LCS_CODEWORD, "lighthouse");
    };
    let plr = Plr { more: Arc::new(more), ..Plr::unrelated(1, 1) };
    assert_eq!(result(&lab.ask_mme(&plr).await.unwrap()), 2001);
    let sights = lab.network.screens().of("sub-01");
    let sight = &sights[0];
    assert!(sight.at_us > 0 && !sight.after_positioning && !sight.asked());
    assert_eq!(sight.client.as_deref(), Some("Example Fleet"));
    assert_eq!(sight.requestor.as_deref(), Some("dispatch desk"));
    assert_eq!(sight.service_type, Some(16));
    assert_eq!(sight.codeword.as_deref(), Some("lighthouse"));
}

#[tokio::test]
async fn a_notification_alone_gives_no_position() {
    let refuses = "user = { answer = 'refuses' }";
    let lab = Lab::start(&[HEAD.to_owned(), subscriber(1, ""), subscriber(2, refuses)].concat()).await;
    for (n, setting, expected) in [(1, 1, 2001), (1, 3, 2001), (2, 1, 2001), (2, 3, -4224)] {
        let answer = lab.ask_mme(&Plr { location_type: 5, ..Plr::unrelated(n, setting) }).await.unwrap();
        assert_eq!(result(&answer), expected);
        assert!(answer.find(&avp::LOCATION_ESTIMATE).is_none() && answer.find(&avp::ECGI).is_none());
    }
    assert!(lab.network.screens().of("sub-01").iter().all(|sight| sight.after_positioning));
}

#[tokio::test]
async fn states_have_their_errors_and_last_known_locations() {
    let states = ["detached", "suspended", "unreachable", "positioning_fails", "unknown_to_mme"];
    let text: String = states.iter().zip(1..).map(|(state, n)| subscriber(n, &format!("state = '{state}'"))).collect();
    let lab = Lab::start(&[HEAD.to_owned(), text, subscriber(9, "mme = 'mme-2'")].concat()).await;
    for (n, current, last) in
        [(1, -4223, 2001), (2, -4222, 2001), (3, -4221, 2001), (4, -4225, 2001), (5, -5001, -5001), (9, -5001, -5001)]
    {
        assert_eq!(result(&lab.ask_mme(&Plr::of(n)).await.unwrap()), current, "{n}");
        let answer = lab.ask_mme(&Plr { location_type: 1, ..Plr::of(n) }).await.unwrap();
        assert_eq!(result(&answer), last, "{n}");
        if last == 2001 {
            assert_eq!(u32_of(&answer, &avp::AGE_OF_LOCATION_ESTIMATE), Some(30));
        }
    }
    // Somebody who is to be told cannot be, so the last known location stays where it is (TS 23.271 clause 9.1.4.5).
    let told = Plr { location_type: 1, ..Plr::unrelated(1, 1) };
    assert_eq!(result(&lab.ask_mme(&told).await.unwrap()), -4223);
    // A request that is to wait, and does not say for what (TS 29.172 clause 6.2.2).
    assert_eq!(result(&lab.ask_mme(&Plr { location_type: 3, ..Plr::of(1) }).await.unwrap()), 5005);
}

#[tokio::test]
async fn only_value_added_clients_reach_the_user_and_a_mute_phone_denies() {
    let lab =
        Lab::start(&[HEAD.to_owned(), subscriber(1, SILENT), subscriber(2, "notifications = false")].concat()).await;
    for client_type in [0, 2, 3] {
        let plr = Plr { client_type, ..Plr::unrelated(1, 3) };
        assert_eq!(result(&lab.ask_mme(&plr).await.unwrap()), 2001);
        let plr = Plr { client_type, unrelated: None, ..Plr::of(1) };
        assert_eq!(result(&lab.ask_mme(&plr).await.unwrap()), 2001);
    }
    assert!(lab.network.screens().of("sub-01").is_empty());
    for (setting, expected) in [(0, 2001), (1, -4224), (2, -4224), (3, -4224)] {
        assert_eq!(result(&lab.ask_mme(&Plr::unrelated(2, setting)).await.unwrap()), expected);
    }
}

#[tokio::test]
async fn the_estimate_is_that_of_the_scenario() {
    let kinds = [
        "point",
        "circle",
        "ellipse",
        "polygon",
        "point_altitude",
        "altitude_ellipsoid",
        "arc",
        "ha_ellipse",
        "ha_altitude_ellipsoid",
        "ha_scalable_ellipse",
        "ha_altitude_scalable_ellipsoid",
    ];
    let text: String = kinds
        .iter()
        .zip(1..)
        .map(|(kind, n)| {
            subscriber(n, &format!("estimate = {{ shape = '{kind}', uncertainty_m = 40.0, age_min = 7, cell = 257 }}"))
        })
        .collect();
    let lab = Lab::start(&[HEAD.to_owned(), text].concat()).await;
    for (kind, n) in lcs::gad::ShapeKind::ALL.iter().zip(1..) {
        let accuracy = |builder: &mut Builder<'_>| {
            builder.group(&avp::LCS_QOS, |group| {
                // 46.4 m, with a bit set that is to be ignored.
                group.u32(&avp::HORIZONTAL_ACCURACY, 0x80 | 18);
            });
        };
        let answer = lab.ask_mme(&Plr { more: Arc::new(accuracy), ..Plr::of(n) }).await.unwrap();
        let shape = Shape::decode(answer.find(&avp::LOCATION_ESTIMATE).unwrap().data).unwrap();
        assert_eq!(shape.kind(), *kind);
        let tells_uncertainty = !matches!(shape, Shape::Point(_) | Shape::PointAltitude(..));
        let fulfilled = u32_of(&answer, &avp::ACCURACY_FULFILMENT_INDICATOR);
        assert_eq!(fulfilled, Some(u32::from(!tells_uncertainty)), "{kind:?}");
        assert_eq!(u32_of(&answer, &avp::AGE_OF_LOCATION_ESTIMATE), Some(7));
        assert_eq!(answer.find(&avp::ECGI).unwrap().data, [0x00, 0xF1, 0x10, 0, 0, 1, 1]);
        let only_circle = |builder: &mut Builder<'_>| {
            builder.u32(&avp::SUPPORTED_GAD_SHAPES, 0b10);
        };
        let answer = lab.ask_mme(&Plr { more: Arc::new(only_circle), ..Plr::of(n) }).await.unwrap();
        assert_eq!(answer.find(&avp::LOCATION_ESTIMATE).unwrap().data[0], 0x10);
    }
}

#[tokio::test]
async fn a_phone_in_motion_tells_its_velocity_when_asked() {
    let text = subscriber(1, "").replace(
        "position = { latitude = 52.52, longitude = 13.405 }",
        "route = [{ latitude = 0.0, longitude = 0.0 }, { latitude = 0.0, longitude = 1.0, speed_km_h = 90.0 }]",
    );
    let lab = Lab::start(&[HEAD.to_owned(), text].concat()).await;
    let asked = |builder: &mut Builder<'_>| {
        builder.u32(&avp::VELOCITY_REQUESTED, 1);
    };
    let answer = lab.ask_mme(&Plr { more: Arc::new(asked), ..Plr::of(1) }).await.unwrap();
    assert_eq!(answer.find(&avp::VELOCITY_ESTIMATE).unwrap().data, [0x00, 0x5A, 0x00, 0x5A]);
    let answer = lab.ask_mme(&Plr::of(1)).await.unwrap();
    assert!(answer.find(&avp::VELOCITY_ESTIMATE).is_none());
}

#[tokio::test]
async fn what_is_missing_or_unknown_is_told() {
    let lab = Lab::start(&[HEAD.to_owned(), subscriber(1, "")].concat()).await;
    for def in [&avp::SLG_LOCATION_TYPE, &avp::LCS_EPS_CLIENT_NAME, &avp::LCS_CLIENT_TYPE] {
        let answer = lab.ask_mme(&Plr { without: Some(def.code.0), ..Plr::of(1) }).await.unwrap();
        assert_eq!(result(&answer), 5005, "{}", def.name);
        let failed = answer.find(&avp::FAILED_AVP).unwrap().grouped().unwrap();
        assert!(failed.find(def).is_some());
    }
    let nobody = Plr { imsi: None, ..Plr::of(1) };
    assert_eq!(result(&lab.ask_mme(&nobody).await.unwrap()), 5005);
    let by_msisdn = Plr { imsi: None, msisdn: Some(msisdn(1)), ..Plr::of(1) };
    assert_eq!(result(&lab.ask_mme(&by_msisdn).await.unwrap()), 2001);
    assert_eq!(result(&lab.ask_mme(&Plr::of(77)).await.unwrap()), -5001);
    assert_eq!(result(&lab.ask_mme(&Plr { client_type: 9, ..Plr::of(1) }).await.unwrap()), 5004);
    assert_eq!(result(&lab.ask_mme(&Plr { location_type: 9, ..Plr::of(1) }).await.unwrap()), 5004);
    // A setting that nobody knows is the strictest.
    assert_eq!(result(&lab.ask_mme(&Plr::unrelated(1, 9)).await.unwrap()), -4224);
}
