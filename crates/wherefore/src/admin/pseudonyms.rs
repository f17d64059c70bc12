//! `/v1/pseudonyms`: assigned, turned back and revoked by the operator (TS 23.271 clauses 6.3.12 and 6.4.2).

use super::Api;
use super::extract::{Body, parse_identities};
use super::problem::Problem;
use crate::clock;
use crate::pmd::{Assigned, LocalPmd, PseudonymError, Revoke, subscriber_text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lcs::{Identities, Pseudonym, Timestamp};
use privacy::{AssignError, RevokeError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Whose pseudonym is wanted, and for whom.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// Account of the client.
    pub client: String,
    /// The subscriber: `msisdn:DIGITS`, `imsi:DIGITS` or both with a comma between.
    pub subscriber: String,
}

/// A pseudonym, and how long it holds.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct PseudonymView {
    /// The pseudonym, up to 96 characters.
    pub pseudonym: String,
    /// From when another is assigned, RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    pub rotates: jiff::Timestamp,
    /// From when it does not resolve any more, RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    pub ends: jiff::Timestamp,
}

/// Which pseudonym is to be turned back, and who was given it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveBody {
    /// Account of the client.
    pub client: String,
    /// The pseudonym.
    pub pseudonym: String,
}

/// Whom a pseudonym stands for.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ResolvedView {
    /// The subscriber: `msisdn:DIGITS`, `imsi:DIGITS` or both with a comma between.
    pub subscriber: String,
}

/// What is to be revoked: of a client, of a subscriber, of a subscriber at a client if both are named, or all under a key.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeBody {
    /// Account of the client; it need not be registered any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The subscriber: `msisdn:DIGITS`, `imsi:DIGITS` or both with a comma between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<String>,
    /// Id of a key, alone: nothing under it resolves any more, and it assigns nothing, for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<u8>,
}

/// What a revocation came to.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RevokedView {
    /// Records written: one for each identity of the subscriber, else one.
    pub records: usize,
}

/// Assigns the pseudonym of a subscriber for a client: the same every time until it rotates or is revoked.
#[utoipa::path(post, path = "/v1/pseudonyms/assign", tag = "pseudonyms", request_body = AssignBody, responses(
    (status = 200, description = "The pseudonym", body = PseudonymView),
    (status = 404, description = "No such client", body = Problem),
    (status = 409, description = "No role pmd here, or no key in force", body = Problem),
))]
pub(super) async fn assign(
    State(api): State<Api>,
    Body(body): Body<AssignBody>,
) -> Result<Json<PseudonymView>, Problem> {
    let pmd = device(&api)?;
    api.directory.registry().client(&body.client).ok_or_else(Problem::no_client)?;
    let assigned = pmd.assign(&subscriber(&body.subscriber)?, &body.client, clock::now()).await?;
    tracing::info!(client = body.client, "pseudonym assigned by the operator");
    Ok(Json(assigned.into()))
}

/// Turns a pseudonym back, for the client that it was assigned to.
#[utoipa::path(post, path = "/v1/pseudonyms/resolve", tag = "pseudonyms", request_body = ResolveBody, responses(
    (status = 200, description = "The subscriber", body = ResolvedView),
    (status = 404, description = "It does not resolve, for whatever reason", body = Problem),
    (status = 409, description = "No role pmd here", body = Problem),
))]
pub(super) async fn resolve(
    State(api): State<Api>,
    Body(body): Body<ResolveBody>,
) -> Result<Json<ResolvedView>, Problem> {
    let pmd = device(&api)?;
    let detail = "wrong, another client's, expired or revoked: which of them is told to nobody";
    let unresolved = || Problem::new(StatusCode::NOT_FOUND, "pseudonym not resolved", detail);
    let pseudonym = Pseudonym::new(body.pseudonym).ok_or_else(unresolved)?;
    let identities = pmd.resolve(&pseudonym, &body.client, clock::now()).map_err(|_| unresolved())?;
    tracing::info!(client = body.client, "pseudonym resolved by the operator");
    Ok(Json(ResolvedView { subscriber: subscriber_text(&identities).to_string() }))
}

/// Revokes pseudonyms. Durable and in force when answered; the next one assigned is another.
#[utoipa::path(post, path = "/v1/pseudonyms/revoke", tag = "pseudonyms", request_body = RevokeBody, responses(
    (status = 200, description = "Revoked", body = RevokedView),
    (status = 404, description = "No such key", body = Problem),
    (status = 409, description = "No role pmd here", body = Problem),
    (status = 422, description = "Names nothing, or too much", body = Problem),
))]
pub(super) async fn revoke(State(api): State<Api>, Body(body): Body<RevokeBody>) -> Result<Json<RevokedView>, Problem> {
    let pmd = device(&api)?;
    let who = body.subscriber.as_deref().map(subscriber).transpose()?;
    let (what, of) = match (&who, body.client.as_deref(), body.key) {
        (Some(who), Some(client), None) => (Revoke::Pair(who, client), "subscriber at client"),
        (Some(who), None, None) => (Revoke::Subscriber(who), "subscriber"),
        (None, Some(client), None) => (Revoke::Client(client), "client"),
        (None, None, Some(key)) => (Revoke::Key(key), "key"),
        _ => {
            let detail = "name client, subscriber, both, or key alone";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not clear what to revoke", detail));
        }
    };
    let records = pmd.revoke(what, clock::now()).await?;
    tracing::info!(of, client = body.client, key = body.key, "pseudonyms revoked by the operator");
    Ok(Json(RevokedView { records }))
}

fn device(api: &Api) -> Result<Arc<LocalPmd>, Problem> {
    let detail = "set roles.pmd and pmd.realm in the configuration, and restart; or ask the gateway that has the role";
    api.operations.pseudonyms().ok_or_else(|| Problem::new(StatusCode::CONFLICT, "no role pmd", detail))
}

fn subscriber(text: &str) -> Result<Identities, Problem> {
    let detail = "write msisdn:DIGITS or imsi:DIGITS, or both with a comma between";
    parse_identities(text)
        .ok_or_else(|| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "subscriber not understood", detail))
}

impl From<Assigned> for PseudonymView {
    fn from(assigned: Assigned) -> Self {
        let Assigned { pseudonym, rotates, ends } = assigned;
        Self { pseudonym: crate::pmd::pseudonym_text(&pseudonym), rotates: moment(rotates), ends: moment(ends) }
    }
}

fn moment(at: Timestamp) -> jiff::Timestamp {
    let micros = i64::try_from(at.micros()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX)
}

impl From<PseudonymError> for Problem {
    fn from(error: PseudonymError) -> Self {
        let detail = error.to_string();
        match error {
            PseudonymError::Store(error) => error.into(),
            PseudonymError::NoSuchKey(_) => Self::new(StatusCode::NOT_FOUND, "no such key", detail),
            PseudonymError::Assign(AssignError::NoKey) => Self::new(StatusCode::CONFLICT, "no key in force", detail),
            PseudonymError::Assign(AssignError::NoVerinym) | PseudonymError::Revoke(RevokeError::NoVerinym) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "no subscriber named", detail)
            }
            PseudonymError::Assign(AssignError::Unavailable)
            | PseudonymError::Revoke(RevokeError::Unavailable)
            | PseudonymError::Remote(_)
            | PseudonymError::Realm(_)
            | PseudonymError::Keys(_)
            | PseudonymError::Pmd(_) => {
                tracing::error!(error = detail, "pseudonyms failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "pseudonyms failed", detail)
            }
        }
    }
}
