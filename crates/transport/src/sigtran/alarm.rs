//! One sleeper for the earliest deadline of a machine behind a lock.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

const NEVER: u64 = u64::MAX;

/// When somebody has to look at a machine again. It only moves earlier while its task sleeps: a deadline that moved later
/// costs one look at the old time, and no call of the machine costs a timer.
pub(crate) struct Alarm {
    /// Nanoseconds since the start of the node.
    at: AtomicU64,
    wake: Notify,
}

impl Alarm {
    pub(crate) fn new() -> Self {
        Self { at: AtomicU64::new(NEVER), wake: Notify::new() }
    }

    /// To be called under the lock of the machine after each call of it.
    pub(crate) fn note(&self, deadline: Option<Duration>) {
        let at = nanos(deadline);
        if at < self.at.load(Ordering::Acquire) {
            self.at.store(at, Ordering::Release);
            self.wake.notify_one();
        }
    }

    /// To be called under the lock of the machine once it has seen the time.
    pub(crate) fn set(&self, deadline: Option<Duration>) {
        self.at.store(nanos(deadline), Ordering::Release);
    }

    /// Waits for the time. Cancel-safe.
    pub(crate) async fn ring(&self, start: Instant) {
        loop {
            let at = self.at.load(Ordering::Acquire);
            let due = Instant::now().saturating_duration_since(start);
            if at != NEVER && Duration::from_nanos(at) <= due {
                return;
            }
            if at == NEVER {
                self.wake.notified().await;
            } else {
                let until = start + Duration::from_nanos(at);
                // Either way the time is looked at again.
                tokio::time::timeout_at(until, self.wake.notified()).await.ok();
            }
        }
    }
}

fn nanos(deadline: Option<Duration>) -> u64 {
    deadline.map_or(NEVER, |deadline| u64::try_from(deadline.as_nanos()).unwrap_or(NEVER))
}
