//! The register as JSON. Words are those of `docs/consent.md`; unknown members are errors.

use super::ConsentError;
use crate::forms::{from_hex, to_hex};
use lcs::{PlmnId, Timestamp};
use privacy::consent::{
    Change, Channel, Decision, Delivery, Notice, NoticeText, Picture, Precision, Purpose, Purposes, Source,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Time to think where a notice says none: 14 days.
const WAIT_S: u64 = 14 * 86_400;

/// A notice in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeTextBody {
    /// Language tag (RFC 5646).
    pub language: String,
    /// SHA-256 of the text, 64 hexadecimal digits.
    pub sha256: String,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}

/// One version of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeBody {
    /// Its name: lower-case letters, digits and hyphens.
    pub name: String,
    /// Counts from 1.
    pub version: u32,
    /// Nobody is selected under it before, RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    pub not_before: jiff::Timestamp,
    /// Time to think from delivery on, seconds; 14 days when absent.
    #[serde(default = "wait_s")]
    pub wait_s: u64,
    /// `logged-mdt`, `immediate-mdt`, `failure-reports`, `bt-wlan-sensor`.
    pub purposes: Vec<String>,
    /// Who gets the data.
    pub recipients: Vec<String>,
    /// Kinds of data.
    pub data: Vec<String>,
    /// For how long data is kept, days.
    pub retention_days: u32,
    /// Terms are others than before: earlier deliveries and consents count no longer.
    #[serde(default)]
    pub asks_anew: bool,
    /// By language.
    pub texts: Vec<NoticeTextBody>,
}

const fn wait_s() -> u64 {
    WAIT_S
}

/// All notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeList {
    /// By name and version.
    pub notices: Vec<NoticeBody>,
}

/// Proof that a notice was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InformedBody {
    /// Name of the notice.
    pub notice: String,
    /// Its version.
    pub version: u32,
    /// In which language.
    pub language: String,
    /// `letter`, `contract`, `sms`, `email`, `app`, `portal`.
    pub channel: String,
    /// When it was delivered, RFC 3339; now when absent. Not in the future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<jiff::Timestamp>,
    /// SHA-256 of whatever proves it, 64 hexadecimal digits.
    pub evidence_sha256: String,
    /// `person` or `customer-care`.
    pub source: String,
}

/// Yes or no to one purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// The purpose.
    pub purpose: String,
    /// Yes.
    pub given: bool,
    /// Networks of a yes, as `262-01`; 1 to 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plmns: Vec<String>,
    /// `coarse` or `exact`; coarse when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<String>,
    /// Identified, signalling based collection included.
    #[serde(default)]
    pub identified: bool,
    /// The notice that was read; its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Until when it holds, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<jiff::Timestamp>,
    /// `person`, `customer-care` or `import`.
    pub source: String,
    /// SHA-256 of whatever proves it, 64 hexadecimal digits.
    pub evidence_sha256: String,
}

/// Whose word a change is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceBody {
    /// `person` or `customer-care`.
    pub source: String,
}

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseUntilBody {
    /// Until, RFC 3339; until resumed when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<jiff::Timestamp>,
    /// `person` or `customer-care`.
    pub source: String,
}

/// The person takes an opt-out back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftBody {
    /// Must be true: the person demands it.
    pub demanded_by_person: bool,
    /// SHA-256 of whatever proves that, 64 hexadecimal digits.
    pub evidence_sha256: String,
}

/// Another SIM, number or phone of the same person, or one that is theirs no longer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkBody {
    /// `msisdn:DIGITS`, `imsi:DIGITS`, `imei:DIGITS`, or several with commas between.
    pub subscriber: String,
    /// `person` or `customer-care`.
    pub source: String,
}

/// That a person is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseBody {
    /// Must be true: it is the person's own demand.
    pub demanded_by_person: bool,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasedView {
    /// There was a record.
    pub known: bool,
    /// An opt-out stays, for ever, by keyed hashes of every identity that the person ever had.
    pub opt_out_stays: bool,
    /// An exclusion stays, by keyed hashes of the identities that the person has.
    pub exclusion_stays: bool,
    /// Rows of measurements that went; none where no logs are collected.
    pub rows: Option<u64>,
}

