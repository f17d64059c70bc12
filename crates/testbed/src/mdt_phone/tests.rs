mod memory;
mod nr;
mod scene;

use super::*;
use lcs::gad::{Latitude, Longitude, Shape};
use mdt::rrc::{Plmn, lte};
use mdt_log::machine::KEEP_MS;
use scene::*;

/// A phone that stands 100 m from the first mast and has a job.
fn standing(collector: &Collector, ran: &Ran, octets: &[u8]) -> MdtPhone {
    let mut phone = collector.phone(Settings::default());
    let path = going(100.0, 0.0);
    phone.pass(ran, &path, SECOND).unwrap();
    phone.receive(octets, ran, &path).unwrap();
    phone
}

/// A phone that has logged for a while.
pub(super) fn street_phone() -> MdtPhone {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = standing(&collector, &ran, &job(|_| ()));
    phone.pass(&ran, &going(100.0, 0.0), 60 * SECOND).unwrap();
    phone
}

#[test]
fn what_the_log_says_is_what_was_true() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = collector.phone(Settings { fix_every_ms: Some(1000), ..Settings::default() });
    // 1300 m in 130 s, past both masts, to the tunnel.
    let path = going(50.0, 10.0);
    phone.pass(&ran, &path, SECOND).unwrap();
    phone.receive(&job(|_| ()), &ran, &path).unwrap();
    phone.pass(&ran, &path, 130 * SECOND).unwrap();
    let truths = phone.truths().to_vec();
    // 129 s in intervals of 1.28 s.
    assert_eq!(truths.len(), 100);
    let fetched = collector.fetch(&mut phone).unwrap();
    assert_eq!(fetched.entries.len(), truths.len());
    for (entry, truth) in fetched.entries.iter().zip(&truths) {
        assert_true(entry, truth, &ran);
        let (place, at_ms) = truth.fix.unwrap();
        assert!(truth.at_ms - at_ms < 1000);
        let Some(Shape::Circle(point, _)) = told(entry) else { panic!("no circle") };
        assert_eq!(point.latitude, Latitude::from_degrees(place.lat_deg).unwrap());
        assert_eq!(point.longitude, Longitude::from_degrees(place.lon_deg).unwrap());
    }
    let served: Vec<u32> = fetched.entries.iter().map(|entry| entry.serving_cell.cell).collect();
    assert!(served.contains(&0x101) && served.contains(&0x201), "{served:x?}");
    assert!(fetched.entries.iter().any(|entry| entry.neighbours.is_some()));
    let head = &fetched.heads[0];
    assert_eq!((head.job.tce_id, head.job.interval_ms, head.job.duration_s), (TCE, 1280, 600));
    assert_eq!(head.job.trace_reference, [0, 0xF1, 0x10, 0, 0, 1]);
    // What was delivered is gone, and the job goes on.
    assert_eq!((phone.flash().image().len(), phone.overview().phase), (0, Phase::Logging));
}

#[test]
fn a_fix_that_is_older_than_an_interval_is_left_out() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = collector.phone(Settings { fix_every_ms: Some(10_000), ..Settings::default() });
    let path = going(100.0, 1.0);
    phone.pass(&ran, &path, SECOND).unwrap();
    phone.receive(&job(|_| ()), &ran, &path).unwrap();
    phone.pass(&ran, &path, 41 * SECOND).unwrap();
    let truths = phone.truths().to_vec();
    let fetched = collector.fetch(&mut phone).unwrap();
    let mut with = 0;
    for (entry, truth) in fetched.entries.iter().zip(&truths) {
        let age_ms = truth.at_ms - truth.fix.unwrap().1;
        assert_eq!(told(entry).is_some(), age_ms <= 1280, "{age_ms}");
        with += usize::from(told(entry).is_some());
    }
    assert!((4..=5).contains(&with), "{with} of {}", truths.len());
}

/// 600 s in intervals of 1.28 s: 468 entries, none at 0. Then the configuration is gone, and 48 hours later the log.
#[test]
fn the_duration_ends_the_job_and_48_hours_the_log() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = standing(&collector, &ran, &job(|_| ()));
    let path = going(100.0, 0.0);
    phone.pass(&ran, &path, 601 * SECOND).unwrap();
    let relative: Vec<u16> = phone.truths().iter().map(|truth| truth.relative_s).collect();
    assert_eq!((relative.len(), relative[0], relative.last()), (468, 1, Some(&599)));
    assert!(relative.is_sorted());
    let overview = phone.overview();
    assert_eq!((overview.phase, overview.available), (Phase::Kept, true));
    // Nobody fetches it. That it looks around until then is left out.
    phone.next_look_ms = 601 * SECOND + KEEP_MS - 2 * SECOND;
    phone.pass(&ran, &path, 601 * SECOND + KEEP_MS - SECOND).unwrap();
    assert_eq!(phone.overview().phase, Phase::Kept);
    phone.pass(&ran, &path, 601 * SECOND + KEEP_MS).unwrap();
    assert_eq!((phone.overview().phase, phone.flash().image().len()), (Phase::Idle, 0));
}

