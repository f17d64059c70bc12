//! Structures of C as values of the log, and back. A number that means nothing is refused.

use super::Inside;
use super::border::{optional, values};
use super::types::*;
use crate::phone::{Settings, fits};
use crate::refusal::Refusal;
use alloc::vec::Vec;
use mdt_log::entry::{MAX_LOCATION, Measurement, Neighbour, Results};
use mdt_log::log::{Part, Profile};
use mdt_log::machine::{Area, Camping, CellId, Configuration, Event, Phase, Radio, Trigger};
use mdt_log::{BootId, Content, JobReference, Rat, Request};

/// # Safety
/// Its pointers have as many octets as it says.
pub(super) unsafe fn settings(start: &MdtStart) -> Result<Settings, Refusal> {
    let octets = start.roots_count.checked_mul(32).ok_or(Refusal::Argument)?;
    // SAFETY: the caller's promise.
    let roots = unsafe { values(start.roots, octets) }?;
    // SAFETY: the caller's promise.
    let key_list = unsafe { values(start.key_list, start.key_list_octets) }?;
    Ok(Settings {
        profile: match start.profile {
            MDT_PROFILE_STANDARD => Profile::STANDARD,
            MDT_PROFILE_REDUCED => Profile::REDUCED,
            _ => return Err(Refusal::Argument),
        },
        boot: BootId(start.boot),
        roots: roots.as_chunks::<32>().0.to_vec(),
        key_list: key_list.to_vec(),
        key_list_version: start.key_list_version,
    })
}

/// # Safety
/// Its pointers have as many values as it says.
pub(super) unsafe fn configuration(given: &MdtConfiguration) -> Result<Configuration, Refusal> {
    // SAFETY: the caller's promise.
    let trace_reference = unsafe { values(given.trace_reference, given.trace_reference_octets) }?;
    // SAFETY: the caller's promise.
    let consent = unsafe { values(given.consent, given.consent_octets) }?;
    // SAFETY: the caller's promise.
    let cells = unsafe { values(given.cells, given.cells_count) }?;
    // SAFETY: the caller's promise.
    let areas = unsafe { values(given.tracking_areas, given.tracking_areas_count) }?;
    let plmns = given.plmns_count.checked_mul(3).ok_or(Refusal::Argument)?;
    // SAFETY: the caller's promise.
    let plmns = unsafe { values(given.plmns, plmns) }?;
    fits(trace_reference, consent)?;
    Ok(Configuration {
        job: JobReference {
            trace_reference: trace_reference.to_vec(),
            recording_session: given.recording_session,
            tce_id: given.tce_id,
            rat: rat(given.rat)?,
            absolute_time: given.absolute_time,
            interval_ms: given.interval_ms,
            duration_s: given.duration_s,
        },
        content: content(given.content)?,
        consent: consent.to_vec(),
        trigger: match given.trigger {
            MDT_TRIGGER_PERIODICAL => Trigger::Periodical,
            MDT_TRIGGER_OUT_OF_COVERAGE => Trigger::OutOfCoverage,
            MDT_TRIGGER_EVENT_L1 => Trigger::EventL1 {
                threshold_half: given.threshold_half,
                hysteresis_half: given.hysteresis_half,
                time_to_trigger_ms: given.time_to_trigger_ms,
            },
            _ => return Err(Refusal::Argument),
        },
        area: match (cells, areas) {
            ([], []) => Area::Any,
            (cells, []) => Area::Cells(cells.iter().map(cell).collect()),
            ([], areas) => Area::TrackingAreas(areas.to_vec()),
            _ => return Err(Refusal::Argument),
        },
        plmns: plmns.as_chunks::<3>().0.iter().map(|plmn| (*plmn).into()).collect(),
    })
}

/// # Safety
/// Its pointers are null or point to what it says.
pub(super) unsafe fn radio(given: &MdtRadio) -> Result<Radio, Refusal> {
    // SAFETY: the caller's promise.
    let rplmn = unsafe { optional(given.rplmn.cast::<[u8; 3]>()) }?;
    // SAFETY: the caller's promise.
    let serving = unsafe { optional(given.cell) }?;
    // SAFETY: the caller's promise.
    let tracking_area = unsafe { optional(given.tracking_area) }?;
    // SAFETY: the caller's promise.
    let quality_half = unsafe { optional(given.quality_half) }?;
    Ok(Radio {
        camping: match given.camping {
            MDT_CAMPING_NORMALLY => Camping::Normally,
            MDT_CAMPING_ANY_CELL_SELECTION => Camping::AnyCellSelection,
            MDT_CAMPING_ON_ANY_CELL => Camping::OnAnyCell,
            MDT_CAMPING_CONNECTED => Camping::Connected,
            _ => return Err(Refusal::Argument),
        },
        rat: rat(given.rat)?,
        rplmn: rplmn.copied(),
        cell: serving.map(cell),
        tracking_area: tracking_area.copied(),
        quality_half: quality_half.copied(),
    })
}

