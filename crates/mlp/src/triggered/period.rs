//! Spans of the form ddhhmmss (OMA MLP sections 5.3.29, 5.3.48, 5.3.134).

use crate::{error::Fault, write};

const DAY_S: u64 = 86_400;
/// The longest span that eight digits hold.
const LONGEST_S: u64 = 99 * DAY_S + DAY_S - 1;

/// Reads a span, seconds: 105 unless it is eight digits, hours below 24, minutes and seconds below 60.
pub(crate) fn parse(text: &str, element: &'static str) -> Result<u32, Fault> {
    let fault = || Fault::format(element, "a span of the form ddhhmmss");
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(fault());
    }
    let two = |from: usize| text.get(from..from + 2).and_then(|t| t.parse::<u32>().ok()).ok_or_else(fault);
    let (days, hours, minutes, seconds) = (two(0)?, two(2)?, two(4)?, two(6)?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return Err(fault());
    }
    Ok(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
}

/// Appends `<element>ddhhmmss</element>`; a span that is too long is told as the longest.
pub(crate) fn write_period(out: &mut String, element: &str, seconds: u64) {
    let seconds = seconds.min(LONGEST_S);
    write::open(out, element);
    for two in [seconds / DAY_S, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60] {
        write::digits(out, two, 2);
    }
    write::close(out, element);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_go_there_and_back() {
        for seconds in (0..=LONGEST_S).step_by(3_601).chain([LONGEST_S]) {
            let mut out = String::new();
            write_period(&mut out, "interval", seconds);
            let text = out.trim_start_matches("<interval>").trim_end_matches("</interval>");
            assert_eq!(parse(text, "interval").map(u64::from).ok(), Some(seconds), "{text}");
        }
        let mut out = String::new();
        write_period(&mut out, "interval", u64::MAX);
        assert_eq!(out, "<interval>99235959</interval>");
    }

    #[test]
    fn what_is_no_span_is_105() {
        for text in
            ["", "1", "0000000", "000000000", "00240000", "00006000", "00000060", "0000000x", "-0000001", "٣0000000"]
        {
            assert!(parse(text, "interval").is_err(), "{text}");
        }
    }
}
