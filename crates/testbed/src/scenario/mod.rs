//! Scenario files: the simulated network, its subscribers and their users, and the steps of a tour, in TOML.
//!
//! Unknown keys are errors. `scenarios/tour.toml` is the commented sample and a test parses it.

mod cell;
mod check;
mod mdt;
mod operator;
mod place;
mod ss7;
mod steps;

pub use cell::CellSpec;
pub use check::ScenarioError;
pub use mdt::{DriveTestsSpec, SubscriberMdtSpec};
pub use operator::{GatewaySpec, Operator, OperatorSpec};
pub use place::{EstimateSpec, ShapeKind, Waypoint};
pub(crate) use place::{Place, along};
pub use ss7::{
    CallSpec, ClassSpec, ClassWord, ClientEntrySpec, HlrSpec, LcsInformationSpec, LegacyNodeSpec, MoLrWord,
    ServiceEntrySpec, SettingWord, Ss7Gateway, Ss7Spec, ThroughWord,
};
pub use steps::{
    ClientSpec, Meanwhile, NamedBy, Seen, Step, StepMode, StepService, StepTarget, TriggerEvent, TriggerSpec,
};

use crate::{fault::FaultRule, ran::RanSpec};
use serde::Deserialize;
use std::{net::SocketAddr, time::Duration};

/// Text of the built-in scenario: the network and the steps of the tour, and the sample of every key.
pub const TOUR: &str = include_str!("../../scenarios/tour.toml");

/// Text of the scenario for trouble on purpose.
pub const TROUBLE: &str = include_str!("../../scenarios/trouble.toml");

/// A whole scenario file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What holds for the network as a whole.
    pub network: NetworkSpec,
    /// The home subscriber server.
    pub hss: HssSpec,
    /// Mobility management entities, at least one.
    #[serde(rename = "mme")]
    pub mmes: Vec<MmeSpec>,
    /// Home location register, MSCs and SGSNs; none of them if absent.
    pub ss7: Option<Ss7Spec>,
    /// Operators beside that of `[network]`, whose subscribers and nodes the sections above hold.
    #[serde(rename = "operator", default)]
    pub operators: Vec<OperatorSpec>,
    /// Cells of the network of `[network]`; if there are none, each phone is in the cell of its `estimate`.
    #[serde(rename = "cell", default)]
    pub cells: Vec<CellSpec>,
    /// Radio access network of the network of `[network]`, for phones with MDT; none of it if absent.
    pub ran: Option<RanSpec>,
    /// SMS centre, which the first operator's gateway reaches cards through; none if absent.
    pub smsc: Option<SmscSpec>,
    /// Subscribers with their phones and users.
    #[serde(rename = "subscriber", default)]
    pub subscribers: Vec<SubscriberSpec>,
    /// LCS clients that a tour uses.
    #[serde(rename = "client", default)]
    pub clients: Vec<ClientSpec>,
    /// The steps of MDT, made after the others; none if absent.
    pub drive_tests: Option<DriveTestsSpec>,
    /// Steps of the tour, in order.
    #[serde(rename = "step", default)]
    pub steps: Vec<Step>,
}

/// What holds for the network as a whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// Name of the operator, where there are others. Default `home`.
    #[serde(default = "default_operator")]
    pub operator: String,
    /// Diameter realm of the network.
    pub realm: String,
    /// Its gateway, for whoever starts one beside the network.
    #[serde(default)]
    pub gateway: GatewaySpec,
    /// Diameter identities of gateways that may connect; any if empty.
    #[serde(default)]
    pub gateways: Vec<String>,
    /// How long a node waits for its user's answer, milliseconds. Default 3000.
    #[serde(default = "default_verification_timeout_ms")]
    pub verification_timeout_ms: u64,
    /// Seconds of the phones' clock in a true second: routes, deferred requests and repeated reports go by it. Default 1.
    #[serde(default = "default_clock_rate")]
    pub clock_rate: f64,
    /// Where the control API listens. Loopback only. Default 127.0.0.1:9390.
    #[serde(default = "default_control")]
    pub control: SocketAddr,
    /// Switches that the standard leaves to the node.
    #[serde(default)]
    pub policy: MmePolicy,
}

impl NetworkSpec {
    /// How long a node waits for its user's answer.
    #[must_use]
    pub fn verification_timeout(&self) -> Duration {
        Duration::from_millis(self.verification_timeout_ms)
    }
}

