//! A gateway started for a demonstration: its configuration in a directory of its own, its process, its end.

use anyhow::Context as _;
use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use testbed::tour::GatewayPlaces;
use tokio::process::{Child, Command};

/// How long the gateway may take to come up: the first start makes keys and sets its log aside.
const START: Duration = Duration::from_secs(60);
/// How long it may take to connect to all nodes.
pub(crate) const CONNECT: Duration = Duration::from_secs(30);
/// How long it may take to finish what it accepted.
const STOP: Duration = Duration::from_secs(20);
/// Between two looks whether it is up.
const LOOK: Duration = Duration::from_millis(50);

/// The doors of a gateway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doors {
    pub(crate) mlp: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) metrics: SocketAddr,
    pub(crate) diameter: SocketAddr,
    /// Towards other operators' gateways.
    pub(crate) lr: SocketAddr,
    /// Towards phones with MDT.
    pub(crate) mdt: SocketAddr,
}

/// The loopback address with the port wanted if it is free, else with any free one.
pub(crate) fn free(wanted: u16) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", wanted)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)));
    Ok(listener.context("no free port on the loopback address")?.local_addr()?)
}

/// Where a gateway's files go: the directory to keep, or one that is removed when the second value is dropped.
pub(crate) fn directory(keep: Option<&Path>) -> anyhow::Result<(PathBuf, tempfile::TempDir)> {
    let temporary = tempfile::Builder::new().prefix("wherefore-demo-").tempdir()?;
    let directory = match keep {
        None => temporary.path().to_owned(),
        Some(keep) => {
            std::fs::create_dir_all(keep).with_context(|| format!("cannot make {}", keep.display()))?;
            std::path::absolute(keep)?
        }
    };
    Ok((directory, temporary))
}

impl Doors {
    /// As a tour finds them.
    pub(crate) fn places(&self, operator: &str, token: String) -> GatewayPlaces {
        let operator = operator.to_owned();
        GatewayPlaces { operator, mlp: format!("http://{}/", self.mlp), admin: format!("http://{}", self.admin), token }
    }

    /// The usual ports, or free ones where those are taken or not wanted.
    pub(crate) fn choose(usual: bool) -> anyhow::Result<Self> {
        let port = |usual_port| free(if usual { usual_port } else { 0 });
        Ok(Self {
            mlp: port(9210)?,
            admin: port(9280)?,
            metrics: port(9281)?,
            diameter: port(3868)?,
            lr: port(7273)?,
            mdt: port(9443)?,
        })
    }
}

/// What it logs.
const LOG: &str = "gateway.log";

/// Starts the program over the files in `directory`.
fn serve(program: &Path, directory: &Path, log: &std::fs::File) -> std::io::Result<Child> {
    Command::new(program)
        .args(["serve", "--config", "wherefore.toml"])
        .current_dir(directory)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .kill_on_drop(true)
        .spawn()
}

/// A gateway that runs. Killed when dropped; see [`Gateway::stop`].
pub(crate) struct Gateway {
    child: Child,
    pub(crate) doors: Doors,
    directory: PathBuf,
}

impl Gateway {
    /// Writes the configuration, has the program make the secrets that are missing, and starts it.
    pub(crate) async fn start(program: &Path, directory: &Path, doors: Doors, config: &str) -> anyhow::Result<Self> {
        let file = directory.join("wherefore.toml");
        std::fs::write(&file, config).with_context(|| format!("cannot write {}", file.display()))?;
        let missing = || format!("cannot start {}; build it with `cargo build -p wherefore`", program.display());
        let made = Command::new(program).arg("init").arg(directory).output().await.with_context(missing)?;
        anyhow::ensure!(made.status.success(), "`wherefore init`: {}", String::from_utf8_lossy(&made.stderr));
        let child = serve(program, directory, &std::fs::File::create(directory.join(LOG))?).with_context(missing)?;
        Ok(Self { child, doors, directory: directory.to_owned() })
    }

    /// Kills it as a power cut would, and starts it again over the same files; it is ready then.
    pub(crate) async fn restart(&mut self, program: &Path) -> anyhow::Result<()> {
        self.child.kill().await.context("cannot kill the gateway")?;
        let log = std::fs::File::options().append(true).open(self.directory.join(LOG))?;
        self.child = serve(program, &self.directory, &log).context("cannot start the gateway again")?;
        self.ready().await.map(|_| ())
    }

    /// What its program prints for a command, in the directory of its files.
    pub(crate) async fn told(&self, program: &Path, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
        let ran = Command::new(program).args(arguments).current_dir(&self.directory).output().await?;
        let error = String::from_utf8_lossy(&ran.stderr);
        anyhow::ensure!(ran.status.success(), "`wherefore {}`: {error}", arguments.join(" "));
        Ok(ran.stdout)
    }

    /// Where its files are.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Waits until the admin API listens and its token is there; the token.
    pub(crate) async fn ready(&mut self) -> anyhow::Result<String> {
        let token = self.directory.join("admin.token");
        let up = async {
            loop {
                if let Some(status) = self.child.try_wait()? {
                    anyhow::bail!("the gateway ended with {status}");
                }
                if tokio::net::TcpStream::connect(self.doors.admin).await.is_ok()
                    && let Ok(text) = std::fs::read_to_string(&token)
                {
                    return Ok(text);
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let came = tokio::time::timeout(START, up).await;
        let came = came.unwrap_or_else(|_| Err(anyhow::anyhow!("the gateway did not come up in {START:?}")));
        came.map_err(|error| anyhow::anyhow!("{error:#}; its last words:\n{}", self.last_words()))
    }

    /// The end of what the gateway logged.
    pub(crate) fn last_words(&self) -> String {
        let text = std::fs::read_to_string(self.directory.join(LOG)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n")
    }

    /// Asks it to end and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(pid) = self.child.id() {
            // The shell's own `kill` is there on every system, and sends the signal that lets the gateway finish.
            let asked = Command::new("sh").arg("-c").arg(format!("kill -TERM {pid}")).status().await;
            if asked.is_ok_and(|status| status.success())
                && tokio::time::timeout(STOP, self.child.wait()).await.is_ok_and(|ended| ended.is_ok())
            {
                return Ok(());
            }
        }
        self.child.kill().await.context("cannot end the gateway")
    }
}
