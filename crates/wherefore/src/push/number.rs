//! Numbers as networks write them, in international form.

use crate::config::{PushRole, UnmarkedNumber};
use lcs::{Identities, Msisdn};

/// How numbers are written in this network.
#[derive(Debug, Clone)]
pub(crate) struct Numbering {
    country: String,
    international_prefix: String,
    trunk_prefix: String,
    unmarked: UnmarkedNumber,
}

/// Whose an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A subscriber's.
    Subscriber(Msisdn),
    /// A service's: a short number, a name, or nothing.
    Service,
}

/// An address that might be a subscriber's and cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// A number of fewer digits is a service's, unless its type says that it is whole.
const SUBSCRIBER_MIN: usize = 7;

impl Numbering {
    pub(crate) fn new(push: &PushRole) -> Self {
        Self {
            country: push.country_code.map(|code| code.value().to_string()).unwrap_or_default(),
            international_prefix: push.international_prefix.clone(),
            trunk_prefix: push.trunk_prefix.clone(),
            unmarked: push.unmarked,
        }
    }

    /// Whose an address of this type of number is (SMPP 5.0 section 4.7.1).
    ///
    /// # Errors
    /// It could be a subscriber's: neither may it go on as it is, nor is it known what to put in its place.
    pub(crate) fn holder(&self, ton: u8, text: &[u8]) -> Result<Holder, Unreadable> {
        let separators = b" -().\t";
        let bare: Vec<u8> = text.iter().copied().filter(|octet| !separators.contains(octet)).collect();
        let (plus, digits) = bare.strip_prefix(b"+").map_or((false, &bare[..]), |digits| (true, digits));
        if bare.is_empty() {
            return Ok(Holder::Service);
        }
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return if ton == 5 { Ok(Holder::Service) } else { Err(Unreadable) };
        }
        let digits = core::str::from_utf8(digits).map_err(|_| Unreadable)?;
        match ton {
            _ if plus => subscriber(digits),
            1 => subscriber(digits.strip_prefix(&self.international_prefix).unwrap_or(digits)),
            2 => self.national(digits.strip_prefix(&self.trunk_prefix).unwrap_or(digits)),
            0 | 3 | 5 | 6 if digits.len() < SUBSCRIBER_MIN => Ok(Holder::Service),
            0 | 3 | 5 | 6 => self.unmarked(digits),
            _ => Err(Unreadable),
        }
    }

    /// A subscriber's number without a type, as a web gateway tells it: also as `tel:` (RFC 3966).
    pub(crate) fn subscriber(&self, text: &str) -> Result<Msisdn, Unreadable> {
        let text = text.trim();
        match self.holder(0, text.strip_prefix("tel:").unwrap_or(text).as_bytes())? {
            Holder::Subscriber(msisdn) => Ok(msisdn),
            Holder::Service => Err(Unreadable),
        }
    }

    fn unmarked(&self, digits: &str) -> Result<Holder, Unreadable> {
        if let Some(international) = digits.strip_prefix(&self.international_prefix) {
            return subscriber(international);
        }
        if let Some(national) = digits.strip_prefix(&self.trunk_prefix).filter(|_| !self.trunk_prefix.is_empty()) {
            return self.national(national);
        }
        match self.unmarked {
            UnmarkedNumber::International => subscriber(digits),
            UnmarkedNumber::National => self.national(digits),
        }
    }

    fn national(&self, digits: &str) -> Result<Holder, Unreadable> {
        subscriber(&format!("{}{digits}", self.country))
    }

    /// Ways in which a network writes a number, digits alone, the international form first.
    pub(crate) fn spellings(&self, msisdn: Msisdn) -> Vec<String> {
        let digits = digits(msisdn);
        let mut spellings = vec![format!("{}{digits}", self.international_prefix)];
        if let Some(national) = digits.strip_prefix(&self.country) {
            spellings.extend([format!("{}{national}", self.trunk_prefix), national.to_owned()]);
        }
        spellings.insert(0, digits);
        spellings
    }
}

/// The digits of a number, for the SMS centre.
pub(crate) fn digits(msisdn: Msisdn) -> String {
    crate::pmd::digits_text(&Identities { msisdn: Some(msisdn), ..Identities::default() })
}

fn subscriber(digits: &str) -> Result<Holder, Unreadable> {
    Msisdn::parse(digits).map(Holder::Subscriber).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn numbering(more: &str) -> Numbering {
        Numbering::new(&Config::parse(&format!("[push]\ncountry_code = 49\n{more}")).unwrap().push)
    }

    #[test]
    fn every_way_to_write_a_number_is_one_subscriber() {
        let numbering = numbering("");
        let expected = Holder::Subscriber(Msisdn::parse("491701234567").unwrap());
        let written: [(u8, &str); 13] = [
            (1, "491701234567"),
            (1, "+491701234567"),
            (1, "00491701234567"),
            (2, "1701234567"),
            (2, "01701234567"),
            (0, "491701234567"),
            (0, "+491701234567"),
            (0, "00491701234567"),
            (0, "01701234567"),
            (3, "491701234567"),
            (5, "+49 170 123-4567"),
            (5, "491701234567"),
            (6, "01701234567"),
        ];
        for (ton, text) in written {
            assert_eq!(numbering.holder(ton, text.as_bytes()), Ok(expected), "{ton} {text}");
        }
        assert_eq!(numbering.subscriber("tel:+49-170-1234567"), Ok(Msisdn::parse("491701234567").unwrap()));
        for spelling in numbering.spellings(Msisdn::parse("491701234567").unwrap()) {
            let read = numbering.holder(0, spelling.as_bytes());
            assert!(read == Ok(expected) || spelling == "1701234567", "{spelling}");
        }
    }

    #[test]
    fn services_pass_and_what_could_be_a_number_does_not() {
        let numbering = numbering("");
        for (ton, text) in [(0, "12345"), (3, "118"), (5, "Weather"), (5, "Taxi24"), (6, "112"), (0, ""), (1, "")] {
            assert_eq!(numbering.holder(ton, text.as_bytes()), Ok(Holder::Service), "{ton} {text}");
        }
        for (ton, text) in [
            (4, "1234567"),
            (7, "491701234567"),
            (0, "49170123456x"),
            (1, "abc"),
            (1, "1234"),
            (0, "4917012345678901"),
            (0, "\u{e9}"),
            (1, "+"),
        ] {
            assert_eq!(numbering.holder(ton, text.as_bytes()), Err(Unreadable), "{ton} {text}");
        }
        assert!(numbering.subscriber("118").is_err() && numbering.subscriber("").is_err());
    }

    #[test]
    fn unmarked_numbers_are_what_the_operator_says() {
        let national = numbering("unmarked = \"national\"\ntrunk_prefix = \"\"\ninternational_prefix = \"011\"");
        let expected = Ok(Holder::Subscriber(Msisdn::parse("491701234567").unwrap()));
        assert_eq!(national.holder(0, b"1701234567"), expected);
        assert_eq!(national.holder(0, b"011491701234567"), expected);
    }
}
