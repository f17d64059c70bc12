//! Another codec of S1AP, pycrate (PyPI), as the program `peer.py` beside this file.

use super::{V13, hex, octets};
use mdt::job::TraceJob;
use mdt::s1ap::TraceActivation;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The interpreter: that of `WHEREFORE_TEST_PYTHON`, or the one on the path.
fn interpreter() -> PathBuf {
    std::env::var_os("WHEREFORE_TEST_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

/// Whether it has pycrate. In CI it must.
fn found() -> bool {
    let status = Command::new(interpreter()).args(["-c", "import pycrate_asn1dir"]).stderr(Stdio::null()).status();
    let found = status.is_ok_and(|status| status.success());
    let ci = std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty());
    assert!(found || !ci, "pycrate is missing, and no test may be skipped");
    if !found {
        eprintln!("skipped: without pycrate (PyPI) in WHEREFORE_TEST_PYTHON");
    }
    found
}

struct Peer {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/s1ap/peer.py");
        let mut command = Command::new(interpreter());
        let mut child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (asks, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, asks, answers }
    }

    /// The octets that it writes, and what they say.
    fn ask(&mut self, asked: &Value) -> (String, String) {
        writeln!(self.asks, "{asked}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "no answer to {asked}");
        let answer: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        (text("octets"), text("said"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Random activations of the other codec are read here and written again to the bit.
#[test]
fn what_the_other_codec_writes_is_read_and_written_alike() {
    if !found() {
        return;
    }
    let mut peer = Peer::start();
    for seed in 0..400 {
        let (theirs, said) = peer.ask(&json!({"make": seed}));
        let read =
            TraceActivation::from_octets(&octets(&theirs)).unwrap_or_else(|error| panic!("{error}: {theirs} {said}"));
        assert_eq!(hex(&read.to_octets().unwrap()), theirs, "{said}");
        if let Ok(job) = read.job(1) {
            let again = TraceActivation::of_job(&job, read.recording_session).unwrap();
            assert_eq!(again.job(1).unwrap(), job, "{said}");
        }
    }
}

/// What is written here of every kind of job the other codec reads, writes again to the bit, and says in words of the standard.
#[test]
fn what_is_written_here_the_other_codec_reads() {
    if !found() {
        return;
    }
    let mut peer = Peer::start();
    for job in super::jobs() {
        let job = TraceJob::from_json(job.to_string().as_bytes()).unwrap();
        let ours = hex(&TraceActivation::of_job(&job, [1, 2]).unwrap().to_octets().unwrap());
        assert_eq!(peer.ask(&json!({"read": ours})).0, ours);
    }
    let (again, said) = peer.ask(&json!({"read": V13}));
    assert_eq!(again, V13);
    for word in ["logged-MDT-only", "pLMNWide", "ms5120", "m120", "32F451"] {
        assert!(said.contains(word), "{word} is not in {said}");
    }
}
