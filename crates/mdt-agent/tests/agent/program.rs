//! The program from outside: its socket, its memory, its lines.

use super::scene::{CONSENT, Keys, by_start, drive, files, found, job_text};
use mdt_agent::control;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for what happens soon on an idle machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running agent, in a folder of its own. Killed when dropped.
struct Program {
    folder: tempfile::TempDir,
    child: Child,
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn agent() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mdt-agent"));
    command.stdin(Stdio::null());
    command
}

/// A configuration that plays a drive of so many records at once, with nobody where the collector should be.
fn prepare(folder: &Path, records: u32) -> PathBuf {
    let keys = Keys::new();
    let root: String = keys.root.public().iter().map(|octet| format!("{octet:02x}")).collect();
    std::fs::write(folder.join("keys.mdtk"), keys.root.sign(&keys.list).unwrap()).unwrap();
    std::fs::write(folder.join("job.json"), job_text("000001").to_string()).unwrap();
    std::fs::write(folder.join("consent"), CONSENT).unwrap();
    std::fs::write(folder.join("token"), "a-token").unwrap();
    let authority = include_str!("authority.pem");
    std::fs::write(folder.join("ca.pem"), authority).unwrap();
    drive(&folder.join("drive.jsonl"), records);
    let config = folder.join("agent.toml");
    let text = format!(
        "[state]\ndir = 'state'\nkeys_dir = 'keys'\nflush_s = 0\n[source.replay]\nfile = 'drive.jsonl'\npace = 'at-once'\n\
         [job]\nfile = 'job.json'\nconsent_file = 'consent'\n[keys]\nlist_file = 'keys.mdtk'\nroots = ['{root}']\n\
         [collector]\nurl = 'https://127.0.0.1:9'\nca_file = 'ca.pem'\ntoken_file = 'token'\n[control]\nsocket = 'agent.sock'\n"
    );
    std::fs::write(&config, text).unwrap();
    config
}

impl Program {
    /// Starts it, and waits until it logged so many records.
    fn start(records: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = prepare(folder.path(), records);
        let log = File::create(folder.path().join("log")).unwrap();
        let child =
            agent().arg("run").arg("--config").arg(config).arg("--log-level=debug").stderr(log).spawn().unwrap();
        let mut program = Self { folder, child };
        program.until(|status| status["records"] == records);
        program
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("agent.sock")
    }

