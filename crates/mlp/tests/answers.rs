//! Answers and reports: written, then read back by the client's side (OMA MLP sections 5.2.3.2.2, 5.2.3.2.3, 5.2.3.3.2).
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod common;

use common::{immediate, parse, with_service, with_targets};
use lcs::{
    CellIdentity, Fix, QosClass, Timestamp,
    gad::{
        Altitude, AltitudeUncertainty, Angle, Confidence, Ellipse, HaAltitude, HaEllipse, HaLatitude, HaLongitude,
        HaPoint, HaRange, HaUncertainty, HaVertical, InnerRadius, Latitude, Longitude, Orientation, Point, Polygon,
        Shape, Uncertainty, Velocity,
    },
};
use mlp::{
    Answer, AnswerBody, AnswerElement, ImmediateService, MlpShape, Outcome, Pos, PushAddress, Report, ResultId,
    SupportedShapes, TargetEntry, Version,
    client::{ReportedPosition, SvcResult, parse_svc_result},
    write_failure,
};
use std::{collections::BTreeSet, path::Path, process::Command, sync::Mutex};

/// 2026-03-01T00:10:05Z.
const NOW: Timestamp = Timestamp::from_secs(1_772_323_805);

fn berlin() -> Point {
    Point { latitude: Latitude::from_degrees(52.52).unwrap(), longitude: Longitude::from_degrees(13.405).unwrap() }
}

fn ha_berlin() -> HaPoint {
    HaPoint {
        latitude: HaLatitude::from_degrees(52.52).unwrap(),
        longitude: HaLongitude::from_degrees(13.405).unwrap(),
    }
}

fn k(code: u8) -> Uncertainty {
    Uncertainty::from_code(code).unwrap()
}

fn fix(shape: Shape) -> Fix {
    Fix {
        shape: Some(shape),
        age_min: None,
        accuracy_fulfilled: None,
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    }
}

fn target() -> TargetEntry {
    immediate(&with_targets("<msids><msid>4915110000001</msid></msids>")).targets.remove(0)
}

fn answer<'a>(version: Version, service: ImmediateService, body: AnswerBody<'a>) -> Answer<'a> {
    Answer { version, service, shapes: None, qos_class: QosClass::BestEffort, body }
}

fn written(answer: &Answer<'_>) -> (String, SvcResult) {
    let mut out = String::new();
    answer.write(&mut out);
    let read = read_back(&out);
    (out, read)
}

/// Reads a document, and keeps it for [`every_document_is_valid`].
fn read_back(document: &str) -> SvcResult {
    WRITTEN.lock().unwrap().insert(document.to_owned());
    parse_svc_result(document.as_bytes()).unwrap()
}

static WRITTEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn told(fix: &Fix) -> (String, ReportedPosition) {
    let target = target();
    let positions = [Pos { target: &target, outcome: Outcome::Fixed { fix, at: NOW } }];
    let (out, mut read) = written(&answer(Version::V3_5, ImmediateService::Slir, AnswerBody::Positions(&positions)));
    (out, read.positions.remove(0))
}

fn ellipse() -> Ellipse {
    let orientation = Orientation::from_degrees(30.0).unwrap();
    Ellipse { semi_major: k(24), semi_minor: k(15), orientation, confidence: Confidence::from_percent(67).unwrap() }
}

fn ha_ellipse() -> HaEllipse {
    let orientation = Orientation::from_degrees(91.0).unwrap();
    let (semi_major, semi_minor) = (HaUncertainty::from_code(150), HaUncertainty::from_code(100));
    HaEllipse { semi_major, semi_minor, orientation, confidence: Confidence::from_percent(90).unwrap() }
}

fn vertical() -> HaVertical {
    HaVertical { uncertainty: HaUncertainty::from_code(100), confidence: Confidence::from_percent(50).unwrap() }
}

#[test]
fn a_circle_is_written_like_this() {
    let circle = fix(Shape::Circle(berlin(), k(20)));
    assert_eq!(
        told(&circle).0,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><svc_result ver=\"3.5.0\"><slia ver=\"3.5.0\"><pos><msid>4915110000001</msid>\
         <pd><time utc_off=\"+0000\">20260301001005</time><shape><CircularArea srsName=\"www.epsg.org#4326\"><coord>\
         <X>52 31 11.969N</X><Y>13 24 17.978E</Y></coord><radius>58</radius></CircularArea></shape></pd></pos></slia></svc_result>"
    );
}

