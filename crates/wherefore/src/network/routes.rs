//! Routes that the HSS told, kept for a while, so that a target asked about often costs one exchange and not two.
//!
//! What a subscriber has alone is some 100 octets under each identity; where it is served, hundreds of thousands have in common, and it is
//! kept once.

mod shelf;

use crate::config::Cache;
use lcs::{Duration, Identities, Imsi, Msisdn, RoutingInfo, Timestamp};
use shelf::Shelf;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Most octets of what subscribers have in common. One whose route would take more is asked about anew each time.
const COMMON_OCTETS: usize = 32 << 20;

/// Kept routes, each under every identity that names its subscriber. Bounded in number, octets and age.
pub(super) struct Routes {
    kept: Option<Kept>,
    /// Times are told from here on: the clock on the wall may be set.
    started: Instant,
}

struct Kept {
    by_imsi: Shelf<Imsi, Route>,
    by_msisdn: Shelf<Msisdn, Route>,
    common: Mutex<Common>,
    longest: Duration,
}

/// The route of one subscriber.
#[derive(Clone)]
struct Route {
    imsi: Option<Imsi>,
    msisdn: Option<Msisdn>,
    /// All else, of nobody.
    common: Arc<RoutingInfo>,
}

/// Each once.
#[derive(Default)]
struct Common {
    known: HashSet<Arc<RoutingInfo>>,
    octets: usize,
    /// When those are looked for that nobody has any more.
    sweep: Timestamp,
}

impl Routes {
    pub(super) fn new(config: &Cache) -> Self {
        let on = config.routing_s > 0 && config.routing_entries > 0;
        let (most, longest) =
            (usize::try_from(config.routing_entries).unwrap_or(usize::MAX), Duration::from_secs(config.routing_s));
        let kept = on.then(|| Kept {
            by_imsi: Shelf::new(most, longest),
            by_msisdn: Shelf::new(most, longest),
            common: Mutex::default(),
            longest,
        });
        Self { kept, started: Instant::now() }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// The route of a subscriber. Two identities that lead to different routes lead to none.
    pub(super) fn find(&self, target: &Identities) -> Option<Arc<RoutingInfo>> {
        self.kept.as_ref()?.find(target, self.now()).map(Arc::new)
    }

    pub(super) fn keep(&self, target: &Identities, route: &RoutingInfo) {
        if let Some(kept) = &self.kept {
            kept.keep(target, route, self.now());
        }
    }

    pub(super) fn forget(&self, target: &Identities) {
        let Some(kept) = &self.kept else { return };
        let known = kept.find(target, self.now()).map(|route| route.identities).unwrap_or_default();
        let Identities { imsi, msisdn, .. } = target.or(known);
        kept.by_imsi.forget(imsi);
        kept.by_msisdn.forget(msisdn);
    }

    pub(super) fn forget_all(&self) {
        if let Some(kept) = &self.kept {
            kept.by_imsi.clear();
            kept.by_msisdn.clear();
            *kept.common() = Common::default();
        }
    }
}

impl Kept {
    fn common(&self) -> MutexGuard<'_, Common> {
        self.common.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, target: &Identities, now: Timestamp) -> Option<RoutingInfo> {
        let by_imsi = target.imsi.and_then(|imsi| self.by_imsi.find(&imsi, now));
        let Route { imsi, msisdn, common } =
            by_imsi.or_else(|| target.msisdn.and_then(|number| self.by_msisdn.find(&number, now)))?;
        let identities = Identities { imsi, msisdn, imei: target.imei };
        (!identities.contradicts(target)).then(|| RoutingInfo { identities, ..RoutingInfo::clone(&common) })
    }

    fn keep(&self, target: &Identities, route: &RoutingInfo, now: Timestamp) {
        let Identities { imsi, msisdn, .. } = target.or(route.identities);
        let nobodys = RoutingInfo { identities: Identities::default(), ..route.clone() };
        let Some(common) = self.common().share(nobodys, now, self.longest) else {
            self.by_imsi.forget(imsi);
            self.by_msisdn.forget(msisdn);
            return;
        };
        let route = Route { imsi: route.identities.imsi, msisdn: route.identities.msisdn, common };
        if let Some(imsi) = imsi {
            self.by_imsi.keep(imsi, route.clone(), now);
        }
        if let Some(msisdn) = msisdn {
            self.by_msisdn.keep(msisdn, route, now);
        }
    }
}

impl Common {
    /// The one that is equal to this; `None`: there is no room for one more.
    fn share(&mut self, route: RoutingInfo, now: Timestamp, longest: Duration) -> Option<Arc<RoutingInfo>> {
        if let Some(known) = self.known.get(&route) {
            return Some(Arc::clone(known));
        }
        if now >= self.sweep {
            self.known.retain(|known| Arc::strong_count(known) > 1);
            self.octets = self.known.iter().map(|known| octets(known)).sum();
            self.sweep = now.after(longest / 2);
        }
        let more = octets(&route);
        if self.octets + more > COMMON_OCTETS {
            return None;
        }
        self.octets += more;
        let route = Arc::new(route);
        self.known.insert(Arc::clone(&route));
        Some(route)
    }
}

/// What a route takes beside its place in a table, names of its nodes included.
fn octets(route: &RoutingInfo) -> usize {
    use lcs::NodeKind;
    let text = |text: &String| text.capacity() + 16;
    let names = |kind: &NodeKind| match kind {
        NodeKind::Mme { name, realm } => text(name) + text(realm),
        NodeKind::Sgsn { diameter: Some((name, realm)), .. } => text(name) + text(realm),
        NodeKind::Aaa { name } => text(name),
        NodeKind::Sgsn { diameter: None, .. } | NodeKind::Msc { .. } => 0,
    };
    let nodes = route.nodes.iter().map(|node| size_of_val(node) + names(&node.kind));
    // Reference counts, and what the allocator adds.
    size_of_val(route) + 64 + nodes.sum::<usize>()
}

#[cfg(test)]
mod tests;
