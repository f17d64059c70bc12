//! Time and restart.

use super::Deferred;
use super::index::Slot;
use crate::core::Core;
use futures_util::StreamExt as _;
use futures_util::stream;
use gmlc::LdrEvent;
use lcs::{Duration, Timestamp};
use privacy::disclosure::RequestId;
use std::sync::Arc;

/// Most requests for which something is done at once because it is due.
const AT_ONCE: usize = 64;
/// Most that are taken out of the timers at a time.
const DUE: usize = 1024;
/// Longest sleep.
const LONGEST: Duration = Duration::from_secs(60);

impl Deferred {
    /// Goes on with what was kept, and then does what is due, until the gateway stops.
    pub(crate) async fn run(&self, core: Arc<Core>) {
        self.restart(&core).await;
        loop {
            let due = self.index.due(core.now(), DUE);
            let full = due.len() == DUE;
            stream::iter(due)
                .for_each_concurrent(AT_ONCE, async |slot| {
                    let mut state = slot.state.lock().await;
                    self.happened(&core, &slot, &mut state, LdrEvent::Due).await.unwrap_or_default();
                })
                .await;
            metrics::gauge!("wherefore_deferred_requests").set(self.index.len() as f64);
            if full {
                continue;
            }
            let wait = self.index.next_due().map_or(LONGEST, |at| at.since(core.now()).min(LONGEST));
            tokio::select! {
                () = self.sooner.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// What was under way when the process ended goes on: a request that no node had acknowledged is activated, one that was to be
    /// released is, and a report that was owed is made.
    async fn restart(&self, core: &Arc<Core>) {
        let mut after = None;
        loop {
            let page = self.index.page(after, 65_536);
            let Some(last) = page.last().map(|slot| slot.id) else { return };
            after = Some(last);
            stream::iter(page)
                .for_each_concurrent(AT_ONCE, async |slot| {
                    let mut state = slot.state.lock().await;
                    if self.happened(core, &slot, &mut state, LdrEvent::Restarted).await.is_err() {
                        tracing::error!(request = %slot.id, "a deferred request could not be gone on with");
                    }
                    let joined = state.ldr.is_joined();
                    drop(state);
                    if joined {
                        self.adopt(core, &slot).await;
                    }
                })
                .await;
        }
    }

    /// One that joined a request which cannot be read any more takes its place.
    async fn adopt(&self, core: &Arc<Core>, slot: &Arc<Slot>) {
        for other in self.index.referred(&slot.target, slot.reference) {
            if !other.state.lock().await.ldr.is_joined() {
                return;
            }
        }
        let mut state = slot.state.lock().await;
        let orphaned = LdrEvent::Promoted { waits: false, until: None };
        if self.happened(core, slot, &mut state, orphaned).await.is_err() {
            tracing::error!(request = %slot.id, "a deferred request that joined another could not take its place");
        }
    }

    /// Sets when something is due for a request, and wakes whoever sleeps longer.
    pub(super) fn wake_at(&self, id: RequestId, due: Option<Timestamp>) {
        if self.index.set_timer(id, due) {
            self.sooner.notify_one();
        }
    }
}
