//! Client name and requestor in one field, for nodes and phones that have no field for the requestor (TS 23.271 Annex D).

use crate::{
    client::{ClientName, FormatIndicator, Requestor},
    gsm7,
};

/// Between name and requestor.
const SEPARATOR: &str = "==";
/// Septets that fit into the 63 octets of the name string (TS 29.002 clause 17.7.13, maxNameStringLength).
const MAX_SEPTETS: usize = 72;

/// A name string as MAP carries it: 1-63 octets of packed GSM 7-bit default alphabet. May name a person: `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct MergedName {
    septets: Vec<u8>,
    format: FormatIndicator,
}

impl MergedName {
    /// Data coding scheme of the name string: the default alphabet (TS 29.002 clause 17.7.13, LCSClientName).
    pub const DATA_CODING_SCHEME: u8 = 0x0F;

    /// The packed octets, at most 63.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        gsm7::pack(&self.septets)
    }

    /// Number of septets, at most 72.
    #[must_use]
    pub fn septet_count(&self) -> usize {
        self.septets.len()
    }

    /// The text as a receiver sees it, for codecs and display to the user who is asked.
    #[must_use]
    pub fn expose(&self) -> String {
        gsm7::from_septets(&self.septets)
    }

    /// The form of the client name; that of a requestor has no place here.
    #[must_use]
    pub fn format(&self) -> FormatIndicator {
        self.format
    }
}

impl core::fmt::Debug for MergedName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "MergedName(hidden, {} septets)", self.septets.len())
    }
}

/// Merges the requestor into the client name: `name==requestor`, as many characters of the requestor from its beginning as
/// fit (TS 23.271 Annex D). The name stays whole, or is cut to what fits alone. Without any character of the requestor the
/// separator is left out too, as it would say nothing. What the alphabet lacks becomes "?"; a character of two septets is
/// never parted.
#[must_use]
pub fn merge_name(name: &ClientName, requestor: Option<&Requestor>) -> MergedName {
    let mut septets = Vec::with_capacity(MAX_SEPTETS);
    append(&mut septets, &name.text);
    if let Some(requestor) = requestor {
        let name_alone = septets.len();
        let separator = gsm7::to_septets(SEPARATOR);
        // Cut only if the name did not fit: then nothing else may follow, were there a septet left.
        let whole = gsm7::to_septets(&name.text).len() == name_alone;
        if whole && name_alone + separator.len() < MAX_SEPTETS {
            septets.extend(separator);
            let before = septets.len();
            append(&mut septets, &requestor.text);
            if septets.len() == before {
                septets.truncate(name_alone);
            }
        }
    }
    MergedName { septets, format: name.format }
}

/// Appends characters up to the first that does not fit.
fn append(septets: &mut Vec<u8>, text: &str) {
    for character in text.chars() {
        let next = gsm7::Septets::of_or_question_mark(character);
        if septets.len() + next.codes().len() > MAX_SEPTETS {
            return;
        }
        septets.extend(next.codes());
    }
}

/// Parts a merged name at the first "==" into client name and requestor; no requestor if there is none (TS 23.271 Annex D,
/// clause 10.7 NOTE 2).
#[must_use]
pub fn split_name(text: &str) -> (&str, Option<&str>) {
    match text.split_once(SEPARATOR) {
        Some((name, requestor)) => (name, Some(requestor)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests;
