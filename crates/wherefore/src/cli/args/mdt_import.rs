//! Arguments of `wherefore mdt import`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `wherefore mdt import …`: works on the folder of a store, which no other process may have open.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MdtImportCommand {
    /// RRC messages of LTE and NR: pcap, pcapng, or lines of hexadecimal digits.
    #[command(
        after_help = "Example:\n  wherefore mdt import rrc mdt drive.pcap --job job.json --session-key-file mdt-session.key"
    )]
    Rrc(MdtImportRrc),
    /// Trace files of TS 32.423, XML. A file of an anonymised job with an identity is set aside whole.
    #[command(
        after_help = "Example:\n  wherefore mdt import trace mdt enb1.xml --job job.json --session-key-file mdt-session.key"
    )]
    Trace(MdtImportTrace),
    /// Surveys of the program Network Survey: GeoPackage or CSV. The device that made them is never looked at.
    #[command(
        after_help = "Example:\n  wherefore mdt import survey mdt survey.gpkg --job job.json --session-key-file mdt-session.key"
    )]
    Survey(MdtImportSurvey),
}

/// Of which technology a CSV is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum SurveyRat {
    /// E-UTRA.
    Lte,
    /// NR.
    Nr,
}

/// Options of `mdt import survey`. A survey names no job, so exactly one is given.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtImportSurvey {
    #[command(flatten)]
    pub(in crate::cli) into: MdtImportInto,
    /// Of which technology the lines of a CSV are; a GeoPackage says it by its tables.
    #[arg(long)]
    pub(in crate::cli) rat: Option<SurveyRat>,
}

/// Options of `mdt import trace`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtImportTrace {
    #[command(flatten)]
    pub(in crate::cli) into: MdtImportInto,
    /// Folder for files that are set aside. Default: the store's name with -quarantine behind it.
    #[arg(long)]
    pub(in crate::cli) quarantine: Option<PathBuf>,
    /// Phones by model, CSV of type allocation code and number. Without it, every model is taken for a rare one.
    #[arg(long)]
    pub(in crate::cli) models_file: Option<PathBuf>,
    /// Phones that a model must have, so that it is kept of a job that asks for it.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(2..=1_000_000_000))]
    pub(in crate::cli) model_floor: u64,
}

/// What every import is told.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtImportInto {
    /// Folder of the store.
    pub(in crate::cli) store: PathBuf,
    /// Files to read; each becomes one batch, and the same one is kept once.
    #[arg(required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// A TraceJob in the JSON of TS 28.623 whose logs are to be kept; of an area, not of a subscriber. May be given more than once.
    #[arg(long = "job", required = true)]
    pub(in crate::cli) jobs: Vec<PathBuf>,
    /// The key that hides recording sessions: mdt.session_key_file of the gateway.
    #[arg(long)]
    pub(in crate::cli) session_key_file: PathBuf,
    /// Read past what is not as it should be, and report it. Without it, the first such thing refuses the file.
    #[arg(long)]
    pub(in crate::cli) lenient: bool,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Options of `mdt import rrc`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtImportRrc {
    #[command(flatten)]
    pub(in crate::cli) into: MdtImportInto,
    /// Of which channel lines are that name none: lte-rrc.ul.dcch, nr-rrc.ul.dcch, lte-rrc.dl.dcch, nr-rrc.dl.dcch,
    /// lte-rrc.ue-information-response or nr-rrc.ue-information-response.
    #[arg(long)]
    pub(in crate::cli) channel: Option<String>,
    /// What a link type of users means, as 147=lte-rrc.ul.dcch. May be given more than once.
    #[arg(long = "user-link-type")]
    pub(in crate::cli) user_link_types: Vec<String>,
    /// When messages came that say no time, as 2026-11-28T12:00:00Z. Default now. A log must have begun at most 76 hours before.
    #[arg(long)]
    pub(in crate::cli) received: Option<jiff::Timestamp>,
}
