//! Serving-Node and Additional-Serving-Node (TS 29.173 clauses 6.4.3 and 6.4.8).

use crate::grammar::grammar;
use lcs::{Address, LcsCapabilitySets, NodeKind};
use std::net::IpAddr;

grammar! {
    @group
    /// Serving-Node or Additional-Serving-Node, which have the same members (TS 29.173 clauses 6.4.3 and 6.4.8).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open ServingNode {
        /// ISDN number of the SGSN, unless it does not support Lg.
        opt sgsn_number: Address = SGSN_NUMBER;
        /// Diameter identity of the SGSN, if it supports Lgd.
        opt sgsn_name: &'a str = SGSN_NAME;
        /// Diameter realm of the SGSN, if it supports Lgd.
        opt sgsn_realm: &'a str = SGSN_REALM;
        /// Diameter identity of the MME.
        opt mme_name: &'a str = MME_NAME;
        /// Diameter realm of the MME.
        opt mme_realm: &'a str = MME_REALM;
        /// ISDN number of the MSC or MSC server.
        opt msc_number: Address = MSC_NUMBER;
        /// Diameter identity of the 3GPP AAA server.
        opt aaa_server_name: &'a str = AAA_SERVER_NAME;
        /// LCS capability sets; never told of an MME (TS 29.173 clause 5.2.1.2).
        opt lcs_capabilities_sets: LcsCapabilitySets = LCS_CAPABILITIES_SETS;
        /// Gateway of the network where the node is: the V-GMLC.
        opt gmlc_address: IpAddr = GMLC_ADDRESS;
    }
}

impl<'a> ServingNode<'a> {
    /// Builds the group from the vocabulary.
    #[must_use]
    pub fn from_lcs(node: &'a lcs::ServingNode) -> Self {
        let group = Self { lcs_capabilities_sets: node.capabilities, gmlc_address: node.v_gmlc, ..Self::default() };
        match &node.kind {
            // The capability sets of an MME are never told (TS 29.173 clause 5.2.1.2).
            NodeKind::Mme { name, realm } => {
                Self { mme_name: Some(name), mme_realm: Some(realm), lcs_capabilities_sets: None, ..group }
            }
            NodeKind::Sgsn { number, diameter } => Self {
                sgsn_number: *number,
                sgsn_name: diameter.as_ref().map(|(name, _)| name.as_str()),
                sgsn_realm: diameter.as_ref().map(|(_, realm)| realm.as_str()),
                ..group
            },
            NodeKind::Msc { number } => Self { msc_number: Some(*number), ..group },
            NodeKind::Aaa { name } => Self { aaa_server_name: Some(name), ..group },
        }
    }
}
