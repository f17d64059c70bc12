//! Which subscribers a client may ask about: the authorised UE list (TS 23.271 Table 10.7).

use lcs::{Digits, Identities};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::collections::HashSet;

/// Which identity a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Imsi,
    Msisdn,
}

/// One subscriber, or a range of them by their first digits. `Debug` hides the digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TargetRule {
    kind: Kind,
    digits: Digits,
    range: bool,
}

/// Why a text is not a rule. Never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetRuleError {
    /// No kind in front.
    #[error("write msisdn:DIGITS or imsi:DIGITS, or a range as msisdn:DIGITS*")]
    Kind,
    /// Wrong digits.
    #[error("target: {0}")]
    Digits(#[from] lcs::DigitsError),
}

impl core::fmt::Debug for TargetRule {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "TargetRule({:?}, {})", self.kind, if self.range { "range" } else { "one" })
    }
}

impl core::str::FromStr for TargetRule {
    type Err = TargetRuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = match text.split_once(':') {
            Some(("msisdn", rest)) => (Kind::Msisdn, rest.strip_prefix('+').unwrap_or(rest)),
            Some(("imsi", rest)) => (Kind::Imsi, rest),
            _ => return Err(TargetRuleError::Kind),
        };
        let (rest, range) = rest.strip_suffix('*').map_or((rest, false), |rest| (rest, true));
        let digits = Digits::parse(rest)?;
        if !range {
            match kind {
                Kind::Imsi => lcs::Imsi::new(digits).map(drop)?,
                Kind::Msisdn => lcs::Msisdn::new(digits).map(drop)?,
            }
        }
        Ok(Self { kind, digits, range })
    }
}

impl Serialize for TargetRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(24);
        text.push_str(match self.kind {
            Kind::Imsi => "imsi:",
            Kind::Msisdn => "msisdn:",
        });
        text.extend(self.digits.values().map(|value| char::from(b'0' + value)));
        if self.range {
            text.push('*');
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for TargetRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = zeroize::Zeroizing::new(String::deserialize(deserializer)?);
        text.parse().map_err(D::Error::custom)
    }
}

impl utoipa::PartialSchema for TargetRule {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("msisdn:DIGITS or imsi:DIGITS, with * behind for a range"))
            .pattern(Some("^(msisdn|imsi):[0-9]{1,15}\\*?$"))
            .into()
    }
}
impl utoipa::ToSchema for TargetRule {}

/// A list of rules made ready for look-up.
#[derive(Debug, Default)]
pub(super) struct Targets {
    one: HashSet<(Kind, u64)>,
    ranges: Vec<TargetRule>,
}

impl Targets {
    pub(super) fn new(rules: &[TargetRule]) -> Self {
        let (ranges, one): (Vec<_>, Vec<_>) = rules.iter().copied().partition(|rule| rule.range);
        Self { one: one.iter().map(|rule| (rule.kind, rule.digits.to_word())).collect(), ranges }
    }

    /// Whether any of the identities known of a target is on the list.
    pub(super) fn holds(&self, target: &Identities) -> bool {
        let imsi = target.imsi.map(|imsi| (Kind::Imsi, imsi.expose_digits()));
        let msisdn = target.msisdn.map(|msisdn| (Kind::Msisdn, msisdn.expose_digits()));
        [imsi, msisdn].into_iter().flatten().any(|(kind, digits)| {
            self.one.contains(&(kind, digits.to_word()))
                || self.ranges.iter().any(|rule| rule.kind == kind && digits.starts_with(rule.digits))
        })
    }
}
