//! Triggered requests as servers read them (OMA MLP sections 5.2.2.2, 5.2.3.6.1, 5.2.3.6.4, 5.2.3.6.7).
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod common;

use common::{parse, refused, triggered, with_service};
use lcs::{
    Duration, LdrReference, LocationType, PlmnId, Priority, Timestamp,
    gad::{Position, Shape, ShapeKind},
};
use mlp::{
    AnswerElement, AreaChange, MlpArea, ResultId, Schedule, Service, Trigger, TriggerEvent, Version,
    client::{ClientArea, ClientEvent, ClientTarget, Request, StopRequest, TriggeredRequest, query},
};
use proptest::prelude::*;
use std::{path::Path, process::Command};

/// 2026-03-01T00:10:05Z.
const NOW: Timestamp = Timestamp::from_secs(1_772_323_805);

fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

fn tlrr(rest: &str) -> String {
    with_service(&format!("<tlrr ver=\"3.5.0\"><msids><msid>4915110000001</msid></msids>{rest}</tlrr>"))
}

/// A request that waits for somebody to enter what is given as `target_area`.
fn entering(area: &str) -> String {
    tlrr(&format!(
        "<tlrr_event><change_area type=\"MS_ENTERING\" loc_estimates=\"TRUE\"><target_area>{area}</target_area></change_area></tlrr_event>"
    ))
}

fn area(body: &str) -> MlpArea {
    match triggered(&entering(body)).trigger {
        Trigger::Event(TriggerEvent::ChangeArea { area, .. }) => area,
        other => panic!("{other:?}"),
    }
}

fn shape(body: &str) -> Shape {
    match area(&format!("<shape>{body}</shape>")) {
        MlpArea::Shape(shape) => shape,
        other => panic!("{other:?}"),
    }
}

fn at(lat_deg: f64, lon_deg: f64) -> Position {
    Position::new(lat_deg, lon_deg).unwrap()
}

fn base() -> Request {
    let mut request = Request::new("school", "s3cret", vec![ClientTarget::msisdn("4915110000001")]);
    request.push_address = Some(("https://school.example/mlp".into(), Some("gmlc".into()), None));
    request
}

fn samples() -> Vec<TriggeredRequest> {
    let areas = [
        ClientArea::Circle { centre: at(52.52, 13.405), radius_m: 250 },
        ClientArea::Polygon(vec![at(52.5, 13.3), at(52.6, 13.3), at(52.6, 13.5), at(52.5, 13.5)]),
        ClientArea::CountryCode(49),
        ClientArea::Plmn("262".into(), "01".into()),
        ClientArea::Named("school yard".into()),
    ];
    let mut all: Vec<_> = AreaChange::ALL
        .into_iter()
        .flat_map(|change| areas.iter().map(move |area| (change, area.clone())))
        .map(|(change, area)| {
            let (reports, min_interval_s) = (Some(5), Some(30));
            let event = ClientEvent::ChangeArea { change, area, estimates: true, reports, min_interval_s };
            TriggeredRequest::on(base(), event)
        })
        .collect();
    all.push(TriggeredRequest::periodic(base(), 600, 7_200));
    all.push(TriggeredRequest {
        event: Some(ClientEvent::Available),
        ..TriggeredRequest::periodic(base(), 600, 7_200)
    });
    let mut full = TriggeredRequest::on(base(), ClientEvent::Available);
    (full.start, full.stop) = (Some(later(60)), Some(later(3_600)));
    full.request.hor_acc_m = Some((100, None));
    full.request.high_priority = true;
    full.request.loc_type = Some("CURRENT_OR_LAST".into());
    all.push(full);
    let equidistance =
        ClientEvent::Equidistance { distance_m: 500, estimates: false, reports: None, min_interval_s: None };
    all.push(TriggeredRequest::on(base(), equidistance));
    let mut covered = TriggeredRequest::periodic(base(), 60, 600);
    covered.request.service_coverage = vec![49, 43];
    all.push(covered);
    all
}

