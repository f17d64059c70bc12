//! The whole phone side over storage in memory, and the collector at the other end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt_log::log::{Delivery, Profile, SealedLog};
use mdt_log::machine::{Camping, Event, KEEP_MS, Phase, Radio};
use mdt_log::open::{CollectorPrivateKey, End, open_report, open_segment, unlock};
use mdt_log::*;
use support::phone::*;
use support::{Collector, NOW_S, TCE, TestRng, job};

const SECOND: u64 = 1000;
const OTHER_BOOT: BootId = BootId([2; 16]);

/// Relative times of all that opens, and how each segment ends.
fn open_all(phone: &mut Phone, collector: &Collector, uploaded: &Uploaded) -> (Vec<u16>, Vec<End>) {
    let (mut seen, mut ends) = (vec![], vec![]);
    for segment in &uploaded.order {
        let (epoch, octets) = uploaded.whole(*segment);
        let message = phone.agent.upload().unwrap().unlock(epoch, &collector.list.keys[1]).unwrap();
        let epoch = unlock(&message, &collector.private).unwrap();
        if SegmentHead::parse(&octets).is_err() {
            open_report(&octets, &collector.private, &epoch, |_, record| assert_eq!(record.content, b"failure"))
                .unwrap();
            continue;
        }
        let verdict = open_segment(&octets, &collector.private, &epoch, |record| {
            let time = u16::from_be_bytes(record.content[38..].try_into().unwrap());
            assert_eq!(record.content, entry(time));
            seen.push(time);
        })
        .unwrap();
        assert_eq!(verdict.findings, []);
        ends.push(verdict.end);
    }
    (seen, ends)
}

fn times(phone: &Phone) -> Vec<u16> {
    phone.logged.iter().map(|(at, _)| *at).collect()
}

/// Every octet that lies on the phone, whatever key is applied to it.
fn image(disk: &Shared) -> Vec<Vec<u8>> {
    disk.0.borrow().files.values().map(|f| f.octets.clone()).collect()
}

#[test]
fn b2_what_was_logged_arrives_once_in_order() {
    let collector = Collector::new();
    let mut phone = Phone::start(&collector);
    phone.event(configure(1280, 600));
    phone.pass(600 * SECOND);
    assert_eq!((phone.logged.len(), phone.agent.overview().phase), (468, Phase::Kept));
    let uploaded = phone.upload().unwrap();
    let (seen, ends) = open_all(&mut phone, &collector, &uploaded);
    assert_eq!(seen, times(&phone));
    assert_eq!(ends, [End::Closed(CloseReason::DurationOver)]);
    let epoch = uploaded.epochs[0];
    let Ok(Delivery::Delivered(submissions)) = phone.agent.received(&uploaded.receipt(&collector, epoch)) else {
        panic!()
    };
    // The token is the one that the head committed to.
    let head = SegmentHead::parse(&uploaded.whole(uploaded.order[0]).1).unwrap().head;
    assert_eq!(submissions[0].token.commitment(), head.erasure);
    assert_eq!((phone.segments(), phone.agent.overview().phase), (0, Phase::Idle));
}

#[test]
fn b1_a_new_configuration_finds_nothing_of_the_old_log() {
    let collector = Collector::new();
    let mut phone = Phone::start(&collector);
    phone.event(configure(1280, 600));
    phone.pass(60 * SECOND);
    phone.agent.report(Kind::RadioLinkFailure, &mut b"failure".to_vec(), &report_facts(), TCE).unwrap();
    assert_eq!(phone.segments(), 2);
    phone.event(configure(2560, 600));
    assert_eq!(phone.segments(), 1, "the old log is gone before the first new entry, the report stays");
    phone.logged.clear();
    phone.pass(60 * SECOND);
    let uploaded = phone.upload().unwrap();
    assert_eq!(open_all(&mut phone, &collector, &uploaded).0, times(&phone));
}

fn report_facts() -> ReportFacts {
    ReportFacts { content: Content::NrUper, consent: vec![] }
}

