//! Accepting connections: listeners, TLS, the first CER, and the peer that it belongs to.

use core::net::{IpAddr, SocketAddr};
use std::io;
use std::sync::Arc;

use diameter::codec::{CommandCode, EncodeError, Framer, Malformed, Message, ResultCode};
use diameter::peer::{CerRefusal, LocalCapabilities, PeerCapabilities};
use rustls::pki_types::ServerName;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::conn::Conn;
use crate::driver::Incoming;
use crate::node::Shared;
use crate::peer::Peer;
use crate::{LinkError, Listen, Mode, PeerConfig, StartError, Transport, UnknownPeers, dial};

/// An open listener.
pub(crate) struct Listener {
    socket: TcpListener,
    transport: Transport,
}

/// Opens every listener, and tells where each one is.
pub(crate) async fn bind(places: &[Listen]) -> Result<(Vec<Listener>, Vec<SocketAddr>), StartError> {
    let (mut listeners, mut addresses) = (Vec::new(), Vec::new());
    for &Listen { address, transport } in places {
        let failed = |source| StartError::Listen { address, transport, source };
        let socket = match transport {
            Transport::Tcp | Transport::Tls => TcpListener::bind(address).await.map_err(failed)?,
            Transport::Sctp => {
                let socket = dial::sctp_socket(address).map_err(|_| StartError::SctpUnavailable { address })?;
                socket.bind(&address.into()).and_then(|()| socket.listen(128)).map_err(failed)?;
                TcpListener::from_std(socket.into()).map_err(failed)?
            }
        };
        addresses.push(socket.local_addr().map_err(failed)?);
        listeners.push(Listener { socket, transport });
    }
    Ok((listeners, addresses))
}

/// Accepts until the node stops.
pub(crate) async fn accept(shared: Arc<Shared>, listener: Listener) {
    let mut stopping = shared.stopping.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.socket.accept() => accepted,
            _ = stopping.changed() => return,
        };
        match accepted {
            Ok((stream, remote)) => {
                let greeting = greet(Arc::clone(&shared), stream, remote, listener.transport);
                let mut stopping = shared.stopping.subscribe();
                shared.spawn(async move {
                    tokio::select! {
                        () = greeting => {}
                        _ = stopping.changed() => {}
                    }
                });
            }
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "cannot accept a connection");
                // Out of descriptors: a moment for others to close theirs.
                tokio::time::sleep(core::time::Duration::from_millis(50)).await;
            }
        }
    }
}

/// Takes a new connection as far as its CER and hands it to its peer.
async fn greet(shared: Arc<Shared>, stream: TcpStream, remote: SocketAddr, transport: Transport) {
    let greeting = welcome(&shared, stream, remote, transport);
    let outcome = tokio::time::timeout(shared.config.timers.capabilities, greeting).await;
    let reason = match outcome {
        Ok(Ok((peer, incoming))) => match peer.incoming.try_send(incoming) {
            Ok(()) => return,
            Err(_) => LinkError::Closed,
        },
        Ok(Err(reason)) => reason,
        Err(_) => LinkError::HandshakeTimeout,
    };
    shared.counters.connections_refused.one();
    tracing::info!(%remote, %reason, "connection refused");
}

async fn welcome(
    shared: &Arc<Shared>,
    stream: TcpStream,
    remote: SocketAddr,
    transport: Transport,
) -> Result<(Arc<Peer>, Box<Incoming>), LinkError> {
    let place = shared.admit().ok_or(LinkError::Connect(io::ErrorKind::QuotaExceeded))?;
    let mut conn = open(shared, stream, remote, transport).await?.hold(place);
    let framer = Framer { max_message: shared.config.limits.max_message };
    // RFC 6733 section 5.6: the first message is a CER, or the connection ends.
    let (header, judged) = match conn.first_message(framer, &shared.counters).await? {
        Ok(cer) if is_cer(&cer) => (cer.header, shared.local.examine_cer(&cer)),
        Ok(_) => return Err(LinkError::Handshake),
        Err(Malformed { message: Some(cer), error }) if is_cer(&cer) => (cer.header, Err(CerRefusal::Unsound(error))),
        Err(_) => return Err(LinkError::Garbage),
    };
    let (result, reason) = match judged {
        Ok(capabilities) => match find(shared, &conn, &capabilities) {
            Ok(peer) => return Ok((peer, Box::new(Incoming { conn, cer: header, capabilities }))),
            Err(refused) => refused,
        },
        Err(CerRefusal::Unsound(error)) => {
            refuse(shared, conn, |local, addresses, out| local.encode_cea_error(header, &error, addresses, out)).await;
            return Err(LinkError::Refused(error.result_code().0));
        }
        Err(refusal) => (refusal.result_code(), LinkError::Refused(refusal.result_code().0)),
    };
    refuse(shared, conn, |local, addresses, out| local.encode_cea(header, result, addresses, out)).await;
    Err(reason)
}

