//! `[pmd.lid]` and `[pmd.remote]`: pseudonyms over the network, from either side.

use super::check::Findings;
use super::sections::loopback;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[pmd.lid]`: the service for gateways that have no key (Lid, TS 23.271 clause 7.5; `docs/lid.md`). Off unless `cert_file` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lid {
    /// Address for HTTPS. Default `127.0.0.1:9230`.
    pub listen: SocketAddr,
    /// Own certificate chain, PEM. Default none: no Lid.
    pub cert_file: Option<PathBuf>,
    /// Own private key, PEM. Whoever has it can pose as this device and read which client asks for whom. Default none.
    pub key_file: Option<PathBuf>,
    /// Authorities that sign gateways' certificates, PEM. Whoever controls one can pose as any peer known by subject. Default none.
    pub ca_file: Option<PathBuf>,
    /// Longest time for a handshake, for a request to arrive and for its answer, ms. Default 2000.
    pub timeout_ms: u64,
    /// Most connections open at once. Default 256.
    pub max_connections: usize,
    /// The gateways, and what each may do. Default none.
    pub peer: Vec<LidPeer>,
}

/// A gateway that may use Lid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LidPeer {
    /// Its name in logs and metrics. Required.
    pub name: String,
    /// SHA-256 fingerprints of its certificates, 64 hexadecimal digits. Default none.
    #[serde(default)]
    pub certificate_sha256: Vec<String>,
    /// Subjects of its certificates, such as `CN=sms.example.net`. Default none.
    #[serde(default)]
    pub certificate_subjects: Vec<String>,
    /// What it may do. Required.
    pub allow: Vec<LidRight>,
}

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

impl Default for Lid {
    fn default() -> Self {
        Self {
            listen: loopback(9230),
            cert_file: None,
            key_file: None,
            ca_file: None,
            timeout_ms: 2000,
            max_connections: 256,
            peer: Vec::new(),
        }
    }
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

impl Lid {
    pub(super) fn files(&mut self) -> [&mut Option<PathBuf>; 3] {
        [&mut self.cert_file, &mut self.key_file, &mut self.ca_file]
    }

    pub(super) fn problems(&self, role: bool, found: &mut Findings) {
        let files = [("cert_file", &self.cert_file), ("key_file", &self.key_file), ("ca_file", &self.ca_file)];
        let some = files.iter().any(|(_, file)| file.is_some());
        found.unless(!some || role, "pmd.lid", "set, and the role pmd is off", "set roles.pmd, or take the files out");
        mutual(found, "pmd.lid", some, &files);
        found.range("pmd.lid.timeout_ms", self.timeout_ms, 100, 60_000);
        found.range("pmd.lid.max_connections", self.max_connections as u64, 1, 65_536);
        for (at, peer) in self.peer.iter().enumerate() {
            let key = |name: &str| format!("pmd.lid.peer[{at}].{name}");
            let twice = self.peer.iter().take(at).any(|other| other.name == peer.name);
            found.unless(!peer.name.is_empty() && !twice, &key("name"), "empty or given twice", "name each peer once");
            let known = peer.certificate_sha256.len() + peer.certificate_subjects.len() > 0;
            found.unless(
                known,
                &key("certificate_sha256"),
                "missing, and so is certificate_subjects",
                "give one of them",
            );
            let sound = |text: &String| crate::forms::from_hex(text).is_some_and(|octets| octets.len() == 32);
            found.unless(
                peer.certificate_sha256.iter().all(sound),
                &key("certificate_sha256"),
                "must be 64 hexadecimal digits",
                "take it from openssl x509 -fingerprint -sha256, without colons",
            );
            found.unless(!peer.allow.is_empty(), &key("allow"), "empty", "say \"assign\", \"resolve\" or both");
        }
    }
}

impl PmdRemote {
    pub(super) fn files(&mut self) -> [&mut Option<PathBuf>; 3] {
        [&mut self.cert_file, &mut self.key_file, &mut self.ca_file]
    }

    pub(super) fn problems(&self, role: bool, found: &mut Findings) {
        let Some(url) = &self.url else { return };
        let sound = reqwest::Url::parse(url)
            .is_ok_and(|url| url.scheme() == "https" && url.has_host() && url.path() == "/" && url.query().is_none());
        found.unless(
            sound,
            "pmd.remote.url",
            "not an https URL without a path",
            "write it as \"https://pmd.example.net:9230\"",
        );
        found.unless(!role, "pmd.remote.url", "set, and the role pmd is on", "take it out, or set roles.pmd to false");
        let files = [("cert_file", &self.cert_file), ("key_file", &self.key_file), ("ca_file", &self.ca_file)];
        mutual(found, "pmd.remote", true, &files);
        found.range("pmd.remote.timeout_ms", self.timeout_ms, 10, 60_000);
    }
}

/// Both sides show certificates, so all three files are needed.
pub(super) fn mutual(found: &mut Findings, section: &str, wanted: bool, files: &[(&str, &Option<PathBuf>); 3]) {
    for (name, file) in files {
        let key = format!("{section}.{name}");
        let what = "missing, and both sides show certificates";
        found.unless(!wanted || file.is_some(), &key, what, "name the PEM file");
        found.file(&key, file.as_deref());
    }
}
