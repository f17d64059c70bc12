//! The command line. All but `serve`, `check-config`, `init` and what works on files is a client of the admin API or of the MLP door.

mod api;
mod areas;
mod args;
mod charging;
mod clients;
mod collector;
mod consent;
mod daemon;
mod deferred;
mod error;
mod explain;
mod import;
mod input;
mod locate;
mod log;
mod mdt;
mod mdt_bins;
mod mdt_import;
mod mdt_import_running;
mod output;
mod pages;
mod pseudonyms;
mod slpp;
mod subscribers;
#[cfg(test)]
mod tests;
mod usim;

use args::{Cli, Command};
use clap::Parser as _;
use error::CliError;
use std::io::Write as _;
use std::process::ExitCode;

/// Runs the command that the arguments of the process name. The exit status is told in the help of `wherefore`.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let serves = matches!(cli.command, Command::Serve(_));
    let mut builder = if serves {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    let done =
        builder.enable_all().build().map_err(CliError::from).and_then(|runtime| runtime.block_on(run(cli.command)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough.
        Err(CliError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let text = error.to_string();
            if !text.is_empty() {
                // Nobody is left to tell if standard error is closed.
                writeln!(std::io::stderr(), "wherefore: {text}").ok();
            }
            ExitCode::from(error.exit_status())
        }
    }
}

async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Serve(args) => daemon::serve(args).await,
        Command::CheckConfig(args) => daemon::check_config(&args).await,
        Command::Init(args) => daemon::init(&args),
        Command::Client(command) => clients::run(command).await,
        Command::Subscriber(command) => subscribers::run(command).await,
        Command::Consent(command) => consent::run(command).await,
        Command::Pseudonym(command) => pseudonyms::run(command).await,
        Command::Areas(command) => areas::run(command).await,
        Command::Ldr(command) => deferred::run(command).await,
        Command::Usim(command) => usim::run(command).await,
        Command::Locate(args) => locate::run(&args).await,
        Command::Explain(args) => explain::run(args).await,
        Command::Log(command) => log::run(command).await,
        Command::Charging(command) => charging::run(&command),
        Command::Mdt(command) => mdt::run(command).await,
        Command::Status(args) => daemon::status(&args).await,
        Command::Completions { shell } => pages::completions(shell),
        Command::Man { dir } => pages::man(dir.as_deref()),
    }
}
