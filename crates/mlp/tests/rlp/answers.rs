//! Answers: what is told to whom, and what is taken from gateways that do not know our extension.

use crate::samples::*;
use lcs::{
    CellIdentity, Fix, LcsClientType, QosClass, Timestamp,
    gad::{Altitude, Angle, Confidence, InnerRadius, Shape, ShapeKind, Uncertainty},
};
use mlp::{
    Limits, ResultId,
    rlp::{
        Answer, AnswerBody, AnswerElement, Outgoing, PeerOutcome, PeerPosition, PositionMethod, Report, Subject,
        Version, parse_svc_result,
    },
};

fn written(fix: &Fix, tell: impl for<'a> Fn(Answer<'a>) -> Answer<'a>) -> String {
    let (request, sender) = (received(&Subject::Known(target()), false), home());
    let mut out = String::new();
    tell(Answer::to(Version::V1_1, &request, &sender, AnswerBody::Position { fix, at: NOW })).write(&mut out);
    out
}

fn position(xml: &str) -> PeerPosition {
    match parse_answer(xml).outcome {
        PeerOutcome::Position(position) => *position,
        other => panic!("{other:?} is no position: {xml}"),
    }
}

/// An answer of another make, with what is given as `pos`.
fn foreign(pos: &str) -> String {
    format!("<?xml version=\"1.0\"?><rlp_svc_result ver=\"1.0.0\"><srlia ver=\"1.0.0\">{pos}</srlia></rlp_svc_result>")
}

/// The position of an answer of another make, with what is given as `shape` and after it.
fn foreign_position(shape: &str, rest: &str) -> Fix {
    let pd = format!("<pd><time utc_off=\"+0200\">20260301021005</time><shape>{shape}</shape>{rest}</pd>");
    let position = position(&foreign(&format!("<pos><msid>4915110000001</msid>{pd}</pos>")));
    assert_eq!((position.at, &position.subject), (NOW, &Subject::from(lcs::Target::Msisdn(target().msisdn.unwrap()))));
    position.fix(NOW)
}

const COORD: &str = "<coord><X>52 31 11.969N</X><Y>13 24 17.978E</Y></coord>";

#[test]
fn a_home_gateway_gets_all_and_a_requesting_one_the_estimate_alone() {
    let told = position(&written(&fix(), |answer| answer.with_surroundings().method(PositionMethod::Otdoa)));
    assert_eq!((told.fix(NOW), told.method), (fix(), Some(PositionMethod::Otdoa)));
    assert_eq!(told.at.secs(), NOW.secs() - 120);
    assert!(Subject::Known(target()).is(&told.subject));
    let xml = written(&fix(), |answer| answer);
    let estimate = Fix { cell: None, civic_address: None, barometric_pressure_pa: None, ..fix() };
    assert_eq!(position(&xml).fix(NOW), estimate);
    assert!(!xml.contains("62F210") && !xml.contains("Linden") && !xml.contains("101325"), "{xml}");
}

#[test]
fn only_a_cell_is_a_position_to_the_home_gateway_alone() {
    let cell = only_a_cell();
    assert_eq!(position(&written(&cell, |answer| answer.with_surroundings())).fix(NOW), cell);
    let outcome = parse_answer(&written(&cell, |answer| answer)).outcome;
    assert_eq!(outcome, PeerOutcome::Failed(ResultId::POSITION_METHOD_FAILURE));
    let nothing = Fix { cell: None, ..cell };
    let outcome = parse_answer(&written(&nothing, |answer| answer.with_surroundings())).outcome;
    assert_eq!(outcome, PeerOutcome::Failed(ResultId::POSITION_METHOD_FAILURE));
}

/// TS 23.271 clause 9.1.1 step 10: an assured position that misses its accuracy is no answer, and nothing of it is told.
#[test]
fn an_assured_position_that_misses_its_accuracy_is_not_told_in_any_way() {
    let sender = home();
    let mut request = full();
    for class in [QosClass::Assured, QosClass::BestEffort] {
        request.qos.class = class;
        let asked = immediate(&Outgoing::to_home(&sender, &request, target().into()).unwrap().to_xml());
        let missed = Fix { accuracy_fulfilled: Some(false), ..fix() };
        let mut out = String::new();
        let body = AnswerBody::Position { fix: &missed, at: NOW };
        Answer::to(Version::V1_0, &asked, &sender, body).with_surroundings().write(&mut out);
        match class {
            QosClass::Assured => {
                assert_eq!(parse_answer(&out).outcome, PeerOutcome::Failed(ResultId::QOP_NOT_ATTAINABLE));
                assert!(!out.contains("lr_extension") && !out.contains("coord"), "{out}");
            }
            QosClass::BestEffort => assert_eq!(position(&out).fix(NOW), missed),
        }
    }
}

