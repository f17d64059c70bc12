//! Reports of failures: sealed on their own, brought to the collector, cleared and opted out like a log (A7).

use super::scene::{Bench, CONSENT, Phone, canaries, files, record};
use mdt_agent::job::hex;
use mdt_agent::source::{Pace, Replay};
use mdt_agent::station::{Errand, Outcome, ReportsTo, Wish};
use mdt_log::failure::Failure;
use mdt_log::open::{open_report, unlock};
use mdt_log::{Content, Kind, ReportHead, Suite};
use serde_json::{Value, json};

/// Record `at`, with a failure.
fn failed(at: u32, at_s: f64, failure: &Value) -> String {
    let mut record: Value = serde_json::from_str(&record(at, at_s, "searching")).unwrap();
    record["failure"] = failure.clone();
    record.to_string()
}

fn handover() -> Value {
    json!({"kind": "handover", "cell": {"id": 7, "tac": 9}, "previous": {"id": 8}, "reestablishment": {"id": 9}})
}

/// Plays these records, the first of which are of now.
fn play(bench: &Bench, phone: &mut Phone, records: &[String]) {
    let file = bench.folder.path().join("failures.jsonl");
    std::fs::write(&file, records.join("\n")).unwrap();
    let mut played = Replay::open(&file, Pace::Times, bench.clock.now_ms()).unwrap();
    bench.go(phone, &mut played);
    // What failed is told once.
    phone.see(&played.see(bench.clock.now_ms()).unwrap()).unwrap();
}

fn reporting(bench: &Bench) -> Phone {
    let mut phone = bench.start(1);
    phone.report_to(Some(ReportsTo { tce_id: 1, consent: hex(CONSENT).unwrap() })).unwrap();
    phone
}

/// Reports that wait, opened as the collector would, each settled with its receipt.
fn fetch(bench: &Bench, phone: &mut Phone) -> Vec<(Kind, Failure)> {
    let mut reports = vec![];
    while let Some(errand) = phone.errand(true).unwrap() {
        let Errand::Segment { octets, unlock: unlocking, .. } = &errand else { panic!("something else") };
        let head = ReportHead::parse(octets).unwrap().head;
        assert!(head.content == Content::Cbor && head.consent == hex(CONSENT).unwrap());
        let small = bench.keys.list.collector(1, Suite::Small, bench.clock.now_s()).unwrap().id();
        assert_eq!(head.key, small, "under the small suite");
        let epoch = unlock(unlocking, &bench.keys.private).unwrap();
        let take = |_: &ReportHead, record: mdt_log::open::OpenedRecord<'_>| {
            reports.push((record.kind, Failure::decode(record.content).unwrap()));
        };
        open_report(octets, &bench.keys.private, &epoch, take).unwrap();
        phone.settle(&errand, &bench.keys.receipt(&errand, bench.clock.now_s())).unwrap();
    }
    reports
}

#[test]
fn failures_are_sealed_as_reports_of_their_own_and_brought_up() {
    let bench = Bench::new();
    let mut phone = reporting(&bench);
    let records = [
        record(0, 0.0, "camped"),
        failed(1, 1.0, &handover()),
        failed(2, 2.0, &json!({"kind": "connection"})),
        record(3, 3.0, "camped"),
    ];
    play(&bench, &mut phone, &records);
    assert_eq!((phone.status().reports, phone.status().segments, bench.sealed()), (2, 0, 2));
    // T1: nothing on disk tells where that was.
    let wanted: Vec<Vec<u8>> = (1..3).flat_map(canaries).collect();
    for (path, octets) in files(&bench.state()).into_iter().chain(files(&bench.secrets())) {
        let found = wanted.iter().any(|canary| octets.windows(canary.len()).any(|window| window == canary));
        assert!(!found, "{}", path.display());
    }
    let reports = fetch(&bench, &mut phone);
    assert_eq!((phone.status().reports, bench.sealed()), (0, 0));
    let [(Kind::RadioLinkFailure, link), (Kind::ConnectionFailure, connection)] = reports.as_slice() else {
        panic!("other reports")
    };
    assert!(link.handover && link.failed.map(|cell| (cell.plmn, cell.cell)) == Some(([0x32, 0xF4, 0x51], 7)));
    assert!((link.tracking_area, link.previous.map(|cell| cell.cell)) == (Some(9), Some(8)));
    assert!(link.reestablishment.map(|cell| cell.cell) == Some(9) && link.results.rsrp == Some(40));
    // The cell, its area and the place are those of the record.
    assert!(!connection.handover && connection.failed.map(|cell| cell.cell) == Some(0xA1B_2002));
    assert!(connection.tracking_area == Some(7) && connection.location.is_some() && connection.since_s == 0);
    // What was brought up can be erased there.
    phone.wish(Wish::OptOut).unwrap();
    assert_eq!(phone.status().erasures_wait, 2);
}

