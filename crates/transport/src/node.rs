//! A Diameter node: its peers, its requests, its end.

use core::future::Future;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::sync::Arc;

use diameter::base::DisconnectCause;
use diameter::codec::{ApplicationId, EncodeError, Identifiers, Message};
use diameter::peer::{Destination, EndToEndIds, LocalCapabilities, PeerIndex, RoutePeer, Routing, SessionIds};
use parking_lot::RwLock;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;

use crate::counters::Counters;
use crate::driver::Driver;
use crate::handler::AnyHandler;
use crate::peer::Peer;
use crate::{CounterSnapshot, Handler, NodeConfig, PeerConfig, PeerStatus, RequestError, StartError, check, listen};

/// A running Diameter node. Clones are the same node; it runs until [`Node::shutdown`], also when every clone is dropped.
#[derive(Clone)]
pub struct Node {
    pub(crate) shared: Arc<Shared>,
}

/// What every task of a node sees.
pub(crate) struct Shared {
    pub(crate) config: NodeConfig,
    pub(crate) local: LocalCapabilities,
    pub(crate) handler: Arc<dyn AnyHandler>,
    pub(crate) counters: Counters,
    pub(crate) end_to_end: EndToEndIds,
    sessions: SessionIds,
    start: Instant,
    pub(crate) table: RwLock<Table>,
    /// A peer became usable or stopped being so.
    pub(crate) changed: Notify,
    /// Set once, by `shutdown`.
    pub(crate) stopping: watch::Sender<Option<Stopping>>,
    /// One clone of the sender per task of the node; the last one gone ends `shutdown`.
    tasks: watch::Sender<()>,
    /// Connections that others began, those before their CER included.
    pub(crate) connections: AtomicUsize,
    local_addrs: Vec<SocketAddr>,
}

/// Two steps of the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopping {
    /// No new requests, no new connections; what is under way goes on.
    Draining,
    /// Disconnect with this cause.
    Disconnecting(DisconnectCause),
}

/// The peers and the way to them.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) routing: Routing,
    pub(crate) peers: Vec<Option<Arc<Peer>>>,
}

impl Table {
    pub(crate) fn peer(&self, index: PeerIndex) -> Option<&Arc<Peer>> {
        self.peers.get(index.0 as usize)?.as_ref()
    }
}

impl Node {
    /// Opens the listeners and begins to connect to the peers. Returns at once; see [`Node::wait_usable`].
    ///
    /// # Errors
    /// [`StartError`]: a listener that cannot be opened, or a configuration that contradicts itself.
    pub async fn start(config: NodeConfig, handler: impl Handler) -> Result<Self, StartError> {
        check::config(&config)?;
        let (listeners, local_addrs) = listen::bind(&config.listen).await?;
        let unix_seconds = check::unix_seconds();
        let (tasks, _) = watch::channel(());
        let shared = Arc::new(Shared {
            local: check::capabilities(&config, unix_seconds),
            handler: Arc::new(handler),
            counters: Counters::default(),
            end_to_end: EndToEndIds::new(unix_seconds, check::random32()),
            sessions: SessionIds::new(&config.origin_host, unix_seconds),
            start: Instant::now(),
            table: RwLock::new(Table::default()),
            changed: Notify::new(),
            stopping: watch::channel(None).0,
            tasks,
            connections: AtomicUsize::new(0),
            local_addrs,
            config,
        });
        for peer in &shared.config.peers {
            shared.add_peer(peer.clone(), false);
        }
        for listener in listeners {
            shared.spawn(listen::accept(Arc::clone(&shared), listener));
        }
        Ok(Self { shared })
    }

    /// Sends a request and waits for its answer, at most `timeout`.
    ///
    /// `encode` appends one complete request of `application` with the identifiers given; the node puts its own hop-by-hop
    /// identifier in afterwards. It is called again when the request goes to another peer: after a lost connection with the
    /// T bit and the same end-to-end identifier (RFC 6733 section 5.5.4), or once after DIAMETER_UNABLE_TO_DELIVER,
    /// REALM_NOT_SERVED, TOO_BUSY or LOOP_DETECTED without it (section 7.1.3).
    /// The typed messages of `diameter` fit: `|ids, out| plr.encode(ids, out)`.
    ///
    /// Dropping the future forgets the request.
    ///
    /// # Errors
    /// [`RequestError`]. An answer with an error of its application is an answer, not an error.
    pub fn request<E>(
        &self,
        application: ApplicationId,
        destination: Destination,
        encode: E,
        timeout: Duration,
    ) -> impl Future<Output = Result<Message, RequestError>> + Send
    where
        E: Fn(Identifiers, &mut Vec<u8>) -> Result<usize, EncodeError> + Send + Sync,
    {
        let shared = Arc::clone(&self.shared);
        async move { crate::request::request(&shared, application, &destination, encode, timeout).await }
    }