#[test]
fn what_the_clients_side_builds_is_read_as_meant_in_every_version() {
    for version in Version::ALL {
        for mut request in samples() {
            request.request.version = version;
            let init = parse(&request.to_xml()).unwrap();
            assert_eq!((init.version, init.service.answer()), (version, AnswerElement::Tlra));
            let Service::Triggered(read) = init.service else { panic!("triggered") };
            assert_eq!((read.start, read.stop, read.duration_s), (request.start, request.stop, request.duration_s));
            assert_eq!(read.push_address.unwrap().url.expose(), "https://school.example/mlp");
            assert_eq!(read.targets.len(), 1);
            match (request.interval_s, request.event, read.trigger) {
                (Some(a), None, Trigger::Periodic { interval_s })
                | (Some(a), Some(ClientEvent::Available), Trigger::PeriodicOrAvailable { interval_s }) => {
                    assert_eq!(a, interval_s);
                }
                (None, Some(ClientEvent::Available), Trigger::Event(TriggerEvent::Available)) => {}
                (
                    None,
                    Some(ClientEvent::ChangeArea { change, area, .. }),
                    Trigger::Event(TriggerEvent::ChangeArea {
                        change: read,
                        area: found,
                        estimates,
                        reports,
                        min_interval_s,
                    }),
                ) => {
                    assert_eq!((change, estimates, reports, min_interval_s), (read, true, 5, Some(30)));
                    match (area, found) {
                        (ClientArea::Circle { .. }, MlpArea::Shape(Shape::Circle(..)))
                        | (ClientArea::Polygon(_), MlpArea::Shape(Shape::Polygon(_))) => {}
                        (ClientArea::CountryCode(code), MlpArea::CountryCode(found)) => assert_eq!(code, found),
                        (ClientArea::Plmn(..), MlpArea::Plmn(found)) => {
                            assert_eq!(Some(found), PlmnId::new("262", "01"))
                        }
                        (ClientArea::Named(name), MlpArea::Named(found)) => assert_eq!(name, found),
                        (_, found) => panic!("{found:?}"),
                    }
                }
                (
                    None,
                    Some(ClientEvent::Equidistance { .. }),
                    Trigger::Event(TriggerEvent::Equidistance { distance_m, estimates, reports, min_interval_s }),
                ) => assert_eq!((distance_m, estimates, reports, min_interval_s), (500, false, 1, None)),
                (.., other) => panic!("{other:?}"),
            }
        }
    }
    let mut full = TriggeredRequest::on(base(), ClientEvent::Available);
    full.request.hor_acc_m = Some((100, None));
    full.request.high_priority = true;
    full.request.loc_type = Some("CURRENT_OR_LAST".into());
    let read = triggered(&full.to_xml());
    assert_eq!(read.quality.qos.horizontal_m, Some(100));
    assert_eq!((read.priority, read.location_type), (Priority::Highest, LocationType::CurrentOrLastKnown));
}

#[test]
fn stops_and_queries_are_read_as_built() {
    let stop = |targets| StopRequest { request: base(), request_id: "25<93".into(), targets };
    let read = |stop: StopRequest| match parse(&stop.to_xml()).unwrap().service {
        Service::Stop(stop) => stop,
        other => panic!("{other:?}"),
    };
    let all = read(stop(Vec::new()));
    assert_eq!((all.request_id.expose(), all.lcs_ref, all.targets.len()), ("25<93", None, 0));
    let one = read(stop(vec![ClientTarget::msisdn("4915110000001"), ClientTarget::msisdn("4915110000002")]));
    assert_eq!(one.targets.len(), 2);
    let body = with_service("<tlrsr><msid>4915110000001</msid><req_id>7</req_id><lcs_ref>64</lcs_ref></tlrsr>");
    let Service::Stop(one) = parse(&body).unwrap().service else { panic!("a stop") };
    assert_eq!((one.lcs_ref, one.targets.len()), (Some(LdrReference(64)), 1));
    let Service::Query(read) = parse(&query(&base())).unwrap().service else { panic!("a query") };
    assert_eq!(read.push_address.unwrap().id.as_deref(), Some("gmlc"));
    let Service::Query(read) = parse(&with_service("<tlrqr ver=\"3.4.0\" />")).unwrap().service else { panic!() };
    assert_eq!(read.push_address, None);
    for (body, expected) in [
        ("<tlrsr/>", 106),
        ("<tlrsr><req_id/></tlrsr>", 110),
        ("<tlrsr><req_id>1</req_id><req_id>2</req_id></tlrsr>", 106),
        ("<tlrsr><req_id>1</req_id><lcs_ref>65</lcs_ref></tlrsr>", 110),
        ("<tlrsr><req_id>1</req_id><lcs_ref>5</lcs_ref></tlrsr>", 105),
        ("<tlrsr><req_id>1</req_id><lcs_ref>-5</lcs_ref></tlrsr>", 105),
        ("<tlrsr><req_id>1</req_id><interval>00000100</interval></tlrsr>", 106),
        ("<tlrsr><msids/><req_id>1</req_id></tlrsr>", 106),
        ("<tlrsr><msid>1</msid><msid>2</msid><req_id>1</req_id></tlrsr>", 106),
        ("<tlrsr><msids><msid_group>ALL</msid_group></msids><req_id>1</req_id></tlrsr>", 107),
        ("<tlrqr><req_id>1</req_id></tlrqr>", 106),
        ("<tlrqr><pushaddr><url>ftp://x/</url></pushaddr></tlrqr>", 110),
    ] {
        let error = parse(&with_service(body)).unwrap_err();
        let element = if body.starts_with("<tlrsr") { AnswerElement::Tlrsa } else { AnswerElement::Tlrqa };
        assert_eq!((error.result.0, error.answer), (expected, element), "{body}");
    }
    assert!(parse(&with_service("<tlrqr><truckco_all/></tlrqr>")).is_ok());
}

