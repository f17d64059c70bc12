//! Reports about deferred requests over SLg (LRR with DEFERRED_MT_LR_RESPONSE or DELAYED_LOCATION_REPORTING, TS 29.172 clause 6.2.3).

use crate::core::Core;
use crate::ldr::{FromWaiter, NodeWord, NotTaken, Speaker};
use diameter::codec::{ExperimentalResult, Outcome as Result3gpp};
use diameter::slg::{DeferredLocationType, LcsTerminationCause, LocationEvent, Lrr, outcome};
use gmlc::{Mark, NodeReport, ReportedEvent};
use lcs::{AreaEvent, Failure, LdrReference, TerminationCause};
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

/// Whether a report is about a deferred request.
pub(super) fn is_one(lrr: &Lrr<'_>) -> bool {
    matches!(lrr.location_event, LocationEvent::DEFERRED_MT_LR_RESPONSE | LocationEvent::DELAYED_LOCATION_REPORTING)
}

/// Takes it, and says what the node is told.
pub(super) async fn take(core: &Arc<Core>, lrr: &Lrr<'_>) -> Result3gpp {
    let unknown = Result3gpp::Experimental(ExperimentalResult::UNKNOWN_UNREACHABLE_LCS_CLIENT);
    let Some(deferred) = &core.deferred else { return unknown };
    // Both are mandatory here (TS 29.172 table 6.2.3-1): without them nobody is meant.
    let (Some(reference), Some(word)) = (lrr.reference_number, word(lrr)) else { return unknown };
    // An estimate that cannot be read costs no more than itself: what happened is told without it.
    let fix = lrr.estimate().fix().ok().flatten();
    let target = lrr.identities();
    let (speaker, reference) = (Speaker::Host(lrr.origin_host), LdrReference(reference.0));
    match deferred.take(core, FromWaiter { speaker, target, reference, word, fix, h_gmlc: lrr.gmlc_address }).await {
        Ok(()) => Result3gpp::Success,
        Err(NotTaken::Unknown) => unknown,
        Err(NotTaken::OtherNode) => outcome(Failure::NetworkNotAuthorised),
        Err(NotTaken::OtherEvent) => outcome(Failure::InvalidRequest),
        Err(NotTaken::ForNow(failure)) => {
            tracing::warn!(%failure, "a report about a deferred request is not taken for now");
            outcome(Failure::Congestion)
        }
    }
}

/// What a report says; `None` if that is nothing that is known.
fn word(lrr: &Lrr<'_>) -> Option<NodeWord> {
    if lrr.location_event == LocationEvent::DELAYED_LOCATION_REPORTING {
        let data = lrr.delayed_location_reporting_data.as_ref();
        let cause = data.and_then(|data| data.termination_cause);
        return Some(ended(cause).unwrap_or_else(|| report(lrr, ReportedEvent::UeAvailable)));
    }
    let data = lrr.deferred_mt_lr_data.as_ref()?;
    if let Some(ended) = ended(data.termination_cause) {
        return Some(ended);
    }
    let is = |bit: DeferredLocationType| data.deferred_location_type.0 & bit.0 != 0;
    // One that tells that the time is over names the event that did not happen, too.
    if is(DeferredLocationType::MAXIMUM_INTERVAL_EXPIRATION) {
        return Some(report(lrr, ReportedEvent::MaximumIntervalExpired));
    }
    if is(DeferredLocationType::LDR_ACTIVATED) {
        return Some(NodeWord::Activated);
    }
    let events = [
        (DeferredLocationType::UE_AVAILABLE, ReportedEvent::UeAvailable),
        (DeferredLocationType::ENTERING_AREA, ReportedEvent::Area(AreaEvent::Entering)),
        (DeferredLocationType::LEAVING_AREA, ReportedEvent::Area(AreaEvent::Leaving)),
        (DeferredLocationType::BEING_INSIDE_AREA, ReportedEvent::Area(AreaEvent::Inside)),
        (DeferredLocationType::PERIODIC, ReportedEvent::Periodic),
        (DeferredLocationType::MOTION, ReportedEvent::Motion),
    ];
    let event = events.into_iter().find(|(bit, _)| is(*bit)).map(|(_, event)| event)?;
    // An end without a fault beside an event is the last report of one that ends as it should.
    Some(report(lrr, event))
}

/// Whether a cause ends the request, and how. "Normal" alone does not: it comes with the last report.
fn ended(cause: Option<LcsTerminationCause>) -> Option<NodeWord> {
    match TerminationCause::from_code(cause?.0) {
        TerminationCause::Normal => None,
        TerminationCause::MtLrRestart => Some(NodeWord::Moved),
        cause => Some(NodeWord::Terminated(cause)),
    }
}