    fn until(&mut self, holds: impl Fn(&Value) -> bool) {
        let begin = Instant::now();
        loop {
            let told = self.ask(r#"{"verb":"status"}"#.as_bytes());
            if told.as_ref().is_some_and(|told| holds(&serde_json::from_str::<Value>(told).unwrap()["status"])) {
                return;
            }
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
            assert!(self.child.try_wait().unwrap().is_none(), "{log}");
            assert!(begin.elapsed() < PATIENCE, "{told:?} {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it answers to a line, if it listens.
    fn ask(&self, line: &[u8]) -> Option<String> {
        let mut stream = UnixStream::connect(self.socket()).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // It may answer, and go, before it has read all of a line that is too long.
        drop(stream.write_all(line).and_then(|()| stream.write_all(b"\n")));
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).ok().map(|_| answer)
    }

    fn command(&self, arguments: &[&str]) -> Output {
        agent().args(arguments).arg("--socket").arg(self.socket()).output().unwrap()
    }
}

/// T2: whatever anybody says to the socket, no answer has anything of an entry; and there are five verbs.
#[test]
fn t2_no_line_on_the_socket_yields_an_entry() {
    let program = Program::start(50);
    let mode = std::fs::metadata(program.socket()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o660);
    let all = by_start(0..=50);
    let check = |answer: &str| assert_eq!(found(answer.as_bytes(), &all), Vec::<&[u8]>::new(), "{answer}");
    // Words that somebody would try, and lines of chance: the seed is fixed.
    let words = ["export", "read", "dump", "entries", "log", "get", "opt-in", "upload", "keys", "erase", "*", "STATUS"];
    let mut lines: Vec<Vec<u8>> = words.iter().map(|word| format!(r#"{{"verb":"{word}"}}"#).into_bytes()).collect();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for length in (0..1100).step_by(17) {
        let octets = (0..length).map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        });
        lines.push(octets.filter(|octet| *octet != b'\n').collect());
    }
    for line in lines {
        let answer = program.ask(&line).unwrap_or_default();
        check(&answer);
        let told: Value = serde_json::from_str(&answer).unwrap();
        assert!(told["ok"] == false && told.get("status").is_none(), "{answer}");
        assert_eq!(told["verbs"], serde_json::json!(["status", "pause", "resume", "opt-out", "clear"]));
    }
    let keys = [
        "phase",
        "paused_s",
        "job",
        "interval_ms",
        "duration_s",
        "span_s",
        "records",
        "octets",
        "segments",
        "reports",
        "available",
        "unfinished",
        "register_waits",
        "erasures_wait",
    ];
    let verbs = [
        r#"{"verb":"status"}"#,
        r#"{"verb":"pause","for_s":60}"#,
        r#"{"verb":"resume"}"#,
        r#"{"verb":"clear"}"#,
        r#"{"verb":"opt-out"}"#,
    ];
    for verb in verbs {
        let answer = program.ask(verb.as_bytes()).unwrap();
        check(&answer);
        let told: Value = serde_json::from_str(&answer).unwrap();
        assert!(told["ok"] == true, "{answer}");
        let mut told: Vec<&String> = told["status"].as_object().unwrap().keys().collect();
        told.sort();
        let mut wanted = keys.to_vec();
        wanted.sort_unstable();
        assert_eq!(told, wanted, "what status tells is a closed list");
    }
    // Nor does a line of the log, at its most talkative, nor a file.
    let log = std::fs::read(program.folder.path().join("log")).unwrap();
    assert!(!log.is_empty());
    assert_eq!(found(&log, &all), Vec::<&[u8]>::new());
    for (path, octets) in ["state", "keys"].iter().flat_map(|name| files(&program.folder.path().join(name))) {
        assert_eq!(found(&octets, &all), Vec::<&[u8]>::new(), "{}", path.display());
    }
}

/// T3: what a debugger, or the core dump that there is none of, would find after a thousand records: none of them but the last.
#[test]
fn t3_memory_has_no_record_but_the_last() {
    let program = Program::start(1000);
    let process = PathBuf::from(format!("/proc/{}", program.child.id()));
    let limits = std::fs::read_to_string(process.join("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
    let memory = match File::open(process.join("mem")) {
        Ok(memory) => memory,
        // Whoever is not root does not even get this far: the process is not dumpable.
        Err(error) => return assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied),
    };
    let all = by_start(0..1000);
    let (mut seen, mut name) = (0, 0);
    for line in std::fs::read_to_string(process.join("maps")).unwrap().lines() {
        let mut parts = line.split_whitespace();
        let (range, rights) = (parts.next().unwrap(), parts.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        let mut octets = vec![0; (to - from) as usize];
        if memory.read_exact_at(&mut octets, from).is_err() {
            continue;
        }
        seen += octets.len();
        name += octets.windows(13).filter(|window| *window == b"234-15-000001").count();
        assert_eq!(found(&octets, &all), Vec::<&[u8]>::new(), "{line}");
    }
    // It was the memory, and what is there is found.
    assert!(seen > 1 << 18 && name > 0, "{seen} {name}");
}

/// B15, B17 as a user does it: commands, JSON, and an agent that is killed and started again.
#[test]
fn a_user_pauses_resumes_clears_and_opts_out() {
    let mut program = Program::start(10);
    let json = |output: Output| -> Value {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let paused = json(program.command(&["pause", "--for-s", "86400", "--json"]));
    assert_eq!(paused["status"]["paused_s"], 86_400);
    assert_eq!(json(program.command(&["resume", "--json"]))["status"]["paused_s"], Value::Null);
    let shown = program.command(&["status"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("phase            logging") && shown.contains("segments         1"), "{shown}");
    assert_eq!(json(program.command(&["clear", "--json"]))["status"]["segments"], 0);
    assert_eq!(json(program.command(&["opt-out", "--json"]))["status"]["phase"], "opted-out");
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    assert!(!program.command(&["status"]).status.success());
    let log = File::create(program.folder.path().join("log")).unwrap();
    let config = program.folder.path().join("agent.toml");
    program.child = agent().arg("run").arg("--config").arg(config).stderr(log).spawn().unwrap();
    // It plays the drive again, and logs none of it.
    program
        .until(|status| status["phase"] == "opted-out" && status["records"] == 0 && status["register_waits"] == true);
    assert!(control::ask(&program.socket(), control::Request { verb: control::Verb::Resume, for_s: None }).is_ok());
}

#[test]
fn commands_have_examples_and_configurations_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let config = prepare(folder.path(), 1);
    let run = |arguments: &[&str]| agent().args(arguments).output().unwrap();
    let path = config.to_str().unwrap();
    assert!(run(&["check-config", path]).status.success());
    assert_eq!(run(&["check-config", path, "--json"]).stdout, b"{\"ok\":true}\n");
    std::fs::write(&config, "[state]\n").unwrap();
    let wrong = run(&["check-config", path]);
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("agent.toml"));
    for command in ["run", "check-config", "status", "pause", "resume", "opt-out", "clear", "completions", "man"] {
        let help = String::from_utf8(run(&[command, "--help"]).stdout).unwrap();
        assert!(help.contains(&format!("Example:\n  mdt-agent {command}")), "{help}");
    }
    assert!(String::from_utf8(run(&["completions", "bash"]).stdout).unwrap().contains("opt-out"));
    assert!(String::from_utf8(run(&["man"]).stdout).unwrap().contains(".TH mdt-agent 1"));
    let pages = folder.path().join("man1");
    assert!(run(&["man", "--dir", pages.to_str().unwrap()]).status.success());
    assert!(pages.join("mdt-agent.1").exists() && pages.join("mdt-agent-opt-out.1").exists());
}
