//! Services for other gateways, Lid and Lpp: TLS with certificates of both sides, then HTTP/1.1 and JSON, every wait and length
//! bounded. A certificate that TLS let in means nothing yet: it must be a listed peer's, and the peer may do what its list says.

mod peers;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use peers::Peer;
use peers::Peers;

use crate::admin::Problem;
use crate::config::Service;
use crate::forms::json_fault;
use crate::{listen, tls};
use anyhow::{Context as _, Result};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use lcs::Duration;
use reqwest::StatusCode as Answered;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use zeroize::Zeroizing;

/// What distinguishes one service from another.
pub(crate) struct Words {
    /// Its name.
    pub(crate) service: &'static str,
    /// Where its OpenAPI document is.
    pub(crate) document: &'static str,
    /// Longest body of a request, octets.
    pub(crate) body_max: usize,
    /// Counts answers, by operation and outcome.
    pub(crate) answers: &'static str,
    /// Its section of the configuration.
    pub(crate) section: &'static str,
    /// Counts connections without a place.
    pub(crate) refused: &'static str,
    /// Counts handshakes that failed.
    pub(crate) tls_failures: &'static str,
    /// Counts connections that ended badly.
    pub(crate) broken: &'static str,
    /// A path whose answers wait for something to happen, for at most this long beyond the ordinary time.
    pub(crate) waits: Option<(&'static str, Duration)>,
}

/// A socket that gateways connect to.
pub(crate) struct Listener<R> {
    socket: TcpListener,
    tls: TlsAcceptor,
    peers: Arc<Peers<R>>,
    timeout: Duration,
    places: Arc<Semaphore>,
    words: &'static Words,
}

impl<R> Listener<R> {
    /// Where it listens.
    pub(crate) fn address(&self) -> Result<std::net::SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// What a connection may do: nothing, if its certificate is nobody's.
pub(crate) type Shown<R> = Option<Arc<Peer<R>>>;

/// Opens the socket; `None` where the service is off.
///
/// # Errors
/// The certificates cannot be read, or the address is taken.
pub(crate) async fn bind<R: Copy + PartialEq>(
    service: &Service<R>,
    words: &'static Words,
) -> Result<Option<Listener<R>>> {
    let section = words.section;
    let identity = tls::Identity { cert_file: service.cert_file.as_deref(), key_file: service.key_file.as_deref() };
    let tls = tls::mutual_server(&identity, service.ca_file.as_deref()).context(section)?;
    let Some(tls) = tls else { return Ok(None) };
    let listen = service.listen;
    let socket = TcpListener::bind(listen).await;
    let socket = socket.with_context(|| format!("{section}.listen: cannot listen on {listen}; choose another"))?;
    Ok(Some(Listener {
        socket,
        tls: TlsAcceptor::from(tls),
        peers: Arc::new(Peers::new(&service.peer)),
        timeout: Duration::from_millis(service.timeout_ms),
        places: Arc::new(Semaphore::new(service.max_connections.min(Semaphore::MAX_PERMITS))),
        words,
    }))
}

/// Serves until `stop`.
pub(crate) async fn serve<R>(listener: Listener<R>, router: Router, stop: CancellationToken)
where
    R: Copy + PartialEq + Send + Sync + 'static,
{
    let listener = Arc::new(listener);
    while let Some((stream, place)) =
        listen::accept(&listener.socket, &listener.places, &stop, listener.words.refused).await
    {
        let (listener, router, stop) = (Arc::clone(&listener), router.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = converse(stream, &listener, router) => {}
                () = stop.cancelled() => {}
            }
            drop(place);
        });
    }
}

async fn converse<R>(stream: TcpStream, listener: &Listener<R>, router: Router)
where
    R: Copy + PartialEq + Send + Sync + 'static,
{
    let Listener { tls, peers, timeout, words, .. } = listener;
    let (timeout, words) = (*timeout, *words);
    stream.set_nodelay(true).ok();
    let Ok(Ok(stream)) = tokio::time::timeout(timeout, tls.accept(stream)).await else {
        metrics::counter!(words.tls_failures).increment(1);
        return;
    };
    let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let shown: Shown<R> = leaf.and_then(|leaf| peers.of(leaf));
    let in_time = move |request: Request, next: Next| async move {
        let waits = words.waits.filter(|(path, _)| *path == request.uri().path());
        let limit = timeout + waits.map_or(Duration::ZERO, |(_, wait)| wait);
        let detail = format!("send the body at once; the time is {}.timeout_ms of this side", words.section);
        let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "not in time", &detail).into_response();
        tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(late)
    };
    let router = router.layer(Extension(shown)).layer(middleware::from_fn(in_time));
    let ended = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
    if ended.is_err() {
        metrics::counter!(words.broken).increment(1);
    }
}