#[test]
fn times_are_judged_as_the_standard_says() {
    // F-28 of the vectors; OMA MLP section 5.2.3.6.1. Seconds from now: start, stop; duration; what comes of it.
    type Row = (Option<i64>, Option<i64>, Option<u32>, Result<(u64, Option<u64>, bool), &'static str>);
    let rows: [Row; 12] = [
        (None, None, None, Ok((0, None, false))),
        (None, None, Some(60), Ok((0, Some(60), false))),
        (None, Some(60), None, Ok((0, Some(60), false))),
        (Some(30), None, Some(60), Ok((30, Some(90), false))),
        (Some(30), Some(60), None, Ok((30, Some(60), false))),
        (Some(30), Some(30), None, Ok((30, Some(30), true))),
        (None, None, Some(0), Ok((0, Some(0), true))),
        (Some(30), None, Some(0), Ok((30, Some(30), true))),
        (Some(0), None, None, Ok((0, None, false))),
        (Some(-1), None, None, Err("start_time: past")),
        (None, Some(-1), None, Err("stop_time: past")),
        (Some(60), Some(30), None, Err("stop_time: before start_time")),
    ];
    let mut request = triggered(&tlrr("<interval>00000500</interval>"));
    for (start, stop, duration_s, expected) in rows {
        let time = |from_now: i64| Timestamp::from_secs(NOW.secs().saturating_add_signed(from_now));
        (request.start, request.stop, request.duration_s) = (start.map(time), stop.map(time), duration_s);
        let found = request.schedule(NOW);
        let wanted =
            expected.map(|(starts, ends, single)| Schedule { starts: later(starts), ends: ends.map(later), single });
        match (found, wanted) {
            (Ok(found), Ok(wanted)) => assert_eq!(found, wanted),
            (Err(misfit), Err(text)) => {
                assert_eq!((misfit.result, misfit.add_info), (ResultId::INVALID_PROTOCOL_ELEMENT_VALUE, text));
            }
            (found, wanted) => panic!("{start:?} {stop:?} {duration_s:?}: {found:?}, not {wanted:?}"),
        }
    }
    let offset = triggered(&tlrr(
        "<interval>00000500</interval><start_time utc_off=\"+0300\">20260301034000</start_time><stop_time utc_off=\"-0100\">20260301000000</stop_time>",
    ));
    assert_eq!((offset.start.unwrap().secs(), offset.stop.unwrap().secs()), (1_772_325_600, 1_772_326_800));
}

#[test]
fn wrong_requests_say_what_is_wrong() {
    let event = |inside: &str| format!("<tlrr_event>{inside}</tlrr_event>");
    let circle = "<target_area><cc>49</cc></target_area>";
    for (rest, expected) in [
        (String::new(), 106),
        ("<duration>00010000</duration>".into(), 106),
        ("<interval>00000500</interval><stop_time>20300101000000</stop_time><duration>01000000</duration>".into(), 110),
        ("<interval>00000000</interval>".into(), 110),
        ("<interval>500</interval>".into(), 105),
        ("<interval>00006000</interval>".into(), 105),
        ("<interval>00000500</interval><interval>00000500</interval>".into(), 106),
        ("<interval>00000500</interval><start_time>yesterday</start_time>".into(), 105),
        ("<interval>00000500</interval><start_time utc_off='+1500'>20300101000000</start_time>".into(), 105),
        ("<interval>00000500</interval><analytic_report/>".into(), 107),
        ("<interval>00000500</interval><MapRequest/>".into(), 107),
        ("<interval>00000500</interval><loc_type type='LAST'/>".into(), 113),
        ("<interval>00000500</interval><loc_type per_type='BATCH'/>".into(), 113),
        ("<interval>00000500</interval><pushaddr><url>file:///etc</url></pushaddr>".into(), 110),
        ("<interval>00000500</interval><req_id>5</req_id>".into(), 106),
        ("<interval>00000500</interval><eqop/><qop/>".into(), 106),
        (event(""), 106),
        (event("<ms_action/>"), 106),
        (event("<ms_action type='MS_GONE'/>"), 111),
        (event("<ms_action type='MS_AVAIL'/><ms_action type='MS_AVAIL'/>"), 106),
        (event("<ms_action type='MS_AVAIL'/>") + "<service_coverage><cc>49</cc></service_coverage>", 106),
        (event("<ms_action type='MS_AVAIL'/><group_condition>5</group_condition>"), 107),
        (event("<ms_action type='MS_AVAIL'/><persistence>00000100</persistence>"), 107),
        (event("<velocity_event type='ABOVE' vel_estimates='TRUE'/>"), 107),
        (event("<distance_event type='WITHIN_DISTANCE' loc_estimates='TRUE'/>"), 107),
        (event("<aln_event type='MS_ENTERING' loc_estimates='TRUE'/>"), 107),
        (event("<song/>"), 107),
        (event(&format!("<change_area loc_estimates='TRUE'>{circle}</change_area>")), 106),
        (event(&format!("<change_area type='MS_FLYING' loc_estimates='TRUE'>{circle}</change_area>")), 111),
        (event(&format!("<change_area type='MS_LEAVING' loc_estimates='MAYBE'>{circle}</change_area>")), 111),
        (event(&format!("<change_area type='MS_LEAVING' loc_estimates='TRUE'>{circle}{circle}</change_area>")), 106),
        (event("<change_area type='MS_LEAVING' loc_estimates='TRUE'/>"), 106),
        (
            event(&format!(
                "<change_area type='MS_LEAVING' loc_estimates='TRUE'>{circle}<no_of_reports>0</no_of_reports></change_area>"
            )),
            110,
        ),
        (
            event(&format!(
                "<change_area type='MS_LEAVING' loc_estimates='TRUE'>{circle}<minimumIntervalTime>-1</minimumIntervalTime></change_area>"
            )),
            105,
        ),
        (
            event(&format!("<change_area type='MS_LEAVING' loc_estimates='TRUE'>{circle}</change_area>"))
                + "<interval>00000500</interval>",
            107,
        ),
        (event("<equidistance_event loc_estimates='TRUE'/>"), 106),
        (
            event(
                "<equidistance_event loc_estimates='TRUE'><target_equidistance>0</target_equidistance></equidistance_event>",
            ),
            110,
        ),
        (
            event(
                "<equidistance_event loc_estimates='TRUE'><target_equidistance>10001</target_equidistance></equidistance_event>",
            ),
            112,
        ),
        (
            event(
                "<equidistance_event loc_estimates='TRUE'><target_equidistance>1.5</target_equidistance></equidistance_event>",
            ),
            105,
        ),
    ] {
        let error = parse(&tlrr(&rest)).unwrap_err();
        assert_eq!((error.result.0, error.answer), (expected, AnswerElement::Tlra), "{rest}");
    }
    let nobody = with_service("<tlrr><msids/><interval>00000500</interval></tlrr>");
    assert_eq!(refused(&nobody), 106);
    assert!(parse(&tlrr("<interval>00000500</interval><truckco_x/><ReferencePoint referencepoint_id='1'/>")).is_ok());
}

const BERLIN: &str = "<coord><X>52 31 12.000N</X><Y>13 24 18.000E</Y></coord>";

fn corner(x: &str, y: &str) -> String {
    format!("<coord><X>{x}</X><Y>{y}</Y></coord>")
}

#[test]
fn every_shape_that_is_an_area_is_read() {
    let Shape::Circle(_, radius) = shape(&format!(
        "<CircularArea gid=\"a\" srsName=\"www.epsg.org#4326\">{BERLIN}<radius>250</radius><distanceUnit>meter</distanceUnit></CircularArea>"
    )) else {
        panic!("a circle")
    };
    assert!((250.0..280.0).contains(&radius.metres()), "never smaller than asked: {}", radius.metres());
    let Shape::Ellipse(_, ellipse) = shape(&format!(
        "<EllipticalArea>{BERLIN}<angle>240</angle><semiMajor>300</semiMajor><semiMinor>150</semiMinor><angularUnit>Degrees</angularUnit></EllipticalArea>"
    )) else {
        panic!("an ellipse")
    };
    assert_eq!(ellipse.orientation.degrees(), 60);
    assert!(ellipse.semi_major.metres() >= 300.0 && ellipse.semi_minor.metres() >= 150.0);
    let Shape::Arc { inner_radius, uncertainty, offset, included, .. } = shape(&format!(
        "<CircularArcArea>{BERLIN}<inRadius>282</inRadius><outRadius>360</outRadius><startAngle>5</startAngle><stopAngle>240</stopAngle></CircularArcArea>"
    )) else {
        panic!("an arc")
    };
    assert_eq!((inner_radius.metres(), offset.offset_degrees()), (280.0, 4));
    assert!(uncertainty.metres() >= 80.0 && included.included_degrees() >= 241);
    let corners = [
        ("52 30 00N", "13 18 00E"),
        ("52 30 00N", "13 30 00E"),
        ("52 36 00N", "13 30 00E"),
        ("52 36 00N", "13 18 00E"),
    ];
    let ring = |order: &[usize]| -> String {
        let inside: String = order.iter().map(|n| corner(corners[*n].0, corners[*n].1)).collect();
        format!("<Polygon><outerBoundaryIs><LinearRing>{inside}</LinearRing></outerBoundaryIs></Polygon>")
    };
    let points = |shape: Shape| match shape {
        Shape::Polygon(polygon) => polygon.points().to_vec(),
        other => panic!("{:?}", other.kind()),
    };
    let clockwise = points(shape(&ring(&[0, 3, 2, 1])));
    assert_eq!(points(shape(&ring(&[1, 2, 3, 0]))), clockwise, "put clockwise: TS 23.032 clause 5.4");
    assert_eq!(points(shape(&ring(&[0, 3, 2, 1, 0]))), clockwise, "the first corner repeated");
    let alone: String = [0, 3, 2, 1].iter().map(|n: &usize| corner(corners[*n].0, corners[*n].1)).collect();
    assert_eq!(points(shape(&format!("<LinearRing>{alone}</LinearRing>"))), clockwise);
    let boxed = points(shape(&format!(
        "<Box>{}{}</Box>",
        corner(corners[0].0, corners[0].1),
        corner(corners[2].0, corners[2].1)
    )));
    assert_eq!(boxed, clockwise);
    let date_line = points(shape(&format!(
        "<Box>{}{}</Box>",
        corner("10 00 00S", "179 00 00E"),
        corner("11 00 00S", "179 00 00W")
    )));
    assert!(date_line.iter().all(|corner| corner.longitude.degrees().abs() > 178.9), "the short way");
    assert_eq!(shape(&format!("<CircularArea>{BERLIN}<radius>1</radius></CircularArea>")).kind(), ShapeKind::CIRCLE);
    assert_eq!(area("<cc>355</cc>"), MlpArea::CountryCode(355));
    assert_eq!(area("<plmn><mcc>262</mcc><mnc>01</mnc></plmn>"), MlpArea::Plmn(PlmnId::new("262", "01").unwrap()));
    assert_eq!(area("<name_area>Seoul</name_area>"), MlpArea::Named("Seoul".into()));
}

#[test]
fn what_is_no_area_is_refused() {
    let circle = |inside: &str| format!("<shape><CircularArea>{inside}</CircularArea></shape>");
    let ring = |corners: &[String]| {
        format!(
            "<shape><Polygon><outerBoundaryIs><LinearRing>{}</LinearRing></outerBoundaryIs></Polygon></shape>",
            corners.concat()
        )
    };
    let p = |x: &str| corner("52 30 00N", x);
    let many: Vec<String> =
        (0..17).map(|n| corner(&format!("{} 00 00N", 10 + n), &format!("{} 00 00E", n % 2 + 1))).collect();
    for (area, expected) in [
        (String::new(), 106),
        ("<shape/>".into(), 106),
        ("<cc>49</cc><cc>43</cc>".into(), 106),
        ("<cc>0</cc>".into(), 105),
        ("<cc>4949</cc>".into(), 105),
        ("<plmn><mcc>262</mcc></plmn>".into(), 106),
        ("<plmn><mcc>26</mcc><mnc>01</mnc></plmn>".into(), 105),
        ("<name_area/>".into(), 110),
        (format!("<name_area>{}</name_area>", "x".repeat(65)), 110),
        ("<civicloc/>".into(), 107),
        ("<song/>".into(), 107),
        (format!("<shape><Point>{BERLIN}</Point></shape>"), 112),
        (format!("<shape><LineString>{BERLIN}{BERLIN}</LineString></shape>"), 112),
        (format!("<shape><MultiPolygon>{BERLIN}</MultiPolygon></shape>"), 112),
        (circle(BERLIN), 106),
        (circle("<radius>5</radius>"), 106),
        (circle(&format!("{BERLIN}{BERLIN}<radius>5</radius>")), 106),
        (circle(&format!("{BERLIN}{BERLIN}{BERLIN}<radius>5</radius>")), 106),
        (circle(&format!("{BERLIN}<radius>0</radius>")), 110),
        (circle(&format!("{BERLIN}<radius>1900000</radius>")), 110),
        (circle(&format!("{BERLIN}<radius>-5</radius>")), 105),
        (circle(&format!("{BERLIN}<radius>5</radius><distanceUnit>surveyfoot</distanceUnit>")), 112),
        (
            format!(
                "<shape><CircularArea srsName='www.epsg.org#27700'>{BERLIN}<radius>5</radius></CircularArea></shape>"
            ),
            113,
        ),
        (circle("<coord><X>91 00 00N</X><Y>13 00 00E</Y></coord><radius>5</radius>"), 105),
        (circle("<coord><X>52.5</X><Y>13.4</Y></coord><radius>5</radius>"), 105),
        (circle("<coord><X>52 30 00N</X></coord><radius>5</radius>"), 106),
        (circle("<coord><X>52 30 00N</X><Y>13 00 00E</Y><Z>5</Z></coord><radius>5</radius>"), 107),
        (
            format!(
                "<shape><EllipticalArea>{BERLIN}<angle>1</angle><semiMajor>5</semiMajor><semiMinor>9</semiMinor></EllipticalArea></shape>"
            ),
            110,
        ),
        (
            format!(
                "<shape><CircularArcArea>{BERLIN}<inRadius>9</inRadius><outRadius>9</outRadius><startAngle>0</startAngle><stopAngle>9</stopAngle></CircularArcArea></shape>"
            ),
            110,
        ),
        (
            format!(
                "<shape><CircularArcArea>{BERLIN}<inRadius>1</inRadius><outRadius>9</outRadius><startAngle>0</startAngle><stopAngle>0</stopAngle></CircularArcArea></shape>"
            ),
            110,
        ),
        (
            format!(
                "<shape><CircularArcArea>{BERLIN}<inRadius>1</inRadius><outRadius>9</outRadius><startAngle>0</startAngle><stopAngle>400</stopAngle></CircularArcArea></shape>"
            ),
            110,
        ),
        (ring(&[]), 110),
        (ring(&[p("13 00 00E"), p("13 10 00E")]), 110),
        (ring(&[p("13 00 00E"), p("13 10 00E"), p("13 20 00E")]), 110),
        (ring(&many), 112),
        (
            ring(&[
                corner("80 00 00N", "0 00 00E"),
                corner("80 00 00S", "90 00 00E"),
                corner("0 00 00N", "179 00 00W"),
            ]),
            110,
        ),
        ("<shape><Polygon><innerBoundaryIs/></Polygon></shape>".into(), 107),
        (format!("<shape><Box>{BERLIN}</Box></shape>"), 106),
        (format!("<shape><Box>{BERLIN}{BERLIN}</Box></shape>"), 110),
    ] {
        let error = parse(&entering(&area)).unwrap_err();
        assert_eq!((error.result.0, error.answer), (expected, AnswerElement::Tlra), "{area}: {error}");
    }
}

#[test]
fn neither_area_nor_request_id_is_printed() {
    let read = triggered(&entering(
        "<shape><CircularArea><coord><X>52 31 12.000N</X><Y>13 24 18.000E</Y></coord><radius>5</radius></CircularArea></shape>",
    ));
    let text = format!("{read:?}");
    assert!(!text.contains("4915110000001") && !text.contains("latitude") && text.contains("hidden"), "{text}");
    assert!(!format!("{:?}", area("<name_area>Seoul</name_area>")).contains("Seoul"));
    let stop = parse(&with_service("<tlrsr><req_id>secret-id</req_id></tlrsr>")).unwrap().service;
    assert!(!format!("{stop:?}").contains("secret-id"));
}

#[test]
fn every_request_that_is_built_is_valid() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: xmllint is not installed (Debian package libxml2-utils)");
        return;
    }
    let stop = |targets| StopRequest { request: base(), request_id: "5".into(), targets }.to_xml();
    let mut bare = base();
    bare.push_address = None;
    let mut documents: Vec<String> = samples().iter().map(TriggeredRequest::to_xml).collect();
    documents.extend([stop(Vec::new()), stop(base().targets), query(&base()), query(&bare)]);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mlp-triggered-requests");
    std::fs::create_dir_all(&dir).unwrap();
    let files: Vec<_> = (0..documents.len()).map(|n| dir.join(format!("{n}.xml"))).collect();
    for (file, document) in files.iter().zip(&documents) {
        std::fs::write(file, document).unwrap();
    }
    let dtd = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/triggered.dtd");
    let checked = Command::new("xmllint").args(["--noout", "--nonet", "--dtdvalid"]).arg(dtd).args(files).output();
    let checked = checked.unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

