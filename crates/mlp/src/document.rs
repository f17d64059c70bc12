//! From the octets of an HTTP body to text: encodings, size, characters.

use crate::{error::Fault, result::ResultId};
use std::borrow::Cow;

const DOCUMENT: &str = "document";

/// Decodes a body: UTF-8 (the default), US-ASCII, ISO-8859-1, and UTF-16 with or without byte order mark.
///
/// Encodings are sorted out before parsing, so the parser sees one kind of text. Characters that XML 1.0 forbids end here.
pub(crate) fn decode(body: &[u8], max_body: usize) -> Result<Cow<'_, str>, Fault> {
    if body.len() > max_body {
        return Err(Fault::syntax(DOCUMENT, "larger than this server takes"));
    }
    let text = match body {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest)?,
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
        [0, b'<', ..] => Cow::Owned(utf16(body, u16::from_be_bytes)?),
        [b'<', 0, ..] => Cow::Owned(utf16(body, u16::from_le_bytes)?),
        _ => by_declaration(body)?,
    };
    // Looks at every octet instead of stopping at the first, so that the compiler can take many at a time.
    let forbidden = |b: u8| b < 0x20 && b != b'\t' && b != b'\n' && b != b'\r';
    if text.bytes().fold(false, |found, b| found | forbidden(b)) {
        return Err(Fault::syntax(DOCUMENT, "control character that XML forbids"));
    }
    // Both begin with an octet that is seldom there, so that most documents are looked through once and quickly.
    if text.as_bytes().contains(&0xEF) && text.contains(['\u{FFFE}', '\u{FFFF}']) {
        return Err(Fault::syntax(DOCUMENT, "character that XML forbids"));
    }
    Ok(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii_start()),
        Cow::Owned(text) => Cow::Owned(text),
    })
}

fn by_declaration(body: &[u8]) -> Result<Cow<'_, str>, Fault> {
    let Some(name) = declared_encoding(body) else { return utf8(body) };
    let is = |names: &[&str]| names.iter().any(|n| name.eq_ignore_ascii_case(n.as_bytes()));
    if is(&["utf-8", "utf8"]) {
        utf8(body)
    } else if is(&["us-ascii", "ascii", "ansi_x3.4-1968"]) {
        if body.is_ascii() { utf8(body) } else { Err(wrong_encoding()) }
    } else if is(&["iso-8859-1", "iso8859-1", "iso_8859-1", "latin1"]) {
        // ISO-8859-1 is the first 256 code points of Unicode; C1 controls are allowed in XML 1.0.
        Ok(Cow::Owned(body.iter().map(|b| char::from(*b)).collect()))
    } else {
        Err(wrong_encoding())
    }
}

/// The value of `encoding` in the XML declaration, if there is one.
fn declared_encoding(body: &[u8]) -> Option<&[u8]> {
    let declaration = body.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = declaration.get(..200).unwrap_or(declaration);
    let declaration = declaration.get(..find(declaration, b"?>")?)?;
    let value = declaration.get(find(declaration, b"encoding")? + b"encoding".len()..)?;
    let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    value.get(..value.iter().position(|b| b == quote)?)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

fn utf8(body: &[u8]) -> Result<Cow<'_, str>, Fault> {
    core::str::from_utf8(body).map(Cow::Borrowed).map_err(|_| wrong_encoding())
}

fn utf16(body: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Fault> {
    let (pairs, rest) = body.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(wrong_encoding());
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<_, _>>().map_err(|_| wrong_encoding())
}

fn wrong_encoding() -> Fault {
    Fault::element(
        ResultId::SYNTAX_ERROR,
        DOCUMENT,
        "not in its encoding; UTF-8, US-ASCII, ISO-8859-1 and UTF-16 are taken",
    )
}
