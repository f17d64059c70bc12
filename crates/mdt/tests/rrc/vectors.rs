//! Octets made by another codec (pycrate), both directions. PLMN 234-15, trace 000001, session 0001, collector 1, 2010-10-11 12:00:00.

use lcs::gad::{Altitude, AltitudeUncertainty, Confidence, Ellipse, Latitude, Longitude, Orientation, Point, Shape};
use lcs::gad::{Uncertainty, Velocity};
use mdt::rrc::lpp;
use mdt::rrc::{AbsoluteTime, LogColumns, Plmn, TraceHead, TraceReference};

/// Octets of hex digits; blanks do not count.
pub(crate) fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

pub(crate) fn plmn() -> Plmn {
    Plmn::new("234", "15").unwrap()
}

pub(crate) fn trace() -> TraceHead {
    let trace_reference = TraceReference { plmn: plmn(), trace_id: [0, 0, 1] };
    TraceHead { trace_reference, recording_session: [0, 1], tce_id: 1 }
}

pub(crate) const BEGAN: AbsoluteTime = AbsoluteTime([0x10, 0x10, 0x11, 0x12, 0, 0]);

pub(crate) fn point(lat: f64, lon: f64) -> Point {
    Point { latitude: Latitude::from_degrees(lat).unwrap(), longitude: Longitude::from_degrees(lon).unwrap() }
}

pub(crate) fn london() -> Shape {
    Shape::Point(point(51.5074, -0.1278))
}

mod lte {
    use super::*;
    use mdt::rrc::lte::*;
    use mdt::rrc::{FailureCause, FailureError, FailureKind, FailureRecord, NamedCell};
    use mdt_log::{Content, Kind};

    fn ecgi(cell: u32) -> Ecgi {
        Ecgi { plmn: plmn(), cell }
    }

    fn configuration() -> LoggedMeasurementConfiguration {
        LoggedMeasurementConfiguration {
            trace: trace(),
            absolute_time: BEGAN,
            area: None,
            duration: LoggingDuration::Min120,
            interval: LoggingInterval::Ms5120,
            plmns: None,
            tracking_area_plmns: None,
            mbsfn: None,
            bluetooth: None,
            wlan: None,
            event: None,
            barometer: false,
            signalling_based: false,
        }
    }

    fn both_ways(hex: &str, message: DlDcch) {
        assert_eq!(DlDcch::decode(&octets(hex)), Ok(message.clone()));
        assert_eq!(message.encode(), Ok(octets(hex)));
    }

    #[test]
    fn v1_configuration_everywhere() {
        let message = DlDcch::LoggedMeasurementConfiguration(Box::new(configuration()));
        // c1, index 10, c1 again, r10, nothing optional; MCC there, 2 3 4, two digits of MNC, 1 5; trace id; session; collector;
        // date and time; min120, ms5120.
        both_ways("50246815 000001 0001 01 101011120000 a8", message);
    }

    #[test]
    fn v2_configuration_in_two_cells() {
        let message = DlDcch::LoggedMeasurementConfiguration(Box::new(LoggedMeasurementConfiguration {
            area: Some(Area::Cells(vec![ecgi(0x123_4501), ecgi(0x123_4502)])),
            duration: LoggingDuration::Min10,
            interval: LoggingInterval::Ms1280,
            ..configuration()
        }));
        both_ways("50a46815 000001 0001 01 101011120000 0646815123450191a05448d14080", message);
    }

    fn report(entries: Vec<LogMeasInfo>, available: bool) -> UeInformationResponse {
        let TraceHead { trace_reference, recording_session, tce_id } = trace();
        let log = LogMeasReport {
            absolute_time: BEGAN,
            trace_reference,
            recording_session,
            tce_id,
            entries,
            available,
            r15: None,
        };
        UeInformationResponse { log: Some(log), ..UeInformationResponse::default() }
    }

    fn entry(relative_time_s: u16, rsrp: i8, rsrq: i8, location: Option<Shape>) -> LogMeasInfo {
        let location = location.map(|shape| LocationInfo::at(&shape).unwrap());
        LogMeasInfo { location, ..LogMeasInfo::new(relative_time_s, ecgi(0x123_4501), ServingResult { rsrp, rsrq }) }
    }

    #[test]
    fn v3_and_v4_one_entry() {
        for (hex, entry) in [
            ("580b02020222400012340a80000080008080000012340a891a280a8500", entry(0, 40, 20, None)),
            (
                "580b02020222400012340a800000800080800800c92828affd17800591a05448d1405428",
                entry(5, 40, 20, Some(london())),
            ),
        ] {
            let message = UlDcch::UeInformationResponse(report(vec![entry], false));
            assert_eq!(UlDcch::decode(&octets(hex)), Ok(message.clone()));
            assert_eq!(message.encode(), Ok(octets(hex)));
        }
    }

