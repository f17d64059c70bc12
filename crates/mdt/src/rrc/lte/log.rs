//! LogMeasReport-r10 (TS 36.331 clause 6.2.2), typed.

use super::{
    EutraCarrierV9e0, EutraCarrierV1250, LocationInfo, NrCarriers, NrCell, RsrqType,
    measured::{Ecgi, Neighbours},
};
use crate::rrc::{AbsoluteTime, BluetoothResult, TraceReference, WlanResult, radio::hidden};
use crate::uper::{Int, List, OctetString, Reader, Same, Uper, UperError, Writer, sequence};

sequence! {
    /// measResultServCell.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ServingResult {
        /// RSRP, 0..97.
        must rsrp: i8 as Int<0, 97>,
        /// RSRQ, 0..34.
        must rsrq: i8 as Int<0, 34>,
    }
}

sequence! {
    /// Addition of Release 10.9: EARFCNs of 65536 and more.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EntryV1090 {
        /// One for each LTE carrier.
        may eutra: Vec<EutraCarrierV9e0> as List<Same, 1, 8>,
    }
}

sequence! {
    /// MeasResultMBSFN-r12.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MbsfnResult {
        /// MBSFN area.
        must area: u8 as Int<0, 255>,
        /// EARFCN.
        must earfcn: u32 as Int<0, 262_143>,
        /// RSRP, 0..97.
        must rsrp: i8 as Int<0, 97>,
        /// MBSFN RSRQ, 0..31.
        must rsrq: i8 as Int<0, 31>,
        /// Block error rate of signalling.
        may signalling: Bler as Same,
        /// Block error rates of data.
        may data: Vec<DataBler> as List<Same, 1, 15>,
    }
    extensible {}
}

sequence! {
    /// BLER-Result-r12.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Bler {
        /// Rate, 0..31.
        must rate: u8 as Int<0, 31>,
        /// Blocks received: exponent, 3 bits.
        must blocks_n: u8 as Int<0, 7>,
        /// Blocks received: mantissa, 8 bits.
        must blocks_m: u8 as Int<0, 255>,
    }
}

sequence! {
    /// DataBLER-MCH-Result-r12.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DataBler {
        /// Which channel.
        must mch: u8 as Int<1, 15>,
        /// Its rate.
        must bler: Bler as Same,
    }
}

sequence! {
    /// Additions of Release 12.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct EntryR12 {
        /// MBSFN areas.
        may mbsfn: Vec<MbsfnResult> as List<Same, 1, 8>,
        /// RSRQ of the serving cell beyond its old range, -30..46.
        may serving_rsrq: i8 as Int<-30, 46>,
        /// How RSRQ was measured.
        may rsrq_type: RsrqType as Same,
        /// The same for each LTE carrier.
        may eutra: Vec<EutraCarrierV1250> as List<Same, 1, 8>,
    }
}

sequence! {
    /// Addition of Release 13.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct EntryR13 {
        /// Logging was suspended after this entry, because radios in the phone disturbed each other.
        flag in_device_coexistence,
    }
}

sequence! {
    /// Addition of Release 13.6.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct EntryV1360 {
        /// RSRP of the serving cell below its old range, -17..-1.
        may serving_rsrp: i8 as Int<-17, -1>,
    }
}

sequence! {
    /// Additions of Release 15: third parties' devices that were heard.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct EntryR15 {
        /// Bluetooth.
        may bluetooth: Vec<BluetoothResult> as List<Same, 1, 32>,
        /// WLAN.
        may wlan: Vec<WlanResult> as List<Same, 1, 32>,
    }
}

sequence! {
    /// Addition of Release 15.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct EntryAnyCell {
        /// The phone had no service and camped on any cell or none.
        flag detected,
    }
}

sequence! {
    /// Addition of Release 16.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct EntryR16 {
        /// NR cells on one carrier.
        may nr: Vec<NrCell> as List<Same, 1, 8>,
    }
}

sequence! {
    /// Addition of Release 17.
    #[derive(Clone, PartialEq, Eq, Default)]
    pub struct EntryR17 {
        /// Uncompensated barometric pressure: octets of LPP Sensor-MeasurementInformation.
        may barometer: Vec<u8> as OctetString,
    }
}
hidden!(EntryR17);

sequence! {
    /// LogMeasInfo-r10: one entry of a log.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LogMeasInfo {
        /// Where, if it became known within the last interval.
        may location: LocationInfo as Same,
        /// Seconds since the configuration came, 0..7200.
        must relative_time_s: u16 as Int<0, 7200>,
        /// Serving cell.
        must serving_cell: Ecgi as Same,
        /// Its results.
        must serving: ServingResult as Same,
        /// Neighbours.
        may neighbours: Neighbours as Same,
    }
    extensible {
        /// Release 10.9.
        v1090: EntryV1090 as Same,
        /// Release 12.
        r12: EntryR12 as Same,
        /// Release 13.
        r13: EntryR13 as Same,
        /// Release 13.6.
        v1360: EntryV1360 as Same,
        /// Release 15, other radios.
        r15: EntryR15 as Same,
        /// Release 15, no service.
        any_cell: EntryAnyCell as Same,
        /// Release 16.
        r16: EntryR16 as Same,
        /// Release 16.4.
        v1640: NrCarriers as Same,
        /// Release 17.
        r17: EntryR17 as Same,
    }
}

impl LogMeasInfo {
    /// An entry with the serving cell alone.
    #[must_use]
    pub fn new(relative_time_s: u16, serving_cell: Ecgi, serving: ServingResult) -> Self {
        Self {
            location: None,
            relative_time_s,
            serving_cell,
            serving,
            neighbours: None,
            v1090: None,
            r12: None,
            r13: None,
            v1360: None,
            r15: None,
            any_cell: None,
            r16: None,
            v1640: None,
            r17: None,
        }
    }

    /// Reads one entry on its own, as a phone seals it.
    pub fn decode(octets: &[u8]) -> Result<Self, UperError> {
        Self::read(&mut Reader::new(octets)?)
    }

    /// Writes the entry on its own.
    pub fn encode(&self) -> Result<Vec<u8>, UperError> {
        let mut writer = Writer::new();
        self.write(&mut writer)?;
        Ok(writer.finish())
    }
}

sequence! {
    /// Addition of Release 15 to a report.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct ReportR15 {
        /// More entries with Bluetooth results wait.
        flag available_bluetooth,
        /// More entries with WLAN results wait.
        flag available_wlan,
    }
}

sequence! {
    /// LogMeasReport-r10.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LogMeasReport {
        /// When the configuration came.
        must absolute_time: AbsoluteTime as Same,
        /// The job.
        must trace_reference: TraceReference as Same,
        /// The session within the job.
        must recording_session: [u8; 2] as Same,
        /// The collector.
        must tce_id: u8 as Int<0, 255>,
        /// Entries, oldest first, 1..520.
        must entries: Vec<LogMeasInfo> as List<Same, 1, 520>,
        /// More entries wait in the phone.
        flag available,
    }
    extensible {
        /// Release 15.
        r15: ReportR15 as Same,
    }
}
