//! The sections of the file about who this gateway is and where it listens.

use super::Secret;
use crate::forms::{CountryCode, Number};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Loopback and a port: every listener's default.
pub(super) const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// `[gateway]`: who this gateway is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gateway {
    /// Name in logs, metrics and, unless `log.origin` says otherwise, in the checkpoints of the disclosure log. Default `wherefore`.
    pub name: String,
    /// Own GMLC address, international E.164 (TS 29.172 clause 7.4.1, GMLC-Number; compared with GMLC restrictions, TS 23.271
    /// clause 9.5.3.2). No default: needed by the role `gmlc`.
    pub gmlc_number: Option<Number>,
    /// E.164 country codes of the home country, against which "any GMLC in the home country" and the override of TS 23.271
    /// clause 9.5.1 are judged. Default none.
    pub country_codes: Vec<CountryCode>,
    /// Own networks as MCC and MNC digits, for instance `00101`: tells home from visited serving nodes. Default none.
    pub home_plmns: Vec<String>,
    /// Beginnings of the E.164 numbers of the own network's MSCs and SGSNs: tells home from visited serving nodes that have no
    /// Diameter realm. Their cells, for areas that are waited for over MAP, are those of the first of `home_plmns`. Default none.
    pub home_node_numbers: Vec<Number>,
    /// Which domain is asked first where several serve and the request belongs to no call or session (TS 23.271 clause 9.1.1
    /// step 9). Default none: as the HSS or HLR has it.
    pub domains: Vec<Domain>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            name: "wherefore".into(),
            gmlc_number: None,
            country_codes: Vec::new(),
            home_plmns: Vec::new(),
            home_node_numbers: Vec::new(),
            domains: Vec::new(),
        }
    }
}

impl From<Domain> for gmlc::Domain {
    fn from(domain: Domain) -> Self {
        match domain {
            Domain::Eps => Self::Eps,
            Domain::Ps => Self::Ps,
            Domain::Cs => Self::Cs,
        }
    }
}

/// A domain of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// Evolved packet: MME.
    Eps,
    /// Packet switched: SGSN.
    Ps,
    /// Circuit switched: MSC server.
    Cs,
}

/// `[roles]`: which parts of the standard this process plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Roles {
    /// Gateway mobile location centre: takes requests from clients and asks the network. Default true.
    pub gmlc: bool,
    /// Privacy profile register: holds the subscribers' settings. Default true.
    pub ppr: bool,
    /// Pseudonym mediation device: makes pseudonyms of subscribers and turns them back. Default false.
    pub pmd: bool,
    /// Gateways that put pseudonyms in the place of numbers, in messages and web requests towards clients. Default false.
    pub push: bool,
    /// Proxy of the PULL model: tells clients under a pseudonym who is at a terminal. Default false.
    pub pull: bool,
    /// Collector of sealed MDT logs. Default false.
    pub mdt: bool,
    /// Subscriber portal and operator console. Default false.
    pub portal: bool,
}

impl Default for Roles {
    fn default() -> Self {
        Self { gmlc: true, ppr: true, pmd: false, push: false, pull: false, mdt: false, portal: false }
    }
}

/// `[mlp]`: the door for LCS clients (OMA MLP, the Le reference point).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mlp {
    /// Address for plain HTTP. Default `127.0.0.1:9210`. An attacker who can read this network sees secrets and positions: leave it on loopback.
    pub listen: SocketAddr,
    /// Longest request body, bytes; longer is answered 413. Default 262144.
    pub body_limit_bytes: usize,
    /// Most targets in one request, whatever the client's own record says; more is result 104. Default 100.
    pub max_targets: u32,
    /// Whether a refusal by the subscriber is told as result 2 instead of 202, so that it cannot be told from a failure. Default false.
    pub hide_refusal_reasons: bool,
    /// Longest time for one request, ms; then result 7. Default 30000.
    pub request_timeout_ms: u64,
    /// Longest time to receive a request once its first byte came, ms. Default 10000.
    pub read_timeout_ms: u64,
    /// Longest time that a connection may lie idle, ms. Default 75000.
    pub idle_timeout_ms: u64,
    /// Most connections open at once. Default 4096.
    pub max_connections: usize,
    /// HTTPS beside plain HTTP.
    pub tls: MlpTls,
    /// Delivery of reports to clients.
    pub push: Push,
}

