//! The control API: HTTP and JSON on loopback, for tours, tests and people.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /health` | 200 while the network runs, with the names of its nodes |
//! | `GET /counters` | what happened so far |
//! | `GET /subscribers` | labels, states and serving nodes |
//! | `GET /seen/{subscriber}` | what the user saw, oldest first; `DELETE` wipes it |
//! | `POST /fault` | adds a fault to a node, a subscriber, or a subscriber at a node |
//! | `DELETE /faults` | takes all faults away, or with `?node=` and `?subscriber=` those of that scope |
//! | `POST /session` | sets up or ends a session of a phone |
//! | `POST /state` | changes how a phone can be reached |
//! | `POST /move` | a phone is somewhere else, or served by another MME |
//! | `GET /clock` | the clock of the phones; `POST` with `advance_s` moves it on |
//! | `GET /cells` | the cells of the first operator's network, as a table in the columns of OpenCelliD |
//! | `GET /deferred/{subscriber}` | references of the deferred requests that a phone, or its node, has |
//! | `POST /deferred/end` | a phone ends a deferred request |
//! | `GET /card/{subscriber}` | the card of a subscriber: keys, how many requests it watches, what it showed |
//! | `GET /smsc` | the SMS centre: address, account and password of the gateway, whether one is bound |
//! | `POST /forged-report` | an MME reports what nothing stands behind |
//! | `POST /emergency-call` | a phone calls for help: the node that serves it reports where it is |
//! | `POST /call` | sets up or ends a call of a phone |
//! | `POST /self-location` | a phone has its position sent to a client, by its MSC or SGSN |
//! | `GET /mdt/{subscriber}` | a phone with MDT: its job, its log in numbers; `/truth` behind it: what was true at each entry |
//! | `GET /ran` | with `?latitude=` and `&longitude=`: what every cell is like there |
//! | `PUT /mdt/{subscriber}/consent` | what the home network holds of the consent to MDT, and tells the MME |
//! | `POST /mdt-job` | a TraceJob for its subscriber, or for the phones of its area; what became of it by label |
//! | `POST /mdt-user` | a user clears the log, opts out or in, pauses, resumes |
//! | `POST /mdt-connection` | a phone connects, or is idle again |
//! | `PUT /mdt-keys` | the signed list of keys of collection entities, for all phones |
//! | `GET /hlr/lcs-information/{subscriber}` | what the home register holds, as hex of a MAP argument; `PUT` and `DELETE` change it |
//!
//! A subscriber is named by label, or by IMSI or MSISDN digits; answers hold labels only.

mod cards;
mod deferred;
mod legacy;
mod mdt;

use crate::{
    counters::Counted,
    fault::{FaultRule, Scope},
    network::{EmergencyCallError, Shared},
    phones::Phone,
    scenario::PhoneState,
    seen::Sight,
};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{delete, get, post},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type Answer<T> = Result<Json<T>, (StatusCode, Json<Mistake>)>;

/// Why a request was refused.
#[derive(Debug, Serialize)]
struct Mistake {
    error: String,
}

fn mistake(status: StatusCode, error: impl core::fmt::Display) -> (StatusCode, Json<Mistake>) {
    (status, Json(Mistake { error: error.to_string() }))
}

/// The routes over a network.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/counters", get(counters))
        .route("/subscribers", get(subscribers))
        .route("/seen/{subscriber}", get(seen).delete(wipe))
        .route("/fault", post(add_fault))
        .route("/faults", delete(clear_faults))
        .route("/session", post(session))
        .route("/state", post(state))
        .route("/emergency-call", post(emergency_call))
        .merge(cards::routes())
        .merge(deferred::routes())
        .merge(legacy::routes())
        .merge(mdt::routes())
        .with_state(shared)
}

/// Octets in hexadecimal digits.
pub(crate) fn octets(hex: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| {
        let [high, low] = pair else { return None };
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        Some(digit(*high)? << 4 | digit(*low)?)
    };
    hex.as_bytes().chunks(2).map(pair).collect()
}

#[derive(Serialize)]
struct Health {
    nodes: Vec<String>,
    subscribers: usize,
}

async fn health(State(shared): State<Arc<Shared>>) -> Json<Health> {
    Json(Health { nodes: shared.node_names(), subscribers: shared.phones.all().count() })
}

async fn counters(State(shared): State<Arc<Shared>>) -> Json<Counted> {
    Json(shared.counters.now())
}

#[derive(Serialize)]
struct Subscriber {
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sgsn: Option<String>,
    state: PhoneState,
}

async fn subscribers(State(shared): State<Arc<Shared>>) -> Json<Vec<Subscriber>> {
    let of = |phone: &Arc<Phone>| Subscriber {
        label: phone.label.clone(),
        mme: phone.mme(),
        msc: phone.msc(),
        sgsn: phone.sgsn(),
        state: phone.now().state,
    };
    Json(shared.phones.all().map(of).collect())
}

