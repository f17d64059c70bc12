//! What the record will say besides the end itself, gathered on the way.

use lcs::{Failure, PrivacyIndicators, PrivacySetting};
use privacy::{
    Basis, Cleared, Permit, Refusal, RuleId,
    disclosure::{Ending, Notification, Ticket},
};

/// How a request about one target ended: a position that may be given once it is recorded, or why there is none.
pub type Answer = Result<Cleared, Failure>;

/// Basis, deciding rule and notification of a request under way.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    basis: Option<Basis>,
    rule: Option<RuleId>,
    told: Option<PrivacyIndicators>,
    second_round: bool,
}

impl Progress {
    /// Notes a refusal and makes it the end.
    pub(crate) fn refused(&mut self, refusal: Refusal) -> Failure {
        self.rule = Some(refusal.rule);
        refusal.into()
    }

    /// Notes a permit, and to whom the record belongs.
    pub(crate) fn permitted<Stage>(&mut self, permit: &Permit<Stage>, ticket: &mut Ticket) {
        self.basis = Some(permit.basis());
        self.rule = Some(permit.rule());
        ticket.identify(permit.subject(), permit.identities());
    }

    /// Notes on what ground an end without a permit stands.
    pub(crate) fn on(&mut self, basis: Basis, rule: RuleId) {
        (self.basis, self.rule) = (Some(basis), Some(rule));
    }

    /// Notes what the serving node was told.
    pub(crate) fn told(&mut self, indicators: PrivacyIndicators, second_round: bool) {
        self.told = Some(indicators);
        self.second_round = second_round;
    }

    /// The end as the record keeps it.
    pub(crate) fn ending(&self, answer: &Answer, keeps_coordinates: bool) -> Ending {
        let ending = match answer {
            Ok(cleared) => Ending::allowed(cleared.given(keeps_coordinates), cleared.basis()),
            Err(failure) => Ending::failed(*failure),
        };
        let ending = match self.basis {
            Some(basis) => ending.on(basis),
            None => ending,
        };
        let ending = match self.rule {
            Some(rule) => ending.by(rule),
            None => ending,
        };
        let ending = ending.notified(self.notification(answer));
        if self.second_round { ending.after_second_round() } else { ending }
    }

    /// What became of telling or asking the user, as far as the serving node's answer shows it: which of two indicators it
    /// acted on is not told.
    fn notification(&self, answer: &Answer) -> Notification {
        let Some(indicators) = self.told else { return Notification::NotNeeded };
        let all = [Some(indicators.unrelated()), indicators.related()];
        let any = |is: fn(PrivacySetting) -> bool| all.iter().flatten().any(|setting| is(*setting));
        let each = |is: fn(PrivacySetting) -> bool| all.iter().flatten().all(|setting| is(*setting));
        let denied = matches!(
            answer,
            Err(Failure::PositioningDenied | Failure::Refused(lcs::RefusalReason::RefusedAfterPositioning))
        );
        match answer {
            Err(_) if denied && any(PrivacySetting::verifies) => Notification::Denied,
            Ok(_) if each(PrivacySetting::verifies) => Notification::Accepted,
            _ if any(PrivacySetting::notifies) => Notification::Ordered,
            _ => Notification::NotNeeded,
        }
    }
}
