//! Addresses of things that are not subscribers: LCS clients, gateways, access points. These may be printed.

use crate::digits::{Digits, DigitsError};

/// Nature of address indicator of an ISDN address (TS 29.002 clause 17.7.8, AddressString bits 7-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NatureOfAddress {
    /// International number, the form in which numbers travel.
    International,
    /// National significant number, of the visited country when an abbreviated number was dialled (TS 23.271 clause 9.5.3.6).
    National,
    /// Network specific number.
    NetworkSpecific,
    /// Subscriber number.
    Subscriber,
    /// Abbreviated number.
    Abbreviated,
    /// Anything else, kept as received (3 bits).
    Other(u8),
}

/// Numbering plan indicator of an ISDN address (TS 29.002 clause 17.7.8, AddressString bits 4-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NumberingPlan {
    /// ISDN/telephony, E.164.
    Isdn,
    /// Anything else, kept as received (4 bits).
    Other(u8),
}

/// A numbered address: nature, plan and digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// Nature of address.
    pub nature: NatureOfAddress,
    /// Numbering plan.
    pub plan: NumberingPlan,
    /// The digits.
    pub digits: Digits,
}

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The digits are wrong.
    #[error("address: {0}")]
    Digits(#[from] DigitsError),
    /// An APN network identifier is empty, longer than 63 octets, or has an empty or overlong label.
    #[error("APN network identifier: 1-63 octets in labels of 1-63 letters, digits and hyphens")]
    Apn,
}

impl Address {
    /// An E.164 number in international form; a leading `+` is allowed.
    pub fn international(text: &str) -> Result<Self, AddressError> {
        let digits = Digits::parse(text.strip_prefix('+').unwrap_or(text))?;
        Ok(Self { nature: NatureOfAddress::International, plan: NumberingPlan::Isdn, digits })
    }

    /// Whether this address, from a request, matches `stored` of a subscriber's profile: plan and nature equal, and it
    /// begins with all digits of `stored` (TS 23.271 clause 9.5.3.6).
    #[must_use]
    pub fn matches(self, stored: Self) -> bool {
        // Digits first: they nearly always tell.
        self.digits.starts_with(stored.digits) && self.plan == stored.plan && self.nature == stored.nature
    }
}

impl core::fmt::Display for Address {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.nature == NatureOfAddress::International {
            f.write_str("+")?;
        }
        self.digits.values().try_for_each(|value| write!(f, "{value}"))
    }
}

impl core::fmt::Debug for Address {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Address({self}, {:?}, {:?})", self.nature, self.plan)
    }
}

/// Access point name, network identifier part (TS 23.003 clause 9.1.1). Compared label by label without regard to case.
#[derive(Debug, Clone)]
pub struct ApnNi(String);

impl ApnNi {
    /// Takes dotted text.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let label = |l: &str| {
            (1..=63).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        let sound = text.len() <= 63 && text.split('.').all(label);
        if sound { Ok(Self(text.to_owned())) } else { Err(AddressError::Apn) }
    }

    /// The text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for ApnNi {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for ApnNi {}
