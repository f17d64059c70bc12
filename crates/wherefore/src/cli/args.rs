//! The command line as such: commands, options, and an example for each.

use crate::clients::{ClientType, PlmnClientType};
use crate::forms::{Number, Setting};
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
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
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
pub(super) enum LogFormat {
    /// Lines for people.
    Text,
    /// JSON lines for machines.
    Json,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Configuration file.
    #[arg(long, env = "WHEREFORE_CONFIG", default_value = "wherefore.toml")]
    pub(super) config: PathBuf,
    /// Form of the log on standard error.
    #[arg(long, env = "WHEREFORE_LOG_FORMAT", default_value = "text")]
    pub(super) log_format: LogFormat,
    /// What is logged, as in `info` or `wherefore=debug`.
    #[arg(long, env = "WHEREFORE_LOG", default_value = "info")]
    pub(super) log: String,
}

/// Options of `check-config`.
#[derive(Debug, Args)]
pub(super) struct CheckConfig {
    /// Configuration file.
    #[arg(env = "WHEREFORE_CONFIG", default_value = "wherefore.toml")]
    pub(super) file: PathBuf,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The directory. What is there already stays as it is.
    #[arg(default_value = ".")]
    pub(super) dir: PathBuf,
}

/// How to reach the admin API, and in what form to answer.
#[derive(Debug, Args)]
pub(super) struct Api {
    /// Address of the admin API. Default: that of --config, else http://127.0.0.1:9280.
    #[arg(long, env = "WHEREFORE_ADMIN")]
    pub(super) admin: Option<String>,
    /// File with the bearer token; WHEREFORE_ADMIN_TOKEN is looked at first. Default: that of --config, else admin.token.
    #[arg(long, env = "WHEREFORE_TOKEN_FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// Configuration file of the gateway, from which address and token file are taken.
    #[arg(long, env = "WHEREFORE_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long)]
    pub(super) json: bool,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    pub(super) api: Api,
}

/// `wherefore client …`.
#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
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
pub(super) struct ClientList {
    #[command(flatten)]
    pub(super) api: Api,
}

/// A client by its account.
#[derive(Debug, Args)]
pub(super) struct ClientNamed {
    /// Account.
    pub(super) id: String,
    #[command(flatten)]
    pub(super) api: Api,
}

/// Options of `client add`.
#[derive(Debug, Args)]
pub(super) struct ClientAdd {
    /// Account, 1-64 letters, digits and .-_@
    pub(super) id: String,
    /// Client type: emergency, value_added, plmn_operator or lawful_intercept.
    #[arg(long = "type", value_parser = word::<ClientType>, required_unless_present = "record")]
    pub(super) client_type: Option<ClientType>,
    /// JSON file with the whole record, instead of the options below.
    #[arg(long, conflicts_with = "client_type")]
    pub(super) record: Option<PathBuf>,
    /// Make no secret: the client authenticates by certificate.
    #[arg(long)]
    pub(super) no_secret: bool,
    #[command(flatten)]
    pub(super) fields: ClientFields,
    #[command(flatten)]
    pub(super) api: Api,
}

/// Options of `client set`.
#[derive(Debug, Args)]
pub(super) struct ClientSet {
    /// Account.
    pub(super) id: String,
    /// Serve the client again.
    #[arg(long, conflicts_with = "disable")]
    pub(super) enable: bool,
    /// Refuse the client from now on.
    #[arg(long)]
    pub(super) disable: bool,
    #[command(flatten)]
    pub(super) fields: ClientFields,
    #[command(flatten)]
    pub(super) api: Api,
}

