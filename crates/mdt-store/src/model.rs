//! Models of phones, and how many of each there are.

use core::fmt;

/// Type allocation code: the first eight digits of an IMEI (TS 23.003 clause 6.2), which is which model a phone is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Model([u8; 8]);

impl Model {
    /// Exactly eight digits; `None` for anything else, so also for a whole IMEI.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; 8] = text.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model({})", self.as_str())
    }
}

/// How many phones of each model the network has.
pub trait Models {
    /// Phones of this model; `None` where it is not known.
    fn phones(&self, model: Model) -> Option<u64>;
}

/// Where nobody counted: every model is taken for a rare one.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoModels;

impl Models for NoModels {
    fn phones(&self, _: Model) -> Option<u64> {
        None
    }
}
