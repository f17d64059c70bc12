//! Arguments of `wherefore usim`.

use super::Api;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `wherefore usim …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UsimCommand {
    /// Import cards and their keys from a file: CSV, whose first line names the columns imsi, kic, kid, and as wanted iccid, key_set, tar,
    /// counter. Nothing is written if one line is wrong. The file must be readable by its owner alone.
    #[command(after_help = "Example:\n  wherefore usim import cards.csv")]
    Import(UsimImport),
    /// List cards: counters, no identities, no keys.
    #[command(after_help = "Example:\n  wherefore usim list")]
    List(UsimList),
    /// Show how far the counters of a card are.
    #[command(after_help = "Example:\n  wherefore usim show imsi:262011234567890")]
    Show(UsimNamed),
    /// Forget a card, its keys and its counters.
    #[command(after_help = "Example:\n  wherefore usim remove iccid:8949020000123456789")]
    Remove(UsimNamed),
}

/// Options of `usim import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct UsimImport {
    /// The file.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `usim list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct UsimList {
    /// Those whose names come after this one.
    #[arg(long)]
    pub(in crate::cli) after: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// A card, by name.
#[derive(Args)]
pub(in crate::cli) struct UsimNamed {
    /// The card: imsi:DIGITS, iccid:DIGITS, or msisdn:DIGITS, the number that a packet went to last.
    pub(in crate::cli) card: String,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

impl std::fmt::Debug for UsimNamed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UsimNamed(hidden)")
    }
}
