//! `/v1/peers`, `/v1/log/head`, `/health`, `/ready`: how the gateway fares.

use super::Api;
use super::problem::Problem;
use crate::config::UsimRoad;
use crate::ldr::LdrDesk;
use crate::pmd::LocalPmd;
use crate::pull::Leases;
use crate::slpp::HomeRegisters;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lcs::{Address, LcsClientType};
use privacy::Ppr;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What the admin API asks of the running gateway.
pub trait Operations: Send + Sync + 'static {
    /// The privacy check under the policy now in force.
    fn ppr(&self) -> Ppr;
    /// Where the register is that decides, if it is not this process's: a URL.
    fn register_elsewhere(&self) -> Option<String> {
        None
    }
    /// Own GMLC number, if the role `gmlc` is on.
    fn gmlc(&self) -> Option<Address>;
    /// Whether the operator enabled the privacy override for clients of this type.
    fn overrides(&self, client_type: LcsClientType) -> bool;
    /// What home registers hold for nodes below capability set 4, if the operator has pseudo-external identities.
    fn home_registers(&self) -> Option<Arc<HomeRegisters>>;
    /// The device that assigns pseudonyms and turns them back, if the role `pmd` is on.
    fn pseudonyms(&self) -> Option<Arc<LocalPmd>> {
        None
    }
    /// Whose terminals have which addresses, the networks that these are in, and the longest time that one may be said to be somebody's,
    /// s; if the role `pull` is on.
    fn terminals(&self) -> Option<(Arc<Leases>, Vec<ipnet::IpNet>, u64)> {
        None
    }
    /// Reads the tables of areas again; `None` where none is configured.
    fn reload_areas(&self) -> Option<anyhow::Result<super::AreasLoaded>> {
        None
    }
    /// The deferred requests, if some are taken.
    fn deferred(&self) -> Option<LdrDesk> {
        None
    }
    /// When area events go to cards; `None` where none do.
    fn card_road(&self) -> Option<UsimRoad> {
        None
    }
    /// The consent register of MDT.
    fn consents(&self) -> Option<Arc<crate::consent::Consents>> {
        None
    }
    /// The collector of MDT logs, if the role `mdt` is on.
    fn collector(&self) -> Option<Arc<crate::mdt::Collector>> {
        None
    }
    /// The Diameter peers and their states.
    fn peers(&self) -> Vec<PeerView>;
    /// The associations of the signalling network and their states.
    fn associations(&self) -> Vec<AssociationView> {
        Vec::new()
    }
    /// The newest signed checkpoint of the disclosure log; `None` before the first.
    fn log_head(&self) -> Option<LogHead>;
    /// What keeps the gateway from serving, a line each; empty: ready.
    fn hindrances(&self) -> Vec<String>;
}

/// A Diameter peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeerView {
    /// Diameter identity.
    pub host: String,
    /// Realm.
    pub realm: String,
    /// `hss`, `mme` or `relay`.
    pub role: String,
    /// State of RFC 6733 section 5.6 or RFC 3539 section 3.4.1, such as `open` or `suspect`.
    pub state: String,
    /// Whether requests are sent to it.
    pub usable: bool,
    /// Requests without an answer yet.
    pub outstanding: u64,
}

/// An association with a signalling gateway or a node (RFC 4666 section 1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssociationView {
    /// Its name in the configuration.
    pub name: String,
    /// `asp` or `server`.
    pub role: String,
    /// Whether traffic may flow.
    pub active: bool,
    /// Connections that it has.
    pub connections: u64,
    /// Why the last attempt or connection ended.
    pub last_error: Option<String>,
}

/// All peers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeerList {
    /// The peers.
    pub peers: Vec<PeerView>,
    /// The associations of the signalling network; empty without one.
    #[serde(default)]
    pub associations: Vec<AssociationView>,
}

/// The newest checkpoint of the disclosure log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogHead {
    /// Origin line.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root hash, hexadecimal.
    pub root: String,
    /// The signed checkpoint (C2SP tlog-checkpoint), to be kept by whoever wants to check later.
    pub checkpoint: String,
}

/// Whether the gateway can serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Readiness {
    /// Whether it can.
    pub ready: bool,
    /// What hinders it.
    pub hindrances: Vec<String>,
}

/// Lists the Diameter peers and the associations of the signalling network.
#[utoipa::path(get, path = "/v1/peers", tag = "system", responses((status = 200, description = "The peers", body = PeerList)))]
pub(super) async fn peers(State(api): State<Api>) -> Json<PeerList> {
    Json(PeerList { peers: api.operations.peers(), associations: api.operations.associations() })
}

/// Shows the newest checkpoint of the disclosure log.
#[utoipa::path(get, path = "/v1/log/head", tag = "system", responses(
    (status = 200, description = "The checkpoint", body = LogHead),
    (status = 503, description = "The log has none yet", body = Problem),
))]
pub(super) async fn log_head(State(api): State<Api>) -> Result<Json<LogHead>, Problem> {
    api.operations.log_head().map(Json).ok_or_else(|| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no checkpoint yet", "try again once the log has its first entry")
    })
}

/// Whether the process answers at all. Needs no token.
#[utoipa::path(get, path = "/health", tag = "system", security(()), responses((status = 200, description = "It does", body = String)))]
pub(super) async fn health() -> &'static str {
    "ok\n"
}

/// Whether the gateway can serve location requests. Needs no token.
#[utoipa::path(get, path = "/ready", tag = "system", security(()), responses(
    (status = 200, description = "It can", body = Readiness),
    (status = 503, description = "It cannot", body = Readiness),
))]
pub(super) async fn ready(State(api): State<Api>) -> (StatusCode, Json<Readiness>) {
    let hindrances = api.operations.hindrances();
    let ready = hindrances.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, hindrances }))
}