impl Default for Mlp {
    fn default() -> Self {
        Self {
            listen: loopback(9210),
            body_limit_bytes: 262_144,
            max_targets: 100,
            hide_refusal_reasons: false,
            request_timeout_ms: 30_000,
            read_timeout_ms: 10_000,
            idle_timeout_ms: 75_000,
            max_connections: 4096,
            tls: MlpTls::default(),
            push: Push::default(),
        }
    }
}

/// Whether clients must show a TLS certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificates {
    /// Not asked for.
    Off,
    /// Asked for; a client without one authenticates by its secret.
    Optional,
    /// A connection without one is refused.
    Required,
}

/// `[mlp.tls]`: off unless `cert_file` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlpTls {
    /// Address for HTTPS. Default `127.0.0.1:9211`.
    pub listen: SocketAddr,
    /// Certificate chain, PEM. Default none: no HTTPS.
    pub cert_file: Option<PathBuf>,
    /// Private key, PEM. An attacker who has it can pose as this gateway. Default none.
    pub key_file: Option<PathBuf>,
    /// Whether clients show certificates. Default `off`.
    pub client_certificates: ClientCertificates,
    /// Authorities that sign clients' certificates, PEM. An attacker who controls one can pose as any client known by subject. Default none.
    pub client_ca_file: Option<PathBuf>,
}

impl Default for MlpTls {
    fn default() -> Self {
        Self {
            listen: loopback(9211),
            cert_file: None,
            key_file: None,
            client_certificates: ClientCertificates::Off,
            client_ca_file: None,
        }
    }
}

/// `[mlp.push]`: reports to clients: asynchronous answers (SLIREP), triggered reports (TLREP) and emergency reports (EMEREP).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Push {
    /// Longest time for one delivery, ms. Default 5000.
    pub timeout_ms: u64,
    /// Wait before the second try, ms; doubles with every further one. Default 1000.
    pub retry_ms: u64,
    /// Longest wait between tries, s. Default 300.
    pub retry_max_s: u64,
    /// How long a report is kept and retried, s; then it is dropped and counted. Default 86400.
    pub keep_s: u64,
    /// Triggered reports kept for one client; the oldest beyond are dropped and counted. Default 10000.
    pub keep_per_client: u32,
    /// Deliveries under way at once. Default 32.
    pub max_concurrent: usize,
    /// Where emergency reports go when their client has no address of its own: a URL. Default none.
    pub emergency_url: Option<String>,
    /// Authorities to trust for https, PEM. Default none: those of the system.
    pub ca_file: Option<PathBuf>,
    /// Whether reports may go over plain http outside loopback. Default false. An attacker on the way would read positions.
    pub allow_plain_http: bool,
}

impl Default for Push {
    fn default() -> Self {
        Self {
            timeout_ms: 5000,
            retry_ms: 1000,
            retry_max_s: 300,
            keep_s: 86_400,
            keep_per_client: 10_000,
            max_concurrent: 32,
            emergency_url: None,
            ca_file: None,
            allow_plain_http: false,
        }
    }
}

/// `[admin]`: the API that the command line uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// Address, plain HTTP. Default `127.0.0.1:9280`. Whoever can read this network sees profiles: leave it on loopback.
    pub listen: SocketAddr,
    /// File with the bearer token, made on first start with mode 0600. Whoever has it can change every profile. Default `admin.token`.
    pub token_file: PathBuf,
    /// Environment variable with the token, used before the file. Default none.
    pub token_env: Option<String>,
    /// Longest request body, bytes. Default 1048576.
    pub body_limit_bytes: usize,
}

impl Default for Admin {
    fn default() -> Self {
        Self { listen: loopback(9280), token_file: "admin.token".into(), token_env: None, body_limit_bytes: 1_048_576 }
    }
}

impl Admin {
    /// Where the token comes from.
    #[must_use]
    pub fn token(&self) -> Secret<'_> {
        Secret { file: &self.token_file, env: self.token_env.as_deref() }
    }
}

/// `[metrics]`: Prometheus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Address of `/metrics`. Default `127.0.0.1:9281`. Holds counts, never identities.
    pub listen: SocketAddr,
    /// Whether it is served. Default true.
    pub enabled: bool,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { listen: loopback(9281), enabled: true }
    }
}