#[test]
fn an_uncertainty_without_bound_is_not_told() {
    let boundless = Shape::Arc {
        point: point(),
        inner_radius: InnerRadius::from_code(u16::MAX).unwrap(),
        uncertainty: Uncertainty::from_code(20).unwrap(),
        offset: Angle::from_code(0).unwrap(),
        included: Angle::from_code(59).unwrap(),
        confidence: Confidence::from_code(67).unwrap(),
    };
    let open = Fix { shape: Some(boundless), ..fix() };
    let xml = written(&open, |answer| answer);
    assert_eq!(parse_answer(&xml).outcome, PeerOutcome::Failed(ResultId::POSITION_METHOD_FAILURE));
    assert!(!xml.contains("<gad>"), "{xml}");
}

#[test]
fn every_result_comes_back_and_a_failure_is_never_told_as_0() {
    let (request, sender) = (received(&Subject::Known(target()), false), home());
    for result in ResultId::ALL {
        let mut out = String::new();
        let body = AnswerBody::Failed { result: *result, add_info: Some("more") };
        Answer::to(Version::V1_1, &request, &sender, body).write(&mut out);
        let expected = if result.0 == 0 { ResultId::SYSTEM_FAILURE } else { *result };
        let read = parse_answer(&out);
        assert_eq!(read.outcome, PeerOutcome::Failed(expected));
        assert_eq!((read.element, read.transaction), (AnswerElement::Srlia, Some(transaction())));
        assert_eq!((read.version, read.sender), (Some(Version::V1_1), Some(home())));
    }
}

#[test]
fn reports_and_acceptances_have_their_request_id() {
    let (request, sender, fix) = (received(&Subject::Known(caller()), true), home(), fix());
    let answer = |body| Answer::to(Version::V1_1, &request, &sender, body);
    let mut out = String::new();
    answer(AnswerBody::Accepted { request_id: "7" }).write(&mut out);
    let accepted = parse_answer(&out);
    assert_eq!(
        (accepted.outcome, accepted.request_id.as_deref(), accepted.report),
        (PeerOutcome::Accepted, Some("7"), false)
    );
    let bodies = [
        AnswerBody::Position { fix: &fix, at: NOW },
        AnswerBody::Notified,
        AnswerBody::Failed { result: ResultId::TIMEOUT, add_info: None },
    ];
    for body in bodies {
        let mut out = String::new();
        Report { answer: answer(body), request_id: "7" }.write(&mut out);
        let report = parse_answer(&out);
        assert_eq!(
            (report.element, report.request_id.as_deref(), report.report),
            (AnswerElement::Erlia, Some("7"), true)
        );
        assert!(!matches!(report.outcome, PeerOutcome::Accepted), "{out}");
    }
    let mut out = String::new();
    Report { answer: answer(AnswerBody::Accepted { request_id: "8" }), request_id: "7" }.write(&mut out);
    assert!(parse_svc_result(out.as_bytes(), &Limits::default()).is_err(), "an acceptance is no report");
    let bare = b"<rlp_svc_result><srlirep><req_id>7</req_id></srlirep></rlp_svc_result>";
    assert!(parse_svc_result(bare, &Limits::default()).is_err(), "a report tells something");
}

