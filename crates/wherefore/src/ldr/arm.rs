//! Taking a deferred request.

use super::charge::Charge;
use super::index::Slot;
use super::requesting::{Whose, asked_by};
use super::speaker::kept_name;
use super::{Deferred, visited};
use crate::charging::{ChargedPart, ChargedPosition, Slip, noting};
use crate::core::Core;
use crate::store::{KeptLdr, LdrParties, likeness};
use gmlc::{
    Activated, Ask, EndReason, Keep, Kept, Ldr, LdrEvent, LdrRequest, LdrRoad, PeerGateway, Phase, Plan,
    RequestingGateway, Waiter,
};
use lcs::{Duration, Failure, Identities, LdrReference, LocationType, PrivacySetting, Target, Timestamp};
use privacy::disclosure::{Ending, Facts, LogUnavailable, Recorded, RequestId, Ticket};
use std::sync::{Arc, OnceLock};

/// A request that is armed, or that will be when its time comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Armed {
    /// What the client knows it by.
    pub(crate) id: RequestId,
    /// Its reference at this gateway. It may be greater than what `lcs_ref` of MLP takes.
    pub(crate) reference: LdrReference,
}

impl Deferred {
    /// Checks a request, keeps it, and has the serving node wait. When this returns, it is durable and a node has acknowledged it, unless it
    /// begins later. One that failed is told to nobody again.
    ///
    /// # Errors
    /// Why it is not armed. [`Failure::InvalidRequest`]: times, numbers or areas that no request can have; [`Failure::OverQuota`]: too
    /// many of this client; [`Failure::Congestion`]: too many about this target.
    pub(crate) async fn arm(&self, core: &Arc<Core>, request: LdrRequest) -> Result<Armed, Failure> {
        self.arm_for(core, request, None).await
    }

    /// The same for a client of another gateway, by the operator's record of that. Who is at home elsewhere is not referred on.
    ///
    /// # Errors
    /// As [`Deferred::arm`].
    pub(crate) async fn arm_for_gateway(
        &self,
        core: &Arc<Core>,
        request: LdrRequest,
        requesting: RequestingGateway,
    ) -> Result<Armed, Failure> {
        self.arm_for(core, request, Some(requesting)).await
    }

    async fn arm_for(
        &self,
        core: &Arc<Core>,
        request: LdrRequest,
        requesting: Option<RequestingGateway>,
    ) -> Result<Armed, Failure> {
        let now = core.now();
        let plan = match self.plan(&request, now) {
            Ok(plan) => plan,
            Err(failure) => return Err(declined(core, &request, failure).await),
        };
        let ticket = match self.refer(core, &request, requesting.as_ref()).await? {
            Whose::Own(ticket) => *ticket,
            Whose::Armed(armed) => return Ok(armed),
        };
        let mut ldr = Ldr::new(plan);
        ldr.handle(LdrEvent::Due, now);
        let new =
            New { deferred: self, request: &request, requesting, reference: None, ldr, now, slot: OnceLock::new() };
        if ldr.phase() == Phase::Resting {
            return self.arm_later(core, &new, ticket).await;
        }
        let (ask, requesting) = (ask(core, &request, None), new.requesting.as_ref());
        let gateway = asked_by(core, requesting);
        let armed = gmlc::activate_for(&gateway, requesting, &request, &ask, &new, ticket);
        let (armed, slip) = noting(armed).await;
        self.settle(core, &new, (armed.map_err(Failure::from).flatten(), slip)).await
    }

    /// What came of asking for a request that is new.
    pub(super) async fn settle(
        &self,
        core: &Arc<Core>,
        new: &New<'_>,
        (armed, slip): (Result<Activated, Failure>, Slip),
    ) -> Result<Armed, Failure> {
        let (request, now) = (new.request, new.now);
        let node = armed.as_ref().map_or_else(
            |_| String::new(),
            |activated| match &activated.waiter {
                Waiter::Node(node) => kept_name(node),
                Waiter::Visited(_) | Waiter::Card => String::new(),
            },
        );
        let target = new.slot.get().map(|slot| slot.target).unwrap_or_default();
        let outcome = armed.as_ref().map(|_| ChargedPosition::default()).map_err(|failure| *failure);
        Charge { request, target, node: &node, began: now, referred: false }.keep(
            core,
            ChargedPart::Arming,
            slip,
            outcome,
        );
        let failed = match (armed, new.slot.get()) {
            (Ok(activated), Some(slot)) => {
                let mut state = slot.state.lock().await;
                let event = self.waits_at(&mut state, &activated.waiter);
                let kept = self.happened(core, slot, &mut state, event).await;
                if kept.is_ok() {
                    metrics::counter!("wherefore_deferred_armed_total").increment(1);
                    if state.ldr.is_joined() {
                        metrics::counter!("wherefore_deferred_joined_total").increment(1);
                    }
                    return Ok(Armed { id: slot.id, reference: slot.reference });
                }
                Failure::SystemFailure
            }
            (Ok(_), None) => Failure::SystemFailure,
            (Err(failure), _) => failure,
        };
        metrics::counter!("wherefore_deferred_not_armed_total").increment(1);
        if let Some(slot) = new.slot.get() {
            let mut state = slot.state.lock().await;
            let nobody = match state.road {
                LdrRoad::Card => failed == Failure::PositioningDenied,
                LdrRoad::Visited => !visited::may_wait(failed),
                LdrRoad::Node | LdrRoad::Nobody => false,
            };
            if nobody {
                state.road = LdrRoad::Nobody;
            }
            // Without an outbox: who asked is told here. A node that may have heard of it is told that it is over.
            if self.happened(core, slot, &mut state, LdrEvent::Cancel(EndReason::ByClient)).await.is_err() {
                tracing::error!(request = %slot.id, "a deferred request that failed is kept until the store takes its end");
            }
        }
        Err(failed)
    }

