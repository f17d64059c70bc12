//! Which peer gets a request (RFC 6733 sections 2.7, 5.1 and 6.1.4 to 6.1.6).
//!
//! 1. The peer named by Destination-Host, when there is a connection to it.
//! 2. Peers of the destination realm: its servers and relays when only the realm is named, its relays when a host is
//!    named that is no peer here.
//! 3. Relays of any realm, the default route.
//!
//! Inside one step the smallest priority number wins, among equals the peer with the fewest requests under way, among those
//! each in turn. Peers of one role are those of one realm that announced one application: an HSS and an MME of the same
//! realm are told apart by SLh and SLg.

use core::sync::atomic::{AtomicU32, Ordering};
use std::collections::HashMap;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Where a request is to go: Destination-Host and Destination-Realm, compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Destination {
    host: Option<Arc<str>>,
    realm: Arc<str>,
}

impl Destination {
    /// A host in a realm.
    #[must_use]
    pub fn new(host: Option<&str>, realm: &str) -> Self {
        Self { host: host.map(lower), realm: lower(realm) }
    }

    /// A certain host.
    #[must_use]
    pub fn to_host(host: &str, realm: &str) -> Self {
        Self::new(Some(host), realm)
    }

    /// Any server of the realm.
    #[must_use]
    pub fn to_realm(realm: &str) -> Self {
        Self::new(None, realm)
    }

    /// The host in lower case, when one is named.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The realm in lower case.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }
}

fn lower(text: &str) -> Arc<str> {
    text.to_ascii_lowercase().into()
}

/// A peer as the routing table sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutePeer {
    /// Its identity.
    pub host: String,
    /// Its realm.
    pub realm: String,
    /// Whether it forwards requests for others.
    pub relay: bool,
    /// Smaller is preferred.
    pub priority: u16,
}

/// Place of a peer in the routing table; stays valid while the peer is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerIndex(pub u32);

/// The peers of a node, found by host, by realm, and by being a relay.
#[derive(Debug, Default)]
pub struct Routing {
    peers: Vec<Option<RoutePeer>>,
    by_host: HashMap<Arc<str>, PeerIndex>,
    by_realm: HashMap<Arc<str>, Vec<PeerIndex>>,
    relays: Vec<PeerIndex>,
    turn: AtomicU32,
}

impl Routing {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a peer. A host that is in the table already keeps its place and takes the new values.
    pub fn add(&mut self, peer: RoutePeer) -> PeerIndex {
        if let Some(index) = self.find(&peer.host) {
            self.remove(index);
        }
        let place = self.peers.iter().position(Option::is_none).unwrap_or(self.peers.len());
        // A table of 2^32 peers does not fit in memory.
        let index = PeerIndex(u32::try_from(place).unwrap_or(u32::MAX));
        self.by_host.insert(lower(&peer.host), index);
        self.by_realm.entry(lower(&peer.realm)).or_default().push(index);
        if peer.relay {
            self.relays.push(index);
        }
        match self.peers.get_mut(place) {
            Some(free) => *free = Some(peer),
            None => self.peers.push(Some(peer)),
        }
        index
    }

    /// Takes a peer out.
    pub fn remove(&mut self, index: PeerIndex) {
        let Some(peer) = self.peers.get_mut(index.0 as usize).and_then(Option::take) else { return };
        self.by_host.remove(&lower(&peer.host));
        let realm = lower(&peer.realm);
        if let Some(members) = self.by_realm.get_mut(&realm) {
            members.retain(|&member| member != index);
            if members.is_empty() {
                self.by_realm.remove(&realm);
            }
        }
        self.relays.retain(|&relay| relay != index);
    }

    /// The peer of this identity.
    #[must_use]
    pub fn find(&self, host: &str) -> Option<PeerIndex> {
        self.by_host.get(&*lower(host)).copied()
    }

    /// The peer at a place.
    #[must_use]
    pub fn peer(&self, index: PeerIndex) -> Option<&RoutePeer> {
        self.peers.get(index.0 as usize)?.as_ref()
    }

    /// The next hop for `destination`, leaving out those already `tried`. `load` tells the requests under way at a peer that
    /// is open, usable and announced the application (or relays everything), and nothing for any other.
    #[must_use]
    pub fn select(
        &self,
        destination: &Destination,
        tried: &[PeerIndex],
        mut load: impl FnMut(PeerIndex) -> Option<usize>,
    ) -> Option<PeerIndex> {
        let mut usable = |index: PeerIndex| if tried.contains(&index) { None } else { load(index) };
        if let Some(host) = &destination.host
            && let Some(&index) = self.by_host.get(host)
            && usable(index).is_some()
        {
            return Some(index);
        }
        let any_server = destination.host.is_none();
        let members = self.by_realm.get(&destination.realm).map_or(&[][..], Vec::as_slice);
        let of_realm = members.iter().copied().filter(|&index| any_server || self.is_relay(index));
        self.best(of_realm, &mut usable).or_else(|| self.best(self.relays.iter().copied(), &mut usable))
    }

    fn is_relay(&self, index: PeerIndex) -> bool {
        self.peer(index).is_some_and(|peer| peer.relay)
    }

    fn best(
        &self,
        candidates: impl Iterator<Item = PeerIndex> + Clone,
        usable: &mut impl FnMut(PeerIndex) -> Option<usize>,
    ) -> Option<PeerIndex> {
        let mut rank = |index| {
            let priority = self.peer(index).map_or(u16::MAX, |peer| peer.priority);
            usable(index).map(|load| (priority, load))
        };
        let (mut lowest, mut first, mut equals) = (None, None, 0_u32);
        for index in candidates.clone() {
            let Some(key) = rank(index) else { continue };
            match lowest {
                Some(best) if key > best => {}
                Some(best) if key == best => equals += 1,
                _ => (lowest, first, equals) = (Some(key), Some(index), 1),
            }
        }
        if equals < 2 {
            return first;
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % equals;
        // Loads may have moved since the first pass; then the first choice stands.
        candidates.filter(|&index| rank(index) == lowest).nth(turn as usize).or(first)
    }
}

/// Whether an answer with this Result-Code asks for another try at another peer: UNABLE_TO_DELIVER, REALM_NOT_SERVED,
/// TOO_BUSY and LOOP_DETECTED (RFC 6733 section 7.1.3).
#[must_use]
pub const fn asks_for_alternate(result_code: u32) -> bool {
    matches!(result_code, 3002..=3005)
}
