//! The second lock: an epoch key that must be there to open, and can be destroyed.

use crate::suite::{Psk, seal_once};
use crate::{CollectorKey, EpochId, SealError, SegmentId};
use alloc::vec::Vec;
use hpke::rand_core::CryptoRng;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// First octets of an unlock message.
pub(crate) const UNLOCK: [u8; 5] = *b"MDTU\x01";

/// The key of an epoch. Whoever seals binds it into every record; once it is destroyed, not even the collector's private key opens them.
///
/// It has no printable form, and it alone opens nothing.
#[derive(Zeroize, ZeroizeOnDrop, Encode, Decode)]
#[cbor(array)]
pub struct EpochKey {
    #[zeroize(skip)]
    #[n(0)]
    pub(crate) id: EpochId,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub(crate) key: [u8; 32],
}

impl EpochKey {
    /// Draws a new one.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut new = Self { id: EpochId([0; 16]), key: [0; 32] };
        rng.fill_bytes(&mut new.id.0);
        rng.fill_bytes(&mut new.key);
        new
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> EpochId {
        self.id
    }

    pub(crate) fn psk(&self) -> Psk<'_> {
        Psk { key: &self.key, id: &self.id.0 }
    }

    /// Seals the epoch key itself to the collector: sent with the segments, inside the same TLS connection, and never written anywhere.
    ///
    /// # Errors
    /// [`SealError::CollectorKey`] when the key cannot be sealed to.
    pub fn unlock(&self, to: &CollectorKey, rng: &mut impl CryptoRng) -> Result<Vec<u8>, SealError> {
        let mut message = Vec::with_capacity(30 + to.suite().encapsulated_len() + 48);
        message.extend_from_slice(&UNLOCK);
        message.push(to.suite().code());
        message.extend_from_slice(&to.id().0);
        message.extend_from_slice(&self.id.0);
        let (encapsulated, sealed) = seal_once(to.suite(), to.public(), &message, None, &self.key, rng)?;
        message.extend_from_slice(&encapsulated);
        message.extend_from_slice(&sealed);
        Ok(message)
    }
}

/// A secret of the device, in its protected store, from which erasure tokens come. It has no printable form.
#[derive(Zeroize, ZeroizeOnDrop, Encode, Decode)]
#[cbor(transparent)]
pub struct DeviceSecret(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    [u8; 32],
);

impl DeviceSecret {
    /// Draws a new one.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut new = Self([0; 32]);
        rng.fill_bytes(&mut new.0);
        new
    }

    /// The token of a segment or report.
    #[must_use]
    pub fn erasure_token(&self, segment: SegmentId) -> ErasureToken {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(b"mdt-log erase").update(&segment.0);
        let token = ErasureToken(*hasher.finalize().as_bytes());
        hasher.zeroize();
        token
    }
}

/// Shown to a collector, it erases or exports what one segment or report became there, with no identity of anybody.
#[derive(Clone, PartialEq, Eq)]
pub struct ErasureToken(pub [u8; 32]);

impl ErasureToken {
    /// What a head says of it: SHA-256.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}
