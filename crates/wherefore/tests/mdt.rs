//! `wherefore mdt` on a store on disk, as a process of its own; GDAL's `ogrinfo` reads the GeoPackage.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests; only test functions are exempt by configuration"
)]

use lcs::Timestamp;
use mdt::job::TraceJob;
use mdt::rrc::{
    AbsoluteTime, FailureCause, FailureKind, FailureRecord, LogColumns, LogHead, NONE_INDEX, NONE_NUMBER, NamedCell,
    Plmn, Rat,
};
use mdt_store::{AnonymisedRows, Anonymiser, NoModels, SessionKey, Store, Told};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use wherefore::mdt::Folder;

/// 2026-11-28T12:00:00Z.
const NOON: Timestamp = Timestamp::from_secs(1_795_867_200);
const TOKEN: [u8; 32] = [0xA5; 32];

fn job(trace_id: &str) -> TraceJob {
    let text = format!(
        r#"{{"jobType":"LOGGED_MDT_ONLY","traceReference":{{"mcc":"234","mnc":"15","traceId":"{trace_id}"}},"mdtConfig":
        {{"loggedMDTConfig":{{"traceCollectionEntityId":1,"loggingDuration":"7200s","loggingInterval":{{"LTE":["5.12s"]}},
        "plmnList":[{{"mcc":"234","mnc":"15"}}]}}}}}}"#
    );
    TraceJob::from_json(text.as_bytes()).unwrap()
}

fn anonymiser() -> Anonymiser<NoModels> {
    Anonymiser::new(SessionKey::new([7; 32]), NoModels, 100)
}

/// Rows of a job: one in London, one without position.
fn rows(trace_id: &str) -> AnonymisedRows {
    log(trace_id, 1, NOON, [5, 10], [1, 0])
}

/// Two rows of a session in London, with a position where `placed` says so.
fn log(trace_id: &str, session: u8, began: Timestamp, relative_time_s: [u16; 2], placed: [i32; 2]) -> AnonymisedRows {
    let job = job(trace_id);
    let mut log = LogColumns {
        heads: vec![LogHead {
            rat: Rat::Lte,
            trace: job.trace_head([0, session]).unwrap(),
            absolute_time: AbsoluteTime::from_timestamp(began),
            entries_start: 0,
            entries_end: 2,
            available: false,
            available_bluetooth: false,
            available_wlan: false,
        }],
        ..LogColumns::default()
    };
    let e = &mut log.entries;
    let or_none = |value: i32, none: i32| placed.map(|placed| if placed == 1 { value } else { none });
    e.relative_time_s = relative_time_s.to_vec();
    e.latitude = or_none(4_800_837, i32::MIN).to_vec();
    e.longitude = or_none(-5_956, i32::MIN).to_vec();
    e.uncertainty = or_none(18, 255).map(|code| code as u8).to_vec();
    e.plmn = vec![Plmn::new("234", "15").unwrap().packed(); 2];
    e.cell = vec![0x123_4501; 2];
    e.tac = vec![NONE_NUMBER; 2];
    e.rsrp = vec![40, 41];
    e.rsrq = vec![20, NONE_INDEX];
    e.sinr = vec![NONE_INDEX; 2];
    e.flags = vec![0, 1];
    e.neighbours_end = vec![0, 0];
    let erasure = Some(Sha256::digest(TOKEN).into());
    anonymiser().management(&job, &log, Told::Nothing, erasure, began).unwrap().0
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

/// Whether GDAL is there; where no test may be skipped it has to be.
fn has_ogrinfo() -> bool {
    let found = Command::new("ogrinfo").arg("--version").stdout(Stdio::null()).status().is_ok_and(|s| s.success());
    let ci = std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty());
    assert!(found || !ci, "ogrinfo (Debian: gdal-bin) is missing, and no test may be skipped");
    if !found {
        eprintln!("skipped: without ogrinfo (Debian: gdal-bin)");
    }
    found
}

/// What it says of a GeoPackage, without complaints.
fn ogrinfo(dir: &Path, file: &str) -> String {
    let run = Command::new("ogrinfo").current_dir(dir).args(["-ro", "-al", file]).output().unwrap();
    let (text, complaints) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && complaints.is_empty(), "{complaints}");
    text.into_owned()
}

/// 2026-01-15T12:00:00Z, from which on ten phones log for half an hour.
const CROWDED: Timestamp = Timestamp::from_secs(1_768_478_400);