    /// The course of a request that this gateway may wait for at all.
    pub(super) fn plan(&self, request: &LdrRequest, now: Timestamp) -> Result<Plan, Failure> {
        let longest = request.start.unwrap_or(now).after(Duration::from_secs(self.settings.max_duration_s));
        let plan = Plan::new(request, now).map_err(|error| {
            tracing::debug!(%error, "a deferred request has no course");
            Failure::InvalidRequest
        })?;
        if self.settings.gmlc_address.is_none() {
            return Err(Failure::ServingNodeUnsupported);
        }
        if request.stop > longest { Err(Failure::InvalidRequest) } else { Ok(plan) }
    }

    /// Notes who waits; what happened to the request by that.
    pub(super) fn waits_at(&self, state: &mut KeptLdr, waiter: &Waiter) -> LdrEvent {
        match waiter {
            Waiter::Node(node) => {
                state.node = self.index.node(&kept_name(node));
                LdrEvent::Accepted
            }
            // Under what name it was asked is kept.
            Waiter::Visited(_) => LdrEvent::Accepted,
            // The card is on the phone.
            Waiter::Card => LdrEvent::Activated,
        }
    }

    /// Keeps a request that begins later. It is checked now and when it begins; a node is asked only then.
    async fn arm_later(&self, core: &Arc<Core>, new: &New<'_>, ticket: Ticket) -> Result<Armed, Failure> {
        let requesting = new.requesting.as_ref();
        let kept =
            gmlc::foresee(&asked_by(core, requesting), requesting, &ask(core, new.request, None), new, ticket).await;
        let reference = kept.map_err(Failure::from).flatten()?;
        let slot = new.slot.get().ok_or(Failure::SystemFailure)?;
        self.wake_at(slot.id, slot.state.lock().await.ldr.deadline());
        Ok(Armed { id: slot.id, reference })
    }
}

/// A request that is new: it gets its place when it is to be kept.
pub(super) struct New<'a> {
    pub(super) deferred: &'a Deferred,
    pub(super) request: &'a LdrRequest,
    pub(super) requesting: Option<RequestingGateway>,
    /// The reference that a home gateway gave it, where this is the visited one.
    pub(super) reference: Option<LdrReference>,
    pub(super) ldr: Ldr,
    pub(super) now: Timestamp,
    pub(super) slot: OnceLock<Arc<Slot>>,
}

impl New<'_> {
    /// As it is kept before anybody is asked.
    fn kept(&self, agreed: PrivacySetting, road: LdrRoad) -> KeptLdr {
        let merges = self.deferred.settings.merge && self.reference.is_none();
        KeptLdr {
            agreed,
            // A card, and a visited gateway, is told of each by itself.
            likeness: likeness(self.request).filter(|_| merges && road == LdrRoad::Node),
            road,
            node: "".into(),
            ldr: self.ldr,
        }
    }

    /// Gives it its place. `joins`: it may join one that is alike.
    async fn place(&self, target: Identities, kept: KeptLdr, joins: bool) -> Result<Kept, Failure> {
        let settings = &self.deferred.settings;
        let limits = (settings.max_per_target, settings.max_per_client);
        let parties = LdrParties {
            id: self.request.id,
            account: Arc::clone(&self.request.request.account),
            target: Identities { imei: None, ..target },
            reference: self.reference.unwrap_or(LdrReference(0)),
        };
        let slot = match self.reference {
            Some(_) => self.deferred.index.admit_as(parties, kept, limits)?,
            None => self.deferred.index.admit(parties, kept, limits, Some(self.now).filter(|_| joins))?,
        };
        let state = slot.state.lock().await;
        if self.deferred.rows.insert(&slot, &state, self.request).await.is_err() {
            self.deferred.index.remove(&slot);
            return Err(Failure::SystemFailure);
        }
        let kept = Kept { reference: slot.reference, joined: state.ldr.is_joined() };
        drop(state);
        // Set once: nobody else has this request yet.
        self.slot.set(slot).map_err(|_| Failure::SystemFailure)?;
        Ok(kept)
    }
}

