//! The node of the signalling network, from the configuration.

use crate::admin::AssociationView;
use crate::config::{self, AssociationRole, Network};
use anyhow::{Context, Result};
use lcs::{Address, Duration};
use ss7::m3ua::{NetworkIndicator, PointCode, TrafficMode};
use ss7::sccp::Ssn;
use transport::sigtran::{Admission, AssociationConfig, GtRoute, Role, SigtranConfig, SigtranNode, SigtranTransport};

/// What the node is told.
///
/// # Errors
/// A point code has more than 14 bits.
pub(crate) fn sigtran_config(config: &config::Config, number: Address) -> Result<SigtranConfig> {
    let sigtran = &config.sigtran;
    let mut node = SigtranConfig::new(code(sigtran.point_code)?, number, Ssn::GMLC);
    node.network = match sigtran.network {
        Network::International => NetworkIndicator::International,
        Network::InternationalSpare => NetworkIndicator::InternationalSpare,
        Network::National => NetworkIndicator::National,
        Network::NationalSpare => NetworkIndicator::NationalSpare,
    };
    for association in &sigtran.association {
        let made = self::association(association);
        node.associations.push(made.with_context(|| format!("sigtran.association {}", association.name))?);
    }
    for route in &sigtran.route {
        node.routes.push(GtRoute { prefix: route.prefix.0, point_code: code(route.point_code)? });
    }
    node.default_route = sigtran.default_route.map(code).transpose()?;
    let prefixes = sigtran.admitted.iter().map(|number| number.0.digits).collect();
    node.admission = Admission::Only { prefixes, point_codes: Vec::new() };
    node.timers.connect = Duration::from_millis(sigtran.timers.connect_ms);
    node.timers.ack = Duration::from_millis(sigtran.timers.ack_ms);
    node.timers.heartbeat = Duration::from_secs(sigtran.timers.heartbeat_s);
    node.timers.reconnect_max = Duration::from_secs(sigtran.timers.reconnect_s);
    // A dialogue is quiet while a user is asked.
    let longest = Duration::from_millis(config.map.location_ms.max(config.map.routing_ms));
    node.timers.dialogue_idle = node.timers.dialogue_idle.max(longest);
    node.timers.dialogue_lifetime = node.timers.dialogue_lifetime.max(longest);
    let under_way = config.limits.max_concurrent.saturating_mul(2);
    node.limits.max_dialogues = node.limits.max_dialogues.max(under_way);
    Ok(node)
}

fn association(told: &config::Association) -> Result<AssociationConfig> {
    let codes = told.point_codes.iter().map(|told| code(*told)).collect::<Result<Vec<_>>>()?;
    let made = match told.role {
        AssociationRole::Asp => AssociationConfig::asp(&told.name, told.address, codes),
        AssociationRole::Server => AssociationConfig::server(&told.name, told.address, codes),
    };
    Ok(AssociationConfig {
        transport: match told.transport {
            config::SigtranTransport::Tcp => SigtranTransport::Tcp,
            config::SigtranTransport::Sctp => SigtranTransport::Sctp,
        },
        routing_context: told.routing_context,
        network_appearance: told.network_appearance,
        asp_identifier: told.asp_identifier,
        traffic_mode: match told.traffic_mode {
            config::TrafficMode::Override => TrafficMode::Override,
            config::TrafficMode::Loadshare => TrafficMode::Loadshare,
        },
        from: told.from.clone(),
        ..made
    })
}

fn code(value: u32) -> Result<PointCode> {
    Ok(PointCode::new(value)?)
}

/// The associations for the admin API.
pub(crate) fn association_views(node: &SigtranNode) -> Vec<AssociationView> {
    let status = node.status();
    let views = status.associations.into_iter().map(|association| AssociationView {
        name: association.name,
        role: match association.role {
            Role::Asp => "asp".to_owned(),
            Role::Server => "server".to_owned(),
        },
        active: association.active,
        connections: association.connections.len() as u64,
        last_error: association.last_error.map(|error| error.to_string()),
    });
    views.collect()
}
