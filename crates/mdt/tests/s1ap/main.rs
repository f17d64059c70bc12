//! TraceActivation of S1AP, aligned PER: the vector V13, jobs there and back, whatever octets, and another codec.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests: a wrong value ends the test")]

mod peer;
#[path = "../support/pycrate.rs"]
mod pycrate;

use mdt::job::{JobError, TraceJob};
use mdt::rrc::Plmn;
use mdt::s1ap::{
    Activation, Area, CollectorAddress, Logged, MdtConfiguration, Mode, S1apError, TraceActivation, TraceDepth,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// V13: trace id 32f4510000010001, logged, the whole network, 5.12 s for 120 min, networks [234/15], collector 127.0.0.1.
pub(crate) const V13: &str = "4032f4510000010001e000f87f000001000000a2400d524540000000b240040032f451";

pub(crate) fn octets(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn read(job: &Value) -> TraceJob {
    TraceJob::from_json(job.to_string().as_bytes()).unwrap()
}

/// A logged job, with these attributes beside the usual ones.
fn logged(mdt: Value, more: Value) -> Value {
    let mut config = json!({
        "traceCollectionEntityId": 7, "loggingDuration": "7200s", "loggingInterval": {"LTE": ["5.12s"]},
        "plmnList": [{"mcc": "234", "mnc": "15"}],
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut whole = json!({"loggedMDTConfig": config});
    whole.as_object_mut().unwrap().extend(mdt.as_object().unwrap().clone());
    json!({
        "jobType": "LOGGED_MDT_ONLY", "traceCollectionEntityIpAddress": "127.0.0.1",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": "000001"}, "mdtConfig": whole,
    })
}

fn immediate(config: Value) -> Value {
    json!({
        "jobType": "IMMEDIATE_MDT_ONLY", "traceCollectionEntityIpAddress": "2001:db8::1",
        "traceReference": {"mcc": "310", "mnc": "260", "traceId": "abcdef"},
        "mdtConfig": {"immediateMDTConfig": config},
    })
}

#[test]
fn v13_a_logged_job_of_the_whole_network() {
    let activation = TraceActivation {
        trace_reference: mdt::rrc::TraceReference { plmn: Plmn::new("234", "15").unwrap(), trace_id: [0, 0, 1] },
        recording_session: [0, 1],
        interfaces: 0xE0,
        depth: TraceDepth::Minimum,
        collector: CollectorAddress::V4([127, 0, 0, 1].into()),
        collector_uri: None,
        mdt: Some(MdtConfiguration {
            activation: Activation::LoggedOnly,
            area: Area::Everywhere,
            mode: Mode::Logged(Logged {
                interval: mdt::job::Interval::Ms5120,
                duration: mdt::job::Duration::S7200,
                event: None,
                barometer: false,
            }),
            plmns: vec![Plmn::new("234", "15").unwrap()],
        }),
    };
    assert_eq!(TraceActivation::from_octets(&octets(V13)).unwrap(), activation);
    assert_eq!(hex(&activation.to_octets().unwrap()), V13);
    let job = read(&logged(json!({}), json!({})));
    let made = TraceActivation::of_job(&job, [0, 1]).unwrap();
    assert_eq!(made, TraceActivation { interfaces: 0, depth: TraceDepth::Minimum, ..activation });
    assert_eq!(made.job(7).unwrap(), job);
}

/// Every kind of job there and back, by octets.
fn jobs() -> Vec<Value> {
    let everything = json!({
        "listOfMeasurements": {"LTE": ["M1", "M2", "M3", "M4", "M5", "M6", "M7", "M1_EVENT_TRIGGERED", "M8", "M9"]},
        "reportingTrigger": ["A2_TRIGGERED_PERIODIC_FOR_LTE_NR"], "eventThreshold": {"EventThresholdRSRQ": 34},
        "reportAmountM1LTE": "64", "reportAmountM4LTE": "1", "reportAmountM5LTE": "2", "reportAmountM6LTE": "32",
        "reportAmountM7LTE": "INFINITY", "reportInterval": {"LTE": ["3600000ms"]}, "collectionPeriodRrmLte": "60000ms",
        "collectionPeriodM6Lte": "10240ms", "collectionPeriodM7Lte": 60, "measurementPeriodLte": "1min",
        "positioningMethod": "E-CELL_ID",
    });
    let event = |event: Value| {
        let mut more = json!({"reportType": "EVENT_TRIGGERED"});
        more.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
        logged(json!({}), more)
    };
    let l1 = |threshold: Value, time: &str| {
        event(json!({"eventListForEventTriggeredMeasurement": "A2_EVENT", "eventThresholdL1": threshold,
            "hysteresisL1": 30, "timeToTriggerL1": time}))
    };
    let mut all = vec![
        logged(json!({}), json!({})),
        logged(json!({"areaScope": [["1234501", "1234502"]]}), json!({"plmnList": []})),
        logged(json!({"areaScope": [["0001", "fffe"]]}), json!({"loggingDuration": "600s"})),
        logged(json!({"areaScope": [[{"mcc": "310", "mnc": "260", "tac": "1234"}]]}), json!({})),
        logged(json!({"sensorInformation": ["BAROMETRIC_PRESSURE"]}), json!({})),
        event(json!({"eventListForEventTriggeredMeasurement": "OUT_OF_COVERAGE"})),
        l1(json!({"RSRP": 97}), "0ms"),
        l1(json!({"RSRQ": 0}), "5120ms"),
        immediate(everything),
        immediate(json!({"listOfMeasurements": {"LTE": ["M2"]}})),
        immediate(json!({"listOfMeasurements": {"LTE": ["M1"]}, "reportingTrigger": ["A2_FOR_LTE_NR"],
            "eventThreshold": {"EventThresholdRSRP": 0}, "positioningMethod": "GNSS"})),
        immediate(json!({"listOfMeasurements": {"LTE": ["M1"]}, "reportingTrigger": ["PERIODICAL"],
            "reportAmountM1LTE": "INFINITY", "reportInterval": {"LTE": ["120ms"]}})),
    ];
    for interval in ["1.28s", "2.56s", "10.24s", "20.48s", "30.72s", "40.96s", "61.44s"] {
        all.push(logged(json!({}), json!({"loggingInterval": {"LTE": [interval]}})));
    }
    for period in ["100ms", "1000ms", "1024ms", "1280ms", "2048ms", "2560ms", "5120ms", "10000ms", "10240ms"] {
        all.push(immediate(json!({"listOfMeasurements": {"LTE": ["M3"]}, "collectionPeriodRrmLte": period})));
    }
    all
}

#[test]
fn jobs_go_to_a_cell_and_come_back() {
    for job in jobs() {
        let job = read(&job);
        let activation = TraceActivation::of_job(&job, [0xAB, 0xCD]).unwrap();
        let octets = activation.to_octets().unwrap();
        let read = TraceActivation::from_octets(&octets).unwrap_or_else(|error| panic!("{error}: {}", hex(&octets)));
        assert_eq!(read, activation);
        assert_eq!(read.job(7).unwrap(), job);
    }
}

#[test]
fn networks_with_three_digits_are_turned() {
    let job = read(&immediate(json!({"listOfMeasurements": {"LTE": ["M2"]}})));
    let octets = TraceActivation::of_job(&job, [0, 0]).unwrap().to_octets().unwrap();
    // 310/260: one digit after the other, where NAS would write 130062.
    assert!(hex(&octets).contains("132006abcdef0000"), "{}", hex(&octets));
}

#[test]
fn what_s1ap_has_no_word_for_is_refused() {
    let refused = |job: Value| TraceActivation::of_job(&read(&job), [0, 0]).unwrap_err();
    let other = |error| matches!(error, JobError::OtherTechnology { .. });
    let mut job = logged(json!({}), json!({}));
    job["traceCollectionEntityIpAddress"] = Value::Null;
    assert!(matches!(refused(job), JobError::Missing { attribute: "traceCollectionEntityIpAddress", .. }));
    let mut job = logged(json!({}), json!({}));
    job["jobType"] = json!("RLF_REPORT_ONLY");
    assert!(other(refused(job)));
    assert!(other(refused(logged(json!({"sensorInformation": ["UE_SPEED"]}), json!({})))));
    assert!(other(refused(logged(json!({}), json!({"loggingInterval": {"NR": ["5.12s"]}})))));
    assert!(other(refused(logged(json!({"areaScope": [["123456789"]]}), json!({})))));
    let two = json!({"listOfMeasurements": {"LTE": ["M1"]}, "reportingTrigger": ["A2_FOR_LTE_NR", "PERIODICAL"],
        "eventThreshold": {"EventThresholdRSRP": 0}, "reportAmountM1LTE": "1", "reportInterval": {"LTE": ["120ms"]}});
    assert!(other(refused(immediate(two))));
}

#[test]
fn octets_that_are_none_are_refused() {
    let sound = octets(V13);
    for length in 0..sound.len() {
        assert!(TraceActivation::from_octets(&sound[..length]).is_err(), "{length}");
    }
    let longer = [sound.clone(), vec![0]].concat();
    assert_eq!(TraceActivation::from_octets(&longer), Err(S1apError::Unsound { element: "TraceActivation" }));
    assert!(matches!(TraceActivation::from_octets(&vec![0; 20_000]), Err(S1apError::TooLong { octets: 20_000 })));
    // Another extension: passed over where it may be, refused where it may not.
    let at = V13.find("00a240").unwrap();
    let other = |id_and_criticality: &str| octets(&format!("{}{id_and_criticality}{}", &V13[..at], &V13[at + 6..]));
    assert_eq!(TraceActivation::from_octets(&other("fff040")).unwrap().mdt, None);
    assert_eq!(TraceActivation::from_octets(&other("fff000")), Err(S1apError::Unknown { element: "TraceActivation" }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// No octets end the program, and what is read is written so that it is read alike.
    #[test]
    fn whatever_is_read_is_written_again(
        random in prop::collection::vec(any::<u8>(), 0..80),
        flips in prop::collection::vec((0..35_usize, any::<u8>()), 0..4),
    ) {
        let mut near = octets(V13);
        flips.iter().for_each(|(at, with)| near[*at] = *with);
        for octets in [random, near] {
            if let Ok(read) = TraceActivation::from_octets(&octets) {
                let written = read.to_octets().unwrap();
                prop_assert_eq!(&TraceActivation::from_octets(&written).unwrap(), &read);
                if let Ok(job) = read.job(1) {
                    let again = TraceActivation::of_job(&job, read.recording_session).unwrap();
                    prop_assert_eq!(again.job(1).unwrap(), job);
                }
            }
        }
    }
}
