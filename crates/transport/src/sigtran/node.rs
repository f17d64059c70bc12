//! A node of the signalling network: its associations, its dialogues, its end.

use core::future::Future;
use core::net::SocketAddr;
use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use ss7::m3ua::{PointCode, Transfer};
use ss7::sccp::{Endpoint, GlobalTitle, SccpAddress, Ssn};
use ss7::tcap::{Dialogues, FirstAnswer, TcapLimits};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::alarm::Alarm;
use super::association::{Association, At};
use super::counters::SigtranCounters;
use super::handler::AnyHandler;
use super::table::Table;
use super::{check, connect, invoke};
use crate::check::{random32, random64};
use crate::sigtran::{
    DialogueHandler, Invoke, InvokeError, InvokeOutcome, SigtranConfig, SigtranCounterSnapshot, SigtranStartError,
    SigtranStatus,
};

/// A running node. Clones are the same node; it runs until [`SigtranNode::stop`], also when every clone is dropped.
#[derive(Clone)]
pub struct SigtranNode {
    shared: Arc<Shared>,
}

/// What every task of a node sees.
pub(crate) struct Shared {
    pub(crate) config: SigtranConfig,
    pub(crate) title: GlobalTitle,
    pub(crate) handler: Arc<dyn AnyHandler>,
    pub(crate) counters: SigtranCounters,
    pub(crate) start: Instant,
    table: Mutex<Table>,
    /// For the deadline of the table.
    alarm: Alarm,
    associations: Vec<Arc<Association>>,
    /// Which associations lead to a point code.
    leads: HashMap<PointCode, Vec<usize>>,
    /// An association became active or stopped being so, or a dialogue of a stopping node ended.
    pub(crate) changed: Notify,
    /// Set by `stop`.
    pub(crate) stopping: watch::Sender<Option<Stopping>>,
    /// One receiver per task that has an end of its own, and per task that watches the time for those.
    tasks: watch::Sender<()>,
    watchers: watch::Sender<()>,
    local_addrs: Vec<Option<SocketAddr>>,
}

/// Steps of the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopping {
    /// No new dialogues; those under way go on.
    Draining,
    /// Associations end.
    Disconnecting,
    /// They have ended.
    Gone,
}

impl SigtranNode {
    /// Opens the listeners and begins to connect. Returns at once; see [`SigtranNode::wait_active`].
    ///
    /// # Errors
    /// [`SigtranStartError`]: a listener that cannot be opened, or a configuration that contradicts itself.
    pub async fn start(config: SigtranConfig, handler: impl DialogueHandler) -> Result<Self, SigtranStartError> {
        let checked = check::check(&config)?;
        let mut listeners = Vec::with_capacity(config.associations.len());
        for association in &config.associations {
            listeners.push(connect::bind(association).await?);
        }
        let local_addrs = listeners.iter().map(|one| one.as_ref().and_then(|one| one.local_addr().ok())).collect();
        let associations: Vec<_> = config
            .associations
            .iter()
            .enumerate()
            .map(|(index, own)| Arc::new(Association::new(&config, index, own)))
            .collect();
        let endpoint = Endpoint::new(checked.endpoint, random32());
        let dialogues = Dialogues::new(tcap_limits(&config), random64());
        let shared = Arc::new(Shared {
            title: checked.title,
            handler: Arc::new(handler),
            counters: SigtranCounters::default(),
            start: Instant::now(),
            table: Mutex::new(Table::new(endpoint, dialogues)),
            alarm: Alarm::new(),
            associations,
            leads: checked.leads,
            changed: Notify::new(),
            stopping: watch::channel(None).0,
            tasks: watch::channel(()).0,
            watchers: watch::channel(()).0,
            local_addrs,
            config,
        });
        for (association, listener) in shared.associations.iter().zip(listeners) {
            let (node, own) = (Arc::clone(&shared), Arc::clone(association));
            match listener {
                Some(listener) => shared.spawn(connect::accept(node, own, listener)),
                None => shared.spawn(connect::keep(node, own)),
            }
            shared.spawn_watcher(connect::watch(Arc::clone(&shared), Arc::clone(association)));
        }
        shared.spawn_watcher(watch_dialogues(Arc::clone(&shared)));
        Ok(Self { shared })
    }

