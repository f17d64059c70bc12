//! Arguments of `wherefore mdt job`, `key`, `select`, `reference`, `subject` and `forget`.

use super::Api;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `wherefore mdt job …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum JobCommand {
    /// Take a job: its logs are collected from now on.
    #[command(after_help = "Example:\n  wherefore mdt job import job.json")]
    Import(JobImport),
    /// List the jobs whose logs are collected.
    #[command(after_help = "Example:\n  wherefore mdt job list")]
    List(JobList),
    /// Stop a job: its logs are refused from now on.
    #[command(after_help = "Example:\n  wherefore mdt job stop 234-15-000001")]
    Stop(JobStop),
}

/// Options of `mdt job import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct JobImport {
    /// A TraceJob in the JSON of TS 28.623. `-` is standard input.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `mdt job list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct JobList {
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `mdt job stop`.
#[derive(Debug, Args)]
pub(in crate::cli) struct JobStop {
    /// Trace reference: MCC, MNC, trace id.
    pub(in crate::cli) job: String,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// `wherefore mdt key …`: works on the folder of keys, with or without the gateway.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CollectorKeyCommand {
    /// Make a key that logs are sealed to, and print its public half.
    #[command(after_help = "Example:\n  wherefore mdt key create mdt-keys --suite hybrid")]
    Create(KeyCreate),
    /// Print the public halves of the keys in a folder.
    #[command(after_help = "Example:\n  wherefore mdt key list mdt-keys")]
    List(KeyList),
    /// Destroy a key: what is sealed to it opens nowhere any more.
    #[command(after_help = "Example:\n  wherefore mdt key destroy mdt-keys 0f1e2d3c4b5a6978")]
    Destroy(KeyDestroy),
}

/// A suite of keys.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum KeySuite {
    /// X25519: for single reports, and where nothing else is.
    Small,
    /// X-Wing: X25519 with ML-KEM-768, for segments.
    Hybrid,
}

/// Options of `mdt key create`.
#[derive(Debug, Args)]
pub(in crate::cli) struct KeyCreate {
    /// Folder of the keys.
    pub(in crate::cli) dir: PathBuf,
    /// Suite of the key.
    #[arg(long)]
    pub(in crate::cli) suite: KeySuite,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Options of `mdt key list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct KeyList {
    /// Folder of the keys.
    pub(in crate::cli) dir: PathBuf,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Options of `mdt key destroy`.
#[derive(Debug, Args)]
pub(in crate::cli) struct KeyDestroy {
    /// Folder of the keys.
    pub(in crate::cli) dir: PathBuf,
    /// Name of the key.
    pub(in crate::cli) id: String,
}

/// Options of `mdt reference`.
#[derive(Args)]
pub(in crate::cli) struct MdtReference {
    /// Trace reference: MCC, MNC, trace id.
    pub(in crate::cli) job: String,
    /// Whom: msisdn:DIGITS, imsi:DIGITS or imei:DIGITS.
    #[arg(long)]
    pub(in crate::cli) subscriber: String,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `mdt select`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MdtSelect {
    /// Trace reference: MCC, MNC, trace id.
    pub(in crate::cli) job: String,
    /// Who could be given it: a line each, as imsi:DIGITS,234-15 with the network where they are registered, or the JSON list of the admin API.
    /// `-` is standard input.
    #[arg(long)]
    pub(in crate::cli) candidates: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `mdt subject`.
#[derive(Args)]
pub(in crate::cli) struct MdtSubject {
    /// Whom: msisdn:DIGITS, imsi:DIGITS or imei:DIGITS.
    pub(in crate::cli) subscriber: String,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `mdt forget`.
#[derive(Args)]
pub(in crate::cli) struct MdtForget {
    /// The rows of a job: MCC, MNC, trace id.
    #[arg(long, required_unless_present = "subscriber", conflicts_with = "subscriber")]
    pub(in crate::cli) job: Option<String>,
    /// The rows of a subscriber's jobs: msisdn:DIGITS, imsi:DIGITS or imei:DIGITS.
    #[arg(long)]
    pub(in crate::cli) subscriber: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Names of subscribers stay out of what is printed of arguments.
macro_rules! hidden {
    ($($options:ident),*) => {
        $(impl std::fmt::Debug for $options {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($options), "(hidden)"))
            }
        })*
    };
}
hidden!(MdtReference, MdtSubject, MdtForget);
