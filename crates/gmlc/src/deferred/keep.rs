//! The port to where deferred requests are kept.

use super::LdrRoad;
use crate::roaming::PeerGateway;
use lcs::{Failure, Identities, LdrReference, PrivacySetting};
use std::future::Future;
use std::sync::Arc;

/// What a request is kept as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its reference at this gateway.
    pub reference: LdrReference,
    /// A node waits under this reference already, for another request about the same target that is alike: it is not asked (TS 23.271
    /// clause 4.5). Only where nobody is to be told or asked: the node would do neither.
    pub joined: bool,
}

/// Where a request that is about to be armed is kept.
pub trait Keep: Send + Sync {
    /// The road by which the request went before, so that whoever waits may know of it; `None` for one that was never armed.
    fn went(&self) -> Option<LdrRoad>;

    /// Keeps the request durably, before any node hears of it, and gives its reference at this gateway: a fresh one, the one that it
    /// has, or that of a request which it joins. `target` is whom it is about, as the network knows them; `agreed` the setting that the
    /// node, or the card, is told; `road` by which it goes. One that goes to a card joins no other, and none joins it.
    ///
    /// # Errors
    /// All references of the target are taken, or it cannot be kept: the node is not asked.
    fn keep(
        &self,
        target: Identities,
        agreed: PrivacySetting,
        road: LdrRoad,
    ) -> impl Future<Output = Result<Kept, Failure>> + Send;

    /// The same for one that a visited gateway is to have a node wait for: before that gateway hears of it, its name and the name under which
    /// it is asked are durable, so that reports find the request and it can be ended whatever became of the answer. The name is a fresh
    /// one each time: of an earlier asking nothing is taken any more. It joins no other, and none joins it.
    ///
    /// # Errors
    /// As [`Keep::keep`].
    fn keep_visited(
        &self,
        target: Identities,
        agreed: PrivacySetting,
        visited: &PeerGateway,
    ) -> impl Future<Output = Result<(LdrReference, Arc<str>), Failure>> + Send;
}
