//! What of a measurement is logged (TS 38.331 clause 5.5a.3.2).

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

use mdt_log::Rat;
use mdt_log::entry::{Entry, EntryMaker, Measurement, Neighbour, Results, Serving};
use mdt_log::failure::Failure;
use mdt_log::machine::CellId;
use proptest::prelude::*;

const CELL: CellId = CellId { plmn: [0x32, 0xf4, 0x51], cell: 0x12_3450_1001 };
const RESULTS: Results = Results { rsrp: Some(60), rsrq: Some(65), sinr: Some(66) };
/// Ellipsoid point 51.5074, -0.1278 (TS 23.032 clause 7.3.1).
const LONDON: [u8; 7] = [0x00, 0x49, 0x41, 0x45, 0x7f, 0xe8, 0xbc];

fn neighbour(arfcn: u32, pci: u16) -> Neighbour {
    Neighbour { arfcn, pci, same_rat: true, results: RESULTS }
}

fn measured(location_ms: u64) -> Measurement {
    serving(Some(RESULTS), location_ms)
}

fn serving(results: Option<Results>, location_ms: u64) -> Measurement {
    Measurement {
        serving: results.map(|results| (CELL, results)),
        serving_arfcn: 1300,
        neighbours: vec![],
        location: Some((LONDON.to_vec(), location_ms)),
    }
}

#[test]
fn b10_without_coverage_the_last_serving_cell_is_repeated() {
    let mut maker = EntryMaker::default();
    let none = maker.entry(serving(None, 0), 1, true, 1280, 9_999);
    assert!(none.serving.is_none() && none.any_cell_selection && none.location.is_none());
    maker.entry(measured(0), 2, false, 1280, 1_000);
    let other = Results { rsrp: Some(1), ..RESULTS };
    let out = maker.entry(serving(Some(other), 1_500), 3, true, 1280, 2_000);
    assert!(out.serving == Some(Serving { cell: CELL, results: RESULTS }), "as last measured in coverage");
    assert!(out.location.as_deref() == Some(&LONDON[..]), "a location that is fresh counts all the same");
}

#[test]
fn b11_a_location_older_than_one_interval_is_left_out() {
    let mut maker = EntryMaker::default();
    for (at_ms, there) in [(8_720, true), (8_719, false), (10_000, true), (10_001, false), (0, false)] {
        let entry = maker.entry(measured(at_ms), 1, false, 1280, 10_000);
        assert_eq!(entry.location.is_some(), there, "determined at {at_ms}");
    }
}

#[test]
fn b12_six_neighbours_of_the_serving_frequency_three_of_each_other() {
    let ranked: Vec<(u32, u16)> = (0..9)
        .map(|pci| (1300, pci))
        .chain((0..5).map(|pci| (2850, pci)))
        .chain((0..2).map(|pci| (6300, pci)))
        .collect();
    let mut measurement = measured(0);
    measurement.neighbours = ranked.iter().map(|(arfcn, pci)| neighbour(*arfcn, *pci)).collect();
    // Another technology with the same number is another frequency.
    measurement.neighbours.extend((10..15).map(|pci| Neighbour { same_rat: false, ..neighbour(1300, pci) }));
    let entry = EntryMaker::default().entry(measurement, 1, false, 1280, 1_000);
    let kept: Vec<(u32, u16)> = entry.neighbours.iter().map(|n| (n.arfcn, n.pci)).collect();
    let mut expected: Vec<(u32, u16)> = (0..6).map(|pci| (1300, pci)).collect();
    expected.extend([(2850, 0), (2850, 1), (2850, 2), (6300, 0), (6300, 1), (1300, 10), (1300, 11), (1300, 12)]);
    assert_eq!(kept, expected, "the best ranked, in their order");
}

#[test]
fn neighbours_on_more_frequencies_than_a_list_has_are_left_out_and_the_longest_entry_fits() {
    let mut measurement = measured(0);
    let many = |same_rat| (0..300).map(move |at| Neighbour { same_rat, ..neighbour(2_000_000 + at / 4, 500) });
    measurement.neighbours = (0..9).map(|pci| neighbour(1300, pci)).chain(many(true)).chain(many(false)).collect();
    measurement.location = Some((vec![0xff; mdt_log::entry::MAX_LOCATION], 1_000));
    let entry = EntryMaker::default().entry(measurement, 7200, false, 1280, 1_000);
    assert_eq!(entry.neighbours.len(), 6 + 2 * 8 * 3);
    assert!(entry.encode().len() <= mdt_log::MAX_ENTRY);
}

