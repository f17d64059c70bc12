//! Which cell a phone that is idle camps on (TS 36.304 clauses 5.2.3.2 and 5.2.4.6), one technology, all carriers of one priority.

use super::{Ran, Survey};

/// How long another cell must be better, ms: t-ReselectionEUTRA.
const RESELECTION_MS: u64 = 1000;

/// How a phone camps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Camping {
    /// On a suitable cell, by its place in [`Ran::cells`].
    Normally(usize),
    /// On none: it looks for any.
    AnyCellSelection,
}

/// A phone that is idle.
#[derive(Debug, Clone, Default)]
pub struct Idle {
    serving: Option<usize>,
    /// The cell that is better, and since when.
    better: Option<(usize, u64)>,
}

impl Idle {
    /// A phone that comes from a connection in this cell.
    #[must_use]
    pub fn on(serving: Option<usize>) -> Self {
        Self { serving, better: None }
    }

    /// Looks around at `now_ms`. A cell that is no longer suitable is left at once; one that is stays until another was better by the
    /// hysteresis for a second.
    pub fn step(&mut self, ran: &Ran, survey: &Survey, now_ms: u64) -> Camping {
        let serving = self.serving.and_then(|at| survey.of(at)).filter(|heard| heard.suitable(ran));
        let best = survey.best(ran);
        let Some(serving) = serving else {
            (self.serving, self.better) = (best.map(|heard| heard.at), None);
            return self.serving.map_or(Camping::AnyCellSelection, Camping::Normally);
        };
        let better = best.filter(|best| best.rsrp_dbm > serving.rsrp_dbm + ran.hysteresis_db).map(|best| best.at);
        self.better = better.map(|at| self.better.filter(|(known, _)| *known == at).unwrap_or((at, now_ms)));
        if let Some((at, since_ms)) = self.better
            && now_ms.saturating_sub(since_ms) >= RESELECTION_MS
        {
            (self.serving, self.better) = (Some(at), None);
        }
        self.serving.map_or(Camping::AnyCellSelection, Camping::Normally)
    }
}
