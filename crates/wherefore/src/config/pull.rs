//! `[pull]`: the proxy that tells clients under a pseudonym who is at a terminal.

use super::check::Findings;
use super::sections::loopback;
use crate::identity_headers::IdentityHeaders;
use crate::pull::Origin;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[pull]`: the role `pull`, an HTTP proxy for terminals (TS 23.271 Annex E, PULL model; `docs/pull.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pull {
    /// Address for HTTP, for terminals and for those who fetch the keys. Default `127.0.0.1:9240`.
    pub listen: SocketAddr,
    /// Origin of the operator's own pages here, and issuer of the tokens, such as `http://pseudonym.example.net`. Terminals reach it
    /// through the proxy, services under its name. Needed by the role `pull`; no default.
    pub origin: Option<String>,
    /// Networks of terminals; nobody else is served but with the keys. Whoever can send from them with another's address can be taken
    /// for that one: keep them to the access network. Default none: nobody.
    pub access_networks: Vec<IpNet>,
    /// File with the keys that sign tokens, made on first start with mode 0600. Whoever has it can give himself out for anybody at
    /// every client that asks here. Default `assertion.keys`.
    pub key_file: PathBuf,
    /// After how long another key signs, s, 86400-315360000. Default 7776000 (90 days).
    pub key_rotation_s: u64,
    /// For how long a token holds, s, 10-600. Default 120.
    pub token_s: u64,
    /// How long the person at the terminal may think about the question, s, 1-600; then the answer is no. Default 120.
    pub ask_s: u64,
    /// For how long an answer holds, be it yes or no, s, 60-31536000. Default 3600.
    pub consent_s: u64,
    /// Longest time that an address may be said to be a subscriber's, s, 60-2592000. Default 86400.
    pub lease_s: u64,
    /// Most addresses known at once, 1-100000000. Default 1000000.
    pub max_leases: usize,
    /// Whether sites that are no client's are reached: `refuse`, or `public` for ports 80 and 443 of public addresses. Default `refuse`.
    pub others: Others,
    /// Whether CONNECT is served, to which nothing can be added: `refuse`, or `tunnel` wherever GET would be let. Default `refuse`.
    pub connect: Connect,
    /// Longest body of a request that is kept to be sent again, bytes, 0-16777216; requests with a longer one are answered as the
    /// client answers them. Default 65536.
    pub body_limit_bytes: usize,
    /// Longest time for a connection to a site, for its answer to begin, and for each part of a body, ms, 100-600000. Default 10000.
    pub timeout_ms: u64,
    /// Most connections open at once, 1-1000000. Default 1024.
    pub max_connections: usize,
    /// Names of headers that are taken out of requests beside those known. Default none.
    pub identity_headers: Vec<String>,
    /// Authorities that sign the certificates of sites, PEM, such as `/etc/ssl/certs/ca-certificates.crt`. Default none: no site is
    /// reached over TLS.
    pub ca_file: Option<PathBuf>,
    /// Clients that may ask who is there. Default none.
    pub client: Vec<PullClient>,
}

/// A client that may ask who is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullClient {
    /// Its account, as registered: the audience of its tokens. Required.
    pub account: String,
    /// Where terminals find it, such as `http://app.example.net`. Required.
    pub origin: String,
    /// How it is reached from here: `as_origin`, or `https` for an http origin that terminals ask for. Default `as_origin`.
    #[serde(default)]
    pub upstream: Upstream,
    /// Whether it may be at a private or loopback address. Default false.
    #[serde(default)]
    pub private: bool,
    /// URLs to which a browser may be sent back with a token, whole; for the redirect form. Default none: no redirect form.
    #[serde(default)]
    pub return_urls: Vec<String>,
}

/// How a client is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upstream {
    /// As the terminal says.
    #[default]
    AsOrigin,
    /// Over TLS, port 443 unless the origin says another.
    Https,
}

/// What becomes of requests for sites that are no client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Others {
    /// 403.
    #[default]
    Refuse,
    /// Forwarded to ports 80 and 443 of public addresses.
    Public,
}

/// What becomes of CONNECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connect {
    /// 405.
    #[default]
    Refuse,
    /// Tunnelled, with nothing added.
    Tunnel,
}

