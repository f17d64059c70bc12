//! Lines for people, and another program's reading of the files: DuckDB of PyPI.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt::rrc::{NeighbourRat, Rat};
use mdt_store::*;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use support::*;

fn few() -> AnonymisedRows {
    let nowhere = Made {
        position: None,
        uncertainty: None,
        network: None,
        cell: None,
        tac: None,
        quantities: [None, None, None],
        flags: 1,
        neighbours: vec![],
        ..london(65, 0)
    };
    kept(&area_job(), 1, None, &[london(5, 0), nowhere])
}

#[test]
fn csv_has_units_and_leaves_out_what_is_not_known() {
    let (mut text, rows) = (Vec::new(), few());
    let export = ModelCount::default().export(10);
    export.csv(&rows, true, &mut text).unwrap();
    export.csv(&kept(&area_job(), 1, None, &[]), false, &mut text).unwrap();
    let session = format!("{:016x}", rows.row(0).unwrap().origin.session);
    assert_eq!(
        String::from_utf8(text).unwrap(),
        format!(
            "time,job,session,model,rat,latitude_deg,longitude_deg,uncertainty_m,network,cell,tracking_area,\
             rsrp,rsrp_dbm,rsrq,rsrq_db,sinr,sinr_db,flags\n\
             2026-11-28T12:00:05.000Z,234-15-000001,{session},,LTE,51.50739312171936,-0.12780189514160156,\
             45.59917313492239,234-15,19088641,4660,40,-100.5,20,-9.75,,,0\n\
             2026-11-28T12:01:05.000Z,234-15-000001,{session},,LTE,,,,,,,,,,,,,1\n"
        )
    );
}

#[test]
fn json_has_the_same_and_the_neighbours() {
    let mut text = Vec::new();
    ModelCount::default().export(10).json(&few(), &mut text).unwrap();
    let lines: Vec<serde_json::Value> =
        text.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["rsrp_dbm"], -100.5);
    assert_eq!(
        lines[0]["neighbours"],
        serde_json::json!([{"rat": "LTE", "carrier": 1300, "pci": 10, "rsrp": 35, "rsrq": 18, "sinr": null}])
    );
    assert_eq!(lines[1]["neighbours"], serde_json::json!([]));
}

struct Many;

impl Models for Many {
    fn phones(&self, _: Model) -> Option<u64> {
        Some(1_000_000)
    }
}

/// B25: a model of a million phones in the country is still rare among what is exported.
#[test]
fn a_model_that_few_sessions_have_is_not_exported() {
    let job = job("000001", Some("TAC_OF_IMEI"), None);
    let anonymiser = Anonymiser::new(SessionKey::new([7; 32]), Many, 100);
    let (common, rare) = (Model::parse("35123456").unwrap(), Model::parse("01234567").unwrap());
    let (mut all, mut count) = (AnonymisedRows::default(), ModelCount::default());
    for (session, model) in [(1, common), (2, common), (3, common), (4, rare), (5, rare), (5, rare)] {
        let mut log = empty_log(&job, session, Rat::Lte, NOON);
        add(&mut log, &london(session, 0));
        all.append(&anonymiser.management(&job, &log, Told::Model(model), None, NOON).unwrap().0);
    }
    count.count(&all);
    let export = count.export(3);
    let told: Vec<Option<String>> = export.lines(&all).map(|line| line.model).collect();
    let common = Some("35123456".to_owned());
    assert_eq!(told, [common.clone(), common.clone(), common, None, None, None]);
}

