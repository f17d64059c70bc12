//! Private keys of a collector, and epochs that phones unlocked for it.

use super::OpenError;
use crate::epoch::UNLOCK;
use crate::{EpochId, EpochKey, HeadError, KeyId, Suite};
use alloc::boxed::Box;
use alloc::vec::Vec;
use hpke::aead::{AesGcm128, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::{X25519HkdfSha256, XWing};
use hpke::rand_core::CryptoRng;
use hpke::{Deserializable, Kem, OpModeR, PskBundle, Serializable};
use zeroize::Zeroizing;

enum Secret {
    Small(<X25519HkdfSha256 as Kem>::PrivateKey),
    Hybrid(Box<<XWing as Kem>::PrivateKey>),
}

/// A private key. It has no printable form; [`CollectorPrivateKey::secret_octets`] is for the file or module that keeps it.
pub struct CollectorPrivateKey {
    id: KeyId,
    secret: Secret,
}

impl CollectorPrivateKey {
    /// Draws a pair; gives the public half for the key list.
    #[must_use]
    pub fn generate(id: KeyId, suite: Suite, rng: &mut impl CryptoRng) -> (Self, Vec<u8>) {
        match suite {
            Suite::Small => {
                let (secret, public) = X25519HkdfSha256::gen_keypair_with_rng(rng);
                (Self { id, secret: Secret::Small(secret) }, public.to_bytes().to_vec())
            }
            Suite::Hybrid => {
                let (secret, public) = XWing::gen_keypair_with_rng(rng);
                (Self { id, secret: Secret::Hybrid(Box::new(secret)) }, public.to_bytes().to_vec())
            }
        }
    }

    /// From the 32 octets that [`CollectorPrivateKey::secret_octets`] gave.
    #[must_use]
    pub fn from_octets(id: KeyId, suite: Suite, octets: &[u8]) -> Option<Self> {
        let secret = match suite {
            Suite::Small => Secret::Small(Deserializable::from_bytes(octets).ok()?),
            Suite::Hybrid => Secret::Hybrid(Box::new(Deserializable::from_bytes(octets).ok()?)),
        };
        Some(Self { id, secret })
    }

    /// The 32 octets of the key.
    #[must_use]
    pub fn secret_octets(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match &self.secret {
            Secret::Small(secret) => secret.to_bytes().to_vec(),
            Secret::Hybrid(secret) => secret.to_bytes().to_vec(),
        })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        match &self.secret {
            Secret::Small(secret) => X25519HkdfSha256::sk_to_pk(secret).to_bytes().to_vec(),
            Secret::Hybrid(secret) => XWing::sk_to_pk(secret).to_bytes().to_vec(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Its suite.
    #[must_use]
    pub fn suite(&self) -> Suite {
        match self.secret {
            Secret::Small(_) => Suite::Small,
            Secret::Hybrid(_) => Suite::Hybrid,
        }
    }

    /// The key of this name and suite.
    pub(super) fn find(keys: &[Self], id: KeyId, suite: Suite) -> Result<&Self, OpenError> {
        keys.iter().find(|key| key.id == id && key.suite() == suite).ok_or(OpenError::UnknownKey(id))
    }

    /// What a sender exported (RFC 9180 section 5.3).
    pub(super) fn export<const N: usize>(
        &self,
        encapsulated: &[u8],
        info: &[u8],
        epoch: &EpochKey,
        into: [(&[u8], &mut [u8]); N],
    ) -> Result<(), OpenError> {
        match &self.secret {
            Secret::Small(secret) => export::<AesGcm128, X25519HkdfSha256, N>(secret, encapsulated, info, epoch, into),
            Secret::Hybrid(secret) => export::<ChaCha20Poly1305, XWing, N>(secret, encapsulated, info, epoch, into),
        }
    }

    /// What a sender sealed once.
    pub(super) fn open(
        &self,
        encapsulated: &[u8],
        info: &[u8],
        epoch: Option<&EpochKey>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        match &self.secret {
            Secret::Small(secret) => open::<AesGcm128, X25519HkdfSha256>(secret, encapsulated, info, epoch, sealed),
            Secret::Hybrid(secret) => open::<ChaCha20Poly1305, XWing>(secret, encapsulated, info, epoch, sealed),
        }
        .map(Zeroizing::new)
    }
}

fn mode<K: Kem>(epoch: Option<&EpochKey>) -> Result<OpModeR<'_, K>, OpenError> {
    let Some(epoch) = epoch else { return Ok(OpModeR::Base) };
    PskBundle::new(&epoch.key, &epoch.id.0).map(OpModeR::Psk).map_err(|_| OpenError::Altered)
}

fn export<A: hpke::aead::Aead, K: Kem, const N: usize>(
    secret: &K::PrivateKey,
    encapsulated: &[u8],
    info: &[u8],
    epoch: &EpochKey,
    into: [(&[u8], &mut [u8]); N],
) -> Result<(), OpenError> {
    let encapsulated = K::EncappedKey::from_bytes(encapsulated).map_err(|_| OpenError::Altered)?;
    let mode = mode::<K>(Some(epoch))?;
    let context =
        hpke::setup_receiver::<A, HkdfSha256, K>(&mode, secret, &encapsulated, info).map_err(|_| OpenError::Altered)?;
    for (label, out) in into {
        context.export(label, out).map_err(|_| OpenError::Altered)?;
    }
    Ok(())
}

fn open<A: hpke::aead::Aead, K: Kem>(
    secret: &K::PrivateKey,
    encapsulated: &[u8],
    info: &[u8],
    epoch: Option<&EpochKey>,
    sealed: &[u8],
) -> Result<Vec<u8>, OpenError> {
    let encapsulated = K::EncappedKey::from_bytes(encapsulated).map_err(|_| OpenError::Altered)?;
    let mode = mode::<K>(epoch)?;
    hpke::single_shot_open::<A, HkdfSha256, K>(&mode, secret, &encapsulated, info, sealed, &[])
        .map_err(|_| OpenError::Altered)
}

/// An epoch whose key its phone sent. Keep it no longer than the upload: with it and the private key, the phone's segments open.
pub struct UnlockedEpoch(pub(super) EpochKey);

impl UnlockedEpoch {
    /// The epoch.
    #[must_use]
    pub fn id(&self) -> EpochId {
        self.0.id
    }
}

/// Opens an unlock message ([`EpochKey::unlock`]).
///
/// # Errors
/// [`OpenError::Head`] when it is not one, [`OpenError::UnknownKey`], [`OpenError::Altered`].
pub fn unlock(message: &[u8], keys: &[CollectorPrivateKey]) -> Result<UnlockedEpoch, OpenError> {
    let torn = OpenError::Head(HeadError::Torn);
    let rest = message.strip_prefix(&UNLOCK).ok_or(OpenError::Head(HeadError::Magic))?;
    let (suite, rest) = rest.split_first().ok_or(torn)?;
    let suite = Suite::from_code(*suite).ok_or(HeadError::Suite(*suite))?;
    let (key, rest) = rest.split_first_chunk::<8>().ok_or(torn)?;
    let (epoch, rest) = rest.split_first_chunk::<16>().ok_or(torn)?;
    let (encapsulated, sealed) = rest.split_at_checked(suite.encapsulated_len()).ok_or(torn)?;
    let info = message.get(..UNLOCK.len() + 1 + 8 + 16).ok_or(torn)?;
    let plaintext = CollectorPrivateKey::find(keys, KeyId(*key), suite)?.open(encapsulated, info, None, sealed)?;
    let key = plaintext.as_slice().try_into().map_err(|_| OpenError::Malformed)?;
    Ok(UnlockedEpoch(EpochKey { id: EpochId(*epoch), key }))
}
