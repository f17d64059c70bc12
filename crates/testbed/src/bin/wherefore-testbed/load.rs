//! `load`: many clients at once.

use crate::say;
use anyhow::Context as _;
use comfy_table::{Table, presets};
use mlp::client::{ClientTarget, Request};
use std::{collections::BTreeMap, path::PathBuf, process::ExitCode, time::Duration};
use testbed::load::{Endpoint, LoadPlan, LoadReport, drive};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  closed loop, 64 clients for 10 s, CPU time of the gateway told:
    wherefore-testbed load --client fleet --secret-file fleet.secret --msisdn 99900000001 --clients 64 --secs 10 \\
        --pid $(pidof wherefore)
  open loop, 500 requests a second:
    wherefore-testbed load --client fleet --secret-file fleet.secret --msisdn 99900000001 --rate 500")]
pub(crate) struct Arguments {
    /// MLP address of the gateway, http.
    #[arg(long, default_value = "http://127.0.0.1:9210/")]
    mlp: Endpoint,
    /// Account that asks.
    #[arg(long)]
    client: String,
    /// File with its secret.
    #[arg(long)]
    secret_file: PathBuf,
    /// Subscribers to ask for, in turn; separated by commas.
    #[arg(long, value_delimiter = ',', required_unless_present = "msisdn_file")]
    msisdn: Vec<String>,
    /// File with subscribers to ask for, one MSISDN a line.
    #[arg(long, conflicts_with = "msisdn")]
    msisdn_file: Option<PathBuf>,
    /// Service identity to name.
    #[arg(long)]
    service_id: Option<String>,
    /// Connections.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Seconds.
    #[arg(long, default_value_t = 10.0)]
    secs: f64,
    /// Requests per second in all: an open loop, in which a late request counts from when it should have left.
    #[arg(long)]
    rate: Option<f64>,
    /// Process id of the gateway, whose CPU time is told.
    #[arg(long)]
    pid: Option<u32>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(arguments.secs > 0.0 && arguments.secs.is_finite(), "--secs must be above 0");
    anyhow::ensure!(arguments.rate.is_none_or(|rate| rate > 0.0 && rate.is_finite()), "--rate must be above 0");
    let secret = std::fs::read_to_string(&arguments.secret_file)
        .with_context(|| format!("cannot read {}", arguments.secret_file.display()))?;
    let subscribers = match &arguments.msisdn_file {
        None => arguments.msisdn.clone(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        }
    };
    let body = |msisdn: &String| {
        let mut request = Request::new(&arguments.client, secret.trim(), vec![ClientTarget::msisdn(msisdn)]);
        request.service_id.clone_from(&arguments.service_id);
        request.to_xml()
    };
    let report = drive(LoadPlan {
        endpoint: arguments.mlp.clone(),
        bodies: subscribers.iter().map(body).collect(),
        clients: arguments.clients,
        duration: Duration::from_secs_f64(arguments.secs),
        rate_per_s: arguments.rate,
        pid: arguments.pid,
    })
    .await
    .context("the load could not be driven; does the gateway run?")?;
    if arguments.json {
        say(&serde_json::to_string_pretty(&to_json(&report))?, false);
    } else {
        say(&table(&report).to_string(), false);
    }
    Ok(ExitCode::SUCCESS)
}

fn to_json(report: &LoadReport) -> serde_json::Value {
    let us = |share| report.latency.quantile_us(share);
    serde_json::json!({
        "answers": report.latency.count(), "seconds": report.seconds, "per_second": report.rate_per_s(),
        "p50_us": us(0.5), "p90_us": us(0.9), "p99_us": us(0.99), "p999_us": us(0.999), "max_us": report.latency.max_us(),
        "results": report.results.iter().map(|(result, of)| (result.to_string(), of.count())).collect::<BTreeMap<_, _>>(), "other": report.other, "lost_connections": report.lost,
        "cpu_seconds": report.cpu_seconds, "answers_per_cpu_second": report.per_cpu_second(),
    })
}

fn table(report: &LoadReport) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let ms = |us: u64| format!("{:.2} ms", us as f64 / 1000.0);
    table.add_row(["answers".to_owned(), format!("{} in {:.1} s", report.latency.count(), report.seconds)]);
    table.add_row(["rate".to_owned(), format!("{:.0} /s", report.rate_per_s())]);
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)] {
        table.add_row([name.to_owned(), ms(report.latency.quantile_us(share))]);
    }
    table.add_row(["max".to_owned(), ms(report.latency.max_us())]);
    for (result, of) in &report.results {
        let name = if *result == 0 { "positions".to_owned() } else { format!("result {result}") };
        table.add_row([name, format!("{}, p99 {}", of.count(), ms(of.quantile_us(0.99)))]);
    }
    table.add_row(["other answers".to_owned(), report.other.to_string()]);
    table.add_row(["connections lost".to_owned(), report.lost.to_string()]);
    if let (Some(cpu), Some(per)) = (report.cpu_seconds, report.per_cpu_second()) {
        table.add_row(["CPU of the gateway".to_owned(), format!("{cpu:.2} s, {per:.0} answers per CPU second")]);
    }
    table
}
