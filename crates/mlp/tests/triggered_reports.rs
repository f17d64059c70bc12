//! Answers and reports of triggered services: written, read back, checked against a DTD (OMA MLP section 5.2.3.6).
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod common;

use common::triggered;
use lcs::{
    Duration, Fix, LdrReference, QosClass, Timestamp,
    gad::{Latitude, Longitude, Point, Shape, Uncertainty},
};
use mlp::{
    AnswerElement, Hidden, Msid, PauseReport, PushAddress, QueryReport, ResultId, StopNotice, TriggerWord,
    TriggeredAnswer, TriggeredOutcome, TriggeredPos, TriggeredReport, Version,
    client::{SvcResult, parse_svc_result},
    write_failure,
};
use std::{path::Path, process::Command};

/// 2026-03-01T00:10:05Z.
const NOW: Timestamp = Timestamp::from_secs(1_772_323_805);

fn msids() -> Vec<Msid> {
    let body = common::with_service(
        "<tlrr><msids><msid>4915110000001</msid><msid type=\"ASID\" enc=\"CRP\">zq7&amp;d</msid></msids><interval>00000500</interval></tlrr>",
    );
    triggered(&body).targets.into_iter().map(|entry| entry.msid).collect()
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

fn push_address() -> PushAddress {
    let (url, password) = (Hidden::new("https://school.example/mlp"), Some(Hidden::new("p&w")));
    PushAddress { url, id: Some("gmlc".into()), password }
}

fn written(write: impl FnOnce(&mut String)) -> (String, SvcResult) {
    let mut out = String::new();
    write(&mut out);
    let read = parse_svc_result(out.as_bytes()).unwrap();
    (out, read)
}

fn report<'a>(positions: &'a [TriggeredPos<'a>], push_address: Option<&'a PushAddress>) -> TriggeredReport<'a> {
    TriggeredReport {
        version: Version::V3_5,
        shapes: None,
        qos_class: QosClass::BestEffort,
        request_id: "c0ffee",
        lcs_ref: Some(LdrReference(7)),
        push_address,
        positions,
        remaining: Some(Duration::from_secs(3_661)),
    }
}

#[test]
fn a_report_is_written_like_this() {
    let (fix, address, msids) = (fix(), push_address(), msids());
    let outcome = TriggeredOutcome::Fixed { fix: &fix, at: NOW };
    let positions = [TriggeredPos { msid: &msids[0], trigger: TriggerWord::ChangeArea, outcome }];
    let (out, read) = written(|out| report(&positions, Some(&address)).write(out));
    assert_eq!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><svc_result ver=\"3.5.0\"><hdr ver=\"3.5.0\"><client><id>gmlc</id>\
         <pwd>p&amp;w</pwd></client></hdr><tlrep ver=\"3.5.0\"><req_id>c0ffee</req_id><lcs_ref>07</lcs_ref>\
         <trl_pos trl_trigger=\"CHANGE_AREA\"><msid>4915110000001</msid><pd><time utc_off=\"+0000\">20260301000805</time>\
         <shape><CircularArea srsName=\"www.epsg.org#4326\"><coord><X>52 31 11.969N</X><Y>13 24 17.978E</Y></coord>\
         <radius>58</radius></CircularArea></shape></pd></trl_pos><time_remaining>00010101</time_remaining></tlrep></svc_result>"
    );
    assert_eq!((read.element.as_str(), read.request_id.as_deref(), read.lcs_ref), ("tlrep", Some("c0ffee"), Some(7)));
    assert_eq!(read.time_remaining_s, Some(3_661));
    let [position] = &read.positions[..] else { panic!("one position") };
    assert_eq!((position.trl_trigger.as_deref(), position.radius_m), (Some("CHANGE_AREA"), Some(58)));
}

#[test]
fn every_trigger_and_outcome_is_read_back() {
    let (fix, msids) = (fix(), msids());
    for trigger in TriggerWord::ALL {
        let outcomes = [
            TriggeredOutcome::Fixed { fix: &fix, at: NOW },
            TriggeredOutcome::Event { at: NOW },
            TriggeredOutcome::Failed { result: ResultId::ABSENT_SUBSCRIBER, add_info: Some("a<b"), at: NOW },
        ];
        let positions: Vec<_> =
            outcomes.into_iter().map(|outcome| TriggeredPos { msid: &msids[1], trigger, outcome }).collect();
        let (_, read) = written(|out| report(&positions, None).write(out));
        let results: Vec<_> =
            read.positions.iter().map(|p| (p.result, p.shape.is_some(), p.time.unwrap().secs())).collect();
        assert_eq!(
            results,
            [
                (ResultId::OK, true, NOW.secs() - 120),
                (ResultId::OK, false, NOW.secs()),
                (ResultId::ABSENT_SUBSCRIBER, false, NOW.secs())
            ]
        );
        for position in &read.positions {
            assert_eq!(position.trl_trigger.as_deref(), Some(trigger.as_str()));
            assert_eq!((position.msid.0.as_deref(), position.msid.1.expose()), (Some("ASID"), "zq7&d"));
        }
    }
}

