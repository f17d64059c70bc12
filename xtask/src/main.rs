//! The house's own chores: `cargo xtask layers|tidy|ci|fuzz|bench|phone|demo`.

mod ci;
mod fuzz;
mod layers;
mod phone;
mod prerequisites;
mod run;
mod source;
mod tidy;

use clap::{Parser, Subcommand};

/// Chores of the Wherefore workspace.
#[derive(Parser)]
#[command(name = "xtask", after_help = "Example: cargo xtask ci --only layers,tidy")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Who may depend on whom, and what is banned outside the daemon.
    Layers,
    /// Sizes of files and functions, words that must not land.
    Tidy,
    /// Exactly what continuous integration runs.
    Ci {
        /// Steps to run, separated by commas; all when absent.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Every fuzz target, each for a while.
    Fuzz {
        /// Seconds per target.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// One target; all when absent.
        #[arg(long)]
        target: Option<String>,
    },
    /// Every figure of docs/performance.md, each beside its floor.
    Bench {
        /// Which benches, separated by commas; all when absent.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// The phone library in C, built for size, and how large it is.
    Phone,
    /// The gateway beside a simulated network: `make demo`.
    Demo {
        /// End after the tour, with its exit status.
        #[arg(long)]
        once: bool,
    },
}

fn main() -> std::process::ExitCode {
    match chore(Arguments::parse().chore) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn chore(chore: Chore) -> anyhow::Result<()> {
    std::env::set_current_dir(run::root())?;
    match chore {
        Chore::Layers => layers::check(),
        Chore::Tidy => tidy::check(),
        Chore::Ci { only } => ci::run(&only),
        Chore::Fuzz { seconds, target } => fuzz::run(seconds, target.as_deref()),
        Chore::Bench { only } => ci::bench(&only),
        Chore::Phone => phone::check(),
        Chore::Demo { once } => ci::demo(once),
    }
}
