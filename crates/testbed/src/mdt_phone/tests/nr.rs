//! Phones in a network of NR, by configurations of NR (TS 38.331 clause 5.5a): B9 to B12, and what a log says.

use super::scene::*;
use super::*;
use lcs::gad::Shape;
use mdt::rrc::{AbsoluteTime, TraceHead, TraceReference, nr};

/// Beyond 32 bits.
const CELL: u64 = 0x9_8765_4301;
const TAC: u32 = 0x12_3456;

/// Masts at 0 and 800 m, a tunnel from 1400 to 1800 m.
fn street() -> Ran {
    let site = |metres: f64, cell: u64| {
        let Position { lat_deg, lon_deg } = east(metres);
        format!(
            "[[site]]\nlatitude = {lat_deg}\nlongitude = {lon_deg}\nheight_m = 10\n[[site.cell]]\ncell = {cell}\ntac = {TAC}\npci = {}\n",
            900 + (cell & 0xF)
        )
    };
    let Position { lat_deg, lon_deg } = east(1600.0);
    built(&format!(
        "seed = 11\nsurroundings = 'urban_micro'\n{}{}[[hole]]\nlatitude = {lat_deg}\nlongitude = {lon_deg}\nradius_m = 200\nloss_db = 90\n",
        site(0.0, CELL),
        site(800.0, CELL + 1),
    ))
}

/// Ten masts in a row on one carrier and five on another, which do not disturb each other.
fn crowd() -> Ran {
    let sites = (0..15u32).map(|at| {
        let Position { lat_deg, lon_deg } = east(f64::from(at % 10) * 40.0);
        let (carrier, pci) = (367_000 + 1000 * (at / 10), 100 + at);
        format!(
            "[[site]]\nlatitude = {lat_deg}\nlongitude = {lon_deg}\nheight_m = 10\n[[site.cell]]\ncell = {}\ntac = {TAC}\npci = {pci}\nnr_arfcn = {carrier}\nload = 0.0\n",
            CELL + u64::from(at)
        )
    });
    built(&format!("seed = 3\nsurroundings = 'urban_micro'\n{}", sites.collect::<String>()))
}

fn built(text: &str) -> Ran {
    let spec: crate::ran::RanSpec = toml::from_str(&format!("technology = 'nr'\n{text}")).unwrap();
    Ran::new(&spec, home()).unwrap()
}

/// The octets of a configuration.
fn configure(report_type: nr::ReportType, how: impl FnOnce(&mut nr::LoggedMeasurementConfiguration)) -> Vec<u8> {
    let trace_reference = TraceReference { plmn: home(), trace_id: [0, 0, 1] };
    let mut told = nr::LoggedMeasurementConfiguration {
        trace: TraceHead { trace_reference, recording_session: [0, 1], tce_id: TCE },
        absolute_time: AbsoluteTime([0x26, 0x11, 0x29, 0x06, 0, 0]),
        area: None,
        plmns: None,
        bluetooth: None,
        wlan: None,
        sensors: None,
        duration: nr::LoggingDuration::Min10,
        report_type,
        signalling_based: false,
        early_measurements: false,
        area_r17: None,
        non_public_area: None,
    };
    how(&mut told);
    nr::DlDcch::LoggedMeasurementConfiguration(Box::new(told)).encode().unwrap()
}

fn periodical(interval: nr::LoggingInterval) -> nr::ReportType {
    nr::ReportType::Periodical(nr::Periodical { interval })
}

fn on(event: nr::Event, interval: nr::LoggingInterval) -> nr::ReportType {
    nr::ReportType::EventTriggered(nr::EventTriggered { event, interval })
}

/// A phone that logs along a path until a time; with what it logged and what was true.
fn logged(
    ran: &Ran,
    octets: &[u8],
    settings: Settings,
    path: Path<'_>,
    to_ms: u64,
) -> (Vec<nr::LogMeasInfo>, Vec<Truth>) {
    let collector = Collector::new();
    let mut phone = collector.phone(settings);
    phone.pass(ran, path, SECOND).unwrap();
    phone.receive(octets, ran, path).unwrap();
    phone.pass(ran, path, to_ms).unwrap();
    let truths = phone.truths().to_vec();
    let entries = collector.records(&mut phone).into_iter().map(|octets| nr::LogMeasInfo::decode(&octets).unwrap());
    let entries: Vec<_> = entries.collect();
    assert_eq!(entries.len(), truths.len());
    (entries, truths)
}

