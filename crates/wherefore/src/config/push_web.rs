//! `[push.web]`: web requests towards clients.

use super::check::Findings;
use super::sections::loopback;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[push.web]`: a reverse proxy between the web gateway of the network and clients. Off unless a client is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushWeb {
    /// Address: HTTP/1.1, over TLS where `cert_file` is set. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Own certificate chain, PEM. Default none: no TLS.
    pub cert_file: Option<PathBuf>,
    /// Own private key, PEM. Whoever has it can pose as the clients listed here. Default none.
    pub key_file: Option<PathBuf>,
    /// Networks of the web gateways that tell the number of a terminal. What others tell is taken out. Default none.
    pub trusted: Vec<IpNet>,
    /// Header in which they tell it. Default `X-MSISDN`.
    pub identity_header: String,
    /// More headers to take out, besides those that every operator has to. Default none.
    pub strip_headers: Vec<String>,
    /// What becomes of a request without a number. Default `pass`.
    pub without_identity: WithoutIdentity,
    /// Longest body of a request, octets; a longer one is answered 413. Default 10485760.
    pub body_limit_bytes: u64,
    /// Most connections open at once. Default 1024.
    pub max_connections: usize,
    /// Longest time for a handshake, for the head of a request to arrive, and that a connection may lie idle, ms. Default 30000.
    pub read_timeout_ms: u64,
    /// Longest time for the head of the client's answer, and between two parts of a body, ms; then 504. Default 30000.
    pub client_timeout_ms: u64,
    /// `[[push.web.client]]`: the clients that get pseudonyms.
    pub client: Vec<PushWebClient>,
}

/// What becomes of a request without a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutIdentity {
    /// It goes on, without a pseudonym.
    Pass,
    /// It is answered 403.
    Refuse,
}

/// A web service that gets pseudonyms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushWebClient {
    /// Hosts that lead to it, without port. Required.
    pub hosts: Vec<String>,
    /// Account for which pseudonyms are assigned: the one with which it asks for locations. Required.
    pub client: String,
    /// Where it is, an http or https URL without a path. Required.
    pub url: String,
    /// Authorities that sign its certificate, PEM; needed for https. Default none.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Header with the pseudonym. Default `X-Pseudonym`.
    #[serde(default = "pseudonym_header")]
    pub pseudonym_header: String,
}

fn pseudonym_header() -> String {
    "X-Pseudonym".into()
}

impl Default for PushWeb {
    fn default() -> Self {
        Self {
            listen: loopback(8080),
            cert_file: None,
            key_file: None,
            trusted: Vec::new(),
            identity_header: "X-MSISDN".into(),
            strip_headers: Vec::new(),
            without_identity: WithoutIdentity::Pass,
            body_limit_bytes: 10_485_760,
            max_connections: 1024,
            read_timeout_ms: 30_000,
            client_timeout_ms: 30_000,
            client: Vec::new(),
        }
    }
}

impl PushWeb {
    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut Option<PathBuf>> {
        let clients = self.client.iter_mut().map(|client| &mut client.ca_file);
        [&mut self.cert_file, &mut self.key_file].into_iter().chain(clients)
    }

    pub(super) fn problems(&self, found: &mut Findings) {
        let pair = self.cert_file.is_some() == self.key_file.is_some();
        found.unless(pair, "push.web.cert_file", "one of two", "give both cert_file and key_file, or neither");
        found.file("push.web.cert_file", self.cert_file.as_deref());
        found.file("push.web.key_file", self.key_file.as_deref());
        let header = |text: &str| http::HeaderName::from_bytes(text.as_bytes()).is_ok();
        let remedy = "give the name of an HTTP header, such as \"X-MSISDN\"";
        found.unless(header(&self.identity_header), "push.web.identity_header", "not a header", remedy);
        let sound = self.strip_headers.iter().all(|name| header(name));
        found.unless(sound, "push.web.strip_headers", "one is not a header", remedy);
        found.range("push.web.body_limit_bytes", self.body_limit_bytes, 0, 1 << 40);
        found.range("push.web.max_connections", self.max_connections as u64, 1, 1_000_000);
        found.range("push.web.read_timeout_ms", self.read_timeout_ms, 100, 600_000);
        found.range("push.web.client_timeout_ms", self.client_timeout_ms, 100, 600_000);
        for (at, client) in self.client.iter().enumerate() {
            let key = |name: &str| format!("push.web.client[{at}].{name}");
            let sound = |host: &String| {
                host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-[]:".contains(&b)) && !host.is_empty()
            };
            let hosts = !client.hosts.is_empty() && client.hosts.iter().all(sound);
            found.unless(hosts, &key("hosts"), "no host", "name at least one, such as \"service.example.com\"");
            let taken = |host: &String| {
                let before = self.client.iter().take(at).flat_map(|other| &other.hosts);
                before.into_iter().any(|other| other.eq_ignore_ascii_case(host))
            };
            found.unless(!client.hosts.iter().any(taken), &key("hosts"), "given twice", "name each host once");
            let account = (1..=64).contains(&client.client.len());
            found.unless(
                account,
                &key("client"),
                "not an account",
                "name the account of the client, 1 to 64 characters",
            );
            let url = reqwest::Url::parse(&client.url).ok();
            let sound = url.as_ref().is_some_and(|url| {
                matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/" && url.query().is_none()
            });
            let what = "not an http or https URL without a path";
            found.unless(sound, &key("url"), what, "write it as \"https://service.example.com\"");
            let trusts = url.is_none_or(|url| url.scheme() != "https") || client.ca_file.is_some();
            let remedy = "name the PEM file of the authorities that sign its certificate";
            found.unless(trusts, &key("ca_file"), "missing, and the client is reached over https", remedy);
            found.file(&key("ca_file"), client.ca_file.as_deref());
            let name = &client.pseudonym_header;
            let own = header(name) && !name.eq_ignore_ascii_case(&self.identity_header);
            found.unless(own, &key("pseudonym_header"), "not a header of its own", "give one such as \"X-Pseudonym\"");
        }
    }
}