fn default_operator() -> String {
    "home".to_owned()
}

fn default_verification_timeout_ms() -> u64 {
    3000
}

fn default_clock_rate() -> f64 {
    1.0
}

fn default_control() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9390))
}

/// What an MME does where the standards leave it open or contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MmePolicy {
    /// A request of a value added client without LCS-Privacy-Check-Non-Session: Fig. A.2 of TS 23.271 rejects it, the AVP
    /// default of TS 29.172 clause 7.4.23 allows it. Default: reject. Other client types always have the AVP default.
    pub absent_non_session: AbsentNonSession,
    /// A user is to be asked, and the phone cannot show notifications; both standards are silent. Default: fail.
    pub incapable_phone: IncapablePhone,
}

impl Default for MmePolicy {
    fn default() -> Self {
        Self { absent_non_session: AbsentNonSession::Reject, incapable_phone: IncapablePhone::Fail }
    }
}

/// Reading of an absent LCS-Privacy-Check-Non-Session from a value added client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsentNonSession {
    /// As Fig. A.2 has it: rejected unless the related indicator applies.
    Reject,
    /// As the AVP default has it: allowed without notification.
    Allow,
}

/// What happens when a phone without notification support is to notify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncapablePhone {
    /// The request is denied.
    Fail,
    /// As if the user had been asked and had not answered.
    NoResponse,
}

/// The SMS centre. Account and password of the gateway are made when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmscSpec {
    /// Where it listens for SMPP.
    pub listen: SocketAddr,
}

/// The home subscriber server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HssSpec {
    /// Name by which faults and outputs speak of the node.
    #[serde(default = "default_hss_name")]
    pub name: String,
    /// Diameter identity.
    pub host: String,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Realms, and GMLC numbers in E.164 digits, whose requests are answered 5490 (TS 29.173 clause 5.2.1.2).
    #[serde(default)]
    pub unauthorised: Vec<String>,
    /// Realms whose gateways may ask, others are answered 5490; all if empty. Default: the operator's own where there are several
    /// operators, else all.
    pub authorised: Option<Vec<String>>,
    /// Faults that hold from the start.
    #[serde(default)]
    pub faults: Vec<FaultRule>,
}

fn default_hss_name() -> String {
    "hss".to_owned()
}

/// A mobility management entity.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MmeSpec {
    /// Name by which subscribers, faults and outputs speak of the node.
    pub name: String,
    /// Diameter identity.
    pub host: String,
    /// Diameter realm; that of the network if absent.
    pub realm: Option<String>,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Realms whose gateways may ask, others are answered 5490 (TS 29.172 clause 7.5.3.2); all if empty. Default: the operator's own
    /// where there are several operators, else all.
    pub authorised: Option<Vec<String>>,
    /// Faults that hold from the start.
    #[serde(default)]
    pub faults: Vec<FaultRule>,
}

/// A subscriber: identity, phone, place, and the user who holds the phone.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriberSpec {
    /// The name used instead of an identity in every output.
    pub label: String,
    /// IMSI digits.
    pub imsi: String,
    /// MSISDN digits; a subscriber without one gets the dummy number (TS 23.003 clause 3.3).
    pub msisdn: Option<String>,
    /// Name of the home operator. Default: that of `[network]`.
    pub operator: Option<String>,
    /// Name of the serving MME, of whichever operator. Default: the first one of the home operator, or none where an MSC or SGSN serves.
    pub mme: Option<String>,
    /// Name of the serving MSC.
    pub msc: Option<String>,
    /// Name of the serving SGSN.
    pub sgsn: Option<String>,
    /// Which of several serving nodes HSS and HLR name first. Default: MME, then MSC, then SGSN.
    #[serde(default)]
    pub first_node: FirstNode,
    /// What the home location register holds, as its operator provisioned it. Default: that of `[ss7.hlr]`.
    pub lcs_information: Option<LcsInformationSpec>,
    /// Calls that are up.
    #[serde(rename = "call", default)]
    pub calls: Vec<CallSpec>,
    /// Whether and how the phone can be reached.
    #[serde(default)]
    pub state: PhoneState,
    /// Whether the phone can show notifications of location requests. Default: yes.
    #[serde(default = "yes")]
    pub notifications: bool,
    /// What the user does when asked. Default: accepts at once.
    #[serde(default)]
    pub user: UserSpec,
    /// Sessions that exist.
    #[serde(rename = "session", default)]
    pub sessions: Vec<SessionSpec>,
    /// Where the phone is, if it does not move.
    pub position: Option<Waypoint>,
    /// Where it moves, instead: waypoints passed one after the other, and then over again from the first.
    #[serde(default)]
    pub route: Vec<Waypoint>,
    /// How the node tells the place.
    #[serde(default)]
    pub estimate: EstimateSpec,
    /// Consent to MDT, and a phone that takes part in it; neither if absent. Needs `[ran]`.
    pub mdt: Option<SubscriberMdtSpec>,
    /// Whether the (U)SIM has the change-of-area application, with keys of this run. Its user answers as `user` says. Default: no.
    #[serde(default)]
    pub card: bool,
    /// Faults that hold for requests about this subscriber from the start.
    #[serde(default)]
    pub faults: Vec<FaultRule>,
    /// Privacy profile that a tour gives the gateway through its admin API, in the shape which that API has.
    pub profile: Option<toml::Table>,
}

