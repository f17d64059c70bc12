//! The socket for the web gateway.

use super::proxy::Proxy;
use crate::config::PushWeb;
use crate::door::patience::{Patient, Progress};
use crate::push::Swap;
use crate::smpp::Stream;
use crate::{listen, tls};
use anyhow::{Context as _, Result};
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use lcs::Duration;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A socket that the web gateway connects to.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    proxy: Arc<Proxy>,
    timeout: Duration,
    places: Arc<Semaphore>,
}

impl Listener {
    /// Where it listens.
    pub(crate) fn address(&self) -> Result<std::net::SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// Opens the socket; `None` where no client is listed.
///
/// # Errors
/// A certificate cannot be read, or the address is taken.
pub(crate) async fn bind(web: &PushWeb, swap: &Arc<Swap>) -> Result<Option<Listener>> {
    if web.client.is_empty() {
        return Ok(None);
    }
    let identity = tls::Identity { cert_file: web.cert_file.as_deref(), key_file: web.key_file.as_deref() };
    let tls = tls::server(&identity).context("push.web")?.map(TlsAcceptor::from);
    let proxy = Arc::new(Proxy::new(web, Arc::clone(swap))?);
    let socket = TcpListener::bind(web.listen).await;
    let socket = socket.with_context(|| format!("push.web.listen: cannot listen on {}; choose another", web.listen))?;
    Ok(Some(Listener {
        socket,
        tls,
        proxy,
        timeout: Duration::from_millis(web.read_timeout_ms),
        places: Arc::new(Semaphore::new(web.max_connections.min(Semaphore::MAX_PERMITS))),
    }))
}

/// How long requests under way may take once the gateway stops.
const LEAVE: Duration = Duration::from_secs(5);

/// Serves until `stop`.
pub(crate) async fn serve(listener: Listener, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let refused = "wherefore_push_web_connections_refused_total";
    while let Some((stream, place)) = listen::accept(&listener.socket, &listener.places, &stop, refused).await {
        let (tls, proxy, timeout) = (listener.tls.clone(), Arc::clone(&listener.proxy), listener.timeout);
        let stop = stop.clone();
        connections.spawn(async move {
            converse(stream, tls.as_ref(), &proxy, timeout, &stop).await;
            drop(place);
        });
    }
    connections.close();
    if tokio::time::timeout(LEAVE, connections.wait()).await.is_err() {
        tracing::warn!("push: web requests that were not complete are cut off");
    }
}

async fn converse(
    stream: TcpStream,
    tls: Option<&TlsAcceptor>,
    proxy: &Proxy,
    timeout: Duration,
    stop: &CancellationToken,
) {
    stream.set_nodelay(true).ok();
    let Ok(peer) = stream.peer_addr() else { return };
    let stream: Box<dyn Stream> = match tls {
        None => Box::new(stream),
        Some(tls) => match tokio::time::timeout(timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(_)) | Err(_) => {
                metrics::counter!("wherefore_push_web_tls_failures_total").increment(1);
                return;
            }
        },
    };
    // hyper bounds the wait for a head, bodies bound their own: what is left is a peer that does not read.
    let progress = Arc::new(Progress::default());
    let _answering = progress.begin();
    let stream = Patient::new(stream, timeout, Arc::clone(&progress));
    let service =
        service_fn(
            |request: Request<Incoming>| async move { Ok::<_, Infallible>(proxy.answer(request, peer.ip()).await) },
        );
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeout)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(LEAVE, connection).await.unwrap_or(Ok(()))
        }
    };
    if ended.is_err() {
        metrics::counter!("wherefore_push_web_connections_broken_total").increment(1);
    }
}
