//! `[diameter]`: the home subscriber server and the mobility management entities.

use super::sections::loopback;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[diameter]`: SLh and SLg (TS 29.173, TS 29.172) over RFC 6733.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Diameter {
    /// Own Diameter identity, a host name (RFC 6733 section 6.3). No default: needed by the role `gmlc`.
    pub origin_host: String,
    /// Own realm (RFC 6733 section 6.4). No default: needed by the role `gmlc`.
    pub origin_realm: String,
    /// Realm of the HSS, the Destination-Realm of SLh requests. Default none: `origin_realm`.
    pub hss_realm: Option<String>,
    /// Whether peers may connect to us. Default true.
    pub accept: bool,
    /// Address for peers over TCP. Default `127.0.0.1:3868`. Who reaches it and names a known peer can answer for it: keep to a signalling network.
    pub listen: SocketAddr,
    /// Whether peers may connect over SCTP too, at the same address; needs a kernel that has it. Default false.
    pub sctp: bool,
    /// Longest message taken, bytes. Default 65536.
    pub message_limit_bytes: u32,
    /// Listener over TLS.
    pub tls: DiameterTls,
    /// Timers.
    pub timers: Timers,
    /// The peers: `[[diameter.peer]]`.
    pub peer: Vec<Peer>,
}

impl Default for Diameter {
    fn default() -> Self {
        Self {
            origin_host: String::new(),
            origin_realm: String::new(),
            hss_realm: None,
            accept: true,
            listen: loopback(3868),
            sctp: false,
            message_limit_bytes: 65_536,
            tls: DiameterTls::default(),
            timers: Timers::default(),
            peer: Vec::new(),
        }
    }
}

/// `[diameter.tls]`: own certificate towards peers; the listener is off unless `cert_file` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiameterTls {
    /// Address for peers over TLS. Default `127.0.0.1:5868`.
    pub listen: SocketAddr,
    /// Own certificate chain, PEM. Default none.
    pub cert_file: Option<PathBuf>,
    /// Own private key, PEM. An attacker who has it can ask the network for positions in our name. Default none.
    pub key_file: Option<PathBuf>,
    /// Authorities that sign peers' certificates, PEM. An attacker who controls one can pose as any peer. Default none.
    pub ca_file: Option<PathBuf>,
}

impl Default for DiameterTls {
    fn default() -> Self {
        Self { listen: loopback(5868), cert_file: None, key_file: None, ca_file: None }
    }
}

/// `[diameter.timers]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timers {
    /// Watchdog Tw, s, 6 or more (RFC 3539 section 3.4.1). Default 30.
    pub watchdog_s: u64,
    /// Wait before connecting again, s: Tc (RFC 6733 section 2.1). Default 30.
    pub reconnect_s: u64,
    /// Longest time for a connection and its capabilities exchange, ms. Default 10000.
    pub connect_ms: u64,
    /// Longest time for an SLh answer, ms. Default 5000.
    pub slh_ms: u64,
    /// Longest time for an SLg answer, ms; has room for a user who is asked. Default 25000.
    pub slg_ms: u64,
}

impl Default for Timers {
    fn default() -> Self {
        Self { watchdog_s: 30, reconnect_s: 30, connect_ms: 10_000, slh_ms: 5000, slg_ms: 25_000 }
    }
}

/// What a peer is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerRole {
    /// Home subscriber server: SLh.
    Hss,
    /// Mobility management entity: SLg.
    Mme,
    /// Relay or proxy agent: any application, by realm (RFC 6733 section 2.8.1).
    Relay,
}

/// How a peer is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerTransport {
    /// Plain TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// SCTP, where the kernel has it.
    Sctp,
}

/// `[[diameter.peer]]`: one peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its Diameter identity; a peer that says another in CER or CEA is turned away. Required.
    pub host: String,
    /// Its realm. Required.
    pub realm: String,
    /// What it is: `hss`, `mme` or `relay`. Required.
    pub role: PeerRole,
    /// Where it is: `host:port`. Default none: we wait until it connects.
    #[serde(default)]
    pub address: Option<String>,
    /// `tcp`, `tls` or `sctp`. Default `tcp`.
    #[serde(default = "Peer::tcp")]
    pub transport: PeerTransport,
    /// Lower is used first; equal ones share the load. Default 0.
    #[serde(default)]
    pub preference: u16,
    /// Whether this peer puts the GAD shape type into the low nibble of its first octet, against TS 23.032 clause 7. Default false.
    #[serde(default)]
    pub gad_low_nibble: bool,
}

impl Peer {
    const fn tcp() -> PeerTransport {
        PeerTransport::Tcp
    }
}
