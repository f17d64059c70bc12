//! AbsoluteTimeInfo: when a log began (TS 36.331 and TS 38.331 clause 6.3.4).

use crate::uper::{Reader, Uper, UperError, Writer};
use lcs::{Duration, Timestamp};

/// Date and time as twelve decimal digits YYMMDDhhmmss, as the network told the phone.
///
/// No zone is said and the year has two digits: read as UTC between 2000 and 2099. A collector whose network tells local time takes its
/// offset off; what is far from the time of reception is refused by [`AbsoluteTime::near`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AbsoluteTime(pub [u8; 6]);

/// How far the time of a log may lie from its reception beyond its own length: the widest zones and a margin.
pub const ZONE_MARGIN: Duration = Duration::from_secs(26 * 3600);

const DAY_S: u64 = 86_400;

impl AbsoluteTime {
    /// The digits of a point in time, of the century that is meant.
    #[must_use]
    pub fn from_timestamp(at: Timestamp) -> Self {
        let (days, seconds) = (at.secs() / DAY_S, at.secs() % DAY_S);
        let (year, month, day) = civil(days);
        let bcd = |n: u64| ((n / 10 % 10) * 16 + n % 10) as u8;
        Self([bcd(year % 100), bcd(month), bcd(day), bcd(seconds / 3600), bcd(seconds / 60 % 60), bcd(seconds % 60)])
    }

    /// The point in time; `None` where the digits are no date.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        let part = |octet: u8, from: u64, to: u64| {
            let (tens, ones) = (u64::from(octet >> 4), u64::from(octet & 15));
            let value = tens * 10 + ones;
            (tens < 10 && ones < 10 && (from..=to).contains(&value)).then_some(value)
        };
        let [year, month, day, hour, minute, second] = self.0;
        let (year, month, day) = (2000 + part(year, 0, 99)?, part(month, 1, 12)?, part(day, 1, 31)?);
        let days = days_from_civil(year, month, day);
        if civil(days) != (year, month, day) {
            return None;
        }
        // A leap second may be told as 60.
        let seconds = part(hour, 0, 23)? * 3600 + part(minute, 0, 59)? * 60 + part(second, 0, 60)?;
        Some(Timestamp::from_secs(days * DAY_S + seconds))
    }

    /// The point in time, if it is a date within [`ZONE_MARGIN`] of `received`, or up to `age` earlier: a log is of 2 hours and kept 48.
    #[must_use]
    pub fn near(self, received: Timestamp, age: Duration) -> Option<Timestamp> {
        let at = self.timestamp()?;
        let earliest = received.before(ZONE_MARGIN.saturating_add(age));
        (at >= earliest && at <= received.after(ZONE_MARGIN)).then_some(at)
    }
}

/// Days since 1970-01-01 of a date from 1970 on.
fn days_from_civil(year: u64, month: u64, day: u64) -> u64 {
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (y / 400, y % 400);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 + day - 1 - 719_468
}

/// Year, month and day.
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let of_era = z % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * of_year + 2) / 153;
    let (month, carry) = if m < 10 { (m + 3, 0) } else { (m - 9, 1) };
    (z / 146_097 * 400 + year_of_era + carry, month, of_year - (153 * m + 2) / 5 + 1)
}

impl Uper for AbsoluteTime {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        Uper::read(reader).map(Self)
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        self.0.write(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_day_of_the_century() {
        let first = 946_684_800; // 2000-01-01T00:00:00Z
        for day in 0..36_525 {
            let at = Timestamp::from_secs(first + day * DAY_S + day % DAY_S);
            assert_eq!(AbsoluteTime::from_timestamp(at).timestamp(), Some(at));
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for digits in [
            [0x10, 0x13, 0x01, 0, 0, 0],
            [0x10, 0x00, 0x01, 0, 0, 0],
            [0x11, 0x02, 0x29, 0, 0, 0],
            [0x10, 0x04, 0x31, 0, 0, 0],
            [0x10, 0x01, 0x01, 0x24, 0, 0],
            [0x10, 0x01, 0x01, 0, 0x60, 0],
            [0x1A, 0x01, 0x01, 0, 0, 0],
        ] {
            assert_eq!(AbsoluteTime(digits).timestamp(), None, "{digits:02x?}");
        }
        let told = AbsoluteTime([0x10, 0x10, 0x11, 0x12, 0, 0]);
        assert_eq!(told.timestamp(), Some(Timestamp::from_secs(1_286_798_400)));
    }

    #[test]
    fn a_time_far_from_reception_is_refused() {
        let at = Timestamp::from_secs(1_286_798_400);
        let told = AbsoluteTime::from_timestamp(at);
        let (hour, age) = (Duration::from_secs(3600), Duration::from_secs(50 * 3600));
        assert_eq!(told.near(at.after(hour), Duration::ZERO), Some(at));
        assert_eq!(told.near(at.before(hour * 26), Duration::ZERO), Some(at));
        assert_eq!(told.near(at.before(hour * 27), Duration::ZERO), None);
        assert_eq!(told.near(at.after(hour * 76), age), Some(at));
        assert_eq!(told.near(at.after(hour * 77), age), None);
    }
}