#[test]
fn shapes_of_others_become_shapes_of_ts_23_032_that_hold_them() {
    let arc = "<inRadius>303</inRadius><outRadius>358</outRadius><startAngle>60</startAngle><stopAngle>120</stopAngle>\
        <angularUnit>Degrees</angularUnit>";
    let ellipse =
        "<angle>30</angle><semiMajor>99</semiMajor><semiMinor>32</semiMinor><angularUnit>Degrees</angularUnit>";
    let ring = format!("<outerBoundaryIs><LinearRing>{}</LinearRing></outerBoundaryIs>", corners(4));
    for (shape, rest, kind, radius_m) in [
        (format!("<Point srsName=\"www.epsg.org#4326\">{COORD}</Point>"), "", ShapeKind::POINT, None),
        (format!("<Point>{COORD}</Point>"), "<alt>34</alt>", ShapeKind::POINT_ALTITUDE, None),
        (format!("<CircularArea>{COORD}<radius>58</radius></CircularArea>"), "", ShapeKind::CIRCLE, Some(58.0)),
        (
            format!("<CircularArea>{COORD}<radius>58</radius></CircularArea>"),
            "<alt>-12</alt><alt_unc>10</alt_unc>",
            ShapeKind::ALTITUDE_ELLIPSOID,
            Some(58.0),
        ),
        (format!("<EllipticalArea>{COORD}{ellipse}</EllipticalArea>"), "", ShapeKind::ELLIPSE, Some(99.0)),
        (
            format!("<EllipticalArea>{COORD}{ellipse}</EllipticalArea>"),
            "<alt>34</alt><alt_unc>10</alt_unc><lev_conf>67</lev_conf>",
            ShapeKind::ALTITUDE_ELLIPSOID,
            Some(99.0),
        ),
        (
            format!("<CircularArcArea>{COORD}{arc}</CircularArcArea>"),
            "<lev_conf>80</lev_conf>",
            ShapeKind::ARC,
            Some(358.0),
        ),
        (format!("<Polygon>{ring}</Polygon>"), "", ShapeKind::POLYGON, None),
    ] {
        let fix = foreign_position(&shape, rest);
        let read = fix.shape.unwrap();
        assert_eq!(read.kind(), kind, "{shape}");
        assert_eq!((fix.age_min, fix.cell), (Some(0), None));
        let held_m = match &read {
            Shape::Arc { inner_radius, uncertainty, .. } => Some(inner_radius.metres() + uncertainty.metres()),
            other => other.horizontal_uncertainty_m(),
        };
        assert!(radius_m.is_none_or(|radius_m| held_m.unwrap() >= radius_m), "{read:?} holds {radius_m:?} m");
        if rest.contains("lev_conf") {
            assert_eq!(read.confidence_percent(), Some(if kind == ShapeKind::ARC { 80 } else { 67 }));
        }
        if rest.contains("<alt>-12") {
            assert_eq!(read.altitude_m(), Some(Altitude::from_metres(-12.0).unwrap().metres()));
        }
    }
    let moving = foreign_position(
        &format!("<Point>{COORD}</Point>"),
        "<speed>16</speed><direction>90</direction><qos_not_met/>",
    );
    let velocity = moving.velocity.unwrap();
    assert_eq!((velocity.horizontal_km_h, velocity.bearing_deg, moving.accuracy_fulfilled), (58, 90, Some(false)));
}

fn corners(count: usize) -> String {
    let corner = |at: usize| format!("<coord><X>52 {at:02} 00N</X><Y>13 0{} 00E</Y></coord>", at % 2);
    (0..count).map(corner).chain([corner(0)]).collect()
}

#[test]
fn the_age_is_counted_from_the_time_told_and_never_negative() {
    let answer = foreign(&format!(
        "<pos pos_method=\"WLAN\"><msid>4915110000001</msid><pd><time>20260301001005</time><shape><Point>{COORD}</Point></shape>\
         </pd></pos>"
    ));
    let position = position(&answer);
    assert_eq!(position.method, Some(PositionMethod::Other), "a method of a later version");
    let age = |later: i64| position.fix(Timestamp::from_secs(NOW.secs().saturating_add_signed(later))).age_min;
    assert_eq!((age(0), age(1), age(60), age(61), age(-3600)), (Some(0), Some(1), Some(1), Some(2), Some(0)));
}

