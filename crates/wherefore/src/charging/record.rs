//! What a record of charging says (TS 23.271 clauses 11.1 and 11.2): who asked, about whom, what was wanted, what came of it.
//! Never where somebody was beyond the network that served.

use crate::config::ChargedTarget;
use crate::pmd::charged_digits;
use aws_lc_rs::hmac;
use lcs::{
    Address, Failure, Fix, Identities, LcsClientType, LocationType, Priority, Qos, QosClass, ResponseTime, ServiceType,
    Timestamp,
};
use mlp::rlp::Transaction;
use privacy::disclosure::{Given, RequestId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Form of the records; changes when a reader of an older one would misread a newer.
const FORM: u8 = 1;

/// What this gateway was in a request (TS 23.271 clause 6.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargedRole {
    /// Its own client asked, and another network's gateway was asked.
    Requesting,
    /// The privacy check was here.
    Home,
    /// Another network's gateway had the check and gave an instruction, or an override.
    Visited,
}

/// The client of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargedClient {
    /// Account here; of another gateway's client a name made of that gateway's.
    pub account: String,
    /// Type: `value_added`, `plmn_operator`, `emergency`, `lawful_intercept`.
    #[serde(rename = "type")]
    pub kind: String,
    /// External identity, an E.164 number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// The quality that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChargedQos {
    /// `assured` or `best_effort`.
    pub class: String,
    /// Horizontal accuracy, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizontal_m: Option<u32>,
    /// Vertical accuracy, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vertical_m: Option<u32>,
    /// Response time category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_time: Option<String>,
    /// Whether it had priority.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub high_priority: bool,
}

/// What was given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChargedPosition {
    /// Uncertainty, metres, the greater axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<u32>,
    /// Age, minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_min: Option<u32>,
    /// Whether the accuracy asked for was met, as far as the network said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_met: Option<bool>,
    /// Whether velocity was given.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub velocity: bool,
}

/// What a record of a deferred request is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChargedDeferred {
    /// What was reported: `ue_available`, `not_available`, `entering`, `leaving`, `inside`, `periodic`, `motion`, `max_interval_expired`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Number of the report, from 1; the client was told the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Why it ended, in the words of the metric `wherefore_deferred_ended_total`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Which part of a deferred request was finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChargedPart {
    /// It was armed, or begun anew.
    Arming,
    /// A report.
    Report {
        /// Word of the event.
        event: &'static str,
        /// Its number.
        number: u32,
        /// A position was told with it.
        located: bool,
    },
    /// It is over.
    End(&'static str),
}

impl ChargedPart {
    /// What came of it, if it did not fail; whether a position is part of that; and what the record says of it.
    fn told(self) -> (&'static str, bool, ChargedDeferred) {
        match self {
            Self::Arming => ("armed", false, ChargedDeferred::default()),
            Self::Report { event, number, located } => {
                let told = ChargedDeferred { event: Some(event.to_owned()), number: Some(number), reason: None };
                (if located { "located" } else { "reported" }, located, told)
            }
            Self::End(reason) => {
                ("ended", false, ChargedDeferred { reason: Some(reason.to_owned()), ..ChargedDeferred::default() })
            }
        }
    }
}

/// One line of a file: a finished request about one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Form of the record.
    pub v: u8,
    /// When the request ended.
    pub ended: jiff::Timestamp,
    /// Name of this gateway.
    pub gateway: String,
    /// What it was in the request.
    pub role: ChargedRole,
    /// Name of the request, that of its entry in the disclosure log.
    pub request: String,
    /// Name of the exchange with the gateway that asked, which has it in its record too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// Gateway that asked; none: a client of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Gateways that were asked, each with the name of the exchange and the network that it told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<ChargedLeg>,
    /// Who asked.
    pub client: ChargedClient,
    /// Whom it was about: `msisdn:` or `imsi:` and digits, or a hash, as the operator set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Type of location asked for.
    pub location_type: String,
    /// Service type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_type: Option<u8>,
    /// Quality asked for.
    pub qos: ChargedQos,
    /// Network that served, MCC and MNC digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visited_plmn: Option<String>,
    /// Serving node that was asked from here: its host name or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// From the request to the answer, ms.
    pub response_ms: u64,
    /// `located`, or the failure; of a deferred request also `armed`, `reported` without a position, `ended`.
    pub result: String,
    /// Of a deferred request: which part of it this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred: Option<ChargedDeferred>,
    /// What was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<ChargedPosition>,
}

/// One exchange with another gateway, as the one that asked has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargedLeg {
    /// Name of the gateway.
    pub gateway: String,
    /// What it was asked as.
    #[serde(rename = "as")]
    pub role: ChargedRole,
    /// Name of the exchange.
    pub transaction: String,
    /// How it ended.
    pub result: String,
    /// How long it took, ms.
    pub took_ms: u64,
}

