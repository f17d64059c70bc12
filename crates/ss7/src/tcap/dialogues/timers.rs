//! When something is due in which dialogue.

use core::cmp::Reverse;
use core::time::Duration;
use std::collections::BinaryHeap;

use super::dialogue::Dialogue;
use super::identifiers::ByIdentifier;

/// One entry a dialogue counts, the one at its `scheduled`; others are left over.
///
/// A dialogue whose time moves away keeps its entry until that surfaces, so that a message moves nothing here.
#[derive(Default)]
pub(super) struct Timers {
    entries: BinaryHeap<Reverse<(Duration, u32)>>,
}

impl Timers {
    /// Makes sure that this dialogue surfaces when something is due in it.
    pub(super) fn schedule<A>(&mut self, table: &mut ByIdentifier<Dialogue<A>>, identifier: u32) {
        let live = table.len();
        let Some(dialogue) = table.get_mut(&identifier) else { return };
        let due = dialogue.due();
        if due >= dialogue.scheduled {
            return;
        }
        dialogue.scheduled = due;
        self.entries.push(Reverse((due, identifier)));
        // Left over entries are swept when they outnumber the dialogues: a constant cost per entry.
        if self.entries.len() > 2 * live + 64 {
            self.entries =
                table.iter().map(|(identifier, dialogue)| Reverse((dialogue.scheduled, *identifier))).collect();
        }
    }

    /// Takes out one dialogue in which something is due at `now`.
    pub(super) fn pop<A>(&mut self, table: &mut ByIdentifier<Dialogue<A>>, now: Duration) -> Option<u32> {
        loop {
            self.prune(table);
            let Reverse((at, identifier)) = *self.entries.peek()?;
            if at > now {
                return None;
            }
            self.entries.pop();
            let Some(dialogue) = table.get_mut(&identifier) else { continue };
            dialogue.scheduled = Duration::MAX;
            if dialogue.due() <= now {
                return Some(identifier);
            }
            self.schedule(table, identifier);
        }
    }

    /// Drops entries in front that no longer count.
    pub(super) fn prune<A>(&mut self, table: &ByIdentifier<Dialogue<A>>) {
        while let Some(&Reverse((at, identifier))) = self.entries.peek() {
            if table.get(&identifier).is_some_and(|dialogue| dialogue.scheduled == at) {
                return;
            }
            self.entries.pop();
        }
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.entries.peek().map(|&Reverse((at, _))| at)
    }
}
