//! Reports of serving nodes (TS 29.172 clause 6.2.3), and of cards (TS 23.271 Annex F.1 step 7), about deferred requests.

use super::index::Slot;
use super::requesting::is_instructed;
use super::{Deferred, Speaker, kept_name};
use crate::core::Core;
use crate::lr::peer_of_account;
use gmlc::{Dropped, LdrEvent, LdrRoad, Mark, NodeReport, Phase, ReportedEvent};
use lcs::{Failure, Fix, Identities, LdrReference, TerminationCause};
use privacy::disclosure::RequestId;
use std::net::IpAddr;
use std::sync::Arc;

/// What a node, or a card, says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeWord {
    /// What it waits for happened.
    Report(NodeReport),
    /// The area event that it waits for happened; names the message.
    AreaEvent(u64),
    /// A card has taken it off.
    TakenOff,
    /// A card does not watch, and why.
    NotInstalled(Failure),
    /// The phone knows of it now.
    Activated,
    /// It is over.
    Terminated(TerminationCause),
    /// The phone went to another node.
    Moved,
}

/// A report about a deferred request.
#[derive(Debug)]
pub(crate) struct FromWaiter<'a> {
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
    /// The address of the home gateway, as a node over SLg tells it.
    pub(crate) h_gmlc: Option<IpAddr>,
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
    pub(crate) async fn take(&self, core: &Arc<Core>, told: FromWaiter<'_>) -> Result<(), NotTaken> {
        let by_card = matches!(told.speaker, Speaker::Card(_));
        let done = match self.take_in(core, &told).await {
            // It may be a phone of another operator, which was told elsewhere what to report.
            Err(NotTaken::Unknown) => self.pass_home(core, &told).await,
            done => done,
        };
        if by_card {
            return done;
        }
        count(&done);
        done
    }

    async fn take_in(&self, core: &Arc<Core>, told: &FromWaiter<'_>) -> Result<(), NotTaken> {
        let (mut seen, mut outcomes) = (Vec::new(), Vec::new());
        loop {
            // One that joined while the others were told is told, too: the node means it as well.
            let mut slots = self.index.referred(&told.target, told.reference);
            slots.retain(|slot| !seen.contains(&slot.id) && is_meant(told, slot));
            let Some(first) = slots.first() else { break };
            if seen.is_empty() && !self.may_report(core, told, first, &slots).await {
                return Err(NotTaken::OtherNode);
            }
            for slot in in_order(slots).await {
                seen.push(slot.id);
                outcomes.push(self.take_for(core, &slot, told).await);
            }
        }
        let for_now = outcomes.iter().find(|outcome| matches!(outcome, Err(NotTaken::ForNow(_)))).copied();
        let taken = outcomes.iter().find(|outcome| outcome.is_ok()).or(outcomes.first()).copied();
        for_now.or(taken).unwrap_or(Err(NotTaken::Unknown))
    }

    /// The node that acknowledged may report; so may the one that serves now (TS 23.271 clause 9.1.19.1 step 13). Where this is the visited
    /// gateway no home register here knows the phone, and a node of the same network may.
    async fn may_report(&self, core: &Core, told: &FromWaiter<'_>, first: &Slot, slots: &[Arc<Slot>]) -> bool {
        // Its key has proven who it is.
        if matches!(told.speaker, Speaker::Card(_)) {
            return true;
        }
        for slot in slots {
            if told.speaker.is_kept_as(&slot.state.lock().await.node) {
                return true;
            }
        }
        for slot in slots {
            // Which may be before it was seen to acknowledge.
            let asked = self.node_by_word(core, slot).await;
            if asked.is_some_and(|asked| told.speaker.is_kept_as(&asked) || told.speaker.is_beside(&asked)) {
                return true;
            }
        }
        core.network.serves(told.speaker, &first.target).await
    }

    /// The node that the home gateway named, where this is the visited one. What is asked for a client of this gateway need not be read.
    async fn node_by_word(&self, core: &Core, slot: &Slot) -> Option<String> {
        peer_of_account(&slot.account)?;
        let request = self.read(slot).await?;
        let told = core.network.gateways().instruction_of(&request).ok()??;
        told.route.nodes.first().map(kept_name)
    }

    /// Whether a node waits for it by the word of a home gateway.
    async fn is_of_home(&self, core: &Core, slot: &Slot) -> bool {
        peer_of_account(&slot.account).is_some()
            && self.read(slot).await.is_some_and(|request| is_instructed(core, &request))
    }

    /// What a node says, for one of the requests that it says it about.
    pub(super) async fn take_for(
        &self,
        core: &Arc<Core>,
        slot: &Arc<Slot>,
        told: &FromWaiter<'_>,
    ) -> Result<(), NotTaken> {
        let mut state = slot.state.lock().await;
        let by_its_road = match told.speaker {
            Speaker::Card(_) => state.road == LdrRoad::Card,
            Speaker::Visited(_) => state.road == LdrRoad::Visited,
            // What the phone has, it has from a node, whoever had that asked, and it may have come home with it.
            Speaker::Host(_) | Speaker::Number(_) | Speaker::Elsewhere(_) => {
                matches!(state.road, LdrRoad::Node | LdrRoad::Visited)
            }
        };
        if !by_its_road {
            return Err(NotTaken::Unknown);
        }
        let report = match told.word {
            NodeWord::Report(report) => Some(report),
            NodeWord::AreaEvent(mark) => {
                let event = state.ldr.area_event().map(ReportedEvent::Area).ok_or(NotTaken::OtherEvent)?;
                Some(NodeReport { event, sequence: None, mark: Mark::Message(mark) })
            }
            _ => None,
        };
        let event = match (report, told.word) {
            (Some(report), _) => {
                let before = state.clone();
                let actions = match state.ldr.report(report, core.now()) {
                    Ok(actions) => actions,
                    Err(Dropped::NotArmed) => return Err(NotTaken::Unknown),
                    Err(Dropped::OtherEvent) => return Err(NotTaken::OtherEvent),
                    Err(Dropped::Double | Dropped::Paused) => Vec::new(),
                };
                // A cell is no position: where one is wanted it is still to be had.
                let position = told.fix.clone().filter(|fix| fix.shape.is_some());
                let taken = self.carry_out(core, slot, &mut state, before, (actions, position)).await;
                return taken.map_err(NotTaken::ForNow);
            }
            (None, NodeWord::TakenOff) if state.ldr.phase() == Phase::Cancelling => LdrEvent::Released,
            _ if state.ldr.is_over() => return Err(NotTaken::Unknown),
            (None, NodeWord::Activated) => LdrEvent::Activated,
            (None, NodeWord::NotInstalled(failure)) if state.ldr.phase() == Phase::Activating => {
                LdrEvent::Declined(failure)
            }
            (None, NodeWord::Terminated(cause)) => LdrEvent::Terminated(cause),
            // Where the phone went, the home gateway finds out and asks (TS 23.271 clause 9.1.8.2 steps 8 and 12).
            (None, NodeWord::Moved) if self.is_of_home(core, slot).await => {
                LdrEvent::Terminated(TerminationCause::MtLrRestart)
            }
            (None, NodeWord::Moved) => LdrEvent::Moved,
            (None, _) => return Err(NotTaken::Unknown),
        };
        self.happened(core, slot, &mut state, event).await.map_err(NotTaken::ForNow)
    }
}

/// Counts a report of a node, or of the gateway that has it wait, by what became of it.
pub(super) fn count(done: &Result<(), NotTaken>) {
    let word = match done {
        Ok(()) => "taken",
        Err(NotTaken::Unknown) => "unknown",
        Err(NotTaken::OtherNode) => "other_node",
        Err(NotTaken::OtherEvent) => "other_event",
        Err(NotTaken::ForNow(_)) => "for_now",
    };
    metrics::counter!("wherefore_deferred_node_reports_total", "outcome" => word).increment(1);
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

/// Whether a card means this request, by the instance that it names. A node names none.
fn is_meant(told: &FromWaiter<'_>, slot: &Slot) -> bool {
    match told.speaker {
        Speaker::Host(_) | Speaker::Number(_) | Speaker::Visited(_) | Speaker::Elsewhere(_) => true,
        Speaker::Card(instance) => instance == instance_of(slot.id),
    }
}

/// What tells requests apart that have the same reference one after the other, towards cards (`docs/annex-f.md`): the first octets of the
/// random name of the request, so that what is kept of the request tells it.
pub(crate) fn instance_of(id: RequestId) -> u32 {
    let RequestId([a, b, c, d, ..]) = id;
    u32::from_be_bytes([a, b, c, d])
}
