//! Logs made at random here: written, read by both codecs of this crate, and by another one; octets that are none.

use crate::peer::{again, hex, samples, scan};
use crate::vectors::{BEGAN, octets, plmn, trace};
use lcs::gad::{Latitude, Longitude, Point, Shape, Uncertainty};
use mdt::rrc::{Flags, LogColumns, NONE_COORDINATE, NONE_INDEX, Plmn, TraceHead, UperError, lte, nr};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

fn place() -> impl Strategy<Value = Shape> {
    (0..1u32 << 24, -(1i32 << 23)..1 << 23, of(0..128u8)).prop_map(|(latitude, longitude, k)| {
        let latitude = Latitude::from_code(latitude).unwrap();
        let point = Point { latitude, longitude: Longitude::from_code(longitude).unwrap() };
        k.map_or(Shape::Point(point), |k| Shape::Circle(point, Uncertainty::from_code(k).unwrap()))
    })
}

fn networks() -> impl Strategy<Value = Plmn> {
    (0..1000u16, 0..1000u16, any::<bool>()).prop_map(|(mcc, mnc, long)| {
        let mnc = if long { format!("{mnc:03}") } else { format!("{:02}", mnc % 100) };
        Plmn::new(&format!("{mcc:03}"), &mnc).unwrap()
    })
}

fn lte_entry() -> impl Strategy<Value = lte::LogMeasInfo> {
    let cell = (0..504u16, of(0..98i8), of(0..35i8), of(-30..47i8)).prop_map(|(pci, rsrp, rsrq, wide)| {
        let r12 = wide.map(|rsrq| lte::ResultR12 { primary_plmn_suitable: false, rsrq: Some(rsrq) });
        lte::EutraCell { pci, cgi: None, result: lte::EutraResult { rsrp, rsrq, r12, ..Default::default() } }
    });
    let carrier = (0..65_536u32, vec(cell, 1..9)).prop_map(|(earfcn, cells)| lte::EutraCarrier { earfcn, cells });
    let head = (of(place()), 0..7201u16, networks(), 0..1u32 << 28, 0..98i8, 0..35i8);
    let later = (any::<bool>(), any::<bool>(), of(-17..0i8), of(vec(of(65_536..262_144u32), 1..9)));
    (head, of(vec(carrier, 1..9)), later).prop_map(|(head, eutra, (any_cell, coexistence, low, wide))| {
        let (location, relative_time_s, plmn, cell, rsrp, rsrq) = head;
        let serving = lte::ServingResult { rsrp, rsrq };
        lte::LogMeasInfo {
            location: location.map(|shape| lte::LocationInfo::at(&shape).unwrap()),
            neighbours: eutra.map(|eutra| lte::Neighbours { eutra: Some(eutra), ..Default::default() }),
            any_cell: any_cell.then_some(lte::EntryAnyCell { detected: true }),
            r13: coexistence.then_some(lte::EntryR13 { in_device_coexistence: true }),
            v1360: low.map(|rsrp| lte::EntryV1360 { serving_rsrp: Some(rsrp) }),
            v1090: wide.map(|wide| lte::EntryV1090 {
                eutra: Some(wide.into_iter().map(|earfcn| lte::EutraCarrierV9e0 { earfcn }).collect()),
            }),
            ..lte::LogMeasInfo::new(relative_time_s, lte::Ecgi { plmn, cell }, serving)
        }
    })
}

fn lte_response() -> impl Strategy<Value = lte::UeInformationResponse> {
    (vec(lte_entry(), 1..12), any::<bool>(), of(any::<bool>())).prop_map(|(entries, available, bluetooth)| {
        let TraceHead { trace_reference, recording_session, tce_id } = trace();
        let r15 = bluetooth.map(|b| lte::ReportR15 { available_bluetooth: b, available_wlan: !b });
        let absolute_time = BEGAN;
        let log =
            lte::LogMeasReport { absolute_time, trace_reference, recording_session, tce_id, entries, available, r15 };
        lte::UeInformationResponse { log: Some(log), ..Default::default() }
    })
}

