//! Results of measurements as NR reports them (TS 38.331 clause 6.3.2).

use crate::rrc::Plmn;
use crate::uper::{Int, List, Raw, Same, choice, sequence};

sequence! {
    /// CGI-Info-Logging-r16: an NR cell.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct Ncgi {
        /// Network.
        must plmn: Plmn as Same,
        /// Cell identity, 36 bits.
        must cell: u64 as Int<0, 0xF_FFFF_FFFF>,
        /// Tracking area code, 24 bits.
        may tac: u32 as Int<0, 0xFF_FFFF>,
    }
}

sequence! {
    /// MeasQuantityResults.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Quantities {
        /// SS-RSRP, 0..127.
        may rsrp: i8 as Int<0, 127>,
        /// SS-RSRQ, 0..127.
        may rsrq: i8 as Int<0, 127>,
        /// SS-SINR, 0..127.
        may sinr: i8 as Int<0, 127>,
    }
}

sequence! {
    /// resultsSSB: the best beam.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct BestBeam {
        /// Its index.
        must index: u8 as Int<0, 63>,
        /// Its results.
        must result: Quantities as Same,
        /// Good beams.
        must good_beams: u8 as Int<1, 64>,
    }
}

sequence! {
    /// MeasResultServingCell-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ServingResult {
        /// Of the cell.
        must cell: Quantities as Same,
        /// Of its best beam.
        may beam: BestBeam as Same,
    }
}

sequence! {
    /// MeasResultLoggingNR-r16: an NR neighbour.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LoggedCell {
        /// Physical cell identity.
        must pci: u16 as Int<0, 1007>,
        /// Its results.
        must result: Quantities as Same,
        /// Good beams.
        may good_beams: u8 as Int<1, 64>,
    }
}

sequence! {
    /// MeasResultLogging2NR-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LoggedCarrier {
        /// NR-ARFCN.
        must arfcn: u32 as Int<0, 3_279_165>,
        /// The cells.
        must cells: Vec<LoggedCell> as List<Same, 1, 8>,
    }
}

sequence! {
    /// MeasQuantityResultsEUTRA.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct EutraQuantities {
        /// RSRP, 0..97.
        may rsrp: i8 as Int<0, 97>,
        /// RSRQ, 0..34.
        may rsrq: i8 as Int<0, 34>,
        /// RS-SINR, 0..127.
        may sinr: i8 as Int<0, 127>,
    }
}

choice! {
    /// PLMN-Identity-EUTRA-5GC.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum EutraPlmn {
        /// By value.
        Plmn(Plmn as Same) = 0,
        /// By its place in a list.
        Index(u8 as Int<1, 12>) = 1,
    }
}

choice! {
    /// CellIdentity-EUTRA-5GC.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum EutraCellIdentity {
        /// By value, 28 bits.
        Cell(u32 as Int<0, 0xFFF_FFFF>) = 0,
        /// By its place in a list.
        Index(u8 as Int<1, 12>) = 1,
    }
}

sequence! {
    /// CellAccessRelatedInfo-EUTRA-EPC.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraAccessEpc {
        /// Networks.
        must plmns: Vec<Plmn> as List<Same, 1, 12>,
        /// Tracking area code.
        must tac: u16 as Int<0, 0xFFFF>,
        /// Cell identity.
        must cell: u32 as Int<0, 0xFFF_FFFF>,
    }
}

sequence! {
    /// CellAccessRelatedInfo-EUTRA-5GC.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraAccess5gc {
        /// Networks.
        must plmns: Vec<EutraPlmn> as List<Same, 1, 12>,
        /// Tracking area code.
        must tac: u32 as Int<0, 0xFF_FFFF>,
        /// RAN area code.
        may ranac: u8 as Int<0, 255>,
        /// Cell identity.
        must cell: EutraCellIdentity as Same,
    }
}

sequence! {
    /// cgi-info-EPC.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraEpc {
        /// The first.
        must first: EutraAccessEpc as Same,
        /// Further ones.
        may further: Vec<EutraAccessEpc> as List<Same, 1, 12>,
    }
}

sequence! {
    /// CGI-InfoEUTRA: which LTE cell.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraCgi {
        /// In EPC.
        may epc: EutraEpc as Same,
        /// In the 5G core.
        may core_5g: Vec<EutraAccess5gc> as List<Same, 1, 12>,
        /// Band.
        must band: u16 as Int<1, 256>,
        /// Further bands.
        may bands: Vec<u16> as List<Int<1, 256>, 1, 8>,
        /// Whether the first goes first.
        flag band_priority,
    }
}

sequence! {
    /// MeasResultEUTRA: an LTE neighbour.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraCell {
        /// Physical cell identity.
        must pci: u16 as Int<0, 1007>,
        /// Its results.
        must result: EutraQuantities as Same,
        /// Which cell.
        may cgi: EutraCgi as Same,
    }
    extensible {}
}

sequence! {
    /// MeasResult2EUTRA-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraCarrier {
        /// EARFCN.
        must earfcn: u32 as Int<0, 262_143>,
        /// The cells.
        must cells: Vec<EutraCell> as List<Same, 1, 8>,
    }
}

