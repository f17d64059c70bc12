//! Which serving node is asked first: CS-MT-LR, PS-MT-LR or EPC-MT-LR (TS 23.271 clause 9.1.1 step 9).

use lcs::{LcsClientId, LcsInterface, NodeKind, RoutingInfo, ServingNode, Way};

/// A domain of the network, by its serving node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Evolved packet: an MME (TS 23.271 clause 9.1.15).
    Eps,
    /// Packet switched: an SGSN (TS 23.271 clause 9.1.6).
    Ps,
    /// Circuit switched: an MSC server (TS 23.271 clause 9.1.2).
    Cs,
}

impl Domain {
    /// The domain of a node; none for one that is not asked for positions.
    pub(crate) fn of(node: &ServingNode) -> Option<Self> {
        match node.kind {
            NodeKind::Mme { .. } => Some(Self::Eps),
            NodeKind::Sgsn { .. } => Some(Self::Ps),
            NodeKind::Msc { .. } => Some(Self::Cs),
            NodeKind::Aaa { .. } => None,
        }
    }

    fn is_packet(self) -> bool {
        matches!(self, Self::Eps | Self::Ps)
    }
}

/// What the choice rests on beside the route.
pub(crate) struct Choice<'a> {
    pub(crate) client: &'a LcsClientId,
    /// Whether the request goes by privacy override.
    pub(crate) overrides: bool,
    /// The operator's order; domains that are not in it keep the order of the home register.
    pub(crate) preference: &'a [Domain],
    /// The interfaces that there are: SLg with Lgd, and Lg.
    pub(crate) slg: bool,
    pub(crate) lg: bool,
    /// Whether a node is asked through its visited gateway.
    pub(crate) lr: &'a dyn Fn(&ServingNode) -> bool,
}

/// The ways to ask where this route leads, the one to try first at the beginning. An MT-LR that belongs to a call goes to the
/// circuit switched domain, one that belongs to a packet session to a packet domain; an override prefers an MME, which acts on
/// the client type alone. Else the operator's order counts, and then that of the home register.
pub(crate) fn ways<'a>(route: &'a RoutingInfo, choice: &Choice<'_>) -> Vec<Way<'a>> {
    let mut ways: Vec<Way<'a>> = route.nodes.iter().flat_map(|node| over(node, choice)).flatten().collect();
    ways.sort_by_key(|way| {
        let domain = Domain::of(way.node);
        let by_kind = match choice {
            Choice { overrides: true, .. } => domain != Some(Domain::Eps),
            Choice { client, .. } if client.dialled.is_some() => domain != Some(Domain::Cs),
            Choice { client, .. } if client.apn.is_some() => !domain.is_some_and(Domain::is_packet),
            _ => false,
        };
        let preferred = choice.preference.iter().position(|known| Some(*known) == domain);
        (by_kind, preferred.unwrap_or(choice.preference.len()))
    });
    ways
}

/// The interfaces of a node in the order to try them: a node that takes indicators over Diameter if it can, an older one over
/// MAP, where a pseudo-external identity has a place. Before both its visited gateway, where the operators use Lr (step 8); what
/// cannot be said there is said to the node itself.
fn over<'a>(node: &'a ServingNode, choice: &Choice<'_>) -> [Option<Way<'a>>; 3] {
    let way = |interface, there: bool| (there && node.is_reached_over(interface)).then_some(Way { node, interface });
    let (slg, lg) = (way(LcsInterface::Slg, choice.slg), way(LcsInterface::Lg, choice.lg));
    let lr = way(LcsInterface::Lr, (choice.lr)(node));
    if node.effective_capabilities().takes_indicators() { [lr, slg, lg] } else { [lr, lg, slg] }
}

/// Whether a node that has been asked in vain leaves this one to be tried. With the optimised procedure either the packet or
/// the evolved packet domain is asked and not both (TS 23.271 clause 5.7).
pub(crate) fn remains(route: &RoutingInfo, node: &ServingNode, asked: &ServingNode) -> bool {
    let both_packet = |one: &ServingNode, other: &ServingNode| {
        [one, other].into_iter().all(|node| Domain::of(node).is_some_and(Domain::is_packet))
    };
    node != asked && !(route.optimised_lcs && both_packet(node, asked))
}

#[cfg(test)]
mod tests;