impl SubscriberSpec {
    /// Where the phone is `elapsed` after the network started.
    pub(crate) fn place_after(&self, elapsed: Duration) -> Place {
        self.position.as_ref().map_or_else(|| along(&self.route, elapsed), Waypoint::at_rest)
    }

    /// Whether an own-originated session to this access point exists (TS 23.271 clause 9.5.3.2.2: equality of the APN-NI,
    /// label by label and without regard to case, is the whole test).
    #[must_use]
    pub fn has_session(&self, apn: &lcs::ApnNi) -> bool {
        let own = self.sessions.iter().filter(|session| session.originated_by == Originator::Ue);
        own.filter_map(|session| lcs::ApnNi::new(&session.apn).ok()).any(|of| of == *apn)
    }

    /// Whether an own-originated call to this number is up: the number dialled is the called party number of the request (TS 23.271
    /// clause 9.5.3.2.1), digit by digit.
    #[must_use]
    pub fn has_call(&self, dialled: lcs::Address) -> bool {
        let own = self.calls.iter().filter(|call| call.originated_by == Originator::Ue);
        own.filter_map(|call| lcs::Address::international(&call.number).ok()).any(|of| of == dialled)
    }
}

impl core::fmt::Debug for SubscriberSpec {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SubscriberSpec({}, {:?})", self.label, self.state)
    }
}

fn yes() -> bool {
    true
}

/// Which of several serving nodes is named first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstNode {
    /// The MME, if there is one.
    #[default]
    Mme,
    /// The MSC.
    Msc,
    /// The SGSN.
    Sgsn,
}

/// Whether and how a phone can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneState {
    /// Attached and reachable.
    #[default]
    Attached,
    /// Detached: the MME answers 4223, MSC and SGSN 27.
    Detached,
    /// Suspended: the MME answers 4222, MSC and SGSN 27.
    Suspended,
    /// Not reachable, paging fails: the MME answers 4221, MSC and SGSN 27.
    Unreachable,
    /// Attached, and positioning fails: the MME answers 4225, MSC and SGSN 54.
    PositioningFails,
    /// Registered nowhere: the HSS answers 4201, the HLR 27.
    Absent,
    /// The home register says where, and the node knows nothing of it: the MME answers 5001, MSC and SGSN 5.
    UnknownToMme,
    /// Nobody knows the subscriber: the HSS answers 5001, the HLR 1.
    UnknownToHss,
}

/// What a user does when the phone asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSpec {
    /// The answer.
    pub answer: UserAnswer,
    /// How long the user takes, milliseconds. Default 0.
    #[serde(default)]
    pub after_ms: u64,
}

impl Default for UserSpec {
    fn default() -> Self {
        Self { answer: UserAnswer::Accepts, after_ms: 0 }
    }
}

/// A user's answer to a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserAnswer {
    /// Grants.
    Accepts,
    /// Denies.
    Refuses,
    /// Never answers.
    Silent,
}

/// A session of a phone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSpec {
    /// APN network identifier.
    pub apn: String,
    /// Who set it up; only sessions of the phone's own making meet the criteria of TS 23.271 clause 9.5.3.2.2.
    #[serde(default)]
    pub originated_by: Originator,
}

/// Who set a session up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Originator {
    /// The phone.
    #[default]
    Ue,
    /// The network.
    Network,
}

#[cfg(test)]
mod tests;
