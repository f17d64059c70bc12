use super::*;
use mdt::job::{Duration, Interval, TimeToTriggerL1, TraceJob};
use mdt::rrc::{AbsoluteTime, lte, nr};
use serde_json::{Value, json};

fn told(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut job = json!({
        "jobType": "LOGGED_MDT_ONLY",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": "00000A"},
        "mdtConfig": {"loggedMDTConfig": {
            "traceCollectionEntityId": 1, "loggingDuration": "7200s",
            "loggingInterval": {"LTE": ["5.12s"], "NR": ["5.12s"]},
            "plmnList": [{"mcc": "234", "mnc": "15"}, {"mcc": "310", "mnc": "410"}],
        }},
    });
    change(&mut job);
    serde_json::to_vec(&job).unwrap()
}

/// What the collector's own reader makes of it, as far as a phone is told: interval, duration, area, threshold.
fn by_mdt(
    text: &[u8],
) -> (bool, Option<lte::LoggedMeasurementConfiguration>, Option<nr::LoggedMeasurementConfiguration>) {
    let Ok(job) = TraceJob::from_json(text) else { return (false, None, None) };
    let now = AbsoluteTime([0x26, 0x11, 0x29, 0x10, 0, 0]);
    (true, job.lte_configuration([1, 2], now).ok(), job.nr_configuration([1, 2], now).ok())
}

#[test]
fn every_interval_and_duration_is_read_as_the_collector_reads_it() {
    for duration in Duration::ALL {
        for interval in Interval::ALL {
            for rat in ["LTE", "NR"] {
                let text = told(|job| {
                    let logged = &mut job["mdtConfig"]["loggedMDTConfig"];
                    logged["loggingDuration"] = json!(duration.word());
                    logged["loggingInterval"] = json!({ rat: [interval.word()] });
                });
                let (taken, lte, nr) = by_mdt(&text);
                let ours = Job::read(&text, None);
                assert_eq!(ours.is_ok(), taken, "{} {}", interval.word(), duration.word());
                let Ok(ours) = ours else { continue };
                let of = |rat| ours.configuration(rat, [1, 2], 0).map(|of| (of.job.interval_ms, of.job.duration_s));
                assert_eq!(of(Rat::Eutra), lte.map(|lte| (lte.interval.ms(), lte.duration.seconds())));
                let periodical = nr.map(|nr| match nr.report_type {
                    nr::ReportType::Periodical(of) => (of.interval.ms().unwrap_or(0), nr.duration.seconds()),
                    nr::ReportType::EventTriggered(_) => panic!("no event"),
                });
                assert_eq!(of(Rat::Nr), periodical);
            }
        }
    }
}

#[test]
fn events_are_read_as_the_collector_reads_them() {
    for time in TimeToTriggerL1::ALL {
        for (quantity, index) in [("RSRP", 46), ("RSRP", 98), ("RSRQ", 34), ("RSRQ", 35), ("RSRQ", 128)] {
            let text = told(|job| {
                let logged = &mut job["mdtConfig"]["loggedMDTConfig"];
                logged["reportType"] = json!("EVENT_TRIGGERED");
                logged["eventListForEventTriggeredMeasurement"] = json!("A2_EVENT");
                logged["eventThresholdL1"] = json!({ quantity: index });
                logged["hysteresisL1"] = json!(4);
                logged["timeToTriggerL1"] = json!(time.word());
            });
            let (taken, lte, nr) = by_mdt(&text);
            let ours = Job::read(&text, None);
            assert_eq!(ours.is_ok(), taken, "{quantity} {index}");
            let Ok(ours) = ours else { continue };
            assert_eq!(ours.configuration(Rat::Eutra, [0, 0], 0).is_some(), lte.is_some(), "{quantity} {index}");
            assert!(ours.configuration(Rat::Nr, [0, 0], 0).is_some() && nr.is_some());
        }
    }
    // -110 dBm and -100 dBm; -23 dB and -13 dB: indices 46 of RSRP and 40 of RSRQ, in half dB.
    let of = |quantity: &str, index: u8, rat| {
        let text = told(|job| {
            let logged = &mut job["mdtConfig"]["loggedMDTConfig"];
            logged["reportType"] = json!("EVENT_TRIGGERED");
            logged["eventListForEventTriggeredMeasurement"] = json!("A2_EVENT");
            logged["eventThresholdL1"] = json!({ quantity: index });
            logged["hysteresisL1"] = json!(4);
            logged["timeToTriggerL1"] = json!("640ms");
        });
        Job::read(&text, None).unwrap().configuration(rat, [0, 0], 0).unwrap().trigger
    };
    let wanted = |threshold_half| Trigger::EventL1 { threshold_half, hysteresis_half: 4, time_to_trigger_ms: 640 };
    assert_eq!(of("RSRP", 46, Rat::Nr), wanted(-220));
    assert_eq!(of("RSRP", 46, Rat::Eutra), wanted(-188));
    assert_eq!(of("RSRQ", 34, Rat::Nr), wanted(-53));
    assert_eq!(of("RSRQ", 34, Rat::Eutra), wanted(-6));
}

