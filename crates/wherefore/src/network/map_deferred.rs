//! Deferred requests over MAP: an MSC server or an SGSN is asked to wait, or told that it is over (TS 23.271 clauses 9.1.8, 9.1.9 and
//! 9.1.12, TS 29.002 clause 13A.2).

use super::map::{MapNode, failure_of_outcome, unsendable};
use super::{CoreNetwork, Order};
use gmlc::{Ask, LdrCancel, LdrOrder};
use lcs::{
    AreaEvent, AreaIdentity, DeferredEvent, Failure, Identities, LcsClientId, LcsClientType, LocationType, NodeKind,
    PlmnClient, PlmnId, PrivacyIndicators, PrivacySetting, Reporting, ServingNode, Timestamp, Way,
};
use ss7::map::{
    Area, AreaDefinition, AreaEventInfo, DeferredEvents, List, MapError, Number, OccurrenceInfo, Operation,
    PeriodicLdrInfo, PrivacyInstruction, Psl, PslError, PslRes, ReportingPlmn, ReportingPlmnList,
};
use std::net::IpAddr;
use transport::sigtran::InvokeOutcome;

/// The capability set from which on a node can wait for an event: deferred requests came with Rel-4, areas with Rel-6, periods with Rel-7
/// (TS 23.271 clause 10.5.1; `docs/decisions/0015-deferred-over-map.md`). `None`: MAP has no word for it.
fn least_set(event: &DeferredEvent) -> Option<u8> {
    match event {
        DeferredEvent::UeAvailable => Some(2),
        // "Inside" is reported once, whatever is asked (TS 29.002 clause 17.7.13).
        DeferredEvent::Area { event: AreaEvent::Inside, reporting, .. } if reporting.multiple => None,
        // Nobody would tell that the greatest time has passed.
        DeferredEvent::Area { reporting, .. } if reporting.multiple && reporting.max_interval_s.is_some() => None,
        DeferredEvent::Area { .. } => Some(4),
        DeferredEvent::Periodic { .. } => Some(5),
        DeferredEvent::Motion { .. } => None,
    }
}

/// Whether a node takes such a request over MAP.
pub(super) fn waits_for(node: &ServingNode, event: &DeferredEvent) -> bool {
    let is_asked = matches!(node.kind, NodeKind::Msc { .. } | NodeKind::Sgsn { number: Some(_), .. });
    is_asked && least_set(event).is_some_and(|least| node.effective_capabilities().highest() >= least)
}

