//! The command line as such: commands, options, and an example for each.

mod areas;
mod asking;
mod charging;
mod client;
mod collector;
mod consent;
mod deferred;
mod log;
mod mdt;
mod mdt_import;
mod pseudonym;
mod subscriber;
mod usim;

pub(super) use areas::{AreasCheck, AreasCommand, AreasReload, AreasShow};
pub(super) use asking::{Explain, Locate};
pub(super) use charging::{ChargingCommand, ChargingShow};
pub(super) use client::{ClientAdd, ClientCommand, ClientFields, ClientNamed, ClientSecret, ClientSet};
pub(super) use collector::{CollectorKeyCommand, JobCommand, KeySuite, MdtForget, MdtReference, MdtSelect, MdtSubject};
pub(super) use consent::{
    ConsentCommand, ConsentErase, ConsentExclude, ConsentExport, ConsentImport, ConsentLift, ConsentNamed,
    ConsentNotices, ConsentPause, ConsentVerify, ExcludedBy, ExportForm, Named,
};
pub(super) use deferred::{LdrCommand, LdrList, LdrOrder};
pub(super) use log::{LogCommand, LogDir, LogProve, LogShow, LogVerify};
pub(super) use mdt::{MdtBinForm, MdtBins, MdtCommand, MdtCompact, MdtErase, MdtExport, MdtForm, MdtRunning, MdtWhich};
pub(super) use mdt_import::{
    MdtImportCommand, MdtImportInto, MdtImportRrc, MdtImportSurvey, MdtImportTrace, SurveyRat,
};
pub(super) use pseudonym::{PseudonymAssign, PseudonymCommand, PseudonymResolve, PseudonymRevoke, PseudonymRotateKey};
pub(super) use subscriber::{Listed, OnOff, SubscriberCommand, SubscriberImport, SubscriberSlpp, SubscriberWrite};
pub(super) use usim::{UsimCommand, UsimImport, UsimList};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit status:
  0  done; the answer is yes
  1  the answer is no: refused, not found, not sound, not located
  2  wrong usage, or input that cannot be read
  3  the gateway cannot be reached, does not take the token, or failed

Example:
  wherefore serve --config /etc/wherefore/wherefore.toml";