    /// A new Session-Id of this node (RFC 6733 section 8.8).
    #[must_use]
    pub fn session_id(&self) -> String {
        self.shared.sessions.next()
    }

    /// Origin-Host of this node.
    #[must_use]
    pub fn origin_host(&self) -> &str {
        &self.shared.config.origin_host
    }

    /// Origin-Realm of this node.
    #[must_use]
    pub fn origin_realm(&self) -> &str {
        &self.shared.config.origin_realm
    }

    /// Every peer as it stands, in no particular order.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerStatus> {
        self.shared.table.read().peers.iter().flatten().map(|peer| peer.status()).collect()
    }

    /// Waits until `count` peers are usable. To be bounded by the caller's own timeout.
    pub async fn wait_usable(&self, count: usize) {
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.peers().iter().filter(|peer| peer.usable).count() >= count {
                return;
            }
            changed.await;
        }
    }

    /// Addresses of the listeners, in the order of [`NodeConfig::listen`].
    #[must_use]
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.shared.local_addrs
    }

    /// The counters now.
    #[must_use]
    pub fn counters(&self) -> CounterSnapshot {
        self.shared.counters.snapshot()
    }

    /// Ends the node: new requests fail with [`RequestError::Shutdown`], those under way and those being handled have
    /// [`crate::Timers::drain`] to end, then each peer gets a DPR with `cause` (RFC 6733 section 5.4) and every task ends.
    pub async fn shutdown(&self, cause: DisconnectCause) {
        let shared = &self.shared;
        shared.stopping.send_if_modified(|stopping| {
            stopping.is_none() && {
                *stopping = Some(Stopping::Draining);
                true
            }
        });
        let drained = async {
            loop {
                let changed = shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if !shared.table.read().peers.iter().flatten().any(|peer| peer.is_busy()) {
                    return;
                }
                changed.await;
            }
        };
        // Whatever has not ended by then is cut off.
        tokio::time::timeout(shared.config.timers.drain, drained).await.ok();
        shared.stopping.send_replace(Some(Stopping::Disconnecting(cause)));
        shared.tasks.closed().await;
    }
}

impl core::fmt::Debug for Node {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Node").field("origin_host", &self.shared.config.origin_host).finish_non_exhaustive()
    }
}

impl Shared {
    /// Time since the start of the node, the time of every machine in it.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// The instant of a machine's deadline.
    pub(crate) fn instant(&self, deadline: Duration) -> Instant {
        self.start + deadline
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.borrow().is_some()
    }

    /// Runs a task that `shutdown` waits for.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let running = self.tasks.subscribe();
        tokio::spawn(async move {
            task.await;
            drop(running);
        });
    }

    /// Enters a peer and starts its task. A `passing` one leaves the table when its connection ends.
    pub(crate) fn add_peer(self: &Arc<Self>, config: PeerConfig, passing: bool) -> Arc<Peer> {
        let (sender, receiver) = mpsc::channel(4);
        let route = RoutePeer {
            host: config.host.clone(),
            realm: config.realm.clone(),
            relay: config.relay,
            priority: config.priority,
        };
        let mut table = self.table.write();
        // Two connections of one passing peer may arrive together.
        if passing && let Some(known) = table.routing.find(&config.host).and_then(|index| table.peer(index)) {
            return Arc::clone(known);
        }
        let index = table.routing.add(route);
        let peer = Arc::new(Peer::new(config, index, passing, sender, &self.config.limits));
        let place = index.0 as usize;
        if table.peers.len() <= place {
            table.peers.resize(place + 1, None);
        }
        if let Some(slot) = table.peers.get_mut(place) {
            *slot = Some(Arc::clone(&peer));
        }
        drop(table);
        let driver = Box::new(Driver::new(Arc::clone(self), Arc::clone(&peer), receiver));
        self.spawn(driver.run());
        peer
    }

    /// Takes a passing peer out of the table.
    pub(crate) fn remove_peer(&self, index: PeerIndex) {
        let mut table = self.table.write();
        table.routing.remove(index);
        if let Some(slot) = table.peers.get_mut(index.0 as usize) {
            *slot = None;
        }
    }

    /// Takes a place among the connections that others began, if there is one. Our own take none: strangers who hold all
    /// of them must not keep us from our peers.
    pub(crate) fn admit(self: &Arc<Self>) -> Option<Place> {
        let taken = self.connections.fetch_add(1, Ordering::Relaxed);
        let place = Place(Arc::clone(self));
        (taken < self.config.limits.max_connections).then_some(place)
    }
}

/// A place among the connections, given back when dropped.
pub(crate) struct Place(Arc<Shared>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
