//! Areas, motion and periodic reporting of deferred requests (TS 29.172 clauses 7.4.38-7.4.51 and 7.4.64-7.4.70).

use super::{AreaType, OccurrenceInfo, ReportingLocationRequirements};
use crate::{
    codec::DecodeError,
    dictionary,
    grammar::grammar,
    value::{Octets, Ranged, Value, failed},
};

/// Interval-Time, seconds, least time between reports (TS 29.172 clause 7.4.44).
pub type IntervalTime = Ranged<1, 32_767>;
/// Maximum-Interval, seconds, greatest time between reports (TS 29.172 clause 7.4.66).
pub type MaximumInterval = Ranged<1, 86_400>;
/// Sampling-Interval, seconds (TS 29.172 clause 7.4.67).
pub type SamplingInterval = Ranged<1, 3_600>;
/// Reporting-Duration, seconds (TS 29.172 clause 7.4.68).
pub type ReportingDuration = Ranged<1, 8_640_000>;
/// Reporting-Amount, number of reports (TS 29.172 clause 7.4.46).
pub type ReportingAmount = Ranged<1, 8_639_999>;
/// Reporting-Interval, seconds (TS 29.172 clause 7.4.47).
pub type ReportingInterval = Ranged<1, 8_639_999>;
/// Linear-Distance, metres (TS 29.172 clause 7.4.65).
pub type LinearDistance = Ranged<1, 10_000>;

grammar! {
    @group
    /// Area or Additional-Area (TS 29.172 clauses 7.4.40 and 7.4.70).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open Area {
        /// Area-Type.
        req area_type: AreaType = AREA_TYPE;
        /// Area-Identification: octets whose coding the type decides. Its table says Grouped, its clause OctetString;
        /// it is taken as OctetString.
        req area_identification: Octets<'a> = AREA_IDENTIFICATION;
    }
}

grammar! {
    @checked
    /// Area-Definition: 1-10 areas and up to 240 more (TS 29.172 clause 7.4.39).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open AreaDefinition {
        /// Area.
        some area: Area<'a> = AREA;
        /// Additional-Area, not on Lgd.
        many additional_area: Area<'a> = ADDITIONAL_AREA;
    }
}

impl AreaDefinition<'_> {
    fn check(&self) -> Result<(), DecodeError> {
        at_most(&self.area, 10, &dictionary::AREA)?;
        at_most(&self.additional_area, 240, &dictionary::ADDITIONAL_AREA)
    }
}

/// 5009 with the first AVP beyond the limit (RFC 6733 section 7.1.5).
fn at_most<'a, T: Value<'a>>(values: &[T], max: usize, def: &dictionary::AvpDef) -> Result<(), DecodeError> {
    values.get(max).map_or(Ok(()), |beyond| Err(DecodeError::AvpOccursTooManyTimes(failed(beyond, def))))
}

grammar! {
    @group
    /// Area-Event-Info (TS 29.172 clause 7.4.38). Intervals count only for multiple reports; an absent minimum is one
    /// second, an absent maximum the greatest value.
    #[derive(Debug, Clone, PartialEq, Eq)]
    open AreaEventInfo {
        /// Area-Definition.
        req area_definition: AreaDefinition<'a> = AREA_DEFINITION;
        /// Occurrence-Info.
        opt occurrence_info: OccurrenceInfo = OCCURRENCE_INFO;
        /// Interval-Time.
        opt interval_time: IntervalTime = INTERVAL_TIME;
        /// Maximum-Interval, EPC only.
        opt maximum_interval: MaximumInterval = MAXIMUM_INTERVAL;
        /// Sampling-Interval, EPC only.
        opt sampling_interval: SamplingInterval = SAMPLING_INTERVAL;
        /// Reporting-Duration, EPC only.
        opt reporting_duration: ReportingDuration = REPORTING_DURATION;
        /// Reporting-Location-Requirements, EPC only.
        opt reporting_location_requirements: ReportingLocationRequirements = REPORTING_LOCATION_REQUIREMENTS;
    }
}

grammar! {
    @group
    /// Motion-Event-Info, EPC only (TS 29.172 clause 7.4.64). Absent members as in [`AreaEventInfo`].
    #[derive(Debug, Clone, PartialEq, Eq)]
    open MotionEventInfo {
        /// Linear-Distance.
        req linear_distance: LinearDistance = LINEAR_DISTANCE;
        /// Occurrence-Info.
        opt occurrence_info: OccurrenceInfo = OCCURRENCE_INFO;
        /// Interval-Time.
        opt interval_time: IntervalTime = INTERVAL_TIME;
        /// Maximum-Interval.
        opt maximum_interval: MaximumInterval = MAXIMUM_INTERVAL;
        /// Sampling-Interval.
        opt sampling_interval: SamplingInterval = SAMPLING_INTERVAL;
        /// Reporting-Duration.
        opt reporting_duration: ReportingDuration = REPORTING_DURATION;
        /// Reporting-Location-Requirements.
        opt reporting_location_requirements: ReportingLocationRequirements = REPORTING_LOCATION_REQUIREMENTS;
    }
}

grammar! {
    @checked
    /// Periodic-LDR-Information (TS 29.172 clause 7.4.45): amount times interval is 8,639,999 s at most.
    #[derive(Debug, Clone, PartialEq, Eq)]
    open PeriodicLdrInformation {
        /// Reporting-Amount.
        req reporting_amount: ReportingAmount = REPORTING_AMOUNT;
        /// Reporting-Interval.
        req reporting_interval: ReportingInterval = REPORTING_INTERVAL;
    }
}

impl PeriodicLdrInformation<'_> {
    fn check(&self) -> Result<(), DecodeError> {
        let total_s = u64::from(self.reporting_amount.value()) * u64::from(self.reporting_interval.value());
        if total_s > u64::from(ReportingInterval::MAX.value()) {
            let interval = failed(&self.reporting_interval, &dictionary::REPORTING_INTERVAL);
            return Err(DecodeError::InvalidAvpValue(interval));
        }
        Ok(())
    }
}

grammar! {
    @group
    /// PLMN-ID-List (TS 29.172 clause 7.4.49).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open PlmnIdList {
        /// Visited-PLMN-Id, 3 octets.
        req visited_plmn_id: [u8; 3] = VISITED_PLMN_ID;
        /// Periodic-Location-Support-Indicator; absent means no.
        opt periodic_location_support: bool = PERIODIC_LOCATION_SUPPORT_INDICATOR;
    }
}

grammar! {
    @checked
    /// Reporting-PLMN-List: 1-20 networks (TS 29.172 clause 7.4.48).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open ReportingPlmnList {
        /// PLMN-ID-List.
        some plmn_id_list: PlmnIdList<'a> = PLMN_ID_LIST;
        /// Prioritized-List-Indicator; absent means no.
        opt prioritized: bool = PRIORITIZED_LIST_INDICATOR;
    }
}

impl ReportingPlmnList<'_> {
    fn check(&self) -> Result<(), DecodeError> {
        at_most(&self.plmn_id_list, 20, &dictionary::PLMN_ID_LIST)
    }
}
