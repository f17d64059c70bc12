//! A peer as callers, the acceptor and its own task share it.

use core::net::SocketAddr;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use diameter::codec::ApplicationId;
use diameter::peer::{PeerCapabilities, PeerIndex, State, WatchdogState};
use parking_lot::RwLock;
use tokio::sync::mpsc;

use crate::driver::Incoming;
use crate::link::Link;
use crate::{Limits, LinkError, PeerConfig, PeerInfo, PeerStatus, check};

/// A peer.
pub(crate) struct Peer {
    pub(crate) index: PeerIndex,
    pub(crate) config: PeerConfig,
    /// Not configured: it leaves the table with its connection.
    pub(crate) passing: bool,
    pub(crate) link: Link,
    /// Connections of the peer that brought an acceptable CER.
    pub(crate) incoming: mpsc::Sender<Box<Incoming>>,
    handling: AtomicUsize,
    live: RwLock<Live>,
}

/// What changes with each connection.
pub(crate) struct Live {
    pub(crate) state: State,
    pub(crate) watchdog: WatchdogState,
    pub(crate) applications: Vec<ApplicationId>,
    pub(crate) product_name: String,
    pub(crate) address: Option<SocketAddr>,
    pub(crate) last_error: Option<LinkError>,
    pub(crate) info: PeerInfo,
}

impl Peer {
    pub(crate) fn new(
        config: PeerConfig,
        index: PeerIndex,
        passing: bool,
        incoming: mpsc::Sender<Box<Incoming>>,
        limits: &Limits,
    ) -> Self {
        let live = Live {
            state: State::Closed,
            watchdog: WatchdogState::Initial,
            applications: Vec::new(),
            product_name: String::new(),
            address: None,
            last_error: None,
            info: PeerInfo::new(&config.host, &config.realm, None),
        };
        let link = Link::new(limits.max_outstanding, limits.max_unsent, limits.max_message, check::random64());
        Self { index, config, passing, link, incoming, handling: AtomicUsize::new(0), live: RwLock::new(live) }
    }

    /// Requests under way, when the peer may get one of `application` now.
    pub(crate) fn load(&self, application: ApplicationId) -> Option<usize> {
        let load = self.link.load()?;
        self.live.read().applications.contains(&application).then_some(load)
    }

    /// Takes over what a capabilities exchange said.
    pub(crate) fn learn(&self, capabilities: PeerCapabilities, address: SocketAddr) {
        let mut live = self.live.write();
        live.info = PeerInfo::new(&capabilities.host, &capabilities.realm, Some(address));
        // A server may be able to relay too, as those are whose software can and was not told otherwise. One that is not
        // configured as a relay serves what it named: an MME of the realm must not get what is for the HSS.
        let server = !self.config.relay && capabilities.relay && !capabilities.named.is_empty();
        live.applications = if server { capabilities.named } else { capabilities.applications };
        live.product_name = capabilities.product_name;
        live.address = Some(address);
        live.last_error = None;
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Live)) {
        change(&mut self.live.write());
    }

    pub(crate) fn info(&self) -> PeerInfo {
        self.live.read().info.clone()
    }

    /// Counts a request of the peer as being handled until the result is dropped, unless there are `max` already.
    pub(crate) fn begin_handling(self: &Arc<Self>, max: usize) -> Option<Handling> {
        let before = self.handling.fetch_add(1, Ordering::Relaxed);
        let handling = Handling(Arc::clone(self));
        (before < max).then_some(handling)
    }

    /// Whether requests either way are under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.link.outstanding() > 0 || self.handling.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn status(&self) -> PeerStatus {
        let live = self.live.read();
        PeerStatus {
            host: self.config.host.clone(),
            realm: self.config.realm.clone(),
            state: live.state,
            watchdog: live.watchdog,
            usable: self.link.is_usable(),
            applications: live.applications.clone(),
            product_name: live.product_name.clone(),
            address: live.address,
            outstanding: self.link.outstanding(),
            handling: self.handling.load(Ordering::Relaxed),
            last_error: live.last_error,
        }
    }
}

/// A request of a peer being handled.
pub(crate) struct Handling(Arc<Peer>);

impl Drop for Handling {
    fn drop(&mut self) {
        self.0.handling.fetch_sub(1, Ordering::Relaxed);
    }
}