/// A7: a clear takes reports along, an opt-out too, and then, as in a pause, there are no new ones. Without being asked there are none.
#[test]
fn b13_b15_b17_reports_are_cleared_paused_and_opted_out_like_a_log() {
    let bench = Bench::new();
    let mut phone = bench.start(1);
    let link = [failed(1, 0.0, &json!({"kind": "radio-link"}))];
    play(&bench, &mut phone, &link);
    assert_eq!(phone.status().reports, 0, "nobody asked for reports");
    phone.report_to(Some(ReportsTo { tce_id: 2, consent: Vec::new() })).unwrap();
    play(&bench, &mut phone, &link);
    assert_eq!(phone.status().reports, 0, "the list has no key of that collection entity");
    drop(phone);
    let mut phone = reporting(&bench);
    for wish in [Wish::Clear, Wish::Pause(60_000), Wish::OptOut] {
        phone.wish(Wish::Resume).unwrap();
        play(&bench, &mut phone, &link);
        assert_eq!((phone.status().reports, bench.sealed()), (1, 1));
        phone.wish(wish).unwrap();
        let kept = usize::from(wish == Wish::Pause(60_000));
        assert_eq!((phone.status().reports, bench.sealed()), (kept, kept), "{wish:?}");
        if wish != Wish::Clear {
            play(&bench, &mut phone, &link);
            assert_eq!(phone.status().reports, kept, "{wish:?}");
        }
    }
    // No job ever brought a reference: that of the consent to reports says whose word it is, also after another start.
    drop(phone);
    let mut phone = bench.start(1);
    let told = phone.errand(true).unwrap().unwrap();
    assert!(matches!(&told, Errand::OptOut(reference) if *reference == hex(CONSENT).unwrap()));
    phone.settle(&told, &Outcome::Told).unwrap();
    assert!(phone.errand(true).unwrap().is_none());
}

/// With a log, each goes by its own key; a restart loses neither.
#[test]
fn a_log_and_a_report_go_up_one_after_the_other() {
    let bench = Bench::new();
    let mut phone = reporting(&bench);
    bench.driven(&mut phone, "000001", 5);
    let mut records = vec![record(6, 0.0, "camped"), failed(7, 1.0, &json!({"kind": "radio-link"}))];
    records.push(record(8, 2.0, "camped"));
    play(&bench, &mut phone, &records);
    phone.flush().unwrap();
    drop(phone);
    let mut phone = reporting(&bench);
    let first = Replay::open(&bench.folder.path().join("failures.jsonl"), Pace::Times, bench.clock.now_ms());
    phone.see(&first.unwrap().see(bench.clock.now_ms()).unwrap()).unwrap();
    let log = phone.errand(true).unwrap().unwrap();
    let Errand::Segment { octets, unlock: unlocking, .. } = &log else { panic!("no segment") };
    assert_eq!(&octets[..4], b"MDTS");
    let epoch = unlock(unlocking, &bench.keys.private).unwrap();
    let verdict = mdt_log::open::open_segment(octets, &bench.keys.private, &epoch, |_| ()).unwrap();
    assert!(verdict.opened >= 5 && verdict.findings.is_empty());
    phone.settle(&log, &bench.keys.receipt(&log, bench.clock.now_s())).unwrap();
    assert_eq!(phone.status().reports, 1);
    let reports = fetch(&bench, &mut phone);
    assert!(reports.len() == 1 && reports[0].0 == Kind::RadioLinkFailure && reports[0].1.failed.is_some());
}
