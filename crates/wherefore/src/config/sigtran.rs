//! `[sigtran]` and `[map]`: MSC servers, SGSNs and the HLR.

use super::sections::loopback;
use crate::forms::Number;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// `[sigtran]`: MAP over TCAP, SCCP and M3UA (RFC 4666).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sigtran {
    /// Whether this gateway speaks MAP. Default false.
    pub enabled: bool,
    /// Own point code, a number. No default: needed where enabled.
    pub point_code: u32,
    /// Network indicator. Default `national`.
    pub network: Network,
    /// E.164 numbers, or beginnings of them, of the nodes that may send reports to this gateway. Others are refused and logged.
    /// Default none.
    pub admitted: Vec<Number>,
    /// Where global titles lead that no route knows: the signal transfer point. Default none.
    pub default_route: Option<u32>,
    /// `[[sigtran.association]]`.
    pub association: Vec<Association>,
    /// `[[sigtran.route]]`: where global titles lead; the longest prefix counts.
    pub route: Vec<Route>,
    /// Timers.
    pub timers: SigtranTimers,
}

impl Default for Sigtran {
    fn default() -> Self {
        Self {
            enabled: false,
            point_code: 0,
            network: Network::National,
            admitted: Vec::new(),
            default_route: None,
            association: Vec::new(),
            route: Vec::new(),
            timers: SigtranTimers::default(),
        }
    }
}

/// Network indicator (ITU-T Q.704 clause 14.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// International network.
    International,
    /// International network, spare.
    InternationalSpare,
    /// National network.
    National,
    /// National network, spare.
    NationalSpare,
}

/// Which side of M3UA this gateway is on an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssociationRole {
    /// Application server process: connects.
    Asp,
    /// The side that listens and answers ASPUP and ASPAC.
    Server,
}

/// What M3UA runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigtranTransport {
    /// TCP.
    Tcp,
    /// SCTP, where the kernel has it.
    Sctp,
}

/// How several application server processes share the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrafficMode {
    /// The last to become active takes all.
    Override,
    /// All active ones share.
    Loadshare,
}

/// `[[sigtran.association]]`: one association.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Association {
    /// Name in logs and in the admin API. Required.
    pub name: String,
    /// `asp` or `server`. Default `asp`.
    #[serde(default = "Association::asp")]
    pub role: AssociationRole,
    /// Where to connect to or listen: address and port. Default `127.0.0.1:2905`.
    #[serde(default = "Association::address")]
    pub address: SocketAddr,
    /// `tcp` or `sctp`. Default `sctp`, as the standard has it.
    #[serde(default = "Association::sctp")]
    pub transport: SigtranTransport,
    /// Point codes that are reached through it, those behind a signal transfer point included. Required.
    pub point_codes: Vec<u32>,
    /// Routing context, where both sides agreed on one. Default none.
    #[serde(default)]
    pub routing_context: Option<u32>,
    /// Network appearance, where both sides agreed on one. Default none.
    #[serde(default)]
    pub network_appearance: Option<u32>,
    /// ASP identifier, where the other side wants one. Default none.
    #[serde(default)]
    pub asp_identifier: Option<u32>,
    /// `override` or `loadshare`. Default `loadshare`.
    #[serde(default = "Association::loadshare")]
    pub traffic_mode: TrafficMode,
    /// Role `server`: addresses that may connect. Default: any.
    #[serde(default)]
    pub from: Vec<IpAddr>,
}

impl Association {
    const fn asp() -> AssociationRole {
        AssociationRole::Asp
    }

    const fn address() -> SocketAddr {
        loopback(2905)
    }

    const fn sctp() -> SigtranTransport {
        SigtranTransport::Sctp
    }

    const fn loadshare() -> TrafficMode {
        TrafficMode::Loadshare
    }
}

/// `[[sigtran.route]]`: where global titles lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// First digits of the E.164 number. Required.
    pub prefix: Number,
    /// Point code of the next node. Required.
    pub point_code: u32,
}

/// `[sigtran.timers]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SigtranTimers {
    /// Longest time for a connection, ms. Default 5000.
    pub connect_ms: u64,
    /// Wait for an acknowledgement, T(ack), ms (RFC 4666 section 4.3.4.1). Default 2000.
    pub ack_ms: u64,
    /// Between heartbeats, T(beat), s (RFC 4666 section 4.3.4.6). Default 30.
    pub heartbeat_s: u64,
    /// Longest pause before connecting again, s. Default 30.
    pub reconnect_s: u64,
}

impl Default for SigtranTimers {
    fn default() -> Self {
        Self { connect_ms: 5000, ack_ms: 2000, heartbeat_s: 30, reconnect_s: 30 }
    }
}

/// `[map]`: what is asked over MAP (TS 29.002).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Map {
    /// E.164 number of the HLR that tells where subscribers are served. Default none: the HSS tells, over SLh.
    pub hlr: Option<Number>,
    /// Longest time for the HLR's answer, ms (TS 29.002 clause 17.1.2, timer m: 15 to 30 s). Default 15000.
    pub routing_ms: u64,
    /// Longest time for a serving node's answer, ms (timer ml); has room for a user who is asked. Default 25000.
    pub location_ms: u64,
}

impl Default for Map {
    fn default() -> Self {
        Self { hlr: None, routing_ms: 15_000, location_ms: 25_000 }
    }
}
