//! Reports of failures (TS 38.331 clause 6.2.2): RLF-Report-r16 and ConnEstFailReport-r16.

use super::access::{BeamAttempts, RandomAccess};
use super::log::LocationInfo;
use super::measured::{
    AnyCell, CellResults, CsiRsResult, EutraLoggedCell, FailureNeighbours, GlobalCell, Ncgi, NrCellId, Quantities,
    SsbResult,
};
use crate::rrc::lte::alone;
use crate::rrc::radio::ConnectionFailureType;
use crate::uper::{
    Int, List, OctetString, Raw, Reader, Same, Uper as _, UperError, Writer, choice, enumerated, sequence,
};

sequence! {
    /// rsIndexResults of the last serving cell.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct LastServingBeams {
        /// By synchronisation signals.
        may ssb: Vec<SsbResult> as List<Same, 1, 64>,
        /// Which of those were watched.
        may ssb_watched: [u8; 8] as Same,
        /// By channel state information.
        may csi_rs: Vec<CsiRsResult> as List<Same, 1, 64>,
        /// Which of those were watched.
        may csi_rs_watched: [u8; 12] as Same,
    }
}

sequence! {
    /// MeasResultRLFNR-r16.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct LastServing {
        /// Of the cell.
        must cell: CellResults as Same,
        /// Of its beams.
        may beams: LastServingBeams as Same,
    }
}

enumerated! {
    /// rlf-Cause-r16.
    pub enum RlfCause of 8 {
        /// T310 ran out.
        T310Expiry = 0,
        /// Random access failed.
        RandomAccessProblem = 1,
        /// Too many retransmissions.
        RlcMaxNumRetx = 2,
        /// No beam was found again.
        BeamFailureRecoveryFailure = 3,
        /// The channel was never free.
        LbtFailure = 4,
        /// Backhaul failed.
        BhRlfRecoveryFailure = 5,
        /// T312 ran out.
        T312Expiry = 6,
        /// A value of a later release.
        Spare = 7,
    }
}

enumerated! {
    /// lastHO-Type-r17.
    pub enum HandoverType of 4 {
        /// Conditional.
        Cho = 0,
        /// With both cells at once.
        Daps = 1,
    }
}

sequence! {
    /// Addition of Release 16.5.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RlfV1650 {
        /// Which beams of channel state information were watched.
        may csi_rs_watched: [u8; 12] as Same,
    }
}

sequence! {
    /// Additions of Release 17.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RlfR17 {
        /// What the last handover was.
        may last_handover: HandoverType as Same,
        /// Until the source failed, 100 ms.
        may time_source_failure_100ms: u16 as Int<0, 1023>,
        /// Since the conditional handover was configured, 100 ms.
        may time_since_cho_100ms: u16 as Int<0, 1023>,
        /// The cell of a conditional handover after the failure.
        may cho_cell: NrCellId as Same,
        /// Its candidates.
        may cho_candidates: Vec<NrCellId> as List<Same, 1, 8>,
    }
}

sequence! {
    /// nr-RLF-Report-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NrRlfReport {
        /// Results of the last serving cell.
        must last_serving: LastServing as Same,
        /// Neighbours.
        may neighbours: FailureNeighbours as Same,
        /// Identity of the phone in the failed cell.
        must c_rnti: u16 as Int<0, 0xFFFF>,
        /// The cell before the last handover.
        may previous_cell: GlobalCell as Same,
        /// The cell that failed, or the target of the handover that failed.
        must failed_cell: AnyCell as Same,
        /// Where the phone came back.
        may reconnect_cell: GlobalCell as Same,
        /// Seconds until it came back, 0..172800.
        may time_until_reconnection_s: u32 as Int<0, 172_800>,
        /// Where it tried to come back.
        may reestablishment_cell: Ncgi as Same,
        /// Since the last handover began, 100 ms, 0..1023; 1023 is that or longer.
        may time_conn_failure_100ms: u16 as Int<0, 1023>,
        /// Seconds since the failure, 0..172800.
        must time_since_failure_s: u32 as Int<0, 172_800>,
        /// Radio link or handover.
        must failure_type: ConnectionFailureType as Same,
        /// Why.
        must cause: RlfCause as Same,
        /// Where the phone was.
        may location: LocationInfo as Same,
        /// No suitable cell was found.
        flag no_suitable_cell,
        /// How random access went.
        may access: RandomAccess as Same,
    }
    extensible {
        /// Release 16.5.
        v1650: RlfV1650 as Same,
        /// Release 17.
        r17: RlfR17 as Same,
        /// Release 18; octets as they came.
        r18: Vec<u8> as Raw,
    }
}

sequence! {
    /// eutra-RLF-Report-r16: the report was made in LTE.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EutraRlfReport {
        /// The cell that failed.
        must failed_cell: EutraLoggedCell as Same,
        /// An RLF-Report-r9 of TS 36.331.
        must report: Vec<u8> as OctetString,
    }
    extensible {
        /// Release 16.9; octets as they came.
        v1690: Vec<u8> as Raw,
    }
}

choice! {
    /// RLF-Report-r16: the latest radio link or handover failure.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum RlfReport {
        /// In NR.
        Nr(Box<NrRlfReport> as Same) = 0,
        /// In LTE.
        Eutra(EutraRlfReport as Same) = 1,
    }
}

sequence! {
    /// ConnEstFailReport-r16: a connection that did not come about.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ConnEstFailReport {
        /// The cell that did not answer.
        must failed_cell: Ncgi as Same,
        /// Its results.
        must failed: Quantities as Same,
        /// Its beams, 1..64.
        must beams: Vec<SsbResult> as List<Same, 1, 64>,
        /// Where the phone was.
        may location: LocationInfo as Same,
        /// Neighbours.
        must neighbours: FailureNeighbours as Same,
        /// How often in a row, 1..8.
        must failures: u8 as Int<1, 8>,
        /// Attempts beam by beam, 1..200.
        must attempts: Vec<BeamAttempts> as List<Same, 1, 200>,
        /// Seconds since the failure, 0..172800.
        must time_since_failure_s: u32 as Int<0, 172_800>,
    }
    extensible {}
}

alone!(RlfReport ConnEstFailReport);
