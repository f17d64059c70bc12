//! The side of the device: TLS with certificates of both sides, then HTTP/1.1 and JSON, every wait and length bounded.

use super::peers::{Peer, Peers};
use super::wire::{AssignAnswer, AssignRequest, BODY_MAX, ResolveRequest, Subscriber};
use crate::admin::Problem;
use crate::clock;
use crate::config::{self, LidRight};
use crate::forms::json_fault;
use crate::listen;
use crate::pmd::LocalPmd;
use crate::tls;
use anyhow::{Context as _, Result};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use lcs::{Duration, Pseudonym};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A socket that gateways connect to.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: TlsAcceptor,
    peers: Arc<Peers>,
    timeout: Duration,
    places: Arc<Semaphore>,
}

impl Listener {
    /// Where it listens.
    pub(crate) fn address(&self) -> Result<std::net::SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// Opens the socket; `None` where Lid is off.
///
/// # Errors
/// The certificates cannot be read, or the address is taken.
pub(crate) async fn bind(lid: &config::Lid) -> Result<Option<Listener>> {
    let identity = tls::Identity { cert_file: lid.cert_file.as_deref(), key_file: lid.key_file.as_deref() };
    let Some(tls) = tls::mutual_server(&identity, lid.ca_file.as_deref()).context("pmd.lid")? else { return Ok(None) };
    let socket = TcpListener::bind(lid.listen).await;
    let socket = socket.with_context(|| format!("pmd.lid.listen: cannot listen on {}; choose another", lid.listen))?;
    Ok(Some(Listener {
        socket,
        tls: TlsAcceptor::from(tls),
        peers: Arc::new(Peers::new(&lid.peer)),
        timeout: Duration::from_millis(lid.timeout_ms),
        places: Arc::new(Semaphore::new(lid.max_connections.min(Semaphore::MAX_PERMITS))),
    }))
}

/// Serves until `stop`.
pub(crate) async fn serve(listener: Listener, pmd: Arc<LocalPmd>, stop: CancellationToken) {
    let router = router(pmd);
    let refused = "wherefore_lid_connections_refused_total";
    while let Some((stream, place)) = listen::accept(&listener.socket, &listener.places, &stop, refused).await {
        let (tls, peers, timeout) = (listener.tls.clone(), Arc::clone(&listener.peers), listener.timeout);
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = converse(stream, &tls, &peers, timeout, router) => {}
                () = stop.cancelled() => {}
            }
            drop(place);
        });
    }
}

/// What a connection may do: nothing, if its certificate is nobody's.
type Shown = Option<Arc<Peer>>;

async fn converse(stream: TcpStream, tls: &TlsAcceptor, peers: &Peers, timeout: Duration, router: Router) {
    stream.set_nodelay(true).ok();
    let Ok(Ok(stream)) = tokio::time::timeout(timeout, tls.accept(stream)).await else {
        metrics::counter!("wherefore_lid_tls_failures_total").increment(1);
        return;
    };
    let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let shown: Shown = leaf.and_then(|leaf| peers.of(leaf));
    let in_time = move |request: Request, next: Next| async move {
        let detail = "send the body at once; the time is pmd.lid.timeout_ms of the device";
        let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "not in time", detail).into_response();
        tokio::time::timeout(timeout, next.run(request)).await.unwrap_or_else(late)
    };
    let router = router.layer(Extension(shown)).layer(middleware::from_fn(in_time));
    let ended = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
    if ended.is_err() {
        metrics::counter!("wherefore_lid_connections_broken_total").increment(1);
    }
}

/// How long a connection may lie idle.
const IDLE: Duration = Duration::from_secs(60);

/// The service without its certificates.
fn router(pmd: Arc<LocalPmd>) -> Router {
    let (router, mut document) =
        OpenApiRouter::<Arc<LocalPmd>>::new().routes(routes!(resolve)).routes(routes!(assign)).split_for_parts();
    document.info.title = "Wherefore Lid".into();
    document.info.description = Some("Pseudonyms between gateways and the device that knows them.".into());
    document.info.version = env!("CARGO_PKG_VERSION").into();
    router
        .route("/lid/v1/openapi.json", get(async move || Json(document)))
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "no such route", "see /lid/v1/openapi.json"))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(pmd)
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
    let request: ResolveRequest = parse(&body)?;
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
    let request: AssignRequest = parse(&body)?;
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

/// A refusal, on its way out.
struct Refused(Box<Problem>);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl axum::response::IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

/// The one answer to every pseudonym that does not resolve.
fn unresolved() -> Refused {
    let detail = "wrong, another client's, expired or revoked: which of them is told to nobody";
    Problem::new(StatusCode::NOT_FOUND, "pseudonym not resolved", detail).into()
}

fn permitted(shown: &Shown, right: LidRight, operation: &'static str) -> Result<(), Refused> {
    if shown.as_ref().is_some_and(|peer| peer.may(right)) {
        return Ok(());
    }
    let peer = shown.as_ref().map_or("unknown", |peer| peer.name.as_str());
    tracing::warn!(peer, operation, "Lid: refused, the certificate gives no such right");
    count(operation, "forbidden");
    let detail = "add the certificate to a pmd.lid.peer that allows it";
    Err(Problem::new(StatusCode::FORBIDDEN, "not allowed", detail).into())
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| {
        let detail = format!("{}; see /lid/v1/openapi.json", json_fault(&error));
        Problem::new(StatusCode::BAD_REQUEST, "body not understood", detail).into()
    })
}

fn count(operation: &'static str, outcome: &'static str) {
    metrics::counter!("wherefore_lid_answers_total", "operation" => operation, "outcome" => outcome).increment(1);
}
