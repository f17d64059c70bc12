//! Emergency calls under way, as serving nodes report them, so that whoever answers them can ask the node without the HSS or HLR
//! (TS 23.271 clauses 9.1.3, 9.1.6A and 9.1.16).

use lcs::{Digits, Duration, Identities, Imei, Imsi, Msisdn, RoutingInfo, ServingNode};
use std::sync::Arc;

/// Most keys of calls that are remembered.
const MOST: u64 = 400_000;
/// A call that nobody reported as ended is forgotten after this.
const LONGEST: Duration = Duration::from_hours(12);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Imsi(Imsi),
    Msisdn(Msisdn),
    Imei(Imei),
    /// NA-ESRK.
    Routing(Digits),
}

/// What a node reported of a call.
pub(super) struct Call {
    pub(super) identities: Identities,
    pub(super) node: Option<ServingNode>,
    /// NA-ESRK, which names one call. NA-ESRD does not: all calls of a place have the same (TS 23.271 clause 9.1.3).
    pub(super) key: Option<Digits>,
}

/// The calls, each under every key. In memory alone: after a restart the HSS is asked.
pub(super) struct EmergencyCalls {
    calls: moka::sync::Cache<Key, Arc<RoutingInfo>>,
}

impl EmergencyCalls {
    pub(super) fn new() -> Self {
        Self { calls: moka::sync::Cache::builder().max_capacity(MOST).time_to_live(LONGEST).build() }
    }

    /// A call began, or was handed over to the node that reports it.
    pub(super) fn begun(&self, call: Call) {
        let Call { identities, node: Some(node), key } = call else { return };
        let (nodes, h_gmlc, ppr, optimised_lcs) = ([node].into(), None, None, false);
        let route = Arc::new(RoutingInfo { identities, nodes, h_gmlc, ppr, optimised_lcs });
        for key in keys(&identities, key) {
            self.calls.insert(key, Arc::clone(&route));
        }
    }

    /// A call ended.
    pub(super) fn ended(&self, call: &Call) {
        for key in keys(&call.identities, call.key) {
            // A key that serves another call by now stays with it.
            if self.calls.get(&key).is_some_and(|known| !call.identities.contradicts(&known.identities)) {
                self.calls.invalidate(&key);
            }
        }
    }

    /// The node of a call: by the key that it was routed by, else by an identity. Not if the caller is known to be another.
    pub(super) fn find(&self, target: &Identities, key: Option<Digits>) -> Option<Arc<RoutingInfo>> {
        let by_key = key.map(Key::Routing).into_iter();
        by_key
            .chain(keys(target, None))
            .filter_map(|key| self.calls.get(&key))
            .find(|call| !target.contradicts(&call.identities))
    }
}

fn keys(of: &Identities, routing: Option<Digits>) -> impl Iterator<Item = Key> {
    let identities = [of.imsi.map(Key::Imsi), of.msisdn.map(Key::Msisdn), of.imei.map(Key::Imei)];
    identities.into_iter().chain([routing.map(Key::Routing)]).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::{Address, NodeKind};

    fn call(msisdn: &str, key: Option<&str>) -> Call {
        let number = Address::international("+15550100").unwrap();
        let node = ServingNode { kind: NodeKind::Msc { number }, capabilities: None, v_gmlc: None };
        let identities = Identities {
            msisdn: Msisdn::parse(msisdn).ok(),
            imei: Imei::parse("35850604062684").ok(),
            ..Identities::default()
        };
        Call { identities, node: Some(node), key: key.map(|key| Digits::parse(key).unwrap()) }
    }

    fn by_msisdn(digits: &str) -> Identities {
        Identities { msisdn: Msisdn::parse(digits).ok(), ..Identities::default() }
    }

    #[test]
    fn a_call_is_found_by_its_key_and_by_every_identity_until_it_ends() {
        let calls = EmergencyCalls::new();
        let esrk = Digits::parse("5551234567").ok();
        calls.begun(call("15550001", Some("5551234567")));
        let by_imei = Identities { imei: Imei::parse("35850604062684").ok(), ..Identities::default() };
        for (target, key) in [
            (by_msisdn("15550001"), None),
            (by_imei, None),
            (Identities::default(), esrk),
            (by_msisdn("15550001"), esrk),
        ] {
            assert_eq!(calls.find(&target, key).unwrap().identities.msisdn, Msisdn::parse("15550001").ok());
        }
        // Somebody else's number beside the key.
        assert!(calls.find(&by_msisdn("15550002"), esrk).is_none());
        assert!(calls.find(&by_msisdn("15550002"), None).is_none());
        calls.ended(&call("15550001", Some("5551234567")));
        assert!(calls.find(&by_imei, esrk).is_none());
    }

    #[test]
    fn the_end_of_a_call_ends_no_other_that_got_its_key() {
        let calls = EmergencyCalls::new();
        calls.begun(call("15550001", Some("5551234567")));
        let other = Call { identities: by_msisdn("15550002"), ..call("15550002", Some("5551234567")) };
        calls.begun(other);
        calls.ended(&call("15550001", Some("5551234567")));
        let esrk = Digits::parse("5551234567").ok();
        assert!(calls.find(&by_msisdn("15550002"), esrk).is_some());
        assert!(calls.find(&by_msisdn("15550001"), esrk).is_none());
    }

    #[test]
    fn the_key_goes_before_the_number_and_a_report_without_a_node_is_nothing() {
        let calls = EmergencyCalls::new();
        calls.begun(Call { node: None, ..call("15550001", None) });
        assert!(calls.find(&by_msisdn("15550001"), None).is_none());
        calls.begun(call("15550001", Some("5551234567")));
        let wrong = Digits::parse("5559999999").ok();
        assert!(calls.find(&by_msisdn("15550001"), wrong).is_some());
    }

    #[test]
    fn a_key_that_another_call_has_by_now_leads_to_the_callers_own() {
        let calls = EmergencyCalls::new();
        calls.begun(Call { key: None, ..call("15550001", None) });
        let mut later = call("15550002", Some("5551234567"));
        later.identities.imei = Imei::parse("35850604062692").ok();
        calls.begun(later);
        let found = calls.find(&by_msisdn("15550001"), Digits::parse("5551234567").ok());
        assert_eq!(found.unwrap().identities.msisdn, Msisdn::parse("15550001").ok());
    }
}
