//! What a token says.

use serde::{Deserialize, Serialize};

/// The `typ` of a token (RFC 8725 section 3.11): no token of another kind is taken for one.
pub const TOKEN_TYPE: &str = "pseudonym+jwt";

/// The claims of a token: those of an OpenID Connect ID token (Core 1.0 section 2) with a pairwise subject (section 8), and `jti`.
/// `Debug` shows no pseudonym.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer: the operator's origin, such as `https://pseudonym.example.net`.
    pub iss: String,
    /// Subject: the pseudonym, the same for this client each time until it rotates, and another for every client.
    pub sub: String,
    /// Audience: the account of the one client that the token is for. Never a list.
    pub aud: String,
    /// The nonce of the client's challenge.
    pub nonce: String,
    /// When it was issued, seconds since 1970.
    pub iat: u64,
    /// From when it holds no more, seconds since 1970.
    pub exp: u64,
    /// Its own name; no two have the same.
    pub jti: String,
}

impl core::fmt::Debug for Claims {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Claims(for {}, until {})", self.aud, self.exp)
    }
}

/// A token that was verified. Made by [`crate::Verifier::verify`] and [`crate::Gate::admit`] alone. `Debug` shows no pseudonym.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    claims: Claims,
}

impl Assertion {
    pub(crate) fn of(claims: Claims) -> Self {
        Self { claims }
    }

    /// The pseudonym of the person at the terminal, up to 96 characters: what the location gateway takes as an `msid` of type ASID. Keep
    /// it as what it is, a name of a person; do not log it.
    #[must_use]
    pub fn pseudonym(&self) -> &str {
        &self.claims.sub
    }

    /// The nonce that it repeats.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.claims.nonce
    }

    /// Its own name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.claims.jti
    }

    /// From when it holds no more, seconds since 1970.
    #[must_use]
    pub fn ends_s(&self) -> u64 {
        self.claims.exp
    }
}

impl core::fmt::Debug for Assertion {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Assertion(for {}, until {})", self.claims.aud, self.claims.exp)
    }
}
