//! Requests of the home gateways of subscribers who are here: a node of this network waits by their word, and they are told (TS 23.271
//! clauses 9.1.8.1, 9.1.9, 9.1.12.1 and 9.1.19.1). This is the visited gateway.

use super::Deferred;
use super::arm::{Armed, New, ask, declined, ticket};
use crate::charging::noting;
use crate::core::Core;
use crate::lr::peer_of_account;
use gmlc::{EndReason, Instruction, Ldr, LdrEvent, LdrRequest, LdrRoad, Phase};
use lcs::{Failure, LdrReference, LocationType};
use std::sync::{Arc, OnceLock};

impl Deferred {
    /// Has a node wait by the word of the home gateway, under the reference that it gave. When this returns, the request is durable and the
    /// node has acknowledged it.
    ///
    /// # Errors
    /// As [`Deferred::arm`]. [`Failure::InvalidRequest`]: also without a reference, and for one that begins later, which the home gateway waits for.
    pub(crate) async fn arm_instructed(
        &self,
        core: &Arc<Core>,
        request: LdrRequest,
        (told, reference): (&Instruction, Option<LdrReference>),
    ) -> Result<Armed, Failure> {
        let now = core.now();
        let refused = async |failure| Err(declined(core, &request, failure).await);
        let plan = match self.plan(&request, now) {
            Ok(plan) => plan,
            Err(failure) => return refused(failure).await,
        };
        let mut ldr = Ldr::new(plan);
        ldr.handle(LdrEvent::Due, now);
        let reference = match reference {
            Some(reference) if ldr.phase() == Phase::Activating && request.rounds.is_none() => reference,
            _ => return refused(Failure::InvalidRequest).await,
        };
        if let Err(failure) = self.supersede(core, &request, told, reference).await {
            return refused(failure).await;
        }
        let (asked, ticket) = (ask(core, &request, None), ticket(core, &request, LocationType::ActivateDeferred));
        let (reference, slot) = (Some(reference), OnceLock::new());
        let new = New { deferred: self, request: &request, requesting: None, reference, ldr, now, slot };
        let gateway = core.gateway();
        let armed = gmlc::activate_instructed(&gateway, told, (&request, &asked), &new, ticket);
        let (armed, slip) = noting(armed).await;
        self.settle(core, &new, (armed.map_err(Failure::from).flatten(), slip)).await
    }

    /// What a home gateway asked for before under the same reference is over: it asks anew because it does not know, or no longer counts on it. The node is not told:
    /// what it is asked now takes the place of what it was asked then.
    async fn supersede(
        &self,
        core: &Arc<Core>,
        request: &LdrRequest,
        told: &Instruction,
        reference: LdrReference,
    ) -> Result<(), Failure> {
        for slot in self.index.referred(&told.route.identities, reference) {
            // Another gateway has no request about this subscriber, unless the operator's records changed meanwhile.
            if peer_of_account(&slot.account) != peer_of_account(&request.request.account) {
                return Err(Failure::Congestion);
            }
            let mut state = slot.state.lock().await;
            state.road = LdrRoad::Nobody;
            if !state.ldr.is_over() {
                self.happened(core, &slot, &mut state, LdrEvent::Cancel(EndReason::ByClient)).await?;
            }
        }
        Ok(())
    }
}
