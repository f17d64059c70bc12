//! The project's benches: each product figure stands beside a bare floor of our own, measured in the same run.
//!
//! `make bench` builds this in release and runs all of it; `bench floor|answer` are the programs that it starts itself.

mod answer;
mod areas;
mod decision;
mod deferred;
mod exchange;
mod floor;
mod gateway;
mod load;
mod map_wire;
mod mdt_collector;
mod mdt_log;
mod mdt_store;
mod measure;
mod memory;
mod mlp;
mod mtlr;
mod population;
mod programs;
mod pseudonym;
mod psl;
mod raw_commit;
mod record;
mod roaming;
mod rrc;
mod signalling;
mod tcap;
mod wire;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "bench", after_help = "Example: bench --programs target/release --only mtlr,log")]
struct Arguments {
    /// Where the programs `wherefore` and `bench` lie.
    #[arg(long, default_value = "target/release")]
    programs: PathBuf,
    /// Which benches, separated by commas; all when absent.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Seconds a point.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// How many clients at once, for `mtlr`, `psl` and `roaming`.
    #[arg(long, value_delimiter = ',')]
    clients: Vec<usize>,
    /// How many requests `deferred` arms.
    #[arg(long, default_value_t = 1_000_000)]
    requests: u64,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The floor gateway, until killed.
    Floor {
        /// Port of its HTTP door.
        port: u16,
        /// Address of the SLh answerer.
        slh: String,
        /// Address of the SLg answerer.
        slg: String,
        /// File of its record.
        log: PathBuf,
    },
    /// A Diameter answerer, until killed.
    Answer {
        /// Port.
        port: u16,
        /// Origin-Host.
        host: String,
    },
    /// A Diameter client for a while.
    Exchange {
        /// Which client.
        side: exchange::Side,
        /// Ports of its nodes.
        #[arg(long, value_delimiter = ',')]
        ports: Vec<u16>,
        /// Requests under way on each connection.
        #[arg(long)]
        outstanding: usize,
    },
    /// The floor of a node's report, until killed.
    Relay {
        /// Address of the node.
        node: String,
        /// Address of the client.
        client: String,
        /// File of its record.
        log: PathBuf,
    },
    /// Makes privacy checks.
    Decide,
    /// Fills a register and tells its memory.
    Fill {
        /// Which profiles.
        kind: memory::Kind,
    },
    /// Writes logs.
    Record {
        /// Where to.
        dir: PathBuf,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match &arguments.part {
        Some(Part::Floor { port, slh, slg, log }) => floor::serve(*port, slh, slg, log),
        Some(Part::Answer { port, host }) => answer::serve(*port, host),
        Some(Part::Exchange { side, ports, outstanding }) => {
            exchange::measure(*side, ports, *outstanding, arguments.seconds)
        }
        Some(Part::Relay { node, client, log }) => deferred::relay(node, client, log),
        Some(Part::Decide) => decision::work(),
        Some(Part::Fill { kind }) => memory::measure(*kind),
        Some(Part::Record { dir }) => record::measure(dir),
        None => all(&arguments),
    }
}

/// One bench: its name and what it does.
type Bench = (&'static str, fn(&Settings) -> Result<()>);

/// How to run.
struct Settings {
    programs: programs::Programs,
    seconds: f64,
    clients: Vec<usize>,
    requests: u64,
}

const BENCHES: &[Bench] = &[
    ("mtlr", mtlr::run),
    ("psl", psl::run),
    ("roaming", roaming::run),
    ("diameter", exchange::run),
    ("decision", decision::run),
    ("log", record::run),
    ("memory", memory::run),
    ("mlp", mlp::run),
    ("map", map_wire::run),
    ("tcap", tcap::run),
    ("pseudonym", pseudonym::run),
    ("mdt-log", mdt_log::run),
    ("rrc", rrc::run),
    ("mdt-store", mdt_store::run),
    ("mdt-collector", mdt_collector::run),
    ("areas", areas::run),
    ("deferred", deferred::run),
];

fn all(arguments: &Arguments) -> Result<()> {
    let programs = programs::Programs { dir: arguments.programs.clone() };
    let settings = Settings {
        programs,
        seconds: arguments.seconds,
        clients: arguments.clients.clone(),
        requests: arguments.requests,
    };
    let chosen = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|o| o == name);
    for (name, bench) in BENCHES.iter().filter(|(name, _)| chosen(name)) {
        println!("== {name}");
        bench(&settings)?;
        programs::unpin_self();
    }
    Ok(())
}
