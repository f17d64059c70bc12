//! How the running gateway fares: for the admin API, for Prometheus, for health checks.

use crate::admin::{AssociationView, LogHead, PeerView};
use crate::config::{Config, UsimRoad};
use crate::consent::Consents;
use crate::core::Core;
use crate::door::Door;
use crate::ldr::LdrDesk;
use crate::log::HeadReader;
use crate::mdt::Collector;
use crate::network;
use crate::pmd::{LocalPmd, Pseudonyms};
use crate::pull::Leases;
use crate::slpp::HomeRegisters;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use lcs::Address;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use privacy::Ppr;
use std::sync::{Arc, OnceLock};

/// The recorder of this process: there can be one, shared by gateways in one process (as tests start them).
pub(super) fn install() -> Option<PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE.get_or_init(|| PrometheusBuilder::new().install_recorder().ok()).clone()
}

/// Looks into the running gateway.
pub(super) struct Monitor {
    core: Arc<Core>,
    door: Arc<Door>,
    head: HeadReader,
    metrics: Option<PrometheusHandle>,
    terminals: Option<Arc<Leases>>,
    consents: Option<Arc<Consents>>,
    collector: Option<Arc<Collector>>,
}

impl Monitor {
    pub(super) fn new(core: Arc<Core>, door: Arc<Door>, head: HeadReader, metrics: Option<PrometheusHandle>) -> Self {
        Self { core, door, head, metrics, terminals: None, consents: None, collector: None }
    }

    /// The same, with the addresses of terminals.
    pub(super) fn with_terminals(self, terminals: Option<Arc<Leases>>) -> Self {
        Self { terminals, ..self }
    }

    /// The same, with the consent register.
    pub(super) fn with_consents(self, consents: Arc<Consents>) -> Self {
        Self { consents: Some(consents), ..self }
    }

    /// The same, with the collector of MDT logs.
    pub(super) fn with_collector(self, collector: Arc<Collector>) -> Self {
        Self { collector: Some(collector), ..self }
    }

    /// The text that Prometheus scrapes. Gauges are read at the scrape.
    fn scrape(&self) -> String {
        let log = self.core.log.state();
        metrics::gauge!("wherefore_requests_under_way").set(self.door.under_way() as f64);
        metrics::gauge!("wherefore_profiles").set(self.core.ppr.register().len() as f64);
        metrics::gauge!("wherefore_log_entries").set(log.durable as f64);
        metrics::gauge!("wherefore_log_waiting").set(log.waiting as f64);
        metrics::gauge!("wherefore_log_failed").set(f64::from(u8::from(log.failed)));
        metrics::counter!("wherefore_log_lost_total").absolute(log.lost);
        for peer in self.core.network.node().peers() {
            metrics::gauge!("wherefore_diameter_peer_usable", "peer" => peer.host.clone())
                .set(f64::from(u8::from(peer.usable)));
            metrics::gauge!("wherefore_diameter_outstanding", "peer" => peer.host).set(peer.outstanding as f64);
        }
        if let Some(map) = self.core.network.map() {
            let counted = map.node().counters();
            metrics::counter!("wherefore_sigtran_strangers_total").absolute(counted.strangers);
            metrics::counter!("wherefore_sigtran_malformed_tcap_total").absolute(counted.malformed_tcap);
            metrics::counter!("wherefore_sigtran_resource_limited_total").absolute(counted.resource_limited);
        }
        for association in crate::admin::Operations::associations(self) {
            metrics::gauge!("wherefore_sigtran_association_active", "association" => association.name)
                .set(f64::from(u8::from(association.active)));
        }
        if let Some(pmd) = self.core.pseudonyms.as_ref().and_then(Pseudonyms::local) {
            metrics::gauge!("wherefore_pseudonym_revocations").set(pmd.revoked() as f64);
        }
        if let Some(terminals) = &self.terminals {
            metrics::gauge!("wherefore_pull_leases").set(terminals.len() as f64);
        }
        self.metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default()
    }
}

impl crate::admin::Operations for Monitor {
    fn ppr(&self) -> Ppr {
        self.core.ppr.clone()
    }

    fn register_elsewhere(&self) -> Option<String> {
        self.core.config.ppr.remote.url.clone()
    }

    fn gmlc(&self) -> Option<Address> {
        self.core.config.gateway.gmlc_number.map(|number| number.0)
    }

    fn overrides(&self, client_type: lcs::LcsClientType) -> bool {
        self.core.overrides(client_type)
    }

    fn home_registers(&self) -> Option<Arc<HomeRegisters>> {
        self.core.home_registers.clone()
    }

    fn pseudonyms(&self) -> Option<Arc<LocalPmd>> {
        self.core.pseudonyms.as_ref().and_then(Pseudonyms::local).cloned()
    }

    fn consents(&self) -> Option<Arc<Consents>> {
        self.consents.clone()
    }

    fn collector(&self) -> Option<Arc<Collector>> {
        self.collector.clone()
    }

    fn terminals(&self) -> Option<(Arc<Leases>, Vec<ipnet::IpNet>, u64)> {
        let pull = &self.core.config.pull;
        Some((self.terminals.clone()?, pull.access_networks.clone(), pull.lease_s))
    }

    fn reload_areas(&self) -> Option<anyhow::Result<crate::admin::AreasLoaded>> {
        self.core.network.reload_areas(&self.core.config.areas)
    }

    fn deferred(&self) -> Option<LdrDesk> {
        LdrDesk::of(&self.core)
    }

    fn card_road(&self) -> Option<UsimRoad> {
        let Config { roles, usim, .. } = &self.core.config;
        (roles.gmlc && usim.enabled).then_some(usim.road)
    }

    fn peers(&self) -> Vec<PeerView> {
        network::peer_views(self.core.network.node(), &self.core.config.diameter)
    }

    fn associations(&self) -> Vec<AssociationView> {
        self.core.network.map().map(|map| network::association_views(map.node())).unwrap_or_default()
    }

    fn log_head(&self) -> Option<LogHead> {
        self.head.read()
    }

    fn hindrances(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.core.log.state().failed {
            found.push("the disclosure log cannot write, so every request fails".to_owned());
        }
        let reached = self.core.network.node().peers().iter().any(|peer| peer.usable)
            || self.associations().iter().any(|association| association.active);
        if self.core.config.roles.gmlc && !reached {
            found.push("no Diameter peer is usable, and no association is active".to_owned());
        }
        found
    }
}

/// The metrics server.
pub(super) fn router(monitor: Arc<Monitor>) -> Router {
    Router::new().route("/metrics", get(metrics_page)).with_state(monitor)
}

async fn metrics_page(State(monitor): State<Arc<Monitor>>) -> String {
    monitor.scrape()
}
