//! Arguments of `wherefore pseudonym`.

use super::Api;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `wherefore pseudonym …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PseudonymCommand {
    /// Print the pseudonym of a subscriber for a client, and how long it holds.
    #[command(after_help = "Example:\n  wherefore pseudonym assign msisdn:491701234567 --client fleet")]
    Assign(PseudonymAssign),
    /// Print whom a pseudonym stands for, for the client that was given it.
    #[command(after_help = "Example:\n  wherefore pseudonym resolve --client fleet --file pseudonym.txt")]
    Resolve(PseudonymResolve),
    /// Revoke pseudonyms: of a subscriber, of a client, of both together, or under a key.
    #[command(after_help = "\
Examples:
  wherefore pseudonym revoke --subscriber msisdn:491701234567 --client fleet
  wherefore pseudonym revoke --subscriber msisdn:491701234567
  wherefore pseudonym revoke --client fleet --yes
  wherefore pseudonym revoke --key 3 --yes")]
    Revoke(PseudonymRevoke),
    /// Add a key to the key file; a gateway that runs takes it in within a minute. Copy the file to every gateway that resolves.
    #[command(
        after_help = "Example:\n  wherefore pseudonym rotate-key --config /etc/wherefore/wherefore.toml --after 3600"
    )]
    RotateKey(PseudonymRotateKey),
}

/// Options of `pseudonym assign`.
#[derive(Args)]
pub(in crate::cli) struct PseudonymAssign {
    /// The subscriber: msisdn:DIGITS, imsi:DIGITS, or both with a comma between.
    pub(in crate::cli) subscriber: String,
    /// Account of the client.
    #[arg(long)]
    pub(in crate::cli) client: String,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `pseudonym resolve`.
#[derive(Args)]
pub(in crate::cli) struct PseudonymResolve {
    /// File with the pseudonym, - for standard input: arguments are seen by others on this machine.
    #[arg(long, default_value = "-")]
    pub(in crate::cli) file: PathBuf,
    /// Account of the client.
    #[arg(long)]
    pub(in crate::cli) client: String,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `pseudonym revoke`.
#[derive(Args)]
pub(in crate::cli) struct PseudonymRevoke {
    /// The subscriber: msisdn:DIGITS, imsi:DIGITS, or both with a comma between.
    #[arg(long, required_unless_present_any = ["client", "key"])]
    pub(in crate::cli) subscriber: Option<String>,
    /// Account of the client. Without a subscriber: all that it was given.
    #[arg(long)]
    pub(in crate::cli) client: Option<String>,
    /// Id of a key: nothing under it resolves any more, and it assigns nothing, for ever.
    #[arg(long, conflicts_with_all = ["subscriber", "client"])]
    pub(in crate::cli) key: Option<u8>,
    /// Confirm that everybody's pseudonyms at a client, or under a key, are to end.
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `pseudonym rotate-key`.
#[derive(Debug, Args)]
pub(in crate::cli) struct PseudonymRotateKey {
    /// Configuration file, which names the key file.
    #[arg(long, env = "WHEREFORE_CONFIG", default_value = "wherefore.toml")]
    pub(in crate::cli) config: PathBuf,
    /// From when the new key assigns, seconds from now: time to copy the file to other gateways.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(120..=31_536_000))]
    pub(in crate::cli) after: u64,
    /// Print JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

macro_rules! hidden {
    ($($name:ident),*) => {$(
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    )*};
}

hidden!(PseudonymAssign, PseudonymResolve, PseudonymRevoke);
