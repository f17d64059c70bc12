//! The text of a pseudonym, and what anybody can read of it without a key (TS 23.271 clause 6.4.2).
//!
//! ```text
//! AQ…56 characters…@gmlc.epc.mnc001.mcc262.3gppnetwork.org
//! └ base 64 of version 1 | key 1 | synthetic IV 16 | ciphertext 24 ┘ └ realm, at most 39 ┘
//! ```

use base64ct::{Base64UrlUnpadded, Encoding};
use lcs::Pseudonym;
use subtle::{Choice, ConstantTimeEq};

/// Version of the format, the first octet. It makes the first character a letter.
const VERSION: u8 = 1;
/// Octets of the synthetic IV.
pub(super) const IV: usize = 16;
/// Octets of the ciphertext.
pub(super) const BLOCK: usize = 24;
/// Octets before the `@`: a multiple of three, so that no two texts mean the same octets.
const OCTETS: usize = 2 + IV + BLOCK;
/// Characters before the `@`: fits the 64 octets of the local part of an address (RFC 5321 section 4.5.3.1.1).
const OPAQUE: usize = OCTETS / 3 * 4;
/// Longest realm.
const REALM_MAX: usize = 39;
const _: () = assert!(OCTETS.is_multiple_of(3) && OPAQUE + 1 + REALM_MAX == PSEUDONYM_MAX);

/// Characters of the longest pseudonym that a PMD assigns.
pub const PSEUDONYM_MAX: usize = 96;

/// Name under which other gateways find the home gateway of a pseudonym and, through it, the PMD: a lower-case domain name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Realm(Box<str>);

/// Why a text is no realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RealmError {
    /// Longer than 39 characters.
    #[error("realm of pseudonyms: {0} characters; at most 39, so that a pseudonym has no more than 96")]
    TooLong(usize),
    /// No domain name in lower case, or one of a single label.
    #[error(
        "realm of pseudonyms: labels of lower-case letters, digits and inner hyphens, joined by dots, at least two, \
         such as h.gmlc.example"
    )]
    NoDomainName,
}

impl Realm {
    /// Takes a domain name in lower case.
    ///
    /// # Errors
    /// It is too long or no such name.
    pub fn new(text: &str) -> Result<Self, RealmError> {
        if text.len() > REALM_MAX {
            return Err(RealmError::TooLong(text.len()));
        }
        if is_realm(text) { Ok(Self(text.into())) } else { Err(RealmError::NoDomainName) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_realm(text: &str) -> bool {
    let label = |label: &str| {
        let sound = label.bytes().all(|octet| matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        sound && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= REALM_MAX && text.contains('.') && text.split('.').all(label)
}

/// What a pseudonym tells without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home<'a> {
    /// Realm of the home gateway.
    pub realm: &'a str,
    /// Id of the key: tells the home gateway which PMD assigned it, where there are several.
    pub key: u8,
}

/// Reads where a pseudonym is at home, for a gateway that holds no key (TS 23.271 clause 9.1.1 steps 1, 2 and 5); `None` if
/// it has not this format. Says nothing about whether it is genuine.
#[must_use]
pub fn home_of(pseudonym: &Pseudonym) -> Option<Home<'_>> {
    let (opaque, realm) = pseudonym.expose().split_once('@')?;
    let mut octets = [0; OCTETS];
    let read = Base64UrlUnpadded::decode(opaque, &mut octets).ok().map(<[u8]>::len)?;
    let [version, key, ..] = octets;
    (opaque.len() == OPAQUE && read == OCTETS && version == VERSION && is_realm(realm)).then_some(Home { realm, key })
}

/// A pseudonym taken apart: always whole, whatever the text was.
pub(super) struct Presented {
    pub(super) key: u8,
    pub(super) iv: [u8; IV],
    pub(super) block: [u8; BLOCK],
    /// Whether the text has the format.
    pub(super) well_formed: Choice,
    /// Whether it is of this realm.
    pub(super) of_realm: Choice,
}

/// Takes a text apart. The work is the same for every text.
pub(super) fn read(text: &str, realm: &Realm) -> Presented {
    let text = text.as_bytes();
    let (opaque, rest) = text.split_at_checked(OPAQUE).unwrap_or((text, &[]));
    // What is missing is made up, so that it is decoded all the same.
    let opaque = filled::<OPAQUE>(opaque, b'A');
    let mut octets = [0; OCTETS];
    let decoded = Base64UrlUnpadded::decode(opaque, &mut octets).is_ok();
    let separated = rest.first() == Some(&b'@');
    let told = rest.get(1..).unwrap_or_default();
    let known = realm.0.as_bytes();
    let same = filled::<REALM_MAX>(told, 0).ct_eq(&filled::<REALM_MAX>(known, 0));
    let [version, key, sealed @ ..] = octets;
    Presented {
        key,
        iv: filled(&sealed, 0),
        block: filled(sealed.get(IV..).unwrap_or_default(), 0),
        well_formed: choice(decoded) & choice(separated) & version.ct_eq(&VERSION),
        of_realm: same & choice(told.len() == known.len()),
    }
}

/// Puts a pseudonym together; `None` never happens, as every length is known.
pub(super) fn write(key: u8, iv: [u8; IV], block: &[u8; BLOCK], realm: &Realm) -> Option<Pseudonym> {
    let mut octets = [0; OCTETS];
    octets.iter_mut().zip([VERSION, key].iter().chain(&iv).chain(block)).for_each(|(to, from)| *to = *from);
    let mut text = String::with_capacity(OPAQUE + 1 + realm.0.len());
    text.push_str(Base64UrlUnpadded::encode(&octets, &mut [0; OPAQUE]).ok()?);
    text.push('@');
    text.push_str(&realm.0);
    Pseudonym::new(text)
}

/// The first `N` octets, and `with` for what is missing.
fn filled<const N: usize>(octets: &[u8], with: u8) -> [u8; N] {
    let mut out = [with; N];
    out.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
    out
}

fn choice(what: bool) -> Choice {
    Choice::from(u8::from(what))
}
