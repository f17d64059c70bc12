//! immediateMDTConfig of TS 28.623: JSON in and out, each rule broken once, and what the house does with such a job.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests: a wrong value ends the test")]

use mdt::job::{
    JobError, M6PeriodLte, M6PeriodNr, Measurement, MeasurementPeriodLte, PacketDelay, PositioningMethod,
    ReportInterval, ReportingTrigger, RrmPeriodLte, RrmPeriodNr, TraceJob,
};
use mdt::rrc::AbsoluteTime;
use mdt::selection::Plan;
use privacy::consent::{Keeps, Purpose};
use serde_json::{Value, json};

/// Everything that there is, for both technologies.
fn config() -> Value {
    json!({
        "listOfMeasurements": {
            "LTE": ["M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M1_EVENT_TRIGGERED"],
            "NR": ["M1", "M4", "M5", "M6", "M7"]
        },
        "reportingTrigger": ["PERIODICAL", "A2_FOR_LTE_NR", "A2_TRIGGERED_PERIODIC_FOR_LTE_NR",
                             "ALL_CONFIGURED_RRM_FOR_LTE_NR"],
        "reportAmount": "16",
        "reportAmountM1LTE": "1", "reportAmountM4LTE": "2", "reportAmountM5LTE": "4", "reportAmountM6LTE": "8",
        "reportAmountM7LTE": "32", "reportAmountM1NR": "64", "reportAmountM4NR": "INFINITY",
        "reportAmountM5NR": "1", "reportAmountM6NR": "1", "reportAmountM7NR": "1",
        "reportInterval": {"LTE": ["3600000ms"], "NR": ["40960ms"]},
        "eventThreshold": {"EventThresholdRSRP": 97},
        "collectionPeriodRrmLte": "100ms",
        "collectionPeriodM6Lte": "1024ms",
        "collectionPeriodM7Lte": 60,
        "collectionPeriodRrmNr": "60000ms",
        "collectionPeriodM6Nr": "30min",
        "collectionPeriodM7Nr": 1,
        "measurementPeriodLte": "1min",
        "beamLevelMeasurement": true,
        "positioningMethod": "E-CELL_ID",
        "excessPacketDelayThresholds": [{"fiveQIValue": 9, "excessPacketDelayThresholdValue": "0.25MS"}]
    })
}

fn job(config: Value) -> Value {
    json!({
        "jobType": "IMMEDIATE_MDT_ONLY",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": "000001"},
        "mdtConfig": {"anonymizationOfMdtData": "NO_IDENTITY", "immediateMDTConfig": config}
    })
}

fn read(job: &Value) -> Result<TraceJob, JobError> {
    TraceJob::from_json(job.to_string().as_bytes())
}

/// The whole configuration with one attribute set; `null` takes it away.
fn with(path: &str, value: Value) -> Result<TraceJob, JobError> {
    let mut config = config();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let members = config.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => drop(members.remove(name).unwrap()),
        value => drop(members.insert(name.to_owned(), value)),
    }
    read(&job(config))
}

#[test]
fn a_job_with_everything_comes_back_as_it_was() {
    let whole = job(config());
    let read = read(&whole).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&read.to_json().unwrap()).unwrap(), whole);
    // Numbers under a type of text are read as numbers, too, and written as text.
    let numbers = with("/reportAmount", json!(16)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&numbers.to_json().unwrap()).unwrap(), whole);
    let least = job(json!({"listOfMeasurements": {"LTE": ["M2"]}}));
    assert_eq!(serde_json::from_str::<Value>(&self::read(&least).unwrap().to_json().unwrap()).unwrap(), least);
}

#[test]
fn whom_to_ask_is_planned_and_that_nobody_brings_it_is_said() {
    let immediate = read(&job(config())).unwrap();
    let question = Plan::of(&immediate).unwrap().question(lcs::PlmnId::new("234", "15").unwrap());
    assert_eq!((question.purpose, question.keeps), (Purpose::ImmediateMdt, Keeps::NoIdentity));
    assert_eq!(immediate.is_collected(), Err(JobError::NotCollected));
    assert!(JobError::NotCollected.to_string().contains("cannot be collected here"));
    assert_eq!(immediate.logging_duration_s(), None);
    let began = AbsoluteTime([0x10, 0x10, 0x11, 0x12, 0, 0]);
    assert!(matches!(immediate.lte_configuration([0, 1], began), Err(JobError::Missing { .. })));
    assert!(matches!(immediate.nr_configuration([0, 1], began), Err(JobError::Missing { .. })));
}

