//! Arguments of `wherefore subscriber`.

use super::{Api, word};
use crate::clients::PlmnClientType;
use crate::forms::{Number, Setting};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `wherefore subscriber …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SubscriberCommand {
    /// Add a subscriber with a privacy profile.
    #[command(after_help = "\
Examples:
  wherefore subscriber add msisdn:491701234567,imsi:001010000000001 --unrelated +4930123456=notify
  wherefore subscriber add msisdn:491701234567 --profile profile.json")]
    Add(SubscriberWrite),
    /// Write a whole profile in place of the one before.
    #[command(
        after_help = "Example:\n  wherefore subscriber set msisdn:491701234567 --unrelated +4930123456=verify_allow"
    )]
    Set(SubscriberWrite),
    /// Show a subscriber's profile.
    #[command(after_help = "Example:\n  wherefore subscriber show msisdn:491701234567 --json")]
    Show(SubscriberNamed),
    /// Turn the global location privacy switch on or off: while it is on, nobody may locate.
    #[command(after_help = "Example:\n  wherefore subscriber switch msisdn:491701234567 on")]
    Switch(SubscriberSwitch),
    /// Let nobody locate for a while.
    #[command(after_help = "Example:\n  wherefore subscriber pause msisdn:491701234567 --for 3600")]
    Pause(SubscriberPause),
    /// End a pause.
    #[command(after_help = "Example:\n  wherefore subscriber resume msisdn:491701234567")]
    Resume(SubscriberNamed),
    /// Let nobody locate for good.
    #[command(after_help = "Example:\n  wherefore subscriber opt-out msisdn:491701234567")]
    OptOut(SubscriberNamed),
    /// Take back an opt-out, on the subscriber's own demand.
    #[command(after_help = "Example:\n  wherefore subscriber opt-in msisdn:491701234567 --demanded-by-subscriber")]
    OptIn(SubscriberOptIn),
    /// Erase a subscriber; entries about them in the disclosure log become unreadable.
    #[command(after_help = "Example:\n  wherefore subscriber erase msisdn:491701234567 --yes")]
    Erase(SubscriberErase),
    /// Show what the home register must hold of a subscriber for old serving nodes, or check what it does hold.
    #[command(after_help = SLPP_EXAMPLES)]
    Slpp(SubscriberSlpp),
    /// Write many profiles from lines of JSON: {"subscriber": "msisdn:…", "profile": {…}}.
    #[command(after_help = "Example:\n  wherefore subscriber import profiles.ndjson")]
    Import(SubscriberImport),
}

const SLPP_EXAMPLES: &str = "\
Examples:
  wherefore subscriber slpp msisdn:491701234567
  wherefore subscriber slpp msisdn:491701234567 --map
  wherefore subscriber slpp msisdn:491701234567 --check held.hex";

/// Options of `subscriber slpp`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubscriberSlpp {
    #[command(flatten)]
    pub(in crate::cli) who: Who,
    /// Print only MAP InsertSubscriberDataArg, hexadecimal; the home register puts the subscriber in.
    #[arg(long, conflicts_with_all = ["avp", "check", "json"])]
    pub(in crate::cli) map: bool,
    /// Print only the LCS-Info AVP of S6a and S6d, hexadecimal.
    #[arg(long, conflicts_with_all = ["check", "json"])]
    pub(in crate::cli) avp: bool,
    /// File with what the home register really holds, - for standard input: check it instead; status 1 if anything is wrong. JSON as
    /// --json prints under "data", or hexadecimal octets of a MAP InsertSubscriberDataArg or LCSInformation, or of an LCS-Info AVP.
    #[arg(long, visible_alias = "from", value_name = "FILE")]
    pub(in crate::cli) check: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// A subscriber.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubscriberNamed {
    #[command(flatten)]
    pub(in crate::cli) who: Who,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// A subscriber's name on the command line. `Debug` hides it.
#[derive(Args)]
pub(in crate::cli) struct Who {
    /// msisdn:DIGITS, imsi:DIGITS, or both with a comma between.
    #[arg(value_name = "SUBSCRIBER")]
    pub(in crate::cli) subscriber: String,
}

impl core::fmt::Debug for Who {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Who(hidden)")
    }
}

/// Options of `subscriber add` and `subscriber set`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubscriberWrite {
    #[command(flatten)]
    pub(in crate::cli) who: Who,
    /// JSON file with the profile, - for standard input, instead of the options below.
    #[arg(long, conflicts_with_all = ["universal", "unrelated", "related", "plmn", "services"])]
    pub(in crate::cli) profile: Option<PathBuf>,
    /// Universal class: every client, without notification.
    #[arg(long)]
    pub(in crate::cli) universal: bool,
    /// Client of the call/session unrelated class and its setting: allowed, notify, verify_allow, verify_restrict or denied;
    /// `others` stands for clients not listed. May be repeated.
    #[arg(long, value_parser = listed, value_name = "NUMBER=SETTING")]
    pub(in crate::cli) unrelated: Vec<(Listed, Setting)>,
    /// The same in the call/session related class.
    #[arg(long, value_parser = listed, value_name = "NUMBER=SETTING")]
    pub(in crate::cli) related: Vec<(Listed, Setting)>,
    /// PLMN operator client type that is allowed; may be repeated.
    #[arg(long, value_parser = word::<PlmnClientType>)]
    pub(in crate::cli) plmn: Vec<PlmnClientType>,
    /// Service type and its setting, as 16=notify; may be repeated.
    #[arg(long = "service", value_parser = service_setting, value_name = "TYPE=SETTING")]
    pub(in crate::cli) services: Vec<(u8, Setting)>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Whom a setting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Listed {
    /// The client or group of this number.
    Number(Number),
    /// Clients not listed.
    Others,
}

/// Options of `subscriber switch`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubscriberSwitch {
    #[command(flatten)]
    pub(in crate::cli) who: Who,
    /// on: nobody may locate; off: the profile decides.
    pub(in crate::cli) position: OnOff,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// On or off.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum OnOff {
    /// On.
    On,
    /// Off.
    Off,
}

/// Options of `subscriber pause`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubscriberPause {
    #[command(flatten)]
    pub(in crate::cli) who: Who,
    /// Seconds from now, 1-31536000.
    #[arg(long = "for", value_name = "SECONDS", required_unless_present = "until")]
    pub(in crate::cli) for_s: Option<u32>,
    /// Until, RFC 3339 as 2030-01-31T18:00:00Z.
    #[arg(long, conflicts_with = "for_s")]
    pub(in crate::cli) until: Option<jiff::Timestamp>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `subscriber opt-in`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubscriberOptIn {
    #[command(flatten)]
    pub(in crate::cli) who: Who,
    /// Confirms that the subscriber demands it in person.
    #[arg(long)]
    pub(in crate::cli) demanded_by_subscriber: bool,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `subscriber erase`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubscriberErase {
    #[command(flatten)]
    pub(in crate::cli) who: Who,
    /// Confirms it: what is erased cannot be had back.
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `subscriber import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubscriberImport {
    /// File with one JSON object per line, - for standard input.
    pub(in crate::cli) file: PathBuf,
    /// Requests under way at once.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(in crate::cli) parallel: u16,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

fn service_setting(text: &str) -> Result<(u8, Setting), String> {
    let (kind, setting) = text.split_once('=').ok_or("write TYPE=SETTING, as 16=notify")?;
    let kind = kind.parse().ok().filter(|kind| *kind < 128).ok_or("the service type is a number from 0 to 127")?;
    Ok((kind, word(setting)?))
}

fn listed(text: &str) -> Result<(Listed, Setting), String> {
    let (number, setting) = text.split_once('=').ok_or("write NUMBER=SETTING, as +4930123456=notify")?;
    let listed = match number {
        "others" => Listed::Others,
        number => Listed::Number(number.parse().map_err(|error: crate::forms::NumberError| error.to_string())?),
    };
    Ok((listed, word(setting)?))
}
