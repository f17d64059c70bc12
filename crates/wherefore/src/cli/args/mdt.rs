//! Arguments of `wherefore mdt`.

use super::MdtImportCommand;
use super::collector::{CollectorKeyCommand, JobCommand, MdtForget, MdtReference, MdtSelect, MdtSubject};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `wherefore mdt …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MdtCommand {
    /// Write rows of the running collector, or of a folder, into a new file, for people and maps.
    #[command(after_help = "Example:\n  wherefore mdt export mdt --to london.gpkg --format geopackage")]
    Export(MdtExport),
    /// Write bins for maps into a new file: squares and days that enough phones were in.
    #[command(after_help = "Example:\n  wherefore mdt bins --to map.gpkg --format geopackage")]
    Bins(MdtBins),
    /// Read files of others into the running collector or into a folder: what operators have already.
    #[command(subcommand, after_help = "Example:\n  wherefore mdt import rrc drive.pcap")]
    Import(MdtImportCommand),
    /// Sort what came in into days and places, and join small files.
    #[command(after_help = "Example:\n  wherefore mdt compact mdt")]
    Compact(MdtCompact),
    /// Erase the rows of a job, of a subscriber or of the log that a token is of.
    #[command(after_help = "Example:\n  wherefore mdt erase mdt --job 234-15-000001")]
    Erase(MdtErase),
    /// Jobs whose logs the running collector takes.
    #[command(subcommand, after_help = "Example:\n  wherefore mdt job list")]
    Job(JobCommand),
    /// Keys that logs are sealed to.
    #[command(subcommand, after_help = "Example:\n  wherefore mdt key list mdt-keys")]
    Key(CollectorKeyCommand),
    /// Select whom a job is given to: the consent register decides, and among those whom it allows chance.
    #[command(
        after_help = "Candidates are lines as imsi:262011234567890,262-01.\n\nExample:\n  wherefore mdt select 234-15-000001 --candidates people.txt"
    )]
    Select(MdtSelect),
    /// Ask whether a person may be given a job, and print the reference that goes to the phone with it.
    #[command(after_help = "Example:\n  wherefore mdt reference 234-15-000001 --subscriber msisdn:491701234567")]
    Reference(MdtReference),
    /// Print the register's name for a subscriber, by which rows are exported.
    #[command(after_help = "Example:\n  wherefore mdt subject msisdn:491701234567")]
    Subject(MdtSubject),
    /// Have the running collector erase the rows of a job or of a subscriber.
    #[command(after_help = "Example:\n  wherefore mdt forget --subscriber msisdn:491701234567")]
    Forget(MdtForget),
}

/// Form of an export.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum MdtForm {
    /// A line a row.
    Csv,
    /// A JSON object a line, neighbours included.
    Json,
    /// Points for maps, in SQLite.
    Geopackage,
    /// A trace file of TS 32.423, XML.
    #[value(name = "32.423")]
    Trace,
}

/// Which rows.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(in crate::cli) struct MdtWhich {
    /// Those of a job: MCC, MNC, trace id.
    #[arg(long)]
    pub(in crate::cli) job: Option<String>,
    /// Those of a subscriber: 32 hexadecimal digits, as the consent register names it.
    #[arg(long)]
    pub(in crate::cli) subject: Option<String>,
    /// Those of the log whose erasure token is in this file: 64 hexadecimal digits. `-` is standard input.
    #[arg(long)]
    pub(in crate::cli) token_file: Option<PathBuf>,
}

/// Options of `mdt export`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtExport {
    /// Folder of a store that no other process has open; without it the running gateway exports.
    pub(in crate::cli) store: Option<PathBuf>,
    /// The rows of a subscriber's jobs, from the running gateway: msisdn:DIGITS, imsi:DIGITS or imei:DIGITS.
    #[arg(long, conflicts_with_all = ["job", "subject", "token_file"])]
    pub(in crate::cli) subscriber: Option<String>,
    /// The file to make; it must not exist.
    #[arg(long)]
    pub(in crate::cli) to: PathBuf,
    /// Its form.
    #[arg(long)]
    pub(in crate::cli) format: MdtForm,
    #[command(flatten)]
    pub(in crate::cli) which: MdtWhich,
    /// Reports of failures instead of rows of logs; csv, json or geopackage.
    #[arg(long)]
    pub(in crate::cli) failures: bool,
    /// Models that fewer sessions of the export have are left out.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(2..))]
    pub(in crate::cli) model_floor: u16,
    #[command(flatten)]
    pub(in crate::cli) running: MdtRunning,
    /// Print JSON: how many rows, and how many were left out.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Where the running gateway is, for what works on a folder too.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtRunning {
    /// Address of the admin API of the running gateway. Default: that of --config, else http://127.0.0.1:9280.
    #[arg(long, env = "WHEREFORE_ADMIN")]
    pub(in crate::cli) admin: Option<String>,
    /// File with the bearer token of the admin API. Default: that of --config, else admin.token.
    #[arg(long, env = "WHEREFORE_TOKEN_FILE")]
    pub(in crate::cli) admin_token_file: Option<PathBuf>,
    /// Configuration file of the gateway, from which address and token file are taken.
    #[arg(long, env = "WHEREFORE_CONFIG")]
    pub(in crate::cli) config: Option<PathBuf>,
}

/// Form of bins.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum MdtBinForm {
    /// A line a bin.
    Csv,
    /// A JSON object a line.
    Json,
    /// Squares for maps, in SQLite.
    Geopackage,
}

/// Options of `mdt bins`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtBins {
    /// Folder of a store that no other process has open; without it the running gateway exports, by the rule of its file.
    pub(in crate::cli) store: Option<PathBuf>,
    /// The file to make; it must not exist.
    #[arg(long)]
    pub(in crate::cli) to: PathBuf,
    /// Its form.
    #[arg(long)]
    pub(in crate::cli) format: MdtBinForm,
    /// First day of the earliest bins, as 2026-11-28. Default: all.
    #[arg(long)]
    pub(in crate::cli) from: Option<String>,
    /// First day of the latest bins.
    #[arg(long)]
    pub(in crate::cli) until: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) rule: MdtBinRule,
    #[command(flatten)]
    pub(in crate::cli) running: MdtRunning,
    /// Print JSON: how many bins.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// How bins of a folder are cut, where they were not released before; a running gateway has its own rule.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtBinRule {
    /// Side of a square, m, 10-100000. Default 100.
    #[arg(long, requires = "store")]
    pub(in crate::cli) side_m: Option<u32>,
    /// Days that a bin is of, 1-31. Default 1.
    #[arg(long, requires = "store")]
    pub(in crate::cli) days: Option<u8>,
    /// Fewest phones of a bin, 5 or more. Default 10.
    #[arg(long, requires = "store")]
    pub(in crate::cli) subjects: Option<u32>,
    /// You vouch that no phone was given two jobs within so long, s. Default 0: you do not.
    #[arg(long, requires = "store")]
    pub(in crate::cli) apart_s: Option<u64>,
    /// Bins are released so long after their days, s. Default 180000.
    #[arg(long, requires = "store")]
    pub(in crate::cli) wait_s: Option<u64>,
}

/// Options of `mdt compact`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtCompact {
    /// Folder of the store.
    pub(in crate::cli) store: PathBuf,
}

/// Options of `mdt erase`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtErase {
    /// Folder of the store.
    pub(in crate::cli) store: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) which: MdtWhich,
}
