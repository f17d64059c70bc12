//! Connections to an SMS centre.

use super::frames::{Frames, Stream};
use super::wire::Pdu;
use anyhow::{Context as _, Result};
use rustls::pki_types::ServerName;
use std::path::Path;
use tokio::io::{AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A connection, its halves apart.
pub(crate) struct Link {
    pub(crate) reader: Frames<ReadHalf<Box<dyn Stream>>>,
    pub(crate) writer: WriteHalf<Box<dyn Stream>>,
}

impl Link {
    /// `limit`: longest PDU, octets.
    pub(crate) fn new(stream: Box<dyn Stream>, limit: u32) -> Self {
        let (reader, writer) = split(stream);
        Self { reader: Frames::new(reader, limit), writer }
    }

    pub(crate) async fn send(&mut self, pdu: &Pdu) -> std::io::Result<()> {
        self.writer.write_all(pdu.octets()).await?;
        // Over TLS what was taken need not have left.
        self.writer.flush().await
    }
}

/// How an SMS centre is reached.
pub(crate) struct Dial {
    address: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    limit: u32,
}

impl Dial {
    /// `ca_file`: authorities that sign the certificate of the centre; where given, over TLS.
    ///
    /// # Errors
    /// They cannot be read, or the address has no certificate.
    pub(crate) fn new(address: &str, ca_file: Option<&Path>, limit: u32) -> Result<Self> {
        let tls = match ca_file {
            None => None,
            Some(ca_file) => {
                let nobody = crate::tls::Identity { cert_file: None, key_file: None };
                let config = crate::tls::client(&nobody, Some(ca_file)).context("authorities of the SMS centre")?;
                let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
                let host = host.trim_matches(['[', ']']).to_owned();
                let name = ServerName::try_from(host)
                    .context("address of the SMS centre: not a host that has a certificate")?;
                Some((TlsConnector::from(config), name))
            }
        };
        Ok(Self { address: address.to_owned(), tls, limit })
    }

    pub(crate) async fn connect(&self) -> std::io::Result<Link> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(stream),
            Some((tls, name)) => Box::new(tls.connect(name.clone(), stream).await?),
        };
        Ok(Link::new(stream, self.limit))
    }
}
