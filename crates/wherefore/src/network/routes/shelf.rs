//! A table whose entries are let go by age and number, the oldest first.

use lcs::{Duration, Timestamp};
use std::collections::{HashMap, VecDeque, hash_map::RandomState};
use std::hash::{BuildHasher as _, Hash};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Parts with a lock of their own: one that grows stops few.
const PARTS: usize = 64;

/// Values under keys, each for so long from when it was put there.
pub(super) struct Shelf<K, V> {
    parts: Box<[Mutex<Part<K, V>>]>,
    hasher: RandomState,
    most_of_part: usize,
    longest: Duration,
}

struct Part<K, V> {
    table: HashMap<K, (Timestamp, V)>,
    /// Each time that one was put there, in order. One that was put there again, or forgotten, has older ones that stand for nothing.
    order: VecDeque<(Timestamp, K)>,
}

impl<K: Copy + Eq + Hash, V: Clone> Shelf<K, V> {
    pub(super) fn new(most: usize, longest: Duration) -> Self {
        let part = || Mutex::new(Part { table: HashMap::new(), order: VecDeque::new() });
        Self {
            parts: (0..PARTS).map(|_| part()).collect(),
            hasher: RandomState::new(),
            most_of_part: most.div_ceil(PARTS),
            longest,
        }
    }

    fn part(&self, key: &K) -> Option<MutexGuard<'_, Part<K, V>>> {
        let at = usize::try_from(self.hasher.hash_one(key) % PARTS as u64).unwrap_or_default();
        self.parts.get(at).map(|part| part.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn find(&self, key: &K, now: Timestamp) -> Option<V> {
        let part = self.part(key)?;
        let (at, value) = part.table.get(key)?;
        (now.since(*at) < self.longest).then(|| value.clone())
    }

    pub(super) fn keep(&self, key: K, value: V, now: Timestamp) {
        let Some(mut part) = self.part(&key) else { return };
        part.table.insert(key, (now, value));
        part.order.push_back((now, key));
        while part.order.front().is_some_and(|(at, _)| now.since(*at) >= self.longest)
            || part.order.len() > self.most_of_part
        {
            let Some((at, oldest)) = part.order.pop_front() else { return };
            if part.table.get(&oldest).is_some_and(|(put, _)| *put == at) {
                part.table.remove(&oldest);
            }
        }
    }

    pub(super) fn forget(&self, key: Option<K>) {
        if let Some((key, mut part)) = key.and_then(|key| self.part(&key).map(|part| (key, part))) {
            part.table.remove(&key);
        }
    }

    pub(super) fn clear(&self) {
        for part in &self.parts {
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            (part.table, part.order) = (HashMap::new(), VecDeque::new());
        }
    }

    /// How many values there are, and what tables and order take, in octets.
    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        let mut size = (0, 0);
        for part in &self.parts {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner);
            // Tables of the standard library have 8 places for 7, a power of two of them, and an octet beside each.
            let places = (part.table.capacity() * 8).div_ceil(7).next_power_of_two();
            let order = part.order.capacity() * size_of::<(Timestamp, K)>();
            size = (size.0 + part.table.len(), size.1 + places * (size_of::<(K, (Timestamp, V))>() + 1) + order);
        }
        size
    }
}
