//! Days and places: how the store is cut, so that who asks for a town of a week reads no more than that.

use core::fmt;
use lcs::Timestamp;

/// Days since 1970-01-01, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i32);

const DAY_MS: i64 = 86_400_000;

/// The moment of a row's time; what was before 1970 is its beginning.
pub(crate) fn moment(time_ms: i64) -> Timestamp {
    Timestamp::from_micros(u64::try_from(time_ms).unwrap_or_default().saturating_mul(1000))
}

impl Day {
    pub(crate) fn of(time_ms: i64) -> Self {
        Self(time_ms.div_euclid(DAY_MS) as i32)
    }

    /// Its first moment, milliseconds since 1970.
    pub(crate) fn start_ms(self) -> i64 {
        i64::from(self.0) * DAY_MS
    }
}

/// `2026-11-28`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Civil date of a day count, in years that begin with March, so that a leap day is the last of its year.
        let z = i64::from(self.0) + 719_468;
        let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let m = (5 * of_year + 2) / 153;
        let day = of_year - (153 * m + 2) / 5 + 1;
        let (month, carry) = if m < 10 { (m + 3, 0) } else { (m - 9, 1) };
        write!(f, "{:04}-{month:02}-{day:02}", era * 400 + year_of_era + carry)
    }
}

/// A square of the grid of 256 rows to 90 degrees and 1024 columns to 360 degrees, or where positions are missing the tracking area.
///
/// The grid is the upper bits of the codes of TS 23.032 clause 6.1, so no rounding decides where a row lies. A square is 39 km high
/// and, at 50 degrees of latitude, 25 km wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Row and column from the south-west: row 0 is -90 degrees, column 0 is -180 degrees.
    Square {
        /// 0..=511.
        row: u16,
        /// 0..=1023.
        column: u16,
    },
    /// No position; the tracking area is known.
    TrackingArea(u32),
    /// Neither.
    Nowhere,
}

const ROW_SHIFT: u32 = 15;
const COLUMN_SHIFT: u32 = 14;

impl Place {
    pub(crate) fn of(position: Option<(i32, i32)>, tracking_area: Option<u32>) -> Self {
        match (position, tracking_area) {
            (Some((latitude, longitude)), _) => {
                let row = ((i64::from(latitude) + (1 << 23)) >> ROW_SHIFT).clamp(0, 511) as u16;
                let column = ((i64::from(longitude) + (1 << 23)) >> COLUMN_SHIFT).clamp(0, 1023) as u16;
                Self::Square { row, column }
            }
            (None, Some(area)) => Self::TrackingArea(area),
            (None, None) => Self::Nowhere,
        }
    }
}

/// As folders are named: `r401c511`, `ta00a1b2`, `nowhere`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Square { row, column } => write!(f, "r{row:03}c{column:04}"),
            Self::TrackingArea(area) => write!(f, "ta{area:06x}"),
            Self::Nowhere => f.write_str("nowhere"),
        }
    }
}

/// Bits of latitude and longitude in turn: rows near in this order are near on the ground. Without position the greatest.
pub(crate) fn z_order(position: Option<(i32, i32)>) -> u64 {
    let Some((latitude, longitude)) = position else { return u64::MAX };
    let spread = |code: i32| {
        let mut bits = (i64::from(code) + (1 << 23)) as u64 & 0xFFFF_FFFF;
        bits = (bits | bits << 16) & 0x0000_FFFF_0000_FFFF;
        bits = (bits | bits << 8) & 0x00FF_00FF_00FF_00FF;
        bits = (bits | bits << 4) & 0x0F0F_0F0F_0F0F_0F0F;
        bits = (bits | bits << 2) & 0x3333_3333_3333_3333;
        (bits | bits << 1) & 0x5555_5555_5555_5555
    };
    spread(latitude) << 1 | spread(longitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        for (day, date) in
            [(0, "1970-01-01"), (59, "1970-03-01"), (789, "1972-02-29"), (11_016, "2000-02-29"), (20_785, "2026-11-28")]
        {
            assert_eq!(Day(day).to_string(), date);
            assert_eq!(Day::of(i64::from(day) * DAY_MS), Day(day));
            assert_eq!(Day::of(i64::from(day) * DAY_MS + DAY_MS - 1), Day(day));
        }
    }

    #[test]
    fn corners_of_the_world_lie_in_squares() {
        let (most_lat, most_lon) = ((1 << 23) - 1, (1 << 23) - 1);
        for (position, name) in [
            ((0, 0), "r256c0512"),
            ((-1, -1), "r255c0511"),
            ((most_lat, most_lon), "r511c1023"),
            ((-most_lat, -(1 << 23)), "r000c0000"),
            // London: 51.5074, -0.1278.
            ((4_800_837, -5_956), "r402c0511"),
        ] {
            assert_eq!(Place::of(Some(position), Some(1)).to_string(), name);
        }
        assert_eq!(Place::of(None, Some(0xA1B2)).to_string(), "ta00a1b2");
        assert_eq!(Place::of(None, None).to_string(), "nowhere");
    }

    #[test]
    fn order_takes_bits_in_turn() {
        let origin = z_order(Some((-(1 << 23), -(1 << 23))));
        assert_eq!(origin, 0);
        assert_eq!(z_order(Some((-(1 << 23), 1 - (1 << 23)))), 1);
        assert_eq!(z_order(Some((1 - (1 << 23), -(1 << 23)))), 2);
        assert_eq!(z_order(None), u64::MAX);
        assert!(z_order(Some(((1 << 23) - 1, (1 << 23) - 1))) < u64::MAX);
    }
}
