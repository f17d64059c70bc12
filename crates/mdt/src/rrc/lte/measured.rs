//! Results of measurements as LTE reports them (TS 36.331 clauses 6.3.5 and 6.3.4).

use crate::rrc::{Plmn, radio::OpenEnum};
use crate::uper::{Int, List, Raw, Same, choice, sequence};

sequence! {
    /// CellGlobalIdEUTRA.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct Ecgi {
        /// Network.
        must plmn: Plmn as Same,
        /// Cell identity, 28 bits.
        must cell: u32 as Int<0, 0xFFF_FFFF>,
    }
}

sequence! {
    /// RSRQ-Type: over which symbols and how widely RSRQ was measured.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct RsrqType {
        /// Over all symbols.
        must all_symbols: bool as Same,
        /// Over a wide band.
        must wide_band: bool as Same,
    }
}

sequence! {
    /// cgi-Info of a neighbour.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NeighbourCgi {
        /// Which cell.
        must cell: Ecgi as Same,
        /// Tracking area code.
        must tac: u16 as Int<0, 0xFFFF>,
        /// Further networks.
        may plmns: Vec<Plmn> as List<Same, 1, 5>,
    }
}

sequence! {
    /// Additions of Release 12 to a result.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ResultR12 {
        /// Whether the primary network is suitable.
        flag primary_plmn_suitable,
        /// RSRQ beyond its old range, -30..46.
        may rsrq: i8 as Int<-30, 46>,
    }
}

sequence! {
    /// cgi-Info-v1310.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CgiBands {
        /// Band.
        may band: u16 as Int<1, 256>,
        /// Further bands.
        may bands: Vec<u16> as List<Int<1, 256>, 1, 8>,
        /// Whether the first goes first.
        flag band_priority,
    }
}

sequence! {
    /// Additions of Release 13 to a result.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ResultR13 {
        /// RS-SINR, 0..127.
        may sinr: u8 as Int<0, 127>,
        /// Bands of the cell.
        may bands: CgiBands as Same,
    }
}

sequence! {
    /// Additions of Release 13.6 to a result.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ResultV1360 {
        /// RSRP below its old range, -17..-1.
        may rsrp: i8 as Int<-17, -1>,
    }
}

sequence! {
    /// measResult of MeasResultEUTRA.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct EutraResult {
        /// RSRP, 0..97.
        may rsrp: i8 as Int<0, 97>,
        /// RSRQ, 0..34.
        may rsrq: i8 as Int<0, 34>,
    }
    extensible {
        /// Closed subscriber group; octets as they came.
        r9: Vec<u8> as Raw,
        /// Release 12.
        r12: ResultR12 as Same,
        /// Release 13.
        r13: ResultR13 as Same,
        /// Release 13.6.
        v1360: ResultV1360 as Same,
        /// Cell of a 5G core; octets as they came.
        r15: Vec<u8> as Raw,
    }
}

sequence! {
    /// MeasResultEUTRA: an LTE cell.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraCell {
        /// Physical cell identity.
        must pci: u16 as Int<0, 503>,
        /// Which cell.
        may cgi: NeighbourCgi as Same,
        /// Its results.
        must result: EutraResult as Same,
    }
}

sequence! {
    /// MeasResult2EUTRA: LTE cells on one carrier.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraCarrier {
        /// EARFCN; 65535 when it is above that and told beside the list.
        must earfcn: u32 as Int<0, 65_535>,
        /// The cells.
        must cells: Vec<EutraCell> as List<Same, 1, 8>,
    }
}

sequence! {
    /// MeasResult2EUTRA-v9e0: an EARFCN of 65536 and more, beside the carrier in the same place of its list.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraCarrierV9e0 {
        /// EARFCN.
        may earfcn: u32 as Int<65_536, 262_143>,
    }
}

sequence! {
    /// MeasResult2EUTRA-v1250: how RSRQ was measured, beside the carrier in the same place of its list.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraCarrierV1250 {
        /// How.
        may rsrq_type: RsrqType as Same,
    }
}

choice! {
    /// Physical cell identity of UTRA.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum UtraPci {
        /// Primary scrambling code, FDD.
        Fdd(u16 as Int<0, 511>) = 0,
        /// Cell parameter, TDD.
        Tdd(u16 as Int<0, 127>) = 1,
    }
}

sequence! {
    /// CellGlobalIdUTRA.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct UtraCgi {
        /// Network.
        must plmn: Plmn as Same,
        /// Cell identity, 28 bits.
        must cell: u32 as Int<0, 0xFFF_FFFF>,
    }
}

sequence! {
    /// cgi-Info of a UTRA neighbour.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UtraNeighbourCgi {
        /// Which cell.
        must cell: UtraCgi as Same,
        /// Location area code.
        may lac: u16 as Int<0, 0xFFFF>,
        /// Routing area code.
        may rac: u8 as Int<0, 0xFF>,
        /// Further networks.
        may plmns: Vec<Plmn> as List<Same, 1, 5>,
    }
}

sequence! {
    /// measResult of MeasResultUTRA.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UtraResult {
        /// RSCP, -5..91.
        may rscp: i8 as Int<-5, 91>,
        /// Ec/N0, 0..49.
        may ec_n0: i8 as Int<0, 49>,
    }
    extensible {
        /// Closed subscriber group; octets as they came.
        r9: Vec<u8> as Raw,
        /// Release 12; octets as they came.
        r12: Vec<u8> as Raw,
    }
}

