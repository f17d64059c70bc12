//! Arguments of `wherefore locate` and `wherefore explain`.

use super::Api;
use crate::forms::Number;
use clap::Args;
use std::path::PathBuf;

/// Options of `explain`.
#[derive(Args)]
pub(in crate::cli) struct Explain {
    /// Account of the client.
    #[arg(long)]
    pub(in crate::cli) client: String,
    /// The subscriber: msisdn:DIGITS, imsi:DIGITS, or both with a comma between.
    #[arg(long)]
    pub(in crate::cli) target: String,
    /// Service identity.
    #[arg(long)]
    pub(in crate::cli) service: Option<String>,
    /// Codeword. Arguments are seen by others on this machine and kept by the shell; the environment is not.
    #[arg(long, env = "WHEREFORE_CODEWORD", hide_env_values = true)]
    pub(in crate::cli) codeword: Option<String>,
    /// Requestor.
    #[arg(long)]
    pub(in crate::cli) requestor: Option<String>,
    /// Number that the subscriber dialled to reach the client.
    #[arg(long, conflicts_with = "apn")]
    pub(in crate::cli) dialled: Option<Number>,
    /// APN of the session with the client.
    #[arg(long)]
    pub(in crate::cli) apn: Option<String>,
    /// Time of the request, RFC 3339. Default: now.
    #[arg(long)]
    pub(in crate::cli) at: Option<jiff::Timestamp>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

impl core::fmt::Debug for Explain {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Explain(hidden)")
    }
}

/// Options of `locate`.
#[derive(Args)]
pub(in crate::cli) struct Locate {
    /// Subscribers: msisdn:DIGITS or imsi:DIGITS.
    #[arg(required = true, value_name = "SUBSCRIBER")]
    pub(in crate::cli) targets: Vec<String>,
    /// Account of the client.
    #[arg(long)]
    pub(in crate::cli) client: String,
    /// File with the client's secret, - for standard input; WHEREFORE_SECRET is looked at first.
    #[arg(long)]
    pub(in crate::cli) secret_file: Option<PathBuf>,
    /// Address of the MLP door.
    #[arg(long, env = "WHEREFORE_MLP", default_value = "http://127.0.0.1:9210/")]
    pub(in crate::cli) mlp: String,
    /// Authorities to trust for https, PEM. Default: those of the system.
    #[arg(long)]
    pub(in crate::cli) ca_file: Option<PathBuf>,
    /// Emergency request (ELIR) instead of a standard one (SLIR).
    #[arg(long)]
    pub(in crate::cli) emergency: bool,
    /// Service identity.
    #[arg(long)]
    pub(in crate::cli) service: Option<String>,
    /// Codeword, for every target. Arguments are seen by others on this machine and kept by the shell; the environment is not.
    #[arg(long, env = "WHEREFORE_CODEWORD", hide_env_values = true)]
    pub(in crate::cli) codeword: Option<String>,
    /// Requestor: a name.
    #[arg(long)]
    pub(in crate::cli) requestor: Option<String>,
    /// APN of the session with the client.
    #[arg(long)]
    pub(in crate::cli) apn: Option<String>,
    /// Number that the subscriber dialled to reach the client.
    #[arg(long, conflicts_with = "apn")]
    pub(in crate::cli) dialled: Option<Number>,
    /// Wanted horizontal accuracy, metres.
    #[arg(long)]
    pub(in crate::cli) accuracy: Option<u32>,
    /// Last known location if the current one cannot be had.
    #[arg(long)]
    pub(in crate::cli) last_known: bool,
    /// Print the answer as it came.
    #[arg(long, conflicts_with = "json")]
    pub(in crate::cli) xml: bool,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl core::fmt::Debug for Locate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Locate(hidden)")
    }
}
