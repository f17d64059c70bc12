//! Tokens verified: everything that RFC 8725 says of it, and what is particular here.

use crate::claims::{Assertion, Claims, TOKEN_TYPE};
use crate::keys::KeySet;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};

/// Longest token, octets.
const TOKEN_MAX: usize = 4096;
/// Longest that a token may hold, seconds; those of an operator that gives longer ones are not for presenting at once.
const LIFE_MAX_S: u64 = 600;
/// By how much the clocks of operator and service may differ, seconds.
const LEEWAY_S: u64 = 30;
/// Longest subject, characters: that of a pseudonym (`docs/pseudonyms.md`).
const SUBJECT_MAX: usize = 96;

/// Verifies tokens of one operator for one client.
#[derive(Debug, Clone)]
pub struct Verifier {
    issuer: String,
    audience: String,
    keys: KeySet,
}

/// Why a token is refused. Tell the other side none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not a token, or not one of the claims that must be there, each once and of its type.
    #[error("not a token of this kind")]
    Malformed,
    /// Longer than 4096 octets.
    #[error("the token is too long")]
    TooLong,
    /// Its header says another algorithm than ES256: `none` and HS256 among them.
    #[error("the token is not signed by ES256")]
    Algorithm,
    /// Its header is of another kind of token, or wants to be understood in parts that are not.
    #[error("the token is of another type, or has critical headers")]
    Kind,
    /// No key has its id. Fetch the operator's keys again, not more often than each minute, and try once more.
    #[error("the token names a key that is not known; fetch the operator's keys again")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("the signature is wrong")]
    Signature,
    /// Another issuer.
    #[error("the token is of another issuer")]
    Issuer,
    /// For somebody else.
    #[error("the token is for another client")]
    Audience,
    /// Not any more.
    #[error("the token has expired")]
    Expired,
    /// Issued in the future.
    #[error("the token is of the future; set the clock right")]
    Future,
    /// Holds for too long, or ends before it begins.
    #[error("the token holds for longer than 600 s")]
    Life,
}

impl Verifier {
    /// Verifies tokens that the operator of this origin gives for this account. The issuer is compared octet for octet.
    #[must_use]
    pub fn new(issuer: &str, audience: &str, keys: KeySet) -> Self {
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), keys }
    }

    /// The account that it verifies for.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Takes other keys, those that the operator publishes now.
    pub fn replace_keys(&mut self, keys: KeySet) {
        self.keys = keys;
    }

    /// Verifies a token at `now_s`, seconds since 1970. Whether its nonce is the right one, and whether it was seen before, is not
    /// looked at here: see [`crate::Gate`].
    ///
    /// # Errors
    /// What is wrong with it; nothing is to be believed then.
    pub fn verify(&self, token: &str, now_s: u64) -> Result<Assertion, VerifyError> {
        if token.len() > TOKEN_MAX {
            return Err(VerifyError::TooLong);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|error| match error.kind() {
            // An algorithm that the library does not know, as `none`, is no variant of its type.
            ErrorKind::Json(_) if token.split('.').count() == 3 => VerifyError::Algorithm,
            _ => VerifyError::Malformed,
        })?;
        if header.alg != Algorithm::ES256 {
            return Err(VerifyError::Algorithm);
        }
        let kind = header.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case(TOKEN_TYPE));
        if !kind || header.crit.is_some() || header.enc.is_some() || header.zip.is_some() {
            return Err(VerifyError::Kind);
        }
        // Keys in the header itself, or at a URL in it, are anybody's.
        let key = header.kid.and_then(|id| self.keys.find(&id)).ok_or(VerifyError::UnknownKey)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &signature_alone());
        let claims = claims.map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => VerifyError::Signature,
            _ => VerifyError::Malformed,
        })?;
        self.judge(claims.claims, now_s)
    }

    fn judge(&self, claims: Claims, now_s: u64) -> Result<Assertion, VerifyError> {
        let visible = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
        if !(1..=SUBJECT_MAX).contains(&claims.sub.len()) || !visible(&claims.sub) || claims.jti.is_empty() {
            return Err(VerifyError::Malformed);
        }
        if claims.iss != self.issuer {
            return Err(VerifyError::Issuer);
        }
        if claims.aud != self.audience {
            return Err(VerifyError::Audience);
        }
        if claims.exp <= claims.iat || claims.exp - claims.iat > LIFE_MAX_S {
            return Err(VerifyError::Life);
        }
        if claims.iat > now_s.saturating_add(LEEWAY_S) {
            return Err(VerifyError::Future);
        }
        if claims.exp.saturating_add(LEEWAY_S) <= now_s {
            return Err(VerifyError::Expired);
        }
        Ok(Assertion::of(claims))
    }
}

/// The claims are judged here, against the time that the caller says.
fn signature_alone() -> Validation {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}
