//! What the register tells of a person: all of it to the person, and one word to networks.

use super::body::{DecisionView, NoticeBody, instant};
use super::{ChangeError, ConsentError};
use crate::forms::to_hex;
use diameter::s6a::MdtUserConsent;
use lcs::Timestamp;
use privacy::consent::{IdentityKind, Picture};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An identity that a person has or had. Of its digits nothing is kept that could be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldView {
    /// `imsi`, `msisdn` or `imei`.
    pub kind: String,
    /// Theirs now.
    pub current: bool,
}

/// A notice that the person got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryView {
    /// Name of the notice.
    pub notice: String,
    /// Its version.
    pub version: u32,
    /// In which language.
    pub language: String,
    /// How.
    pub channel: String,
    /// When, RFC 3339.
    pub at: String,
    /// SHA-256 of whatever proves it.
    pub evidence_sha256: String,
}

/// A decision with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecisionExport {
    /// What was said.
    pub decision: DecisionView,
    /// SHA-256 of whatever proves it.
    pub evidence_sha256: String,
}

/// All that the register keeps about a person, for the person. How it came about is told by the disclosure log: `wherefore log show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessView {
    /// When it was made, RFC 3339.
    pub exported: String,
    /// Random name of the record.
    pub record: String,
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
    /// Identities, former ones included.
    pub identities: Vec<HeldView>,
    /// Notices delivered.
    pub informed: Vec<DeliveryView>,
    /// Decisions by purpose.
    pub decisions: Vec<DecisionExport>,
    /// The notices that are named.
    pub notices: Vec<NoticeBody>,
}

const fn kind(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Imsi => "imsi",
        IdentityKind::Msisdn => "msisdn",
        IdentityKind::Imei => "imei",
    }
}

impl AccessView {
    pub(crate) fn of(picture: &Picture, now: Timestamp) -> Self {
        let person = &picture.person;
        let held = person.identities().iter();
        let informed = person.deliveries().iter().map(|delivery| DeliveryView {
            notice: delivery.notice.clone(),
            version: delivery.version,
            language: delivery.language.clone(),
            channel: delivery.channel.word().to_owned(),
            at: instant(delivery.at),
            evidence_sha256: to_hex(&delivery.evidence),
        });
        let decisions = person.decisions().iter().map(|(purpose, decision)| DecisionExport {
            decision: DecisionView::of(*purpose, decision),
            evidence_sha256: to_hex(&decision.evidence),
        });
        Self {
            exported: instant(now),
            record: to_hex(&person.id().0),
            version: person.version(),
            opted_out: person.opted_out().map(instant),
            excluded: person.is_excluded(),
            paused_since: person.pause().map(|pause| instant(pause.since)),
            paused_until: person.pause().and_then(|pause| pause.until).map(instant),
            identities: held.map(|h| HeldView { kind: kind(h.kind).to_owned(), current: h.current }).collect(),
            informed: informed.collect(),
            decisions: decisions.collect(),
            notices: picture.notices.iter().map(|notice| NoticeBody::of(notice)).collect(),
        }
    }
}

/// MDT-User-Consent of Subscription-Data (TS 29.272 clause 7.3.148).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionDataView {
    /// 0 CONSENT_NOT_GIVEN, 1 CONSENT_GIVEN.
    pub mdt_user_consent: u32,
    /// Subscription-Data with MDT-User-Consent, header and all, hexadecimal.
    pub avp: String,
}

impl SubscriptionDataView {
    pub(crate) fn of(given: bool) -> Result<Self, ConsentError> {
        let word = if given { MdtUserConsent::Given } else { MdtUserConsent::NotGiven };
        let avp = word.avp().map_err(|_| ChangeError::Unavailable)?;
        Ok(Self { mdt_user_consent: u32::from(given), avp: to_hex(&avp) })
    }
}
