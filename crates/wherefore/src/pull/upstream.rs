//! The side of the sites: one connection for each request, to an address that was looked at, every wait bounded.

use super::body::{Out, timed};
use super::guard::{Guard, Reach, Unreached};
use super::origin::Origin;
use crate::tls;
use anyhow::{Context as _, Result};
use http::{HeaderValue, Request, Response, header};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use lcs::Duration;
use rustls::pki_types::ServerName;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The way to the sites.
pub(super) struct Upstream {
    guard: Guard,
    tls: Option<TlsConnector>,
    timeout: Duration,
}

impl Upstream {
    pub(super) fn new(guard: Guard, ca_file: Option<&Path>, timeout: Duration) -> Result<Self> {
        let tls = ca_file.map(|ca_file| -> Result<TlsConnector> {
            let nobody = tls::Identity { cert_file: None, key_file: None };
            let mut config = Arc::unwrap_or_clone(tls::client(&nobody, Some(ca_file)).context("pull.ca_file")?);
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok(TlsConnector::from(Arc::new(config)))
        });
        Ok(Self { guard, tls: tls.transpose()?, timeout })
    }

    /// Longest wait.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// A connection to a site, as octets.
    pub(super) async fn connect(&self, to: &Origin, reach: Reach) -> Result<TcpStream, Unreached> {
        let connecting = async {
            let mut last = Err(Unreached::Unreachable);
            for address in self.guard.resolve(to, reach).await? {
                last = TcpStream::connect(address).await.map_err(|_| Unreached::Unreachable);
                if last.is_ok() {
                    break;
                }
            }
            last
        };
        let stream = tokio::time::timeout(self.timeout, connecting).await.map_err(|_| Unreached::TimedOut)??;
        stream.set_nodelay(true).ok();
        Ok(stream)
    }

    /// Sends a request, whose target is in origin form, and waits for the head of its answer.
    pub(super) async fn send(
        &self,
        to: &Origin,
        reach: Reach,
        mut request: Request<Out>,
    ) -> Result<Response<Out>, Unreached> {
        let host = HeaderValue::try_from(to.authority()).map_err(|_| Unreached::Forbidden)?;
        request.headers_mut().insert(header::HOST, host);
        let stream = self.connect(to, reach).await?;
        if !to.is_https() {
            return self.exchange(TokioIo::new(stream), request).await;
        }
        let tls = self.tls.as_ref().ok_or(Unreached::Forbidden)?;
        let name = ServerName::try_from(to.host().to_owned()).map_err(|_| Unreached::Forbidden)?;
        let stream = tokio::time::timeout(self.timeout, tls.connect(name, stream)).await;
        let stream = stream.map_err(|_| Unreached::TimedOut)?.map_err(|_| Unreached::Unreachable)?;
        self.exchange(TokioIo::new(stream), request).await
    }

    async fn exchange<T>(&self, io: T, request: Request<Out>) -> Result<Response<Out>, Unreached>
    where
        T: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    {
        let exchanging = async {
            let (mut sender, connection) = http1::Builder::new()
                .max_buf_size(64 * 1024)
                .handshake::<_, Out>(io)
                .await
                .map_err(|_| Unreached::Unreachable)?;
            // Ends with the answer's body, or when nobody reads that any more.
            tokio::spawn(async move { connection.await.ok() });
            sender.send_request(request).await.map_err(|_| Unreached::Unreachable)
        };
        let response = tokio::time::timeout(self.timeout, exchanging).await.map_err(|_| Unreached::TimedOut)??;
        let timeout = self.timeout;
        Ok(response.map(|body| timed(body.map_err(Into::into), timeout)))
    }
}