fn interpreter() -> PathBuf {
    std::env::var_os("WHEREFORE_TEST_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

/// Whether it has DuckDB. In CI it must.
fn found() -> bool {
    let status = Command::new(interpreter()).args(["-c", "import duckdb"]).stderr(Stdio::null()).status();
    let found = status.is_ok_and(|status| status.success());
    let ci = std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty());
    assert!(found || !ci, "duckdb is missing, and no test may be skipped");
    if !found {
        eprintln!("skipped: without duckdb (PyPI) in WHEREFORE_TEST_PYTHON");
    }
    found
}

/// Prints every value of every row, the way that this test does.
const PROGRAM: &str = r#"
import duckdb, sys
rows = duckdb.connect().execute("""
    select epoch_ms(time), job, session, hex(erasure), hex(subject), model, rat, latitude, longitude, uncertainty, network, cell,
           tracking_area, rsrp, rsrq, sinr, flags, neighbours, cast(day as varchar), place
    from read_parquet(?, hive_partitioning = true) order by 1, 3, 2""", [sys.argv[1] + "/day=*/place=*/*.parquet"]).fetchall()
show = lambda v: "-" if v is None else str(v)
for row in rows:
    near = ["/".join(show(n[k]) for k in ("rat", "carrier", "pci", "rsrp", "rsrq", "sinr")) for n in row[17]]
    print(" ".join(show(v) for v in row[:17]), "[" + ",".join(near) + "]", row[18], row[19])
"#;

fn show<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

fn ours(rows: &AnonymisedRows, at: usize, folder: &str) -> String {
    let (row, mut text) = (rows.row(at).unwrap(), String::new());
    let hex = |octets: &[u8]| octets.iter().map(|o| format!("{o:02X}")).collect::<String>();
    let rat = if row.origin.rat == Rat::Lte { "LTE" } else { "NR" };
    let job = if row.origin.job.trace_id == [0, 0, 1] { "234-15-000001" } else { "234-15-000003" };
    write!(text, "{} {job} {} {} ", row.time_ms, row.origin.session, show(row.origin.erasure.map(|e| hex(&e))))
        .unwrap();
    let subject = show(row.origin.subject.map(|s| hex(&s.0)));
    write!(text, "{subject} {} {rat} ", show(row.origin.model.map(|m| m.as_str().to_owned()))).unwrap();
    write!(text, "{} {} ", show(row.position.map(|p| p.0)), show(row.position.map(|p| p.1))).unwrap();
    write!(text, "{} {} {} ", show(row.uncertainty), show(row.network), show(row.cell)).unwrap();
    write!(text, "{} {} ", show(row.tracking_area), show(row.rsrp)).unwrap();
    write!(text, "{} {} {} ", show(row.rsrq), show(row.sinr), row.flags).unwrap();
    let near = rows.neighbours(at).map(|n| {
        let rat = match n.rat {
            NeighbourRat::Lte => "LTE",
            NeighbourRat::Nr => "NR",
            NeighbourRat::UtraFdd => "UTRA-FDD",
            NeighbourRat::UtraTdd => "UTRA-TDD",
            NeighbourRat::Geran1800 => "GERAN-1800",
            NeighbourRat::Geran1900 => "GERAN-1900",
            NeighbourRat::Cdma2000 => "CDMA2000",
        };
        format!("{rat}/{}/{}/{}/{}/{}", show(n.carrier), n.pci, show(n.rsrp), show(n.rsrq), show(n.sinr))
    });
    let (day, place) = folder.split_once('/').unwrap();
    let (day, place) = (day.trim_start_matches("day="), place.trim_start_matches("place="));
    write!(text, "[{}] {day} {place}", near.collect::<Vec<_>>().join(",")).unwrap();
    text
}

struct Given;

impl ConsentRegister for Given {
    fn signalling(&self, _: &mdt::job::Subscriber, _: mdt::rrc::TraceReference, _: lcs::Timestamp) -> ConsentWord {
        let since = lcs::Timestamp::from_secs(0);
        ConsentWord::Given { subject: SubjectId([0xAB; 16]), networks: vec![uk()], since, until: None }
    }
}

/// A store with everything that rows can have, sorted into days and places.
fn everything(folder: &Folder) {
    let mut store = Store::open(folder.clone()).unwrap();
    let rats = [
        NeighbourRat::Nr,
        NeighbourRat::UtraFdd,
        NeighbourRat::UtraTdd,
        NeighbourRat::Geran1800,
        NeighbourRat::Geran1900,
        NeighbourRat::Cdma2000,
    ];
    for session in 1..40_u16 {
        let mut entries: Vec<Made> = (0..50).map(|n| london(n * 5, i32::from(n) * i32::from(session) * 97)).collect();
        entries[3].neighbours = rats.iter().map(|rat| (*rat, None, 7, [None, Some(-3), Some(1)])).collect();
        entries[4].position = None;
        entries[5] = Made { position: None, tac: None, uncertainty: None, network: None, cell: None, ..london(25, 0) };
        entries[6].neighbours.clear();
        store.commit(&kept(&area_job(), session, Some([session as u8; 32]), &entries)).unwrap();
    }
    let job = job("000003", None, Some("234150000000001"));
    let consent = SignallingConsent::ask(&Given, &job, NOON).unwrap();
    let mut log = empty_log(&job, 9, Rat::Nr, NOON);
    add(&mut log, &Made { cell: Some(0xF_1234_5000), quantities: [Some(60), Some(65), Some(66)], ..london(3000, 0) });
    store.commit(&anonymiser().signalling(&consent, &job, &log, None, NOON).unwrap().0).unwrap();
    let tac_job = support::job("000001", Some("TAC_OF_IMEI"), None);
    let mut log = empty_log(&tac_job, 99, Rat::Lte, NOON);
    add(&mut log, &london(3100, 0));
    let told = Told::Model(Model::parse("00123456").unwrap());
    let anonymiser = Anonymiser::new(SessionKey::new([7; 32]), Many, 100);
    store.commit(&anonymiser.management(&tac_job, &log, told, None, NOON).unwrap().0).unwrap();
    store.compact(Limits::default()).unwrap();
}

#[test]
fn duckdb_reads_every_value_as_it_was_written() {
    if !found() {
        return;
    }
    let (folder, disk) = (Folder::default(), tempfile::tempdir().unwrap());
    everything(&folder);
    for (name, content) in folder.files.borrow().iter() {
        let path = disk.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    // A file at a time, so that its folder is known.
    let mut lines: Vec<(i64, u64, String)> = Vec::new();
    let store = Store::open(folder).unwrap();
    let folders: Vec<String> = store.names().map(|name| name.rsplit_once('/').unwrap().0.to_owned()).collect();
    for (rows, folder) in store.parts(None).zip(&folders) {
        let rows = rows.unwrap();
        for at in 0..rows.len() {
            let row = rows.row(at).unwrap();
            lines.push((row.time_ms, row.origin.session, ours(&rows, at, folder)));
        }
    }
    assert_eq!(lines.len(), 39 * 50 + 2);
    lines.sort();
    let run = Command::new(interpreter()).args(["-c", PROGRAM]).arg(disk.path()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let theirs: Vec<String> = String::from_utf8(run.stdout).unwrap().lines().map(str::to_owned).collect();
    let ours: Vec<String> = lines.into_iter().map(|(_, _, line)| line).collect();
    assert_eq!(theirs, ours);
}