fn is_cer(message: &Message) -> bool {
    message.is_request() && message.header.command == CommandCode::CAPABILITIES_EXCHANGE
}

/// RFC 6733 section 13.1: TLS, where it is used, comes before the capabilities exchange.
async fn open(
    shared: &Arc<Shared>,
    stream: TcpStream,
    remote: SocketAddr,
    transport: Transport,
) -> Result<Conn, LinkError> {
    let failed = |error: io::Error| LinkError::Connect(error.kind());
    let local = stream.local_addr().map_err(failed)?;
    match transport {
        Transport::Sctp => Ok(Conn::new(Box::new(stream), local, remote, true)),
        Transport::Tcp => {
            stream.set_nodelay(true).map_err(failed)?;
            Ok(Conn::new(Box::new(stream), local, remote, false))
        }
        Transport::Tls => {
            stream.set_nodelay(true).map_err(failed)?;
            let settings = shared.config.tls.as_ref().and_then(|tls| tls.server.clone()).ok_or(LinkError::Tls)?;
            let stream = TlsAcceptor::from(settings).accept(stream).await.map_err(|_| LinkError::Tls)?;
            let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let certificate = shown.map(|certificate| certificate.clone().into_owned());
            let mut conn = Conn::new(Box::new(stream), local, remote, false);
            conn.secure = true;
            conn.certificate = certificate;
            Ok(conn)
        }
    }
}

/// The peer that a CER belongs to: a configured one, or a passing one where those are taken. A certificate that was shown
/// has to name it (RFC 6733 section 13.1).
fn find(
    shared: &Arc<Shared>,
    conn: &Conn,
    capabilities: &PeerCapabilities,
) -> Result<Arc<Peer>, (ResultCode, LinkError)> {
    let unknown = (ResultCode::UNKNOWN_PEER, LinkError::Refused(ResultCode::UNKNOWN_PEER.0));
    let known = {
        let table = shared.table.read();
        table.routing.find(&capabilities.host).and_then(|index| table.peer(index).cloned())
    };
    let name = known.as_ref().and_then(|peer| peer.config.tls_name.as_deref()).unwrap_or(&capabilities.host);
    if !certificate_names(conn, name) {
        return Err((ResultCode::UNKNOWN_PEER, LinkError::WrongIdentity));
    }
    match known {
        Some(peer) if peer.config.transport == Transport::Tls && !conn.secure => {
            Err((ResultCode::NO_COMMON_SECURITY, LinkError::Refused(ResultCode::NO_COMMON_SECURITY.0)))
        }
        Some(peer) if !comes_from(&peer.config, conn) => Err((ResultCode::UNKNOWN_PEER, LinkError::WrongIdentity)),
        Some(peer) => Ok(peer),
        None if shared.config.limits.unknown_peers == UnknownPeers::Refuse => Err(unknown),
        None if crate::check::identity(&capabilities.host).is_err() => Err(unknown),
        None => {
            let mut config = PeerConfig::accept(&capabilities.host, &capabilities.realm);
            config.relay = capabilities.relay;
            Ok(shared.add_peer(config, true))
        }
    }
}

/// A peer that only connects to us and has an address connects from there.
fn comes_from(peer: &PeerConfig, conn: &Conn) -> bool {
    peer.mode == Mode::Initiate || peer.address.is_none_or(|address| address.ip().to_canonical() == conn.remote.ip())
}

fn certificate_names(conn: &Conn, name: &str) -> bool {
    let Some(certificate) = &conn.certificate else { return true };
    let parsed = rustls::server::ParsedCertificate::try_from(certificate);
    match (parsed, ServerName::try_from(name)) {
        (Ok(parsed), Ok(name)) => rustls::client::verify_server_name(&parsed, &name).is_ok(),
        _ => false,
    }
}

/// Answers a CER with an error and closes (RFC 6733 section 5.3).
async fn refuse(
    shared: &Arc<Shared>,
    mut conn: Conn,
    cea: impl FnOnce(&LocalCapabilities, &[IpAddr], &mut Vec<u8>) -> Result<usize, EncodeError>,
) {
    let addresses = shared.addresses(&conn);
    match cea(&shared.local, &addresses, &mut conn.queue) {
        Ok(_) => conn.finish(shared.config.timers.closing).await,
        Err(error) => tracing::warn!(%error, "cannot encode a CEA"),
    }
}
