//! Receipts that a person can keep and check (after ISO/IEC TS 27560:2023), signed with the key of the disclosure log.
//!
//! The signature covers the receipt in the one spelling of RFC 8785, so that it holds however a file is laid out. `docs/consent.md` says how to
//! check it without this program, and where the words of the standard were read.

use super::body::instant;
use crate::forms::to_hex;
use base64ct::{Base64, Encoding as _};
use lcs::Timestamp;
use privacy::consent::{Decision, Picture, Purpose};
use privacy::disclosure::{NoteError, RequestId, SigningKey, VerifierKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// A receipt with its proof. `Debug` shows the proof alone.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedReceipt {
    /// The receipt.
    #[schema(value_type = Object)]
    pub receipt: Value,
    /// Name of the key, as in `log.vkey`.
    pub key: String,
    /// Ed25519 (RFC 8032) over `wherefore consent receipt v1`, a newline, and the receipt by RFC 8785; base64.
    pub signature: String,
}

impl core::fmt::Debug for SignedReceipt {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SignedReceipt(by {})", self.key)
    }
}

/// Why a receipt cannot be made, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The cryptographic library failed.
    #[error("the receipt cannot be signed; try again")]
    Crypto,
    /// Signed with another key.
    #[error("the receipt is signed with another key; give the public key of the log whose operator issued it")]
    OtherKey,
    /// Changed since it was signed.
    #[error("the signature does not fit: the receipt was changed, or never issued with this key")]
    Forged,
}

/// A receipt of what is kept about a person.
pub(super) fn make(picture: &Picture, key: &SigningKey, now: Timestamp) -> Result<SignedReceipt, ReceiptError> {
    let receipt = content(picture, key, now)?;
    let signature = key.sign_receipt(canonical(&receipt).as_bytes()).map_err(|_| ReceiptError::Crypto)?;
    let key = key.verifier().to_text();
    Ok(SignedReceipt { receipt, key, signature: Base64::encode_string(&signature) })
}

/// Checks a receipt.
///
/// # Errors
/// It was not issued with this key, or changed since.
pub fn verify(signed: &SignedReceipt, key: &VerifierKey) -> Result<(), ReceiptError> {
    if signed.key != key.to_text() {
        return Err(ReceiptError::OtherKey);
    }
    let signature = Base64::decode_vec(&signed.signature).map_err(|_| ReceiptError::Forged)?;
    let checked = key.verify_receipt(canonical(&signed.receipt).as_bytes(), &signature);
    checked.map_err(|_: NoteError| ReceiptError::Forged)
}

fn content(picture: &Picture, key: &SigningKey, now: Timestamp) -> Result<Value, ReceiptError> {
    let person = &picture.person;
    let id = RequestId::random().ok_or(ReceiptError::Crypto)?;
    let mut events: Vec<Value> = Vec::new();
    if let Some(since) = person.opted_out() {
        events.push(json!({ "event_type": "opt-out", "event_time": instant(since), "event_state": "in force" }));
    }
    if let Some(pause) = person.pause() {
        let until = pause.until.map(instant);
        events.push(json!({ "event_type": "pause", "event_time": instant(pause.since), "validity_duration": until }));
    }
    for delivery in person.deliveries() {
        events.push(json!({
            "event_type": "notice delivered",
            "event_time": instant(delivery.at),
            "event_state": format!("{} {} in {} by {}", delivery.notice, delivery.version, delivery.language, delivery.channel.word()),
            "evidence_sha256": to_hex(&delivery.evidence),
        }));
    }
    let decisions = person.decisions();
    events.extend(decisions.iter().map(|(purpose, decision)| event(*purpose, decision)));
    Ok(json!({
        "receipt_metadata": {
            "schema_version": "ISO/IEC TS 27560:2023",
            "receipt_id": id.to_string(),
            "record_id": to_hex(&person.id().0),
            "record_version": person.version().to_string(),
            "issued": instant(now),
        },
        "pii_processing": picture.notices.iter().map(|notice| processing(notice)).collect::<Vec<_>>(),
        "party_identification": { "party_role": "PII controller", "party_name": key.verifier().origin().as_str() },
        "event": events,
    }))
}

fn processing(notice: &privacy::consent::Notice) -> Value {
    let text = |text: &privacy::consent::NoticeText| json!({ "language": text.language, "privacy_notice_sha256": to_hex(&text.hash), "privacy_notice": text.uri });
    json!({
        "privacy_notice": format!("{} {}", notice.name, notice.version),
        "texts": notice.texts.iter().map(text).collect::<Vec<_>>(),
        "purposes": notice.purposes.iter().map(Purpose::word).collect::<Vec<_>>(),
        "lawful_basis": "consent",
        "pii_information": notice.data,
        "recipient_third_parties": notice.recipients,
        "retention_period": format!("P{}D", notice.retention_days),
        "withdrawal_method": "customer care, at any time, free of charge",
    })
}

fn event(purpose: Purpose, decision: &Decision) -> Value {
    json!({
        "event_type": if decision.given { "consent given" } else { "consent refused or withdrawn" },
        "event_time": instant(decision.at),
        "validity_duration": decision.expires.map(instant),
        "event_state": purpose.word(),
        "entity": decision.source.word(),
        "plmns": decision.plmns.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "precision": decision.precision.word(),
        "identified": decision.identified,
        "notice": decision.given.then(|| format!("{} {}", decision.notice, decision.version)),
        "evidence_sha256": to_hex(&decision.evidence),
    })
}

/// The one spelling of RFC 8785: no space, members sorted by name. Receipts have no numbers, whose spelling is the hard part, and names in
/// ASCII, whose order is the same in every encoding.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<(&String, &Value)> = Map::iter(members).collect();
            names.sort_by_key(|(name, _)| *name);
            let members =
                names.into_iter().map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(canonical).collect::<Vec<_>>().join(",")),
        simple => simple.to_string(),
    }
}
