//! What the control API does with the legacy half of the network.

use super::{Answer, Mistake, mistake, named};
use crate::{
    network::Shared,
    scenario::LcsInformationSpec,
    ss7::{PushError, ReportError, SelfLocation},
};
use ::ss7::map::{InsertSubscriberDataArg, LcsProfile};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use lcs::{Address, ServiceType, slpp::LcsInformation};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type Refusal = (StatusCode, Json<Mistake>);

/// The routes of the legacy half.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/call", post(call))
        .route("/self-location", post(self_location))
        .route("/hlr/lcs-information/{subscriber}", get(held).put(provision).delete(withdraw))
}

/// Status of a report that came to nothing.
pub(super) fn status(error: &ReportError) -> StatusCode {
    match error {
        ReportError::NotAttached | ReportError::NotServed | ReportError::NoGateway | ReportError::NotSubscribed => {
            StatusCode::CONFLICT
        }
        ReportError::Unreachable(_)
        | ReportError::Refused(_)
        | ReportError::Unreadable(_)
        | ReportError::NoAnswer(_) => StatusCode::BAD_GATEWAY,
        ReportError::NoEstimate(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetCall {
    subscriber: String,
    number: String,
    up: bool,
}

async fn call(State(shared): State<Arc<Shared>>, Json(set): Json<SetCall>) -> Result<StatusCode, Refusal> {
    Address::international(&set.number).map_err(|error| mistake(StatusCode::BAD_REQUEST, error))?;
    named(&shared, &set.subscriber)?.set_call(&set.number, set.up);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    subscriber: String,
    client: String,
    service_type: Option<u32>,
    #[serde(default)]
    pseudonym: bool,
}

async fn self_location(State(shared): State<Arc<Shared>>, Json(wanted): Json<Wanted>) -> Result<StatusCode, Refusal> {
    let client = Address::international(&wanted.client).map_err(|error| mistake(StatusCode::BAD_REQUEST, error))?;
    let service_type = match wanted.service_type {
        None => None,
        Some(code) => {
            Some(ServiceType::new(code).ok_or_else(|| mistake(StatusCode::BAD_REQUEST, "service_type must be 0-127"))?)
        }
    };
    let phone = Arc::clone(named(&shared, &wanted.subscriber)?);
    let wanted = SelfLocation { client, service_type, pseudonym: wanted.pseudonym };
    let done = shared.self_location(&phone, &wanted).await;
    done.map(|()| StatusCode::NO_CONTENT).map_err(|error| mistake(status(&error), error))
}

/// What the home register holds of a subscriber.
#[derive(Serialize)]
struct Held {
    subscriber: String,
    /// InsertSubscriberDataArg of MAP without identity, BER in hexadecimal digits; absent if there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
}

async fn held(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Answer<Held> {
    let label = named(&shared, &name)?.label.clone();
    let Some(ss7) = &shared.ss7 else { return Err(mistake(StatusCode::NOT_FOUND, PushError::NoRegister)) };
    let information = ss7.register.information(&label);
    let nothing = information == LcsInformation::default();
    let profile = LcsProfile::new(information).ok().filter(|_| !nothing);
    let octets = profile.map(|profile| InsertSubscriberDataArg::of_profile(None, profile).encode());
    Ok(Json(Held { subscriber: label, hex: octets.map(|octets| hex(&octets)) }))
}

/// What is to be held: hexadecimal digits, or written out as in a scenario.
#[derive(Deserialize)]
#[serde(untagged)]
enum Provisioned {
    Hex(HexForm),
    Written(LcsInformationSpec),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HexForm {
    hex: String,
}

async fn provision(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    Json(provisioned): Json<Provisioned>,
) -> Result<StatusCode, Refusal> {
    let information = match provisioned {
        Provisioned::Hex(HexForm { hex }) => decode(&hex),
        Provisioned::Written(spec) => spec.data(),
    };
    let information = information.map_err(|what| mistake(StatusCode::BAD_REQUEST, what))?;
    put(&shared, &name, information).await
}

async fn withdraw(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Result<StatusCode, Refusal> {
    put(&shared, &name, LcsInformation::default()).await
}

async fn put(shared: &Shared, name: &str, information: LcsInformation) -> Result<StatusCode, Refusal> {
    let label = named(shared, name)?.label.clone();
    shared.provision(&label, information).await.map(|()| StatusCode::NO_CONTENT).map_err(|error| {
        let status = match error {
            PushError::NoRegister => StatusCode::NOT_FOUND,
            PushError::Unreachable(_) | PushError::Refused(_) => StatusCode::BAD_GATEWAY,
        };
        mistake(status, error)
    })
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Reads an InsertSubscriberDataArg, or an LCSInformation alone.
fn decode(hex: &str) -> Result<LcsInformation, &'static str> {
    const NO_HEX: &str = "hex must be pairs of hexadecimal digits";
    let octets = super::octets(hex).ok_or(NO_HEX)?;
    if let Some(profile) = InsertSubscriberDataArg::decode(&octets).ok().and_then(|argument| argument.lcs_information) {
        return Ok(profile.information().clone());
    }
    let profile = LcsProfile::decode(&octets);
    profile.map(|profile| profile.information().clone()).map_err(|_| {
        "hex must be the BER of InsertSubscriberDataArg with lcsInformation, or of LCSInformation (TS 29.002 clause 17.7.1)"
    })
}
