//! Areas as a network names them (TS 29.002 clause 17.7.13, AreaIdentification; TS 29.172 clauses 7.4.41 and 7.4.42).

/// Country and network code of a network, as the three octets of TS 24.008 clause 10.5.1.3.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlmnId([u8; 3]);

impl PlmnId {
    /// From digits: three of the country, two or three of the network; `None` for anything else.
    #[must_use]
    pub fn new(mcc: &str, mnc: &str) -> Option<Self> {
        let digit = |text: &str, at: usize| {
            text.as_bytes().get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0')
        };
        if mcc.len() != 3 || !(2..=3).contains(&mnc.len()) {
            return None;
        }
        let third = if mnc.len() == 3 { digit(mnc, 2)? } else { 0xF };
        Some(Self([
            digit(mcc, 1)? << 4 | digit(mcc, 0)?,
            third << 4 | digit(mcc, 2)?,
            digit(mnc, 1)? << 4 | digit(mnc, 0)?,
        ]))
    }

    /// From the digits of country and network in one, five or six; `None` for anything else.
    #[must_use]
    pub fn from_digits(digits: &str) -> Option<Self> {
        digits.split_at_checked(3).and_then(|(mcc, mnc)| Self::new(mcc, mnc))
    }

    /// From the wire; `None` if a digit is none.
    #[must_use]
    pub fn from_octets(octets: [u8; 3]) -> Option<Self> {
        let [a, b, c] = octets;
        let digits = [a & 0xF, a >> 4, b & 0xF, c & 0xF, c >> 4];
        (digits.iter().all(|digit| *digit < 10) && (b >> 4 < 10 || b >> 4 == 0xF)).then_some(Self(octets))
    }

    /// As on the wire.
    #[must_use]
    pub fn octets(self) -> [u8; 3] {
        self.0
    }

    /// Country code, three digits.
    #[must_use]
    pub fn mcc(self) -> [u8; 3] {
        [self.0[0] & 0xF, self.0[0] >> 4, self.0[1] & 0xF]
    }
}

impl core::fmt::Display for PlmnId {
    /// Country and network code with a hyphen, as `262-01`.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [a, b, c] = self.mcc();
        write!(f, "{a}{b}{c}-{}{}", self.0[2] & 0xF, self.0[2] >> 4)?;
        if self.0[1] >> 4 == 0xF { Ok(()) } else { write!(f, "{}", self.0[1] >> 4) }
    }
}

impl core::fmt::Debug for PlmnId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PlmnId({self})")
    }
}

/// An area by its name in a network. Which kinds an interface takes is said there: MAP the first six, SLg of an EPC area event the
/// last two beside country and network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AreaIdentity {
    /// A country: its mobile country code, three digits.
    Country([u8; 3]),
    /// A network.
    Plmn(PlmnId),
    /// A location area: its code.
    LocationArea(PlmnId, u16),
    /// A routing area: location area code, routing area code.
    RoutingArea(PlmnId, u16, u8),
    /// A cell of GERAN: location area code, cell identity.
    Cell(PlmnId, u16, u16),
    /// A cell of UTRAN: UC-Id, 28 bits.
    UtranCell(PlmnId, u32),
    /// A tracking area: its code.
    TrackingArea(PlmnId, u16),
    /// A cell of E-UTRAN: E-UTRAN cell identity, 28 bits.
    EutranCell(PlmnId, u32),
}

impl AreaIdentity {
    /// Area-Type on the wire, the same number in MAP and SLg.
    #[must_use]
    pub fn area_type(self) -> u8 {
        match self {
            Self::Country(_) => 0,
            Self::Plmn(_) => 1,
            Self::LocationArea(..) => 2,
            Self::RoutingArea(..) => 3,
            Self::Cell(..) => 4,
            Self::UtranCell(..) => 5,
            Self::TrackingArea(..) => 6,
            Self::EutranCell(..) => 7,
        }
    }

    /// Area-Identification: two to seven octets.
    #[must_use]
    pub fn octets(self) -> Vec<u8> {
        match self {
            // Only the country code counts; the digit of the network code that shares an octet is filled.
            Self::Country([a, b, c]) => vec![b << 4 | a & 0xF, 0xF0 | c & 0xF],
            Self::Plmn(plmn) => plmn.octets().to_vec(),
            Self::LocationArea(plmn, code) | Self::TrackingArea(plmn, code) => with(plmn, &code.to_be_bytes()),
            Self::RoutingArea(plmn, lac, rac) => {
                let [high, low] = lac.to_be_bytes();
                with(plmn, &[high, low, rac])
            }
            Self::Cell(plmn, lac, ci) => {
                let ([a, b], [c, d]) = (lac.to_be_bytes(), ci.to_be_bytes());
                with(plmn, &[a, b, c, d])
            }
            Self::UtranCell(plmn, cell) | Self::EutranCell(plmn, cell) => {
                with(plmn, &(cell & 0x0FFF_FFFF).to_be_bytes())
            }
        }
    }

