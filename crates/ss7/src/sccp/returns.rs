//! Sent messages that may come back (ITU-T Q.714 clause 4.2).
//!
//! A message that comes back brings the octets that were sent. Who has not seen them cannot make one up: so a dialogue is
//! not ended by a stranger's UDTS.

use core::time::Duration;
use std::collections::BTreeMap;

use bytes::Bytes;

use super::{MessageId, Ssn};

#[derive(Debug, Clone)]
struct Remembered {
    message: MessageId,
    calling: Option<Ssn>,
    due: Duration,
}

/// Octets of sent messages, bounded in number and time.
#[derive(Debug, Clone)]
pub(super) struct Returns {
    limit: usize,
    time: Duration,
    sent: BTreeMap<Bytes, Remembered>,
    due: BTreeMap<(Duration, MessageId), Bytes>,
}

impl Returns {
    pub(super) const fn new(limit: usize, time: Duration) -> Self {
        Self { limit, time, sent: BTreeMap::new(), due: BTreeMap::new() }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.due.first_key_value().map(|((due, _), _)| *due)
    }

    /// Remembers what was sent; the oldest makes room.
    pub(super) fn remember(&mut self, message: MessageId, calling: Option<Ssn>, data: Bytes, now: Duration) {
        if self.limit == 0 {
            return;
        }
        let due = now + self.time;
        if let Some(before) = self.sent.insert(data.clone(), Remembered { message, calling, due }) {
            self.due.remove(&(before.due, before.message));
        }
        self.due.insert((due, message), data);
        while self.sent.len() > self.limit {
            let Some((_, data)) = self.due.pop_first() else { return };
            self.sent.remove(&data);
        }
    }

    /// The message with these octets, sent by this subsystem; once.
    pub(super) fn find(&mut self, data: &Bytes, calling: Option<Ssn>) -> Option<MessageId> {
        if self.sent.get(data)?.calling != calling {
            return None;
        }
        let found = self.sent.remove(data)?;
        self.due.remove(&(found.due, found.message));
        Some(found.message)
    }

    /// Forgets what took too long.
    pub(super) fn expire(&mut self, now: Duration) {
        while let Some(entry) = self.due.first_entry() {
            if now < entry.key().0 {
                return;
            }
            let data = entry.remove();
            self.sent.remove(&data);
        }
    }
}
