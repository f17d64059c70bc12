//! Deferred requests in memory: by name, by target and reference, and by when something is due.

use crate::store::{KeptLdr, LdrParties, Likeness};
use gmlc::{Ldr, LdrRoad, References};
use lcs::{Failure, Identities, Imsi, LdrReference, Msisdn, Timestamp};
use privacy::disclosure::RequestId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Bound, Deref};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One request. Its lock is held while an event is carried out, so that each sees what the one before it came to.
pub(super) struct Slot {
    parties: LdrParties,
    /// When something is due, in microseconds; [`NEVER`]: nothing is. Changed only while the tables are locked.
    timer: AtomicU64,
    pub(super) state: tokio::sync::Mutex<KeptLdr>,
}

const NEVER: u64 = u64::MAX;

impl Deref for Slot {
    type Target = LdrParties;

    fn deref(&self) -> &LdrParties {
        &self.parties
    }
}

impl Slot {
    /// Sets when something is due; when it was before.
    fn set_timer(&self, due: Option<Timestamp>) -> Option<Timestamp> {
        let before = self.timer.swap(due.map_or(NEVER, Timestamp::micros), Ordering::Relaxed);
        (before != NEVER).then_some(Timestamp::from_micros(before))
    }
}

/// The requests of this gateway.
#[derive(Default)]
pub(super) struct Index(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    by_id: BTreeMap<RequestId, Arc<Slot>>,
    by_target: HashMap<Key, Target>,
    /// Numbers of targets that are found by IMSI.
    numbers: HashMap<Msisdn, Imsi>,
    timers: BTreeSet<(Timestamp, [u8; 16])>,
    /// Requests of each client. Its texts are shared by all of them.
    clients: HashMap<Arc<str>, usize>,
    nodes: BTreeSet<Arc<str>>,
    /// Requests that visited gateways were asked for, by gateway and name; and those names.
    visited: HashMap<Arc<str>, RequestId>,
    asked_as: HashMap<RequestId, Arc<str>>,
}

/// How a target is found: by IMSI, or by number if the network knows none.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Imsi(Imsi),
    Msisdn(Msisdn),
}

struct Target {
    /// Where the next reference is looked for.
    next: LdrReference,
    requests: Vec<Member>,
}

/// One request about a target. Several may share a reference: one of them is the one that a node was asked for.
struct Member {
    slot: Arc<Slot>,
    stands: Stands,
}

/// How a request stands towards others that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// It cannot be joined, now or ever.
    Alone,
    /// Others like it may join from this time on.
    Open(Likeness, Timestamp),
    /// It is over: it does not need the node any more.
    Over,
}

impl Default for Target {
    fn default() -> Self {
        Self { next: LdrReference(0), requests: Vec::new() }
    }
}

impl Target {
    /// The reference of a request that one like this may join now.
    fn open(&self, likeness: Likeness, now: Timestamp) -> Option<LdrReference> {
        let is_open = |member: &&Member| matches!(member.stands, Stands::Open(open, _) if open == likeness);
        let reference = self.requests.iter().find(is_open)?.slot.reference;
        let mut of_it = self.requests.iter().filter(|member| member.slot.reference == reference);
        of_it.all(|member| !matches!(member.stands, Stands::Open(_, from) if from > now)).then_some(reference)
    }

    fn shares(&self, reference: LdrReference) -> bool {
        self.requests.iter().any(|member| member.slot.reference == reference)
    }

    /// A reference for one more; `None`: all that it may have are taken.
    fn take(&self, most: u32) -> Option<LdrReference> {
        let taken: References = self.requests.iter().map(|member| member.slot.reference).collect();
        if taken.count() < most { taken.free_from(self.next) } else { None }
    }
}

impl Key {
    fn of(target: &Identities) -> Option<Self> {
        target.imsi.map(Self::Imsi).or(target.msisdn.map(Self::Msisdn))
    }
}

impl Tables {
    /// The key under which the requests about a target are, by whatever identity it is named.
    fn key(&self, target: &Identities) -> Option<Key> {
        let by_number = target.msisdn.and_then(|number| self.numbers.get(&number)).map(|imsi| Key::Imsi(*imsi));
        target.imsi.map(Key::Imsi).or(by_number).or(target.msisdn.map(Key::Msisdn))
    }

    /// Under which key one more of this client goes.
    fn place_of(&self, parties: &LdrParties, per_client: usize) -> Result<Key, Failure> {
        if self.clients.get(&parties.account).copied().unwrap_or_default() >= per_client {
            return Err(Failure::OverQuota);
        }
        Key::of(&parties.target).ok_or(Failure::SystemFailure)
    }

