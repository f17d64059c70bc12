//! Identities of subscribers. None of them can be printed: no `Display`, and `Debug` shows the kind alone.
//!
//! The digits come out through `expose_digits`, which `cargo xtask layers` lets only codecs, the PMD and the sealed
//! columns of the store call.

use crate::digits::{Digits, DigitsError};
use zeroize::Zeroize;

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident, $min:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Zeroize)]
        pub struct $name(Digits);

        impl $name {
            /// Parses decimal digits; the error says what is wrong and never repeats the text.
            pub fn parse(text: &str) -> Result<Self, DigitsError> {
                Self::new(Digits::parse(text)?)
            }

            /// Takes digits of the right count.
            pub fn new(digits: Digits) -> Result<Self, DigitsError> {
                match digits.count() {
                    n if n < $min => Err(DigitsError::Empty),
                    n if n > $max => Err(DigitsError::TooLong),
                    _ => Ok(Self(digits)),
                }
            }

            /// The digits, for codecs, the PMD and sealed columns only.
            #[must_use]
            pub fn expose_digits(&self) -> Digits {
                self.0
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
}

identity! {
    /// International mobile subscriber identity, 6-15 digits (TS 23.003 clause 2.2).
    Imsi, 6, 15
}
identity! {
    /// Mobile subscriber ISDN number in international form without prefix, 5-15 digits (TS 23.003 clause 3.3).
    Msisdn, 5, 15
}
identity! {
    /// International mobile equipment identity, 14 or 15 digits (TS 23.003 clause 6.2).
    Imei, 14, 15
}

impl Msisdn {
    /// Whether it stands for none: fifteen zeroes, of a subscriber without an MSISDN (TS 23.003 clause 3.3).
    #[must_use]
    pub fn is_dummy(self) -> bool {
        self.0.values().all(|digit| digit == 0)
    }
}

/// A pseudonym of a subscriber: names nobody without the PMD (TS 23.271 clause 6.4.2). `Debug` hides it all the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pseudonym(String);

impl Pseudonym {
    /// Takes a printable string of 1-512 bytes; `None` otherwise.
    #[must_use]
    pub fn new(text: String) -> Option<Self> {
        ((1..=512).contains(&text.len()) && !text.chars().any(char::is_control)).then_some(Self(text))
    }

    /// The text, for codecs and the PMD only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pseudonym(hidden)")
    }
}

/// Whom a request is about, as the client names them (TS 23.271 clause 5.5.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// By IMSI.
    Imsi(Imsi),
    /// By MSISDN.
    Msisdn(Msisdn),
    /// By equipment, in emergency cases without a SIM only.
    Imei(Imei),
    /// By a pseudonym that the PMD resolves.
    Pseudonym(Pseudonym),
}

/// What is known of a target's true identities; each may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Identities {
    /// IMSI, if known.
    pub imsi: Option<Imsi>,
    /// MSISDN, if known.
    pub msisdn: Option<Msisdn>,
    /// IMEI, if known.
    pub imei: Option<Imei>,
}

impl Identities {
    /// The verinym in a target; `None` for a pseudonym.
    #[must_use]
    pub fn of(target: &Target) -> Option<Self> {
        let none = Self::default();
        match target {
            Target::Imsi(imsi) => Some(Self { imsi: Some(*imsi), ..none }),
            Target::Msisdn(msisdn) => Some(Self { msisdn: Some(*msisdn), ..none }),
            Target::Imei(imei) => Some(Self { imei: Some(*imei), ..none }),
            Target::Pseudonym(_) => None,
        }
    }

    /// Whether an identity that both have says that they are of two. Without one in common, nothing does.
    #[must_use]
    pub fn contradicts(&self, other: &Self) -> bool {
        fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.zip(other).is_some_and(|(one, other)| one != other)
        }
        differ(self.imsi, other.imsi) || differ(self.msisdn, other.msisdn) || differ(self.imei, other.imei)
    }

    /// Whether both are of one subscriber: at least one identity is the same, and none differs.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.zip(other).is_some_and(|(one, other)| one == other)
        }
        let any = same(self.imsi, other.imsi) || same(self.msisdn, other.msisdn) || same(self.imei, other.imei);
        any && !self.contradicts(other)
    }

    /// Fills what is missing here from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { imsi: self.imsi.or(other.imsi), msisdn: self.msisdn.or(other.msisdn), imei: self.imei.or(other.imei) }
    }
}

/// Whom a request or an answer between gateways is about (TS 23.271 clauses 5.6.1 and 9.1.1 step 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By true identities.
    Verinym(Identities),
    /// By a pseudonym that the home network alone resolves.
    Pseudonym(Pseudonym),
}

impl Named {
    /// As the client named the target.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        match target {
            Target::Pseudonym(pseudonym) => Self::Pseudonym(pseudonym.clone()),
            Target::Imsi(_) | Target::Msisdn(_) | Target::Imei(_) => {
                Self::Verinym(Identities::of(target).unwrap_or_default())
            }
        }
    }

    /// Whether `told`, in an answer, is the one who was asked about. Who was asked about under a pseudonym is told of under the
    /// same, or the answer is about somebody else.
    #[must_use]
    pub fn is(&self, told: &Self) -> bool {
        match (self, told) {
            (Self::Verinym(asked), Self::Verinym(told)) => asked.is_same(told),
            (Self::Pseudonym(asked), Self::Pseudonym(told)) => asked == told,
            (Self::Verinym(_), Self::Pseudonym(_)) | (Self::Pseudonym(_), Self::Verinym(_)) => false,
        }
    }
}
