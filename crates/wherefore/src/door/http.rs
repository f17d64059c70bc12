//! Sockets and HTTP below the door, with every wait bounded.

use super::patience::{Patient, Progress};
use crate::listen;
use anyhow::{Context, Result};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use lcs::Duration;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A socket that is listened on, with TLS or without.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// Opens a socket.
pub(crate) async fn bind(address: SocketAddr, tls: Option<Arc<rustls::ServerConfig>>, key: &str) -> Result<Listener> {
    let socket = TcpListener::bind(address).await;
    let socket = socket.with_context(|| format!("{key}: cannot listen on {address}; choose another or free it"))?;
    Ok(Listener { socket, tls: tls.map(TlsAcceptor::from) })
}

/// How long a connection that nobody asks on may still be open once the gateway stops.
const LEAVE: Duration = Duration::from_millis(500);

/// Answer to an HTTP request: status and body.
pub(crate) type Reply = (u16, String);

/// Who answers what comes in by POST: a door of a protocol of OMA, MLP or RLP.
pub(crate) trait Respondent: Send + Sync + 'static {
    /// Who is on the other side of a connection.
    type Caller: Clone + Send + Sync + 'static;

    /// Its words.
    const WORDS: Words;

    /// Work that a graceful stop waits for.
    fn work(&self) -> &TaskTracker;

    /// Who called, by the end entity certificate shown, its chain checked; asked once for a connection.
    fn caller(&self, certificate: Option<&[u8]>) -> Self::Caller;

    /// Answers one request.
    fn answer(self: Arc<Self>, body: Bytes, caller: Self::Caller) -> impl Future<Output = Reply> + Send;
}

/// What a door counts under, and what it says to those who do not speak its protocol.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) refused: &'static str,
    pub(crate) tls_failures: &'static str,
    pub(crate) broken: &'static str,
    pub(crate) by_post: &'static str,
    pub(crate) too_long: &'static str,
    pub(crate) too_slow: &'static str,
}

/// Bounds of a door and of each connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Longest time to receive a request, and for a handshake.
    pub(crate) read: Duration,
    /// Longest time that a connection may lie idle.
    pub(crate) idle: Duration,
    /// Longest body, octets.
    pub(crate) body: usize,
    /// Most connections at once.
    pub(crate) connections: usize,
}

/// Serves connections until `stop`; then takes no more, and lets each end the request that it is in.
pub(crate) async fn serve<R: Respondent>(listener: Listener, door: Arc<R>, bounds: Bounds, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(bounds.connections.min(Semaphore::MAX_PERMITS)));
    while let Some((stream, place)) = listen::accept(&listener.socket, &places, &stop, R::WORDS.refused).await {
        let (door, stop) = (Arc::clone(&door), stop.clone());
        let tls = listener.tls.clone();
        let tracker = door.work().clone();
        tracker.spawn(async move {
            converse(stream, tls, door, bounds, stop).await;
            drop(place);
        });
    }
}

async fn converse<R: Respondent>(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    door: Arc<R>,
    bounds: Bounds,
    stop: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY refused");
    }
    let Some(tls) = tls else {
        let caller = door.caller(None);
        return requests(stream, caller, door, bounds, stop).await;
    };
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(bounds.read, tls.accept(stream)) => shaken,
        // Nothing was asked yet.
        () = stop.cancelled() => return,
    };
    match shaken {
        Ok(Ok(stream)) => {
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let caller = door.caller(chain.first().map(AsRef::as_ref));
            requests(stream, caller, door, bounds, stop).await;
        }
        Ok(Err(_)) | Err(_) => metrics::counter!(R::WORDS.tls_failures).increment(1),
    }
}

async fn requests<S, R>(stream: S, caller: R::Caller, door: Arc<R>, bounds: Bounds, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    R: Respondent,
{
    let (idle, progress) = (bounds.idle, Arc::new(Progress::default()));
    let mut stream = Patient::new(stream, bounds.read, Arc::clone(&progress));
    let answering = Arc::clone(&progress);
    let service = service_fn(move |request| {
        let (door, caller) = (Arc::clone(&door), caller.clone());
        let progress = Arc::clone(&answering);
        async move {
            let _turn = progress.begin();
            Ok::<_, Infallible>(respond(request, door, caller, &bounds, &progress).await)
        }
    });
    let ended = {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(idle)
            .max_buf_size(64 * 1024)
            // Whoever has said all may stop sending, and waits for the answer all the same.
            .half_close(true)
            .serve_connection(TokioIo::new(&mut stream), service);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                loop {
                    match tokio::time::timeout(LEAVE, connection.as_mut()).await {
                        Ok(ended) => break ended,
                        Err(_) if progress.is_answering() => {}
                        Err(_) => break Ok(()),
                    }
                }
            }
        }
    };
    if ended.is_err() {
        metrics::counter!(R::WORDS.broken).increment(1);
    }
    // Whoever kept us waiting has nothing under way that a reset could spoil.
    let broken = ended.is_err_and(|error| !error.is_timeout());
    tokio::select! {
        () = stream.linger(broken) => {}
        () = stop.cancelled() => {}
    }
}

async fn respond<R: Respondent>(
    request: Request<Incoming>,
    door: Arc<R>,
    caller: R::Caller,
    bounds: &Bounds,
    progress: &Progress,
) -> Response<Full<Bytes>> {
    let plain = |status, text| {
        progress.leave_unread();
        plain(status, text)
    };
    if request.method() != Method::POST {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, R::WORDS.by_post);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|told| told > bounds.body) {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, R::WORDS.too_long);
    }
    let body = tokio::time::timeout(bounds.read, Limited::new(request.into_body(), bounds.body).collect()).await;
    let body = match body {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, R::WORDS.too_long);
        }
        Ok(Err(_)) => return plain(StatusCode::BAD_REQUEST, "the body could not be read\n"),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, R::WORDS.too_slow),
    };
    let (status, answer) = door.answer(body, caller).await;
    let mut response = Response::new(Full::new(Bytes::from(answer)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(mlp::CONTENT_TYPE));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    // What is left of the body is not read: the connection cannot serve another request.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
