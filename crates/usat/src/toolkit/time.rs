//! Times of the toolkit: semi-octets, the low one first (TS 23.040 clause 9.2.3.11, ETSI TS 102 223 clauses 8.38 and 8.39).

use super::{ToolkitError, tag};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use lcs::Timestamp;

fn two(octet: u8) -> Option<i8> {
    let (tens, ones) = (octet & 0xF, octet >> 4);
    // At most 99.
    (tens < 10 && ones < 10).then_some((tens * 10 + ones) as i8)
}

fn swapped(value: u8) -> u8 {
    ((value % 10) << 4) | (value / 10 % 10)
}

/// Date, time and time zone of a phone as a point in time; whole seconds, years 2000-2099. A time zone that is not known (FF) is none:
/// whoever has only a wall clock cannot say when something ends.
pub fn read_date_time(octets: &[u8]) -> Result<Timestamp, ToolkitError> {
    read(octets).ok_or(ToolkitError::Object(tag::DATE_TIME))
}

fn read(octets: &[u8]) -> Option<Timestamp> {
    let &[year, month, day, hour, minute, second, zone] = octets else { return None };
    // Bit 4 of the low semi-octet is the sign; what is left counts quarters of an hour.
    let quarters = i32::from(two(zone & 0xF7)?) * if zone & 8 == 0 { 1 } else { -1 };
    let offset = Offset::from_seconds(quarters * 15 * 60).ok()?;
    let year = 2000 + i16::from(two(year)?);
    let local = DateTime::new(year, two(month)?, two(day)?, two(hour)?, two(minute)?, two(second)?, 0).ok()?;
    let seconds = offset.to_timestamp(local).ok()?.as_second();
    // Near either end a zone may carry it out of the century.
    u64::try_from(seconds).ok().map(Timestamp::from_secs).filter(|at| date_time_octets(*at).is_some())
}

/// A point in time as date, time and zone of UTC; `None` outside of 2000-2099.
#[must_use]
pub fn date_time_octets(at: Timestamp) -> Option<[u8; 7]> {
    let utc = Offset::UTC.to_datetime(jiff::Timestamp::from_second(i64::try_from(at.secs()).ok()?).ok()?);
    let year = u8::try_from(utc.year().checked_sub(2000)?).ok().filter(|year| *year < 100)?;
    let parts = [utc.month(), utc.day(), utc.hour(), utc.minute(), utc.second()];
    let [month, day, hour, minute, second] = parts.map(|part| swapped(part.unsigned_abs()));
    Some([swapped(year), month, day, hour, minute, second, 0])
}

/// Timer value: hours, minutes, seconds, below 24 hours.
pub(super) fn timer_octets(seconds: u32) -> [u8; 3] {
    let seconds = seconds.min(86_399);
    // Each is below 60.
    [seconds / 3600, seconds / 60 % 60, seconds % 60].map(|part| swapped(part as u8))
}

/// Seconds of a timer value.
pub(super) fn read_timer(octets: &[u8]) -> Result<u32, ToolkitError> {
    let wrong = ToolkitError::Object(tag::TIMER_VALUE);
    let &[hours, minutes, seconds] = octets else { return Err(wrong) };
    let [Some(hours), Some(minutes), Some(seconds)] =
        [hours, minutes, seconds].map(|octet| two(octet).map(i8::unsigned_abs))
    else {
        return Err(wrong);
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return Err(wrong);
    }
    Ok(u32::from(hours) * 3600 + u32::from(minutes) * 60 + u32::from(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        // 2026-11-28 22:00:00, in a zone one hour (four quarters) ahead.
        let octets = [0x62, 0x11, 0x82, 0x22, 0x00, 0x00, 0x40];
        assert_eq!(read_date_time(&octets).unwrap(), Timestamp::from_secs(1_795_899_600));
        // One hour behind: bit 4 of the low semi-octet.
        let behind = [0x62, 0x11, 0x82, 0x22, 0x00, 0x00, 0x48];
        assert_eq!(read_date_time(&behind).unwrap(), Timestamp::from_secs(1_795_906_800));
        for wrong in
            [[0x62, 0x31, 0x82, 0x22, 0, 0, 0], [0x62, 0x11, 0x82, 0x22, 0, 0, 0xFF], [0xA2, 0x11, 0x82, 0x22, 0, 0, 0]]
        {
            assert_eq!(read_date_time(&wrong), Err(ToolkitError::Object(0x26)));
        }
        // The first hour of 2000, an hour ahead: still 1999.
        assert!(read_date_time(&[0x00, 0x10, 0x10, 0x00, 0x00, 0x00, 0x40]).is_err());
        for seconds in [946_684_800, 1_795_899_600, 4_102_444_799] {
            let at = Timestamp::from_secs(seconds);
            assert_eq!(read_date_time(&date_time_octets(at).unwrap()).unwrap(), at);
        }
        assert_eq!(
            (date_time_octets(Timestamp::from_secs(0)), date_time_octets(Timestamp::from_secs(4_102_444_800))),
            (None, None)
        );
    }

    #[test]
    fn every_timer() {
        for seconds in 0..86_400 {
            assert_eq!(read_timer(&timer_octets(seconds)).unwrap(), seconds);
        }
        assert_eq!(timer_octets(90), [0x00, 0x10, 0x03]);
        assert_eq!(timer_octets(u32::MAX), timer_octets(86_399));
        assert!(read_timer(&[0x42, 0, 0]).is_err() && read_timer(&[0, 0x06, 0]).is_err());
    }
}