    /// A reference for one more about a target.
    fn free(&self, key: &Key, per_target: u32) -> Result<LdrReference, Failure> {
        let first = Target::default();
        self.by_target.get(key).unwrap_or(&first).take(per_target).ok_or(Failure::Congestion)
    }

    /// Has a request found by what a visited gateway knows it by, and by nothing from before.
    fn ask_as(&mut self, id: RequestId, name: &Arc<str>) {
        self.ask_nobody(id);
        self.visited.insert(Arc::clone(name), id);
        self.asked_as.insert(id, Arc::clone(name));
    }

    fn ask_nobody(&mut self, id: RequestId) {
        if let Some(before) = self.asked_as.remove(&id) {
            self.visited.remove(&before);
        }
    }

    fn insert(&mut self, parties: LdrParties, kept: KeptLdr) -> Option<Arc<Slot>> {
        let key = Key::of(&parties.target)?;
        let LdrParties { id, account, target: whom, reference } = parties;
        let account = self.clients.get_key_value(&account).map_or(account, |(account, _)| Arc::clone(account));
        let node = self.nodes.get(&kept.node).cloned().unwrap_or(kept.node);
        if kept.road == LdrRoad::Visited {
            self.ask_as(id, &node);
        } else if !node.is_empty() {
            self.nodes.insert(Arc::clone(&node));
        }
        *self.clients.entry(Arc::clone(&account)).or_default() += 1;
        if let (Some(imsi), Some(number)) = (whom.imsi, whom.msisdn) {
            self.numbers.insert(number, imsi);
        }
        let target = self.by_target.entry(key).or_default();
        if !target.shares(reference) {
            target.next = References::following(reference);
        }
        let stands = stands(kept.likeness, &kept.ldr);
        let slot = Arc::new(Slot {
            parties: LdrParties { id, account, target: whom, reference },
            timer: AtomicU64::new(NEVER),
            state: tokio::sync::Mutex::new(KeptLdr { node, ..kept }),
        });
        // Most targets have one request, and room for four would be a fifth of all that it takes.
        target.requests.reserve_exact(1);
        target.requests.push(Member { slot: Arc::clone(&slot), stands });
        self.by_id.insert(id, Arc::clone(&slot));
        Some(slot)
    }
}

impl Index {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a request in that was kept before; `None` if it names nobody.
    pub(super) fn restore(&self, parties: LdrParties, kept: KeptLdr) -> Option<Arc<Slot>> {
        self.tables().insert(parties, kept)
    }

    /// Puts a new request in, under a reference that falls to it, or under that of one like it which it may join `now`; `None`: it is to
    /// have one of its own.
    ///
    /// # Errors
    /// The target, or the client, has as many as it may.
    pub(super) fn admit(
        &self,
        parties: LdrParties,
        kept: KeptLdr,
        (per_target, per_client): (u32, usize),
        now: Option<Timestamp>,
    ) -> Result<Arc<Slot>, Failure> {
        let mut tables = self.tables();
        let key = tables.place_of(&parties, per_client)?;
        let joins = tables.by_target.get(&key).zip(now).zip(kept.likeness);
        if let Some(reference) = joins.and_then(|((target, now), likeness)| target.open(likeness, now)) {
            let ldr = kept.ldr.joining();
            let (parties, kept) = (LdrParties { reference, ..parties }, KeptLdr { ldr, ..kept });
            return tables.insert(parties, kept).ok_or(Failure::SystemFailure);
        }
        let reference = tables.free(&key, per_target)?;
        tables.insert(LdrParties { reference, ..parties }, kept).ok_or(Failure::SystemFailure)
    }

    /// Puts a new request in under the reference that a home gateway gave it.
    ///
    /// # Errors
    /// As [`Index::admit`].
    pub(super) fn admit_as(
        &self,
        parties: LdrParties,
        kept: KeptLdr,
        (per_target, per_client): (u32, usize),
    ) -> Result<Arc<Slot>, Failure> {
        let mut tables = self.tables();
        let key = tables.place_of(&parties, per_client)?;
        tables.free(&key, per_target)?;
        tables.insert(parties, kept).ok_or(Failure::SystemFailure)
    }

    /// Notes under what name a visited gateway is asked for a request now; `None`: none is any more.
    pub(super) fn asked_as(&self, id: RequestId, name: Option<&Arc<str>>) {
        let mut tables = self.tables();
        match name {
            Some(name) => tables.ask_as(id, name),
            None => tables.ask_nobody(id),
        }
    }