#[test]
fn outside_of_the_area_nothing_is_logged() {
    let (collector, ran) = (Collector::new(), street(true));
    let second = lte::Ecgi { plmn: home(), cell: 0x201 };
    for area in [lte::Area::Cells(vec![second]), lte::Area::TrackingAreas(vec![2])] {
        let mut phone = collector.phone(Settings::default());
        let path = going(20.0, 10.0);
        phone.pass(&ran, &path, SECOND).unwrap();
        phone.receive(&job(|told| told.area = Some(area)), &ran, &path).unwrap();
        phone.pass(&ran, &path, 110 * SECOND).unwrap();
        let fetched = collector.fetch(&mut phone).unwrap();
        assert!(!fetched.entries.is_empty());
        assert!(fetched.entries.iter().all(|entry| entry.serving_cell.cell == 0x201));
        assert!(fetched.entries[0].relative_time_s > 10, "time stamps count from the configuration");
    }
}

/// Without a list the network that configured it alone; with one those of the list too. Elsewhere the log is not offered either.
#[test]
fn in_a_network_that_is_not_listed_nothing_is_logged_nor_offered() {
    let (collector, ran) = (Collector::new(), street(true));
    let other = Plmn::new("262", "02").unwrap();
    for (plmns, listed) in [(None, false), (Some(vec![other]), true)] {
        let mut phone = collector.phone(Settings::default());
        // From the first mast past the tunnel to the third, 2600 m in 260 s.
        let path = going(20.0, 10.0);
        phone.pass(&ran, &path, SECOND).unwrap();
        phone.receive(&job(|told| told.plmns = plmns), &ran, &path).unwrap();
        phone.pass(&ran, &path, 262 * SECOND).unwrap();
        assert_eq!(phone.registered(), Some(plmn_octets(other)));
        let there = phone.truths().iter().filter(|truth| truth.serving == Some(2)).count();
        assert_eq!((there > 0, phone.overview().available), (listed, listed));
        assert_eq!(collector.fetch(&mut phone).is_some(), listed);
    }
}

#[test]
fn without_coverage_the_last_cell_is_repeated_and_marked() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = collector.phone(Settings::default());
    // Stands before the tunnel for a while, is in it from 1400 m on.
    let path = |at_ms: u64| east(if at_ms < 20 * SECOND { 1300.0 } else { 1600.0 });
    phone.pass(&ran, &path, SECOND).unwrap();
    phone.receive(&job(|_| ()), &ran, &path).unwrap();
    phone.pass(&ran, &path, 40 * SECOND).unwrap();
    let (truths, fetched) = (phone.truths().to_vec(), collector.fetch(&mut phone).unwrap());
    let (without, with): (Vec<_>, Vec<_>) =
        fetched.entries.iter().zip(&truths).partition(|(e, _)| e.any_cell.is_some());
    assert!(with.len() >= 14 && without.len() >= 14, "{} {}", with.len(), without.len());
    let last = with.last().unwrap().0;
    for (entry, truth) in without {
        assert!(truth.at_ms >= 20 * SECOND && truth.serving.is_none());
        assert_eq!((entry.serving_cell, entry.serving), (last.serving_cell, last.serving));
        assert!(entry.neighbours.is_none());
    }
}

/// A job for the lack of coverage logs nothing while there is some, each interval while there is none, and once on the way back.
#[test]
fn a_job_for_lost_coverage_logs_there_alone() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = collector.phone(Settings::default());
    let path = |at_ms: u64| east(if (20_000..40_000).contains(&at_ms) { 1600.0 } else { 900.0 });
    phone.pass(&ran, &path, SECOND).unwrap();
    phone.receive(&job(|told| told.event = Some(lte::Event::OutOfCoverage)), &ran, &path).unwrap();
    phone.pass(&ran, &path, 60 * SECOND).unwrap();
    let marks: Vec<(u64, bool)> = phone.truths().iter().map(|t| (t.at_ms, t.any_cell_selection)).collect();
    let (back, out) = marks.split_last().unwrap();
    assert!(out.iter().all(|(at_ms, any)| *any && (20_000..41_000).contains(at_ms)), "{marks:?}");
    assert!((14..=17).contains(&out.len()), "{marks:?}");
    assert!(!back.1 && (40_000..41_000).contains(&back.0), "{marks:?}");
}

