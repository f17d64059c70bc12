//! The station under a clock that is moved by hand.

use super::scene::{Bench, CONSENT, START_MS, by_start, files, found, job};
use mdt_agent::job::hex;
use mdt_agent::station::{Errand, NotTaken, Outcome, Wish};
use mdt_log::BootId;
use mdt_log::machine::{KEEP_MS, Phase};
use sha2::{Digest as _, Sha256};

/// The job's duration, ms.
const DURATION_MS: u64 = 3_600_000;

#[test]
fn what_was_seen_is_sealed_opens_at_the_collector_and_goes_for_a_receipt_alone() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    bench.driven(&mut phone, "000001", 30);
    let errand = phone.errand(true).unwrap().unwrap();
    // A receipt of another key, of other octets, and none at all delete nothing.
    let mut wrong = bench.keys.receipt(&errand, bench.clock.now_s());
    let Outcome::Receipt(octets) = &mut wrong else { panic!("no receipt") };
    octets[20] ^= 1;
    assert!(phone.settle(&errand, &wrong).is_err() && phone.settle(&errand, &Outcome::Told).is_err());
    let Errand::Segment { segment, octets, unlock } = &errand else { panic!("no segment") };
    let other =
        Errand::Segment { segment: *segment, octets: octets[..octets.len() - 1].to_vec(), unlock: unlock.clone() };
    assert!(phone.settle(&errand, &bench.keys.receipt(&other, bench.clock.now_s())).is_err());
    assert_eq!(bench.sealed(), 1);
    let entries = bench.fetch(&mut phone);
    // One at each interval, with the cell and the place of its own record.
    assert_eq!(entries.len(), 30);
    for (entry, at) in entries.iter().zip(1_u32..) {
        let serving = entry.serving.unwrap();
        assert_eq!((serving.cell.cell, serving.cell.plmn), (0xA1B_2000 + u64::from(at), [0x99, 0xF9, 0x77]));
        assert!(serving.results.rsrp == Some(40) && entry.location.as_ref().unwrap()[0] == 0x10);
        assert_eq!(u32::from(entry.relative_s), at * 1280 / 1000);
    }
    assert_eq!(bench.sealed(), 0);
    assert_eq!(phone.status().segments, 0);
}

/// T1: whoever reads every file of the agent finds neither place nor cell, in whatever form.
#[test]
fn t1_no_file_tells_where_anybody_was() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    bench.driven(&mut phone, "000001", 120);
    phone.flush().unwrap();
    let (log, secrets) = (files(&bench.state()), files(&bench.secrets()));
    assert!(log.iter().map(|(_, octets)| octets.len()).sum::<usize>() > 120 * 48);
    assert!(!secrets.is_empty());
    let all = by_start(0..=120);
    for (path, octets) in log.iter().chain(&secrets) {
        assert_eq!(found(octets, &all), Vec::<&[u8]>::new(), "{}", path.display());
    }
    // They would be found if they were there.
    let seventh = by_start(7..=7);
    let drive = std::fs::read(bench.folder.path().join("drive.jsonl")).unwrap();
    assert!(found(&drive, &seventh).len() >= 2);
    let entry = bench.fetch(&mut phone)[6].encode();
    assert!(found(&entry, &seventh).len() >= 2);
}

/// B3, T22: 48 hours after the job's end the log is gone, whatever the date is set to.
#[test]
fn b3_t22_the_log_goes_48_hours_after_the_job_whatever_the_date_says() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    bench.driven(&mut phone, "000001", 20);
    bench.clock.hold(START_MS + DURATION_MS);
    phone.pass().unwrap();
    assert_eq!((phone.phase(), bench.sealed()), (Phase::Kept, 1));
    // The date goes back a year.
    bench.clock.set_date(bench.clock.now_s() - 365 * 86_400);
    bench.clock.hold(START_MS + DURATION_MS + KEEP_MS - 1);
    phone.pass().unwrap();
    assert_eq!((phone.phase(), bench.sealed()), (Phase::Kept, 1));
    // The program is away when the time comes.
    drop(phone);
    bench.clock.hold(START_MS + DURATION_MS + KEEP_MS);
    let phone = bench.start(1);
    assert_eq!((phone.phase(), bench.sealed()), (Phase::Idle, 0));
}

