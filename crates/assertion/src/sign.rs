//! The operator's side: keys and signatures, by aws-lc.

use crate::claims::{Claims, TOKEN_TYPE};
use crate::keys::PublishedKey;
use aws_lc_rs::rand;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};

/// A private key that signs tokens by ES256. `Debug` shows its id alone.
#[derive(Clone)]
pub struct SigningKey {
    key: EncodingKey,
    published: PublishedKey,
}

/// Why nothing was signed, or no key was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Not a P-256 key in the form of PKCS#8 (RFC 5958).
    #[error("not a P-256 private key in PKCS#8")]
    Key,
    /// The system's random source failed.
    #[error("the system's random source failed; try again")]
    NoRandomness,
    /// Signing failed.
    #[error("the token could not be signed")]
    Failed,
}

impl SigningKey {
    /// A new private key in the form of PKCS#8: a secret.
    ///
    /// # Errors
    /// [`SignError::NoRandomness`].
    pub fn generate() -> Result<Vec<u8>, SignError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rand::SystemRandom::new());
        document.map(|document| document.as_ref().to_vec()).map_err(|_| SignError::NoRandomness)
    }

    /// Takes a key in the form of PKCS#8.
    ///
    /// # Errors
    /// [`SignError::Key`].
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SignError> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(|_| SignError::Key)?;
        let key = EncodingKey::from_ec_der(pkcs8);
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|_| SignError::Key)?;
        jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| SignError::Key)?);
        jwk.common.key_algorithm = Some(KeyAlgorithm::ES256);
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { key, published: PublishedKey { jwk } })
    }

    /// Its public half.
    #[must_use]
    pub fn published(&self) -> &PublishedKey {
        &self.published
    }

    /// Signs claims: the token.
    ///
    /// # Errors
    /// [`SignError::Failed`].
    pub fn sign(&self, claims: &Claims) -> Result<String, SignError> {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(self.published.id().to_owned());
        jsonwebtoken::encode(&header, claims, &self.key).map_err(|_| SignError::Failed)
    }
}

impl core::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SigningKey({})", self.published.id())
    }
}

/// A name that nobody can guess and none else has: 128 random bits, 22 characters.
///
/// # Errors
/// [`SignError::NoRandomness`].
pub fn random_id() -> Result<String, SignError> {
    let mut octets = [0u8; 16];
    rand::fill(&mut octets).map_err(|_| SignError::NoRandomness)?;
    Ok(Base64UrlUnpadded::encode_string(&octets))
}
