//! Arming: a node is asked to wait for an event (TS 23.271 clauses 9.1.8.1, 9.1.9 steps 1 to 10, 9.1.12.1 and 9.1.19.1 steps 1 to 7).

use super::{
    CardRoad, Keep, Kept, LdrRequest, LdrRoad, by_card,
    instructed::Instruction,
    order::{LdrOrder, target_areas},
};
use crate::{
    Gateway,
    immediate::{By, uncovered},
    network::{Ask, Network, Routed},
    positioning::points_elsewhere,
    progress::Progress,
    roaming::{PeerGateway, RequestingGateway},
};
use lcs::{
    AreaIdentity, Failure, Identities, LcsInterface, LdrReference, LocationType, RefusalReason, RoutingInfo,
    ServingNode, Way,
};
use privacy::{
    Authorised, Confirmed, Permit, PrivacyCheck,
    disclosure::{LogUnavailable, Ticket},
};

/// A request that a node acknowledged, or the card, or that joined one.
#[derive(Debug, Clone, PartialEq)]
pub struct Activated {
    /// Its reference.
    pub reference: LdrReference,
    /// Who waits.
    pub waiter: Waiter,
}

/// Who waits for the event of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Waiter {
    /// The node, or the phone that it handed it to.
    Node(ServingNode),
    /// The gateway of the network where the phone is, which has a node wait.
    Visited(PeerGateway),
    /// The application on the subscriber's card (TS 23.271 Annex F).
    Card,
}

/// Checks the request, keeps it, asks the serving node or the card, and records how that ended under `ticket`. The same for a request that is begun
/// anew at another node or for another round: it is checked as if it were new.
///
/// # Errors
/// The outer one: the log could not make the end durable, so that the request must not be said to be armed. The inner one: why it is not
/// armed; a node that did not answer may have heard of it, and is to be told that it is over.
pub async fn activate<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    ldr: &LdrRequest,
    ask: &Ask,
    keep: &K,
    ticket: Ticket,
) -> Result<Result<Activated, Failure>, LogUnavailable> {
    activate_for(gateway, None, ldr, ask, keep, ticket).await
}

/// The same for a client of the gateway `requesting`, under whose account pseudonyms are opened.
///
/// # Errors
/// As [`activate`].
pub async fn activate_for<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    requesting: Option<&RequestingGateway>,
    ldr: &LdrRequest,
    ask: &Ask,
    keep: &K,
    mut ticket: Ticket,
) -> Result<Result<Activated, Failure>, LogUnavailable> {
    let mut progress = Progress::default();
    let by = requesting.map_or(By::Client, By::Gateway);
    let armed = arm(gateway, (ldr, by), ask, keep, &mut ticket, &mut progress).await;
    let outcome = armed.as_ref().map(|_| ()).map_err(|failure| *failure);
    progress.record_armed(ticket, outcome, gateway.now()).await?;
    Ok(armed)
}

/// Checks a request that begins later, keeps it, and records that under `ticket`. No node is asked yet. `requesting`: as for
/// [`activate_for`].
///
/// # Errors
/// As [`activate`].
pub async fn foresee<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    requesting: Option<&RequestingGateway>,
    ask: &Ask,
    keep: &K,
    mut ticket: Ticket,
) -> Result<Result<LdrReference, Failure>, LogUnavailable> {
    let mut progress = Progress::default();
    let by = requesting.map_or(By::Client, By::Gateway);
    let kept = wait(gateway, (ask, by), keep, &mut ticket, &mut progress).await;
    progress.record_armed(ticket, kept.map(|_| ()), gateway.now()).await?;
    Ok(kept)
}

async fn wait<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    (ask, by): (&Ask, By<'_>),
    keep: &K,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<LdrReference, Failure> {
    let (ask, named) = uncovered(gateway, ask, by).await?;
    let ask = &*ask;
    ticket.identify(gateway.ppr.subject(&named), named);
    let routed = gateway.network.routing_info(&named, false, ask.deadline).await?;
    let (permit, _) = authorised(gateway, ask, named, &routed, (ticket, progress)).await?;
    let (agreed, _) = permit.settings();
    // By which road is seen when it begins.
    Ok(keep.keep(permit.identities(), agreed, LdrRoad::Node).await?.reference)
}

async fn arm<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    (ldr, by): (&LdrRequest, By<'_>),
    ask: &Ask,
    keep: &K,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<Activated, Failure> {
    let (ask, named) = uncovered(gateway, ask, by).await?;
    let ask = &*ask;
    ticket.identify(gateway.ppr.subject(&named), named);
    let mut anew = false;
    loop {
        let routed = gateway.network.routing_info(&named, anew, ask.deadline).await?;
        let road = by_card::road(gateway, ldr, named.or(routed.info.identities), &routed.info, keep.went()).await;
        if road == CardRoad::Preferred {
            return by_card::install(gateway, (ldr, ask), named, &routed, (keep, ticket, progress)).await;
        }
        match attempt(gateway, (ldr, ask), named, &routed, (keep, ticket, progress)).await {
            // The route that was kept may no longer hold.
            Err(failure) if routed.kept && another_may(failure) => anew = true,
            Err(failure) if road == CardRoad::WhenNoNodeCan && no_node_can(failure) => {
                *progress = Progress::default();
                return by_card::install(gateway, (ldr, ask), named, &routed, (keep, ticket, progress)).await;
            }
            done => return done,
        }
    }
}

/// The privacy check, with what the home register adds to the names of the subscriber; and whom it is about then.
pub(super) async fn authorised<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    named: Identities,
    routed: &Routed,
    (ticket, progress): (&mut Ticket, &mut Progress),
) -> Result<(Permit<Authorised>, Identities), Failure> {
    let known = named.or(routed.info.identities);
    ticket.identify(gateway.ppr.subject(&known), known);
    let permit = gateway.ppr.authorise_deferred(&ask.request, &known, gateway.now(), &gateway.number).await;
    let permit = permit.map_err(|barred| progress.barred(barred, known, ticket))?;
    progress.permitted(&permit, ticket);
    Ok((permit, known))
}

/// One walk from the privacy check to the acknowledgement of the node on this route.
async fn attempt<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    (ldr, ask): (&LdrRequest, &Ask),
    named: Identities,
    routed: &Routed,
    (keep, ticket, progress): (&K, &mut Ticket, &mut Progress),
) -> Result<Activated, Failure> {
    let (permit, known) = authorised(gateway, ask, named, routed, (ticket, progress)).await?;
    let ways = gateway.ways(&routed.info, &ask.request.client, false, false);
    let about = (&*routed.info, known);
    let (permit, way) = confirmed(gateway, (ldr, ask), about, (permit, ways), (ticket, progress)).await?;
    if way.interface == LcsInterface::Lr {
        return through_visited(gateway, (ldr, ask), (permit, way), (keep, progress)).await;
    }
    at_node(gateway, (ldr, ask, None), (permit, way), (keep, progress)).await
}

