//! The socket that terminals connect to.

use super::body::Out;
use super::{Pull, Terminal};
use crate::listen;
use anyhow::{Context as _, Result};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use lcs::Duration;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// How long a connection may lie idle.
const IDLE: Duration = Duration::from_secs(60);

/// A socket that is listened on.
pub(crate) struct Listener(TcpListener);

impl Listener {
    /// Where it listens.
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        Ok(self.0.local_addr()?)
    }
}

/// Opens the socket.
///
/// # Errors
/// The address is taken.
pub(crate) async fn bind(listen: SocketAddr) -> Result<Listener> {
    let socket = TcpListener::bind(listen).await;
    Ok(Listener(socket.with_context(|| format!("pull.listen: cannot listen on {listen}; choose another or free it"))?))
}

/// Serves until `stop`.
pub(crate) async fn serve(listener: Listener, pull: Arc<Pull>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(pull.settings().max_connections.min(Semaphore::MAX_PERMITS)));
    let refused = "wherefore_pull_connections_refused_total";
    while let Some((stream, place)) = listen::accept(&listener.0, &places, &stop, refused).await {
        let (pull, stop) = (Arc::clone(&pull), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = converse(stream, pull, place) => {}
                () = stop.cancelled() => {}
            }
        });
    }
    pull.close_questions(pull.core.now()).await;
}

async fn converse(stream: TcpStream, pull: Arc<Pull>, place: OwnedSemaphorePermit) {
    let Ok(address) = stream.peer_addr() else { return };
    stream.set_nodelay(true).ok();
    let ip = address.ip().to_canonical();
    let in_access = pull.settings().access_networks.iter().any(|network| network.contains(&ip));
    let terminal = Arc::new(Terminal { address, in_access, lease: OnceLock::new(), place: Arc::new(place) });
    // Fixes whose connection it is, if that is known already.
    pull.subscriber(&terminal, pull.core.now());
    let answer = move |request: Request<Incoming>| {
        let (pull, terminal) = (Arc::clone(&pull), Arc::clone(&terminal));
        async move { Ok::<Response<Out>, Infallible>(pull.serve(request, &terminal).await) }
    };
    let ended = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .with_upgrades()
        .await;
    if ended.is_err() {
        metrics::counter!("wherefore_pull_connections_broken_total").increment(1);
    }
}
