//! Messages that come in segments (ITU-T Q.714 clause 4.1.1.2).

use core::time::Duration;
use std::collections::BTreeMap;

use super::{Class, SccpAddress, Segmentation, UnitdataMessage};
use crate::m3ua::PointCode;

#[cfg(test)]
mod tests;

/// Most octets of a message in segments: sixteen of what an XUDT holds.
pub(super) const MOST: usize = 16 * 255;

/// What tells one message in segments from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    calling: SccpAddress,
    opc: PointCode,
    reference: u32,
}

/// A message of which some segments came.
#[derive(Debug, Clone)]
struct Partial {
    first: UnitdataMessage,
    opc: PointCode,
    class: Class,
    data: Vec<u8>,
    remaining: u8,
    due: (Duration, u64),
}

/// What became of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// More are to come.
    Waiting,
    /// The message is whole: class that the sender asked for, octets.
    Whole(Class, Vec<u8>),
    /// It does not follow what came before. What came is dropped; its first segment is here, if there was one.
    Broken(Option<UnitdataMessage>),
    /// No place for another message.
    Full,
}

/// Messages in reassembly, bounded in number, size and time.
#[derive(Debug, Clone)]
pub(super) struct Reassembly {
    limit: usize,
    time: Duration,
    partial: BTreeMap<Key, Partial>,
    due: BTreeMap<(Duration, u64), Key>,
    started: u64,
}

impl Reassembly {
    pub(super) const fn new(limit: usize, time: Duration) -> Self {
        Self { limit, time, partial: BTreeMap::new(), due: BTreeMap::new(), started: 0 }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.due.first_key_value().map(|((due, _), _)| *due)
    }

    /// Takes a segment of a message in at least two.
    pub(super) fn take(
        &mut self,
        message: UnitdataMessage,
        segmentation: Segmentation,
        opc: PointCode,
        now: Duration,
    ) -> Outcome {
        let key = Key { calling: message.calling, opc, reference: segmentation.reference };
        if segmentation.first {
            return self.begin(key, message, segmentation, now);
        }
        let Some(partial) = self.partial.get_mut(&key) else { return Outcome::Broken(None) };
        let octets = message.data.len();
        let follows = partial.remaining.checked_sub(1) == Some(segmentation.remaining)
            && partial.first.called == message.called
            && (1..=partial.first.data.len()).contains(&octets)
            && partial.data.len() + octets <= MOST;
        if !follows {
            return Outcome::Broken(self.remove(&key).map(|partial| partial.first));
        }
        partial.data.extend_from_slice(&message.data);
        partial.remaining = segmentation.remaining;
        if partial.remaining > 0 {
            return Outcome::Waiting;
        }
        match self.remove(&key) {
            Some(partial) => Outcome::Whole(partial.class, partial.data),
            None => Outcome::Broken(None),
        }
    }

    fn begin(&mut self, key: Key, message: UnitdataMessage, segmentation: Segmentation, now: Duration) -> Outcome {
        // The reference is used again: what came before under it will never be whole.
        self.remove(&key);
        if message.data.is_empty() || message.data.len() > MOST {
            return Outcome::Broken(Some(message));
        }
        if self.partial.len() >= self.limit {
            return Outcome::Full;
        }
        let due = (now + self.time, self.started);
        self.started += 1;
        self.due.insert(due, key);
        let (data, class, remaining) = (message.data.to_vec(), segmentation.class, segmentation.remaining);
        let opc = key.opc;
        self.partial.insert(key, Partial { first: message, opc, class, data, remaining, due });
        Outcome::Waiting
    }

    /// The next message whose time is over, by its first segment and where that came from.
    pub(super) fn expire(&mut self, now: Duration) -> Option<(UnitdataMessage, PointCode)> {
        let ((due, _), key) = self.due.first_key_value()?;
        if now < *due {
            return None;
        }
        let key = *key;
        self.remove(&key).map(|partial| (partial.first, partial.opc))
    }

    fn remove(&mut self, key: &Key) -> Option<Partial> {
        let partial = self.partial.remove(key)?;
        self.due.remove(&partial.due);
        Some(partial)
    }
}
