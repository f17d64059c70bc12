//! Steps 8 to 14 of TS 23.271 clause 9.1.1, common to every immediate procedure once a permit is there.

use crate::{
    Gateway, country,
    network::{Ask, Network, Routed},
    progress::Progress,
    quality,
};
use lcs::{Failure, Fix, LcsClientType, NodeKind, PositioningOutcome, RefusalReason, RoutingInfo, ServingNode};
use privacy::{Authorised, Basis, Checked, Cleared, Confirmed, NotificationOnly, Permit, RuleId, disclosure::Ticket};

/// Why positioning by a route failed.
pub(crate) struct Missed {
    pub(crate) failure: Failure,
    pub(crate) route: Route,
}

/// What a failure says of the route that led to it.
pub(crate) enum Route {
    /// It was told now, or the failure has nothing to do with it.
    Good,
    /// It was kept from earlier, and what it says of the node stood in the way.
    Doubtful,
    /// It was kept from earlier, and the node was asked and may no longer be the one that serves.
    DoubtfulAndAsked(ServingNode),
}

impl Missed {
    /// A failure that lies in what `routed` says.
    pub(crate) fn by_route(failure: Failure, routed: &Routed) -> Self {
        Self { failure, route: if routed.kept { Route::Doubtful } else { Route::Good } }
    }

    /// Whether the same may go better by a route that the HSS tells now.
    pub(crate) fn is_worth_another(&self) -> bool {
        !matches!(self.route, Route::Good)
    }
}

impl From<Failure> for Missed {
    fn from(failure: Failure) -> Self {
        Self { failure, route: Route::Good }
    }
}

/// Confirms the permit for the node that serves, asks it, checks again with the position, and has the user told or asked
/// once more where the profile wants that. `before`: what came of the same by a route kept from earlier.
pub(crate) async fn position<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    permit: Permit<Authorised>,
    routed: &Routed,
    before: Option<&Missed>,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<Cleared, Missed> {
    let route = &*routed.info;
    let by_route = |failure| Missed::by_route(failure, routed);
    let overrides = matches!(permit.basis(), Basis::Emergency | Basis::LawfulIntercept);
    let node = serving_node(route, overrides).ok_or_else(|| by_route(Failure::ServingNodeUnsupported))?;
    match before {
        // The route that was kept holds, so the node has answered for good. It may have shown something to the user.
        Some(Missed { failure, route: Route::DoubtfulAndAsked(asked) }) if asked == node => {
            return Err((*failure).into());
        }
        Some(_) => progress.told_nobody(),
        None => {}
    }
    covered(ask, node).map_err(by_route)?;
    let known = permit.identities();
    let confirmed = gateway.ppr.confirm(permit, &ask.request, route, node, gateway.now(), &gateway.number);
    let permit = confirmed.map_err(|refusal| {
        let completed = known.or(route.identities);
        ticket.identify(gateway.ppr.subject(&completed), completed);
        let failure = progress.refused(refusal);
        if lies_in_the_route(refusal.rule) { by_route(failure) } else { failure.into() }
    })?;
    progress.permitted(&permit, ticket);
    progress.told(permit.indicators(), false);
    let outcome = gateway.network.provide_location(&permit, node, ask).await;
    let outcome = outcome.map_err(|failure| match routed.kept && points_elsewhere(failure) {
        true => Missed { failure, route: Route::DoubtfulAndAsked(node.clone()) },
        false => failure.into(),
    })?;
    let fix = estimate(outcome, ask)?;
    Ok(clear(gateway, ask, permit, node, fix, progress).await?)
}

/// Steps 11 to 14: the check with the position in hand; where the user decides knowing where, the second round.
async fn clear<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    permit: Permit<Confirmed>,
    node: &ServingNode,
    fix: Fix,
    progress: &mut Progress,
) -> Result<Cleared, Failure> {
    let checked = gateway.ppr.recheck(permit, fix, gateway.now());
    let cleared = match checked.map_err(|refusal| progress.refused(refusal))? {
        Checked::Release(cleared) => cleared,
        Checked::NotifyFirst(permit) => notify(gateway, ask, permit, node, progress).await?,
    };
    let given = cleared.given();
    // A cell alone cannot be told over Le but to emergency services; the record must not say that it was.
    if given.shape.is_none() && !is_emergency(ask) {
        return Err(Failure::PositioningFailed);
    }
    // Made coarser by the subscriber's rules, it may no longer be what an assured request takes.
    if quality::is_assured(&ask.request.qos, &given) { Ok(cleared) } else { Err(Failure::QosNotAttainable) }
}

