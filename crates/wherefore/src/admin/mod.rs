//! The admin API: clients, subscribers, dry runs of the privacy check, and how the gateway fares. JSON over HTTP on loopback, with a
//! bearer token; the command line is its first user. `docs/admin-api.md` tells it in prose, `/openapi.json` in OpenAPI.
//!
//! Subscribers are named in the header `Subscriber`, never in a URL, because URLs are kept in logs and histories. Every change is
//! logged without identities. Errors are `application/problem+json` (RFC 9457).

mod areas;
mod auth;
mod clients;
mod consent;
mod deferred;
mod explain;
mod extract;
mod mdt;
mod mdt_import;
mod problem;
mod pseudonyms;
mod slpp;
mod subscribers;
mod system;
mod terminals;
#[cfg(test)]
mod tests;
mod usim;

pub use areas::AreasLoaded;
pub use auth::Token;
pub use clients::{ClientList, ClientView, SecretBody, SecretView};
pub use consent::UnlinkedView;
pub use deferred::{
    DeferredAskedBy, DeferredCancelled, DeferredList, DeferredOrderBody, DeferredPaused, DeferredRoad, DeferredView,
};
pub use explain::{ExplainBody, ExplainView, StepView};
pub use mdt::{CollectorKeyList, JobBody, JobList, MdtEraseBody};
pub use problem::{Member, Problem};
pub use pseudonyms::{AssignBody, PseudonymView, ResolveBody, ResolvedView, RevokeBody, RevokedView};
pub use subscribers::{OptInBody, PauseBody, ProfileView, StandingPatch, SubscriberCount};
pub use system::{AssociationView, LogHead, Operations, PeerList, PeerView, Readiness};
pub use terminals::{LeaseBody, LeaseEndBody};
pub use usim::{CardList, CardView, CardsBody, CardsWritten};

pub(crate) use extract::{parse_identities, parse_person};

use crate::store::Directory;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use std::sync::Arc;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi, SecurityRequirement};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What handlers work on.
#[derive(Clone)]
struct Api {
    directory: Arc<Directory>,
    operations: Arc<dyn Operations>,
}

/// The API, ready to be served, for instance with `axum::serve`.
pub fn router(
    directory: Arc<Directory>,
    operations: Arc<dyn Operations>,
    token: Token,
    body_limit_bytes: usize,
) -> Router {
    let (guarded, open, document) = parts();
    let elsewhere = middleware::from_fn_with_state(operations.register_elsewhere(), refuse_elsewhere);
    let guarded = guarded.layer(elsewhere).layer(middleware::from_fn_with_state(token, auth::require));
    guarded
        .merge(open)
        .route("/openapi.json", get(async move || Json(document)))
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(body_limit_bytes))
        .with_state(Api { directory, operations })
}

/// The OpenAPI document of the API.
#[must_use]
pub fn openapi() -> OpenApi {
    parts().2
}

/// Routes that need the token, routes that do not, and the document of both.
fn parts() -> (Router<Api>, Router<Api>, OpenApi) {
    let (guarded, mut document) = OpenApiRouter::<Api>::new()
        .routes(routes!(clients::list))
        .routes(routes!(clients::show, clients::put, clients::remove))
        .routes(routes!(clients::secret))
        .routes(routes!(subscribers::count))
        .routes(routes!(subscribers::show, subscribers::put, subscribers::patch, subscribers::erase))
        .routes(routes!(subscribers::pause))
        .routes(routes!(subscribers::resume))
        .routes(routes!(subscribers::opt_out))
        .routes(routes!(subscribers::opt_in))
        .routes(routes!(slpp::show, slpp::check))
        .routes(routes!(explain::explain))
        .routes(routes!(pseudonyms::assign))
        .routes(routes!(pseudonyms::resolve))
        .routes(routes!(pseudonyms::revoke))
        .routes(routes!(terminals::set, terminals::end))
        .routes(routes!(deferred::list))
        .routes(routes!(deferred::cancel))
        .routes(routes!(deferred::pause))
        .routes(routes!(deferred::resume))
        .routes(routes!(areas::reload))
        .routes(routes!(usim::list, usim::put))
        .routes(routes!(usim::show, usim::remove))
        .routes(routes!(consent::notices, consent::publish))
        .routes(routes!(consent::show))
        .routes(routes!(consent::informed))
        .routes(routes!(consent::decision))
        .routes(routes!(consent::pause))
        .routes(routes!(consent::resume))
        .routes(routes!(consent::opt_out))
        .routes(routes!(consent::lift))
        .routes(routes!(consent::exclusion))
        .routes(routes!(consent::link))
        .routes(routes!(consent::unlink))
        .routes(routes!(consent::import))
        .routes(routes!(consent::export))
        .routes(routes!(consent::erase))
        .routes(routes!(consent::receipt))
        .routes(routes!(consent::am_data))
        .routes(routes!(consent::subscription_data))
        .routes(routes!(mdt::jobs, mdt::add))
        .routes(routes!(mdt::stop))
        .routes(routes!(mdt::refer))
        .routes(routes!(mdt::select))
        .routes(routes!(mdt::subject))
        .routes(routes!(mdt::erase))
        .routes(routes!(mdt::export))
        .routes(routes!(mdt_import::import))
        .routes(routes!(mdt::bins))
        .routes(routes!(mdt::keys))
        .routes(routes!(system::peers))
        .routes(routes!(system::log_head))
        .split_for_parts();
    let (open, open_document) =
        OpenApiRouter::<Api>::new().routes(routes!(system::health)).routes(routes!(system::ready)).split_for_parts();
    document.merge(open_document);
    document.info.title = "Wherefore admin API".into();
    document.info.description = Some("Clients, subscribers, privacy check, and how the gateway fares.".into());
    document.info.version = env!("CARGO_PKG_VERSION").into();
    document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    (guarded, open, document)
}

/// Where the register is another's, nothing here about subscribers would have an effect, nor a dry run tell what happens.
async fn refuse_elsewhere(State(elsewhere): State<Option<String>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    match elsewhere {
        Some(url) if path.starts_with("/v1/subscriber") || path == "/v1/explain" => {
            let detail = format!("the privacy profile register is at {url} (ppr.remote.url); ask its own admin API");
            Problem::new(StatusCode::CONFLICT, "the register is elsewhere", detail).into_response()
        }
        _ => next.run(request).await,
    }
}

async fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no such route", "see /openapi.json for the routes there are")
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong method", "see /openapi.json for the methods of this route")
}
