//! Random access in reports (TS 38.331 clause 6.2.2): RA-Report and RA-InformationCommon-r16.

use super::measured::NrCellId;
use crate::uper::{Int, List, Raw, Same, choice, enumerated, sequence};

enumerated! {
    /// SubcarrierSpacing.
    pub enum SubcarrierSpacing of 8 {
        /// 15 kHz.
        Khz15 = 0,
        /// 30 kHz.
        Khz30 = 1,
        /// 60 kHz.
        Khz60 = 2,
        /// 120 kHz.
        Khz120 = 3,
        /// 240 kHz.
        Khz240 = 4,
        /// 480 kHz.
        Khz480 = 5,
        /// 960 kHz.
        Khz960 = 6,
    }
}

sequence! {
    /// PerRAAttemptInfo-r16.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct Attempt {
        /// Whether another phone was met.
        may contention_detected: bool as Same,
        /// Whether the beam was above the threshold.
        may rsrp_above_threshold: bool as Same,
    }
    extensible {
        /// Release 17; octets as they came.
        r17: Vec<u8> as Raw,
    }
}

sequence! {
    /// PerRASSBInfo-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SsbAttempts {
        /// Index of the beam.
        must index: u8 as Int<0, 63>,
        /// Preambles sent, 1..200.
        must preambles_sent: u8 as Int<1, 200>,
        /// Each attempt, 1..200.
        must attempts: Vec<Attempt> as List<Same, 1, 200>,
    }
}

sequence! {
    /// PerRACSI-RSInfo-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct CsiRsAttempts {
        /// Index of the beam.
        must index: u8 as Int<0, 95>,
        /// Preambles sent, 1..200.
        must preambles_sent: u8 as Int<1, 200>,
    }
}

choice! {
    /// PerRAInfo-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum BeamAttempts {
        /// On a beam of synchronisation signals.
        Ssb(SsbAttempts as Same) = 0,
        /// On a beam of channel state information.
        CsiRs(CsiRsAttempts as Same) = 1,
    }
}

enumerated! {
    /// msg1-FDM: occasions side by side.
    pub enum Occasions of 4 {
        /// 1.
        One = 0,
        /// 2.
        Two = 1,
        /// 4.
        Four = 2,
        /// 8.
        Eight = 3,
    }
}

sequence! {
    /// RA-InformationCommon-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RandomAccess {
        /// NR-ARFCN of point A.
        must point_a_arfcn: u32 as Int<0, 3_279_165>,
        /// locationAndBandwidth.
        must location_and_bandwidth: u16 as Int<0, 37_949>,
        /// Subcarrier spacing.
        must spacing: SubcarrierSpacing as Same,
        /// msg1-FrequencyStart.
        may msg1_start: u16 as Int<0, 274>,
        /// msg1-FrequencyStartCFRA.
        may msg1_start_cfra: u16 as Int<0, 274>,
        /// msg1-SubcarrierSpacing.
        may msg1_spacing: SubcarrierSpacing as Same,
        /// msg1-SubcarrierSpacingCFRA.
        may msg1_spacing_cfra: SubcarrierSpacing as Same,
        /// msg1-FDM.
        may msg1_occasions: Occasions as Same,
        /// msg1-FDMCFRA.
        may msg1_occasions_cfra: Occasions as Same,
        /// Attempts beam by beam, 1..200.
        must beams: Vec<BeamAttempts> as List<Same, 1, 200>,
    }
    extensible {
        /// Release 16.6; octets as they came.
        v1660: Vec<u8> as Raw,
        /// Release 16, spacing of message 1; octets as they came.
        msg1_scs: Vec<u8> as Raw,
        /// Release 16, the same without contention; octets as they came.
        msg1_scs_cfra: Vec<u8> as Raw,
        /// Release 17; octets as they came.
        r17: Vec<u8> as Raw,
        /// Release 18; octets as they came.
        r18: Vec<u8> as Raw,
    }
}

sequence! {
    /// RA-Report-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RaReport {
        /// Which cell.
        must cell: NrCellId as Same,
        /// How it went.
        may access: RandomAccess as Same,
        /// raPurpose by its number, 0..15: access, beam failure recovery, reconfiguration with synchronisation, uplink not synchronised,
        /// scheduling request failure, no resource of PUCCH, request for system information, the same by message 3, failure to listen
        /// before talking, spares.
        must purpose: u8 as Int<0, 15>,
    }
    extensible {
        /// Release 17; octets as they came.
        r17: Vec<u8> as Raw,
        /// Release 18; octets as they came.
        r18: Vec<u8> as Raw,
    }
}
