//! Heartbeats of one association (RFC 4666 section 4.3.4.6).

use core::time::Duration;

use bytes::Bytes;

use super::Message;

/// Heartbeats that may be unanswered when the next is due.
const UNANSWERED: u8 = 2;

/// When to ask, and how often there was no answer.
#[derive(Debug, Clone)]
pub(super) struct Heartbeat {
    interval: Option<Duration>,
    due: Option<Duration>,
    count: u32,
    unanswered: u8,
}

/// What to do when a heartbeat is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing yet.
    Wait,
    /// Ask.
    Ask(Message),
    /// The peer is silent for twice the interval.
    Silent,
}

impl Heartbeat {
    pub(super) const fn new(interval: Option<Duration>) -> Self {
        Self { interval, due: None, count: 0, unanswered: 0 }
    }

    pub(super) fn start(&mut self, now: Duration) {
        self.due = self.interval.map(|interval| now + interval);
        self.unanswered = 0;
    }

    pub(super) const fn stop(&mut self) {
        self.due = None;
    }

    pub(super) const fn due(&self) -> Option<Duration> {
        self.due
    }

    pub(super) fn check(&mut self, now: Duration) -> Due {
        let (Some(interval), Some(due)) = (self.interval, self.due) else { return Due::Wait };
        if now < due {
            return Due::Wait;
        }
        if self.unanswered >= UNANSWERED {
            self.due = None;
            return Due::Silent;
        }
        self.due = Some(now + interval);
        self.unanswered += 1;
        self.count = self.count.wrapping_add(1);
        Due::Ask(Message::Beat(Bytes::copy_from_slice(&self.count.to_be_bytes())))
    }

    /// Takes the data of an acknowledgement; only that of the last heartbeat counts.
    pub(super) fn acknowledged(&mut self, data: &[u8]) -> bool {
        let ours = self.unanswered > 0 && data == self.count.to_be_bytes();
        if ours {
            self.unanswered = 0;
        }
        ours
    }
}
