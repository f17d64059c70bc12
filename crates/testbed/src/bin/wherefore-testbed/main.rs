//! `wherefore-testbed`: a simulated operator network, a tour through a gateway, and load for it.

mod answer;
mod configuration;
mod demo;
mod drive_tests;
mod gateway;
mod load;
mod network;
mod tour;
mod trouble;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A simulated operator network for a location gateway: HSS, MMEs, phones and their users; a tour; load.
#[derive(Parser)]
#[command(
    name = "wherefore-testbed",
    version,
    after_help = "\
Examples:
  wherefore-testbed network --scenario lab.toml
  wherefore-testbed tour --mlp http://127.0.0.1:9210/ --admin http://127.0.0.1:9280 --token-file admin.token --once
  wherefore-testbed demo --gateway target/debug/wherefore --once
  wherefore-testbed load --mlp http://127.0.0.1:9210/ --client fleet --secret-file fleet.secret --msisdn 99900000001
  wherefore-testbed scenario > lab.toml"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the HSS and the MMEs of a scenario until Ctrl-C.
    Network(network::Arguments),
    /// Ask a gateway as LCS clients do and compare what comes of it; exit status 0 if all is as expected.
    Tour(tour::Arguments),
    /// Start a gateway for each operator beside the network, make the tour, and stay until Ctrl-C.
    Demo(demo::Arguments),
    /// Start a gateway beside a network that is slow, silent, lost and wrong, and see what it makes of it.
    Trouble(trouble::Arguments),
    /// Drive load over MLP and tell latencies and CPU time.
    Load(load::Arguments),
    /// Answer SLh or SLg requests as fast as can be, without deciding anything.
    Answer(answer::Arguments),
    /// Print the scenario of the built-in tour, the sample of every key.
    Scenario,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .with_writer(std::io::stderr)
        .init();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(perform(arguments.task)));
    match done {
        Ok(code) => code,
        Err(error) => {
            say(&format!("wherefore-testbed: {error:#}"), true);
            ExitCode::from(2)
        }
    }
}

async fn perform(task: Task) -> anyhow::Result<ExitCode> {
    match task {
        Task::Network(arguments) => network::run(arguments).await,
        Task::Tour(arguments) => tour::run(arguments).await,
        Task::Demo(arguments) => demo::run(arguments).await,
        Task::Trouble(arguments) => trouble::run(arguments).await,
        Task::Load(arguments) => load::run(arguments).await,
        Task::Answer(arguments) => answer::run(arguments).await,
        Task::Scenario => {
            say(testbed::scenario::TOUR.trim_end(), false);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Writes a line to standard output, or to standard error. A reader who went away is no reason to fail.
fn say(line: &str, error: bool) {
    use std::io::Write;
    let written = if error { writeln!(std::io::stderr(), "{line}") } else { writeln!(std::io::stdout(), "{line}") };
    written.ok();
}
