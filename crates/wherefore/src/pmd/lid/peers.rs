//! Who is on the other side, by the certificate shown, and what they may do.

use crate::config::{self, LidRight};
use crate::forms::from_hex;
use aws_lc_rs::digest::{SHA256, digest};
use std::sync::Arc;

/// A gateway that is known.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) name: String,
    fingerprints: Vec<Vec<u8>>,
    subjects: Vec<String>,
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
                fingerprints: peer.certificate_sha256.iter().filter_map(|text| from_hex(text)).collect(),
                subjects: peer.certificate_subjects.clone(),
                allow: peer.allow.clone(),
            })
        };
        Self(peers.iter().map(peer).collect())
    }

    /// The peer of a certificate whose chain TLS has checked; a fingerprint counts before a subject.
    pub(super) fn of(&self, der: &[u8]) -> Option<Arc<Peer>> {
        let shown = digest(&SHA256, der);
        let by_fingerprint = |peer: &&Arc<Peer>| peer.fingerprints.iter().any(|known| known == shown.as_ref());
        if let Some(peer) = self.0.iter().find(by_fingerprint) {
            return Some(Arc::clone(peer));
        }
        let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
        let subject = certificate.subject().to_string();
        self.0.iter().find(|peer| peer.subjects.contains(&subject)).cloned()
    }
}
