//! Areas, periods and networks of deferred requests (TS 29.002 clause 17.7.13).

use super::{
    DecodeError,
    ber::{INTEGER, sequence},
    value::{AreaType, List, Number, OccurrenceInfo, Octets, RanTechnology},
};
use lcs::AreaIdentity;

/// A network as it is on the wire: three octets (TS 29.002 clause 17.7.8, PLMN-Id).
pub type Plmn = [u8; 3];

sequence! {
    /// Area: kind and identification.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Area {
        /// Kind.
        req area_type: AreaType = 0;
        /// Octets, as many as the kind takes.
        req area_identification: Octets<2, 7> = 1;
    }
    check check
}

impl Area {
    /// Packs an area; `None` for those of E-UTRAN, which MAP has no kind for.
    #[must_use]
    pub fn new(identity: AreaIdentity) -> Option<Self> {
        let area_type = AreaType::from_code(identity.area_type().into())?;
        Some(Self { area_type, area_identification: Octets::new(identity.octets())? })
    }

    /// Unpacks the area; `None` if it has another number of octets than its kind takes, or digits that are none.
    #[must_use]
    pub fn identity(&self) -> Option<AreaIdentity> {
        AreaIdentity::from_octets(self.area_type.code().into(), self.area_identification.as_slice())
    }

    fn check(&self) -> Result<(), DecodeError> {
        self.identity().map(drop).ok_or(DecodeError::UnexpectedDataValue("area_identification"))
    }
}

sequence! {
    /// AreaDefinition: one to ten areas.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AreaDefinition {
        /// The areas.
        req area_list: List<Area, 1, 10> = 0;
    }
}

sequence! {
    /// AreaEventInfo: which areas, how often, how close after each other.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AreaEventInfo {
        /// Areas.
        req area_definition: AreaDefinition = 0;
        /// How often; absent means once.
        opt occurrence_info: OccurrenceInfo = 1;
        /// Least time between reports, seconds.
        opt interval_time_s: Number<1, 32_767> = 2;
    }
}

sequence! {
    /// PeriodicLDRInfo: how many reports, how far apart. Both together span less than a hundred days.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct PeriodicLdrInfo {
        /// Number of reports.
        req reporting_amount: Number<1, 8_639_999> = INTEGER;
        /// Time between reports, seconds.
        req reporting_interval_s: Number<1, 8_639_999> = INTEGER;
    }
    check check
}

impl PeriodicLdrInfo {
    /// Longest time that all reports together may span, seconds.
    pub const MAX_SPAN_S: u32 = 8_639_999;

    /// So many reports, so far apart; `None` outside the ranges.
    #[must_use]
    pub fn new(amount: u32, interval_s: u32) -> Option<Self> {
        let info = Self { reporting_amount: Number::new(amount)?, reporting_interval_s: Number::new(interval_s)? };
        info.check().is_ok().then_some(info)
    }

    fn check(&self) -> Result<(), DecodeError> {
        let span_s = u64::from(self.reporting_amount.value()) * u64::from(self.reporting_interval_s.value());
        let fits = span_s <= u64::from(Self::MAX_SPAN_S);
        if fits { Ok(()) } else { Err(DecodeError::UnexpectedDataValue("reporting_interval_s")) }
    }
}

sequence! {
    /// ReportingPLMN: a network where reports may be made.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ReportingPlmn {
        /// The network.
        req plmn_id: Plmn = 0;
        /// Its radio access; one that is not known counts as not told.
        lax ran_technology: RanTechnology = 1;
        /// Whether its radio access can report periodically by itself.
        flag ran_periodic_location_support: bool = 2;
    }
}

sequence! {
    /// ReportingPLMNList: one to twenty networks.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ReportingPlmnList {
        /// Whether the first is preferred.
        flag plmn_list_prioritized: bool = 0;
        /// The networks.
        req plmn_list: List<ReportingPlmn, 1, 20> = 1;
    }
}
