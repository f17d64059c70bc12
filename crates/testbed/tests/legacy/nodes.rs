//! MSC and SGSN on the wire (TS 29.002 clause 13A.2; TS 23.271 clauses 9.1.2, 9.1.4, 9.1.6, 9.1.10, Annex D).

use super::lab::{HEAD, Lab, More, msc, number, psl, sgsn, subscriber};
use lcs::{
    LcsClientType, LocationType,
    PrivacySetting::{self, AllowedWithNotification, AllowedWithoutNotification, RestrictedIfNoResponse},
    gad::{Shape, ShapeKind},
};
use ss7::map::{
    AbsentSubscriberReason, CellOrArea, MapError, Operation, PositionMethodFailureDiagnostic as Position, ReceivedPsl,
    UnauthorizedLcsClientDiagnostic as Why,
};
use transport::sigtran::{ApplicationContext, Invoke, InvokeOutcome, Ssn, by_number};

const CLIENT: &str = "99912345001";

fn indicated(n: u8, setting: PrivacySetting) -> ReceivedPsl {
    psl(n, CLIENT).indicators(setting, None)
}

#[tokio::test]
async fn users_are_told_and_asked_and_have_their_way() {
    let text: String = ["accepts", "refuses", "silent"]
        .iter()
        .zip(1..)
        .map(|(answer, n)| subscriber(n, &format!("msc = 'msc-1'\nuser = {{ answer = '{answer}' }}")))
        .collect();
    let lab = Lab::start(&[HEAD.to_owned(), msc(1, "capability_set = 5"), text].concat()).await;
    let denied = MapError::UnauthorizedLcsClient(Some(Why::NoAdditionalInformation));
    let ways = [(1, [None, None, None]), (2, [None, Some(denied), Some(denied)]), (3, [None, None, Some(denied)])];
    for (n, outcomes) in ways {
        for (code, outcome) in (1u32..).zip(outcomes) {
            let setting = PrivacySetting::from_code(code).unwrap();
            assert_eq!(lab.psl(1, &indicated(n, setting)).await.err(), outcome, "{n} {setting:?}");
        }
        let shown: Vec<_> = lab.seen(n).iter().map(|sight| (sight.shown, sight.response.unwrap())).collect();
        let response = [("granted", 1), ("denied", 2), ("none", 3)].iter().find(|(_, of)| *of == n).unwrap().0;
        assert_eq!(
            shown,
            [("notification", "not_asked"), ("question_allow", response), ("question_restrict", response)]
        );
    }
}

#[tokio::test]
async fn an_old_handset_shows_the_merged_name_and_a_new_one_both_fields() {
    let all = "lcs_information = { class = [{ class = 'unrelated', not_listed = 'notify' }] }";
    let mut text = HEAD.replace("[ss7.hlr]", &format!("[ss7.hlr]\n{all}"));
    for n in 1..=5u8 {
        text.push_str(&msc(n, &format!("capability_set = {n}")));
        text.push_str(&subscriber(n, &format!("msc = 'msc-{n}'")));
    }
    let lab = Lab::start(&text).await;
    for n in 1..=5u8 {
        let mut asked = psl(n, CLIENT).requestor("+491701234567");
        asked.service_type = lcs::ServiceType::new(16);
        asked.codeword = lcs::Codeword::new("lighthouse".to_owned()).and_then(|w| ss7::map::CodewordString::new(&w));
        assert!(lab.psl(n, &asked).await.is_ok());
        let sight = lab.seen(n)[0].clone();
        assert_eq!(sight.shown_name.as_deref(), Some("Acme==+491701234567"));
        assert_eq!(sight.requestor.as_deref(), Some("+491701234567"));
        assert_eq!(sight.client_number.as_deref(), Some("+99912345001"));
        let old = n < 3;
        assert_eq!(sight.client.as_deref(), Some(if old { "Acme" } else { "Acme==+491701234567" }), "set {n}");
        assert_eq!(sight.service_type, (!old).then_some(16));
        assert_eq!(sight.codeword.as_deref(), (!old).then_some("lighthouse"));
    }
    // D-11: parted at the first "==".
    assert!(lab.psl(2, &psl(2, CLIENT).requestor("a==b")).await.is_ok());
    let sight = lab.seen(2)[1].clone();
    assert_eq!((sight.client.as_deref(), sight.requestor.as_deref()), (Some("Acme"), Some("a==b")));
}

