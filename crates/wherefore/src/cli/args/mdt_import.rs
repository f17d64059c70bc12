//! Arguments of `wherefore mdt import`.

use super::mdt::MdtRunning;
use clap::{Args, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

/// `wherefore mdt import …`: into the running gateway, or into the folder of a store, which no other process may have open.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MdtImportCommand {
    /// RRC messages of LTE and NR: pcap, pcapng, or lines of hexadecimal digits.
    #[command(
        after_help = "Examples:\n  wherefore mdt import rrc drive.pcap\n  wherefore mdt import rrc mdt drive.pcap --job j.json --session-key-file s.key"
    )]
    Rrc(MdtImportRrc),
    /// Trace files of TS 32.423, XML. A file of an anonymised job with an identity is set aside whole.
    #[command(
        after_help = "Examples:\n  wherefore mdt import trace enb1.xml\n  wherefore mdt import trace mdt enb1.xml --job j.json --session-key-file s.key"
    )]
    Trace(MdtImportTrace),
    /// Surveys of the program Network Survey: GeoPackage or CSV. The device that made them is never looked at.
    #[command(
        after_help = "Examples:\n  wherefore mdt import survey survey.gpkg\n  wherefore mdt import survey mdt survey.gpkg --job j.json --session-key-file s.key"
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
    /// Folder for files that are set aside. Default: the store's name with -quarantine behind it, mdt-quarantine without a folder.
    #[arg(long)]
    pub(in crate::cli) quarantine: Option<PathBuf>,
    /// For a folder: phones by model, CSV of type allocation code and number. Without it, every model is taken for a rare one. The gateway
    /// has its own.
    #[arg(long)]
    pub(in crate::cli) models_file: Option<PathBuf>,
    /// For a folder: phones that a model must have, so that it is kept of a job that asks for it.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(2..=1_000_000_000))]
    pub(in crate::cli) model_floor: u64,
}

/// What every import is told.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtImportInto {
    /// Files to read; each becomes one batch, and the same one is kept once. Where the first is a folder, it is that of a store that no
    /// other process has open, and takes them; otherwise the running gateway does.
    #[arg(required = true)]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// A TraceJob in the JSON of TS 28.623 whose logs are to be kept; of an area, not of a subscriber. May be given more than once. A folder
    /// needs one; the gateway without any takes its own.
    #[arg(long = "job")]
    pub(in crate::cli) jobs: Vec<PathBuf>,
    /// The key that hides recording sessions: mdt.session_key_file of the gateway. For a folder, which needs it.
    #[arg(long)]
    pub(in crate::cli) session_key_file: Option<PathBuf>,
    /// Read past what is not as it should be, and report it. Without it, the first such thing refuses the file.
    #[arg(long)]
    pub(in crate::cli) lenient: bool,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) running: MdtRunning,
}

impl MdtImportInto {
    /// The folder of a store where there is one, and the files.
    pub(in crate::cli) fn split(&self) -> (Option<&Path>, &[PathBuf]) {
        match self.paths.split_first() {
            Some((first, files)) if first.is_dir() => (Some(first), files),
            _ => (None, &self.paths),
        }
    }
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
