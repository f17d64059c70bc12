//! The vocabulary of location services (LCS), shared by every other crate of Wherefore.
//!
//! ```text
//!   who asks            about whom           what is asked         what comes back
//!   client::LcsClientId identity::Target     request::LocationRequest   fix::Fix (gad::Shape)
//!          \                 |                    /                        |
//!           selection of the privacy setting (Annex A)              failure::Failure
//! ```
//!
//! Nothing here does input or output, reads a clock or depends on another crate of the house.
//! Subscriber identities have no printable form: see [`Imsi`].

mod address;
mod client;
mod codes;
mod deferred;
mod digits;
mod failure;
mod fix;
pub mod gad;
pub mod gsm7;
mod identity;
mod merged_name;
mod pseudo_external;
mod qos;
mod request;
mod routing;
mod selection;
mod service;
mod setting;
pub mod slpp;
mod time;

pub use address::{Address, AddressError, ApnNi, NatureOfAddress, NumberingPlan};
pub use client::{
    CallSession, ClientName, ClientNameError, Component, FormatIndicator, LcsClientId, LcsClientType, PlmnClient,
    Presence, PresenceError, Requestor, presence,
};
pub use deferred::{
    AreaEvent, AreaIdentity, DeferredEvent, LdrReference, PlmnId, Reporting, TargetArea, TerminationCause,
};
pub use digits::{Digits, DigitsError};
pub use failure::{Failure, Fault, RefusalReason};
pub use fix::{CellIdentity, Fix, PositioningOutcome};
pub use identity::{Identities, Imei, Imsi, Msisdn, Named, Pseudonym, Target};
pub use merged_name::{MergedName, merge_name, split_name};
pub use pseudo_external::PseudoExternalIdentity;
pub use qos::{Priority, Qos, QosClass, ResponseTime};
pub use request::{Codeword, LeastPrivacy, LocationRequest, LocationType};
pub use routing::{LcsCapabilitySets, LcsInterface, NodeKind, RoutingInfo, ServingNode, Way, node_realm};
pub use selection::{A1Class, A1Input, A1Outcome, A1Override, A2Branch, A2Outcome, select_pre_rel6, select_rel6};
pub use service::ServiceType;
pub use setting::{IndicatorError, PrivacyIndicators, PrivacySetting};
pub use time::{Duration, Timestamp};
