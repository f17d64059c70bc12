//! The agent of a router, as a process of its own: a drive is logged sealed, brought up, and gone for the receipt; its user opts out.

use super::failures::kept;
use super::process::{self, until};
use super::scene::{AREA, CELL, IMSI, RLF, Scene, TOKEN, USUAL, job, trace};
use mdt_log::open::RootSigner;
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// Records of the drive, an interval apart.
const RECORDS: u64 = 40;

fn agent() -> Command {
    let path = process::program().with_file_name("mdt-agent");
    assert!(path.exists(), "{} is missing; build it first: cargo build -p mdt-agent", path.display());
    let mut command = Command::new(path);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// A drive in the cells of the job: a record each 5.12 s.
fn drive() -> String {
    let mut text = String::new();
    for at in 0..=RECORDS {
        let record = json!({
            "at_s": at as f64 * 5.12, "technology": "nr", "state": "camped", "plmn": "23415",
            "cell": {"id": CELL + at, "tac": 7}, "rsrp_dbm": -96.5, "rsrq_db": -11.0, "sinr_db": 9.5,
            "latitude": 51.5 + at as f64 * 0.001, "longitude": -0.12,
        });
        writeln!(text, "{record}").unwrap();
    }
    text
}

/// A router in a folder below that of the gateway, which trusts this authority.
struct Router {
    folder: PathBuf,
    child: Child,
}

impl Router {
    fn start(scene: &Scene, reference: &[u8], authority: &Path) -> Self {
        Self::with(scene, reference, authority, &drive(), "")
    }

    /// The same on this drive, and with these lines besides in its configuration.
    fn with(scene: &Scene, reference: &[u8], authority: &Path, drive: &str, besides: &str) -> Self {
        let folder = scene.lab.path().join("router");
        std::fs::create_dir(&folder).unwrap();
        let root = RootSigner::from_seed(&[3; 32]);
        let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let write = |name: &str, octets: &[u8]| std::fs::write(folder.join(name), octets).unwrap();
        write("keys.mdtk", &root.sign(&scene.list).unwrap());
        write("job.json", job(AREA).to_string().as_bytes());
        write("consent", format!("{}\nnetworks 234-15\n", hex(reference)).as_bytes());
        write("token", TOKEN.as_bytes());
        write("drive.jsonl", drive.as_bytes());
        let config = format!(
            "[state]\ndir = 'state'\nkeys_dir = 'keys'\n[source.replay]\nfile = 'drive.jsonl'\npace = 'at-once'\n\
             [job]\nfile = 'job.json'\nconsent_file = 'consent'\n[keys]\nlist_file = 'keys.mdtk'\nroots = ['{}']\n\
             [collector]\nurl = '{}'\nca_file = '{}'\ntoken_file = 'token'\nevery_s = 1\npiece_octets = 4096\n\
             retry_first_s = 1\nretry_longest_s = 1\n[control]\nsocket = 'agent.sock'\n{besides}",
            hex(&root.public()),
            scene.base(),
            authority.display(),
        );
        write("agent.toml", config.as_bytes());
        Self::again(scene, &folder)
    }

    /// The router of this folder starts; the collector may have moved.
    fn again(scene: &Scene, folder: &Path) -> Self {
        let (folder, file) = (folder.to_owned(), folder.join("agent.toml"));
        let config = std::fs::read_to_string(&file).unwrap();
        let told =
            |line: &str| if line.starts_with("url") { format!("url = '{}'", scene.base()) } else { line.to_owned() };
        std::fs::write(&file, config.lines().map(told).collect::<Vec<_>>().join("\n")).unwrap();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let child = agent().arg("run").arg("--config").arg(file).stderr(log).spawn().unwrap();
        Self { folder, child }
    }

    async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }

    async fn ask(&self, verb: &str) -> Option<Value> {
        let socket = self.folder.join("agent.sock");
        let output = agent().arg(verb).arg("--json").arg("--socket").arg(socket).output().await.unwrap();
        output.status.success().then(|| serde_json::from_slice::<Value>(&output.stdout).unwrap()["status"].clone())
    }

    async fn stands(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let log = || format!("{what}: {}", self.log());
        let begin = tokio::time::Instant::now();
        loop {
            let status = self.ask("status").await;
            if let Some(status) = status.filter(|status| holds(status)) {
                return status;
            }
            assert!(begin.elapsed() < process::PATIENCE, "{}", log());
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap()
    }

    fn sealed(&self) -> usize {
        std::fs::read_dir(self.folder.join("state/log")).unwrap().count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_routers_drive_is_in_the_store_and_its_users_opt_out_in_the_register() {
    let scene = Scene::new("").await;
    scene.consent("exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    let router = Router::start(&scene, &reference, &scene.lab.path().join("ca.pem"));
    let brought = |status: &Value| status["records"] == RECORDS && status["segments"] == 0;
    let status = router.stands("the drive is with the collector", brought).await;
    assert_eq!((status["phase"].as_str(), status["job"].as_str()), (Some("logging"), Some("234-15-000001")));
    assert_eq!(router.sealed(), 0, "what was received is gone: {}", router.log());
    // What is in the store is what the modem measured.
    let Scene { lab, gateway, list } = scene;
    gateway.stop().await;
    let rows = Scene::rows_of(&lab).await;
    let mut cells: Vec<u64> = rows.iter().map(|row| row["cell"].as_u64().unwrap()).collect();
    cells.sort_unstable();
    assert_eq!(cells, (1..=RECORDS).map(|at| CELL + at).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row["rsrp"] == 60 && row["network"] == "234-15"), "{:?}", rows.first());
    // Offline: the user opts out. The collector is back: the register hears of it, and the rows go.
    let out = router.ask("opt-out").await.unwrap();
    assert_eq!((out["phase"].as_str(), out["register_waits"].as_bool()), (Some("opted-out"), Some(true)));
    assert!(!router.log().contains("51.5"), "no place in a line");
    router.stop().await;
    let scene = Scene { gateway: process::Starting::new(lab.path()).listening().await, lab, list };
    let router = Router::again(&scene, &scene.lab.path().join("router"));
    router
        .stands("the register knows", |status| status["register_waits"] == false && status["erasures_wait"] == 0)
        .await;
    let consent = scene.gateway.done(Method::GET, "/v1/consent", Some(IMSI), None).await;
    assert!(consent["opted_out"].is_string(), "{consent}");
    assert_eq!(router.ask("status").await.unwrap()["phase"], "opted-out");
    assert_eq!(scene.rows().await, Vec::<Value>::new(), "what it had brought is erased");
}

/// Failures on a drive where nothing is logged: a link in cell 1, a connection in cell 2.
fn failing() -> String {
    let at = |at_s: u32, kind: &str| {
        let record = json!({
            "at_s": at_s, "technology": "nr", "state": "searching", "plmn": "23415", "cell": {"id": CELL + u64::from(at_s), "tac": 7},
            "rsrp_dbm": -125.5, "latitude": 51.5, "longitude": -0.12,
            "failure": {"kind": kind},
        });
        format!("{record}\n")
    };
    at(1, "radio-link") + &at(2, "connection")
}

/// What failed is kept under the job that asks for its kind, once the person agreed to it; the person opts out by the same reference.
#[tokio::test(flavor = "multi_thread")]
async fn a_routers_reports_of_failures_are_kept_under_the_job_that_asks_for_them() {
    let scene = Scene::new("").await;
    scene.job(RLF).await;
    scene.consent_to("failure-reports", "exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(RLF).await;
    let besides = "[failures]\ntce_id = 1\nconsent_file = 'consent'\n";
    let authority = scene.lab.path().join("ca.pem");
    let router = Router::with(&scene, &reference, &authority, &failing(), besides);
    let both = || router.log().matches("the collector has it").count() == 2;
    until("both reports are with the collector", async || both().then_some(())).await;
    let status = router.ask("status").await.unwrap();
    assert_eq!(
        (&status["reports"], &status["records"], router.sealed()),
        (&json!(0), &json!(0), 0),
        "{}",
        router.log()
    );
    router.ask("opt-out").await.unwrap();
    router
        .stands("the register knows", |status| status["register_waits"] == false && status["erasures_wait"] == 0)
        .await;
    let consent = scene.gateway.done(Method::GET, "/v1/consent", Some(IMSI), None).await;
    assert!(consent["opted_out"].is_string(), "{consent}");
    router.stop().await;
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    assert_eq!(kept(lab.path()).await, Vec::<Value>::new(), "what it had brought is erased");
}

/// The same where the network selects: kept as the modem told it, and what nobody asks for is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_routers_report_of_a_failure_is_what_the_modem_told() {
    let scene = Scene::new(USUAL).await;
    scene.job(RLF).await;
    let authority = scene.lab.path().join("ca.pem");
    let router = Router::with(&scene, &[1], &authority, &failing(), "[failures]\ntce_id = 1\n");
    let both = || router.log().matches("the collector has it").count() == 2;
    until("both reports are with the collector", async || both().then_some(())).await;
    router.stop().await;
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    let kept = kept(lab.path()).await;
    assert_eq!(kept.len(), 1, "nobody asks for connections: {kept:?}");
    let link = &kept[0];
    assert_eq!((&link["kind"], &link["job"]), (&json!("RLF"), &json!(trace(RLF))));
    assert_eq!((&link["cell"], &link["network"]), (&json!(CELL + 1), &json!("234-15")));
    assert!((link["latitude_deg"].as_f64().unwrap() - 51.5).abs() < 0.0001, "{link}");
}

/// B33: a collector whose certificate is of another authority than the one that is named gets nothing, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn b33_a_router_brings_nothing_to_a_collector_of_another_authority() {
    let scene = Scene::new("").await;
    scene.consent("exact", false, &["234-15"]).await;
    let reference = scene.consent_reference(AREA).await;
    let other = tempfile::tempdir().unwrap();
    testbed::Laboratory::new(&[], "phone").unwrap().write(other.path()).unwrap();
    let router = Router::start(&scene, &reference, &other.path().join("ca.pem"));
    router.stands("the drive is logged", |status| status["records"] == RECORDS).await;
    until("an attempt failed", async || router.log().contains("the collector does not have it").then_some(())).await;
    assert_eq!((router.sealed(), scene.unfinished()), (1, 0), "{}", router.log());
}