/// B3, B4, T22: after a boot, or where nobody knows which boot it is, the log is gone; the job is not taken again.
#[test]
fn a_boot_leaves_nothing_of_the_log() {
    for boot in [Some(BootId([2; 16])), None] {
        let bench = Bench::new();
        let mut phone = bench.start(1);
        bench.driven(&mut phone, "000001", 20);
        drop(phone);
        let phone = bench.start(1);
        assert_eq!((phone.phase(), bench.sealed()), (Phase::Logging, 1), "a restart alone changes nothing");
        drop(phone);
        let mut phone = bench.start_in(boot);
        assert_eq!((phone.phase(), bench.sealed()), (Phase::Idle, 0));
        let mut drive = bench.drive(1);
        let sighting = drive.see(bench.clock.now_ms()).unwrap();
        phone.see(&sighting).unwrap();
        assert!(matches!(phone.take(&job("000001"), &sighting), Err(NotTaken::Before)));
        phone.take(&job("000002"), &sighting).unwrap();
    }
}

/// T15: a backup brings the log back, but not the key file of then.
#[test]
fn t15_files_of_a_backup_are_removed() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    bench.driven(&mut phone, "000001", 20);
    phone.flush().unwrap();
    let backup = files(&bench.state().join("log"));
    phone.wish(Wish::Clear).unwrap();
    assert_eq!(bench.sealed(), 0);
    drop(phone);
    for (path, octets) in &backup {
        std::fs::write(path, octets).unwrap();
    }
    assert_eq!(bench.sealed(), 1);
    let mut phone = bench.start(1);
    assert_eq!(bench.sealed(), 0);
    assert!(bench.fetch(&mut phone).is_empty());
}

/// B13: a clear at any time is the same; the job goes on under another key.
#[test]
fn b13_a_clear_leaves_the_job_and_nothing_of_the_log() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    phone.wish(Wish::Clear).unwrap();
    bench.driven(&mut phone, "000001", 20);
    phone.wish(Wish::Clear).unwrap();
    phone.wish(Wish::Clear).unwrap();
    assert_eq!((phone.phase(), bench.sealed(), phone.status().segments), (Phase::Logging, 0, 0));
    let mut drive = bench.drive(5);
    bench.go(&mut phone, &mut drive);
    assert_eq!(bench.fetch(&mut phone).len(), 5);
    // A receipt that comes after a clear: what reached the collector is to be erased there.
    let mut drive = bench.drive(5);
    bench.go(&mut phone, &mut drive);
    let errand = phone.errand(true).unwrap().unwrap();
    phone.wish(Wish::Clear).unwrap();
    phone.settle(&errand, &bench.keys.receipt(&errand, bench.clock.now_s())).unwrap();
    let Some(Errand::Erase(_, token)) = phone.errand(true).unwrap() else { panic!("no erasure") };
    let erase = phone.errand(true).unwrap().unwrap();
    let receipt = |of: &[u8]| {
        let commitment = Sha256::digest(of).into();
        Outcome::Receipt(bench.keys.signer.sign_erasure(commitment, bench.clock.now_s(), 5).unwrap())
    };
    assert!(phone.settle(&erase, &receipt(b"another token")).is_err());
    phone.settle(&erase, &receipt(&token)).unwrap();
    assert!(phone.errand(true).unwrap().is_none());
}

