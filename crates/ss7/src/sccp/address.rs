//! Called and calling party addresses (ITU-T Q.713 clauses 3.4 and 3.5).

use super::GlobalTitle;
use crate::m3ua::PointCode;

/// Subsystem number (ITU-T Q.713 clause 3.4.2.2, TS 23.003 clause 8).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ssn(pub u8);

impl Ssn {
    /// Not known, or not used.
    pub const UNKNOWN: Self = Self(0);
    /// SCCP management.
    pub const MANAGEMENT: Self = Self(1);
    /// Home location register.
    pub const HLR: Self = Self(6);
    /// Visitor location register.
    pub const VLR: Self = Self(7);
    /// Mobile switching centre.
    pub const MSC: Self = Self(8);
    /// Equipment identity register.
    pub const EIR: Self = Self(9);
    /// Authentication centre.
    pub const AUC: Self = Self(10);
    /// RANAP.
    pub const RANAP: Self = Self(142);
    /// Gateway mobile location centre.
    pub const GMLC: Self = Self(145);
    /// CAP.
    pub const CAP: Self = Self(146);
    /// gsmSCF (MAP), or IM-SSF.
    pub const GSM_SCF: Self = Self(147);
    /// Serving GPRS support node.
    pub const SGSN: Self = Self(149);
    /// Gateway GPRS support node.
    pub const GGSN: Self = Self(150);
    /// PCAP.
    pub const PCAP: Self = Self(249);
    /// Serving mobile location centre (BSSAP-LE).
    pub const SMLC: Self = Self(252);
    /// BSSAP.
    pub const BSSAP: Self = Self(254);

    /// The usual abbreviation, where there is one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::MANAGEMENT => Some("SCMG"),
            Self::HLR => Some("HLR"),
            Self::VLR => Some("VLR"),
            Self::MSC => Some("MSC"),
            Self::EIR => Some("EIR"),
            Self::AUC => Some("AuC"),
            Self::RANAP => Some("RANAP"),
            Self::GMLC => Some("GMLC"),
            Self::CAP => Some("CAP"),
            Self::GSM_SCF => Some("gsmSCF"),
            Self::SGSN => Some("SGSN"),
            Self::GGSN => Some("GGSN"),
            Self::PCAP => Some("PCAP"),
            Self::SMLC => Some("SMLC"),
            Self::BSSAP => Some("BSSAP"),
            _ => None,
        }
    }
}

impl core::fmt::Display for Ssn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl core::fmt::Debug for Ssn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Ssn({self})")
    }
}

/// By what a message is routed (ITU-T Q.713 clause 3.4.1, routing indicator).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Routing {
    /// By the global title, which somebody has to translate.
    GlobalTitle,
    /// By the point code, in the address or in the label of MTP, and the subsystem number.
    Ssn,
}

/// Address of a subsystem. `Debug` does not show the digits of the title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SccpAddress {
    /// By what it is routed.
    pub routing: Routing,
    /// Point code.
    pub point_code: Option<PointCode>,
    /// Subsystem number.
    pub ssn: Option<Ssn>,
    /// Global title.
    pub title: Option<GlobalTitle>,
}

impl SccpAddress {
    /// Routed by its title, as between networks.
    #[must_use]
    pub const fn by_title(title: GlobalTitle, ssn: Ssn) -> Self {
        Self { routing: Routing::GlobalTitle, point_code: None, ssn: Some(ssn), title: Some(title) }
    }

    /// Routed by point code and subsystem number, as inside a network.
    #[must_use]
    pub const fn by_ssn(point_code: PointCode, ssn: Ssn) -> Self {
        Self { routing: Routing::Ssn, point_code: Some(point_code), ssn: Some(ssn), title: None }
    }
}
