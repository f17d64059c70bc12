//! Referring a request.

use super::waiting::waiting;
use super::{NO_REFERENCE, Referred, Slot, not_kept};
use crate::core::Core;
use crate::ldr::Armed;
use crate::store::{KeptReferral, Pauses, ReferralPhase};
use gmlc::{Ask, AtHome, EndReason, LdrRequest, PeerGateway};
use lcs::{Failure, RoutingInfo};
use mlp::Waiting;
use mlp::rlp::Transaction;
use privacy::Referral;
use std::sync::{Arc, OnceLock};

/// A request that may be referred.
pub(in crate::ldr) struct Referring<'a> {
    referred: &'a Referred,
    core: &'a Core,
    request: &'a LdrRequest,
    /// None: the protocol between gateways has no word for what is waited for.
    waiting: Option<Waiting>,
    name: Transaction,
    slot: OnceLock<Arc<Slot>>,
    /// What the home gateway answered that it knows the request by.
    answered: OnceLock<String>,
    /// The home gateway answered that it does not wait, or cannot have been asked.
    declined: OnceLock<()>,
}

impl<'a> Referring<'a> {
    /// For this request.
    ///
    /// # Errors
    /// [`Failure::SystemFailure`]: it cannot be named.
    pub(in crate::ldr) fn new(
        referred: &'a Referred,
        core: &'a Core,
        request: &'a LdrRequest,
    ) -> Result<Self, Failure> {
        let waiting = waiting(request, &core.network.without_names(&request.event));
        let name = core.network.gateways().fresh_name().ok_or(Failure::SystemFailure)?;
        let (slot, answered, declined) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Ok(Self { referred, core, request, waiting, name, slot, answered, declined })
    }

    /// What became of it, now that it is recorded, or that it could not be.
    ///
    /// # Errors
    /// Why it is not armed. A home gateway that may wait all the same is told that it is over.
    pub(in crate::ldr) async fn finish(self, armed: Result<(), Failure>) -> Result<Armed, Failure> {
        let failed = match (armed, self.slot.get()) {
            (Ok(()), Some(slot)) => {
                let mut state = slot.state.lock().await;
                let name: Arc<str> = self.answered.get().map_or(self.name.as_str(), String::as_str).into();
                let armed = KeptReferral { phase: ReferralPhase::Armed, name, ..state.clone() };
                let asked = state.clone();
                if self.referred.keep(&mut state, armed).await.is_ok() {
                    self.referred.renamed(&asked, &state);
                    metrics::counter!("wherefore_deferred_armed_total").increment(1);
                    return Ok(Armed { id: slot.id, reference: NO_REFERENCE });
                }
                Failure::SystemFailure
            }
            (Ok(()), None) => Failure::SystemFailure,
            (Err(failure), _) => failure,
        };
        metrics::counter!("wherefore_deferred_not_armed_total").increment(1);
        if let Some(slot) = self.slot.get() {
            let mut state = slot.state.lock().await;
            let done = match self.declined.get() {
                Some(()) => self.referred.forget(&state).await,
                // Who asked is told here.
                None => self.referred.end(self.core, slot, &mut state, EndReason::ByClient).await,
            };
            if done.is_err() {
                tracing::error!(request = %slot.id, "a request that failed is kept; the home gateway is told of its end at the next start");
            }
        }
        Err(failed)
    }
}

impl AtHome for Referring<'_> {
    async fn keep(&self, home: &PeerGateway) -> Result<(), Failure> {
        if self.waiting.is_none() {
            return Err(Failure::ServingNodeUnsupported);
        }
        let account = &self.request.request.account;
        let of_client = self.referred.all().iter().filter(|slot| slot.account == *account).count();
        if of_client >= self.referred.per_client {
            return Err(Failure::OverQuota);
        }
        let kept = KeptReferral {
            id: self.request.id,
            account: Arc::clone(account),
            home: Arc::clone(&home.0),
            name: self.name.as_str().into(),
            phase: ReferralPhase::Asked,
            reports: 0,
            stop: self.request.stop,
            pauses: Pauses::default(),
        };
        let stored = self.referred.store.keep_referral(&kept, self.request).await;
        stored.map_err(|error| not_kept(kept.id, &error))?;
        // Set once: nobody else has this request yet.
        self.slot.set(self.referred.insert(kept)).map_err(|_| Failure::SystemFailure)
    }

    async fn arm(
        &self,
        referral: &Referral,
        home: &PeerGateway,
        route: Option<&RoutingInfo>,
        ask: &Ask,
    ) -> Result<(), Failure> {
        let waiting = self.waiting.as_ref().ok_or(Failure::ServingNodeUnsupported)?;
        let gateways = self.core.network.gateways();
        let armed = gateways.arm_at_home((referral, home), route, ask, (waiting, &self.name)).await;
        match armed {
            Ok(name) => {
                // Set once: it is asked once.
                self.answered.set(name).ok();
                Ok(())
            }
            Err(failure) => {
                // Whoever was not reached, or said no, does not wait. Silence and what cannot be read may be a gateway that does.
                if !matches!(failure, Failure::TimedOut | Failure::NetworkFault | Failure::NetworkProtocol) {
                    self.declined.set(()).ok();
                }
                Err(failure)
            }
        }
    }
}

impl Referred {
    /// Has a request found by the name that the home gateway gave it.
    fn renamed(&self, before: &KeptReferral, now: &KeptReferral) {
        let mut tables = self.tables();
        tables.by_name.remove(&(Arc::clone(&before.home), Arc::clone(&before.name)));
        tables.by_name.insert((Arc::clone(&now.home), Arc::clone(&now.name)), now.id);
    }
}