proptest! {
    /// Whatever place and radius: read, and the circle is not smaller than asked and holds the place asked for.
    #[test]
    fn any_circle_is_read_and_covers_what_was_asked(lat in -89.9f64..89.9, lon in -179.9f64..179.9, radius_m in 1u32..1_800_000) {
        let area = ClientArea::Circle { centre: at(lat, lon), radius_m };
        let event = ClientEvent::ChangeArea { change: AreaChange::Within, area, estimates: false, reports: None, min_interval_s: None };
        let read = triggered(&TriggeredRequest::on(base(), event).to_xml());
        let Trigger::Event(TriggerEvent::ChangeArea { area: MlpArea::Shape(Shape::Circle(point, radius)), .. }) = read.trigger else {
            panic!("a circle")
        };
        prop_assert!(radius.metres() >= f64::from(radius_m));
        prop_assert!((point.latitude.degrees() - lat).abs() < 3e-5 && (point.longitude.degrees() - lon).abs() < 3e-5);
    }

    #[test]
    fn any_text_in_its_place_is_read_or_refused(text in "[ -~]{0,40}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        for element in ["interval", "duration", "start_time", "stop_time"] {
            drop(parse(&tlrr(&format!("<interval>00000500</interval><{element}>{escaped}</{element}>"))));
        }
        for body in [format!("<cc>{escaped}</cc>"), format!("<name_area>{escaped}</name_area>"),
            format!("<shape><CircularArea><coord><X>{escaped}</X><Y>13 00 00E</Y></coord><radius>{escaped}</radius></CircularArea></shape>")] {
            drop(parse(&entering(&body)));
        }
    }
}
