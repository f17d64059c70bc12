//! Reports about deferred requests over MAP (SubscriberLocationReport with deferredmt-lrResponse, TS 29.002 clause 13A.3).

use crate::core::Core;
use crate::ldr::{FromWaiter, NodeWord, NotTaken, Speaker};
use gmlc::{Mark, NodeReport, ReportedEvent};
use lcs::{AreaEvent, Failure, LdrReference, TerminationCause};
use ss7::map::{self, DeferredEvents, DeferredMtLrData, MapError, Operation, SlrArg};
use ss7::sccp::SccpAddress;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;
use transport::sigtran::Incoming;

/// Takes it; if it cannot be taken, what the node is told.
pub(super) async fn take(core: &Arc<Core>, incoming: &Incoming, report: &SlrArg) -> Result<(), MapError> {
    let unknown = MapError::UnknownOrUnreachableLcsClient;
    let deferred = core.deferred.as_ref().ok_or(unknown)?;
    // Both are mandatory here: the codec saw to it.
    let (reference, data) = report.lcs_reference_number.zip(report.deferred_mt_lr_data.as_ref()).ok_or(unknown)?;
    // The node is whoever sent the message. What it says of itself in it is not looked at: anybody can say so.
    let number = incoming.from.title.ok_or(MapError::UnauthorizedRequestingNetwork)?.node_address();
    let word = word(report, data, mark(incoming)).ok_or(MapError::DataMissing)?;
    // An estimate that cannot be read costs no more than itself: what happened is told without it.
    let fix = report.estimate().fix().ok().flatten();
    let (speaker, target) = (Speaker::Number(number), report.identities());
    // Those that phones carry to other networks are of the EPC (TS 23.271 clause 9.1.19).
    let told = FromWaiter { speaker, target, reference: LdrReference(reference), word, fix, h_gmlc: None };
    deferred.take(core, told).await.map_err(|why| answer(why, unknown))
}

/// What a node is told of a report that is not taken (TS 29.002 clause 13A.3.3).
fn answer(why: NotTaken, unknown: MapError) -> MapError {
    let of = |failure| map::error(failure, Operation::SubscriberLocationReport);
    match why {
        NotTaken::Unknown => unknown,
        NotTaken::OtherNode => of(Failure::NetworkNotAuthorised),
        NotTaken::OtherEvent => of(Failure::InvalidRequest),
        NotTaken::ForNow(failure) => {
            tracing::warn!(%failure, "a report about a deferred request is not taken for now");
            of(Failure::Congestion)
        }
    }
}

/// What a report says; `None` if that is nothing that is known. "Normal" alone ends nothing: it comes with the last report.
fn word(report: &SlrArg, data: &DeferredMtLrData, mark: Mark) -> Option<NodeWord> {
    match data.termination_cause {
        None | Some(TerminationCause::Normal) => {}
        Some(TerminationCause::MtLrRestart) => return Some(NodeWord::Moved),
        Some(cause) => return Some(NodeWord::Terminated(cause)),
    }
    let events = [
        (DeferredEvents::MS_AVAILABLE, ReportedEvent::UeAvailable),
        (DeferredEvents::ENTERING_INTO_AREA, ReportedEvent::Area(AreaEvent::Entering)),
        (DeferredEvents::LEAVING_FROM_AREA, ReportedEvent::Area(AreaEvent::Leaving)),
        (DeferredEvents::BEING_INSIDE_AREA, ReportedEvent::Area(AreaEvent::Inside)),
        (DeferredEvents::PERIODIC_LDR, ReportedEvent::Periodic),
    ];
    let told = data.deferred_location_event_type;
    let event = events.into_iter().find(|(bit, _)| told.intersects(*bit)).map(|(_, event)| event)?;
    let sequence = report.sequence_number.map(|number| number.value());
    Some(NodeWord::Report(NodeReport { event, sequence, mark }))
}