    #[test]
    fn v5_two_entries_of_which_one_has_neighbours() {
        let hex = concat!(
            "0164404044480002468150000010001010058019250515ffa2f000b2340a891a280a8520028a5029a3480b6891031a1400d680f0",
            "399f380f678d40064941457fe8bc00548d02a2468a029d20",
        );
        let cells = (0..6).map(|n| EutraCell {
            pci: 10 + n,
            cgi: None,
            result: EutraResult { rsrp: Some(35 - n as i8), rsrq: Some(18 - n as i8), ..EutraResult::default() },
        });
        let eutra = Some(vec![EutraCarrier { earfcn: 1300, cells: cells.collect() }]);
        let first = LogMeasInfo {
            neighbours: Some(Neighbours { eutra, ..Neighbours::default() }),
            ..entry(5, 40, 20, Some(london()))
        };
        let message = report(vec![first, entry(10, 39, 18, Some(london()))], true);
        assert_eq!(UeInformationResponse::decode(&octets(hex)), Ok(message.clone()));
        assert_eq!(message.encode(), Ok(octets(hex)));

        let mut columns = LogColumns::default();
        let response = UeInformationResponse::decode_into(&octets(hex), &mut columns).unwrap();
        let (head, skipped) = response.log.unwrap();
        assert!(head.available && !head.available_wlan);
        assert_eq!(skipped, mdt::rrc::ScanReport::default());
        assert_eq!((columns.len(), columns.entries.relative_time_s.as_slice()), (2, [5, 10].as_slice()));
        assert_eq!(columns.entries.latitude, [4_800_837, 4_800_837]);
        assert_eq!(columns.entries.longitude, [-5956, -5956]);
        assert_eq!((columns.neighbours_of(0), columns.neighbours_of(1)), (0..6, 6..6));
        assert_eq!(columns.neighbours.rsrp, [35, 34, 33, 32, 31, 30]);
    }

    #[test]
    fn v6_request() {
        let message =
            UeInformationRequest { rlf: true, log: true, conn_est_fail: true, ..UeInformationRequest::default() };
        assert_eq!(UeInformationRequest::decode(&octets("0578")), Ok(message.clone()));
        assert_eq!(message.encode(), Ok(octets("0578")));
    }

    #[test]
    fn v7_radio_link_failure() {
        let hex = "42a3c413400efe0064941457fe8bc48d02a2468a032340a891a28101891a05448d140802c003d0001e00";
        let rlf = RlfReport {
            r10: Some(RlfR10 {
                location: Some(LocationInfo::at(&london()).unwrap()),
                failed_cell: Some(FailedCell::Global(ecgi(0x123_4501))),
                reestablishment_cell: Some(ecgi(0x123_4502)),
                time_conn_failure_100ms: Some(12),
                failure_type: Some(ConnectionFailureType::Rlf),
                previous_cell: Some(ecgi(0x123_4502)),
            }),
            r11: Some(RlfR11 {
                basic: Some(RlfBasic { c_rnti: 0x3d, cause: RlfCause::T310Expiry, time_since_failure_s: 30 }),
                previous_utra: None,
                selected_utra: None,
            }),
            ..RlfReport::new(FailedResult { rsrp: 15, rsrq: Some(4) })
        };
        assert_eq!(RlfReport::decode(&rlf.encode().unwrap()), Ok(rlf.clone()));
        let read = FailureRecord::read(Kind::RadioLinkFailure, Content::EutraUper, &rlf.encode().unwrap()).unwrap();
        let named = |cell| NamedCell { network: plmn(), cell, tracking_area: None };
        let wanted = FailureRecord {
            cause: Some(FailureCause::T310Expiry),
            since_s: Some(30),
            position: Some((4_800_837, -5956)),
            failed: Some(named(0x123_4501)),
            results: [Some(15), Some(4), None],
            previous: Some(named(0x123_4502)),
            reestablishment: Some(named(0x123_4502)),
            since_handover_100ms: Some(12),
            ..FailureRecord::EMPTY
        };
        assert!(read == wanted, "all but the C-RNTI");
        let whole = rlf.encode().unwrap();
        let cut = FailureRecord::read(Kind::RadioLinkFailure, Content::EutraUper, &whole[..whole.len() / 2]);
        assert!(matches!(cut, Err(FailureError::Uper(_))));
        for (kind, content) in [(Kind::Entry, Content::EutraUper), (Kind::RadioLinkFailure, Content::Cbor)] {
            assert!(matches!(FailureRecord::read(kind, content, &whole), Err(FailureError::Kind)));
        }
        let message = UeInformationResponse { transaction: 1, rlf: Some(rlf), ..UeInformationResponse::default() };
        assert_eq!(UeInformationResponse::decode(&octets(hex)), Ok(message.clone()));
        assert_eq!(message.encode(), Ok(octets(hex)));
    }

