//! MobilityHistoryReport-r12 (TS 36.331 clause 6.2.2).

use super::measured::Ecgi;
use crate::uper::{Int, Same, choice, sequence};

sequence! {
    /// A cell by carrier and physical identity.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct VisitedPhysical {
        /// Physical cell identity.
        must pci: u16 as Int<0, 503>,
        /// EARFCN.
        must earfcn: u32 as Int<0, 262_143>,
    }
}

choice! {
    /// visitedCellId-r12.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum VisitedCell {
        /// By its global identity.
        Global(Ecgi as Same) = 0,
        /// By carrier and physical identity.
        Physical(VisitedPhysical as Same) = 1,
    }
}

sequence! {
    /// VisitedCellInfo-r12: one stay, the latest first.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct VisitedCellInfo {
        /// Where; absent outside of LTE.
        may cell: VisitedCell as Same,
        /// Seconds, 0..4095; 4095 is that or longer.
        must time_spent_s: u16 as Int<0, 4095>,
    }
    extensible {}
}