/// # Safety
/// Its pointers are null or have as many values as it says.
pub(super) unsafe fn measurement(given: &MdtMeasurement) -> Result<Measurement, Refusal> {
    // SAFETY: the caller's promise.
    let serving = unsafe { optional(given.serving) }?;
    // SAFETY: the caller's promise.
    let neighbours = unsafe { values(given.neighbours, given.neighbours_count) }?;
    // SAFETY: the caller's promise.
    let location = unsafe { values(given.location, given.location_octets) }?;
    if location.len() > MAX_LOCATION {
        return Err(Refusal::Argument);
    }
    let neighbour = |given: &MdtNeighbour| {
        Ok(Neighbour {
            arfcn: given.arfcn,
            pci: given.pci,
            same_rat: given.same_rat != 0,
            results: results(given.results)?,
        })
    };
    let serving_results = results(given.serving_results)?;
    Ok(Measurement {
        serving: serving.map(|serving| (cell(serving), serving_results)),
        serving_arfcn: given.serving_arfcn,
        neighbours: neighbours.iter().map(neighbour).collect::<Result<Vec<_>, Refusal>>()?,
        location: (!location.is_empty()).then(|| (location.to_vec(), given.location_ms)),
    })
}

pub(super) fn event(number: u32) -> Result<Event, Refusal> {
    Ok(match number {
        MDT_EVENT_CONFIGURED_ELSEWHERE => Event::ConfiguredElsewhere,
        MDT_EVENT_POWER_OFF => Event::PowerOff,
        MDT_EVENT_DETACH => Event::Detach,
        MDT_EVENT_TICK => Event::Tick,
        MDT_EVENT_CLEAR => Event::Clear,
        MDT_EVENT_OPT_OUT => Event::OptOut,
        MDT_EVENT_OPT_IN => Event::OptIn,
        MDT_EVENT_RESUME => Event::Resume,
        MDT_EVENT_REGISTER_TOLD => Event::RegisterTold,
        _ => return Err(Refusal::Argument),
    })
}

pub(super) fn content(number: u32) -> Result<Content, Refusal> {
    match number {
        MDT_CONTENT_EUTRA_UPER => Ok(Content::EutraUper),
        MDT_CONTENT_NR_UPER => Ok(Content::NrUper),
        MDT_CONTENT_CBOR => Ok(Content::Cbor),
        _ => Err(Refusal::Argument),
    }
}

fn rat(number: u32) -> Result<Rat, Refusal> {
    match number {
        MDT_RAT_EUTRA => Ok(Rat::Eutra),
        MDT_RAT_NR => Ok(Rat::Nr),
        MDT_RAT_UTRA => Ok(Rat::Utra),
        _ => Err(Refusal::Argument),
    }
}

fn cell(given: &MdtCell) -> CellId {
    CellId { plmn: given.plmn, cell: given.cell }
}

fn results(given: MdtResults) -> Result<Results, Refusal> {
    let index = |value: i16| match value {
        MDT_NOT_MEASURED => Ok(None),
        value => u8::try_from(value).map(Some).map_err(|_| Refusal::Argument),
    };
    Ok(Results { rsrp: index(given.rsrp)?, rsrq: index(given.rsrq)?, sinr: index(given.sinr)? })
}

pub(super) fn request(request: Option<Request>) -> MdtRequest {
    let plain = |kind| MdtRequest { kind, relative_s: 0, any_cell_selection: 0 };
    match request {
        None => plain(MDT_REQUEST_NONE),
        Some(Request::Measure { relative_s, any_cell_selection }) => {
            let any_cell_selection = u8::from(any_cell_selection);
            MdtRequest { kind: MDT_REQUEST_MEASURE, relative_s, any_cell_selection }
        }
        Some(Request::RefusedOptedOut) => plain(MDT_REQUEST_REFUSED_OPTED_OUT),
        Some(Request::RefusedUnsound) => plain(MDT_REQUEST_REFUSED_UNSOUND),
        Some(Request::RefusedUnknownCollector) => plain(MDT_REQUEST_REFUSED_UNKNOWN_COLLECTOR),
        Some(Request::TellRegister) => plain(MDT_REQUEST_TELL_REGISTER),
    }
}

pub(super) fn overview(inside: &Inside) -> MdtOverview {
    let seen = inside.overview();
    let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
    MdtOverview {
        phase: match seen.phase {
            Phase::Idle => MDT_PHASE_IDLE,
            Phase::Logging => MDT_PHASE_LOGGING,
            Phase::Kept => MDT_PHASE_KEPT,
            Phase::OptedOut => MDT_PHASE_OPTED_OUT,
        },
        available: u8::from(seen.available),
        undecided: u8::from(inside.undecided()),
        paused_until_ms: seen.paused_until_ms.unwrap_or(MDT_NEVER),
        deadline_ms: inside.deadline_ms().unwrap_or(MDT_NEVER),
        records: seen.status.records,
        octets: seen.status.octets,
        segments: count(seen.status.segments),
        reports: count(seen.status.reports),
    }
}

pub(super) fn piece(part: Option<&Part>) -> MdtPiece {
    part.map_or(MdtPiece { octets: 0, epoch: [0; 16], segment: [0; 16], offset: 0, of: 0 }, |part| MdtPiece {
        octets: part.octets.len(),
        epoch: part.epoch.0,
        segment: part.segment.0,
        offset: part.offset,
        of: part.of,
    })
}
