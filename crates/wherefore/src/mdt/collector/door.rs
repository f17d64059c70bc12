//! The socket that phones connect to: TLS 1.3 alone, certificates asked for where the operator has authorities for them.

use super::Collector;
use crate::config::Mdt;
use crate::{listen, tls};
use anyhow::{Context as _, Result};
use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use lcs::Duration;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// The certificate of the phone, if it showed one that TLS let in.
pub(super) type Shown = Option<Arc<[u8]>>;

/// The socket.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: TlsAcceptor,
    timeout: Duration,
    places: Arc<Semaphore>,
}

impl Listener {
    /// Where it listens.
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// Opens the socket.
///
/// # Errors
/// The certificates cannot be read, or the address is taken.
pub(crate) async fn bind(config: &Mdt) -> Result<Listener> {
    let identity = tls::Identity { cert_file: config.cert_file.as_deref(), key_file: config.key_file.as_deref() };
    let tls = tls::server_of_13(&identity, config.client_ca_file.as_deref()).context("mdt")?;
    let listen = config.listen;
    let socket = TcpListener::bind(listen).await;
    Ok(Listener {
        socket: socket.with_context(|| format!("mdt.listen: cannot listen on {listen}; choose another"))?,
        tls: TlsAcceptor::from(tls),
        timeout: Duration::from_millis(config.timeout_ms),
        places: Arc::new(Semaphore::new(config.max_connections.min(Semaphore::MAX_PERMITS))),
    })
}

/// Serves until `stop`. Where phones connect from is written down nowhere.
pub(crate) async fn serve(listener: Listener, collector: Arc<Collector>, stop: CancellationToken) {
    let router = super::router(collector);
    let refused = "wherefore_mdt_connections_refused_total";
    while let Some((stream, place)) = listen::accept(&listener.socket, &listener.places, &stop, refused).await {
        let (tls, timeout) = (listener.tls.clone(), listener.timeout);
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = converse(stream, &tls, timeout, router) => {}
                () = stop.cancelled() => {}
            }
            drop(place);
        });
    }
}

async fn converse(stream: TcpStream, tls: &TlsAcceptor, timeout: Duration, router: Router) {
    stream.set_nodelay(true).ok();
    let Ok(Ok(stream)) = tokio::time::timeout(timeout, tls.accept(stream)).await else {
        metrics::counter!("wherefore_mdt_tls_failures_total").increment(1);
        return;
    };
    let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let shown: Shown = leaf.map(|leaf| Arc::from(leaf.as_ref()));
    // Into each request: a layer of the router would copy every route of it for every connection.
    let routed = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Shown::clone(&shown));
        routed.call(request)
    });
    let ended = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeout)
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if ended.is_err() {
        metrics::counter!("wherefore_mdt_connections_broken_total").increment(1);
    }
}