#[test]
fn b3_48_hours_after_the_job_the_log_is_gone() {
    let collector = Collector::new();
    let mut phone = Phone::start(&collector);
    phone.event(configure(5120, 600));
    phone.pass(600 * SECOND);
    phone = phone.restart(&collector, BOOT, 0);
    phone.event(Event::Radio(camped()));
    phone.pass(KEEP_MS - SECOND);
    assert_eq!(phone.segments(), 1);
    phone.pass(SECOND);
    assert_eq!((phone.segments(), phone.agent.overview().phase), (0, Phase::Idle));
    // While the program did not run, and under a clock that was set back.
    for set in [KEEP_MS + 700 * SECOND, 5] {
        let mut phone = Phone::start(&collector);
        phone.event(configure(5120, 600));
        phone.pass(600 * SECOND);
        phone.now_ms = set;
        if set == 5 {
            phone.event(Event::Tick);
        }
        let phone = phone.restart(&collector, BOOT, 0);
        assert_eq!(phone.segments(), 0);
    }
}

#[test]
fn b4_power_off_and_detach_leave_an_empty_store() {
    let collector = Collector::new();
    for event in [Event::PowerOff, Event::Detach] {
        let mut phone = logging(&collector);
        phone.event(event);
        assert_eq!((phone.segments(), phone.agent.overview().phase), (0, Phase::Idle));
        assert_eq!(phone.restart(&collector, OTHER_BOOT, 0).segments(), 0);
    }
    // The battery was taken out: nobody could say so.
    let phone = logging(&collector).restart(&collector, OTHER_BOOT, 0);
    assert!(phone.recovery.booted);
    assert_eq!((phone.segments(), phone.agent.overview().phase), (0, Phase::Idle));
}

/// Some entries and a report.
fn logging(collector: &Collector) -> Phone {
    let mut phone = Phone::start(collector);
    phone.event(configure(1280, 600));
    phone.pass(60 * SECOND);
    phone.agent.report(Kind::ConnectionFailure, &mut b"failure".to_vec(), &report_facts(), TCE).unwrap();
    assert_eq!((phone.logged.len(), phone.segments()), (46, 2));
    phone
}

#[test]
fn b5_when_the_memory_is_full_the_oldest_stay() {
    let collector = Collector::new();
    let mut phone = Phone::start(&collector);
    phone.event(configure(320, 7200));
    phone.pass(7200 * SECOND);
    let logged = times(&phone);
    assert!(logged.len() * 40 >= 64 << 10, "64 KiB of entries fit: {}", logged.len() * 40);
    assert_eq!(phone.agent.overview().phase, Phase::Kept);
    assert!(phone.agent.overview().available);
    assert!(phone.agent.overview().status.octets <= Profile::STANDARD.log_octets);
    let uploaded = phone.upload().unwrap();
    let (seen, ends) = open_all(&mut phone, &collector, &uploaded);
    assert_eq!((seen[0], &seen), (0, &logged));
    assert_eq!(ends, [End::Closed(CloseReason::SegmentFull), End::Closed(CloseReason::MemoryFull)]);
    // The same when it is the storage that has no room.
    let mut phone = Phone::start(&collector);
    phone.disk.0.borrow_mut().room = Some(20_000);
    phone.event(configure(1280, 7200));
    phone.pass(7200 * SECOND);
    assert_eq!(phone.agent.overview().phase, Phase::Kept);
    let uploaded = phone.upload().unwrap();
    assert_eq!(open_all(&mut phone, &collector, &uploaded).0, times(&phone));
}

#[test]
fn both_profiles_hold_what_the_standard_asks_for() {
    // TS 38.306 clause 4.2.18: 64 KiB and 16 KiB of entries. The shortest that E-UTRA knows are 10 octets.
    let collector = Collector::new();
    for (profile, wanted) in [(Profile::STANDARD, 64 << 10), (Profile::REDUCED, 16 << 10)] {
        for octets in [10, 15, 18, 26, 31, 40, 50, 63, 114, 400, 1200] {
            let disk = Shared::default();
            let mut log = SealedLog::open(disk.clone(), disk, TestRng::new(1), profile, BOOT).unwrap().0;
            log.begin(&support::facts(0), collector.list.keys[1].clone());
            let mut held = 0;
            while log.append(Kind::Entry, &vec![1; octets]).is_ok() {
                held += octets;
            }
            assert!(held >= wanted, "{held} octets in entries of {octets}, {wanted} wanted");
            assert!(log.status().octets <= profile.log_octets);
            assert!(log.append(Kind::Entry, &vec![1; octets]) == Err(log::LogError::Full));
        }
    }
}

