//! News of home gateways: reports and ends, checked against what was asked, recorded, and only then for the client.

use super::{NO_REFERENCE, Referred, Slot, charge_end};
use crate::charging::{ChargedPart, ChargedPosition, Slip};
use crate::core::Core;
use crate::ldr::LdrNews;
use crate::ldr::arm::{record_failed, ticket};
use crate::ldr::charge::{self, of_referred};
use crate::ldr::requesting::misfit;
use crate::store::{KeptReferral, ReferralPhase};
use gmlc::{EndReason, LdrReport, LdrRequest, ReportedEvent};
use lcs::{DeferredEvent, Failure, LocationType, Named, RefusalReason, TerminationCause};
use mlp::TriggerWord;
use mlp::rlp::{News, PeerFailure, PeerNews, PeerReport, PeerReported, Subject, peer_failure};
use privacy::disclosure::Recorded;
use std::sync::Arc;

/// Why a request that was referred ended, as it is counted and charged: why at home is not told.
const AT_HOME: &str = "at_home";

/// What becomes of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewsFate {
    /// Taken, now or before.
    Taken,
    /// Nobody waits for it here, or not from this gateway.
    Unknown,
    /// Nothing is taken of it: it is about somebody else or something else than was asked.
    Broken(&'static str),
    /// Not now: it could not be kept or recorded, or the request is only being armed.
    Later,
}

impl Referred {
    /// Takes news of the gateway `home`. When this says that they are taken, what the client gets of them is durable.
    pub(in crate::ldr) async fn take(&self, core: &Arc<Core>, home: &str, news: News) -> NewsFate {
        let Some(slot) = self.named(home, &news.request_id) else { return NewsFate::Unknown };
        let Some(mut state) = self.held(&slot).await else { return NewsFate::Unknown };
        match state.phase {
            // The client is not answered yet.
            ReferralPhase::Asked => return NewsFate::Later,
            ReferralPhase::Ending => return NewsFate::Unknown,
            ReferralPhase::Armed => {}
        }
        let done = match news.told {
            PeerNews::Report(report) => self.report(core, &slot, &mut state, *report).await,
            PeerNews::Ended { by_network, .. } => {
                // Who ended it at home, and why, is not told.
                let by = if by_network {
                    EndReason::Terminated(TerminationCause::Undefined)
                } else {
                    EndReason::BySubscriber
                };
                self.over(core, &slot, &state, by).await.map(|()| NewsFate::Taken)
            }
        };
        done.unwrap_or(NewsFate::Later)
    }

    /// A request that is over at home: the client is told, and it is forgotten.
    async fn over(&self, core: &Core, slot: &Slot, state: &KeptReferral, reason: EndReason) -> Result<(), Failure> {
        metrics::counter!("wherefore_deferred_ended_total", "reason" => AT_HOME).increment(1);
        let charged = core.charging.is_on();
        let request = self.tell_end(slot, reason, charged).await?;
        self.forget(state).await?;
        if let Some(request) = request.filter(|_| charged) {
            charge_end(core, &request, AT_HOME);
        }
        Ok(())
    }

    /// A report that comes while reports pause: it is on record as refused, and told to nobody, then or later. If it was the last, the client is
    /// told that the request is over.
    async fn held_back(
        &self,
        core: &Core,
        slot: &Slot,
        state: &mut KeptReferral,
        (request, event, number): (&LdrRequest, ReportedEvent, u32),
        last: bool,
    ) -> Result<NewsFate, Failure> {
        let (at, paused) = (core.now(), Failure::Refused(RefusalReason::Paused));
        record_failed(core, request, LocationType::Current, paused).await?;
        let part = ChargedPart::Report { event: charge::word(event), number, located: false };
        of_referred(request, at).keep(core, part, Slip::default(), Err(paused));
        metrics::counter!("wherefore_deferred_reports_withheld_total").increment(1);
        if last {
            self.over(core, slot, state, EndReason::Completed).await?;
        } else {
            let further = KeptReferral { reports: number, ..state.clone() };
            self.keep(state, further).await?;
        }
        Ok(NewsFate::Taken)
    }