    /// The request that a visited gateway was asked for under this name.
    pub(super) fn of_visited(&self, name: &str) -> Option<Arc<Slot>> {
        let tables = self.tables();
        let id = tables.visited.get(name)?;
        tables.by_id.get(id).map(Arc::clone)
    }

    /// Takes a request out that is over.
    pub(super) fn remove(&self, slot: &Slot) {
        let mut tables = self.tables();
        tables.ask_nobody(slot.id);
        if tables.by_id.remove(&slot.id).is_none() {
            return;
        }
        if let Some(timer) = slot.set_timer(None) {
            tables.timers.remove(&(timer, slot.id.0));
        }
        if let Some(count) = tables.clients.get_mut(&slot.account) {
            *count -= 1;
            if *count == 0 {
                tables.clients.remove(&slot.account);
            }
        }
        let Some(key) = Key::of(&slot.target) else { return };
        let Some(target) = tables.by_target.get_mut(&key) else { return };
        target.requests.retain(|member| member.slot.id != slot.id);
        // The place of the next reference is forgotten with the last request.
        if target.requests.is_empty() {
            tables.by_target.remove(&key);
            if let Some(number) = slot.target.msisdn {
                tables.numbers.remove(&number);
            }
        }
    }

    /// A request by its name.
    pub(super) fn find(&self, id: RequestId) -> Option<Arc<Slot>> {
        self.tables().by_id.get(&id).cloned()
    }

    /// The requests that a node means.
    pub(super) fn referred(&self, target: &Identities, reference: LdrReference) -> Vec<Arc<Slot>> {
        let mut slots = self.of_target(target);
        slots.retain(|slot| slot.reference == reference && !slot.target.contradicts(target));
        slots
    }

    /// Notes how a request stands towards others, after each change of its state.
    pub(super) fn note(&self, slot: &Slot, kept: &KeptLdr) {
        let mut tables = self.tables();
        let Some(target) = Key::of(&slot.target).and_then(|key| tables.by_target.get_mut(&key)) else { return };
        if let Some(member) = target.requests.iter_mut().find(|member| member.slot.id == slot.id) {
            member.stands = stands(kept.likeness, &kept.ldr);
        }
    }

    /// Another request under the same reference that is not over, one that is armed before others.
    pub(super) fn heir(&self, slot: &Slot) -> Option<Arc<Slot>> {
        let tables = self.tables();
        let target = tables.by_target.get(&Key::of(&slot.target)?)?;
        let is_other = |other: &Slot| other.reference == slot.reference && other.id != slot.id;
        let others = target.requests.iter().filter(|member| is_other(&member.slot));
        let heir = others
            .filter(|member| member.stands != Stands::Over)
            .min_by_key(|member| !matches!(member.stands, Stands::Open(..)))?;
        Some(Arc::clone(&heir.slot))
    }

    /// All requests about a target.
    pub(super) fn of_target(&self, target: &Identities) -> Vec<Arc<Slot>> {
        let tables = self.tables();
        let Some(found) = tables.key(target).and_then(|key| tables.by_target.get(&key)) else { return Vec::new() };
        found.requests.iter().map(|member| Arc::clone(&member.slot)).collect()
    }

    /// Up to so many requests whose names come after this one, in the order of their names.
    pub(super) fn page(&self, after: Option<RequestId>, most: usize) -> Vec<Arc<Slot>> {
        let tables = self.tables();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let page = tables.by_id.range((from, Bound::Unbounded)).take(most);
        page.map(|(_, slot)| Arc::clone(slot)).collect()
    }

    /// The shared text of the name of a node.
    pub(super) fn node(&self, name: &str) -> Arc<str> {
        let mut tables = self.tables();
        if let Some(known) = tables.nodes.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        tables.nodes.insert(Arc::clone(&name));
        name
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.tables().by_id.len()
    }

    /// Sets when something is due for a request; `true` if nothing is due sooner.
    pub(super) fn set_timer(&self, id: RequestId, due: Option<Timestamp>) -> bool {
        let mut tables = self.tables();
        let Some(slot) = tables.by_id.get(&id) else { return false };
        let before = slot.set_timer(due);
        if before == due {
            return false;
        }
        if let Some(before) = before {
            tables.timers.remove(&(before, id.0));
        }
        let Some(due) = due else { return false };
        tables.timers.insert((due, id.0));
        tables.timers.first() == Some(&(due, id.0))
    }

    /// Requests for which something is due by `now`, at most so many; their timers are off then.
    pub(super) fn due(&self, now: Timestamp, most: usize) -> Vec<Arc<Slot>> {
        let mut tables = self.tables();
        let mut due = Vec::new();
        while due.len() < most && tables.timers.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, id)) = tables.timers.pop_first() else { break };
            if let Some(slot) = tables.by_id.get(&RequestId(id)) {
                slot.set_timer(None);
                due.push(Arc::clone(slot));
            }
        }
        due
    }

    /// When the next is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.tables().timers.first().map(|(at, _)| *at)
    }
}

