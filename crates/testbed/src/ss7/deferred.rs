//! Deferred requests at an MSC or SGSN (TS 23.271 clauses 9.1.8, 9.1.9 and 9.1.12). One that waits until the phone can be reached stays
//! in the node. One of an area or a period is handed to the phone before it is acknowledged, and is the phone's from then on.

use super::{Denial, Diagnostic, ServingNode, serving::NotLocated};
use crate::{
    fault::Fault,
    mme::{ANSWERED, Delivered, Event, Occurrence, Order, Showing, TRIES, Waiting, Watch, may_go_on, reports_in},
    network::Shared,
    phones::Phone,
    scenario::{PhoneState, SubscriberSpec},
    ss7::ReportError,
};
use lcs::{Address, AreaEvent, LcsClientType, TerminationCause, gad::ShapeSet};
use ss7::map::{
    Area, ClientId, DeferredEvents, DeferredMtLrData, LcsEvent, LcsLocationInfo, MapError, Number, OccurrenceInfo,
    PslRes, ReceivedPsl, SlrArg,
};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// A deferred request over MAP.
#[derive(Debug, Clone)]
pub(crate) struct MapDeferral {
    reference: u8,
    events: DeferredEvents,
    /// The gateway that asked.
    gateway: Address,
    h_gmlc: Option<IpAddr>,
    client: ClientId,
    shapes: Option<ShapeSet>,
    /// What the phone is to do; `None` if only its being reachable is waited for.
    order: Option<Order>,
    /// Networks in which the phone reports (ReportingPLMNList); anywhere if there are none.
    pub(crate) networks: Vec<[u8; 3]>,
}

impl MapDeferral {
    /// Reads a request that activates; `None` for what no node here serves: two kinds of events at once.
    fn read(psl: &ReceivedPsl) -> Option<Self> {
        let events = psl.location_type.deferred_event_type?;
        let second = Duration::from_secs(1);
        let order = |event, multiple, min_interval| {
            Some(Order { event, multiple, min_interval, max_interval: None, sampling: second, duration: None })
        };
        let area = |event| {
            let info = psl.area_event_info.as_ref()?;
            let areas = info.area_definition.area_list.as_slice().iter().filter_map(Area::identity).collect();
            // "Inside" is reported once, whatever is asked (TS 29.002 clause 17.7.13).
            let multiple =
                info.occurrence_info == Some(OccurrenceInfo::MultipleTimeEvent) && event != AreaEvent::Inside;
            let least = info.interval_time_s.map_or(second, |least| Duration::from_secs(least.value().into()));
            order(Event::Area { event, areas }, multiple, least)
        };
        let order = match events {
            DeferredEvents::MS_AVAILABLE => None,
            DeferredEvents::ENTERING_INTO_AREA => Some(area(AreaEvent::Entering)?),
            DeferredEvents::LEAVING_FROM_AREA => Some(area(AreaEvent::Leaving)?),
            DeferredEvents::BEING_INSIDE_AREA => Some(area(AreaEvent::Inside)?),
            DeferredEvents::PERIODIC_LDR => {
                let info = psl.periodic_ldr_info?;
                let interval = Duration::from_secs(info.reporting_interval_s.value().into());
                Some(order(Event::Periodic { interval, amount: info.reporting_amount.value() }, true, second)?)
            }
            _ => return None,
        };
        Some(Self {
            reference: psl.reference_number?,
            events,
            gateway: psl.mlc_number,
            h_gmlc: psl.h_gmlc_address,
            client: psl.client_id.clone().unwrap_or_else(|| ClientId::new(LcsClientType::ValueAdded)),
            shapes: psl.supported_gad_shapes,
            order,
            networks: psl
                .reporting_plmn_list
                .iter()
                .flat_map(|list| list.plmn_list.as_slice())
                .map(|of| of.plmn_id)
                .collect(),
        })
    }

    /// Without a list a periodic request holds in the network that took it, and in no other (TS 23.271 clause 9.1.12.1 step 2).
    fn taken_in(mut self, network: [u8; 3]) -> Self {
        if self.networks.is_empty() && self.events == DeferredEvents::PERIODIC_LDR {
            self.networks.push(network);
        }
        self
    }

    /// The capability set from which on a node has it.
    fn least_set(&self) -> u8 {
        match self.order.as_ref().map(|order| &order.event) {
            None => 2,
            Some(Event::Area { .. } | Event::Motion { .. }) => 4,
            Some(Event::Periodic { .. }) => 5,
        }
    }
}

/// What a report says.
#[derive(Debug, Clone, Default)]
struct Told {
    cause: Option<TerminationCause>,
    sequence: Option<u32>,
    /// With a position.
    located: bool,
    /// Where the phone is served now.
    gone_to: Option<LcsLocationInfo>,
}

