//! `mdt-agent`: see the crate's documentation and `docs/mdt-agent.md`.

use anyhow::{Context as _, bail};
use clap::{CommandFactory as _, Parser, Subcommand};
use mdt_agent::config::{Config, SOCKET};
use mdt_agent::control::{self, Request, Verb};
use mdt_agent::{daemon, hardening};
use serde_json::Value;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Memory that is given back is wiped: libraries leave no place behind in what they free.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// Logs radio measurements of this router under an MDT job, sealed, and brings them to their collector.
#[derive(Parser)]
#[command(name = "mdt-agent", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the agent until it is told to stop. SIGHUP reads job, consent and key list anew.
    #[command(after_help = "Example:\n  mdt-agent run --config /etc/mdt-agent/mdt-agent.toml")]
    Run {
        /// The configuration.
        #[arg(long, value_name = "FILE", default_value = "/etc/mdt-agent/mdt-agent.toml")]
        config: PathBuf,
        /// What is logged: error, warn, info, debug.
        #[arg(long, default_value = "info")]
        log_level: LevelFilter,
    },
    /// Says whether a configuration can be used.
    #[command(after_help = "Example:\n  mdt-agent check-config /etc/mdt-agent/mdt-agent.toml")]
    CheckConfig {
        /// The configuration.
        file: PathBuf,
        /// Answers in JSON.
        #[arg(long)]
        json: bool,
    },
    /// How the agent stands: counts and spans, never a place, a cell or the time of an entry.
    #[command(after_help = "Example:\n  mdt-agent status --json")]
    Status(Where),
    /// Takes no part for a while; goes on by itself.
    #[command(after_help = "Example:\n  mdt-agent pause --for-s 86400")]
    Pause {
        /// For how long, s.
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=control::LONGEST_PAUSE_S))]
        for_s: u64,
        #[command(flatten)]
        at: Where,
    },
    /// Ends the pause.
    #[command(after_help = "Example:\n  mdt-agent resume")]
    Resume(Where),
    /// Takes no part any more, for good: destroys what was logged, here and at the collector, and tells the register.
    #[command(after_help = "Example:\n  mdt-agent opt-out")]
    OptOut(Where),
    /// Destroys what was logged and not yet brought away; a job that runs goes on.
    #[command(after_help = "Example:\n  mdt-agent clear")]
    Clear(Where),
    /// Prints completions for a shell.
    #[command(after_help = "Example:\n  mdt-agent completions bash > /etc/bash_completion.d/mdt-agent")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Prints the manual page, or writes a page for each command.
    #[command(after_help = "Example:\n  mdt-agent man --dir /usr/share/man/man1")]
    Man {
        /// A folder for the pages.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
struct Where {
    /// The agent's socket.
    #[arg(long, value_name = "PATH", default_value = SOCKET)]
    socket: PathBuf,
    /// Answers in JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to be told that standard error is gone.
            drop(writeln!(io::stderr(), "mdt-agent: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run { config, log_level } => {
            // Before anything is read that must not get out.
            hardening::apply().context("the system refuses what keeps measurements in this process")?;
            // Libraries say nothing: what they would say may have been measured.
            let own = Targets::new().with_target("mdt_agent", log_level);
            let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
            tracing_subscriber::registry().with(lines).with(own).init();
            let config = Config::read(&config)?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(daemon::run(config))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::CheckConfig { file, json } => check(&file, json),
        Command::Status(at) => ask(&at, Verb::Status, None),
        Command::Pause { for_s, at } => ask(&at, Verb::Pause, Some(for_s)),
        Command::Resume(at) => ask(&at, Verb::Resume, None),
        Command::OptOut(at) => ask(&at, Verb::OptOut, None),
        Command::Clear(at) => ask(&at, Verb::Clear, None),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "mdt-agent", &mut io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { dir: None } => {
            clap_mangen::Man::new(Cli::command()).render(&mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { dir: Some(dir) } => {
            let written = std::fs::create_dir_all(&dir).and_then(|()| clap_mangen::generate_to(Cli::command(), &dir));
            written.with_context(|| dir.display().to_string())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(file: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let read = Config::read(file);
    let line = match (&read, json) {
        (Ok(_), false) => format!("{} can be used", file.display()),
        (Ok(_), true) => serde_json::json!({"ok": true}).to_string(),
        (Err(error), false) => bail!("{error}"),
        (Err(error), true) => serde_json::json!({"ok": false, "error": error.to_string()}).to_string(),
    };
    writeln!(io::stdout(), "{line}")?;
    Ok(if read.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn ask(at: &Where, verb: Verb, for_s: Option<u64>) -> anyhow::Result<ExitCode> {
    let told = control::ask(&at.socket, Request { verb, for_s }).with_context(|| {
        format!("no agent answers at {}; does one run, and may you use its socket?", at.socket.display())
    })?;
    let answer: Value = serde_json::from_str(&told).context("what answers is no agent")?;
    let ok = answer["ok"] == true;
    let mut out = io::stdout().lock();
    if at.json {
        out.write_all(told.as_bytes())?;
    } else if let Some(error) = answer["error"].as_str() {
        bail!("{error}");
    } else {
        for (key, value) in answer["status"].as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            writeln!(out, "{key:<16} {value}")?;
        }
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
