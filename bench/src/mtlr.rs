//! Goals P1 and P2: a whole location request, the gateway beside the floor in one run.

use crate::Settings;
use crate::load::{Outcome, closed_loop, slir};
use crate::programs::{Programs, Running, free_port, pin_self, wait_for};
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::Path;

/// Clients when none are asked for.
const CLIENTS: &[usize] = &[1, 8, 64, 256, 512];
const ROUNDS: usize = 3;
const SUBSCRIBERS: u64 = 20_000;
const GATEWAY_CORE: &str = "0";
const LOAD_CORE: &str = "1";

/// Runs floor and gateway in turns and prints both.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let (programs, seconds) = (&settings.programs, settings.seconds);
    let dir = tempfile::tempdir()?;
    let dir = dir.path();
    let network = Network::start(programs, dir)?;
    pin_self(LOAD_CORE);
    let floor = start_floor(programs, dir, &network)?;
    let gateway = Gateway::start(programs, dir, &network)?;
    println!("whole MT-LR: HTTP and MLP in, privacy check, SLh and SLg, durable record, answer; gateway on one core");
    println!("{:>7}  {:>38}  {:>38}  {:>6}  {:>6}", "clients", "floor", "wherefore", "rate", "p50");
    let asked = if settings.clients.is_empty() { CLIENTS } else { &settings.clients };
    for clients in asked {
        let body = |at: usize| slir("bench", "bench-secret-of-a-client", &msisdn(at as u64 * 977 % SUBSCRIBERS));
        let (mut best_floor, mut best_gateway) = (None, None);
        for _ in 0..ROUNDS {
            let address = format!("127.0.0.1:{}", floor.1);
            keep_best(&mut best_floor, closed_loop(&address, *clients, seconds, body, "CircularArea", floor.0.pid())?);
            let address = format!("127.0.0.1:{}", gateway.port);
            let outcome = closed_loop(&address, *clients, seconds, body, "CircularArea", gateway.running.pid())?;
            keep_best(&mut best_gateway, outcome);
        }
        let (Some(floor), Some(gateway)) = (best_floor, best_gateway) else { continue };
        println!(
            "{clients:>7}  {:>38}  {:>38}  {:>5.0}%  {:>5.1}x{}",
            show(&floor),
            show(&gateway),
            100.0 * gateway.per_cpu_s / floor.per_cpu_s,
            gateway.latency.quantile_us(0.5) / floor.latency.quantile_us(0.5),
            if gateway.unwanted > 0 {
                format!("  {} answers without a position", gateway.unwanted)
            } else {
                String::new()
            },
        );
    }
    println!(
        "target: 64 clients 15,000 per processor second (goal 30,000), p99 < 10 ms; 1 client p50 within 3x; 512 no collapse"
    );
    Ok(())
}

fn keep_best(best: &mut Option<Outcome>, outcome: Outcome) {
    if best.as_ref().is_none_or(|best| outcome.per_cpu_s > best.per_cpu_s) {
        *best = Some(outcome);
    }
}

fn show(outcome: &Outcome) -> String {
    let (p50, p99) = (outcome.latency.quantile_us(0.5), outcome.latency.quantile_us(0.99));
    format!("{:.0}/s {:.0}/cpu·s p50 {p50:.0} p99 {p99:.0} us", outcome.rate_per_s, outcome.per_cpu_s)
}

fn msisdn(n: u64) -> String {
    format!("49170{n:07}")
}

/// HSS and MME.
pub(crate) struct Network {
    slh: u16,
    slg: u16,
    _nodes: [Running; 2],
}

impl Network {
    pub(crate) fn start(programs: &Programs, dir: &Path) -> Result<Self> {
        let (slh, slg) = (free_port()?, free_port()?);
        let node = |port: u16, host: &str| -> Result<Running> {
            let errors = dir.join(format!("{host}.err"));
            let node = programs.start(LOAD_CORE, "bench", &["answer", &port.to_string(), host], &errors)?;
            wait_for(port, host, &errors)?;
            Ok(node)
        };
        Ok(Self { slh, slg, _nodes: [node(slh, "hss.floor.example")?, node(slg, "mme.floor.example")?] })
    }
}