#[test]
fn an_entry_octet_by_octet() {
    let entry = Entry {
        relative_s: 5,
        any_cell_selection: false,
        serving: Some(Serving { cell: CELL, results: RESULTS }),
        location: Some(LONDON.to_vec()),
        neighbours: vec![neighbour(1300, 17)],
    };
    let expected: Vec<&[u8]> = vec![
        &[0x85],                                           // array of 5
        &[0x05],                                           // 5 s
        &[0xf4],                                           // not in any cell selection
        &[0x82, 0x82, 0x43, 0x32, 0xf4, 0x51],             // serving cell: PLMN 234/15
        &[0x1b, 0, 0, 0, 0x12, 0x34, 0x50, 0x10, 0x01],    // its identity
        &[0x83, 0x18, 0x3c, 0x18, 0x41, 0x18, 0x42],       // RSRP 60, RSRQ 65, SINR 66
        &[0x47, 0x00, 0x49, 0x41, 0x45, 0x7f, 0xe8, 0xbc], // the point
        &[0x81, 0x84, 0x19, 0x05, 0x14, 0x11, 0xf5],       // one neighbour: ARFCN 1300, PCI 17, same technology
        &[0x83, 0x18, 0x3c, 0x18, 0x41, 0x18, 0x42],
    ];
    assert_eq!(entry.encode(), expected.concat());
    assert!(Entry::decode(&expected.concat()) == Some(entry));
    assert!(Entry::decode(&[expected.concat(), vec![0]].concat()).is_none(), "nothing may follow");
}

#[test]
fn a_failure_octet_by_octet() {
    let failure = Failure {
        rat: Rat::Nr,
        handover: true,
        since_s: 30,
        failed: Some(CELL),
        tracking_area: Some(7),
        results: RESULTS,
        previous: None,
        reestablishment: Some(CellId { cell: 1, ..CELL }),
        location: Some(LONDON.to_vec()),
    };
    let expected: Vec<&[u8]> = vec![
        &[0x89],                                           // array of 9
        &[0x01],                                           // NR
        &[0xf5],                                           // a handover
        &[0x18, 0x1e],                                     // 30 s
        &[0x82, 0x43, 0x32, 0xf4, 0x51],                   // the cell that failed: PLMN 234/15
        &[0x1b, 0, 0, 0, 0x12, 0x34, 0x50, 0x10, 0x01],    // its identity
        &[0x07],                                           // its tracking area code
        &[0x83, 0x18, 0x3c, 0x18, 0x41, 0x18, 0x42],       // RSRP 60, RSRQ 65, SINR 66
        &[0xf6],                                           // no handover before
        &[0x82, 0x43, 0x32, 0xf4, 0x51, 0x01],             // where it tried to come back
        &[0x47, 0x00, 0x49, 0x41, 0x45, 0x7f, 0xe8, 0xbc], // the point
    ];
    assert_eq!(failure.encode(), expected.concat());
    assert!(Failure::decode(&expected.concat()) == Some(failure));
    assert!(Failure::decode(&[expected.concat(), vec![0]].concat()).is_none(), "nothing may follow");
}

proptest! {
    #[test]
    fn entries_come_back(
        relative_s: u16, out: bool, rsrp in prop::option::of(any::<u8>()), cell: u64,
        location in prop::option::of(prop::collection::vec(any::<u8>(), 0..91)), pcis in prop::collection::vec(any::<u16>(), 0..20)
    ) {
        let results = Results { rsrp, ..RESULTS };
        let serving = Some(Serving { cell: CellId { cell, ..CELL }, results });
        let neighbours = pcis.into_iter().map(|pci| neighbour(u32::from(pci) * 7, pci)).collect();
        let entry = Entry { relative_s, any_cell_selection: out, serving, location, neighbours };
        let octets = entry.encode();
        prop_assert!(octets.capacity() >= octets.len() && Entry::decode(&octets) == Some(entry));
    }

    #[test]
    fn octets_that_are_no_entry_do_no_harm(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(entry) = Entry::decode(&octets) {
            prop_assert!(entry.encode().len() <= octets.len());
        }
    }
}
