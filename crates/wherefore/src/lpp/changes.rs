//! Whose profile changed, for gateways elsewhere: told in order and at least once, or not at all and then said so.
//!
//! A bounded queue in memory with a random name. A gateway that was told the changes of another name, or that has fallen out of the
//! queue, is told to drop everything, which covers whatever it missed: a restart of the register among it.

use super::wire::{ProfileUpdate, RequestId, Subscriber, UpdatesResponse};
use lcs::Identities;
use privacy::LppId;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

pub(crate) use super::wire::ProfileChange;

/// Most changes that are kept for gateways that have not acknowledged them.
const KEPT: usize = 4096;
/// Most changes in one answer.
const TOLD: usize = 128;

/// The newest changes.
pub(crate) struct ProfileChanges {
    feed: LppId,
    queue: Mutex<Queue>,
    grown: Notify,
}

#[derive(Default)]
struct Queue {
    /// Number of the newest.
    last: u64,
    /// The newest is the last.
    changes: VecDeque<(Identities, ProfileChange)>,
}

impl core::fmt::Debug for ProfileChanges {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ProfileChanges(hidden)")
    }
}

impl Default for ProfileChanges {
    fn default() -> Self {
        // Without a random name a gateway may take this feed for an earlier one: then it never acknowledges what it did not see,
        // as numbers begin anew with each start.
        let feed = LppId::random().unwrap_or(LppId([0; 16]));
        Self { feed, queue: Mutex::default(), grown: Notify::new() }
    }
}

impl ProfileChanges {
    /// Takes note of one, and wakes who waits.
    pub(crate) fn note(&self, whose: Identities, change: ProfileChange) {
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.last += 1;
            queue.changes.push_back((whose, change));
            if queue.changes.len() > KEPT {
                queue.changes.pop_front();
            }
        }
        self.grown.notify_waiters();
    }

    /// What came after the change acknowledged; waits until there is something. Whoever calls bounds the wait.
    pub(crate) async fn after(&self, feed: Option<LppId>, acknowledged: u64) -> UpdatesResponse {
        loop {
            let grown = self.grown.notified();
            tokio::pin!(grown);
            // From here on a change wakes this, also before it is waited for.
            grown.as_mut().enable();
            let told = self.told(feed, acknowledged);
            if told.resync || !told.updates.is_empty() {
                return told;
            }
            grown.await;
        }
    }

    /// What there is now.
    pub(crate) fn told(&self, feed: Option<LppId>, acknowledged: u64) -> UpdatesResponse {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = queue.last - queue.changes.len() as u64;
        let name = RequestId(self.feed);
        let follows = feed == Some(self.feed) && (oldest..=queue.last).contains(&acknowledged);
        if !follows {
            return UpdatesResponse { feed: name, last: queue.last, resync: true, updates: Vec::new() };
        }
        let skipped = usize::try_from(acknowledged - oldest).unwrap_or(usize::MAX);
        let update = |(whose, change): &(Identities, ProfileChange)| ProfileUpdate {
            target: Subscriber::of(whose),
            change: *change,
        };
        let updates: Vec<_> = queue.changes.iter().skip(skipped).take(TOLD).map(update).collect();
        UpdatesResponse { feed: name, last: acknowledged + updates.len() as u64, resync: false, updates }
    }
}
