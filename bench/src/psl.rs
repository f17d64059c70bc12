//! A whole location request over MAP, SendRoutingInfoForLCS and ProvideSubscriberLocation by M3UA over TCP, beside the same request over
//! Diameter in one run.

use crate::Settings;
use crate::gateway::{Gateway, LOAD_CORE, msisdn, routes_kept_s};
use crate::load::{Outcome, closed_loop, keep_best, slir};
use crate::mtlr::Network;
use crate::programs::pin_self;
use crate::signalling::{Msc, Signalling};
use anyhow::{Context, Result};
use std::path::Path;

/// Clients when none are asked for.
const CLIENTS: &[usize] = &[1, 64];
const ROUNDS: usize = 3;

/// Runs both networks in turns, once with every route asked for and once with routes kept, and prints all.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let diameter = Network::start(&settings.programs, dir.path())?;
    println!("whole MT-LR over MAP beside the same over Diameter; gateway on one core, nodes and load on the other");
    for (name, kept_s) in [("routes asked for", 0), ("routes kept", 3600)] {
        println!("{name}");
        compare(settings, &dir.path().join(name.replace(' ', "-")), &diameter, kept_s)?;
    }
    println!("target: 64 clients, routes kept, 8,000 PSL per processor second");
    Ok(())
}

fn compare(settings: &Settings, dir: &Path, diameter: &Network, kept_s: u32) -> Result<()> {
    let signalling = Signalling::start()?;
    pin_self(LOAD_CORE);
    let start = |name: &str, network: String| {
        Gateway::start(&settings.programs, &dir.join(name), &(routes_kept_s(kept_s) + &network))
    };
    let over_diameter = start("diameter", diameter.sections())?;
    let over_map = start("map", signalling.sections())?;
    let kinds = [
        ("Diameter", &over_diameter, Msc::Set4),
        ("MAP, set 4", &over_map, Msc::Set4),
        ("MAP, set 3", &over_map, Msc::Set3),
    ];
    println!("{:>7}  {:<10}  {:>40}  {:>6}  {:>5}  {:>5}", "clients", "network", "", "rate", "p50", "p99");
    let asked = if settings.clients.is_empty() { CLIENTS } else { &settings.clients };
    for clients in asked {
        let mut best = [const { None::<Outcome> }; 3];
        for _ in 0..ROUNDS {
            for (best, (_, gateway, msc)) in best.iter_mut().zip(&kinds) {
                let body = |at: usize| slir("bench", "bench-secret-of-a-client", &msisdn(msc.subscriber(at)));
                let (address, pid) = (gateway.address(), gateway.running.pid());
                keep_best(best, closed_loop(&address, *clients, settings.seconds, body, "CircularArea", &[pid])?);
            }
        }
        let [Some(floor), ..] = &best else { continue };
        for (outcome, (name, ..)) in best.iter().zip(&kinds) {
            let outcome = outcome.as_ref().context("nothing was measured")?;
            let quantile = |share| outcome.latency.quantile_us(share) / floor.latency.quantile_us(share);
            println!(
                "{clients:>7}  {name:<10}  {:>40}  {:>5.0}%  {:>4.1}x  {:>4.1}x{}",
                outcome.to_string(),
                100.0 * outcome.per_cpu_s / floor.per_cpu_s,
                quantile(0.5),
                quantile(0.99),
                outcome.complaint(),
            );
        }
    }
    println!("asked of the nodes: {}", signalling.asked);
    Ok(())
}
