//! Reports of serving nodes about deferred requests (TS 29.172 clause 6.2.3).

use super::index::Slot;
use super::{Deferred, Speaker};
use crate::core::Core;
use gmlc::{Dropped, LdrEvent, NodeReport};
use lcs::{Failure, Fix, Identities, LdrReference, TerminationCause};
use std::sync::Arc;

/// What a node says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeWord {
    /// What it waits for happened.
    Report(NodeReport),
    /// The phone knows of it now.
    Activated,
    /// It is over.
    Terminated(TerminationCause),
    /// The phone went to another node.
    Moved,
}

/// A report about a deferred request.
#[derive(Debug)]
pub(crate) struct FromNode<'a> {
    /// Who says it.
    pub(crate) speaker: Speaker<'a>,
    /// Whom it is about.
    pub(crate) target: Identities,
    /// The reference.
    pub(crate) reference: LdrReference,
    /// What it says.
    pub(crate) word: NodeWord,
    /// Where the phone is, if told.
    pub(crate) fix: Option<Fix>,
}

/// Why a report is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotTaken {
    /// No request has this reference about this target, or it is over (TS 29.172 clause 7.5.4.6).
    #[error("nobody here waits for it")]
    Unknown,
    /// The home register names another node for the target.
    #[error("the node does not serve the target")]
    OtherNode,
    /// It waits for another event.
    #[error("the request waits for another event")]
    OtherEvent,
    /// Something could not be kept, recorded or asked: the node is to report again.
    #[error("not taken for now: {0}")]
    ForNow(Failure),
}

impl Deferred {
    /// Takes a report of a node. When this returns, the client's report is durable, or the report of the node is, where the position is
    /// still to be had; so the node may be told that it was taken.
    ///
    /// # Errors
    /// It is not taken. A report that was taken before is taken again, and nothing comes of it.
    pub(crate) async fn take(&self, core: &Arc<Core>, told: FromNode<'_>) -> Result<(), NotTaken> {
        let done = self.take_in(core, told).await;
        let word = match done {
            Ok(()) => "taken",
            Err(NotTaken::Unknown) => "unknown",
            Err(NotTaken::OtherNode) => "other_node",
            Err(NotTaken::OtherEvent) => "other_event",
            Err(NotTaken::ForNow(_)) => "for_now",
        };
        metrics::counter!("wherefore_deferred_node_reports_total", "outcome" => word).increment(1);
        done
    }

    async fn take_in(&self, core: &Arc<Core>, told: FromNode<'_>) -> Result<(), NotTaken> {
        let (mut seen, mut outcomes) = (Vec::new(), Vec::new());
        loop {
            // One that joined while the others were told is told, too: the node means it as well.
            let mut slots = self.index.referred(&told.target, told.reference);
            slots.retain(|slot| !seen.contains(&slot.id));
            let Some(first) = slots.first() else { break };
            if seen.is_empty() && !may_report(core, &told, first, &slots).await {
                return Err(NotTaken::OtherNode);
            }
            for slot in in_order(slots).await {
                seen.push(slot.id);
                outcomes.push(self.take_for(core, &slot, &told).await);
            }
        }
        let for_now = outcomes.iter().find(|outcome| matches!(outcome, Err(NotTaken::ForNow(_)))).copied();
        let taken = outcomes.iter().find(|outcome| outcome.is_ok()).or(outcomes.first()).copied();
        for_now.or(taken).unwrap_or(Err(NotTaken::Unknown))
    }

    /// What a node says, for one of the requests that it says it about.
    async fn take_for(&self, core: &Arc<Core>, slot: &Arc<Slot>, told: &FromNode<'_>) -> Result<(), NotTaken> {
        let mut state = slot.state.lock().await;
        let event = match told.word {
            NodeWord::Report(report) => {
                let before = state.clone();
                let actions = match state.ldr.report(report, core.now()) {
                    Ok(actions) => actions,
                    Err(Dropped::NotArmed) => return Err(NotTaken::Unknown),
                    Err(Dropped::OtherEvent) => return Err(NotTaken::OtherEvent),
                    Err(Dropped::Double | Dropped::Paused) => Vec::new(),
                };
                let taken = self.carry_out(core, slot, &mut state, before, (actions, told.fix.clone())).await;
                return taken.map_err(NotTaken::ForNow);
            }
            _ if state.ldr.is_over() => return Err(NotTaken::Unknown),
            NodeWord::Activated => LdrEvent::Activated,
            NodeWord::Terminated(cause) => LdrEvent::Terminated(cause),
            NodeWord::Moved => LdrEvent::Moved,
        };
        self.happened(core, slot, &mut state, event).await.map_err(NotTaken::ForNow)
    }
}

/// The node that acknowledged may report; so may the one that serves now (TS 23.271 clause 9.1.19.1 step 13).
async fn may_report(core: &Core, told: &FromNode<'_>, first: &Slot, slots: &[Arc<Slot>]) -> bool {
    for slot in slots {
        if told.speaker.is_kept_as(&slot.state.lock().await.node) {
            return true;
        }
    }
    core.network.serves(told.speaker, &first.target).await
}

/// Those that joined another first: when the one that the node was asked for is over by what the node says, they are as well.
async fn in_order(slots: Vec<Arc<Slot>>) -> Vec<Arc<Slot>> {
    let (mut joined, mut asked_for) = (Vec::new(), Vec::new());
    for slot in slots {
        let joins = slot.state.lock().await.ldr.is_joined();
        if joins { joined.push(slot) } else { asked_for.push(slot) }
    }
    joined.extend(asked_for);
    joined
}
