//! Making and accepting the connections of an association.

use core::net::SocketAddr;
use core::time::Duration;
use std::io;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use super::association::{Association, Event};
use super::connection::Connection;
use super::node::{Shared, Stopping};
use crate::check;
use crate::dial::sctp_socket;
use crate::sigtran::{AssociationConfig, LinkDown, Role, SigtranStartError, SigtranTransport};

/// Opens the listener of an association that has one.
pub(crate) async fn bind(config: &AssociationConfig) -> Result<Option<TcpListener>, SigtranStartError> {
    if config.role == Role::Asp {
        return Ok(None);
    }
    let AssociationConfig { name, address, transport, .. } = config;
    let failed =
        |source| SigtranStartError::Listen { name: name.clone(), address: *address, transport: *transport, source };
    let listener = match transport {
        SigtranTransport::Tcp => TcpListener::bind(address).await.map_err(failed)?,
        SigtranTransport::Sctp => {
            let refused = |_| SigtranStartError::SctpUnavailable { name: name.clone(), address: *address };
            let socket = sctp_socket(*address).map_err(refused)?;
            socket.bind(&(*address).into()).and_then(|()| socket.listen(128)).map_err(failed)?;
            TcpListener::from_std(socket.into()).map_err(failed)?
        }
    };
    Ok(Some(listener))
}

/// Keeps the association of an application server process up until the node stops.
pub(crate) async fn keep(shared: Arc<Shared>, association: Arc<Association>) {
    let timers = shared.config.timers;
    let mut stopping = shared.stopping.subscribe();
    let mut backoff = timers.reconnect_min;
    loop {
        let dialed = tokio::select! {
            biased;
            () = over(&mut stopping) => return,
            dialed = tokio::time::timeout(timers.connect, dial(&association.config)) => dialed,
        };
        match dialed.unwrap_or(Err(LinkDown::Connect(io::ErrorKind::TimedOut))) {
            Ok((stream, remote)) => {
                let connection = Connection::new(Arc::clone(&shared), Arc::clone(&association), stream, remote);
                let running = connection.run();
                tokio::pin!(running);
                let was_active = tokio::select! {
                    was_active = &mut running => was_active,
                    () = over(&mut stopping) => {
                        wind_up(&shared, &association);
                        tokio::select! {
                            was_active = &mut running => was_active,
                            () = tokio::time::sleep(timers.closing) => {
                                association.close_all(LinkDown::Local);
                                running.await
                            }
                        }
                    }
                };
                // A peer that takes the connection and nothing else gets a longer pause each time.
                if was_active {
                    backoff = timers.reconnect_min;
                }
            }
            Err(reason) => {
                shared.counters.connect_failures.one();
                association.failed(reason);
                tracing::debug!(association = %association.config.name, %reason, "cannot connect");
            }
        }
        let jitter = backoff.mul_f64(f64::from(check::random32() % 256) / 1024.0);
        tokio::select! {
            () = tokio::time::sleep(backoff + jitter) => {}
            () = over(&mut stopping) => return,
        }
        backoff = (backoff * 2).min(timers.reconnect_max);
    }
}

/// Accepts application server processes until the node stops.
pub(crate) async fn accept(shared: Arc<Shared>, association: Arc<Association>, listener: TcpListener) {
    let mut stopping = shared.stopping.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = over(&mut stopping) => break,
        };
        match accepted {
            Ok((stream, remote)) => {
                if let Err(reason) = admit(&shared, &association, &stream, remote) {
                    shared.counters.connections_refused.one();
                    tracing::info!(association = %association.config.name, %remote, %reason, "connection refused");
                    continue;
                }
                let connection = Connection::new(Arc::clone(&shared), Arc::clone(&association), stream, remote);
                shared.spawn(async move {
                    connection.run().await;
                });
            }
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "cannot accept a connection");
                // Out of descriptors: a moment for others to close theirs.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    wind_up(&shared, &association);
    association.close_all(LinkDown::Local);
}

/// Watches the deadline of the machine until its connections have ended.
pub(crate) async fn watch(shared: Arc<Shared>, association: Arc<Association>) {
    loop {
        association.alarm.ring(shared.start).await;
        let effects = association.expire(shared.config.point_code, shared.now());
        shared.follow(&association, None, effects);
    }
}

fn wind_up(shared: &Arc<Shared>, association: &Arc<Association>) {
    let effects = association.handle(Event::Stop, shared.config.point_code, shared.now());
    shared.follow(association, None, effects);
}

fn admit(shared: &Shared, association: &Association, stream: &TcpStream, remote: SocketAddr) -> Result<(), LinkDown> {
    let from = &association.config.from;
    if !from.is_empty() && !from.contains(&remote.ip().to_canonical()) {
        return Err(LinkDown::Connect(io::ErrorKind::PermissionDenied));
    }
    if association.connections() >= shared.config.limits.max_connections {
        return Err(LinkDown::TooMany);
    }
    nodelay(&association.config, stream)
}

async fn dial(config: &AssociationConfig) -> Result<(TcpStream, SocketAddr), LinkDown> {
    let failed = |error: io::Error| LinkDown::Connect(error.kind());
    let stream = match config.transport {
        SigtranTransport::Tcp => TcpStream::connect(config.address).await.map_err(failed)?,
        SigtranTransport::Sctp => {
            let socket = sctp_socket(config.address).map_err(|_| LinkDown::SctpUnavailable)?;
            TcpSocket::from_std_stream(socket.into()).connect(config.address).await.map_err(failed)?
        }
    };
    nodelay(config, &stream)?;
    let remote = stream.peer_addr().map_err(failed)?;
    Ok((stream, remote))
}

fn nodelay(config: &AssociationConfig, stream: &TcpStream) -> Result<(), LinkDown> {
    match config.transport {
        SigtranTransport::Tcp => stream.set_nodelay(true).map_err(|error| LinkDown::Connect(error.kind())),
        SigtranTransport::Sctp => Ok(()),
    }
}

/// Waits until associations are to end.
pub(crate) async fn over(stopping: &mut watch::Receiver<Option<Stopping>>) {
    // The sender lives as long as the node.
    stopping.wait_for(|stopping| matches!(stopping, Some(Stopping::Disconnecting | Stopping::Gone))).await.ok();
}