impl Keep for New<'_> {
    fn went(&self) -> Option<LdrRoad> {
        None
    }

    async fn keep(&self, target: Identities, agreed: PrivacySetting, road: LdrRoad) -> Result<Kept, Failure> {
        // A second node, or the card, is asked after the first did not serve: the place is there.
        if let Some(slot) = self.slot.get() {
            let mut state = slot.state.lock().await;
            self.deferred.rekeep(slot, &mut state, (agreed, road), None).await?;
            return Ok(Kept { reference: slot.reference, joined: state.ldr.is_joined() });
        }
        // Whose user is to be told or asked is told or asked by the node: that takes a request of its own.
        let silent = agreed == PrivacySetting::AllowedWithoutNotification;
        let joins = silent && self.ldr.phase() == Phase::Activating;
        self.place(target, self.kept(agreed, road), joins).await
    }

    async fn keep_visited(
        &self,
        target: Identities,
        agreed: PrivacySetting,
        visited: &PeerGateway,
    ) -> Result<(LdrReference, Arc<str>), Failure> {
        let (name, node) = visited::fresh_name(visited)?;
        if let Some(slot) = self.slot.get() {
            let mut state = slot.state.lock().await;
            self.deferred.rekeep(slot, &mut state, (agreed, LdrRoad::Visited), Some(node)).await?;
            return Ok((slot.reference, name));
        }
        let kept = KeptLdr { node, ..self.kept(agreed, LdrRoad::Visited) };
        Ok((self.place(target, kept, false).await?.reference, name))
    }
}

impl Deferred {
    /// Keeps how a request that has its place goes now, before anybody is asked. `visited`: under what name a visited gateway is.
    pub(super) async fn rekeep(
        &self,
        slot: &Slot,
        state: &mut KeptLdr,
        (agreed, road): (PrivacySetting, LdrRoad),
        visited: Option<Arc<str>>,
    ) -> Result<(), Failure> {
        let likeness = state.likeness.filter(|_| road == LdrRoad::Node);
        let node = match &visited {
            Some(name) => Arc::clone(name),
            // What another knew it by is no node.
            None if state.road == LdrRoad::Visited => "".into(),
            None => Arc::clone(&state.node),
        };
        let changed = KeptLdr { agreed, road, likeness, node, ..state.clone() };
        self.rows.update(slot, &changed).await.map_err(|_| Failure::SystemFailure)?;
        *state = changed;
        self.index.asked_as(slot.id, visited.as_ref());
        Ok(())
    }
}

/// The request towards privacy check and network; `known`: about whom, once the network told.
pub(super) fn ask(core: &Core, request: &LdrRequest, known: Option<&Identities>) -> Ask {
    let mut asked = request.request.clone();
    asked.location_type = LocationType::Current;
    asked.max_age_s = None;
    let number = known.and_then(|known| known.msisdn).map(Target::Msisdn);
    if let Some(target) = number.or(known.and_then(|known| known.imsi).map(Target::Imsi)) {
        asked.target = target;
    }
    Ask { request: asked, deadline: deadline(core), emergency_key: None }
}

/// Time enough for the register and the node.
pub(super) fn deadline(core: &Core) -> Timestamp {
    let timers = &core.config.diameter.timers;
    core.now().after(Duration::from_millis(timers.slh_ms).saturating_add(Duration::from_millis(timers.slg_ms)))
}

/// Records that nobody is waited for, before the network is asked: the failure, or that there is no record.
pub(super) async fn declined(core: &Core, request: &LdrRequest, failure: Failure) -> Failure {
    let recorded = record_failed(core, request, LocationType::ActivateDeferred, failure).await;
    recorded.err().map_or(failure, Failure::from)
}

/// Records that something of a request failed of which the network was asked nothing: about whom, its client said.
///
/// # Errors
/// There is no record.
pub(super) async fn record_failed(
    core: &Core,
    request: &LdrRequest,
    location_type: LocationType,
    failure: Failure,
) -> Result<(), LogUnavailable> {
    let mut ticket = ticket(core, request, location_type);
    let identities = Identities::of(&request.request.target).unwrap_or_default();
    ticket.identify(core.ppr.subject(&identities), identities);
    ticket.record(Ending::failed(failure).at(core.now()), ()).await.map(Recorded::release)
}

/// A record of something that happens to a request now.
pub(super) fn ticket(core: &Core, request: &LdrRequest, location_type: LocationType) -> Ticket {
    let asked = &request.request;
    core.log.open(Facts {
        time: core.now(),
        request: request.id,
        via: request.via,
        account: Arc::clone(&asked.account),
        client_type: asked.client.client_type,
        external: asked.client.external,
        requestor: asked.client.requestor.clone(),
        service_type: asked.service_type,
        location_type,
        qos: asked.qos,
        target: asked.target.clone(),
    })
}
