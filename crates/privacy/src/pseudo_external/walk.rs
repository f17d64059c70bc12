//! Every case by Fig. A.1: what old nodes would do with the data of a home register, against what the identities stand for.

use super::{Provisioned, PseudoExternalTable, SlppContext};
use lcs::{
    Address, PrivacySetting, PseudoExternalIdentity, ServiceType, select_pre_rel6,
    slpp::{LcsInformation, NodeKnowledge, NodeRequest, PrivacyClassCode},
};

/// A case in which an old node would do something else than it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misread {
    /// The identity in the request; `None`: a client that is none of them.
    pub identity: Option<PseudoExternalIdentity>,
    /// That client's number, if its number matters.
    pub client: Option<Address>,
    /// Whether a call or session to the client is up.
    pub call: bool,
    /// What the node knows.
    pub node: NodeKnowledge,
    /// Service type in the request.
    pub service_type: Option<ServiceType>,
    /// Gateway that asks.
    pub gateway: Address,
    /// What should happen.
    pub expected: PrivacySetting,
    /// What the node would do.
    pub read: PrivacySetting,
}

impl Misread {
    /// Whether the node would give away more than it should.
    #[must_use]
    pub fn leaks(&self) -> bool {
        self.read < self.expected
    }
}

/// Puts every identity that the table holds before every kind of old node that is asked by one, with and without a call, through
/// each gateway, and so clients that are none of them; by Fig. A.1 (TS 23.271 clause A.2) over what the home register sends the node.
/// One case is told for each client with and without a call: the one that gives away most.
#[must_use]
pub fn walk(information: &LcsInformation, table: &PseudoExternalTable, context: &SlppContext<'_>) -> Vec<Misread> {
    let nodes: Vec<_> = NodeKnowledge::all_old()
        .filter(|node| node.capability_set >= table.lowest_set())
        .map(|node| (node, information.sent_to(node.capability_set)))
        .collect();
    let services = services(information);
    let mut misread = Vec::new();
    for (identity, client) in clients(information, table, context) {
        for call in [false, true] {
            let mut worst: Option<Misread> = None;
            for (node, sent) in &nodes {
                let Some(expected) = expected(identity, call, *node, table) else { continue };
                for gateway in context.gateways {
                    for service_type in &services {
                        let request = NodeRequest {
                            external: client,
                            service_type: *service_type,
                            gmlc_in_home_country: context.home.holds_gmlc(gateway),
                            call_criteria_met: call,
                            ..NodeRequest::value_added(*gateway, *gateway)
                        };
                        let read = select_pre_rel6(&sent.read(*node, &request)).setting;
                        if read != expected && worst.is_none_or(|worst| read < worst.read) {
                            let (node, service_type, gateway) = (*node, *service_type, *gateway);
                            worst =
                                Some(Misread { identity, client, call, node, service_type, gateway, expected, read });
                        }
                    }
                }
            }
            misread.extend(worst);
        }
    }
    misread
}

/// What a node should do. `None`: nothing that data could bring about. A node that does not know "not allowed" lets clients that
/// are not listed in the related class have its default while a call to them is up.
fn expected(
    identity: Option<PseudoExternalIdentity>,
    call: bool,
    node: NodeKnowledge,
    table: &PseudoExternalTable,
) -> Option<PrivacySetting> {
    match identity.map(PseudoExternalIdentity::settings) {
        Some((Some(related), unrelated)) if call => Some(related.looser(unrelated)),
        Some((_, unrelated)) => Some(unrelated),
        None if !call || node.knows_not_allowed || table.provisioned() == Provisioned::FirstFour => {
            Some(PrivacySetting::NotAllowed)
        }
        None => None,
    }
}

type WalkedClient = (Option<PseudoExternalIdentity>, Option<Address>);

/// The identities held, a client that no entry matches, real clients that could pass for an identity, and whoever else is listed.
fn clients<'a>(
    information: &'a LcsInformation,
    table: &'a PseudoExternalTable,
    context: &'a SlppContext<'_>,
) -> impl Iterator<Item = WalkedClient> + 'a {
    let held =
        PseudoExternalIdentity::all().filter_map(|identity| Some((Some(identity), Some(table.number_of(identity)?))));
    let conflicting = context.clients.iter().filter(|client| table.conflicting(client.digits).is_some());
    let listed = information.privacy_classes.iter().flat_map(|class| &class.external_clients);
    let others = listed.filter_map(|entry| entry.client).filter(|client| table.identity_of(*client).is_none());
    let strangers = conflicting.copied().chain(others).map(|client| (None, Some(client)));
    held.chain([(None, None)]).chain(strangers)
}

/// No service type, and each that the data lists.
fn services(information: &LcsInformation) -> Vec<Option<ServiceType>> {
    let listed = information.class(PrivacyClassCode::ServiceType).into_iter().flat_map(|class| &class.service_types);
    [None].into_iter().chain(listed.map(|entry| Some(entry.service_type))).collect()
}