#[test]
fn a_job_for_a_bad_cell_logs_where_it_is_bad() {
    let (collector, ran) = (Collector::new(), street(true));
    // A place where the first cell is good, and one where nothing better than a bad cell is to be had.
    let best = |metres: u32| ran.survey(east(f64::from(metres))).best(&ran).map(|heard| heard.rsrp_dbm);
    let good = (50..400).find(|at| best(*at).is_some_and(|dbm| dbm > -80.0)).unwrap();
    let bad = (100..700).find(|at| best(*at).is_some_and(|dbm| (-115.0..-95.0).contains(&dbm))).unwrap();
    // RSRP 50 is -90 dBm; hysteresis 1 dB; for 640 ms.
    let l1 = lte::EventL1 {
        threshold: lte::Threshold::Rsrp(50),
        hysteresis_half_db: 2,
        time_to_trigger: lte::TimeToTrigger::Ms640,
    };
    let path = |at_ms: u64| east(f64::from(if (20_000..40_000).contains(&at_ms) { bad } else { good }));
    let mut phone = collector.phone(Settings::default());
    phone.pass(&ran, &path, SECOND).unwrap();
    phone.receive(&job(|told| told.event = Some(lte::Event::L1(l1))), &ran, &path).unwrap();
    phone.pass(&ran, &path, 60 * SECOND).unwrap();
    let times: Vec<u64> = phone.truths().iter().map(|truth| truth.at_ms).collect();
    // Triggered after 640 ms and a look around, left likewise.
    assert!(times.iter().all(|at| (20_640..42_000).contains(at)), "{times:?}");
    assert!((13..=17).contains(&times.len()), "{times:?}");
}

#[test]
fn opting_out_in_the_middle_is_silence_for_good() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = standing(&collector, &ran, &job(|_| ()));
    let path = going(100.0, 0.0);
    phone.pass(&ran, &path, 30 * SECOND).unwrap();
    let before = phone.overview().status.records;
    assert!(before > 20 && phone.overview().available);
    let (unlocked, image) = (collector.unlocked(&mut phone), phone.flash().image());
    assert!(collector.opens(&image, &unlocked) > 0, "the keys that the check uses would open it");
    phone.wish(Wish::OptOut).unwrap();
    assert_eq!((phone.flash().image().len(), phone.register_waits()), (0, true));
    phone.pass(&ran, &path, 3600 * SECOND / 4).unwrap();
    assert_eq!((phone.overview().phase, phone.overview().available), (Phase::OptedOut, false));
    assert!(phone.truths().is_empty() && collector.fetch(&mut phone).is_none());
    assert_eq!(phone.receive(&job(|_| ()), &ran, &path), Err(NotTaken::OptedOut));
    // After it was switched off and on again as well, and until the register knows.
    let flash = phone.flash().clone();
    let mut again = MdtPhone::switch_on(
        &flash,
        Entropy::new([78; 32]),
        BootId([2; 16]),
        collector.list.clone(),
        Settings::default(),
        NOW_S,
    )
    .unwrap();
    assert!(again.register_waits());
    again.register_told().unwrap();
    again.pass(&ran, &path, SECOND).unwrap();
    assert_eq!(again.receive(&job(|_| ()), &ran, &path), Err(NotTaken::OptedOut));
    // Its user lifts it.
    again.wish(Wish::OptIn).unwrap();
    assert_eq!(again.receive(&job(|_| ()), &ran, &path), Ok(()));
}

#[test]
fn after_a_clear_not_even_the_key_of_the_collector_opens_anything() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = standing(&collector, &ran, &job(|_| ()));
    let path = going(100.0, 0.0);
    phone.pass(&ran, &path, 30 * SECOND).unwrap();
    let stolen = phone.flash().image();
    assert!(!stolen.is_empty());
    phone.wish(Wish::Clear).unwrap();
    assert!(phone.flash().image().is_empty() && !phone.overview().available);
    // The job goes on under a key of its own. That is all which the phone can give now: it opens nothing of before.
    phone.pass(&ran, &path, 60 * SECOND).unwrap();
    let (unlocked, fresh) = (collector.unlocked(&mut phone), phone.flash().image());
    assert_eq!(collector.opens(&stolen, &unlocked), 0);
    assert!(collector.opens(&fresh, &unlocked) > 20);
    let fetched = collector.fetch(&mut phone).unwrap();
    assert!(fetched.entries.iter().all(|entry| entry.relative_time_s >= 29), "time stamps go on");
}

