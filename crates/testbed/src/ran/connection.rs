//! A phone that is connected: handover (event A3 of TS 36.331 clause 5.5.4.4), its failure (clause 5.3.5.6), and radio link failure
//! (clause 5.3.11) with re-establishment.

use super::{Heard, Ran, Survey};
use mdt::rrc::lte::ConnectionFailureType;

/// SINR below which the radio link is out of synchronisation, and above which it is in again, dB: Qout and Qin (TS 36.133 clause 7.6).
const OUT_DB: f64 = -8.0;
const IN_DB: f64 = -6.0;
/// How long a neighbour must be better, ms: timeToTrigger.
const TRIGGER_MS: u64 = 480;
/// How long the link may be out before it has failed, ms: T310.
const T310_MS: u64 = 1000;
/// How long a handover may take, ms: T304.
const T304_MS: u64 = 500;

/// What happened on the link.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkEvent {
    /// Another cell serves.
    Handover {
        /// The one before.
        from: usize,
        /// This one.
        to: usize,
    },
    /// The connection broke.
    Failed(Failure),
}

/// How a connection broke.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Radio link or handover.
    pub kind: ConnectionFailureType,
    /// Last results of the cell that served.
    pub last: Heard,
    /// The neighbours at that moment, the strongest first.
    pub neighbours: Vec<Heard>,
    /// The cell that failed: the one that served, or the target of the handover.
    pub failed: usize,
    /// The cell of the last handover's command: for a handover that failed the one that served.
    pub previous: Option<usize>,
    /// Since that command, 100 ms, 0 to 1023.
    pub since_handover_100ms: Option<u16>,
    /// Where the phone came back; nowhere if there was no suitable cell.
    pub reestablished: Option<usize>,
}

/// A connected phone.
#[derive(Debug, Clone)]
pub struct Connection {
    serving: usize,
    /// The neighbour that is better, and since when.
    better: Option<(usize, u64)>,
    /// Since when the link is out.
    out_since_ms: Option<u64>,
    /// Target and begin of the handover under way.
    under_way: Option<(usize, u64)>,
    /// Cell and time of the last handover command.
    commanded: Option<(usize, u64)>,
}

impl Connection {
    /// A connection in this cell.
    #[must_use]
    pub fn on(serving: usize) -> Self {
        Self { serving, better: None, out_since_ms: None, under_way: None, commanded: None }
    }

    /// The cell that serves, by its place in [`Ran::cells`].
    #[must_use]
    pub fn serving(&self) -> usize {
        self.serving
    }

    /// Looks at the link at `now_ms`; called every 100 or 200 ms. After a failure without a suitable cell it is over.
    pub fn step(&mut self, ran: &Ran, survey: &Survey, now_ms: u64) -> Option<LinkEvent> {
        let last = survey.of(self.serving).copied().unwrap_or(Heard::nothing(self.serving));
        if let Some((target, began_ms)) = self.under_way {
            return self.arrive(ran, survey, last, target, began_ms, now_ms);
        }
        if last.sinr_db > IN_DB {
            self.out_since_ms = None;
        } else if last.sinr_db < OUT_DB {
            let since_ms = *self.out_since_ms.get_or_insert(now_ms);
            if now_ms.saturating_sub(since_ms) >= T310_MS {
                return Some(self.fail(ran, survey, ConnectionFailureType::Rlf, last, self.serving, now_ms));
            }
        }
        let better = survey.neighbours(Some(self.serving)).next();
        let better = better.filter(|best| best.rsrp_dbm > last.rsrp_dbm + ran.handover_db).map(|best| best.at);
        self.better = better.map(|at| self.better.filter(|(known, _)| *known == at).unwrap_or((at, now_ms)));
        let triggered = self.better.filter(|(_, since_ms)| now_ms.saturating_sub(*since_ms) >= TRIGGER_MS);
        // A command does not arrive over a link that is out: that handover comes too late.
        if let Some((target, _)) = triggered.filter(|_| last.sinr_db >= OUT_DB) {
            (self.under_way, self.commanded) = (Some((target, now_ms)), Some((self.serving, now_ms)));
        }
        None
    }

    /// The phone tries to get into the target until T304 ends.
    fn arrive(
        &mut self,
        ran: &Ran,
        survey: &Survey,
        last: Heard,
        target: usize,
        began_ms: u64,
        now_ms: u64,
    ) -> Option<LinkEvent> {
        let admits = ran.cells().get(target).is_some_and(|cell| cell.admits);
        if admits && survey.of(target).is_some_and(|heard| heard.sinr_db >= OUT_DB) {
            let from = self.serving;
            *self = Self { commanded: self.commanded, ..Self::on(target) };
            return Some(LinkEvent::Handover { from, to: target });
        }
        let over = now_ms.saturating_sub(began_ms) >= T304_MS;
        over.then(|| self.fail(ran, survey, ConnectionFailureType::Hof, last, target, now_ms))
    }

    fn fail(
        &mut self,
        ran: &Ran,
        survey: &Survey,
        kind: ConnectionFailureType,
        last: Heard,
        failed: usize,
        now_ms: u64,
    ) -> LinkEvent {
        let since =
            |(_, at_ms): (usize, u64)| u16::try_from(now_ms.saturating_sub(at_ms) / 100).unwrap_or(1023).min(1023);
        let reestablished = survey.best(ran).map(|heard| heard.at);
        let failure = Failure {
            kind,
            last,
            neighbours: survey.neighbours(Some(self.serving)).copied().collect(),
            failed,
            previous: self.commanded.map(|(cell, _)| cell),
            since_handover_100ms: self.commanded.map(since),
            reestablished,
        };
        *self = Self::on(reestablished.unwrap_or(self.serving));
        LinkEvent::Failed(failure)
    }
}

impl Heard {
    /// A cell of which nothing is heard.
    pub(crate) fn nothing(at: usize) -> Self {
        Self { at, rsrp_dbm: -150.0, rsrq_db: -40.0, sinr_db: -40.0, sight: false }
    }
}
