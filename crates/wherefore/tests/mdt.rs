//! `wherefore mdt` on a store on disk, as a process of its own; GDAL's `ogrinfo` reads the GeoPackage.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests; only test functions are exempt by configuration"
)]

use lcs::Timestamp;
use mdt::job::TraceJob;
use mdt::rrc::{AbsoluteTime, LogColumns, LogHead, NONE_INDEX, NONE_NUMBER, Plmn, Rat};
use mdt_store::{AnonymisedRows, Anonymiser, NoModels, SessionKey, Store, Told};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use wherefore::mdt::Folder;

/// 2026-11-28T12:00:00Z.
const NOON: Timestamp = Timestamp::from_secs(1_795_867_200);
const TOKEN: [u8; 32] = [0xA5; 32];

/// Rows of a job: one in London, one without position.
fn rows(trace_id: &str) -> AnonymisedRows {
    let text = format!(
        r#"{{"jobType":"LOGGED_MDT_ONLY","traceReference":{{"mcc":"234","mnc":"15","traceId":"{trace_id}"}},"mdtConfig":
        {{"loggedMDTConfig":{{"traceCollectionEntityId":1,"loggingDuration":"7200s","loggingInterval":{{"LTE":["5.12s"]}},
        "plmnList":[{{"mcc":"234","mnc":"15"}}]}}}}}}"#
    );
    let job = TraceJob::from_json(text.as_bytes()).unwrap();
    let mut log = LogColumns {
        heads: vec![LogHead {
            rat: Rat::Lte,
            trace: job.trace_head([0, 1]).unwrap(),
            absolute_time: AbsoluteTime::from_timestamp(NOON),
            entries_start: 0,
            entries_end: 2,
            available: false,
            available_bluetooth: false,
            available_wlan: false,
        }],
        ..LogColumns::default()
    };
    let e = &mut log.entries;
    e.relative_time_s = vec![5, 10];
    e.latitude = vec![4_800_837, i32::MIN];
    e.longitude = vec![-5_956, i32::MIN];
    e.uncertainty = vec![18, 255];
    e.plmn = vec![Plmn::new("234", "15").unwrap().packed(); 2];
    e.cell = vec![0x123_4501; 2];
    e.tac = vec![NONE_NUMBER; 2];
    e.rsrp = vec![40, 41];
    e.rsrq = vec![20, NONE_INDEX];
    e.sinr = vec![NONE_INDEX; 2];
    e.flags = vec![0, 1];
    e.neighbours_end = vec![0, 0];
    let anonymiser = Anonymiser::new(SessionKey::new([7; 32]), NoModels, 100);
    let erasure = Some(Sha256::digest(TOKEN).into());
    anonymiser.management(&job, &log, Told::Nothing, erasure, NOON).unwrap().0
}

/// A store of two jobs, four rows.
fn store(dir: &Path) {
    let mut store = Store::open(Folder::open(dir).unwrap()).unwrap();
    store.commit(&rows("000001")).unwrap();
    store.commit(&rows("000002")).unwrap();
}

fn wherefore(dir: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_wherefore");
    Command::new(program).current_dir(dir).arg("mdt").args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn done(dir: &Path, arguments: &[&str]) -> String {
    let output = wherefore(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(dir: &Path, arguments: &[&str]) -> String {
    let output = wherefore(dir, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn rows_are_sorted_exported_and_erased_by_commands() {
    let dir = tempfile::tempdir().unwrap();
    store(&dir.path().join("store"));
    assert_eq!(done(dir.path(), &["compact", "store"]), "4 rows sorted into 2 files\n");
    assert!(dir.path().join("store/day=2026-11-28/place=r402c0511").is_dir());
    assert_eq!(done(dir.path(), &["export", "store", "--to", "all.csv", "--format", "csv"]), "4 rows\n");
    let text = std::fs::read_to_string(dir.path().join("all.csv")).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("time,job")).count(), 1, "one line of names");
    assert_eq!(text.lines().filter(|line| line.contains("51.50739312171936")).count(), 2);
    let one = ["export", "store", "--to", "one.json", "--format", "json", "--job", "234-15-000002"];
    assert_eq!(done(dir.path(), &one), "2 rows\n");
    let text = std::fs::read_to_string(dir.path().join("one.json")).unwrap();
    assert!(text.lines().all(|line| line.contains("234-15-000002")), "{text}");
    assert!(refused(dir.path(), &one).contains("one.json"), "nothing is overwritten");

    assert!(refused(dir.path(), &["erase", "store"]).contains("--token-file"));
    assert!(refused(dir.path(), &["erase", "store", "--job", "234-15"]).contains("234-15-000001"));
    assert!(refused(dir.path(), &["compact", "elsewhere"]).contains("no folder of a store"));
    assert!(!dir.path().join("elsewhere").exists());
    let held = Folder::open(&dir.path().join("store")).unwrap();
    assert!(refused(dir.path(), &["compact", "store"]).contains("another process"));
    drop(held);

    assert_eq!(done(dir.path(), &["erase", "store", "--job", "234-15-000001"]), "2 rows erased\n");
    let token: String = TOKEN.iter().map(|octet| format!("{octet:02x}")).collect();
    std::fs::write(dir.path().join("token"), token).unwrap();
    assert_eq!(done(dir.path(), &["erase", "store", "--token-file", "token"]), "2 rows erased\n");
    let left = Store::open(Folder::open(&dir.path().join("store")).unwrap()).unwrap();
    assert_eq!((left.len(), left.batches()), (0, 2));
}

#[test]
fn ogrinfo_reads_the_geopackage() {
    let found = Command::new("ogrinfo").arg("--version").stdout(Stdio::null()).status().is_ok_and(|s| s.success());
    let ci = std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty());
    assert!(found || !ci, "ogrinfo (Debian: gdal-bin) is missing, and no test may be skipped");
    let dir = tempfile::tempdir().unwrap();
    store(&dir.path().join("store"));
    let export = ["export", "store", "--to", "rows.gpkg", "--format", "geopackage"];
    assert_eq!(done(dir.path(), &export), "4 rows\n");
    assert!(refused(dir.path(), &export).contains("it exists"));
    if !found {
        eprintln!("skipped: without ogrinfo (Debian: gdal-bin)");
        return;
    }
    let run = Command::new("ogrinfo").current_dir(dir.path()).args(["-ro", "-al", "rows.gpkg"]).output().unwrap();
    let (text, complaints) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && complaints.is_empty(), "{complaints}");
    for line in [
        "using driver `GPKG' successful",
        "Layer name: measurements",
        "Geometry: Point",
        "Feature Count: 4",
        "Extent: (-0.127802, 51.507393) - (-0.127802, 51.507393)",
        "ID[\"EPSG\",4326]",
        "  time (DateTime) = 2026/11/28 12:00:05+00",
        "  job (String) = 234-15-000002",
        "  cell (Integer64) = 19088641",
        "  rsrp_dbm (Real) = -100.5",
        "  uncertainty_m (Real) = 45.5991731349224",
        "  POINT (-0.127801895141602 51.5073931217194)",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert_eq!(text.matches("  POINT (").count(), 2, "rows without a position have no geometry");
}
