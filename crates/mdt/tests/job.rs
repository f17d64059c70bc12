//! TraceJob of TS 28.622 and TS 28.623: JSON in and out, each rule broken once, and what phones are told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests: a wrong value ends the test")]

use mdt::job::{Anonymization, EventWord, Interval, JobError, JobType, ReportTypeWord, TraceJob};
use mdt::rrc::{AbsoluteTime, Plmn, lte, nr};
use serde_json::{Value, json};

const BEGAN: AbsoluteTime = AbsoluteTime([0x10, 0x10, 0x11, 0x12, 0, 0]);

/// A management based job for both technologies.
fn area_job() -> Value {
    json!({
        "jobType": "LOGGED_MDT_ONLY",
        "plmnTarget": {"mcc": "234", "mnc": "15"},
        "traceCollectionEntityIpAddress": "192.0.2.1",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": "000001"},
        "jobId": "north",
        "traceReportingFormat": "FILE-BASED",
        "mdtConfig": {
            "anonymizationOfMdtData": "NO_IDENTITY",
            "areaScope": [["1234501", "1234502"]],
            "loggedMDTConfig": {
                "traceCollectionEntityId": 1,
                "loggingDuration": "600s",
                "loggingInterval": {"LTE": ["1.28s"], "NR": ["5.12s"]},
                "plmnList": [{"mcc": "234", "mnc": "15"}]
            }
        }
    })
}

fn read(job: &Value) -> Result<TraceJob, JobError> {
    TraceJob::from_json(job.to_string().as_bytes())
}

/// The job with one attribute set, by its path.
fn with(path: &str, value: Value) -> Value {
    let mut job = area_job();
    let (parent, name) = path.rsplit_once('/').unwrap();
    job.pointer_mut(parent).unwrap()[name] = value;
    job
}

#[test]
fn a_job_comes_back_as_it_was() {
    for job in [area_job(), with("/traceTarget", json!({"TargetIdType": "eNB", "TargetIdValue": "enb1"}))] {
        let read = read(&job).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&read.to_json().unwrap()).unwrap(), job);
        assert_eq!(read.anonymization(), Some(Anonymization::NoIdentity));
    }
}

#[test]
fn a_job_of_a_subscriber_is_signalling_based_and_prints_nobody() {
    let mut job = with("/traceTarget", json!({"TargetIdType": "SUPI", "TargetIdValue": "imsi-234150999999999"}));
    assert!(matches!(read(&job), Err(JobError::Contradicts { attribute: "anonymizationOfMdtData", .. })));
    job["mdtConfig"].as_object_mut().unwrap().remove("anonymizationOfMdtData");
    let read = read(&job).unwrap();
    assert!(read.subscriber().is_some());
    assert_eq!(read.anonymization(), None);
    assert!(!format!("{read:?}").contains("23415099"));
    assert!(read.to_json().unwrap().contains("234150999999999"));
    assert!(read.lte_configuration([0, 1], BEGAN).unwrap().signalling_based);
    // Its area is one of LTE.
    job["mdtConfig"].as_object_mut().unwrap().remove("areaScope");
    let anywhere = TraceJob::from_json(job.to_string().as_bytes()).unwrap();
    assert!(anywhere.nr_configuration([0, 1], BEGAN).unwrap().signalling_based);
}

#[test]
fn a_job_without_a_word_on_identity_keeps_none() {
    let mut job = area_job();
    job["mdtConfig"].as_object_mut().unwrap().remove("anonymizationOfMdtData");
    assert_eq!(read(&job).unwrap().anonymization(), Some(Anonymization::NoIdentity));
}

