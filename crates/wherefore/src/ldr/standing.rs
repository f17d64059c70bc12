//! What a client, or the operator, gets to know of a request and does with it.

use super::Deferred;
use super::index::Slot;
use super::speaker::is_host;
use crate::core::Core;
use crate::lr::{is_of_home_gateway, peer_of_account};
use crate::store::KeptLdr;
use gmlc::{EndReason, LdrEvent, LdrRoad, Pauser, Phase};
use lcs::{Failure, Identities, LdrReference, Timestamp};
use privacy::disclosure::RequestId;
use std::sync::Arc;

/// How a deferred request stands. Names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LdrStanding {
    /// What the client knows it by.
    pub(crate) id: RequestId,
    /// Its reference at this gateway.
    pub(crate) reference: LdrReference,
    /// Account of the client.
    pub(crate) account: Arc<str>,
    /// Where it stands.
    pub(crate) phase: Phase,
    /// For whom it waits.
    pub(crate) asked_by: Asker,
    /// By which road it is armed.
    pub(crate) road: Road,
    /// It waits with another under the same reference, for which the network was asked (TS 23.271 clause 4.5).
    pub(crate) merged: bool,
    /// The phone itself is known to know of it.
    pub(crate) activated: bool,
    /// Its reports are paused.
    pub(crate) paused: bool,
    /// Reports made.
    pub(crate) reports: u32,
    /// When it ends at the latest.
    pub(crate) stop: Timestamp,
}

/// Who asked for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A client of this gateway.
    Client,
    /// Another gateway for a client of its own; this is the home one.
    RequestingGateway,
    /// The home gateway of somebody who is here; this is the visited one.
    HomeGateway,
}

/// Who waits for the event of a request. Not which of them: a node, and a network abroad, say where somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Road {
    /// Nobody now: it has not begun, none has acknowledged it yet, or whoever was asked said no.
    Nobody,
    /// A node of the EPC, over SLg.
    Slg,
    /// An MSC server or an SGSN, over MAP.
    Map,
    /// The card, over SMS.
    Card,
    /// The gateway of the network where the phone is, over Lr.
    VisitedGateway,
    /// The home gateway, over Lr; this is the requesting one.
    HomeGateway,
}

impl Road {
    /// By what is kept of a request.
    fn of(state: &KeptLdr) -> Self {
        match state.road {
            _ if state.ldr.phase() == Phase::Resting => Self::Nobody,
            LdrRoad::Node if state.node.is_empty() => Self::Nobody,
            LdrRoad::Node if is_host(&state.node) => Self::Slg,
            LdrRoad::Node => Self::Map,
            LdrRoad::Card => Self::Card,
            LdrRoad::Visited => Self::VisitedGateway,
            LdrRoad::Nobody => Self::Nobody,
        }
    }
}

impl Deferred {
    async fn standing(&self, slot: &Slot) -> LdrStanding {
        let asked_by = self.asked_by(slot).await;
        let state = slot.state.lock().await;
        LdrStanding {
            id: slot.id,
            reference: slot.reference,
            account: Arc::clone(&slot.account),
            phase: state.ldr.phase(),
            asked_by,
            road: Road::of(&state),
            merged: state.ldr.is_joined(),
            activated: state.ldr.is_activated(),
            paused: state.ldr.is_paused(),
            reports: state.ldr.reports(),
            stop: state.ldr.stop(),
        }
    }

    /// By the account, and where another gateway asked by what is kept of it.
    async fn asked_by(&self, slot: &Slot) -> Asker {
        if peer_of_account(&slot.account).is_none() {
            return Asker::Client;
        }
        // What cannot be read is of one or the other, and is reported to neither.
        let by_word = self.read(slot).await.is_some_and(|request| is_of_home_gateway(&request));
        if by_word { Asker::HomeGateway } else { Asker::RequestingGateway }
    }

    /// A client's request that is not over; one of another client is none.
    async fn own(&self, account: &str, id: RequestId) -> Result<Arc<Slot>, Failure> {
        let slot = self.index.find(id).filter(|slot| *slot.account == *account).ok_or(Failure::InvalidRequest)?;
        if slot.state.lock().await.ldr.is_over() { Err(Failure::InvalidRequest) } else { Ok(slot) }
    }

    /// How a client's request stands.
    ///
    /// # Errors
    /// [`Failure::InvalidRequest`]: this client has no such request, or it is over.
    pub(crate) async fn query(&self, account: &str, id: RequestId) -> Result<LdrStanding, Failure> {
        match self.own(account, id).await {
            Ok(slot) => Ok(self.standing(&slot).await),
            Err(_) => self.referred.query(account, id).await,
        }
    }

    /// A client's request as it was armed.
    ///
    /// # Errors
    /// As [`Deferred::query`]; [`Failure::SystemFailure`]: it cannot be read.
    pub(crate) async fn request_of(&self, account: &str, id: RequestId) -> Result<gmlc::LdrRequest, Failure> {
        match self.own(account, id).await {
            Ok(slot) => self.read(&slot).await.ok_or(Failure::SystemFailure),
            Err(_) => self.referred.request_of(account, id).await,
        }
    }

    /// All requests of a client that are not over, in the order of their names.
    pub(crate) async fn of_client(&self, account: &str) -> Vec<LdrStanding> {
        let mut standings = Vec::new();
        for slot in self.index.page(None, usize::MAX).into_iter().filter(|slot| *slot.account == *account) {
            standings.push(self.standing(&slot).await);
        }
        standings.extend(self.referred.standings(Some(account), None).await);
        standings.sort_unstable_by_key(|standing| standing.id);
        standings.retain(|standing| !matches!(standing.phase, Phase::Cancelling | Phase::Ended));
        standings
    }

