//! Arguments of `wherefore consent`.

use super::Api;
use super::subscriber::{SubscriberNamed, Who};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `wherefore consent …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConsentCommand {
    /// Publish the next version of a notice.
    #[command(after_help = "Example:\n  wherefore consent notice notice.json")]
    Notice(ConsentNotice),
    /// Note that a person got a notice.
    #[command(after_help = "Example:\n  wherefore consent inform msisdn:491701234567 delivery.json")]
    Inform(ConsentWrite),
    /// Note a person's yes or no to one purpose.
    #[command(after_help = "Example:\n  wherefore consent decide msisdn:491701234567 decision.json")]
    Decide(ConsentWrite),
    /// No measurements for a while; consents stay.
    #[command(after_help = "Example:\n  wherefore consent pause msisdn:491701234567 --until 2030-01-31T18:00:00Z")]
    Pause(ConsentPause),
    /// Opt a person out for good, known before or not.
    #[command(after_help = "Example:\n  wherefore consent opt-out msisdn:491701234567")]
    OptOut(SubscriberNamed),
    /// Show what is kept about a person.
    #[command(after_help = "Example:\n  wherefore consent show msisdn:491701234567")]
    Show(SubscriberNamed),
    /// Print a signed receipt for the person to keep.
    #[command(after_help = "Example:\n  wherefore consent receipt msisdn:491701234567")]
    Receipt(SubscriberNamed),
    /// Check a receipt with the public key of the log; needs no gateway.
    #[command(after_help = "Example:\n  wherefore consent verify receipt.json --key log.vkey")]
    Verify(ConsentVerify),
}

/// Options of `consent notice`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentNotice {
    /// JSON file with the notice, - for standard input; docs/consent.md.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent inform` and `consent decide`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentWrite {
    #[command(flatten)]
    pub(in crate::cli) who: Who,
    /// JSON file with what is to be noted, - for standard input; /openapi.json of the admin API.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent pause`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentPause {
    #[command(flatten)]
    pub(in crate::cli) who: Who,
    /// Until, RFC 3339; until resumed if it is not given.
    #[arg(long)]
    pub(in crate::cli) until: Option<jiff::Timestamp>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent verify`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentVerify {
    /// File with the receipt, - for standard input.
    pub(in crate::cli) file: PathBuf,
    /// Public key of the log whose operator issued it.
    #[arg(long)]
    pub(in crate::cli) key: PathBuf,
}