/// Step 8 of TS 23.271 clause 9.1.1: the first of the ways that can wait for the event and suits the permit, and the permit for it.
/// `known`: whose record a refusal belongs to.
pub(super) async fn confirmed<'r, N: Network>(
    gateway: &Gateway<'_, N>,
    (ldr, ask): (&LdrRequest, &Ask),
    (route, known): (&RoutingInfo, Identities),
    (permit, mut ways): (Permit<Authorised>, Vec<Way<'r>>),
    (ticket, progress): (&mut Ticket, &mut Progress),
) -> Result<(Permit<Confirmed>, Way<'r>), Failure> {
    let Gateway { ppr, network, number, .. } = gateway;
    ways.retain(|way| network.waits(*way, &ldr.event));
    let way = ways.iter().find(|way| ppr.suits(&permit, **way)).or(ways.first()).copied();
    let way = way.ok_or(Failure::ServingNodeUnsupported)?;
    let permit = ppr.confirm(permit, &ask.request, route, way, gateway.now(), number).await;
    let permit = permit.map_err(|barred| progress.barred(barred, known, ticket))?;
    progress.permitted(&permit, ticket);
    if permit.location_type() != LocationType::ActivateDeferred {
        return Err(Failure::SystemFailure);
    }
    Ok((permit, way))
}

/// Has a node of this network wait, unless it does so already for a request that this one joins. `told`: by the home gateway, where this
/// is the visited one.
pub(super) async fn at_node<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    (ldr, ask, told): (&LdrRequest, &Ask, Option<&Instruction>),
    (permit, way): (Permit<Confirmed>, Way<'_>),
    (keep, progress): (&K, &mut Progress),
) -> Result<Activated, Failure> {
    let network = gateway.network;
    let (agreed, _) = permit.settings();
    let areas: Vec<AreaIdentity> = match target_areas(ldr) {
        [] => Vec::new(),
        areas => network.areas_at(areas, way.node).await?,
    };
    let Kept { reference, joined } = keep.keep(permit.identities(), agreed, LdrRoad::Node).await?;
    let activated = Activated { reference, waiter: Waiter::Node(way.node.clone()) };
    if joined {
        return Ok(activated);
    }
    progress.told(permit.instruction(), false);
    let order = LdrOrder { request: ldr, reference, areas: &areas, instruction: told };
    network.activate(&permit, way, &order, ask).await?;
    Ok(activated)
}

/// Steps 2 to 5 of TS 23.271 clause 9.1.8.1, 2 to 5 of clause 9.1.19.1: the visited gateway is told what the check came to, puts the areas
/// into identities of its network, and has the node wait. It is asked or nobody is.
async fn through_visited<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    (ldr, ask): (&LdrRequest, &Ask),
    (permit, way): (Permit<Confirmed>, Way<'_>),
    (keep, progress): (&K, &mut Progress),
) -> Result<Activated, Failure> {
    let visited = gateway.network.visited_gateway(way.node).ok_or(Failure::ServingNodeUnsupported)?;
    let (agreed, _) = permit.settings();
    let (reference, name) = keep.keep_visited(permit.identities(), agreed, &visited).await?;
    progress.told(permit.instruction(), false);
    let order = LdrOrder { request: ldr, reference, areas: &[], instruction: None };
    gateway.network.activate_through(&permit, way, (&order, &name), ask).await?;
    Ok(Activated { reference, waiter: Waiter::Visited(visited) })
}

/// Whether a failure may mean that another node would wait: the one kept serves the subscriber no more, or cannot.
fn another_may(failure: Failure) -> bool {
    points_elsewhere(failure) || failure == Failure::ServingNodeUnsupported
}

/// Whether it says that no serving node takes the event: none can be asked, or none keeps to what its user is owed.
fn no_node_can(failure: Failure) -> bool {
    matches!(failure, Failure::ServingNodeUnsupported | Failure::Refused(RefusalReason::NodeIncapable))
}
