//! Text of the client that must not be printed.

/// Text that goes back to the client, or into a check, and nowhere else: identities, secrets, the client's own references.
/// `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Hidden(String);

impl Hidden {
    /// Takes any text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The digits of an identity, as text.
    pub(crate) fn of_digits(digits: lcs::Digits) -> Self {
        Self(digits.values().map(|value| char::from(b'0' + value)).collect())
    }

    /// The text, for codecs, credential checks and the PMD only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Hidden")
    }
}
