//! Reports of failures (crate `mdt_log`, [`Kind::RadioLinkFailure`] and [`Kind::ConnectionFailure`]) as what a network learns from them. The
//! C-RNTI, by which a base station knew the phone, is not read out; neither are beams, velocities and what was heard of third parties.

use super::columns::{NO_UNCERTAINTY, Place};
use super::radio::ConnectionFailureType;
use super::{NONE_COORDINATE, Plmn, Rat, UperError, hidden, lte, nr};
use lcs::gad::Shape;
use mdt_log::entry::Results;
use mdt_log::failure::Failure;
use mdt_log::machine::CellId;
use mdt_log::{Content, Kind};

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// A radio link (TS 38.331 clause 5.3.10.5).
    RadioLink,
    /// A handover.
    Handover,
    /// Establishing or resuming a connection (TS 38.331 clause 5.3.3.7).
    Connection,
}

impl FailureKind {
    /// All of them, with their words.
    pub const WORDS: [(Self, &'static str); 3] =
        [(Self::RadioLink, "RLF"), (Self::Handover, "HOF"), (Self::Connection, "CEF")];
}

/// rlf-Cause of LTE and NR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureCause {
    /// T310 ran out.
    T310Expiry,
    /// Random access failed.
    RandomAccessProblem,
    /// Too many retransmissions.
    RlcMaxNumRetx,
    /// T312 ran out.
    T312Expiry,
    /// No beam was found again.
    BeamFailureRecoveryFailure,
    /// The channel was never free.
    LbtFailure,
    /// Backhaul failed.
    BhRlfRecoveryFailure,
}

impl FailureCause {
    /// All of them, with the standard's words.
    pub const WORDS: [(Self, &'static str); 7] = [
        (Self::T310Expiry, "t310-Expiry"),
        (Self::RandomAccessProblem, "randomAccessProblem"),
        (Self::RlcMaxNumRetx, "rlc-MaxNumRetx"),
        (Self::T312Expiry, "t312-Expiry"),
        (Self::BeamFailureRecoveryFailure, "beamFailureRecoveryFailure"),
        (Self::LbtFailure, "lbtFailure"),
        (Self::BhRlfRecoveryFailure, "bh-RlfRecoveryFailure"),
    ];
}

/// A cell by its global identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NamedCell {
    /// Network.
    pub network: Plmn,
    /// Identity: 28 bits of LTE, 36 of NR.
    pub cell: u64,
    /// Tracking area code.
    pub tracking_area: Option<u32>,
}

/// A report of a failure. `Debug` tells nothing: it is where somebody was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FailureRecord {
    /// What failed.
    pub kind: FailureKind,
    /// Why, of a radio link alone.
    pub cause: Option<FailureCause>,
    /// Technology of the cell that failed.
    pub rat: Rat,
    /// Seconds from the failure to the report, 0..172800.
    pub since_s: Option<u32>,
    /// Latitude and longitude, steps of 90/2^23 and 360/2^24 degrees.
    pub position: Option<(i32, i32)>,
    /// Code K of a circle that holds the position (TS 23.032 clause 6.2).
    pub uncertainty: Option<u8>,
    /// The cell that failed or never answered, or the target of the handover that failed.
    pub failed: Option<NamedCell>,
    /// The same cell by its carrier, where it is not named.
    pub carrier: Option<u32>,
    /// And its physical identity.
    pub pci: Option<u16>,
    /// RSRP, RSRQ and SINR of the last serving cell or the one that never answered, indices.
    pub results: [Option<i8>; 3],
    /// The cell before the last handover.
    pub previous: Option<NamedCell>,
    /// Where the phone tried to come back at once.
    pub reestablishment: Option<NamedCell>,
    /// Where it came back.
    pub reconnection: Option<NamedCell>,
    /// Seconds until it came back.
    pub until_reconnection_s: Option<u32>,
    /// From the last handover to the failure, 100 ms, 0..1023; 1023 is that or longer.
    pub since_handover_100ms: Option<u16>,
    /// Preambles sent in vain, of a connection in LTE.
    pub preambles: Option<u8>,
    /// Attempts in a row, of a connection in NR.
    pub failures: Option<u8>,
    /// [`FailureRecord::NO_SUITABLE_CELL`] and the others.
    pub flags: u8,
}

