//! Arguments of `wherefore client`.

use super::{Api, word};
use crate::clients::{ClientType, PlmnClientType};
use crate::forms::Number;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `wherefore client …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ClientCommand {
    /// Add a client; its secret is made and printed once.
    #[command(after_help = "\
Examples:
  wherefore client add fleet --type value_added --name 'Fleet control' --number +4930123456
  wherefore client add psap --type emergency --override
  wherefore client add app --record app.json --no-secret")]
    Add(ClientAdd),
    /// List the clients.
    #[command(after_help = "Example:\n  wherefore client list --json")]
    List(ClientList),
    /// Show a client's record.
    #[command(after_help = "Example:\n  wherefore client show fleet")]
    Show(ClientNamed),
    /// Change a client's record: what is given replaces what was there.
    #[command(after_help = "Example:\n  wherefore client set fleet --rate 50 --target 'msisdn:49170*'")]
    Set(ClientSet),
    /// Remove a client.
    #[command(after_help = "Example:\n  wherefore client remove fleet")]
    Remove(ClientNamed),
    /// Give a client a new secret; the old one is worthless at once.
    #[command(after_help = "Example:\n  wherefore client secret fleet")]
    Secret(ClientSecret),
}

/// Options of `client list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ClientList {
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// A client by its account.
#[derive(Debug, Args)]
pub(in crate::cli) struct ClientNamed {
    /// Account.
    pub(in crate::cli) id: String,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `client add`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ClientAdd {
    /// Account, 1-64 letters, digits and .-_@
    pub(in crate::cli) id: String,
    /// Client type: emergency, value_added, plmn_operator or lawful_intercept.
    #[arg(long = "type", value_parser = word::<ClientType>, required_unless_present = "record")]
    pub(in crate::cli) client_type: Option<ClientType>,
    /// JSON file with the whole record, instead of the options below.
    #[arg(long, conflicts_with = "client_type")]
    pub(in crate::cli) record: Option<PathBuf>,
    /// Make no secret: the client authenticates by certificate.
    #[arg(long)]
    pub(in crate::cli) no_secret: bool,
    #[command(flatten)]
    pub(in crate::cli) fields: ClientFields,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `client set`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ClientSet {
    /// Account.
    pub(in crate::cli) id: String,
    /// Serve the client again.
    #[arg(long, conflicts_with = "disable")]
    pub(in crate::cli) enable: bool,
    /// Refuse the client from now on.
    #[arg(long)]
    pub(in crate::cli) disable: bool,
    #[command(flatten)]
    pub(in crate::cli) fields: ClientFields,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Parts of a client's record.
#[derive(Debug, Args)]
pub(in crate::cli) struct ClientFields {
    /// Name shown to users.
    #[arg(long)]
    pub(in crate::cli) name: Option<String>,
    /// External identity, an E.164 number; may be repeated.
    #[arg(long = "number")]
    pub(in crate::cli) numbers: Vec<Number>,
    /// Internal identity of a PLMN operator client: broadcast, om_hplmn, om_vplmn, anonymous_location, target_subscribed.
    #[arg(long, value_parser = word::<PlmnClientType>)]
    pub(in crate::cli) internal: Option<PlmnClientType>,
    /// Privacy override, for emergency and lawful clients.
    #[arg(long = "override")]
    pub(in crate::cli) override_capability: bool,
    /// Subscriber or range whom the client may ask about; may be repeated. Without any: all.
    #[arg(long = "target")]
    pub(in crate::cli) targets: Vec<crate::clients::TargetRule>,
    /// Service identity and its type, as friends=16; may be repeated.
    #[arg(long = "service", value_parser = service)]
    pub(in crate::cli) services: Vec<(String, u8)>,
    /// APN of the client; may be repeated.
    #[arg(long = "apn")]
    pub(in crate::cli) apns: Vec<String>,
    /// Number under which subscribers call the client; may be repeated.
    #[arg(long = "dialled")]
    pub(in crate::cli) dialled: Vec<Number>,
    /// Targets per second.
    #[arg(long)]
    pub(in crate::cli) rate: Option<u32>,
    /// Targets at once beyond the rate.
    #[arg(long)]
    pub(in crate::cli) burst: Option<u32>,
    /// Targets per UTC day.
    #[arg(long)]
    pub(in crate::cli) daily_quota: Option<u64>,
    /// Targets in one request.
    #[arg(long)]
    pub(in crate::cli) max_targets: Option<u32>,
    /// Beginning of URLs to which reports may be pushed; may be repeated.
    #[arg(long = "push-url")]
    pub(in crate::cli) push_urls: Vec<String>,
    /// SHA-256 fingerprint of a TLS certificate, hexadecimal; may be repeated.
    #[arg(long = "certificate-sha256")]
    pub(in crate::cli) certificates: Vec<String>,
}

/// Options of `client secret`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ClientSecret {
    /// Account.
    pub(in crate::cli) id: String,
    /// File with the new secret, - for standard input. Without it one is made and printed once.
    #[arg(long, conflicts_with = "remove")]
    pub(in crate::cli) secret_file: Option<PathBuf>,
    /// Take the secret away: the client then authenticates by certificate only.
    #[arg(long)]
    pub(in crate::cli) remove: bool,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

fn service(text: &str) -> Result<(String, u8), String> {
    let (id, kind) = text.rsplit_once('=').ok_or("write IDENTITY=TYPE, as friends=16")?;
    let kind = kind.parse().ok().filter(|kind| *kind < 128).ok_or("the service type is a number from 0 to 127")?;
    Ok((id.to_owned(), kind))
}