/// A finished request about one target, as it is handed over; the record is made of it off the path of the request.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    pub(crate) role: ChargedRole,
    pub(crate) request: RequestId,
    pub(crate) transaction: Option<Transaction>,
    pub(crate) from: Option<Arc<str>>,
    pub(crate) asked: Vec<ChargedLeg>,
    pub(crate) account: Arc<str>,
    pub(crate) client_type: LcsClientType,
    pub(crate) number: Option<Address>,
    pub(crate) target: Identities,
    pub(crate) location_type: LocationType,
    pub(crate) service_type: Option<ServiceType>,
    pub(crate) qos: Qos,
    pub(crate) priority: Priority,
    pub(crate) visited_plmn: Option<String>,
    pub(crate) node: Option<String>,
    pub(crate) began: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) result: Result<ChargedPosition, Failure>,
    /// Of a deferred request.
    pub(crate) part: Option<ChargedPart>,
}

impl ChargedPosition {
    /// What of a position is charged.
    pub(crate) fn of(fix: &Fix) -> Self {
        let given = Given::of(fix);
        Self {
            accuracy_m: given.accuracy_m,
            age_min: given.age_min,
            accuracy_met: given.accuracy_fulfilled,
            velocity: given.velocity,
        }
    }
}

/// How records are written: by whom, and naming targets how.
pub(super) struct Form {
    pub(super) gateway: String,
    pub(super) target: ChargedTarget,
    pub(super) key: hmac::Key,
}

impl Form {
    /// The record.
    pub(super) fn record(&self, finished: Finished) -> Record {
        let client_type = match finished.client_type {
            LcsClientType::Emergency => "emergency",
            LcsClientType::ValueAdded => "value_added",
            LcsClientType::PlmnOperator => "plmn_operator",
            LcsClientType::LawfulIntercept => "lawful_intercept",
        };
        let number = finished.number.map(|number| crate::forms::Number(number).to_string());
        let micros = i64::try_from(finished.ended.micros()).unwrap_or(i64::MAX);
        let (word, located, deferred) = match finished.part.map(ChargedPart::told) {
            Some((word, located, deferred)) => (word, located, Some(deferred)),
            None => ("located", true, None),
        };
        let (result, position) = match finished.result {
            Ok(position) => (word.to_owned(), Some(position).filter(|_| located)),
            Err(failure) => (failure.as_str().to_owned(), None),
        };
        Record {
            v: FORM,
            ended: jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX),
            gateway: self.gateway.clone(),
            role: finished.role,
            request: finished.request.to_string(),
            transaction: finished.transaction.map(|transaction| transaction.as_str().to_owned()),
            from: finished.from.map(|name| name.to_string()),
            asked: finished.asked,
            client: ChargedClient { account: finished.account.to_string(), kind: client_type.into(), number },
            target: self.named(&finished.target),
            location_type: location_type(finished.location_type).into(),
            service_type: finished.service_type.map(ServiceType::code),
            qos: qos(finished.qos, finished.priority),
            visited_plmn: finished.visited_plmn,
            node: finished.node,
            response_ms: u64::try_from(finished.ended.since(finished.began).as_millis()).unwrap_or(u64::MAX),
            result,
            deferred,
            position,
        }
    }

    /// The target as the operator wants it named; the number goes before the IMSI, so that one subscriber has one name wherever
    /// both are known.
    fn named(&self, target: &Identities) -> Option<String> {
        let (kind, digits) = charged_digits(target)?;
        match self.target {
            ChargedTarget::None => None,
            ChargedTarget::Clear => Some(format!("{kind}:{}", digits.as_str())),
            ChargedTarget::Hashed => {
                let tag = hmac::sign(&self.key, format!("{kind}:{}", digits.as_str()).as_bytes());
                let half = tag.as_ref().get(..16).unwrap_or_default();
                Some(format!("hash:{}", crate::forms::to_hex(half)))
            }
        }
    }
}

fn qos(qos: Qos, priority: Priority) -> ChargedQos {
    ChargedQos {
        class: match qos.class {
            QosClass::Assured => "assured".into(),
            QosClass::BestEffort => "best_effort".into(),
        },
        horizontal_m: qos.horizontal_m,
        vertical_m: qos.vertical_m,
        response_time: qos.response_time.map(|time| match time {
            ResponseTime::LowDelay => "low_delay".into(),
            ResponseTime::DelayTolerant => "delay_tolerant".into(),
        }),
        high_priority: priority != Priority::Normal,
    }
}

fn location_type(kind: LocationType) -> &'static str {
    match kind {
        LocationType::Current => "current",
        LocationType::CurrentOrLastKnown => "current_or_last_known",
        LocationType::Initial => "initial",
        LocationType::ActivateDeferred => "activate_deferred",
        LocationType::CancelDeferred => "cancel_deferred",
        LocationType::NotificationVerificationOnly => "notification_only",
    }
}