/// Parts of a client's record.
#[derive(Debug, Args)]
pub(super) struct ClientFields {
    /// Name shown to users.
    #[arg(long)]
    pub(super) name: Option<String>,
    /// External identity, an E.164 number; may be repeated.
    #[arg(long = "number")]
    pub(super) numbers: Vec<Number>,
    /// Internal identity of a PLMN operator client: broadcast, om_hplmn, om_vplmn, anonymous_location, target_subscribed.
    #[arg(long, value_parser = word::<PlmnClientType>)]
    pub(super) internal: Option<PlmnClientType>,
    /// Privacy override, for emergency and lawful clients.
    #[arg(long = "override")]
    pub(super) override_capability: bool,
    /// Subscriber or range whom the client may ask about; may be repeated. Without any: all.
    #[arg(long = "target")]
    pub(super) targets: Vec<crate::clients::TargetRule>,
    /// Service identity and its type, as friends=16; may be repeated.
    #[arg(long = "service", value_parser = service)]
    pub(super) services: Vec<(String, u8)>,
    /// APN of the client; may be repeated.
    #[arg(long = "apn")]
    pub(super) apns: Vec<String>,
    /// Number under which subscribers call the client; may be repeated.
    #[arg(long = "dialled")]
    pub(super) dialled: Vec<Number>,
    /// Targets per second.
    #[arg(long)]
    pub(super) rate: Option<u32>,
    /// Targets at once beyond the rate.
    #[arg(long)]
    pub(super) burst: Option<u32>,
    /// Targets per UTC day.
    #[arg(long)]
    pub(super) daily_quota: Option<u64>,
    /// Targets in one request.
    #[arg(long)]
    pub(super) max_targets: Option<u32>,
    /// Beginning of URLs to which reports may be pushed; may be repeated.
    #[arg(long = "push-url")]
    pub(super) push_urls: Vec<String>,
    /// SHA-256 fingerprint of a TLS certificate, hexadecimal; may be repeated.
    #[arg(long = "certificate-sha256")]
    pub(super) certificates: Vec<String>,
}

/// Options of `client secret`.
#[derive(Debug, Args)]
pub(super) struct ClientSecret {
    /// Account.
    pub(super) id: String,
    /// File with the new secret, - for standard input. Without it one is made and printed once.
    #[arg(long, conflicts_with = "remove")]
    pub(super) secret_file: Option<PathBuf>,
    /// Take the secret away: the client then authenticates by certificate only.
    #[arg(long)]
    pub(super) remove: bool,
    #[command(flatten)]
    pub(super) api: Api,
}

/// `wherefore subscriber …`.
#[derive(Debug, Subcommand)]
pub(super) enum SubscriberCommand {
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
    /// Write many profiles from lines of JSON: {"subscriber": "msisdn:…", "profile": {…}}.
    #[command(after_help = "Example:\n  wherefore subscriber import profiles.ndjson")]
    Import(SubscriberImport),
}

/// A subscriber.
#[derive(Debug, Args)]
pub(super) struct SubscriberNamed {
    #[command(flatten)]
    pub(super) who: Who,
    #[command(flatten)]
    pub(super) api: Api,
}

/// A subscriber's name on the command line. `Debug` hides it.
#[derive(Args)]
pub(super) struct Who {
    /// msisdn:DIGITS, imsi:DIGITS, or both with a comma between.
    #[arg(value_name = "SUBSCRIBER")]
    pub(super) subscriber: String,
}

impl core::fmt::Debug for Who {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Who(hidden)")
    }
}

/// Options of `subscriber add` and `subscriber set`.
#[derive(Debug, Args)]
pub(super) struct SubscriberWrite {
    #[command(flatten)]
    pub(super) who: Who,
    /// JSON file with the profile, - for standard input, instead of the options below.
    #[arg(long, conflicts_with_all = ["universal", "unrelated", "related", "plmn", "services"])]
    pub(super) profile: Option<PathBuf>,
    /// Universal class: every client, without notification.
    #[arg(long)]
    pub(super) universal: bool,
    /// Client of the call/session unrelated class and its setting: allowed, notify, verify_allow, verify_restrict or denied;
    /// `others` stands for clients not listed. May be repeated.
    #[arg(long, value_parser = listed, value_name = "NUMBER=SETTING")]
    pub(super) unrelated: Vec<(Listed, Setting)>,
    /// The same in the call/session related class.
    #[arg(long, value_parser = listed, value_name = "NUMBER=SETTING")]
    pub(super) related: Vec<(Listed, Setting)>,
    /// PLMN operator client type that is allowed; may be repeated.
    #[arg(long, value_parser = word::<PlmnClientType>)]
    pub(super) plmn: Vec<PlmnClientType>,
    /// Service type and its setting, as 16=notify; may be repeated.
    #[arg(long = "service", value_parser = service_setting, value_name = "TYPE=SETTING")]
    pub(super) services: Vec<(u8, Setting)>,
    #[command(flatten)]
    pub(super) api: Api,
}

/// Whom a setting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    /// The client or group of this number.
    Number(Number),
    /// Clients not listed.
    Others,
}

/// Options of `subscriber switch`.
#[derive(Debug, Args)]
pub(super) struct SubscriberSwitch {
    #[command(flatten)]
    pub(super) who: Who,
    /// on: nobody may locate; off: the profile decides.
    pub(super) position: OnOff,
    #[command(flatten)]
    pub(super) api: Api,
}