sequence! {
    /// MeasResultUTRA.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UtraCell {
        /// Physical cell identity.
        must pci: UtraPci as Same,
        /// Which cell.
        may cgi: UtraNeighbourCgi as Same,
        /// Its results.
        must result: UtraResult as Same,
    }
}

sequence! {
    /// MeasResult2UTRA.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UtraCarrier {
        /// UARFCN.
        must uarfcn: u16 as Int<0, 16_383>,
        /// The cells.
        must cells: Vec<UtraCell> as List<Same, 1, 8>,
    }
}

sequence! {
    /// cgi-Info of a GERAN neighbour.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct GeranCgi {
        /// Network.
        must plmn: Plmn as Same,
        /// Location area code.
        must lac: u16 as Int<0, 0xFFFF>,
        /// Cell identity.
        must cell: u16 as Int<0, 0xFFFF>,
    }
}

sequence! {
    /// cgi-Info of a GERAN neighbour with its routing area.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct GeranNeighbourCgi {
        /// Which cell.
        must cell: GeranCgi as Same,
        /// Routing area code.
        may rac: u8 as Int<0, 0xFF>,
    }
}

sequence! {
    /// measResult of MeasResultGERAN.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct GeranResult {
        /// RSSI, 0..63.
        must rssi: i8 as Int<0, 63>,
    }
    extensible {}
}

sequence! {
    /// MeasResultGERAN.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct GeranCell {
        /// ARFCN.
        must arfcn: u16 as Int<0, 1023>,
        /// Whether the ARFCN is of PCS 1900, else of DCS 1800.
        must pcs_1900: bool as Same,
        /// Network colour code.
        must ncc: u8 as Int<0, 7>,
        /// Base station colour code.
        must bcc: u8 as Int<0, 7>,
        /// Which cell.
        may cgi: GeranNeighbourCgi as Same,
        /// Its results.
        must result: GeranResult as Same,
    }
}

choice! {
    /// CellGlobalIdCDMA2000.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Cdma2000Cgi {
        /// Of 1xRTT, 47 bits.
        OneXRtt(u64 as Int<0, 0x7FFF_FFFF_FFFF>) = 0,
        /// Of HRPD, 128 bits.
        Hrpd([u8; 16] as Same) = 1,
    }
}

sequence! {
    /// measResult of MeasResultCDMA2000.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Cdma2000Result {
        /// Phase of the pilot.
        may pilot_phase: u16 as Int<0, 32_767>,
        /// Strength of the pilot, 0..63.
        must pilot_strength: i8 as Int<0, 63>,
    }
    extensible {}
}

sequence! {
    /// MeasResultCDMA2000.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Cdma2000Cell {
        /// Offset of the pilot.
        must pn_offset: u16 as Int<0, 511>,
        /// Which cell.
        may cgi: Cdma2000Cgi as Same,
        /// Its results.
        must result: Cdma2000Result as Same,
    }
}

sequence! {
    /// MeasResult2CDMA2000.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Cdma2000Carrier {
        /// Band class, 0..31, later ones from 32 on.
        must band_class: u8 as OpenEnum<32>,
        /// ARFCN.
        must arfcn: u16 as Int<0, 2047>,
        /// Whether registered for HRPD beforehand.
        must pre_registered: bool as Same,
        /// The cells.
        must cells: Vec<Cdma2000Cell> as List<Same, 1, 8>,
    }
}

sequence! {
    /// MeasResultNR-r15.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NrResult {
        /// SS-RSRP, 0..127.
        may rsrp: i8 as Int<0, 127>,
        /// SS-RSRQ, 0..127.
        may rsrq: i8 as Int<0, 127>,
        /// SS-SINR, 0..127.
        may sinr: i8 as Int<0, 127>,
    }
    extensible {}
}

sequence! {
    /// MeasResultSSB-Index-r15.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NrBeam {
        /// Index of the beam.
        must index: u8 as Int<0, 63>,
        /// Its results.
        may result: NrResult as Same,
    }
    extensible {}
}

sequence! {
    /// MeasResultCellNR-r15: an NR cell seen from LTE.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NrCell {
        /// Physical cell identity.
        must pci: u16 as Int<0, 1007>,
        /// Its results.
        must result: NrResult as Same,
        /// Its beams.
        may beams: Vec<NrBeam> as List<Same, 1, 32>,
    }
    extensible {
        /// Which cell; octets as they came.
        cgi: Vec<u8> as Raw,
    }
}

sequence! {
    /// MeasResultFreqFailNR-r15: NR cells on one carrier.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NrCarrier {
        /// NR-ARFCN.
        must arfcn: u32 as Int<0, 3_279_165>,
        /// The cells.
        may cells: Vec<NrCell> as List<Same, 1, 8>,
    }
    extensible {}
}

sequence! {
    /// Addition of Release 16.4: the carrier of the NR list before it, and further carriers.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct NrCarriers {
        /// NR-ARFCN of the list of Release 16.
        may arfcn: u32 as Int<0, 3_279_165>,
        /// Further carriers.
        may carriers: Vec<NrCarrier> as List<Same, 1, 7>,
    }
}

sequence! {
    /// measResultNeighCells: lists by radio technology, strongest first.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct Neighbours {
        /// LTE.
        may eutra: Vec<EutraCarrier> as List<Same, 1, 8>,
        /// UTRA.
        may utra: Vec<UtraCarrier> as List<Same, 1, 8>,
        /// GERAN, a list for each set of carriers.
        may geran: Vec<Vec<GeranCell>> as List<List<Same, 1, 8>, 1, 3>,
        /// CDMA2000.
        may cdma2000: Vec<Cdma2000Carrier> as List<Same, 1, 8>,
    }
}
