//! The side of the register.

use super::changes::ProfileChanges;
use super::wire::{
    Asked, AuthorisationRequest, AuthorisationResponse, BODY_MAX, PROFILE_UPDATES, Reader, Resolved, StandingRequest,
    StandingResponse, UpdatesRequest, UpdatesResponse,
};
use crate::admin::Problem;
use crate::certified::{self, Refused, Words, parse};
use crate::clock;
use crate::config::LppRight;
use crate::pmd::LocalPmd;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json, Router};
use lcs::{Duration, RefusalReason, Target};
use privacy::{Ppr, Refusal, RuleId};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How long a question for changes waits for one.
pub(super) const WAIT: Duration = Duration::from_secs(25);

/// What Lpp is called where it shares code with other services.
pub(crate) const WORDS: Words = Words {
    service: "Lpp",
    document: DOCUMENT,
    body_max: BODY_MAX,
    answers: "wherefore_lpp_answers_total",
    section: "ppr.lpp",
    refused: "wherefore_lpp_connections_refused_total",
    tls_failures: "wherefore_lpp_tls_failures_total",
    broken: "wherefore_lpp_connections_broken_total",
    waits: Some((PROFILE_UPDATES, WAIT)),
};

const DOCUMENT: &str = "/lpp/v1/openapi.json";

/// What is served.
pub(crate) struct Served {
    /// The register, under the operator's policy.
    pub(crate) ppr: Ppr,
    /// Turns pseudonyms back, if this process is a device that does (TS 23.271 clause 6.3.12).
    pub(crate) pmd: Option<Arc<LocalPmd>>,
    /// Whose profile changed.
    pub(crate) changes: Arc<ProfileChanges>,
}

type Shown = certified::Shown<LppRight>;

/// The service without its certificates.
pub(crate) fn router(served: Arc<Served>) -> Router {
    let routes =
        OpenApiRouter::new().routes(routes!(authorisation)).routes(routes!(standing)).routes(routes!(profile_updates));
    WORDS.router(routes, "Privacy checks between gateways and the register of privacy profiles.", served)
}

/// Checks a request (LCS Authorisation Request and Response, TS 23.271 clauses 7.4.1 and 7.4.2).
#[utoipa::path(post, path = "/lpp/v1/authorisation", tag = "lpp", request_body = AuthorisationRequest, responses(
    (status = 200, description = "Barred, or allowed and how", body = AuthorisationResponse),
    (status = 400, description = "The body is not understood", body = Problem),
    (status = 403, description = "The certificate gives no right to ask this", body = Problem),
    (status = 422, description = "Members contradict each other or are out of range", body = Problem),
))]
async fn authorisation(
    State(served): State<Arc<Served>>,
    Extension(shown): Extension<Shown>,
    body: Bytes,
) -> Result<Json<AuthorisationResponse>, Refused> {
    let operation = "authorisation";
    let reader = permitted(&shown, LppRight::Authorise, operation)?;
    let request: AuthorisationRequest = parse(&body, DOCUMENT)?;
    let short_circuit = request.asks_short_circuit();
    let unsound = |detail| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request not sound", detail);
    let mut asked = request.asked().map_err(|what| {
        count(operation, "unsound");
        unsound(what)
    })?;
    let resolved = match &asked.request.target {
        Target::Pseudonym(_) => {
            permitted(&shown, LppRight::Pseudonyms, operation)?;
            let Some(resolved) = turned_back(&served, &mut asked) else {
                count(operation, "unresolved");
                let unresolved = Refusal { rule: RuleId::PprAnswer, reason: RefusalReason::PseudonymUnresolved };
                return Ok(Json(AuthorisationResponse::barred(asked.id, unresolved)));
            };
            resolved
        }
        Target::Imsi(_) | Target::Msisdn(_) | Target::Imei(_) => Resolved::NoPseudonym,
    };
    let verdict = served.ppr.answer(&asked.authorisation(), clock::now());
    count(operation, if verdict.outcome.is_ok() { "allowed" } else { "barred" });
    Ok(Json(AuthorisationResponse::of(&verdict, &resolved, reader, short_circuit)))
}

/// Turns the pseudonym of a request back, for the client that it was assigned to; from there on it is about that subscriber.
fn turned_back(served: &Served, asked: &mut Asked) -> Option<Resolved> {
    let Target::Pseudonym(pseudonym) = &asked.request.target else { return None };
    let verinym = served.pmd.as_ref()?.resolve(pseudonym, &asked.request.account, clock::now()).ok()?;
    asked.request.target = verinym.msisdn.map(Target::Msisdn).or(verinym.imsi.map(Target::Imsi))?;
    asked.identities = verinym;
    Some(Resolved::To(verinym))
}

/// Says whether a subscriber has withdrawn since a check: opted out, switched location off or paused it.
#[utoipa::path(post, path = "/lpp/v1/standing", tag = "lpp", request_body = StandingRequest, responses(
    (status = 200, description = "Whether anything stands against it", body = StandingResponse),
    (status = 400, description = "The body is not understood", body = Problem),
    (status = 403, description = "The certificate gives no right to ask this", body = Problem),
    (status = 422, description = "No subscriber is named", body = Problem),
))]
async fn standing(
    State(served): State<Arc<Served>>,
    Extension(shown): Extension<Shown>,
    body: Bytes,
) -> Result<Json<StandingResponse>, Refused> {
    let reader = permitted(&shown, LppRight::Authorise, "standing")?;
    let request: StandingRequest = parse(&body, DOCUMENT)?;
    let detail = "give msisdn, imsi or both, digits alone";
    let nobody = || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no subscriber named", detail);
    let stands = served.ppr.answer_standing(&request.asked().ok_or_else(nobody)?, clock::now());
    count("standing", if stands.outcome.is_ok() { "allowed" } else { "barred" });
    Ok(Json(StandingResponse::of(&stands, reader)))
}

/// Tells whose profile changed, and takes the acknowledgement of what was told before (clauses 7.4.3 and 7.4.4). Waits up to 25 s.
#[utoipa::path(post, path = "/lpp/v1/profile-updates", tag = "lpp", request_body = UpdatesRequest, responses(
    (status = 200, description = "The changes after the one acknowledged; none, if none came", body = UpdatesResponse),
    (status = 400, description = "The body is not understood", body = Problem),
    (status = 403, description = "The certificate gives no right to ask this", body = Problem),
))]
async fn profile_updates(
    State(served): State<Arc<Served>>,
    Extension(shown): Extension<Shown>,
    body: Bytes,
) -> Result<Json<UpdatesResponse>, Refused> {
    permitted(&shown, LppRight::Authorise, "profile-updates")?;
    let request: UpdatesRequest = parse(&body, DOCUMENT)?;
    let feed = request.feed.map(|feed| feed.0);
    let told = tokio::time::timeout(WAIT, served.changes.after(feed, request.acknowledged)).await;
    count("profile-updates", "told");
    Ok(Json(told.unwrap_or_else(|_| served.changes.told(feed, request.acknowledged))))
}

/// What the peer of this connection may read, if it has a right.
fn permitted(shown: &Shown, right: LppRight, operation: &'static str) -> Result<Reader, Refused> {
    WORDS.permitted(shown, right, operation).map(|peer| Reader { salts: peer.may(LppRight::Salts) })
}

fn count(operation: &'static str, outcome: &'static str) {
    WORDS.count(operation, outcome);
}
