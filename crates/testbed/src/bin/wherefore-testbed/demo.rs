//! `demo`: a gateway for each operator beside a simulated network, a tour, and the addresses to go on with.

use crate::{
    configuration::{CELLS, SMSC_PASSWORD, Setup, host},
    drive_tests,
    gateway::{self, Doors, Gateway, free},
    network::{addresses, scenario},
    say,
    tour::{progress, tell, verdict},
};
use anyhow::Context as _;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};
use testbed::{
    Authority, Laboratory, Network, NetworkOptions,
    scenario::{Operator, Scenario},
    tour::{Disclosures, PushListener, ServiceDoors, Services, Tour, TourPlaces, TourReport},
};
use tokio::sync::{mpsc, oneshot};

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
    /// Keep the gateways' files here, instead of in a directory that is removed in the end.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut scenario = scenario(arguments.scenario.as_ref())?;
    place(&mut scenario, arguments.free_ports)?;
    let port = |usual: u16| free(if arguments.free_ports { 0 } else { usual });
    let (directory, _temporary) = gateway::directory(arguments.keep.as_deref())?;
    let network = Network::start(&scenario, NetworkOptions::default()).await?;
    let program = std::path::absolute(&arguments.gateway)?;
    let listener = PushListener::start(free(0)?).await?;
    let doors = ServiceDoors { smpp: port(2775)?, web: port(8080)?, pull: port(9240)? };
    let services = Services::start(&scenario, doors).await?;
    let laboratory = Laboratory::new(&[], "phone")?;
    let beside = Beside { listener: &listener, services: services.as_ref(), laboratory: &laboratory };
    let mut gateways = start(&program, &scenario, &network, &directory, &beside, arguments.free_ports).await?;
    let toured = tokio::select! {
        toured = tour(&scenario, &network, &mut gateways, (listener, services), (&program, &laboratory)) => toured,
        signal = tokio::signal::ctrl_c() => {
            signal?;
            Err(anyhow::anyhow!("interrupted"))
        }
    };
    let code = match &toured {
        Ok(report) => {
            tell(report, arguments.json)?;
            if !report.all_as_expected() {
                say(&last_words(&gateways), true);
            }
            verdict(report)
        }
        Err(_) => ExitCode::FAILURE,
    };
    if toured.is_ok() && !arguments.once {
        say(&stay(&network, &gateways), false);
        tokio::signal::ctrl_c().await?;
    }
    for (_, gateway) in gateways {
        gateway.stop().await?;
    }
    network.stop().await;
    toured.map(|_| code)
}

/// What a gateway tells, and whom.
struct Beside<'a> {
    listener: &'a PushListener,
    services: Option<&'a Services>,
    /// Certificates of the collector of MDT logs and of phones.
    laboratory: &'a Laboratory,
}

