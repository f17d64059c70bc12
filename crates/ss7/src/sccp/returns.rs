//! Sent messages that may come back (ITU-T Q.714 clause 4.2).
//!
//! A message that comes back brings the octets that were sent. Who has not seen them cannot make one up: so a dialogue is
//! not ended by a stranger's UDTS.

use core::time::Duration;
use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use super::{MessageId, Ssn};

#[derive(Debug, Clone)]
struct Remembered {
    message: MessageId,
    calling: Option<Ssn>,
}

/// Octets of sent messages, bounded in number and time.
#[derive(Debug, Clone)]
pub(super) struct Returns {
    limit: usize,
    time: Duration,
    sent: HashMap<Bytes, Remembered>,
    /// When each is forgotten, in the order of sending. One that came back stays until its time.
    due: VecDeque<(Duration, MessageId, Bytes)>,
}

impl Returns {
    pub(super) fn new(limit: usize, time: Duration) -> Self {
        Self { limit, time, sent: HashMap::new(), due: VecDeque::new() }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.due.front().map(|(due, ..)| *due)
    }

    /// Remembers what was sent; the oldest makes room.
    pub(super) fn remember(&mut self, message: MessageId, calling: Option<Ssn>, data: Bytes, now: Duration) {
        if self.limit == 0 {
            return;
        }
        self.sent.insert(data.clone(), Remembered { message, calling });
        self.due.push_back((now + self.time, message, data));
        while self.due.len() > self.limit {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((_, message, data)) = self.due.pop_front() else { return };
        // The same octets may have been sent again since.
        if self.sent.get(&data).is_some_and(|found| found.message == message) {
            self.sent.remove(&data);
        }
    }

    /// The message with these octets, sent by this subsystem; once.
    pub(super) fn find(&mut self, data: &Bytes, calling: Option<Ssn>) -> Option<MessageId> {
        if self.sent.get(data)?.calling != calling {
            return None;
        }
        self.sent.remove(data).map(|found| found.message)
    }

    /// Forgets what took too long.
    pub(super) fn expire(&mut self, now: Duration) {
        while self.deadline().is_some_and(|due| due <= now) {
            self.forget_oldest();
        }
    }
}
