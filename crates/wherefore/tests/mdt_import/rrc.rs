//! `wherefore mdt import rrc`.

use crate::scene::{Scene, run, there};
use lcs::Timestamp;
use lcs::gad::{Latitude, Longitude, Point, Shape};
use mdt::rrc::{AbsoluteTime, Plmn, TraceReference, lte, nr};
use std::fmt::Write as _;

/// 2026-11-28T12:00:00Z.
const NOON: Timestamp = Timestamp::from_secs(1_795_867_200);
const RECEIVED: [&str; 2] = ["--received", "2026-11-28T12:30:00Z"];

fn plmn() -> Plmn {
    Plmn::new("234", "15").unwrap()
}

fn job(number: u8) -> TraceReference {
    TraceReference { plmn: plmn(), trace_id: [0, 0, number] }
}

fn point(at: u16) -> Shape {
    let latitude = Latitude::from_degrees(51.5 + f64::from(at) / 1000.0).unwrap();
    Shape::Point(Point { latitude, longitude: Longitude::from_degrees(-0.12).unwrap() })
}

/// UL-DCCH of LTE with a log of so many entries, five seconds apart, all values different.
fn lte_log(job: TraceReference, entries: u16) -> Vec<u8> {
    let entry = |at: u16| {
        let serving = lte::ServingResult { rsrp: 40 + at as i8, rsrq: 20 + at as i8 };
        let ecgi = lte::Ecgi { plmn: plmn(), cell: 0x123_4500 + u32::from(at) };
        let location = Some(lte::LocationInfo::at(&point(at)).unwrap());
        lte::LogMeasInfo { location, ..lte::LogMeasInfo::new(at * 5, ecgi, serving) }
    };
    let log = lte::LogMeasReport {
        absolute_time: AbsoluteTime::from_timestamp(NOON),
        trace_reference: job,
        recording_session: [0, 1],
        tce_id: 1,
        entries: (1..=entries).map(entry).collect(),
        available: false,
        r15: None,
    };
    let response = lte::UeInformationResponse { log: Some(log), ..Default::default() };
    lte::UlDcch::UeInformationResponse(response).encode().unwrap()
}

/// UL-DCCH of NR of 2010-10-11T12:00:00Z, by pycrate: entry after 5 s, cell 0x123450001, 60, 65, 66.
const NR: &str = "8c100040404448000246815000001000101001c8201c1250515ffa2f0000b91a05448d1400040048d1de418400";
/// UL-DCCH of LTE with a history of mobility and nothing else; and of NR's network, a request.
const CONFIGURATION: &str = "50246815000001000101101011120000a8";

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}

fn octets(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// A pcap of exported PDUs, captured half an hour after noon.
fn capture(messages: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 65_535, 252].iter().for_each(|n| file.extend(n.to_le_bytes()));
    for (name, message) in messages {
        let mut name = name.as_bytes().to_vec();
        name.resize((name.len() + 1).next_multiple_of(4), 0);
        let tags = [&[0, 12, 0, name.len() as u8][..], &name, &[0; 4], message].concat();
        let captured = NOON.secs() as u32 + 1800;
        [captured, 0, tags.len() as u32, tags.len() as u32].iter().for_each(|n| file.extend(n.to_le_bytes()));
        file.extend(tags);
    }
    file
}

#[test]
fn a_capture_becomes_rows_once() {
    let scene = Scene::new();
    let log = lte_log(job(1), 12);
    let messages =
        [("lte_rrc.ul_dcch", log.clone()), ("lte_rrc.ul_dcch", log), ("lte_rrc.dl_dcch", octets(CONFIGURATION))];
    scene.file("drive.pcap", capture(&messages));
    let report = scene.import("rrc", "drive.pcap", &[]);
    assert_eq!(
        (&report["outcome"], &report["rows"], &report["file"]),
        (&"kept".into(), &12.into(), &"drive.pcap".into())
    );
    let counts = &report["counts"];
    assert_eq!((&counts["read"], &counts["messages"], &counts["repeated"]), (&3.into(), &3.into(), &1.into()));
    assert_eq!((&counts["logs"], &counts["configurations"]), (&1.into(), &1.into()));
    assert_eq!(scene.import("rrc", "drive.pcap", &[])["outcome"], "kept_before");

    let rows = scene.rows();
    assert_eq!(rows.len(), 12);
    let first = rows[0];
    assert_eq!(first.time_ms, 1000 * (NOON.secs() as i64 + 5));
    assert_eq!((first.rsrp, first.rsrq, first.cell), (Some(41), Some(21), Some(0x123_4501)));
    assert_eq!((first.origin.subject, first.origin.model, first.origin.erasure), (None, None, None));
    assert_ne!(first.origin.session, 1, "sessions are keyed");
    let table = String::from_utf8(scene.try_import("rrc", "drive.pcap", &[]).stdout).unwrap();
    assert!(table.contains("kept_before") && table.contains("repeated 1"), "{table}");
}

