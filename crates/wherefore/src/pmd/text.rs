//! Identities as the admin API and Lid write them, for whoever resolves a pseudonym.

use lcs::{Digits, Identities, Pseudonym};
use zeroize::Zeroizing;

/// Identities as `msisdn:DIGITS,imsi:DIGITS`, as far as they are known: what `admin::parse_identities` reads.
#[must_use]
pub fn subscriber_text(identities: &Identities) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(48));
    let mut say = |kind: &str, digits: Digits| {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(kind);
        text.extend(digits.values().map(|value| char::from(b'0' + value)));
    };
    if let Some(msisdn) = identities.msisdn {
        say("msisdn:", msisdn.expose_digits());
    }
    if let Some(imsi) = identities.imsi {
        say("imsi:", imsi.expose_digits());
    }
    text
}

/// The digits of the one identity given.
pub(crate) fn digits_text(identity: &Identities) -> String {
    let msisdn = identity.msisdn.map(|msisdn| msisdn.expose_digits());
    let digits = msisdn.or(identity.imsi.map(|imsi| imsi.expose_digits()));
    digits.map_or_else(String::new, |digits| digits.values().map(|value| char::from(b'0' + value)).collect())
}

/// The text of a pseudonym.
pub(crate) fn pseudonym_text(pseudonym: &Pseudonym) -> String {
    pseudonym.expose().to_owned()
}

/// Kind and digits of the one identity by which a record of charging names its target: the number before the IMSI, that before
/// the IMEI.
pub(crate) fn charged_digits(identities: &Identities) -> Option<(&'static str, Zeroizing<String>)> {
    let msisdn = identities.msisdn.map(|msisdn| ("msisdn", msisdn.expose_digits()));
    let imsi = identities.imsi.map(|imsi| ("imsi", imsi.expose_digits()));
    let imei = identities.imei.map(|imei| ("imei", imei.expose_digits()));
    let (kind, digits) = msisdn.or(imsi).or(imei)?;
    Some((kind, Zeroizing::new(digits.values().map(|value| char::from(b'0' + value)).collect())))
}
