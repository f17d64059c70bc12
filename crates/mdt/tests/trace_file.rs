//! Trace files of TS 32.423: B30 and B31.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

use lcs::Timestamp;
use mdt::rrc::{Plmn, TraceReference};
use mdt::trace_file::{FileKind, FileName, Measurement, Mode, Session, TraceFile, Ue, read};
use proptest::prelude::*;

/// In the form of the example of TS 32.423 clause D.1.4, with its comma between two attributes; values of our own.
const WITH_COMMA: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<traceCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/32_series/32.423#traceData">
<fileHeader fileFormatVersion="32.423 V16.0" vendorName="Maker &amp; Sons">
<pOPLMN><MCC>234</MCC><MNC>15</MNC></pOPLMN>
<fileSender elementDn="DC=example,ManagedElement=eNB-1" elementType="eNB"/>
<traceCollec beginTime="2026-11-28T12:00:00+01:00"/>
</fileHeader>
<traceRecSession dnPrefix="DC=example" traceRecSessionRef=" A1", stime="2026-11-28T12:00:01.5+01:00">
<ue idType="IMSI" idValue="234150000000001"/>
<meas name="RSRP" changeTime="0.005" vendorSpecific="false" targetCell="Cell-1"> 97 </meas>
<meas name="RSRQ" changeTime="0.010" vendorSpecific="false" targetCell="Cell-2">34</meas>
<meas name="Power Headroom" changeTime="15" vendorSpecific="false">5</meas>
<traceSessionRef><MCC>234</MCC><MNC>15</MNC><TRACE_ID>00000a</TRACE_ID></traceSessionRef>
</traceRecSession>
</traceCollecFile>
"#;

fn lenient(text: &str) -> (TraceFile, mdt::trace_file::TraceReport) {
    read(text.as_bytes(), Mode::Lenient).unwrap()
}

fn strict(text: &str) -> Result<TraceFile, String> {
    read(text.as_bytes(), Mode::Strict).map(|(file, _)| file).map_err(|fault| fault.to_string())
}

/// B30: three measurements and one warning; strictly, nothing.
#[test]
fn b30_the_malformed_example_is_read_with_a_warning() {
    let (file, report) = lenient(WITH_COMMA);
    assert_eq!((report.measurements, report.faults, report.passed_over), (3, 1, 0));
    assert_eq!(report.first[0].to_string(), "line 8, traceRecSession: a comma between attributes");
    assert_eq!(strict(WITH_COMMA), Err("line 8, traceRecSession: a comma between attributes".to_owned()));
    let measured = |name: &str, since_us, cell: Option<&str>, value: &str| Measurement {
        name: name.to_owned(),
        since_us,
        vendor_specific: false,
        target_cell: cell.map(str::to_owned),
        value: value.to_owned(),
    };
    let plmn = Plmn::new("234", "15").unwrap();
    let noon = 1_795_867_200_u64 - 3600;
    let expected = TraceFile {
        format_version: "32.423 V16.0".to_owned(),
        vendor: Some("Maker & Sons".to_owned()),
        operator: Some(plmn),
        sender_dn: Some("DC=example,ManagedElement=eNB-1".to_owned()),
        sender_type: Some("eNB".to_owned()),
        begins: Timestamp::from_secs(noon),
        sessions: vec![Session {
            dn_prefix: Some("DC=example".to_owned()),
            reference: [0, 0xA1],
            started: Timestamp::from_micros(noon * 1_000_000 + 1_500_000),
            ue: Ue::Identity,
            measurements: vec![
                measured("RSRP", 5_000, Some("Cell-1"), "97"),
                measured("RSRQ", 10_000, Some("Cell-2"), "34"),
                measured("Power Headroom", 15_000_000, None, "5"),
            ],
            responses: vec![],
            job: Some(TraceReference { plmn, trace_id: [0, 0, 10] }),
        }],
    };
    assert_eq!(file, expected);
    assert!(!format!("{file:?}").contains("97"), "no value is printed");
    assert!(!file.to_xml().contains("234150000000001"), "the identity went no further");
}

/// B30: out, in, out is the same; strictly in.
#[test]
fn b30_export_import_export_is_identical() {
    let once = lenient(WITH_COMMA).0.to_xml();
    let twice = strict(&once).unwrap().to_xml();
    assert_eq!(once, twice);
}

