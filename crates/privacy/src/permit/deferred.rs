//! Permits of deferred requests (TS 23.271 clauses 9.1.8, 9.1.9, 9.1.12 and 9.1.19): leave to wait for an event, and leave to tell one.

use super::{Areas, Authorised, Cleared, Permit, confirm::coarsen};
use crate::decide::{Policy, Refusal, RuleId, check_area};
use lcs::{Fix, LocationType, PrivacySetting, RefusalReason};

impl Permit<Authorised> {
    /// The same for a deferred request.
    ///
    /// Refused is what nobody can keep to when a report comes, perhaps days later: a setting that counts in a call or session alone, a
    /// user who is to be told or asked knowing where, and a leave that ends with the home network's own nodes.
    pub(crate) fn deferred(mut self) -> Result<Self, Refusal> {
        if self.grant.basis.overrides() {
            return Err(Refusal::new(RuleId::ClientType, RefusalReason::OverrideNotApplicable));
        }
        if self.grant.home_plmn_only {
            return Err(Refusal::new(RuleId::PlmnScope, RefusalReason::PlmnClientNotListed));
        }
        if self.grant.notifies_after {
            return Err(Refusal::new(RuleId::NotifyAfter, RefusalReason::ClassBars));
        }
        if self.grant.unrelated == PrivacySetting::NotAllowed {
            return Err(Refusal::new(self.grant.rule, RefusalReason::ClassBars));
        }
        self.grant.related = None;
        (self.grant.names_dialled, self.grant.names_apn) = (false, false);
        self.grant.location_type = LocationType::ActivateDeferred;
        Ok(self)
    }

    /// The same for a visited gateway, by the home gateway's word, at nodes of the own network. What counts in a call or session alone is
    /// refused; what the home gateway allows at a report, it checks itself.
    pub(crate) fn deferred_by_word(mut self) -> Result<Self, Refusal> {
        let unsaid = |reason| Refusal::new(RuleId::HomeInstruction, reason);
        let Some(word) = self.grant.home_word else { return Err(unsaid(RefusalReason::GatewayNotAuthorised)) };
        let barred = self.grant.unrelated == PrivacySetting::NotAllowed;
        if word.indicators.is_some() && barred {
            return Err(unsaid(RefusalReason::ClassBars));
        }
        self.grant.related = None;
        (self.grant.names_dialled, self.grant.names_apn) = (false, false);
        self.grant.location_type = LocationType::ActivateDeferred;
        Ok(self)
    }

    /// Whether it is one for a deferred request.
    pub(crate) fn is_deferred(&self) -> bool {
        self.grant.location_type == LocationType::ActivateDeferred
    }

    /// The same for a deferred request, if it is to be one.
    pub(crate) fn deferred_if(self, deferred: bool) -> Result<Self, Refusal> {
        if deferred { self.deferred() } else { Ok(self) }
    }
}

/// Clears what a report tells, as [`crate::PrivacyCheck::clear_report`] says.
pub(crate) fn clear_report(
    permit: Permit<Authorised>,
    agreed: PrivacySetting,
    fix: Option<Fix>,
    policy: &Policy,
) -> Result<Cleared, Refusal> {
    if !permit.is_deferred() {
        return Err(Refusal::new(permit.grant.rule, RefusalReason::ClassBars));
    }
    if permit.is_by_default() && policy.owns(&permit.identities()) != Some(true) {
        return Err(Refusal::new(RuleId::ProfileKnown, RefusalReason::NoProfile));
    }
    let Permit { grant, .. } = permit;
    if grant.unrelated > agreed {
        return Err(Refusal::new(grant.rule, RefusalReason::ClassBars));
    }
    let fix = fix.filter(|fix| fix.shape.is_some()).unwrap_or(Fix::NOWHERE);
    let radius_m = match &grant.areas {
        Areas::None | Areas::Elsewhere { checks: false, .. } => None,
        Areas::Here(shared, contributors) => check_area(&shared.rules, *contributors, fix.shape.as_ref())?,
        Areas::Elsewhere { checks: true, .. } => return Err(Refusal::new(RuleId::AreaRule, RefusalReason::AreaRule)),
    };
    Ok(match radius_m {
        Some(radius_m) => Cleared::new(coarsen(&fix, radius_m), true, false, &grant),
        None => Cleared::new(fix, false, false, &grant),
    })
}
