//! Charging records of deferred requests (TS 23.271 clauses 11.1 and 11.2): of each arming, each report and each end.

use crate::charging::{Began, ChargedPart, ChargedPosition, Slip};
use crate::core::Core;
use crate::lr::plmn_of_host;
use gmlc::{LdrRequest, ReportedEvent};
use lcs::{AreaEvent, Failure, Identities, LocationType, Timestamp};

/// What is charged of a deferred request.
pub(super) struct Charge<'a> {
    pub(super) request: &'a LdrRequest,
    /// About whom, as the network knows them.
    pub(super) target: Identities,
    /// The node that acknowledged last; empty: none.
    pub(super) node: &'a str,
    /// When this part of it began.
    pub(super) began: Timestamp,
}

impl Charge<'_> {
    /// Keeps a record of this part, with what was noted while it was under way.
    pub(super) fn keep(&self, core: &Core, part: ChargedPart, slip: Slip, result: Result<ChargedPosition, Failure>) {
        core.charging.keep(|| {
            let mut request = self.request.request.clone();
            request.location_type = match part {
                ChargedPart::Arming => LocationType::ActivateDeferred,
                ChargedPart::Report { .. } => LocationType::Current,
                ChargedPart::End(_) => LocationType::CancelDeferred,
            };
            let began = Began { id: self.request.id, at: self.began, request: &request, from: None, visited: false };
            let mut finished = began.finished(slip, core.now(), result);
            finished.part = Some(part);
            finished.target = finished.target.or(self.target);
            if finished.node.is_none() && !self.node.is_empty() {
                finished.node = Some(self.node.to_owned());
                finished.visited_plmn = finished.visited_plmn.or(plmn_of_host(self.node));
            }
            finished
        });
    }
}

/// The word of an event.
pub(super) fn word(event: ReportedEvent) -> &'static str {
    match event {
        ReportedEvent::UeAvailable => "ue_available",
        ReportedEvent::NotAvailable => "not_available",
        ReportedEvent::Area(AreaEvent::Entering) => "entering",
        ReportedEvent::Area(AreaEvent::Leaving) => "leaving",
        ReportedEvent::Area(AreaEvent::Inside) => "inside",
        ReportedEvent::Periodic => "periodic",
        ReportedEvent::Motion => "motion",
        ReportedEvent::MaximumIntervalExpired => "max_interval_expired",
    }
}