/// How long a connection may lie idle.
const IDLE: Duration = Duration::from_secs(60);

impl Words {
    /// The service without its certificates: its routes, their OpenAPI document, and nothing else.
    pub(crate) fn router<S>(&'static self, routes: OpenApiRouter<S>, description: &str, state: S) -> Router
    where
        S: Clone + Send + Sync + 'static,
    {
        let (router, mut document) = routes.split_for_parts();
        document.info.title = format!("Wherefore {}", self.service);
        document.info.description = Some(description.into());
        document.info.version = env!("CARGO_PKG_VERSION").into();
        let elsewhere = format!("see {}", self.document);
        router
            .route(self.document, get(async move || Json(document)))
            .fallback(async move || Problem::new(StatusCode::NOT_FOUND, "no such route", &elsewhere))
            .layer(DefaultBodyLimit::max(self.body_max))
            .with_state(state)
    }

    /// The peer of this connection, if it has a right.
    ///
    /// # Errors
    /// It has not; refused, logged and counted.
    pub(crate) fn permitted<'a, R: Copy + PartialEq>(
        &self,
        shown: &'a Shown<R>,
        right: R,
        operation: &'static str,
    ) -> Result<&'a Peer<R>, Refused> {
        if let Some(peer) = shown.as_deref().filter(|peer| peer.may(right)) {
            return Ok(peer);
        }
        let peer = shown.as_ref().map_or("unknown", |peer| peer.name.as_str());
        tracing::warn!(peer, operation, "{}: refused, the certificate gives no such right", self.service);
        self.count(operation, "forbidden");
        let detail = format!("add the certificate to a {}.peer that allows it", self.section);
        Err(Problem::new(StatusCode::FORBIDDEN, "not allowed", &detail).into())
    }

    /// Counts an answer.
    pub(crate) fn count(&self, operation: &'static str, outcome: &'static str) {
        metrics::counter!(self.answers, "operation" => operation, "outcome" => outcome).increment(1);
    }
}

/// A refusal, on its way out.
pub(crate) struct Refused(Box<Problem>);

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

/// Reads a body; `see` is where its description is.
///
/// # Errors
/// It is none.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8], see: &str) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| {
        let detail = format!("{}; see {see}", json_fault(&error));
        Problem::new(StatusCode::BAD_REQUEST, "body not understood", &detail).into()
    })
}

/// How asking such a service ended, where it did not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missed {
    /// The other side says no.
    Refused,
    /// No answer came in time, or the other side says that it cannot.
    Unreachable,
    /// The other side does not let this gateway.
    Forbidden,
    /// The answer is not one.
    Strange,
}

impl Missed {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Forbidden => "forbidden",
            Self::Strange => "strange",
        }
    }
}

/// The side that asks: HTTPS with a certificate of its own, no redirects, no proxy. What is asked once is not asked again.
pub(crate) struct Asking {
    http: reqwest::Client,
    base: String,
    body_max: usize,
}

impl Asking {
    /// # Errors
    /// The certificates cannot be read.
    pub(crate) fn new(
        url: &str,
        identity: &tls::Identity<'_>,
        ca_file: Option<&std::path::Path>,
        body_max: usize,
    ) -> Result<Self> {
        let tls = tls::client(identity, ca_file)?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(true)
            .tls_backend_preconfigured((*tls).clone())
            .build()?;
        Ok(Self { http, base: url.trim_end_matches('/').to_owned(), body_max })
    }

    /// Asks. The time covers connection, request and the whole answer.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        request: &(impl Serialize + Sync),
        timeout: Duration,
    ) -> Result<T, Missed> {
        let sent = self.http.post(format!("{}{path}", self.base)).timeout(timeout).json(request).send();
        let mut response = sent.await.map_err(|_| Missed::Unreachable)?;
        match response.status() {
            Answered::OK => {}
            Answered::NOT_FOUND => return Err(Missed::Refused),
            Answered::FORBIDDEN => return Err(Missed::Forbidden),
            status if status.is_server_error() => return Err(Missed::Unreachable),
            _ => return Err(Missed::Strange),
        }
        let mut body = Zeroizing::new(Vec::with_capacity(512));
        while let Some(chunk) = response.chunk().await.map_err(|_| Missed::Unreachable)? {
            if body.len() + chunk.len() > self.body_max {
                return Err(Missed::Strange);
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| Missed::Strange)
    }
}
