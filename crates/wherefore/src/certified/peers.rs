//! Who is on the other side, by the certificate shown, and what they may do.

use crate::config::ServicePeer;
use crate::tls::{KnownCertificates, shown_by};
use std::sync::Arc;

/// A gateway that is known.
#[derive(Debug)]
pub(crate) struct Peer<R> {
    pub(crate) name: String,
    certificates: KnownCertificates,
    allow: Vec<R>,
}

impl<R: PartialEq> Peer<R> {
    pub(crate) fn may(&self, right: R) -> bool {
        self.allow.contains(&right)
    }
}

/// All that are known.
pub(super) struct Peers<R>(Vec<Arc<Peer<R>>>);

impl<R: Copy> Peers<R> {
    pub(super) fn new(peers: &[ServicePeer<R>]) -> Self {
        let peer = |peer: &ServicePeer<R>| {
            Arc::new(Peer {
                name: peer.name.clone(),
                certificates: KnownCertificates::new(&peer.certificate_sha256, &peer.certificate_subjects),
                allow: peer.allow.clone(),
            })
        };
        Self(peers.iter().map(peer).collect())
    }

    /// The peer of a certificate whose chain TLS has checked.
    pub(super) fn of(&self, der: &[u8]) -> Option<Arc<Peer<R>>> {
        shown_by(&self.0, |peer| &peer.certificates, der).cloned()
    }
}
