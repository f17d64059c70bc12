//! How often a phone may be asked: logging costs its battery.

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

/// When people were asked, by the random name of their record. No identity.
#[derive(Debug, Default)]
pub struct DutyLedger {
    asked: HashMap<PersonId, VecDeque<Timestamp>>,
}

impl DutyLedger {
    /// Whether one more job fits.
    #[must_use]
    pub fn has_room(&self, person: PersonId, cap: DutyCap, now: Timestamp) -> bool {
        // Times in the future, of a clock that was set back, count: fail closed.
        let recent = |at: &&Timestamp| at.after(cap.within) > now;
        self.asked.get(&person).is_none_or(|asked| asked.iter().filter(recent).count() < cap.jobs)
    }

    pub(super) fn note(&mut self, person: PersonId, now: Timestamp) {
        self.asked.entry(person).or_default().push_back(now);
    }

    /// Forgets what counts no longer under this cap.
    pub fn prune(&mut self, cap: DutyCap, now: Timestamp) {
        self.asked.retain(|_, asked| {
            asked.retain(|at| at.after(cap.within) > now);
            !asked.is_empty()
        });
    }
}
