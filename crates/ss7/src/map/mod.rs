//! MAP version 3 as far as location services go (TS 29.002), without I/O.
//!
//! ```text
//!   gateway                                            home register, MSC server, SGSN
//!     RoutingInfoForLcsArg --- 85, context 37 ------>  RoutingInfoForLcsRes, lcs::RoutingInfo
//!     Psl ------------------ 83, context 38 ------>    ReceivedPsl
//!     PslRes, lcs::PositioningOutcome  <------------   PslRes::of_fix
//!     SlrArg  <------------ 86, context 38 ---------   a report of its own
//!                                                      UpdateLocationArg 2, InsertSubscriberDataArg 7, ... among themselves
//! ```
//!
//! Arguments, results and parameters are single BER elements, as [`crate::tcap`] carries them. [`Psl`] is the request that a
//! gateway sends: it is made from a [`PrivacyInstruction`], so that what the node shall do about privacy can never be left out.
//! [`DecodeError::reply`] says how to answer what cannot be used, [`failure`] what an error means.

mod answer;
mod area;
mod ber;
mod client;
mod context;
mod error;
mod estimate;
mod failure;
mod fault;
mod operation;
mod profile;
mod report;
mod request;
mod routing;
mod send;
mod subscriber;
mod update;
mod value;

pub use answer::{PslRes, ServingNodeAddress};
pub use area::{Area, AreaDefinition, AreaEventInfo, PeriodicLdrInfo, Plmn, ReportingPlmn, ReportingPlmnList};
pub use ber::MAX_OCTETS;
pub use client::{ClientExternalId, ClientId, ClientNameString, CodewordString, RequestorIdString};
pub use context::{
    GPRS_LOCATION_UPDATE_V3, LOCATION_SVC_ENQUIRY_V3, LOCATION_SVC_GATEWAY_V3, NETWORK_LOC_UP_V3,
    SUBSCRIBER_DATA_MNGT_V3,
};
pub use error::{
    AbsentSubscriberReason, AdditionalNetworkResource, FailureCause, MapError, NetworkResource,
    PositionMethodFailureDiagnostic, RoamingNotAllowedCause, SystemFailure, UnauthorizedLcsClientDiagnostic,
    UnknownSubscriberDiagnostic, UnreadableError,
};
pub use estimate::{CellOrArea, Estimate};
pub use failure::{error, failure};
pub use fault::{DecodeError, Reply};
pub use operation::{Operation, Timer};
pub use profile::{LcsProfile, ProfileError};
pub use report::{DeferredMtLrData, SlrArg, SlrRes};
pub use request::{LcsQos, ReceivedPsl, RequestedLocation, RequestedPrivacy, ResponseTimeCategory};
pub use routing::{AdditionalNumber, LcsLocationInfo, RoutingInfoForLcsArg, RoutingInfoForLcsRes};
pub use send::{PrivacyInstruction, Psl, PslError};
pub use subscriber::{
    DeleteSubscriberDataArg, DeleteSubscriberDataRes, InsertSubscriberDataArg, InsertSubscriberDataRes,
    RegionalSubscriptionResponse,
};
pub use update::{
    SgsnCapability, UpdateGprsLocationArg, UpdateGprsLocationRes, UpdateLocationArg, UpdateLocationRes, VlrCapability,
};
pub use value::{
    AccuracyFulfilment, ApnLabels, AreaType, DeferredEvents, DiameterIdentity, LcsEvent, List, Lmsi, Number,
    OccurrenceInfo, Octets, RanTechnology, SubscriberIdentity,
};
