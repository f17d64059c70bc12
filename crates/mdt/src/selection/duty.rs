//! How often a phone may be asked, for logging costs its battery; and whose phone has a job of its own, which no job of an area replaces.

use super::Reason;
use lcs::{Duration, Timestamp};
use privacy::consent::PersonId;
use std::collections::{HashMap, VecDeque};

/// So many jobs within so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DutyCap {
    /// Jobs.
    pub jobs: usize,
    /// Within.
    pub within: Duration,
}

impl Default for DutyCap {
    /// One job in 24 hours.
    fn default() -> Self {
        Self { jobs: 1, within: Duration::from_secs(86_400) }
    }
}

/// What is known of one person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Duty {
    /// When they were given jobs of areas, oldest first.
    pub given: Vec<Timestamp>,
    /// Until when a job of their own may log.
    pub own_until: Option<Timestamp>,
}

impl Duty {
    /// When nothing of it counts any more under this cap; `None` where there is nothing.
    #[must_use]
    pub fn ends(&self, cap: DutyCap) -> Option<Timestamp> {
        self.given.iter().map(|at| at.after(cap.within)).chain(self.own_until).max()
    }
}

/// When people were asked, and until when jobs of their own log, by the random name of their record. No identity. Whoever keeps it writes
/// [`of`](Self::of) before a phone is asked, and brings it back by [`restore`](Self::restore).
#[derive(Debug, Default)]
pub struct DutyLedger {
    asked: HashMap<PersonId, VecDeque<Timestamp>>,
    own: HashMap<PersonId, Timestamp>,
}

impl DutyLedger {
    /// Whether one more job fits.
    #[must_use]
    pub fn has_room(&self, person: PersonId, cap: DutyCap, now: Timestamp) -> bool {
        // Times in the future, of a clock that was set back, count: fail closed.
        let recent = |at: &&Timestamp| at.after(cap.within) > now;
        self.asked.get(&person).is_none_or(|asked| asked.iter().filter(recent).count() < cap.jobs)
    }

    /// What is known of a person.
    #[must_use]
    pub fn of(&self, person: PersonId) -> Duty {
        let given = self.asked.get(&person).map(|asked| asked.iter().copied().collect()).unwrap_or_default();
        Duty { given, own_until: self.own.get(&person).copied() }
    }

    /// Takes in what is known of a person, as it was kept.
    pub fn restore(&mut self, person: PersonId, duty: Duty) {
        duty.given.into_iter().for_each(|at| self.note(person, at));
        duty.own_until.into_iter().for_each(|until| self.note_own_job(person, until));
    }

    /// Notes one more job of an area for a person whom the operator names, and no lot.
    ///
    /// # Errors
    /// [`Reason::Duty`] where the cap leaves no room, [`Reason::OwnJob`] where the job logs and a job of the person's own may still do so.
    pub fn take_on(&mut self, person: PersonId, logs: bool, cap: DutyCap, now: Timestamp) -> Result<(), Reason> {
        if !self.has_room(person, cap, now) {
            return Err(Reason::Duty);
        }
        if logs && self.has_own_job(person, now) {
            return Err(Reason::OwnJob);
        }
        self.note(person, now);
        Ok(())
    }

    pub(super) fn note(&mut self, person: PersonId, at: Timestamp) {
        self.asked.entry(person).or_default().push_back(at);
    }

    /// Whether a signalling based job of this person may still log: a phone has one logged configuration, and a management based one must not
    /// replace it (TS 37.320 clause 5.1.3).
    #[must_use]
    pub fn has_own_job(&self, person: PersonId, now: Timestamp) -> bool {
        self.own.get(&person).is_some_and(|until| now < *until)
    }

    /// Notes that a signalling based job of this person logs until then at the latest: timer T330 and the time it takes to begin.
    pub(super) fn note_own_job(&mut self, person: PersonId, until: Timestamp) {
        let known = self.own.entry(person).or_insert(until);
        *known = until.max(*known);
    }

    /// Forgets what counts no longer under this cap.
    pub fn prune(&mut self, cap: DutyCap, now: Timestamp) {
        self.asked.retain(|_, asked| {
            asked.retain(|at| at.after(cap.within) > now);
            !asked.is_empty()
        });
        self.own.retain(|_, until| now < *until);
    }
}
