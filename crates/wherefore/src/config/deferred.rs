//! `[deferred]`: requests that wait for an event (`docs/deferred.md`).

use super::check::Findings;
use lcs::PlmnId;
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
    /// Whether requests about one subscriber that are alike share one request to the network, where nobody is to be told or asked (TS
    /// 23.271 clause 4.5). Default true.
    pub merge: bool,
    /// Networks where a phone may report, MCC and MNC as 5 or 6 digits, at most 19; the one that serves is told beside them (TS 23.271
    /// clause 9.1.19.1 step 2). For area, periodic and motion. Default none: where it was armed alone.
    pub reporting_plmns: Vec<String>,
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
            merge: true,
            reporting_plmns: Vec::new(),
            default_duration_s: 86_400,
            max_duration_s: 8_640_000,
        }
    }
}

/// Most networks in one request (TS 29.172 clause 7.4.48).
const MOST_PLMNS: usize = 20;

impl Deferred {
    /// The networks where a phone may report.
    pub(crate) fn networks(&self) -> Vec<PlmnId> {
        self.reporting_plmns.iter().filter_map(|plmn| PlmnId::from_digits(plmn)).collect()
    }

    pub(super) fn problems(&self, found: &mut Findings) {
        found.range("deferred.max_per_target", self.max_per_target.into(), 1, 256);
        found.range("deferred.max_per_client", self.max_per_client as u64, 1, 100_000_000);
        let plmns = &self.reporting_plmns;
        let many = "lists more than 19 networks";
        found.unless(plmns.len() < MOST_PLMNS, "deferred.reporting_plmns", many, "keep those that matter most");
        for plmn in plmns {
            let wrong = format!("{plmn:?} is not a network code");
            let remedy = "write MCC and MNC as 5 or 6 digits";
            found.unless(PlmnId::from_digits(plmn).is_some(), "deferred.reporting_plmns", wrong, remedy);
        }
        found.range("deferred.max_duration_s", self.max_duration_s, 1, 31_536_000);
        found.range("deferred.default_duration_s", self.default_duration_s, 1, self.max_duration_s);
    }
}
