//! `wherefore log show`: entries in plain text, for those who hold the keys.

use super::error::LogError;
use super::files::Files;
use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp as Instant;
use lcs::Timestamp;
use privacy::consent::PlainConsent;
use privacy::disclosure::{
    Content, MasterKey, Origin, PlainEntry, Sealer, Subject, SubjectKeys, SubjectSalt, record_time, walk,
};
use std::collections::HashMap;
use std::path::Path;

/// Which entries to show; everything that is given must fit.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// First index.
    pub from: u64,
    /// At most so many; `None`: all.
    pub limit: Option<usize>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Account of the client.
    pub account: Option<String>,
    /// `allowed`, `refused`, `failed` or `abandoned`.
    pub outcome: Option<String>,
    /// Name of the request, hexadecimal.
    pub request: Option<String>,
    /// Entries under the operator's own key too: unknown subscribers, and what the log says of itself. Without it only those
    /// of the given subscribers.
    pub operator: bool,
}

/// An entry found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A request about one target.
    Entry(u64, Box<PlainEntry>),
    /// A change in the consent register.
    Consent(u64, Box<PlainConsent>),
    /// Ends that could not be recorded: index, how many, since when.
    Gap(u64, u64, Timestamp),
}

/// Opens the entries about the subscribers with these salts, and the operator's own if asked. Gives them, and the number of
/// entries seen that none of the keys opens: those of others, and of erased subscribers.
pub fn show(
    dir: &Path,
    master: &MasterKey,
    origin: &Origin,
    salts: impl IntoIterator<Item = SubjectSalt>,
    filter: &Filter,
) -> Result<(Vec<Shown>, u64), LogError> {
    let sealer = Sealer::new(master, origin).ok_or(LogError::Random)?;
    let keys = Keys::new(&sealer, salts, filter.operator);
    let (mut found, mut closed) = (Vec::new(), 0);
    let outside = |time: Timestamp| {
        filter.since.is_some_and(|since| time.secs() < since.secs()) || filter.until.is_some_and(|until| time >= until)
    };
    walk(&mut Files::new(dir), filter.from, |index, record| {
        if record_time(record).is_some_and(outside) {
            return true;
        }
        match keys.open(&sealer, record) {
            Some(content) => found.extend(filter.pick(index, &content)),
            None => closed += 1,
        }
        filter.limit.is_none_or(|limit| found.len() < limit)
    })?;
    Ok((found, closed))
}

impl Filter {
    fn pick(&self, index: u64, content: &Content) -> Option<Shown> {
        let entry = match content {
            Content::Request(entry) => PlainEntry::from(&**entry),
            Content::Consent(entry) => {
                let entry = PlainConsent::from(&**entry);
                let fits = self.account.as_ref().is_none_or(|account| *account == entry.account)
                    && self.outcome.is_none()
                    && self.request.as_ref().is_none_or(|request| *request == entry.request);
                return fits.then(|| Shown::Consent(index, Box::new(entry)));
            }
            Content::Gap { lost, since } => {
                let is_asked = self.account.is_none() && self.outcome.is_none() && self.request.is_none();
                return is_asked.then_some(Shown::Gap(index, *lost, *since));
            }
        };
        let fits = self.account.as_ref().is_none_or(|account| *account == entry.account)
            && self.outcome.as_ref().is_none_or(|outcome| outcome == entry.outcome)
            && self.request.as_ref().is_none_or(|request| *request == entry.request);
        fits.then(|| Shown::Entry(index, Box::new(entry)))
    }
}

/// The keys of many subjects, found by the bucket of a record.
struct Keys {
    by_bucket: HashMap<u16, Vec<Subject>>,
}

impl Keys {
    fn new(sealer: &Sealer, salts: impl IntoIterator<Item = SubjectSalt>, operator: bool) -> Self {
        let mut by_bucket: HashMap<u16, Vec<Subject>> = HashMap::new();
        let operator = operator.then_some(Subject::Operator);
        for subject in salts.into_iter().map(Subject::Subscriber).chain(operator) {
            by_bucket.entry(sealer.subject(&subject).bucket()).or_default().push(subject);
        }
        Self { by_bucket }
    }

    fn open(&self, sealer: &Sealer, record: &[u8]) -> Option<Content> {
        let candidates = self.by_bucket.get(&sealer.bucket_of(record)?)?;
        let keys = candidates.iter().map(|subject| sealer.subject(subject));
        keys.into_iter()
            .find(|keys: &SubjectKeys| sealer.belongs(record, keys))
            .and_then(|keys| sealer.open(record, &keys).ok())
    }
}