/// An independent program reads every value of the file as the store has it.
#[test]
fn tshark_finds_the_same_values() {
    let scene = Scene::new();
    scene.file("drive.pcap", capture(&[("lte_rrc.ul_dcch", lte_log(job(1), 12))]));
    scene.import("rrc", "drive.pcap", &[]);
    if !there("tshark", "tshark") {
        return;
    }
    let text = run("tshark", &scene.path("."), &["-r", "drive.pcap", "-V"]);
    // The number in brackets, of `rsrpResult-r10: -101dBm <= RSRP < -100dBm (40)`.
    let values = |name: &str| -> Vec<i64> {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix(name));
        lines.map(|rest| rest.rsplit_once('(').unwrap().1.trim_end_matches(')').parse().unwrap()).collect()
    };
    let cells = text.lines().filter(|line| line.trim().starts_with("cellIdentity:"));
    let cells: Vec<i64> =
        cells.map(|line| line.rsplit_once(' ').unwrap().1.trim_end_matches(']').parse().unwrap()).collect();
    let seconds = text.lines().filter_map(|line| line.trim().strip_prefix("relativeTimeStamp-r10: "));
    let seconds: Vec<i64> = seconds.map(|rest| rest.trim_end_matches('s').parse().unwrap()).collect();
    let rows = scene.rows();
    let ours = |value: fn(&mdt_store::Row) -> i64| rows.iter().map(value).collect::<Vec<i64>>();
    assert_eq!(values("degreesLatitude:"), ours(|row| row.position.unwrap().0.into()));
    assert_eq!(values("degreesLongitude:"), ours(|row| row.position.unwrap().1.into()));
    assert_eq!(values("rsrpResult-r10:"), ours(|row| row.rsrp.unwrap().into()));
    assert_eq!(values("rsrqResult-r10:"), ours(|row| row.rsrq.unwrap().into()));
    assert_eq!(cells, ours(|row| row.cell.unwrap() as i64));
    assert_eq!(seconds, ours(|row| row.time_ms / 1000 - NOON.secs() as i64));
}

#[test]
fn lines_of_lte_and_nr_become_rows() {
    let scene = Scene::new();
    scene.file("lines.txt", format!("{}\nnr-rrc.ul.dcch: {NR}\n", hex(&lte_log(job(1), 2))));
    let report = scene.import("rrc", "lines.txt", &[&RECEIVED[..], &["--channel", "lte-rrc.ul.dcch"]].concat());
    // The log of 2010 is far from when it is said to have come.
    assert_eq!((&report["rows"], &report["counts"]["logs_out_of_time"]), (&2.into(), &1.into()));
    scene.file("nr.txt", format!("nr-rrc.ul.dcch: {NR}"));
    let report = scene.import("rrc", "nr.txt", &["--received", "2010-10-12T00:00:00Z"]);
    assert_eq!(report["rows"], 1);
    let rows = scene.rows();
    assert_eq!((rows[0].rsrp, rows[0].sinr, rows[0].cell), (Some(60), Some(66), Some(0x1_2345_0001)));
}

