//! Texts: a pseudonym put at the head of one, a number taken out of one.

/// The default alphabet of an SMS centre: what data coding 0 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// TS 23.038 clause 6.2.1, an octet for each character.
    Gsm,
    /// ASCII.
    Ascii,
}

/// esm_class: a user data header stands before the text (SMPP 5.0 section 4.7.12).
const HEADER_INDICATOR: u8 = 0x40;

/// The text with a pseudonym and a blank before it; `None` where it has another coding than characters, or is a further part of a
/// longer message, whose first part has the pseudonym.
pub(super) fn with_head(
    said: &[u8],
    esm_class: u8,
    data_coding: u8,
    alphabet: Alphabet,
    pseudonym: &str,
) -> Option<Vec<u8>> {
    // SMPP 5.0 section 4.7.7.
    let head: Vec<u8> = match data_coding {
        0 => pseudonym.bytes().chain([b' ']).map(|octet| octet_of(octet, alphabet)).collect(),
        1 | 3 => pseudonym.bytes().chain([b' ']).collect(),
        8 => pseudonym.bytes().chain([b' ']).flat_map(|octet| [0, octet]).collect(),
        _ => return None,
    };
    let header = if esm_class & HEADER_INDICATOR == 0 { 0 } else { 1 + usize::from(*said.first()?) };
    let (header, words) = said.split_at_checked(header)?;
    if is_later_part(header) {
        return None;
    }
    let whole = [header, &head, words].concat();
    (whole.len() <= usize::from(u16::MAX)).then_some(whole)
}

/// A character of a pseudonym in an alphabet. In that of TS 23.038 all but two of them are as in ASCII.
fn octet_of(octet: u8, alphabet: Alphabet) -> u8 {
    match (alphabet, octet) {
        (Alphabet::Gsm, b'@') => 0x00,
        (Alphabet::Gsm, b'_') => 0x11,
        (_, other) => other,
    }
}

/// Whether a user data header says: a part after the first (TS 23.040 clauses 9.2.3.24.1 and 9.2.3.24.8).
fn is_later_part(header: &[u8]) -> bool {
    let mut rest = header.get(1..).unwrap_or_default();
    while let [element, length, after @ ..] = rest {
        let Some((value, next)) = after.split_at_checked((*length).into()) else { return false };
        if matches!(element, 0x00 | 0x08) && value.last().is_some_and(|part| *part > 1) {
            return true;
        }
        rest = next;
    }
    false
}

/// data_coding of characters of 16 bits.
const UCS2: u8 = 8;

/// The text of this data coding with `alias` wherever a run of digits is one of `spellings`; `None` where none is.
pub(super) fn without_number(said: &[u8], data_coding: u8, spellings: &[String], alias: &str) -> Option<Vec<u8>> {
    if data_coding == UCS2 {
        let (pairs, rest) = said.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        let out = replaced(&units, spellings, alias)?;
        return Some(out.into_iter().flat_map(u16::to_be_bytes).chain(rest.iter().copied()).collect());
    }
    let units: Vec<u16> = said.iter().map(|octet| u16::from(*octet)).collect();
    let out = replaced(&units, spellings, alias)?;
    // Each was an octet, or is a character of an alias.
    Some(out.into_iter().map(|unit| u8::try_from(unit).unwrap_or(b'?')).collect())
}

fn replaced(said: &[u16], spellings: &[String], alias: &str) -> Option<Vec<u16>> {
    let digit = |unit: &u16| (u16::from(b'0')..=u16::from(b'9')).contains(unit);
    let mut out = Vec::with_capacity(said.len());
    let mut found = false;
    let mut rest = said;
    while let Some(begin) = rest.iter().position(digit) {
        let (before, from) = rest.split_at(begin);
        let length = from.iter().position(|unit| !digit(unit)).unwrap_or(from.len());
        let (run, after) = from.split_at(length);
        out.extend_from_slice(before);
        if spellings.iter().any(|spelling| spelling.bytes().map(u16::from).eq(run.iter().copied())) {
            found = true;
            if out.last() == Some(&u16::from(b'+')) {
                out.pop();
            }
            out.extend(alias.bytes().map(u16::from));
        } else {
            out.extend_from_slice(run);
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    found.then_some(out)
}