    /// Ends a client's request. When this returns, no further report goes to the client; the node is told in the background.
    ///
    /// # Errors
    /// [`Failure::InvalidRequest`]: this client has no such request, or it is over. [`Failure::SystemFailure`]: the end could not be
    /// kept, and the request goes on.
    pub(crate) async fn cancel(&self, core: &Arc<Core>, account: &str, id: RequestId) -> Result<(), Failure> {
        let slot = match self.own(account, id).await {
            Ok(slot) => slot,
            Err(unknown) => {
                let ended = self.referred.cancel(core, Some(account), id, EndReason::ByClient).await?;
                return if ended == 0 { Err(unknown) } else { Ok(()) };
            }
        };
        let mut state = slot.state.lock().await;
        self.happened(core, &slot, &mut state, LdrEvent::Cancel(EndReason::ByClient)).await
    }

    /// The requests about one subscriber.
    pub(crate) async fn of_subscriber(&self, who: &Identities) -> Vec<LdrStanding> {
        let mut standings = Vec::new();
        for slot in self.index.of_target(who) {
            standings.push(self.standing(&slot).await);
        }
        standings
    }

    /// A page of all requests, in the order of their names.
    pub(crate) async fn page(&self, after: Option<RequestId>, most: usize) -> Vec<LdrStanding> {
        let mut standings = Vec::new();
        for slot in self.index.page(after, most) {
            standings.push(self.standing(&slot).await);
        }
        // A page of both is the first of either, in order.
        standings.extend(self.referred.standings(None, after).await);
        standings.sort_unstable_by_key(|standing| standing.id);
        standings.truncate(most);
        standings
    }

    /// Ends the request of this name for this reason; how many that were.
    ///
    /// # Errors
    /// The end could not be kept: the request goes on.
    pub(crate) async fn cancel_one(
        &self,
        core: &Arc<Core>,
        id: RequestId,
        reason: EndReason,
    ) -> Result<usize, Failure> {
        let Some(slot) = self.index.find(id) else { return self.referred.cancel(core, None, id, reason).await };
        let mut state = slot.state.lock().await;
        if state.ldr.is_over() {
            return Ok(0);
        }
        self.happened(core, &slot, &mut state, LdrEvent::Cancel(reason)).await?;
        Ok(1)
    }

    /// Pauses the reports of the request of this name, or of all about a subscriber, or has them go on; how many requests that were. A
    /// request of the name that is not about the subscriber is none.
    ///
    /// # Errors
    /// One change could not be kept: that request and those after it stand as before.
    pub(crate) async fn pause(
        &self,
        core: &Arc<Core>,
        (id, who): (Option<RequestId>, Option<&Identities>),
        (by, paused): (Pauser, bool),
    ) -> Result<usize, Failure> {
        let slots = match who {
            Some(who) => self.index.of_target(who),
            None => id.and_then(|id| self.index.find(id)).into_iter().collect(),
        };
        if let (None, Some(id), true) = (who, id, slots.is_empty()) {
            return self.referred.pause(id, (by, paused)).await;
        }
        let mut changed = 0;
        for slot in slots.into_iter().filter(|slot| id.is_none_or(|id| id == slot.id)) {
            let mut state = slot.state.lock().await;
            if !state.ldr.is_over() {
                let event = if paused { LdrEvent::Pause(by) } else { LdrEvent::Resume(by) };
                self.happened(core, &slot, &mut state, event).await?;
                changed += 1;
            }
        }
        Ok(changed)
    }

    /// Ends all requests about one subscriber, or the one of this name, for this reason; how many that were.
    ///
    /// # Errors
    /// One end could not be kept: that request and those after it go on.
    pub(crate) async fn cancel_of(
        &self,
        core: &Arc<Core>,
        who: &Identities,
        only: Option<RequestId>,
        reason: EndReason,
    ) -> Result<usize, Failure> {
        let mut ended = 0;
        for slot in self.index.of_target(who).into_iter().filter(|slot| only.is_none_or(|only| only == slot.id)) {
            let mut state = slot.state.lock().await;
            if !state.ldr.is_over() {
                self.happened(core, &slot, &mut state, LdrEvent::Cancel(reason)).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ldr::testing::request;
    use gmlc::{Ldr, Plan};
    use lcs::PrivacySetting;

    #[test]
    fn every_road_is_shown_as_what_waits_there() {
        let plan = Plan::new(&request(1, "491701234567"), Timestamp::from_secs(1)).unwrap();
        let mut asked = Ldr::new(plan);
        asked.handle(LdrEvent::Due, Timestamp::from_secs(1));
        let mut armed = asked;
        armed.handle(LdrEvent::Accepted, Timestamp::from_secs(2));
        for (road, node, expected) in [
            (LdrRoad::Node, "", Road::Nobody),
            (LdrRoad::Node, "mme1.epc.example", Road::Slg),
            (LdrRoad::Node, "+491710000002", Road::Map),
            (LdrRoad::Card, "", Road::Card),
            (LdrRoad::Visited, "lr/gmlc.c.example/1", Road::VisitedGateway),
            (LdrRoad::Nobody, "+491710000002", Road::Nobody),
        ] {
            let agreed = PrivacySetting::AllowedWithoutNotification;
            let state = |ldr| KeptLdr { agreed, likeness: None, road, node: node.into(), ldr };
            assert_eq!((Road::of(&state(asked)), Road::of(&state(armed))), (expected, expected), "{road:?} {node}");
            // What rests waits nowhere.
            assert_eq!(Road::of(&state(Ldr::new(plan))), Road::Nobody);
        }
    }
}
