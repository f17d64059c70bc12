//! The record of an LCS client (TS 23.271 Table 10.7), as the operator writes it and as the store keeps it.

use super::target::TargetRule;
use crate::forms::{CountryCode, Number, Setting};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Client type (TS 29.172 clause 7.4.1, LCS-Client-Type). Only the operator sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientType {
    /// Emergency services.
    Emergency,
    /// Value added services: every commercial or private application.
    ValueAdded,
    /// Services of the PLMN operator.
    PlmnOperator,
    /// Lawful interception.
    LawfulIntercept,
}

/// Generic type of a PLMN operator client (TS 23.271 clause 9.5.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlmnClientType {
    /// Location related broadcast.
    Broadcast,
    /// Operation and maintenance in the home PLMN.
    OmHplmn,
    /// Operation and maintenance in the visited PLMN.
    OmVplmn,
    /// Anonymous location, for statistics.
    AnonymousLocation,
    /// A service that the target subscribes to.
    TargetSubscribed,
}

/// Form of a name (TS 29.172 clause 7.4.1, LCS-Format-Indicator).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameFormat {
    /// A logical name.
    #[default]
    LogicalName,
    /// An e-mail address.
    EmailAddress,
    /// A telephone number.
    Msisdn,
    /// A URL.
    Url,
    /// A SIP URL.
    SipUrl,
}

/// A name shown to the user in a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// The text, without "==" (TS 23.271 clause 10.7 NOTE 2).
    pub text: String,
    /// Its form. Default `logical_name`.
    #[serde(default)]
    pub format: NameFormat,
}

/// An external identity: the E.164 number under which subscribers list this client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalIdentity {
    /// The number.
    pub number: Number,
    /// Logical name that goes with it. Default: the client's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A number or access point through which subscribers reach this client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallSessionIdentity {
    /// The number that is dialled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
    /// Or the APN network identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apn: Option<String>,
    /// External identity that it belongs to. Default: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_identity: Option<Number>,
    /// Logical name. Default: the client's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A service identity of the client and the service type it stands for (TS 23.271 clause 9.1.1 step 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The identity, as the client sends it.
    pub id: String,
    /// Service type, 0-127.
    pub service_type: u8,
    /// Most targets in one request for this service. Default: the client's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_targets: Option<u32>,
}

/// Priority (TS 29.172 clause 7.4.1, LCS-Priority).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriorityWord {
    /// Highest.
    Highest,
    /// Normal.
    #[default]
    Normal,
}

/// What a client may ask for (TS 23.271 Table 10.7, allowed LCS request types).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestType {
    /// Requests that are not related to a call or session.
    NonCall,
    /// Requests related to a call or session.
    CallSession,
    /// Current location.
    Current,
    /// Current or last known location.
    CurrentOrLastKnown,
    /// Asynchronous answers, pushed to the client.
    Asynchronous,
    /// A report when the subscriber can be reached.
    UeAvailable,
    /// Reports when the subscriber enters, leaves or is in an area.
    ChangeOfArea,
    /// Reports at intervals.
    Periodic,
    /// Reports when the subscriber has moved.
    Motion,
    /// Asking for a priority other than the default.
    NegotiatePriority,
    /// Asking for a quality of service.
    NegotiateQos,
    /// Asking for a service coverage of its own.
    NegotiateCoverage,
}

/// Settings that this client's requests get at least, beside the subscriber's: the stricter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraPrivacy {
    /// For requests that are not related to a call or session.
    pub unrelated: Setting,
    /// For requests that are.
    pub related: Setting,
}

