//! Where a phone says it is (TS 31.111 clauses 8.19 and 8.61).

use super::{ToolkitError, tag};
use lcs::{AreaIdentity, PlmnId};

/// Location information: network, area code, cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LocationInformation {
    /// The network.
    pub plmn: PlmnId,
    /// Location area code, or tracking area code of E-UTRAN.
    pub area_code: u16,
    /// Cell identity value.
    pub cell: Option<u16>,
    /// Extended cell identity value.
    pub extended: Option<u16>,
}

impl core::fmt::Debug for LocationInformation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("LocationInformation(hidden)")
    }
}

impl LocationInformation {
    /// As on the wire: five, seven or nine octets.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        let mut octets = self.plmn.octets().to_vec();
        octets.extend(self.area_code.to_be_bytes());
        octets.extend(self.cell.into_iter().flat_map(u16::to_be_bytes));
        octets.extend(self.extended.filter(|_| self.cell.is_some()).into_iter().flat_map(u16::to_be_bytes));
        octets
    }

    /// From the wire.
    pub fn parse(octets: &[u8]) -> Result<Self, ToolkitError> {
        let wrong = ToolkitError::Object(tag::LOCATION_INFORMATION);
        let ([a, b, c, d, e], rest) = octets.split_first_chunk::<5>().ok_or(wrong)?;
        let plmn = PlmnId::from_octets([*a, *b, *c]).ok_or(wrong)?;
        let (cell, extended) = match *rest {
            [] => (None, None),
            [a, b] => (Some(u16::from_be_bytes([a, b])), None),
            [a, b, c, d] => (Some(u16::from_be_bytes([a, b])), Some(u16::from_be_bytes([c, d]))),
            _ => return Err(wrong),
        };
        Ok(Self { plmn, area_code: u16::from_be_bytes([*d, *e]), cell, extended })
    }
}

/// Access technology (ETSI TS 102 223 clause 8.61).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessTechnology {
    /// GERAN.
    Geran,
    /// UTRAN.
    Utran,
    /// E-UTRAN.
    Eutran,
    /// Any other.
    Other(u8),
}

impl AccessTechnology {
    /// From the wire.
    #[must_use]
    pub fn from_octet(octet: u8) -> Self {
        match octet {
            0x00 => Self::Geran,
            0x03 => Self::Utran,
            0x08 => Self::Eutran,
            other => Self::Other(other),
        }
    }

    /// As on the wire.
    #[must_use]
    pub fn octet(self) -> u8 {
        match self {
            Self::Geran => 0x00,
            Self::Utran => 0x03,
            Self::Eutran => 0x08,
            Self::Other(octet) => octet,
        }
    }
}

/// Location information under an access technology: then it can be compared with areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// What the phone said.
    pub information: LocationInformation,
    /// Over what.
    pub access: AccessTechnology,
}

impl Position {
    /// The finest area that it names.
    #[must_use]
    pub fn identity(&self) -> AreaIdentity {
        let LocationInformation { plmn, area_code, cell, extended } = self.information;
        match (self.access, cell, extended) {
            // The low 16 bits of the UC-Id, then the RNC-Id.
            (AccessTechnology::Utran, Some(low), Some(rnc)) => {
                AreaIdentity::UtranCell(plmn, (u32::from(rnc) << 16 | u32::from(low)) & 0x0FFF_FFFF)
            }
            // 28 bits, then four that are spare.
            (AccessTechnology::Eutran, Some(high), Some(low)) => {
                AreaIdentity::EutranCell(plmn, (u32::from(high) << 16 | u32::from(low)) >> 4)
            }
            (AccessTechnology::Eutran, ..) => AreaIdentity::TrackingArea(plmn, area_code),
            (AccessTechnology::Geran, Some(cell), _) => AreaIdentity::Cell(plmn, area_code, cell),
            (AccessTechnology::Geran | AccessTechnology::Utran, ..) => AreaIdentity::LocationArea(plmn, area_code),
            (AccessTechnology::Other(_), ..) => AreaIdentity::Plmn(plmn),
        }
    }

    /// Whether it is in `area`; `None` where it cannot tell, as that access names no such areas. A card that camps on another access
    /// than the area's cells is outside of them.
    #[must_use]
    pub fn is_in(&self, area: AreaIdentity) -> bool {
        let LocationInformation { plmn, area_code, .. } = self.information;
        match area {
            AreaIdentity::Country(mcc) => plmn.mcc() == mcc,
            AreaIdentity::Plmn(wanted) => plmn == wanted,
            AreaIdentity::LocationArea(wanted, code) => {
                let of_access = matches!(self.access, AccessTechnology::Geran | AccessTechnology::Utran);
                of_access && (plmn, area_code) == (wanted, code)
            }
            AreaIdentity::TrackingArea(wanted, code) => {
                self.access == AccessTechnology::Eutran && (plmn, area_code) == (wanted, code)
            }
            AreaIdentity::Cell(..) | AreaIdentity::UtranCell(..) | AreaIdentity::EutranCell(..) => {
                self.identity() == area
            }
            // The toolkit does not tell a card its routing area: installing one is refused.
            AreaIdentity::RoutingArea(..) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_of_each_access() {
        let plmn = PlmnId::new("262", "01").unwrap();
        let at = |octets: &[u8], access| Position { information: LocationInformation::parse(octets).unwrap(), access };
        let short = [0x62, 0xF2, 0x10, 0x12, 0x34, 0x56, 0x78];
        let long = [0x62, 0xF2, 0x10, 0x12, 0x34, 0x56, 0x78, 0x0A, 0xBF];
        let identity = |octets: &[u8], access| at(octets, access).identity();
        assert_eq!(identity(&short, AccessTechnology::Geran), AreaIdentity::Cell(plmn, 0x1234, 0x5678));
        assert_eq!(identity(&long, AccessTechnology::Utran), AreaIdentity::UtranCell(plmn, 0x0ABF_5678));
        assert_eq!(identity(&long, AccessTechnology::Eutran), AreaIdentity::EutranCell(plmn, 0x0567_80AB));
        assert_eq!(identity(&short[..5], AccessTechnology::Eutran), AreaIdentity::TrackingArea(plmn, 0x1234));
        assert_eq!(identity(&short[..5], AccessTechnology::Utran), AreaIdentity::LocationArea(plmn, 0x1234));
        assert_eq!(identity(&short, AccessTechnology::Other(0x0A)), AreaIdentity::Plmn(plmn));
        for octets in [&short[..], &long, &short[..5]] {
            let read = LocationInformation::parse(octets).unwrap();
            assert_eq!(read.octets(), octets);
            for access in [AccessTechnology::Geran, AccessTechnology::Utran, AccessTechnology::Eutran] {
                let position = Position { information: read, access };
                assert!(position.is_in(position.identity()) && position.is_in(AreaIdentity::Country([2, 6, 2])));
                assert!(position.is_in(AreaIdentity::Plmn(plmn)) && !position.is_in(AreaIdentity::Country([2, 6, 3])));
                let tracking = position.is_in(AreaIdentity::TrackingArea(plmn, 0x1234));
                assert_eq!(tracking, access == AccessTechnology::Eutran);
                assert_ne!(tracking, position.is_in(AreaIdentity::LocationArea(plmn, 0x1234)));
            }
        }
        for end in [0, 4, 6, 8] {
            assert!(LocationInformation::parse(&long[..end]).is_err());
        }
    }
}