/// As JSON, one value an entry.
#[must_use]
pub fn shown_as_json(shown: &[Shown]) -> serde_json::Value {
    shown.iter().map(to_json).collect()
}

fn to_json(shown: &Shown) -> serde_json::Value {
    match shown {
        Shown::Gap(index, lost, since) => {
            serde_json::json!({ "index": index, "outcome": "gap", "lost": lost, "since": instant(*since) })
        }
        Shown::Consent(index, entry) => serde_json::json!({
            "index": index,
            "time": instant(entry.time),
            "request": entry.request,
            "account": entry.account,
            "outcome": "consent",
            "change": entry.change,
            "source": entry.source,
            "imsi": entry.imsi,
            "msisdn": entry.msisdn,
            "imei": entry.imei,
            "purpose": entry.purpose,
            "given": entry.given,
            "plmns": entry.plmns,
            "notice": entry.notice,
            "until": entry.until.map(instant),
        }),
        Shown::Entry(index, entry) => serde_json::json!({
            "index": index,
            "time": instant(entry.time),
            "answered": entry.answered.map(instant),
            "request": entry.request,
            "via": entry.via,
            "account": entry.account,
            "client_type": entry.client_type,
            "external": entry.external,
            "requestor": entry.requestor,
            "service_type": entry.service_type,
            "location_type": entry.location_type,
            "qos_class": entry.qos_class,
            "qos_horizontal_m": entry.qos_horizontal_m,
            "target": entry.target,
            "imsi": entry.imsi,
            "msisdn": entry.msisdn,
            "imei": entry.imei,
            "outcome": entry.outcome,
            "why": entry.why,
            "given": entry.given,
            "position": entry.position,
            "basis": entry.basis,
            "rule": entry.rule,
            "clause": entry.clause,
            "settings": entry.settings,
            "notification": entry.notification,
            "second_round": entry.second_round,
        }),
    }
}

/// As a table for a terminal.
#[must_use]
pub fn shown_as_table(shown: &[Shown]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["entry", "time", "client", "target", "outcome", "what or why", "rule", "user"]);
    for line in shown {
        match line {
            Shown::Gap(index, lost, since) => {
                let what = format!("{lost} ends not recorded since {}", instant(*since));
                table.add_row([index.to_string(), String::new(), String::new(), String::new(), "gap".to_owned(), what]);
            }
            Shown::Consent(index, entry) => {
                let yes = entry.given.map(|given| if given { "yes" } else { "no" });
                let what: Vec<&str> = [entry.purpose, yes, entry.notice.as_deref()].into_iter().flatten().collect();
                let digits =
                    |kind: &str, digits: &Option<String>| digits.as_ref().map(|digits| format!("{kind} {digits}"));
                let who = digits("msisdn", &entry.msisdn).or_else(|| digits("imsi", &entry.imsi));
                table.add_row([
                    index.to_string(),
                    instant(entry.time),
                    format!("{} (word of {})", entry.account, entry.source),
                    who.or_else(|| digits("imei", &entry.imei)).unwrap_or_default(),
                    entry.change.to_owned(),
                    what.join(", "),
                ]);
            }
            Shown::Entry(index, entry) => {
                let what = entry.given.clone().or_else(|| entry.why.clone()).unwrap_or_default();
                let client = format!("{} ({}, {})", entry.account, entry.client_type, entry.via);
                let rule =
                    entry.rule.zip(entry.clause).map_or(String::new(), |(rule, clause)| format!("{rule}, {clause}"));
                let user = if entry.second_round {
                    format!("{}, asked again", entry.notification)
                } else {
                    entry.notification.to_owned()
                };
                table.add_row([
                    index.to_string(),
                    instant(entry.time),
                    client,
                    entry.target.clone(),
                    entry.outcome.to_owned(),
                    what,
                    rule,
                    user,
                ]);
            }
        }
    }
    table.to_string()
}

/// A point in time as RFC 3339 has it.
fn instant(time: Timestamp) -> String {
    let micros = i64::try_from(time.micros()).unwrap_or(i64::MAX);
    Instant::from_microsecond(micros).map_or_else(|_| micros.to_string(), |instant| instant.to_string())
}
