//! Requests that visited gateways have nodes wait for: what those tell, towards the machine of each request (TS 23.271 clauses 9.1.8.2
//! steps 11 to 13 and 9.1.19.1 steps 21 and 22). This is the home gateway: each report is checked and recorded as a node's is.

use super::intake::{FromWaiter, NodeWord, NotTaken, count};
use super::referred::{NewsFate, event_of};
use super::requesting::misfit;
use super::speaker::kept_as_visited;
use super::{Deferred, Speaker};
use crate::core::Core;
use crate::lr::transaction;
use gmlc::{Mark, NodeReport, PeerGateway, ReportedEvent};
use lcs::{DeferredEvent, Failure, TerminationCause};
use mlp::rlp::{News, PeerNews, PeerReported, Subject};
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

/// A name to ask a visited gateway under, and what it is kept as. Random, so that it tells nothing.
pub(super) fn fresh_name(visited: &PeerGateway) -> Result<(Arc<str>, Arc<str>), Failure> {
    let name = transaction().ok_or(Failure::SystemFailure)?;
    let kept = kept_as_visited(&visited.0, name.as_str()).ok_or(Failure::SystemFailure)?;
    Ok((name.as_str().into(), kept.into()))
}

/// Whether a visited gateway that was asked may have a node wait, although it failed. One that was not reached, or said no, has not.
pub(super) fn may_wait(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::TimedOut
            | Failure::NetworkFault
            | Failure::NetworkProtocol
            | Failure::SystemFailure
            | Failure::LogUnavailable
            | Failure::Stopping
    )
}

/// Reports are told until they are taken, and a try of one may come after the next.
fn mark(kept: &str, number: u32) -> Mark {
    let mut hasher = DefaultHasher::new();
    hasher.write(kept.as_bytes());
    let [a, b, c, d, ..] = hasher.finish().to_be_bytes();
    Mark::Numbered { asking: u32::from_be_bytes([a, b, c, d]).max(1), number }
}

/// The sequence number of a report, where it is known: that of the last is the amount. One that a node's report was lost for is not waited for.
fn sequence_of(last: bool, asked: &DeferredEvent) -> Option<u32> {
    match asked {
        DeferredEvent::Periodic { amount, .. } if last => Some(*amount),
        _ => None,
    }
}

/// What the gateway is told of what it told.
pub(super) fn fate_of(taken: Result<(), NotTaken>) -> NewsFate {
    match taken {
        Ok(()) => NewsFate::Taken,
        Err(NotTaken::Unknown | NotTaken::OtherNode) => NewsFate::Unknown,
        Err(NotTaken::OtherEvent) => NewsFate::Broken("other_event"),
        Err(NotTaken::ForNow(_)) => NewsFate::Later,
    }
}

impl Deferred {
    /// Takes news of the visited gateway of this name; `None`: it was asked for nothing under that.
    pub(super) async fn take_of_visited(&self, core: &Arc<Core>, gateway: &str, news: &News) -> Option<NewsFate> {
        let kept = kept_as_visited(gateway, &news.request_id)?;
        let slot = self.index.of_visited(&kept)?;
        let (word, fix) = match &news.told {
            PeerNews::Ended { cause, .. } => match cause.unwrap_or(TerminationCause::Undefined) {
                TerminationCause::MtLrRestart => (NodeWord::Moved, None),
                cause => (NodeWord::Terminated(cause), None),
            },
            PeerNews::Report(report) => {
                let Some(request) = self.read(&slot).await else { return Some(NewsFate::Later) };
                if !Subject::Known(slot.target).is(&report.subject) {
                    return Some(misfit(core, &request, "other_subscriber").await.unwrap_or(NewsFate::Later));
                }
                let event = event_of(report.trigger, &request.event);
                // Rounds are counted here.
                let event = event.filter(|event| *event != ReportedEvent::NotAvailable);
                let Some(event) = event else {
                    return Some(misfit(core, &request, "other_event").await.unwrap_or(NewsFate::Later));
                };
                let fix = match &report.outcome {
                    PeerReported::Position(position) => Some(position.fix(core.now())),
                    // Why is seen when it is asked for here.
                    PeerReported::Event | PeerReported::Failed(_) => None,
                };
                let mark = report.number.map_or(Mark::None, |number| mark(&kept, number));
                let sequence = sequence_of(report.last, &request.event);
                (NodeWord::Report(NodeReport { event, sequence, mark }), fix)
            }
        };
        let (speaker, target, reference) = (Speaker::Visited(&kept), slot.target, slot.reference);
        let told = FromWaiter { speaker, target, reference, word, fix, h_gmlc: None };
        let taken = self.take_for(core, &slot, &told).await;
        count(&taken);
        Some(fate_of(taken))
    }
}
