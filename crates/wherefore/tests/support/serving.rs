//! `wherefore serve` as a process of its own, for the tests of this crate.

use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

/// A configuration whose doors take any free port.
pub(crate) fn with_free_ports(sample: String) -> String {
    let ports = ["9210", "9211", "9280", "9281", "3868", "5868"];
    ports.iter().fold(sample, |text, port| text.replace(&format!(":{port}\""), ":0\""))
}

/// Port that a line of the gateway's log names after `what`.
fn port_of(line: &str, what: &str) -> Option<u16> {
    line.contains(what).then(|| line.rsplit(':').next()?.trim().parse().ok()).flatten()
}

/// A gateway that is ready.
pub(crate) struct Serving {
    process: Child,
    /// Lines of its log until it was ready.
    until_ready: Vec<String>,
    rest: JoinHandle<String>,
}

impl Serving {
    /// Starts it, and waits until it is ready.
    pub(crate) async fn start(mut command: Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut until_ready = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            let ready = line.contains("diameter ready");
            until_ready.push(line);
            if ready {
                break;
            }
        }
        let rest = tokio::spawn(async move {
            let mut rest = String::new();
            while let Ok(Some(line)) = lines.next_line().await {
                rest.push_str(&line);
            }
            rest
        });
        Self { process, until_ready, rest }
    }

    /// Address of a door of it, `admin` or `mlp`.
    pub(crate) fn address(&self, door: &str) -> String {
        let ready = format!("{door} ready");
        let port = self.until_ready.iter().find_map(|line| port_of(line, &ready));
        format!("http://127.0.0.1:{}", port.unwrap())
    }

    /// Stops it; gives its log.
    pub(crate) async fn stop(mut self) -> String {
        let pid = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
        assert_eq!(self.process.wait().await.unwrap().code(), Some(0));
        self.until_ready.concat() + &self.rest.await.unwrap()
    }
}