    async fn report(
        &self,
        core: &Arc<Core>,
        slot: &Slot,
        state: &mut KeptReferral,
        told: PeerReport,
    ) -> Result<NewsFate, Failure> {
        let number = told.number.unwrap_or(state.reports.saturating_add(1));
        if number <= state.reports {
            return Ok(NewsFate::Taken);
        }
        let request = self.read(slot).await?;
        if !Subject::from(request.request.target.clone()).is(&told.subject) {
            return misfit(core, &request, "other_subscriber").await;
        }
        let Some(event) = event_of(told.trigger, &request.event) else {
            return misfit(core, &request, "other_event").await;
        };
        let at = core.now();
        if state.pauses.any() {
            return self.held_back(core, slot, state, (&request, event, number), told.last).await;
        }
        let (fix, missing) = match told.outcome {
            PeerReported::Position(position) => (Some(position.fix(at)), None),
            PeerReported::Event => (None, None),
            PeerReported::Failed(result) => (None, Some(failure_of(result))),
        };
        let about = match told.subject {
            Subject::Known(identities) => Named::Verinym(identities),
            Subject::Pseudonym(pseudonym) => Named::Pseudonym(pseudonym),
        };
        let ticket = ticket(core, &request, LocationType::Current);
        let recorded = gmlc::relay_ldr_report(&core.gateway(), &request.request, &about, fix, ticket).await;
        let released = recorded.map(Recorded::release)?;
        let located = released.as_ref().is_ok_and(|fix| fix.shape.is_some());
        let part = ChargedPart::Report { event: charge::word(event), number, located };
        let outcome = released.as_ref().map(ChargedPosition::of).map_err(|failure| *failure);
        of_referred(&request, at).keep(core, part, Slip::default(), outcome);
        let fix = match released {
            Ok(fix) => Some(fix).filter(|fix| fix.shape.is_some()),
            // A profile came to be kept here: the home gateway is another by now.
            Err(failure) => {
                tracing::warn!(request = %slot.id, %failure, "a report of a home gateway is not told on; the request ends");
                self.end(core, slot, state, EndReason::Failed(failure)).await?;
                return Ok(NewsFate::Taken);
            }
        };
        let missing = missing.filter(|_| fix.is_none());
        let report =
            LdrReport { id: slot.id, reference: NO_REFERENCE, number, event, at, fix, missing, last: told.last };
        let kept = self.outbox.put(&request, &LdrNews::Report(report)).await;
        kept.map_err(|error| super::not_kept(slot.id, &error))?;
        metrics::counter!("wherefore_deferred_reports_total").increment(1);
        if told.last {
            self.forget(state).await?;
        } else {
            let further = KeptReferral { reports: number, ..state.clone() };
            self.keep(state, further).await?;
        }
        Ok(NewsFate::Taken)
    }
}

/// What happened, if the request waits for such a thing.
pub(in crate::ldr) fn event_of(trigger: TriggerWord, asked: &DeferredEvent) -> Option<ReportedEvent> {
    match (trigger, asked) {
        (TriggerWord::Periodic, DeferredEvent::Periodic { .. }) => Some(ReportedEvent::Periodic),
        (TriggerWord::Periodic, DeferredEvent::UeAvailable) => Some(ReportedEvent::NotAvailable),
        (TriggerWord::Available, DeferredEvent::UeAvailable) => Some(ReportedEvent::UeAvailable),
        (TriggerWord::ChangeArea, DeferredEvent::Area { event, .. }) => Some(ReportedEvent::Area(*event)),
        (TriggerWord::Equidistance, DeferredEvent::Motion { .. }) => Some(ReportedEvent::Motion),
        _ => None,
    }
}

fn failure_of(result: mlp::ResultId) -> Failure {
    match peer_failure(result) {
        PeerFailure::Failed(failure) => failure,
        PeerFailure::TargetMoved => Failure::AbsentSubscriber,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::{AreaEvent, Reporting};

    #[test]
    fn a_report_is_of_the_event_that_was_asked_for() {
        let area = |event| DeferredEvent::Area { event, areas: Vec::new(), reporting: Reporting::ONCE };
        let motion = DeferredEvent::Motion { linear_distance_m: 1, reporting: Reporting::ONCE };
        let (available, periodic) = (DeferredEvent::UeAvailable, DeferredEvent::Periodic { interval_s: 1, amount: 1 });
        let asked =
            [area(AreaEvent::Entering), area(AreaEvent::Leaving), area(AreaEvent::Inside), motion, available, periodic];
        let expected = |trigger, at: usize| match (trigger, at) {
            (TriggerWord::ChangeArea, 0) => Some(ReportedEvent::Area(AreaEvent::Entering)),
            (TriggerWord::ChangeArea, 1) => Some(ReportedEvent::Area(AreaEvent::Leaving)),
            (TriggerWord::ChangeArea, 2) => Some(ReportedEvent::Area(AreaEvent::Inside)),
            (TriggerWord::Equidistance, 3) => Some(ReportedEvent::Motion),
            (TriggerWord::Available, 4) => Some(ReportedEvent::UeAvailable),
            (TriggerWord::Periodic, 4) => Some(ReportedEvent::NotAvailable),
            (TriggerWord::Periodic, 5) => Some(ReportedEvent::Periodic),
            _ => None,
        };
        for trigger in TriggerWord::ALL {
            for (at, asked) in asked.iter().enumerate() {
                assert_eq!(event_of(trigger, asked), expected(trigger, at), "{trigger:?} {asked:?}");
            }
        }
    }
}
