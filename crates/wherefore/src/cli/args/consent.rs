//! Arguments of `wherefore consent`.

use super::Api;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `wherefore consent …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConsentCommand {
    /// Publish the next version of a notice.
    #[command(after_help = "Example:\n  wherefore consent notice notice.json")]
    Notice(ConsentNotice),
    /// List all versions of all notices.
    #[command(after_help = "Example:\n  wherefore consent notices --json")]
    Notices(ConsentNotices),
    /// Note that a person got a notice.
    #[command(after_help = "Example:\n  wherefore consent inform msisdn:491701234567 delivery.json")]
    Inform(ConsentWrite),
    /// Note a person's yes or no to one purpose.
    #[command(after_help = "Example:\n  wherefore consent decide msisdn:491701234567 decision.json")]
    Decide(ConsentWrite),
    /// Take decisions of another system from CSV, with evidence. None lifts an opt-out, and none gives what anybody refused.
    #[command(after_help = IMPORT_EXAMPLE)]
    Import(ConsentImport),
    /// Print what is kept: all of it for the person, or the one word that networks are told.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ConsentExport),
    /// No measurements for a while; consents stay.
    #[command(after_help = "Example:\n  wherefore consent pause msisdn:491701234567 --until 2030-01-31T18:00:00Z")]
    Pause(ConsentPause),
    /// End a pause.
    #[command(after_help = "Example:\n  wherefore consent resume msisdn:491701234567")]
    Resume(ConsentNamed),
    /// Opt a person out for good, known before or not.
    #[command(after_help = "Example:\n  wherefore consent opt-out msisdn:491701234567")]
    OptOut(ConsentNamed),
    /// Lift an opt-out, on the person's own demand and with evidence of it. No consent comes back.
    #[command(
        after_help = "Example:\n  wherefore consent lift msisdn:491701234567 --evidence signed.pdf --demanded-by-person"
    )]
    Lift(ConsentLift),
    /// Exclude a person, who then must not be asked at all, or end that.
    #[command(after_help = "Example:\n  wherefore consent exclude msisdn:491701234567 --by law")]
    Exclude(ConsentExclude),
    /// Note another SIM, number or phone of the same person, in place of the one before.
    #[command(
        after_help = "Example:\n  wherefore consent link msisdn:491701234567 --to imsi:262011234567890,imei:35000000000001"
    )]
    Link(ConsentLink),
    /// Note that a SIM, number or phone is the person's no longer. An opt-out stays bound to it.
    #[command(after_help = "Example:\n  wherefore consent unlink msisdn:491701234567 --gone imei:35000000000001")]
    Unlink(ConsentUnlink),
    /// Forget a person, on their own demand. An opt-out stays for ever; entries about them in the disclosure log become unreadable.
    #[command(after_help = "Example:\n  wherefore consent erase msisdn:491701234567 --demanded-by-person")]
    Erase(ConsentErase),
    /// Show what is kept about a person.
    #[command(after_help = "Example:\n  wherefore consent show msisdn:491701234567")]
    Show(ConsentNamed),
    /// Print a signed receipt for the person to keep.
    #[command(after_help = "Example:\n  wherefore consent receipt msisdn:491701234567")]
    Receipt(ConsentNamed),
    /// Check a receipt with the public key of the log; needs no gateway.
    #[command(after_help = "Example:\n  wherefore consent verify receipt.json --key log.vkey")]
    Verify(ConsentVerify),
}

const IMPORT_EXAMPLE: &str = "\
Columns, in any order: imsi, msisdn, imei (one at least), purpose, given, evidence_sha256,
and as needed plmns (blanks between), precision, identified, notice, version, expires.

Example:
  wherefore consent import consents.csv";

const EXPORT_EXAMPLES: &str = "\
Examples:
  wherefore consent export msisdn:491701234567
  wherefore consent export imsi:262011234567890 --form am-data --plmn 262-01
  wherefore consent export --list subscribers.txt --form s6a --plmn 262-01";

/// Identities on the command line. `Debug` hides them.
#[derive(Clone)]
pub(in crate::cli) struct Named(pub(in crate::cli) String);

impl From<String> for Named {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl core::fmt::Debug for Named {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Named(hidden)")
    }
}

/// A person.
#[derive(Debug, Args)]
pub(in crate::cli) struct Someone {
    /// msisdn:DIGITS, imsi:DIGITS, imei:DIGITS, or several with commas between.
    #[arg(value_name = "PERSON")]
    pub(in crate::cli) person: Named,
}

/// Options of commands that need a person and no more.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentNamed {
    #[command(flatten)]
    pub(in crate::cli) who: Someone,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent notice`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentNotice {
    /// JSON file with the notice, - for standard input; docs/consent.md.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent notices`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentNotices {
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent inform` and `consent decide`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentWrite {
    #[command(flatten)]
    pub(in crate::cli) who: Someone,
    /// JSON file with what is to be noted, - for standard input; docs/consent.md.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentImport {
    /// CSV file, - for standard input; docs/consent.md.
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// For whom something is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExportForm {
    /// All that is kept, for the person.
    Access,
    /// AccessAndMobilitySubscriptionData of a UDM (TS 29.503), JSON.
    AmData,
    /// Subscription-Data of an HSS (TS 29.272), hexadecimal.
    S6a,
}

/// Options of `consent export`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentExport {
    /// msisdn:DIGITS, imsi:DIGITS, imei:DIGITS, or several with commas between.
    #[arg(value_name = "PERSON", required_unless_present = "list", conflicts_with = "list")]
    pub(in crate::cli) person: Option<Named>,
    /// File with a subscriber a line, - for standard input: a line of JSON each comes out, in the same order.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) list: Option<PathBuf>,
    /// For whom.
    #[arg(long, value_enum, default_value_t = ExportForm::Access)]
    pub(in crate::cli) form: ExportForm,
    /// The network that is told, as 262-01; with am-data and s6a.
    #[arg(long, required_if_eq_any([("form", "am-data"), ("form", "s6a")]))]
    pub(in crate::cli) plmn: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent pause`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentPause {
    #[command(flatten)]
    pub(in crate::cli) who: Someone,
    /// Until, RFC 3339; until resumed if it is not given.
    #[arg(long)]
    pub(in crate::cli) until: Option<jiff::Timestamp>,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent lift`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentLift {
    #[command(flatten)]
    pub(in crate::cli) who: Someone,
    /// File that proves the demand, such as a signed form. Its SHA-256 goes into the record, the file stays here.
    #[arg(long)]
    pub(in crate::cli) evidence: PathBuf,
    /// Confirms that the person demanded it, and nobody else.
    #[arg(long)]
    pub(in crate::cli) demanded_by_person: bool,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Who excludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExcludedBy {
    /// A duty of law.
    Law,
    /// Customer care.
    CustomerCare,
}

/// Options of `consent exclude`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentExclude {
    #[command(flatten)]
    pub(in crate::cli) who: Someone,
    /// By whom.
    #[arg(long, value_enum, default_value_t = ExcludedBy::Law)]
    pub(in crate::cli) by: ExcludedBy,
    /// End the exclusion.
    #[arg(long)]
    pub(in crate::cli) end: bool,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent link`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentLink {
    #[command(flatten)]
    pub(in crate::cli) who: Someone,
    /// What the person has from now on: msisdn:DIGITS, imsi:DIGITS, imei:DIGITS, or several with commas between.
    #[arg(long, value_name = "IDENTITIES")]
    pub(in crate::cli) to: Named,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent unlink`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentUnlink {
    #[command(flatten)]
    pub(in crate::cli) who: Someone,
    /// What the person has no longer: msisdn:DIGITS, imsi:DIGITS, imei:DIGITS, or several with commas between.
    #[arg(long, value_name = "IDENTITIES")]
    pub(in crate::cli) gone: Named,
    #[command(flatten)]
    pub(in crate::cli) api: Api,
}

/// Options of `consent erase`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentErase {
    #[command(flatten)]
    pub(in crate::cli) who: Someone,
    /// Confirms that the person demanded it: what is erased cannot be had back.
    #[arg(long)]
    pub(in crate::cli) demanded_by_person: bool,
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
