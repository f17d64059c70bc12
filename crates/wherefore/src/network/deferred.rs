//! Deferred requests over SLg: a node is asked to wait (TS 29.172 clause 6.2.2); and whom to tell that one is over.

use super::slg::plr;
use super::{CoreNetwork, Order, failure_of, map_deferred};
use crate::clock;
use crate::ldr::{Speaker, kept_name, visited_of};
use diameter::Octets;
use diameter::codec::ApplicationId;
use diameter::slg::{
    Area, AreaDefinition, AreaEventInfo, AreaType, DeferredLocationType, Envelope, IntervalTime, LinearDistance,
    MaximumInterval, MotionEventInfo, OccurrenceInfo, PeriodicLdrInformation, Pla, PlmnIdList, Plr, ReferenceNumber,
    ReportingAmount, ReportingDuration, ReportingInterval, ReportingLocationRequirements, ReportingPlmnList,
    SamplingInterval,
};
use gmlc::{AreaRefusal, Ask, Instruction, LdrCancel, LdrOrder, Network as _};
use lcs::{
    AreaEvent, AreaIdentity, DeferredEvent, Failure, LocationType, NodeKind, PlmnId, PositioningOutcome,
    PrivacyIndicators, PrivacySetting, Reporting, ServingNode, TargetArea, Timestamp, Way,
};
use std::net::IpAddr;
use std::sync::Arc;
use transport::Destination;

/// Areas of Area-Definition itself, and of Additional-Area (TS 29.172 clause 7.4.39).
const FIRST_AREAS: usize = 10;
const MOST_AREAS: usize = 250;

/// An area that needs no table of cells.
pub(super) fn as_it_is(area: &TargetArea) -> Result<AreaIdentity, AreaRefusal> {
    match area {
        TargetArea::Country(mcc) => Ok(AreaIdentity::Country(*mcc)),
        TargetArea::Plmn(plmn) => Ok(AreaIdentity::Plmn(*plmn)),
        TargetArea::Shape(_) | TargetArea::Named(_) => Err(AreaRefusal::NoTable),
    }
}

impl CoreNetwork {
    pub(super) async fn activate_at(
        &self,
        order: Order<'_>,
        way: Way<'_>,
        ldr: &LdrOrder<'_>,
        ask: &Ask,
    ) -> Result<(), Failure> {
        let h_gmlc = self.h_gmlc_for(ldr.instruction)?;
        let (host, realm) = mme(way.node).ok_or(Failure::ServingNodeUnsupported)?;
        let reference = ReferenceNumber(ldr.reference.0);
        let (named, plmns) = (named(ldr.areas), self.plmns(way.node, ldr));
        let session_id = self.node.session_id();
        let plr = plr(self.envelope(&session_id, host, realm), &order, ask)?;
        let mut plr = plr.deferred(events(&ldr.request.event), reference, h_gmlc);
        match &ldr.request.event {
            DeferredEvent::UeAvailable => {}
            DeferredEvent::Area { reporting, .. } => {
                plr = plr.area_event(area_event(area_definition(&named)?, reporting)?);
            }
            DeferredEvent::Motion { linear_distance_m, reporting } => {
                plr = plr.motion_event(motion_event(*linear_distance_m, reporting)?);
            }
            DeferredEvent::Periodic { interval_s, amount } => plr = plr.periodic(periodic(*interval_s, *amount)?),
        }
        if let Some(plmns) = plmns {
            plr = plr.reporting_plmns(plmns);
        }
        self.acknowledged(plr, host, realm, ask.deadline).await
    }

    /// The address of a gateway that a node is told: that of the home one, which a visited gateway has from its request.
    pub(super) fn h_gmlc_for(&self, instruction: Option<&Instruction>) -> Result<IpAddr, Failure> {
        let told = instruction.and_then(|instruction| instruction.h_gmlc);
        told.or(self.h_gmlc).ok_or(Failure::ServingNodeUnsupported)
    }

    /// Where the phone may report; `None`: where it was armed alone. A list that left out the network that serves would have it wait
    /// until it is elsewhere. Clause 9.1.8 has none for "available". That of a phone of another operator is the home gateway's: this one's
    /// agreements are not its.
    pub(super) fn reporting_at(&self, node: &ServingNode, order: &LdrOrder<'_>) -> Option<Vec<PlmnId>> {
        let listed = order.instruction.map_or(&self.reporting_plmns, |told| &told.reporting_plmns);
        if listed.is_empty() || order.request.event == DeferredEvent::UeAvailable {
            return None;
        }
        let serving = self.network_of(node)?;
        let others = listed.iter().copied().filter(|plmn| *plmn != serving);
        Some(core::iter::once(serving).chain(others).collect())
    }

