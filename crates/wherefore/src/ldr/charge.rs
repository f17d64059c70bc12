//! Charging records of deferred requests (TS 23.271 clauses 11.1 and 11.2): of each arming, each report and each end.

use super::visited_of;
use crate::charging::{Began, ChargedPart, ChargedPosition, ChargedRole, Slip};
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
    /// Another gateway, the home one, waits; this is the requesting one.
    pub(super) referred: bool,
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
            let asked_by = core.network.gateways().asked_by(self.request);
            let from = asked_by.as_ref().map(|asked_by| (&asked_by.gateway, asked_by.transaction.as_ref()));
            let visited = asked_by.as_ref().is_some_and(|asked_by| asked_by.is_home);
            let began = Began { id: self.request.id, at: self.began, request: &request, from, visited };
            let mut finished = began.finished(slip, core.now(), result);
            finished.part = Some(part);
            if self.referred {
                finished.role = ChargedRole::Requesting;
            }
            finished.target = finished.target.or(self.target);
            // A node that another gateway asked was not asked from here.
            if finished.node.is_none() && !self.node.is_empty() && visited_of(self.node).is_none() {
                finished.node = Some(self.node.to_owned());
                finished.visited_plmn = finished.visited_plmn.or(plmn_of_host(self.node));
            }
            finished
        });
    }
}

/// What is charged of a request that was referred to the home gateway.
pub(super) fn of_referred(request: &LdrRequest, began: Timestamp) -> Charge<'_> {
    let target = Identities::of(&request.request.target).unwrap_or_default();
    Charge { request, target, node: "", began, referred: true }
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
