//! Reports of failures (TS 36.331 clause 6.2.2): RLF-Report-r9 and ConnEstFailReport-r11.

use super::{
    EutraCarrierV9e0, EutraCarrierV1250, LocationInfo, NrCarriers, NrCell, RsrqType,
    measured::{Cdma2000Carrier, Ecgi, EutraCarrier, GeranCell, UtraCarrier, UtraCgi, UtraPci},
};
use crate::rrc::radio::ConnectionFailureType;
use crate::rrc::{BluetoothResult, Plmn, WlanResult};
use crate::uper::{Int, List, Reader, Same, Uper, UperError, Writer, choice, enumerated, sequence};

sequence! {
    /// Results of a cell that was lost or never won.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct FailedResult {
        /// RSRP, 0..97.
        must rsrp: i8 as Int<0, 97>,
        /// RSRQ, 0..34.
        may rsrq: i8 as Int<0, 34>,
    }
}

sequence! {
    /// Neighbours in a report of a failure; GERAN is one list here.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct FailureNeighbours {
        /// LTE.
        may eutra: Vec<EutraCarrier> as List<Same, 1, 8>,
        /// UTRA.
        may utra: Vec<UtraCarrier> as List<Same, 1, 8>,
        /// GERAN.
        may geran: Vec<GeranCell> as List<Same, 1, 8>,
        /// CDMA2000.
        may cdma2000: Vec<Cdma2000Carrier> as List<Same, 1, 8>,
    }
}

sequence! {
    /// A cell by carrier and physical identity.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct PciEarfcn {
        /// Physical cell identity.
        must pci: u16 as Int<0, 503>,
        /// EARFCN.
        must earfcn: u32 as Int<0, 65_535>,
    }
}

choice! {
    /// failedPCellId-r10.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum FailedCell {
        /// By its global identity.
        Global(Ecgi as Same) = 0,
        /// By carrier and physical identity.
        Physical(PciEarfcn as Same) = 1,
    }
}

sequence! {
    /// Additions of Release 10.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RlfR10 {
        /// Where the phone was.
        may location: LocationInfo as Same,
        /// The cell that failed, or the target of the handover that failed.
        may failed_cell: FailedCell as Same,
        /// Where the phone tried to come back.
        may reestablishment_cell: Ecgi as Same,
        /// Since the last handover began, 100 ms, 0..1023; 1023 is that or longer.
        may time_conn_failure_100ms: u16 as Int<0, 1023>,
        /// Radio link or handover.
        may failure_type: ConnectionFailureType as Same,
        /// The cell before the last handover.
        may previous_cell: Ecgi as Same,
    }
}

sequence! {
    /// Addition of Release 10.9.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct FailedCellV1090 {
        /// EARFCN of 65536 and more.
        must earfcn: u32 as Int<65_536, 262_143>,
    }
}

sequence! {
    /// Addition group of Release 10.9.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RlfV1090 {
        /// The carrier of the failed cell.
        may failed_cell: FailedCellV1090 as Same,
    }
}

enumerated! {
    /// rlf-Cause-r11.
    pub enum RlfCause of 4 {
        /// T310 ran out.
        T310Expiry = 0,
        /// Random access failed.
        RandomAccessProblem = 1,
        /// Too many retransmissions.
        RlcMaxNumRetx = 2,
        /// T312 ran out.
        T312Expiry = 3,
    }
}

sequence! {
    /// basicFields-r11.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct RlfBasic {
        /// Identity of the phone in the failed cell.
        must c_rnti: u16 as Int<0, 0xFFFF>,
        /// Why.
        must cause: RlfCause as Same,
        /// Seconds since the failure, 0..172800.
        must time_since_failure_s: u32 as Int<0, 172_800>,
    }
}

sequence! {
    /// previousUTRA-CellId-r11.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct PreviousUtra {
        /// UARFCN.
        must uarfcn: u16 as Int<0, 16_383>,
        /// Physical identity.
        must pci: UtraPci as Same,
        /// Global identity.
        may cell: UtraCgi as Same,
    }
}