#[test]
fn answers_are_read_back_and_a_reference_is_told_only_if_it_fits() {
    let msids = msids();
    for number in 0..=u8::MAX {
        let lcs_ref = Some(LdrReference(number));
        let (out, read) =
            written(|out| TriggeredAnswer::Armed { request_id: "c0ffee", lcs_ref }.write(out, Version::V3_4));
        assert_eq!((read.element.as_str(), read.request_id.as_deref()), ("tlra", Some("c0ffee")));
        assert_eq!(read.lcs_ref, (number <= 64).then_some(number), "{out}");
        if number <= 64 {
            assert!(out.contains(&format!("<lcs_ref>{number:02}</lcs_ref>")));
        }
    }
    for targets in [vec![], vec![&msids[0]], msids.iter().collect::<Vec<_>>()] {
        let answer = TriggeredAnswer::Stopped { request_id: "c0ffee", targets: &targets };
        let (_, read) = written(|out| answer.write(out, Version::V3_2));
        let named: Vec<_> = read.targets.iter().map(Hidden::expose).collect();
        assert_eq!(named, targets.iter().map(|msid| msid.text.expose()).collect::<Vec<_>>());
        assert_eq!((read.element.as_str(), read.version.as_deref()), ("tlrsa", Some("3.2.0")));
        let address = push_address();
        let notice = StopNotice {
            version: Version::V3_2,
            push_address: Some(&address),
            request_id: "c0ffee",
            targets: &targets,
        };
        let (_, pushed) = written(|out| notice.write(out));
        assert_eq!((pushed.client.unwrap().id.as_str(), pushed.targets), ("gmlc", read.targets));
    }
    let (_, read) = written(|out| TriggeredAnswer::Queried { query_id: "q1" }.write(out, Version::V3_5));
    assert_eq!((read.element.as_str(), read.query_id.as_deref()), ("tlrqa", Some("q1")));
}

#[test]
fn pauses_and_queries_are_read_back() {
    let (msids, address) = (msids(), push_address());
    for resumed in [false, true] {
        let report = PauseReport {
            version: Version::V3_5,
            push_address: Some(&address),
            msid: &msids[0],
            request_id: "c0ffee",
            lcs_ref: Some(LdrReference(200)),
            resumed,
        };
        let (_, read) = written(|out| report.write(out));
        assert_eq!(read.cause.as_deref(), Some(if resumed { "RESUME" } else { "PAUSE" }));
        assert_eq!((read.element.as_str(), read.lcs_ref, read.targets.len()), ("tlrpr", None, 1));
    }
    let triggers = [("a1".to_owned(), msids.clone()), ("b2".to_owned(), msids[..1].to_vec())];
    let report = QueryReport { version: Version::V3_4, push_address: None, query_id: "q1", triggers: &triggers };
    let (_, read) = written(|out| report.write(out));
    let found: Vec<_> = read.triggers.iter().map(|t| (t.request_id.as_str(), t.targets.len())).collect();
    assert_eq!((read.query_id.as_deref(), found), (Some("q1"), vec![("a1", 2), ("b2", 1)]));
    let none = QueryReport { triggers: &[], ..report };
    assert!(written(|out| none.write(out)).1.triggers.is_empty());
}

#[test]
fn every_document_is_valid() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: xmllint is not installed (Debian package libxml2-utils)");
        return;
    }
    let (fix, address, msids) = (fix(), push_address(), msids());
    let mut documents = Vec::new();
    for version in Version::ALL {
        for push_address in [None, Some(&address)] {
            for lcs_ref in [None, Some(LdrReference(64)), Some(LdrReference(65))] {
                let outcomes = [
                    TriggeredOutcome::Fixed { fix: &fix, at: NOW },
                    TriggeredOutcome::Event { at: NOW },
                    TriggeredOutcome::Failed { result: ResultId::ABSENT_SUBSCRIBER, add_info: None, at: NOW },
                ];
                let positions = TriggerWord::ALL
                    .into_iter()
                    .flat_map(|trigger| outcomes.iter().map(move |outcome| (trigger, *outcome)));
                let positions: Vec<_> =
                    positions.map(|(trigger, outcome)| TriggeredPos { msid: &msids[0], trigger, outcome }).collect();
                for remaining in [None, Some(Duration::ZERO), Some(Duration::MAX)] {
                    let report = TriggeredReport { version, lcs_ref, remaining, ..report(&positions, push_address) };
                    documents.push(written(|out| report.write(out)).0);
                }
                let pause =
                    PauseReport { version, push_address, msid: &msids[1], request_id: "1", lcs_ref, resumed: true };
                documents.push(written(|out| pause.write(out)).0);
                documents
                    .push(written(|out| TriggeredAnswer::Armed { request_id: "1", lcs_ref }.write(out, version)).0);
            }
            for targets in [vec![], vec![&msids[0]], msids.iter().collect::<Vec<_>>()] {
                let targets = targets.as_slice();
                documents
                    .push(written(|out| TriggeredAnswer::Stopped { request_id: "1", targets }.write(out, version)).0);
                let notice = StopNotice { version, push_address, request_id: "1", targets };
                documents.push(written(|out| notice.write(out)).0);
            }
            let triggers = [("a1".to_owned(), msids.clone())];
            for triggers in [&triggers[..], &[]] {
                let report = QueryReport { version, push_address, query_id: "1", triggers };
                documents.push(written(|out| report.write(out)).0);
            }
        }
        documents.push(written(|out| TriggeredAnswer::Queried { query_id: "1" }.write(out, version)).0);
        for element in [AnswerElement::Tlra, AnswerElement::Tlrsa, AnswerElement::Tlrqa] {
            documents.push(written(|out| write_failure(out, version, element, ResultId::FORMAT_ERROR, Some("x"))).0);
        }
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mlp-triggered-reports");
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
