//! Open-addressed table whose slots lie in one piece of memory, so that finding one costs one cache miss.

/// What stands in a slot.
pub(super) trait Slot: Default {
    /// Whether nobody is in it. The default is vacant.
    fn is_vacant(&self) -> bool;

    /// 32 bits that say where it belongs; equal for equal keys, spread evenly.
    fn tag(&self) -> u32;
}

/// Linear probing, at most three quarters full, grown by an eighth: memory counts for more than copying.
pub(super) struct Table<S> {
    slots: Vec<S>,
    len: usize,
}

impl<S> Default for Table<S> {
    fn default() -> Self {
        Self { slots: Vec::new(), len: 0 }
    }
}

/// Spreads a word over 64 bits (the finaliser of MurmurHash3, a bijection).
pub(super) fn hash(word: u64) -> u64 {
    let word = (word ^ word >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let word = (word ^ word >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ word >> 33
}

impl<S: Slot> Table<S> {
    /// Octets taken.
    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<S>()
    }

    /// Every slot that is not vacant.
    pub(super) fn iter(&self) -> impl Iterator<Item = &S> {
        self.slots.iter().filter(|slot| !slot.is_vacant())
    }

    /// The slots in which a key of this tag can be, nearest first.
    pub(super) fn cluster(&self, tag: u32) -> impl Iterator<Item = &S> {
        let (before, after) = self.slots.split_at_checked(self.home(tag)).unwrap_or_default();
        after.iter().chain(before).take_while(|slot| !slot.is_vacant())
    }

    /// The slot of this tag that `is` knows, to change all but its tag.
    pub(super) fn find_mut(&mut self, tag: u32, is: impl Fn(&S) -> bool) -> Option<&mut S> {
        let at = self.position(tag, is)?;
        self.slots.get_mut(at)
    }

    /// Puts one in. The caller has seen that it is not there.
    pub(super) fn insert(&mut self, slot: S) {
        self.reserve(1);
        self.place(slot);
        self.len += 1;
    }

    /// Takes out the slot of this tag that `is` knows, leaving the default.
    pub(super) fn remove(&mut self, tag: u32, is: impl Fn(&S) -> bool) -> Option<S> {
        let mut hole = self.position(tag, is)?;
        let removed = core::mem::take(self.slots.get_mut(hole)?);
        self.len -= 1;
        // Close the hole: move up whatever would not be found past it.
        let capacity = self.slots.len();
        let mut at = hole;
        loop {
            at = if at + 1 == capacity { 0 } else { at + 1 };
            let Some(slot) = self.slots.get(at).filter(|slot| at != hole && !slot.is_vacant()) else { break };
            let home = self.home(slot.tag());
            let (from_home, from_hole) = ((at + capacity - home) % capacity, (at + capacity - hole) % capacity);
            if from_home >= from_hole {
                self.slots.swap(hole, at);
                hole = at;
            }
        }
        Some(removed)
    }

    /// Makes room for `additional` more.
    pub(super) fn reserve(&mut self, additional: usize) {
        let (capacity, wanted) = (self.slots.len(), self.len + additional);
        if wanted * 4 <= capacity * 3 {
            return;
        }
        let grown = (capacity + capacity / 8).max(wanted * 4 / 3) + 4;
        let mut slots = Vec::new();
        slots.reserve_exact(grown);
        slots.resize_with(grown, S::default);
        let old = core::mem::replace(&mut self.slots, slots);
        old.into_iter().filter(|slot| !slot.is_vacant()).for_each(|slot| self.place(slot));
    }

    fn place(&mut self, slot: S) {
        // At least a quarter is vacant, see `reserve`.
        let vacant = self.probe(slot.tag()).find(|at| self.slots.get(*at).is_some_and(S::is_vacant));
        if let Some(place) = vacant.and_then(|at| self.slots.get_mut(at)) {
            *place = slot;
        }
    }

    fn position(&self, tag: u32, is: impl Fn(&S) -> bool) -> Option<usize> {
        let filled = |at: &usize| self.slots.get(*at).is_some_and(|slot| !slot.is_vacant());
        self.probe(tag).take_while(filled).find(|at| self.slots.get(*at).is_some_and(&is))
    }

    fn home(&self, tag: u32) -> usize {
        // A fraction of the length, so below it.
        ((u64::from(tag) * self.slots.len() as u64) >> 32) as usize
    }

    fn probe(&self, tag: u32) -> impl Iterator<Item = usize> + use<S> {
        let (home, capacity) = (self.home(tag), self.slots.len());
        (home..capacity).chain(0..home)
    }
}