sequence! {
    /// selectedUTRA-CellId-r11.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SelectedUtra {
        /// UARFCN.
        must uarfcn: u16 as Int<0, 16_383>,
        /// Physical identity.
        must pci: UtraPci as Same,
    }
}

sequence! {
    /// Additions of Release 11.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RlfR11 {
        /// Cause and time.
        may basic: RlfBasic as Same,
        /// The UTRA cell before a handover to LTE.
        may previous_utra: PreviousUtra as Same,
        /// The UTRA cell chosen after the failure.
        may selected_utra: SelectedUtra as Same,
    }
}

sequence! {
    /// failedPCellId-v1250.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct FailedCellV1250 {
        /// Tracking area code.
        must tac: u16 as Int<0, 0xFFFF>,
    }
}

sequence! {
    /// Additions of Release 12.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RlfV1250 {
        /// Area of the failed cell.
        may failed_cell: FailedCellV1250 as Same,
        /// RSRQ beyond its old range.
        may rsrq: i8 as Int<-30, 46>,
        /// How RSRQ was measured.
        may rsrq_type: RsrqType as Same,
        /// The same for each LTE carrier.
        may eutra: Vec<EutraCarrierV1250> as List<Same, 1, 8>,
    }
}

sequence! {
    /// Addition of Release 13.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RlfR13 {
        /// A bearer for voice stood.
        flag voice_bearer,
    }
}

sequence! {
    /// Addition of Release 13.6, of RLF and connection failures.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct FailureV1360 {
        /// RSRP below its old range, -17..-1.
        may rsrp: i8 as Int<-17, -1>,
    }
}

sequence! {
    /// Additions of Release 15, of RLF and connection failures: third parties' devices that were heard.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct FailureR15 {
        /// Bluetooth.
        may bluetooth: Vec<BluetoothResult> as List<Same, 1, 32>,
        /// WLAN.
        may wlan: Vec<WlanResult> as List<Same, 1, 32>,
    }
}

sequence! {
    /// CellGlobalIdNR-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct NrCgi {
        /// Network.
        must plmn: Plmn as Same,
        /// Cell identity, 36 bits.
        must cell: u64 as Int<0, 0xF_FFFF_FFFF>,
        /// Tracking area code.
        may tac: u32 as Int<0, 0xFF_FFFF>,
    }
}

sequence! {
    /// An NR cell by carrier and physical identity.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct PciArfcnNr {
        /// Physical cell identity.
        must pci: u16 as Int<0, 1007>,
        /// NR-ARFCN.
        must arfcn: u32 as Int<0, 3_279_165>,
    }
}

choice! {
    /// failedNR-PCellId-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum FailedNrCell {
        /// By its global identity.
        Global(NrCgi as Same) = 0,
        /// By carrier and physical identity.
        Physical(PciArfcnNr as Same) = 1,
    }
}

sequence! {
    /// eutraReconnectCellId.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ReconnectEutra {
        /// Which cell.
        must cell: Ecgi as Same,
        /// Tracking area code of EPC.
        may tac_epc: u16 as Int<0, 0xFFFF>,
        /// Tracking area code of the 5G core.
        may tac_5gc: u32 as Int<0, 0xFF_FFFF>,
    }
}

choice! {
    /// reconnectCellId-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ReconnectCell {
        /// NR.
        Nr(NrCgi as Same) = 0,
        /// LTE.
        Eutra(ReconnectEutra as Same) = 1,
    }
}

sequence! {
    /// Additions of Release 16.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RlfR16 {
        /// NR cells on one carrier.
        may nr: Vec<NrCell> as List<Same, 1, 8>,
        /// The NR cell before a handover to LTE.
        may previous_nr: NrCgi as Same,
        /// The NR cell that a handover failed to.
        may failed_nr: FailedNrCell as Same,
        /// Where the phone came back.
        may reconnect: ReconnectCell as Same,
        /// Seconds until it came back, 0..172800.
        may time_until_reconnection_s: u32 as Int<0, 172_800>,
    }
}

sequence! {
    /// Addition of Release 18.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RlfR18 {
        /// The handover was a fallback for voice.
        flag voice_fallback,
    }
}

