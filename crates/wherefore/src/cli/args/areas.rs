//! Arguments of `wherefore areas`.

use super::Api;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `wherefore areas …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AreasCommand {
    /// Read a table of cells as the gateway would, and say what is in it.
    #[command(
        after_help = "Examples:\n  wherefore areas check cells.csv\n  wherefore areas check cells.csv --names names.json --json"
    )]
    Check(AreasCheck),
    /// Say what a named area becomes in a network, cell by cell, or why it cannot be used there.
    #[command(after_help = "Example:\n  wherefore areas show school --cells cells.csv --names names.json --plmn 26201")]
    Show(AreasShow),
    /// Have the running gateway read its tables again. Requests that are armed go on as they are.
    #[command(after_help = "Example:\n  wherefore areas reload")]
    Reload(AreasReload),
}

/// Options of `areas check`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AreasCheck {
    /// The table of cells: CSV in the columns of OpenCelliD.
    pub(in crate::cli) file: PathBuf,
    /// Named areas to read beside it: GeoJSON.
    #[arg(long)]
    pub(in crate::cli) names: Option<PathBuf>,
    /// Range of a cell whose range the table does not tell, metres, as `areas.unknown_range_m`.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=120_000))]
    pub(in crate::cli) unknown_range_m: u32,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Options of `areas show`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AreasShow {
    /// Name of the area.
    pub(in crate::cli) name: String,
    /// The table of cells.
    #[arg(long)]
    pub(in crate::cli) cells: PathBuf,
    /// The named areas.
    #[arg(long)]
    pub(in crate::cli) names: PathBuf,
    /// The network: MCC and MNC, 5 or 6 digits.
    #[arg(long)]
    pub(in crate::cli) plmn: String,
    /// As for a node that is asked over MAP: 10 identities at most instead of 250.
    #[arg(long)]
    pub(in crate::cli) map: bool,
    /// Range of a cell whose range the table does not tell, metres, as `areas.unknown_range_m`.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=120_000))]
    pub(in crate::cli) unknown_range_m: u32,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Options of `areas reload`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AreasReload {
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}
