//! Carrying out what the machine of a request says.

use super::arm::{ask, ticket};
use super::charge::{self, Charge};
use super::index::Slot;
use super::requesting::{CheckedBy, checked_by, is_instructed, refused_unasked, unasked};
use super::{Deferred, LdrNews, visited};
use crate::charging::{ChargedPart, ChargedPosition, Slip, noting};
use crate::core::Core;
use crate::store::KeptLdr;
use gmlc::{
    EndReason, Keep, Kept, LdrAction, LdrAsk, LdrCancel, LdrEnd, LdrEvent, LdrPause, LdrReport, LdrRequest, LdrRoad,
    PeerGateway, Phase, ReportedEvent,
};
use lcs::{
    DeferredEvent, Duration, Failure, Fix, Identities, LdrReference, LocationType, PrivacySetting, RefusalReason,
    Timestamp,
};
use std::sync::Arc;

/// Wait before something is tried again that this gateway itself could not do.
const AGAIN: Duration = Duration::from_secs(5);

/// What a report came to.
enum Judged {
    /// It may be told.
    Told(LdrReport),
    /// It is withheld; whether that ends the request.
    Withheld(Option<RefusalReason>),
}

/// A report as the machine numbered it.
#[derive(Debug, Clone, Copy)]
struct Numbered {
    number: u32,
    event: ReportedEvent,
    last: bool,
}

impl Deferred {
    /// Tells the machine of a request what happened, and carries out what it says, to the end.
    ///
    /// # Errors
    /// Something could not be kept: the request stands as before, and what happened is to happen again.
    pub(super) async fn happened(
        &self,
        core: &Arc<Core>,
        slot: &Arc<Slot>,
        state: &mut KeptLdr,
        event: LdrEvent,
    ) -> Result<(), Failure> {
        let before = state.clone();
        let actions = state.ldr.handle(event, core.now());
        self.carry_out(core, slot, state, before, (actions, None)).await
    }

    /// Carries out `actions`, in the one order: what the client gets, then the state, then the network. `fix`: the position that came with a
    /// report.
    pub(super) async fn carry_out(
        &self,
        core: &Arc<Core>,
        slot: &Arc<Slot>,
        state: &mut KeptLdr,
        before: KeptLdr,
        (actions, fix): (Vec<LdrAction>, Option<Fix>),
    ) -> Result<(), Failure> {
        let done = self.carry_out_durably(core, slot, state, &before, (actions, fix)).await;
        if done.is_err() {
            // A due event comes again; who else told of one is told that it was not taken.
            *state = before;
            let due = state.ldr.deadline().map(|due| due.max(core.now().after(AGAIN)));
            self.wake_at(slot.id, due);
        }
        done
    }

    async fn carry_out_durably(
        &self,
        core: &Arc<Core>,
        slot: &Arc<Slot>,
        state: &mut KeptLdr,
        before: &KeptLdr,
        (mut actions, mut fix): (Vec<LdrAction>, Option<Fix>),
    ) -> Result<(), Failure> {
        let mut request = None;
        let mut later = Vec::new();
        while !actions.is_empty() {
            let mut next = Vec::new();
            for action in actions {
                match action {
                    LdrAction::Report { number, event, last } => {
                        let request = self.asked(slot, &mut request).await?;
                        let report = Numbered { number, event, last };
                        if fix.is_none() && wants_position(request, event) && !is_instructed(core, request) {
                            later.push(action);
                            continue;
                        }
                        let judged = self.judge(core, slot, state, request, report, (fix.take(), false)).await?;
                        let told = self.tell(request, judged).await?;
                        next.extend(state.ldr.handle(told, core.now()));
                    }
                    LdrAction::End(reason) if reason.is_unsolicited() => {
                        let request = self.asked(slot, &mut request).await?;
                        self.end(core, slot, request, reason).await?;
                        charge_end(core, slot, state, request, reason);
                    }
                    // One that was never armed is charged as that.
                    LdrAction::End(reason) if core.charging.is_on() && before.ldr.was_armed() => {
                        charge_end(core, slot, state, self.asked(slot, &mut request).await?, reason);
                    }
                    LdrAction::End(_) => {}
                    LdrAction::Paused { paused, change } => {
                        let request = self.asked(slot, &mut request).await?;
                        let (after, reference) = (state.ldr.reports(), slot.reference);
                        let pause = LdrPause { id: slot.id, reference, paused, after, change };
                        self.put(request, LdrNews::Paused(pause)).await?;
                    }
                    LdrAction::Forget => {
                        self.rows.delete(slot.id).await.map_err(|_| Failure::SystemFailure)?;
                        self.index.remove(slot);
                        self.pass_on(core, slot, state);
                    }
                    LdrAction::Activate | LdrAction::Release => later.push(action),
                }
            }
            actions = next;
        }
        if state.ldr.phase() == Phase::Ended {
            return Ok(());
        }
        if *state != *before {
            self.rows.update(slot, state).await.map_err(|_| Failure::SystemFailure)?;
        }
        self.index.note(slot, state);
        self.wake_at(slot.id, state.ldr.deadline());
        for action in later {
            self.begin(core, slot, action);
        }
        Ok(())
    }

