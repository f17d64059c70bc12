//! Standard location reports: written byte for byte, read back, answered, checked against a DTD (OMA MLP section 5.2.3.4).
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

use lcs::{
    CellIdentity, Fix, Identities, Imei, Imsi, Msisdn, Pseudonym, QosClass, Timestamp,
    gad::{Latitude, Longitude, Point, Shape, Uncertainty},
};
use mlp::{
    Hidden, MlpShape, PushAddress, ResultId, StandardReport, SupportedShapes, Version,
    client::{ClientError, SvcResult, parse_svc_result, write_report_answer},
    parse_report_answer,
};
use proptest::prelude::*;
use std::{path::Path, process::Command};

/// 2026-03-01T00:10:05Z.
const NOW: Timestamp = Timestamp::from_secs(1_772_323_805);

fn subscriber() -> Identities {
    Identities {
        imsi: Imsi::parse("262011234567890").ok(),
        msisdn: Msisdn::parse("4915110000001").ok(),
        imei: Imei::parse("35850604062684").ok(),
    }
}

fn fix() -> Fix {
    let point =
        Point { latitude: Latitude::from_degrees(52.52).unwrap(), longitude: Longitude::from_degrees(13.405).unwrap() };
    Fix {
        shape: Some(Shape::Circle(point, Uncertainty::from_code(20).unwrap())),
        age_min: Some(2),
        accuracy_fulfilled: None,
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    }
}

fn push_address(id: Option<&str>) -> PushAddress {
    let password = Some(Hidden::new("p&w"));
    PushAddress { url: Hidden::new("https://friends.example/mlp"), id: id.map(str::to_owned), password }
}

fn written(report: &StandardReport<'_>) -> (String, SvcResult) {
    let mut out = String::new();
    report.write(&mut out);
    let read = parse_svc_result(out.as_bytes()).unwrap();
    (out, read)
}

#[test]
fn a_report_is_written_like_this() {
    let (fix, address) = (fix(), push_address(Some("gmlc-1")));
    let report = StandardReport::of(&subscriber(), Ok((&fix, NOW))).to(&address).service_id("friends");
    let (out, read) = written(&report);
    assert_eq!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><svc_result ver=\"3.5.0\"><hdr ver=\"3.5.0\"><client><id>gmlc-1</id>\
         <pwd>p&amp;w</pwd><serviceid>friends</serviceid></client></hdr><slrep ver=\"3.5.0\"><pos><msid>4915110000001</msid>\
         <pd><time utc_off=\"+0000\">20260301000805</time><shape><CircularArea srsName=\"www.epsg.org#4326\"><coord>\
         <X>52 31 11.969N</X><Y>13 24 17.978E</Y></coord><radius>58</radius></CircularArea></shape></pd></pos></slrep>\
         </svc_result>"
    );
    assert_eq!(read.element, "slrep");
    let client = read.client.unwrap();
    assert_eq!((client.id.as_str(), client.service_id.as_deref()), ("gmlc-1", Some("friends")));
    assert_eq!(client.password.unwrap().expose(), "p&w");
    let [position] = &read.positions[..] else { panic!("one position") };
    assert_eq!((position.msid.0.as_deref(), position.msid.1.expose()), (None, "4915110000001"));
    assert!(position.other_msids.is_empty(), "pos has one msid, and the client needs no other");
    assert_eq!((position.result, position.radius_m), (ResultId::OK, Some(58)));
    assert_eq!(position.time.unwrap().secs(), NOW.secs() - 120, "the time of the position, not of the report");
}

#[test]
fn one_identity_is_told_and_a_pseudonym_tells_none_of_them() {
    let fix = fix();
    let without = |msisdn, imsi| {
        let known = subscriber();
        let subscriber =
            Identities { msisdn: known.msisdn.filter(|_| msisdn), imsi: known.imsi.filter(|_| imsi), imei: known.imei };
        let (_, mut read) = written(&StandardReport::of(&subscriber, Ok((&fix, NOW))));
        let (kind, text) = read.positions.remove(0).msid;
        (kind, text.expose().to_owned())
    };
    assert_eq!(without(true, true), (None, "4915110000001".to_owned()));
    assert_eq!(without(false, true), (Some("IMSI".to_owned()), "262011234567890".to_owned()));
    assert_eq!(without(false, false), (Some("ANONYMOUS".to_owned()), String::new()), "no client is told an IMEI");
    let pseudonym = Pseudonym::new("zq7-kd<2".to_owned()).unwrap();
    let (out, read) = written(&StandardReport::under(&pseudonym, Ok((&fix, NOW))));
    assert!(out.contains("<pos><msid type=\"ASID\">zq7-kd&lt;2</msid><pd>"), "{out}");
    assert_eq!(read.positions[0].msid.1.expose(), pseudonym.expose());
    assert!(!out.contains("49151") && !out.contains("26201"), "{out}");
}

#[test]
fn without_an_id_there_is_no_header() {
    let told = Err((ResultId::POSITION_METHOD_FAILURE, NOW));
    let nameless = push_address(None);
    for report in [
        StandardReport::of(&subscriber(), told).service_id("friends"),
        StandardReport::of(&subscriber(), told).to(&nameless).service_id("friends"),
    ] {
        let (out, read) = written(&report);
        assert!(!out.contains("hdr") && !out.contains("friends") && read.client.is_none(), "{out}");
        assert_eq!(read.positions[0].result, ResultId::POSITION_METHOD_FAILURE);
    }
}

