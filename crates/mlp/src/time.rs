//! Time in the form of the protocol: yyyyMMddhhmmss and an offset from UTC (OMA MLP section 5.3.133).

use crate::write;
use lcs::Timestamp;

/// The last second of the year 9999, where four digits of a year end.
const LAST_SECOND: u64 = 253_402_300_799;
const DAY: u64 = 86_400;

/// Appends `<time utc_off="+0000">…</time>`; this server always writes UTC.
pub(crate) fn write_time(out: &mut String, at: Timestamp) {
    write_stamp(out, "time", at);
}

/// The same under another name.
pub(crate) fn write_stamp(out: &mut String, element: &str, at: Timestamp) {
    let secs = at.secs().min(LAST_SECOND);
    let (days, of_day) = (secs / DAY, secs % DAY);
    let (year, month, day) = civil(days);
    write::start(out, element, &[("utc_off", "+0000")]);
    write::digits(out, year, 4);
    for two in [month, day, of_day / 3600, of_day / 60 % 60, of_day % 60] {
        write::digits(out, two, 2);
    }
    write::close(out, element);
}

/// Year, month and day of a count of days since 1970-01-01, in the Gregorian calendar. Years are counted from March in
/// cycles of 400, so that the leap day comes last.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (cycle, of_cycle) = (shifted / 146_097, shifted % 146_097);
    let year_of_cycle = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (cycle * 400 + year_of_cycle + u64::from(month <= 2), month, day)
}

/// Days since 1970-01-01 of a date; inverse of [`civil`]. The date must be one.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (cycle, year_of_cycle) = (year / 400, year % 400);
    let month_from_march = (month + 9) % 12;
    let of_year = (153 * month_from_march + 2) / 5 + day.checked_sub(1)?;
    let of_cycle = 365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100 + of_year;
    (cycle * 146_097 + of_cycle).checked_sub(719_468)
}

/// Reads a time and its offset: `None` if it is none. The offset is `[+|-]?HHMM`, at most 14 hours (section 5.3.120.1).
pub(crate) fn parse_time(text: &str, utc_off: Option<&str>) -> Option<Timestamp> {
    let number = |range: core::ops::Range<usize>| {
        text.get(range).filter(|t| t.bytes().all(|b| b.is_ascii_digit())).and_then(|t| t.parse::<u64>().ok())
    };
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(8..10)?, number(10..12)?, number(12..14)?);
    let count = days(year, month, day)?;
    if text.len() != 14 || civil(count) != (year, month, day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let local = count * DAY + hour * 3600 + minute * 60 + second;
    let offset = utc_off.unwrap_or("0000");
    let (west, offset) = match offset.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, offset.strip_prefix('+').unwrap_or(offset)),
    };
    if offset.len() != 4 || !offset.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = (offset.get(..2)?.parse::<u64>().ok()?, offset.get(2..)?.parse::<u64>().ok()?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let span = hours * 3600 + minutes * 60;
    Some(Timestamp::from_secs(if west { local + span } else { local.checked_sub(span)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(secs: u64) -> String {
        let mut out = String::new();
        write_time(&mut out, Timestamp::from_secs(secs));
        out.trim_start_matches("<time utc_off=\"+0000\">").trim_end_matches("</time>").to_owned()
    }

    #[test]
    fn times_go_there_and_back() {
        assert_eq!(written(0), "19700101000000");
        assert_eq!(written(951_782_400), "20000229000000");
        assert_eq!(written(1_709_164_799), "20240228235959");
        assert_eq!(written(LAST_SECOND), "99991231235959");
        assert_eq!(written(u64::MAX / 1_000_000), "99991231235959", "never a fifth digit");
        for day in (0..LAST_SECOND / DAY).step_by(97) {
            let secs = day * DAY + 45_296;
            assert_eq!(parse_time(&written(secs), None), Some(Timestamp::from_secs(secs)));
        }
    }

    #[test]
    fn offsets_are_hours_and_minutes_to_14_hours() {
        let at = |utc_off| parse_time("20260301120000", Some(utc_off)).map(|t| t.secs() % DAY);
        assert_eq!(at("0000"), Some(12 * 3600));
        assert_eq!(at("+0230"), Some(9 * 3600 + 1800));
        assert_eq!(at("0200"), Some(10 * 3600));
        assert_eq!(at("-1000"), Some(22 * 3600));
        for bad in ["", "+", "+02", "+1500", "+0260", "02:00", "+02000", "x000"] {
            assert_eq!(at(bad), None, "{bad}");
        }
        for bad in
            ["", "2026", "20261301000000", "20260230000000", "20260301240000", "20260301006000", "2026030100000x"]
        {
            assert_eq!(parse_time(bad, None), None, "{bad}");
        }
    }
}