/// Steps 12 to 14: the second round. What ends it without an answer by or about the user is a failure of the network.
async fn notify<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    permit: Permit<NotificationOnly>,
    node: &ServingNode,
    progress: &mut Progress,
) -> Result<Cleared, Failure> {
    progress.told(permit.indicators(), true);
    let answer = gateway.network.notify(&permit, node, ask).await;
    let cleared = gateway.ppr.after_notification(permit, (&answer).into(), gateway.now());
    cleared.map_err(|refusal| match answer {
        Err(failure) if by_the_user(refusal.reason) && failure != Failure::PositioningDenied => failure,
        Ok(PositioningOutcome::TransientlyUnreachable) if by_the_user(refusal.reason) => Failure::AbsentSubscriber,
        Ok(PositioningOutcome::Fixed(_)) if by_the_user(refusal.reason) => Failure::NetworkProtocol,
        _ => progress.refused(refusal),
    })
}

/// Whether a refusal stands for the user's own, and not for the profile's in the meantime.
fn by_the_user(reason: RefusalReason) -> bool {
    reason == RefusalReason::RefusedAfterPositioning
}

/// The node to ask: the first that SLg or Lgd reaches, in the order of the HSS (TS 23.271 clause 9.1.1 step 9). An override
/// goes to an MME if there is one, because Lgd has no override indicator for an SGSN to act on.
pub(crate) fn serving_node(route: &RoutingInfo, overrides: bool) -> Option<&ServingNode> {
    let is_mme = |node: &&ServingNode| matches!(node.kind, NodeKind::Mme { .. });
    let is_reached = |node: &&ServingNode| match &node.kind {
        NodeKind::Mme { .. } | NodeKind::Sgsn { diameter: Some(_), .. } => true,
        NodeKind::Sgsn { diameter: None, .. } | NodeKind::Msc { .. } | NodeKind::Aaa { .. } => false,
    };
    let mme = route.nodes.iter().find(|node| overrides && is_mme(node));
    mme.or_else(|| route.nodes.iter().find(is_reached))
}

/// Step 8: an immediate request with a service coverage is for nodes in those countries only. A node whose country cannot be
/// told is outside, because the client promised its service elsewhere to nobody.
fn covered(ask: &Ask, node: &ServingNode) -> Result<(), Failure> {
    let coverage = &ask.request.service_coverage;
    if coverage.is_empty() {
        return Ok(());
    }
    let code = country::calling_code_of_node(node);
    if code.is_some_and(|code| coverage.contains(&code)) { Ok(()) } else { Err(Failure::OutsideCoverage) }
}

/// Step 10: what of the node's answer may go on. An assured request takes no estimate that misses its accuracy.
fn estimate(outcome: PositioningOutcome, ask: &Ask) -> Result<Fix, Failure> {
    match outcome {
        PositioningOutcome::Fixed(fix) if quality::is_assured_by(&ask.request.qos, &fix) => Ok(fix),
        PositioningOutcome::Fixed(_) => Err(Failure::QosNotAttainable),
        // A node that only notified has not done what it was asked.
        PositioningOutcome::Notified => Err(Failure::NetworkProtocol),
        PositioningOutcome::TransientlyUnreachable => Err(Failure::AbsentSubscriber),
    }
}

fn is_emergency(ask: &Ask) -> bool {
    ask.request.client.client_type == LcsClientType::Emergency
}

/// Whether a refusal rests on what the HSS said of node or subscriber.
fn lies_in_the_route(rule: RuleId) -> bool {
    matches!(rule, RuleId::NodeCapability | RuleId::SessionIdentity | RuleId::PlmnScope | RuleId::OneSubscriber)
}

/// Whether a failure may mean that the subscriber is served by another node than the one kept.
fn points_elsewhere(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::UnknownSubscriber
            | Failure::AbsentSubscriber
            | Failure::DetachedSubscriber
            | Failure::NetworkUnreachable
    )
}
