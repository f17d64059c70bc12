//! `wherefore serve`: everything put together, run, and stopped so that what was accepted is finished.

mod monitor;
mod parts;

#[cfg(test)]
pub(crate) use parts::Centre;

use crate::certified;
use crate::config::Config;
use crate::core::Core;
use crate::door::{self, Door};
use crate::ldr::{ByDoor, Outbox};
use crate::lr::{GatewayNews, Gateways, LrDoor, Peers};
use crate::network;
use crate::pmd::{Pseudonyms, lid};
use crate::pull::Leases;
use crate::smsc::{Receipts, Takers};
use crate::store::Store;
use anyhow::{Context, Result};
use diameter::base::DisconnectCause;
use lcs::Duration;
use monitor::Monitor;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Addresses that the gateway listens on.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    /// MLP over HTTP.
    pub mlp: Option<std::net::SocketAddr>,
    /// MLP over HTTPS.
    pub mlp_tls: Option<std::net::SocketAddr>,
    /// Lid.
    pub lid: Option<std::net::SocketAddr>,
    /// Lr.
    pub lr: Option<std::net::SocketAddr>,
    /// SMPP for clients that get pseudonyms.
    pub push_smpp: Option<std::net::SocketAddr>,
    /// HTTP towards clients that get pseudonyms.
    pub push_web: Option<std::net::SocketAddr>,
    /// The proxy for terminals.
    pub pull: Option<std::net::SocketAddr>,
    /// Lpp.
    pub lpp: Option<std::net::SocketAddr>,
    /// Uploads of MDT logs.
    pub mdt: Option<std::net::SocketAddr>,
    /// Admin API.
    pub admin: Option<std::net::SocketAddr>,
    /// Metrics.
    pub metrics: Option<std::net::SocketAddr>,
    /// Diameter listeners.
    pub diameter: Vec<std::net::SocketAddr>,
    /// M3UA listeners.
    pub m3ua: Vec<std::net::SocketAddr>,
}

impl Addresses {
    /// All of them.
    pub(crate) fn all(&self) -> Vec<std::net::SocketAddr> {
        let asked = [self.mlp, self.mlp_tls, self.lid, self.lr, self.push_smpp, self.push_web];
        let single = asked.into_iter().chain([self.pull, self.mdt, self.admin, self.metrics]);
        single.flatten().chain(self.diameter.iter().copied()).chain(self.m3ua.iter().copied()).collect()
    }
}

/// A running gateway.
pub struct Running {
    core: Arc<Core>,
    log: parts::OpenLog,
    stop: CancellationToken,
    addresses: Addresses,
    background: Vec<tokio::task::JoinHandle<()>>,
}

/// How long a graceful stop waits for requests under way before it cuts them off.
const DRAIN: Duration = Duration::from_secs(60);

/// Starts the gateway. Returns once it takes requests.
///
/// # Errors
/// What keeps it from starting, with the key of the configuration where there is one.
pub async fn start(config: Config) -> Result<Running> {
    let due = Arc::new(tokio::sync::Notify::new());
    let (told, news_due) = (config.clone(), Arc::clone(&due));
    let outbox = |store: &Arc<Store>| {
        let gateways = GatewayNews::new(Arc::clone(store), Arc::clone(&news_due), &told);
        let clients = door::ClientNews::new(Arc::clone(store), news_due, &told.mlp);
        let outbox: Arc<dyn Outbox> = Arc::new(ByDoor { clients, gateways });
        Some(outbox)
    };
    start_with(config, due, outbox, None).await
}

