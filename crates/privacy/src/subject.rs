//! The salt of a subscriber.

/// Random octets kept with a subscriber, without which the subscriber's entries of the disclosure log can neither be read
/// nor found. Destroying every copy of them is what erases a subscriber from the log. `Debug` hides them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SubjectSalt([u8; 16]);

impl SubjectSalt {
    /// From the sealed column where it is kept.
    #[must_use]
    pub const fn from_octets(octets: [u8; 16]) -> Self {
        Self(octets)
    }

    /// The octets, for the sealed column where they are kept.
    #[must_use]
    pub const fn octets(self) -> [u8; 16] {
        self.0
    }
}

impl core::fmt::Debug for SubjectSalt {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SubjectSalt(hidden)")
    }
}
