//! How long a connection may keep the gateway waiting: for the rest of a request that began, and for room to answer.
//!
//! hyper bounds the wait for a header as a whole, idle time before it included; here the two are told apart. It does not bound
//! the wait for a client that does not read its answers.

use lcs::Duration;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::Sleep;

/// Where a connection is, as far as its stream must know. Shared with whoever answers its requests.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Counts beginnings and ends: odd while a request is answered.
    turns: AtomicU64,
    /// Part of a request was answered and not read.
    unread: AtomicBool,
}

/// A request is being answered until this is dropped.
pub(crate) struct Turn<'p>(&'p Progress);

impl Progress {
    /// The header of a request is read, and its answer begins.
    pub(crate) fn begin(&self) -> Turn<'_> {
        self.turns.fetch_add(1, Ordering::AcqRel);
        Turn(self)
    }

    /// The answer goes out although the request was not read to its end.
    pub(super) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Release);
    }

    /// Whether a request is being answered.
    pub(super) fn is_answering(&self) -> bool {
        self.turns.load(Ordering::Acquire) % 2 == 1
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.turns.fetch_add(1, Ordering::AcqRel);
    }
}

/// A stream that fails when the other side takes too long.
pub(crate) struct Patient<S> {
    inner: S,
    limit: Duration,
    progress: Arc<Progress>,
    /// Turn in which the header that is being received began, and until when it must be whole.
    header: Option<(u64, Pin<Box<Sleep>>)>,
    /// Until when something must have been taken of what is to be sent.
    room: Option<Pin<Box<Sleep>>>,
    expired: bool,
}

impl<S> Patient<S> {
    pub(crate) fn new(inner: S, limit: Duration, progress: Arc<Progress>) -> Self {
        Self { inner, limit, progress, header: None, room: None, expired: false }
    }

    fn expire(&mut self) -> io::Error {
        self.expired = true;
        io::ErrorKind::TimedOut.into()
    }

    /// Bounds the time for which nothing can be sent.
    fn sent<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.room = None;
            return outcome;
        }
        let limit = self.limit;
        let room = self.room.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(room.as_mut().poll(context));
        Poll::Ready(Err(self.expire()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Patient<S> {
    /// Takes leave of a client that may still be sending what nobody will read: says that nothing more comes, and reads on
    /// for a while. A socket that is closed with unread octets in it is reset, and the answer with it.
    pub(super) async fn linger(mut self, failed: bool) {
        let unread = failed || self.progress.unread.load(Ordering::Acquire);
        if self.expired || !unread || self.inner.shutdown().await.is_err() {
            return;
        }
        let mut scrap = vec![0; 16 << 10];
        let reading = async { while self.inner.read(&mut scrap).await.is_ok_and(|length| length > 0) {} };
        // Either way the connection ends here.
        tokio::time::timeout(self.limit, reading).await.ok();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.inner).poll_read(context, buffer);
        let turn = self.progress.turns.load(Ordering::Acquire);
        // A body has its own limit, kept by whoever collects it.
        if self.progress.is_answering() || self.header.as_ref().is_some_and(|(began, _)| *began != turn) {
            self.header = None;
        }
        if self.progress.is_answering() {
            return outcome;
        }
        if outcome.is_ready() {
            if buffer.filled().len() > before && self.header.is_none() {
                self.header = Some((turn, Box::pin(tokio::time::sleep(self.limit))));
            }
            return outcome;
        }
        if let Some((_, until)) = &mut self.header {
            ready!(until.as_mut().poll(context));
            return Poll::Ready(Err(self.expire()));
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(context, octets);
        self.sent(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write_vectored(context, parts);
        self.sent(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_flush(context);
        self.sent(context, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_shutdown(context);
        self.sent(context, outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    const LIMIT: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn a_header_that_began_has_a_limit_and_idle_time_has_none() {
        let (mut client, server) = duplex(64);
        let progress = Arc::new(Progress::default());
        let mut stream = Patient::new(server, LIMIT, Arc::clone(&progress));
        let mut octets = [0; 8];
        let idle = tokio::time::timeout(LIMIT * 100, stream.read(&mut octets)).await;
        assert!(idle.is_err(), "idle time is for others to bound");
        client.write_all(b"POST").await.unwrap();
        assert_eq!(stream.read(&mut octets).await.unwrap(), 4);
        let error = stream.read(&mut octets).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn while_a_request_is_answered_nothing_is_expected() {
        let (mut client, server) = duplex(64);
        let progress = Arc::new(Progress::default());
        let mut stream = Patient::new(server, LIMIT, Arc::clone(&progress));
        let mut octets = [0; 8];
        client.write_all(b"POST").await.unwrap();
        assert_eq!(stream.read(&mut octets).await.unwrap(), 4);
        let turn = progress.begin();
        assert!(progress.is_answering());
        assert!(tokio::time::timeout(LIMIT * 100, stream.read(&mut octets)).await.is_err());
        drop(turn);
        // The next header begins with its own first octet.
        assert!(tokio::time::timeout(LIMIT * 100, stream.read(&mut octets)).await.is_err());
        client.write_all(b"P").await.unwrap();
        assert_eq!(stream.read(&mut octets).await.unwrap(), 1);
        assert!(stream.read(&mut octets).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_does_not_read_is_left() {
        let (_client, server) = duplex(4);
        let mut stream = Patient::new(server, LIMIT, Arc::default());
        let error = stream.write_all(b"an answer").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
