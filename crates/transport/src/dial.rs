//! Making a connection: TCP, TLS over it, or SCTP.

use core::net::SocketAddr;
use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use crate::conn::Conn;
use crate::node::Shared;
use crate::{LinkError, PeerConfig, Transport};

/// IANA protocol number of SCTP; libc's name for it is `IPPROTO_SCTP`.
const SCTP: i32 = libc::IPPROTO_SCTP;

/// Connects to a peer, within the time configured.
pub(crate) async fn dial(shared: Arc<Shared>, peer: PeerConfig) -> Result<Conn, LinkError> {
    let connect = connect(&shared, &peer);
    tokio::time::timeout(shared.config.timers.connect, connect)
        .await
        .unwrap_or(Err(LinkError::Connect(io::ErrorKind::TimedOut)))
}

async fn connect(shared: &Arc<Shared>, peer: &PeerConfig) -> Result<Conn, LinkError> {
    let failed = |error: io::Error| LinkError::Connect(error.kind());
    // Checked when the node started.
    let address = peer.address.ok_or(LinkError::Connect(io::ErrorKind::AddrNotAvailable))?;
    let stream = match peer.transport {
        Transport::Tcp | Transport::Tls => TcpStream::connect(address).await.map_err(failed)?,
        Transport::Sctp => {
            let socket = sctp_socket(address).map_err(|_| LinkError::SctpUnavailable)?;
            TcpSocket::from_std_stream(socket.into()).connect(address).await.map_err(failed)?
        }
    };
    let (local, remote) = (stream.local_addr().map_err(failed)?, stream.peer_addr().map_err(failed)?);
    if peer.transport == Transport::Sctp {
        return Ok(Conn::new(Box::new(stream), local, remote, true));
    }
    stream.set_nodelay(true).map_err(failed)?;
    let Some(tls) = shared.config.tls.as_ref().filter(|_| peer.transport == Transport::Tls) else {
        return Ok(Conn::new(Box::new(stream), local, remote, false));
    };
    let name = peer.tls_name.as_ref().unwrap_or(&peer.host).clone();
    let name = ServerName::try_from(name).map_err(|_| LinkError::Tls)?;
    let stream = TlsConnector::from(Arc::clone(&tls.client)).connect(name, stream).await;
    Ok(Conn::new(Box::new(stream.map_err(|_| LinkError::Tls)?), local, remote, false))
}

/// A one-to-one SCTP socket, if the kernel has any.
pub(crate) fn sctp_socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::from(SCTP)))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