#[test]
fn every_rule_broken_once() {
    let nothing = Value::Null;
    for (path, value, attribute) in [
        ("/reportingTrigger", &nothing, "reportingTrigger"),
        ("/eventThreshold", &nothing, "eventThreshold"),
        ("/collectionPeriodRrmLte", &nothing, "collectionPeriodRrmLte"),
        ("/collectionPeriodM6Lte", &nothing, "collectionPeriodM6Lte"),
        ("/collectionPeriodM7Lte", &nothing, "collectionPeriodM7Lte"),
        ("/collectionPeriodRrmNr", &nothing, "collectionPeriodRrmNr"),
        ("/collectionPeriodM6Nr", &nothing, "collectionPeriodM6Nr"),
        ("/collectionPeriodM7Nr", &nothing, "collectionPeriodM7Nr"),
        ("/measurementPeriodLte", &nothing, "measurementPeriodLte"),
        ("/reportInterval/LTE", &nothing, "reportInterval of LTE"),
        ("/reportInterval/NR", &nothing, "reportInterval of NR"),
        ("/listOfMeasurements", &json!({}), "listOfMeasurements of LTE or NR"),
    ] {
        match with(path, value.clone()) {
            Err(JobError::Missing { attribute: told, clause }) => {
                assert_eq!(told, attribute);
                assert!(clause.starts_with("TS 32.422 clause"), "{clause}");
            }
            other => panic!("{path}: {other:?}"),
        }
    }
    for (path, value, attribute) in [
        ("/listOfMeasurements/LTE", json!(["M1", "M1"]), "listOfMeasurements"),
        ("/reportingTrigger", json!(["PERIODICAL", "PERIODICAL"]), "reportingTrigger"),
        ("/reportInterval/LTE", json!(["120ms", "240ms"]), "reportInterval"),
        ("/reportInterval/LTE", json!(["20480ms"]), "reportInterval of LTE"),
        ("/reportInterval/LTE", json!(["40960ms"]), "reportInterval of LTE"),
        ("/reportInterval/NR", json!(["3600000ms"]), "reportInterval of NR"),
        ("/eventThreshold", json!({}), "eventThreshold"),
        ("/eventThreshold", json!({"EventThresholdRSRP": 1, "EventThresholdRSRQ": 1}), "eventThreshold"),
        ("/eventThreshold", json!({"EventThresholdRSRP": 98}), "eventThreshold"),
        ("/eventThreshold", json!({"EventThresholdRSRQ": 35}), "eventThreshold"),
        ("/collectionPeriodM7Lte", json!(0), "collectionPeriodM7Lte"),
        ("/collectionPeriodM7Lte", json!(61), "collectionPeriodM7Lte"),
        ("/collectionPeriodM7Nr", json!(0), "collectionPeriodM7Nr"),
        ("/collectionPeriodM7Nr", json!(61), "collectionPeriodM7Nr"),
    ] {
        match with(path, value) {
            Err(JobError::OutOfRange { attribute: told, .. }) => assert_eq!(told, attribute, "{path}"),
            other => panic!("{path}: {other:?}"),
        }
    }
    for (path, value) in [
        ("/reportAmount", json!("3")),
        ("/reportAmount", json!(128)),
        ("/reportAmount", json!("016")),
        ("/reportAmount", json!(-1)),
        ("/eventThreshold", json!({"EventThreshold1I": 1})),
        ("/eventThreshold", json!({"EventThresholdRSRP": 256})),
        ("/measurementPeriodUmts", json!("1000ms")),
        ("/listOfMeasurements/UMTS", json!(["M1"])),
        ("/reportInterval/LTE", json!(["121ms"])),
        ("/collectionPeriodM6Lte", json!("120ms")),
        ("/excessPacketDelayThresholds", json!([{"fiveQIValue": 256, "excessPacketDelayThresholdValue": "1MS"}])),
        ("/beamLevelMeasurements", json!(true)),
    ] {
        assert!(matches!(with(path, value), Err(JobError::Malformed { .. })), "{path}");
    }
    let many = vec![json!({"fiveQIValue": 9, "excessPacketDelayThresholdValue": "1MS"}); 256];
    assert!(matches!(with("/excessPacketDelayThresholds", json!(many)), Err(JobError::OutOfRange { .. })));
}

