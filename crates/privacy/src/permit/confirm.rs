//! The steps of a permit from check to cleared position.

use super::{
    Areas, Authorised, Basis, Checked, Cleared, Confirmed, ForCard, Grant, NodeInstruction, NotificationOnly, Permit,
    SessionIdentity,
};
use crate::{
    decide::{Policy, Refusal, RuleId, check_area},
    lpp::PseudoExternalOffer,
    pseudo_external::{Provisioned, PseudoExternalTable},
    visited::HomeWord,
};
use lcs::{
    Address, Fix, LcsCapabilitySets, LcsClientType, LcsInterface, LocationType, NodeKind, PrivacyIndicators,
    PrivacySetting, PseudoExternalIdentity, RefusalReason, ServingNode, Way,
};

const INCAPABLE: Refusal = Refusal { rule: RuleId::NodeCapability, reason: RefusalReason::NodeIncapable };

/// Step 8: tells the node by what it can take, or refuses.
pub(crate) fn confirm(permit: Permit<Authorised>, way: Way<'_>, policy: &Policy) -> Result<Permit<Confirmed>, Refusal> {
    let (means, (instruction, session)) = instruct_first(&permit.grant, way, policy)?;
    Ok(Permit { grant: permit.grant, stage: Confirmed { means, instruction, session } })
}

/// Step 3 of TS 23.271 Annex F.1: the card in the place of the node. Refused is what it has no words for: a codeword that its user is to
/// judge, and a user who is told knowing where.
pub(crate) fn confirm_for_card(permit: Permit<Authorised>) -> Result<Permit<ForCard>, Refusal> {
    let grant = &permit.grant;
    let by_profile = matches!(grant.basis, Basis::Profile | Basis::PlmnOperator);
    let sayable = permit.is_deferred() && by_profile && !grant.forwards_codeword && !grant.notifies_after;
    if !sayable || grant.home_plmn_only || grant.unrelated == PrivacySetting::NotAllowed {
        return Err(INCAPABLE);
    }
    let indicators = PrivacyIndicators::new(grant.unrelated, None).map_err(|_| INCAPABLE)?;
    Ok(Permit { grant: permit.grant, stage: ForCard { indicators } })
}

/// Whether [`confirm`] would go through.
pub(crate) fn suits(permit: &Permit<Authorised>, way: Way<'_>, policy: &Policy) -> Result<(), Refusal> {
    instruct_first(&permit.grant, way, policy).map(|_| ())
}

type Instructed = (NodeInstruction, Option<SessionIdentity>);

fn instruct_first(grant: &Grant, way: Way<'_>, policy: &Policy) -> Result<(Means, Instructed), Refusal> {
    if grant.home_plmn_only && !policy.home.holds_node(way.node) {
        return Err(match grant.basis {
            Basis::PlmnOperator => Refusal::new(RuleId::PlmnScope, RefusalReason::PlmnClientNotListed),
            _ => Refusal::new(RuleId::OwnNode, RefusalReason::GatewayNotAuthorised),
        });
    }
    let means = means(grant, way, policy)?;
    let identity = sendable_identity(grant, way.node);
    let related = grant.related.filter(|_| identity.is_some());
    let (unrelated, related) = if grant.notifies_after {
        (positioning_first(grant.unrelated), related.map(positioning_first))
    } else {
        (grant.unrelated, related)
    };
    Ok((means, instruct(means, unrelated, related, identity)?))
}

/// By what a node can be told.
#[derive(Debug, Clone, Copy)]
#[allow(
    clippy::large_enum_variant,
    reason = "one lives as long as its permit, and a box would cost an allocation for each request"
)]
pub(super) enum Means {
    /// Indicators over SLg or Lgd.
    Indicators,
    /// Indicators over Lg.
    IndicatorsOverMap,
    /// A number out of this table, which home registers hold.
    PseudoExternal(PseudoExternalTable),
    /// A number that the register elsewhere chose.
    Offered(PseudoExternalOffer),
    /// Its own list of PLMN operator clients.
    PlmnClient,
    /// The number that the home gateway told.
    HomeNumber(Address),
    /// The override indicator.
    Override,
}

