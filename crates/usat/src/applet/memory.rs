//! What the application keeps through a loss of power.

use crate::message::{Install, Message, Report, RequestName};
use crate::packet::{Counter, Response};
use crate::toolkit::Position;
use lcs::{Address, AreaEvent, Duration, PrivacySetting, Timestamp};
use std::collections::VecDeque;

/// Greatest number of requests on a card.
pub const REQUEST_LIMIT: usize = 8;
/// Greatest number of messages that wait to be sent, reports not counted.
pub(super) const OUTGOING_LIMIT: usize = 16;

/// The files of the application. Every change is there at once, as on a card.
#[derive(Clone, Default)]
pub struct Memory {
    /// Last counter taken from the gateway.
    pub(super) taken: Counter,
    /// Last counter handed out to a packet to the gateway.
    pub(super) given: Counter,
    pub(super) requests: Vec<Stored>,
    pub(super) outgoing: VecDeque<Outgoing>,
    /// Reference of the last concatenated message.
    pub(super) concatenation: u8,
}

impl core::fmt::Debug for Memory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Memory({} requests, {} messages to send)", self.requests.len(), self.outgoing.len())
    }
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Come; whether the phone tells time and place is not known yet.
    New,
    /// The user is to be told or asked.
    Deciding,
    /// Installed.
    Watching,
}

#[derive(Clone)]
pub(super) struct Stored {
    pub(super) install: Install,
    pub(super) phase: Phase,
    /// How often the phone could not tell or ask its user.
    pub(super) attempts: u8,
    pub(super) watch: Watch,
}

/// What a request that is watched knows.
#[derive(Clone, Copy, Default)]
pub(super) struct Watch {
    /// Whether the last sample was inside; `None` before the first, which sets the baseline alone.
    pub(super) inside: Option<bool>,
    /// Reports that were sent.
    pub(super) reports: u16,
    /// When the last one was due.
    pub(super) last: Option<Timestamp>,
    /// One that is to be sent, and not before when.
    pub(super) owed: Option<(Timestamp, Report)>,
}

/// A message that waits to be sent.
#[derive(Clone)]
pub(super) enum Outgoing {
    /// Proof of receipt.
    Proof(Address, Response),
    /// A message of the protocol.
    Notice(Address, Message),
}

impl Memory {
    /// What is there.
    pub(super) fn find(&mut self, name: RequestName) -> Option<&mut Stored> {
        self.requests.iter_mut().find(|stored| stored.install.name == name)
    }

    /// Takes a request off; whether it was there.
    pub(super) fn remove(&mut self, name: RequestName) -> bool {
        let before = self.requests.len();
        self.requests.retain(|stored| stored.install.name != name);
        before != self.requests.len()
    }

    /// The report that is due first, if one is.
    pub(super) fn due(&self, now: Timestamp) -> Option<(Address, Report)> {
        let owed = |stored: &Stored| {
            let (due, report) = stored.watch.owed?;
            (due <= now).then_some((due, stored.install.gateway, report))
        };
        self.requests.iter().filter_map(owed).min_by_key(|(due, ..)| *due).map(|(_, to, report)| (to, report))
    }

    /// A report has gone out.
    pub(super) fn reported(&mut self, report: &Report) {
        let Some(stored) = self.find(report.name) else { return };
        if stored.watch.owed.is_none_or(|(_, owed)| owed.sequence != report.sequence) {
            return;
        }
        if stored.install.multiple {
            stored.watch.last = stored.watch.owed.take().map(|(due, _)| due);
            stored.watch.reports = report.sequence;
        } else {
            self.remove(report.name);
        }
    }
}

impl Stored {
    pub(super) fn new(install: Install) -> Self {
        Self { install, phase: Phase::New, attempts: 0, watch: Watch::default() }
    }

    /// What follows when the user need not be told, or else is to be.
    pub(super) fn decides(&self) -> bool {
        self.install.privacy != PrivacySetting::AllowedWithoutNotification
    }

    /// Takes a sample: owes a report if the event is there. The first sample sets the baseline: entering and leaving are changes.
    /// While a report is owed no other is: it is sent late, even if it holds no more (TS 23.271 clause 4.4.2.1).
    pub(super) fn sample(&mut self, now: Timestamp, position: &Position) {
        let install = &self.install;
        if self.phase != Phase::Watching || now < install.start {
            return;
        }
        let inside = install.areas.iter().any(|area| position.is_in(*area));
        let before = self.watch.inside.replace(inside);
        let not_before = |last: Timestamp| last.after(Duration::from_secs(install.min_interval_s.into()));
        let fires = match install.event {
            AreaEvent::Entering => inside && before == Some(false),
            AreaEvent::Leaving => !inside && before == Some(true),
            AreaEvent::Inside => {
                inside && (before != Some(true) || self.watch.last.is_none_or(|last| now >= not_before(last)))
            }
        };
        let Some(sequence) = self.watch.reports.checked_add(1) else { return };
        if fires && self.watch.owed.is_none() {
            let due = self.watch.last.map_or(now, |last| now.max(not_before(last)));
            let report = Report { name: install.name, sequence, at: now, location: Some(position.identity()) };
            self.watch.owed = Some((due, report));
        }
    }

    /// The next time at which something is to be done without an event.
    pub(super) fn wakes(&self, now: Timestamp) -> Timestamp {
        let start = Some(self.install.start).filter(|start| *start > now);
        let due = self.watch.owed.map(|(due, _)| due).filter(|due| *due > now);
        [start, due].into_iter().flatten().fold(self.install.stop, Timestamp::min)
    }
}
