//! How values of the standards are written in the configuration file, in the admin API and in the store.
//!
//! One form each, so that what an operator reads in one place can be pasted into another.

use lcs::{Address, NatureOfAddress, NumberingPlan, PrivacySetting};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A privacy setting of Table A.1 (TS 23.271 Annex A.1) as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// Location allowed without notification.
    Allowed,
    /// Location allowed with notification.
    Notify,
    /// Notification and verification; allowed if there is no answer.
    VerifyAllow,
    /// Notification and verification; restricted if there is no answer.
    VerifyRestrict,
    /// Location not allowed.
    Denied,
}

impl From<PrivacySetting> for Setting {
    fn from(setting: PrivacySetting) -> Self {
        match setting {
            PrivacySetting::AllowedWithoutNotification => Self::Allowed,
            PrivacySetting::AllowedWithNotification => Self::Notify,
            PrivacySetting::AllowedIfNoResponse => Self::VerifyAllow,
            PrivacySetting::RestrictedIfNoResponse => Self::VerifyRestrict,
            PrivacySetting::NotAllowed => Self::Denied,
        }
    }
}

impl From<Setting> for PrivacySetting {
    fn from(setting: Setting) -> Self {
        match setting {
            Setting::Allowed => Self::AllowedWithoutNotification,
            Setting::Notify => Self::AllowedWithNotification,
            Setting::VerifyAllow => Self::AllowedIfNoResponse,
            Setting::VerifyRestrict => Self::RestrictedIfNoResponse,
            Setting::Denied => Self::NotAllowed,
        }
    }
}

impl core::fmt::Display for Setting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Allowed => "allowed",
            Self::Notify => "notify",
            Self::VerifyAllow => "verify_allow",
            Self::VerifyRestrict => "verify_restrict",
            Self::Denied => "denied",
        })
    }
}

/// The address of an LCS client, a gateway or a called number.
///
/// Written `+4930123456` in international form. Numbers of another nature, such as the abbreviated numbers of TS 23.271
/// clause 9.5.3.6, are written with their nature in front: `national:110`, `network:118`, `subscriber:4711`,
/// `abbreviated:112`. Never the address of a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(pub Address);

/// Why a text is not a [`Number`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The digits are wrong.
    #[error("{0}; write an international number as \"+4930123456\"")]
    Address(#[from] lcs::AddressError),
    /// The word before the colon is not a nature of address.
    #[error("unknown nature of address; use \"+\" or one of national:, network:, subscriber:, abbreviated:")]
    Nature,
}

impl core::str::FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((word, digits)) = text.split_once(':') else {
            return Ok(Self(Address::international(text)?));
        };
        let nature = match word {
            "national" => NatureOfAddress::National,
            "network" => NatureOfAddress::NetworkSpecific,
            "subscriber" => NatureOfAddress::Subscriber,
            "abbreviated" => NatureOfAddress::Abbreviated,
            _ => return Err(NumberError::Nature),
        };
        let digits = lcs::Digits::parse(digits).map_err(lcs::AddressError::from)?;
        Ok(Self(Address { nature, plan: NumberingPlan::Isdn, digits }))
    }
}

impl core::fmt::Display for Number {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0.nature {
            NatureOfAddress::International | NatureOfAddress::Other(_) => {}
            NatureOfAddress::National => f.write_str("national:")?,
            NatureOfAddress::NetworkSpecific => f.write_str("network:")?,
            NatureOfAddress::Subscriber => f.write_str("subscriber:")?,
            NatureOfAddress::Abbreviated => f.write_str("abbreviated:")?,
        }
        write!(f, "{}", self.0)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl utoipa::PartialSchema for Number {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("E.164 number as +4930123456, or nature:digits for other natures of address"))
            .examples(["+4930123456"])
            .into()
    }
}
impl utoipa::ToSchema for Number {}

/// An E.164 country code, 1-3 digits, for instance 49.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = u16, minimum = 1, maximum = 999)]
pub struct CountryCode(u16);

impl CountryCode {
    /// Takes 1-999.
    #[must_use]
    pub fn new(code: u16) -> Option<Self> {
        (1..=999).contains(&code).then_some(Self(code))
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> u16 {
        self.0
    }
}

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = u16::deserialize(deserializer)?;
        Self::new(code).ok_or_else(|| D::Error::custom("an E.164 country code is a number from 1 to 999, such as 49"))
    }
}

