//! Texts: names in the alphabet of GSM, access point names, Diameter identities.

use super::super::ber::{Element, OCTET_STRING, Place, primitive};
use super::octets::Octets;
use bcder::decode::{Content, DecodeError as BerError, Source};
use lcs::{ApnNi, MergedName, gsm7};

/// As much of a text as fits into `MAX` octets of the default alphabet; "?" for what that lacks. `None` for an empty text.
pub(in crate::map) fn pack<const MAX: usize>(text: &str) -> Option<Octets<1, MAX>> {
    let mut septets = Vec::new();
    for character in text.chars() {
        let next = gsm7::Septets::of_or_question_mark(character);
        if gsm7::packed_len(septets.len() + next.codes().len()) > MAX {
            break;
        }
        septets.extend(next.codes());
    }
    Octets::new(gsm7::pack(&septets))
}

/// The whole of a text in the default alphabet; `None` if it is empty, too long or has a character that the alphabet lacks.
pub(in crate::map) fn pack_whole<const MAX: usize>(text: &str) -> Option<Octets<1, MAX>> {
    let known = text.chars().all(|c| !c.is_control() && gsm7::Septets::of(c).is_some());
    known.then(|| Octets::new(gsm7::pack(&gsm7::to_septets(text)))).flatten()
}

/// The text; `None` if it is in another alphabet than the default one, which is the only one allowed here.
pub(in crate::map) fn unpack(data_coding_scheme: u8, octets: &[u8]) -> Option<String> {
    let default = data_coding_scheme == MergedName::DATA_CODING_SCHEME;
    default.then(|| gsm7::from_septets(&gsm7::unpack(octets)))
}

/// An access point name, network identifier, in labels with their lengths before them (TS 23.003 clause 9.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApnLabels(ApnNi);

impl ApnLabels {
    /// Takes an access point name; `None` for one of 63 octets, which has no room for the length of its first label.
    #[must_use]
    pub fn new(apn: &ApnNi) -> Option<Self> {
        (2..=62).contains(&apn.as_str().len()).then(|| Self(apn.clone()))
    }

    /// The name.
    #[must_use]
    pub fn apn(&self) -> &ApnNi {
        &self.0
    }
}

impl Element for ApnLabels {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| {
            let mut text = String::with_capacity(octets.len());
            let (mut rest, mut labels) = (octets, 0);
            while let Some((length, after)) = rest.split_first() {
                let (label, after) = after.split_at_checked(usize::from(*length))?;
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(core::str::from_utf8(label).ok()?);
                (rest, labels) = (after, labels + 1);
            }
            // A dot inside a label would make two of it; an empty label is refused by the name.
            let sound = text.split('.').count() == labels;
            sound.then(|| ApnNi::new(&text).ok()).flatten().and_then(|apn| Self::new(&apn))
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        for label in self.0.as_str().split('.') {
            // Labels have 1-63 octets: checked in ApnNi::new.
            out.push(label.len() as u8);
            out.extend_from_slice(label.as_bytes());
        }
    }
}

/// Name or realm of a Diameter node: DiameterIdentity, 9-255 octets (TS 29.002 clause 17.7.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiameterIdentity(String);

impl DiameterIdentity {
    /// Takes printable ASCII without blanks, 9-255 octets.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let sound = (9..=255).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_graphic());
        sound.then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The realm in the name, or the name itself if it has one label (TS 23.003 clause 19.4.2.4).
    #[must_use]
    pub fn realm(&self) -> &str {
        lcs::node_realm(&self.0).unwrap_or(&self.0)
    }
}

impl Element for DiameterIdentity {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| core::str::from_utf8(octets).ok().and_then(Self::new))
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }
}
