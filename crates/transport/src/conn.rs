//! One connection: octets in as they come, octets out in as few system calls as there can be.

use core::net::{IpAddr, SocketAddr};
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::io;

use bytes::BytesMut;
use diameter::codec::{Framer, HEADER_LEN, Header, Malformed, Message};
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::LinkError;
use crate::counters::Counters;
use crate::link::Link;
use crate::node::Place;
use crate::read;

/// What a connection runs over.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Io for T {}

/// A write buffer that grew beyond this is given back when it is empty.
const KEEP: usize = 256 * 1024;

/// A connection.
pub(crate) struct Conn {
    io: Box<dyn Io>,
    /// Octets read and not yet taken.
    pub(crate) carry: BytesMut,
    /// Messages of the task of the peer that wait to be written.
    pub(crate) queue: Vec<u8>,
    /// What is being written, and how much of it is.
    writing: Vec<u8>,
    written: usize,
    /// SCTP: each message is one call, so that it becomes one user message (RFC 6733 section 2.1.1).
    message_by_message: bool,
    /// Our address.
    pub(crate) local: SocketAddr,
    /// The peer's address.
    pub(crate) remote: SocketAddr,
    /// Whether TLS is below.
    pub(crate) secure: bool,
    /// The certificate that the peer showed.
    pub(crate) certificate: Option<CertificateDer<'static>>,
    place: Option<Place>,
}

impl Conn {
    pub(crate) fn new(io: Box<dyn Io>, local: SocketAddr, remote: SocketAddr, message_by_message: bool) -> Self {
        // A socket that takes both families shows an IPv4 peer as an IPv6 address.
        let plain = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        let (local, remote) = (plain(local), plain(remote));
        Self {
            io,
            carry: BytesMut::new(),
            queue: Vec::new(),
            writing: Vec::new(),
            written: 0,
            message_by_message,
            local,
            remote,
            secure: false,
            certificate: None,
            place: None,
        }
    }

    /// Holds a place among the connections for as long as it lives.
    pub(crate) fn hold(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Our address for Host-IP-Address when none is configured.
    pub(crate) fn address(&self) -> IpAddr {
        self.local.ip()
    }

    /// Octets that wait to be written.
    pub(crate) const fn unsent(&self) -> usize {
        self.queue.len() + self.writing.len() - self.written
    }

    /// Writes what there is, then reads what there is, unless `read` says to leave it. Ready when octets came.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        read: bool,
        link: Option<&Link>,
        counters: &Counters,
    ) -> Poll<io::Result<()>> {
        match self.poll_write(cx, link, counters) {
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => {}
        }
        if read { self.poll_read(cx, counters) } else { Poll::Pending }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, counters: &Counters) -> Poll<io::Result<()>> {
        read::poll_read(&mut *self.io, cx, &mut self.carry, || counters.reads.one())
    }

    /// Ready when everything is written, what callers have put into `link` included.
    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        link: Option<&Link>,
        counters: &Counters,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.written >= self.writing.len() {
                self.refill(link);
                if self.writing.is_empty() {
                    return Pin::new(&mut *self.io).poll_flush(cx);
                }
            }
            let rest = self.writing.get(self.written..).unwrap_or_default();
            let next = if self.message_by_message { first_message(rest) } else { rest };
            let count = ready!(Pin::new(&mut *self.io).poll_write(cx, next))?;
            counters.writes.one();
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
        }
    }

    fn refill(&mut self, link: Option<&Link>) {
        self.written = 0;
        self.writing.clear();
        if self.writing.capacity() > KEEP {
            self.writing = Vec::new();
        }
        // The node's own messages first: a CEA goes before the first request.
        core::mem::swap(&mut self.queue, &mut self.writing);
        if let Some(link) = link {
            link.take_out(&mut self.writing);
        }
    }

    /// Gives back buffers, for a connection that falls idle.
    pub(crate) fn rest(&mut self) {
        if self.unsent() == 0 {
            self.queue = Vec::new();
            self.writing = Vec::new();
            self.written = 0;
        }
        if self.carry.is_empty() {
            self.carry = BytesMut::new();
        }
    }

    /// Reads until there is one whole message, for the first one of a connection. One that is unsound comes as far as it
    /// makes sense, with what is wrong.
    pub(crate) async fn first_message(
        &mut self,
        framer: Framer,
        counters: &Counters,
    ) -> Result<Result<Message, Malformed>, LinkError> {
        loop {
            match framer.next_frame(&mut self.carry) {
                Ok(Some(frame)) => return Ok(Message::decode(frame)),
                Ok(None) => {}
                Err(error) => return Ok(Err(Malformed { message: header_alone(&self.carry), error })),
            }
            core::future::poll_fn(|cx| self.poll_read(cx, counters)).await.map_err(|_| LinkError::Closed)?;
        }
    }

    /// Writes what is left and closes, within `patience`.
    pub(crate) async fn finish(mut self, patience: Duration) {
        let end = async {
            let counters = Counters::default();
            core::future::poll_fn(|cx| self.poll_write(cx, None, &counters)).await?;
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

/// A message of only the header that `octets` begin with, when they have one whole.
pub(crate) fn header_alone(octets: &[u8]) -> Option<Message> {
    let header = Header::decode(octets.first_chunk::<HEADER_LEN>()?);
    Message::decode(Vec::from(header.encode(HEADER_LEN as u32)).into()).ok()
}

/// The first message of octets that begin with one.
fn first_message(octets: &[u8]) -> &[u8] {
    let length = octets.first_chunk().map_or(0, |&[_, a, b, c]| u32::from_be_bytes([0, a, b, c]) as usize);
    octets.get(..length).filter(|message| !message.is_empty()).unwrap_or(octets)
}
