//! The project's benches: each product figure stands beside a bare floor of our own, measured in the same run.
//!
//! `make bench` builds this in release and runs all of it; `bench floor|answer` are the programs that it starts itself.

mod answer;
mod floor;
mod load;
mod measure;
mod mtlr;
mod programs;
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
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match &arguments.part {
        Some(Part::Floor { port, slh, slg, log }) => floor::serve(*port, slh, slg, log),
        Some(Part::Answer { port, host }) => answer::serve(*port, host),
        None => all(&arguments),
    }
}

/// One bench: its name and what it does.
type Bench = (&'static str, fn(&programs::Programs, f64) -> Result<()>);

const BENCHES: &[Bench] = &[("mtlr", mtlr::run)];

fn all(arguments: &Arguments) -> Result<()> {
    let programs = programs::Programs { dir: arguments.programs.clone() };
    let chosen = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|o| o == name);
    for (name, bench) in BENCHES.iter().filter(|(name, _)| chosen(name)) {
        println!("== {name}");
        bench(&programs, arguments.seconds)?;
    }
    Ok(())
}
