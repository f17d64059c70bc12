//! From an answer of the HSS to the vocabulary, and back.

use super::{Ria, RiaFlags, ServingNode, failure};
use crate::{
    base::{AuthSessionState, Origin},
    codec::{Message, Outcome},
    dictionary,
};
use lcs::{Failure, Identities, NodeKind, RoutingInfo, node_realm};

impl<'a> Ria<'a> {
    /// Where the subscriber is served: the serving node first, then the additional ones (TS 29.173 clause 5.2.1.3).
    ///
    /// A node that is several at once, as a combined MME/SGSN, becomes one of each kind, the MME first. A realm that is
    /// not told is taken from the name of the node, or else is that of the HSS. Nodes told twice are kept once.
    ///
    /// # Errors
    /// The failure that the outcome means, or [`Failure::NetworkProtocol`] for success without a result or a node.
    pub fn routing_info(&self) -> Result<RoutingInfo, Failure> {
        let outcome = self.outcome().map_err(|_| Failure::NetworkProtocol)?;
        if let Some(failure) = failure(outcome) {
            return Err(failure);
        }
        let mut nodes = Vec::new();
        for group in self.serving_node.iter().chain(&self.additional_serving_node) {
            for node in group.nodes(self.origin_realm) {
                if !nodes.contains(&node) {
                    nodes.push(node);
                }
            }
        }
        if nodes.is_empty() {
            return Err(Failure::NetworkProtocol);
        }
        Ok(RoutingInfo {
            identities: Identities { imsi: self.imsi, msisdn: self.msisdn.filter(|m| !m.is_dummy()), imei: None },
            nodes: nodes.into(),
            h_gmlc: self.gmlc_address,
            ppr: self.ppr_address,
            optimised_lcs: self.ria_flags.is_some_and(|flags| flags.0 & RiaFlags::OPTIMISED_LCS.0 != 0),
        })
    }

    /// An answer to `request` with this outcome and nothing else, Session-Id and Proxy-Info as there.
    #[must_use]
    pub fn to(request: &'a Message, origin: Origin<'a>, outcome: Outcome) -> Self {
        Self {
            session_id: request.find(&dictionary::SESSION_ID).and_then(|avp| avp.utf8().ok()),
            result_code: outcome.result_code(),
            experimental_result: outcome.experimental_result(),
            auth_session_state: Some(AuthSessionState::NO_STATE_MAINTAINED),
            origin_host: origin.host,
            origin_realm: origin.realm,
            proxy_info: request.avps().filter(|avp| avp.is(&dictionary::PROXY_INFO)).collect(),
            ..Self::default()
        }
    }

    /// This answer with where the subscriber is served, identities as given.
    #[must_use]
    pub fn with_routing(self, routing: &'a RoutingInfo) -> Self {
        let mut groups = routing.nodes.iter().map(ServingNode::from_lcs);
        Self {
            imsi: routing.identities.imsi,
            msisdn: routing.identities.msisdn,
            serving_node: groups.next(),
            additional_serving_node: groups.collect(),
            gmlc_address: routing.h_gmlc,
            ppr_address: routing.ppr,
            ria_flags: routing.optimised_lcs.then_some(RiaFlags::OPTIMISED_LCS),
            ..self
        }
    }
}

impl ServingNode<'_> {
    /// The nodes that the group names. A name without a realm of its own or in it is taken to be in `realm`.
    pub fn nodes(&self, realm: &str) -> impl Iterator<Item = lcs::ServingNode> {
        let of = |told: Option<&str>, name: &str| told.or_else(|| node_realm(name)).unwrap_or(realm).to_owned();
        let mme = self.mme_name.map(|name| NodeKind::Mme { name: name.to_owned(), realm: of(self.mme_realm, name) });
        let sgsn = (self.sgsn_number.is_some() || self.sgsn_name.is_some()).then(|| NodeKind::Sgsn {
            number: self.sgsn_number,
            diameter: self.sgsn_name.map(|name| (name.to_owned(), of(self.sgsn_realm, name))),
        });
        let msc = self.msc_number.map(|number| NodeKind::Msc { number });
        let aaa = self.aaa_server_name.map(|name| NodeKind::Aaa { name: name.to_owned() });
        let (capabilities, v_gmlc) = (self.lcs_capabilities_sets, self.gmlc_address);
        [mme, sgsn, msc, aaa].into_iter().flatten().map(move |kind| lcs::ServingNode { kind, capabilities, v_gmlc })
    }
}

/// Mobile country code and network code in the name or realm of a node of the EPC (TS 23.003 clause 19.2): the only hint of
/// the country where an MME is, for the check of service coverage of TS 23.271 clause 9.1.1.
#[must_use]
pub fn home_network(name: &str) -> Option<(u16, u16)> {
    let mut labels = name.split('.');
    let mnc = labels.by_ref().find_map(|l| code(l, "mnc"))?;
    let mcc = labels.next().and_then(|l| code(l, "mcc"))?;
    Some((mcc, mnc))
}

fn code(label: &str, prefix: &str) -> Option<u16> {
    let (head, digits) = label.split_at_checked(3)?;
    let sound = head.eq_ignore_ascii_case(prefix) && digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| digits.parse().ok()).flatten()
}
