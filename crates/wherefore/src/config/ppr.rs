//! `[ppr]`: the privacy profile register over the network, from either side.

use super::check::Findings;
use super::service::{Called, Service, ServicePeer, mutual, origin};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::path::PathBuf;

/// `[ppr]`: how gateways elsewhere ask the register of this process, or this gateway that of another (TS 23.271 clause 6.3.11).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ppr {
    /// Addresses by which HSS and HLR name the register that is asked here, as PPR-Address (TS 29.173 clause 6.4.9). For whom they name
    /// another, the profile is kept there, and the default profile is not theirs. None is followed. Default none.
    pub addresses: Vec<IpAddr>,
    /// The service for gateways that have no register.
    pub lpp: Lpp,
    /// The register to ask where this process has none.
    pub remote: PprRemote,
}

/// `[ppr.lpp]`: the service for gateways that have no register (Lpp, TS 23.271 clause 7.4; `docs/lpp.md`).
pub type Lpp = Service<LppRight>;

/// A gateway that may use Lpp.
pub type LppPeer = ServicePeer<LppRight>;

/// What a gateway may do over Lpp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LppRight {
    /// Have requests checked, and be told whose profile changed (TS 23.271 clauses 9.1.1.1 and 9.1.1.2).
    Authorise,
    /// Name a pseudonym in the place of a subscriber, where this process is a pseudonym mediation device too.
    Pseudonyms,
    /// Be told the salts by which it seals each subscriber's entries in its disclosure log.
    Salts,
}

/// `[ppr.remote]`: the register to ask where this process has none. Off unless `url` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PprRemote {
    /// Where it is, an https URL without a path. Default none: the register of this process is asked.
    pub url: Option<String>,
    /// Own certificate chain, PEM. Default none.
    pub cert_file: Option<PathBuf>,
    /// Own private key, PEM. Whoever has it can learn at the register what any subscriber allows any client. Default none.
    pub key_file: Option<PathBuf>,
    /// Authorities that sign the register's certificate, PEM. Whoever controls one decides what every subscriber allows. Default none.
    pub ca_file: Option<PathBuf>,
    /// Longest time for an answer, ms; then the request is refused. Default 1000.
    pub timeout_ms: u64,
    /// Whether the register turns pseudonyms back itself, so that no other device is asked. Default false.
    pub pseudonyms: bool,
}

impl Default for PprRemote {
    fn default() -> Self {
        Self { url: None, cert_file: None, key_file: None, ca_file: None, timeout_ms: 1000, pseudonyms: false }
    }
}

const CALLED: Called =
    Called { section: "ppr.lpp", role: "ppr", rights: "say \"authorise\", and \"pseudonyms\" or \"salts\" beside it" };

impl Ppr {
    pub(super) fn problems(&self, role: bool, found: &mut Findings) {
        self.lpp.problems(role, &CALLED, found);
        self.remote.problems(role, found);
    }
}

impl PprRemote {
    pub(super) fn files(&mut self) -> [&mut Option<PathBuf>; 3] {
        [&mut self.cert_file, &mut self.key_file, &mut self.ca_file]
    }

    fn problems(&self, role: bool, found: &mut Findings) {
        let Some(url) = &self.url else { return };
        origin(found, "ppr.remote.url", url);
        found.unless(!role, "ppr.remote.url", "set, and the role ppr is on", "take it out, or set roles.ppr to false");
        let files = [("cert_file", &self.cert_file), ("key_file", &self.key_file), ("ca_file", &self.ca_file)];
        mutual(found, "ppr.remote", true, &files);
        found.range("ppr.remote.timeout_ms", self.timeout_ms, 10, 60_000);
    }
}