    fn plmns(&self, node: &ServingNode, order: &LdrOrder<'_>) -> Option<ReportingPlmnList<'static>> {
        let list = self.reporting_at(node, order)?.into_iter().map(|plmn| PlmnIdList {
            visited_plmn_id: plmn.octets(),
            periodic_location_support: Some(true),
            extra: Vec::new(),
        });
        Some(ReportingPlmnList { plmn_id_list: list.collect(), prioritized: None, extra: Vec::new() })
    }

    /// Told to the node that acknowledged, if it still serves: where a node waits for the phone, no other knows of it (TS 23.271 clause
    /// 9.1.8.4). Else to whoever serves now: what the phone knows of, no node keeps (clauses 9.1.9.1, 9.1.12.3 and 9.1.19.2).
    pub(super) async fn release_at(&self, cancel: &LdrCancel<'_>, deadline: Timestamp) -> Result<(), Failure> {
        let h_gmlc = self.h_gmlc_for(cancel.instruction)?;
        let (route, target) = match cancel.instruction {
            // No home register here knows of the phone.
            Some(instruction) => (Arc::clone(&instruction.route), cancel.target),
            None => {
                let route = self.routing_info(&cancel.target, true, deadline).await?.info;
                let target = cancel.target.or(route.identities);
                (route, target)
            }
        };
        let Some(node) = whom_to_tell(&route.nodes, cancel, self.map.is_some()) else {
            return Err(Failure::AbsentSubscriber);
        };
        let (host, realm) = match (mme(node), &self.map) {
            (Some(named), _) => named,
            (None, Some(map)) => return map.release(cancel, (node, target), h_gmlc, deadline).await,
            (None, None) => return Err(Failure::AbsentSubscriber),
        };
        let session_id = self.node.session_id();
        let client_type = cancel.request.request.client.client_type;
        // Nobody is to be asked whether it may end, and nothing comes back that could be given.
        let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None);
        let indicators = indicators.map_err(|_| Failure::SystemFailure)?;
        let envelope = self.envelope(&session_id, host, realm);
        let plr = Plr::new(envelope, LocationType::CancelDeferred, target, client_type, indicators, None);
        let plr = plr.map_err(|_| Failure::SystemFailure)?;
        let reference = ReferenceNumber(cancel.reference.0);
        let plr = plr.deferred(events(&cancel.request.event), reference, h_gmlc);
        self.acknowledged(plr, host, realm, deadline).await
    }

    fn envelope<'a>(&'a self, session_id: &'a str, host: &'a str, realm: &'a str) -> Envelope<'a> {
        Envelope { session_id, origin: self.origin(), destination_host: host, destination_realm: realm }
    }

    /// Sends, and takes an acknowledgement alone. What else the answer tells is dropped.
    async fn acknowledged(&self, plr: Plr<'_>, host: &str, realm: &str, deadline: Timestamp) -> Result<(), Failure> {
        let limit = Self::time_left(self.slg_limit, deadline)?;
        let encode = |ids, out: &mut Vec<u8>| plr.encode(ids, out);
        let destination = Destination::to_host(host, realm);
        let answer = self.node.request(ApplicationId::SLG, destination, encode, limit).await.map_err(failure_of)?;
        let pla = Pla::decode(&answer).map_err(|_| Failure::NetworkProtocol)?;
        match pla.positioning_outcome(LocationType::ActivateDeferred)? {
            // A phone that cannot be reached now is waited for (TS 23.271 clause 9.1.19.1 step 8).
            PositioningOutcome::Notified
            | PositioningOutcome::TransientlyUnreachable
            | PositioningOutcome::Fixed(_) => Ok(()),
        }
    }

    /// Tells the visited gateway that was asked. One that knows nothing of it has nothing to end.
    pub(crate) async fn release_through(&self, cancel: &LdrCancel<'_>) -> Result<(), Failure> {
        let (visited, name) = visited_of(cancel.node).ok_or(Failure::SystemFailure)?;
        self.gateways.stop_at_visited(&visited, name).await
    }

    /// Whether this node serves the target by what the home register says, or one whose gateway this is; asked anew if what is kept says
    /// otherwise.
    pub(crate) async fn serves(&self, speaker: Speaker<'_>, target: &lcs::Identities) -> bool {
        let deadline = clock::now().after(self.slh_limit);
        for anew in [false, true] {
            let Ok(routed) = self.routing_info(target, anew, deadline).await else { return false };
            let named = routed.info.nodes.iter().any(|node| match speaker {
                Speaker::Elsewhere(gateway) => {
                    self.gateways.visited_gateway(node).is_some_and(|visited| *visited.0 == *gateway)
                }
                _ => speaker.is(node),
            });
            if named || !routed.kept {
                return named;
            }
        }
        false
    }
}

/// The node to tell that a request is over.
fn whom_to_tell<'n>(nodes: &'n [ServingNode], cancel: &LdrCancel<'_>, by_map: bool) -> Option<&'n ServingNode> {
    let could =
        |node: &&ServingNode| mme(node).is_some() || by_map && map_deferred::waits_for(node, &cancel.request.event);
    let acknowledged = nodes.iter().filter(could).find(|node| kept_name(node) == cancel.node);
    acknowledged.or_else(|| nodes.iter().find(could))
}

/// Name and realm of a node that takes deferred requests over SLg.
fn mme(node: &ServingNode) -> Option<(&str, &str)> {
    match &node.kind {
        NodeKind::Mme { name, realm } => Some((name, realm)),
        NodeKind::Sgsn { .. } | NodeKind::Msc { .. } | NodeKind::Aaa { .. } => None,
    }
}