fn quantities() -> impl Strategy<Value = nr::Quantities> {
    (of(0..=127i8), of(0..=127i8), of(0..=127i8)).prop_map(|(rsrp, rsrq, sinr)| nr::Quantities { rsrp, rsrq, sinr })
}

fn nr_entry() -> impl Strategy<Value = nr::LogMeasInfo> {
    let cell =
        (networks(), 0..1u64 << 36, of(0..1u32 << 24)).prop_map(|(plmn, cell, tac)| nr::Ncgi { plmn, cell, tac });
    let neighbour = (0..1008u16, quantities(), of(1..65u8)).prop_map(|(pci, result, good_beams)| nr::LoggedCell {
        pci,
        result,
        good_beams,
    });
    let carrier = (0..3_279_166u32, vec(neighbour, 1..9)).prop_map(|(arfcn, cells)| nr::LoggedCarrier { arfcn, cells });
    let beam = (0..64u8, quantities(), 1..65u8).prop_map(|(index, result, good_beams)| nr::BestBeam {
        index,
        result,
        good_beams,
    });
    let serving = (quantities(), of(beam)).prop_map(|(cell, beam)| nr::ServingResult { cell, beam });
    (of(place()), 0..7201u16, of(cell), of(serving), of(vec(carrier, 1..9)), any::<bool>()).prop_map(
        |(location, relative_time_s, serving_cell, serving, nr, any_cell)| nr::LogMeasInfo {
            location: location.map(|shape| nr::LocationInfo::at(&shape).unwrap()),
            relative_time_s,
            serving_cell,
            serving,
            neighbours: nr::Neighbours { nr, eutra: None },
            any_cell,
            r17: None,
        },
    )
}

fn nr_response() -> impl Strategy<Value = nr::UeInformationResponse> {
    (vec(nr_entry(), 1..12), any::<[bool; 3]>()).prop_map(
        |(entries, [available, available_bluetooth, available_wlan])| {
            let TraceHead { trace_reference, recording_session, tce_id } = trace();
            let log = nr::LogMeasReport {
                absolute_time: BEGAN,
                trace_reference,
                recording_session,
                tce_id,
                entries,
                available,
                available_bluetooth,
                available_wlan,
            };
            nr::UeInformationResponse { log: Some(log), ..Default::default() }
        },
    )
}

fn index(value: Option<i8>) -> i8 {
    value.unwrap_or(NONE_INDEX)
}