/// On or off.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum OnOff {
    /// On.
    On,
    /// Off.
    Off,
}

/// Options of `subscriber pause`.
#[derive(Debug, Args)]
pub(super) struct SubscriberPause {
    #[command(flatten)]
    pub(super) who: Who,
    /// Seconds from now, 1-31536000.
    #[arg(long = "for", value_name = "SECONDS", required_unless_present = "until")]
    pub(super) for_s: Option<u32>,
    /// Until, RFC 3339 as 2030-01-31T18:00:00Z.
    #[arg(long, conflicts_with = "for_s")]
    pub(super) until: Option<jiff::Timestamp>,
    #[command(flatten)]
    pub(super) api: Api,
}

/// Options of `subscriber opt-in`.
#[derive(Debug, Args)]
pub(super) struct SubscriberOptIn {
    #[command(flatten)]
    pub(super) who: Who,
    /// Confirms that the subscriber demands it in person.
    #[arg(long)]
    pub(super) demanded_by_subscriber: bool,
    #[command(flatten)]
    pub(super) api: Api,
}

/// Options of `subscriber erase`.
#[derive(Debug, Args)]
pub(super) struct SubscriberErase {
    #[command(flatten)]
    pub(super) who: Who,
    /// Confirms it: what is erased cannot be had back.
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) api: Api,
}

/// Options of `subscriber import`.
#[derive(Debug, Args)]
pub(super) struct SubscriberImport {
    /// File with one JSON object per line, - for standard input.
    pub(super) file: PathBuf,
    /// Requests under way at once.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) parallel: u16,
    #[command(flatten)]
    pub(super) api: Api,
}

/// Options of `explain`.
#[derive(Args)]
pub(super) struct Explain {
    /// Account of the client.
    #[arg(long)]
    pub(super) client: String,
    /// The subscriber: msisdn:DIGITS, imsi:DIGITS, or both with a comma between.
    #[arg(long)]
    pub(super) target: String,
    /// Service identity.
    #[arg(long)]
    pub(super) service: Option<String>,
    /// Codeword.
    #[arg(long)]
    pub(super) codeword: Option<String>,
    /// Requestor.
    #[arg(long)]
    pub(super) requestor: Option<String>,
    /// Number that the subscriber dialled to reach the client.
    #[arg(long, conflicts_with = "apn")]
    pub(super) dialled: Option<Number>,
    /// APN of the session with the client.
    #[arg(long)]
    pub(super) apn: Option<String>,
    /// Time of the request, RFC 3339. Default: now.
    #[arg(long)]
    pub(super) at: Option<jiff::Timestamp>,
    #[command(flatten)]
    pub(super) api: Api,
}

impl core::fmt::Debug for Explain {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Explain(hidden)")
    }
}

/// Options of `locate`.
#[derive(Args)]
pub(super) struct Locate {
    /// Subscribers: msisdn:DIGITS or imsi:DIGITS.
    #[arg(required = true, value_name = "SUBSCRIBER")]
    pub(super) targets: Vec<String>,
    /// Account of the client.
    #[arg(long)]
    pub(super) client: String,
    /// File with the client's secret, - for standard input; WHEREFORE_SECRET is looked at first.
    #[arg(long)]
    pub(super) secret_file: Option<PathBuf>,
    /// Address of the MLP door.
    #[arg(long, env = "WHEREFORE_MLP", default_value = "http://127.0.0.1:9210/")]
    pub(super) mlp: String,
    /// Authorities to trust for https, PEM. Default: those of the system.
    #[arg(long)]
    pub(super) ca_file: Option<PathBuf>,
    /// Emergency request (ELIR) instead of a standard one (SLIR).
    #[arg(long)]
    pub(super) emergency: bool,
    /// Service identity.
    #[arg(long)]
    pub(super) service: Option<String>,
    /// Codeword, for every target.
    #[arg(long)]
    pub(super) codeword: Option<String>,
    /// Requestor: a name.
    #[arg(long)]
    pub(super) requestor: Option<String>,
    /// APN of the session with the client.
    #[arg(long)]
    pub(super) apn: Option<String>,
    /// Number that the subscriber dialled to reach the client.
    #[arg(long, conflicts_with = "apn")]
    pub(super) dialled: Option<Number>,
    /// Wanted horizontal accuracy, metres.
    #[arg(long)]
    pub(super) accuracy: Option<u32>,
    /// Last known location if the current one cannot be had.
    #[arg(long)]
    pub(super) last_known: bool,
    /// Print the answer as it came.
    #[arg(long, conflicts_with = "json")]
    pub(super) xml: bool,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(super) json: bool,
}

