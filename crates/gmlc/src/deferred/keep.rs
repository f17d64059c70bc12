//! The port to where deferred requests are kept.

use lcs::{Failure, Identities, LdrReference, PrivacySetting};
use std::future::Future;

/// Where a request that is about to be armed is kept.
pub trait Keep: Send + Sync {
    /// Keeps the request durably, before any node hears of it, and gives its reference at this gateway: a fresh one, or the one that it
    /// has. `target` is whom it is about, as the network knows them; `agreed` the setting that the node is told.
    ///
    /// # Errors
    /// All references of the target are taken, or it cannot be kept: the node is not asked.
    fn keep(
        &self,
        target: Identities,
        agreed: PrivacySetting,
    ) -> impl Future<Output = Result<LdrReference, Failure>> + Send;
}