    /// From the wire; `None` for a kind that is not known, another number of octets than it takes, or a code that is none. The four spare
    /// bits of a cell of UTRAN or E-UTRAN say nothing.
    #[must_use]
    pub fn from_octets(area_type: u32, octets: &[u8]) -> Option<Self> {
        if let (0, &[first, second]) = (area_type, octets) {
            let digits = [first & 0xF, first >> 4, second & 0xF];
            return digits.iter().all(|digit| *digit < 10).then_some(Self::Country(digits));
        }
        let (plmn, rest) = octets.split_first_chunk::<3>()?;
        let plmn = PlmnId::from_octets(*plmn)?;
        let cell = |octets: [u8; 4]| u32::from_be_bytes(octets) & 0x0FFF_FFFF;
        Some(match (area_type, rest) {
            (1, []) => Self::Plmn(plmn),
            (2, &[a, b]) => Self::LocationArea(plmn, u16::from_be_bytes([a, b])),
            (3, &[a, b, rac]) => Self::RoutingArea(plmn, u16::from_be_bytes([a, b]), rac),
            (4, &[a, b, c, d]) => Self::Cell(plmn, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])),
            (5, &[a, b, c, d]) => Self::UtranCell(plmn, cell([a, b, c, d])),
            (6, &[a, b]) => Self::TrackingArea(plmn, u16::from_be_bytes([a, b])),
            (7, &[a, b, c, d]) => Self::EutranCell(plmn, cell([a, b, c, d])),
            _ => return None,
        })
    }
}

fn with(plmn: PlmnId, rest: &[u8]) -> Vec<u8> {
    let mut octets = plmn.octets().to_vec();
    octets.extend_from_slice(rest);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plmn() -> PlmnId {
        PlmnId::new("262", "01").expect("five digits")
    }

    #[test]
    fn every_kind_as_its_octets_and_back() {
        let cases: [(AreaIdentity, u8, &[u8]); 8] = [
            // MCC 262: 2,6 in the first octet, 2 below a filler.
            (AreaIdentity::Country([2, 6, 2]), 0, &[0x62, 0xF2]),
            // MNC 01 of two digits: filler above the third digit of the MCC.
            (AreaIdentity::Plmn(plmn()), 1, &[0x62, 0xF2, 0x10]),
            (AreaIdentity::LocationArea(plmn(), 0x1234), 2, &[0x62, 0xF2, 0x10, 0x12, 0x34]),
            (AreaIdentity::RoutingArea(plmn(), 0x1234, 7), 3, &[0x62, 0xF2, 0x10, 0x12, 0x34, 7]),
            (AreaIdentity::Cell(plmn(), 0x1234, 0x5678), 4, &[0x62, 0xF2, 0x10, 0x12, 0x34, 0x56, 0x78]),
            (AreaIdentity::UtranCell(plmn(), 0x0123_4567), 5, &[0x62, 0xF2, 0x10, 0x01, 0x23, 0x45, 0x67]),
            (AreaIdentity::TrackingArea(plmn(), 0x9ABC), 6, &[0x62, 0xF2, 0x10, 0x9A, 0xBC]),
            (AreaIdentity::EutranCell(plmn(), 0x0FFF_FFFF), 7, &[0x62, 0xF2, 0x10, 0x0F, 0xFF, 0xFF, 0xFF]),
        ];
        for (area, kind, octets) in cases {
            assert_eq!((area.area_type(), area.octets().as_slice()), (kind, octets));
            assert_eq!(AreaIdentity::from_octets(u32::from(kind), octets), Some(area));
            assert_eq!(AreaIdentity::from_octets(u32::from(kind), &octets[..octets.len() - 1]), None);
            let longer = [octets, &[0]].concat();
            assert_eq!(AreaIdentity::from_octets(u32::from(kind), &longer), None, "{area:?}");
        }
        assert_eq!(AreaIdentity::from_octets(8, &[0x62, 0xF2, 0x10]), None);
    }

    #[test]
    fn networks_of_two_and_of_three_digits() {
        assert_eq!(plmn().to_string(), "262-01");
        let three = PlmnId::new("310", "410").expect("six digits");
        assert_eq!((three.octets(), three.to_string().as_str()), ([0x13, 0x00, 0x14], "310-410"));
        for (mcc, mnc) in [("26", "01"), ("262", "1"), ("262", "0123"), ("2a2", "01"), ("262", "0x")] {
            assert_eq!(PlmnId::new(mcc, mnc), None);
        }
        assert_eq!(PlmnId::from_octets([0xA2, 0xF2, 0x10]), None);
    }
}
