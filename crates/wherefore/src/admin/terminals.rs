//! `/v1/pull/terminals`: whose terminal has which address, told by what assigns addresses in the operator's network.

use super::Api;
use super::extract::{Body, parse_identities};
use super::problem::Problem;
use crate::clock;
use crate::pull::Leases;
use axum::extract::State;
use axum::http::StatusCode;
use lcs::Duration;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;
use utoipa::ToSchema;

/// That an address is a subscriber's.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseBody {
    /// The terminal's address; of an IPv6 address the first 64 bits count.
    #[schema(value_type = String)]
    pub address: IpAddr,
    /// The subscriber: `msisdn:DIGITS`.
    pub subscriber: String,
    /// For how long, s, up to `pull.lease_s`: say it again before.
    pub lasts_s: u64,
}

/// That an address is nobody's.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseEndBody {
    /// The terminal's address.
    #[schema(value_type = String)]
    pub address: IpAddr,
}

/// Says that an address is a subscriber's from now on, whoever had it before.
#[utoipa::path(put, path = "/v1/pull/terminals", tag = "pull", request_body = LeaseBody, responses(
    (status = 204, description = "Known"),
    (status = 409, description = "No role pull here", body = Problem),
    (status = 422, description = "Not in pull.access_networks, or no subscriber named", body = Problem),
    (status = 503, description = "As many addresses are known as may be", body = Problem),
))]
pub(super) async fn set(State(api): State<Api>, Body(body): Body<LeaseBody>) -> Result<StatusCode, Problem> {
    let (leases, networks, most_s) = role(&api)?;
    let wrong = |title, detail: &str| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, title, detail);
    let ip = body.address.to_canonical();
    if !networks.iter().any(|network| network.contains(&ip)) {
        return Err(wrong("not a terminal's address", "give one of pull.access_networks"));
    }
    let who = parse_identities(&body.subscriber).and_then(|who| who.msisdn);
    let who = who.ok_or_else(|| wrong("no subscriber named", "write msisdn:DIGITS"))?;
    if !(1..=most_s).contains(&body.lasts_s) {
        return Err(wrong("lasts_s out of range", "give 1 to pull.lease_s seconds, and say it again before they end"));
    }
    leases.set(ip, who, Duration::from_secs(body.lasts_s), clock::now()).map_err(|error| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no room for another address", error.to_string())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says that an address is nobody's any more.
#[utoipa::path(delete, path = "/v1/pull/terminals", tag = "pull", request_body = LeaseEndBody, responses(
    (status = 204, description = "It is nobody's"),
    (status = 409, description = "No role pull here", body = Problem),
))]
pub(super) async fn end(State(api): State<Api>, Body(body): Body<LeaseEndBody>) -> Result<StatusCode, Problem> {
    role(&api)?.0.end(body.address);
    Ok(StatusCode::NO_CONTENT)
}

fn role(api: &Api) -> Result<(Arc<Leases>, Vec<ipnet::IpNet>, u64), Problem> {
    let detail = "set roles.pull in the configuration, and restart";
    api.operations.terminals().ok_or_else(|| Problem::new(StatusCode::CONFLICT, "no role pull", detail))
}
