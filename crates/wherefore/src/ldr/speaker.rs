//! Who speaks of a deferred request to this gateway.

use crate::forms::Number;
use gmlc::PeerGateway;
use lcs::{Address, NodeKind, ServingNode};

/// Who reports about a deferred request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker<'a> {
    /// A node over Diameter: its host.
    Host(&'a str),
    /// An MSC server or an SGSN over MAP: its E.164 number, from which the message came.
    Number(Address),
    /// The card of the target, which its key has proven; the instance that it names.
    Card(u32),
    /// A visited gateway, by the name under which it was asked ([`kept_as_visited`]).
    Visited(&'a str),
    /// The gateway of a network in which the request was not armed, by its own name (TS 23.271 clause 9.1.19.1 NOTE 6).
    Elsewhere(&'a str),
}

impl Speaker<'_> {
    /// Whether it is the node that is kept by this name ([`kept_name`]).
    pub(super) fn is_kept_as(self, kept: &str) -> bool {
        match self {
            // No host begins like a number: who calls itself so is not taken for a node of MAP.
            Self::Host(host) => is_host(kept) && kept.eq_ignore_ascii_case(host),
            Self::Number(number) => kept == Number(number).to_string(),
            Self::Visited(name) => kept == name,
            Self::Card(_) | Self::Elsewhere(_) => false,
        }
    }

    /// Whether it is a node of the network of the one that is kept by this name. A visited gateway, which has no home register to ask,
    /// knows the nodes of its subscribers by no more than that.
    pub(super) fn is_beside(self, kept: &str) -> bool {
        let realm = |host: &str| host.split_once('.').map(|(_, realm)| realm.to_ascii_lowercase());
        match self {
            Self::Host(host) => is_host(kept) && realm(host).is_some() && realm(host) == realm(kept),
            Self::Number(_) | Self::Card(_) | Self::Visited(_) | Self::Elsewhere(_) => false,
        }
    }

    /// Whether it is this node of a route.
    pub(crate) fn is(self, node: &ServingNode) -> bool {
        match (self, &node.kind) {
            (Self::Host(host), NodeKind::Mme { name, .. }) => name.eq_ignore_ascii_case(host),
            (Self::Number(told), NodeKind::Msc { number } | NodeKind::Sgsn { number: Some(number), .. }) => {
                told == *number
            }
            (Self::Host(_) | Self::Number(_) | Self::Card(_) | Self::Visited(_) | Self::Elsewhere(_), _) => false,
        }
    }
}

/// Whether the name of a node that waits is a host's, and not a number ([`kept_name`]).
pub(super) fn is_host(kept: &str) -> bool {
    kept.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// The name by which a node that waits is kept: a host, or a number with its plus sign; empty for one that cannot wait.
pub(crate) fn kept_name(node: &ServingNode) -> String {
    match &node.kind {
        NodeKind::Mme { name, .. } => name.clone(),
        NodeKind::Msc { number } | NodeKind::Sgsn { number: Some(number), .. } => Number(*number).to_string(),
        NodeKind::Sgsn { number: None, .. } | NodeKind::Aaa { .. } => String::new(),
    }
}

/// The name by which a visited gateway is kept that is asked under `name`; `None`: too long to be kept whole.
pub(super) fn kept_as_visited(peer: &str, name: &str) -> Option<String> {
    Some(format!("lr/{peer}/{name}")).filter(|text| text.len() <= MOST_KEPT)
}

/// Octets of a name that are kept.
const MOST_KEPT: usize = 255;

/// The gateway that is kept by this name, and under what name it was asked.
pub(crate) fn visited_of(kept: &str) -> Option<(PeerGateway, &str)> {
    let (peer, name) = kept.strip_prefix("lr/")?.rsplit_once('/')?;
    Some((PeerGateway(peer.into()), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(kind: NodeKind) -> ServingNode {
        ServingNode { kind, capabilities: None, v_gmlc: None }
    }

    /// Each of the kinds that can wait speaks for itself, and none for another.
    #[test]
    fn a_node_is_itself_alone() {
        let number = |text| Address::international(text).expect("a number");
        let (one, two) = (number("+491710000002"), number("+491710000003"));
        let mme = |name: &str| node(NodeKind::Mme { name: name.into(), realm: "lab".into() });
        let both = NodeKind::Sgsn { number: Some(two), diameter: Some(("sgsn".into(), "lab".into())) };
        let nodes = [mme("mme1"), node(NodeKind::Msc { number: one }), node(both)];
        let speakers = [Speaker::Host("MME1"), Speaker::Number(one), Speaker::Number(two)];
        for (row, node) in nodes.iter().enumerate() {
            for (column, speaker) in speakers.iter().enumerate() {
                assert_eq!(speaker.is(node), row == column, "{node:?} {speaker:?}");
                assert_eq!(speaker.is_kept_as(&kept_name(node)), row == column, "{node:?} {speaker:?}");
            }
        }
        assert!(!Speaker::Host("+491710000002").is_kept_as(&kept_name(&nodes[1])));
        assert!(Speaker::Host("mme2.lab").is_beside("mme1.LAB") && !Speaker::Host("mme2.lab").is_beside("mme1.lab.x"));
        assert!(!Speaker::Host("mme2").is_beside("mme1") && !Speaker::Number(one).is_beside(&kept_name(&nodes[1])));
        let kept = kept_as_visited("gmlc.c.example", "4711").expect("short enough");
        assert_eq!(visited_of(&kept), Some((PeerGateway("gmlc.c.example".into()), "4711")));
        assert!(Speaker::Visited(&kept).is_kept_as(&kept) && !Speaker::Visited("lr/b/4711").is_kept_as(&kept));
        assert_eq!((kept_as_visited(&"x".repeat(250), "4711"), visited_of("mme1.lab")), (None, None));
        let without = node(NodeKind::Sgsn { number: None, diameter: Some(("sgsn".into(), "lab".into())) });
        assert!(
            kept_name(&without).is_empty() && !Speaker::Host("").is_kept_as("") && !Speaker::Host("sgsn").is(&without)
        );
    }
}