/// B27: bins of a folder by command, the same whatever is erased afterwards; squares that GDAL reads.
#[test]
fn bins_are_released_by_command_and_read_by_ogrinfo() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(Folder::open(&dir.path().join("store")).unwrap()).unwrap();
    for session in 0..10 {
        store.commit(&log("000001", session, CROWDED, [0, 1800], [1, 1])).unwrap();
    }
    drop(store);
    let bins = |to: &str, form: &str, more: &[&str]| {
        done(dir.path(), &[&["bins", "store", "--to", to, "--format", form], more].concat())
    };
    assert_eq!(bins("none.csv", "csv", &["--subjects", "11"]), "0 bins\n");
    assert_eq!(bins("bins.csv", "csv", &[]), "1 bins\n");
    let text = std::fs::read_to_string(dir.path().join("bins.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("day,days,bin,west_deg,south_deg,east_deg,north_deg,rat,entries,subjects,rsrp_p5_dbm")
    );
    assert!(lines[1].starts_with("2026-01-15,1,100m-r0157349c0124487,-0.128"), "{}", lines[1]);
    assert!(lines[1].contains(",LTE,10,10,-100.5,-100.5,-100.5,"), "{}", lines[1]);
    assert_eq!(bins("early.json", "json", &["--until", "2026-01-14"]), "0 bins\n");
    // Everything goes, and what was told stays.
    assert_eq!(done(dir.path(), &["erase", "store", "--job", "234-15-000001"]), "20 rows erased\n");
    assert_eq!(bins("again.csv", "csv", &["--subjects", "5"]), "1 bins\n");
    assert_eq!(std::fs::read_to_string(dir.path().join("again.csv")).unwrap(), text);
    assert!(refused(dir.path(), &["bins", "store", "--to", "x", "--format", "csv", "--subjects", "4"]).contains("5"));
    assert!(
        refused(dir.path(), &["bins", "store", "--to", "x", "--format", "csv", "--from", "15.1."]).contains("2026")
    );
    assert!(refused(dir.path(), &["bins", "--to", "x", "--format", "csv", "--subjects", "9"]).contains("STORE"));
    assert_eq!(bins("bins.gpkg", "geopackage", &[]), "1 bins\n");
    if !has_ogrinfo() {
        return;
    }
    let text = ogrinfo(dir.path(), "bins.gpkg");
    for line in [
        "using driver `GPKG' successful",
        "Layer name: bins",
        "Geometry: Polygon",
        "Feature Count: 1",
        "ID[\"EPSG\",4326]",
        "  day (Date) = 2026/01/15",
        "  subjects (Integer64) = 10",
        "  rsrp_p50_dbm (Real) = -100.5",
        "  POLYGON ((-0.128",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn ogrinfo_reads_the_geopackage() {
    let found = has_ogrinfo();
    let dir = tempfile::tempdir().unwrap();
    store(&dir.path().join("store"));
    let export = ["export", "store", "--to", "rows.gpkg", "--format", "geopackage"];
    assert_eq!(done(dir.path(), &export), "4 rows\n");
    assert!(refused(dir.path(), &export).contains("it exists"));
    if !found {
        return;
    }
    let text = ogrinfo(dir.path(), "rows.gpkg");
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

/// Failures in every form that they have, with the same values; GDAL reads the layer where it is there.
#[tokio::test]
async fn failures_are_exported_as_csv_json_and_geopackage() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("store");
    let named = |cell| Some(NamedCell { network: Plmn::new("234", "15").unwrap(), cell, tracking_area: Some(7) });
    let placed = FailureRecord {
        cause: Some(FailureCause::T310Expiry),
        position: Some((4_800_837, -5956)),
        failed: named(0x123_4501),
        previous: named(0x123_4502),
        results: [Some(40), Some(20), None],
        since_handover_100ms: Some(12),
        ..FailureRecord::EMPTY
    };
    let nowhere =
        FailureRecord { kind: FailureKind::Connection, carrier: Some(1800), pci: Some(3), ..FailureRecord::EMPTY };
    let failures = anonymiser().management_failures(&job("000001"), &[placed, nowhere], Told::Nothing, None, NOON);
    let mut store = Store::open(Folder::open(&folder).unwrap()).unwrap();
    store.commit_both(&AnonymisedRows::default(), &failures.unwrap().0).unwrap();
    drop(store);
    let export = |form, to| ["export", "store", "--to", to, "--format", form, "--failures"];
    for (form, to) in [("csv", "f.csv"), ("json", "f.json"), ("geopackage", "f.gpkg")] {
        assert_eq!(done(dir.path(), &export(form, to)), "2 rows\n", "{form}");
    }
    assert!(refused(dir.path(), &export("32.423", "f.xml")).contains("csv, json or geopackage"));
    let text = std::fs::read_to_string(dir.path().join("f.json")).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let url = format!("sqlite://{}", dir.path().join("f.gpkg").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let statement = "SELECT time, kind, cause, network, cell, previous, rsrp_dbm, since_handover_s, carrier, hex(geom) FROM failures";
    type Found = (
        String,
        String,
        Option<String>,
        Option<String>,
        Option<i64>,
        Option<String>,
        Option<f64>,
        Option<f64>,
        Option<i64>,
        Option<String>,
    );
    let found: Vec<Found> = sqlx::query_as(statement).fetch_all(&pool).await.unwrap();
    assert_eq!(found.len(), lines.len());
    for ((time, kind, cause, network, cell, previous, rsrp, handover, carrier, geometry), line) in
        found.iter().zip(&lines)
    {
        let told = |name: &str| line[name].clone();
        assert_eq!((&told("time"), &told("kind")), (&json!(time), &json!(kind)));
        assert_eq!((told("cause"), told("network"), told("cell")), (json!(cause), json!(network), json!(cell)));
        assert_eq!((told("previous"), told("carrier")), (json!(previous), json!(carrier)));
        let same = |name: &str, value: &Option<f64>| match value {
            Some(value) => (line[name].as_f64().unwrap() - value).abs() < 1e-3,
            None => line[name].is_null(),
        };
        assert!(same("rsrp_dbm", rsrp) && same("since_handover_s", handover), "{line}");
        assert_eq!(geometry.as_deref().is_some_and(|hex| !hex.is_empty()), !line["latitude_deg"].is_null());
    }
    let bounds: (Option<f64>, Option<f64>) =
        sqlx::query_as("SELECT min_x, max_y FROM gpkg_contents WHERE table_name = 'failures'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert!(bounds.0.is_some_and(|x| (-0.2..0.0).contains(&x)) && bounds.1.is_some_and(|y| (51.4..51.6).contains(&y)));
    pool.close().await;
    let found = Command::new("ogrinfo").arg("--version").stdout(Stdio::null()).status().is_ok_and(|s| s.success());
    if found {
        let run = Command::new("ogrinfo").current_dir(dir.path()).args(["-ro", "-al", "f.gpkg"]).output().unwrap();
        let said = String::from_utf8(run.stdout).unwrap();
        assert!(said.contains("Layer name: failures") && said.contains("t310-Expiry"), "{said}");
    }
}
