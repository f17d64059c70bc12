//! The radio network: makes of a job the message that configures a phone, and picks the phones of an area.

use super::{JobOutcome, MdtCore, MdtError, handsets};
use crate::{
    mdt_phone::{plmn_octets, plmn_of},
    network::Shared,
    phones::Phone,
    ran::{Cell, Technology},
};
use diameter::s6a::{AreaScope, MdtConfiguration, TraceData};
use mdt::{
    job::TraceJob,
    rrc::{Plmn, TraceHead, TraceReference, UperError, lte, nr},
};
use std::sync::{Arc, atomic::Ordering};

/// The message for a phone whose subscriber's job came over S6a, and then S1AP in a real network.
pub(super) fn configuration(
    core: &MdtCore,
    shared: &Shared,
    trace: &TraceData<'_>,
    mdt: &MdtConfiguration<'_>,
) -> Result<lte::LoggedMeasurementConfiguration, JobOutcome> {
    let (Some(plmn), [d, e, f]) = (match trace.trace_reference.0 {
        [a, b, c, rest @ ..] => (plmn_of([*a, *b, *c]), <[u8; 3]>::try_from(rest).unwrap_or_default()),
        _ => (None, [0; 3]),
    }) else {
        return Err(JobOutcome::Unsound);
    };
    let collector = core.collectors.iter().find(|(_, address)| *address == trace.trace_collection_entity);
    let tce_id = collector.map(|(id, _)| *id).ok_or(JobOutcome::UnknownCollector)?;
    let at = |value: Option<u32>| value.and_then(|value| usize::try_from(value).ok()).ok_or(JobOutcome::NotLoggedMdt);
    let of = |found: Option<lte::LoggingInterval>| found.ok_or(JobOutcome::NotLoggedMdt);
    let interval = of(lte::LoggingInterval::ALL.get(at(mdt.logging_interval)?).copied())?;
    let duration = lte::LoggingDuration::ALL.get(at(mdt.logging_duration)?).copied().ok_or(JobOutcome::NotLoggedMdt)?;
    let plmns: Option<Vec<Plmn>> = mdt.mdt_allowed_plmn_id.iter().map(|octets| plmn_of(*octets)).collect();
    let plmns = plmns.ok_or(JobOutcome::Unsound)?;
    let (area, tracking_area_plmns) = mdt.area_scope.as_ref().map_or(Ok((None, None)), area)?;
    let session = core.sessions.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let trace_reference = TraceReference { plmn, trace_id: [d, e, f] };
    Ok(lte::LoggedMeasurementConfiguration {
        trace: TraceHead { trace_reference, recording_session: session, tce_id },
        absolute_time: core.absolute_time(shared.phones.clock().now()),
        area,
        duration,
        interval,
        plmns: (!plmns.is_empty()).then_some(plmns),
        tracking_area_plmns,
        mbsfn: None,
        bluetooth: None,
        wlan: None,
        event: None,
        barometer: false,
        signalling_based: true,
    })
}

/// A message that configures a phone, of the technology of its network.
pub(super) enum Told {
    Lte(lte::LoggedMeasurementConfiguration),
    Nr(Box<nr::LoggedMeasurementConfiguration>),
}

impl Told {
    pub(super) fn signalling_based(&self) -> bool {
        match self {
            Self::Lte(told) => told.signalling_based,
            Self::Nr(told) => told.signalling_based,
        }
    }

    pub(super) fn duration_s(&self) -> u16 {
        match self {
            Self::Lte(told) => told.duration.seconds(),
            Self::Nr(told) => told.duration.seconds(),
        }
    }

    /// As it goes over the air.
    pub(super) fn encode(self) -> Result<Vec<u8>, UperError> {
        match self {
            Self::Lte(told) => lte::DlDcch::LoggedMeasurementConfiguration(Box::new(told)).encode(),
            Self::Nr(told) => nr::DlDcch::LoggedMeasurementConfiguration(told).encode(),
        }
    }

    fn plmns(&self) -> Option<&[Plmn]> {
        match self {
            Self::Lte(told) => told.plmns.as_deref(),
            Self::Nr(told) => told.plmns.as_deref(),
        }
    }