#[test]
fn only_logs_of_jobs_that_were_given_are_kept() {
    let scene = Scene::new();
    let (own, other) = (lte_log(job(1), 1), lte_log(job(2), 3));
    scene.file("two.pcap", capture(&[("lte_rrc.ul_dcch", own), ("lte_rrc.ul_dcch", other.clone())]));
    let report = scene.import("rrc", "two.pcap", &[]);
    assert_eq!((&report["rows"], &report["counts"]["logs_of_other_jobs"]), (&1.into(), &1.into()));
    scene.file("other.pcap", capture(&[("lte_rrc.ul_dcch", other)]));
    assert_eq!(scene.import("rrc", "other.pcap", &[])["outcome"], "nothing");
    assert_eq!(scene.rows().len(), 1);
    // A file brings nobody's consent.
    let person = scene.try_import("rrc", "two.pcap", &["--job", "person.json"]);
    let said = String::from_utf8(person.stderr).unwrap();
    assert_eq!(person.status.code(), Some(2));
    assert!(said.contains("person.json: the job is of one subscriber") && !said.contains("234150999"), "{said}");
}

#[test]
fn a_file_that_is_not_sound_is_refused_or_reported() {
    let scene = Scene::new();
    let (whole, cut) = (lte_log(job(1), 1), lte_log(job(1), 2)[..30].to_vec());
    scene.file("cut.pcap", capture(&[("lte_rrc.ul_dcch", whole), ("lte_rrc.ul_dcch", cut)]));
    let refused = scene.try_import("rrc", "cut.pcap", &[]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("cut.pcap: packet 2 holds a message that cannot be read"), "{said}");
    assert_eq!(scene.rows().len(), 0, "strictly, nothing of it is kept");
    let report = scene.import("rrc", "cut.pcap", &["--lenient"]);
    assert_eq!((&report["rows"], &report["counts"]["faults"]), (&1.into(), &1.into()));
    assert_eq!(report["faults"][0], "packet 2 holds a message that cannot be read");
    scene.file("none.bin", [0xD4, 0xC3, 0xB2, 0xA1, 0, 0]);
    let refused = scene.try_import("rrc", "none.bin", &["--lenient"]);
    assert_eq!(refused.status.code(), Some(1));
    for (arguments, what) in [
        (["--channel", "lte-rrc.pcch"], "no such channel"),
        (["--user-link-type", "147"], "as 147=lte-rrc.ul.dcch"),
        (["--user-link-type", "1=lte-rrc.ul.dcch"], "147 to 162"),
    ] {
        let refused = scene.try_import("rrc", "cut.pcap", &arguments);
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8(refused.stderr).unwrap().contains(what), "{what}");
    }
}

/// NR by way of an exported PDU and of a link type of users; failures are counted and not kept.
#[test]
fn other_roads_into_a_capture() {
    let scene = Scene::new();
    let log = nr::LogMeasReport {
        absolute_time: AbsoluteTime::from_timestamp(NOON),
        trace_reference: job(1),
        recording_session: [0, 2],
        tce_id: 1,
        entries: vec![],
        available: false,
        available_bluetooth: false,
        available_wlan: false,
    };
    let nr::UlDcch::UeInformationResponse(read) = nr::UlDcch::decode(&octets(NR)).unwrap();
    let entries = read.log.unwrap().entries;
    let response = nr::UeInformationResponse { log: Some(nr::LogMeasReport { entries, ..log }), ..Default::default() };
    let message = nr::UlDcch::UeInformationResponse(response).encode().unwrap();
    scene.file("nr.pcap", capture(&[("nr-rrc.ul.dcch", message.clone())]));
    assert_eq!(scene.import("rrc", "nr.pcap", &[])["rows"], 1);

    let mut user = capture(&[]);
    user[20] = 150;
    let captured = NOON.secs() as u32;
    [captured, 0, message.len() as u32, message.len() as u32].iter().for_each(|n| user.extend(n.to_le_bytes()));
    user.extend(&message);
    scene.file("user.pcap", user);
    assert_eq!(scene.import("rrc", "user.pcap", &[])["counts"]["other"], 1);
    assert_eq!(scene.import("rrc", "user.pcap", &["--user-link-type", "150=nr-rrc.ul.dcch"])["rows"], 1);

    let failure = lte::UeInformationResponse {
        mobility_history: Some(vec![lte::VisitedCellInfo { cell: None, time_spent_s: 5 }]),
        ..Default::default()
    };
    let failure = lte::UlDcch::UeInformationResponse(failure).encode().unwrap();
    scene.file("failure.pcap", capture(&[("lte-rrc.ul.dcch", failure)]));
    let report = scene.import("rrc", "failure.pcap", &[]);
    assert_eq!((&report["outcome"], &report["counts"]["mobility_histories"]), (&"nothing".into(), &1.into()));
}

