//! Deferred requests at an MME and in its phones (TS 23.271 clauses 9.1.8, 9.1.15 and 9.1.19, TS 29.172 clauses 6.2.2 and 6.2.3).
//!
//! A request is acknowledged first. Once the phone can be reached its user has a say, the phone takes the request, and the node reports that it
//! is active. From then on the request is the phone's: it reports through whichever MME serves it.

mod report;
mod watch;

pub(crate) use report::ForgedReport;
use report::ReportedBy;
pub(crate) use report::{Delivered, TRIES};
pub(crate) use watch::{Event, Occurrence, Order, Watch};

use super::{
    Denial, Mme, Showing, Verdict,
    decide::{may_go_on, reach},
};
use crate::{
    cells,
    network::Shared,
    phones::Phone,
    scenario::SubscriberSpec,
    ss7::MapDeferral,
    wire::{
        self, Plr,
        deferred::{Deferral, bits, causes},
    },
};
use diameter::codec::{DecodeError, Message};
use lcs::{AreaIdentity, PlmnId, gad::Position};
use parking_lot::Mutex;
use report::Told;
use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};
use tokio::task::AbortHandle;
use watch::Seen;

/// How long it takes to page a phone; the acknowledgement is on its way by then.
pub(crate) const ANSWERED: Duration = Duration::from_millis(20);

/// Label of the phone, reference, home gateway: what tells deferred requests apart.
pub(crate) type Key = (String, u8, Option<IpAddr>);

/// A request that waits, and the road by which its reports go.
#[derive(Debug, Clone)]
pub(crate) enum Waiting {
    /// By an MME, over SLg.
    Slg(Deferral),
    /// By an MSC or an SGSN, over MAP.
    Map(Box<MapDeferral>),
}

/// Whether a phone reports in a network: in each, if none is listed (TS 29.172 clause 7.4.48).
pub(crate) fn reports_in(listed: &[[u8; 3]], network: [u8; 3]) -> bool {
    listed.is_empty() || listed.contains(&network)
}

/// The deferred requests of all phones.
#[derive(Debug, Default)]
pub(crate) struct Deferrals {
    tasks: Mutex<HashMap<Key, (Waiting, AbortHandle)>>,
}

impl Deferrals {
    /// References of what a phone, or its node for it, waits for.
    pub(crate) fn of(&self, label: &str) -> Vec<u8> {
        let tasks = self.tasks.lock();
        let mut references: Vec<u8> = tasks.keys().filter(|key| key.0 == label).map(|key| key.1).collect();
        references.sort_unstable();
        references
    }

    /// Ends all.
    pub(crate) fn stop(&self) {
        self.tasks.lock().drain().for_each(|(_, (_, task))| task.abort());
    }

    /// Ends one; what it was.
    pub(crate) fn end(&self, key: &Key) -> Option<Waiting> {
        let (waiting, task) = self.tasks.lock().remove(key)?;
        task.abort();
        Some(waiting)
    }

    /// A phone has one request of a reference: a new one takes the place of the old one.
    pub(crate) fn begin(&self, key: Key, waiting: Waiting, task: AbortHandle) {
        let before = self.tasks.lock().insert(key, (waiting, task));
        before.iter().for_each(|(_, task)| task.abort());
    }

    /// One came to its end by itself.
    pub(crate) fn is_done(&self, key: &Key) {
        self.tasks.lock().remove(key);
    }

    fn waits_in_a_node(&self, key: &Key) -> bool {
        let tasks = self.tasks.lock();
        tasks.get(key).is_some_and(|(waiting, _)| matches!(waiting, Waiting::Slg(kept) if kept.order.is_none()))
    }
}

impl Mme {
    /// Takes a request that is to wait. What the phone and its user make of it is reported later.
    pub(super) fn defer(&self, message: &Message, phone: &Arc<Phone>, showing: Showing) -> Result<(), DecodeError> {
        let deferral = Deferral::read(message)?.taken_in(wire::plmn(&self.origin.realm));
        let key = (phone.label.clone(), deferral.reference, deferral.h_gmlc);
        let (this, message, phone) = (self.clone(), message.clone(), Arc::clone(phone));
        let kept = deferral.clone();
        let mine = key.clone();
        let task = tokio::spawn(async move {
            tokio::time::sleep(ANSWERED).await;
            this.carry(&message, &phone, &deferral, showing).await;
            this.shared.deferrals.is_done(&mine);
        });
        self.shared.deferrals.begin(key, Waiting::Slg(kept), task.abort_handle());
        Ok(())
    }

