//! The network's web gateway: sends what terminals ask for, octet for octet, with their numbers.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A web gateway before a proxy.
#[derive(Debug, Clone)]
pub struct WebGateway {
    proxy: SocketAddr,
    host: String,
}

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAnswer {
    /// The status code.
    pub status: u16,
    /// Names as they were written, and values.
    pub headers: Vec<(String, String)>,
    /// What follows the head, framing of transfer codings included.
    pub body: Vec<u8>,
}

impl WebAnswer {
    /// The values of a header.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        let same = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        same.map(|(_, value)| value.as_str()).collect()
    }

    fn read(octets: &[u8]) -> Option<Self> {
        let end = octets.windows(4).position(|window| window == b"\r\n\r\n")?;
        let (head, body) = octets.split_at_checked(end)?;
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        Some(Self { status, headers: lines.filter_map(header).collect(), body: body.get(4..)?.to_vec() })
    }
}

impl WebGateway {
    /// Before this proxy, for this service.
    #[must_use]
    pub fn new(proxy: SocketAddr, host: &str) -> Self {
        Self { proxy, host: host.into() }
    }

    /// Sends a request with exactly these headers besides `Host`, and one with `X-MSISDN` if a number is told; the answer.
    /// A body gets its `Content-Length`. The connection is used once.
    ///
    /// # Errors
    /// The connection cannot be made or breaks, or what comes is no answer.
    pub async fn ask(
        &self,
        request_line: &str,
        msisdn: Option<&str>,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<WebAnswer> {
        let mut text = format!("{request_line} HTTP/1.1\r\nHost: {}\r\n", self.host);
        if let Some(msisdn) = msisdn {
            text.push_str(&format!("X-MSISDN: {msisdn}\r\n"));
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("connection")) {
            text.push_str("Connection: close\r\n");
        }
        if !body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        self.raw(&[text.as_bytes(), body].concat()).await
    }

    /// Sends these octets and reads until the other side closes.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn raw(&self, octets: &[u8]) -> std::io::Result<WebAnswer> {
        let mut stream = TcpStream::connect(self.proxy).await?;
        stream.write_all(octets).await?;
        let mut answer = Vec::new();
        // A connection that is reset after its answer has answered.
        let read = stream.read_to_end(&mut answer).await;
        let answer = WebAnswer::read(&answer);
        answer.ok_or_else(|| read.err().unwrap_or_else(|| std::io::ErrorKind::InvalidData.into()))
    }
}