sequence! {
    /// RLF-Report-r9: the latest radio link or handover failure.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RlfReport {
        /// Results of the last serving cell.
        must last_serving: FailedResult as Same,
        /// Neighbours.
        may neighbours: FailureNeighbours as Same,
    }
    extensible {
        /// Release 10.
        r10: RlfR10 as Same,
        /// Release 10.9.
        v1090: RlfV1090 as Same,
        /// Release 11.
        r11: RlfR11 as Same,
        /// Release 12.
        v1250: RlfV1250 as Same,
        /// Release 13.
        r13: RlfR13 as Same,
        /// Release 13.6.
        v1360: FailureV1360 as Same,
        /// Release 15.
        r15: FailureR15 as Same,
        /// Release 16.
        r16: RlfR16 as Same,
        /// Release 16.4.
        v1640: NrCarriers as Same,
        /// Release 18.
        r18: RlfR18 as Same,
    }
}

/// Reads and writes a report on its own, as a phone seals it.
macro_rules! alone {
    ($($report:ident)+) => {
        $(impl $report {
            /// Reads a report on its own, as a phone seals it. Errors: the octets are none.
            pub fn decode(octets: &[u8]) -> Result<Self, UperError> {
                Self::read(&mut Reader::new(octets)?)
            }

            /// Writes the report on its own. Errors: a value does not fit its type.
            pub fn encode(&self) -> Result<Vec<u8>, UperError> {
                let mut writer = Writer::new();
                self.write(&mut writer)?;
                Ok(writer.finish())
            }
        })+
    };
}
pub(in crate::rrc) use alone;

alone!(RlfReport ConnEstFailReport);

impl RlfReport {
    /// A report of what every report must say, the results of the last serving cell; the rest is set by name.
    #[must_use]
    pub const fn new(last_serving: FailedResult) -> Self {
        Self {
            last_serving,
            neighbours: None,
            r10: None,
            v1090: None,
            r11: None,
            v1250: None,
            r13: None,
            v1360: None,
            r15: None,
            r16: None,
            v1640: None,
            r18: None,
        }
    }
}

sequence! {
    /// Additions of Release 12 to a connection failure.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct ConnEstFailV1250 {
        /// RSRQ beyond its old range.
        may rsrq: i8 as Int<-30, 46>,
        /// How RSRQ was measured.
        may rsrq_type: RsrqType as Same,
        /// The same for each LTE carrier.
        may eutra: Vec<EutraCarrierV1250> as List<Same, 1, 8>,
    }
}

sequence! {
    /// Addition of Release 16 to a connection failure.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct ConnEstFailR16 {
        /// NR cells on one carrier.
        may nr: Vec<NrCell> as List<Same, 1, 8>,
    }
}

sequence! {
    /// ConnEstFailReport-r11: the latest connection that did not come about.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ConnEstFailReport {
        /// The cell that did not answer.
        must failed_cell: Ecgi as Same,
        /// Where the phone was.
        may location: LocationInfo as Same,
        /// Results of the cell.
        must failed: FailedResult as Same,
        /// Neighbours.
        may neighbours: FailureNeighbours as Same,
        /// Preambles sent, 1..200.
        must preambles_sent: u8 as Int<1, 200>,
        /// Whether another phone was met.
        must contention_detected: bool as Same,
        /// Whether the phone could send no louder.
        must max_tx_power_reached: bool as Same,
        /// Seconds since the failure, 0..172800.
        must time_since_failure_s: u32 as Int<0, 172_800>,
        /// EARFCNs of 65536 and more, one for each LTE carrier.
        may eutra_v1130: Vec<EutraCarrierV9e0> as List<Same, 1, 8>,
    }
    extensible {
        /// Release 12.
        v1250: ConnEstFailV1250 as Same,
        /// Release 13.6.
        v1360: FailureV1360 as Same,
        /// Release 15.
        r15: FailureR15 as Same,
        /// Release 16.
        r16: ConnEstFailR16 as Same,
        /// Release 16.4.
        v1640: NrCarriers as Same,
    }
}
