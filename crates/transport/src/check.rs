//! Whether a configuration makes sense, and what a node takes from its surroundings when it starts.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

use diameter::codec::{ApplicationId, VendorId};
use diameter::peer::LocalCapabilities;

use crate::{Mode, NodeConfig, StartError, Transport};

/// Finds contradictions.
pub(crate) fn config(config: &NodeConfig) -> Result<(), StartError> {
    identity(&config.origin_host)?;
    identity(&config.origin_realm)?;
    let mut seen = HashSet::from([config.origin_host.to_ascii_lowercase()]);
    for peer in &config.peers {
        identity(&peer.host)?;
        identity(&peer.realm)?;
        if !seen.insert(peer.host.to_ascii_lowercase()) {
            return Err(StartError::DuplicateIdentity { host: peer.host.clone() });
        }
        if peer.mode == Mode::Initiate && peer.address.is_none() {
            return Err(StartError::AddressMissing { host: peer.host.clone() });
        }
        if peer.mode == Mode::Initiate && peer.transport == Transport::Tls && config.tls.is_none() {
            return Err(StartError::TlsMissing);
        }
    }
    let tls_listener = config.listen.iter().any(|listen| listen.transport == Transport::Tls);
    let certificate = config.tls.as_ref().is_some_and(|tls| tls.server.is_some());
    if tls_listener && !certificate { Err(StartError::TlsMissing) } else { Ok(()) }
}

/// RFC 6733 section 4.3.1, DiameterIdentity: a fully qualified domain name, ASCII.
pub(crate) fn identity(name: &str) -> Result<(), StartError> {
    let sound = (1..=255).contains(&name.len())
        && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_'));
    if sound { Ok(()) } else { Err(StartError::Identity { name: name.to_owned() }) }
}

/// What the node says of itself; its state began now (RFC 6733 section 8.16).
pub(crate) fn capabilities(config: &NodeConfig, unix_seconds: u64) -> LocalCapabilities {
    let mut applications: Vec<_> =
        config.applications.iter().map(|application| (application.id, application.vendor.map(VendorId))).collect();
    if config.relay {
        applications.push((ApplicationId::RELAY, None));
    }
    LocalCapabilities {
        host: config.origin_host.clone(),
        realm: config.origin_realm.clone(),
        vendor: VendorId(config.vendor_id),
        product_name: config.product_name.clone(),
        applications,
        // Seconds since 1970 fit 32 bits until 2106, and only growth counts.
        state_id: (unix_seconds & 0xffff_ffff) as u32,
    }
}

/// The wall clock, read once per node for identifiers that must not repeat after a restart.
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Random bits for jitter and for where identifiers start; nothing here needs secrecy.
pub(crate) fn random64() -> u64 {
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// The same, 32 of them.
pub(crate) fn random32() -> u32 {
    let [a, b, c, d, ..] = random64().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}