hidden!(FailureRecord);

/// A record is no report of a failure in its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FailureError {
    /// An entry of a log, or an encoding that has none.
    #[error("the record is no report of a failure, or its encoding has none")]
    Kind,
    /// The octets are none.
    #[error(transparent)]
    Uper(#[from] UperError),
}

impl FailureRecord {
    /// No suitable cell was found after the failure.
    pub const NO_SUITABLE_CELL: u8 = 1;
    /// Another phone was met in random access.
    pub const CONTENTION: u8 = 2;
    /// The phone could send no louder.
    pub const MAX_POWER: u8 = 4;
    /// There was a position, and it could not be read.
    pub const UNREADABLE_POSITION: u8 = 8;
    /// Bluetooth, WLAN or sensor results were there and are not kept.
    pub const OTHERS_DROPPED: u8 = 16;

    /// Of nothing that is known.
    pub const EMPTY: Self = Self {
        kind: FailureKind::RadioLink,
        cause: None,
        rat: Rat::Lte,
        since_s: None,
        position: None,
        uncertainty: None,
        failed: None,
        carrier: None,
        pci: None,
        results: [None; 3],
        previous: None,
        reestablishment: None,
        reconnection: None,
        until_reconnection_s: None,
        since_handover_100ms: None,
        preambles: None,
        failures: None,
        flags: 0,
    };

    /// Reads the content of a record: `RLF-Report-r9`, `ConnEstFailReport-r11`, `RLF-Report-r16`, `ConnEstFailReport-r16`, or a
    /// [`Failure`] in CBOR.
    ///
    /// # Errors
    /// It is none of them.
    pub fn read(kind: Kind, content: Content, octets: &[u8]) -> Result<Self, FailureError> {
        match (kind, content) {
            (Kind::RadioLinkFailure, Content::EutraUper) => Ok(of_lte_rlf(&lte::RlfReport::decode(octets)?)),
            (Kind::ConnectionFailure, Content::EutraUper) => {
                Ok(of_lte_connection(&lte::ConnEstFailReport::decode(octets)?))
            }
            (Kind::RadioLinkFailure, Content::NrUper) => Ok(of_any_rlf(&nr::RlfReport::decode(octets)?)?),
            (Kind::ConnectionFailure, Content::NrUper) => Ok(of_nr_connection(&nr::ConnEstFailReport::decode(octets)?)),
            (Kind::RadioLinkFailure | Kind::ConnectionFailure, Content::Cbor) => {
                Failure::decode(octets).and_then(|failure| of_cbor(kind, &failure)).ok_or(FailureError::Kind)
            }
            _ => Err(FailureError::Kind),
        }
    }

    /// Failures that a response of LTE reports: of a radio link or handover, of a connection.
    pub(crate) fn of_lte<Log>(read: &lte::UeInformationResponse<Log>) -> [Option<Self>; 2] {
        [read.rlf.as_ref().map(of_lte_rlf), read.conn_est_fail.as_ref().map(of_lte_connection)]
    }

    /// The same of NR. Errors: the report of LTE inside is none.
    pub(crate) fn of_nr<Log>(read: &nr::UeInformationResponse<Log>) -> Result<[Option<Self>; 2], UperError> {
        Ok([read.rlf.as_ref().map(of_any_rlf).transpose()?, read.conn_est_fail.as_ref().map(of_nr_connection)])
    }

    /// The network of the cell that failed; where that is not named, of the first cell that is.
    #[must_use]
    pub fn network(&self) -> Option<Plmn> {
        let named = [self.failed, self.previous, self.reestablishment, self.reconnection];
        named.into_iter().flatten().next().map(|cell| cell.network)
    }

    /// Without its position.
    #[must_use]
    pub fn without_position(self) -> Self {
        Self { position: None, uncertainty: None, ..self }
    }