impl ServingNode {
    /// Accepts a request that is to wait, or hands it to the phone.
    pub(super) async fn defer(
        &self,
        psl: &ReceivedPsl,
        phone: &Arc<Phone>,
        showing: Showing,
    ) -> Result<PslRes, NotLocated> {
        let able = |deferral: &MapDeferral| self.knowledge.capability_set >= deferral.least_set();
        let deferral = MapDeferral::read(psl).filter(able).ok_or(Denial::FacilityNotSupported)?.taken_in(self.plmn);
        let this = self.myself().ok_or(Denial::SystemFailure)?;
        let waiting = Waiting::Map(Box::new(deferral.clone()));
        let key = (phone.label.clone(), deferral.reference, deferral.h_gmlc);
        let (shared, phone, kept, mine) = (Arc::clone(&self.shared), Arc::clone(phone), waiting.clone(), key.clone());
        let task = match deferral.order.clone() {
            None => {
                let psl = psl.clone();
                tokio::spawn(async move {
                    this.wait(&psl, &phone, &deferral, showing).await;
                    shared.deferrals.is_done(&mine);
                })
            }
            Some(order) => {
                let spec = phone.now();
                if spec.state != PhoneState::Attached {
                    return Err(Denial::NoPageResponse.into());
                }
                let response = self.show(psl, &phone, &spec, showing).await;
                if !may_go_on(showing, response) {
                    return Err(Denial::UnauthorizedClient(Diagnostic::NoAdditionalInformation).into());
                }
                let seen = shared.seen(&phone.now(), &waiting);
                let watch = Watch::new(order, shared.phones.clock().now(), &seen);
                tokio::spawn(async move {
                    tokio::time::sleep(ANSWERED).await;
                    shared.watch(&phone, &waiting, watch).await;
                    shared.deferrals.is_done(&mine);
                })
            }
        };
        self.shared.deferrals.begin(key, kept, task.abort_handle());
        Ok(PslRes::without_place(true))
    }

    /// Ends a request. A phone that knows nothing of it says so with the same acknowledgement; one that cannot be reached cannot be told
    /// (TS 23.271 clauses 9.1.9.1 and 9.1.12.3). What waits in the node is ended there.
    pub(super) fn cancel(&self, psl: &ReceivedPsl, phone: &Phone, spec: &SubscriberSpec) -> Result<PslRes, NotLocated> {
        let reference = psl.reference_number.ok_or(Denial::DataMissing)?;
        let key = (phone.label.clone(), reference, psl.h_gmlc_address);
        let is_the_nodes = psl.location_type.deferred_event_type == Some(DeferredEvents::MS_AVAILABLE);
        if !is_the_nodes && spec.state != PhoneState::Attached {
            return Err(Denial::NoPageResponse.into());
        }
        match self.shared.deferrals.end(&key) {
            None if is_the_nodes => Err(Denial::UnexpectedDataValue.into()),
            _ => Ok(PslRes::without_place(true)),
        }
    }

    /// Waits for the phone; then its user has a say, and the report goes to the gateway that asked.
    async fn wait(&self, psl: &ReceivedPsl, phone: &Phone, deferral: &MapDeferral, showing: Showing) {
        tokio::time::sleep(ANSWERED).await;
        phone.when(|spec| !self.is_named_by(spec) || spec.state == PhoneState::Attached).await;
        let spec = phone.now();
        if !self.is_named_by(&spec) {
            let gone_to = self.shared.ss7.as_ref().and_then(|ss7| ss7.serving(phone)).map(|node| node.location_info());
            let told = Told { cause: Some(TerminationCause::MtLrRestart), gone_to, ..Told::default() };
            self.shared.tell_by_map(Some(&self.name), phone, deferral, told).await;
            return;
        }
        let response = self.show(psl, phone, &spec, showing).await;
        let granted = may_go_on(showing, response);
        let cause = if granted { TerminationCause::Normal } else { TerminationCause::PrivacyViolation };
        let told = Told { cause: Some(cause), located: granted, ..Told::default() };
        self.shared.tell_by_map(Some(&self.name), phone, deferral, told).await;
    }

    /// A report of this node.
    fn reporting(&self, phone: &Phone, deferral: &MapDeferral, told: &Told) -> SlrArg {
        let data = DeferredMtLrData {
            deferred_location_event_type: deferral.events,
            termination_cause: told.cause,
            lcs_location_info: told.gone_to.clone(),
        };
        let client = deferral.client.clone();
        let report = SlrArg::new(LcsEvent::DeferredMtLrResponse, client, self.location_info(), phone.identities);
        let mut report = report.deferred(data, deferral.reference);
        report.h_gmlc_address = deferral.h_gmlc;
        report.sequence_number = told.sequence.and_then(Number::new);
        match self.estimate(&phone.now(), deferral.shapes) {
            Ok(estimate) if told.located => report.with_estimate(estimate),
            _ => report,
        }
    }
}

