//! Services between gateways, Lid and Lpp: HTTPS, both sides show certificates.

use super::check::Findings;
use super::sections::loopback;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// `[pmd.lid]` and `[ppr.lpp]`: a service for other gateways. Off unless `cert_file` is set. `R` is what a gateway may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Service<R> {
    /// Address for HTTPS. Default `127.0.0.1:9230`.
    pub listen: SocketAddr,
    /// Own certificate chain, PEM. Default none: no service.
    pub cert_file: Option<PathBuf>,
    /// Own private key, PEM. Whoever has it can pose as this side and read which client asks for whom. Default none.
    pub key_file: Option<PathBuf>,
    /// Authorities that sign gateways' certificates, PEM. Whoever controls one can pose as any peer known by subject. Default none.
    pub ca_file: Option<PathBuf>,
    /// Longest time for a handshake, for a request to arrive and for its answer, ms. Default 2000.
    pub timeout_ms: u64,
    /// Most connections open at once. Default 256.
    pub max_connections: usize,
    /// The gateways, and what each may do. Default none.
    pub peer: Vec<ServicePeer<R>>,
}

/// A gateway that may use the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServicePeer<R> {
    /// Its name in logs and metrics. Required.
    pub name: String,
    /// SHA-256 fingerprints of its certificates, 64 hexadecimal digits. Default none.
    #[serde(default)]
    pub certificate_sha256: Vec<String>,
    /// Subjects of its certificates, such as `CN=sms.example.net`. Default none.
    #[serde(default)]
    pub certificate_subjects: Vec<String>,
    /// What it may do. Required.
    pub allow: Vec<R>,
}

impl<R> Default for Service<R> {
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

/// How a section and what it depends on are called.
pub(super) struct Called {
    pub(super) section: &'static str,
    pub(super) role: &'static str,
    pub(super) rights: &'static str,
}

impl<R> Service<R> {
    pub(super) fn files(&mut self) -> [&mut Option<PathBuf>; 3] {
        [&mut self.cert_file, &mut self.key_file, &mut self.ca_file]
    }

    pub(super) fn problems(&self, role: bool, called: &Called, found: &mut Findings) {
        let Called { section, role: role_name, rights } = called;
        let files = [("cert_file", &self.cert_file), ("key_file", &self.key_file), ("ca_file", &self.ca_file)];
        let some = files.iter().any(|(_, file)| file.is_some());
        let remedy = format!("set roles.{role_name}, or take the files out");
        found.unless(!some || role, section, format!("set, and the role {role_name} is off"), remedy);
        mutual(found, section, some, &files);
        found.range(&format!("{section}.timeout_ms"), self.timeout_ms, 100, 60_000);
        found.range(&format!("{section}.max_connections"), self.max_connections as u64, 1, 65_536);
        for (at, peer) in self.peer.iter().enumerate() {
            let key = |name: &str| format!("{section}.peer[{at}].{name}");
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
            found.unless(!peer.allow.is_empty(), &key("allow"), "empty", *rights);
        }
    }
}

/// Both sides show certificates, so all three files are needed.
pub(super) fn mutual(found: &mut Findings, section: &str, wanted: bool, files: &[(&str, &Option<PathBuf>); 3]) {
    for (name, file) in files {
        let key = format!("{section}.{name}");
        let what = "missing, and both sides show certificates";
        found.unless(!wanted || file.is_some(), &key, what, "name the PEM file");
        found.file(&key, file.as_deref().map(Path::new));
    }
}

/// Where the other side is.
pub(super) fn origin(found: &mut Findings, key: &str, url: &str) {
    let sound = reqwest::Url::parse(url)
        .is_ok_and(|url| url.scheme() == "https" && url.has_host() && url.path() == "/" && url.query().is_none());
    let remedy = "write it as \"https://host.example.net:9230\"";
    found.unless(sound, key, "not an https URL without a path", remedy);
}
