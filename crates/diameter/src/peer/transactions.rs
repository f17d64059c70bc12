//! Requests under way on one connection: hop-by-hop identifiers, matching of answers, deadlines.

use core::cmp::Reverse;
use core::time::Duration;
use std::collections::BinaryHeap;

use crate::codec::{ApplicationId, CommandCode};

#[cfg(test)]
mod tests;

/// Why an answer belongs to no request (RFC 6733 section 6.2.1: such answers are discarded).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stray {
    /// No request with this Hop-by-Hop Identifier is under way: it was never sent, was answered already, or timed out.
    #[error("an answer to no request under way")]
    Unknown,
    /// The request with this identifier had another command or application. It stays under way.
    #[error("an answer whose command or application is not that of the request")]
    Mismatch,
}

/// The table has no room: as many requests as allowed are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("as many requests as allowed are under way on this connection")]
pub struct Full;

struct Slot<T> {
    hop_by_hop: u32,
    deadline: Duration,
    command: CommandCode,
    application: ApplicationId,
    value: Option<T>,
}

/// The requests under way on one connection, each with what its owner attached to it.
///
/// An identifier is slot and generation together, so that finding is one array access and a late or repeated answer
/// never meets the request that uses the slot now.
pub struct Transactions<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    live: usize,
    limit: usize,
    slot_bits: u32,
    generation: u32,
    base: u32,
    /// Earliest deadline first; entries of answered requests stay until they surface or outnumber the live ones.
    deadlines: BinaryHeap<Reverse<(Duration, u32)>>,
}

impl<T> Transactions<T> {
    /// An empty table for at most `limit` requests (capped at 65,536); `random` is where identifiers start
    /// (RFC 6733 section 3: a start that cannot be guessed from the last run).
    #[must_use]
    pub fn new(limit: usize, random: u64) -> Self {
        let limit = limit.clamp(1, 1 << 16);
        let slot_bits = limit.next_power_of_two().trailing_zeros();
        let [a, b, c, d, e, f, g, h] = random.to_be_bytes();
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            live: 0,
            limit,
            slot_bits,
            generation: u32::from_be_bytes([a, b, c, d]),
            base: u32::from_be_bytes([e, f, g, h]),
            deadlines: BinaryHeap::new(),
        }
    }

    /// Requests under way.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.live
    }

    /// Whether nothing is under way.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Whether no further request fits.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.live >= self.limit
    }

    /// Enters a request and returns its Hop-by-Hop Identifier, unique among those under way.
    pub fn insert(
        &mut self,
        command: CommandCode,
        application: ApplicationId,
        deadline: Duration,
        value: T,
    ) -> Result<u32, Full> {
        if self.is_full() {
            return Err(Full);
        }
        // The limit keeps the number of slots within 16 bits.
        let fresh = u32::try_from(self.slots.len()).map_err(|_| Full)?;
        let index = self.free.pop().unwrap_or(fresh);
        self.generation = self.generation.wrapping_add(1);
        let place = self.generation.checked_shl(self.slot_bits).unwrap_or(0) | index;
        let hop_by_hop = place.wrapping_add(self.base);
        let slot = Slot { hop_by_hop, deadline, command, application, value: Some(value) };
        match self.slots.get_mut(index as usize) {
            Some(old) => *old = slot,
            None => self.slots.push(slot),
        }
        self.live += 1;
        self.note_deadline(deadline, hop_by_hop);
        Ok(hop_by_hop)
    }

    /// Matches an answer and takes its request out.
    pub fn answer(&mut self, hop_by_hop: u32, command: CommandCode, application: ApplicationId) -> Result<T, Stray> {
        let slot = self.slot(hop_by_hop).ok_or(Stray::Unknown)?;
        if slot.command != command || slot.application != application {
            return Err(Stray::Mismatch);
        }
        self.cancel(hop_by_hop).ok_or(Stray::Unknown)
    }

    /// What is attached to a request under way.
    pub fn get_mut(&mut self, hop_by_hop: u32) -> Option<&mut T> {
        self.slot(hop_by_hop).and_then(|slot| slot.value.as_mut())
    }

    /// Takes a request out without an answer.
    pub fn cancel(&mut self, hop_by_hop: u32) -> Option<T> {
        let index = self.index(hop_by_hop);
        let value = self.slot(hop_by_hop)?.value.take()?;
        self.free.push(index);
        self.live -= 1;
        Some(value)
    }

    /// Takes out one request whose deadline is at or before `now`; call until nothing comes.
    pub fn expire(&mut self, now: Duration) -> Option<T> {
        while let Some(&Reverse((deadline, hop_by_hop))) = self.deadlines.peek() {
            if deadline > now {
                return None;
            }
            self.deadlines.pop();
            // An entry left by an answered request may, after long, bear the identifier of a younger one.
            let due = self.slot(hop_by_hop).is_some_and(|slot| slot.deadline <= now);
            if let Some(value) = due.then(|| self.cancel(hop_by_hop)).flatten() {
                return Some(value);
            }
        }
        None
    }

    /// When [`Self::expire`] next has something to do.
    pub fn deadline(&mut self) -> Option<Duration> {
        while let Some(&Reverse((deadline, hop_by_hop))) = self.deadlines.peek() {
            if self.slot(hop_by_hop).is_some() {
                return Some(deadline);
            }
            self.deadlines.pop();
        }
        None
    }

    /// Every request under way with its identifier.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        self.slots.iter_mut().filter_map(|slot| Some((slot.hop_by_hop, slot.value.as_mut()?)))
    }

    /// Takes every request out, as when the connection is lost.
    pub fn drain(&mut self) -> impl Iterator<Item = T> {
        self.free.clear();
        self.deadlines.clear();
        self.live = 0;
        core::mem::take(&mut self.slots).into_iter().filter_map(|slot| slot.value)
    }

    const fn index(&self, hop_by_hop: u32) -> u32 {
        hop_by_hop.wrapping_sub(self.base) & ((1 << self.slot_bits) - 1)
    }

    fn slot(&mut self, hop_by_hop: u32) -> Option<&mut Slot<T>> {
        let index = self.index(hop_by_hop) as usize;
        self.slots.get_mut(index).filter(|slot| slot.hop_by_hop == hop_by_hop && slot.value.is_some())
    }

    /// Entries of answered requests are swept when they outnumber the live ones, so that the queue stays as small as
    /// the table, at a constant cost per request.
    fn note_deadline(&mut self, deadline: Duration, hop_by_hop: u32) {
        if self.deadlines.len() > 2 * self.live + 64 {
            let fresh = self
                .slots
                .iter()
                .filter(|slot| slot.value.is_some() && slot.hop_by_hop != hop_by_hop)
                .map(|slot| Reverse((slot.deadline, slot.hop_by_hop)))
                .collect();
            self.deadlines = fresh;
        }
        self.deadlines.push(Reverse((deadline, hop_by_hop)));
    }
}
