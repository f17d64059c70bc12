//! Emergency location reports: written byte for byte, read back, checked against a DTD (OMA MLP section 5.2.3.5).
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

use lcs::{
    CellIdentity, Fix, Identities, Imei, Imsi, Msisdn, Timestamp,
    gad::{Latitude, Longitude, Point, Shape, Uncertainty},
};
use mlp::{
    EmergencyKey, EmergencyReport, EmergencyTrigger, Hidden, ResultId, Version,
    client::{SvcResult, parse_svc_result},
};
use proptest::prelude::*;
use std::{path::Path, process::Command};

/// 2026-03-01T00:10:05Z.
const NOW: Timestamp = Timestamp::from_secs(1_772_323_805);

fn caller() -> Identities {
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

fn only_a_cell() -> Fix {
    let cell = CellIdentity::Ecgi([0x62, 0xF2, 0x10, 0x01, 0x23, 0x45, 0x67]);
    Fix { shape: None, cell: Some(cell), ..fix() }
}

fn written(report: &EmergencyReport<'_>) -> (String, SvcResult) {
    let mut out = String::new();
    report.write(&mut out);
    let read = parse_svc_result(out.as_bytes()).unwrap();
    (out, read)
}

#[test]
fn a_report_is_written_like_this() {
    let fix = fix();
    let (out, read) = written(&EmergencyReport::of(EmergencyTrigger::Origination, &caller(), Ok((&fix, NOW))));
    assert_eq!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><svc_result ver=\"3.5.0\"><emerep ver=\"3.5.0\"><eme_event eme_trigger=\"EME_ORG\">\
         <eme_pos><msid>4915110000001</msid><msid type=\"IMSI\">262011234567890</msid><msid type=\"IMEI\">35850604062684</msid>\
         <pd><time utc_off=\"+0000\">20260301000805</time><shape><CircularArea srsName=\"www.epsg.org#4326\"><coord>\
         <X>52 31 11.969N</X><Y>13 24 17.978E</Y></coord><radius>58</radius></CircularArea></shape></pd></eme_pos></eme_event>\
         </emerep></svc_result>"
    );
    assert_eq!((read.element.as_str(), read.trigger.as_deref()), ("emerep", Some("EME_ORG")));
    let [position] = &read.positions[..] else { panic!("one position") };
    assert_eq!(position.msid.1.expose(), "4915110000001");
    let others: Vec<_> = position.other_msids.iter().map(|(kind, text)| (kind.as_deref(), text.expose())).collect();
    assert_eq!(others, [(Some("IMSI"), "262011234567890"), (Some("IMEI"), "35850604062684")]);
    assert_eq!((position.result, position.shape.as_deref()), (ResultId::OK, Some("CircularArea")));
    assert_eq!(position.time.unwrap().secs(), NOW.secs() - 120, "the time of the position, not of the report");
}

#[test]
fn every_trigger_has_its_word() {
    let words: Vec<_> = EmergencyTrigger::ALL.iter().map(|trigger| trigger.as_str()).collect();
    assert_eq!(words, ["EME_ORG", "EME_REL", "EME_HO"]);
    for trigger in EmergencyTrigger::ALL {
        let told = Err((ResultId::POSITION_METHOD_FAILURE, NOW));
        let (_, read) = written(&EmergencyReport::of(trigger, &caller(), told));
        assert_eq!(read.trigger.as_deref(), Some(trigger.as_str()));
        assert_eq!(read.positions[0].result, ResultId::POSITION_METHOD_FAILURE);
    }
}

#[test]
fn a_phone_without_a_sim_is_told_by_its_imei_and_one_without_any_identity_as_anonymous() {
    let equipment = Identities { imei: caller().imei, ..Identities::default() };
    let told = || Err((ResultId::POSITION_METHOD_FAILURE, NOW));
    let (out, _) = written(&EmergencyReport::of(EmergencyTrigger::Origination, &equipment, told()));
    assert!(out.contains("<eme_pos><msid type=\"IMEI\">35850604062684</msid><poserr>"), "{out}");
    let (out, _) = written(&EmergencyReport::of(EmergencyTrigger::Origination, &Identities::default(), told()));
    assert!(out.contains("<eme_pos><msid type=\"ANONYMOUS\"></msid><poserr>"), "{out}");
}

#[test]
fn keys_and_the_cell_stand_where_the_standard_puts_them() {
    let key = |text: &str, local| EmergencyKey { local, text: Hidden::new(text) };
    let cell = only_a_cell();
    let report = EmergencyReport::of(EmergencyTrigger::Handover, &caller(), Ok((&cell, NOW)));
    let (out, read) = written(&report.clone().esrk(key("77", true)).esrd(key("76", false)));
    assert!(out.contains("</poserr><esrd>76</esrd><esrk type=\"LOCAL\">77</esrk><serving_cell>"), "{out}");
    assert_eq!(read.positions[0].lte_cell, Some(0x0123_4567));
    let (out, _) = written(&report.version(Version::V3_2));
    assert!(out.contains("<emerep ver=\"3.2.0\">") && !out.contains("serving_cell"), "{out}");
}

#[test]
fn debug_shows_nobody_and_no_place() {
    let fix = fix();
    let report = EmergencyReport::of(EmergencyTrigger::Origination, &caller(), Ok((&fix, NOW)));
    let shown = format!("{report:?}");
    assert!(!shown.contains("4915") && !shown.contains("26201") && !shown.contains("3585"), "{shown}");
    assert!(!shown.contains("Latitude"), "{shown}");
}

#[test]
fn every_report_is_valid() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: xmllint is not installed (Debian package libxml2-utils)");
        return;
    }
    let (fix, cell) = (fix(), only_a_cell());
    let told = [Ok((&fix, NOW)), Ok((&cell, NOW)), Err((ResultId::SYSTEM_FAILURE, NOW))];
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mlp-emergency");
    std::fs::create_dir_all(&dir).unwrap();
    let mut files = Vec::new();
    for trigger in EmergencyTrigger::ALL {
        for told in told {
            let file = dir.join(format!("{}.xml", files.len()));
            std::fs::write(&file, written(&EmergencyReport::of(trigger, &caller(), told)).0).unwrap();
            files.push(file);
        }
    }
    let dtd = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/written.dtd");
    let checked = Command::new("xmllint").args(["--noout", "--nonet", "--dtdvalid"]).arg(dtd).args(files).output();
    let checked = checked.unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

proptest! {
    #[test]
    fn keys_survive_the_way(text in "[^\\p{Cc}\u{FFFE}\u{FFFF}]{0,40}") {
        let key = EmergencyKey { local: false, text: Hidden::new(text) };
        let told = Err((ResultId::SYSTEM_FAILURE, NOW));
        let report = EmergencyReport::of(EmergencyTrigger::Release, &caller(), told).esrk(key);
        let (_, read) = written(&report);
        prop_assert_eq!(read.positions.len(), 1);
    }
}
