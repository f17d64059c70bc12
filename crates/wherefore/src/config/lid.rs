//! `[pmd.lid]` and `[pmd.remote]`: pseudonyms over the network, from either side.

use super::check::Findings;
use super::service::{Service, ServicePeer, mutual, origin};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[pmd.lid]`: the service for gateways that have no key (Lid, TS 23.271 clause 7.5; `docs/lid.md`).
pub type Lid = Service<LidRight>;

/// A gateway that may use Lid.
pub type LidPeer = ServicePeer<LidRight>;

/// What a gateway may do over Lid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LidRight {
    /// Have pseudonyms assigned: gateways that put them in the place of numbers (TS 23.271 Annex E), and home gateways for a
    /// subscriber's own requests (clause 9.2.6 step 10).
    Assign,
    /// Turn pseudonyms back: location gateways (clause 9.1.1 step 5).
    Resolve,
}

/// `[pmd.remote]`: the device to ask where this process has no key. Off unless `url` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PmdRemote {
    /// Where it is, an https URL without a path. Default none: no pseudonym is known here, unless the role `pmd` is on.
    pub url: Option<String>,
    /// Own certificate chain, PEM. Default none.
    pub cert_file: Option<PathBuf>,
    /// Own private key, PEM. Whoever has it can do at the device what this gateway may. Default none.
    pub key_file: Option<PathBuf>,
    /// Authorities that sign the device's certificate, PEM. Whoever controls one learns every pseudonym asked about. Default none.
    pub ca_file: Option<PathBuf>,
    /// Longest time for an answer, ms; then the pseudonym is refused. Default 1000.
    pub timeout_ms: u64,
}

impl Default for PmdRemote {
    fn default() -> Self {
        Self { url: None, cert_file: None, key_file: None, ca_file: None, timeout_ms: 1000 }
    }
}

impl PmdRemote {
    pub(super) fn files(&mut self) -> [&mut Option<PathBuf>; 3] {
        [&mut self.cert_file, &mut self.key_file, &mut self.ca_file]
    }

    pub(super) fn problems(&self, role: bool, found: &mut Findings) {
        let Some(url) = &self.url else { return };
        origin(found, "pmd.remote.url", url);
        found.unless(!role, "pmd.remote.url", "set, and the role pmd is on", "take it out, or set roles.pmd to false");
        let files = [("cert_file", &self.cert_file), ("key_file", &self.key_file), ("ca_file", &self.ca_file)];
        mutual(found, "pmd.remote", true, &files);
        found.range("pmd.remote.timeout_ms", self.timeout_ms, 10, 60_000);
    }
}
