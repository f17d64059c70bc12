//! Pauses: nothing of what happens meanwhile is told, then or later.

use super::{Dropped, Ldr, LdrAction, Pauser, Phase};
use crate::deferred::ReportedEvent;
use crate::deferred::plan::Kind;
use lcs::TerminationCause;

impl Ldr {
    /// What happens in a pause is not told, then or later. A node that is done by it is asked anew when reports go on; where no more
    /// can come, it is over.
    pub(super) fn drop_in_pause(&mut self, event: ReportedEvent) -> Result<Vec<LdrAction>, Dropped> {
        let last = self.is_last(event, self.reports.saturating_add(1));
        match self.plan.kind {
            Kind::Periodic if last => {
                self.owed = None;
                return Ok(self.ended_by_node(TerminationCause::Normal));
            }
            Kind::UeAvailable if self.plan.has_rounds() && !last => self.next_round(event),
            Kind::UeAvailable => self.rest(),
            Kind::Area(_) | Kind::Motion if !self.plan.node_waits_on() => self.rest(),
            Kind::Periodic | Kind::Area(_) | Kind::Motion => {}
        }
        Err(Dropped::Paused)
    }

    /// No node waits any more, and one is asked for this request alone when it goes on.
    pub(super) fn rest(&mut self) {
        (self.phase, self.joined, self.waits, self.until) = (Phase::Resting, false, false, None);
    }

    /// The report under way, which a pause held up, is made when reports go on.
    pub(super) fn pause(&mut self, by: Pauser, paused: bool) -> Vec<LdrAction> {
        let before = self.is_paused();
        match by {
            Pauser::Subscriber => self.paused_by_subscriber = paused,
            Pauser::Operator => self.paused_by_operator = paused,
        }
        if self.is_paused() == before {
            return Vec::new();
        }
        self.changes = self.changes.wrapping_add(1);
        let mut actions = vec![LdrAction::Paused { paused: !before, change: self.changes }];
        actions.extend(self.owed_report());
        actions
    }

    /// The report under way, unless a pause holds it up.
    pub(super) fn owed_report(&self) -> Option<LdrAction> {
        let (number, event) = self.owes().filter(|_| !self.is_paused())?;
        Some(LdrAction::Report { number, event, last: self.closing })
    }
}