#[test]
fn b6_no_report_outside_the_list() {
    let collector = Collector::new();
    let mut phone = logging(&collector);
    phone.event(Event::Radio(Radio { rplmn: Some(OTHER_PLMN), ..camped() }));
    assert!(!phone.agent.overview().available);
    assert!(phone.upload().is_none());
    phone.event(Event::Radio(camped()));
    assert!(phone.upload().is_some());
}

#[test]
fn b8_a_report_in_pieces_is_kept_until_the_receipt() {
    let collector = Collector::new();
    let mut phone = logging(&collector);
    let first = phone.upload().unwrap();
    assert!(first.parts.values().any(|(_, parts)| parts.len() > 3), "several pieces");
    // Killed before the receipt: the same again, and the collector has it once.
    phone = phone.restart(&collector, BOOT, 0);
    phone.event(Event::Radio(camped()));
    let mut second = phone.upload().unwrap();
    assert_eq!(first.order, second.order);
    for (segment, (epoch, parts)) in first.parts {
        assert_eq!(second.whole(segment), (epoch, parts.values().flatten().copied().collect()));
        second.parts.get_mut(&segment).unwrap().1.extend(parts);
    }
    let (seen, _) = open_all(&mut phone, &collector, &second);
    assert_eq!(seen.len(), 46);
    // A receipt for less than the whole frees nothing; one that somebody else signed is none.
    let epoch = second.epochs[0];
    let mut receipt = second.receipt(&collector, epoch);
    receipt.received[0].octets -= 1;
    phone.agent.received(&receipt).ok().unwrap();
    assert_eq!(phone.segments(), 2);
    // Logging goes on meanwhile, under a new epoch, and is not touched by the receipt.
    phone.pass(20 * SECOND);
    assert_eq!(phone.segments(), 3);
    for epoch in &second.epochs {
        phone.agent.received(&second.receipt(&collector, *epoch)).ok().unwrap();
    }
    assert_eq!(phone.segments(), 1);
    let third = phone.upload().unwrap();
    assert!(!third.epochs.contains(&epoch));
    assert_eq!(open_all(&mut phone, &collector, &third).0, times(&phone));
    // The same receipt again: what it names is not here any more, and only the tokens come back.
    let again = phone.agent.received(&second.receipt(&collector, epoch)).ok().unwrap();
    assert!(matches!(again, Delivery::ClearedMeanwhile(named) if named.len() == 1));
}

#[test]
fn b13_clear_at_any_time_is_the_same() {
    let collector = Collector::new();
    // When empty, and twice.
    let mut phone = Phone::start(&collector);
    phone.event(Event::Clear);
    phone.event(Event::Clear);
    assert_eq!((phone.segments(), phone.agent.overview().phase), (0, Phase::Idle));
    // While logging: the job stays, what comes after is under a new epoch and opens.
    let mut phone = logging(&collector);
    phone.event(Event::Clear);
    phone.event(Event::Clear);
    assert_eq!((phone.segments(), phone.agent.overview().phase), (0, Phase::Logging));
    phone.logged.clear();
    phone.pass(10 * SECOND);
    let uploaded = phone.upload().unwrap();
    assert_eq!(open_all(&mut phone, &collector, &uploaded).0, times(&phone));
    // During that upload: nothing is left; the receipt of what had arrived gives the tokens to erase it there.
    phone.event(Event::Clear);
    assert_eq!(phone.segments(), 0);
    let receipt = uploaded.receipt(&collector, uploaded.epochs[0]);
    let Ok(Delivery::ClearedMeanwhile(named)) = phone.agent.received(&receipt) else { panic!() };
    let head = SegmentHead::parse(&uploaded.whole(named[0].segment).1).unwrap().head;
    assert_eq!(named[0].token.commitment(), head.erasure);
}

