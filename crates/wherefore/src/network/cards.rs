//! The road over SMS to the application on a card (TS 23.271 Annex F).

use super::{CoreNetwork, deferred};
use crate::lr::plmn_of_node;
use crate::usim::Cards;
use ::areas::Naming;
use gmlc::{AreaRefusal, CardRoad, LdrCancel, LdrOrder};
use lcs::{AreaIdentity, Failure, PlmnId, RoutingInfo, TargetArea};
use privacy::{ForCard, Permit};
use std::sync::{Arc, PoisonError};
use usat::message::AREA_LIMIT;

impl CoreNetwork {
    /// This network, with a road to cards.
    pub(crate) fn with_cards(self, cards: Option<Arc<Cards>>) -> Self {
        Self { cards, ..self }
    }

    /// Cards, as they are reached; none where the operator has no such road.
    pub(crate) fn cards(&self) -> Option<&Cards> {
        self.cards.as_deref()
    }

    pub(super) fn road_to_cards(&self) -> CardRoad {
        self.cards().map_or(CardRoad::Never, Cards::road)
    }

    /// The areas in the network that serves, as far as its node tells it, else in the home network.
    pub(super) fn identities_on_card(
        &self,
        areas: &[TargetArea],
        route: &RoutingInfo,
    ) -> Result<Vec<AreaIdentity>, AreaRefusal> {
        let as_they_are: Result<Vec<AreaIdentity>, AreaRefusal> = areas.iter().map(deferred::as_it_is).collect();
        let map = self.areas.read().unwrap_or_else(PoisonError::into_inner).clone();
        let identities = match (as_they_are, map) {
            (Ok(identities), _) => identities,
            (Err(refusal), None) => return Err(refusal),
            (Err(_), Some(map)) => {
                let serving = route.nodes.iter().find_map(plmn_of_node);
                let digits = serving.as_ref().or(self.home_plmn.as_ref()).ok_or(AreaRefusal::NotCovered)?;
                let network = PlmnId::from_digits(digits).ok_or(AreaRefusal::NotCovered)?.into();
                let named = map.identities(areas, network, Naming::Card);
                named.map_err(super::areas::refusal)?.identities
            }
        };
        if identities.len() > AREA_LIMIT { Err(AreaRefusal::TooLarge) } else { Ok(identities) }
    }

    pub(super) async fn install_on_card(&self, permit: &Permit<ForCard>, order: &LdrOrder<'_>) -> Result<(), Failure> {
        self.cards().ok_or(Failure::ServingNodeUnsupported)?.install(permit, order).await
    }

    pub(super) async fn uninstall_from_card(&self, cancel: &LdrCancel<'_>) -> Result<(), Failure> {
        self.cards().ok_or(Failure::ServingNodeUnsupported)?.uninstall(cancel).await
    }
}
