//! SLg: position this phone (PLR/PLA), and what a serving node reports on its own (LRR/LRA) (TS 29.172).
//!
//! [`Plr`] is what a gateway sends: it cannot be built without privacy indicators. [`ReceivedPlr`] is what a node receives,
//! where they may be missing.

mod answer;
mod area;
mod estimate;
mod failure;
mod flags;
mod groups;
mod report;
mod request;
mod send;

pub use answer::Pla;
pub use area::{
    Area, AreaDefinition, AreaEventInfo, IntervalTime, LinearDistance, MaximumInterval, MotionEventInfo,
    PeriodicLdrInformation, PlmnIdList, ReportingAmount, ReportingDuration, ReportingInterval, ReportingPlmnList,
    SamplingInterval,
};
pub use estimate::{EncodedFix, Estimate};
pub use failure::{failure, outcome};
pub use flags::{
    AccuracyFulfilment, AreaType, DeferredLocationType, LcsTerminationCause, LocationEvent, LraFlags, LrrFlags,
    OccurrenceInfo, PlaFlags, PlrFlags, ReferenceNumber, ReportingLocationRequirements,
};
pub use groups::{
    DeferredMtLrData, DelayedLocationReportingData, EsmlcCellInfo, GeranPositioningInfo, LcsEpsClientName, LcsQos,
    LcsRequestorName, PrivacyCheck, UtranPositioningInfo,
};
pub use report::{Lra, Lrr};
pub use request::ReceivedPlr;
pub use send::{Envelope, Plr};
