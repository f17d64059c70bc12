//! Subscribers of another home gateway: leave to refer a request there, and the position that comes back (TS 23.271 clause 9.1.1
//! steps 4, 15 and 16).
//!
//! The check is made at home, by the profile there. What is held to here is that no request goes that way about somebody whose
//! profile is kept here, and that what comes back is about the one who was asked about.

use crate::{
    decide::{Policy, Refusal, RuleId},
    permit::Cleared,
    ppr::Ppr,
};
use lcs::{
    Failure, Fix, Identities, LcsClientType, LeastPrivacy, LocationRequest, Named, PrivacySetting, RefusalReason,
    Target,
};
use std::sync::Arc;

/// Leave to refer one request about one subscriber to the subscriber's home gateway. No constructor outside this crate; used up
/// by the answer. Not for an override, which goes past the home gateway.
#[derive(Debug)]
#[must_use = "a referral that is dropped is a request that goes nowhere"]
pub struct Referral {
    account: Arc<str>,
    named: Named,
    least_privacy: LeastPrivacy,
}

/// Why what a home gateway answered is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferralError {
    /// It is about somebody else, or does not say about whom. The gateway broke the rules.
    #[error("the home gateway answered about another subscriber")]
    OtherSubscriber,
    /// A profile of the subscriber came to be kept here in the meantime.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<ReferralError> for Failure {
    fn from(error: ReferralError) -> Self {
        match error {
            ReferralError::OtherSubscriber => Self::NetworkProtocol,
            ReferralError::Refused(refusal) => refusal.into(),
        }
    }
}

impl Referral {
    /// Whom it is about: what the home gateway is asked, and has to name in its answer.
    #[must_use]
    pub fn named(&self) -> &Named {
        &self.named
    }

    /// The client account that it was given to.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// What the home gateway is asked to give at least: the wish of client and request, and below it the operator's floor, which
    /// counts for the subscribers of others too.
    #[must_use]
    pub fn least_privacy(&self) -> LeastPrivacy {
        self.least_privacy
    }

    /// By what a profile would be found here; none for a pseudonym, which is at home elsewhere by what it tells itself.
    pub(crate) fn verinym(&self) -> Option<&Identities> {
        match &self.named {
            Named::Verinym(identities) => Some(identities),
            Named::Pseudonym(_) => None,
        }
    }

    /// For who has made sure that no profile is kept here.
    pub(crate) fn new(request: &LocationRequest, named: Named, policy: &Policy) -> Result<Self, Refusal> {
        let of_request = match (&named, &request.target) {
            (Named::Pseudonym(named), Target::Pseudonym(asked)) => named == asked,
            (Named::Verinym(named), asked) => Identities::of(asked).is_some_and(|asked| asked.is_same(named)),
            (Named::Pseudonym(_), _) => false,
        };
        if !of_request {
            return Err(refused(RefusalReason::NoProfile));
        }
        let floor = floor(request, policy)?;
        let least_privacy = request.least_privacy.stricter(LeastPrivacy { unrelated: floor, related: floor });
        Ok(Self { account: Arc::clone(&request.account), named, least_privacy })
    }

    /// Whether an answer that names `told` is to it.
    pub(crate) fn is_about(&self, told: &Named) -> Result<(), ReferralError> {
        if self.named.is(told) { Ok(()) } else { Err(ReferralError::OtherSubscriber) }
    }

    /// For who has made sure that the answer is to it, and that no profile came to be kept here.
    pub(crate) fn cleared(self, fix: Fix) -> Cleared {
        let identities = self.verinym().copied().unwrap_or_default();
        Cleared::of_referral(fix, self.account, identities)
    }
}

pub(crate) fn refused(reason: RefusalReason) -> Refusal {
    Refusal::new(RuleId::HomeGateway, reason)
}

/// The operator's floor for a request, as far as that can be asked of another: no other client than a value added one has anybody
/// notified.
fn floor(request: &LocationRequest, policy: &Policy) -> Result<PrivacySetting, Refusal> {
    let floor = policy.floor.of(request);
    let notifiable = request.client.client_type == LcsClientType::ValueAdded;
    let asks = floor == PrivacySetting::AllowedWithoutNotification;
    if floor == PrivacySetting::NotAllowed || (!notifiable && !asks) {
        return Err(Refusal::new(RuleId::OperatorFloor, RefusalReason::OperatorFloor));
    }
    Ok(floor)
}

impl Ppr {
    /// Leave to refer `request`, which is about `named`: the pseudonym in it, or identities with whatever the home register told
    /// beside them. The request must have been admitted, and the home gateway be another by what pseudonym, home register or the
    /// operator's table say.
    ///
    /// # Errors
    /// A profile is kept here, which makes this the home gateway, or may be; nobody is named; or the operator's floor lets the
    /// client have nothing.
    pub fn refer(&self, request: &LocationRequest, named: Named) -> Result<Referral, Refusal> {
        let referral = Referral::new(request, named, self.policy())?;
        referral.verinym().map_or(Ok(()), |named| self.holds_nobody(named)).map_err(refused)?;
        Ok(referral)
    }

    /// Clears the position that the home gateway sent back, which it does after its check. `told`: whom the answer says it is
    /// about.
    ///
    /// # Errors
    /// The answer is about somebody else, or a profile came to be kept here. The position is gone.
    pub fn clear_referred(&self, referral: Referral, told: &Named, fix: Fix) -> Result<Cleared, ReferralError> {
        referral.is_about(told)?;
        referral.verinym().map_or(Ok(()), |named| self.holds_nobody(named)).map_err(refused)?;
        Ok(referral.cleared(fix))
    }
}

#[cfg(test)]
mod tests;