/// The record of an LCS client (TS 23.271 Table 10.7). Its secret is apart and has no readable form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientRecord {
    /// Account: the id with which the client authenticates, 1-64 letters, digits and `.-_@`.
    pub id: String,
    /// Whether it is served. Default true.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Client type.
    pub client_type: ClientType,
    /// Name shown to users; needed by value added clients (TS 23.271 Annex B).
    #[serde(default)]
    pub name: Option<Name>,
    /// External identities; the first is sent unless the request tells another.
    #[serde(default)]
    pub external_identities: Vec<ExternalIdentity>,
    /// Internal identity, PLMN operator clients only.
    #[serde(default)]
    pub internal_identity: Option<PlmnClientType>,
    /// Numbers and access points of the client.
    #[serde(default)]
    pub call_session_identities: Vec<CallSessionIdentity>,
    /// Whether the subscriber's settings may be overridden (TS 23.271 clause 9.5.1); emergency and lawful clients only. Default false.
    #[serde(default)]
    pub override_capability: bool,
    /// Subscribers whom the client may ask about: `msisdn:491701234567`, `imsi:001010000000001`, or a range by its first digits,
    /// `msisdn:49170*`. Absent: any (their own settings decide). Empty: none. About others it may ask within a call or session with them, and
    /// gets what they allow to that alone.
    #[serde(default)]
    pub targets: Option<Vec<TargetRule>>,
    /// Service identities. A client with some must name one of them.
    #[serde(default)]
    pub services: Vec<Service>,
    /// What it may ask for. Default `non_call`, `call_session`, `current`, `current_or_last_known`.
    #[serde(default = "default_requests")]
    pub requests: Vec<RequestType>,
    /// Priority that its requests get, or the highest that it may negotiate. Default `normal`.
    #[serde(default)]
    pub priority: PriorityWord,
    /// Finest horizontal accuracy that it may ask for, metres. Default none: any.
    #[serde(default)]
    pub finest_accuracy_m: Option<u32>,
    /// Whether it may ask for the QoS class "assured". Default true.
    #[serde(default = "yes")]
    pub assured: bool,
    /// E.164 country codes where the service is given; empty: everywhere.
    #[serde(default)]
    pub service_coverage: Vec<CountryCode>,
    /// Most targets in one request. Default `limits.client_max_targets`.
    #[serde(default)]
    pub max_targets: Option<u32>,
    /// Targets per second. Default `limits.client_rate_per_s`.
    #[serde(default)]
    pub rate_per_s: Option<u32>,
    /// Targets at once beyond the rate. Default `limits.client_burst`.
    #[serde(default)]
    pub burst: Option<u32>,
    /// Targets per UTC day. Default `limits.client_daily_quota`.
    #[serde(default)]
    pub daily_quota: Option<u64>,
    /// Settings that its requests get at least.
    #[serde(default)]
    pub extra_privacy: Option<ExtraPrivacy>,
    /// SHA-256 fingerprints of its TLS certificates, 64 hexadecimal digits.
    #[serde(default)]
    pub certificate_sha256: Vec<String>,
    /// Subjects of its TLS certificates, as `CN=app.example.net, O=Example`. Only as good as the authorities of `mlp.tls.client_ca_file`.
    #[serde(default)]
    pub certificate_subjects: Vec<String>,
    /// Beginnings of the URLs to which its reports may be pushed, such as `https://app.example.net/`. Empty: no pushes.
    #[serde(default)]
    pub push_urls: Vec<String>,
    /// Where positions are pushed that subscribers send to this client of their own accord (TS 23.271 clause 9.2.1), under one of
    /// `push_urls`. Default none: it takes no such positions.
    #[serde(default)]
    pub own_location_url: Option<String>,
}

fn yes() -> bool {
    true
}

fn default_requests() -> Vec<RequestType> {
    vec![RequestType::NonCall, RequestType::CallSession, RequestType::Current, RequestType::CurrentOrLastKnown]
}

impl From<ClientType> for lcs::LcsClientType {
    fn from(word: ClientType) -> Self {
        match word {
            ClientType::Emergency => Self::Emergency,
            ClientType::ValueAdded => Self::ValueAdded,
            ClientType::PlmnOperator => Self::PlmnOperator,
            ClientType::LawfulIntercept => Self::LawfulIntercept,
        }
    }
}

impl From<PlmnClientType> for lcs::PlmnClient {
    fn from(word: PlmnClientType) -> Self {
        match word {
            PlmnClientType::Broadcast => Self::Broadcast,
            PlmnClientType::OmHplmn => Self::OmHplmn,
            PlmnClientType::OmVplmn => Self::OmVplmn,
            PlmnClientType::AnonymousLocation => Self::AnonymousLocation,
            PlmnClientType::TargetSubscribed => Self::TargetSubscribed,
        }
    }
}

impl From<NameFormat> for lcs::FormatIndicator {
    fn from(word: NameFormat) -> Self {
        match word {
            NameFormat::LogicalName => Self::LogicalName,
            NameFormat::EmailAddress => Self::EmailAddress,
            NameFormat::Msisdn => Self::Msisdn,
            NameFormat::Url => Self::Url,
            NameFormat::SipUrl => Self::SipUrl,
        }
    }
}

impl From<PriorityWord> for lcs::Priority {
    fn from(word: PriorityWord) -> Self {
        match word {
            PriorityWord::Highest => Self::Highest,
            PriorityWord::Normal => Self::Normal,
        }
    }
}