    fn locate<E>(&mut self, shape: Option<Result<Shape, E>>) {
        match shape {
            None => {}
            Some(Err(_)) => self.flags |= Self::UNREADABLE_POSITION,
            Some(Ok(shape)) => {
                let place = Place::of_shape(&shape);
                let known = place.latitude != NONE_COORDINATE && place.longitude != NONE_COORDINATE;
                self.position = known.then_some((place.latitude, place.longitude));
                self.uncertainty = Some(place.uncertainty).filter(|code| known && *code != NO_UNCERTAINTY);
            }
        }
    }

    fn flag(&mut self, flag: u8, is_set: bool) {
        self.flags |= if is_set { flag } else { 0 };
    }
}

fn ecgi(cell: lte::Ecgi, tracking_area: Option<u32>) -> NamedCell {
    NamedCell { network: cell.plmn, cell: cell.cell.into(), tracking_area }
}

fn ncgi(cell: nr::Ncgi) -> NamedCell {
    NamedCell { network: cell.plmn, cell: cell.cell, tracking_area: cell.tac }
}

/// An LTE cell as NR reports it, by EPC if it is in both cores.
fn eutra(cell: &nr::EutraLoggedCell) -> Option<NamedCell> {
    let epc = cell.plmn_epc.zip(cell.cell_epc).map(|(plmn, id)| (plmn, id, cell.tac_epc.map(u32::from)));
    let (network, id, tracking_area) = epc.or(cell.plmn_5gc.zip(cell.cell_5gc).map(|(p, id)| (p, id, cell.tac_5gc)))?;
    Some(NamedCell { network, cell: id.into(), tracking_area })
}

fn global(cell: &nr::GlobalCell) -> Option<NamedCell> {
    match cell {
        nr::GlobalCell::Nr(cell) => Some(ncgi(*cell)),
        nr::GlobalCell::Eutra(cell) => eutra(cell),
    }
}

fn of_lte_rlf(report: &lte::RlfReport) -> FailureRecord {
    let last = report.last_serving;
    let (r10, r11) = (report.r10.as_ref(), report.r11.as_ref());
    let (v1250, r16) = (report.v1250.as_ref(), report.r16.as_ref());
    let basic = r11.and_then(|r11| r11.basic);
    let handover = r10.and_then(|r10| r10.failure_type) == Some(ConnectionFailureType::Hof);
    let mut record = FailureRecord {
        kind: if handover { FailureKind::Handover } else { FailureKind::RadioLink },
        cause: basic.filter(|_| !handover).map(|basic| lte_cause(basic.cause)),
        since_s: basic.map(|basic| basic.time_since_failure_s),
        results: [
            Some(report.v1360.as_ref().and_then(|v1360| v1360.rsrp).unwrap_or(last.rsrp)),
            v1250.and_then(|v1250| v1250.rsrq).or(last.rsrq),
            None,
        ],
        previous: r10.and_then(|r10| r10.previous_cell).map(|cell| ecgi(cell, None)),
        reestablishment: r10.and_then(|r10| r10.reestablishment_cell).map(|cell| ecgi(cell, None)),
        since_handover_100ms: r10.and_then(|r10| r10.time_conn_failure_100ms),
        until_reconnection_s: r16.and_then(|r16| r16.time_until_reconnection_s),
        ..FailureRecord::EMPTY
    };
    match r10.and_then(|r10| r10.failed_cell) {
        Some(lte::FailedCell::Global(cell)) => {
            let area = v1250.and_then(|v1250| v1250.failed_cell).map(|cell| cell.tac.into());
            record.failed = Some(ecgi(cell, area));
        }
        Some(lte::FailedCell::Physical(cell)) => {
            let beyond = report.v1090.as_ref().and_then(|v1090| v1090.failed_cell).map(|cell| cell.earfcn);
            (record.carrier, record.pci) = (Some(beyond.unwrap_or(cell.earfcn)), Some(cell.pci));
        }
        None => {}
    }
    record.reconnection = r16.and_then(|r16| r16.reconnect).map(|cell| match cell {
        lte::ReconnectCell::Nr(cell) => NamedCell { network: cell.plmn, cell: cell.cell, tracking_area: cell.tac },
        lte::ReconnectCell::Eutra(cell) => ecgi(cell.cell, cell.tac_epc.map(u32::from).or(cell.tac_5gc)),
    });
    record.locate(r10.and_then(|r10| r10.location.as_ref()).map(|location| location.coordinates.shape()));
    let heard = report.r15.as_ref().is_some_and(|r15| r15.bluetooth.is_some() || r15.wlan.is_some());
    record.flag(FailureRecord::OTHERS_DROPPED, heard);
    record
}