fn fixes(every_ms: u64) -> Settings {
    Settings { fix_every_ms: Some(every_ms), ..Settings::default() }
}

fn told(entry: &nr::LogMeasInfo) -> Option<Shape> {
    entry.location.as_ref()?.common.as_ref()?.shape().unwrap()
}

/// Every 320 and every 640 ms, as LTE cannot: cell of 36 bits, tracking area of 24, three quantities, and where it was.
#[test]
fn what_a_log_of_nr_says_is_what_was_true() {
    let ran = street();
    let path = going(50.0, 10.0);
    for (interval, ms) in [(nr::LoggingInterval::Ms320, 320), (nr::LoggingInterval::Ms640, 640)] {
        let octets = configure(periodical(interval), |_| ());
        let (entries, truths) = logged(&ran, &octets, fixes(100), &path, 101 * SECOND);
        assert_eq!(entries.len() as u64, 100 * SECOND / ms);
        let mut served = std::collections::BTreeSet::new();
        for (entry, truth) in entries.iter().zip(&truths) {
            assert_eq!((entry.relative_time_s, entry.any_cell), (truth.relative_s, false));
            let (at, cell) = (truth.serving.unwrap(), entry.serving_cell.unwrap());
            assert_eq!((cell.plmn, cell.cell, cell.tac), (home(), ran.cells()[at].cell, Some(TAC)));
            served.insert(cell.cell);
            let heard = truth.survey.of(at).unwrap();
            let result = entry.serving.unwrap().cell;
            assert_eq!((result.rsrp.unwrap(), result.rsrq.unwrap(), result.sinr.unwrap()), heard.nr());
            // An index holds its value (TS 38.133 clauses 10.1.6, 10.1.11, 10.1.16).
            let within =
                |index: i8, scaled: f64| index == 127 || (-1e-4..1.0001).contains(&(scaled - f64::from(index)));
            assert!(within(result.rsrp.unwrap(), heard.rsrp_dbm + 157.0), "{heard:?}");
            assert!(within(result.sinr.unwrap(), 2.0 * heard.sinr_db + 47.0), "{heard:?}");
            let Some(Shape::Circle(point, _)) = told(entry) else { panic!("no circle") };
            let place = truth.fix.unwrap().0;
            assert_eq!(point.latitude, lcs::gad::Latitude::from_degrees(place.lat_deg).unwrap());
        }
        assert_eq!(served.into_iter().collect::<Vec<_>>(), [CELL, CELL + 1], "{ms}");
    }
}

/// B9: entries only while the serving cell is worse than the threshold by the hysteresis for the time to trigger, by each of the three
/// quantities; to one look around exact.
#[test]
fn b9_event_l1_logs_while_the_cell_is_bad() {
    let ran = street();
    let heard = |metres: u32| ran.survey(east(f64::from(metres))).best(&ran).copied();
    let good = (20..200).filter_map(|at| Some((at, heard(at)?))).find(|(_, of)| of.rsrp_dbm > -80.0).unwrap();
    let bad = (100..700)
        .filter_map(|at| Some((at, heard(at)?)))
        .find(|(_, of)| {
            let worse = |good: f64, bad: f64| good - bad > 6.0;
            (-115.0..-90.0).contains(&of.rsrp_dbm)
                && worse(good.1.sinr_db, of.sinr_db)
                && good.1.rsrq_db - of.rsrq_db > 3.0
        })
        .unwrap();
    let path = |at_ms: u64| east(f64::from(if (20_000..40_000).contains(&at_ms) { bad.0 } else { good.0 }));
    // Half way between: RSRP n - 156 dBm, RSRQ (n - 87)/2 dB, SINR (n - 46)/2 dB.
    let middle = |good: f64, bad: f64| (good + bad) / 2.0;
    let index = |value: f64| value.round() as u8;
    for threshold in [
        nr::Threshold::Rsrp(index(middle(good.1.rsrp_dbm, bad.1.rsrp_dbm) + 156.0)),
        nr::Threshold::Rsrq(index(2.0 * middle(good.1.rsrq_db, bad.1.rsrq_db) + 87.0)),
        nr::Threshold::Sinr(index(2.0 * middle(good.1.sinr_db, bad.1.sinr_db) + 46.0)),
    ] {
        let l1 = nr::EventL1 { threshold, hysteresis_half_db: 1, time_to_trigger: nr::TimeToTrigger::Ms640 };
        let octets = configure(on(nr::Event::L1(l1), nr::LoggingInterval::Ms640), |_| ());
        let (entries, truths) = logged(&ran, &octets, Settings::default(), &path, 60 * SECOND);
        assert!(entries.iter().all(|entry| !entry.any_cell));
        let times: Vec<u64> = truths.iter().map(|truth| truth.at_ms).collect();
        // Triggered 640 ms after it is noticed, within 640 ms of when it is so; left likewise.
        assert!(times.iter().all(|at| (20_640..41_920).contains(at)), "{threshold:?} {times:?}");
        assert!((29..=33).contains(&times.len()), "{threshold:?} {} {times:?}", times.len());
    }
}