#[test]
fn answers_that_are_not_understood_are_refused() {
    let msid = "<msid>4915110000001</msid>";
    let time = "<time>20260301001005</time>";
    let point = format!("<shape><Point>{COORD}</Point></shape>");
    let sound = format!("<pos>{msid}<pd>{time}{point}</pd></pos>");
    assert!(parse_svc_result(foreign(&sound).as_bytes(), &Limits::default()).is_ok());
    let shape = |shape: &str| format!("<pos>{msid}<pd>{time}<shape>{shape}</shape></pd></pos>");
    for pos in [
        String::new(),
        sound.repeat(2),
        format!("{sound}<result resid=\"0\">OK</result>"),
        "<result>OK</result>".to_owned(),
        "<result resid=\"70000\">?</result>".to_owned(),
        format!("<pos><pd>{time}{point}</pd></pos>"),
        format!("<pos><msid type=\"ANONYMOUS\"/><pd>{time}{point}</pd></pos>"),
        format!("<pos>{msid}<msid>4915110000002</msid><pd>{time}{point}</pd></pos>"),
        format!("<pos result_type=\"INTERMEDIATE\">{msid}<pd>{time}{point}</pd></pos>"),
        format!("<pos>{msid}</pos>"),
        format!("<pos>{msid}<pd>{point}</pd></pos>"),
        format!("<pos>{msid}<pd>{time}</pd></pos>"),
        format!("<pos>{msid}<pd><time>2026</time>{point}</pd></pos>"),
        format!("<pos>{msid}<pd>{time}{point}<lev_conf>101</lev_conf></pd></pos>"),
        format!("<pos>{msid}<poserr><result resid=\"0\">OK</result>{time}</poserr></pos>"),
        shape(""),
        shape(&format!("<Box>{COORD}{COORD}</Box>")),
        shape(&format!("<Point>{COORD}{COORD}</Point>")),
        shape("<Point><coord><X>91 00 00N</X><Y>0 00 00E</Y></coord></Point>"),
        shape("<Point><coord><X>52.5</X><Y>13.4</Y></coord></Point>"),
        shape(&format!("<CircularArea>{COORD}</CircularArea>")),
        shape(&format!("<CircularArea>{COORD}<radius>-1</radius></CircularArea>")),
        shape(&format!("<CircularArea>{COORD}<radius>1e9</radius></CircularArea>")),
        shape(&format!("<CircularArea>{COORD}<radius>5</radius><distanceUnit>mile</distanceUnit></CircularArea>")),
        shape(&format!("<CircularArcArea>{COORD}<inRadius>9</inRadius><outRadius>8</outRadius></CircularArcArea>")),
        shape(&format!(
            "<Polygon><outerBoundaryIs><LinearRing>{}</LinearRing></outerBoundaryIs></Polygon>",
            corners(2)
        )),
        shape(&format!(
            "<Polygon><outerBoundaryIs><LinearRing>{}</LinearRing></outerBoundaryIs></Polygon>",
            corners(16)
        )),
    ] {
        assert!(parse_svc_result(foreign(&pos).as_bytes(), &Limits::default()).is_err(), "{pos}");
    }
    for body in [
        "",
        "<svc_result/>",
        "<rlp_svc_result/>",
        "<rlp_svc_result><slia/></rlp_svc_result>",
        "<rlp_svc_init/>",
        "<gem/>",
    ] {
        assert!(parse_svc_result(body.as_bytes(), &Limits::default()).is_err(), "{body}");
    }
    let xml = written(&fix(), |answer| answer.with_surroundings());
    for (part, by) in [
        ("<gad>104AB1F209884E14<", "<gad>104AB1F209884E1<"),
        ("<gad>104AB1F209884E14<", "<gad>204AB1F209884E14<"),
        ("<gad>104AB1F209884E14<", "<gad>014AB1F209884E14<"),
        ("<velocity>20", "<velocity>F0"),
        ("<cell type=\"ECGI\">62", "<cell type=\"ECGI\">"),
        ("<cell type=\"ECGI\">", "<cell type=\"NCGI\">"),
        ("<age_min>2<", "<age_min>-2<"),
        ("<accuracy_fulfilled>YES<", "<accuracy_fulfilled>yes<"),
        ("<age_min>", "<truck/><age_min>"),
    ] {
        let broken = xml.replacen(part, by, 1);
        assert!(broken != xml && parse_svc_result(broken.as_bytes(), &Limits::default()).is_err(), "{by}");
    }
}

#[test]
fn nothing_of_an_answer_is_printed() {
    let shown = format!("{:?}", parse_answer(&written(&fix(), |answer| answer.with_surroundings())));
    for secret in ["49151", "26201", "Linden", "Latitude", "4567", "1234"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let error = parse_svc_result(b"<rlp_svc_result><x4915/></rlp_svc_result>", &Limits::default()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("4915"), "{error}");
}

#[test]
fn an_emergency_tells_every_identity_that_it_was_asked_by() {
    let (request, sender) = (received(&Subject::Known(caller()), true), home());
    assert_eq!(request.client.client_type, LcsClientType::Emergency);
    let (mut out, cell) = (String::new(), only_a_cell());
    let body = AnswerBody::Position { fix: &cell, at: NOW };
    Answer::to(Version::V1_1, &request, &sender, body).with_surroundings().write(&mut out);
    let position = position(&out);
    assert_eq!(position.subject, Subject::Known(caller()));
    assert!(matches!(position.fix(NOW).cell, Some(CellIdentity::Ecgi(_))));
}