#[tokio::test]
async fn calls_count_at_an_msc_and_sessions_at_an_sgsn() {
    let own = "[[subscriber.call]]\nnumber = '+99912345001'\n[[subscriber.session]]\napn = 'fleet.example'";
    let text = [
        HEAD.to_owned(),
        msc(1, "capability_set = 4"),
        sgsn(1, "capability_set = 4"),
        subscriber(1, &format!("msc = 'msc-1'\nsgsn = 'sgsn-1'\n{own}")),
        subscriber(
            2,
            &format!("msc = 'msc-1'\nsgsn = 'sgsn-1'\n{}", own.replace("'\n[", "'\noriginated_by = 'network'\n[")),
        ),
        subscriber(3, "msc = 'msc-1'\nsgsn = 'sgsn-1'"),
    ];
    let lab = Lab::start(&text.concat()).await;
    let asked = |n| psl(n, CLIENT).indicators(PrivacySetting::NotAllowed, Some(AllowedWithoutNotification));
    let no_call = MapError::UnauthorizedLcsClient(Some(Why::CallToClientNotSetup));
    assert!(lab.psl(1, &asked(1).dialled(CLIENT)).await.is_ok());
    assert_eq!(lab.psl(1, &asked(1).dialled("99912345002")).await, Err(no_call));
    assert_eq!(lab.psl(1, &asked(1).apn("fleet.example")).await, Err(no_call));
    assert_eq!(lab.psl(1, &asked(2).dialled(CLIENT)).await, Err(no_call));
    assert!(lab.psl_ps(1, &asked(1).apn("Fleet.Example")).await.is_ok());
    assert_eq!(lab.psl_ps(1, &asked(1).dialled(CLIENT)).await, Err(no_call));
    assert_eq!(lab.psl_ps(1, &asked(1).apn("other")).await, Err(no_call));
    // A call that is made now, and ends.
    let phone = lab.network.phones().labelled("sub-03").unwrap();
    assert_eq!(lab.psl(1, &asked(3).dialled(CLIENT)).await, Err(no_call));
    phone.set_call("+99912345001", true);
    assert!(lab.psl(1, &asked(3).dialled(CLIENT)).await.is_ok());
    phone.set_call(CLIENT, false);
    assert_eq!(lab.psl(1, &asked(3).dialled(CLIENT)).await, Err(no_call));
}

#[tokio::test]
async fn a_notification_alone_gives_no_place_and_needs_set_5() {
    let text = [
        HEAD.to_owned(),
        msc(4, "capability_set = 4"),
        msc(5, "capability_set = 5"),
        subscriber(4, "msc = 'msc-4'"),
        subscriber(5, "msc = 'msc-5'\nuser = { answer = 'refuses' }"),
    ];
    let lab = Lab::start(&text.concat()).await;
    let asked = |n, setting| indicated(n, setting).kind(LocationType::NotificationVerificationOnly);
    let told = lab.psl(5, &asked(5, AllowedWithNotification)).await.unwrap();
    assert_eq!(told.location_estimate.as_slice().len(), 1);
    assert!(told.add_location_estimate.is_none() && told.cell_id_or_sai.is_none());
    assert!(lab.seen(5)[0].after_positioning);
    let denied = lab.psl(5, &asked(5, RestrictedIfNoResponse)).await;
    assert_eq!(denied, Err(MapError::UnauthorizedLcsClient(Some(Why::NoAdditionalInformation))));
    let unknown = lab.psl(4, &asked(4, AllowedWithNotification)).await;
    assert_eq!(unknown, Err(MapError::UnexpectedDataValue { unexpected_subscriber: false }));
}