impl Default for Pull {
    fn default() -> Self {
        Self {
            listen: loopback(9240),
            origin: None,
            access_networks: Vec::new(),
            key_file: "assertion.keys".into(),
            key_rotation_s: 90 * 86_400,
            token_s: 120,
            ask_s: 120,
            consent_s: 3600,
            lease_s: 86_400,
            max_leases: 1_000_000,
            others: Others::Refuse,
            connect: Connect::Refuse,
            body_limit_bytes: 65_536,
            timeout_ms: 10_000,
            max_connections: 1024,
            identity_headers: Vec::new(),
            ca_file: None,
            client: Vec::new(),
        }
    }
}

impl Pull {
    /// `role`: whether it is on; `pseudonyms`: whether any can be had.
    pub(super) fn problems(&self, role: bool, pseudonyms: bool, found: &mut Findings) {
        found.unless(
            !role || pseudonyms,
            "roles.pull",
            "set, and there is nowhere to have pseudonyms from",
            "set roles.pmd, or pmd.remote.url",
        );
        let sound = self.origin.as_deref().map_or(!role, |origin| Origin::parse(origin).is_some());
        found.unless(sound, "pull.origin", "missing, or not an origin", "write it as \"http://pseudonym.example.net\"");
        found.unless(
            !role || !self.access_networks.is_empty(),
            "pull.access_networks",
            "empty, so no terminal would be served",
            "give the networks of terminals, such as [\"10.0.0.0/8\"]",
        );
        found.range("pull.key_rotation_s", self.key_rotation_s, 86_400, 315_360_000);
        found.range("pull.token_s", self.token_s, 10, 600);
        found.range("pull.ask_s", self.ask_s, 1, 600);
        found.range("pull.consent_s", self.consent_s, 60, 31_536_000);
        found.range("pull.lease_s", self.lease_s, 60, 2_592_000);
        found.range("pull.max_leases", self.max_leases as u64, 1, 100_000_000);
        found.range("pull.body_limit_bytes", self.body_limit_bytes as u64, 0, 16 << 20);
        found.range("pull.timeout_ms", self.timeout_ms, 100, 600_000);
        found.range("pull.max_connections", self.max_connections as u64, 1, 1_000_000);
        let names = IdentityHeaders::new(&self.identity_headers).err().map(|error| error.to_string());
        let remedy = "write names such as \"x-home-alias\"";
        found.unless(names.is_none(), "pull.identity_headers", names.unwrap_or_default(), remedy);
        found.file("pull.ca_file", self.ca_file.as_deref());
        self.client_problems(found);
    }

    fn client_problems(&self, found: &mut Findings) {
        for (at, client) in self.client.iter().enumerate() {
            let key = |name: &str| format!("pull.client[{at}].{name}");
            let sound =
                (1..=64).contains(&client.account.len()) && client.account.bytes().all(|b| b.is_ascii_graphic());
            found.unless(sound, &key("account"), "not an account", "give the id under which the client is registered");
            let origin = Origin::parse(&client.origin);
            let what = "not an origin, or given twice";
            let before = self.client.iter().take(at);
            let twice = before.clone().any(|other| Origin::parse(&other.origin) == origin);
            let own = self.origin.as_deref().and_then(Origin::parse) == origin;
            let remedy = "write each once, as \"http://app.example.net\"; it is not pull.origin";
            found.unless(origin.is_some() && !twice && !own, &key("origin"), what, remedy);
            let tls = client.upstream == Upstream::Https || origin.as_ref().is_some_and(Origin::is_https);
            found.unless(
                !tls || self.ca_file.is_some(),
                "pull.ca_file",
                format!("missing, and {} is reached over TLS", client.account),
                "name the PEM file of the authorities that sign sites' certificates",
            );
            let whole = |url: &String| {
                reqwest::Url::parse(url).is_ok_and(|url| {
                    matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none()
                })
            };
            found.unless(
                client.return_urls.iter().all(whole),
                &key("return_urls"),
                "must be http or https URLs without fragments",
                "write them whole, as \"https://app.example.net/back\"",
            );
        }
    }
}