#[test]
fn thresholds_of_nr_alone_go_further_and_m1_of_events_needs_no_more() {
    let nr = |threshold: Value| {
        read(&job(json!({
            "listOfMeasurements": {"NR": ["M1"]}, "reportingTrigger": ["A2_FOR_LTE_NR"], "eventThreshold": threshold
        })))
    };
    assert!(nr(json!({"EventThresholdRSRP": 127})).is_ok() && nr(json!({"EventThresholdRSRQ": 127})).is_ok());
    assert!(nr(json!({"EventThresholdRSRP": 128})).is_err());
    for measurements in [json!({"LTE": ["M1_EVENT_TRIGGERED"]}), json!({"NR": ["M2", "M8", "M9"]})] {
        assert!(read(&job(json!({ "listOfMeasurements": measurements }))).is_ok());
    }
    // An amount of the technology stands for the one of all.
    let periodical = |amount: &str| {
        read(&job(json!({
            "listOfMeasurements": {"LTE": ["M1"]}, "reportingTrigger": ["PERIODICAL"],
            "reportInterval": {"LTE": ["120ms"]}, amount: "INFINITY"
        })))
    };
    assert!(periodical("reportAmount").is_ok() && periodical("reportAmountM1LTE").is_ok());
    for other in ["reportAmountM4LTE", "reportAmountM1NR"] {
        assert!(matches!(periodical(other), Err(JobError::Missing { attribute: "reportAmount", .. })));
    }
}

#[test]
fn a_configuration_belongs_to_its_kind_of_job() {
    let mut none = job(config());
    none["mdtConfig"].as_object_mut().unwrap().remove("immediateMDTConfig");
    assert!(matches!(read(&none), Err(JobError::Missing { attribute: "immediateMDTConfig", .. })));
    let logged =
        json!({"traceCollectionEntityId": 1, "loggingDuration": "600s", "loggingInterval": {"LTE": ["1.28s"]}});
    let mut both = job(config());
    both["mdtConfig"]["loggedMDTConfig"] = logged;
    assert!(matches!(read(&both), Err(JobError::Contradicts { attribute: "loggedMDTConfig", other: "jobType", .. })));
    for kind in ["LOGGED_MDT_ONLY", "RLF_REPORT_ONLY", "RCEF_REPORT_ONLY"] {
        both["jobType"] = json!(kind);
        let told = read(&both);
        assert!(matches!(told, Err(JobError::Contradicts { attribute: "immediateMDTConfig", .. })), "{kind}: {told:?}");
    }
    for kind in ["IMMEDIATE_MDT AND TRACE", "IMMEDIATE_MDT_AND_TRACE", "LOGGED_MBSFN_MDT", "TRACE_ONLY"] {
        both["jobType"] = json!(kind);
        assert!(matches!(read(&both), Err(JobError::NotDone)), "{kind}");
    }
}

#[test]
fn every_word_is_read_as_it_is_written() {
    macro_rules! words {
        ($($name:ident $count:literal)*) => {$(
            assert_eq!($name::ALL.len(), $count, stringify!($name));
            for value in $name::ALL {
                assert_eq!($name::from_word(value.word()), Some(*value));
            }
        )*};
    }
    words! {
        Measurement 10 ReportingTrigger 4 ReportInterval 15 RrmPeriodLte 10 MeasurementPeriodLte 5 M6PeriodLte 4
        RrmPeriodNr 5 M6PeriodNr 14 PositioningMethod 2 PacketDelay 19
    }
}
