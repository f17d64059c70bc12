//! Arguments of `wherefore charging`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `wherefore charging …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ChargingCommand {
    /// Print the records of a file as a table.
    #[command(after_help = "Example:\n  wherefore charging show charging/charging-20300102T000000.000000Z.jsonl")]
    Show(ChargingShow),
}

/// Options of `charging show`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChargingShow {
    /// The file, or `-` for standard input.
    pub(in crate::cli) file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