#[test]
fn every_rule_is_named_when_it_is_broken() {
    const LOGGED: &str = "/mdtConfig/loggedMDTConfig";
    let plmn = json!({"mcc": "234", "mnc": "15"});
    let out_of_range = [
        ("/traceReference/traceId", json!("0001"), "traceReference"),
        ("/traceReference/mcc", json!("23"), "traceReference"),
        ("/plmnTarget/mnc", json!("1"), "plmnTarget"),
        ("/jobId", json!("x".repeat(65)), "jobId"),
        ("/mdtConfig/areaScope", json!([[]]), "areaScope"),
        ("/mdtConfig/areaScope", json!([vec!["1234501"; 33]]), "areaScope"),
        ("/mdtConfig/areaScope", json!([vec!["1234"; 9]]), "areaScope"),
        ("/mdtConfig/areaScope", json!([["1234501", "1234"]]), "areaScope"),
        ("/mdtConfig/areaScope", json!([["+234501"]]), "areaScope"),
        ("/mdtConfig/areaScope", json!([["1234"], ["1235"]]), "areaScope"),
        ("/mdtConfig/areaScope", json!([[{"mcc": "234", "mnc": "15", "tac": "12"}]]), "areaScope"),
        (&format!("{LOGGED}/traceCollectionEntityId"), json!(256), "traceCollectionEntityId"),
        (&format!("{LOGGED}/loggingInterval"), json!({"LTE": ["0.32s"]}), "loggingInterval of LTE"),
        (&format!("{LOGGED}/loggingInterval"), json!({"LTE": ["1.28s", "2.56s"]}), "loggingInterval"),
        (&format!("{LOGGED}/plmnList"), json!(vec![plmn; 17]), "plmnList"),
        (&format!("{LOGGED}/plmnList"), json!([{"mcc": "2", "mnc": "15"}]), "plmnList"),
    ];
    for (path, value, attribute) in out_of_range {
        match read(&with(path, value)) {
            Err(JobError::OutOfRange { attribute: found, clause, .. }) => {
                assert_eq!(found, attribute, "{path}");
                assert!(clause.starts_with("TS "));
            }
            other => panic!("{path}: {other:?}"),
        }
    }
    for (path, value) in [
        ("/jobType".to_owned(), json!("EVERYTHING")),
        ("/anonymisationOfMdtData".to_owned(), json!("NO_IDENTITY")),
        ("/mdtConfig/anonymizationOfMdtDate".to_owned(), json!("TAC_OF_IMEI")),
        (format!("{LOGGED}/loggingDuration"), json!("601s")),
        (format!("{LOGGED}/loggingInterval"), json!({"GERAN": ["1.28s"]})),
        ("/traceTarget".to_owned(), json!({"TargetIdType": "IMSI", "TargetIdValue": "not digits"})),
        ("/traceTarget".to_owned(), json!({"TargetIdType": "PUBLIC_ID", "TargetIdValue": "sip:a@example.com"})),
    ] {
        assert!(matches!(read(&with(&path, value)), Err(JobError::Malformed { .. })), "{path}");
    }
    assert!(matches!(read(&with("/jobType", json!("TRACE_ONLY"))), Err(JobError::NotDone)));
    let mut bare = area_job();
    bare["mdtConfig"].as_object_mut().unwrap().remove("loggedMDTConfig");
    assert!(matches!(read(&bare), Err(JobError::Missing { attribute: "loggedMDTConfig", .. })));
    assert!(matches!(
        read(&with("/mdtConfig/loggedMDTConfig/loggingInterval", json!({}))),
        Err(JobError::Missing { .. })
    ));
    assert!(matches!(TraceJob::from_json(&vec![b' '; 65_537]), Err(JobError::TooLong { .. })));
    assert!(matches!(TraceJob::from_json(b"[[[[["), Err(JobError::Malformed { .. })));
}

/// The logged part of a job on the event of a bad serving cell.
fn on_event() -> Value {
    json!({
        "traceCollectionEntityId": 1,
        "loggingDuration": "7200s",
        "loggingInterval": {"NR": ["1.28s"]},
        "reportType": "EVENT_TRIGGERED",
        "eventListForEventTriggeredMeasurement": "A2_EVENT",
        "eventThresholdL1": {"RSRP": 46},
        "hysteresisL1": 4,
        "timeToTriggerL1": "640ms"
    })
}