fn events(event: &DeferredEvent) -> DeferredLocationType {
    match event {
        DeferredEvent::UeAvailable => DeferredLocationType::UE_AVAILABLE,
        DeferredEvent::Area { event: AreaEvent::Entering, .. } => DeferredLocationType::ENTERING_AREA,
        DeferredEvent::Area { event: AreaEvent::Leaving, .. } => DeferredLocationType::LEAVING_AREA,
        DeferredEvent::Area { event: AreaEvent::Inside, .. } => DeferredLocationType::BEING_INSIDE_AREA,
        DeferredEvent::Periodic { .. } => DeferredLocationType::PERIODIC,
        DeferredEvent::Motion { .. } => DeferredLocationType::MOTION,
    }
}

/// Type and octets of areas, for the message to borrow.
fn named(areas: &[AreaIdentity]) -> Vec<(AreaType, Vec<u8>)> {
    areas.iter().map(|area| (AreaType(area.area_type().into()), area.octets())).collect()
}

/// The first ten stand in Area, all others in Additional-Area.
fn area_definition(named: &[(AreaType, Vec<u8>)]) -> Result<AreaDefinition<'_>, Failure> {
    if named.is_empty() || named.len() > MOST_AREAS {
        return Err(Failure::InvalidRequest);
    }
    let area = |(area_type, octets)| Area { area_type, area_identification: Octets(octets), extra: Vec::new() };
    let mut areas = named.iter().map(|(area_type, octets)| area((*area_type, octets.as_slice())));
    let first: Vec<_> = areas.by_ref().take(FIRST_AREAS).collect();
    Ok(AreaDefinition { area: first, additional_area: areas.collect(), extra: Vec::new() })
}

/// A value in the range that the standard gives it, which the request was seen to keep to when it was taken.
fn ranged<T>(value: Option<T>) -> Result<T, Failure> {
    value.ok_or(Failure::InvalidRequest)
}

/// The members that events of area and of motion have in common.
struct Common {
    occurrence_info: Option<OccurrenceInfo>,
    interval_time: Option<IntervalTime>,
    maximum_interval: Option<MaximumInterval>,
    sampling_interval: Option<SamplingInterval>,
    reporting_duration: Option<ReportingDuration>,
    reporting_location_requirements: Option<ReportingLocationRequirements>,
}

impl Common {
    /// Intervals go along with many reports alone (TS 29.172 clauses 7.4.44 and 7.4.66).
    fn of(reporting: &Reporting) -> Result<Self, Failure> {
        let multiple = reporting.multiple;
        let maximum = reporting.max_interval_s.filter(|_| multiple);
        let wanted = ReportingLocationRequirements::LOCATION_ESTIMATE;
        Ok(Self {
            occurrence_info: Some(if multiple { OccurrenceInfo::MULTIPLE } else { OccurrenceInfo::ONCE }),
            interval_time: multiple.then(|| ranged(IntervalTime::new(reporting.min_interval_s.into()))).transpose()?,
            maximum_interval: maximum.map(|value| ranged(MaximumInterval::new(value))).transpose()?,
            sampling_interval: reporting
                .sampling_interval_s
                .map(|value| ranged(SamplingInterval::new(value.into())))
                .transpose()?,
            reporting_duration: reporting.duration_s.map(|value| ranged(ReportingDuration::new(value))).transpose()?,
            reporting_location_requirements: reporting.estimate_wanted.then_some(wanted),
        })
    }
}

fn area_event<'a>(area_definition: AreaDefinition<'a>, reporting: &Reporting) -> Result<AreaEventInfo<'a>, Failure> {
    let common = Common::of(reporting)?;
    Ok(AreaEventInfo {
        area_definition,
        occurrence_info: common.occurrence_info,
        interval_time: common.interval_time,
        maximum_interval: common.maximum_interval,
        sampling_interval: common.sampling_interval,
        reporting_duration: common.reporting_duration,
        reporting_location_requirements: common.reporting_location_requirements,
        extra: Vec::new(),
    })
}

fn motion_event(linear_distance_m: u16, reporting: &Reporting) -> Result<MotionEventInfo<'static>, Failure> {
    let common = Common::of(reporting)?;
    Ok(MotionEventInfo {
        linear_distance: ranged(LinearDistance::new(linear_distance_m.into()))?,
        occurrence_info: common.occurrence_info,
        interval_time: common.interval_time,
        maximum_interval: common.maximum_interval,
        sampling_interval: common.sampling_interval,
        reporting_duration: common.reporting_duration,
        reporting_location_requirements: common.reporting_location_requirements,
        extra: Vec::new(),
    })
}

fn periodic(interval_s: u32, amount: u32) -> Result<PeriodicLdrInformation<'static>, Failure> {
    Ok(PeriodicLdrInformation {
        reporting_amount: ranged(ReportingAmount::new(amount))?,
        reporting_interval: ranged(ReportingInterval::new(interval_s))?,
        extra: Vec::new(),
    })
}