impl MapNode {
    /// Asks a node to wait.
    pub(super) async fn activate(
        &self,
        order: &Order<'_>,
        way: Way<'_>,
        (ldr, h_gmlc, reporting_at): (&LdrOrder<'_>, IpAddr, Option<Vec<PlmnId>>),
        ask: &Ask,
    ) -> Result<(), Failure> {
        let event = &ldr.request.event;
        if !waits_for(way.node, event) {
            return Err(Failure::ServingNodeUnsupported);
        }
        let psl = self.psl(order, way, &ask.request).map_err(unsendable)?;
        let mut psl = psl.deferred(events(event), ldr.reference.0, h_gmlc);
        match event {
            DeferredEvent::Area { reporting, .. } => psl = psl.area_event(area_event(ldr.areas, reporting)?),
            DeferredEvent::Periodic { interval_s, amount } => {
                psl = psl.periodic(PeriodicLdrInfo::new(*amount, *interval_s).ok_or(Failure::InvalidRequest)?);
            }
            DeferredEvent::UeAvailable | DeferredEvent::Motion { .. } => {}
        }
        if let Some(plmns) = reporting_at.and_then(|plmns| listed(&plmns)) {
            psl = psl.reporting_plmns(plmns);
        }
        let limit = self.location_time(ask.deadline)?;
        match self.ask_to(way.node, Operation::ProvideSubscriberLocation, psl.encode(), limit).await? {
            InvokeOutcome::Result(result) => accepted(&result),
            other => Err(failure_of_outcome(&other)),
        }
    }

    /// Tells a node that it is over. One that knows nothing of it has nothing to end.
    pub(super) async fn release(
        &self,
        cancel: &LdrCancel<'_>,
        (node, target): (&ServingNode, Identities),
        h_gmlc: IpAddr,
        deadline: Timestamp,
    ) -> Result<(), Failure> {
        let psl = self.cancelling(cancel, node, target).map_err(unsendable)?;
        let psl = psl.deferred(events(&cancel.request.event), cancel.reference.0, h_gmlc);
        let limit = self.location_time(deadline)?;
        match self.ask_to(node, Operation::ProvideSubscriberLocation, psl.encode(), limit).await? {
            InvokeOutcome::Result(_) => Ok(()),
            InvokeOutcome::Error { code, parameter } => match MapError::decode(code, &parameter) {
                Ok(MapError::UnexpectedDataValue { .. }) => Ok(()),
                _ => Err(failure_of_outcome(&InvokeOutcome::Error { code, parameter })),
            },
            other => Err(failure_of_outcome(&other)),
        }
    }

    /// Nobody is to be asked whether it may end. A node that knows no indicators is told so by whom it comes from: the operator.
    fn cancelling(&self, cancel: &LdrCancel<'_>, node: &ServingNode, target: Identities) -> Result<Psl, PslError> {
        let (capabilities, kind) = (node.effective_capabilities(), LocationType::CancelDeferred);
        if !capabilities.takes_indicators() {
            let of_operator = LcsClientId {
                client_type: LcsClientType::PlmnOperator,
                external: None,
                internal: Some(PlmnClient::OmHplmn),
                dialled: None,
                apn: None,
                name: None,
                requestor: None,
                call_session_related: false,
            };
            return Psl::new(self.number(), kind, target, &of_operator, PrivacyInstruction::PlmnClient, capabilities);
        }
        let client = &cancel.request.request.client;
        let other = super::map::told(client, None);
        let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None);
        let indicators = indicators.map_err(|_| PslError::RelatedWithoutCallSession)?;
        let instruction = PrivacyInstruction::Indicators(indicators);
        Psl::new(self.number(), kind, target, other.as_ref().unwrap_or(client), instruction, capabilities)
    }
}

impl CoreNetwork {
    pub(super) async fn activate_by_map(
        &self,
        order: &Order<'_>,
        way: Way<'_>,
        ldr: &LdrOrder<'_>,
        ask: &Ask,
    ) -> Result<(), Failure> {
        let map = self.map.as_ref().ok_or(Failure::ServingNodeUnsupported)?;
        let h_gmlc = self.h_gmlc_for(ldr.instruction)?;
        let reporting_at = self.reporting_at(way.node, ldr);
        map.activate(order, way, (ldr, h_gmlc, reporting_at), ask).await
    }
}

/// A node that takes a deferred request says so; what else it tells is dropped.
fn accepted(result: &[u8]) -> Result<(), Failure> {
    let result = PslRes::decode(result).map_err(|_| Failure::NetworkProtocol)?;
    if result.deferred_mt_lr_response { Ok(()) } else { Err(Failure::NetworkProtocol) }
}

fn events(event: &DeferredEvent) -> DeferredEvents {
    match event {
        DeferredEvent::Area { event: AreaEvent::Entering, .. } => DeferredEvents::ENTERING_INTO_AREA,
        DeferredEvent::Area { event: AreaEvent::Leaving, .. } => DeferredEvents::LEAVING_FROM_AREA,
        DeferredEvent::Area { event: AreaEvent::Inside, .. } => DeferredEvents::BEING_INSIDE_AREA,
        DeferredEvent::Periodic { .. } => DeferredEvents::PERIODIC_LDR,
        // Motion comes no further than to `waits_for`.
        DeferredEvent::UeAvailable | DeferredEvent::Motion { .. } => DeferredEvents::MS_AVAILABLE,
    }
}

/// All areas, or none: one that MAP cannot name, or more than ten, would make it another request.
fn area_event(areas: &[AreaIdentity], reporting: &Reporting) -> Result<AreaEventInfo, Failure> {
    let named: Option<Vec<Area>> = areas.iter().copied().map(Area::new).collect();
    let area_list = named.and_then(List::new).ok_or(Failure::InvalidRequest)?;
    let least = Number::new(reporting.min_interval_s.into()).ok_or(Failure::InvalidRequest)?;
    let occurrence = if reporting.multiple { OccurrenceInfo::MultipleTimeEvent } else { OccurrenceInfo::OneTimeEvent };
    Ok(AreaEventInfo {
        area_definition: AreaDefinition { area_list },
        occurrence_info: Some(occurrence),
        interval_time_s: Some(least).filter(|_| reporting.multiple),
    })
}

