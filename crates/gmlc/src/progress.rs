//! What the record will say besides the end itself, gathered on the way.

use lcs::{Failure, Identities, PrivacySetting, RefusalReason, Timestamp};
use privacy::{
    Barred, Basis, Cleared, NodeInstruction, Permit, Refusal, RuleId,
    disclosure::{Ending, Given, LogUnavailable, Notification, Outcome, Recorded, Ticket},
};

/// How a request about one target ended: a position that may be given once it is recorded, or why there is none.
pub type Answer = Result<Cleared, Failure>;

/// Basis, deciding rule and notification of a request under way.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    basis: Option<Basis>,
    rule: Option<RuleId>,
    told: Option<NodeInstruction>,
    second_round: bool,
}

impl Progress {
    /// Notes a refusal and makes it the end.
    pub(crate) fn refused(&mut self, refusal: Refusal) -> Failure {
        self.rule = Some(refusal.rule);
        refusal.into()
    }

    /// Notes that the check barred the request, and to whom the record belongs, and makes it the end.
    pub(crate) fn barred(&mut self, barred: Barred, of: Identities, ticket: &mut Ticket) -> Failure {
        ticket.identify(barred.subject, of);
        self.refused(barred.refusal)
    }

    /// Notes a permit, and to whom the record belongs.
    pub(crate) fn permitted<Stage>(&mut self, permit: &Permit<Stage>, ticket: &mut Ticket) {
        self.on(permit.basis(), permit.rule());
        ticket.identify(permit.subject(), permit.identities());
    }

    /// Notes on what ground the end stands.
    pub(crate) fn on(&mut self, basis: Basis, rule: RuleId) {
        (self.basis, self.rule) = (Some(basis), Some(rule));
    }

    /// Notes what the serving node was told.
    pub(crate) fn told(&mut self, instruction: NodeInstruction, second_round: bool) {
        self.told = Some(instruction);
        self.second_round = second_round;
    }

    /// Notes that the node that was told does not serve, so that nothing came of it.
    pub(crate) fn told_nobody(&mut self) {
        self.told = None;
    }

    /// Records how arming a deferred request ended: if it is armed, as allowed and nothing given yet.
    ///
    /// # Errors
    /// The log could not make it durable, so that the request must not be said to be armed.
    pub(crate) async fn record_armed(
        &self,
        ticket: Ticket,
        armed: Result<(), Failure>,
        now: Timestamp,
    ) -> Result<(), LogUnavailable> {
        let ending = match armed {
            Ok(()) => Ending::new(Outcome::Allowed(Given::default())),
            Err(failure) => Ending::failed(failure),
        };
        ticket.record(self.completed(ending, armed).at(now), ()).await.map(Recorded::release)
    }

    /// The end as the record keeps it.
    pub(crate) fn ending(&self, answer: &Answer, keeps_coordinates: bool) -> Ending {
        self.ending_of(answer.as_ref().map_err(|failure| *failure), keeps_coordinates)
    }

    /// The same of an answer that stands in another.
    pub(crate) fn ending_of(&self, answer: Result<&Cleared, Failure>, keeps_coordinates: bool) -> Ending {
        let ending = match answer {
            Ok(cleared) => Ending::cleared(cleared, keeps_coordinates),
            Err(failure) => Ending::failed(failure),
        };
        self.completed(ending, answer.map(|_| ()))
    }

    /// An end with all that is known beside it.
    pub(crate) fn completed(&self, mut ending: Ending, answer: Result<(), Failure>) -> Ending {
        ending.basis = ending.basis.or(self.basis);
        ending.rule = ending.rule.or(self.rule);
        ending.settings = ending.settings.or(self.told.and_then(NodeInstruction::settings));
        ending.second_round |= self.second_round;
        ending.notified(self.notification(answer))
    }

    /// What became of telling or asking the user, as far as the serving node's answer shows it: which of two settings it
    /// acted on is not told, nor whether a denial was the user's word or their silence.
    fn notification(&self, answer: Result<(), Failure>) -> Notification {
        let denied = matches!(
            answer,
            Err(Failure::PositioningDenied | Failure::Refused(RefusalReason::RefusedAfterPositioning))
        );
        let Some((unrelated, related)) = self.told.and_then(NodeInstruction::settings) else {
            return match self.told {
                None => Notification::NotNeeded,
                // What the home gateway's number orders is not known here: it may be a question.
                Some(_) if denied => Notification::Denied,
                Some(_) => Notification::Ordered,
            };
        };
        let all = [Some(unrelated), related];
        let any = |is: fn(PrivacySetting) -> bool| all.iter().flatten().any(|setting| is(*setting));
        let each = |is: fn(PrivacySetting) -> bool| all.iter().flatten().all(|setting| is(*setting));
        match answer {
            Err(_) if denied && any(PrivacySetting::verifies) => Notification::Denied,
            Ok(_) if each(PrivacySetting::verifies) => Notification::Accepted,
            _ if any(PrivacySetting::notifies) => Notification::Ordered,
            _ => Notification::NotNeeded,
        }
    }
}