#[test]
fn an_event_needs_all_of_its_parts() {
    let job = |logged: Value| with("/mdtConfig/loggedMDTConfig", logged);
    read(&job(on_event())).unwrap();
    for part in ["eventListForEventTriggeredMeasurement", "eventThresholdL1", "hysteresisL1", "timeToTriggerL1"] {
        let mut logged = on_event();
        logged.as_object_mut().unwrap().remove(part);
        assert!(matches!(read(&job(logged)), Err(JobError::Missing { attribute, .. }) if attribute == part), "{part}");
    }
    for (part, value) in [("eventThresholdL1", json!({"RSRP": 128})), ("hysteresisL1", json!(31))] {
        let mut logged = on_event();
        logged[part] = value;
        assert!(matches!(read(&job(logged)), Err(JobError::OutOfRange { attribute, .. }) if attribute == part));
    }
    let mut logged = on_event();
    logged["reportType"] = json!("PERIODICAL");
    assert!(matches!(read(&job(logged)), Err(JobError::Contradicts { .. })));
    let forever = with("/mdtConfig/loggedMDTConfig/loggingInterval", json!({"NR": ["INFINITY"]}));
    assert!(matches!(read(&forever), Err(JobError::Contradicts { .. })));
}

#[test]
fn phones_of_lte_are_told_the_vector() {
    let job = read(&area_job()).unwrap();
    let mut told = job.lte_configuration([0, 1], BEGAN).unwrap();
    assert_eq!(told.plmns, Some(vec![Plmn::new("234", "15").unwrap()]));
    told.plmns = None;
    let message = lte::DlDcch::LoggedMeasurementConfiguration(Box::new(told)).encode().unwrap();
    let hex: String = message.iter().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(hex, "50a468150000010001011010111200000646815123450191a05448d14080");
    // Cells of LTE are none of NR.
    assert!(matches!(job.nr_configuration([0, 1], BEGAN), Err(JobError::OtherTechnology { .. })));
}

#[test]
fn phones_of_nr_are_told_the_vector() {
    let mut job = with("/mdtConfig/loggedMDTConfig", on_event());
    job["mdtConfig"].as_object_mut().unwrap().remove("areaScope");
    let job = read(&job).unwrap();
    let told = job.nr_configuration([0, 1], BEGAN).unwrap();
    let message = nr::DlDcch::LoggedMeasurementConfiguration(Box::new(told)).encode().unwrap();
    let hex: String = message.iter().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(hex, "60048d02a000002000202202022240001522e25900");
    assert!(matches!(job.lte_configuration([0, 1], BEGAN), Err(JobError::OtherTechnology { .. })));
}

#[test]
fn b36_spellings_of_other_interfaces_mean_the_same() {
    assert_eq!(JobType::from_word("IMMEDIATE_MDT_AND_TRACE"), Some(JobType::ImmediateMdtAndTrace));
    assert_eq!(JobType::from_word("RLF_REPORTS_ONLY"), Some(JobType::RlfReportOnly));
    assert_eq!(ReportTypeWord::from_word("EVENT_TRIGGED"), Some(ReportTypeWord::EventTriggered));
    assert_eq!(EventWord::from_word("OUT_OF_COVERAG"), Some(EventWord::OutOfCoverage));
    // LoggingIntervalMdt and LoggingIntervalNrMdt of TS 29.571, each string of both, and some that are of neither.
    for (word, lte, nr) in [
        ("128", Some(Interval::Ms1280), Some(Interval::Ms1280)),
        ("256", Some(Interval::Ms2560), Some(Interval::Ms2560)),
        ("512", Some(Interval::Ms5120), Some(Interval::Ms5120)),
        ("1024", Some(Interval::Ms10240), Some(Interval::Ms10240)),
        ("2048", Some(Interval::Ms20480), Some(Interval::Ms20480)),
        ("3072", Some(Interval::Ms30720), Some(Interval::Ms30720)),
        ("4096", Some(Interval::Ms40960), Some(Interval::Ms40960)),
        ("6144", Some(Interval::Ms61440), Some(Interval::Ms61440)),
        ("320", None, Some(Interval::Ms320)),
        ("640", None, Some(Interval::Ms640)),
        ("infinity", None, Some(Interval::Infinity)),
        ("INFINITY", None, None),
        ("1280", None, None),
        ("1.28s", None, None),
    ] {
        assert_eq!(Interval::from_29571(word, false), lte, "{word}");
        assert_eq!(Interval::from_29571(word, true), nr, "{word}");
    }
    for job_type in JobType::ALL {
        assert_eq!(JobType::from_word(job_type.word()), Some(*job_type));
    }
}
