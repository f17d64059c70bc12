//! CSV of Network Survey: lines become rows, the device ends at the door, and unsound lines are refused or reported.
#![allow(clippy::unwrap_used, reason = "tests: a wrong value ends the test")]

use mdt::rrc::{NONE_COORDINATE, NONE_INDEX, Plmn, Quantity, Rat, TraceHead, TraceReference};
use mdt::survey::{Mode, SurveyError, read};

const LTE: &str = "\
deviceSerialNumber,deviceName,deviceTime,latitude,longitude,accuracy,missionId,mcc,mnc,tac,eci,earfcn,pci,rsrp,rsrq,servingCell,snr
R58M123,field unit,2026-11-21T10:30:00.250+01:00,51.5074,-0.1278,12,NS,234,15,4660,19088641,1300,10,-100.5,-9.75,true,
R58M123,field unit,2026-11-21T10:30:00.250+01:00,51.5074,-0.1278,12,NS,,,,,1300,11,-110,,false,
";

#[test]
fn lines_become_rows_without_the_device() {
    let (columns, report) = read(LTE.as_bytes(), Rat::Lte, Mode::Strict).unwrap();
    assert_eq!((report.taken, report.passed_over, report.dropped_columns), (2, 0, 3));
    assert_eq!((columns.latitude[0], columns.longitude[0]), (4_800_837, -5956));
    assert_eq!(columns.time[0].micros(), 1_795_253_400_250_000);
    assert_eq!(columns.plmn[0], Plmn::new("234", "15").unwrap().packed());
    assert_eq!((columns.cell[0], columns.tac[0], columns.pci[0]), (0x123_4501, 0x1234, 10));
    assert_eq!((columns.rsrp[0], columns.rsrq[0], columns.sinr[0]), (40, 20, NONE_INDEX));
    assert_eq!((columns.cell[1], columns.serving.as_slice()), (u64::MAX, [true, false].as_slice()));
    assert_eq!(Quantity::LteRsrp.interval(columns.rsrp[1]).unwrap().from, Some(-110.0));
    let printed = format!("{columns:?} {report:?}");
    assert!(!printed.contains("field unit") && !printed.contains("R58M123") && !printed.contains("4800837"));
}

/// Lines of one time are an entry with neighbours; where none serves, with neighbours alone. A long pause begins a new log.
#[test]
fn lines_become_entries_of_logs() {
    let line = LTE.lines().nth(2).unwrap().replace("10:30:00.250", "10:30:07");
    let late = LTE.lines().nth(1).unwrap().replace("2026-11-21T10", "2026-11-22T10");
    let (columns, _) = read(format!("{LTE}{line}\n{late}\n").as_bytes(), Rat::Lte, Mode::Strict).unwrap();
    let trace_reference = TraceReference { plmn: Plmn::new("234", "15").unwrap(), trace_id: [0, 0, 1] };
    let trace = TraceHead { trace_reference, recording_session: [1, 2], tce_id: 0 };
    let logs = columns.logs(Rat::Lte, trace);
    assert_eq!(logs.iter().map(|log| log.columns.len()).collect::<Vec<_>>(), [2, 1]);
    let first = &logs[0].columns;
    assert_eq!((logs[0].began.secs(), logs[1].began.secs()), (1_795_253_400, 1_795_339_800));
    assert_eq!((first.heads[0].trace, first.heads[0].entries_end), (trace, 2));
    let e = &first.entries;
    assert_eq!((&e.relative_time_s[..], &e.rsrp[..], e.cell[0]), (&[0, 7][..], &[40, NONE_INDEX][..], 0x123_4501));
    assert_eq!((e.latitude[1], e.cell[1]), (4_800_837, u64::MAX));
    assert_eq!((first.neighbours_of(0), first.neighbours_of(1)), (0..1, 1..2));
    assert_eq!((first.neighbours.pci[0], first.neighbours.carrier[0]), (11, 1300));
}

#[test]
fn names_of_columns_may_be_those_of_the_tables() {
    let text = "Time,Latitude,Longitude,MCC,MNC,TAC,NCI,NARFCN,PCI,ssRsrp,ssRsrq,ssSinr\n\
        2026-11-21T09:30:00Z,0,0,310,260,74565,4886691841,632448,500,-97,-11,12.5\n";
    let (columns, _) = read(text.as_bytes(), Rat::Nr, Mode::Strict).unwrap();
    assert_eq!(columns.latitude[0], NONE_COORDINATE);
    assert_eq!(columns.plmn[0], Plmn::new("310", "260").unwrap().packed());
    assert_eq!((columns.cell[0], columns.carrier[0]), (0x1_2345_0001, 632_448));
    assert_eq!((columns.rsrp[0], columns.rsrq[0], columns.sinr[0]), (60, 65, 72));
}

#[test]
fn unsound_lines_are_refused_or_reported() {
    let good = LTE.lines().nth(1).unwrap();
    for (from, to, column) in [
        ("2026-11-21T10:30:00.250+01:00", "yesterday", "deviceTime"),
        ("51.5074", "91", "latitude"),
        ("-0.1278", "NaN", "longitude"),
        (",12,NS", ",-3,NS", "accuracy"),
        (",234,15,", ",2345,15,", "mcc"),
        (",4660,", ",65536,", "tac"),
        (",19088641,", ",268435456,", "eci"),
        (",10,-100.5", ",504,-100.5", "pci"),
        ("-100.5", "strong", "rsrp"),
    ] {
        let text = format!("{LTE}{}\n", good.replacen(from, to, 1));
        let fault = SurveyError::Value { line: 4, column };
        assert_eq!(read(text.as_bytes(), Rat::Lte, Mode::Strict).unwrap_err(), fault, "{to}");
        let (columns, report) = read(text.as_bytes(), Rat::Lte, Mode::Lenient).unwrap();
        assert_eq!((columns.len(), report.passed_over, report.faults), (2, 1, vec![fault]), "{to}");
    }
    let short = format!("{LTE}1,2,3\n");
    assert_eq!(read(short.as_bytes(), Rat::Lte, Mode::Strict).unwrap_err(), SurveyError::Line { line: 4 });
}

#[test]
fn a_header_without_what_is_needed_is_refused() {
    for (text, column) in [("", "deviceTime"), ("a,b\n", "deviceTime"), (&LTE.replace("latitude", "lat"), "latitude")] {
        assert_eq!(read(text.as_bytes(), Rat::Lte, Mode::Lenient).unwrap_err(), SurveyError::Header(column));
    }
    let twice = LTE.replacen("missionId", "pci", 1);
    assert_eq!(read(twice.as_bytes(), Rat::Lte, Mode::Lenient).unwrap_err(), SurveyError::Header("pci"));
}

proptest::proptest! {
    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let text = [LTE.as_bytes(), &octets].concat();
        let (columns, report) = read(&text, Rat::Lte, Mode::Lenient).unwrap();
        proptest::prop_assert_eq!(columns.len() as u64, report.taken);
        proptest::prop_assert_eq!(columns.sinr.len(), columns.serving.len());
    }
}
