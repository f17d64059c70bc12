//! `/v1/subscriber/slpp`: what home registers must hold of a subscriber for nodes below capability set 4, and a check of what they do.

use super::Api;
use super::extract::{Body, Subscriber};
use super::problem::Problem;
use crate::clock;
use crate::slpp::{HeldBody, HomeRegisters, ReportError, SlppCheckView, SlppView};
use crate::store::DirectoryError;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lcs::{Address, Identities};
use privacy::CompiledProfile;

/// Tells what to write into the home register of a subscriber, known here or not. Nothing is written by this.
#[utoipa::path(get, path = "/v1/subscriber/slpp", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS or imsi:DIGITS"),
), responses(
    (status = 200, description = "The data", body = SlppView),
    (status = 409, description = "No pseudo-external identities are configured", body = Problem),
))]
pub(super) async fn show(State(api): State<Api>, Subscriber(who): Subscriber) -> Result<Json<SlppView>, Problem> {
    let registers = registers(&api)?;
    let own = own_profile(&api, &who).await?;
    Ok(Json(registers.report(own.as_ref(), clock::now())?))
}

/// Checks what the home register of a subscriber really holds: every rule, and every case by Fig. A.1 of TS 23.271.
#[utoipa::path(post, path = "/v1/subscriber/slpp", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS or imsi:DIGITS"),
), request_body = HeldBody, responses(
    (status = 200, description = "What is wrong with it, if anything", body = SlppCheckView),
    (status = 409, description = "No pseudo-external identities are configured", body = Problem),
    (status = 422, description = "Data that cannot be read", body = Problem),
))]
pub(super) async fn check(
    State(api): State<Api>,
    Subscriber(who): Subscriber,
    Body(held): Body<HeldBody>,
) -> Result<Json<SlppCheckView>, Problem> {
    let registers = registers(&api)?;
    let held = held.information().map_err(ReportError::from)?;
    let own = own_profile(&api, &who).await?;
    let clients = api.directory.registry().all();
    let of_client = |client: &std::sync::Arc<crate::clients::Client>| {
        client.record().external_identities.iter().map(|identity| identity.number.0).collect::<Vec<_>>()
    };
    let clients: Vec<Address> = clients.iter().flat_map(of_client).collect();
    let view = registers.check(&held, own.as_ref(), &clients, clock::now())?;
    tracing::info!(sound = view.sound, leaks = view.leaks, "data of a home register checked");
    Ok(Json(view))
}

fn registers(api: &Api) -> Result<std::sync::Arc<HomeRegisters>, Problem> {
    let detail = "give pseudo_external.numbers in the configuration, and restart the gateway";
    api.operations
        .home_registers()
        .ok_or_else(|| Problem::new(StatusCode::CONFLICT, "no pseudo-external identities", detail))
}

/// The subscriber's profile; `None` for one who has none.
async fn own_profile(api: &Api, who: &Identities) -> Result<Option<CompiledProfile>, Problem> {
    match api.directory.profile(who).await {
        Ok(stored) => Ok(Some(stored.profile.compile().map_err(DirectoryError::from)?)),
        Err(DirectoryError::NoSubscriber) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "data not understood", error.to_string())
    }
}
