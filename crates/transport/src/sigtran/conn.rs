//! One connection: octets in as they come, octets out in as few system calls as there can be.

use core::net::SocketAddr;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::counters::SigtranCounters;
use crate::read;

/// A write buffer that grew beyond this is given back when it is empty.
const KEEP: usize = 256 * 1024;

/// A connection. A one-to-one SCTP socket behaves as a TCP one but for the bounds of messages.
pub(crate) struct Conn {
    io: TcpStream,
    /// Octets read and not yet taken.
    pub(crate) carry: BytesMut,
    /// What is being written, and how much of it is.
    writing: Vec<u8>,
    written: usize,
    /// SCTP: each message is one call, so that it becomes one user message (RFC 4666 section 1.4.7).
    message_by_message: bool,
    /// The peer's address.
    pub(crate) remote: SocketAddr,
}

impl Conn {
    pub(crate) fn new(io: TcpStream, remote: SocketAddr, message_by_message: bool) -> Self {
        Self {
            io,
            carry: BytesMut::new(),
            writing: Vec::new(),
            written: 0,
            message_by_message,
            // A socket that takes both families shows an IPv4 peer as an IPv6 address.
            remote: SocketAddr::new(remote.ip().to_canonical(), remote.port()),
        }
    }

    /// Octets taken that wait to be written.
    pub(crate) const fn unsent(&self) -> usize {
        self.writing.len() - self.written
    }

    /// Takes what came. Ready when something did.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, counters: &SigtranCounters) -> Poll<io::Result<()>> {
        read::poll_read(&mut self.io, cx, &mut self.carry, || counters.reads.one())
    }

    /// Ready when everything is written, what `take_out` moves here included.
    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        mut take_out: impl FnMut(&mut Vec<u8>),
        counters: &SigtranCounters,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.written >= self.writing.len() {
                self.refill(&mut take_out);
                if self.writing.is_empty() {
                    return Poll::Ready(Ok(()));
                }
            }
            let rest = self.writing.get(self.written..).unwrap_or_default();
            let next = if self.message_by_message { first_message(rest) } else { rest };
            let count = ready!(Pin::new(&mut self.io).poll_write(cx, next))?;
            counters.writes.one();
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
        }
    }

    fn refill(&mut self, take_out: &mut impl FnMut(&mut Vec<u8>)) {
        self.written = 0;
        self.writing.clear();
        if self.writing.capacity() > KEEP {
            self.writing = Vec::new();
        }
        take_out(&mut self.writing);
    }

    /// Writes what is left, `last` included, and closes, within `patience`.
    pub(crate) async fn finish(mut self, mut last: Vec<u8>, patience: Duration) {
        let end = async {
            let counters = SigtranCounters::default();
            let mut take_out = |writing: &mut Vec<u8>| writing.append(&mut last);
            core::future::poll_fn(|cx| self.poll_write(cx, &mut take_out, &counters)).await?;
            self.io.shutdown().await?;
            // What the peer still sends is read, so that closing does not reset the connection under our last message.
            loop {
                self.carry.clear();
                core::future::poll_fn(|cx| self.poll_read(cx, &counters)).await?;
            }
        };
        let ended: Result<io::Result<()>, _> = tokio::time::timeout(patience, end).await;
        tracing::trace!(in_time = ended.is_ok(), "connection closed");
    }
}

/// The first message of octets that begin with one (RFC 4666 section 3.1.4: length in octets 5-8, header included).
fn first_message(octets: &[u8]) -> &[u8] {
    let length = octets.first_chunk().map_or(0, |&[_, _, _, _, a, b, c, d]| u32::from_be_bytes([a, b, c, d]) as usize);
    octets.get(..length).filter(|message| !message.is_empty()).unwrap_or(octets)
}
