//! Whose subscriber somebody is, and who is asked in the place of a node (TS 23.271 clause 9.1.1 steps 1, 2, 4 and 8).

use super::peers::{Peer, Peers};
use super::subscribers::imsi_begins;
use crate::config::Config;
use gmlc::Home;
use lcs::{Digits, Named, RoutingInfo, ServingNode};
use privacy::home_of;
use std::net::IpAddr;
use std::sync::Arc;

/// What is this operator's own.
#[derive(Debug, Default)]
pub(super) struct Own {
    realm: Option<String>,
    imsi_prefixes: Vec<Digits>,
    addresses: Vec<IpAddr>,
}

impl Own {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            realm: config.pmd.realm.clone(),
            imsi_prefixes: config.gateway.home_plmns.iter().filter_map(|plmn| Digits::parse(plmn).ok()).collect(),
            addresses: config.lr.addresses.clone(),
        }
    }
}

/// The table of home and visited gateways.
#[derive(Debug)]
pub(super) struct Homes {
    peers: Arc<Peers>,
    own: Own,
}

impl Homes {
    pub(super) fn new(peers: Arc<Peers>, own: Own) -> Self {
        Self { peers, own }
    }

    pub(super) fn peers(&self) -> &Peers {
        &self.peers
    }

    /// The home gateway. Where no gateway of another operator is known, this one is everybody's.
    pub(super) fn of(&self, whom: &Named, told: Option<&RoutingInfo>) -> Home {
        if self.peers.all().is_empty() {
            return Home::Own;
        }
        let peer = |peer: Option<&Arc<Peer>>| peer.map(|peer| Home::Peer(peer.gateway()));
        let identities = match whom {
            Named::Verinym(identities) => *identities,
            Named::Pseudonym(pseudonym) => {
                let realm = home_of(pseudonym).map(|home| home.realm);
                // Of no peer's realm: the own device opens it, or refuses it.
                return realm.and_then(|realm| peer(self.peers.home_of_realm(realm))).unwrap_or(
                    match (realm, &self.own.realm) {
                        (Some(realm), Some(own)) if realm != own => Home::Elsewhere,
                        _ => Home::Own,
                    },
                );
            }
        };
        // What the home register says goes before what the table does: it knows of numbers that moved.
        if let Some(address) = told.and_then(|told| told.h_gmlc) {
            if self.own.addresses.contains(&address) {
                return Home::Own;
            }
            return peer(self.peers.home_at(address)).unwrap_or(Home::Elsewhere);
        }
        let completed = told.map_or(identities, |told| identities.or(told.identities));
        if completed.imsi.is_some_and(|imsi| imsi_begins(imsi, &self.own.imsi_prefixes)) {
            return Home::Own;
        }
        let by_table = peer(self.peers.home_of(&completed));
        by_table.unwrap_or(if completed.imsi.is_some() { Home::Elsewhere } else { Home::Untold })
    }

    /// The gateway that is asked in the place of a node, if one is; not this one.
    pub(super) fn visited(&self, node: &ServingNode) -> Option<&Arc<Peer>> {
        if node.v_gmlc.is_some_and(|address| self.own.addresses.contains(&address)) {
            return None;
        }
        self.peers.visited_of(node)
    }
}
