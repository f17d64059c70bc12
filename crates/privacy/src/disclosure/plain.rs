//! Entries in plain text, for the subscriber whom they are about and for auditors who hold the keys.
//!
//! This is the only way in which an identity leaves the log. Nothing here is for program logs.

use super::entry::{Entry, Notification, Outcome, Via};
use crate::Basis;
use lcs::{Digits, LcsClientType, LocationType, PrivacySetting, QosClass, ServiceType, Target, Timestamp};

/// An entry in words. Identities are readable: show it only to those who asked with the right to.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainEntry {
    /// When the request arrived.
    pub time: Timestamp,
    /// When its end was known.
    pub answered: Option<Timestamp>,
    /// Name of the request.
    pub request: String,
    /// The door.
    pub via: &'static str,
    /// Account of the client.
    pub account: String,
    /// Client type.
    pub client_type: &'static str,
    /// External identity of the client.
    pub external: Option<String>,
    /// Who asked the client.
    pub requestor: Option<String>,
    /// Service type.
    pub service_type: Option<u8>,
    /// Type of location.
    pub location_type: &'static str,
    /// Quality class asked for.
    pub qos_class: &'static str,
    /// Accuracy asked for, metres.
    pub qos_horizontal_m: Option<u32>,
    /// The target as the client named it, with its kind.
    pub target: String,
    /// IMSI of the target, if it was known.
    pub imsi: Option<String>,
    /// MSISDN of the target, if it was known.
    pub msisdn: Option<String>,
    /// IMEI of the target, if it was known.
    pub imei: Option<String>,
    /// `allowed`, `refused`, `failed` or `abandoned`.
    pub outcome: &'static str,
    /// Why it was refused or failed.
    pub why: Option<String>,
    /// What was given.
    pub given: Option<String>,
    /// The position given, in hexadecimal octets of its shape, if the operator keeps it.
    pub position: Option<String>,
    /// On what it rests.
    pub basis: Option<&'static str>,
    /// The rule that decided.
    pub rule: Option<&'static str>,
    /// The clause of that rule.
    pub clause: Option<&'static str>,
    /// Results of the check: unrelated, and related if there is one.
    pub settings: Option<String>,
    /// What became of telling or asking the user.
    pub notification: &'static str,
    /// The user was asked a second time.
    pub second_round: bool,
}

impl core::fmt::Debug for PlainEntry {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PlainEntry({})", self.request)
    }
}

impl From<&Entry> for PlainEntry {
    fn from(entry: &Entry) -> Self {
        let Entry { facts, identities, ending } = entry;
        let (outcome, why, given) = match &ending.outcome {
            Outcome::Allowed(given) => ("allowed", None, Some(given)),
            Outcome::Refused(reason) => ("refused", Some(reason.to_string()), None),
            Outcome::Failed(failure) => ("failed", Some(failure.to_string()), None),
            Outcome::Abandoned => ("abandoned", None, None),
        };
        Self {
            time: facts.time,
            answered: ending.answered,
            request: facts.request.to_string(),
            via: via(facts.via),
            account: facts.account.to_string(),
            client_type: client_type(facts.client_type),
            external: facts.external.map(|address| address.to_string()),
            requestor: facts.requestor.as_ref().map(|requestor| requestor.text.clone()),
            service_type: facts.service_type.map(ServiceType::code),
            location_type: location_type(facts.location_type),
            qos_class: match facts.qos.class {
                QosClass::Assured => "assured",
                QosClass::BestEffort => "best effort",
            },
            qos_horizontal_m: facts.qos.horizontal_m,
            target: match &facts.target {
                Target::Imsi(imsi) => format!("imsi {}", text(imsi.expose_digits())),
                Target::Msisdn(msisdn) => format!("msisdn {}", text(msisdn.expose_digits())),
                Target::Imei(imei) => format!("imei {}", text(imei.expose_digits())),
                // An entry keeps no more of it than its realm.
                Target::Pseudonym(pseudonym) => format!("pseudonym {}", pseudonym.expose()),
            },
            imsi: identities.imsi.map(|imsi| text(imsi.expose_digits())),
            msisdn: identities.msisdn.map(|msisdn| text(msisdn.expose_digits())),
            imei: identities.imei.map(|imei| text(imei.expose_digits())),
            outcome,
            why,
            given: given.map(describe),
            position: given.and_then(|given| given.octets.as_ref()).map(|octets| hex(octets)),
            basis: ending.basis.map(basis),
            rule: ending.rule.map(crate::RuleId::word),
            clause: ending.rule.map(crate::RuleId::clause),
            settings: ending.settings.map(|(unrelated, related)| match related {
                Some(related) => format!("{}, related {}", setting(unrelated), setting(related)),
                None => setting(unrelated).to_owned(),
            }),
            notification: notification(ending.notification),
            second_round: ending.second_round,
        }
    }
}

