//! Deferred requests in the running gateway.

mod outbox;

pub(crate) use outbox::{LdrNews, Outbox};
