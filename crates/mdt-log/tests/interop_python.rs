//! Another implementation of the format, by HPKE of PyPI (`pyhpke`): it opens what the phone seals, and what it seals is opened here. Both
//! suites; the program is `interop/peer.py`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt_log::open::{End, open_report, open_segment, unlock};
use mdt_log::*;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::{Collector, TestRng, content, segment};

/// The interpreter: that of `WHEREFORE_TEST_PYTHON`, or the one on the path.
fn interpreter() -> PathBuf {
    std::env::var_os("WHEREFORE_TEST_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

/// Whether it has what the program needs. In CI it must.
fn found() -> bool {
    let imports = "import pyhpke, blake3; from cryptography.hazmat.primitives.asymmetric import mlkem";
    let status = Command::new(interpreter()).args(["-c", imports]).stderr(Stdio::null()).status();
    let found = status.is_ok_and(|status| status.success());
    let ci = std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty());
    assert!(found || !ci, "pyhpke or blake3 is missing, and no test may be skipped");
    if !found {
        eprintln!("skipped: without pyhpke and blake3 (PyPI) in WHEREFORE_TEST_PYTHON");
    }
    found
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// Everything that the phone sends, one of each.
struct Sent {
    collector: Collector,
    epoch: EpochKey,
    lines: Vec<(String, Vec<u8>)>,
}

const RECORDS: u32 = 30;

fn sent() -> Sent {
    let (collector, epoch) = (Collector::new(), EpochKey::generate(&mut TestRng::new(2)));
    let mut lines = vec![];
    for (number, suite) in [(1, Suite::Small), (2, Suite::Hybrid)] {
        let key = &collector.private[number - 1];
        lines.push((format!("private{number}"), key.secret_octets().to_vec()));
        lines.push((format!("public{number}"), key.public()));
        lines.push(("unlock".to_owned(), epoch.unlock(collector.key(suite), &mut TestRng::new(3)).unwrap()));
        lines.push((format!("segment{number}"), segment(&collector, suite, &epoch, RECORDS).0));
    }
    let device = DeviceSecret::generate(&mut TestRng::new(1));
    let facts = ReportFacts { content: Content::EutraUper, consent: vec![] };
    let key = collector.key(Suite::Small);
    let report =
        seal_report(Kind::RadioLinkFailure, b"a failure", &facts, key, &epoch, &device, &mut TestRng::new(5)).unwrap();
    lines.push(("report".to_owned(), report.1));
    lines.extend((0..RECORDS).map(|at| ("content".to_owned(), content(at))));
    Sent { collector, epoch, lines }
}

/// Gives the lines to the program; what it says.
fn ask(sent: &Sent, what: &str) -> Vec<(String, Vec<u8>)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/peer.py");
    let mut child =
        Command::new(interpreter()).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut asks = child.stdin.take().unwrap();
    for (name, octets) in &sent.lines {
        writeln!(asks, "{name} {}", hex(octets)).unwrap();
    }
    writeln!(asks, "{what}").unwrap();
    drop(asks);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(|line| line.split_once(' ').unwrap()).map(|(name, text)| (name.to_owned(), unhex(text))).collect()
}

#[test]
fn it_opens_what_the_phone_seals() {
    if !found() {
        return;
    }
    let sent = sent();
    let mut expected = vec![];
    for _ in [Suite::Small, Suite::Hybrid] {
        expected.extend((0..RECORDS).map(|at| ("record".to_owned(), [&[0][..], &content(at)].concat())));
        expected.push(("record".to_owned(), vec![4, 0, 0, 0, RECORDS as u8, 1]));
    }
    expected.push(("report".to_owned(), [&[1][..], b"a failure"].concat()));
    assert_eq!(ask(&sent, "open"), expected);
}

#[test]
fn what_it_seals_is_opened() {
    if !found() {
        return;
    }
    let sent = sent();
    let said = ask(&sent, "seal");
    let [(_, first), (_, small), (_, second), (_, hybrid), (_, report)] = said.as_slice() else { panic!() };
    for (message, octets) in [(first, small), (second, hybrid)] {
        let epoch = unlock(message, &sent.collector.private).unwrap();
        assert_eq!(epoch.id(), sent.epoch.id());
        let mut next = 0;
        let verdict = open_segment(octets, &sent.collector.private, &epoch, |record| {
            assert_eq!((record.number, record.kind, record.content), (next, Kind::Entry, content(next).as_slice()));
            next += 1;
        })
        .unwrap();
        assert!(verdict.is_complete());
        assert_eq!((next, verdict.end), (RECORDS, End::Closed(CloseReason::DurationOver)));
        open_report(report, &sent.collector.private, &epoch, |_, record| {
            assert_eq!((record.kind, record.content), (Kind::RadioLinkFailure, content(0).as_slice()));
        })
        .unwrap();
    }
}