#[test]
fn what_the_schema_does_not_have_is_reported_or_refused() {
    let sound = WITH_COMMA.replace("\",", "\"");
    assert!(strict(&sound).is_ok());
    for (from, to, what, taken) in [
        ("changeTime=\"0.005\"", "changeTime=\"soon\"", "line 10, meas: no name", 2),
        ("changeTime=\"0.005\"", "changeTime=\"-1\"", "line 10, meas: no name", 2),
        ("name=\"RSRP\"", "name=\"\"", "line 10, meas: no name", 2),
        (" A1", "12345", "line 8, traceRecSession: no traceRecSessionRef", 0),
        (" A1", "", "line 8, traceRecSession: no traceRecSessionRef", 0),
        (".5+01:00", ".5", "line 8, traceRecSession: no traceRecSessionRef", 0),
        ("00000a", "00000", "line 13, traceSessionRef: no MCC", 3),
        ("<MCC>234</MCC><MNC>15</MNC></pOPLMN>", "<MCC>234</MCC></pOPLMN>", "line 4, pOPLMN: no MCC", 3),
        ("<ue idType", "<who/><ue idType", "line 9, traceRecSession: an element", 3),
        ("> 97 <", "><i>9</i>97<", "line 10, meas: an element where text is", 3),
        ("beginTime", "beganTime", "line 7, fileHeader: no beginTime", 3),
    ] {
        let text = sound.replacen(from, to, 1);
        assert_ne!(text, sound, "{from}");
        let refused = strict(&text).unwrap_err();
        assert!(refused.starts_with(what), "{from}: {refused}");
        let (_, report) = lenient(&text);
        assert_eq!((report.measurements, report.faults), (taken, 1), "{from}");
        assert!(report.first[0].to_string().starts_with(what), "{from}");
    }
}

#[test]
fn what_nothing_can_be_read_behind_is_refused_in_both_modes() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    let deep = "<x>".repeat(40);
    for text in [
        String::new(),
        "<other/>".to_owned(),
        WITH_COMMA.replace("<traceCollecFile", &format!("{bomb}<traceCollecFile")),
        WITH_COMMA.replace("> 97 <", ">&b;<"),
        WITH_COMMA.replace("</pOPLMN>", ""),
        WITH_COMMA.replace("<ue ", &format!("{deep}<ue ")),
        WITH_COMMA.replace("name=\"RSRP\"", "name=\"RSRP\" name=\"RSRQ\""),
        WITH_COMMA.replace("> 97 <", &format!(">{}<", "9".repeat(1025))),
        format!("{WITH_COMMA}<again/>"),
        WITH_COMMA[..WITH_COMMA.len() - 20].to_owned(),
    ] {
        for mode in [Mode::Strict, Mode::Lenient] {
            assert!(read(text.as_bytes(), mode).is_err(), "{text}");
        }
    }
    assert!(read(&[0xFF, 0xFE], Mode::Lenient).is_err());
}

#[test]
fn of_who_it_was_the_model_stays_at_most() {
    let sound = WITH_COMMA.replace("\",", "\"");
    let whose = |kind: &str, value: &str| {
        let text = sound.replace("idType=\"IMSI\"", &format!("idType=\"{kind}\"")).replace("234150000000001", value);
        strict(&text).unwrap().sessions[0].ue.clone()
    };
    assert_eq!(whose("IMEI-TAC", "35123456"), Ue::Model("35123456".to_owned()));
    assert_eq!(whose("IMEI-TAC", "351234561234567"), Ue::Identity, "more than a model");
    assert_eq!(whose("IMEI", "35123456"), Ue::Identity);
    assert_eq!(whose("IMSI", "234150000000001"), Ue::Identity);
    assert_eq!(whose("IMSI", ""), Ue::None);
}

#[test]
fn b31_names_of_files() {
    let name = FileName::parse("B20261121.103000+0100-eNB.enb1.example.net").unwrap();
    assert_eq!((name.kind, name.sender_type.as_str()), (FileKind::ManySessions, "eNB"));
    assert_eq!((name.sender_name.as_str(), name.references), ("enb1.example.net", None));
    // 2026-11-21T09:30:00Z.
    assert_eq!(name.starts, Timestamp::from_secs(1_795_253_400));
    let name = FileName::parse("A20261121.103000-0530-MME.mme.a.b.32f451000001.00A1.xml").unwrap();
    assert_eq!(name.sender_name, "mme.a.b");
    assert_eq!(name.references, Some(("32f451000001".to_owned(), "00A1".to_owned())));
    assert_eq!(FileName::parse("C20261121.103000+0000-MME.mme1").unwrap().kind, FileKind::Identities);
    for none in [
        "",
        "D20261121.103000+0100-eNB.enb1",
        "B20261321.103000+0100-eNB.enb1",
        "B20261121.103000+0100",
        "B20261121.103000+0100-eNB",
        "B20261121.103000+0100-.enb1",
        "B20261121.103000+0100-eNB.",
        "B20261121 103000+0100-eNB.enb1",
        "B20261121.1030\u{e9}0+0100-eNB.enb1",
    ] {
        assert_eq!(FileName::parse(none), None, "{none}");
    }
}

proptest! {
    /// Whatever of the example is changed, it is read or refused; what was read comes back the same.
    #[test]
    fn nothing_panics(at in 0..WITH_COMMA.len(), len in 0..12_usize, put in "[<>&;\"',a-z0-9 =/!\\[]{0,12}") {
        let mut octets = WITH_COMMA.as_bytes().to_vec();
        let end = (at + len).min(octets.len());
        octets.splice(at..end, put.bytes());
        prop_assert!(FileName::parse(&put).is_none(), "too short for one");
        if let Ok((file, report)) = read(&octets, Mode::Lenient) {
            prop_assert!(report.first.len() as u64 == report.faults.min(100));
            let again = lenient(&file.to_xml()).0.to_xml();
            prop_assert_eq!(file.to_xml(), again);
        }
    }
}
