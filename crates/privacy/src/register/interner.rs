//! Rules shared by the subscribers who have the same.

use crate::profile::SharedRules;
use std::{collections::HashSet, sync::Arc};

/// The sets of rules in use that may be shared. A set goes when the last record that has it goes.
#[derive(Default)]
pub(super) struct Interner(HashSet<Arc<SharedRules>>);

impl Interner {
    /// The same rules, shared if possible.
    pub(super) fn intern(&mut self, rules: &Arc<SharedRules>) -> Arc<SharedRules> {
        if !rules.is_shareable() {
            return Arc::clone(rules);
        }
        if let Some(known) = self.0.get(rules) {
            return Arc::clone(known);
        }
        if self.0.len() == self.0.capacity() {
            // Before growing, drop what only this set still has: its last record went while somebody else held it.
            self.0.retain(|rules| Arc::strong_count(rules) > 1);
        }
        self.0.insert(Arc::clone(rules));
        Arc::clone(rules)
    }

    /// Gives back rules that a record no longer has, and forgets them if nobody else has them.
    pub(super) fn release(&mut self, rules: Arc<SharedRules>) {
        // One count is the set's, one is the argument's.
        if Arc::strong_count(&rules) <= 2 {
            self.0.remove(&rules);
        }
    }

    /// Number of sets.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Octets on the heap, about.
    pub(super) fn heap_bytes(&self) -> usize {
        self.0.capacity() * (size_of::<usize>() + 1) + self.0.iter().map(|rules| rules.heap_bytes()).sum::<usize>()
    }
}