/// Starts a gateway for each operator: that of `[network]` with its files in `directory`, further ones in directories below it.
async fn start(
    program: &Path,
    scenario: &Scenario,
    network: &Network,
    directory: &Path,
    beside: &Beside<'_>,
    free_ports: bool,
) -> anyhow::Result<Vec<(String, Gateway)>> {
    let doors = |(at, of)| Doors::choose(at == 0 && !free_ports).map(|doors| (of, doors));
    let all: Vec<(Operator<'_>, Doors)> = scenario.operators().enumerate().map(doors).collect::<Result<_, _>>()?;
    let authority = Authority::new()?;
    let emergency_url = beside.listener.url();
    let mut gateways = Vec::new();
    for (operator, doors) in &all {
        let others: Vec<_> = all.iter().filter(|(other, _)| other.name != operator.name).copied().collect();
        let own = if operator.name == scenario.network.operator {
            directory.to_owned()
        } else {
            directory.join(operator.name)
        };
        std::fs::create_dir_all(&own).with_context(|| format!("cannot make {}", own.display()))?;
        if !others.is_empty() {
            authority.for_both_ends(&host(*operator))?.write(&own, "lr")?;
            std::fs::write(own.join("lr-ca.pem"), &authority.pem).context("cannot write lr-ca.pem")?;
        }
        let (operator, doors, emergency_url) = (*operator, *doors, emergency_url.as_str());
        // They know the first operator's gateway alone.
        let services = beside.services.filter(|_| gateways.is_empty());
        for (name, secret) in services.map(Services::secrets).unwrap_or_default() {
            testbed::write_secret(&own.join(&name), secret).with_context(|| format!("cannot write {name}"))?;
        }
        let setup = Setup { operator, doors, scenario, network, emergency_url, tuning: None, others, services };
        if let Some(cells) = setup.cells() {
            std::fs::write(own.join(CELLS), cells).with_context(|| format!("cannot write {CELLS}"))?;
        }
        if let Some(cards) = setup.cards() {
            let written = testbed::write_secret(&own.join(SMSC_PASSWORD), cards.password());
            written.with_context(|| format!("cannot write {SMSC_PASSWORD}"))?;
        }
        if setup.collects() {
            drive_tests::prepare(program, &own, beside.laboratory).await?;
        }
        let gateway = Gateway::start(program, &own, doors, &setup.text()).await?;
        gateways.push((operator.name.to_owned(), gateway));
    }
    Ok(gateways)
}

fn last_words(gateways: &[(String, Gateway)]) -> String {
    let words =
        |(of, gateway): &(String, Gateway)| format!("The last words of {of}'s gateway:\n{}", gateway.last_words());
    gateways.iter().map(words).collect::<Vec<_>>().join("\n")
}

/// Gives every node an address that is free.
pub(crate) fn place(scenario: &mut Scenario, free_ports: bool) -> anyhow::Result<()> {
    let port = |wanted: u16| free(if free_ports { 0 } else { wanted });
    scenario.network.control = port(scenario.network.control.port())?;
    let further = scenario.operators.iter_mut().map(|of| (&mut of.hss, &mut of.mmes));
    for (hss, mmes) in std::iter::once((&mut scenario.hss, &mut scenario.mmes)).chain(further) {
        hss.listen = port(hss.listen.port())?;
        for mme in mmes {
            mme.listen = port(mme.listen.port())?;
        }
    }
    if let Some(smsc) = &mut scenario.smsc {
        smsc.listen = port(smsc.listen.port())?;
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
    gateways: &mut [(String, Gateway)],
    (listener, services): (PushListener, Option<Services>),
    (program, laboratory): (&Path, &Laboratory),
) -> anyhow::Result<TourReport> {
    say("Starting the gateways beside the network ...", true);
    let mut places = TourPlaces { control: network.control_address(), gateways: Vec::new() };
    for (operator, gateway) in gateways.iter_mut() {
        let token = gateway.ready().await?;
        places.gateways.push(gateway.doors.places(operator, token));
    }
    tokio::time::timeout(gateway::CONNECT, network.connected())
        .await
        .with_context(|| format!("the gateways did not connect to all nodes:\n{}", last_words(gateways)))?;
    if let Some(cards) = network.cards() {
        let bound = cards.connected(gateway::CONNECT).await;
        bound.with_context(|| format!("no gateway binds to the SMS centre:\n{}", last_words(gateways)))?;
    }
    let (restarts, mut wanted) = mpsc::channel::<oneshot::Sender<()>>(1);
    let mut tour = Tour::new(scenario, places, listener)?.with_services(services).with_restarts(Some(restarts));
    tour.provision().await?;
    let mut report = {
        let mut touring = std::pin::pin!(tour.run(progress));
        loop {
            tokio::select! {
                report = &mut touring => break report?,
                Some(done) = wanted.recv() => {
                    restart(network, gateways, program).await?;
                    // A tour that is over waits for nothing.
                    done.send(()).ok();
                }
            }
        }
    };
    if let Some((_, gateway)) = gateways.first() {
        report.rows.extend(drive_tests::made(&tour, network, gateway, laboratory, program).await?);
    }
    for (operator, gateway) in gateways {
        let verified = gateway.told(program, &["log", "verify", "log", "--json"]).await?;
        let show = ["log", "show", "--all", "--operator", "--config", "wherefore.toml", "--json"];
        let (log, row) = Disclosures::read(operator, &verified, &gateway.told(program, &show).await?)?;
        progress(&row);
        report.rows.push(row);
        report.logs.push(log);
    }
    Ok(report)
}

/// Kills the first operator's gateway, and starts it again.
async fn restart(network: &Network, gateways: &mut [(String, Gateway)], program: &Path) -> anyhow::Result<()> {
    let (_, gateway) = gateways.first_mut().context("no gateway")?;
    gateway.restart(program).await?;
    tokio::time::timeout(gateway::CONNECT, network.connected())
        .await
        .with_context(|| format!("the gateway did not connect again:\n{}", last_words(gateways)))
}

/// What a person can go on with.
fn stay(network: &Network, gateways: &[(String, Gateway)]) -> String {
    let told = gateways.iter().map(|(of, gateway)| {
        let Doors { mlp, admin, metrics, lr, .. } = gateway.doors;
        let token = gateway.directory().join("admin.token");
        let lr = if gateways.len() > 1 { format!("\n  Lr           https://{lr}") } else { String::new() };
        format!(
            "\nThe gateway of {of} runs:\n  MLP          http://{mlp}/\n  admin API    http://{admin}/  (token in {})\n  \
             metrics      http://{metrics}/metrics{lr}",
            token.display()
        )
    });
    let told: String = told.collect();
    format!("{told}\nThe network runs:\n{}\nCtrl-C ends everything.", addresses(network))
}