#[test]
fn b13_t14_a_clear_that_a_crash_interrupts_is_finished_or_never_began() {
    let collector = Collector::new();
    for event in [Event::Clear, Event::OptOut] {
        for budget in 0..5 {
            let mut phone = logging(&collector);
            phone.disk.0.borrow_mut().budget = Some(budget);
            let done = phone.agent.event(event.clone(), phone.now_ms).is_ok();
            let phone = phone.restart(&collector, BOOT, 0);
            if done || budget > 0 {
                assert_eq!(phone.segments(), 0, "after {budget} operations the key was gone: so is the rest");
                assert_eq!(phone.agent.overview().phase == Phase::OptedOut, event == Event::OptOut);
            } else {
                assert_eq!(phone.segments(), 2, "nothing was done, and the caller was told so");
            }
        }
    }
}

#[test]
fn b14_after_a_clear_the_image_and_the_collectors_key_open_nothing() {
    let collector = Collector::new();
    let mut phone = logging(&collector);
    let before = image(&phone.disk);
    phone.event(Event::Clear);
    phone.pass(10 * SECOND);
    // All secrets that are on the phone now, and everything that ever lay in its storage.
    let uploaded = phone.upload().unwrap();
    let message = phone.agent.upload().unwrap().unlock(uploaded.epochs[0], &collector.list.keys[1]).unwrap();
    let epoch = unlock(&message, &collector.private).unwrap();
    for octets in before {
        assert!(open_segment(&octets, &collector.private, &epoch, |_| panic!("opened")).is_err());
        assert!(open_report(&octets, &collector.private, &epoch, |_, _| panic!("opened")).is_err());
    }
}

#[test]
fn t1_nothing_on_the_phone_shows_an_entry() {
    let collector = Collector::new();
    let phone = logging(&collector);
    let vault = phone.disk.0.borrow().vault.clone().unwrap();
    for octets in image(&phone.disk).iter().chain([&vault]) {
        for canary in [&b"CANARY"[..], b"51.5074", b"234f15", b"failure"] {
            assert!(!octets.windows(canary.len()).any(|w| w == canary));
        }
    }
}

#[test]
fn t6_all_secrets_of_a_stolen_phone_open_nothing() {
    // The vault has the epoch key and storage the octets; without the collector's private key that is nothing.
    let collector = Collector::new();
    let mut phone = logging(&collector);
    let uploaded = phone.upload().unwrap();
    let epoch = uploaded.epochs[0];
    let message = phone.agent.upload().unwrap().unlock(epoch, &collector.list.keys[1]).unwrap();
    let epoch = unlock(&message, &collector.private).unwrap();
    let ids: Vec<_> = collector.private.iter().map(|key| (key.id(), key.suite())).collect();
    let guessed: Vec<_> =
        ids.into_iter().map(|(id, suite)| CollectorPrivateKey::generate(id, suite, &mut TestRng::new(77)).0).collect();
    for segment in &uploaded.order {
        let octets = uploaded.whole(*segment).1;
        assert!(open_segment(&octets, &guessed, &epoch, |_| panic!("opened")).is_err());
    }
}

#[test]
fn t15_files_that_a_backup_brings_back_are_removed() {
    let collector = Collector::new();
    let mut phone = logging(&collector);
    let files = phone.disk.0.borrow().files.clone();
    phone.event(Event::Clear);
    phone.disk.0.borrow_mut().files = files;
    let phone = phone.restart(&collector, BOOT, 0);
    assert_eq!((phone.segments(), phone.recovery.kept, phone.recovery.erased), (0, 0, 2));
}

/// What the register is told by outlives job, log, clear, opt-out and boot; a later job that brings none does not take it away.
#[test]
fn b15_the_evidence_of_consent_waits_for_an_opt_out() {
    let collector = Collector::new();
    let mut phone = Phone::start(&collector);
    assert_eq!(phone.agent.consent_reference(), None);
    let with = |consent: &[u8]| {
        let mut event = configure(1280, 600);
        let Event::Configure(configuration) = &mut event else { unreachable!() };
        configuration.consent = consent.to_vec();
        event
    };
    phone.event(with(b"first"));
    phone.event(with(b"second"));
    phone.event(with(b""));
    phone.pass(700 * SECOND);
    phone.event(Event::Clear);
    assert_eq!(phone.agent.consent_reference(), Some(&b"second"[..]));
    let mut phone = phone.restart(&collector, OTHER_BOOT, 0);
    phone.event(Event::OptOut);
    let phone = phone.restart(&collector, BOOT, 0);
    assert_eq!(
        (phone.agent.consent_reference(), phone.asked.as_slice()),
        (Some(&b"second"[..]), &[Request::TellRegister][..])
    );
}

