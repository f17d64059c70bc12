//! A folder with a store, a key, jobs and files; commands in it.

use mdt_store::{AnonymisedRows, Row, Store};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use wherefore::mdt::Folder;

pub(crate) struct Scene(TempDir);

impl Scene {
    /// An empty store, a key for sessions, and jobs 234-15-000001 of an area and 234-15-000009 of a subscriber.
    pub(crate) fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(scene.path("store")).unwrap();
        scene.file("session.key", [b"07".repeat(32), b"\n".to_vec()].concat());
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(scene.path("session.key"), mode).unwrap();
        scene.file("job.json", job("000001", ""));
        scene.file(
            "person.json",
            job("000009", r#","traceTarget":{"TargetIdType":"IMSI","TargetIdValue":"234150999"}"#),
        );
        scene
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// `wherefore mdt …` in the folder.
    pub(crate) fn mdt(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wherefore"));
        command.current_dir(self.0.path()).arg("mdt").args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// `wherefore mdt import KIND store FILE …`, with job and key, which must succeed; its report.
    pub(crate) fn import(&self, kind: &str, file: &str, more: &[&str]) -> Value {
        let output = self.try_import(kind, file, &[&["--json"], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn try_import(&self, kind: &str, file: &str, more: &[&str]) -> Output {
        let fixed = ["import", kind, "store", file, "--job", "job.json", "--session-key-file", "session.key"];
        self.mdt(&[&fixed, more].concat())
    }

    /// Rows of the store, in order of time.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let store = Store::open(Folder::open(&self.path("store")).unwrap()).unwrap();
        let parts: Vec<AnonymisedRows> = store.parts(None).map(Result::unwrap).collect();
        let rows = parts.iter().flat_map(|part| (0..part.len()).map(|at| part.row(at).unwrap()));
        let mut rows: Vec<Row> = rows.collect();
        rows.sort_by_key(|row| (row.time_ms, row.rsrp));
        rows
    }
}

fn job(trace_id: &str, rest: &str) -> String {
    format!(
        r#"{{"jobType":"LOGGED_MDT_ONLY","traceReference":{{"mcc":"234","mnc":"15","traceId":"{trace_id}"}},"mdtConfig":
        {{"loggedMDTConfig":{{"traceCollectionEntityId":1,"loggingDuration":"7200s","loggingInterval":{{"LTE":["5.12s"]}},
        "plmnList":[{{"mcc":"234","mnc":"15"}}]}}}}{rest}}}"#
    )
}

/// Whether a program is there; in CI it must be.
pub(crate) fn there(program: &str, package: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    let ci = std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty());
    assert!(found || !ci, "{program} (Debian: {package}) is missing, and no test may be skipped");
    if !found {
        eprintln!("skipped: without {program} (Debian: {package})");
    }
    found
}

pub(crate) fn run(program: &str, dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).current_dir(dir).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
