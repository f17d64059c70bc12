//! The socket for clients.

use super::bind::session as bound_session;
use super::clients::Clients;
use super::session;
use crate::config::PushSmpp;
use crate::push::Swap;
use crate::smpp::{Dial, Link, Stream};
use crate::{listen, tls};
use anyhow::{Context as _, Result};
use lcs::Duration;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A socket that clients connect to.
pub(crate) struct Listener {
    socket: TcpListener,
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
}

/// What all sessions share.
struct Shared {
    smpp: PushSmpp,
    tls: Option<TlsAcceptor>,
    clients: Clients,
    centre: Dial,
}

impl Listener {
    /// Where it listens.
    pub(crate) fn address(&self) -> Result<std::net::SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// Opens the socket; `None` where no SMS centre is configured.
///
/// # Errors
/// A password or a certificate cannot be read, or the address is taken.
pub(crate) async fn bind(smpp: &PushSmpp) -> Result<Option<Listener>> {
    let Some(address) = &smpp.smsc else { return Ok(None) };
    let centre = Dial::new(address, smpp.smsc_ca_file.as_deref(), smpp.pdu_limit_bytes).context("push.smpp")?;
    let clients = Clients::new(smpp)?;
    let identity = tls::Identity { cert_file: smpp.cert_file.as_deref(), key_file: smpp.key_file.as_deref() };
    let tls = tls::server(&identity).context("push.smpp")?.map(TlsAcceptor::from);
    let socket = TcpListener::bind(smpp.listen).await;
    let socket =
        socket.with_context(|| format!("push.smpp.listen: cannot listen on {}; choose another", smpp.listen))?;
    let places = Arc::new(Semaphore::new(smpp.max_connections.min(Semaphore::MAX_PERMITS)));
    Ok(Some(Listener { socket, shared: Arc::new(Shared { smpp: smpp.clone(), tls, clients, centre }), places }))
}

/// Serves until `stop`; returns once every session has been ended in order.
pub(crate) async fn serve(listener: Listener, swap: Arc<Swap>, stop: CancellationToken) {
    let sessions = TaskTracker::new();
    let refused = "wherefore_push_smpp_connections_refused_total";
    while let Some((stream, place)) = listen::accept(&listener.socket, &listener.places, &stop, refused).await {
        let (shared, swap, stop) = (Arc::clone(&listener.shared), Arc::clone(&swap), stop.clone());
        sessions.spawn(async move {
            converse(stream, &shared, &swap, &stop).await;
            drop(place);
        });
    }
    sessions.close();
    sessions.wait().await;
}

async fn converse(stream: TcpStream, shared: &Shared, swap: &Swap, stop: &CancellationToken) {
    stream.set_nodelay(true).ok();
    let smpp = &shared.smpp;
    let timeout = Duration::from_millis(smpp.bind_timeout_ms);
    let stream: Box<dyn Stream> = match &shared.tls {
        None => Box::new(stream),
        Some(tls) => match tokio::time::timeout(timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(_)) | Err(_) => {
                metrics::counter!("wherefore_push_smpp_tls_failures_total").increment(1);
                return;
            }
        },
    };
    let link = Link::new(stream, smpp.pdu_limit_bytes);
    let bound = tokio::select! {
        bound = bound_session(link, &shared.centre, &shared.clients, smpp.unlisted, timeout) => bound,
        () = stop.cancelled() => None,
    };
    if let Some(bound) = bound {
        metrics::gauge!("wherefore_push_smpp_sessions").increment(1);
        session::relay(bound, swap, smpp, stop).await;
        metrics::gauge!("wherefore_push_smpp_sessions").decrement(1);
    }
}