    /// What was asked, read once.
    async fn asked<'a>(&self, slot: &Slot, read: &'a mut Option<LdrRequest>) -> Result<&'a LdrRequest, Failure> {
        if read.is_none() {
            *read = self.read(slot).await;
        }
        read.as_ref().ok_or(Failure::SystemFailure)
    }

    pub(super) async fn read(&self, slot: &Slot) -> Option<LdrRequest> {
        match self.rows.request(slot.id).await {
            Ok(request) => request,
            Err(error) => {
                tracing::error!(request = %slot.id, %error, "a deferred request cannot be read");
                None
            }
        }
    }

    /// Checks and records a report. `locate`: the network may be asked for the position.
    async fn judge(
        &self,
        core: &Arc<Core>,
        slot: &Slot,
        state: &KeptLdr,
        request: &LdrRequest,
        report: Numbered,
        (fix, locate): (Option<Fix>, bool),
    ) -> Result<Judged, Failure> {
        let at = core.now();
        let asked = ask(core, request, Some(&slot.target));
        let periodic = report.event == ReportedEvent::Periodic;
        let wanted = wants_position(request, report.event) || periodic || fix.is_some();
        let ticket = ticket(core, request, LocationType::Current);
        let checking = LdrAsk {
            request: &asked.request,
            target: slot.target,
            agreed: state.agreed,
            fix,
            locate: locate.then(|| asked.clone()),
        };
        let (done, slip) = match checked_by(core, request) {
            Some(CheckedBy::Profile(gateway)) => noting(gmlc::ldr_report(&gateway, checking, ticket)).await,
            Some(CheckedBy::Word(gateway, told)) => {
                let (done, slip) = noting(gmlc::report_instructed(&gateway, &told, checking, ticket)).await;
                (done.map(|recorded| (recorded, None)), slip)
            }
            None => return unasked(core, ticket).await.map(|reason| Judged::Withheld(Some(reason))),
        };
        let (recorded, missing) = done?;
        let released = recorded.release();
        let located = released.as_ref().is_ok_and(|fix| fix.shape.is_some());
        let part = ChargedPart::Report { event: charge::word(report.event), number: report.number, located };
        let outcome = released.as_ref().map(ChargedPosition::of).map_err(|failure| *failure);
        charge_of(slot, state, request, at).keep(core, part, slip, outcome);
        let fix = match released {
            Ok(fix) => fix,
            // A register that cannot be asked, or read, has not refused: the node reports again.
            Err(failure @ Failure::Refused(RefusalReason::ProfileUnreadable)) if !locate => return Err(failure),
            Err(failure) => {
                metrics::counter!("wherefore_deferred_reports_withheld_total").increment(1);
                return Ok(Judged::Withheld(lasting(failure)));
            }
        };
        let fix = Some(fix).filter(|fix| fix.shape.is_some());
        let missing = missing.or(Failure::PositioningFailed.into()).filter(|_| fix.is_none() && wanted);
        let Numbered { number, event, last } = report;
        let (id, reference) = (slot.id, slot.reference);
        Ok(Judged::Told(LdrReport { id, reference, number, event, at, fix, missing, last }))
    }

    /// Puts a report that may be told into the outbox; what the machine is to be told then.
    async fn tell(&self, request: &LdrRequest, judged: Judged) -> Result<LdrEvent, Failure> {
        match judged {
            Judged::Withheld(reason) => Ok(LdrEvent::Withheld(reason)),
            Judged::Told(report) => {
                self.put(request, LdrNews::Report(report)).await?;
                metrics::counter!("wherefore_deferred_reports_total").increment(1);
                Ok(LdrEvent::Delivered)
            }
        }
    }

    /// Tells the client that a request is over.
    async fn end(&self, core: &Core, slot: &Slot, request: &LdrRequest, reason: EndReason) -> Result<(), Failure> {
        metrics::counter!("wherefore_deferred_ended_total", "reason" => word(reason)).increment(1);
        let end = LdrEnd { id: slot.id, reference: slot.reference, reason, at: core.now() };
        self.put(request, LdrNews::End(end)).await
    }

    async fn put(&self, request: &LdrRequest, news: LdrNews) -> Result<(), Failure> {
        self.outbox.put(request, &news).await.map_err(|error| {
            tracing::error!(request = %request.id, %error, "news of a deferred request cannot be kept");
            Failure::SystemFailure
        })
    }

    /// Begins what takes the network's time. What it comes to is another event.
    fn begin(&self, core: &Arc<Core>, slot: &Arc<Slot>, action: LdrAction) {
        let (core, slot) = (Arc::clone(core), Arc::clone(slot));
        let work = core.work.clone();
        work.spawn(async move {
            let Some(deferred) = core.deferred.clone() else { return };
            match action {
                LdrAction::Activate => deferred.activate_again(&core, &slot).await,
                LdrAction::Release => deferred.release(&core, &slot).await,
                LdrAction::Report { number, event, last } => {
                    deferred.locate_and_report(&core, &slot, Numbered { number, event, last }).await;
                }
                LdrAction::End(_) | LdrAction::Paused { .. } | LdrAction::Forget => {}
            }
        });
    }

    /// Asks the node that serves now to wait.
    async fn activate_again(&self, core: &Arc<Core>, slot: &Arc<Slot>) {
        let Some(request) = self.read(slot).await else { return };
        core.network.forget_route(&slot.target);
        let asked = ask(core, &request, Some(&slot.target));
        let ticket = ticket(core, &request, LocationType::ActivateDeferred);
        let (went, reports) = {
            let state = slot.state.lock().await;
            let went = Some(state.road).filter(|road| *road == LdrRoad::Card || state.ldr.was_armed());
            (went, state.ldr.reports())
        };
        let again = Again { deferred: self, slot, went };
        let began = core.now();
        let activating = async {
            match checked_by(core, &request) {
                Some(CheckedBy::Profile(gateway)) => gmlc::activate(&gateway, &request, &asked, &again, ticket).await,
                Some(CheckedBy::Word(gateway, told)) => {
                    gmlc::activate_instructed(&gateway, &told, (&request, &asked), &again, ticket).await
                }
                None => Ok(Err(refused_unasked(core, ticket).await)),
            }
        };
        let (armed, slip) = noting(activating).await;
        let armed = armed.map_err(Failure::from).flatten();
        let mut state = slot.state.lock().await;
        let outcome = armed.as_ref().map(|_| ChargedPosition::default()).map_err(|failure| *failure);
        charge_of(slot, &state, &request, began).keep(core, ChargedPart::Arming, slip, outcome);
        if state.ldr.is_over() {
            // Whoever was told so may have heard of it before it was asked, unless it ended by what was reported meanwhile.
            let waits = armed.as_ref().err().is_none_or(|failure| visited::may_wait(*failure));
            let waits = waits && state.ldr.reports() == reports;
            let (road, node) = (state.road, Arc::clone(&state.node));
            drop(state);
            if waits {
                self.recall(core, slot, &request, (road, &node)).await;
            }
            return;
        }
        let event = match armed {
            Ok(activated) => self.waits_at(&mut state, &activated.waiter),
            // As it is kept it is to be activated: it is when the gateway starts again.
            Err(Failure::Stopping) => return,
            Err(failure) => LdrEvent::Declined(failure),
        };
        self.told(self.happened(core, slot, &mut state, event).await);
    }

    /// Tells who was asked to wait for a request that ended meanwhile, and of which nothing may be kept any more. Who cannot be told now learns it
    /// from the answer to its first report.
    async fn recall(&self, core: &Arc<Core>, slot: &Slot, request: &LdrRequest, (road, node): (LdrRoad, &str)) {
        let others = self.index.referred(&slot.target, slot.reference).iter().any(|other| other.id != slot.id);
        // Under its reference the node waits for another by now. A visited gateway knows each by a name of its own.
        if others && road == LdrRoad::Node {
            return;
        }
        if let Err(failure) = self.tell_over(core, slot, request, (road, node)).await {
            tracing::warn!(request = %slot.id, %failure, "a node that was asked to wait cannot be told that the request ended meanwhile");
        }
    }

    /// A request that a node was asked for is gone: one that joined it takes its place.
    fn pass_on(&self, core: &Arc<Core>, slot: &Arc<Slot>, state: &KeptLdr) {
        if state.ldr.is_joined() || self.index.heir(slot).is_none() {
            return;
        }
        let (core, slot, waits) = (Arc::clone(core), Arc::clone(slot), state.ldr.node_waits());
        let work = core.work.clone();
        work.spawn(async move {
            let Some(deferred) = core.deferred.clone() else { return };
            while let Err(failure) = deferred.promote(&core, &slot, waits).await {
                tracing::warn!(request = %slot.id, %failure, "a request that joined one that is over cannot take its place yet");
                tokio::time::sleep(AGAIN).await;
            }
        });
    }

    /// Has one that joined a request take its place; `false`: there is none that is not over.
    async fn promote(
        &self,
        core: &Arc<Core>,
        slot: &Slot,
        (waits, until): (bool, Option<Timestamp>),
    ) -> Result<bool, Failure> {
        while let Some(heir) = self.index.heir(slot) {
            let mut state = heir.state.lock().await;
            // One that ended meanwhile is not found again.
            if !state.ldr.is_over() {
                self.happened(core, &heir, &mut state, LdrEvent::Promoted { waits, until }).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Tells the node that serves now, or the card, that it is over, unless it waits for others under the same reference.
    async fn release(&self, core: &Arc<Core>, slot: &Arc<Slot>) {
        let waits = slot.state.lock().await.ldr.node_waits();
        match self.promote(core, slot, waits).await {
            Ok(false) => {}
            kept => {
                let event = if kept.is_ok() { LdrEvent::Released } else { LdrEvent::NotReleased };
                let mut state = slot.state.lock().await;
                return self.told(self.happened(core, slot, &mut state, event).await);
            }
        }
        let Some(request) = self.read(slot).await else { return };
        let (road, node) = {
            let state = slot.state.lock().await;
            (state.road, Arc::clone(&state.node))
        };
        let released = self.tell_over(core, slot, &request, (road, &node)).await;
        let event = match released {
            // A node that knows nobody, or nothing of it, has nothing to end.
            Ok(()) | Err(Failure::UnknownSubscriber | Failure::PositioningDenied | Failure::PositioningFailed) => {
                LdrEvent::Released
            }
            // As it is kept it is to be released.
            Err(Failure::Stopping) => return,
            Err(failure) => {
                tracing::debug!(request = %slot.id, %failure, "a node cannot be told that a request is over");
                LdrEvent::NotReleased
            }
        };
        let mut state = slot.state.lock().await;
        self.told(self.happened(core, slot, &mut state, event).await);
    }

    /// Tells whoever waits on this road that a request is over.
    async fn tell_over(
        &self,
        core: &Arc<Core>,
        slot: &Slot,
        request: &LdrRequest,
        (road, node): (LdrRoad, &str),
    ) -> Result<(), Failure> {
        use gmlc::Network as _;
        // By whose word is no matter any more: the node is to be told.
        let told = core.network.gateways().instruction_of(request).ok().flatten();
        let (reference, target) = (slot.reference, slot.target);
        let cancel = LdrCancel { request, reference, target, node, instruction: told.as_ref() };
        match road {
            LdrRoad::Visited => core.network.release_through(&cancel).await,
            LdrRoad::Node => core.network.release(&cancel, super::arm::deadline(core)).await,
            LdrRoad::Card => core.network.uninstall(&cancel).await,
            LdrRoad::Nobody => Ok(()),
        }
    }

    /// Makes the report that is under way and for which the network is asked once more (TS 23.271 clause 9.1.9 step 17). Until it is made the
    /// machine owes it, so that a crash loses nothing.
    async fn locate_and_report(&self, core: &Arc<Core>, slot: &Arc<Slot>, report: Numbered) {
        let Some(request) = self.read(slot).await else { return };
        loop {
            let state = slot.state.lock().await.clone();
            if !still_due(&state, report) {
                return;
            }
            match self.judge(core, slot, &state, &request, report, (None, true)).await {
                Ok(judged) => {
                    let mut state = slot.state.lock().await;
                    if !still_due(&state, report) {
                        return;
                    }
                    let told = self.tell(&request, judged).await;
                    if let Ok(event) = told
                        && self.happened(core, slot, &mut state, event).await.is_ok()
                    {
                        return;
                    }
                }
                Err(failure) => tracing::warn!(request = %slot.id, %failure, "a report is tried again"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// What could not be kept is tried again when it is due; it was told of where it failed.
    fn told(&self, done: Result<(), Failure>) {
        if done.is_err() {
            self.sooner.notify_one();
        }
    }
}

/// A request that has its place and is begun anew.
struct Again<'a> {
    deferred: &'a Deferred,
    slot: &'a Arc<Slot>,
    went: Option<LdrRoad>,
}

impl Keep for Again<'_> {
    fn went(&self) -> Option<LdrRoad> {
        self.went
    }

    async fn keep(&self, _: Identities, agreed: PrivacySetting, road: LdrRoad) -> Result<Kept, Failure> {
        let mut state = self.slot.state.lock().await;
        if state.ldr.is_over() {
            return Err(Failure::Cancelled);
        }
        let joined = state.ldr.is_joined();
        // The node that waits told and asked nobody for this one.
        if joined && agreed != PrivacySetting::AllowedWithoutNotification {
            return Err(Failure::Refused(RefusalReason::ClassBars));
        }
        self.deferred.rekeep(self.slot, &mut state, (agreed, road), None).await?;
        Ok(Kept { reference: self.slot.reference, joined })
    }

    async fn keep_visited(
        &self,
        _: Identities,
        agreed: PrivacySetting,
        visited: &PeerGateway,
    ) -> Result<(LdrReference, Arc<str>), Failure> {
        let mut state = self.slot.state.lock().await;
        if state.ldr.is_over() {
            return Err(Failure::Cancelled);
        }
        // Others wait for what the node tells of it, which no gateway would be asked for.
        if state.ldr.is_joined() {
            return Err(Failure::ServingNodeUnsupported);
        }
        let (name, node) = visited::fresh_name(visited)?;
        self.deferred.rekeep(self.slot, &mut state, (agreed, LdrRoad::Visited), Some(node)).await?;
        Ok((self.slot.reference, name))
    }
}

fn charge_of<'a>(slot: &Slot, state: &'a KeptLdr, request: &'a LdrRequest, began: Timestamp) -> Charge<'a> {
    Charge { request, target: slot.target, node: &state.node, began, referred: false }
}

fn charge_end(core: &Core, slot: &Slot, state: &KeptLdr, request: &LdrRequest, reason: EndReason) {
    let outcome = Ok(ChargedPosition::default());
    charge_of(slot, state, request, core.now()).keep(core, ChargedPart::End(word(reason)), Slip::default(), outcome);
}

/// Whether a report is still to be made. One that a pause holds up is made when reports go on.
fn still_due(state: &KeptLdr, report: Numbered) -> bool {
    state.ldr.owes() == Some((report.number, report.event)) && !state.ldr.is_paused()
}

/// Whether the client wants to know where the phone is when this happens.
fn wants_position(request: &LdrRequest, event: ReportedEvent) -> bool {
    match (&request.event, event) {
        (_, ReportedEvent::NotAvailable) => false,
        (DeferredEvent::UeAvailable, _) => true,
        (DeferredEvent::Area { reporting, .. } | DeferredEvent::Motion { reporting, .. }, _) => {
            reporting.estimate_wanted
        }
        // Where the phone could not be positioned in time, it is not asked out of time.
        (DeferredEvent::Periodic { .. }, _) => false,
    }
}

/// The refusal by which a withheld report ends its request; `None`: it is of the moment, and the next report may be told.
fn lasting(failure: Failure) -> Option<RefusalReason> {
    match failure {
        Failure::Refused(reason) => Some(reason).filter(|reason| !super::passes(*reason)),
        // The user said no to this position.
        _ => None,
    }
}

/// Why requests end, as metrics have it.
pub(super) fn word(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Completed => "completed",
        EndReason::Expired => "expired",
        EndReason::ByClient => "by_client",
        EndReason::BySubscriber => "by_subscriber",
        EndReason::ByOperator => "by_operator",
        EndReason::Refused(_) => "refused",
        EndReason::Terminated(_) => "terminated",
        EndReason::Failed(_) => "failed",
    }
}
