//! Positions that subscribers have the network send to a client: MO-LR, transfer to a third party (TS 23.271 clauses 9.2.1 and
//! 9.2.2).
//!
//! Nobody asks the network here, and no class of the profile is about it: the subscriber names the client. What counts is that
//! the subscriber is known and has not withdrawn; whether the subscriber may do this at all the serving node has checked.

use crate::{
    decide::{Refusal, RuleId},
    disclosure::{Facts, Ticket, Via},
    permit::Cleared,
    ppr::Ppr,
};
use lcs::{Fix, LcsClientType, RefusalReason, Timestamp};

impl Ppr {
    /// Clears the position that a serving node reports because the subscriber wants a client to have it. Beside
    /// [`crate::clear_emergency_report`] the one way to a cleared position without a permit, and held to its purpose in the same
    /// way: `ticket` is one of a report by the network to a value added client, and the position is released under a ticket of
    /// such a report about the same subscriber only.
    ///
    /// # Errors
    /// The ticket is of something else; the subscriber is unknown, opted out, switched location off or paused it.
    pub fn clear_own_request(&self, fix: Fix, ticket: &Ticket, now: Timestamp) -> Result<Cleared, Refusal> {
        let facts = facts_of(ticket)?;
        let identities = ticket.identities();
        self.stands(&identities, false, now)?;
        Ok(Cleared::of_own_request(fix, facts, identities))
    }
}

/// What a ticket says that is one of a report by the network to a value added client.
pub(crate) fn facts_of(ticket: &Ticket) -> Result<&Facts, Refusal> {
    let report = |facts: &&Facts| facts.via == Via::Network && facts.client_type == LcsClientType::ValueAdded;
    ticket.facts().filter(report).ok_or(Refusal::new(RuleId::OwnRequest, RefusalReason::OverrideNotApplicable))
}
