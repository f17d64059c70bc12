//! What of a deferred request decides its course: small, and without a word on whom or where it is about.

use super::{LdrRequest, ReportedEvent};
use lcs::{AreaEvent, DeferredEvent, Duration, Reporting, Timestamp};

/// Greatest time that interval and number of reports come to together, seconds (TS 29.172 clause 7.4.45).
const LONGEST_PERIODIC_S: u64 = 8_639_999;

/// Why a request has no course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PlanError {
    /// It ends before it begins, or before now.
    #[error("the request ends before it begins")]
    EndsBeforeItBegins,
    /// Interval or number of reports is zero, or both together exceed 8,639,999 s.
    #[error(
        "interval and number of reports must be at least 1 and together at most 8,639,999 s (TS 29.172 clause 7.4.45)"
    )]
    Periodic,
    /// Rounds of another event than "available".
    #[error("rounds are of the event \"available\" alone (TS 23.271 clause 9.1.8.3)")]
    RoundsOfOtherEvent,
    /// A time or a distance is out of its range.
    #[error("a time between reports or a distance is out of range (TS 29.172 clauses 7.4.44 and 7.4.65-7.4.68)")]
    OutOfRange,
    /// An area event without an area.
    #[error("an area event names no area")]
    NoArea,
}

/// The kind of event that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    UeAvailable,
    Area(AreaEvent),
    Periodic,
    Motion,
}

/// The course of a deferred request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub(super) kind: Kind,
    /// Many reports.
    pub(super) multiple: bool,
    /// Least time between reports.
    pub(super) min_interval_s: u16,
    /// Of periodic reports and of rounds.
    pub(super) interval_s: u32,
    /// Of periodic reports and of rounds; most reports of area and motion; 0: as many as there are.
    pub(super) amount: u32,
    /// How long a node waits before it stops by itself; 0: until it is told.
    pub(super) duration_s: u32,
    pub(super) start: Timestamp,
    pub(super) stop: Timestamp,
}

impl Plan {
    /// The course of a request that is taken now.
    ///
    /// # Errors
    /// Times, numbers or distances are out of range or contradict each other.
    pub fn new(request: &LdrRequest, now: Timestamp) -> Result<Self, PlanError> {
        let start = request.start.unwrap_or(now).max(now);
        if request.stop <= start {
            return Err(PlanError::EndsBeforeItBegins);
        }
        if request.rounds.is_some() && request.event != DeferredEvent::UeAvailable {
            return Err(PlanError::RoundsOfOtherEvent);
        }
        let once = Self {
            kind: Kind::UeAvailable,
            multiple: false,
            min_interval_s: 1,
            interval_s: 0,
            amount: 0,
            duration_s: 0,
            start,
            stop: request.stop,
        };
        Ok(match (&request.event, request.rounds) {
            (DeferredEvent::UeAvailable, None) => once,
            (DeferredEvent::UeAvailable, Some(rounds)) => {
                let (interval_s, amount) = repeated(rounds.interval_s, rounds.amount)?;
                Self { multiple: true, interval_s, amount, ..once }
            }
            (DeferredEvent::Area { event, areas, reporting }, _) => {
                if areas.is_empty() {
                    return Err(PlanError::NoArea);
                }
                by(reporting, Self { kind: Kind::Area(*event), ..once })?
            }
            (DeferredEvent::Periodic { interval_s, amount }, _) => {
                let (interval_s, amount) = repeated(*interval_s, *amount)?;
                Self { kind: Kind::Periodic, multiple: true, interval_s, amount, ..once }
            }
            (DeferredEvent::Motion { linear_distance_m, reporting }, _) => {
                if !(1..=10_000).contains(linear_distance_m) {
                    return Err(PlanError::OutOfRange);
                }
                by(reporting, Self { kind: Kind::Motion, ..once })?
            }
        })
    }

    /// Whether a node waits on after a report.
    pub(super) fn node_waits_on(&self) -> bool {
        self.multiple && matches!(self.kind, Kind::Area(_) | Kind::Motion)
    }

    /// Whether the requests wait in rounds.
    pub(super) fn has_rounds(&self) -> bool {
        self.kind == Kind::UeAvailable && self.amount > 0
    }

    /// When a round begins.
    pub(super) fn round_begins(&self, round: u32) -> Timestamp {
        self.start.after(Duration::from_secs(u64::from(round) * u64::from(self.interval_s)))
    }

    /// Whether a node that waits for this may report that.
    pub(super) fn awaits(&self, event: ReportedEvent) -> bool {
        match event {
            ReportedEvent::UeAvailable => self.kind == Kind::UeAvailable,
            ReportedEvent::Area(moved) => self.kind == Kind::Area(moved),
            ReportedEvent::Periodic => self.kind == Kind::Periodic,
            ReportedEvent::Motion => self.kind == Kind::Motion,
            ReportedEvent::MaximumIntervalExpired => self.node_waits_on(),
            // This gateway alone says so.
            ReportedEvent::NotAvailable => false,
        }
    }
}

fn repeated(interval_s: u32, amount: u32) -> Result<(u32, u32), PlanError> {
    let total_s = u64::from(interval_s) * u64::from(amount);
    if (1..=LONGEST_PERIODIC_S).contains(&total_s) { Ok((interval_s, amount)) } else { Err(PlanError::Periodic) }
}

fn by(reporting: &Reporting, plan: Plan) -> Result<Plan, PlanError> {
    let within = |value: Option<u32>, most| value.is_none_or(|value| (1..=most).contains(&value));
    let sampling_s = reporting.sampling_interval_s.map(u32::from);
    let sound = (1..=32_767).contains(&reporting.min_interval_s)
        && within(reporting.max_interval_s, 86_400)
        && within(sampling_s, 3_600)
        && within(reporting.most, u32::MAX)
        && within(reporting.duration_s, 8_640_000);
    if !sound {
        return Err(PlanError::OutOfRange);
    }
    let amount = reporting.most.filter(|_| reporting.multiple).unwrap_or_default();
    Ok(Plan {
        multiple: reporting.multiple,
        min_interval_s: reporting.min_interval_s,
        amount,
        duration_s: reporting.duration_s.unwrap_or_default(),
        ..plan
    })
}
