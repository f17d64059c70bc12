//! Requests under one reference: one of them is the one that a node was asked for, and passes that on (TS 23.271 clause 4.5).

use super::{Ldr, LdrAction, Phase};
use lcs::{Duration, Timestamp};

/// A node that stops so little before the end is not asked anew.
const MARGIN: Duration = Duration::from_secs(2);

impl Ldr {
    /// The same of a request that joins another, for which a node waits already.
    #[must_use]
    pub fn joining(self) -> Self {
        Self { joined: true, ..self }
    }

    /// Whether another request is the one that a node was asked for.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.joined
    }

    /// Whether a node waits for this request and for all that joined it, and until when if it stops by itself.
    #[must_use]
    pub fn node_waits(&self) -> (bool, Option<Timestamp>) {
        (self.waits, self.until)
    }

    /// From when on another request may join this one and miss nothing that it would have been told: a node waits, and looks; `None`:
    /// not now.
    #[must_use]
    pub fn open_from(&self) -> Option<Timestamp> {
        let open = self.phase == Phase::Armed && self.terminated.is_none() && !self.is_reported_out();
        open.then(|| self.earliest())
    }

    /// When the node stops by itself although this request goes on: it is asked anew then.
    pub(super) fn runs_out(&self) -> Option<Timestamp> {
        let open = !self.joined && self.terminated.is_none() && !self.is_reported_out();
        self.until.filter(|until| open && until.after(MARGIN) < self.plan.stop)
    }

    /// A node is to be asked again.
    pub(super) fn begin_anew(&mut self, now: Timestamp) -> Vec<LdrAction> {
        (self.phase, self.waits, self.until) = (Phase::Activating, false, None);
        self.retry = Some(now.after(self.wait()));
        vec![LdrAction::Activate]
    }

    /// Takes the place of the request under whose reference a node waits, or waited.
    pub(super) fn promoted(&mut self, waits: bool, until: Option<Timestamp>, now: Timestamp) -> Vec<LdrAction> {
        (self.joined, self.waits, self.until) = (false, waits, until);
        let wanted = self.phase == Phase::Armed && self.terminated.is_none() && !self.is_reported_out();
        if wanted && !waits { self.begin_anew(now) } else { Vec::new() }
    }
}