/// B10: without coverage the flag is set, the last serving cell repeated with its results, and a place told only if it is fresh.
#[test]
fn b10_without_coverage_the_last_cell_is_repeated() {
    let ran = street();
    let path = |at_ms: u64| east(if (20_000..40_000).contains(&at_ms) { 1600.0 } else { 900.0 });
    let octets = configure(periodical(nr::LoggingInterval::Ms1280), |_| ());
    // A fix each ten seconds, in the tunnel too.
    let (entries, truths) = logged(&ran, &octets, fixes(10_000), &path, 60 * SECOND);
    let (out, within): (Vec<_>, Vec<_>) = entries.iter().zip(&truths).partition(|(entry, _)| entry.any_cell);
    assert!(out.len() >= 14 && within.len() >= 28, "{} {}", out.len(), within.len());
    // The last that it camped on, when it looked last.
    let last = within.iter().rev().find(|(_, truth)| truth.at_ms < out[0].1.at_ms).unwrap().0;
    for (entry, truth) in &out {
        assert!((20_000..41_280).contains(&truth.at_ms) && truth.serving.is_none());
        assert_eq!((entry.serving_cell, entry.serving), (last.serving_cell, last.serving));
        assert!(entry.neighbours.nr.is_none());
    }
    for (entry, truth) in entries.iter().zip(&truths) {
        assert_eq!(told(entry).is_some(), truth.at_ms - truth.fix.unwrap().1 <= 1280, "{}", truth.at_ms);
    }
    assert!(out.iter().any(|(entry, _)| told(entry).is_some()) && out.iter().any(|(entry, _)| told(entry).is_none()));
}

/// Only without coverage: each interval and on the way back; with the interval `infinity` on the way out and on the way back.
#[test]
fn a_job_for_lost_coverage_logs_there_alone_in_nr() {
    let ran = street();
    let path = |at_ms: u64| east(if (20_000..40_000).contains(&at_ms) { 1600.0 } else { 900.0 });
    for (interval, least, most) in [
        (nr::LoggingInterval::Ms1280, 14, 18),
        (nr::LoggingInterval::Ms320, 58, 66),
        (nr::LoggingInterval::Infinity, 2, 2),
    ] {
        let octets = configure(on(nr::Event::OutOfCoverage, interval), |_| ());
        let (entries, truths) = logged(&ran, &octets, Settings::default(), &path, 60 * SECOND);
        assert!((least..=most).contains(&entries.len()), "{interval:?}: {}", entries.len());
        let (back, out) = entries.split_last().unwrap();
        assert!(out.iter().all(|entry| entry.any_cell) && !back.any_cell, "{interval:?}");
        assert!(truths.iter().all(|truth| (20_000..41_000).contains(&truth.at_ms)), "{interval:?}");
    }
}

/// B11: a place that is older than the interval is left out.
#[test]
fn b11_a_fix_that_is_older_than_an_interval_of_nr_is_left_out() {
    let ran = street();
    let octets = configure(periodical(nr::LoggingInterval::Ms320), |_| ());
    let (entries, truths) = logged(&ran, &octets, fixes(2000), &going(100.0, 1.0), 41 * SECOND);
    let mut with = 0;
    for (entry, truth) in entries.iter().zip(&truths) {
        let age_ms = truth.at_ms - truth.fix.unwrap().1;
        assert_eq!(told(entry).is_some(), age_ms <= 320, "{age_ms}");
        with += usize::from(told(entry).is_some());
    }
    assert!((19..=41).contains(&with), "{with} of {}", entries.len());
}