/// B15: offline, at once, for good, through restart and boot; the register hears of it at the next contact, the collector erases.
#[test]
fn b15_an_opt_out_is_durable_refuses_jobs_and_is_told() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    bench.driven(&mut phone, "000001", 20);
    assert_eq!(bench.fetch(&mut phone).len(), 20);
    let mut drive = bench.drive(9);
    bench.go(&mut phone, &mut drive);
    phone.wish(Wish::OptOut).unwrap();
    assert_eq!((phone.phase(), bench.sealed()), (Phase::OptedOut, 0));
    for boot in [1, 2] {
        drop(phone);
        phone = bench.start(boot);
        assert_eq!(phone.phase(), Phase::OptedOut);
        let status = phone.status();
        assert!(status.register_waits && status.erasures_wait == 1 && status.job.is_none());
        let mut drive = bench.drive(3);
        let sighting = drive.see(bench.clock.now_ms()).unwrap();
        phone.see(&sighting).unwrap();
        for trace_id in ["000001", "000002"] {
            assert!(matches!(phone.take(&job(trace_id), &sighting), Err(NotTaken::OptedOut)));
        }
        bench.go(&mut phone, &mut drive);
        assert_eq!((bench.sealed(), phone.status().records), (0, 0));
    }
    let told = phone.errand(true).unwrap().unwrap();
    assert!(matches!(&told, Errand::OptOut(reference) if *reference == hex(CONSENT).unwrap()));
    phone.settle(&told, &Outcome::Told).unwrap();
    assert!(matches!(phone.errand(false).unwrap(), Some(Errand::Erase(..))));
    drop(phone);
    let phone = bench.start(2);
    assert!(!phone.status().register_waits && phone.phase() == Phase::OptedOut);
}

/// B17: nothing for a day, then it goes on by itself, and nobody hears of an opt-out.
#[test]
fn b17_a_pause_ends_by_itself_and_is_no_opt_out() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    bench.driven(&mut phone, "000001", 3);
    phone.wish(Wish::Pause(1_000_000)).unwrap();
    assert_eq!(phone.status().paused_s, Some(1000));
    let mut drive = bench.drive(100);
    bench.go(&mut phone, &mut drive);
    assert_eq!(phone.status().records, 3);
    drop(phone);
    let mut phone = bench.start(1);
    assert!(phone.status().paused_s.is_some(), "a restart does not end it");
    bench.advance(1_000_000);
    phone.pass().unwrap();
    assert_eq!(phone.status().paused_s, None);
    let mut drive = bench.drive(4);
    bench.go(&mut phone, &mut drive);
    assert_eq!(phone.status().records, 4);
    assert!(!phone.status().register_waits);
    phone.wish(Wish::Pause(60_000)).unwrap();
    phone.wish(Wish::Resume).unwrap();
    assert_eq!(phone.status().paused_s, None);
}

/// T11: a job whose collection entity the key list does not have, and any job without a list.
#[test]
fn a_job_for_nobody_who_has_a_key_is_refused_and_may_come_again() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    phone.renew(mdt_agent::keys::none());
    let mut drive = bench.drive(1);
    let sighting = drive.see(bench.clock.now_ms()).unwrap();
    phone.see(&sighting).unwrap();
    assert!(matches!(phone.take(&job("000001"), &sighting), Err(NotTaken::UnknownCollector)));
    phone.renew(bench.keys.list.clone());
    phone.take(&job("000001"), &sighting).unwrap();
    assert!(matches!(phone.take(&job("000001"), &sighting), Err(NotTaken::Before)));
    // B1: another job finds nothing of the old log.
    let mut drive = bench.drive(10);
    bench.go(&mut phone, &mut drive);
    assert_eq!(bench.sealed(), 1);
    phone.take(&job("000002"), &drive.see(bench.clock.now_ms()).unwrap()).unwrap();
    assert_eq!(bench.sealed(), 0);
}

/// The agent wakes late, and the modem is not where it was: what is logged is where it is now, or nothing.
#[test]
fn where_the_modem_is_counts_before_what_is_due() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    bench.driven(&mut phone, "000001", 3);
    // Three intervals and a half after the last record of the drive: it is registered, and has no cell.
    bench.advance(4480);
    let mut ended = bench.drive(0);
    assert!(ended.see(bench.clock.now_ms()).is_ok());
    phone.see(&ended.see(bench.clock.now_ms() + 1).unwrap()).unwrap();
    assert_eq!(phone.status().records, 3);
}