/// Whether somebody must not be asked at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExclusionBody {
    /// Yes.
    pub excluded: bool,
    /// `law` or `customer-care`.
    pub source: String,
}

/// A decision as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    /// The purpose.
    pub purpose: String,
    /// Yes.
    pub given: bool,
    /// Networks.
    pub plmns: Vec<String>,
    /// `coarse` or `exact`.
    pub precision: String,
    /// Identified collection included.
    pub identified: bool,
    /// The notice, with its version.
    pub notice: Option<String>,
    /// Whose word.
    pub source: String,
    /// Since, RFC 3339.
    pub at: String,
    /// Until, RFC 3339.
    pub expires: Option<String>,
}

/// What the register keeps about a person. No identity is kept, so none is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    /// Counts the changes.
    pub version: u64,
    /// Since when opted out for good, RFC 3339.
    pub opted_out: Option<String>,
    /// Must not be asked at all.
    pub excluded: bool,
    /// Since when a pause runs or ran, RFC 3339.
    pub paused_since: Option<String>,
    /// Until when, RFC 3339; none: until resumed.
    pub paused_until: Option<String>,
    /// Identities that they have, and had before.
    pub identities: [usize; 2],
    /// Notices delivered, with version and time.
    pub informed: Vec<String>,
    /// Decisions by purpose.
    pub decisions: Vec<DecisionView>,
}

/// Part of AccessAndMobilitySubscriptionData (TS 29.503 clause 6.1.6.2.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AmDataView {
    /// `CONSENT_GIVEN` or `CONSENT_NOT_GIVEN`.
    #[serde(rename = "mdtUserConsent")]
    pub mdt_user_consent: String,
}

pub(crate) fn instant(at: Timestamp) -> String {
    let micros = i64::try_from(at.micros()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |at| at.to_string())
}

fn moment(at: jiff::Timestamp) -> Result<Timestamp, ConsentError> {
    let micros = u64::try_from(at.as_microsecond()).map_err(|_| ConsentError::Body("a time is before 1970"))?;
    Ok(Timestamp::from_micros(micros))
}

fn hash(text: &str) -> Result<[u8; 32], ConsentError> {
    let octets = from_hex(text).and_then(|octets| octets.try_into().ok());
    octets.ok_or(ConsentError::Body("a SHA-256 has 64 hexadecimal digits"))
}

fn purpose(word: &str) -> Result<Purpose, ConsentError> {
    let what = "a purpose is logged-mdt, immediate-mdt, failure-reports or bt-wlan-sensor";
    Purpose::parse(word).ok_or(ConsentError::Body(what))
}

/// Whose word.
pub(crate) fn source(word: &str) -> Result<Source, ConsentError> {
    let what = "the source is person, customer-care, import or law; not every change takes every one";
    Source::parse(word).ok_or(ConsentError::Body(what))
}

/// A network as `262-01`.
pub(crate) fn plmn(text: &str) -> Result<PlmnId, ConsentError> {
    let plmn = text.split_once('-').and_then(|(mcc, mnc)| PlmnId::new(mcc, mnc));
    plmn.ok_or(ConsentError::Body("a network is three digits, a hyphen, and two or three digits, as 262-01"))
}

impl NoticeBody {
    /// The notice, published at `now`.
    pub(crate) fn notice(self, now: Timestamp) -> Result<Notice, ConsentError> {
        let purposes: Result<Purposes, _> = self.purposes.iter().map(|word| purpose(word)).collect();
        let text = |t: NoticeTextBody| Ok(NoticeText { hash: hash(&t.sha256)?, language: t.language, uri: t.uri });
        let texts: Result<Vec<NoticeText>, ConsentError> = self.texts.into_iter().map(text).collect();
        Ok(Notice {
            name: self.name,
            version: self.version,
            published: now,
            not_before: moment(self.not_before)?,
            wait_s: self.wait_s,
            purposes: purposes?,
            recipients: self.recipients,
            data: self.data,
            retention_days: self.retention_days,
            asks_anew: self.asks_anew,
            texts: texts?,
        })
    }