/// Latitude and longitude of a place as columns tell them.
fn coordinates(shape: Option<Shape>) -> (i32, i32) {
    let point = match shape {
        Some(Shape::Point(point) | Shape::Circle(point, _)) => point,
        None => return (NONE_COORDINATE, NONE_COORDINATE),
        other => panic!("{other:?}"),
    };
    let magnitude = (point.latitude.code() & 0x7F_FFFF) as i32;
    (if point.latitude.code() >> 23 == 1 { -magnitude } else { magnitude }, point.longitude.code())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn logs_of_lte_come_back_and_fill_columns(response in lte_response()) {
        let octets = response.encode().unwrap();
        prop_assert_eq!(lte::UeInformationResponse::decode(&octets), Ok(response.clone()));
        let mut columns = LogColumns::default();
        lte::UeInformationResponse::decode_into(&octets, &mut columns).unwrap();
        let log = response.log.unwrap();
        prop_assert_eq!(columns.len(), log.entries.len());
        let e = &columns.entries;
        for (at, entry) in log.entries.iter().enumerate() {
            prop_assert_eq!(lte::LogMeasInfo::decode(&entry.encode().unwrap()), Ok(entry.clone()));
            prop_assert_eq!(e.relative_time_s[at], entry.relative_time_s);
            let place = entry.location.as_ref().map(|l| l.coordinates.shape().unwrap());
            prop_assert_eq!((e.latitude[at], e.longitude[at]), coordinates(place));
            prop_assert_eq!(e.plmn[at], entry.serving_cell.plmn.packed());
            prop_assert_eq!(e.cell[at], u64::from(entry.serving_cell.cell));
            let low = entry.v1360.as_ref().and_then(|v| v.serving_rsrp);
            prop_assert_eq!(e.rsrp[at], low.unwrap_or(entry.serving.rsrp));
            prop_assert_eq!(Flags(e.flags[at]).has(Flags::ANY_CELL), entry.any_cell.is_some());
            prop_assert_eq!(Flags(e.flags[at]).has(Flags::IN_DEVICE_COEXISTENCE), entry.r13.is_some());
            let carriers = entry.neighbours.as_ref().and_then(|n| n.eutra.as_deref()).unwrap_or_default();
            let wide = entry.v1090.as_ref().and_then(|v| v.eutra.as_deref()).unwrap_or_default();
            let wanted: Vec<_> = carriers.iter().enumerate().flat_map(|(at, carrier)| {
                let earfcn = wide.get(at).and_then(|w| w.earfcn).unwrap_or(carrier.earfcn);
                carrier.cells.iter().map(move |c| {
                    let rsrq = c.result.r12.as_ref().and_then(|r| r.rsrq).or(c.result.rsrq);
                    (earfcn, c.pci, index(c.result.rsrp), index(rsrq))
                })
            }).collect();
            let n = &columns.neighbours;
            let found: Vec<_> =
                columns.neighbours_of(at).map(|at| (n.carrier[at], n.pci[at], n.rsrp[at], n.rsrq[at])).collect();
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn logs_of_nr_come_back_and_fill_columns(response in nr_response()) {
        let octets = response.encode().unwrap();
        prop_assert_eq!(nr::UeInformationResponse::decode(&octets), Ok(response.clone()));
        let mut columns = LogColumns::default();
        nr::UeInformationResponse::decode_into(&octets, &mut columns).unwrap();
        let log = response.log.unwrap();
        prop_assert_eq!(columns.len(), log.entries.len());
        let e = &columns.entries;
        for (at, entry) in log.entries.iter().enumerate() {
            let place = entry.location.as_ref()
                .and_then(|l| l.common.as_ref()).and_then(|common| common.shape().unwrap());
            prop_assert_eq!((e.latitude[at], e.longitude[at]), coordinates(place));
            prop_assert_eq!(e.cell[at], entry.serving_cell.map_or(u64::MAX, |cell| cell.cell));
            let q = entry.serving.map(|serving| serving.cell).unwrap_or_default();
            prop_assert_eq!((e.rsrp[at], e.rsrq[at], e.sinr[at]), (index(q.rsrp), index(q.rsrq), index(q.sinr)));
            let wanted: Vec<_> = entry.neighbours.nr.iter().flatten()
                .flat_map(|carrier| carrier.cells.iter().map(|c| (carrier.arfcn, c.pci, index(c.result.sinr))))
                .collect();
            let n = &columns.neighbours;
            let found: Vec<_> =
                columns.neighbours_of(at).map(|at| (n.carrier[at], n.pci[at], n.sinr[at])).collect();
            prop_assert_eq!(found, wanted);
        }
    }

    /// Whatever is read is written, and read the same.
    #[test]
    fn any_octets_are_read_or_refused(octets in vec(any::<u8>(), 0..200)) {
        for name in NAMES {
            read_or_refuse(name, &octets);
        }
    }
}

const NAMES: [&str; 6] =
    ["lte response", "lte request", "lte configuration", "nr response", "nr request", "nr configuration"];

/// Reads; what was read comes back from what is written. Columns take what the types take, and leave nothing behind otherwise.
fn read_or_refuse(name: &str, octets: &[u8]) {
    let typed = again(name, octets);
    if let Ok(written) = &typed {
        assert_eq!(again(name, written).as_ref(), Ok(written), "{name} {}", hex(octets));
    }
    let mut columns = LogColumns::default();
    let scanned = scan(name, octets, &mut columns);
    assert!(typed.is_err() || scanned.is_ok(), "{name} {}", hex(octets));
    if scanned.is_err() {
        assert_eq!(columns, LogColumns::default(), "{name} {}", hex(octets));
    }
    let e = &columns.entries;
    let lengths = [
        e.latitude.len(),
        e.longitude.len(),
        e.uncertainty.len(),
        e.plmn.len(),
        e.cell.len(),
        e.tac.len(),
        e.rsrp.len(),
        e.rsrq.len(),
        e.sinr.len(),
        e.flags.len(),
        e.neighbours_end.len(),
    ];
    assert_eq!(lengths, [columns.len(); 11]);
}

#[test]
fn every_truncation_and_every_flipped_bit_is_read_or_refused() {
    for message in samples() {
        let (name, whole) = (message["type"].as_str().unwrap(), octets(message["octets"].as_str().unwrap()));
        for end in 0..whole.len() {
            read_or_refuse(name, &whole[..end]);
        }
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            read_or_refuse(name, &flipped);
        }
    }
}

#[test]
fn a_log_cut_short_leaves_columns_as_they_were() {
    let whole = octets("580b02020222400012340a800000800080800800c92828affd17800591a05448d1405428");
    let mut columns = LogColumns::default();
    lte::UlDcch::decode_into(&whole, &mut columns).unwrap();
    let before = columns.clone();
    for end in 0..whole.len() - 1 {
        assert!(lte::UlDcch::decode_into(&whole[..end], &mut columns).is_err(), "{end}");
        assert_eq!(columns, before);
    }
    columns.clear();
    assert!(columns.is_empty());
    assert_eq!(columns, LogColumns::default());
}

#[test]
fn a_position_that_is_none_does_not_cost_the_log() {
    let serving = lte::ServingResult { rsrp: 40, rsrq: 20 };
    let mut entry = lte::LogMeasInfo::new(5, lte::Ecgi { plmn: plmn(), cell: 1 }, serving);
    let coordinates = lte::Coordinates::PointAltitude(vec![1, 2, 3]);
    entry.location = Some(lte::LocationInfo { coordinates, horizontal_velocity: None, gnss_tod: None, r15: None });
    let TraceHead { trace_reference, recording_session, tce_id } = trace();
    let log = lte::LogMeasReport {
        absolute_time: BEGAN,
        trace_reference,
        recording_session,
        tce_id,
        entries: vec![entry],
        available: false,
        r15: None,
    };
    let octets = lte::UeInformationResponse { log: Some(log), ..Default::default() }.encode().unwrap();
    let mut columns = LogColumns::default();
    let (_, report) = lte::UeInformationResponse::decode_into(&octets, &mut columns).unwrap().log.unwrap();
    assert_eq!(report.unreadable_locations, 1);
    assert!(Flags(columns.entries.flags[0]).has(Flags::UNREADABLE_LOCATION));
    assert_eq!((columns.entries.latitude[0], columns.entries.rsrp[0]), (NONE_COORDINATE, 40));
}

#[test]
fn messages_that_are_too_long_or_of_others_are_refused() {
    let long = vec![0; mdt::rrc::MAX_MESSAGE + 1];
    assert_eq!(lte::UlDcch::decode(&long), Err(UperError::TooLong { octets: long.len() }));
    // measurementReport, the second of the channel.
    assert_eq!(lte::UlDcch::decode(&[0b0000_1000, 0]), Err(UperError::OtherMessage));
    assert_eq!(nr::UlDcch::decode(&[0]), Err(UperError::OtherMessage));
    assert_eq!(lte::UlDcch::decode(&[]), Err(UperError::Truncated { at: 0 }));
}

#[test]
fn what_does_not_fit_is_not_written() {
    let cell = lte::Ecgi { plmn: plmn(), cell: 1 << 28 };
    let entry = lte::LogMeasInfo::new(7201, cell, lte::ServingResult { rsrp: 98, rsrq: 0 });
    let TraceHead { trace_reference, recording_session, tce_id } = trace();
    let log = |entries| lte::UeInformationResponse {
        log: Some(lte::LogMeasReport {
            absolute_time: BEGAN,
            trace_reference,
            recording_session,
            tce_id,
            entries,
            available: false,
            r15: None,
        }),
        ..Default::default()
    };
    for entries in [vec![], vec![entry.clone()], vec![entry; 521]] {
        assert!(matches!(log(entries).encode(), Err(UperError::Unencodable(_))));
    }
}

#[test]
fn nothing_of_a_place_or_a_device_is_printed() {
    let london = crate::vectors::london();
    let location = nr::LocationInfo::at(&london).unwrap();
    let printed = format!("{:?} {:?}", location, lte::Coordinates::of(&london).unwrap());
    assert_eq!(printed, "LocationInfo(..) Coordinates(..)");
    let mut columns = LogColumns::default();
    let whole = octets("580b02020222400012340a800000800080800800c92828affd17800591a05448d1405428");
    lte::UlDcch::decode_into(&whole, &mut columns).unwrap();
    assert_eq!(format!("{columns:?}"), "LogColumns(1 reports, 1 entries, 0 neighbours)");
}

/// Logs of both technologies, always the same.
pub(crate) fn messages(count: usize) -> Vec<(&'static str, Vec<u8>)> {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut one = |at: usize| {
        if at.is_multiple_of(2) {
            let tree = lte_response().new_tree(&mut runner).unwrap();
            ("lte response", tree.current().encode().unwrap())
        } else {
            let tree = nr_response().new_tree(&mut runner).unwrap();
            ("nr response", tree.current().encode().unwrap())
        }
    };
    (0..count).map(&mut one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A library reads the same values from plain logs, and writes the same octets.
    #[test]
    fn another_library_reads_the_same_values(response in lte_response()) {
        let mut response = response;
        // What that library is given types for: Release 10, with positions that are points.
        let log = response.log.as_mut().unwrap();
        log.r15 = None;
        for entry in &mut log.entries {
            (entry.v1090, entry.r13, entry.v1360, entry.any_cell) = (None, None, None, None);
            if matches!(entry.location.as_ref().map(|l| &l.coordinates), Some(lte::Coordinates::Circle(_))) {
                entry.location = None;
            }
            for carrier in entry.neighbours.iter_mut().flat_map(|n| n.eutra.iter_mut().flatten()) {
                carrier.cells.iter_mut().for_each(|cell| cell.result.r12 = None);
            }
        }
        let octets = lte::UlDcch::UeInformationResponse(response).encode().unwrap();
        let theirs = crate::rasn_lte::columns(&octets).unwrap();
        let mut columns = LogColumns::default();
        lte::UlDcch::decode_into(&octets, &mut columns).unwrap();
        let (e, n) = (&columns.entries, &columns.neighbours);
        let entries: Vec<_> = (0..columns.len())
            .map(|at| (e.relative_time_s[at], e.cell[at], e.rsrp[at] as u8, e.rsrq[at] as u8)).collect();
        prop_assert_eq!(entries, theirs.entries);
        let index = |value: i8| if value == NONE_INDEX { 255 } else { value as u8 };
        let neighbours: Vec<_> =
            (0..n.pci.len()).map(|at| (n.carrier[at], n.pci[at], index(n.rsrp[at]), index(n.rsrq[at]))).collect();
        prop_assert_eq!(neighbours, theirs.neighbours);
        let points: Vec<_> = (0..columns.len()).filter(|at| e.latitude[*at] != NONE_COORDINATE)
            .map(|at| (e.latitude[at], e.longitude[at])).collect();
        let shapes = theirs.points.into_iter().map(|octets| coordinates(lte::Coordinates::Point(octets).shape().ok()));
        prop_assert_eq!(points, shapes.collect::<Vec<_>>());
    }
}
