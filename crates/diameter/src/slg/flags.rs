//! Numbers and bit masks of SLg. Unknown values survive; bits without meaning are ignored (TS 29.172 clause 7.4).

use crate::{
    codec::{AvpRef, Builder, DecodeError, number},
    dictionary::AvpDef,
    value::{Value, number_value},
};

number! {
    /// PLR-Flags (TS 29.172 clause 7.4.52).
    PlrFlags {
        /// MO-LR-ShortCircuit-Indicator, Lgd only.
        SHORT_CIRCUIT = 1;
        /// Optimized-LCS-Proc-Req, Lgd only.
        OPTIMISED_LCS = 2;
        /// Delayed-Location-Reporting-Support-Indicator.
        DELAYED_REPORTING = 4;
    }
}
number! {
    /// PLA-Flags (TS 29.172 clause 7.4.53).
    PlaFlags {
        /// Deferred-MT-LR-Response-Indicator: an estimate in the answer is ignored.
        DEFERRED_RESPONSE = 1;
        /// MO-LR-ShortCircuit-Indicator, Lgd only.
        SHORT_CIRCUIT = 2;
        /// Optimized-LCS-Proc-Performed, Lgd only.
        OPTIMISED_LCS = 4;
        /// UE-Transiently-Not-Reachable-Indicator: a report follows when the phone can be reached.
        TRANSIENTLY_UNREACHABLE = 8;
    }
}
number! {
    /// LRR-Flags (TS 29.172 clause 7.4.35).
    LrrFlags {
        /// Lgd/SLg-Indicator: sent by an SGSN.
        LGD = 1;
        /// MO-LR-ShortCircuit-Indicator.
        SHORT_CIRCUIT = 2;
        /// MO-LR-ShortCircuit-Requested.
        SHORT_CIRCUIT_REQUESTED = 4;
    }
}
number! {
    /// LRA-Flags (TS 29.172 clause 7.4.56).
    LraFlags {
        /// MO-LR-ShortCircuit-Indicator, Lgd only.
        SHORT_CIRCUIT = 1;
    }
}
number! {
    /// Deferred-Location-Type: the events that a deferred request waits for (TS 29.172 clause 7.4.36).
    DeferredLocationType {
        /// UE-Available.
        UE_AVAILABLE = 1;
        /// Entering-Into-Area.
        ENTERING_AREA = 2;
        /// Leaving-From-Area.
        LEAVING_AREA = 4;
        /// Being-Inside-Area.
        BEING_INSIDE_AREA = 8;
        /// Periodic-LDR.
        PERIODIC = 16;
        /// Motion-Event, EPC only.
        MOTION = 32;
        /// LDR-Activated, EPC only.
        LDR_ACTIVATED = 64;
        /// Maximum-Interval-Expiration, EPC only.
        MAXIMUM_INTERVAL_EXPIRATION = 128;
    }
}
number! {
    /// Reporting-Location-Requirements (TS 29.172 clause 7.4.69).
    ReportingLocationRequirements {
        /// Location-Estimate: wanted with each report.
        LOCATION_ESTIMATE = 1;
    }
}
number! {
    /// Location-Event (TS 29.172 clause 7.4.20). MAP numbers its LCS events differently.
    LocationEvent {
        /// EMERGENCY_CALL_ORIGINATION.
        EMERGENCY_CALL_ORIGINATION = 0;
        /// EMERGENCY_CALL_RELEASE.
        EMERGENCY_CALL_RELEASE = 1;
        /// MO_LR.
        MO_LR = 2;
        /// EMERGENCY_CALL_HANDOVER.
        EMERGENCY_CALL_HANDOVER = 3;
        /// DEFERRED_MT_LR_RESPONSE.
        DEFERRED_MT_LR_RESPONSE = 4;
        /// DEFERRED_MO_LR_TTTP_INITIATION.
        DEFERRED_MO_LR_TTTP_INITIATION = 5;
        /// DELAYED_LOCATION_REPORTING.
        DELAYED_LOCATION_REPORTING = 6;
    }
}
number! {
    /// Termination-Cause of a deferred request (TS 29.172 clause 7.4.55).
    LcsTerminationCause {
        /// Normal.
        NORMAL = 0;
        /// Error Undefined; every unknown value counts as this one.
        ERROR_UNDEFINED = 1;
        /// Internal Timeout.
        INTERNAL_TIMEOUT = 2;
        /// Congestion.
        CONGESTION = 3;
        /// MT_LR_Restart: ask the node where the phone has gone.
        MT_LR_RESTART = 4;
        /// Privacy Violation.
        PRIVACY_VIOLATION = 5;
        /// Shape of Location Estimate Not Supported.
        SHAPE_NOT_SUPPORTED = 6;
        /// Subscriber Termination.
        SUBSCRIBER_TERMINATION = 7;
        /// UE Termination.
        UE_TERMINATION = 8;
        /// Network Termination.
        NETWORK_TERMINATION = 9;
    }
}
number! {
    /// Area-Type (TS 29.172 clause 7.4.41). Only the last two serve in EPC area events.
    AreaType {
        /// Country code.
        COUNTRY_CODE = 0;
        /// PLMN identity.
        PLMN = 1;
        /// Location area.
        LOCATION_AREA = 2;
        /// Routing area.
        ROUTING_AREA = 3;
        /// Cell global identity.
        CGI = 4;
        /// UTRAN cell.
        UTRAN_CELL = 5;
        /// Tracking area.
        TRACKING_AREA = 6;
        /// E-UTRAN cell global identity.
        ECGI = 7;
    }
}
number! {
    /// Occurrence-Info; absent means once (TS 29.172 clause 7.4.43).
    OccurrenceInfo {
        /// ONE_TIME_EVENT.
        ONCE = 0;
        /// MULTIPLE_TIME_EVENT.
        MULTIPLE = 1;
    }
}
number! {
    /// Accuracy-Fulfilment-Indicator (TS 29.172 clause 7.4.15).
    AccuracyFulfilment {
        /// REQUESTED_ACCURACY_FULFILLED.
        FULFILLED = 0;
        /// REQUESTED_ACCURACY_NOT_FULFILLED.
        NOT_FULFILLED = 1;
    }
}
number_value!(
    PlrFlags,
    PlaFlags,
    LrrFlags,
    LraFlags,
    DeferredLocationType,
    ReportingLocationRequirements,
    LocationEvent,
    LcsTerminationCause,
    AreaType,
    OccurrenceInfo,
    AccuracyFulfilment
);

impl PlaFlags {
    /// Whether every bit of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl LcsTerminationCause {
    /// This cause, unknown ones as "error undefined" (TS 29.172 clause 7.4.55).
    #[must_use]
    pub const fn known(self) -> Self {
        if self.0 <= Self::NETWORK_TERMINATION.0 { self } else { Self::ERROR_UNDEFINED }
    }
}

/// LCS-Reference-Number: one octet (TS 29.172 clause 7.4.37).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReferenceNumber(pub u8);

impl<'a> Value<'a> for ReferenceNumber {
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        avp.array().map(|[number]| Self(number))
    }
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.avp(def, &[self.0]);
    }
}