#[test]
fn a_phone_that_deregisters_keeps_neither_job_nor_log() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = standing(&collector, &ran, &job(|_| ()));
    let path = going(100.0, 0.0);
    phone.pass(&ran, &path, 30 * SECOND).unwrap();
    phone.detach().unwrap();
    phone.pass(&ran, &path, 60 * SECOND).unwrap();
    assert_eq!((phone.overview().phase, phone.flash().image().len()), (Phase::Idle, 0));
    assert!(phone.truths().is_empty() && collector.fetch(&mut phone).is_none());
}

#[test]
fn a_pause_ends_alone_and_leaves_a_gap() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = standing(&collector, &ran, &job(|_| ()));
    let path = going(100.0, 0.0);
    phone.pass(&ran, &path, 10 * SECOND).unwrap();
    phone.wish(Wish::Pause(20 * SECOND)).unwrap();
    phone.pass(&ran, &path, 60 * SECOND).unwrap();
    let times: Vec<u64> = phone.truths().iter().map(|truth| truth.at_ms).collect();
    assert!(times.iter().any(|at| *at < 10 * SECOND) && times.iter().any(|at| *at > 31 * SECOND));
    assert!(!times.iter().any(|at| (10 * SECOND + 1..30 * SECOND).contains(at)), "{times:?}");
    // The user ends another one before its time.
    phone.wish(Wish::Pause(3600 * SECOND)).unwrap();
    phone.pass(&ran, &path, 70 * SECOND).unwrap();
    phone.wish(Wish::Resume).unwrap();
    phone.pass(&ran, &path, 80 * SECOND).unwrap();
    assert!(phone.truths().last().unwrap().at_ms > 70 * SECOND);
}

#[test]
fn when_the_memory_is_full_the_oldest_stay_and_the_job_ends() {
    let (collector, ran) = (Collector::new(), street(true));
    let profile = Profile { log_octets: 8 << 10, segment_octets: 8 << 10, reports: 4 };
    let mut phone = collector.phone(Settings { profile, ..Settings::default() });
    let path = going(100.0, 0.0);
    phone.pass(&ran, &path, SECOND).unwrap();
    phone.receive(&job(|_| ()), &ran, &path).unwrap();
    phone.pass(&ran, &path, 500 * SECOND).unwrap();
    assert_eq!((phone.overview().phase, phone.overview().available), (Phase::Kept, true));
    let kept = phone.truths().len();
    assert!((20..300).contains(&kept), "{kept}");
    let fetched = collector.fetch(&mut phone).unwrap();
    assert_eq!((fetched.entries.len(), fetched.entries[0].relative_time_s), (kept, 1));
}

#[test]
fn a_connected_phone_logs_nothing_and_reports_the_handover_that_failed() {
    // The second cell lets nobody in.
    let (collector, ran) = (Collector::new(), street(false));
    let mut phone = collector.phone(Settings { fix_every_ms: Some(1000), ..Settings::default() });
    let path = going(50.0, 10.0);
    phone.pass(&ran, &path, SECOND).unwrap();
    phone.receive(&job(|_| ()), &ran, &path).unwrap();
    assert!(phone.connect());
    let failed = |phone: &MdtPhone| phone.failures().iter().any(|f| f.kind == lte::ConnectionFailureType::Hof);
    for second in 2..80 {
        phone.pass(&ran, &path, second * SECOND).unwrap();
        if failed(&phone) {
            break;
        }
    }
    assert!(phone.truths().is_empty(), "nothing is logged while it is connected");
    let truths = phone.failures().to_vec();
    let truth = truths.iter().find(|f| f.kind == lte::ConnectionFailureType::Hof).unwrap();
    let fetched = collector.fetch(&mut phone).unwrap();
    let report = fetched
        .failures
        .iter()
        .find(|report| report.r10.as_ref().and_then(|r10| r10.failure_type) == Some(lte::ConnectionFailureType::Hof));
    let (report, r10) = (report.unwrap(), report.unwrap().r10.as_ref().unwrap());
    let cell = |cell| lte::Ecgi { plmn: home(), cell };
    assert_eq!(r10.failed_cell, Some(lte::FailedCell::Global(cell(0x201))));
    assert_eq!(r10.previous_cell, Some(cell(0x101)));
    assert_eq!(r10.reestablishment_cell, truth.reestablished.map(|_| cell(0x101)));
    assert_eq!(r10.time_conn_failure_100ms, Some(5));
    assert_eq!((report.last_serving.rsrp, report.last_serving.rsrq.unwrap()), truth.last.lte());
    assert!(r10.location.is_some() && report.r11.is_none());
}