/// Twenty networks at most, which is as many as the configuration takes.
fn listed(plmns: &[PlmnId]) -> Option<ReportingPlmnList> {
    let plmn = |plmn: &PlmnId| ReportingPlmn {
        plmn_id: plmn.octets(),
        ran_technology: None,
        ran_periodic_location_support: false,
    };
    let plmn_list = List::new(plmns.iter().take(20).map(plmn).collect())?;
    Some(ReportingPlmnList { plmn_list_prioritized: false, plmn_list })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::{Address, LcsCapabilitySets, TargetArea};

    fn node(kind: NodeKind, highest: u8) -> ServingNode {
        ServingNode { kind, capabilities: Some(LcsCapabilitySets((1 << highest) - 1)), v_gmlc: None }
    }

    fn area(event: AreaEvent, reporting: Reporting) -> DeferredEvent {
        DeferredEvent::Area { event, areas: vec![TargetArea::Country([2, 6, 2])], reporting }
    }

    /// Each event at each capability set of each kind of node.
    #[test]
    fn what_a_node_can_wait_for_follows_from_its_capability_set() {
        let number = Address::international("+491710000002").expect("a number");
        let often = Reporting { multiple: true, ..Reporting::ONCE };
        let events = [
            (DeferredEvent::UeAvailable, Some(2)),
            (area(AreaEvent::Entering, often), Some(4)),
            (area(AreaEvent::Leaving, Reporting::ONCE), Some(4)),
            (area(AreaEvent::Inside, Reporting::ONCE), Some(4)),
            (area(AreaEvent::Inside, often), None),
            (area(AreaEvent::Leaving, Reporting { max_interval_s: Some(60), ..often }), None),
            (DeferredEvent::Periodic { interval_s: 60, amount: 3 }, Some(5)),
            (DeferredEvent::Motion { linear_distance_m: 100, reporting: Reporting::ONCE }, None),
        ];
        for (event, least) in events {
            for highest in 1..=5 {
                let able = least.is_some_and(|least| highest >= least);
                for kind in [NodeKind::Msc { number }, NodeKind::Sgsn { number: Some(number), diameter: None }] {
                    assert_eq!(waits_for(&node(kind, highest), &event), able, "{event:?} {highest}");
                }
                let named = Some(("sgsn".to_owned(), "lab".to_owned()));
                let without = NodeKind::Sgsn { number: None, diameter: named };
                assert!(!waits_for(&node(without, highest), &event));
            }
        }
    }

    #[test]
    fn areas_go_whole_or_not_at_all() {
        let plmn = PlmnId::new("262", "01").expect("a network");
        let cell = |ci| AreaIdentity::Cell(plmn, 1, ci);
        let ten: Vec<_> = (0..10).map(cell).collect();
        let told = area_event(&ten, &Reporting { multiple: true, min_interval_s: 60, ..Reporting::ONCE });
        let told = told.expect("ten areas");
        let back: Vec<_> = told.area_definition.area_list.as_slice().iter().filter_map(Area::identity).collect();
        assert_eq!((back, told.interval_time_s), (ten, Number::new(60)));
        for areas in [Vec::new(), (0..11).map(cell).collect(), vec![AreaIdentity::EutranCell(plmn, 1)]] {
            assert_eq!(area_event(&areas, &Reporting::ONCE), Err(Failure::InvalidRequest));
        }
    }

    #[test]
    fn an_answer_without_the_word_that_it_waits_is_none() {
        assert_eq!(accepted(&PslRes::without_place(true).encode()), Ok(()));
        assert_eq!(accepted(&PslRes::without_place(false).encode()), Err(Failure::NetworkProtocol));
        assert_eq!(accepted(&[]), Err(Failure::NetworkProtocol));
    }
}