#[tokio::test]
async fn states_have_their_errors_and_last_known_locations() {
    let states = ["detached", "suspended", "unreachable", "positioning_fails", "unknown_to_mme"];
    let text: String =
        states.iter().zip(1..).map(|(state, n)| subscriber(n, &format!("msc = 'msc-1'\nstate = '{state}'"))).collect();
    let text =
        [HEAD.to_owned(), msc(1, "capability_set = 5"), msc(2, ""), text, subscriber(9, "msc = 'msc-2'")].concat();
    let lab = Lab::start(&text).await;
    let detached = MapError::AbsentSubscriber(Some(AbsentSubscriberReason::ImsiDetach));
    let silent = MapError::AbsentSubscriber(Some(AbsentSubscriberReason::NoPageResponse));
    let failed = MapError::PositionMethodFailure(Some(Position::LocationProcedureNotCompleted));
    for (n, current, last_known) in [
        (1, detached, true),
        (2, detached, true),
        (3, silent, true),
        (4, failed, true),
        (5, MapError::UnidentifiedSubscriber, false),
        (9, MapError::UnidentifiedSubscriber, false),
    ] {
        let asked = indicated(n, AllowedWithoutNotification);
        assert_eq!(lab.psl(1, &asked).await, Err(current), "{n}");
        let told = lab.psl(1, &asked.kind(LocationType::CurrentOrLastKnown)).await;
        assert_eq!(told.is_ok(), last_known, "{n}");
        if let Ok(told) = told {
            assert_eq!(told.age_min.map(|age| age.value()), Some(30));
        }
    }
    let told = indicated(1, AllowedWithNotification).kind(LocationType::CurrentOrLastKnown);
    assert_eq!(lab.psl(1, &told).await, Err(detached));
}

#[tokio::test]
async fn mute_phones_are_not_positioned_for_those_who_must_be_told_of() {
    let text = [HEAD.to_owned(), msc(1, "capability_set = 4"), subscriber(1, "msc = 'msc-1'\nnotifications = false")];
    let lab = Lab::start(&text.concat()).await;
    let unsupported = MapError::PositionMethodFailure(Some(Position::LocationProcedureNotSupportedByTargetMs));
    assert!(lab.psl(1, &indicated(1, AllowedWithoutNotification)).await.is_ok());
    for setting in [AllowedWithNotification, PrivacySetting::AllowedIfNoResponse, RestrictedIfNoResponse] {
        assert_eq!(lab.psl(1, &indicated(1, setting)).await, Err(unsupported));
    }
}

#[tokio::test]
async fn the_estimate_is_that_of_the_scenario_in_a_shape_that_is_taken() {
    let kinds = ["point", "circle", "ellipse", "polygon", "point_altitude", "altitude_ellipsoid", "arc", "ha_ellipse"];
    let text: String = kinds
        .iter()
        .zip(1..)
        .map(|(kind, n)| {
            let estimate = format!("estimate = {{ shape = '{kind}', uncertainty_m = 40.0, age_min = 7, cell = 257 }}");
            subscriber(n, &format!("msc = 'msc-1'\n{estimate}"))
        })
        .collect();
    let lab = Lab::start(&[HEAD.to_owned(), msc(1, "capability_set = 5"), text].concat()).await;
    let shape = |octets: &[u8]| Shape::decode(octets).unwrap();
    for (n, kind) in (1..).zip(&ShapeKind::ALL[..8]) {
        let mut asked = indicated(n, AllowedWithoutNotification);
        // The five of old where the gateway names none; a circle stands for the rest.
        let told = lab.psl(1, &asked).await.unwrap();
        let five =
            [ShapeKind::POINT, ShapeKind::CIRCLE, ShapeKind::ELLIPSE, ShapeKind::ALTITUDE_ELLIPSOID, ShapeKind::ARC];
        let expected = if five.contains(kind) { *kind } else { ShapeKind::CIRCLE };
        assert_eq!(shape(told.location_estimate.as_slice()).kind(), expected);
        assert!(told.add_location_estimate.is_none());
        assert_eq!(told.age_min.map(|age| age.value()), Some(7));
        assert_eq!(told.cell_id_or_sai, Some(CellOrArea::CellOrServiceArea([0x00, 0xF1, 0x10, 0, 1, 1, 1])));
        // Every shape of MAP where it takes all; those with high accuracy have no bit.
        asked.supported_gad_shapes = Some(lcs::gad::ShapeSet(0x7F));
        let told = lab.psl(1, &asked).await.unwrap();
        let octets = told.add_location_estimate.as_ref().map_or(told.location_estimate.as_slice(), |o| o.as_slice());
        assert_eq!(shape(octets).kind(), if n == 8 { ShapeKind::CIRCLE } else { *kind });
    }
}

