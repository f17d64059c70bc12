//! Requests that come again: whoever could record one and send it once more would have somebody located, and maybe asked, twice.

use aws_lc_rs::digest::{SHA256, digest};
use lcs::{Duration, Timestamp};
use std::collections::HashSet;
use std::sync::Mutex;

/// Why a request is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Replayed {
    /// Sent too long ago, or by a clock too far ahead.
    #[error("sent outside the window of lr.replay_window_s")]
    OutOfTime,
    /// One of this name was seen.
    #[error("seen before")]
    Seen,
    /// More of them than can be remembered.
    #[error("more requests than lr.replay_entries within the window")]
    Full,
}

/// Names of exchanges that one peer has used, kept until their time of sending is too old in any case. Two generations, each
/// bounded: what is noted stays at least as long as a request of its time would be taken.
#[derive(Debug)]
pub(super) struct Replays {
    window: Duration,
    most: usize,
    seen: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    began: Timestamp,
    young: HashSet<[u8; 16]>,
    old: HashSet<[u8; 16]>,
}

impl Replays {
    pub(super) fn new(window: Duration, most: usize) -> Self {
        Self { window, most, seen: Mutex::default() }
    }

    /// Notes a request that is to be carried out now.
    ///
    /// # Errors
    /// It is not to be.
    pub(super) fn note(&self, name: &str, sent: Timestamp, now: Timestamp) -> Result<(), Replayed> {
        if now.since(sent) > self.window || sent.since(now) > self.window {
            return Err(Replayed::OutOfTime);
        }
        let whole = digest(&SHA256, name.as_bytes());
        let key: [u8; 16] = whole.as_ref().first_chunk().copied().unwrap_or_default();
        // Nothing panics while it is held.
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.turn(now, self.window.saturating_mul(2));
        if seen.young.contains(&key) || seen.old.contains(&key) {
            return Err(Replayed::Seen);
        }
        if seen.young.len() >= self.most {
            return Err(Replayed::Full);
        }
        seen.young.insert(key);
        Ok(())
    }
}

impl Generations {
    /// A request sent at the edge of the window ahead is taken until twice the window from now, so a generation lives that long
    /// after it was the young one.
    fn turn(&mut self, now: Timestamp, life: Duration) {
        let age = now.since(self.began);
        if age < life {
            return;
        }
        let young = std::mem::take(&mut self.young);
        self.old = if age < life.saturating_mul(2) { young } else { HashSet::new() };
        self.began = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(10);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + seconds)
    }

    #[test]
    fn a_request_is_carried_out_once_while_its_time_would_be_taken() {
        // Sent when, first seen when, seen again when: whatever the moment, it is not carried out twice.
        for sent in 90..=110_u64 {
            for first in sent.saturating_sub(10)..=sent + 10 {
                for start in [0, 85, 95, 100] {
                    let replays = Replays::new(WINDOW, 100);
                    replays.note("start", at(start), at(start)).unwrap();
                    assert_eq!(replays.note("a", at(sent), at(first)), Ok(()), "{sent} {first} {start}");
                    for again in first..=first + 45 {
                        let told = replays.note("a", at(sent), at(again));
                        let expected = if again > sent + 10 { Replayed::OutOfTime } else { Replayed::Seen };
                        assert_eq!(told, Err(expected), "{sent} {first} {again} {start}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_old_or_of_a_clock_far_ahead_is_refused_and_memory_is_bounded() {
        let replays = Replays::new(WINDOW, 3);
        assert_eq!(replays.note("a", at(0), at(11)), Err(Replayed::OutOfTime));
        assert_eq!(replays.note("a", at(22), at(11)), Err(Replayed::OutOfTime));
        for name in ["a", "b", "c"] {
            assert_eq!(replays.note(name, at(11), at(11)), Ok(()));
        }
        assert_eq!(replays.note("d", at(11), at(12)), Err(Replayed::Full));
        assert_eq!(replays.note("a", at(11), at(12)), Err(Replayed::Seen));
        // Room again once the generation is over; and after a long silence both are forgotten.
        assert_eq!(replays.note("d", at(31), at(31)), Ok(()));
        assert_eq!(replays.note("a", at(100), at(100)), Ok(()));
    }
}