/// The same, with where news of deferred requests go: an outbox over the store, and what wakes the delivery of what is in it. Without an
/// outbox no deferred requests are taken; `centre`: the SMS centre, in the place of the one that is configured.
pub(crate) async fn start_with(
    config: Config,
    reports_due: Arc<tokio::sync::Notify>,
    outbox: impl FnOnce(&Arc<Store>) -> Option<Arc<dyn Outbox>>,
    centre: Option<parts::Centre>,
) -> Result<Running> {
    // A provider set earlier by the embedding program is as good.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let recorder = monitor::install();
    let (directory, loaded) = parts::directory(&config).await?;
    let log = parts::open_log(&config)?;
    let reports = network::Reports::default();
    let node = transport::Node::start(network::node_config(&config).await?, reports.clone()).await?;
    let map = parts::signalling(&config, network::MapReports::new(reports.clone())).await?;
    let m3ua = map.iter().flat_map(|node| node.local_addrs().iter().flatten().copied()).collect();
    let mut addresses = Addresses { diameter: node.local_addrs().to_vec(), m3ua, ..Addresses::default() };
    let pseudonyms = parts::pseudonyms(&config, &directory).await?;
    let peers = Arc::new(Peers::new(&config.lr));
    let gateways = Gateways::new(&config, &peers)?;
    let deferred = parts::deferred(&config, directory.store(), outbox(directory.store())).await?;
    let (centre, messages) = match centre {
        Some(centre) => (Some(centre), None),
        None => parts::centre(&config)?.unzip(),
    };
    let (stop, mut background) = (CancellationToken::new(), Vec::new());
    let (cards, from_cards) = parts::cards(&config, directory.store(), centre, &stop);
    let receipts = cards.clone().map(|cards| cards as Arc<dyn Receipts>);
    let outside = parts::Outside { node, map, pseudonyms, gateways, deferred, cards, reports_due };
    let core = Arc::new(parts::core(config, &directory, &loaded, log.log.clone(), outside)?);
    reports.serve(Arc::clone(&core));
    from_cards.serve(&core).await;

    if let Some(messages) = messages {
        let takers = Takers { from_phones: Arc::new(from_cards), receipts };
        background.push(tokio::spawn(messages.run(takers, stop.clone())));
    }
    parts::run_deferred(&core, directory.changes(), &stop, &mut background);
    let door = Arc::new(Door::new(Arc::clone(&core)));
    if core.config.roles.gmlc {
        let mlp = core.config.mlp.clone();
        let mut listeners = vec![door::bind(mlp.listen, None, "mlp.listen").await?];
        addresses.mlp = listeners.first().map(|listener| listener.address()).transpose()?;
        if let Some(tls) = crate::tls::door_server(&mlp.tls)? {
            let listener = door::bind(mlp.tls.listen, Some(tls), "mlp.tls.listen").await?;
            addresses.mlp_tls = Some(listener.address()?);
            listeners.push(listener);
        }
        for listener in listeners {
            let (door, bounds) = (Arc::clone(&door), Door::bounds(&mlp));
            background.push(tokio::spawn(door::serve(listener, door, bounds, stop.clone())));
        }
        let http = parts::push_client(&core.config.mlp.push)?;
        let delivery = door::deliver_forever(Arc::clone(&core), http);
        background.push(parts::until(stop.clone(), delivery));
    }
    if let Some(tls) = parts::lr_server(&core.config.lr)? {
        let listener = door::bind(core.config.lr.listen, Some(tls), "lr.listen").await?;
        addresses.lr = Some(listener.address()?);
        let lr_door = Arc::new(LrDoor::new(Arc::clone(&core), peers));
        background.push(tokio::spawn(door::serve(listener, lr_door, LrDoor::bounds(&core.config.lr), stop.clone())));
    }
    if let Some(pmd) = core.pseudonyms.as_ref().and_then(Pseudonyms::local) {
        if let Some(listener) = certified::bind(&core.config.pmd.lid, &lid::WORDS).await? {
            addresses.lid = Some(listener.address()?);
            let router = lid::router(Arc::clone(pmd));
            background.push(tokio::spawn(certified::serve(listener, router, stop.clone())));
        }
        background.push(parts::until(stop.clone(), parts::tend(Arc::clone(pmd))));
    }
    parts::push(&core, &stop, &mut addresses, &mut background).await?;
    let leases = core.config.roles.pull.then(|| Arc::new(Leases::new(core.config.pull.max_leases)));
    let monitor = Monitor::new(Arc::clone(&core), door, log.head(), recorder).with_terminals(leases.clone());
    let monitor = parts::mdt(monitor, (&core, &directory, &log), &mut addresses, &stop, &mut background).await?;
    addresses.lpp = parts::lpp(&core, &directory, &stop, &mut background).await?;
    let admin = parts::admin_router(&core.config, &directory, Arc::clone(&monitor))?;
    let (address, task) = parts::serve_http(core.config.admin.listen, admin, "admin.listen", stop.clone()).await?;
    addresses.admin = Some(address);
    background.push(task);
    let metrics = &core.config.metrics;
    if let Some(listen) = metrics.enabled.then_some(metrics.listen) {
        let (address, task) =
            parts::serve_http(listen, monitor::router(monitor), "metrics.listen", stop.clone()).await?;
        addresses.metrics = Some(address);
        background.push(task);
    }
    // Last: it must know where all the others listen.
    if let Some(leases) = leases {
        let pull = parts::pull(&core, leases, &mut addresses, &stop).await?;
        background.extend(pull);
    }
    Ok(Running { core, log, stop, addresses, background })
}

/// What is wrong with the configured pseudo-external identities beside these clients: with any of it, [`start`] refuses.
///
/// # Errors
/// Country codes or the empty profile are not sound, which they are in a configuration that was loaded.
pub(crate) fn pseudo_external_problems<'a>(
    config: &Config,
    clients: impl IntoIterator<Item = &'a crate::clients::ClientRecord>,
) -> Result<Vec<crate::config::Problem>> {
    parts::pseudo_external_problems(config, clients)
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What runs, for tests in this crate.
    #[cfg(test)]
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Stops: takes nothing new, finishes what it accepted, tells the Diameter peers, and closes the log last.
    ///
    /// # Errors
    /// The log could not be closed.
    pub async fn stop(self) -> Result<()> {
        self.stop.cancel();
        for task in self.background {
            // Those that still run end with the work below.
            task.await.ok();
        }
        self.core.work.close();
        if tokio::time::timeout(DRAIN, self.core.work.wait()).await.is_err() {
            tracing::warn!("requests still under way are cut off; each is recorded as abandoned");
        }
        if let Some(map) = self.core.network.map() {
            map.node().stop().await;
        }
        self.core.network.node().shutdown(DisconnectCause::REBOOTING).await;
        self.core.charging.close().await;
        self.core.store.close().await;
        drop(self.core);
        tokio::task::spawn_blocking(move || self.log.close()).await.context("closing the log")
    }
}

/// Runs the gateway until SIGTERM or SIGINT; a second one ends it at once.
///
/// # Errors
/// Those of [`start`] and [`Running::stop`].
pub async fn run(config: Config) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = start(config).await?;
    parts::announce(running.addresses());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: finishing what was accepted");
    tokio::select! {
        stopped = running.stop() => stopped,
        _ = terminate.recv() => anyhow::bail!("stopped at once by a second signal"),
        _ = interrupt.recv() => anyhow::bail!("stopped at once by a second signal"),
    }
}