#[test]
fn quality_shapes_and_version_are_the_receivers() {
    let missed = Fix { accuracy_fulfilled: Some(false), ..fix() };
    let report = StandardReport::of(&subscriber(), Ok((&missed, NOW)));
    assert!(written(&report).1.positions[0].qos_not_met);
    let (out, read) = written(&report.clone().qos_class(QosClass::Assured).version(Version::V3_2));
    assert_eq!(read.positions[0].result, ResultId::QOP_NOT_ATTAINABLE);
    assert!(out.contains("<slrep ver=\"3.2.0\">") && !out.contains("shape"), "{out}");
    let shapes = SupportedShapes::of(&[MlpShape::Polygon], false);
    let report = report.shapes(&shapes);
    assert_eq!(written(&report).1.positions[0].shape.as_deref(), Some("Polygon"));
}

#[test]
fn the_clients_answer_is_read_for_every_result() {
    for result in ResultId::ALL {
        let mut out = String::new();
        write_report_answer(&mut out, Version::V3_5, *result, Some("told & done"));
        assert_eq!(parse_report_answer(out.as_bytes()), Ok(*result));
    }
    let example = "<svc_result ver=\"3.5.0\"><slra ver=\"3.5.0\"><result resid=\"4\">UNKNOWN SUBSCRIBER</result>\
        <add_info> the subscriber is not registered in the LCS Client</add_info></slra></svc_result>";
    assert_eq!(parse_report_answer(example.as_bytes()), Ok(ResultId::UNKNOWN_SUBSCRIBER));
    for (body, expected) in [
        ("", ClientError::Malformed),
        ("OK", ClientError::Malformed),
        ("<svc_result><slra/></svc_result>", ClientError::NotAnAnswer),
        ("<svc_result><slia><result resid=\"0\">OK</result></slia></svc_result>", ClientError::NotAnAnswer),
        ("<svc_result><slra><result>OK</result></slra></svc_result>", ClientError::Format),
        ("<svc_result><slra><result resid=\"-1\">OK</result></slra></svc_result>", ClientError::Format),
    ] {
        assert_eq!(parse_report_answer(body.as_bytes()), Err(expected), "{body}");
    }
}

#[test]
fn debug_shows_nobody_and_no_place() {
    let (fix, pseudonym) = (fix(), Pseudonym::new("zq7-kd2".to_owned()).unwrap());
    let address = push_address(Some("gmlc-1"));
    let own = StandardReport::of(&subscriber(), Ok((&fix, NOW))).to(&address);
    for shown in [format!("{own:?}"), format!("{:?}", StandardReport::under(&pseudonym, Ok((&fix, NOW))))] {
        for secret in ["4915", "26201", "zq7", "p&w", "friends.example", "Latitude"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}

#[test]
fn every_report_and_answer_is_valid() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: xmllint is not installed (Debian package libxml2-utils)");
        return;
    }
    let fix = fix();
    let cell =
        Fix { shape: None, cell: Some(CellIdentity::Ecgi([0x62, 0xF2, 0x10, 1, 0x23, 0x45, 0x67])), ..fix.clone() };
    let (address, pseudonym) = (push_address(Some("gmlc-1")), Pseudonym::new("zq7-kd2".to_owned()).unwrap());
    let mut documents = Vec::new();
    for told in [Ok((&fix, NOW)), Ok((&cell, NOW)), Err((ResultId::SYSTEM_FAILURE, NOW))] {
        for subscriber in [subscriber(), Identities::default()] {
            documents.push(written(&StandardReport::of(&subscriber, told)).0);
            documents.push(written(&StandardReport::of(&subscriber, told).to(&address).service_id("friends")).0);
        }
        documents.push(written(&StandardReport::under(&pseudonym, told)).0);
    }
    for add_info in [None, Some("not registered")] {
        let mut out = String::new();
        write_report_answer(&mut out, Version::V3_5, ResultId::UNKNOWN_SUBSCRIBER, add_info);
        documents.push(out);
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mlp-standard-report");
    std::fs::create_dir_all(&dir).unwrap();
    let files: Vec<_> = (0..documents.len()).map(|n| dir.join(format!("{n}.xml"))).collect();
    for (file, document) in files.iter().zip(&documents) {
        std::fs::write(file, document).unwrap();
    }
    let dtd = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/written.dtd");
    let checked = Command::new("xmllint").args(["--noout", "--nonet", "--dtdvalid"]).arg(dtd).args(files).output();
    let checked = checked.unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

proptest! {
    #[test]
    fn any_pseudonym_survives_the_way(text in "[^\\p{Cc}\\s\u{FFFE}\u{FFFF}]{1,40}") {
        let told = Err((ResultId::SYSTEM_FAILURE, NOW));
        let (_, read) = written(&StandardReport::under(&Pseudonym::new(text.clone()).unwrap(), told));
        prop_assert_eq!(read.positions[0].msid.1.expose(), text);
    }

    #[test]
    fn any_octets_as_an_answer_are_refused_or_read(body in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(parse_report_answer(&body).is_err());
    }
}
