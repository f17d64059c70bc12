//! Lines of hexadecimal digits, one message each.

use super::{CaptureFault, CaptureReport, Channel, Found, MAX_FILE, Mode, Place};
use crate::rrc::MAX_MESSAGE;
use std::borrow::Cow;

/// Reads a text of lines `channel: digits` or `digits`; the second is of `channel`. Blanks between digits, colons between pairs of them, a
/// leading `0x`, empty lines and lines that begin with `#` are taken.
///
/// # Errors
/// The file is too long; in [`Mode::Strict`] the first line that is no message.
pub fn read(
    text: &[u8],
    channel: Option<Channel>,
    mode: Mode,
) -> Result<(Vec<Found<'static>>, CaptureReport), CaptureFault> {
    if text.len() > MAX_FILE {
        return Err(CaptureFault::TooLong { octets: text.len() });
    }
    let (mut found, mut report) = (Vec::new(), CaptureReport::default());
    for (line, text) in (1..).zip(text.split(|octet| *octet == b'\n')) {
        let text = text.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        report.read += 1;
        match message(text, channel) {
            Ok((channel, octets)) => {
                report.found += 1;
                found.push(Found { channel, octets: Cow::Owned(octets), at: None, place: Place::Line(line) });
            }
            Err(what) => report.fault(mode, CaptureFault::Line { line, what })?,
        }
    }
    Ok((found, report))
}

fn message(text: &[u8], channel: Option<Channel>) -> Result<(Channel, Vec<u8>), &'static str> {
    // A name has a dot, digits have none.
    let named = text.iter().position(|octet| *octet == b':').filter(|at| text.iter().take(*at).any(|c| *c == b'.'));
    let (channel, digits) = match named {
        Some(at) => {
            let name = text.get(..at).and_then(|name| core::str::from_utf8(name.trim_ascii()).ok());
            let channel = name.and_then(Channel::from_name).ok_or("no channel of that name is known")?;
            (channel, text.get(at + 1..).unwrap_or_default())
        }
        None => (channel.ok_or("it names no channel, and none was given for such lines")?, text),
    };
    let digits = digits.trim_ascii();
    let digits = digits.strip_prefix(b"0x").or_else(|| digits.strip_prefix(b"0X")).unwrap_or(digits);
    octets(digits).map(|octets| (channel, octets))
}

fn octets(digits: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut octets = Vec::with_capacity((digits.len() / 2).min(MAX_MESSAGE + 1));
    let mut half: Option<u8> = None;
    for digit in digits.iter().filter(|c| !matches!(c, b' ' | b'\t' | b':')) {
        let value = (*digit as char).to_digit(16).ok_or("it is not hexadecimal digits")? as u8;
        half = match half {
            None => Some(value),
            Some(high) => {
                octets.push(high << 4 | value);
                None
            }
        };
        if octets.len() > MAX_MESSAGE {
            return Err("it is longer than any message");
        }
    }
    match (half, octets.is_empty()) {
        (Some(_), _) => Err("its digits are odd in number"),
        (None, true) => Err("it has no digits"),
        (None, false) => Ok(octets),
    }
}
