//! Measurements made in idle mode (TS 38.331 clause 6.3.2): they stand before the log in a response, so they are read.

use crate::uper::{Int, List, Raw, Same, sequence};

sequence! {
    /// measIdleResultEUTRA.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct IdleEutraResult {
        /// RSRP, 0..97.
        may rsrp: i8 as Int<0, 97>,
        /// RSRQ, -30..46.
        may rsrq: i8 as Int<-30, 46>,
    }
}

sequence! {
    /// MeasResultsPerCellIdleEUTRA-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IdleEutraCell {
        /// Physical cell identity.
        must pci: u16 as Int<0, 503>,
        /// Its results.
        must result: IdleEutraResult as Same,
    }
    extensible {}
}

sequence! {
    /// MeasResultsPerCarrierIdleEUTRA-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IdleEutraCarrier {
        /// EARFCN.
        must earfcn: u32 as Int<0, 262_143>,
        /// The cells.
        must cells: Vec<IdleEutraCell> as List<Same, 1, 8>,
    }
    extensible {}
}

sequence! {
    /// MeasResultIdleEUTRA-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IdleEutra {
        /// The carriers.
        must carriers: Vec<IdleEutraCarrier> as List<Same, 1, 8>,
    }
    extensible {}
}

sequence! {
    /// ssb-Results of ResultsPerSSB-IndexIdle-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct IdleBeamResult {
        /// RSRP, 0..127.
        may rsrp: i8 as Int<0, 127>,
        /// RSRQ, 0..127.
        may rsrq: i8 as Int<0, 127>,
    }
}

sequence! {
    /// ResultsPerSSB-IndexIdle-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct IdleBeam {
        /// Index of the beam.
        must index: u8 as Int<0, 63>,
        /// Its results.
        may result: IdleBeamResult as Same,
    }
}

sequence! {
    /// Results of an NR cell.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct IdleNrResult {
        /// RSRP, 0..127.
        may rsrp: i8 as Int<0, 127>,
        /// RSRQ, 0..127.
        may rsrq: i8 as Int<0, 127>,
        /// Its beams.
        may beams: Vec<IdleBeam> as List<Same, 1, 32>,
    }
}

sequence! {
    /// MeasResultsPerCellIdleNR-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IdleNrCell {
        /// Physical cell identity.
        must pci: u16 as Int<0, 1007>,
        /// Its results.
        must result: IdleNrResult as Same,
    }
    extensible {
        /// Release 18; octets as they came.
        r18: Vec<u8> as Raw,
    }
}

sequence! {
    /// MeasResultsPerCarrierIdleNR-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IdleNrCarrier {
        /// NR-ARFCN.
        must arfcn: u32 as Int<0, 3_279_165>,
        /// The cells.
        must cells: Vec<IdleNrCell> as List<Same, 1, 8>,
    }
    extensible {}
}

sequence! {
    /// MeasResultIdleNR-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IdleNr {
        /// Of the serving cell.
        must serving: IdleNrResult as Same,
        /// The carriers.
        may carriers: Vec<IdleNrCarrier> as List<Same, 1, 8>,
    }
    extensible {}
}