#[test]
fn a_link_lost_in_the_tunnel_is_reported_and_the_phone_is_idle_then() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = collector.phone(Settings::default());
    let path = going(1250.0, 10.0);
    phone.pass(&ran, &path, SECOND).unwrap();
    assert!(phone.connect());
    phone.pass(&ran, &path, 25 * SECOND).unwrap();
    assert!(!phone.is_connected() && phone.serving().is_none());
    // Reports of failures need no job. They are fetched where the phone has a network again.
    let fetched = collector.fetch(&mut phone).unwrap();
    let [report] = &fetched.failures[..] else { panic!("{}", fetched.failures.len()) };
    let r10 = report.r10.as_ref().unwrap();
    assert_eq!(r10.failure_type, Some(lte::ConnectionFailureType::Rlf));
    assert_eq!((r10.reestablishment_cell, r10.time_conn_failure_100ms, r10.location.is_none()), (None, None, true));
    let cause = report.r11.as_ref().and_then(|r11| r11.basic).map(|basic| basic.cause);
    assert_eq!(cause, Some(lte::RlfCause::T310Expiry));
    assert!(phone.flash().image().is_empty());
    // A user who clears takes such reports too.
    let mut phone = collector.phone(Settings::default());
    phone.pass(&ran, &path, SECOND).unwrap();
    assert!(phone.connect());
    phone.pass(&ran, &path, 25 * SECOND).unwrap();
    assert_eq!(phone.overview().status.reports, 1);
    phone.wish(Wish::Clear).unwrap();
    assert!(phone.flash().image().is_empty() && collector.fetch(&mut phone).is_none());
}

#[test]
fn a_job_is_not_taken_without_coverage_nor_for_an_unknown_collector() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = collector.phone(Settings::default());
    let inside = going(1600.0, 0.0);
    phone.pass(&ran, &inside, SECOND).unwrap();
    assert_eq!(phone.receive(&job(|_| ()), &ran, &inside), Err(NotTaken::NoCoverage));
    let path = going(100.0, 0.0);
    phone.pass(&ran, &path, 2 * SECOND).unwrap();
    assert_eq!(phone.receive(&job(|told| told.trace.tce_id = 2), &ran, &path), Err(NotTaken::UnknownCollector));
    assert!(matches!(phone.receive(&[0x50], &ran, &path), Err(NotTaken::Malformed(_))));
    assert_eq!(phone.overview().phase, Phase::Idle);
}

/// A receipt that another signed, or that was altered, deletes nothing; nor does one for what the phone does not have.
#[test]
fn a_phone_deletes_for_a_receipt_of_its_collector_alone() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = standing(&collector, &ran, &job(|_| ()));
    let path = going(100.0, 0.0);
    phone.pass(&ran, &path, 30 * SECOND).unwrap();
    let offered = phone.offer().unwrap();
    let [one] = &offered[..] else { panic!("{offered:?}") };
    for receipt in collector.receipts_of_others(one) {
        let before = phone.flash().image();
        assert!(phone.receipt(&receipt).is_err());
        assert!(phone.flash().image() == before);
    }
    assert!(phone.overview().available);
    assert_eq!(collector.fetch(&mut phone).unwrap().heads.len(), 1);
    assert!(phone.flash().image().is_empty());
}

#[test]
fn a_new_job_finds_nothing_of_the_old_log() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = standing(&collector, &ran, &job(|_| ()));
    let path = going(100.0, 0.0);
    phone.pass(&ran, &path, 30 * SECOND).unwrap();
    phone.receive(&job(|told| told.interval = lte::LoggingInterval::Ms2560), &ran, &path).unwrap();
    assert!(phone.flash().image().is_empty());
    phone.pass(&ran, &path, 60 * SECOND).unwrap();
    let fetched = collector.fetch(&mut phone).unwrap();
    // 30 s in intervals of 2.56 s.
    assert_eq!((fetched.entries.len(), fetched.entries[0].relative_time_s), (11, 2));
}
