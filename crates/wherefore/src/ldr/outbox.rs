//! Where reports and ends go that clients are to get.

use crate::store::StoreError;
use futures_util::future::BoxFuture;
use gmlc::{LdrEnd, LdrPause, LdrReport, LdrRequest};

/// What a client is to be told of a deferred request.
#[derive(Debug)]
pub(crate) enum LdrNews {
    /// A report, checked and recorded.
    Report(LdrReport),
    /// The end, which the client did not ask for.
    End(LdrEnd),
    /// Reports pause or go on.
    Paused(LdrPause),
}

/// Keeps news for clients until they are delivered, at least once.
pub(crate) trait Outbox: Send + Sync {
    /// Keeps one piece of news. Durable when it returns: only then is the node answered. The same may come twice, after a crash in
    /// between: a report of the same request with the same number, a change of the same number, or the end of the same request, takes the place of the first if that
    /// has not been delivered.
    ///
    /// # Errors
    /// It is not kept; the node is told to report again.
    fn put<'a>(&'a self, request: &'a LdrRequest, news: &'a LdrNews) -> BoxFuture<'a, Result<(), StoreError>>;
}
