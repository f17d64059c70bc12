//! Local transaction identifiers.

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;
use std::hash::DefaultHasher;

/// A table by transaction identifier. The keys are chosen here and not by peers, so the hash needs no secret of its own.
pub(super) type ByIdentifier<T> = HashMap<u32, T, BuildHasherDefault<DefaultHasher>>;

/// Draws transaction identifiers: a keyed hash of a counter.
///
/// Who knows some of them cannot tell the next one, and the one of a dialogue that is over comes again only by chance, once
/// in 2^32, so that a late message meets no other dialogue.
pub(super) struct Identifiers {
    secret: u64,
    drawn: u64,
}

impl Identifiers {
    pub(super) const fn new(random: u64) -> Self {
        Self { secret: random, drawn: 0 }
    }

    /// An identifier for which `taken` says no. At most a small part of all may be taken.
    pub(super) fn draw(&mut self, taken: impl Fn(u32) -> bool) -> u32 {
        loop {
            self.drawn = self.drawn.wrapping_add(1);
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(self.secret);
            hasher.write_u64(self.drawn);
            let [a, b, c, d, ..] = hasher.finish().to_be_bytes();
            let identifier = u32::from_be_bytes([a, b, c, d]);
            if !taken(identifier) {
                return identifier;
            }
        }
    }
}