/// B12: of nine neighbours on the carrier of the serving cell the six strongest, of five on another the three strongest, in their order.
#[test]
fn b12_six_neighbours_of_the_serving_carrier_and_three_of_another() {
    let ran = crowd();
    let octets = configure(periodical(nr::LoggingInterval::Ms5120), |_| ());
    let (entries, truths) = logged(&ran, &octets, Settings::default(), &going(130.0, 0.5), 60 * SECOND);
    for (entry, truth) in entries.iter().zip(&truths) {
        let serving = ran.cells()[truth.serving.unwrap()].arfcn;
        for (arfcn, limit) in
            [(367_000, if serving == 367_000 { 6 } else { 3 }), (368_000, if serving == 368_000 { 6 } else { 3 })]
        {
            let there: Vec<_> = truth
                .survey
                .neighbours(truth.serving)
                .filter(|heard| ran.cells()[heard.at].arfcn == arfcn)
                .map(|heard| (ran.cells()[heard.at].pci, heard.nr().0))
                .collect();
            assert!(
                there.len() > limit || (arfcn == 368_000 && there.len() >= 4),
                "enough to choose from: {}",
                there.len()
            );
            let carriers = entry.neighbours.nr.as_deref().unwrap();
            let told: Vec<_> = carriers
                .iter()
                .filter(|carrier| carrier.arfcn == arfcn)
                .flat_map(|carrier| carrier.cells.iter().map(|cell| (cell.pci, cell.result.rsrp.unwrap())))
                .collect();
            assert_eq!(told, there[..limit.min(there.len())]);
        }
    }
}

/// Areas of 36-bit cells and of tracking areas: elsewhere nothing is logged; the area of Release 17 stands instead of the other.
#[test]
fn areas_of_nr_are_kept_to() {
    let ran = street();
    let path = going(100.0, 0.0);
    let cells = |cell: u64| nr::Area::Cells(vec![nr::Ncgi { plmn: home(), cell, tac: None }]);
    let codes = |tac: u32| nr::Area::TrackingAreaCodes(vec![tac]);
    let tais = |tac: u32| nr::Area::TrackingAreas(vec![nr::Tai { plmn: home(), tac }]);
    for (area, r17, logs) in [
        (Some(cells(CELL)), None, true),
        // Alike in its lowest 32 bits.
        (Some(cells(CELL ^ 1 << 35)), None, false),
        (Some(codes(TAC)), None, true),
        (Some(codes(TAC ^ 1 << 23)), None, false),
        (Some(tais(TAC)), None, true),
        (Some(cells(CELL)), Some(codes(1)), false),
        (Some(codes(1)), Some(cells(CELL)), true),
    ] {
        let octets = configure(periodical(nr::LoggingInterval::Ms1280), |told| {
            told.area = area.clone().map(|area| nr::AreaConfiguration { area, inter_freq: None });
            told.area_r17 = r17.clone().map(|area| nr::AreaConfigurationR17 { area: Some(area), inter_freq: None });
        });
        let (collector, mut truths) = (Collector::new(), 0);
        let mut phone = collector.phone(Settings::default());
        phone.pass(&ran, &path, SECOND).unwrap();
        phone.receive(&octets, &ran, &path).unwrap();
        phone.pass(&ran, &path, 20 * SECOND).unwrap();
        truths += phone.truths().len();
        assert_eq!(truths > 0, logs, "{area:?} {r17:?}");
    }
}

/// A configuration of the other technology is none.
#[test]
fn a_phone_of_nr_takes_no_message_of_lte() {
    let (ran, collector) = (street(), Collector::new());
    let path = going(100.0, 0.0);
    let mut phone = collector.phone(Settings::default());
    phone.pass(&ran, &path, SECOND).unwrap();
    assert!(matches!(phone.receive(&job(|_| ()), &ran, &path), Err(NotTaken::Malformed(_) | NotTaken::Unsound)));
    assert_eq!(phone.overview().phase, Phase::Idle);
}
