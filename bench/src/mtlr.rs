//! Goals P1 and P2: a whole location request, the gateway beside the floor in one run.

use crate::Settings;
use crate::gateway::{GATEWAY_CORE, Gateway, LOAD_CORE, SUBSCRIBERS, msisdn, routes_kept_s};
use crate::load::{closed_loop, keep_best, slir};
use crate::programs::{Programs, Running, free_port, pin_self, wait_for};
use anyhow::{Context, Result};
use std::path::Path;

/// Clients when none are asked for.
const CLIENTS: &[usize] = &[1, 8, 64, 256, 512];
const ROUNDS: usize = 3;

/// Runs floor and gateway in turns and prints both.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let (programs, seconds) = (&settings.programs, settings.seconds);
    let dir = tempfile::tempdir()?;
    let dir = dir.path();
    let network = Network::start(programs, dir)?;
    pin_self(LOAD_CORE);
    let floor = start_floor(programs, dir, &network)?;
    // Routes are not kept, so that each request makes both Diameter exchanges, as the floor does.
    let sections = routes_kept_s(0) + &network.sections();
    let gateway = Gateway::start(programs, &dir.join("gateway"), &sections)?;
    println!("whole MT-LR: HTTP and MLP in, privacy check, SLh and SLg, durable record, answer; gateway on one core");
    println!("{:>7}  {:>38}  {:>38}  {:>6}  {:>6}", "clients", "floor", "wherefore", "rate", "p50");
    let asked = if settings.clients.is_empty() { CLIENTS } else { &settings.clients };
    for clients in asked {
        let body = |at: usize| slir("bench", "bench-secret-of-a-client", &msisdn(at as u64 * 977 % SUBSCRIBERS));
        let (mut best_floor, mut best_gateway) = (None, None);
        for _ in 0..ROUNDS {
            let address = format!("127.0.0.1:{}", floor.1);
            keep_best(
                &mut best_floor,
                closed_loop(&address, *clients, seconds, body, "CircularArea", &[floor.0.pid()])?,
            );
            let (address, pid) = (gateway.address(), gateway.running.pid());
            keep_best(&mut best_gateway, closed_loop(&address, *clients, seconds, body, "CircularArea", &[pid])?);
        }
        let (Some(floor), Some(gateway)) = (best_floor, best_gateway) else { continue };
        println!(
            "{clients:>7}  {:>38}  {:>38}  {:>5.0}%  {:>5.1}x{}",
            floor.to_string(),
            gateway.to_string(),
            100.0 * gateway.per_cpu_s / floor.per_cpu_s,
            gateway.latency.quantile_us(0.5) / floor.latency.quantile_us(0.5),
            gateway.complaint(),
        );
    }
    println!(
        "target: 64 clients 15,000 per processor second (goal 30,000), p99 < 10 ms; 1 client p50 within 3x; 512 no collapse"
    );
    Ok(())
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

    /// What a gateway is to be told of it.
    pub(crate) fn sections(&self) -> String {
        let peer = |host: &str, role: &str, port: u16| {
            format!(
                "[[diameter.peer]]\nhost = \"{host}\"\nrealm = \"floor.example\"\nrole = \"{role}\"\naddress = \"127.0.0.1:{port}\"\n"
            )
        };
        peer("hss.floor.example", "hss", self.slh) + &peer("mme.floor.example", "mme", self.slg)
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