fn stands(likeness: Option<Likeness>, ldr: &Ldr) -> Stands {
    match likeness.zip(ldr.open_from()) {
        _ if ldr.is_over() => Stands::Over,
        Some((likeness, from)) => Stands::Open(likeness, from),
        None => Stands::Alone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gmlc::Plan;
    use lcs::PrivacySetting;

    /// What one request takes at most, each of another target: in trees whose nodes are half empty, and in hash tables that have just grown.
    #[test]
    fn a_million_requests_take_less_than_640_megabytes() {
        let tree = |entry: usize| 2 * entry;
        let table = |entry: usize| (entry + 1) * 16 / 7;
        // Where it lies, and what the allocator adds.
        let heap = |octets: usize| (octets + size_of::<usize>()).next_multiple_of(16).max(32);
        let slot = heap(2 * size_of::<usize>() + size_of::<Slot>());
        let by_id = tree(size_of::<(RequestId, Arc<Slot>)>());
        let by_target = table(size_of::<(Key, Target)>()) + heap(size_of::<Member>());
        let numbers = table(size_of::<(Msisdn, Imsi)>());
        let timers = tree(size_of::<(Timestamp, [u8; 16])>());
        let all = slot + by_id + by_target + numbers + timers;
        assert!(all < 640, "{all} = {slot} + {by_id} + {by_target} + {numbers} + {timers}");
    }

    fn kept(name: u8, number: &str) -> (LdrParties, KeptLdr) {
        let request = crate::ldr::testing::request(name, number);
        let now = Timestamp::from_secs(1_000);
        let target = Identities {
            imsi: Imsi::parse(&format!("26201{number}")).ok(),
            msisdn: Msisdn::parse(number).ok(),
            imei: None,
        };
        let parties = LdrParties { id: request.id, account: "fleet".into(), target, reference: LdrReference(0) };
        let kept = KeptLdr {
            agreed: PrivacySetting::AllowedWithoutNotification,
            likeness: crate::store::likeness(&request),
            road: gmlc::LdrRoad::Node,
            node: "mme1".into(),
            ldr: Ldr::new(Plan::new(&request, now).unwrap()),
        };
        (parties, kept)
    }

    #[test]
    fn a_request_is_found_by_name_target_and_reference_until_it_is_over() {
        let index = Index::default();
        let first = admit(&index, kept(1, "491701234"), (2, 10), None).unwrap();
        let second = admit(&index, kept(2, "491701234"), (2, 10), None).unwrap();
        assert_eq!((first.reference, second.reference), (LdrReference(0), LdrReference(1)));
        assert_eq!(admit(&index, kept(3, "491701234"), (2, 10), None).err(), Some(Failure::Congestion));
        assert_eq!(admit(&index, kept(4, "491705678"), (2, 2), None).err(), Some(Failure::OverQuota));
        let by = |target: Identities, number| index.referred(&target, LdrReference(number)).first().map(|slot| slot.id);
        let none = Identities::default();
        let (imsi, msisdn) = (first.target.imsi, first.target.msisdn);
        assert_eq!(by(Identities { imsi, ..none }, 1), Some(second.id));
        assert_eq!(by(Identities { msisdn, ..none }, 0), Some(first.id));
        assert_eq!(by(Identities { imsi, ..none }, 2), None);
        // The number belongs to somebody else by what the node says.
        let other = Msisdn::parse("491709999").ok();
        assert_eq!(by(Identities { imsi, msisdn: other, imei: None }, 1), None);
        index.remove(&first);
        assert_eq!((by(Identities { imsi, ..none }, 0), index.len()), (None, 1));
        let third = admit(&index, kept(3, "491701234"), (2, 10), None).unwrap();
        assert_eq!(third.reference, LdrReference(2), "not at once the one that fell free");
    }

    fn admit(
        index: &Index,
        (parties, kept): (LdrParties, KeptLdr),
        limits: (u32, usize),
        now: Option<Timestamp>,
    ) -> Result<Arc<Slot>, Failure> {
        index.admit(parties, kept, limits, now)
    }

    #[test]
    fn a_visited_gateway_means_what_it_was_asked_for_last() {
        let index = Index::default();
        let asked = |name: &str| Some(Arc::<str>::from(name));
        let (parties, first) = kept(1, "491701234");
        let first = KeptLdr { road: LdrRoad::Visited, node: "lr/c/one".into(), ..first };
        let first = index.restore(parties, first).unwrap();
        let second = admit(&index, kept(2, "491701234"), (9, 9), None).unwrap();
        let of = |name: &str| index.of_visited(name).map(|slot| slot.id);
        assert_eq!((of("lr/c/one"), of("lr/c/two"), of("")), (Some(first.id), None, None));
        index.asked_as(second.id, asked("lr/c/two").as_ref());
        index.asked_as(first.id, asked("lr/d/three").as_ref());
        assert_eq!((of("lr/c/one"), of("lr/c/two"), of("lr/d/three")), (None, Some(second.id), Some(first.id)));
        index.asked_as(first.id, None);
        index.remove(&second);
        assert_eq!((of("lr/c/two"), of("lr/d/three")), (None, None));
        let tables = index.tables();
        assert!(tables.visited.is_empty() && tables.asked_as.is_empty() && !tables.nodes.contains("lr/c/one"));
    }

    #[test]
    fn a_home_gateway_chooses_the_reference() {
        let index = Index::default();
        let told = |name, number, limits| {
            let (parties, kept) = kept(name, "491701234");
            index.admit_as(LdrParties { reference: LdrReference(number), ..parties }, kept, limits)
        };
        assert_eq!(told(1, 200, (2, 9)).unwrap().reference, LdrReference(200));
        assert_eq!(told(2, 7, (2, 9)).unwrap().reference, LdrReference(7));
        assert_eq!(told(3, 8, (2, 9)).err(), Some(Failure::Congestion));
        assert_eq!(told(3, 8, (9, 2)).err(), Some(Failure::OverQuota));
    }

    /// A request that a node acknowledged.
    async fn armed(index: &Index, slot: &Slot) {
        let mut state = slot.state.lock().await;
        state.ldr.handle(gmlc::LdrEvent::Due, Timestamp::from_secs(1_000));
        state.ldr.handle(gmlc::LdrEvent::Accepted, Timestamp::from_secs(1_000));
        index.note(slot, &state);
    }

    #[tokio::test]
    async fn one_reference_for_all_that_are_alike_until_the_last_is_gone() {
        let (index, now) = (Index::default(), Some(Timestamp::from_secs(1_000)));
        let first = admit(&index, kept(1, "491701234"), (2, 10), now).unwrap();
        let unarmed = admit(&index, kept(2, "491701234"), (2, 10), now).unwrap();
        assert_eq!(unarmed.reference, LdrReference(1), "no node waits yet");
        index.remove(&unarmed);
        armed(&index, &first).await;
        let mut joined: Vec<_> =
            (2..=9).map(|name| admit(&index, kept(name, "491701234"), (2, 10), now).unwrap()).collect();
        assert!(joined.iter().all(|slot| slot.reference == first.reference), "the bound counts them once");
        let alone = admit(&index, kept(10, "491701234"), (2, 10), None).unwrap();
        assert_eq!(alone.reference, LdrReference(2));
        let (parties, other) = kept(11, "491701234");
        let other = (parties, KeptLdr { likeness: Some([9; 16]), ..other });
        assert_eq!(admit(&index, other, (2, 99), now).err(), Some(Failure::Congestion));
        assert_eq!(index.referred(&first.target, first.reference).len(), 9);
        index.remove(&first);
        let last = joined.pop().unwrap();
        assert!(index.heir(&last).is_some());
        joined.iter().for_each(|slot| index.remove(slot));
        assert!(index.heir(&last).is_none());
        index.remove(&last);
        let next = admit(&index, kept(12, "491701234"), (9, 10), now).unwrap();
        assert_eq!(next.reference, LdrReference(3));
    }

    #[test]
    fn what_is_due_comes_once_and_in_order() {
        let index = Index::default();
        let slots: Vec<_> = (1..=3).map(|name| admit(&index, kept(name, "491701234"), (9, 9), None).unwrap()).collect();
        let at = Timestamp::from_secs;
        assert!(index.set_timer(slots[0].id, Some(at(30))));
        assert!(index.set_timer(slots[1].id, Some(at(10))));
        assert!(!index.set_timer(slots[2].id, Some(at(20))));
        assert!(index.set_timer(slots[0].id, Some(at(5))));
        let due: Vec<_> = index.due(at(20), 2).iter().map(|slot| slot.id).collect();
        assert_eq!(due, [slots[0].id, slots[1].id]);
        assert_eq!(index.next_due(), Some(at(20)));
        index.remove(&slots[2]);
        assert_eq!((index.next_due(), index.due(at(99), 9).len()), (None, 0));
    }
}
