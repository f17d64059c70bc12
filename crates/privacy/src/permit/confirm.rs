//! The steps of a permit from check to cleared position.

use super::{
    Authorised, Basis, Checked, Cleared, Confirmed, Grant, NodeInstruction, NotificationOnly, Permit, SessionIdentity,
};
use crate::decide::{HomeNetwork, Refusal, RuleId, check_area};
use lcs::{Fix, NodeKind, PrivacyIndicators, PrivacySetting, RefusalReason, ServingNode};

const INCAPABLE: Refusal = Refusal { rule: RuleId::NodeCapability, reason: RefusalReason::NodeIncapable };

/// Step 8: whether `node` can keep to what the check came to. A node below set 4 cannot be told by indicators and is refused.
pub(crate) fn confirm(
    permit: Permit<Authorised>,
    node: &ServingNode,
    home: &HomeNetwork,
) -> Result<Permit<Confirmed>, Refusal> {
    let grant = permit.grant;
    let capabilities = node.effective_capabilities();
    let is_mme = matches!(node.kind, NodeKind::Mme { .. });
    let told = match grant.basis {
        Basis::Profile | Basis::PlmnOperator => capabilities.takes_indicators(),
        // Other nodes are told by the override indicator, which SLg does not have (TS 23.271 clause 9.5.1).
        Basis::Emergency | Basis::LawfulIntercept => is_mme,
    };
    if !told || (grant.notifies_after && !capabilities.notifies_after_positioning()) {
        return Err(INCAPABLE);
    }
    if grant.home_plmn_only && !node.realm().is_some_and(|realm| home.holds_realm(realm)) {
        return Err(Refusal::new(RuleId::PlmnScope, RefusalReason::PlmnClientNotListed));
    }
    let identity = sendable_identity(&grant, node);
    let related = grant.related.filter(|_| identity.is_some());
    let (unrelated, related) = if grant.notifies_after {
        (positioning_first(grant.unrelated), related.map(positioning_first))
    } else {
        (grant.unrelated, related)
    };
    let (instruction, session) = instruct(unrelated, related, identity)?;
    Ok(Permit { grant, stage: Confirmed { instruction, session } })
}

/// Step 11: the check with the position in hand. Takes the position, so that no other way leads on from it.
pub(crate) fn recheck(permit: Permit<Confirmed>, fix: Fix) -> Result<Checked, Refusal> {
    let Permit { grant, stage } = permit;
    let radius_m = match &grant.areas {
        Some((shared, contributors)) => check_area(&shared.rules, *contributors, fix.shape.as_ref())?,
        None => None,
    };
    let (fix, coarsened) = match radius_m {
        Some(radius_m) => (coarsen(&fix, radius_m), true),
        None => (fix, false),
    };
    if !grant.notifies_after {
        return Ok(Checked::Release(Cleared::new(fix, coarsened, false, &grant)));
    }
    let related = grant.related.filter(|_| stage.session.is_some());
    let (instruction, session) = instruct(grant.unrelated, related, stage.session)?;
    Ok(Checked::NotifyFirst(Permit { grant, stage: NotificationOnly { instruction, session, fix, coarsened } }))
}

/// Step 5: a stored estimate instead of steps 6 to 10, if the check allows it.
pub(crate) fn release_cached(permit: Permit<Authorised>, fix: Fix) -> Result<Cleared, Refusal> {
    if permit.allows_cached() {
        Ok(Cleared::new(fix, false, false, &permit.grant))
    } else {
        Err(Refusal::new(RuleId::CachedLocation, RefusalReason::ClassBars))
    }
}

/// Indicators, and the identity that goes with a related one.
fn instruct(
    unrelated: PrivacySetting,
    related: Option<PrivacySetting>,
    identity: Option<SessionIdentity>,
) -> Result<(NodeInstruction, Option<SessionIdentity>), Refusal> {
    let indicators = PrivacyIndicators::new(unrelated, related)
        // All that was allowed depends on a call or session that this node cannot be told of.
        .map_err(|_| Refusal::new(RuleId::SessionIdentity, RefusalReason::NodeIncapable))?;
    Ok((NodeInstruction::Indicators(indicators), identity.filter(|_| indicators.related().is_some())))
}

/// What is sent first where the user is told after positioning: allowed without notification, on the branch that is allowed
/// at all (TS 23.271 clause 9.1.1 step 8).
fn positioning_first(setting: PrivacySetting) -> PrivacySetting {
    match setting {
        PrivacySetting::NotAllowed => PrivacySetting::NotAllowed,
        _ => PrivacySetting::AllowedWithoutNotification,
    }
}

/// The identity named in the request that the node can be told: for packet nodes the APN, for circuit nodes the number.
fn sendable_identity(grant: &Grant, node: &ServingNode) -> Option<SessionIdentity> {
    match node.kind {
        NodeKind::Mme { .. } | NodeKind::Sgsn { .. } => grant.names_apn.then_some(SessionIdentity::Apn),
        NodeKind::Msc { .. } => grant.names_dialled.then_some(SessionIdentity::Dialled),
        NodeKind::Aaa { .. } => None,
    }
}

/// The position as a circle of at least this radius, without what tells more. No accuracy is claimed as met.
fn coarsen(fix: &Fix, radius_m: u32) -> Fix {
    Fix {
        shape: fix.shape.as_ref().map(|shape| shape.coarsen(f64::from(radius_m))),
        age_min: fix.age_min,
        accuracy_fulfilled: fix.accuracy_fulfilled.map(|_| false),
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    }
}
