//! The side of the device.

use super::wire::{AssignAnswer, AssignRequest, BODY_MAX, ResolveRequest, Subscriber};
use crate::admin::Problem;
use crate::certified::{self, Refused, Words, parse};
use crate::clock;
use crate::config::LidRight;
use crate::pmd::LocalPmd;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json, Router};
use lcs::Pseudonym;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What Lid is called where it shares code with other services.
pub(crate) const WORDS: Words = Words {
    service: "Lid",
    document: DOCUMENT,
    body_max: BODY_MAX,
    answers: "wherefore_lid_answers_total",
    section: "pmd.lid",
    refused: "wherefore_lid_connections_refused_total",
    tls_failures: "wherefore_lid_tls_failures_total",
    broken: "wherefore_lid_connections_broken_total",
    waits: None,
};

type Shown = certified::Shown<LidRight>;

const DOCUMENT: &str = "/lid/v1/openapi.json";

/// The service without its certificates.
pub(crate) fn router(pmd: Arc<LocalPmd>) -> Router {
    let routes = OpenApiRouter::new().routes(routes!(resolve)).routes(routes!(assign));
    WORDS.router(routes, "Pseudonyms between gateways and the device that knows them.", pmd)
}

/// Turns a pseudonym back (Identity Request and Response, TS 23.271 clauses 7.5.1 and 7.5.2).
#[utoipa::path(post, path = "/lid/v1/resolve", tag = "lid", request_body = ResolveRequest, responses(
    (status = 200, description = "Whom it stands for", body = Subscriber),
    (status = 403, description = "The certificate gives no right to resolve", body = Problem),
    (status = 404, description = "It does not resolve, for whatever reason", body = Problem),
))]
async fn resolve(
    State(pmd): State<Arc<LocalPmd>>,
    Extension(shown): Extension<Shown>,
    body: Bytes,
) -> Result<Json<Subscriber>, Refused> {
    permitted(&shown, LidRight::Resolve, "resolve")?;
    let request: ResolveRequest = parse(&body, DOCUMENT)?;
    let resolved =
        Pseudonym::new(request.pseudonym).and_then(|it| pmd.resolve(&it, &request.client, clock::now()).ok());
    count("resolve", if resolved.is_some() { "done" } else { "refused" });
    resolved.map(|identities| Json(Subscriber::of(&identities))).ok_or_else(unresolved)
}

/// Assigns the pseudonym of a subscriber for a client.
#[utoipa::path(post, path = "/lid/v1/assign", tag = "lid", request_body = AssignRequest, responses(
    (status = 200, description = "The pseudonym", body = AssignAnswer),
    (status = 403, description = "The certificate gives no right to assign", body = Problem),
    (status = 422, description = "No subscriber or no client is named", body = Problem),
    (status = 503, description = "None can be assigned now", body = Problem),
))]
async fn assign(
    State(pmd): State<Arc<LocalPmd>>,
    Extension(shown): Extension<Shown>,
    body: Bytes,
) -> Result<Json<AssignAnswer>, Refused> {
    permitted(&shown, LidRight::Assign, "assign")?;
    let request: AssignRequest = parse(&body, DOCUMENT)?;
    let detail = "give msisdn, imsi or both, digits alone, and the client's account";
    let nobody = || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no subscriber or client named", detail);
    let who =
        request.subscriber.identities().filter(|_| (1..=64).contains(&request.client.len())).ok_or_else(nobody)?;
    match pmd.assign(&who, &request.client, clock::now()).await {
        Ok(assigned) => {
            count("assign", "done");
            Ok(Json(AssignAnswer::of(&assigned)))
        }
        Err(error) => {
            tracing::error!(%error, "Lid: no pseudonym assigned");
            count("assign", "failed");
            let detail = "the log of the device tells why; try again";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no pseudonym assigned", detail).into())
        }
    }
}

/// The one answer to every pseudonym that does not resolve.
fn unresolved() -> Refused {
    let detail = "wrong, another client's, expired or revoked: which of them is told to nobody";
    Problem::new(StatusCode::NOT_FOUND, "pseudonym not resolved", detail).into()
}

fn permitted(shown: &Shown, right: LidRight, operation: &'static str) -> Result<(), Refused> {
    WORDS.permitted(shown, right, operation).map(|_| ())
}

fn count(operation: &'static str, outcome: &'static str) {
    WORDS.count(operation, outcome);
}