fn lte_cause(cause: lte::RlfCause) -> FailureCause {
    match cause {
        lte::RlfCause::T310Expiry => FailureCause::T310Expiry,
        lte::RlfCause::RandomAccessProblem => FailureCause::RandomAccessProblem,
        lte::RlfCause::RlcMaxNumRetx => FailureCause::RlcMaxNumRetx,
        lte::RlfCause::T312Expiry => FailureCause::T312Expiry,
    }
}

fn of_lte_connection(report: &lte::ConnEstFailReport) -> FailureRecord {
    let mut record = FailureRecord {
        kind: FailureKind::Connection,
        since_s: Some(report.time_since_failure_s),
        failed: Some(ecgi(report.failed_cell, None)),
        results: [
            Some(report.v1360.as_ref().and_then(|v1360| v1360.rsrp).unwrap_or(report.failed.rsrp)),
            report.v1250.as_ref().and_then(|v1250| v1250.rsrq).or(report.failed.rsrq),
            None,
        ],
        preambles: Some(report.preambles_sent),
        ..FailureRecord::EMPTY
    };
    record.locate(report.location.as_ref().map(|location| location.coordinates.shape()));
    record.flag(FailureRecord::CONTENTION, report.contention_detected);
    record.flag(FailureRecord::MAX_POWER, report.max_tx_power_reached);
    let heard = report.r15.as_ref().is_some_and(|r15| r15.bluetooth.is_some() || r15.wlan.is_some());
    record.flag(FailureRecord::OTHERS_DROPPED, heard);
    record
}

/// A failure in CBOR, of LTE or NR.
fn of_cbor(kind: Kind, failure: &Failure) -> Option<FailureRecord> {
    let (rat, cells, areas) = match failure.rat {
        mdt_log::Rat::Eutra => (Rat::Lte, 1 << 28, 1 << 16),
        mdt_log::Rat::Nr => (Rat::Nr, 1_u64 << 36, 1 << 24),
        mdt_log::Rat::Utra => return None,
    };
    let kind = match (kind, failure.handover) {
        (Kind::RadioLinkFailure, false) => FailureKind::RadioLink,
        (Kind::RadioLinkFailure, true) => FailureKind::Handover,
        (Kind::ConnectionFailure, false) => FailureKind::Connection,
        _ => return None,
    };
    let named = |cell: Option<CellId>, tracking_area| match cell {
        None => Some(None),
        Some(CellId { cell, .. }) if cell >= cells => None,
        Some(CellId { plmn, cell }) => Some(Some(NamedCell { network: Plmn::from_octets(plmn)?, cell, tracking_area })),
    };
    let Results { rsrp, rsrq, sinr } = failure.results;
    let index = |value: Option<u8>| value.and_then(|value| i8::try_from(value).ok());
    let mut record = FailureRecord {
        kind,
        rat,
        since_s: Some(failure.since_s),
        failed: named(failure.failed, failure.tracking_area.filter(|area| *area < areas))?,
        results: [index(rsrp), index(rsrq), index(sinr)],
        previous: named(failure.previous, None)?,
        reestablishment: named(failure.reestablishment, None)?,
        ..FailureRecord::EMPTY
    };
    record.locate(failure.location.as_deref().map(Shape::decode));
    Some(record)
}

fn indices(results: nr::Quantities) -> [Option<i8>; 3] {
    [results.rsrp, results.rsrq, results.sinr]
}

