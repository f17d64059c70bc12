//! Programs that a bench starts, each on its core, and ends.

use anyhow::{Context, Result, bail};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that is killed when dropped.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already is as good.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Where the programs lie.
pub(crate) struct Programs {
    pub(crate) dir: PathBuf,
}

impl Programs {
    /// Starts a program on `cores`, at real-time priority where that is allowed, so that a busy neighbour does not add its
    /// ticks to every wake-up.
    pub(crate) fn start(&self, cores: &str, name: &str, arguments: &[&str], errors: &Path) -> Result<Running> {
        let errors = std::fs::File::create(errors)?;
        let mut command = self.on(cores, name, arguments);
        let child = command.stdout(Stdio::null()).stderr(errors).spawn();
        // taskset and chrt become the program, so the pid is its own.
        Ok(Running(child.with_context(|| format!("cannot start {name}; is it built in release?"))?))
    }

    fn on(&self, cores: &str, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("taskset");
        command.args(["-c", cores]);
        if real_time() {
            command.args(["chrt", "-r", "10"]);
        }
        command.arg(self.dir.join(name)).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs a program to its end on `cores`, as [`Programs::start`] does, and gives what it printed.
    pub(crate) fn run_on(&self, cores: &str, name: &str, arguments: &[&str]) -> Result<String> {
        Self::finished(&mut self.on(cores, name, arguments), name, arguments)
    }

    /// The same with a variable of the environment.
    pub(crate) fn run_with(
        &self,
        (variable, value): (&str, &str),
        cores: &str,
        name: &str,
        arguments: &[&str],
    ) -> Result<String> {
        Self::finished(self.on(cores, name, arguments).env(variable, value), name, arguments)
    }

    /// Runs a program to its end, wherever it likes, and gives what it printed.
    pub(crate) fn run(&self, name: &str, arguments: &[&str]) -> Result<String> {
        Self::finished(Command::new(self.dir.join(name)).args(arguments).stdin(Stdio::null()), name, arguments)
    }

    fn finished(command: &mut Command, name: &str, arguments: &[&str]) -> Result<String> {
        let output = command.output()?;
        if !output.status.success() {
            bail!("{name} {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Whether this user may ask for real-time priority.
pub(crate) fn real_time() -> bool {
    let tried = Command::new("chrt").args(["-r", "10", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// Puts this process on a core and, where that is allowed, at real-time priority: for the load, which a busy neighbour would
/// otherwise hold back and so make the gateway look slow.
pub(crate) fn pin_self(core: &str) {
    let pid = std::process::id().to_string();
    let set = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()
    };
    set("taskset", &["-a", "-p", "-c", core, &pid]);
    set("chrt", &["-a", "-r", "-p", "10", &pid]);
}

/// Gives back what [`pin_self`] took.
pub(crate) fn unpin_self() {
    let pid = std::process::id().to_string();
    let set = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()
    };
    set("chrt", &["-a", "-o", "-p", "0", &pid]);
    set("taskset", &["-a", "-p", "-c", "0-1", &pid]);
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Waits until something listens.
pub(crate) fn wait_for(port: u16, what: &str, errors: &Path) -> Result<()> {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if start.elapsed() > Duration::from_secs(60) {
            bail!("{what} does not listen: {}", std::fs::read_to_string(errors).unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
