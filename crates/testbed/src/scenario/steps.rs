//! The LCS clients and steps of a tour.

use serde::Deserialize;

/// An LCS client that a tour registers with the gateway. Its secret is made at run time, never written in a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSpec {
    /// Account name, the `id` of the MLP header.
    pub id: String,
    /// Name of the operator at whose gateway it is registered, and asks. Default: that of `[network]`.
    pub operator: Option<String>,
    /// Names of operators whose gateways know it too: those of the subscribers whom it asks about elsewhere. Default: none.
    #[serde(default)]
    pub known_to: Vec<String>,
    /// The client's record in the shape which the gateway's admin API has, without `id`.
    #[serde(default)]
    pub record: toml::Table,
}

/// One step: a request, and what it must lead to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What the step shows, in a few words.
    pub name: String,
    /// Account that asks.
    pub client: String,
    /// Accounts that meet the target beside it, each under a pseudonym of its own; services `pseudonyms`, `push_message`, `push_web` and
    /// `pull` alone.
    #[serde(default)]
    pub others: Vec<String>,
    /// Whether the client gives a wrong secret.
    #[serde(default)]
    pub wrong_secret: bool,
    /// The MLP service. Default: SLIR.
    #[serde(default)]
    pub service: StepService,
    /// Whether the answer is waited for or pushed. Default: waited for.
    #[serde(default)]
    pub mode: StepMode,
    /// Service identity, if one is sent.
    pub service_id: Option<String>,
    /// Requestor text, if one is sent.
    pub requestor: Option<String>,
    /// APN-NI of the session that the client says it has with the targets.
    pub session_apn: Option<String>,
    /// Number that the targets dialled to reach the client, as the client says.
    pub dialled: Option<String>,
    /// Targets, with what is expected for each.
    pub targets: Vec<StepTarget>,
    /// MLP result id of the whole answer, when the gateway refuses the request before it looks at targets.
    pub result: Option<u16>,
    /// What service `triggered` waits for.
    pub trigger: Option<TriggerSpec>,
}

/// An event of a circle, and what happens while it is waited for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriggerSpec {
    /// Which event.
    pub event: TriggerEvent,
    /// Degrees north of the middle.
    pub latitude: f64,
    /// Degrees east of the middle.
    pub longitude: f64,
    /// Radius, metres.
    pub radius_m: u32,
    /// Whether the card of the target watches, instead of a node. Default: no.
    #[serde(default)]
    pub card: bool,
    /// How many reports are asked for; more than one for `inside` or a card alone. Default 1.
    #[serde(default = "once")]
    pub reports: u32,
    /// What happens meanwhile. Default: nothing.
    #[serde(default)]
    pub meanwhile: Meanwhile,
}

fn once() -> u32 {
    1
}

/// How a target moves against a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerEvent {
    /// Into it.
    Entering,
    /// Out of it.
    Leaving,
    /// It is in it.
    Inside,
}

/// What happens while a triggered request waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meanwhile {
    /// Nothing.
    #[default]
    Nothing,
    /// The target opts out, after the first report.
    OptedOut,
    /// The gateway is killed and started again, before the first report.
    Restarted,
}

/// A target of a step.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepTarget {
    /// Label of the subscriber.
    pub subscriber: String,
    /// How the client names the subscriber. Default: by number.
    #[serde(default)]
    pub by: NamedBy,
    /// Codeword that the client gives for this target.
    pub codeword: Option<String>,
    /// MLP result id that must come; 0 is a position.
    pub expect: u16,
    /// What the user must have seen. Default: nothing.
    #[serde(default)]
    pub sees: Seen,
    /// Whether the user must have been shown the codeword.
    #[serde(default)]
    pub sees_codeword: bool,
    /// Name that the screen must have had, requestor included where both are merged.
    pub sees_name: Option<String>,
    /// Rule that decides, as the gateway's explanation names it; not compared if absent.
    pub rule: Option<String>,
    /// Radius that the answered area must have at least, metres.
    pub radius_at_least_m: Option<f64>,
}

/// How a client names a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamedBy {
    /// By MSISDN, or IMSI where there is none.
    #[default]
    Identity,
    /// By the pseudonym that the home gateway has for this client.
    Pseudonym,
}

/// What a user sees of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Nothing.
    #[default]
    Nothing,
    /// A notification.
    Notified,
    /// A question.
    Asked,
    /// A notification, after positioning.
    NotifiedAfter,
    /// A question, after positioning.
    AskedAfter,
}

/// MLP service of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepService {
    /// Standard location immediate request.
    #[default]
    Slir,
    /// Emergency location immediate request.
    EmeLir,
    /// No request: the subscriber calls for help, and the report is pushed to the listener of the tour.
    EmergencyCall,
    /// No request: the subscriber has the position sent to the client, and the report is pushed to the listener of the tour.
    SelfLocation,
    /// No request: which pseudonyms the clients get of the targets.
    Pseudonyms,
    /// The targets write messages to the client and to others (PUSH).
    PushMessage,
    /// They visit web services of theirs, which the web gateway tells the number (PUSH).
    PushWeb,
    /// They visit them through the proxy of terminals (PULL).
    Pull,
    /// Triggered location request about an area; the targets move through the network's cells, one after the other.
    Triggered,
}

impl StepService {
    /// Whether an SMS centre and web services have a part in it.
    #[must_use]
    pub fn needs_services(self) -> bool {
        matches!(self, Self::PushMessage | Self::PushWeb | Self::Pull)
    }
}

/// Whether an answer is waited for or pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepMode {
    /// In the HTTP response.
    #[default]
    Sync,
    /// Pushed to the listener of the tour.
    Async,
}
