//! Another codec of MAP, pycrate (PyPI), as the program `peer.py` beside this file: it reads what is written here, and what it
//! writes is read here. `values.json` has the values of each message as it names them.

use crate::samples;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

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
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/map/peer.py");
        let mut command = Command::new(interpreter());
        let mut child =
            command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the interpreter starts");
        let (asks, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, asks, answers }
    }

    fn ask(&mut self, asked: &Value) -> Value {
        writeln!(self.asks, "{asked}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "no answer to {asked}");
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn another_codec_reads_and_writes_each_message() {
    if !found() {
        return;
    }
    let values: Value = serde_json::from_str(include_str!("values.json")).unwrap();
    let samples = samples::all();
    assert_eq!(values.as_object().unwrap().len(), samples.len());
    let mut peer = Peer::start();
    for sample in samples {
        let value = &values[sample.name];
        let octets: String = sample.octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let read = peer.ask(&json!({"notation": sample.notation, "octets": octets}));
        assert_eq!(read["value"], *value, "{}", sample.name);
        let written = peer.ask(&json!({"notation": sample.notation, "value": value}));
        let written = written["octets"].as_str().unwrap();
        assert_eq!(written, octets, "{}", sample.name);
        (sample.reads_same)(&crate::common::hex(written));
    }
}

/// The type of an error's parameter.
fn parameter(code: i64) -> &'static str {
    match code {
        1 => "UnknownSubscriberParam",
        8 => "RoamingNotAllowedParam",
        21 => "FacilityNotSupParam",
        27 => "AbsentSubscriberParam",
        34 => "SystemFailureParam",
        36 => "UnexpectedDataParam",
        53 => "UnauthorizedLCSClient_Param",
        54 => "PositionMethodFailure_Param",
        other => panic!("error {other} has no parameter"),
    }
}

/// Names of what an error tells, but for two words that we leave out of the longest, and how many marks without a value it has.
fn told(value: &Value, names: &mut Vec<String>, marks: &mut usize) {
    match value {
        Value::String(name) => names.push(name.replace('-', "").replace("OnNumberOf", "On").to_lowercase()),
        Value::Null => *marks += 1,
        Value::Object(members) => members.values().for_each(|member| told(member, names, marks)),
        other => panic!("{other}"),
    }
}

#[test]
fn another_codec_reads_and_writes_each_error() {
    if !found() {
        return;
    }
    let mut peer = Peer::start();
    for (error, code, octets, _) in crate::errors::table().into_iter().filter(|(_, _, octets, _)| !octets.is_empty()) {
        let notation = format!("MAP_ER_DataTypes.{}", parameter(code));
        let sent: String = error.parameter().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(sent, octets.replace(' ', "").to_lowercase());
        let read = peer.ask(&json!({"notation": notation, "octets": sent}));
        // Its words are ours.
        let (mut names, mut marks) = (Vec::new(), 0);
        told(&read["value"], &mut names, &mut marks);
        let ours = format!("{error:?}");
        assert!(!names.is_empty() || marks > 0, "{ours}: {read}");
        assert!(names.iter().all(|name| ours.to_lowercase().contains(&format!("({name})"))), "{ours}: {read}");
        // One cause is never absent.
        let count = ours.matches("Some(").count() + usize::from(code == 8);
        assert_eq!((names.len(), marks), (count, ours.matches("true").count()), "{ours}: {read}");
        let written = peer.ask(&json!({"notation": notation, "value": read["value"]}));
        assert_eq!(written["octets"], sent, "{ours}");
    }
}