    #[test]
    fn v8_connection_failure() {
        let report = ConnEstFailReport {
            failed_cell: ecgi(0x123_4501),
            location: None,
            failed: FailedResult { rsrp: 20, rsrq: Some(6) },
            neighbours: None,
            preambles_sent: 10,
            contention_detected: false,
            max_tx_power_reached: true,
            time_since_failure_s: 120,
            eutra_v1130: None,
            v1250: None,
            v1360: None,
            r15: None,
            r16: None,
            v1640: None,
        };
        let sealed = report.encode().unwrap();
        let read = FailureRecord::read(Kind::ConnectionFailure, Content::EutraUper, &sealed).unwrap();
        let wanted = FailureRecord {
            kind: FailureKind::Connection,
            since_s: Some(120),
            failed: Some(NamedCell { network: plmn(), cell: 0x123_4501, tracking_area: None }),
            results: [Some(20), Some(6), None],
            preambles: Some(10),
            flags: FailureRecord::MAX_POWER,
            ..FailureRecord::EMPTY
        };
        assert!(read == wanted);
        let message =
            UeInformationResponse { transaction: 2, conn_est_fail: Some(report), ..UeInformationResponse::default() };
        let hex = "81582468151234501941825001e0";
        assert_eq!(UeInformationResponse::decode(&octets(hex)), Ok(message.clone()));
        assert_eq!(message.encode(), Ok(octets(hex)));
    }
}

mod nr {
    use super::*;
    use mdt::rrc::nr::*;

    fn both_ways(hex: &str, report_type: ReportType) {
        let message = DlDcch::LoggedMeasurementConfiguration(Box::new(LoggedMeasurementConfiguration {
            trace: trace(),
            absolute_time: BEGAN,
            area: None,
            plmns: None,
            bluetooth: None,
            wlan: None,
            sensors: None,
            duration: LoggingDuration::Min120,
            report_type,
            signalling_based: false,
            early_measurements: false,
            area_r17: None,
            non_public_area: None,
        }));
        assert_eq!(DlDcch::decode(&octets(hex)), Ok(message.clone()));
        assert_eq!(message.encode(), Ok(octets(hex)));
    }

    #[test]
    fn v9_to_v11_configurations() {
        let periodical = Periodical { interval: LoggingInterval::Ms5120 };
        both_ways("60048d02a000002000202202022240001420", ReportType::Periodical(periodical));
        let event =
            EventL1 { threshold: Threshold::Rsrp(46), hysteresis_half_db: 4, time_to_trigger: TimeToTrigger::Ms640 };
        let on_event = EventTriggered { event: Event::L1(event), interval: LoggingInterval::Ms1280 };
        both_ways("60048d02a000002000202202022240001522e25900", ReportType::EventTriggered(on_event));
        let outside = EventTriggered { event: Event::OutOfCoverage, interval: LoggingInterval::Infinity };
        both_ways("60048d02a000002000202202022240001514", ReportType::EventTriggered(outside));
    }

    #[test]
    fn v12_one_entry() {
        let hex = "8c100040404448000246815000001000101001c8201c1250515ffa2f0000b91a05448d1400040048d1de418400";
        let TraceHead { trace_reference, recording_session, tce_id } = trace();
        let entry = LogMeasInfo {
            location: Some(LocationInfo::at(&london()).unwrap()),
            relative_time_s: 5,
            serving_cell: Some(Ncgi { plmn: plmn(), cell: 0x1_2345_0001, tac: Some(0x1234) }),
            serving: Some(ServingResult {
                cell: Quantities { rsrp: Some(60), rsrq: Some(65), sinr: Some(66) },
                beam: None,
            }),
            ..LogMeasInfo::default()
        };
        let log = LogMeasReport {
            absolute_time: BEGAN,
            trace_reference,
            recording_session,
            tce_id,
            entries: vec![entry],
            available: false,
            available_bluetooth: false,
            available_wlan: false,
        };
        let response = UeInformationResponse { log: Some(log), ..UeInformationResponse::default() };
        let message = UlDcch::UeInformationResponse(response);
        assert_eq!(UlDcch::decode(&octets(hex)), Ok(message.clone()));
        assert_eq!(message.encode(), Ok(octets(hex)));
        let mut columns = LogColumns::default();
        UlDcch::decode_into(&octets(hex), &mut columns).unwrap();
        let e = &columns.entries;
        assert_eq!((e.rsrp[0], e.rsrq[0], e.sinr[0], e.tac[0], e.cell[0]), (60, 65, 66, 0x1234, 0x1_2345_0001));
        assert_eq!((e.latitude[0], e.longitude[0]), (4_800_837, -5956));
    }
}

