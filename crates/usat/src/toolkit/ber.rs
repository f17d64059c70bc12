//! COMPREHENSION-TLV and BER-TLV data objects (ETSI TS 101 220 clause 7.1).

use super::ToolkitError;

/// Set in a tag: who does not understand the object does not understand the message.
pub(crate) const COMPREHENSION: u8 = 0x80;

/// Appends one object.
pub(crate) fn put(octets: &mut Vec<u8>, tag: u8, value: &[u8]) -> Result<(), ToolkitError> {
    octets.push(tag);
    match value.len() {
        length @ 0..=0x7F => octets.push(length as u8),
        length @ 0x80..=0xFF => octets.extend([0x81, length as u8]),
        _ => return Err(ToolkitError::TooLong),
    }
    octets.extend(value);
    Ok(())
}

/// One object with outer tag `tag`, and nothing behind it.
pub(crate) fn outer(octets: &[u8], tag: u8) -> Result<&[u8], ToolkitError> {
    match Objects(octets).next() {
        Some(Ok((found, value))) if found == tag => {
            let whole = octets.len() - value.len() <= 3 && octets.ends_with(value);
            if whole { Ok(value) } else { Err(ToolkitError::Length) }
        }
        Some(Ok(_)) => Err(ToolkitError::Tag),
        Some(Err(error)) => Err(error),
        None => Err(ToolkitError::Length),
    }
}

/// Objects one after the other.
pub(crate) struct Objects<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Objects<'a> {
    type Item = Result<(u8, &'a [u8]), ToolkitError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first()?;
        let read = match rest {
            [length @ 0..=0x7F, rest @ ..] => Some((*length, rest)),
            [0x81, length, rest @ ..] => Some((*length, rest)),
            _ => None,
        };
        let parted = read.and_then(|(length, rest)| rest.split_at_checked(length.into()));
        let Some((value, rest)) = parted else {
            self.0 = &[];
            return Some(Err(ToolkitError::Length));
        };
        self.0 = rest;
        Some(Ok((*tag, value)))
    }
}

/// The first object of a kind, with or without the mark of comprehension.
pub(crate) fn find(octets: &[u8], tag: u8) -> Result<Option<&[u8]>, ToolkitError> {
    for object in Objects(octets) {
        let (found, value) = object?;
        if found & !COMPREHENSION == tag {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// As [`find`], but it must be there.
pub(crate) fn need(octets: &[u8], tag: u8) -> Result<&[u8], ToolkitError> {
    find(octets, tag)?.ok_or(ToolkitError::Missing(tag))
}
