//! Bodies that stream through, within limits of length and of time. Trailers do not pass: they could hold what headers may not.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use lcs::Duration;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};
use tokio::time::{Instant, Sleep};

/// Why a body ends before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Cut {
    /// Longer than may be.
    #[error("the body is too long")]
    TooLong,
    /// Nothing came for too long.
    #[error("the body does not go on")]
    Stalled,
    /// The connection broke.
    #[error("the connection broke")]
    Broken,
}

/// What is known outside of a body on its way.
#[derive(Debug)]
pub(super) struct Passage {
    /// When something last came, and how it was cut.
    state: Mutex<(Instant, Option<Cut>)>,
}

impl Passage {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new((Instant::now(), None)) })
    }

    fn with<T>(&self, change: impl FnOnce(&mut (Instant, Option<Cut>)) -> T) -> T {
        // Both values are whole at any time.
        change(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// When something last came.
    pub(super) fn last(&self) -> Instant {
        self.with(|state| state.0)
    }

    /// How it was cut, if it was.
    pub(super) fn cut(&self) -> Option<Cut> {
        self.with(|state| state.1)
    }
}

/// A body that is passed on.
pub(super) struct Passing<B> {
    inner: B,
    left: u64,
    patience: Duration,
    sleep: Pin<Box<Sleep>>,
    passage: Arc<Passage>,
}

impl<B> Passing<B> {
    /// Passes at most `limit` octets, waiting at most `patience` for each part.
    pub(super) fn new(inner: B, limit: u64, patience: Duration, passage: Arc<Passage>) -> Self {
        Self { inner, left: limit, patience, sleep: Box::pin(tokio::time::sleep(patience)), passage }
    }

    fn cut(&self, cut: Cut) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        self.passage.with(|state| state.1 = Some(cut));
        Poll::Ready(Some(Err(cut)))
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Passing<B> {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        if polled.is_pending() {
            ready!(self.sleep.as_mut().poll(context));
            return self.cut(Cut::Stalled);
        }
        let until = Instant::now() + self.patience;
        self.sleep.as_mut().reset(until);
        self.passage.with(|state| state.0 = Instant::now());
        match ready!(polled) {
            None => Poll::Ready(None),
            Some(Err(_)) => self.cut(Cut::Broken),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => match self.left.checked_sub(data.len() as u64) {
                    Some(left) => {
                        self.left = left;
                        Poll::Ready(Some(Ok(Frame::data(data))))
                    }
                    None => self.cut(Cut::TooLong),
                },
                // Trailers are the last frame.
                Err(_) => Poll::Ready(None),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