fn text(digits: Digits) -> String {
    digits.values().map(|digit| char::from(b'0' + digit)).collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn describe(given: &super::entry::Given) -> String {
    let mut parts = Vec::new();
    if let Some(shape) = given.shape {
        parts.push(lcs::gad::ShapeKind::from_code(shape).as_str().to_owned());
    }
    parts.extend(given.accuracy_m.map(|metres| format!("within {metres} m")));
    parts.extend(given.age_min.map(|minutes| format!("{minutes} min old")));
    let flags = [
        (given.velocity, "velocity"),
        (given.cell, "serving cell"),
        (given.civic_address, "civic address"),
        (given.coarsened, "made coarser"),
        (given.accuracy_fulfilled == Some(false), "accuracy not met"),
    ];
    parts.extend(flags.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_owned()));
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

fn via(via: Via) -> &'static str {
    match via {
        Via::Mlp => "mlp",
        Via::Rlp => "rlp",
        Via::Camara => "camara",
        Via::Admin => "admin",
        Via::Network => "network",
        Via::Portal => "portal",
        Via::Pull => "pull",
        Via::Phone => "phone",
    }
}

fn client_type(client_type: LcsClientType) -> &'static str {
    match client_type {
        LcsClientType::Emergency => "emergency",
        LcsClientType::ValueAdded => "value added",
        LcsClientType::PlmnOperator => "PLMN operator",
        LcsClientType::LawfulIntercept => "lawful intercept",
    }
}

fn location_type(location_type: LocationType) -> &'static str {
    match location_type {
        LocationType::Current => "current",
        LocationType::CurrentOrLastKnown => "current or last known",
        LocationType::Initial => "initial",
        LocationType::ActivateDeferred => "activate deferred",
        LocationType::CancelDeferred => "cancel deferred",
        LocationType::NotificationVerificationOnly => "notification only",
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Profile => "subscriber's profile",
        Basis::PlmnOperator => "PLMN operator class",
        Basis::Emergency => "emergency",
        Basis::LawfulIntercept => "lawful intercept",
        Basis::OwnRequest => "subscriber's own request",
        Basis::HomeGateway => "answer of the home gateway",
        Basis::HomeInstruction => "instruction of the home gateway",
    }
}

fn notification(notification: Notification) -> &'static str {
    match notification {
        Notification::NotNeeded => "not needed",
        Notification::Ordered => "ordered",
        Notification::Accepted => "accepted",
        Notification::Denied => "denied",
        Notification::NoAnswer => "no answer",
    }
}

fn setting(setting: PrivacySetting) -> &'static str {
    match setting {
        PrivacySetting::AllowedWithoutNotification => "allowed",
        PrivacySetting::AllowedWithNotification => "allowed with notification",
        PrivacySetting::AllowedIfNoResponse => "allowed if no response",
        PrivacySetting::RestrictedIfNoResponse => "restricted if no response",
        PrivacySetting::NotAllowed => "not allowed",
    }
}