/// What is wrong with JSON, and where. Repeats nothing of it but the name of an unknown member that looks like one: values,
/// and what stands in the place of a word or name, may be identities or codewords.
#[must_use]
pub fn json_fault(error: &serde_json::Error) -> String {
    let place = format!("at line {} column {}", error.line(), error.column());
    if !error.is_data() {
        return format!("not JSON {place}");
    }
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    let (what, rest) = said.split_once('`').unwrap_or((said, ""));
    // The name is whatever was sent, so it is found by what the parser says behind it.
    let behind = [", expected ", ", there are no "].into_iter().filter_map(|words| Some((rest.rfind(words)?, words)));
    let (name, expected) = behind.max().map_or((rest, ""), |(at, _)| rest.split_at(at));
    let name = name.strip_suffix('`').unwrap_or(name);
    match what {
        "unknown field " if is_member_name(name) => format!("unknown field `{name}`{expected} {place}"),
        "unknown field " | "unknown variant " => format!("{}{expected} {place}", what.trim_end()),
        "missing field " | "duplicate field " => format!("{what}`{name}` {place}"),
        _ => format!("a value has the wrong type or form {place}"),
    }
}

fn is_member_name(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Lower-case hexadecimal text.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(*DIGITS.get(usize::from(value & 0xF)).unwrap_or(&b'0'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Bytes of hexadecimal text of either case; `None` if it is not that.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let nibbles = nibbles?;
    nibbles
        .len()
        .is_multiple_of(2)
        .then(|| nibbles.chunks_exact(2).map(|pair| pair.iter().fold(0, |a, n| a << 4 | n)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_setting_has_one_word_that_leads_back() {
        let words = ["allowed", "notify", "verify_allow", "verify_restrict", "denied"];
        for (setting, word) in PrivacySetting::ALL.into_iter().zip(words) {
            assert_eq!(Setting::from(setting).to_string(), word);
            assert_eq!(serde_json::to_value(Setting::from(setting)).unwrap(), word);
            assert_eq!(PrivacySetting::from(Setting::from(setting)), setting);
        }
    }

    #[test]
    fn numbers_of_every_nature_read_back_as_written() {
        for text in ["+4930123456", "national:110", "network:118", "subscriber:4711", "abbreviated:112"] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), text);
        }
        assert_eq!("4930123456".parse::<Number>().unwrap().to_string(), "+4930123456");
        assert_eq!("odd:110".parse::<Number>(), Err(NumberError::Nature));
        assert!("+".parse::<Number>().is_err());
        assert!("+12345678901234567".parse::<Number>().is_err());
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Sample {
        setting: Setting,
        number: Option<u32>,
    }

    #[test]
    fn a_fault_of_json_is_told_without_values() {
        let told = |text: &str| json_fault(&serde_json::from_str::<Sample>(text).unwrap_err());
        let words = "expected one of `allowed`, `notify`, `verify_allow`, `verify_restrict`, `denied`";
        let cases = [
            (
                r#"{"setting": "allowed", "colour": 1}"#,
                "unknown field `colour`, expected `setting` or `number` at line 1 column 31",
            ),
            (r#"{"setting": "491701234567"}"#, &format!("unknown variant, {words} at line 1 column 26")),
            (r#"{"setting": "a`, expected b"}"#, &format!("unknown variant, {words} at line 1 column 28")),
            (r#"{"491701234567": 1}"#, "unknown field, expected `setting` or `number` at line 1 column 15"),
            (
                r#"{"setting": "allowed", "number": "491701234567"}"#,
                "a value has the wrong type or form at line 1 column 47",
            ),
            (r#"{"number": 1}"#, "missing field `setting` at line 1 column 13"),
            (r#"{"number": "#, "not JSON at line 1 column 11"),
        ];
        for (text, expected) in cases {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn hex_is_inverse(bytes: Vec<u8>) {
            prop_assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
        }

        #[test]
        fn no_text_panics(text: String) {
            drop(from_hex(&text));
            prop_assert!(text.parse::<Number>().is_err() || text.bytes().any(|b| b.is_ascii_digit()));
        }
    }
}
