//! Hours of the week in which a rule holds.

use lcs::Timestamp;

/// Minutes in a week.
const WEEK_MIN: u16 = 7 * 24 * 60;

/// A span of the week in minutes from Monday 00:00 of the subscriber's time, start included, end not.
/// An end before the start runs over Sunday midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// First minute, 0-10079.
    pub start_min: u16,
    /// Minute after the last, 1-10080.
    pub end_min: u16,
}

impl Window {
    /// Whether both ends lie in a week and enclose something.
    pub(super) fn is_sound(self) -> bool {
        self.start_min < WEEK_MIN && (1..=WEEK_MIN).contains(&self.end_min) && self.start_min != self.end_min
    }

    fn contains(self, minute: u16) -> bool {
        if self.start_min < self.end_min {
            (self.start_min..self.end_min).contains(&minute)
        } else {
            minute >= self.start_min || minute < self.end_min
        }
    }
}

/// The windows of a week in which a rule holds; none: never.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Hours {
    /// The windows; they may overlap.
    pub windows: Vec<Window>,
}

impl Hours {
    /// Whether `now` lies in a window, in the time of a place `utc_offset_min` minutes ahead of UTC.
    #[must_use]
    pub fn contain(&self, now: Timestamp, utc_offset_min: i16) -> bool {
        let minute = minute_of_week(now, utc_offset_min);
        self.windows.iter().any(|window| window.contains(minute))
    }
}

/// Minute of the week, Monday 00:00 being 0. The epoch was a Thursday.
fn minute_of_week(now: Timestamp, utc_offset_min: i16) -> u16 {
    let local_min = i64::try_from(now.secs() / 60).unwrap_or(i64::MAX / 2) + i64::from(utc_offset_min);
    let since_monday = (local_min + 3 * 24 * 60).rem_euclid(i64::from(WEEK_MIN));
    // Below 10080 by the line above.
    u16::try_from(since_monday).unwrap_or(0)
}
