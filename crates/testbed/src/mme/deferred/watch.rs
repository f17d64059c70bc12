//! What a phone does about a deferred request that it knows of: looks at where it is, and says when something is to be reported (TS 23.271
//! clauses 4.4.2.1 and 9.1.19.1). Without a clock of its own.

use lcs::{AreaEvent, AreaIdentity, gad::Position};
use std::time::Duration;

/// What is waited for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// The phone moves against any of these areas.
    Area { event: AreaEvent, areas: Vec<AreaIdentity> },
    /// The phone moves so far from where it last reported.
    Motion { metres: f64 },
    /// Time passes.
    Periodic { interval: Duration, amount: u32 },
}

/// An event, and how often it is reported. The defaults are those of an absent AVP (TS 29.172 clauses 7.4.43, 7.4.44, 7.4.66 to 7.4.68).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    pub(crate) event: Event,
    pub(crate) multiple: bool,
    pub(crate) min_interval: Duration,
    pub(crate) max_interval: Option<Duration>,
    /// Longest time between two looks.
    pub(crate) sampling: Duration,
    pub(crate) duration: Option<Duration>,
}

/// What a phone sees when it looks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    /// All areas that it is in; none where no cell reaches it.
    pub(crate) areas: Vec<AreaIdentity>,
    pub(crate) place: Position,
}

/// Something to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// The greatest time between reports has passed, without the event.
    pub(crate) max_interval_over: bool,
    /// Number of the report, from 1.
    pub(crate) sequence: u32,
    /// No other follows.
    pub(crate) last: bool,
}

/// A request in a phone.
#[derive(Debug)]
pub(crate) struct Watch {
    order: Order,
    begun: Duration,
    looked: Duration,
    /// Whether it was in the area at the last look that told; the first one is the baseline of entering and leaving.
    inside: Option<bool>,
    /// The event happened and could not be reported yet: it is, later, even if it is no longer true (TS 23.271 clause 4.4.2.1).
    missed: bool,
    reported_at: Option<Duration>,
    reported_from: Position,
    sequence: u32,
    over: bool,
}

impl Watch {
    /// A request that the phone takes now; where it is now is the baseline.
    pub(crate) fn new(order: Order, now: Duration, seen: &Seen) -> Self {
        let mut watch = Self {
            order,
            begun: now,
            looked: now,
            inside: None,
            missed: false,
            reported_at: None,
            reported_from: seen.place,
            sequence: 0,
            over: false,
        };
        watch.happened(seen);
        watch
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// When to look again at the latest.
    pub(crate) fn next_look(&self) -> Duration {
        let end = self.order.duration.map(|duration| self.begun + duration);
        let due = match self.order.event {
            Event::Periodic { interval, .. } => self.begun + interval * (self.sequence + 1),
            Event::Area { .. } | Event::Motion { .. } => self.looked + self.order.sampling,
        };
        let longest = self.order.max_interval.filter(|_| self.order.multiple).map(|longest| self.since() + longest);
        let held = self.missed.then(|| self.since() + self.order.min_interval);
        [Some(due), end, longest, held].into_iter().flatten().min().unwrap_or(due)
    }

    fn since(&self) -> Duration {
        self.reported_at.unwrap_or(self.begun)
    }

    /// Looks. More than one thing may be due: look until nothing is.
    pub(crate) fn look(&mut self, now: Duration, seen: &Seen) -> Option<Occurrence> {
        self.looked = now;
        if self.over || self.order.duration.is_some_and(|duration| now >= self.begun + duration) {
            self.over = true;
            return None;
        }
        if let Event::Periodic { interval, amount } = self.order.event {
            let due = now >= self.begun + interval * (self.sequence + 1);
            return due.then(|| self.report(now, seen, false, self.sequence + 1 >= amount));
        }
        let happened = self.happened(seen);
        let level = matches!(self.order.event, Event::Area { event: AreaEvent::Inside, .. });
        // Who was inside and is no longer is not told to be.
        self.missed = happened || (self.missed && !level);
        let early = self.reported_at.is_some_and(|at| now < at + self.order.min_interval);
        if self.missed && !early {
            return Some(self.report(now, seen, false, !self.order.multiple));
        }
        let longest = self.order.max_interval.filter(|_| self.order.multiple);
        longest.is_some_and(|longest| now >= self.since() + longest).then(|| self.report(now, seen, true, false))
    }

    fn happened(&mut self, seen: &Seen) -> bool {
        match &self.order.event {
            Event::Area { event, areas } => {
                // Where no cell reaches, the phone cannot tell.
                if seen.areas.is_empty() {
                    return false;
                }
                let inside = areas.iter().any(|area| seen.areas.contains(area));
                let before = self.inside.replace(inside);
                match event {
                    AreaEvent::Entering => before == Some(false) && inside,
                    AreaEvent::Leaving => before == Some(true) && !inside,
                    AreaEvent::Inside => inside,
                }
            }
            Event::Motion { metres } => self.reported_from.distance_bounds_m(seen.place).0 >= *metres,
            Event::Periodic { .. } => false,
        }
    }

    fn report(&mut self, now: Duration, seen: &Seen, max_interval_over: bool, last: bool) -> Occurrence {
        self.missed = false;
        self.reported_at = Some(now);
        self.reported_from = seen.place;
        self.sequence += 1;
        self.over = last;
        Occurrence { max_interval_over, sequence: self.sequence, last }
    }
}

#[cfg(test)]
mod tests;
