//! The Diameter node and its peers, from the configuration.

use crate::admin::PeerView;
use crate::config::{self, PeerRole, PeerTransport};
use crate::tls;
use anyhow::{Context, Result, bail};
use diameter::codec::ApplicationId;
use lcs::Duration;
use std::net::SocketAddr;
use transport::{Application, Listen, Mode, Node, NodeConfig, PeerConfig, TlsConfig, Transport};

/// What the Diameter node is told. Names of peers are looked up once, at start.
pub(crate) async fn node_config(config: &config::Config) -> Result<NodeConfig> {
    if !config.roles.gmlc {
        // Nothing is asked of the network: no socket, and no peer that could ask us. A node has a name all the same.
        return Ok(NodeConfig::new("none.invalid", "invalid"));
    }
    let diameter = &config.diameter;
    let mut node = NodeConfig::new(&diameter.origin_host, &diameter.origin_realm);
    node.applications = [ApplicationId::SLH, ApplicationId::SLG].map(Application::tgpp).to_vec();
    node.limits.max_message = diameter.message_limit_bytes as usize;
    node.timers.watchdog = Duration::from_secs(diameter.timers.watchdog_s);
    node.timers.connect = Duration::from_millis(diameter.timers.connect_ms);
    node.timers.capabilities = Duration::from_millis(diameter.timers.connect_ms);
    node.timers.reconnect_max = Duration::from_secs(diameter.timers.reconnect_s);
    if diameter.accept {
        node.listen.push(Listen { address: diameter.listen, transport: Transport::Tcp });
        if diameter.tls.cert_file.is_some() {
            node.listen.push(Listen { address: diameter.tls.listen, transport: Transport::Tls });
        }
        if diameter.sctp {
            node.listen.push(Listen { address: diameter.listen, transport: Transport::Sctp });
        }
    }
    let uses_tls = diameter.tls.cert_file.is_some() || diameter.peer.iter().any(|p| p.transport == PeerTransport::Tls);
    if uses_tls {
        let identity =
            tls::Identity { cert_file: diameter.tls.cert_file.as_deref(), key_file: diameter.tls.key_file.as_deref() };
        node.tls = Some(TlsConfig {
            client: tls::client(&identity, diameter.tls.ca_file.as_deref())?,
            server: tls::mutual_server(&identity, diameter.tls.ca_file.as_deref())?,
        });
    }
    for peer in &diameter.peer {
        node.peers.push(peer_config(peer).await?);
    }
    Ok(node)
}

async fn peer_config(peer: &config::Peer) -> Result<PeerConfig> {
    let address = match &peer.address {
        Some(name) => {
            Some(look_up(name).await.with_context(|| format!("diameter.peer {}: address {name}", peer.host))?)
        }
        None => None,
    };
    Ok(PeerConfig {
        host: peer.host.clone(),
        realm: peer.realm.clone(),
        address,
        transport: match peer.transport {
            PeerTransport::Tcp => Transport::Tcp,
            PeerTransport::Tls => Transport::Tls,
            PeerTransport::Sctp => Transport::Sctp,
        },
        mode: if address.is_some() { Mode::Initiate } else { Mode::Accept },
        priority: peer.preference,
        relay: peer.role == PeerRole::Relay,
        tls_name: None,
    })
}

async fn look_up(name: &str) -> Result<SocketAddr> {
    match tokio::net::lookup_host(name).await?.next() {
        Some(address) => Ok(address),
        None => bail!("the name has no address"),
    }
}

/// The peers for the admin API.
pub(crate) fn peer_views(node: &Node, config: &config::Diameter) -> Vec<PeerView> {
    let role = |host: &str| {
        let known = config.peer.iter().find(|peer| peer.host.eq_ignore_ascii_case(host));
        known.map_or("unknown", |peer| match peer.role {
            PeerRole::Hss => "hss",
            PeerRole::Mme => "mme",
            PeerRole::Relay => "relay",
        })
    };
    let mut views: Vec<PeerView> = node
        .peers()
        .into_iter()
        .map(|peer| PeerView {
            role: role(&peer.host).to_owned(),
            state: format!("{:?}, {:?}", peer.state, peer.watchdog).to_ascii_lowercase(),
            usable: peer.usable,
            outstanding: peer.outstanding as u64,
            host: peer.host,
            realm: peer.realm,
        })
        .collect();
    views.sort_by(|a, b| a.host.cmp(&b.host));
    views
}