    /// Ends a request. A phone that does not know of it says so with the same acknowledgement (TS 23.271 clause 9.1.19.2); one that cannot be
    /// reached cannot be told.
    pub(super) fn cancel(&self, message: &Message, phone: &Phone) -> Result<Result<(), Denial>, DecodeError> {
        let deferral = Deferral::read_which(message)?;
        let key = (phone.label.clone(), deferral.reference, deferral.h_gmlc);
        let waits = self.shared.deferrals.waits_in_a_node(&key);
        Ok(match reach(phone.now().state) {
            // What waits in the node is ended there.
            Err(denial) if !waits => Err(denial),
            _ => {
                self.shared.deferrals.end(&key);
                Ok(())
            }
        })
    }

    async fn carry(&self, message: &Message, phone: &Arc<Phone>, deferral: &Deferral, showing: Showing) {
        if !self.reachable_here(phone).await {
            let gone_to = phone.mme().and_then(|name| self.shared.mmes.get(&name)).map(|mme| mme.origin.clone());
            let told =
                Told { kind: deferral.kind, cause: Some(causes::MT_LR_RESTART), serving: gone_to, ..Told::default() };
            self.shared.tell(ReportedBy::Node(&self.name), phone, deferral, told).await;
            return;
        }
        // It was read before.
        let Ok(plr) = Plr::read(message) else { return };
        let response = self.show(&plr, phone, &phone.now(), showing).await;
        let end = |cause| Told { kind: deferral.kind, cause: Some(cause), ..Told::default() };
        if !may_go_on(showing, response) {
            self.shared.tell(ReportedBy::Node(&self.name), phone, deferral, end(causes::PRIVACY_VIOLATION)).await;
            return;
        }
        let Some(order) = &deferral.order else {
            let told = Told { sequence: Some(1), located: true, ..end(causes::NORMAL) };
            self.shared.tell(ReportedBy::Node(&self.name), phone, deferral, told).await;
            return;
        };
        let active = Told { kind: bits::ACTIVATED, ..Told::default() };
        let waiting = Waiting::Slg(deferral.clone());
        let seen = self.shared.seen(&phone.now(), &waiting);
        let watch = Watch::new(order.clone(), self.shared.phones.clock().now(), &seen);
        if self.shared.tell(ReportedBy::Node(&self.name), phone, deferral, active).await == Delivered::Taken {
            self.shared.watch(phone, &waiting, watch).await;
        }
    }

    /// Waits until the phone can be reached; false if another node serves it by then.
    async fn reachable_here(&self, phone: &Phone) -> bool {
        let mine = |spec: &SubscriberSpec| spec.mme.as_deref() == Some(&self.name);
        phone.when(|spec| !mine(spec) || reach(spec.state).is_ok()).await;
        mine(&phone.now())
    }
}

impl Shared {
    /// The phone has the request, and reports.
    pub(crate) async fn watch(&self, phone: &Phone, waiting: &Waiting, mut watch: Watch) {
        let clock = self.phones.clock();
        loop {
            // Enabled before the look, so that no change falls between.
            let mut changed = std::pin::pin!(phone.change_to_come());
            changed.as_mut().enable();
            // Nor does it look in a network where it does not report: what happens there is not told later.
            if reach(phone.now().state).is_err() || !self.reports_here(phone, waiting) {
                changed.await;
                continue;
            }
            // It may have moved on while the last report was under way.
            while let Some(occurrence) = watch.look(clock.now(), &self.seen(&phone.now(), waiting)) {
                let delivered = match waiting {
                    Waiting::Slg(deferral) => self.occurred(phone, deferral, occurrence).await,
                    Waiting::Map(deferral) => self.occurred_by_map(phone, deferral, occurrence).await,
                };
                if delivered == Delivered::Refused {
                    return;
                }
            }
            if watch.is_over() {
                return;
            }
            tokio::select! {
                () = clock.reach(watch.next_look()) => {}
                () = changed => {}
            }
        }
    }

    /// Whether the network that serves the phone is one in which it reports.
    fn reports_here(&self, phone: &Phone, waiting: &Waiting) -> bool {
        let networks = match waiting {
            Waiting::Slg(deferral) => &deferral.networks,
            Waiting::Map(deferral) => &deferral.networks,
        };
        self.serving_network(&phone.now(), waiting).map_or(networks.is_empty(), |here| reports_in(networks, here))
    }

    /// The network that serves a phone by the radio by which a request came; `None` where no node does.
    fn serving_network(&self, spec: &SubscriberSpec, waiting: &Waiting) -> Option<[u8; 3]> {
        match waiting {
            Waiting::Slg(_) => Some(wire::plmn(&self.mmes.get(spec.mme.as_ref()?)?.origin.realm)),
            Waiting::Map(_) => self.ss7.as_ref()?.network(spec),
        }
    }

