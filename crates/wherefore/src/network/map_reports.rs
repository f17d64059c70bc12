//! Reports that nodes send of their own accord over MAP (SubscriberLocationReport, TS 29.002 clause 13A.3): emergency calls,
//! positions that subscribers send to a client, and deferred requests.

use super::map_deferred_reports;
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
        if let Some(refused) = refused(&incoming) {
            return refused;
        }
        let Some(core) = self.reports.core() else { return failed(MapError::ResourceLimitation) };
        let report = match SlrArg::decode(&incoming.argument) {
            Ok(report) => report,
            Err(error) => return unusable(error.reply()),
        };
        if report.lcs_event == LcsEvent::DeferredMtLrResponse {
            return match map_deferred_reports::take(core, &incoming, &report).await {
                Ok(()) => Answer::Result(SlrRes::default().encode()),
                Err(error) => failed(error),
            };
        }
        match take(core, &report).await {
            Ok(()) => Answer::Result(SlrRes::default().encode()),
            // Nobody here waits for it (TS 29.002 clause 17.6.8).
            Err(Failure::UnauthorisedApplication) => failed(MapError::UnknownOrUnreachableLcsClient),
            Err(failure) => failed(map::error(failure, Operation::SubscriberLocationReport)),
        }
    }
}

/// What is no report, or comes as none may.
fn refused(incoming: &Incoming) -> Option<Answer> {
    let own = Operation::SubscriberLocationReport;
    // Requests for a position have the same context, and the node that is asked need not be one that may report: one that may
    // begins a dialogue of its own.
    if incoming.within_ours {
        return Some(Answer::Reject(InvokeProblem::UnrecognizedOperation));
    }
    let Some(context) = incoming.application_context else {
        return Some(Answer::ContextNotSupported { alternative: Some(own.context()) });
    };
    if !own.belongs_to(context) {
        // A lower version of the same has the one that we know as its alternative.
        let lower = context.map_parts().map(|(name, _)| name) == own.context().map_parts().map(|(name, _)| name);
        return Some(Answer::ContextNotSupported { alternative: lower.then(|| own.context()) });
    }
    let known = Operation::from_code(incoming.operation) == Some(own);
    (!known).then_some(Answer::Reject(InvokeProblem::UnrecognizedOperation))
}

async fn take(core: &Arc<Core>, report: &SlrArg) -> Result<(), Failure> {
    let emergency = match report.lcs_event {
        LcsEvent::EmergencyCallOrigination => Some(EmergencyEvent::Origination),
        LcsEvent::EmergencyCallRelease => Some(EmergencyEvent::Release),
        LcsEvent::EmergencyCallHandover => Some(EmergencyEvent::Handover),
        LcsEvent::MoLr => None,
        // Deferred requests went their own way; this gateway takes none of a phone.
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
        None => {
            let client = report.lcs_client_id.client();
            let by_pseudonym = report.pseudonym_indicator;
            take_own_location(core, reported, client.external, report.lcs_service_type_id, by_pseudonym).await
        }
    }
}

/// The node that has the call now: the one that reports, or the one to which it was handed over.
fn node_of(report: &SlrArg) -> Option<ServingNode> {
    let handed_over = report.target_serving_node_for_handover.as_ref().map(ServingNodeAddress::serving_node);
    let reporting = || report.lcs_location_info.serving_nodes().into_iter().next();
    let mut node = match report.lcs_event {
        // Without the node that has it now, nothing is known.
        LcsEvent::EmergencyCallHandover => handed_over,
        _ => reporting(),
    }?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::Address;
    use ss7::sccp::Ssn;
    use transport::sigtran::by_number;

    fn incoming(context: Operation, operation: Operation, within_ours: bool) -> Incoming {
        Incoming {
            from: by_number(Address::international("+491710000002").unwrap(), Ssn::MSC).unwrap(),
            subsystem: Ssn::GMLC,
            application_context: Some(context.context()),
            user_information: Arc::from([]),
            operation: operation.code(),
            argument: Vec::new(),
            within_ours,
        }
    }

    /// The context of a request for a position is that of a report too, and whoever is asked has not thereby been admitted.
    #[test]
    fn a_node_that_is_asked_cannot_report_in_the_dialogue_of_the_request() {
        let (psl, slr) = (Operation::ProvideSubscriberLocation, Operation::SubscriberLocationReport);
        assert!(refused(&incoming(psl, slr, false)).is_none());
        let within = refused(&incoming(psl, slr, true));
        assert!(matches!(within, Some(Answer::Reject(InvokeProblem::UnrecognizedOperation))));
    }

    #[test]
    fn anything_but_a_report_in_its_context_is_refused() {
        let (slr, sri) = (Operation::SubscriberLocationReport, Operation::SendRoutingInfoForLcs);
        let other = refused(&incoming(slr, Operation::ProvideSubscriberLocation, false));
        assert!(matches!(other, Some(Answer::Reject(InvokeProblem::UnrecognizedOperation))));
        let context = refused(&incoming(sri, slr, false));
        assert!(matches!(context, Some(Answer::ContextNotSupported { alternative: None })));
        let version_1 = refused(&Incoming { application_context: None, ..incoming(slr, slr, false) });
        assert!(matches!(version_1, Some(Answer::ContextNotSupported { alternative: Some(_) })));
    }
}