    /// Asks for one operation in a dialogue of its own and waits for its outcome, at most [`Invoke::timeout`].
    ///
    /// Fails at once when no association to the destination is active, and when it is lost with the invocation under way.
    /// Nothing is sent again. Dropping the future forgets the dialogue.
    ///
    /// # Errors
    /// [`InvokeError`]. What the peer or the network answers, the silence of both included, is an outcome.
    pub fn invoke(&self, call: Invoke) -> impl Future<Output = Result<InvokeOutcome, InvokeError>> + Send + 'static {
        let shared = Arc::clone(&self.shared);
        async move { invoke::invoke(&shared, call).await }
    }

    /// The address of a subsystem of this node, as others see it.
    #[must_use]
    pub fn address(&self, subsystem: Ssn) -> SccpAddress {
        SccpAddress::by_title(self.shared.title, subsystem)
    }

    /// Associations and dialogues as they stand.
    #[must_use]
    pub fn status(&self) -> SigtranStatus {
        let (dialogues, peer_dialogues) = {
            let table = self.shared.table.lock();
            (table.own_dialogues(), table.peer_dialogues)
        };
        let associations = self.shared.associations.iter().map(|association| association.status()).collect();
        SigtranStatus { associations, dialogues, peer_dialogues }
    }

    /// Waits until `count` associations are active. To be bounded by the caller's own timeout.
    pub async fn wait_active(&self, count: usize) {
        let active = || self.shared.associations.iter().filter(|association| association.is_active()).count();
        self.shared.wait_until(|| active() >= count).await;
    }

    /// Addresses of the listeners, in the order of [`SigtranConfig::associations`]; none for those that connect.
    #[must_use]
    pub fn local_addrs(&self) -> &[Option<SocketAddr>] {
        &self.shared.local_addrs
    }

    /// The counters now.
    #[must_use]
    pub fn counters(&self) -> SigtranCounterSnapshot {
        let tcap = self.shared.table.lock().dialogues.counters();
        let mut snapshot = self.shared.counters.snapshot();
        snapshot.malformed_tcap = tcap.discarded;
        snapshot.stray_dialogues = tcap.strays;
        snapshot.resource_limited += tcap.refused_full;
        snapshot
    }

    /// Ends the node: new invocations fail with [`InvokeError::Stopping`] and new dialogues of peers are refused; those under
    /// way have [`crate::sigtran::SigtranTimers::drain`] to end and are aborted then. Each association ends with ASPIA and
    /// ASPDN (RFC 4666 sections 4.3.4.2 and 4.3.4.4), or DUNA from the server's side, and every task ends.
    pub async fn stop(&self) {
        let shared = &self.shared;
        shared.stopping.send_if_modified(|stopping| {
            stopping.is_none() && {
                *stopping = Some(Stopping::Draining);
                true
            }
        });
        let drained = shared.wait_until(|| shared.table.lock().is_idle());
        // Whatever has not ended by then is cut off.
        tokio::time::timeout(shared.config.timers.drain, drained).await.ok();
        shared.with(|table, now| table.end_all(shared, now));
        shared.stopping.send_if_modified(|stopping| {
            *stopping == Some(Stopping::Draining) && {
                *stopping = Some(Stopping::Disconnecting);
                true
            }
        });
        shared.tasks.closed().await;
        shared.stopping.send_replace(Some(Stopping::Gone));
        shared.watchers.closed().await;
    }
}

impl core::fmt::Debug for SigtranNode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SigtranNode").field("point_code", &self.shared.config.point_code).finish_non_exhaustive()
    }
}

impl Shared {
    /// Time since the start of the node, the time of every machine in it.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Works on the table under its lock, and notes its deadline.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Table, Duration) -> T) -> T {
        let now = self.now();
        let mut table = self.table.lock();
        let result = work(&mut table, now);
        self.alarm.note(table.deadline());
        result
    }

    /// Gives a message to the next association that leads there and is active. Messages with the same link selection keep
    /// to the same one, as long as it is.
    pub(crate) fn send(&self, transfer: Transfer, now: Duration) -> Result<At, InvokeError> {
        let leads = self.leads.get(&transfer.dpc).map(Vec::as_slice).unwrap_or_default();
        let mut error = InvokeError::NotActive;
        let first = usize::from(transfer.sls).checked_rem(leads.len()).unwrap_or_default();
        let (before, after) = leads.split_at(first);
        for index in after.iter().chain(before) {
            let Some(association) = self.associations.get(*index) else { continue };
            match association.send(transfer.clone(), now) {
                Ok(at) => {
                    self.counters.data_sent.one();
                    return Ok(at);
                }
                Err(reason) => error = reason,
            }
        }
        Err(error)
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.borrow().is_some()
    }

    pub(crate) fn changed_if_stopping(&self) {
        if self.is_stopping() {
            self.changed.notify_waiters();
        }
    }

    /// Counts how an invocation of ours ended.
    pub(crate) fn count(&self, outcome: &Result<InvokeOutcome, InvokeError>) {
        let counters = &self.counters;
        match outcome {
            Ok(InvokeOutcome::TimedOut) => counters.timeouts.one(),
            Ok(InvokeOutcome::Unreachable { .. }) => counters.undelivered.one(),
            Ok(_) => counters.invokes_answered.one(),
            Err(InvokeError::Lost) => counters.lost.one(),
            Err(_) => {}
        }
    }

    /// Runs a task that `stop` waits for.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let running = self.tasks.subscribe();
        tokio::spawn(async move {
            task.await;
            drop(running);
        });
    }

    /// Runs a task that is cut off when all others have ended.
    fn spawn_watcher(&self, task: impl Future<Output = ()> + Send + 'static) {
        let running = self.watchers.subscribe();
        let mut stopping = self.stopping.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                () = task => {}
                _ = stopping.wait_for(|stopping| *stopping == Some(Stopping::Gone)) => {}
            }
            drop(running);
        });
    }

    async fn wait_until(&self, holds: impl Fn() -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if holds() {
                return;
            }
            changed.await;
        }
    }
}

async fn watch_dialogues(shared: Arc<Shared>) {
    loop {
        shared.alarm.ring(shared.start).await;
        let now = shared.now();
        let mut table = shared.table.lock();
        table.expire(&shared, now);
        shared.alarm.set(table.deadline());
    }
}

fn tcap_limits(config: &SigtranConfig) -> TcapLimits {
    TcapLimits {
        // Each side has its own bound; this one is never met.
        dialogues: config.limits.max_dialogues + config.limits.max_peer_dialogues,
        idle_timeout: config.timers.dialogue_idle,
        lifetime: config.timers.dialogue_lifetime,
        first_answer: FirstAnswer::FromAnyAddress,
        ..TcapLimits::default()
    }
}