#[test]
fn every_shape_is_told_as_that_shape() {
    let altitude = Altitude::from_metres(-12.0).unwrap();
    let arc = Shape::Arc {
        point: berlin(),
        inner_radius: InnerRadius::from_metres(300.0).unwrap(),
        uncertainty: k(20),
        offset: Angle::from_offset_degrees(60.0).unwrap(),
        included: Angle::from_included_degrees(120.0).unwrap(),
        confidence: Confidence::from_percent(80).unwrap(),
    };
    let polygon = Shape::Polygon(Polygon::new(vec![berlin(); 15]).unwrap());
    let scalable = Shape::HaAltitudeScalableEllipsoid {
        point: ha_berlin(),
        altitude: HaAltitude::from_metres(33.5).unwrap(),
        ellipse: ha_ellipse(),
        horizontal_range: HaRange::Extended,
        vertical: vertical(),
        vertical_range: HaRange::Default,
    };
    let ha_altitude = HaAltitude::from_metres(34.0).unwrap();
    type Row = (Shape, &'static str, usize, Option<u32>, Option<u32>, Option<i32>, Option<u32>, Option<u32>);
    // shape, element, coordinates, radius, inner radius, altitude, its uncertainty, confidence
    let rows: [Row; 11] = [
        (Shape::Point(berlin()), "Point", 1, None, None, None, None, None),
        (Shape::Circle(berlin(), k(20)), "CircularArea", 1, Some(58), None, None, None, None),
        (Shape::Ellipse(berlin(), ellipse()), "EllipticalArea", 1, Some(89), Some(32), None, None, Some(67)),
        (polygon, "Polygon", 15, None, None, None, None, None),
        (Shape::PointAltitude(berlin(), altitude), "Point", 1, None, None, Some(-12), None, None),
        (
            Shape::AltitudeEllipsoid(berlin(), altitude, ellipse(), AltitudeUncertainty::from_code(10).unwrap()),
            "EllipticalArea",
            1,
            Some(89),
            Some(32),
            Some(-12),
            Some(13),
            Some(67),
        ),
        (arc, "CircularArcArea", 1, Some(358), Some(300), None, None, Some(80)),
        (Shape::HaEllipse(ha_berlin(), ha_ellipse()), "EllipticalArea", 1, Some(6), Some(2), None, None, Some(90)),
        (
            Shape::HaAltitudeEllipsoid(ha_berlin(), ha_altitude, ha_ellipse(), vertical()),
            "EllipticalArea",
            1,
            Some(6),
            Some(2),
            Some(34),
            Some(2),
            Some(90),
        ),
        (
            Shape::HaScalableEllipse(ha_berlin(), ha_ellipse(), HaRange::Extended),
            "EllipticalArea",
            1,
            Some(14),
            Some(4),
            None,
            None,
            Some(90),
        ),
        (scalable, "EllipticalArea", 1, Some(14), Some(4), Some(34), Some(3), Some(90)),
    ];
    for (shape, element, coordinates, radius, inner, altitude, altitude_uncertainty, confidence) in rows {
        let kind = shape.kind();
        let (out, position) = told(&fix(shape));
        assert_eq!(position.result, ResultId::OK, "{kind:?}");
        assert_eq!(position.shape.as_deref(), Some(element), "{kind:?}");
        assert_eq!(position.coordinates, coordinates, "{kind:?}");
        assert_eq!((position.radius_m, position.inner_m), (radius, inner), "{kind:?}: {out}");
        assert_eq!(
            (position.altitude_m, position.altitude_uncertainty_m),
            (altitude, altitude_uncertainty),
            "{kind:?}"
        );
        assert_eq!(position.confidence_percent, confidence, "{kind:?}");
        let (lat, lon) = (position.lat_deg.unwrap(), position.lon_deg.unwrap());
        assert!((lat - 52.52).abs() < 2e-5 && (lon - 13.405).abs() < 3e-5, "{kind:?}: {lat} {lon}");
    }
}

#[test]
fn an_arc_tells_both_angles() {
    let arc = Shape::Arc {
        point: berlin(),
        inner_radius: InnerRadius::from_metres(0.0).unwrap(),
        uncertainty: k(1),
        offset: Angle::from_offset_degrees(358.0).unwrap(),
        included: Angle::from_included_degrees(360.0).unwrap(),
        confidence: Confidence::NO_INFORMATION,
    };
    let (_, position) = told(&fix(arc));
    assert_eq!((position.angle_deg, position.included_deg), (Some(358), Some(360)));
    assert_eq!((position.inner_m, position.radius_m), (Some(0), Some(1)));
    assert_eq!(position.confidence_percent, None);
}

#[test]
fn age_speed_pressure_and_missed_accuracy_are_told() {
    let mut fix = fix(Shape::Circle(berlin(), k(20)));
    fix.age_min = Some(12);
    fix.accuracy_fulfilled = Some(false);
    fix.barometric_pressure_pa = Some(101_300);
    fix.velocity = Some(Velocity {
        bearing_deg: 270,
        horizontal_km_h: 83,
        vertical_km_h: None,
        horizontal_uncertainty_km_h: None,
        vertical_uncertainty_km_h: None,
    });
    let (out, position) = told(&fix);
    assert_eq!(position.time.unwrap().secs(), NOW.secs() - 720);
    assert!(position.qos_not_met);
    assert_eq!((position.speed_m_s, position.direction_deg), (Some(23), Some(270)));
    assert!(
        out.contains(
            "<speed>23</speed><direction>270</direction><qos_not_met/><uncompensatedBarometricPressure>101300<"
        )
    );
    assert!(out.contains("20260228235805"), "the day before: {out}");
}

#[test]
fn an_assured_position_that_misses_its_accuracy_is_201_and_not_told() {
    // F-18 of the vectors; OMA MLP section 5.3.6.1.
    let mut fix = fix(Shape::Circle(berlin(), k(20)));
    fix.accuracy_fulfilled = Some(false);
    let target = target();
    let positions = [Pos { target: &target, outcome: Outcome::Fixed { fix: &fix, at: NOW } }];
    let mut answer = answer(Version::V3_5, ImmediateService::Slir, AnswerBody::Positions(&positions));
    answer.qos_class = QosClass::Assured;
    let (out, read) = written(&answer);
    assert_eq!(read.positions[0].result, ResultId::QOP_NOT_ATTAINABLE);
    assert!(!out.contains("coord"), "{out}");
}

#[test]
fn only_a_cell_is_6_and_in_an_emergency_the_cell_itself() {
    let mut fix = fix(Shape::Point(berlin()));
    fix.shape = None;
    // MCC 262, MNC 01, E-UTRAN cell identity 0x1A2B3C4.
    fix.cell = Some(CellIdentity::Ecgi([0x62, 0xF2, 0x10, 0x01, 0xA2, 0xB3, 0xC4]));
    let (out, position) = told(&fix);
    assert_eq!(position.result, ResultId::POSITION_METHOD_FAILURE);
    assert!(!out.contains("serving_cell"), "{out}");
    let target = target();
    let positions = [Pos { target: &target, outcome: Outcome::Fixed { fix: &fix, at: NOW } }];
    for version in Version::ALL {
        let (out, read) = written(&answer(version, ImmediateService::EmeLir, AnswerBody::Positions(&positions)));
        let told = version >= Version::V3_4;
        assert_eq!(read.positions[0].lte_cell, told.then_some(0x1A_2B3C4), "{version:?}");
        assert_eq!(out.contains("<mcc>262</mcc><mnc>01</mnc><lte_ci>27440068</lte_ci>"), told);
    }
    fix.cell = Some(CellIdentity::Cgi([0x13, 0x00, 0x14, 0x12, 0x34, 0x56, 0x78]));
    let positions = [Pos { target: &target, outcome: Outcome::Fixed { fix: &fix, at: NOW } }];
    let (out, _) = written(&answer(Version::V3_5, ImmediateService::EmeLir, AnswerBody::Positions(&positions)));
    assert!(out.contains("<cgi><mcc>310</mcc><mnc>410</mnc><lac>4660</lac><cellid>22136</cellid></cgi>"), "{out}");
}

#[test]
fn what_a_version_does_not_have_is_left_out() {
    let mut fix = fix(Shape::Circle(berlin(), k(20)));
    fix.barometric_pressure_pa = Some(101_300);
    let target = target();
    let positions = [Pos { target: &target, outcome: Outcome::Fixed { fix: &fix, at: NOW } }];
    for version in Version::ALL {
        let (out, read) = written(&answer(version, ImmediateService::Slir, AnswerBody::Positions(&positions)));
        assert_eq!(read.version.as_deref(), Some(version.as_str()));
        assert_eq!(out.matches(&format!("ver=\"{}\"", version.as_str())).count(), 2);
        assert_eq!(out.contains("Barometric"), version == Version::V3_5);
    }
}

#[test]
fn shapes_and_altitude_follow_what_the_client_takes() {
    let shape = Shape::AltitudeEllipsoid(
        berlin(),
        Altitude::from_metres(40.0).unwrap(),
        ellipse(),
        AltitudeUncertainty::from_code(10).unwrap(),
    );
    let (fix, target) = (fix(shape), target());
    let positions = [Pos { target: &target, outcome: Outcome::Fixed { fix: &fix, at: NOW } }];
    let with = |shapes: &SupportedShapes| {
        let mut answer = answer(Version::V3_5, ImmediateService::Slir, AnswerBody::Positions(&positions));
        answer.shapes = Some(shapes);
        written(&answer).1.positions.remove(0)
    };
    let circles = with(&SupportedShapes::of(&[MlpShape::CircularArea], false));
    assert_eq!(
        (circles.shape.as_deref(), circles.radius_m, circles.altitude_m),
        (Some("CircularArea"), Some(89), None)
    );
    let points = with(&SupportedShapes::of(&[MlpShape::Point], true));
    assert_eq!((points.result, points.lat_deg), (ResultId::PROTOCOL_ELEMENT_NOT_SUPPORTED, None));
    assert_eq!(points.add_info.as_deref(), Some("EllipticalArea"));
    let body = with_service("<slir><msids><msid>4915110000001</msid></msids></slir>")
        .replace("</client>", "</client><supported_shapes CircularArea='0.9' EllipticalArea='0.2' Altitude='YES'/>");
    let init = parse(&body).unwrap();
    let liked = with(&init.header.supported_shapes.unwrap());
    assert_eq!((liked.shape.as_deref(), liked.altitude_m), (Some("CircularArea"), Some(40)), "the one liked better");
}

#[test]
fn identifiers_go_back_exactly_as_they_came() {
    let body = with_targets(
        "<msids><msid type=\"MSISDN\" enc=\"CRP\">a&lt;b&amp;c&quot;'é</msid><trans_id>t&amp;1</trans_id>\
         <msid type=\"ASID\">anon-77</msid><msid>+4915110000001</msid><msid enc=\"ASC\">4915110000002</msid></msids>",
    );
    let request = immediate(&body);
    let failed = Outcome::Failed { result: ResultId::UNKNOWN_SUBSCRIBER, add_info: None, at: NOW };
    let positions: Vec<_> = request.targets.iter().map(|target| Pos { target, outcome: failed }).collect();
    let (out, read) = written(&answer(Version::V3_5, ImmediateService::Slir, AnswerBody::Positions(&positions)));
    assert!(out.contains("<msid type=\"MSISDN\" enc=\"CRP\">a&lt;b&amp;c&quot;'é</msid>"), "{out}");
    assert!(out.contains("<msid type=\"ASID\">anon-77</msid>"), "{out}");
    assert!(
        out.contains("<msid>+4915110000001</msid>") && out.contains("<msid enc=\"ASC\">4915110000002</msid>"),
        "{out}"
    );
    assert_eq!(read.positions[0].msid.1.expose(), "a<b&c\"'é");
    assert_eq!(read.positions[0].trans_id.as_deref(), Some("t&1"));
}

#[test]
fn every_result_id_is_told_of_a_target_and_of_a_whole_request() {
    let target = target();
    for result in ResultId::ALL.iter().copied() {
        let outcome = Outcome::Failed { result, add_info: Some("more <about> it"), at: NOW };
        let positions = [Pos { target: &target, outcome }];
        let (out, read) = written(&answer(Version::V3_4, ImmediateService::Slir, AnswerBody::Positions(&positions)));
        assert_eq!(read.positions[0].result, result);
        assert!(out.contains(&format!(
            "<poserr><result resid=\"{}\">{}</result><add_info>more &lt;about&gt; it</add_info><time utc_off=\"+0000\">",
            result.0,
            result.slogan()
        )));
        for element in AnswerElement::ALL {
            let mut out = String::new();
            write_failure(&mut out, Version::V3_2, element, result, None);
            let read = read_back(&out);
            assert_eq!(read.element, element.name());
            assert_eq!(read.result, Some((result, result.slogan().to_owned())));
        }
    }
}

#[test]
fn an_accepted_request_and_its_report() {
    let (out, read) =
        written(&answer(Version::V3_3, ImmediateService::Slir, AnswerBody::Accepted { request_id: "r-17" }));
    assert_eq!((read.request_id.as_deref(), read.positions.len()), (Some("r-17"), 0), "{out}");
    let (fix, target) = (fix(Shape::Circle(berlin(), k(20))), target());
    let positions = [Pos { target: &target, outcome: Outcome::Fixed { fix: &fix, at: NOW } }];
    for (service, element) in [(ImmediateService::Slir, "slirep"), (ImmediateService::EmeLir, "eme_lirep")] {
        let push = PushAddress {
            url: mlp::Hidden::new("https://client.example/"),
            id: Some("gw".into()),
            password: Some(mlp::Hidden::new("pw&")),
        };
        let report = Report {
            version: Version::V3_3,
            service,
            shapes: None,
            qos_class: QosClass::BestEffort,
            request_id: "r-17",
            push_address: Some(&push),
            positions: &positions,
        };
        let mut out = String::new();
        report.write(&mut out);
        let read = read_back(&out);
        assert_eq!((read.element.as_str(), read.request_id.as_deref()), (element, Some("r-17")));
        assert_eq!(read.positions[0].radius_m, Some(58));
        assert!(out.contains("<hdr ver=\"3.3.0\"><client><id>gw</id><pwd>pw&amp;</pwd></client></hdr>"), "{out}");
    }
}

#[test]
fn an_emergency_answer_names_all_identities_and_keys() {
    let body = with_service(
        "<eme_lir><msid>4915110000001</msid><msid type=\"IMEI\">35850604062684</msid><trans_id>e</trans_id>\
         <esrd>76</esrd><esrk type=\"LOCAL\">77</esrk></eme_lir>",
    );
    let (request, fix) = (immediate(&body), fix(Shape::Circle(berlin(), k(20))));
    let positions = [Pos { target: &request.targets[0], outcome: Outcome::Fixed { fix: &fix, at: NOW } }];
    let (out, read) = written(&answer(Version::V3_5, ImmediateService::EmeLir, AnswerBody::Positions(&positions)));
    assert_eq!(read.element, "eme_lia");
    assert!(out.contains("<eme_pos><msid>4915110000001</msid><msid type=\"IMEI\">35850604062684</msid><pd>"), "{out}");
    assert!(
        out.contains("</pd><esrd>76</esrd><esrk type=\"LOCAL\">77</esrk><trans_id>e</trans_id></eme_pos>"),
        "{out}"
    );
}

#[test]
fn no_position_at_all_is_never_an_empty_answer() {
    let (_, read) = written(&answer(Version::V3_5, ImmediateService::Slir, AnswerBody::Positions(&[])));
    assert_eq!(read.result.unwrap().0, ResultId::SYSTEM_FAILURE);
}

/// Runs every test above and has each document that they wrote checked against the order and presence of elements that the
/// standard asks for, by a parser that is not ours (Debian package `libxml2-utils`).
#[test]
fn every_document_is_valid() {
    a_circle_is_written_like_this();
    every_shape_is_told_as_that_shape();
    an_arc_tells_both_angles();
    age_speed_pressure_and_missed_accuracy_are_told();
    an_assured_position_that_misses_its_accuracy_is_201_and_not_told();
    only_a_cell_is_6_and_in_an_emergency_the_cell_itself();
    what_a_version_does_not_have_is_left_out();
    shapes_and_altitude_follow_what_the_client_takes();
    identifiers_go_back_exactly_as_they_came();
    every_result_id_is_told_of_a_target_and_of_a_whole_request();
    an_accepted_request_and_its_report();
    an_emergency_answer_names_all_identities_and_keys();
    no_position_at_all_is_never_an_empty_answer();
    if Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: xmllint is not installed (Debian package libxml2-utils)");
        return;
    }
    let dtd = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/written.dtd");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mlp-written");
    std::fs::create_dir_all(&dir).unwrap();
    let documents = WRITTEN.lock().unwrap().clone();
    assert!(documents.len() > 100, "{}", documents.len());
    let files: Vec<_> = documents.iter().enumerate().map(|(n, text)| (dir.join(format!("{n}.xml")), text)).collect();
    files.iter().for_each(|(file, text)| std::fs::write(file, text).unwrap());
    let checked = Command::new("xmllint")
        .args(["--noout", "--nonet", "--dtdvalid"])
        .arg(dtd)
        .args(files.iter().map(|(file, _)| file))
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
