//! Reports that nodes send of their own accord over MAP (SubscriberLocationReport, TS 29.002 clause 13A.3): emergency calls, and
//! positions that subscribers send to a client.

use super::reports::{Reported, Reports, take_emergency, take_own_location};
use crate::core::Core;
use gmlc::EmergencyEvent;
use lcs::{Failure, Fix, LcsCapabilitySets, NodeKind, ServingNode};
use ss7::map::{self, Estimate, LcsEvent, MapError, Operation, Reply, ServingNodeAddress, SlrArg, SlrRes};
use ss7::tcap::{InvokeProblem, Problem};
use std::sync::Arc;
use transport::sigtran::{Answer, Dialogue, DialogueHandler, Incoming};

/// Takes reports from MSC servers and SGSNs that the operator admitted.
#[derive(Clone)]
pub(crate) struct MapReports {
    reports: Reports,
}

impl MapReports {
    /// For the gateway that is set in `reports` once it runs.
    pub(crate) fn new(reports: Reports) -> Self {
        Self { reports }
    }
}

impl DialogueHandler for MapReports {
    async fn handle(&self, incoming: Incoming, _dialogue: Dialogue) -> Answer {
        let Some(context) = incoming.application_context else {
            return Answer::ContextNotSupported { alternative: Some(Operation::SubscriberLocationReport.context()) };
        };
        let own = Operation::SubscriberLocationReport;
        if !own.belongs_to(context) {
            // A lower version of the same has the one that we know as its alternative.
            let lower = context.map_parts().map(|(name, _)| name) == own.context().map_parts().map(|(name, _)| name);
            return Answer::ContextNotSupported { alternative: lower.then(|| own.context()) };
        }
        if Operation::from_code(incoming.operation) != Some(own) {
            return Answer::Reject(InvokeProblem::UnrecognizedOperation);
        }
        let Some(core) = self.reports.core() else { return failed(MapError::ResourceLimitation) };
        let report = match SlrArg::decode(&incoming.argument) {
            Ok(report) => report,
            Err(error) => return unusable(error.reply()),
        };
        match take(core, &report).await {
            Ok(()) => Answer::Result(SlrRes::default().encode()),
            // Nobody here waits for it (TS 29.002 clause 17.6.8).
            Err(Failure::UnauthorisedApplication) => failed(MapError::UnknownOrUnreachableLcsClient),
            Err(failure) => failed(map::error(failure, own)),
        }
    }
}

async fn take(core: &Arc<Core>, report: &SlrArg) -> Result<(), Failure> {
    let emergency = match report.lcs_event {
        LcsEvent::EmergencyCallOrigination => Some(EmergencyEvent::Origination),
        LcsEvent::EmergencyCallRelease => Some(EmergencyEvent::Release),
        LcsEvent::EmergencyCallHandover => Some(EmergencyEvent::Handover),
        LcsEvent::MoLr => None,
        // This gateway has no deferred request, its own or that of a phone, that these could belong to.
        LcsEvent::DeferredMtLrResponse | LcsEvent::DeferredMoLrTttpInitiation => {
            return Err(Failure::UnauthorisedApplication);
        }
    };
    let reported = Reported {
        identities: report.identities(),
        fix: fix(&report.estimate()),
        node: node_of(report),
        esrk: report.na_esrk.map(|key| key.digits),
        esrd: report.na_esrd.map(|digits| digits.digits),
    };
    match emergency {
        Some(event) => take_emergency(core, reported, event).await,
        // A subscriber who wants to be known by a pseudonym alone is not told of by number.
        None if report.pseudonym_indicator => Err(Failure::UnauthorisedApplication),
        None => {
            let client = report.lcs_client_id.client();
            take_own_location(core, reported, client.external, report.lcs_service_type_id).await
        }
    }
}

/// The node that has the call now: the one that reports, or the one to which it was handed over.
fn node_of(report: &SlrArg) -> Option<ServingNode> {
    let handed_over = report.target_serving_node_for_handover.as_ref().map(ServingNodeAddress::serving_node);
    let mut node = handed_over.or_else(|| report.lcs_location_info.serving_nodes().into_iter().next())?;
    if matches!(node.kind, NodeKind::Sgsn { .. }) {
        // One that has such a call has location services, and of them at least set 2 (TS 23.271 clause 10.5.1).
        node.capabilities = node.capabilities.or(Some(LcsCapabilitySets(0b10)));
    }
    Some(node)
}

/// The position told, or what of it can be read: an emergency call is told of even if its estimate is broken.
fn fix(told: &Estimate) -> Option<Fix> {
    told.fix().unwrap_or_else(|_| {
        metrics::counter!("wherefore_emergency_estimates_unreadable_total").increment(1);
        let rest =
            Estimate { location_estimate: None, add_location_estimate: None, velocity_estimate: None, ..told.clone() };
        rest.fix().ok().flatten()
    })
}

fn failed(error: MapError) -> Answer {
    Answer::Error { code: error.code(), parameter: error.parameter() }
}

fn unusable(reply: Reply) -> Answer {
    match reply {
        Reply::Error(error) => failed(error),
        Reply::Reject(Problem::Invoke(problem)) => Answer::Reject(problem),
        Reply::Reject(_) => Answer::Reject(InvokeProblem::MistypedParameter),
    }
}
