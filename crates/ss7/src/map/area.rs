//! Areas, periods and networks of deferred requests (TS 29.002 clause 17.7.13).

use super::{
    DecodeError,
    ber::{INTEGER, sequence},
    value::{AreaType, List, Number, OccurrenceInfo, Octets, RanTechnology},
};

/// A country or network code: three digits, or two or three.
pub type Plmn = [u8; 3];

/// What an area is, unpacked: its kind decides the octets (AreaIdentification).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AreaIdentity {
    /// A country: its mobile country code, three digits.
    Country([u8; 3]),
    /// A network: the three octets of its PLMN-Id.
    Plmn(Plmn),
    /// A location area: network and location area code.
    LocationArea(Plmn, u16),
    /// A routing area: network, location area code, routing area code.
    RoutingArea(Plmn, u16, u8),
    /// A cell of GERAN: network, location area code, cell identity.
    Cell(Plmn, u16, u16),
    /// A cell of UTRAN: network and UC-Id.
    UtranCell(Plmn, u32),
}

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
    /// Packs an area.
    #[must_use]
    pub fn new(identity: AreaIdentity) -> Self {
        let mut octets = Vec::with_capacity(7);
        let area_type = match identity {
            AreaIdentity::Country([a, b, c]) => {
                // Only the country code counts; the digit of the network code that shares an octet is filled.
                octets.extend([b << 4 | a & 0xF, 0xF0 | c & 0xF]);
                AreaType::CountryCode
            }
            AreaIdentity::Plmn(plmn) => {
                octets.extend(plmn);
                AreaType::PlmnId
            }
            AreaIdentity::LocationArea(plmn, lac) => {
                octets.extend(plmn);
                octets.extend(lac.to_be_bytes());
                AreaType::LocationAreaId
            }
            AreaIdentity::RoutingArea(plmn, lac, rac) => {
                octets.extend(plmn);
                octets.extend(lac.to_be_bytes());
                octets.push(rac);
                AreaType::RoutingAreaId
            }
            AreaIdentity::Cell(plmn, lac, ci) => {
                octets.extend(plmn);
                octets.extend(lac.to_be_bytes());
                octets.extend(ci.to_be_bytes());
                AreaType::CellGlobalId
            }
            AreaIdentity::UtranCell(plmn, uc_id) => {
                octets.extend(plmn);
                octets.extend(uc_id.to_be_bytes());
                AreaType::UtranCellId
            }
        };
        Self { area_type, area_identification: Octets::of(octets) }
    }

    /// Unpacks the area; `None` if it has another number of octets than its kind takes.
    #[must_use]
    pub fn identity(&self) -> Option<AreaIdentity> {
        let octets = self.area_identification.as_slice();
        Some(match (self.area_type, octets) {
            (AreaType::CountryCode, [first, second]) => AreaIdentity::Country([first & 0xF, first >> 4, second & 0xF]),
            (AreaType::PlmnId, &[a, b, c]) => AreaIdentity::Plmn([a, b, c]),
            (AreaType::LocationAreaId, &[a, b, c, d, e]) => {
                AreaIdentity::LocationArea([a, b, c], u16::from_be_bytes([d, e]))
            }
            (AreaType::RoutingAreaId, &[a, b, c, d, e, rac]) => {
                AreaIdentity::RoutingArea([a, b, c], u16::from_be_bytes([d, e]), rac)
            }
            (AreaType::CellGlobalId, &[a, b, c, d, e, f, g]) => {
                AreaIdentity::Cell([a, b, c], u16::from_be_bytes([d, e]), u16::from_be_bytes([f, g]))
            }
            (AreaType::UtranCellId, &[a, b, c, d, e, f, g]) => {
                AreaIdentity::UtranCell([a, b, c], u32::from_be_bytes([d, e, f, g]))
            }
            _ => return None,
        })
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