#[test]
fn b15_opt_out_is_at_once_and_for_good() {
    let collector = Collector::new();
    let mut phone = logging(&collector);
    phone.event(Event::OptOut);
    assert_eq!(phone.asked, [Request::TellRegister]);
    let count = phone.logged.len();
    phone.pass(700 * SECOND);
    assert_eq!((phone.segments(), phone.logged.len()), (0, count));
    phone.event(configure(1280, 600));
    assert_eq!(phone.asked.pop(), Some(Request::RefusedOptedOut));
    let refused = phone.agent.report(Kind::RadioLinkFailure, &mut b"failure".to_vec(), &report_facts(), TCE);
    assert_eq!((refused, phone.segments()), (Ok(false), 0));
    // Through a crash and a boot, and the register is told until it knows.
    let mut phone = phone.restart(&collector, BOOT, 0).restart(&collector, OTHER_BOOT, 0);
    assert_eq!((phone.agent.overview().phase, phone.asked.as_slice()), (Phase::OptedOut, &[Request::TellRegister][..]));
    phone.event(Event::RegisterTold);
    let mut phone = phone.restart(&collector, OTHER_BOOT, 0);
    assert_eq!((phone.agent.overview().phase, phone.asked.as_slice()), (Phase::OptedOut, &[][..]));
    // The user alone lifts it.
    phone.event(Event::OptIn);
    phone.event(Event::Radio(camped()));
    phone.event(configure(1280, 600));
    assert_eq!(phone.agent.overview().phase, Phase::Logging);
}

#[test]
fn a_vault_that_cannot_be_read_is_an_opt_out_that_nobody_is_told_of() {
    let collector = Collector::new();
    let mut phone = logging(&collector);
    phone.event(Event::OptOut);
    let record = phone.disk.0.borrow().vault.clone().unwrap();
    for octets in [record[..20].to_vec(), vec![], b"MDTV\x02".to_vec()] {
        phone.disk.0.borrow_mut().vault = Some(octets);
        phone = phone.restart(&collector, BOOT, 0);
        assert!(phone.recovery.unreadable);
        assert_eq!((phone.agent.overview().phase, phone.asked.as_slice()), (Phase::OptedOut, &[][..]));
    }
    phone.event(Event::OptIn);
    assert_eq!(phone.agent.overview().phase, Phase::Idle);
}

#[test]
fn b17_a_pause_outlives_a_boot_and_never_gets_shorter() {
    let collector = Collector::new();
    let mut phone = logging(&collector);
    phone.event(Event::Pause(24 * 3600 * SECOND));
    let mut phone = phone.restart(&collector, OTHER_BOOT, 0);
    assert_eq!(phone.agent.overview().paused_until_ms, Some(500 + 24 * 3600 * SECOND));
    phone.event(Event::Radio(camped()));
    phone.event(configure(1280, 600));
    phone.pass(600 * SECOND);
    assert_eq!((phone.logged.len(), phone.agent.overview().phase), (0, Phase::Idle));
    phone.pass(24 * 3600 * SECOND);
    phone.event(configure(1280, 600));
    phone.pass(600 * SECOND);
    assert_eq!(phone.logged.len(), 468, "it resumes alone");
    assert_eq!(phone.asked, []);
}

#[test]
fn a_crash_goes_on_in_a_new_segment_under_new_keys() {
    let collector = Collector::new();
    let phone = logging(&collector);
    let (first, logged) = (times(&phone), phone.logged.clone());
    let mut phone = phone.restart(&collector, BOOT, 0);
    phone.logged = logged;
    phone.event(Event::Radio(Radio { camping: Camping::Normally, ..camped() }));
    phone.pass(30 * SECOND);
    assert!(phone.logged.len() > first.len());
    let uploaded = phone.upload().unwrap();
    let numbers: Vec<u32> = uploaded
        .order
        .iter()
        .filter_map(|s| SegmentHead::parse(&uploaded.whole(*s).1).ok().map(|parsed| parsed.head.number))
        .collect();
    assert_eq!(numbers, [0, 1]);
    let (seen, ends) = open_all(&mut phone, &collector, &uploaded);
    assert_eq!((seen, ends), (times(&phone), vec![End::Open, End::Closed(CloseReason::Upload)]));
}