fn report(lrr: &Lrr<'_>, event: ReportedEvent) -> NodeWord {
    let sequence = lrr.reporting_amount.map(|number| number.value());
    NodeWord::Report(NodeReport { event, sequence, mark: mark(lrr) })
}

/// Names the message: one that is sent again has the same session and comes from the same node.
fn mark(lrr: &Lrr<'_>) -> Mark {
    let mut hasher = DefaultHasher::new();
    hasher.write(lrr.session_id.as_bytes());
    hasher.write_u8(0);
    hasher.write(lrr.origin_host.as_bytes());
    Mark::Message(hasher.finish().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use diameter::base::Origin;
    use diameter::slg::{DeferredMtLrData, DelayedLocationReportingData, Envelope, ReportingAmount};
    use lcs::Identities;

    fn lrr(event: LocationEvent) -> Lrr<'static> {
        let envelope = Envelope {
            session_id: "mme1;1;1",
            origin: Origin { host: "mme1", realm: "lab" },
            destination_host: "gmlc",
            destination_realm: "lab",
        };
        Lrr::new(envelope, event, Identities::default())
    }

    fn said(events: u32, cause: Option<u32>) -> Option<NodeWord> {
        let mut lrr = lrr(LocationEvent::DEFERRED_MT_LR_RESPONSE);
        lrr.deferred_mt_lr_data = Some(DeferredMtLrData {
            deferred_location_type: DeferredLocationType(events),
            termination_cause: cause.map(LcsTerminationCause),
            serving_node: None,
            extra: Vec::new(),
        });
        word(&lrr)
    }

    /// Every bit of Deferred-Location-Type by itself (TS 29.172 clause 7.4.36).
    #[test]
    fn every_event_of_a_node_is_a_word() {
        let area = |event| Some(ReportedEvent::Area(event));
        let events = [
            Some(ReportedEvent::UeAvailable),
            area(AreaEvent::Entering),
            area(AreaEvent::Leaving),
            area(AreaEvent::Inside),
            Some(ReportedEvent::Periodic),
            Some(ReportedEvent::Motion),
        ];
        for (bit, event) in events.into_iter().enumerate() {
            let Some(NodeWord::Report(told)) = said(1 << bit, None) else { panic!("bit {bit}") };
            assert_eq!((Some(told.event), told.sequence), (event, None));
        }
        assert_eq!(said(64, None), Some(NodeWord::Activated));
        assert_eq!(said(64 | 2, None), Some(NodeWord::Activated));
        let Some(NodeWord::Report(told)) = said(128 | 2, None) else { panic!("no report") };
        assert_eq!(told.event, ReportedEvent::MaximumIntervalExpired);
        assert_eq!((said(0, None), said(256, None)), (None, None));
    }

    /// Every cause (TS 29.172 clause 7.4.55); what is not known counts as undefined.
    #[test]
    fn every_cause_ends_but_the_normal_one() {
        assert!(matches!(said(2, Some(0)), Some(NodeWord::Report(_))));
        for code in 1..=12 {
            let expected = match TerminationCause::from_code(code) {
                TerminationCause::MtLrRestart => NodeWord::Moved,
                cause => NodeWord::Terminated(cause),
            };
            assert_eq!(said(2, Some(code)), Some(expected), "{code}");
        }
        assert_eq!(said(2, Some(12)), Some(NodeWord::Terminated(TerminationCause::Undefined)));
    }

    #[test]
    fn a_delayed_report_is_one_of_a_phone_that_can_be_reached() {
        let mut delayed = lrr(LocationEvent::DELAYED_LOCATION_REPORTING);
        assert!(is_one(&delayed) && !is_one(&lrr(LocationEvent::MO_LR)));
        let Some(NodeWord::Report(told)) = word(&delayed) else { panic!("no report") };
        assert_eq!(told.event, ReportedEvent::UeAvailable);
        let moved = Some(LcsTerminationCause::MT_LR_RESTART);
        delayed.delayed_location_reporting_data =
            Some(DelayedLocationReportingData { termination_cause: moved, ..DelayedLocationReportingData::default() });
        assert_eq!(word(&delayed), Some(NodeWord::Moved));
    }

    #[test]
    fn the_same_message_has_the_same_mark_and_no_other() {
        let (one, mut other) =
            (lrr(LocationEvent::DEFERRED_MT_LR_RESPONSE), lrr(LocationEvent::DEFERRED_MT_LR_RESPONSE));
        assert_eq!(mark(&one), mark(&other));
        other.session_id = "mme1;1;2";
        assert_ne!(mark(&one), mark(&other));
        other.reporting_amount = ReportingAmount::new(7);
        let NodeWord::Report(told) = report(&other, ReportedEvent::Periodic) else { panic!("no report") };
        assert_eq!((told.sequence, told.mark), (Some(7), mark(&other)));
    }
}
