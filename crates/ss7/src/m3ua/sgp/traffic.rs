//! DATA and DAUD from the processes (RFC 4666 sections 3.3.1 and 4.5.3).

use std::collections::BTreeSet;

use super::super::{
    Action, Affected, AsState, Data, Discard, ErrorCode, Message, Network, PointCode, SERVICE_SCCP, UserPartUnavailable,
};
use super::maintenance::refuse;
use super::{Actions, Link, Sgp, send};

/// Most point codes in the answer to a DAUD.
const MOST_TOLD: usize = 256;
/// Cause of a DUPU: unequipped remote user (RFC 4666 section 3.4.5).
const UNEQUIPPED: u16 = 1;

impl Sgp {
    pub(super) fn deliver(&self, link: Link, data: &Data, message: &Message, out: &mut Actions) {
        if data.network_appearance.is_some() && data.network_appearance != self.config.network_appearance {
            let mut report = message.refusal(ErrorCode::InvalidNetworkAppearance);
            report.network_appearance = data.network_appearance;
            out.push((link, send(Message::Error(report))));
            out.push((link, Action::Discarded(Discard::NetworkAppearance)));
            return;
        }
        let Some(peer) = self.peers.get(&link) else { return };
        let place = match data.routing_context {
            Some(context) => self.place_of(context).filter(|place| self.is_member(*place, peer)),
            None => peer.active.first().copied().filter(|_| peer.active.len() == 1),
        };
        let Some(place) = place else {
            let unknown = if data.routing_context.is_some() {
                ErrorCode::InvalidRoutingContext
            } else {
                ErrorCode::NoConfiguredAsForAsp
            };
            out.push((link, send(Message::Error(message.refusal(unknown)))));
            out.push((link, Action::Discarded(Discard::RoutingContext)));
            return;
        };
        if !peer.active.contains(&place) {
            return refuse(link, message, ErrorCode::UnexpectedMessage, out);
        }
        let transfer = &data.transfer;
        let own = self.config.servers.get(place).is_some_and(|server| server.point_codes.contains(&transfer.opc));
        let discard = if transfer.service != SERVICE_SCCP {
            let affected = Affected::one(transfer.dpc);
            let user_part = UserPartUnavailable { affected, cause: UNEQUIPPED, user: u16::from(transfer.service) };
            let network = Network {
                appearance: data.network_appearance,
                routing_contexts: data.routing_context.into_iter().collect(),
            };
            out.push((link, send(Message::Dupu(network, user_part))));
            Discard::ServiceIndicator(transfer.service)
        } else if transfer.network != self.config.network {
            Discard::NetworkIndicator
        } else if !own {
            // A process that could send from any point code could answer for any node.
            Discard::PointCode(transfer.opc)
        } else {
            out.push((link, Action::Deliver(transfer.clone())));
            return;
        };
        out.push((link, Action::Discarded(discard)));
    }

    /// Answers with DAVA for what can be reached and DUNA for the rest.
    pub(super) fn audit(
        &self,
        link: Link,
        network: &Network,
        affected: &[Affected],
        message: &Message,
        out: &mut Actions,
    ) {
        let served = self.served_by(link);
        let known = |context: &u32| self.place_of(*context).is_some_and(|place| served.contains(&place));
        if !network.routing_contexts.iter().all(known) {
            return refuse(link, message, ErrorCode::InvalidRoutingContext, out);
        }
        let reachable = self.reachable_now();
        let (mut available, mut unavailable) = (Vec::new(), Vec::new());
        for entry in affected.iter().take(MOST_TOLD) {
            let before = available.len();
            let inside = reachable.iter().filter(|point_code| entry.covers(**point_code));
            available.extend(inside.copied().map(Affected::one).take(MOST_TOLD - before));
            if available.len() == before && before < MOST_TOLD {
                unavailable.push(*entry);
            }
        }
        if !unavailable.is_empty() {
            out.push((link, send(Message::Duna(network.clone(), unavailable))));
        }
        if !available.is_empty() {
            out.push((link, send(Message::Dava(network.clone(), available))));
        }
    }

    fn reachable_now(&self) -> BTreeSet<PointCode> {
        let states = self.servers.iter().zip(&self.config.servers);
        let active = states.filter(|(server, _)| server.state == AsState::Active);
        let of_servers = active.flat_map(|(_, server)| server.point_codes.iter().copied());
        of_servers.chain(self.reachable.iter().copied()).collect()
    }
}