fn named<'s>(shared: &'s Shared, name: &str) -> Result<&'s Arc<Phone>, (StatusCode, Json<Mistake>)> {
    // The name is not repeated: it may be an identity.
    shared.phones.named(name).ok_or_else(|| mistake(StatusCode::NOT_FOUND, "no subscriber of this label or identity"))
}

#[derive(Serialize)]
struct Seen {
    subscriber: String,
    seen: Vec<Sight>,
}

async fn seen(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Answer<Seen> {
    let phone = named(&shared, &name)?;
    Ok(Json(Seen { subscriber: phone.label.clone(), seen: shared.screens.of(&phone.label) }))
}

async fn wipe(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<StatusCode, (StatusCode, Json<Mistake>)> {
    shared.screens.wipe(&named(&shared, &name)?.label);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFault {
    node: Option<String>,
    subscriber: Option<String>,
    fault: FaultRule,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    node: Option<String>,
    subscriber: Option<String>,
}

fn scope(shared: &Shared, of: Of) -> Result<Option<Scope>, (StatusCode, Json<Mistake>)> {
    let node = of.node.map(|node| {
        let known = shared.node_names().contains(&node);
        known.then_some(node).ok_or_else(|| mistake(StatusCode::NOT_FOUND, "no node of this name"))
    });
    let label = of.subscriber.map(|name| named(shared, &name).map(|phone| phone.label.clone()));
    Ok(match (node.transpose()?, label.transpose()?) {
        (None, None) => None,
        (Some(node), None) => Some(Scope::Node(node)),
        (None, Some(label)) => Some(Scope::Subscriber(label)),
        (Some(node), Some(label)) => Some(Scope::SubscriberAt(node, label)),
    })
}

async fn add_fault(
    State(shared): State<Arc<Shared>>,
    Json(new): Json<NewFault>,
) -> Result<StatusCode, (StatusCode, Json<Mistake>)> {
    let scope = scope(&shared, Of { node: new.node, subscriber: new.subscriber })?
        .ok_or_else(|| mistake(StatusCode::BAD_REQUEST, "name a node or a subscriber"))?;
    if new.fault.fault.whole_node() && !matches!(scope, Scope::Node(_)) {
        return Err(mistake(StatusCode::BAD_REQUEST, "this fault is of a whole node; name a node"));
    }
    shared.faults.add(scope, new.fault);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(
    State(shared): State<Arc<Shared>>,
    Query(of): Query<Of>,
) -> Result<StatusCode, (StatusCode, Json<Mistake>)> {
    match scope(&shared, of)? {
        Some(scope) => shared.faults.clear(&scope),
        None => shared.faults.clear_all(),
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetSession {
    subscriber: String,
    apn: String,
    up: bool,
}

async fn session(
    State(shared): State<Arc<Shared>>,
    Json(set): Json<SetSession>,
) -> Result<StatusCode, (StatusCode, Json<Mistake>)> {
    lcs::ApnNi::new(&set.apn).map_err(|error| mistake(StatusCode::BAD_REQUEST, error))?;
    named(&shared, &set.subscriber)?.set_session(&set.apn, set.up);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetState {
    subscriber: String,
    state: PhoneState,
}

async fn state(
    State(shared): State<Arc<Shared>>,
    Json(set): Json<SetState>,
) -> Result<StatusCode, (StatusCode, Json<Mistake>)> {
    let phone = named(&shared, &set.subscriber)?;
    phone.change(|spec| spec.state = set.state);
    mdt::left(&shared, phone).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    subscriber: String,
    /// Whether the call ends, instead of beginning; MSC and SGSN only.
    #[serde(default)]
    ends: bool,
}

#[derive(Serialize)]
struct Reported {
    /// Result code of the gateway's answer; 2001 is success.
    result_code: u32,
    /// Microseconds until the answer.
    took_us: u64,
}

async fn emergency_call(State(shared): State<Arc<Shared>>, Json(call): Json<Call>) -> Answer<Reported> {
    let phone = Arc::clone(named(&shared, &call.subscriber)?);
    let begin = tokio::time::Instant::now();
    let result_code = shared.emergency_call(&phone, call.ends).await.map_err(|error| {
        let status = match error {
            EmergencyCallError::NotAttached => StatusCode::CONFLICT,
            EmergencyCallError::NoGateway(_) | EmergencyCallError::Malformed => StatusCode::BAD_GATEWAY,
            EmergencyCallError::NoEstimate(_) => StatusCode::INTERNAL_SERVER_ERROR,
            EmergencyCallError::OverMap(ref error) => legacy::status(error),
        };
        mistake(status, error)
    })?;
    Ok(Json(Reported { result_code, took_us: u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX) }))
}