/// MAP has no name for a message: a node that got no answer begins a new dialogue, whose identifiers are new. What stays is who says what.
fn mark(incoming: &Incoming) -> Mark {
    let mut hasher = DefaultHasher::new();
    let SccpAddress { title, .. } = incoming.from;
    hasher.write_u64(title.map_or(0, |title| title.digits().to_word()));
    hasher.write(&incoming.argument);
    Mark::Words(hasher.finish().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::{Address, Identities, Imsi, LcsClientType};
    use ss7::map::{ClientId, LcsEvent, LcsLocationInfo, Number};
    use ss7::sccp::Ssn;
    use transport::sigtran::by_number;

    const MSC: &str = "+491710000002";

    fn number(text: &str) -> Address {
        Address::international(text).expect("a number")
    }

    fn report(events: DeferredEvents, cause: Option<TerminationCause>) -> SlrArg {
        let target = Identities { imsi: Imsi::parse("262011234567890").ok(), ..Identities::default() };
        let node = LcsLocationInfo::of_number(number(MSC), false);
        let client = ClientId::new(LcsClientType::ValueAdded);
        let data = DeferredMtLrData {
            deferred_location_event_type: events,
            termination_cause: cause,
            lcs_location_info: None,
        };
        SlrArg::new(LcsEvent::DeferredMtLrResponse, client, node, target).deferred(data, 7)
    }

    fn said(events: DeferredEvents, cause: Option<TerminationCause>) -> Option<NodeWord> {
        let report = report(events, cause);
        word(&report, report.deferred_mt_lr_data.as_ref()?, Mark::None)
    }

    /// Every event of MAP by itself, and every cause.
    #[test]
    fn every_event_and_every_cause_is_a_word() {
        for (event, expected) in [
            (DeferredEvents::MS_AVAILABLE, ReportedEvent::UeAvailable),
            (DeferredEvents::ENTERING_INTO_AREA, ReportedEvent::Area(AreaEvent::Entering)),
            (DeferredEvents::LEAVING_FROM_AREA, ReportedEvent::Area(AreaEvent::Leaving)),
            (DeferredEvents::BEING_INSIDE_AREA, ReportedEvent::Area(AreaEvent::Inside)),
            (DeferredEvents::PERIODIC_LDR, ReportedEvent::Periodic),
        ] {
            for cause in [None, Some(TerminationCause::Normal)] {
                let Some(NodeWord::Report(told)) = said(event, cause) else { panic!("{event:?}") };
                assert_eq!((told.event, told.sequence), (expected, None));
            }
            for cause in TerminationCause::ALL.into_iter().filter(|cause| *cause != TerminationCause::Normal) {
                let ends = match cause {
                    TerminationCause::MtLrRestart => NodeWord::Moved,
                    cause => NodeWord::Terminated(cause),
                };
                assert_eq!(said(event, Some(cause)), Some(ends));
            }
        }
    }

    #[test]
    fn the_same_words_of_the_same_node_have_the_same_mark_and_no_others() {
        let incoming = |from: &str, report: &SlrArg| Incoming {
            from: by_number(number(from), Ssn::MSC).expect("a number"),
            subsystem: Ssn::GMLC,
            application_context: None,
            user_information: Arc::from([]),
            operation: Operation::SubscriberLocationReport.code(),
            argument: report.encode(),
            within_ours: false,
        };
        let one = report(DeferredEvents::PERIODIC_LDR, None);
        let two = SlrArg { sequence_number: Number::new(2), ..one.clone() };
        assert_eq!(mark(&incoming(MSC, &one)), mark(&incoming(MSC, &one.clone())));
        assert_ne!(mark(&incoming(MSC, &one)), mark(&incoming(MSC, &two)));
        assert_ne!(mark(&incoming(MSC, &one)), mark(&incoming("+491710000003", &one)));
    }

    #[test]
    fn each_reason_is_an_error_that_a_report_has() {
        let unknown = MapError::UnknownOrUnreachableLcsClient;
        let told = |why| answer(why, unknown).code();
        assert_eq!(told(NotTaken::Unknown), 58);
        assert_eq!(told(NotTaken::OtherNode), 52);
        assert_eq!(told(NotTaken::OtherEvent), 36);
        assert_eq!(told(NotTaken::ForNow(Failure::SystemFailure)), 51);
    }
}
