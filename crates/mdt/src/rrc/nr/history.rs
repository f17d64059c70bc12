//! MobilityHistoryReport-r16 (TS 38.331 clause 6.2.2).

use super::measured::{AnyCell, EutraCgi, NrCellId, PciArfcnEutra};
use crate::uper::{Int, List, Same, choice, sequence};

choice! {
    /// eutra-CellId-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum VisitedEutra {
        /// By its global identity.
        Global(EutraCgi as Same) = 0,
        /// By carrier and physical identity.
        Physical(PciArfcnEutra as Same) = 1,
    }
}

choice! {
    /// visitedCellId-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum VisitedCell {
        /// NR.
        Nr(NrCellId as Same) = 0,
        /// LTE.
        Eutra(VisitedEutra as Same) = 1,
    }
}

sequence! {
    /// VisitedPSCellInfo-r17: a stay in a cell of the second node.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct VisitedPsCell {
        /// Where.
        may cell: AnyCell as Same,
        /// Seconds, 0..4095; 4095 is that or longer.
        must time_spent_s: u16 as Int<0, 4095>,
    }
    extensible {}
}

sequence! {
    /// Addition of Release 17.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct VisitedR17 {
        /// Cells of the second node.
        may ps_cells: Vec<VisitedPsCell> as List<Same, 1, 16>,
    }
}

sequence! {
    /// VisitedCellInfo-r16: one stay, the latest first.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct VisitedCellInfo {
        /// Where; absent outside of NR and LTE.
        may cell: VisitedCell as Same,
        /// Seconds, 0..4095; 4095 is that or longer.
        must time_spent_s: u16 as Int<0, 4095>,
    }
    extensible {
        /// Release 17.
        r17: VisitedR17 as Same,
    }
}
