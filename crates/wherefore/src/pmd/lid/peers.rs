//! Who is on the other side, by the certificate shown, and what they may do.

use crate::config::{self, LidRight};
use crate::tls::{KnownCertificates, shown_by};
use std::sync::Arc;

/// A gateway that is known.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) name: String,
    certificates: KnownCertificates,
    allow: Vec<LidRight>,
}

impl Peer {
    pub(super) fn may(&self, right: LidRight) -> bool {
        self.allow.contains(&right)
    }
}

/// All that are known.
pub(super) struct Peers(Vec<Arc<Peer>>);

impl Peers {
    pub(super) fn new(peers: &[config::LidPeer]) -> Self {
        let peer = |peer: &config::LidPeer| {
            Arc::new(Peer {
                name: peer.name.clone(),
                certificates: KnownCertificates::new(&peer.certificate_sha256, &peer.certificate_subjects),
                allow: peer.allow.clone(),
            })
        };
        Self(peers.iter().map(peer).collect())
    }

    /// The peer of a certificate whose chain TLS has checked.
    pub(super) fn of(&self, der: &[u8]) -> Option<Arc<Peer>> {
        shown_by(&self.0, |peer| &peer.certificates, der).cloned()
    }
}
