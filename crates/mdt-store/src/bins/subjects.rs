//! How many phones sessions are of, at least.
//!
//! Rows name nobody, so two sessions may be one phone's: of two jobs, or of one job that was given twice. But a phone has one logged
//! configuration at a time: a new one takes the place of the old, in whatever technology (TS 38.331 clauses 5.5a.1.3 and 5.5a.2.2). So
//! sessions that went on at the same moment are of as many phones, and the most that went on at one moment is a number that no way of sharing
//! sessions out among phones comes below.
//!
//! What it counts are phones, that is subscriptions: of a person with two phones, or two cards in one, it counts two.

use lcs::Duration;
use std::collections::HashMap;

/// What clocks may be wrong by at either end of a log: a phone's drifts 2 s an hour at most (TS 38.133), and cells say the time
/// that logs begin from.
const GUARD_MS: i64 = 30_000;
/// A log lasts 120 minutes at most (TS 38.331 clause 6.3.4).
const LONGEST_LOG_MS: i64 = 7_200_000;

/// Vouched time between two jobs of one phone, where it says more than logs do by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Apart(Option<i64>);

impl Apart {
    pub(super) fn new(apart: Duration) -> Self {
        let apart_ms = i64::try_from(apart.as_millis()).unwrap_or(i64::MAX);
        Self((apart_ms >= 2 * LONGEST_LOG_MS).then_some(apart_ms))
    }
}

/// A log: its session, and the commitment to its token to erase, which no other log has.
type Log = (u32, Option<[u8; 32]>);

/// First and last row of each log.
#[derive(Default)]
pub(super) struct Logs(HashMap<Log, (i64, i64)>);

/// When each session went on for sure, as ranges of milliseconds.
pub(super) struct Intervals(HashMap<u32, Vec<(i64, i64)>>);

impl Logs {
    /// A log of a session had a row at this moment.
    pub(super) fn went_on(&mut self, session: u32, log: Option<[u8; 32]>, time_ms: i64) {
        let (first, last) = self.0.entry((session, log)).or_insert((time_ms, time_ms));
        (*first, *last) = ((*first).min(time_ms), (*last).max(time_ms));
    }

    /// Where nothing is vouched for: from the first row to the last. More than the longest log is two logs under one number, so what
    /// is between them is not known, and nothing is said.
    ///
    /// Where it is vouched that a phone's logs begin so far apart: a log began at most its greatest length before its first row. Of two
    /// phones are logs that have first rows nearer to each other than what is vouched for, less that length.
    pub(super) fn intervals(&self, Apart(apart): Apart) -> Intervals {
        let mut intervals: HashMap<u32, Vec<(i64, i64)>> = HashMap::new();
        for ((session, _), (first, last)) in &self.0 {
            let until = match apart {
                Some(apart) => first.saturating_add(apart - LONGEST_LOG_MS),
                None if last - first > LONGEST_LOG_MS => continue,
                None => *last,
            };
            let (from, until) = (first + GUARD_MS, until - GUARD_MS);
            if from < until {
                intervals.entry(*session).or_default().push((from, until));
            }
        }
        Intervals(intervals)
    }
}

impl Intervals {
    /// How many phones these sessions are of, at least; each session may come many times in a row.
    pub(super) fn subjects(&self, sessions: impl Iterator<Item = u32>) -> u32 {
        let mut sessions: Vec<u32> = sessions.collect();
        sessions.dedup();
        // +1 where an interval begins, -1 where it ends; ends come first at one moment. A session counts once however many of its
        // intervals are open.
        let mut edges: Vec<(i64, i8, u32)> = Vec::new();
        for session in &sessions {
            for (from, until) in self.0.get(session).into_iter().flatten() {
                edges.extend([(*from, 1, *session), (*until, -1, *session)]);
            }
        }
        edges.sort_unstable();
        let mut open: HashMap<u32, u32> = HashMap::new();
        let mut most = usize::from(!sessions.is_empty());
        for (_, edge, session) in edges {
            let of_session = open.entry(session).or_default();
            if edge > 0 {
                *of_session += 1;
            } else {
                *of_session = of_session.saturating_sub(1);
                if *of_session == 0 {
                    open.remove(&session);
                }
            }
            most = most.max(open.len());
        }
        u32::try_from(most).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn subjects(logs: &[(u32, u8, i64, i64)], apart_s: u64) -> u32 {
        let mut known = Logs::default();
        for (session, token, first, last) in logs {
            known.went_on(*session, Some([*token; 32]), first * MINUTE);
            known.went_on(*session, Some([*token; 32]), last * MINUTE);
        }
        let intervals = known.intervals(Apart::new(Duration::from_secs(apart_s)));
        intervals.subjects(logs.iter().map(|(session, ..)| *session))
    }

    #[test]
    fn what_went_on_at_once_is_of_different_phones() {
        assert_eq!(subjects(&[], 0), 0);
        assert_eq!(subjects(&[(1, 1, 0, 60)], 0), 1);
        assert_eq!(subjects(&[(1, 1, 0, 60), (2, 2, 30, 90)], 0), 2);
        assert_eq!(subjects(&[(1, 1, 0, 60), (2, 2, 61, 90)], 0), 1, "one after the other");
        assert_eq!(subjects(&[(1, 1, 0, 60), (2, 2, 59, 90)], 0), 1, "clocks may be wrong");
        assert_eq!(subjects(&[(1, 1, 0, 60), (1, 2, 10, 50)], 0), 1, "one session");
        assert_eq!(subjects(&[(1, 1, 0, 60), (2, 2, 10, 20), (3, 3, 40, 50)], 0), 2);
        assert_eq!(subjects(&[(1, 1, 0, 121), (2, 2, 10, 100)], 0), 1, "two logs under one number say nothing");
        assert_eq!(subjects(&[(1, 1, 0, 0), (2, 2, 0, 0)], 0), 1, "moments alone say nothing");
    }

    #[test]
    fn what_is_vouched_for_counts() {
        let day: &[_] = &[(1, 1, 0, 10), (2, 2, 300, 310), (3, 3, 1300, 1310)];
        assert_eq!(subjects(day, 0), 1);
        assert_eq!(subjects(day, 4 * 3600 - 1), 1);
        assert_eq!(subjects(day, 86_400), 3, "first rows within 22 hours");
        assert_eq!(subjects(&[(1, 1, 0, 10), (2, 2, 1320, 1330)], 86_400), 1);
    }
}
