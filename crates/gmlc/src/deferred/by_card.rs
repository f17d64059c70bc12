//! Arming at the card: the event goes over SMS to an application on the subscriber's (U)SIM (TS 23.271 Annex F.1 steps 1 to 5).

use super::{
    Activated, CardRoad, Keep, Kept, LdrOrder, LdrRequest, LdrRoad, Waiter, activate::authorised, order::target_areas,
};
use crate::{
    Gateway,
    network::{Ask, Network, Routed},
    progress::Progress,
};
use lcs::{Failure, Identities, RoutingInfo};
use privacy::{PrivacyCheck, disclosure::Ticket};

/// Whether the card comes first, comes after the nodes, or not at all for this request. A request stays on the road by which it was armed:
/// the card may know of it, or nodes may.
pub(super) async fn road<N: Network>(
    gateway: &Gateway<'_, N>,
    ldr: &LdrRequest,
    target: Identities,
    route: &RoutingInfo,
    went: Option<LdrRoad>,
) -> CardRoad {
    let (network, areas) = (gateway.network, target_areas(ldr));
    let road = match went {
        Some(LdrRoad::Card) => return CardRoad::Preferred,
        Some(LdrRoad::Node | LdrRoad::Visited | LdrRoad::Nobody) => CardRoad::Never,
        None => network.card_road(),
    };
    if areas.is_empty() || road == CardRoad::Never || !network.has_card(&target).await {
        return CardRoad::Never;
    }
    match (road, network.areas_on_card(areas, route).await) {
        (CardRoad::Preferred, Err(_)) => CardRoad::WhenNoNodeCan,
        (road, _) => road,
    }
}

/// One walk from the privacy check to the word of the card that it is installed.
pub(super) async fn install<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    (ldr, ask): (&LdrRequest, &Ask),
    named: Identities,
    routed: &Routed,
    (keep, ticket, progress): (&K, &mut Ticket, &mut Progress),
) -> Result<Activated, Failure> {
    let Gateway { ppr, network, number, .. } = gateway;
    let (request, route) = (&ask.request, &*routed.info);
    // Step 2: the check, as for any other request.
    let (permit, known) = authorised(gateway, ask, named, routed, (ticket, progress)).await?;
    let permit = ppr.confirm_for_card(permit, request, route, gateway.now(), number).await;
    let permit = permit.map_err(|barred| progress.barred(barred, known, ticket))?;
    progress.permitted(&permit, ticket);
    let areas = network.areas_on_card(target_areas(ldr), route).await?;
    let (agreed, _) = permit.settings();
    let Kept { reference, joined } = keep.keep(permit.identities(), agreed, LdrRoad::Card).await?;
    // Others wait under this reference at a node; a card would take it for one request.
    if joined {
        return Err(Failure::ServingNodeUnsupported);
    }
    progress.told(permit.card_instruction(), false);
    // Steps 3 and 4.
    let order = LdrOrder { request: ldr, reference, areas: &areas, instruction: None };
    network.install(&permit, &order, ask).await?;
    Ok(Activated { reference, waiter: Waiter::Card })
}