fn start_floor(programs: &Programs, dir: &Path, network: &Network) -> Result<(Running, u16)> {
    let port = free_port()?;
    let (slh, slg) = (format!("127.0.0.1:{}", network.slh), format!("127.0.0.1:{}", network.slg));
    let log = dir.join("floor.log");
    let log = log.to_str().context("the temporary directory has no UTF-8 name")?;
    let errors = dir.join("floor.err");
    let floor = programs.start(GATEWAY_CORE, "bench", &["floor", &port.to_string(), &slh, &slg, log], &errors)?;
    wait_for(port, "the floor", &errors)?;
    Ok((floor, port))
}

/// The product, with clients and subscribers.
pub(crate) struct Gateway {
    pub(crate) running: Running,
    pub(crate) port: u16,
}

impl Gateway {
    pub(crate) fn start(programs: &Programs, dir: &Path, network: &Network) -> Result<Self> {
        let (port, admin) = (free_port()?, free_port()?);
        let config = dir.join("wherefore.toml");
        std::fs::write(&config, configuration(port, admin, network))?;
        let config = config.to_str().context("the temporary directory has no UTF-8 name")?;
        let errors = dir.join("wherefore.err");
        let running = programs.start(GATEWAY_CORE, "wherefore", &["serve", "--config", config], &errors)?;
        wait_for(port, "the gateway", &errors)?;
        wait_for(admin, "the admin API", &errors)?;
        let record = dir.join("client.json");
        std::fs::write(&record, CLIENT)?;
        let record = record.to_str().context("the temporary directory has no UTF-8 name")?;
        let secret = dir.join("client.secret");
        std::fs::write(&secret, "bench-secret-of-a-client")?;
        let secret = secret.to_str().context("the temporary directory has no UTF-8 name")?;
        programs
            .run("wherefore", &["client", "add", "bench", "--record", record, "--no-secret", "--config", config])?;
        programs.run("wherefore", &["client", "secret", "bench", "--secret-file", secret, "--config", config])?;
        let mut lines = String::new();
        for n in 0..SUBSCRIBERS {
            writeln!(lines, r#"{{"subscriber":"msisdn:{},imsi:00101{n:010}","profile":{PROFILE}}}"#, msisdn(n))?;
        }
        let import = dir.join("subscribers.ndjson");
        std::fs::write(&import, lines)?;
        let import = import.to_str().context("the temporary directory has no UTF-8 name")?;
        programs.run("wherefore", &["subscriber", "import", import, "--config", config])?;
        Ok(Self { running, port })
    }
}

fn configuration(port: u16, admin: u16, network: &Network) -> String {
    let peer = |host: &str, role: &str, port: u16| {
        format!(
            "[[diameter.peer]]\nhost = \"{host}\"\nrealm = \"floor.example\"\nrole = \"{role}\"\naddress = \"127.0.0.1:{port}\"\n"
        )
    };
    format!(
        "[gateway]\nname = \"bench\"\ngmlc_number = \"+491700000001\"\ncountry_codes = [49]\n\
         [mlp]\nlisten = \"127.0.0.1:{port}\"\n[admin]\nlisten = \"127.0.0.1:{admin}\"\n[metrics]\nenabled = false\n\
         [limits]\nclient_rate_per_s = 1000000\nclient_burst = 1000000\n\
         [cache]\nrouting_s = 0\n\
         [diameter]\norigin_host = \"gmlc.floor.example\"\norigin_realm = \"floor.example\"\naccept = false\n{}{}",
        peer("hss.floor.example", "hss", network.slh),
        peer("mme.floor.example", "mme", network.slg),
    )
}

/// Routes are not kept, so that each request makes both Diameter exchanges, as the floor does.
const CLIENT: &str = r#"{"id":"bench","client_type":"value_added","name":{"text":"Fleet control"},
    "external_identities":[{"number":"+4930123456"}],"services":[{"id":"fleet","service_type":3}],
    "requests":["non_call","call_session","current","current_or_last_known","negotiate_qos","negotiate_priority"]}"#;

const PROFILE: &str = r#"{"unrelated":{"clients":[{"number":"+4930123456","setting":"allowed"}]}}"#;
