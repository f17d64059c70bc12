//! The least of HTTP/1.1 that a load driver needs: POST over one kept connection, answers with Content-Length.

use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longest answer taken, octets.
const LONGEST: usize = 4 * 1024 * 1024;

/// Where to post: `http://host:port/path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Host and port.
    pub authority: String,
    /// Path, with the leading slash.
    pub path: String,
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write the address as http://host:port/path; https is not driven")]
pub struct EndpointError;

impl std::str::FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(url: &str) -> Result<Self, EndpointError> {
        let rest = url.strip_prefix("http://").ok_or(EndpointError)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.is_empty() {
            return Err(EndpointError);
        }
        let authority = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        Ok(Self { authority, path: format!("/{path}") })
    }
}

impl Endpoint {
    /// A whole request with this body.
    #[must_use]
    pub fn request(&self, body: &str) -> Vec<u8> {
        format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.path,
            self.authority,
            mlp::CONTENT_TYPE,
            body.len()
        )
        .into_bytes()
    }
}

/// A kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(endpoint: &Endpoint) -> io::Result<Self> {
        let stream = TcpStream::connect(&endpoint.authority).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a whole request and waits for the whole answer: its status, and its body through `read`.
    pub async fn exchange<T>(&mut self, request: &[u8], read: impl FnOnce(&[u8]) -> T) -> io::Result<(u16, T)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((status, body)) = answer(&self.buffer)? {
                return Ok((status, read(body)));
            }
            if self.buffer.len() > LONGEST {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "answer too long"));
            }
        }
    }
}

/// Status and body of an answer; `None` until it is whole.
fn answer(octets: &[u8]) -> io::Result<Option<(u16, &[u8])>> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "no HTTP/1.1 answer with Content-Length");
    let Some(end) = octets.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let (head, body) = (octets.get(..end).unwrap_or_default(), octets.get(end + 4..).unwrap_or_default());
    let head = std::str::from_utf8(head).map_err(|_| invalid())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or_else(invalid)?;
    let length: usize = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .ok_or_else(invalid)?;
    Ok(body.get(..length).map(|body| (status, body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_whole_or_not_yet() {
        let whole = b"HTTP/1.1 200 OK\r\nDate: now\r\ncontent-length: 3\r\n\r\nabc";
        for cut in 0..whole.len() {
            assert!(answer(&whole[..cut]).unwrap().is_none(), "{cut}");
        }
        assert_eq!(answer(whole).unwrap(), Some((200, &b"abc"[..])));
        assert!(answer(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(answer(b"odd\r\nContent-Length: 0\r\n\r\n").is_err());
    }

    #[test]
    fn endpoints_are_plain_urls() {
        let endpoint: Endpoint = "http://127.0.0.1:9210/le".parse().unwrap();
        assert_eq!((endpoint.authority.as_str(), endpoint.path.as_str()), ("127.0.0.1:9210", "/le"));
        assert_eq!("http://host".parse::<Endpoint>().unwrap().authority, "host:80");
        assert_eq!("https://host".parse::<Endpoint>(), Err(EndpointError));
    }
}