    pub(crate) fn of(notice: &Notice) -> Self {
        let text = |t: &NoticeText| NoticeTextBody {
            language: t.language.clone(),
            sha256: to_hex(&t.hash),
            uri: t.uri.clone(),
        };
        let micros = i64::try_from(notice.not_before.micros()).unwrap_or(i64::MAX);
        Self {
            name: notice.name.clone(),
            version: notice.version,
            not_before: jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX),
            wait_s: notice.wait_s,
            purposes: notice.purposes.iter().map(|purpose| purpose.word().to_owned()).collect(),
            recipients: notice.recipients.clone(),
            data: notice.data.clone(),
            retention_days: notice.retention_days,
            asks_anew: notice.asks_anew,
            texts: notice.texts.iter().map(text).collect(),
        }
    }
}

impl InformedBody {
    pub(crate) fn change(self, now: Timestamp) -> Result<Change, ConsentError> {
        let at = self.at.map_or(Ok(now), moment)?;
        if at > now {
            return Err(ConsentError::Body("a delivery is not in the future"));
        }
        let channel = Channel::parse(&self.channel);
        Ok(Change::Informed(Delivery {
            notice: self.notice,
            version: self.version,
            language: self.language,
            channel: channel.ok_or(ConsentError::Body("a channel is letter, contract, sms, email, app or portal"))?,
            at,
            evidence: hash(&self.evidence_sha256)?,
        }))
    }
}

impl DecisionBody {
    pub(crate) fn change(self, now: Timestamp) -> Result<Change, ConsentError> {
        let plmns: Result<Vec<PlmnId>, _> = self.plmns.iter().map(|text| plmn(text)).collect();
        let precision = self.precision.as_deref().map_or(Some(Precision::Coarse), Precision::parse);
        let decision = Decision {
            given: self.given,
            plmns: plmns?,
            precision: precision.ok_or(ConsentError::Body("a precision is coarse or exact"))?,
            identified: self.identified,
            notice: self.notice.unwrap_or_default(),
            version: self.version.unwrap_or_default(),
            source: source(&self.source)?,
            at: now,
            expires: self.expires.map(moment).transpose()?,
            evidence: hash(&self.evidence_sha256)?,
        };
        Ok(Change::Decided { purpose: purpose(&self.purpose)?, decision })
    }
}

impl DecisionBody {
    /// The decision as an import.
    pub(crate) fn import(self, now: Timestamp) -> Result<Change, ConsentError> {
        if self.source != Source::Import.word() {
            return Err(ConsentError::Body("the source of what is imported is import"));
        }
        self.change(now)
    }
}

impl PauseUntilBody {
    pub(crate) fn change(&self) -> Result<Change, ConsentError> {
        Ok(Change::Paused { until: self.until.map(moment).transpose()? })
    }
}

impl LiftBody {
    pub(crate) fn change(&self) -> Result<Change, ConsentError> {
        if !self.demanded_by_person {
            let what = "an opt-out holds until the person demands otherwise; confirm it with demanded_by_person: true";
            return Err(ConsentError::Body(what));
        }
        Ok(Change::OptOutLifted { evidence: hash(&self.evidence_sha256)? })
    }
}

impl PersonView {
    pub(crate) fn of(picture: &Picture) -> Self {
        let person = &picture.person;
        let current = person.identities().iter().filter(|held| held.current).count();
        Self {
            version: person.version(),
            opted_out: person.opted_out().map(instant),
            excluded: person.is_excluded(),
            paused_since: person.pause().map(|pause| instant(pause.since)),
            paused_until: person.pause().and_then(|pause| pause.until).map(instant),
            identities: [current, person.identities().len() - current],
            informed: person
                .deliveries()
                .iter()
                .map(|d| {
                    format!("{} {} in {} by {}, {}", d.notice, d.version, d.language, d.channel.word(), instant(d.at))
                })
                .collect(),
            decisions: person.decisions().iter().map(|(purpose, d)| DecisionView::of(*purpose, d)).collect(),
        }
    }
}

impl DecisionView {
    pub(super) fn of(purpose: Purpose, decision: &Decision) -> Self {
        Self {
            purpose: purpose.word().to_owned(),
            given: decision.given,
            plmns: decision.plmns.iter().map(ToString::to_string).collect(),
            precision: decision.precision.word().to_owned(),
            identified: decision.identified,
            notice: decision.given.then(|| format!("{} {}", decision.notice, decision.version)),
            source: decision.source.word().to_owned(),
            at: instant(decision.at),
            expires: decision.expires.map(instant),
        }
    }
}