#[tokio::test]
async fn overrides_operators_clients_and_strangers() {
    let head = HEAD.replace("[ss7.hlr]", "[[ss7.gateway]]\npoint_code = 101\nnumber = '+88812340000'\n[ss7.hlr]");
    let plmn = "lcs_information = { class = [{ class = 'plmn_operator', plmn_clients = [2] }] }";
    let text = [
        head,
        msc(1, "capability_set = 2"),
        msc(2, "capability_set = 2\nauthorised = ['+99912349999']"),
        subscriber(1, &format!("msc = 'msc-1'\n{plmn}")),
        subscriber(2, "msc = 'msc-2'"),
    ];
    let lab = Lab::start(&text.concat()).await;
    let kind = |client_type| {
        let mut asked = psl(1, CLIENT).client(|client| client.client_type = client_type);
        asked.privacy_override = true;
        asked.privacy_check = None;
        asked
    };
    assert!(lab.psl(1, &kind(LcsClientType::Emergency)).await.is_ok());
    assert!(lab.psl(1, &kind(LcsClientType::LawfulIntercept)).await.is_ok());
    let not_applicable = Err(MapError::UnauthorizedLcsClient(Some(Why::PrivacyOverrideNotApplicable)));
    assert_eq!(lab.psl(1, &kind(LcsClientType::ValueAdded)).await, not_applicable);
    let abroad = ReceivedPsl { mlc_number: number("88812340000"), ..kind(LcsClientType::Emergency) };
    assert_eq!(lab.psl(1, &abroad).await, not_applicable);
    // A client of the operator, by its internal identity alone.
    let operators = |internal| {
        psl(1, CLIENT).client(|client| {
            *client = ss7::map::ClientId {
                internal_id: Some(internal),
                ..ss7::map::ClientId::new(LcsClientType::PlmnOperator)
            };
        })
    };
    assert!(lab.psl(1, &operators(lcs::PlmnClient::OmVplmn)).await.is_ok());
    let refused = lab.psl(1, &operators(lcs::PlmnClient::Broadcast)).await;
    assert_eq!(refused, Err(MapError::UnauthorizedLcsClient(Some(Why::UnauthorizedPrivacyClass))));
    assert_eq!(lab.psl(2, &psl(2, CLIENT)).await, Err(MapError::UnauthorizedRequestingNetwork));
}

#[tokio::test]
async fn what_cannot_be_understood_is_rejected() {
    let lab =
        Lab::start(&[HEAD.to_owned(), msc(1, "capability_set = 5"), subscriber(1, "msc = 'msc-1'")].concat()).await;
    let to = by_number(super::lab::msc_number(1), Ssn::MSC).unwrap();
    let operation = Operation::ProvideSubscriberLocation;
    let ask = async |context: ApplicationContext, code: i64, argument: Vec<u8>| {
        lab.gateway.invoke(Invoke::new(to, context, code, argument, super::lab::TIMEOUT)).await.unwrap()
    };
    let good = indicated(1, AllowedWithoutNotification).encode();
    let context = operation.context();
    assert!(matches!(ask(context, operation.code(), good.clone()).await, InvokeOutcome::Result(_)));
    let tried = async |argument: &[u8]| {
        let call = Invoke::new(to, context, operation.code(), argument.to_vec(), super::lab::TIMEOUT);
        lab.gateway.invoke(call).await
    };
    let unsound: [&[u8]; 5] = [
        &[0x30, 0x00],
        &[0x30, 0x03, 0x02, 0x01, 0x05],
        // An element that is longer than what holds it, and one of indefinite length without an end.
        &[0x30, 0x04, 0x30, 0x10, 0x80, 0x00],
        &[0x30, 0x05, 0x30, 0x80, 0x80, 0x01, 0x00],
        &[0x04, 0x01, 0x00],
    ];
    for argument in unsound {
        let outcome = tried(argument).await;
        assert!(!matches!(outcome, Ok(InvokeOutcome::Result(_))), "{argument:02x?}: {outcome:?}");
    }
    let wrong_context = ask(Operation::SendRoutingInfoForLcs.context(), operation.code(), good.clone()).await;
    assert!(matches!(wrong_context, InvokeOutcome::ContextNotSupported { .. }), "{wrong_context:?}");
    let no_such_operation = ask(context, 99, good).await;
    assert!(matches!(no_such_operation, InvokeOutcome::Rejected(_)), "{no_such_operation:?}");
    let nobody = ReceivedPsl { imsi: None, msisdn: None, ..indicated(1, AllowedWithoutNotification) };
    assert_eq!(lab.psl(1, &nobody).await, Err(MapError::DataMissing));
    let by_msisdn = ReceivedPsl { imsi: None, msisdn: Some(super::lab::msisdn(1)), ..nobody };
    assert!(lab.psl(1, &by_msisdn).await.is_ok());
}
