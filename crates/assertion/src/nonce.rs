//! Nonces that need no memory: time and randomness under a key of the service's own.
//!
//! ```text
//! base 64 (RFC 4648 section 5) of   time 8 │ random 16 │ HMAC-SHA256 of both, first 16        54 characters
//! ```

use aws_lc_rs::{constant_time, hmac, rand};
use base64ct::{Base64UrlUnpadded, Encoding as _};

/// For how long the answer to a challenge is waited for, seconds: a person may be asked first.
const WAIT_S: u64 = 600;
const SIGNED: usize = 24;
const OCTETS: usize = 40;

/// Makes nonces, and knows its own again.
#[derive(Debug)]
pub struct Nonces {
    key: hmac::Key,
}

/// Why a nonce is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NonceError {
    /// Not of this service.
    #[error("the nonce is not of this service")]
    Foreign,
    /// Too old, or of the future.
    #[error("the nonce is not of this time")]
    Time,
    /// The system's random source failed.
    #[error("the system's random source failed; try again")]
    NoRandomness,
}

impl Nonces {
    /// With a fresh key: nonces hold as long as this lives.
    ///
    /// # Errors
    /// [`NonceError::NoRandomness`].
    pub fn new() -> Result<Self, NonceError> {
        let mut key = [0u8; 32];
        rand::fill(&mut key).map_err(|_| NonceError::NoRandomness)?;
        Ok(Self::with_key(&key))
    }

    /// With a key that several processes of a service share.
    #[must_use]
    pub fn with_key(key: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// A nonce of `now_s`, seconds since 1970.
    ///
    /// # Errors
    /// [`NonceError::NoRandomness`].
    pub fn issue(&self, now_s: u64) -> Result<String, NonceError> {
        let mut random = [0u8; 16];
        rand::fill(&mut random).map_err(|_| NonceError::NoRandomness)?;
        let mut octets = Vec::with_capacity(OCTETS);
        octets.extend(now_s.to_be_bytes());
        octets.extend(random);
        let tag = hmac::sign(&self.key, &octets);
        octets.extend(tag.as_ref().iter().take(OCTETS - SIGNED));
        Ok(Base64UrlUnpadded::encode_string(&octets))
    }

    /// Whether a nonce is one of these, not older than 600 s.
    ///
    /// # Errors
    /// [`NonceError::Foreign`], [`NonceError::Time`].
    pub fn judge(&self, nonce: &str, now_s: u64) -> Result<(), NonceError> {
        let mut buffer = [0u8; OCTETS];
        let octets = Base64UrlUnpadded::decode(nonce, &mut buffer).map_err(|_| NonceError::Foreign)?;
        let (signed, shown) = octets.split_at_checked(SIGNED).ok_or(NonceError::Foreign)?;
        let tag = hmac::sign(&self.key, signed);
        let tag = tag.as_ref().get(..OCTETS - SIGNED).ok_or(NonceError::Foreign)?;
        constant_time::verify_slices_are_equal(tag, shown).map_err(|_| NonceError::Foreign)?;
        let time = signed.first_chunk().map(|octets| u64::from_be_bytes(*octets)).ok_or(NonceError::Foreign)?;
        let current = time <= now_s && now_s - time <= WAIT_S;
        if current { Ok(()) } else { Err(NonceError::Time) }
    }
}
