//! `demo`: a gateway beside a simulated network, a tour, and the addresses to go on with.

use crate::{
    gateway::{self, Doors, Gateway, free},
    network::{addresses, scenario},
    say,
    tour::{progress, tell, verdict},
};
use anyhow::Context as _;
use std::{path::PathBuf, process::ExitCode};
use testbed::{
    Network, NetworkOptions,
    scenario::Scenario,
    tour::{PushListener, Tour, TourPlaces, TourReport},
};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  wherefore-testbed demo --gateway target/debug/wherefore
  wherefore-testbed demo --gateway target/debug/wherefore --free-ports --once --json")]
pub(crate) struct Arguments {
    /// The gateway's program.
    #[arg(long)]
    gateway: PathBuf,
    /// Scenario file; that of the built-in tour if absent.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Use free ports instead of the usual ones. Usual ports that are taken are replaced in any case.
    #[arg(long)]
    free_ports: bool,
    /// End after the tour; exit status 0 if every step ended as expected, else 1.
    #[arg(long)]
    once: bool,
    /// Print the tour as JSON.
    #[arg(long)]
    json: bool,
    /// Keep the gateway's files here, instead of in a directory that is removed in the end.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut scenario = scenario(arguments.scenario.as_ref())?;
    place(&mut scenario, arguments.free_ports)?;
    let (directory, _temporary) = gateway::directory(arguments.keep.as_deref())?;
    let network = Network::start(&scenario, NetworkOptions::default()).await?;
    let doors = Doors::choose(!arguments.free_ports)?;
    let program = std::path::absolute(&arguments.gateway)?;
    let listener = PushListener::start(free(0)?).await?;
    let config = gateway::configuration(doors, &scenario, &network, &listener.url(), None);
    let mut gateway = Gateway::start(&program, &directory, doors, &config).await?;
    let toured = tokio::select! {
        toured = tour(&scenario, &network, &mut gateway, listener) => toured,
        signal = tokio::signal::ctrl_c() => {
            signal?;
            Err(anyhow::anyhow!("interrupted"))
        }
    };
    let code = match &toured {
        Ok(report) => {
            tell(report, arguments.json)?;
            if !report.all_as_expected() {
                say(&format!("The gateway's last words:\n{}", gateway.last_words()), true);
            }
            verdict(report)
        }
        Err(_) => ExitCode::FAILURE,
    };
    if toured.is_ok() && !arguments.once {
        say(&stay(&network, doors, &directory), false);
        tokio::signal::ctrl_c().await?;
    }
    gateway.stop().await?;
    network.stop().await;
    toured.map(|_| code)
}

/// Gives every node an address that is free.
pub(crate) fn place(scenario: &mut Scenario, free_ports: bool) -> anyhow::Result<()> {
    let port = |wanted: u16| free(if free_ports { 0 } else { wanted });
    scenario.network.control = port(scenario.network.control.port())?;
    scenario.hss.listen = port(scenario.hss.listen.port())?;
    for mme in &mut scenario.mmes {
        mme.listen = port(mme.listen.port())?;
    }
    if let Some(ss7) = &mut scenario.ss7 {
        ss7.hlr.listen = port(ss7.hlr.listen.port())?;
        for node in ss7.mscs.iter_mut().chain(&mut ss7.sgsns) {
            node.listen = port(node.listen.port())?;
        }
    }
    Ok(())
}

async fn tour(
    scenario: &Scenario,
    network: &Network,
    gateway: &mut Gateway,
    listener: PushListener,
) -> anyhow::Result<TourReport> {
    say("Starting the gateway beside the network ...", true);
    let token = gateway.ready().await?;
    tokio::time::timeout(gateway::CONNECT, network.connected())
        .await
        .with_context(|| format!("the gateway did not connect to all nodes:\n{}", gateway.last_words()))?;
    let places = TourPlaces {
        mlp: format!("http://{}/", gateway.doors.mlp),
        admin: format!("http://{}", gateway.doors.admin),
        token,
        control: network.control_address(),
    };
    let mut tour = Tour::new(scenario, places, listener)?;
    tour.provision().await?;
    Ok(tour.run(progress).await?)
}

/// What a person can go on with.
fn stay(network: &Network, doors: Doors, directory: &std::path::Path) -> String {
    format!(
        "\nThe gateway runs:\n  MLP          http://{}/\n  admin API    http://{}/  (token in {})\n  metrics      \
         http://{}/metrics\nThe network runs:\n{}\nCtrl-C ends both.",
        doors.mlp,
        doors.admin,
        directory.join("admin.token").display(),
        doors.metrics,
        addresses(network),
    )
}
