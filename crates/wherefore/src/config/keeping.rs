//! The sections of the file about what is kept, how much is taken on, and what policy holds.

use super::Secret;
use crate::forms::{CountryCode, Setting};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[store]`: clients, profiles and pending reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// SQLite file, made on first start. An attacker who can write it can delete profiles (which denies) but not forge or
    /// swap sealed ones without the key. Default `wherefore.db`.
    pub path: PathBuf,
    /// File with the key that seals identities and profiles, made on first start with mode 0600. Whoever has it and the
    /// database can read every profile; without it nobody can, so keep a copy apart. Default `store.key`.
    pub key_file: PathBuf,
    /// Environment variable with the key, used before the file: 64 hexadecimal digits. Default none.
    pub key_env: Option<String>,
    /// Connections for reading, 1-64. Default 4.
    pub read_connections: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self { path: "wherefore.db".into(), key_file: "store.key".into(), key_env: None, read_connections: 4 }
    }
}

impl Store {
    /// Where the key comes from.
    #[must_use]
    pub fn key(&self) -> Secret<'_> {
        Secret { file: &self.key_file, env: self.key_env.as_deref() }
    }
}

/// `[log]`: the disclosure log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Directory of segments, tiles and checkpoints. An attacker who can write it can destroy the log but not change an
    /// entry unseen by whoever kept a checkpoint. Default `log`.
    pub dir: PathBuf,
    /// Origin line of checkpoints: a name that no other log has. Default none: `gateway.name`.
    pub origin: Option<String>,
    /// File with the key that signs checkpoints, made on first start with mode 0600. Whoever has it can sign a false
    /// history. Default `log-sign.key`.
    pub signing_key_file: PathBuf,
    /// File with the key from which the subscribers' content keys come, made on first start with mode 0600. Whoever has it
    /// and the store can read every entry. Default `log-content.key`.
    pub content_key_file: PathBuf,
    /// Size of a segment file, MiB, set aside in advance. Default 64.
    pub segment_mib: u64,
    /// Whether an entry keeps the position that was disclosed. Default false: only that there was one, and its accuracy.
    pub keep_coordinates: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            dir: "log".into(),
            origin: None,
            signing_key_file: "log-sign.key".into(),
            content_key_file: "log-content.key".into(),
            segment_mib: 64,
            keep_coordinates: false,
        }
    }
}

/// `[limits]`: how much is taken on at once, and what a client gets whose record says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Location requests under way at once, one per target. Default 4096.
    pub max_concurrent: usize,
    /// Requests that may wait for a place; more is answered 101 at once. Default 256.
    pub max_waiting: usize,
    /// Places of `max_concurrent` that only emergency and lawful clients get. Default 64.
    pub emergency_reserve: usize,
    /// Targets per second for a client whose record names no rate. Default 10000.
    pub client_rate_per_s: u32,
    /// Targets at once, beyond the rate, for a client whose record names no burst. Default 20000.
    pub client_burst: u32,
    /// Targets per UTC day for a client whose record names no quota. Default none: no quota.
    pub client_daily_quota: Option<u64>,
    /// Targets in one request for a client whose record names no number. Default 10.
    pub client_max_targets: u32,
    /// Secrets checked by Argon2id at once; each takes 19 MiB and about 20 ms of one core. Default 2.
    pub secret_checks: usize,
    /// Secrets that may wait for such a check; more is answered 101 at once. Default 64.
    pub secret_checks_waiting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_concurrent: 4096,
            max_waiting: 256,
            emergency_reserve: 64,
            client_rate_per_s: 10_000,
            client_burst: 20_000,
            client_daily_quota: None,
            client_max_targets: 10,
            secret_checks: 2,
            secret_checks_waiting: 64,
        }
    }
}

/// `[privacy]`: the operator's policy above the subscribers' settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// Loosest setting that any value added client ever gets, whatever the subscriber's profile says: `allowed`, `notify`,
    /// `verify_allow`, `verify_restrict` or `denied`. Default `allowed`: no floor.
    pub operator_floor: Setting,
    /// JSON file with the profile of subscribers who have none, in the form of `subscriber show`. An attacker who can
    /// write it decides for every such subscriber. Default none: they are denied.
    pub default_profile_file: Option<PathBuf>,
    /// Requests for emergency services.
    pub emergency: Override,
    /// Requests for lawful interception.
    pub lawful: Override,
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            operator_floor: Setting::Allowed,
            default_profile_file: None,
            emergency: Override { enabled: true, agreement_country_codes: Vec::new() },
            lawful: Override { enabled: false, agreement_country_codes: Vec::new() },
        }
    }
}

/// `[privacy.emergency]` and `[privacy.lawful]`: the privacy override of TS 23.271 clause 9.5.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Whether the override of clients of this type counts. Without it they are ordinary clients, whom only the universal class
    /// serves. Default true for emergency, false for lawful interception.
    pub enabled: bool,
    /// E.164 country codes, beside our own, with which the override is agreed. Default none.
    #[serde(default)]
    pub agreement_country_codes: Vec<CountryCode>,
}

/// `[cache]`: what is remembered to spare the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// How long an SLh answer is used again, s; 0: never. A stale one costs a failed request, then it is asked anew. Default 60.
    pub routing_s: u64,
    /// Most SLh answers kept; the oldest go first. Default 1000000.
    pub routing_entries: u64,
    /// How long a client's secret, once checked by Argon2id, is recognised by its keyed hash, s. Default 900.
    pub secret_s: u64,
    /// Most secrets so recognised. Default 100000.
    pub secret_entries: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self { routing_s: 60, routing_entries: 1_000_000, secret_s: 900, secret_entries: 100_000 }
    }
}