sequence! {
    /// ResultsPerSSB-Index.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SsbResult {
        /// Index of the beam.
        must index: u8 as Int<0, 63>,
        /// Its results.
        may result: Quantities as Same,
    }
}

sequence! {
    /// ResultsPerCSI-RS-Index.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct CsiRsResult {
        /// Index of the beam.
        must index: u8 as Int<0, 95>,
        /// Its results.
        may result: Quantities as Same,
    }
}

sequence! {
    /// cellResults.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct CellResults {
        /// By synchronisation signals.
        may ssb: Quantities as Same,
        /// By channel state information.
        may csi_rs: Quantities as Same,
    }
}

sequence! {
    /// rsIndexResults of a neighbour.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct BeamResults {
        /// By synchronisation signals.
        may ssb: Vec<SsbResult> as List<Same, 1, 64>,
        /// By channel state information.
        may csi_rs: Vec<CsiRsResult> as List<Same, 1, 64>,
    }
}

sequence! {
    /// measResult of MeasResultNR.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct NrCellResult {
        /// Of the cell.
        must cell: CellResults as Same,
        /// Of its beams.
        may beams: BeamResults as Same,
    }
}

sequence! {
    /// MeasResultNR: an NR neighbour in a report of a failure.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct NrCell {
        /// Physical cell identity.
        may pci: u16 as Int<0, 1007>,
        /// Its results.
        must result: NrCellResult as Same,
    }
    extensible {
        /// Which cell; octets as they came.
        cgi: Vec<u8> as Raw,
        /// Conditional handover (Release 17); octets as they came.
        r17: Vec<u8> as Raw,
        /// Release 18; octets as they came.
        r18: Vec<u8> as Raw,
    }
}

sequence! {
    /// MeasResult2NR-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NrCarrier {
        /// NR-ARFCN of the synchronisation signal.
        may ssb_arfcn: u32 as Int<0, 3_279_165>,
        /// NR-ARFCN of the reference of channel state information.
        may csi_rs_arfcn: u32 as Int<0, 3_279_165>,
        /// The cells.
        must cells: Vec<NrCell> as List<Same, 1, 8>,
    }
}

sequence! {
    /// Neighbours in a report of a failure.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct FailureNeighbours {
        /// NR.
        may nr: Vec<NrCarrier> as List<Same, 1, 8>,
        /// LTE.
        may eutra: Vec<EutraCarrier> as List<Same, 1, 8>,
    }
}

sequence! {
    /// measResultNeighCells of a log entry.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct Neighbours {
        /// NR.
        may nr: Vec<LoggedCarrier> as List<Same, 1, 8>,
        /// LTE.
        may eutra: Vec<EutraCarrier> as List<Same, 1, 8>,
    }
}

sequence! {
    /// CGI-InfoEUTRALogging: an LTE cell.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct EutraLoggedCell {
        /// Network in the 5G core.
        may plmn_5gc: Plmn as Same,
        /// Tracking area code in the 5G core.
        may tac_5gc: u32 as Int<0, 0xFF_FFFF>,
        /// Cell identity in the 5G core.
        may cell_5gc: u32 as Int<0, 0xFFF_FFFF>,
        /// Network in EPC.
        may plmn_epc: Plmn as Same,
        /// Tracking area code in EPC.
        may tac_epc: u16 as Int<0, 0xFFFF>,
        /// Cell identity in EPC.
        may cell_epc: u32 as Int<0, 0xFFF_FFFF>,
    }
}

sequence! {
    /// PCI-ARFCN-NR-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct PciArfcnNr {
        /// Physical cell identity.
        must pci: u16 as Int<0, 1007>,
        /// NR-ARFCN.
        must arfcn: u32 as Int<0, 3_279_165>,
    }
}

sequence! {
    /// PCI-ARFCN-EUTRA-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct PciArfcnEutra {
        /// Physical cell identity.
        must pci: u16 as Int<0, 503>,
        /// EARFCN.
        must earfcn: u32 as Int<0, 262_143>,
    }
}

choice! {
    /// An NR cell by either of its identities.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum NrCellId {
        /// By its global identity.
        Global(Ncgi as Same) = 0,
        /// By carrier and physical identity.
        Physical(PciArfcnNr as Same) = 1,
    }
}

choice! {
    /// An LTE cell by either of its identities.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum EutraCellId {
        /// By its global identity.
        Global(EutraLoggedCell as Same) = 0,
        /// By carrier and physical identity.
        Physical(PciArfcnEutra as Same) = 1,
    }
}

choice! {
    /// An NR or LTE cell by its global identity.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum GlobalCell {
        /// NR.
        Nr(Ncgi as Same) = 0,
        /// LTE.
        Eutra(EutraLoggedCell as Same) = 1,
    }
}

choice! {
    /// An NR or LTE cell by either of its identities.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum AnyCell {
        /// NR.
        Nr(NrCellId as Same) = 0,
        /// LTE.
        Eutra(EutraCellId as Same) = 1,
    }
}
