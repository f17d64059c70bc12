//! `[deferred]`: requests that wait for an event (`docs/deferred.md`).

use super::check::Findings;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// `[deferred]`: requests that wait for an event (TS 23.271 clause 4.4.2). Off unless `gmlc_address` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Deferred {
    /// IP address by which serving nodes know this gateway as the home one of a deferred request (GMLC-Address, TS 29.173 clause
    /// 6.4.9). Default none: no deferred requests are taken.
    pub gmlc_address: Option<IpAddr>,
    /// Most deferred requests about one subscriber, all clients together, 1-256. Default 64.
    pub max_per_target: u32,
    /// Most deferred requests of one client. Default 1000000.
    pub max_per_client: usize,
    /// A request that names no end ends after this, seconds. Default 86400.
    pub default_duration_s: u64,
    /// Longest time from the beginning of a request to its end, seconds. Default 8640000.
    pub max_duration_s: u64,
}

impl Default for Deferred {
    fn default() -> Self {
        Self {
            gmlc_address: None,
            max_per_target: 64,
            max_per_client: 1_000_000,
            default_duration_s: 86_400,
            max_duration_s: 8_640_000,
        }
    }
}

impl Deferred {
    pub(super) fn problems(&self, found: &mut Findings) {
        found.range("deferred.max_per_target", self.max_per_target.into(), 1, 256);
        found.range("deferred.max_per_client", self.max_per_client as u64, 1, 100_000_000);
        found.range("deferred.max_duration_s", self.max_duration_s, 1, 31_536_000);
        found.range("deferred.default_duration_s", self.default_duration_s, 1, self.max_duration_s);
    }
}
