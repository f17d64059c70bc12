//! Arguments of `wherefore log`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `wherefore log …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LogCommand {
    /// Check that a log is whole and genuine; needs no key that can read its entries.
    #[command(after_help = "Example:\n  wherefore log verify /var/lib/wherefore/log --vkey kept.vkey")]
    Verify(LogVerify),
    /// Print a proof that entries are in the log, or that it has only grown.
    #[command(after_help = "\
Examples:
  wherefore log prove /var/lib/wherefore/log --entry 4711
  wherefore log prove /var/lib/wherefore/log --grown-from 4000")]
    Prove(LogProve),
    /// Check a proof with the public key alone.
    #[command(after_help = "Example:\n  wherefore log check-proof entry.proof --vkey kept.vkey")]
    CheckProof(LogCheckProof),
    /// Publish tiles and checkpoint of a log that no gateway has open.
    #[command(after_help = "Example:\n  wherefore log publish /var/lib/wherefore/log")]
    Publish(LogPublish),
    /// Print entries in clear: of one subscriber, of all, or of nobody known. Needs the keys that the configuration names.
    #[command(after_help = "\
Examples:
  wherefore log show msisdn:491701234567 --config /etc/wherefore/wherefore.toml
  wherefore log show --all --outcome refused --limit 20 --json")]
    Show(LogShow),
}

/// A log and its public key.
#[derive(Debug, Args)]
pub(in crate::cli) struct LogDir {
    /// Directory of the log.
    pub(in crate::cli) dir: PathBuf,
    /// Public key that you kept. Default: log.vkey in the directory, which whoever can write there could have replaced.
    #[arg(long)]
    pub(in crate::cli) vkey: Option<PathBuf>,
}

/// Options of `log verify`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LogVerify {
    #[command(flatten)]
    pub(in crate::cli) log: LogDir,
    /// Check the last signature of each segment only.
    #[arg(long)]
    pub(in crate::cli) fast: bool,
    /// Earlier segments may be gone.
    #[arg(long)]
    pub(in crate::cli) allow_pruned: bool,
    /// Print JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Options of `log prove`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LogProve {
    #[command(flatten)]
    pub(in crate::cli) log: LogDir,
    #[command(flatten)]
    pub(in crate::cli) what: LogProveWhat,
}

/// What to prove: one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct LogProveWhat {
    /// That this entry is in the log.
    #[arg(long, value_name = "INDEX")]
    pub(in crate::cli) entry: Option<u64>,
    /// That these entries are in the log, first and last, as 4700-4711.
    #[arg(long, value_name = "FIRST-LAST", value_parser = range)]
    pub(in crate::cli) range: Option<(u64, u64)>,
    /// That the log of so many entries is the beginning of the log now.
    #[arg(long, value_name = "SIZE")]
    pub(in crate::cli) grown_from: Option<u64>,
}

/// Options of `log check-proof`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LogCheckProof {
    /// File with the proof, - for standard input.
    pub(in crate::cli) file: PathBuf,
    /// Public key of the log.
    #[arg(long)]
    pub(in crate::cli) vkey: PathBuf,
}

/// Options of `log publish`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LogPublish {
    #[command(flatten)]
    pub(in crate::cli) log: LogDir,
    /// Make all tiles anew.
    #[arg(long)]
    pub(in crate::cli) rebuild: bool,
}

/// Options of `log show`.
#[derive(Args)]
pub(in crate::cli) struct LogShow {
    /// Subscriber: msisdn:DIGITS, imsi:DIGITS, or both with a comma between.
    #[arg(required_unless_present_any = ["all", "operator"], conflicts_with = "all")]
    pub(in crate::cli) subscriber: Option<String>,
    /// Entries about every subscriber.
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Entries about nobody known too: unknown subscribers, unresolved pseudonyms, the log itself.
    #[arg(long)]
    pub(in crate::cli) operator: bool,
    /// Configuration file, which names log, store and keys.
    #[arg(long, env = "WHEREFORE_CONFIG", default_value = "wherefore.toml")]
    pub(in crate::cli) config: PathBuf,
    /// First entry.
    #[arg(long, default_value_t = 0)]
    pub(in crate::cli) from: u64,
    /// At most so many.
    #[arg(long)]
    pub(in crate::cli) limit: Option<usize>,
    /// Not before, RFC 3339.
    #[arg(long)]
    pub(in crate::cli) since: Option<jiff::Timestamp>,
    /// Before, RFC 3339.
    #[arg(long)]
    pub(in crate::cli) until: Option<jiff::Timestamp>,
    /// Account of the client.
    #[arg(long)]
    pub(in crate::cli) client: Option<String>,
    /// allowed, refused, failed or abandoned.
    #[arg(long, value_parser = ["allowed", "refused", "failed", "abandoned"])]
    pub(in crate::cli) outcome: Option<String>,
    /// Name of the request, hexadecimal.
    #[arg(long)]
    pub(in crate::cli) request: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl core::fmt::Debug for LogShow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("LogShow(hidden)")
    }
}

fn range(text: &str) -> Result<(u64, u64), String> {
    let parts = text.split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    parts.filter(|(first, last)| first <= last).ok_or_else(|| "write FIRST-LAST, as 4700-4711".to_owned())
}
