//! Ends of TLS before programs that speak none, so that one lab service serves tests with TLS and without.

use std::{io, net::SocketAddr};
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector, rustls::pki_types::ServerName};

/// A listener on loopback that leads to another address. Stops when dropped.
pub struct Tunnel {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Tunnel {
    /// Takes TLS, and leads on without it.
    ///
    /// # Errors
    /// There is no socket to listen on.
    pub async fn ending_tls(acceptor: TlsAcceptor, to: SocketAddr) -> io::Result<Self> {
        Self::start(move |stream| {
            let acceptor = acceptor.clone();
            async move { join(&mut acceptor.accept(stream).await?, &mut TcpStream::connect(to).await?).await }
        })
        .await
    }

    /// Takes plain TCP, and leads on over TLS to a server whose certificate must be for `localhost`.
    ///
    /// # Errors
    /// There is no socket to listen on.
    pub async fn starting_tls(connector: TlsConnector, to: SocketAddr) -> io::Result<Self> {
        Self::start(move |mut stream| {
            let connector = connector.clone();
            async move {
                let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
                join(&mut stream, &mut connector.connect(name, TcpStream::connect(to).await?).await?).await
            }
        })
        .await
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    async fn start<F>(carry: impl Fn(TcpStream) -> F + Send + 'static) -> io::Result<Self>
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // Ended with this task.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let carried = carry(stream);
                connections.spawn(async move {
                    if let Err(error) = carried.await {
                        tracing::debug!(%error, "a tunnel ended");
                    }
                });
            }
        });
        Ok(Self { address, task })
    }
}

async fn join(
    one: &mut (impl AsyncRead + AsyncWrite + Unpin),
    other: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> io::Result<()> {
    copy_bidirectional(one, other).await.map(|_| ())
}