#[test]
fn areas_are_of_one_technology() {
    let of = |scope: Value| Job::read(&told(|job| job["mdtConfig"]["areaScope"] = scope), None);
    for (scope, lte, nr) in [
        (json!([]), true, true),
        (json!([["1234501", "1234502"]]), true, false),
        (json!([["123456701"]]), false, true),
        (json!([["1A2B"]]), true, false),
        (json!([["00000a"]]), false, true),
    ] {
        let job = of(scope.clone()).unwrap_or_else(|error| panic!("{scope} {error}"));
        let has = |rat| job.configuration(rat, [0, 0], 0).is_some();
        assert_eq!((has(Rat::Eutra), has(Rat::Nr), has(Rat::Utra)), (lte, nr, false), "{scope}");
    }
    let job = of(json!([["1234501", "1234502"]])).unwrap();
    let cell = |cell| CellId { plmn: [0x32, 0xF4, 0x51], cell };
    let area = job.configuration(Rat::Eutra, [0, 0], 0).unwrap().area;
    assert!(area == Area::Cells(vec![cell(0x123_4501), cell(0x123_4502)]));
    for scope in [
        json!([[]]),
        json!([["1234501"], ["1234502"]]),
        json!([["1234501", "12345"]]),
        json!([["123450g"]]),
        json!([["+234501"]]),
        json!([vec!["0001"; 9]]),
        json!([vec!["1234501"; 33]]),
        json!([[{"mcc": "234", "mnc": "15", "tac": "0001"}]]),
    ] {
        assert!(of(scope.clone()).is_err(), "{scope}");
    }
}

#[test]
fn what_is_not_known_is_refused_and_never_repeated() {
    for (change, what) in [
        (json!({"jobType": "TRACE_ONLY"}), "jobType"),
        (json!({"traceTarget": {"TargetIdType": "IMSI", "TargetIdValue": "234150000000001"}}), "line"),
        (json!({"traceReference": {"mcc": "23", "mnc": "15", "traceId": "000001"}}), "traceReference"),
        (json!({"traceReference": {"mcc": "234", "mnc": "15", "traceId": "00001"}}), "traceReference"),
        (json!({"plmnTarget": {"mcc": "x", "mnc": "15"}}), "plmnTarget"),
        (json!({"unknown": 1}), "line"),
    ] {
        let text = told(|job| job.as_object_mut().unwrap().extend(change.as_object().unwrap().clone()));
        let error = Job::read(&text, None).err().unwrap().to_string();
        assert!(error.contains(what) && !error.contains("234150000000001"), "{error}");
    }
    let logged = |key: &str, value: Value| {
        Job::read(&told(|job| job["mdtConfig"]["loggedMDTConfig"][key] = value), None).is_err()
    };
    assert!(logged("traceCollectionEntityId", json!(256)) && logged("loggingDuration", json!("60s")));
    assert!(logged("loggingInterval", json!({})) && logged("loggingInterval", json!({"NR": ["1.28s", "2.56s"]})));
    assert!(logged("plmnList", json!(vec![json!({"mcc": "234", "mnc": "15"}); 17])));
    assert!(logged("reportType", json!("SOMETIMES")) && logged("reportType", json!("EVENT_TRIGGERED")));
    assert!(logged("eventListForEventTriggeredMeasurement", json!("A2_EVENT")));
    assert!(Job::read(b"", None).is_err() && Job::read(&vec![b' '; LONGEST + 1], None).is_err());
}

#[test]
fn the_reference_and_the_time_are_those_of_the_log() {
    let job = Job::read(&told(|_| ()), Some(b"0a0bff\nnetworks 234-15\n")).unwrap();
    assert_eq!((job.name(), job.consent(), job.tce_id()), ("234-15-00000a", [10, 11, 255].as_slice(), 1));
    // 2026-11-29T10:11:12Z
    let told = job.configuration(Rat::Nr, [9, 8], 1_795_947_072).unwrap();
    assert_eq!(told.job.trace_reference, [0x32, 0xF4, 0x51, 0, 0, 10]);
    assert_eq!((told.job.recording_session, told.job.absolute_time), ([9, 8], [0x26, 0x11, 0x29, 0x10, 0x11, 0x12]));
    assert!(told.is_sound() && told.plmns.len() == 2 && told.consent == [10, 11, 255]);
    for consent in [b"".as_slice(), b"0", b"zz", b"\n00", &[b'0'; 130]] {
        assert_eq!(Job::read(&self::told(|_| ()), Some(consent)).err(), Some(JobError::Consent));
    }
    let other = Job::read(&self::told(|_| ()), Some(b"0a0bfe")).unwrap();
    assert_ne!(other.digest(), job.digest());
}
