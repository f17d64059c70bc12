//! Steps 8 to 14 of TS 23.271 clause 9.1.1, common to every immediate procedure once a permit is there.

use crate::{
    Gateway, country,
    domain::remains,
    network::{Ask, Network, Routed},
    progress::Progress,
    quality,
};
use lcs::{Failure, Fix, LcsClientType, PositioningOutcome, RefusalReason, RoutingInfo, ServingNode, Way};
use privacy::{
    Authorised, Checked, Cleared, Confirmed, NotificationOnly, Permit, PrivacyCheck, RuleId, disclosure::Ticket,
};

/// Why positioning by a route failed.
pub(crate) struct Missed {
    pub(crate) failure: Failure,
    /// The failure lies in what the route says, which was kept from earlier, and not in the request.
    by_kept_route: bool,
    /// The node that was asked, did nothing that anybody saw, and may not be the one that serves.
    asked: Option<ServingNode>,
}

impl Missed {
    /// A failure that lies in what `routed` says.
    pub(crate) fn by_route(failure: Failure, routed: &Routed) -> Self {
        Self { failure, by_kept_route: routed.kept, asked: None }
    }
}

impl From<Failure> for Missed {
    fn from(failure: Failure) -> Self {
        Self { failure, by_kept_route: false, asked: None }
    }
}

/// Most nodes asked for one request.
const MOST_TRIED: usize = 4;

/// What was tried in vain for a request under way.
#[derive(Default)]
pub(crate) struct Tried {
    /// The route is to be asked for anew.
    pub(crate) anew: bool,
    /// Something was tried.
    any: bool,
    nodes: Vec<(ServingNode, Failure)>,
}

impl Tried {
    /// Takes note of one more; gives it back if it is the last: there is nothing that another try could change. A route that
    /// was kept is asked for anew, once; a node that does not serve leaves those of the other domains (TS 23.271 clause
    /// 9.1.1 step 9 NOTE 4).
    pub(crate) fn note(&mut self, missed: Missed) -> Result<(), Failure> {
        let Missed { failure, by_kept_route, asked } = missed;
        let asked_so_far = self.nodes.len() + usize::from(asked.is_some());
        let another = asked_so_far < MOST_TRIED && (asked.is_some() || (by_kept_route && !self.anew));
        self.nodes.extend(asked.map(|node| (node, failure)));
        self.any = true;
        self.anew |= by_kept_route;
        if another { Ok(()) } else { Err(failure) }
    }

    /// Whether a node of this route has not been tried.
    fn leaves(&self, route: &RoutingInfo, node: &ServingNode) -> bool {
        self.nodes.iter().all(|(asked, _)| remains(route, node, asked))
    }
}

/// Where to ask.
pub(crate) struct Asking<'a> {
    routed: &'a Routed,
    tried: &'a Tried,
    /// The nodes themselves, and not the visited gateways of other networks.
    directly: bool,
}

impl<'a> Asking<'a> {
    /// Nodes, or the visited gateways that are asked in their place.
    pub(crate) fn anywhere(routed: &'a Routed, tried: &'a Tried) -> Self {
        Self { routed, tried, directly: false }
    }

    /// Nodes alone: what another gateway asks for is not passed on to a third.
    pub(crate) fn directly(routed: &'a Routed, tried: &'a Tried) -> Self {
        Self { routed, tried, directly: true }
    }
}

/// Confirms the permit for the node that serves, asks it, checks again with the position, and has the user told or asked
/// once more where the profile wants that.
pub(crate) async fn position<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    permit: Permit<Authorised>,
    asking: &Asking<'_>,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<Cleared, Missed> {
    let (permit, way, outcome) = ask_node(gateway, ask, permit, asking, ticket, progress).await?;
    let fix = accurate(outcome, ask)?;
    Ok(clear(gateway, ask, permit, way, fix, progress).await?)
}

