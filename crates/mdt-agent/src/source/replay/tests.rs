use super::*;
use mdt_log::Kind;
use mdt_log::entry::Neighbour;
use mdt_log::machine::{Camping, CellId};

const HERE: &str = r#"{"at_s": 0, "technology": "lte", "state": "camped", "plmn": "23415", "cell": {"id": 19088641, "tac": 7}, "rsrp_dbm": -100.5, "latitude": 51.5074, "longitude": -0.1278}"#;

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn a_record_counts_from_its_time_until_the_next_and_none_after_the_last() {
    let later = HERE.replace("\"at_s\": 0", "\"at_s\": 5.5").replace("camped", "searching");
    let end = HERE.replace("\"at_s\": 0", "\"at_s\": 6");
    let file = file(&format!("# a drive\n\n{HERE}\n{later}\n{end}"));
    let mut replay = Replay::open(file.path(), Pace::Times, 1000).unwrap();
    assert_eq!(replay.next_ms(), Some(1000));
    let mut camping = |now_ms| replay.see(now_ms).unwrap().camping;
    assert_eq!(camping(1000), Camping::Normally);
    assert_eq!(camping(6499), Camping::Normally);
    assert_eq!(camping(6500), Camping::AnyCellSelection);
    assert_eq!(camping(7000), Camping::Normally);
    assert_eq!(camping(7001), Camping::Connected);
    assert_eq!(replay.next_ms(), None);
    assert!(replay.lines.buffer.iter().all(|octet| *octet == 0), "lines that were read are wiped");
}

#[test]
fn played_at_once_it_ends_now() {
    let file = file(&format!("{HERE}\n{}\n", HERE.replace("\"at_s\": 0", "\"at_s\": 60")));
    let replay = Replay::open(file.path(), Pace::AtOnce, 100_000).unwrap();
    assert_eq!((replay.start_ms(), replay.next_ms()), (40_000, Some(40_000)));
}

#[test]
fn a_place_is_of_the_time_of_its_record() {
    let file = file(&format!("{HERE}\n{}", HERE.replace("\"at_s\": 0", "\"at_s\": 60")));
    let mut replay = Replay::open(file.path(), Pace::Times, 1000).unwrap();
    let measured = replay.see(30_000).unwrap().measurement();
    let (shape, at_ms) = measured.location.clone().unwrap();
    // London: TS 23.032, a point.
    assert!(shape == [0, 0x49, 0x41, 0x45, 0xFF, 0xE8, 0xBC] && at_ms == 1000);
    let (cell, results) = measured.serving.unwrap();
    assert!(cell == CellId { plmn: [0x32, 0xF4, 0x51], cell: 19_088_641 } && results.rsrp == Some(40));
}

/// B12: in whatever order the file has them.
#[test]
fn b12_neighbours_are_ranked_by_rsrp() {
    let near = r#""neighbours": [
        {"arfcn": 1300, "pci": 3, "rsrp_dbm": -110},
        {"arfcn": 1300, "pci": 4},
        {"arfcn": 1300, "pci": 1, "rsrp_dbm": -90.5, "rsrq_db": -10, "sinr_db": 3},
        {"technology": "nr", "arfcn": 640000, "pci": 1007, "rsrp_dbm": -100},
        {"arfcn": 2850, "pci": 503, "rsrp_dbm": -95}]}"#;
    let near = near.replace('\n', " ");
    let with = |near: &str| file(&format!("{}, {near}", HERE.trim_end_matches('}')));
    let mut replay = Replay::open(with(&near).path(), Pace::Times, 0).unwrap();
    let measured = replay.see(0).unwrap().measurement();
    let told = |of: &Neighbour| (of.arfcn, of.pci, of.same_rat, of.results.rsrp);
    let wanted = [
        (1300, 1, true, Some(50)),
        (2850, 503, true, Some(46)),
        (640_000, 1007, false, Some(57)),
        (1300, 3, true, Some(31)),
        (1300, 4, true, None),
    ];
    assert!(measured.neighbours.iter().map(told).eq(wanted));
    for (from, to) in [("\"pci\": 3", "\"pci\": 504"), ("1007", "1008"), ("2850", "262144"), ("640000", "3279166")] {
        let error = Replay::open(with(&near.replace(from, to)).path(), Pace::Times, 0).err().unwrap().to_string();
        assert!(error.contains("line 1") && error.contains("neighbour"), "{error}");
    }
}

/// However many records are passed over at one look, none of their failures is lost, and each is told once.
#[test]
fn failures_are_told_once_with_the_time_that_went_by() {
    let at = |at_s: u32, failure: &str| {
        let record = HERE.replace("\"at_s\": 0", &format!("\"at_s\": {at_s}"));
        format!("{}, \"failure\": {failure}}}", record.trim_end_matches('}'))
    };
    let link = r#"{"kind": "radio-link", "cell": {"id": 5, "plmn": "26201"}, "previous": {"id": 6}}"#;
    let text = [at(1, link), at(3, r#"{"kind": "connection"}"#), HERE.replace("\"at_s\": 0", "\"at_s\": 9")];
    let file = file(&text.join("\n"));
    let mut replay = Replay::open(file.path(), Pace::Times, 1000).unwrap();
    assert!(replay.see(1500).unwrap().failures().is_empty());
    let sighting = replay.see(6500).unwrap();
    let [(Kind::RadioLinkFailure, link), (Kind::ConnectionFailure, connection)] = sighting.failures() else {
        panic!("other failures")
    };
    assert!((link.since_s, connection.since_s) == (4, 2));
    assert!(link.failed == Some(CellId { plmn: [0x62, 0xF2, 0x10], cell: 5 }) && link.tracking_area.is_none());
    assert!(link.previous == Some(CellId { plmn: [0x32, 0xF4, 0x51], cell: 6 }) && !link.handover);
    assert!(connection.failed == Some(CellId { plmn: [0x32, 0xF4, 0x51], cell: 19_088_641 }));
    assert!(connection.tracking_area == Some(7) && connection.location.is_some());
    assert!(replay.see(7000).unwrap().failures().is_empty());
    assert!(replay.see(20_000).unwrap().failures().is_empty());
}

#[test]
fn what_is_no_record_is_named_by_its_line_alone() {
    for (from, to) in [
        ("\"at_s\": 0", "\"at_s\": -1"),
        ("lte", "gsm"),
        ("camped", "elsewhere"),
        ("23415", "2341x"),
        ("19088641", "268435456"),
        ("-0.1278", "181"),
        (", \"longitude\": -0.1278", ""),
        ("\"rsrp_dbm\"", "\"rsrp\""),
        ("}", ""),
    ] {
        let file = file(&format!("{HERE}\n{}\n", HERE.replace(from, to)));
        let mut replay = Replay::open(file.path(), Pace::Times, 0).unwrap();
        let error = replay.see(0).err().unwrap_or_else(|| panic!("{from} {to}")).to_string();
        assert!(error.contains("line 2"), "{error}");
        assert!(!error.contains("51.5") && !error.contains("190886"), "{error}");
    }
    let back = file(&format!("{}\n{HERE}\n", HERE.replace("\"at_s\": 0", "\"at_s\": 1")));
    let error = Replay::open(back.path(), Pace::Times, 0).unwrap().see(5000).err();
    assert!(matches!(error, Some(ReplayError::Back(2))));
    let long = file(&"x".repeat(2 * LINE));
    assert!(matches!(Replay::open(long.path(), Pace::Times, 0).err(), Some(ReplayError::Long(1))));
    assert!(Replay::open(Path::new("/nowhere"), Pace::Times, 0).is_err());
}
