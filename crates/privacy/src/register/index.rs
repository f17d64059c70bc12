//! Open-addressed index from a key's hash to where its record lies. Knows no keys: whoever asks verifies the candidates.

/// Entries: tag (high half of the hash) in the high half, location + 1 in the low half; 0 is empty.
///
/// Linear probing, placed by the tag alone, so growing reads no record. At most four fifths full, grown by a quarter.
#[derive(Default)]
pub(super) struct Index {
    entries: Vec<u64>,
    len: usize,
}

/// Spreads a word over 64 bits (the finaliser of MurmurHash3, a bijection).
pub(super) fn hash(word: u64) -> u64 {
    let word = (word ^ word >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let word = (word ^ word >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ word >> 33
}

fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl Index {
    /// Octets taken.
    pub(super) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<u64>()
    }

    /// Locations that may belong to `hash`, nearly always none or one.
    pub(super) fn candidates(&self, hash: u64) -> impl Iterator<Item = u32> + '_ {
        let start = self.home(tag(hash));
        let (before, after) = self.entries.split_at_checked(start).unwrap_or_default();
        let cluster = after.iter().chain(before).copied().take_while(|entry| *entry != 0);
        cluster.filter(move |entry| self::tag(*entry) == tag(hash)).map(location)
    }

    /// Adds an entry. The caller has seen that it is not there.
    pub(super) fn insert(&mut self, hash: u64, location: u32) {
        self.reserve(1);
        self.place(u64::from(tag(hash)) << 32 | (u64::from(location) + 1));
        self.len += 1;
    }

    /// Removes the entry of this hash and location, if it is there.
    pub(super) fn remove(&mut self, hash: u64, location: u32) {
        let wanted = u64::from(tag(hash)) << 32 | (u64::from(location) + 1);
        let Some(mut hole) = self.probe(tag(hash)).find(|at| self.entries.get(*at) == Some(&wanted)) else { return };
        self.len -= 1;
        // Close the hole: move up whatever would not be found past it.
        let capacity = self.entries.len();
        let mut at = hole;
        loop {
            at = if at + 1 == capacity { 0 } else { at + 1 };
            let entry = self.entries.get(at).copied().unwrap_or(0);
            if entry == 0 || at == hole {
                break;
            }
            let home = self.home(self::tag(entry));
            let (from_home, from_hole) = ((at + capacity - home) % capacity, (at + capacity - hole) % capacity);
            if from_home >= from_hole {
                self.set(hole, entry);
                hole = at;
            }
        }
        self.set(hole, 0);
    }

    /// Makes room for `additional` entries.
    pub(super) fn reserve(&mut self, additional: usize) {
        let (capacity, wanted) = (self.entries.len(), self.len + additional);
        if wanted * 5 <= capacity * 4 {
            return;
        }
        let grown = (capacity + capacity / 4).max(wanted * 5 / 4) + 8;
        let old = core::mem::replace(&mut self.entries, vec![0; grown]);
        old.into_iter().filter(|entry| *entry != 0).for_each(|entry| self.place(entry));
    }

    fn place(&mut self, entry: u64) {
        // At least a fifth is free, see `reserve`.
        if let Some(free) = self.probe(tag(entry)).find(|at| self.entries.get(*at) == Some(&0)) {
            self.set(free, entry);
        }
    }

    fn set(&mut self, at: usize, entry: u64) {
        if let Some(place) = self.entries.get_mut(at) {
            *place = entry;
        }
    }

    fn home(&self, tag: u32) -> usize {
        // Below the length, which fits 32 bits: a scaled fraction of it.
        ((u64::from(tag) * self.entries.len() as u64) >> 32) as usize
    }

    fn probe(&self, tag: u32) -> impl Iterator<Item = usize> + use<> {
        let (home, capacity) = (self.home(tag), self.entries.len());
        (home..capacity).chain(0..home)
    }
}

fn location(entry: u64) -> u32 {
    (entry as u32).wrapping_sub(1)
}
