//! Time and restart of requests that other gateways wait for.

use super::{Referred, Slot};
use crate::core::Core;
use crate::store::ReferralPhase;
use futures_util::StreamExt as _;
use futures_util::stream;
use gmlc::{EndReason, PeerGateway};
use lcs::{Duration, Failure, Timestamp};
use std::sync::{Arc, PoisonError};

/// Most home gateways told at once.
const AT_ONCE: usize = 16;
/// Wait before the second try to tell one; doubled with each.
const RETRY: Duration = Duration::from_secs(1);
/// Longest wait between two.
const LONGEST: Duration = Duration::from_secs(300);

impl Referred {
    /// Goes on with what was kept, and then tells home gateways what is over, until the gateway stops.
    pub(in crate::ldr) async fn run(&self, core: &Arc<Core>) {
        for slot in self.all() {
            let mut state = slot.state.lock().await;
            // The client may have had no answer, and the home gateway may wait: it waits for nobody.
            if state.phase == ReferralPhase::Asked
                && self.end(core, &slot, &mut state, EndReason::Failed(Failure::SystemFailure)).await.is_err()
            {
                tracing::error!(request = %slot.id, "a request under way at the last stop could not be ended");
            }
        }
        loop {
            let now = core.now();
            let all = self.all();
            stream::iter(&all).for_each_concurrent(AT_ONCE, async |slot| self.tend(core, slot, now).await).await;
            let mut next = LONGEST;
            for slot in self.all() {
                next = next.min(self.due(&slot).await.since(core.now()));
            }
            tokio::select! {
                () = self.sooner.notified() => {}
                () = tokio::time::sleep(next) => {}
            }
        }
    }

    /// When something is to be done.
    async fn due(&self, slot: &Slot) -> Timestamp {
        let phase = slot.state.lock().await.phase;
        match phase {
            ReferralPhase::Ending => slot.tries.lock().unwrap_or_else(PoisonError::into_inner).1,
            ReferralPhase::Asked | ReferralPhase::Armed => slot.stop.after(self.grace),
        }
    }

    async fn tend(&self, core: &Core, slot: &Slot, now: Timestamp) {
        if self.due(slot).await > now {
            return;
        }
        let Some(mut state) = self.held(slot).await else { return };
        match state.phase {
            ReferralPhase::Asked => {}
            ReferralPhase::Armed => {
                // The home gateway ended it, or is gone for good.
                if self.end(core, slot, &mut state, EndReason::Expired).await.is_err() {
                    tracing::error!(request = %slot.id, "a request whose time is over could not be ended");
                }
            }
            ReferralPhase::Ending => {
                let ending = state.clone();
                // Nothing changes any more; who asks meanwhile need not wait for the other gateway.
                drop(state);
                let home = PeerGateway(Arc::clone(&slot.home));
                let told = core.network.gateways().stop_at_home(&home, &ending.name).await;
                if told.is_ok() || now > slot.stop.after(self.grace) {
                    self.forget(&ending).await.ok();
                    return;
                }
                let mut tries = slot.tries.lock().unwrap_or_else(PoisonError::into_inner);
                let wait = RETRY.saturating_mul(2u32.saturating_pow(tries.0.min(16))).min(LONGEST);
                *tries = (tries.0.saturating_add(1), now.after(wait));
            }
        }
    }
}
