//! Steps 8 to 14 of TS 23.271 clause 9.1.1, common to every immediate procedure once a permit is there.

use crate::{
    Gateway, country,
    network::{Ask, Network, Routed},
    progress::Progress,
};
use lcs::{Failure, Fix, NodeKind, PositioningOutcome, QosClass, RoutingInfo, ServingNode};
use privacy::{Authorised, Checked, Cleared, Confirmed, Permit, disclosure::Ticket};

/// Why positioning by a route failed, and whether the same with a fresh route may go better.
pub(crate) struct Missed {
    pub(crate) failure: Failure,
    pub(crate) stale: bool,
}

impl Missed {
    fn final_(failure: Failure) -> Self {
        Self { failure, stale: false }
    }
}

/// Confirms the permit for the node that serves, asks it, checks again with the position, and has the user told or asked
/// once more where the profile wants that.
pub(crate) async fn position<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    permit: Permit<Authorised>,
    routed: &Routed,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<Cleared, Missed> {
    let route = &*routed.info;
    let node = serving_node(route).ok_or(Missed::final_(Failure::ServingNodeUnsupported))?;
    covered(ask, node).map_err(Missed::final_)?;
    let confirmed = gateway.ppr.confirm(permit, &ask.request, route, node, gateway.now(), &gateway.number);
    let permit = confirmed.map_err(|refusal| Missed::final_(progress.refused(refusal)))?;
    progress.permitted(&permit, ticket);
    progress.told(permit.indicators(), false);
    let outcome = gateway.network.provide_location(&permit, node, ask).await;
    let outcome = outcome.map_err(|failure| Missed { failure, stale: routed.kept && points_elsewhere(failure) })?;
    let fix = estimate(outcome, ask).map_err(Missed::final_)?;
    let cleared = clear(gateway, ask, permit, node, fix, progress).await;
    cleared.map_err(Missed::final_)
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
    match checked.map_err(|refusal| progress.refused(refusal))? {
        Checked::Release(cleared) => Ok(cleared),
        Checked::NotifyFirst(permit) => {
            progress.told(permit.indicators(), true);
            let answer = gateway.network.notify(&permit, node, ask).await;
            let cleared = gateway.ppr.after_notification(permit, (&answer).into(), gateway.now());
            cleared.map_err(|refusal| progress.refused(refusal))
        }
    }
}

/// The node to ask: the first that SLg or Lgd reaches, in the order of the HSS (TS 23.271 clause 9.1.1 step 9).
fn serving_node(route: &RoutingInfo) -> Option<&ServingNode> {
    route.nodes.iter().find(|node| match &node.kind {
        NodeKind::Mme { .. } | NodeKind::Sgsn { diameter: Some(_), .. } => true,
        NodeKind::Sgsn { diameter: None, .. } | NodeKind::Msc { .. } | NodeKind::Aaa { .. } => false,
    })
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
        PositioningOutcome::Fixed(fix) => {
            let missed = fix.accuracy_fulfilled == Some(false) && ask.request.qos.class == QosClass::Assured;
            if missed { Err(Failure::QosNotAttainable) } else { Ok(fix) }
        }
        // A node that only notified has not done what it was asked.
        PositioningOutcome::Notified => Err(Failure::NetworkProtocol),
        PositioningOutcome::TransientlyUnreachable => Err(Failure::AbsentSubscriber),
    }
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