impl core::fmt::Debug for Locate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Locate(hidden)")
    }
}

/// `wherefore log …`.
#[derive(Debug, Subcommand)]
pub(super) enum LogCommand {
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
pub(super) struct LogDir {
    /// Directory of the log.
    pub(super) dir: PathBuf,
    /// Public key that you kept. Default: log.vkey in the directory, which whoever can write there could have replaced.
    #[arg(long)]
    pub(super) vkey: Option<PathBuf>,
}

/// Options of `log verify`.
#[derive(Debug, Args)]
pub(super) struct LogVerify {
    #[command(flatten)]
    pub(super) log: LogDir,
    /// Check the last signature of each segment only.
    #[arg(long)]
    pub(super) fast: bool,
    /// Earlier segments may be gone.
    #[arg(long)]
    pub(super) allow_pruned: bool,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Options of `log prove`.
#[derive(Debug, Args)]
pub(super) struct LogProve {
    #[command(flatten)]
    pub(super) log: LogDir,
    #[command(flatten)]
    pub(super) what: LogProveWhat,
}

/// What to prove: one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct LogProveWhat {
    /// That this entry is in the log.
    #[arg(long, value_name = "INDEX")]
    pub(super) entry: Option<u64>,
    /// That these entries are in the log, first and last, as 4700-4711.
    #[arg(long, value_name = "FIRST-LAST", value_parser = range)]
    pub(super) range: Option<(u64, u64)>,
    /// That the log of so many entries is the beginning of the log now.
    #[arg(long, value_name = "SIZE")]
    pub(super) grown_from: Option<u64>,
}

/// Options of `log check-proof`.
#[derive(Debug, Args)]
pub(super) struct LogCheckProof {
    /// File with the proof, - for standard input.
    pub(super) file: PathBuf,
    /// Public key of the log.
    #[arg(long)]
    pub(super) vkey: PathBuf,
}

/// Options of `log publish`.
#[derive(Debug, Args)]
pub(super) struct LogPublish {
    #[command(flatten)]
    pub(super) log: LogDir,
    /// Make all tiles anew.
    #[arg(long)]
    pub(super) rebuild: bool,
}

/// Options of `log show`.
#[derive(Args)]
pub(super) struct LogShow {
    /// Subscriber: msisdn:DIGITS, imsi:DIGITS, or both with a comma between.
    #[arg(required_unless_present_any = ["all", "operator"], conflicts_with = "all")]
    pub(super) subscriber: Option<String>,
    /// Entries about every subscriber.
    #[arg(long)]
    pub(super) all: bool,
    /// Entries about nobody known too: unknown subscribers, unresolved pseudonyms, the log itself.
    #[arg(long)]
    pub(super) operator: bool,
    /// Configuration file, which names log, store and keys.
    #[arg(long, env = "WHEREFORE_CONFIG", default_value = "wherefore.toml")]
    pub(super) config: PathBuf,
    /// First entry.
    #[arg(long, default_value_t = 0)]
    pub(super) from: u64,
    /// At most so many.
    #[arg(long)]
    pub(super) limit: Option<usize>,
    /// Not before, RFC 3339.
    #[arg(long)]
    pub(super) since: Option<jiff::Timestamp>,
    /// Before, RFC 3339.
    #[arg(long)]
    pub(super) until: Option<jiff::Timestamp>,
    /// Account of the client.
    #[arg(long)]
    pub(super) client: Option<String>,
    /// allowed, refused, failed or abandoned.
    #[arg(long, value_parser = ["allowed", "refused", "failed", "abandoned"])]
    pub(super) outcome: Option<String>,
    /// Name of the request, hexadecimal.
    #[arg(long)]
    pub(super) request: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
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

/// A word of an enumeration, as the admin API writes it.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let text = text.replace('-', "_");
    serde_json::from_value(serde_json::Value::String(text)).map_err(|error| error.to_string())
}

fn service(text: &str) -> Result<(String, u8), String> {
    let (id, kind) = text.rsplit_once('=').ok_or("write IDENTITY=TYPE, as friends=16")?;
    let kind = kind.parse().ok().filter(|kind| *kind < 128).ok_or("the service type is a number from 0 to 127")?;
    Ok((id.to_owned(), kind))
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