    async fn occurred(&self, phone: &Phone, deferral: &Deferral, occurrence: Occurrence) -> Delivered {
        let max = if occurrence.max_interval_over { bits::MAX_INTERVAL_OVER } else { 0 };
        let told = Told {
            kind: deferral.kind | max,
            cause: occurrence.last.then_some(causes::NORMAL),
            serving: None,
            sequence: Some(occurrence.sequence),
            located: deferral.estimate,
        };
        self.tell(ReportedBy::Phone, phone, deferral, told).await
    }

    /// What a phone sees: its network, and the cell that it is in, as the radio has it by which the request came.
    pub(crate) fn seen(&self, spec: &SubscriberSpec, waiting: &Waiting) -> Seen {
        let place = self.phones.place(spec);
        let network = self.serving_network(spec, waiting).unwrap_or_else(|| wire::plmn(&self.realm));
        let mme = match waiting {
            Waiting::Slg(_) => spec.mme.as_ref().and_then(|name| self.mmes.get(name)),
            Waiting::Map(_) => None,
        };
        let camped = self.watched(spec, mme.map_or(&self.realm, |mme| &mme.origin.realm));
        let areas = PlmnId::from_octets(network).zip(camped).map(|(plmn, camped)| {
            let (cell, area) = match waiting {
                Waiting::Slg(_) => {
                    (AreaIdentity::EutranCell(plmn, camped.cell), AreaIdentity::TrackingArea(plmn, camped.tac))
                }
                Waiting::Map(_) => {
                    let cell = AreaIdentity::Cell(plmn, camped.tac, cells::of_geran(camped.cell));
                    (cell, AreaIdentity::LocationArea(plmn, camped.tac))
                }
            };
            vec![cell, area, AreaIdentity::Plmn(plmn), AreaIdentity::Country(plmn.mcc())]
        });
        Seen { areas: areas.unwrap_or_default(), place: Position { lat_deg: place.latitude, lon_deg: place.longitude } }
    }

    /// The cell of a phone that looks out. Networks with a code of their own have cells at the places of the first operator's.
    fn watched(&self, spec: &SubscriberSpec, realm: &str) -> Option<cells::Camped> {
        let another = wire::plmn(realm) != wire::plmn(&self.realm);
        self.camped(spec, if another { &self.realm } else { realm })
    }

    /// The cells of the first operator's network as a table in the columns of OpenCelliD.
    pub(crate) fn cell_table(&self) -> String {
        cells::table(&self.cells, wire::plmn(&self.realm), self.ss7.is_some())
    }

    /// The same of the network of a realm.
    pub(crate) fn cell_table_in(&self, realm: &str) -> Option<String> {
        let network = wire::plmn(realm);
        if self.cells.is_empty() {
            None
        } else if realm == self.realm {
            Some(self.cell_table())
        } else {
            (network != wire::plmn(&self.realm)).then(|| cells::table(&self.cells, network, false))
        }
    }

    /// The cell of a phone: of the cells of the first operator's network, or the one that the scenario gives the phone where it has none.
    pub(crate) fn camped(&self, spec: &SubscriberSpec, realm: &str) -> Option<cells::Camped> {
        if self.cells.is_empty() || realm != self.realm {
            return Some(cells::Camped { cell: spec.estimate.cell, tac: 1 });
        }
        cells::best(&self.cells, &self.phones.place(spec))
    }

    /// A phone, or its user, ends a request.
    pub(crate) async fn end_deferral(&self, phone: &Phone, reference: u8) -> Option<Delivered> {
        let key = self.deferrals.tasks.lock().keys().find(|key| key.0 == phone.label && key.1 == reference).cloned();
        Some(match self.deferrals.end(&key?)? {
            Waiting::Slg(deferral) => {
                let told = Told { kind: deferral.kind, cause: Some(causes::UE_TERMINATION), ..Told::default() };
                self.tell(ReportedBy::Phone, phone, &deferral, told).await
            }
            Waiting::Map(deferral) => self.ended_by_phone(phone, &deferral).await,
        })
    }
}

/// What is decided of a request that is to wait: as of one for now, but that a phone which cannot be reached is waited for.
pub(super) fn decided(verdict: Verdict, anew: impl FnOnce() -> Verdict) -> Result<Showing, Denial> {
    let verdict = match verdict {
        Verdict::Deny(Denial::UnreachableUser | Denial::SuspendedUser | Denial::DetachedUser) => anew(),
        verdict => verdict,
    };
    match verdict {
        Verdict::Deny(denial) => Err(denial),
        Verdict::Proceed(showing) => Ok(showing),
    }
}
