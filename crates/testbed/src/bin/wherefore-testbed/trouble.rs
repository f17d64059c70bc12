//! `trouble`: a gateway beside a network in trouble.

use crate::{
    configuration::{Setup, Tuning},
    demo::place,
    gateway::{self, Doors, Gateway, free},
    say,
    tour::{progress, tell, verdict},
};
use anyhow::Context as _;
use std::{path::PathBuf, process::ExitCode, time::Duration};
use testbed::{
    Network, NetworkOptions,
    scenario::{Scenario, TROUBLE},
    tour::{PushListener, Tour, TourPlaces},
    trouble::Trouble,
};

#[derive(clap::Args)]
#[command(after_help = "\
Example:
  wherefore-testbed trouble --gateway target/release/wherefore
It takes about a minute; exit status 0 if the gateway did right in every case, else 1.")]
pub(crate) struct Arguments {
    /// The gateway's program.
    #[arg(long)]
    gateway: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
    /// Keep the gateway's files here, instead of in a directory that is removed in the end.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut scenario = Scenario::parse(TROUBLE)?;
    place(&mut scenario, true)?;
    let (directory, _temporary) = gateway::directory(arguments.keep.as_deref())?;
    let running = Network::start(&scenario, NetworkOptions::default()).await?;
    let (doors, sink, tuning) = (Doors::choose(false)?, free(0)?, Tuning::FOR_TROUBLE);
    let (emergency_url, others) = (format!("http://{sink}/push"), Vec::new());
    let operator = scenario.operators().next().context("a scenario has an operator")?;
    let (scenario, network) = (&scenario, &running);
    let setup = Setup {
        operator,
        doors,
        scenario,
        network,
        emergency_url: &emergency_url,
        tuning: Some(tuning),
        others,
        services: None,
    };
    let program = std::path::absolute(&arguments.gateway)?;
    let mut gateway = Gateway::start(&program, &directory, doors, &setup.text()).await?;
    let token = gateway.ready().await?;
    tokio::time::timeout(gateway::CONNECT, network.connected())
        .await
        .context("the gateway did not connect to all nodes")?;
    let gateways = vec![doors.places(operator.name, token)];
    let places = TourPlaces { control: network.control_address(), gateways };
    // The scenario has no steps; its clients and subscribers are registered as a tour does it.
    let mut tour = Tour::new(scenario, places, PushListener::start(free(0)?).await?)?;
    tour.provision().await?;
    let trouble = Trouble {
        network,
        mlp: format!("http://{}/", doors.mlp).parse()?,
        client: "trouble".to_owned(),
        secret: tour.secret("trouble").context("the gateway made no secret")?.to_owned(),
        sink,
        slh_timeout: Duration::from_millis(tuning.slh_ms),
        slg_timeout: Duration::from_millis(tuning.slg_ms),
        places: tuning.max_concurrent,
    };
    let report = trouble.run(progress).await?;
    tell(&report, arguments.json)?;
    if !report.all_as_expected() {
        say(&format!("The gateway's last words:\n{}", gateway.last_words()), true);
    }
    gateway.stop().await?;
    running.stop().await;
    Ok(verdict(&report))
}
