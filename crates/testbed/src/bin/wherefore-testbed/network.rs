//! `network`: the nodes of a scenario, until Ctrl-C.

use crate::say;
use anyhow::Context as _;
use std::{path::PathBuf, process::ExitCode};
use testbed::{Laboratory, Network, NetworkOptions, scenario::Scenario};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  wherefore-testbed network --scenario lab.toml
  wherefore-testbed network --scenario lab.toml --tls-dir certificates
  curl http://127.0.0.1:9390/seen/sub-02
  curl -X POST http://127.0.0.1:9390/fault -H 'Content-Type: application/json' \\
       -d '{\"node\": \"mme-1\", \"fault\": {\"kind\": \"delay\", \"ms\": 1000, \"times\": 5}}'")]
pub(crate) struct Arguments {
    /// Scenario file; that of the built-in tour if absent.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Speak Diameter over TLS, with certificates made now and written into this directory for the gateway.
    #[arg(long, value_name = "DIR")]
    tls_dir: Option<PathBuf>,
}

/// Reads a scenario file, or takes the built-in one.
pub(crate) fn scenario(path: Option<&PathBuf>) -> anyhow::Result<Scenario> {
    match path {
        Some(path) => Scenario::read(path).with_context(|| format!("scenario {}", path.display())),
        None => Scenario::tour().context("the built-in scenario"),
    }
}

/// Makes certificates for the nodes of a scenario and leaves them in a directory.
fn tls(scenario: &Scenario, directory: &PathBuf) -> anyhow::Result<NetworkOptions> {
    let hosts = scenario.operators().flat_map(|of| of.mmes.iter().map(|mme| &mme.host).chain([&of.hss.host]));
    let hosts = hosts.map(String::as_str);
    let laboratory = Laboratory::new(&hosts.collect::<Vec<_>>(), "gateway")?;
    std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    laboratory.write(directory)?;
    Ok(NetworkOptions { tls: Some(laboratory.acceptor(true)?) })
}

/// Addresses of a running network, one a line.
pub(crate) fn addresses(network: &Network) -> String {
    let mut lines: Vec<String> =
        network.addresses().iter().map(|(name, address)| format!("  {name:<12} Diameter  {address}")).collect();
    for node in network.ss7_addresses() {
        let doors = node.listen.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        lines.push(format!("  {:<12} M3UA      {doors}  {}, point code {}", node.name, node.number, node.point_code));
    }
    lines.push(format!("  {:<12} HTTP      http://{}/", "control", network.control_address()));
    lines.join("\n")
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let scenario = scenario(arguments.scenario.as_ref())?;
    let options = match &arguments.tls_dir {
        Some(directory) => tls(&scenario, directory)?,
        None => NetworkOptions::default(),
    };
    let network = Network::start(&scenario, options).await?;
    say(&format!("The network runs, {} subscribers:", scenario.subscribers.len()), false);
    say(&addresses(&network), false);
    say("Ctrl-C ends it.", false);
    tokio::signal::ctrl_c().await?;
    let counted = network.counted();
    network.stop().await;
    say(&serde_json::to_string(&counted)?, false);
    Ok(ExitCode::SUCCESS)
}
