//! What a phone writes down: entries and reports of failures in UPER, as its modem would give them (TS 36.331 and TS 38.331 clause 6.2.2).

use super::configuration::{plmn_octets, plmn_of};
use crate::ran::{Cell, Failure, Heard, Ran, Survey, Technology};
use lcs::gad::{GadError, Latitude, Longitude, Point, Position, Shape, Uncertainty};
use mdt::rrc::{UperError, lte, nr};
use mdt_log::entry::{Entry, Measurement, Neighbour, Results, Serving};
use mdt_log::machine::CellId;

/// Uncertainty of a fix, metres.
const FIX_M: f64 = 10.0;
/// What a phone is called in the cell that failed: the lab has no such names.
const C_RNTI: u16 = 0x3D;

/// Why a measurement could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// No value of the codec.
    #[error("a measurement cannot be written: {0}")]
    Uper(#[from] UperError),
    /// A place that no shape can tell.
    #[error("a place cannot be told: {0}")]
    Place(#[from] GadError),
    /// A cell outside of what the technology names.
    #[error("a cell is none of the technology")]
    Cell,
}

/// Name of a cell in the log.
pub(super) fn cell_id(cell: &Cell) -> CellId {
    CellId { plmn: plmn_octets(cell.plmn), cell: cell.cell }
}

/// Indices as the technology reports them.
pub(super) fn results(technology: Technology, heard: &Heard) -> Results {
    let of = |index: i8| u8::try_from(index).ok();
    match technology {
        Technology::Lte => {
            let (rsrp, rsrq) = heard.lte();
            Results { rsrp: of(rsrp), rsrq: of(rsrq), sinr: None }
        }
        Technology::Nr => {
            let (rsrp, rsrq, sinr) = heard.nr();
            Results { rsrp: of(rsrp), rsrq: of(rsrq), sinr: of(sinr) }
        }
    }
}

/// A fix, as a circle of TS 23.032.
pub(super) fn fix(place: Position) -> Result<Shape, GadError> {
    let point =
        Point { latitude: Latitude::from_degrees(place.lat_deg)?, longitude: Longitude::from_degrees(place.lon_deg)? };
    Ok(Shape::Circle(point, Uncertainty::for_result(FIX_M)?))
}

/// What the modem measures while `serving` serves; `located` is the last fix and when it was made, ms.
pub(super) fn measure(
    ran: &Ran,
    survey: &Survey,
    serving: Option<usize>,
    located: Option<(Position, u64)>,
) -> Result<Measurement, GadError> {
    let of = |at: usize| ran.cells().get(at);
    let technology = ran.technology();
    let neighbour = |heard: &Heard| {
        let cell = of(heard.at)?;
        Some(Neighbour { arfcn: cell.arfcn, pci: cell.pci, same_rat: true, results: results(technology, heard) })
    };
    let served = serving.and_then(|at| Some((of(at)?, survey.of(at).copied().unwrap_or(Heard::nothing(at)))));
    Ok(Measurement {
        serving: served.map(|(cell, heard)| (cell_id(cell), results(technology, &heard))),
        serving_arfcn: served.map_or(0, |(cell, _)| cell.arfcn),
        neighbours: survey.neighbours(serving).filter_map(neighbour).collect(),
        location: located.map(|(place, at_ms)| Ok::<_, GadError>((fix(place)?.encode(), at_ms))).transpose()?,
    })
}

fn ecgi(cell: &CellId) -> Result<lte::Ecgi, WriteError> {
    let plmn = plmn_of(cell.plmn).ok_or(WriteError::Cell)?;
    Ok(lte::Ecgi { plmn, cell: u32::try_from(cell.cell).map_err(|_| WriteError::Cell)? })
}

fn index(value: Option<u8>) -> i8 {
    value.and_then(|value| i8::try_from(value).ok()).unwrap_or_default()
}

/// An entry on its own, as the technology has it.
pub(super) fn entry(
    technology: Technology,
    ran: &Ran,
    of: &Entry,
    last: Option<Serving>,
) -> Result<Vec<u8>, WriteError> {
    match technology {
        Technology::Lte => lte_entry(of, last),
        Technology::Nr => nr_entry(ran, of),
    }
}

/// An entry on its own, LogMeasInfo-r16. NR need not name a serving cell.
fn nr_entry(ran: &Ran, entry: &Entry) -> Result<Vec<u8>, WriteError> {
    let quantities = |of: Results| nr::Quantities {
        rsrp: of.rsrp.and_then(|value| i8::try_from(value).ok()),
        rsrq: of.rsrq.and_then(|value| i8::try_from(value).ok()),
        sinr: of.sinr.and_then(|value| i8::try_from(value).ok()),
    };
    let mut written = nr::LogMeasInfo { relative_time_s: entry.relative_s, ..nr::LogMeasInfo::default() };
    if let Some(serving) = entry.serving {
        let plmn = plmn_of(serving.cell.plmn).ok_or(WriteError::Cell)?;
        let tac = ran.cells().iter().find(|of| cell_id(of) == serving.cell).map(|of| of.tac);
        written.serving_cell = Some(nr::Ncgi { plmn, cell: serving.cell.cell, tac });
        written.serving = Some(nr::ServingResult { cell: quantities(serving.results), beam: None });
    }
    if let Some(octets) = &entry.location {
        written.location = Some(nr::LocationInfo::at(&Shape::decode(octets)?)?);
    }
    let mut carriers: Vec<nr::LoggedCarrier> = Vec::new();
    for of in &entry.neighbours {
        let cell = nr::LoggedCell { pci: of.pci, result: quantities(of.results), good_beams: None };
        match carriers.iter_mut().find(|carrier| carrier.arfcn == of.arfcn) {
            Some(carrier) => carrier.cells.push(cell),
            None => carriers.push(nr::LoggedCarrier { arfcn: of.arfcn, cells: vec![cell] }),
        }
    }
    carriers.truncate(8);
    written.neighbours.nr = (!carriers.is_empty()).then_some(carriers);
    written.any_cell = entry.any_cell_selection;
    Ok(written.encode()?)
}

/// An entry on its own, LogMeasInfo-r10. LTE names a serving cell in each: without one it is `last`, the last that the phone camped on.
fn lte_entry(entry: &Entry, last: Option<Serving>) -> Result<Vec<u8>, WriteError> {
    let serving = entry.serving.or(last).ok_or(WriteError::Cell)?;
    let result = lte::ServingResult { rsrp: index(serving.results.rsrp), rsrq: index(serving.results.rsrq) };
    let mut written = lte::LogMeasInfo::new(entry.relative_s, ecgi(&serving.cell)?, result);
    if let Some(octets) = &entry.location {
        written.location = Some(lte::LocationInfo::at(&Shape::decode(octets)?)?);
    }
    let eutra = carriers(entry.neighbours.iter().map(|of| (of.arfcn, of.pci, of.results)));
    written.neighbours = eutra.map(|eutra| lte::Neighbours { eutra: Some(eutra), ..lte::Neighbours::default() });
    written.any_cell = entry.any_cell_selection.then_some(lte::EntryAnyCell { detected: true });
    Ok(written.encode()?)
}

/// Neighbours by carrier, in the order in which they come; eight of each at most.
fn carriers(neighbours: impl Iterator<Item = (u32, u16, Results)>) -> Option<Vec<lte::EutraCarrier>> {
    let mut carriers: Vec<lte::EutraCarrier> = Vec::new();
    for (earfcn, pci, results) in neighbours {
        let result = lte::EutraResult {
            rsrp: Some(index(results.rsrp)),
            rsrq: Some(index(results.rsrq)),
            ..lte::EutraResult::default()
        };
        let cell = lte::EutraCell { pci, cgi: None, result };
        match carriers.iter_mut().find(|carrier| carrier.earfcn == earfcn) {
            Some(carrier) if carrier.cells.len() < 8 => carrier.cells.push(cell),
            Some(_) => {}
            None => carriers.push(lte::EutraCarrier { earfcn, cells: vec![cell] }),
        }
    }
    carriers.truncate(8);
    (!carriers.is_empty()).then_some(carriers)
}

/// A report of a failure on its own, RLF-Report-r9 of a network of LTE, written when the phone is back or has given up.
pub(super) fn failure(ran: &Ran, failure: &Failure, place: Option<Position>) -> Result<Vec<u8>, WriteError> {
    let of = |at: usize| ran.cells().get(at).ok_or(WriteError::Cell);
    let named = |at: usize| {
        Ok::<_, WriteError>(lte::Ecgi {
            plmn: of(at)?.plmn,
            cell: u32::try_from(of(at)?.cell).map_err(|_| WriteError::Cell)?,
        })
    };
    let last = results(Technology::Lte, &failure.last);
    let neighbours = failure.neighbours.iter().filter_map(|heard| {
        let cell = ran.cells().get(heard.at)?;
        Some((cell.arfcn, cell.pci, results(Technology::Lte, heard)))
    });
    let eutra = carriers(neighbours);
    let link = failure.kind == lte::ConnectionFailureType::Rlf;
    let report = lte::RlfReport {
        neighbours: eutra
            .map(|eutra| lte::FailureNeighbours { eutra: Some(eutra), ..lte::FailureNeighbours::default() }),
        r10: Some(lte::RlfR10 {
            location: place.map(|place| Ok::<_, WriteError>(lte::LocationInfo::at(&fix(place)?)?)).transpose()?,
            failed_cell: Some(lte::FailedCell::Global(named(failure.failed)?)),
            reestablishment_cell: failure.reestablished.map(named).transpose()?,
            time_conn_failure_100ms: failure.since_handover_100ms,
            failure_type: Some(failure.kind),
            previous_cell: failure.previous.map(named).transpose()?,
        }),
        // Of a handover that failed there is no cause (TS 36.331 clause 5.3.5.6).
        r11: link.then_some(lte::RlfR11 {
            basic: Some(lte::RlfBasic { c_rnti: C_RNTI, cause: lte::RlfCause::T310Expiry, time_since_failure_s: 0 }),
            previous_utra: None,
            selected_utra: None,
        }),
        ..lte::RlfReport::new(lte::FailedResult { rsrp: index(last.rsrp), rsrq: Some(index(last.rsrq)) })
    };
    Ok(report.encode()?)
}