#[test]
fn v14_to_v16_points() {
    use mdt::rrc::lte::Coordinates;
    for (lat, lon, hex) in [
        (51.5074, -0.1278, "494145 7fe8bc"),
        (0.0, 0.0, "000000 800000"),
        (-33.8688, 151.2093, "b02b40 eb86d0"),
        (52.52, 13.405, "4ab1f2 89884e"),
        (40.7128, -74.006, "39e713 4b5f9e"),
        (-54.8019, -68.303, "cdf0c3 4f6dd1"),
        (90.0, 179.99999, "7fffff ffffff"),
        (-90.0, -180.0, "ffffff 000000"),
    ] {
        let shape = Shape::Point(point(lat, lon));
        let coordinates = Coordinates::Point(octets(hex));
        assert_eq!(Coordinates::of(&shape), Ok(coordinates.clone()), "{lat} {lon}");
        assert_eq!(coordinates.shape(), Ok(shape));
    }
    // The form of NR: a choice of four bits before it.
    assert_eq!(lpp::encode_location(&london()), Ok(octets("04941457fe8bc0")));
    assert_eq!(lpp::decode_location(&octets("04941457fe8bc0")), Ok(london()));
}

#[test]
fn v17_shapes_in_reports_of_lte_and_velocity() {
    use mdt::rrc::lte::Coordinates;
    let at = point(51.5074, -0.1278);
    let code = |code| Uncertainty::from_code(code).unwrap();
    let ellipse = Ellipse {
        semi_major: code(18),
        semi_minor: code(10),
        orientation: Orientation::from_code(45).unwrap(),
        confidence: Confidence::from_code(68).unwrap(),
    };
    let high = Altitude::from_metres(35.0).unwrap();
    let vertical = AltitudeUncertainty::from_code(20).unwrap();
    let all = [
        (Shape::Circle(at, code(10)), Coordinates::Circle(octets("4941457fe8bc14"))),
        (Shape::PointAltitude(at, high), Coordinates::PointAltitude(octets("4941457fe8bc0023"))),
        (Shape::Ellipse(at, ellipse), Coordinates::Ellipse(octets("4941457fe8bc2428b620"))),
        (
            Shape::AltitudeEllipsoid(at, high, ellipse, vertical),
            Coordinates::AltitudeEllipsoid(octets("4941457fe8bc00232428b4a440")),
        ),
    ];
    for (shape, coordinates) in all {
        assert_eq!(coordinates.shape(), Ok(shape.clone()));
        assert_eq!(Coordinates::of(&shape), Ok(coordinates));
    }
    let velocity = Velocity {
        bearing_deg: 90,
        horizontal_km_h: 50,
        vertical_km_h: None,
        horizontal_uncertainty_km_h: None,
        vertical_uncertainty_km_h: None,
    };
    assert_eq!(lpp::encode_horizontal_velocity(&velocity), Ok(octets("2d0320")));
    assert_eq!(lpp::decode_horizontal_velocity(&octets("2d0320")), Ok(velocity));
}

#[test]
fn v20_radii() {
    for (k, metres) in [(0, 0.0), (10, 15.9), (18, 45.6), (30, 164.5)] {
        assert!((Uncertainty::from_code(k).unwrap().metres() - metres).abs() <= 0.05);
    }
}

#[test]
fn plmns_keep_the_digits_of_their_mnc() {
    for (mcc, mnc, shown) in
        [("234", "15", "234-15"), ("310", "260", "310-260"), ("001", "01", "001-01"), ("001", "001", "001-001")]
    {
        let plmn = Plmn::new(mcc, mnc).unwrap();
        assert_eq!(plmn.to_string(), shown);
        assert_eq!(Plmn::from_packed(plmn.packed()), Some(plmn));
        assert_eq!(plmn.without_mcc().after(plmn), plmn);
        assert_eq!(plmn.without_mcc().mcc(), None);
    }
    for (mcc, mnc) in [("23", "15"), ("2345", "15"), ("23a", "15"), ("234", "1"), ("234", "1515"), ("234", "+1")] {
        assert_eq!(Plmn::new(mcc, mnc), None);
    }
    assert_eq!(Plmn::from_packed(0xA00), None);
}
