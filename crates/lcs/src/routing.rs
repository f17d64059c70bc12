//! Where a target is served, as the HSS tells (TS 29.173 clause 6.2, RIA).

use crate::{address::Address, identity::Identities};
use std::net::IpAddr;
use std::sync::Arc;

/// LCS capability sets of a serving node, bit n = set n+1 (TS 23.271 clause 10.5.1; TS 29.002 SupportedLCS-CapabilitySets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LcsCapabilitySets(pub u32);

impl LcsCapabilitySets {
    /// Sets 1-5, as an MME is taken to have (TS 29.173 clause 5.2.1.2).
    pub const ALL_FIVE: Self = Self(0b1_1111);

    /// The highest set, 1-5; 0 if none is told. Unknown higher bits do not count.
    #[must_use]
    pub fn highest(self) -> u8 {
        (32 - (self.0 & 0b1_1111).leading_zeros()) as u8
    }

    /// Whether the node acts on privacy indicators (set 4 or higher).
    #[must_use]
    pub fn takes_indicators(self) -> bool {
        self.highest() >= 4
    }

    /// Whether the node can notify after positioning (set 5).
    #[must_use]
    pub fn notifies_after_positioning(self) -> bool {
        self.highest() >= 5
    }
}

/// What kind of node serves, and how it is addressed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// MME, over SLg.
    Mme {
        /// Diameter identity (MME-Name).
        name: String,
        /// Diameter realm (MME-Realm).
        realm: String,
    },
    /// SGSN; Diameter name and realm only if it supports Lgd.
    Sgsn {
        /// ISDN number.
        number: Option<Address>,
        /// Diameter identity and realm, if it supports Lgd.
        diameter: Option<(String, String)>,
    },
    /// MSC or MSC server.
    Msc {
        /// ISDN number.
        number: Address,
    },
    /// 3GPP AAA server of a non-3GPP access.
    Aaa {
        /// Diameter identity.
        name: String,
    },
}

/// How a gateway asks a serving node (TS 23.271 clause 6.2), or has it asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LcsInterface {
    /// SLg to an MME, Lgd to an SGSN: Diameter (TS 29.172).
    Slg,
    /// Lg to an MSC server or SGSN: MAP (TS 29.002).
    Lg,
    /// Lr to the visited gateway of the node, which asks it (TS 23.271 clause 9.1.1 step 8).
    Lr,
}

/// One serving node of a target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServingNode {
    /// Kind and address.
    pub kind: NodeKind,
    /// What the HSS says of its LCS capabilities; `None` if it says nothing.
    pub capabilities: Option<LcsCapabilitySets>,
    /// Its visited gateway, if it has one.
    pub v_gmlc: Option<IpAddr>,
}

/// A serving node and the interface over which it is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way<'a> {
    /// The node.
    pub node: &'a ServingNode,
    /// The interface.
    pub interface: LcsInterface,
}

impl ServingNode {
    /// Diameter realm, for a node that has one.
    #[must_use]
    pub fn realm(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Mme { realm, .. } | NodeKind::Sgsn { diameter: Some((_, realm)), .. } => Some(realm),
            NodeKind::Sgsn { diameter: None, .. } | NodeKind::Msc { .. } | NodeKind::Aaa { .. } => None,
        }
    }

    /// Whether the node has an address on this interface.
    #[must_use]
    pub fn is_reached_over(&self, interface: LcsInterface) -> bool {
        match (&self.kind, interface) {
            (NodeKind::Mme { .. } | NodeKind::Sgsn { diameter: Some(_), .. }, LcsInterface::Slg) => true,
            (NodeKind::Msc { .. } | NodeKind::Sgsn { number: Some(_), .. }, LcsInterface::Lg) => true,
            // Of an SGSN without any address not even its gateway could be told which one is meant.
            (NodeKind::Mme { .. } | NodeKind::Msc { .. }, LcsInterface::Lr) => true,
            (NodeKind::Sgsn { number, diameter }, LcsInterface::Lr) => number.is_some() || diameter.is_some(),
            (NodeKind::Mme { .. } | NodeKind::Sgsn { .. } | NodeKind::Msc { .. } | NodeKind::Aaa { .. }, _) => false,
        }
    }

    /// Its E.164 number, for a node that has one.
    #[must_use]
    pub fn number(&self) -> Option<Address> {
        match self.kind {
            NodeKind::Sgsn { number, .. } => number,
            NodeKind::Msc { number } => Some(number),
            NodeKind::Mme { .. } | NodeKind::Aaa { .. } => None,
        }
    }

    /// Capability sets to reckon with: an MME has all five (TS 29.173 clause 5.2.1.2), an MSC that tells none has set 1 at
    /// most, an SGSN that tells none has no LCS (TS 23.271 clause 10.5.1).
    #[must_use]
    pub fn effective_capabilities(&self) -> LcsCapabilitySets {
        match (&self.kind, self.capabilities) {
            (NodeKind::Mme { .. }, _) => LcsCapabilitySets::ALL_FIVE,
            (NodeKind::Msc { .. }, None) => LcsCapabilitySets(1),
            (_, told) => told.unwrap_or_default(),
        }
    }
}

/// What the HSS answers to "where is this subscriber served?".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoutingInfo {
    /// Identities, completed by the HSS.
    pub identities: Identities,
    /// Serving nodes, the preferred one first. Never empty. Shared, for many subscribers are served by the same.
    pub nodes: Arc<[ServingNode]>,
    /// Home gateway, if told.
    pub h_gmlc: Option<IpAddr>,
    /// Privacy profile register, if told.
    pub ppr: Option<IpAddr>,
    /// Combined MME/SGSN supports the optimised LCS procedure (RIA-Flags bit 0).
    pub optimised_lcs: bool,
}

/// Realm in the name of a node: from the label `epc` on, as in `epc.mnc001.mcc001.3gppnetwork.org`, or else all after the
/// first label (TS 23.003 clause 19.4.2.4); `None` for a name of one label.
#[must_use]
pub fn node_realm(name: &str) -> Option<&str> {
    let tails = || name.match_indices('.').filter_map(|(at, _)| name.get(at + 1..)).filter(|tail| !tail.is_empty());
    let of_epc = |tail: &&str| tail.split('.').next().is_some_and(|label| label.eq_ignore_ascii_case("epc"));
    tails().find(of_epc).or_else(|| tails().next())
}