/// Steps 8 and 9: confirms the permit for the node that serves, and asks it or its visited gateway.
pub(crate) async fn ask_node<'r, N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    permit: Permit<Authorised>,
    asking: &Asking<'r>,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<(Permit<Confirmed>, Way<'r>, PositioningOutcome), Missed> {
    let Asking { routed, tried, .. } = *asking;
    let route = &*routed.info;
    let by_route = |failure| Missed::by_route(failure, routed);
    let (way, others) = way(gateway, ask, &permit, asking).map_err(|none| match none {
        // The node has answered for good.
        Some(failure) => failure.into(),
        None => by_route(Failure::ServingNodeUnsupported),
    })?;
    if tried.any {
        progress.told_nobody();
    }
    covered(ask, way.node).map_err(by_route)?;
    let known = permit.identities();
    let confirmed = gateway.ppr.confirm(permit, &ask.request, route, way, gateway.now(), &gateway.number).await;
    let permit = confirmed.map_err(|barred| {
        let failure = progress.barred(barred, known.or(route.identities), ticket);
        if lies_in_the_route(barred.refusal.rule) { by_route(failure) } else { failure.into() }
    })?;
    progress.permitted(&permit, ticket);
    progress.told(permit.instruction(), false);
    let outcome = gateway.network.provide_location(&permit, way, ask).await;
    let outcome = outcome.map_err(|failure| {
        // Any other failure may come after the user was asked.
        let elsewhere = points_elsewhere(failure);
        let asked = (elsewhere && (routed.kept || others)).then(|| way.node.clone());
        Missed { failure, by_kept_route: routed.kept && elsewhere, asked }
    })?;
    Ok((permit, way, outcome))
}

/// The way to ask, and whether others remain after it that can be told what the permit came to: the first that can; if none can,
/// the first, which will say why. Not a node that was asked in vain: if no other is left, what it answered.
fn way<'r, N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    permit: &Permit<Authorised>,
    asking: &Asking<'r>,
) -> Result<(Way<'r>, bool), Option<Failure>> {
    let Asking { routed, tried, directly } = *asking;
    let route = &*routed.info;
    let mut left = gateway.ways(route, &ask.request.client, permit.basis().overrides(), directly);
    left.retain(|way| tried.leaves(route, way.node));
    let suits = left.iter().find(|way| gateway.ppr.suits(permit, **way));
    let way = suits.or(left.first()).copied().ok_or_else(|| tried.nodes.last().map(|(_, failure)| *failure))?;
    let others = left.iter().any(|other| remains(route, other.node, way.node) && gateway.ppr.suits(permit, *other));
    Ok((way, others))
}

/// Steps 11 to 14: the check with the position in hand; where the user decides knowing where, the second round.
async fn clear<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    permit: Permit<Confirmed>,
    way: Way<'_>,
    fix: Fix,
    progress: &mut Progress,
) -> Result<Cleared, Failure> {
    let checked = gateway.ppr.recheck(permit, fix, &ask.request, gateway.now(), &gateway.number).await;
    let cleared = match checked.map_err(|refusal| progress.refused(refusal))? {
        Checked::Release(cleared) => cleared,
        Checked::NotifyFirst(permit) => notify(gateway, ask, permit, way, progress).await?,
    };
    deliverable(ask, cleared)
}

/// What the client can take of a cleared position.
pub(crate) fn deliverable(ask: &Ask, cleared: Cleared) -> Result<Cleared, Failure> {
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
    way: Way<'_>,
    progress: &mut Progress,
) -> Result<Cleared, Failure> {
    progress.told(permit.instruction(), true);
    let answer = gateway.network.notify(&permit, way, ask).await;
    let outcome = permit.outcome_of(&answer);
    let cleared = gateway.ppr.after_notification(permit, outcome, gateway.now()).await;
    cleared.map_err(|refusal| match answer {
        Err(failure) if by_the_user(refusal.reason) && failure != Failure::PositioningDenied => failure,
        Ok(PositioningOutcome::TransientlyUnreachable) if by_the_user(refusal.reason) => Failure::AbsentSubscriber,
        Ok(PositioningOutcome::Fixed(_) | PositioningOutcome::Notified) if by_the_user(refusal.reason) => {
            Failure::NetworkProtocol
        }
        _ => progress.refused(refusal),
    })
}

/// Whether a refusal stands for the user's own, and not for the profile's in the meantime.
fn by_the_user(reason: RefusalReason) -> bool {
    reason == RefusalReason::RefusedAfterPositioning
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
pub(crate) fn accurate(outcome: PositioningOutcome, ask: &Ask) -> Result<Fix, Failure> {
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
pub(crate) fn points_elsewhere(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::UnknownSubscriber
            | Failure::AbsentSubscriber
            | Failure::DetachedSubscriber
            | Failure::NetworkUnreachable
    )
}
