//! Deferred requests about subscribers of others, as their clients' gateway keeps them: the home gateway waits, checks and reports (TS
//! 23.271 clauses 9.1.8, 9.1.9, 9.1.12 and 9.1.19; `docs/lr.md`).
//!
//! ```text
//!   Asked ── armed at home ──> Armed ── last report, end at home ──> forgotten
//!     └── failed, restart ──> Ending <── cancelled, its time long over
//!                               └── home gateway told ──> forgotten
//! ```
//!
//! The order is that of requests that wait here: kept before the home gateway hears of it; a report recorded and in the client's outbox, and
//! how far it came kept, before the home gateway is told that it was taken.

mod arm;
mod news;
mod run;
mod waiting;

pub(super) use arm::Referring;
pub(crate) use news::NewsFate;
pub(super) use news::event_of;
pub(crate) use waiting::waiting_at_once;

use super::Outbox;
use super::charge::of_referred;
use super::course::word;
use super::standing::{Asker, LdrStanding, Road};
use crate::charging::{ChargedPart, ChargedPosition, Slip};
use crate::config;
use crate::core::Core;
use crate::store::{KeptReferral, ReferralPhase, Store, StoreError};
use gmlc::{EndReason, LdrEnd, LdrPause, LdrRequest, Pauser, Phase};
use lcs::{Duration, Failure, LdrReference, Timestamp};
use privacy::disclosure::RequestId;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The reference of a request that the network here knows nothing of. No protocol of clients has room for it.
const NO_REFERENCE: LdrReference = LdrReference(u8::MAX);

/// One request. Its lock is held while something is done with it, but not while the home gateway is asked.
pub(super) struct Slot {
    id: RequestId,
    account: Arc<str>,
    home: Arc<str>,
    stop: Timestamp,
    state: tokio::sync::Mutex<KeptReferral>,
    /// Tries in vain to tell the home gateway, and when the next is.
    tries: Mutex<(u32, Timestamp)>,
}

#[derive(Default)]
struct Tables {
    by_id: BTreeMap<RequestId, Arc<Slot>>,
    /// By home gateway and what that knows it by.
    by_name: HashMap<(Arc<str>, Arc<str>), RequestId>,
}

/// All of them.
pub(crate) struct Referred {
    store: Arc<Store>,
    outbox: Arc<dyn Outbox>,
    tables: Mutex<Tables>,
    per_client: usize,
    /// How long after its end a request may still be reported, since news are kept that long.
    grace: Duration,
    sooner: Notify,
}

