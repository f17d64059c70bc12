//! Routes that the HSS told, kept for a while, so that a target asked about often costs one exchange and not two.

use crate::config::Cache;
use lcs::{Duration, Identities, Imsi, Msisdn, RoutingInfo};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Imsi(Imsi),
    Msisdn(Msisdn),
}

/// Kept routes, each under every identity that names its subscriber. Bounded in number and age.
pub(super) struct Routes {
    kept: Option<moka::sync::Cache<Key, Arc<RoutingInfo>>>,
}

impl Routes {
    pub(super) fn new(config: &Cache) -> Self {
        let on = config.routing_s > 0 && config.routing_entries > 0;
        let kept = on.then(|| {
            let cache = moka::sync::Cache::builder().max_capacity(config.routing_entries);
            cache.time_to_live(Duration::from_secs(config.routing_s)).build()
        });
        Self { kept }
    }

    /// The route of a subscriber. Two identities that lead to different routes lead to none.
    pub(super) fn find(&self, target: &Identities) -> Option<Arc<RoutingInfo>> {
        let kept = self.kept.as_ref()?;
        let route = keys(target).find_map(|key| kept.get(&key))?;
        let of_imsi = target.imsi.is_none_or(|imsi| route.identities.imsi.is_none_or(|known| known == imsi));
        let of_msisdn = target.msisdn.is_none_or(|number| route.identities.msisdn.is_none_or(|known| known == number));
        (of_imsi && of_msisdn).then_some(route)
    }

    pub(super) fn keep(&self, target: &Identities, route: &Arc<RoutingInfo>) {
        let Some(kept) = &self.kept else { return };
        for key in keys(&target.or(route.identities)) {
            kept.insert(key, Arc::clone(route));
        }
    }

    pub(super) fn forget(&self, target: &Identities) {
        let Some(kept) = &self.kept else { return };
        let known = self.find(target).map(|route| route.identities).unwrap_or_default();
        for key in keys(&target.or(known)) {
            kept.invalidate(&key);
        }
    }

    pub(super) fn forget_all(&self) {
        if let Some(kept) = &self.kept {
            kept.invalidate_all();
        }
    }
}

fn keys(target: &Identities) -> impl Iterator<Item = Key> {
    [target.imsi.map(Key::Imsi), target.msisdn.map(Key::Msisdn)].into_iter().flatten()
}
