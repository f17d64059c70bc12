//! Deferred requests as the operator handles them.

use super::{Deferred, LdrStanding};
use crate::core::Core;
use gmlc::{EndReason, Pauser};
use lcs::Identities;
use privacy::disclosure::RequestId;
use std::sync::Arc;

/// The requests of a gateway that runs.
#[derive(Clone)]
pub struct LdrDesk {
    core: Arc<Core>,
    deferred: Arc<Deferred>,
}

/// What became of an order to end or pause requests.
pub(crate) enum Done {
    /// So many were ended, paused, or let go on.
    These(usize),
    /// One could not be kept: that request stands as before.
    NotKept,
}

impl LdrDesk {
    /// Of this gateway; `None` where no deferred requests are taken.
    pub(crate) fn of(core: &Arc<Core>) -> Option<Self> {
        let deferred = core.deferred.clone()?;
        Some(Self { core: Arc::clone(core), deferred })
    }

    /// A page of all requests, in the order of their names.
    pub(crate) async fn page(&self, after: Option<RequestId>, most: usize) -> Vec<LdrStanding> {
        self.deferred.page(after, most).await
    }

    /// The requests about one subscriber.
    pub(crate) async fn of_subscriber(&self, who: &Identities) -> Vec<LdrStanding> {
        self.deferred.of_subscriber(who).await
    }

    /// Ends one request, all about a subscriber, or the one if it is about the subscriber.
    pub(crate) async fn cancel(&self, id: Option<RequestId>, who: Option<&Identities>, by_subscriber: bool) -> Done {
        let reason = if by_subscriber { EndReason::BySubscriber } else { EndReason::ByOperator };
        let ended = match (id, who) {
            (id, Some(who)) => self.deferred.cancel_of(&self.core, who, id, reason).await,
            (Some(id), None) => self.deferred.cancel_one(&self.core, id, reason).await,
            (None, None) => Ok(0),
        };
        ended.map_or(Done::NotKept, Done::These)
    }

    /// Pauses one request or all about a subscriber, or has them go on. Each goes on when nobody pauses it any more.
    pub(crate) async fn pause(
        &self,
        named: (Option<RequestId>, Option<&Identities>),
        (by_subscriber, paused): (bool, bool),
    ) -> Done {
        let by = if by_subscriber { Pauser::Subscriber } else { Pauser::Operator };
        self.deferred.pause(&self.core, named, (by, paused)).await.map_or(Done::NotKept, Done::These)
    }
}