fn nr_location(record: &mut FailureRecord, location: Option<&nr::LocationInfo>) {
    let Some(location) = location else { return };
    record.locate(location.common.as_ref().and_then(|common| common.shape().transpose()));
    let heard = location.bluetooth.is_some() || location.wlan.is_some() || location.sensor.is_some();
    record.flag(FailureRecord::OTHERS_DROPPED, heard);
}

fn of_nr_rlf(report: &nr::NrRlfReport) -> FailureRecord {
    let handover = report.failure_type == ConnectionFailureType::Hof;
    let results = report.last_serving.cell.ssb.or(report.last_serving.cell.csi_rs).unwrap_or_default();
    let mut record = FailureRecord {
        kind: if handover { FailureKind::Handover } else { FailureKind::RadioLink },
        cause: if handover { None } else { nr_cause(report.cause) },
        rat: Rat::Nr,
        since_s: Some(report.time_since_failure_s),
        results: indices(results),
        previous: report.previous_cell.as_ref().and_then(global),
        reestablishment: report.reestablishment_cell.map(ncgi),
        reconnection: report.reconnect_cell.as_ref().and_then(global),
        until_reconnection_s: report.time_until_reconnection_s,
        since_handover_100ms: report.time_conn_failure_100ms,
        ..FailureRecord::EMPTY
    };
    match &report.failed_cell {
        nr::AnyCell::Nr(nr::NrCellId::Global(cell)) => record.failed = Some(ncgi(*cell)),
        nr::AnyCell::Nr(nr::NrCellId::Physical(cell)) => {
            (record.carrier, record.pci) = (Some(cell.arfcn), Some(cell.pci));
        }
        nr::AnyCell::Eutra(nr::EutraCellId::Global(cell)) => record.failed = eutra(cell),
        nr::AnyCell::Eutra(nr::EutraCellId::Physical(cell)) => {
            (record.carrier, record.pci) = (Some(cell.earfcn), Some(cell.pci));
        }
    }
    nr_location(&mut record, report.location.as_ref());
    record.flag(FailureRecord::NO_SUITABLE_CELL, report.no_suitable_cell);
    record
}

/// A failure in NR, or one in LTE that NR is told of.
fn of_any_rlf(report: &nr::RlfReport) -> Result<FailureRecord, UperError> {
    match report {
        nr::RlfReport::Nr(report) => Ok(of_nr_rlf(report)),
        nr::RlfReport::Eutra(inside) => {
            let mut record = of_lte_rlf(&lte::RlfReport::decode(&inside.report)?);
            record.failed = eutra(&inside.failed_cell).or(record.failed);
            Ok(record)
        }
    }
}

fn nr_cause(cause: nr::RlfCause) -> Option<FailureCause> {
    Some(match cause {
        nr::RlfCause::T310Expiry => FailureCause::T310Expiry,
        nr::RlfCause::RandomAccessProblem => FailureCause::RandomAccessProblem,
        nr::RlfCause::RlcMaxNumRetx => FailureCause::RlcMaxNumRetx,
        nr::RlfCause::BeamFailureRecoveryFailure => FailureCause::BeamFailureRecoveryFailure,
        nr::RlfCause::LbtFailure => FailureCause::LbtFailure,
        nr::RlfCause::BhRlfRecoveryFailure => FailureCause::BhRlfRecoveryFailure,
        nr::RlfCause::T312Expiry => FailureCause::T312Expiry,
        nr::RlfCause::Spare => return None,
    })
}

fn of_nr_connection(report: &nr::ConnEstFailReport) -> FailureRecord {
    let mut record = FailureRecord {
        kind: FailureKind::Connection,
        rat: Rat::Nr,
        since_s: Some(report.time_since_failure_s),
        failed: Some(ncgi(report.failed_cell)),
        results: indices(report.failed),
        failures: Some(report.failures),
        ..FailureRecord::EMPTY
    };
    nr_location(&mut record, report.location.as_ref());
    record
}

#[cfg(test)]
mod tests;
