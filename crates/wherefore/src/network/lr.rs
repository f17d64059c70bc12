//! Having a serving node asked by the gateway of its network (TS 23.271 clause 9.1.1 steps 8 and 12, clause 9.1.1A step 3).

use super::{CoreNetwork, Order, map::told};
use crate::ldr::waiting_at_once;
use crate::lr::unsendable;
use gmlc::{Ask, LdrOrder};
use lcs::{DeferredEvent, Failure, LocationRequest, LocationType, PositioningOutcome, Way};
use mlp::rlp::{Outgoing, PrivacyInstruction, Routing, ServerAddress, Transaction};
use privacy::NodeInstruction;

impl CoreNetwork {
    /// Asks the visited gateway for a position.
    pub(super) async fn ask_visited(
        &self,
        order: Order<'_>,
        way: Way<'_>,
        ask: &Ask,
    ) -> Result<PositioningOutcome, Failure> {
        let request = request_to_visited(&order, ask);
        let outgoing = self.to_visited(&order, way, &request)?;
        let notification_only = order.location_type == LocationType::NotificationVerificationOnly;
        self.gateways.position(way.node, outgoing, order.target, notification_only, ask.deadline).await
    }

    /// Asks the visited gateway to have its node wait (TS 23.271 clauses 9.1.8.1 step 2 and 9.1.19.1 step 2).
    pub(super) async fn activate_at_visited(
        &self,
        order: &Order<'_>,
        way: Way<'_>,
        (ldr, name): (&LdrOrder<'_>, &str),
        ask: &Ask,
    ) -> Result<(), Failure> {
        let h_gmlc = self.h_gmlc.ok_or(Failure::ServingNodeUnsupported)?;
        let waiting = waiting_at_once(ldr.request, &self.without_names(&ldr.request.event))
            .ok_or(Failure::ServingNodeUnsupported)?;
        let name = Transaction::new(name).ok_or(Failure::SystemFailure)?;
        let request = LocationRequest { location_type: LocationType::Current, ..request_to_visited(order, ask) };
        let outgoing = self.to_visited(order, way, &request)?;
        let outgoing = outgoing.home(ServerAddress::Ip(h_gmlc)).lcs_ref(ldr.reference.0);
        let outgoing = outgoing.waiting(&waiting).map_err(unsendable)?;
        let carried = ldr.request.event != DeferredEvent::UeAvailable;
        let outgoing = outgoing.reporting_plmns(if carried { self.reporting_plmns.clone() } else { Vec::new() });
        self.gateways.arm_at_visited(way.node, outgoing, (order.target, &name), ask.deadline).await
    }

    /// The request to the visited gateway. It is told of this node alone, of identities and instruction what the permit says, and of the
    /// client, its call or session and its codeword no more than the node would be.
    fn to_visited<'a>(
        &'a self,
        order: &Order<'_>,
        way: Way<'_>,
        request: &'a LocationRequest,
    ) -> Result<Outgoing<'a>, Failure> {
        let sender = self.gateways.sender();
        let instruction = match order.instruction {
            NodeInstruction::Indicators(indicators) => Some(PrivacyInstruction::Indicators(indicators)),
            NodeInstruction::PseudoExternal(_, number) => Some(PrivacyInstruction::PseudoExternal(number)),
            NodeInstruction::Override => None,
            // No permit for a visited gateway says either.
            NodeInstruction::PlmnClient | NodeInstruction::HomeNumber(_) => return Err(Failure::SystemFailure),
        };
        let outgoing = match instruction {
            Some(instruction) => Outgoing::to_visited(sender, request, order.target, instruction),
            None => Outgoing::overriding(sender, request, order.target),
        };
        let mut outgoing =
            outgoing.map_err(unsendable)?.routing(Routing { nodes: vec![way.node.clone()], ..Routing::default() });
        if let Some(address) = self.gateways.address() {
            outgoing = outgoing.home(address.clone());
        }
        if order.codeword.is_some() {
            outgoing = outgoing.codeword_to_user();
        }
        Ok(outgoing)
    }
}

fn request_to_visited(order: &Order<'_>, ask: &Ask) -> LocationRequest {
    LocationRequest {
        location_type: order.location_type,
        codeword: order.codeword.cloned(),
        client: told(&ask.request.client, order.session).unwrap_or_else(|| ask.request.client.clone()),
        ..ask.request.clone()
    }
}