/// Location-privacy gateway of a mobile network.
///
/// Answers where a phone is only when it is told wherefore, only if the subscriber allows it, and never without leaving a record.
#[derive(Debug, Parser)]
#[command(name = "wherefore", version, after_help = EXIT_CODES, max_term_width = 110, arg_required_else_help = true)]
pub(in crate::cli) struct Cli {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Run the gateway.
    #[command(after_help = "Example:\n  wherefore serve --config /etc/wherefore/wherefore.toml --log-format json")]
    Serve(Serve),
    /// Tell what is wrong with a configuration file, or sum it up.
    #[command(after_help = "Example:\n  wherefore check-config /etc/wherefore/wherefore.toml")]
    CheckConfig(CheckConfig),
    /// Make a directory with a configuration file and the secrets it names.
    #[command(after_help = "Example:\n  wherefore init /etc/wherefore")]
    Init(Init),
    /// Registered LCS clients: who may ask.
    #[command(subcommand, after_help = "Example:\n  wherefore client list")]
    Client(ClientCommand),
    /// Subscribers and their privacy profiles.
    #[command(subcommand, after_help = "Example:\n  wherefore subscriber show msisdn:491701234567")]
    Subscriber(SubscriberCommand),
    /// Consent to MDT: notices, decisions, pauses, opt-outs, receipts.
    #[command(subcommand, after_help = "Example:\n  wherefore consent show msisdn:491701234567")]
    Consent(ConsentCommand),
    /// Pseudonyms of subscribers towards clients: assign, resolve, revoke, rotate keys.
    #[command(subcommand, after_help = "Example:\n  wherefore pseudonym assign msisdn:491701234567 --client fleet")]
    Pseudonym(PseudonymCommand),
    /// Deferred requests: those that wait, and their end.
    #[command(subcommand, after_help = "Example:\n  wherefore ldr list")]
    Ldr(LdrCommand),
    /// Tables of cells and named areas: check, look into, read again.
    #[command(subcommand, after_help = "Example:\n  wherefore areas check cells.csv")]
    Areas(AreasCommand),
    /// Cards with the change-of-area application: their keys and counters.
    #[command(subcommand, after_help = "Example:\n  wherefore usim import cards.csv")]
    Usim(UsimCommand),
    /// Ask where a subscriber is, over MLP, as a client.
    #[command(
        after_help = "Example:\n  wherefore locate msisdn:491701234567 --client fleet --secret-file fleet.secret"
    )]
    Locate(Locate),
    /// Explain what the privacy check would decide: each rule looked at, its clause, and which decided.
    #[command(after_help = "Example:\n  wherefore explain --client fleet --target msisdn:491701234567")]
    Explain(Explain),
    /// The disclosure log: check it, prove from it, read it.
    #[command(subcommand, after_help = "Example:\n  wherefore log verify /var/lib/wherefore/log")]
    Log(LogCommand),
    /// Records of charging: read a file.
    #[command(subcommand, after_help = "Example:\n  wherefore charging show FILE")]
    Charging(ChargingCommand),
    /// MDT: jobs and keys of the collector, the store of rows.
    #[command(subcommand, after_help = "Example:\n  wherefore mdt compact mdt")]
    Mdt(MdtCommand),
    /// State of the running gateway: readiness, Diameter peers, disclosure log.
    #[command(after_help = "Example:\n  wherefore status")]
    Status(Status),
    /// Print the completions of a shell.
    #[command(after_help = "Example:\n  wherefore completions bash")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for every command into a directory.
    #[command(after_help = "Example:\n  wherefore man --dir /usr/local/share/man/man1")]
    Man {
        /// Directory for the pages of all commands.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
}

/// How the log of the process looks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum LogFormat {
    /// Lines for people.
    Text,
    /// JSON lines for machines.
    Json,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Serve {
    /// Configuration file.
    #[arg(long, env = "WHEREFORE_CONFIG", default_value = "wherefore.toml")]
    pub(in crate::cli) config: PathBuf,
    /// Form of the log on standard error.
    #[arg(long, env = "WHEREFORE_LOG_FORMAT", default_value = "text")]
    pub(in crate::cli) log_format: LogFormat,
    /// What is logged, as in `info` or `wherefore=debug`.
    #[arg(long, env = "WHEREFORE_LOG", default_value = "info")]
    pub(in crate::cli) log: String,
}

/// Options of `check-config`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckConfig {
    /// Configuration file.
    #[arg(env = "WHEREFORE_CONFIG", default_value = "wherefore.toml")]
    pub(in crate::cli) file: PathBuf,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Init {
    /// The directory. What is there already stays as it is.
    #[arg(default_value = ".")]
    pub(in crate::cli) dir: PathBuf,
}

/// How to reach the admin API, and in what form to answer.
#[derive(Debug, Args)]
pub(in crate::cli) struct Api {
    /// Address of the admin API. Default: that of --config, else http://127.0.0.1:9280.
    #[arg(long, env = "WHEREFORE_ADMIN")]
    pub(in crate::cli) admin: Option<String>,
    /// File with the bearer token; WHEREFORE_ADMIN_TOKEN is looked at first. Default: that of --config, else admin.token.
    #[arg(long, env = "WHEREFORE_TOKEN_FILE")]
    pub(in crate::cli) token_file: Option<PathBuf>,
    /// Configuration file of the gateway, from which address and token file are taken.
    #[arg(long, env = "WHEREFORE_CONFIG")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Status {
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// A word of an enumeration, as the admin API writes it.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let text = text.replace('-', "_");
    serde_json::from_value(serde_json::Value::String(text)).map_err(|error| error.to_string())
}