/// A job of an area that asks for reports of this kind alone.
fn reports(kind: &str, trace_id: &str) -> String {
    format!(r#"{{"jobType":"{kind}","traceReference":{{"mcc":"234","mnc":"15","traceId":"{trace_id}"}}}}"#)
}

/// Failures of a message: V7 of a radio link, 10 seconds old, and one of a connection, 2 minutes old.
fn failures() -> lte::UeInformationResponse {
    let rlf = "42a3c413400efe0064941457fe8bc48d02a2468a032340a891a28101891a05448d140802c003d0001e00";
    let rlf = lte::UeInformationResponse::decode(&octets(rlf)).unwrap().rlf.unwrap();
    let cell = match rlf.r10.as_ref().unwrap().failed_cell {
        Some(lte::FailedCell::Global(cell)) => cell,
        _ => panic!("V7 names its cell"),
    };
    let connection = lte::ConnEstFailReport {
        failed_cell: cell,
        location: None,
        failed: lte::FailedResult { rsrp: 20, rsrq: Some(6) },
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
    lte::UeInformationResponse { rlf: Some(rlf), conn_est_fail: Some(connection), ..Default::default() }
}

/// Reports of failures name no job: they are of the one that asks for their kind, else of the log's beside them, else nobody's.
#[test]
fn failures_are_rows_of_the_job_that_asks_for_them() {
    let scene = Scene::new();
    scene.file("rlf.json", reports("RLF_REPORT_ONLY", "000004"));
    scene.file("rcef.json", reports("RCEF_REPORT_ONLY", "000005"));
    let line = |message: lte::UeInformationResponse| {
        format!("lte-rrc.ue-information-response: {}\n", hex(&message.encode().unwrap()))
    };
    let failures_in_store = || {
        std::fs::remove_file(scene.path("f.json")).ok();
        let done = scene.mdt(&["export", "store", "--to", "f.json", "--format", "json", "--failures"]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let text = std::fs::read_to_string(scene.path("f.json")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    scene.file("alone", line(failures()));
    let none = scene.import("rrc", "alone", &RECEIVED);
    assert_eq!((&none["outcome"], &none["counts"]["failures_of_no_job"]), (&"nothing".into(), &2.into()));
    let asking = [&RECEIVED[..], &["--job", "rlf.json", "--job", "rcef.json"]].concat();
    let kept = scene.import("rrc", "alone", &asking);
    assert_eq!((&kept["outcome"], &kept["rows"], &kept["failures"]), (&"kept".into(), &0.into(), &2.into()));
    assert_eq!(scene.import("rrc", "alone", &asking)["outcome"], "kept_before");
    let kept = failures_in_store();
    let of = |kind: &str| kept.iter().find(|row| row["kind"] == kind).unwrap().clone();
    let (rlf, cef) = (of("RLF"), of("CEF"));
    assert_eq!((&rlf["job"], &cef["job"]), (&"234-15-000004".into(), &"234-15-000005".into()));
    assert_eq!((&cef["preambles"], &cef["flags"]), (&10.into(), &4.into()));
    let time = |row: &serde_json::Value| row["time"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let received: jiff::Timestamp = RECEIVED[1].parse().unwrap();
    assert_eq!(received.duration_since(time(&cef)).as_secs(), 120, "when it came, less what it waited");
    // Beside a log, and no job that asks for such reports: the log's.
    let mut both = failures();
    let lte::UlDcch::UeInformationResponse(log) = lte::UlDcch::decode(&lte_log(job(1), 3)).unwrap();
    both.log = log.log;
    scene.file("beside", line(both));
    let kept = scene.import("rrc", "beside", &RECEIVED);
    assert_eq!((&kept["counts"]["logs"], &kept["failures"]), (&1.into(), &2.into()));
    let beside = failures_in_store().into_iter().filter(|row| row["job"] == "234-15-000001").count();
    assert_eq!(beside, 2);
}
