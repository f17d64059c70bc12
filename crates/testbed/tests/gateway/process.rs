//! The program: started, spoken to over its admin API, killed, stopped.

use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    time::Instant,
};

/// Longest wait for anything that happens soon on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at something that sends no word of itself.
const LOOK: Duration = Duration::from_millis(10);

/// Looks until `found` finds something.
///
/// # Panics
/// It does not for [`PATIENCE`].
pub(crate) async fn until<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(value) = found().await {
            return value;
        }
        assert!(begin.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Ports below those that systems give out, and above those of the program.
const PORTS: std::ops::Range<u32> = 10_000..30_000;
/// Looked at next, counted from where this process began.
static NEXT_PORT: AtomicU32 = AtomicU32::new(0);

/// An address on loopback where nobody listens just now, for what is told to others before it listens. The system gives its port to nobody
/// else meanwhile, and other processes of tests look elsewhere first.
pub(crate) async fn free_address() -> SocketAddr {
    loop {
        let looked = NEXT_PORT.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + std::process::id().wrapping_mul(61).wrapping_add(looked) % (PORTS.end - PORTS.start);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, u16::try_from(port).unwrap()));
        if TcpListener::bind(address).await.is_ok() {
            return address;
        }
    }
}

/// The program beside the test's own executable.
pub(crate) fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let path = own.parent().and_then(Path::parent).unwrap().join("wherefore");
    assert!(path.exists(), "{} is missing; build it first: cargo build -p wherefore", path.display());
    path
}

/// A command of the program in a directory, without anything that the tester's own environment would tell it.
pub(crate) fn command(directory: &Path) -> Command {
    let mut command = Command::new(program());
    command.current_dir(directory).stdin(Stdio::null()).kill_on_drop(true).env("RUST_BACKTRACE", "0");
    for variable in ["WHEREFORE_CONFIG", "WHEREFORE_ADMIN", "WHEREFORE_MLP", "WHEREFORE_SECRET", "WHEREFORE_TOKEN"] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program to its end.
pub(crate) async fn run(directory: &Path, arguments: &[&str]) -> Output {
    command(directory).args(arguments).output().await.unwrap()
}

/// Runs the program, which must succeed; what it said.
pub(crate) async fn ok(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments).await;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{arguments:?}: {} {told} {said}", output.status);
    said.into_owned()
}

/// Runs the program, which must succeed and print JSON.
pub(crate) async fn json(directory: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&ok(directory, arguments).await).unwrap()
}

/// Where a gateway listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doors {
    pub(crate) mlp: SocketAddr,
    pub(crate) mlp_tls: Option<SocketAddr>,
    pub(crate) admin: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

/// A process of the program that serves. Killed when dropped.
pub(crate) struct Gateway {
    child: Child,
    directory: PathBuf,
    log: PathBuf,
    pub(crate) doors: Doors,
    http: reqwest::Client,
    token: String,
}

/// A process that was started; it may not listen yet.
pub(crate) struct Starting {
    pub(crate) child: Child,
    directory: PathBuf,
    log: PathBuf,
}

impl Starting {
    /// Starts the program on the configuration in `directory`.
    pub(crate) fn new(directory: &Path) -> Self {
        let log = directory.join("gateway.log");
        let to = std::fs::File::create(&log).unwrap();
        let child = command(directory)
            .args(["serve", "--config", "wherefore.toml", "--log-format", "json"])
            .stdout(Stdio::null())
            .stderr(to)
            .spawn()
            .unwrap();
        Self { child, directory: directory.to_owned(), log }
    }

    /// Waits until it listens.
    pub(crate) async fn listening(mut self) -> Gateway {
        let doors = until("the gateway listens", async || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the gateway ended with {status}:\n{}", last_words(&self.log));
            }
            doors(&std::fs::read_to_string(&self.log).unwrap())
        });
        let doors = doors.await;
        let token = std::fs::read_to_string(self.directory.join("admin.token")).unwrap();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Gateway {
            child: self.child,
            directory: self.directory,
            log: self.log,
            doors,
            http,
            token: token.trim().to_owned(),
        }
    }
}

/// The doors, once all are told in the log.
fn doors(log: &str) -> Option<Doors> {
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let address = |what: &str| {
        let line = lines.iter().find(|line| line["fields"]["message"] == format!("{what} ready"))?;
        line["fields"]["address"].as_str()?.parse().ok()
    };
    // Told last.
    let metrics = address("metrics")?;
    Some(Doors { mlp: address("mlp")?, mlp_tls: address("mlp over tls"), admin: address("admin")?, metrics })
}

fn last_words(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

impl Gateway {
    /// Still running?
    pub(crate) fn is_up(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Ends it as a power cut would, for the process.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends SIGTERM.
    pub(crate) async fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("it does not end:\n{}", last_words(&self.log))).unwrap()
    }

    /// Stops it gracefully, which must work.
    pub(crate) async fn stop(self) {
        self.terminate().await;
        let directory = self.directory.clone();
        let status = self.ended().await;
        assert!(status.success(), "{status}:\n{}", last_words(&directory.join("gateway.log")));
    }

    /// Asks the admin API: status and body.
    pub(crate) async fn admin(
        &self,
        method: Method,
        path: &str,
        subscriber: Option<&str>,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("http://{}{path}", self.doors.admin));
        request = request.bearer_auth(&self.token);
        if let Some(subscriber) = subscriber {
            request = request.header("Subscriber", subscriber);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
    }

    /// Asks the admin API, which must do it.
    pub(crate) async fn done(
        &self,
        method: Method,
        path: &str,
        subscriber: Option<&str>,
        body: Option<&Value>,
    ) -> Value {
        let (status, told) = self.admin(method, path, subscriber, body).await;
        assert!(status.is_success(), "{path}: {status} {told}");
        told
    }

    /// Registers a client with a secret that the gateway makes.
    pub(crate) async fn client(&self, id: &str, record: Value) -> String {
        self.done(Method::PUT, &format!("/v1/clients/{id}"), None, Some(&record)).await;
        let made =
            self.done(Method::POST, &format!("/v1/clients/{id}/secret"), None, Some(&serde_json::json!({}))).await;
        made["secret"].as_str().unwrap().to_owned()
    }

    /// Waits until every Diameter peer is usable.
    pub(crate) async fn connected(&self) {
        until("every peer is usable", async || {
            let told = self.done(Method::GET, "/v1/peers", None, None).await;
            told["peers"].as_array().unwrap().iter().all(|peer| peer["usable"] == true).then_some(())
        })
        .await;
    }

    /// `/ready`: whether it is, and what hinders it.
    pub(crate) async fn readiness(&self) -> (bool, String) {
        let (status, told) = self.admin(Method::GET, "/ready", None, None).await;
        (status == StatusCode::OK, told["hindrances"].to_string())
    }

    /// A metric without labels.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let page = self.http.get(format!("http://{}/metrics", self.doors.metrics)).send().await.unwrap();
        let page = page.text().await.unwrap();
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        line.unwrap_or_default()
    }
}
