//! Sockets and HTTP below the door, with every wait bounded.

use super::mlp::{Door, Shown};
use super::patience::{Patient, Progress};
use crate::config::Mlp;
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
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

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

/// Bounds of a connection.
#[derive(Clone)]
struct Bounds {
    read: Duration,
    idle: Duration,
    body: usize,
}

/// Serves connections until `stop`; then takes no more, and lets each end the request that it is in.
pub(crate) async fn serve(listener: Listener, door: Arc<Door>, config: &Mlp, stop: CancellationToken) {
    let bounds = Bounds {
        read: Duration::from_millis(config.read_timeout_ms),
        idle: Duration::from_millis(config.idle_timeout_ms),
        body: config.body_limit_bytes,
    };
    let places = Arc::new(Semaphore::new(config.max_connections.min(Semaphore::MAX_PERMITS)));
    let refused = "wherefore_mlp_connections_refused_total";
    while let Some((stream, place)) = listen::accept(&listener.socket, &places, &stop, refused).await {
        let (door, bounds, stop) = (Arc::clone(&door), bounds.clone(), stop.clone());
        let tls = listener.tls.clone();
        let tracker = door.core.work.clone();
        tracker.spawn(async move {
            converse(stream, tls, door, bounds, stop).await;
            drop(place);
        });
    }
}

async fn converse(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    door: Arc<Door>,
    bounds: Bounds,
    stop: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY refused");
    }
    let Some(tls) = tls else {
        return requests(stream, Shown::default(), door, bounds, stop).await;
    };
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(bounds.read, tls.accept(stream)) => shaken,
        // Nothing was asked yet.
        () = stop.cancelled() => return,
    };
    match shaken {
        Ok(Ok(stream)) => {
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let shown = Shown { certificate: chain.first().map(|leaf| leaf.as_ref().into()) };
            requests(stream, shown, door, bounds, stop).await;
        }
        Ok(Err(_)) | Err(_) => metrics::counter!("wherefore_mlp_tls_failures_total").increment(1),
    }
}

async fn requests<S>(stream: S, shown: Shown, door: Arc<Door>, bounds: Bounds, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (idle, progress) = (bounds.idle, Arc::new(Progress::default()));
    let mut stream = Patient::new(stream, bounds.read, Arc::clone(&progress));
    let answering = Arc::clone(&progress);
    let service = service_fn(move |request| {
        let (door, shown, bounds) = (Arc::clone(&door), shown.clone(), bounds.clone());
        let progress = Arc::clone(&answering);
        async move {
            let _turn = progress.begin();
            Ok::<_, Infallible>(respond(request, &door, &shown, &bounds, &progress).await)
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
        metrics::counter!("wherefore_mlp_connections_broken_total").increment(1);
    }
    // Whoever kept us waiting has nothing under way that a reset could spoil.
    let broken = ended.is_err_and(|error| !error.is_timeout());
    tokio::select! {
        () = stream.linger(broken) => {}
        () = stop.cancelled() => {}
    }
}

async fn respond(
    request: Request<Incoming>,
    door: &Arc<Door>,
    shown: &Shown,
    bounds: &Bounds,
    progress: &Progress,
) -> Response<Full<Bytes>> {
    let plain = |status, text| {
        progress.leave_unread();
        plain(status, text)
    };
    if request.method() != Method::POST {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "MLP requests are sent by POST\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|told| told > bounds.body) {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than mlp.body_limit_bytes\n");
    }
    let body = tokio::time::timeout(bounds.read, Limited::new(request.into_body(), bounds.body).collect()).await;
    let body = match body {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than mlp.body_limit_bytes\n");
        }
        Ok(Err(_)) => return plain(StatusCode::BAD_REQUEST, "the body could not be read\n"),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the body did not come within mlp.read_timeout_ms\n"),
    };
    let (status, answer) = door.answer(&body, shown).await;
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