/// By what `node` can be told what this grant came to (TS 23.271 clauses 9.5.1, 9.5.4 and 10.5.2).
fn means(grant: &Grant, way: Way<'_>, policy: &Policy) -> Result<Means, Refusal> {
    let Way { node, interface } = way;
    if !node.is_reached_over(interface) {
        return Err(INCAPABLE);
    }
    let capabilities = node.effective_capabilities();
    let is_mme = matches!(node.kind, NodeKind::Mme { .. });
    match (grant.basis, interface) {
        // An MME acts on the client type. Lgd has no override indicator for an SGSN to act on (TS 23.271 clause 9.5.1).
        (Basis::Emergency | Basis::LawfulIntercept, LcsInterface::Slg) if is_mme => return Ok(Means::Indicators),
        // A visited gateway judges whether the override holds there, and tells the node by what that takes.
        (Basis::Emergency | Basis::LawfulIntercept, LcsInterface::Lg | LcsInterface::Lr)
            if capabilities.highest() > 0 && !is_visited(grant, interface) =>
        {
            return Ok(Means::Override);
        }
        // Nobody asks a node for what the subscriber sent, or what the home gateway gave.
        (Basis::Emergency | Basis::LawfulIntercept | Basis::OwnRequest | Basis::HomeGateway, _) => {
            return Err(INCAPABLE);
        }
        (Basis::HomeInstruction, LcsInterface::Lr) => return Err(INCAPABLE),
        (Basis::Profile | Basis::PlmnOperator | Basis::HomeInstruction, _) => {}
    }
    if let Some(word) = grant.home_word {
        return means_of_word(grant, word, capabilities, interface);
    }
    if capabilities.takes_indicators() {
        let told_after = !grant.notifies_after || capabilities.notifies_after_positioning();
        return if told_after { Ok(by_indicators(interface)) } else { Err(INCAPABLE) };
    }
    // Lgd has no place for a pseudo-external identity.
    let (LcsInterface::Lg | LcsInterface::Lr, Some(numbers)) = (interface, numbers(grant, policy)) else {
        return Err(INCAPABLE);
    };
    // A node below set 3 passes over the codeword, and the user who is to judge it sees none (TS 23.271 clause 10.5.1).
    if grant.forwards_codeword && capabilities.highest() < 3 {
        return Err(INCAPABLE);
    }
    // A node of set 1 knows no list of fourteen, nor a related class beside which one would be withheld from it.
    let first_four = match numbers {
        Means::Offered(offer) => offer.lowest_set <= 1,
        Means::PseudoExternal(table) => table.provisioned() == Provisioned::FirstFour,
        Means::Indicators | Means::IndicatorsOverMap | Means::PlmnClient | Means::HomeNumber(_) | Means::Override => {
            false
        }
    };
    match (grant.client_type, capabilities.highest()) {
        // Lr has no way to say that the node's own list is to decide.
        (LcsClientType::PlmnOperator, 1..=3) if interface == LcsInterface::Lg => Ok(Means::PlmnClient),
        (LcsClientType::ValueAdded, 1) if first_four => Ok(numbers),
        (LcsClientType::ValueAdded, 2 | 3) => Ok(numbers),
        _ => Err(INCAPABLE),
    }
}

/// Indicators over this interface. A visited gateway is told the call or session as a node is over MAP.
fn by_indicators(interface: LcsInterface) -> Means {
    match interface {
        LcsInterface::Slg => Means::Indicators,
        LcsInterface::Lg | LcsInterface::Lr => Means::IndicatorsOverMap,
    }
}

/// Whether it is asked for another gateway, which is not passed on to a third.
fn is_visited(grant: &Grant, interface: LcsInterface) -> bool {
    grant.home_plmn_only && interface == LcsInterface::Lr
}

/// By what a node can be told what the home gateway said, in the visited one: the indicators if it takes them, the number if it
/// is too old, and never one in the place of the other (TS 23.271 clause 9.1.1 step 8 and Annex C).
fn means_of_word(
    grant: &Grant,
    word: HomeWord,
    capabilities: LcsCapabilitySets,
    interface: LcsInterface,
) -> Result<Means, Refusal> {
    let notifies_only = grant.location_type == LocationType::NotificationVerificationOnly;
    if capabilities.takes_indicators() {
        let told = word.indicators.is_some() && (!notifies_only || capabilities.notifies_after_positioning());
        return if told { Ok(by_indicators(interface)) } else { Err(INCAPABLE) };
    }
    let sees_codeword = !grant.forwards_codeword || capabilities.highest() >= 3;
    match (interface, word.number) {
        (LcsInterface::Lg, Some(number)) if capabilities.highest() > 0 && sees_codeword && !notifies_only => {
            Ok(Means::HomeNumber(number))
        }
        _ => Err(INCAPABLE),
    }
}

