//! Asking a serving node for a position, or to have its user told (TS 29.172).

use super::{CoreNetwork, Order, failure_of};
use diameter::Octets;
use diameter::codec::ApplicationId;
use diameter::slg::{Envelope, Pla, Plr};
use gmlc::Ask;
use lcs::{Failure, NodeKind, PositioningOutcome, Way};
use privacy::SessionIdentity;
use transport::Destination;

impl CoreNetwork {
    pub(super) async fn ask_node(
        &self,
        order: Order<'_>,
        way: Way<'_>,
        ask: &Ask,
    ) -> Result<PositioningOutcome, Failure> {
        let (host, realm) = match &way.node.kind {
            NodeKind::Mme { name, realm } | NodeKind::Sgsn { diameter: Some((name, realm)), .. } => (name, realm),
            NodeKind::Sgsn { diameter: None, .. } | NodeKind::Msc { .. } | NodeKind::Aaa { .. } => {
                return Err(Failure::ServingNodeUnsupported);
            }
        };
        let limit = Self::time_left(self.slg_limit, ask.deadline)?;
        let session_id = self.node.session_id();
        let envelope = Envelope {
            session_id: &session_id,
            origin: self.origin(),
            destination_host: host,
            destination_realm: realm,
        };
        let plr = plr(envelope, &order, ask)?;
        let destination = Destination::to_host(host, realm);
        let encode = |ids, out: &mut Vec<u8>| plr.encode(ids, out);
        let answer = self.node.request(ApplicationId::SLG, destination, encode, limit).await.map_err(failure_of)?;
        let mut pla = Pla::decode(&answer).map_err(|_| Failure::NetworkProtocol)?;
        let turned = self.turned_estimate(host, &pla);
        pla.location_estimate = turned.as_deref().map(Octets).or(pla.location_estimate);
        pla.positioning_outcome(order.location_type)
    }
}

impl CoreNetwork {
    /// The estimate in the coding of the standard, from a node configured as one that puts the shape type into the low
    /// nibble of the first octet; `None` for all others.
    fn turned_estimate(&self, host: &str, pla: &Pla<'_>) -> Option<Vec<u8>> {
        let wrong = !self.low_nibble.is_empty() && self.low_nibble.contains(&host.to_ascii_lowercase());
        let (first, rest) = pla.location_estimate.filter(|_| wrong)?.0.split_first()?;
        Some([&[first.rotate_left(4)], rest].concat())
    }
}

/// The request: identities and indicators by the permit, the rest as the client asked. A name, a requestor and a codeword
/// are for the user to see, so only value added clients send them (TS 23.271 Annex B).
pub(super) fn plr<'a>(envelope: Envelope<'a>, order: &Order<'a>, ask: &'a Ask) -> Result<Plr<'a>, Failure> {
    let request = &ask.request;
    let client = &request.client;
    let apn = client.apn.as_ref().filter(|_| order.session == Some(SessionIdentity::Apn));
    // Whatever else a node may be told by has no place in Diameter, and no permit for one says it.
    let indicators = order.instruction.indicators().ok_or(Failure::SystemFailure)?;
    let plr = Plr::new(envelope, order.location_type, order.target, client.client_type, indicators, apn);
    let mut plr = plr.map_err(|_| Failure::SystemFailure)?.priority(request.priority).qos(request.qos);
    plr = plr.shapes(request.shapes);
    if request.velocity {
        plr = plr.velocity();
    }
    if let Some(service_type) = request.service_type {
        plr = plr.service_type(service_type);
    }
    if let Some(name) = &client.name {
        plr = plr.client_name(name);
    }
    if let Some(requestor) = &client.requestor {
        plr = plr.requestor(requestor);
    }
    if let Some(codeword) = order.codeword {
        plr = plr.codeword(codeword);
    }
    Ok(plr)
}
