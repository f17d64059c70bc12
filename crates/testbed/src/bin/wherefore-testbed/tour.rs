//! `tour`: through a gateway that runs, with a network that runs.

use crate::{network, say};
use anyhow::Context as _;
use std::{
    io::IsTerminal as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};
use testbed::tour::{GatewayPlaces, PushListener, Row, Tour, TourPlaces, TourReport};

#[derive(clap::Args)]
#[command(after_help = "\
Example:
  wherefore-testbed network --scenario lab.toml &
  wherefore-testbed tour --scenario lab.toml --mlp http://127.0.0.1:9210/ --admin http://127.0.0.1:9280 \\
       --token-file admin.token --once")]
pub(crate) struct Arguments {
    /// Scenario file, the one that the network runs; that of the built-in tour if absent.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// MLP address of the gateway.
    #[arg(long, default_value = "http://127.0.0.1:9210/")]
    mlp: String,
    /// Admin API of the gateway.
    #[arg(long, default_value = "http://127.0.0.1:9280")]
    admin: String,
    /// File with the bearer token of the admin API.
    #[arg(long)]
    token_file: PathBuf,
    /// The gateway of another operator of the scenario: name of the operator, MLP address, admin API, token file. May be given
    /// several times; steps in which an operator without gateway has a part are left out.
    #[arg(long, num_args = 4, value_names = ["OPERATOR", "MLP", "ADMIN", "TOKEN_FILE"])]
    other: Vec<String>,
    /// Where reports are pushed to; name it as mlp.push.emergency_url for the step of the emergency call.
    #[arg(long, default_value = "127.0.0.1:9392")]
    push_listen: SocketAddr,
    /// Make the tour once and end; otherwise again each time that Enter is pressed.
    #[arg(long)]
    once: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let scenario = network::scenario(arguments.scenario.as_ref())?;
    let first = GatewayPlaces {
        operator: scenario.network.operator.clone(),
        mlp: arguments.mlp,
        admin: arguments.admin,
        token: token(&arguments.token_file)?,
    };
    let mut places = TourPlaces { control: scenario.network.control, gateways: vec![first] };
    for other in arguments.other.chunks_exact(4) {
        let [operator, mlp, admin, file] = other else { continue };
        anyhow::ensure!(scenario.operator(Some(operator)).is_some(), "the scenario has no operator `{operator}`");
        let token = token(Path::new(file))?;
        let (operator, mlp, admin) = (operator.clone(), mlp.clone(), admin.clone());
        places.gateways.push(GatewayPlaces { operator, mlp, admin, token });
    }
    let listener = PushListener::start(arguments.push_listen)
        .await
        .with_context(|| format!("cannot listen at {}", arguments.push_listen))?;
    let mut tour = Tour::new(&scenario, places, listener)?;
    loop {
        tour.provision().await?;
        let report = tour.run(progress).await?;
        tell(&report, arguments.json)?;
        if arguments.once || !again().await? {
            return Ok(verdict(&report));
        }
    }
}

fn token(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read the token file {}", file.display()))
}

/// Shows on a terminal that something goes on.
pub(crate) fn progress(row: &Row) {
    if std::io::stderr().is_terminal() {
        say(&format!("  {} {}", if row.ok { "ok" } else { "NO" }, row.step), true);
    }
}

/// Prints what a tour did.
pub(crate) fn tell(report: &TourReport, json: bool) -> anyhow::Result<()> {
    if json {
        say(&serde_json::to_string_pretty(report)?, false);
    } else {
        for log in &report.logs {
            say(&format!("{}\n", log.table()), false);
        }
        say(&report.table(std::io::stdout().is_terminal()).to_string(), false);
        say(&report.summary(), false);
    }
    Ok(())
}

/// Exit status 0 if all was as expected, else 1.
pub(crate) fn verdict(report: &TourReport) -> ExitCode {
    if report.all_as_expected() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Waits for Enter; the end of the input ends the tour.
async fn again() -> anyhow::Result<bool> {
    say("Enter makes the tour again, Ctrl-D ends.", true);
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)
    });
    Ok(line.await?? > 0)
}
