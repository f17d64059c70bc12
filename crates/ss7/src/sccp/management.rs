//! SCCP management, as far as a node without relations needs it (ITU-T Q.713 clause 5, Q.714 clause 5).

use super::Ssn;
use crate::m3ua::PointCode;

/// Format identifiers (ITU-T Q.713 clause 5.1.1).
const ALLOWED: u8 = 1;
const PROHIBITED: u8 = 2;
const STATUS_TEST: u8 = 3;

/// What another node says or asks about a subsystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Management {
    /// SSA: it can be used.
    Allowed(PointCode, Ssn),
    /// SSP: it cannot.
    Prohibited(PointCode, Ssn),
    /// SST: can it?
    Test(PointCode, Ssn),
}

impl Management {
    /// Reads SSA, SSP and SST; nothing else is needed here.
    pub(super) fn decode(data: &[u8]) -> Option<Self> {
        let [format, ssn, low, high, _multiplicity] = data else { return None };
        // The two high bits are spare.
        let point_code = PointCode::new(u32::from(u16::from_le_bytes([*low, *high]) & PointCode::MAX)).ok()?;
        match *format {
            ALLOWED => Some(Self::Allowed(point_code, Ssn(*ssn))),
            PROHIBITED => Some(Self::Prohibited(point_code, Ssn(*ssn))),
            STATUS_TEST => Some(Self::Test(point_code, Ssn(*ssn))),
            _ => None,
        }
    }

    /// The octets; the multiplicity is unknown.
    pub(super) const fn encode(self) -> [u8; 5] {
        let (format, point_code, ssn) = match self {
            Self::Allowed(point_code, ssn) => (ALLOWED, point_code, ssn),
            Self::Prohibited(point_code, ssn) => (PROHIBITED, point_code, ssn),
            Self::Test(point_code, ssn) => (STATUS_TEST, point_code, ssn),
        };
        let [low, high] = point_code.value().to_le_bytes();
        [format, ssn.0, low, high, 0]
    }
}