impl Referred {
    /// Reads what is kept. Nothing is done about it before [`Referred::run`].
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) async fn open(
        store: Arc<Store>,
        outbox: Arc<dyn Outbox>,
        settings: &config::Deferred,
        grace: Duration,
    ) -> Result<Self, StoreError> {
        let (kept, unreadable) = store.referrals().await?;
        if unreadable > 0 {
            tracing::error!(unreadable, "requests that other gateways wait for cannot be read");
        }
        let (tables, sooner) = (Mutex::default(), Notify::new());
        let referred = Self { store, outbox, tables, per_client: settings.max_per_client, grace, sooner };
        for kept in kept {
            referred.insert(kept);
        }
        Ok(referred)
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, kept: KeptReferral) -> Arc<Slot> {
        let slot = Arc::new(Slot {
            id: kept.id,
            account: Arc::clone(&kept.account),
            home: Arc::clone(&kept.home),
            stop: kept.stop,
            tries: Mutex::default(),
            state: tokio::sync::Mutex::new(kept.clone()),
        });
        let mut tables = self.tables();
        tables.by_name.insert((kept.home, kept.name), kept.id);
        tables.by_id.insert(kept.id, Arc::clone(&slot));
        slot
    }

    fn remove(&self, kept: &KeptReferral) {
        let mut tables = self.tables();
        tables.by_id.remove(&kept.id);
        tables.by_name.remove(&(Arc::clone(&kept.home), Arc::clone(&kept.name)));
    }

    /// The request that a home gateway means.
    fn named(&self, home: &str, name: &str) -> Option<Arc<Slot>> {
        let tables = self.tables();
        let id = tables.by_name.get(&(home.into(), name.into()))?;
        tables.by_id.get(id).cloned()
    }

    /// A request, held; nothing where it was forgotten while whoever asks waited for it.
    async fn held<'a>(&self, slot: &'a Slot) -> Option<tokio::sync::MutexGuard<'a, KeptReferral>> {
        let state = slot.state.lock().await;
        self.tables().by_id.contains_key(&slot.id).then_some(state)
    }

    fn all(&self) -> Vec<Arc<Slot>> {
        self.tables().by_id.values().cloned().collect()
    }

    /// A client's request that is not over; one of another client is none.
    async fn own(&self, account: &str, id: RequestId) -> Result<Arc<Slot>, Failure> {
        let slot = self.tables().by_id.get(&id).cloned();
        let slot = slot.filter(|slot| *slot.account == *account).ok_or(Failure::InvalidRequest)?;
        match self.held(&slot).await.map(|state| state.phase) {
            None | Some(ReferralPhase::Ending) => Err(Failure::InvalidRequest),
            Some(ReferralPhase::Asked | ReferralPhase::Armed) => Ok(slot),
        }
    }

    async fn standing(&self, slot: &Slot) -> LdrStanding {
        let state = slot.state.lock().await;
        let phase = match state.phase {
            ReferralPhase::Asked => Phase::Activating,
            ReferralPhase::Armed => Phase::Armed,
            ReferralPhase::Ending => Phase::Cancelling,
        };
        LdrStanding {
            id: slot.id,
            reference: NO_REFERENCE,
            account: Arc::clone(&slot.account),
            phase,
            // Nobody refers on what another gateway asked.
            asked_by: Asker::Client,
            road: Road::HomeGateway,
            merged: false,
            activated: false,
            paused: state.pauses.any(),
            reports: state.reports,
            stop: slot.stop,
        }
    }

    /// How a client's request stands.
    ///
    /// # Errors
    /// [`Failure::InvalidRequest`]: this client has no such request, or it is over.
    pub(super) async fn query(&self, account: &str, id: RequestId) -> Result<LdrStanding, Failure> {
        Ok(self.standing(&*self.own(account, id).await?).await)
    }

    /// A client's request as it was asked.
    ///
    /// # Errors
    /// As [`Referred::query`]; [`Failure::SystemFailure`]: it cannot be read.
    pub(super) async fn request_of(&self, account: &str, id: RequestId) -> Result<LdrRequest, Failure> {
        let slot = self.own(account, id).await?;
        self.read(&slot).await
    }

    /// Requests whose names come after this one, in the order of their names; of one client, or of all.
    pub(super) async fn standings(&self, account: Option<&str>, after: Option<RequestId>) -> Vec<LdrStanding> {
        let mut standings = Vec::new();
        for slot in self.all() {
            if account.is_none_or(|account| *slot.account == *account) && after.is_none_or(|after| slot.id > after) {
                standings.push(self.standing(&slot).await);
            }
        }
        standings
    }

    /// Ends a request of this name for this reason, of this client if one is named. When this returns, no further report goes to the client;
    /// the home gateway is told in the background. How many that were.
    ///
    /// # Errors
    /// [`Failure::SystemFailure`]: the end could not be kept, and the request goes on.
    pub(super) async fn cancel(
        &self,
        core: &Core,
        account: Option<&str>,
        id: RequestId,
        reason: EndReason,
    ) -> Result<usize, Failure> {
        let slot = self.tables().by_id.get(&id).cloned();
        let slot = slot.filter(|slot| account.is_none_or(|account| *slot.account == *account));
        let Some(slot) = slot else { return Ok(0) };
        let Some(mut state) = self.held(&slot).await.filter(|state| state.phase != ReferralPhase::Ending) else {
            return Ok(0);
        };
        self.end(core, &slot, &mut state, reason).await?;
        Ok(1)
    }

    /// Pauses the reports of the request of this name, or has them go on; how many that were. The home gateway is not told: nothing that it
    /// tells meanwhile goes to the client.
    ///
    /// # Errors
    /// [`Failure::SystemFailure`]: it could not be kept, and stands as before.
    pub(super) async fn pause(&self, id: RequestId, (by, paused): (Pauser, bool)) -> Result<usize, Failure> {
        let slot = self.tables().by_id.get(&id).cloned();
        let Some(slot) = slot else { return Ok(0) };
        let Some(mut state) = self.held(&slot).await.filter(|state| state.phase != ReferralPhase::Ending) else {
            return Ok(0);
        };
        let mut pauses = state.pauses;
        match by {
            Pauser::Subscriber => pauses.by_subscriber = paused,
            Pauser::Operator => pauses.by_operator = paused,
        }
        if pauses.any() != state.pauses.any() {
            pauses.changes = pauses.changes.saturating_add(1);
            let request = self.read(&slot).await?;
            let (after, change) = (state.reports, pauses.changes);
            let news = LdrPause { id, reference: NO_REFERENCE, paused: pauses.any(), after, change };
            let kept = self.outbox.put(&request, &super::LdrNews::Paused(news)).await;
            kept.map_err(|error| not_kept(id, &error))?;
        }
        let changed = KeptReferral { pauses, ..state.clone() };
        self.keep(&mut state, changed).await?;
        Ok(1)
    }

    async fn read(&self, slot: &Slot) -> Result<LdrRequest, Failure> {
        self.store.referred_request(slot.id).await.map_err(|error| {
            tracing::error!(request = %slot.id, %error, "a request that another gateway waits for cannot be read");
            Failure::SystemFailure
        })
    }

    async fn keep(&self, state: &mut KeptReferral, changed: KeptReferral) -> Result<(), Failure> {
        self.store.update_referral(&changed).await.map_err(|error| not_kept(changed.id, &error))?;
        *state = changed;
        Ok(())
    }

    /// Ends a request for the client, who is told unless it asked for that, and has the home gateway told.
    async fn end(&self, core: &Core, slot: &Slot, state: &mut KeptReferral, reason: EndReason) -> Result<(), Failure> {
        // One that was never armed is charged as that.
        let charged = state.phase == ReferralPhase::Armed && core.charging.is_on();
        let request = self.tell_end(slot, reason, charged).await?;
        let ending = KeptReferral { phase: ReferralPhase::Ending, ..state.clone() };
        self.keep(state, ending).await?;
        if let Some(request) = request.filter(|_| charged) {
            charge_end(core, &request, word(reason));
        }
        self.sooner.notify_one();
        Ok(())
    }

    /// Tells the client the end, unless it asked for that; the request, if it was read for that or is `charged`.
    async fn tell_end(&self, slot: &Slot, reason: EndReason, charged: bool) -> Result<Option<LdrRequest>, Failure> {
        if !reason.is_unsolicited() {
            return Ok(if charged { self.read(slot).await.ok() } else { None });
        }
        let request = self.read(slot).await?;
        let end = LdrEnd { id: slot.id, reference: NO_REFERENCE, reason, at: crate::clock::now() };
        let kept = self.outbox.put(&request, &super::LdrNews::End(end)).await;
        kept.map_err(|error| not_kept(slot.id, &error))?;
        Ok(Some(request))
    }

    /// Forgets a request of which nobody has to be told any more.
    async fn forget(&self, state: &KeptReferral) -> Result<(), Failure> {
        self.store.forget_referral(state.id).await.map_err(|error| not_kept(state.id, &error))?;
        self.remove(state);
        Ok(())
    }
}

/// Charges the end of a request that no last report told.
fn charge_end(core: &Core, request: &LdrRequest, reason: &'static str) {
    let ended = Ok(ChargedPosition::default());
    of_referred(request, core.now()).keep(core, ChargedPart::End(reason), Slip::default(), ended);
}

fn not_kept(id: RequestId, error: &StoreError) -> Failure {
    metrics::counter!("wherefore_deferred_not_kept_total").increment(1);
    tracing::error!(request = %id, %error, "something of a request that another gateway waits for cannot be kept");
    Failure::SystemFailure
}
