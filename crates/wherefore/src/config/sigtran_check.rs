//! What `[sigtran]` and `[map]` may still say wrong.

use super::{Config, check::Findings};
use lcs::NatureOfAddress;
use std::collections::HashSet;

/// Greatest point code, of 14 bits (ITU-T Q.704).
const MAX_POINT_CODE: u32 = 0x3FFF;

impl Config {
    pub(super) fn sigtran_problems(&self, found: &mut Findings) {
        found.range("map.routing_ms", self.map.routing_ms, 10, 600_000);
        found.range("map.location_ms", self.map.location_ms, 10, 600_000);
        let by_hlr = self.map.hlr.is_some();
        found.unless(
            self.sigtran.enabled || !by_hlr,
            "map.hlr",
            "set, and this gateway speaks no MAP",
            "set sigtran.enabled to true, or take the key out",
        );
        if let Some(number) = self.map.hlr {
            let international = number.0.nature == NatureOfAddress::International;
            found.unless(international, "map.hlr", "not an international number", "write it with a leading +");
        }
        if !self.sigtran.enabled {
            return;
        }
        let sigtran = &self.sigtran;
        found.range("sigtran.timers.connect_ms", sigtran.timers.connect_ms, 10, 600_000);
        found.range("sigtran.timers.ack_ms", sigtran.timers.ack_ms, 10, 60_000);
        found.range("sigtran.timers.heartbeat_s", sigtran.timers.heartbeat_s, 1, 3600);
        found.range("sigtran.timers.reconnect_s", sigtran.timers.reconnect_s, 1, 3600);
        point_code(found, "sigtran.point_code", sigtran.point_code);
        for number in sigtran.admitted.iter().chain(sigtran.route.iter().map(|route| &route.prefix)) {
            let international = number.0.nature == NatureOfAddress::International;
            let what = format!("{number} is not the beginning of an international number");
            found.unless(international, "sigtran.admitted or sigtran.route.prefix", what, "write it with a leading +");
        }
        self.association_problems(found);
    }

    fn association_problems(&self, found: &mut Findings) {
        let sigtran = &self.sigtran;
        found.unless(
            !sigtran.association.is_empty(),
            "sigtran.association",
            "missing, and MAP is enabled",
            "name at least one signalling gateway or node",
        );
        let mut names = HashSet::new();
        for (at, association) in sigtran.association.iter().enumerate() {
            let key = |name: &str| format!("sigtran.association[{at}].{name}");
            let named = (1..=64).contains(&association.name.len());
            found.unless(named, &key("name"), "must be 1-64 characters", "give it a short name");
            found.unless(names.insert(&association.name), &key("name"), "given twice", "name each association once");
            let reaches = !association.point_codes.is_empty();
            found.unless(reaches, &key("point_codes"), "empty", "name the point codes that are reached through it");
            association.point_codes.iter().for_each(|code| point_code(found, &key("point_codes"), *code));
        }
        let reached: HashSet<u32> = sigtran.association.iter().flat_map(|a| a.point_codes.iter().copied()).collect();
        let routes = sigtran.route.iter().map(|route| ("sigtran.route.point_code", route.point_code));
        for (key, code) in routes.chain(sigtran.default_route.map(|code| ("sigtran.default_route", code))) {
            let what = format!("point code {code} is reached through no association");
            found.unless(reached.contains(&code), key, what, "add it to the point_codes of the association to it");
        }
    }
}

fn point_code(found: &mut Findings, key: &str, code: u32) {
    found.range(key, code.into(), 1, MAX_POINT_CODE.into());
}
