//! The operator's public keys (RFC 7517).

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use serde_json::Value;

/// Most keys in a set.
const KEYS_MAX: usize = 16;
/// Longest document, octets.
const DOCUMENT_MAX: usize = 64 * 1024;
/// Longest key id, octets.
const ID_MAX: usize = 64;

/// The public keys that tokens are verified with, each under its id. ES256 alone (RFC 7518 section 3.4): the algorithm is fixed by the
/// key, never chosen by a token.
#[derive(Clone, Default)]
pub struct KeySet {
    keys: Vec<(String, DecodingKey)>,
}

/// Why a document is no set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Not a JWK set.
    #[error("not a JWK set (RFC 7517 section 5)")]
    Malformed,
    /// Longer than 64 KiB, or more than 16 keys of use.
    #[error("the JWK set is too long")]
    TooLong,
    /// Two keys of use have one id.
    #[error("two keys of the JWK set have the same kid")]
    Twice,
    /// None of its keys is for ES256 signatures and has an id.
    #[error("no key of the JWK set is a P-256 key for ES256 signatures with a kid")]
    None,
}

impl KeySet {
    /// Reads the operator's `/.well-known/jwks.json`. Keys of other kinds are passed over.
    ///
    /// # Errors
    /// Not a JWK set, too long, ambiguous, or without any key of use.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        #[derive(serde::Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        if json.len() > DOCUMENT_MAX {
            return Err(KeySetError::TooLong);
        }
        let document: Document = serde_json::from_slice(json).map_err(|_| KeySetError::Malformed)?;
        let mut keys: Vec<(String, DecodingKey)> = Vec::new();
        for (id, key) in document.keys.into_iter().filter_map(usable) {
            if keys.iter().any(|(known, _)| *known == id) {
                return Err(KeySetError::Twice);
            }
            if keys.len() == KEYS_MAX {
                return Err(KeySetError::TooLong);
            }
            keys.push((id, key));
        }
        if keys.is_empty() { Err(KeySetError::None) } else { Ok(Self { keys }) }
    }

    pub(crate) fn find(&self, id: &str) -> Option<&DecodingKey> {
        self.keys.iter().find(|(known, _)| known == id).map(|(_, key)| key)
    }
}

impl core::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|(id, _)| id)).finish()
    }
}

/// A key that signs by ES256 and says so, or says nothing against it.
fn usable(value: Value) -> Option<(String, DecodingKey)> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let AlgorithmParameters::EllipticCurve(parameters) = &jwk.algorithm else { return None };
    let sound = parameters.curve == EllipticCurve::P256
        && matches!(jwk.common.key_algorithm, None | Some(KeyAlgorithm::ES256))
        && matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let id = jwk.common.key_id.clone().filter(|id| (1..=ID_MAX).contains(&id.len()))?;
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    sound.then_some((id, key))
}

/// A public key as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    pub(crate) jwk: Jwk,
}

impl PublishedKey {
    /// Its id: the thumbprint of RFC 7638.
    #[must_use]
    pub fn id(&self) -> &str {
        self.jwk.common.key_id.as_deref().unwrap_or_default()
    }
}

/// The document with these keys, for `/.well-known/jwks.json`.
#[must_use]
pub fn key_set_json<'k>(keys: impl IntoIterator<Item = &'k PublishedKey>) -> String {
    let keys = keys.into_iter().map(|key| key.jwk.clone()).collect();
    // A set of keys has no map with keys other than text and no number that JSON lacks.
    serde_json::to_string(&JwkSet { keys }).unwrap_or_else(|_| "{\"keys\":[]}".to_owned())
}