    /// Whether a cell is in its area.
    fn covers(&self, cell: &Cell) -> bool {
        match self {
            Self::Lte(told) => told.area.as_ref().is_none_or(|area| match area {
                lte::Area::Cells(cells) => {
                    cells.iter().any(|of| (of.plmn, u64::from(of.cell)) == (cell.plmn, cell.cell))
                }
                lte::Area::TrackingAreas(codes) => codes.iter().any(|code| u32::from(*code) == cell.tac),
            }),
            Self::Nr(told) => told.area.as_ref().is_none_or(|area| match &area.area {
                nr::Area::Cells(cells) => cells.iter().any(|of| (of.plmn, of.cell) == (cell.plmn, cell.cell)),
                nr::Area::TrackingAreaCodes(codes) => codes.contains(&cell.tac),
                nr::Area::TrackingAreas(areas) => areas.contains(&nr::Tai { plmn: cell.plmn, tac: cell.tac }),
            }),
        }
    }
}

type Scope = (Option<lte::Area>, Option<Vec<Plmn>>);

/// Cells, or else tracking areas: RRC has room for one kind.
fn area(scope: &AreaScope<'_>) -> Result<Scope, JobOutcome> {
    let cells = scope.e_utran_cell_global_identity.iter().map(|[a, b, c, d, e, f, g]| {
        let cell = u32::from_be_bytes([*d, *e, *f, *g]);
        (cell <= 0x0FFF_FFFF).then_some(lte::Ecgi { plmn: plmn_of([*a, *b, *c])?, cell })
    });
    let cells = cells.collect::<Option<Vec<_>>>().ok_or(JobOutcome::Unsound)?;
    let areas = scope.tracking_area_identity.iter();
    let areas = areas
        .map(|[a, b, c, d, e]| Some((plmn_of([*a, *b, *c])?, u16::from_be_bytes([*d, *e]))))
        .collect::<Option<Vec<_>>>();
    let areas = areas.ok_or(JobOutcome::Unsound)?;
    match (cells.is_empty(), areas.is_empty()) {
        (false, _) => Ok((Some(lte::Area::Cells(cells)), None)),
        (true, false) => {
            let (plmns, codes) = areas.into_iter().unzip();
            Ok((Some(lte::Area::TrackingAreas(codes)), Some(plmns)))
        }
        (true, true) => Err(JobOutcome::Unsound),
    }
}

/// A job of an area: every phone of the scenario is looked at, and what became of it told by label.
pub(super) async fn area_job(shared: &Arc<Shared>, job: &TraceJob) -> Result<Vec<(String, JobOutcome)>, MdtError> {
    let core = shared.mdt.as_ref().ok_or(MdtError::NoSubscriber)?;
    let mut outcomes = Vec::new();
    for phone in shared.phones.all().filter(|phone| core.handsets.has(&phone.label)) {
        let session = core.sessions.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let now = core.absolute_time(shared.phones.clock().now());
        let told = match core.ran.technology() {
            Technology::Lte => Told::Lte(job.lte_configuration(session, now)?),
            Technology::Nr => Told::Nr(Box::new(job.nr_configuration(session, now)?)),
        };
        let outcome = match phone.registered() {
            None => JobOutcome::NotServed,
            // The MME tells the radio network of each phone whether it may be picked.
            Some(mme) if !core.consents(&mme, phone) => JobOutcome::NoConsent,
            Some(_) => pick(shared, phone, told).await?,
        };
        outcomes.push((phone.label.clone(), outcome));
    }
    Ok(outcomes)
}

async fn pick(shared: &Arc<Shared>, phone: &Arc<Phone>, told: Told) -> Result<JobOutcome, MdtError> {
    let of = Arc::clone(phone);
    handsets::with(shared, Arc::clone(phone), move |handset, core| {
        let Some(cell) = handset.phone.serving().and_then(|at| core.ran.cells().get(at)) else {
            return JobOutcome::NoCoverage;
        };
        let listed = |plmns: &[Plmn]| plmns.iter().any(|plmn| plmn_octets(*plmn) == plmn_octets(cell.plmn));
        if !told.plmns().is_none_or(listed) {
            return JobOutcome::NotAllowedHere;
        }
        if !told.covers(cell) {
            return JobOutcome::OutsideArea;
        }
        handsets::deliver(core, handset, &of, told)
    })
    .await
}