impl Shared {
    /// Something that a phone waits for happened.
    pub(crate) async fn occurred_by_map(
        &self,
        phone: &Phone,
        deferral: &MapDeferral,
        occurrence: Occurrence,
    ) -> Delivered {
        let periodic = deferral.events == DeferredEvents::PERIODIC_LDR;
        let told = Told {
            cause: occurrence.last.then_some(TerminationCause::Normal),
            // Of many, each has its number: without, two events at one place would be the same octets.
            sequence: deferral.order.as_ref().is_some_and(|order| order.multiple).then_some(occurrence.sequence),
            located: periodic,
            gone_to: None,
        };
        self.tell_by_map(None, phone, deferral, told).await
    }

    /// The phone, or its user, ended it.
    pub(crate) async fn ended_by_phone(&self, phone: &Phone, deferral: &MapDeferral) -> Delivered {
        let told = Told { cause: Some(TerminationCause::UeTermination), ..Told::default() };
        self.tell_by_map(None, phone, deferral, told).await
    }

    /// Reports by this node, or by whichever serves the phone, until it is answered for good: what is wrong for now is tried again.
    async fn tell_by_map(&self, by: Option<&str>, phone: &Phone, deferral: &MapDeferral, told: Told) -> Delivered {
        for attempt in 0..TRIES {
            let node = self.ss7.as_ref().and_then(|ss7| match by {
                Some(name) => ss7.node(name),
                // The phone may have gone on to a network where it does not report.
                None => ss7.serving(phone).filter(|node| reports_in(&deferral.networks, node.plmn)),
            });
            if let Some(node) = node {
                let faults = self.faults.strike_reports(&node.name, &phone.label);
                let report = node.reporting(phone, deferral, &told);
                if faults.contains(&Fault::ForgedReport) {
                    let forged =
                        SlrArg { lcs_reference_number: Some(deferral.reference.wrapping_add(128)), ..report.clone() };
                    node.send(deferral.gateway, &forged).await.ok();
                }
                let lost = faults.contains(&Fault::LostReport);
                match if lost { None } else { Some(node.send(deferral.gateway, &report).await) } {
                    Some(Ok(())) => {
                        if faults.contains(&Fault::ReportTwice) {
                            node.send(deferral.gateway, &report).await.ok();
                        }
                        // Last, so that whoever sees the count knows that the phone looks out again.
                        crate::counters::count(&self.counters.slr_accepted);
                        return Delivered::Taken;
                    }
                    Some(Err(ReportError::Refused(error))) if !passes(error) => {
                        tracing::info!(node = %node.name, subscriber = %phone.label, ?error, "a report is refused");
                        return Delivered::Refused;
                    }
                    _ => {}
                }
            }
            self.until_next_try(attempt).await;
        }
        tracing::warn!(subscriber = %phone.label, "a report of a deferred request came to nothing");
        Delivered::Refused
    }

    /// Sends a report that nothing stands behind, once, by the node of this name; the code of the gateway's error, 0 for a result.
    pub(crate) async fn forge_by_map(
        &self,
        node: &str,
        phone: &Phone,
        (reference, events, sequence): (u8, DeferredEvents, Option<u32>),
    ) -> Option<u32> {
        let node = self.ss7.as_ref()?.node(node)?;
        let gateway = node.gateway?;
        let client = ClientId::new(LcsClientType::ValueAdded);
        let deferral = MapDeferral {
            reference,
            events,
            gateway,
            h_gmlc: None,
            client,
            shapes: None,
            order: None,
            networks: Vec::new(),
        };
        let report = node.reporting(phone, &deferral, &Told { sequence, located: true, ..Told::default() });
        match node.send(gateway, &report).await {
            Ok(()) => Some(0),
            Err(ReportError::Refused(error)) => u32::try_from(error.code()).ok(),
            Err(_) => None,
        }
    }

    /// An MSC, or an SGSN, takes a phone over, and says so to the home register.
    pub(crate) async fn relocate(&self, phone: &Phone, node: &str) -> bool {
        let Some(node) = self.ss7.as_ref().and_then(|ss7| ss7.node(node)) else { return false };
        // Registered first: who hears of the move finds the phone there.
        let registered = node.attach(phone).await;
        phone.change(|spec| match node.domain {
            super::Domain::Cs => spec.msc = Some(node.name.clone()),
            super::Domain::Ps => spec.sgsn = Some(node.name.clone()),
        });
        registered.is_ok()
    }
}

/// Whether the gateway is to be told again.
fn passes(error: MapError) -> bool {
    matches!(error, MapError::ResourceLimitation | MapError::SystemFailure(_))
}
