//! `/v1/clients`: the registered LCS clients.

use super::Api;
use super::extract::{Body, Expected, etag};
use super::problem::Problem;
use crate::clients::{Client, ClientRecord, StoredClient};
use crate::config::Problem as Finding;
use crate::store::SecretChange;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// A client as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientView {
    /// The record.
    #[serde(flatten)]
    pub record: ClientRecord,
    /// Whether it has a secret.
    pub has_secret: bool,
    /// Counts the changes; also the ETag.
    pub version: u64,
}

/// All clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientList {
    /// By account.
    pub clients: Vec<ClientView>,
}

/// A new secret.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretBody {
    /// The secret, 16-256 bytes. Absent: a random one is made and given back, once.
    #[serde(default)]
    pub secret: Option<String>,
    /// Takes the secret away instead: the client then authenticates by certificate only. Default false.
    #[serde(default)]
    pub remove: bool,
}

/// A secret just made.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SecretView {
    /// The secret, shown this once, if the gateway made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The client's new version.
    pub version: u64,
}

impl ClientView {
    fn of(client: &Client) -> Self {
        Self { record: client.record().clone(), has_secret: client.has_secret(), version: client.version() }
    }
}

impl From<StoredClient> for ClientView {
    fn from(stored: StoredClient) -> Self {
        Self { has_secret: stored.secret_phc.is_some(), record: stored.record, version: stored.version }
    }
}

/// Lists the clients.
#[utoipa::path(get, path = "/v1/clients", tag = "clients", responses(
    (status = 200, description = "All clients", body = ClientList),
    (status = 401, description = "No token or a wrong one", body = Problem),
))]
pub(super) async fn list(State(api): State<Api>) -> Json<ClientList> {
    let clients = api.directory.registry().all();
    Json(ClientList { clients: clients.iter().map(|client| ClientView::of(client)).collect() })
}

/// Shows a client.
#[utoipa::path(get, path = "/v1/clients/{id}", tag = "clients", params(("id" = String, Path, description = "Account")), responses(
    (status = 200, description = "The client", body = ClientView),
    (status = 404, description = "No such client", body = Problem),
))]
pub(super) async fn show(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Json<ClientView>), Problem> {
    let client = api.directory.registry().client(&id).ok_or_else(Problem::no_client)?;
    Ok((etag(client.version()), Json(ClientView::of(&client))))
}

/// Adds a client, or puts a record in place of the one before. The secret stays.
#[utoipa::path(put, path = "/v1/clients/{id}", tag = "clients", params(
    ("id" = String, Path, description = "Account, the same as in the record"),
    ("If-Match" = Option<String>, Header, description = "Version to replace"),
    ("If-None-Match" = Option<String>, Header, description = "`*`: the client must be new"),
), request_body = ClientRecord, responses(
    (status = 200, description = "Changed", body = ClientView),
    (status = 201, description = "Added", body = ClientView),
    (status = 412, description = "Changed meanwhile", body = Problem),
    (status = 422, description = "Record not sound", body = Problem),
))]
pub(super) async fn put(
    State(api): State<Api>,
    Path(id): Path<String>,
    Expected(expected): Expected,
    Body(record): Body<ClientRecord>,
) -> Result<(StatusCode, HeaderMap, Json<ClientView>), Problem> {
    let mut problems = record.problems();
    if record.id != id {
        problems.push(Finding {
            key: "id".into(),
            what: "differs from the account in the path".into(),
            remedy: "make the two equal; a client cannot be renamed".into(),
        });
    }
    // A client that could pass for a pseudo-external identity would be served by old nodes as what that stands for.
    problems.extend(api.operations.home_registers().into_iter().flat_map(|registers| registers.conflicts(&record)));
    if !problems.is_empty() {
        return Err(Problem::members("client record not sound", problems));
    }
    let stored = api.directory.put_client(&record, SecretChange::Keep, expected).await?;
    let status = if stored.version == 1 { StatusCode::CREATED } else { StatusCode::OK };
    tracing::info!(client = id, version = stored.version, "client record written");
    Ok((status, etag(stored.version), Json(stored.into())))
}

/// Removes a client.
#[utoipa::path(delete, path = "/v1/clients/{id}", tag = "clients", params(("id" = String, Path, description = "Account")), responses(
    (status = 204, description = "Removed"),
    (status = 404, description = "No such client", body = Problem),
))]
pub(super) async fn remove(State(api): State<Api>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    if !api.directory.remove_client(&id).await? {
        return Err(Problem::no_client());
    }
    tracing::info!(client = id, "client removed");
    Ok(StatusCode::NO_CONTENT)
}

/// Changes a client's secret. The old one is worthless from then on.
#[utoipa::path(post, path = "/v1/clients/{id}/secret", tag = "clients", params(("id" = String, Path, description = "Account")),
    request_body = SecretBody, responses(
    (status = 200, description = "Changed", body = SecretView),
    (status = 404, description = "No such client", body = Problem),
    (status = 422, description = "Secret too short or too long", body = Problem),
))]
pub(super) async fn secret(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(body): Body<SecretBody>,
) -> Result<Json<SecretView>, Problem> {
    let given = body.secret.map(Zeroizing::new);
    let wrong = |what| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "secret not usable", what);
    if body.remove && given.is_some() {
        return Err(wrong("give either secret or remove"));
    }
    if given.as_ref().is_some_and(|secret| !(16..=256).contains(&secret.len())) {
        return Err(wrong("a secret has 16-256 bytes; leave it out to have one made"));
    }
    let made = if given.is_none() && !body.remove { Some(random_secret()?) } else { None };
    let secret = given.as_ref().or(made.as_ref()).map(|secret| secret.as_str());
    let stored = api.directory.change_secret(&id, secret).await?;
    tracing::info!(client = id, removed = body.remove, "client secret changed");
    Ok(Json(SecretView { secret: made.map(|secret| secret.to_string()), version: stored.version }))
}

/// 32 random octets in hexadecimal.
fn random_secret() -> Result<Zeroizing<String>, Problem> {
    let mut octets = Zeroizing::new([0u8; 32]);
    aws_lc_rs::rand::fill(octets.as_mut()).map_err(|_| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "no randomness", "the system's random source failed; try again")
    })?;
    Ok(Zeroizing::new(crate::forms::to_hex(octets.as_ref())))
}