/// Whose numbers count: those of the register that gave the permit.
fn numbers(grant: &Grant, policy: &Policy) -> Option<Means> {
    match grant.areas {
        Areas::None | Areas::Here(..) => policy.pseudo_external.map(Means::PseudoExternal),
        Areas::Elsewhere { offer, .. } => offer.map(Means::Offered),
    }
}

/// Step 11: the check with the position in hand. Takes the position, so that no other way leads on from it.
pub(crate) fn recheck(permit: Permit<Confirmed>, fix: Fix) -> Result<Checked, Refusal> {
    let radius_m = match &permit.grant.areas {
        Areas::Here(shared, contributors) => check_area(&shared.rules, *contributors, fix.shape.as_ref())?,
        Areas::None => None,
        // Its rules are not here to be judged.
        Areas::Elsewhere { .. } => return Err(Refusal::new(RuleId::AreaRule, RefusalReason::AreaRule)),
    };
    rechecked(permit, fix, radius_m)
}

/// Step 11 for a permit that a register elsewhere gave and has rechecked: no finer than this radius, if there is one.
pub(crate) fn recheck_elsewhere(
    permit: Permit<Confirmed>,
    fix: Fix,
    radius_m: Option<u32>,
) -> Result<Checked, Refusal> {
    match permit.grant.areas {
        Areas::None | Areas::Elsewhere { .. } => rechecked(permit, fix, radius_m),
        Areas::Here(..) => Err(Refusal::new(RuleId::AreaRule, RefusalReason::AreaRule)),
    }
}

fn rechecked(permit: Permit<Confirmed>, fix: Fix, radius_m: Option<u32>) -> Result<Checked, Refusal> {
    let Permit { grant, stage } = permit;
    let (fix, coarsened) = match radius_m {
        Some(radius_m) => (coarsen(&fix, radius_m), true),
        None => (fix, false),
    };
    if !grant.notifies_after {
        return Ok(Checked::Release(Cleared::new(fix, coarsened, false, &grant)));
    }
    let related = grant.related.filter(|_| stage.session.is_some());
    let (instruction, session) = instruct(stage.means, grant.unrelated, related, stage.session)?;
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

/// What the node is told, and the identity that goes along.
fn instruct(
    means: Means,
    unrelated: PrivacySetting,
    related: Option<PrivacySetting>,
    identity: Option<SessionIdentity>,
) -> Result<Instructed, Refusal> {
    // All that was allowed depends on a call or session that this node cannot be told of.
    let untold = Refusal::new(RuleId::SessionIdentity, RefusalReason::NodeIncapable);
    let indicators = || PrivacyIndicators::new(unrelated, related).map_err(|_| untold);
    match means {
        Means::Indicators => {
            let indicators = indicators()?;
            Ok((NodeInstruction::Indicators(indicators), identity.filter(|_| indicators.related().is_some())))
        }
        Means::IndicatorsOverMap => Ok((NodeInstruction::Indicators(indicators()?), identity)),
        Means::PseudoExternal(table) => {
            let chosen = PseudoExternalIdentity::select(related, unrelated).ok_or(untold)?;
            let number = table.number_of(chosen).ok_or(INCAPABLE)?;
            Ok((NodeInstruction::PseudoExternal(chosen, number), identity))
        }
        Means::Offered(offer) => {
            let chosen = PseudoExternalIdentity::select(related, unrelated).ok_or(untold)?;
            let number = offer.number_of(chosen).ok_or(INCAPABLE)?;
            Ok((NodeInstruction::PseudoExternal(chosen, number), identity))
        }
        Means::PlmnClient => Ok((NodeInstruction::PlmnClient, None)),
        Means::HomeNumber(number) => Ok((NodeInstruction::HomeNumber(number), identity)),
        Means::Override => Ok((NodeInstruction::Override, None)),
    }
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
pub(super) fn coarsen(fix: &Fix, radius_m: u32) -> Fix {
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
