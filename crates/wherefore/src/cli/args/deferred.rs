//! Arguments of `wherefore ldr`.

use super::Api;
use clap::{Args, Subcommand};

/// `wherefore ldr …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LdrCommand {
    /// List the deferred requests that wait: all, or those about one subscriber.
    #[command(after_help = "Examples:\n  wherefore ldr list\n  wherefore ldr list --subscriber msisdn:491701234567")]
    List(LdrList),
    /// End a deferred request, or all about a subscriber. The client is told.
    #[command(after_help = "\
Examples:
  wherefore ldr cancel 000102030405060708090a0b0c0d0e0f
  wherefore ldr cancel --subscriber msisdn:491701234567 --demanded-by-subscriber")]
    Cancel(LdrOrder),
    /// Pause the reports of a deferred request, or of all about a subscriber. What happens meanwhile is told to nobody. The client is told.
    #[command(after_help = "\
Examples:
  wherefore ldr pause 000102030405060708090a0b0c0d0e0f
  wherefore ldr pause --subscriber msisdn:491701234567 --demanded-by-subscriber")]
    Pause(LdrOrder),
    /// Have the reports of a deferred request, or of all about a subscriber, go on. What both paused goes on when both say so.
    #[command(after_help = "\
Examples:
  wherefore ldr resume 000102030405060708090a0b0c0d0e0f
  wherefore ldr resume --subscriber msisdn:491701234567 --demanded-by-subscriber")]
    Resume(LdrOrder),
}

/// Options of `ldr list`.
#[derive(Args)]
pub(in crate::cli) struct LdrList {
    /// Those about this subscriber alone: msisdn:DIGITS or imsi:DIGITS.
    #[arg(long)]
    pub(in crate::cli) subscriber: Option<String>,
    /// Those whose ids come after this one.
    #[arg(long, conflicts_with = "subscriber")]
    pub(in crate::cli) after: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `ldr cancel`, `ldr pause` and `ldr resume`.
#[derive(Args)]
pub(in crate::cli) struct LdrOrder {
    /// The request, by its id.
    #[arg(required_unless_present = "subscriber")]
    pub(in crate::cli) id: Option<String>,
    /// All about this subscriber: msisdn:DIGITS or imsi:DIGITS.
    #[arg(long)]
    pub(in crate::cli) subscriber: Option<String>,
    /// The subscriber demands it. Without this the operator does.
    #[arg(long)]
    pub(in crate::cli) demanded_by_subscriber: bool,
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
hidden!(LdrList, LdrOrder);