#[test]
fn t11_a_job_for_a_collector_that_the_list_does_not_know_is_refused() {
    let collector = Collector::new();
    let mut phone = Phone::start(&collector);
    let mut rogue = configuration(1280, 600);
    rogue.job = JobReference { tce_id: 66, ..job() };
    phone.event(Event::Configure(Box::new(rogue)));
    assert_eq!(
        (phone.asked.as_slice(), phone.agent.overview().phase),
        (&[Request::RefusedUnknownCollector][..], Phase::Idle)
    );
    // So is any when the list has expired.
    phone.agent.renew(collector.list.clone(), NOW_S + 86_400);
    phone.event(configure(1280, 600));
    assert_eq!(phone.asked.len(), 2);
}

#[test]
fn an_entry_that_nobody_asked_for_is_not_logged() {
    let collector = Collector::new();
    let mut phone = logging(&collector);
    let mut content = entry(9);
    assert_eq!(phone.agent.entry(&mut content, true), Ok(false));
    assert!(content.iter().all(|octet| *octet == 0));
}

#[test]
fn of_radio_link_failures_the_latest_stays_of_others_as_many_as_fit() {
    let collector = Collector::new();
    let mut phone = Phone::start(&collector);
    for _ in 0..3 {
        assert_eq!(
            phone.agent.report(Kind::RadioLinkFailure, &mut b"failure".to_vec(), &report_facts(), TCE),
            Ok(true)
        );
        assert_eq!(phone.segments(), 1);
    }
    for _ in 0..20 {
        phone.agent.report(Kind::ConnectionFailure, &mut b"failure".to_vec(), &report_facts(), TCE).unwrap();
    }
    assert_eq!(phone.segments(), Profile::STANDARD.reports);
    // Alone, they are uploaded anywhere; and they go after 48 hours.
    let uploaded = phone.upload().unwrap();
    assert_eq!(uploaded.order.len(), Profile::STANDARD.reports);
    open_all(&mut phone, &collector, &uploaded);
    phone.pass(KEEP_MS);
    assert_eq!(phone.segments(), 0);
}

/// Crashes and restarts of the test below; the acceptance list asks for a million: `MDT_LOG_CRASHES=1000000 cargo test --release -p mdt-log
/// --test agent b35`.
fn crashes() -> u64 {
    std::env::var("MDT_LOG_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000)
}

/// Power fails between records and within them, at any octet, again and again over one vault and one epoch key: no key seals twice.
#[test]
fn b35_no_key_is_used_twice_through_crashes() {
    // The plaintext is always the same and so is the nonce: what is sealed begins alike exactly if the key was the same. What is
    // authenticated beside it differs from segment to segment, so that the tag alone would not tell.
    let collector = Collector::new();
    let disk = Shared::default();
    let mut seen = std::collections::HashSet::<[u8; 16]>::new();
    for start in 0..crashes() {
        let ports = (disk.clone(), disk.clone(), TestRng::new(start));
        let mut log = SealedLog::open(ports.0, ports.1, ports.2, Profile::STANDARD, BOOT).unwrap().0;
        log.begin(&support::facts(0), collector.list.keys[0].clone());
        if start % 2 == 1 {
            // In the middle of a write: of the head, of any record.
            disk.0.borrow_mut().budget = Some((start % 701) as usize);
        }
        for _ in 0..1 + start % 3 {
            if log.append(Kind::Entry, b"always the same").is_err() {
                break;
            }
        }
        // Of what was not durable any part is left.
        disk.0.borrow_mut().crash((start % 709) as usize);
        for file in disk.0.borrow().files.values() {
            let Ok(parsed) = SegmentHead::parse(&file.octets) else { continue };
            for sealed in Frames::new(parsed.records) {
                assert!(seen.insert(sealed[..16].try_into().unwrap()), "start {start}");
            }
        }
        disk.0.borrow_mut().files.clear();
    }
    assert!(seen.len() as u64 > crashes() / 2, "{}", seen.len());
}
