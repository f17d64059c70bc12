//! The two cipher suites of HPKE (RFC 9180), and the sender's half of them.

use crate::SealError;
use alloc::vec::Vec;
use hpke::aead::{AesGcm128, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::{X25519HkdfSha256, XWing};
use hpke::rand_core::CryptoRng;
use hpke::{Deserializable, Kem, OpModeS, PskBundle, Serializable};

/// Which algorithms seal to a collector's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-128-GCM 0x0001 (RFC 9180 section 7): for single reports.
    Small,
    /// X-Wing 0x647a (X25519 with ML-KEM-768), HKDF-SHA256 0x0001, ChaCha20-Poly1305 0x0003: for the log. What is logged today
    /// must stay closed to who records it and builds a quantum computer later.
    Hybrid,
}

impl Suite {
    /// Its number in heads and key lists.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Small => 1,
            Self::Hybrid => 2,
        }
    }

    /// The suite of a number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Small),
            2 => Some(Self::Hybrid),
            _ => None,
        }
    }

    /// Octets of a public key.
    #[must_use]
    pub const fn public_len(self) -> usize {
        match self {
            Self::Small => 32,
            Self::Hybrid => 1216,
        }
    }

    /// Octets of an encapsulated key.
    #[must_use]
    pub const fn encapsulated_len(self) -> usize {
        match self {
            Self::Small => 32,
            Self::Hybrid => 1120,
        }
    }

    /// Whether these octets are a public key of the suite.
    pub(crate) fn takes(self, public: &[u8]) -> bool {
        match self {
            Self::Small => <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public).is_ok(),
            Self::Hybrid => <XWing as Kem>::PublicKey::from_bytes(public).is_ok(),
        }
    }
}

/// A key that both sides know beside the key pair: the epoch key.
pub(crate) struct Psk<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) id: &'a [u8],
}

impl Psk<'_> {
    pub(crate) fn bundle(&self) -> Result<PskBundle<'_>, SealError> {
        PskBundle::new(self.key, self.id).map_err(|_| SealError::Internal)
    }
}

/// Sets a context up (RFC 9180 section 5.1.2), takes these exports (section 5.3) from it and drops it: the keys of the context itself
/// are never used. Gives the encapsulated key.
pub(crate) fn export<const N: usize>(
    suite: Suite,
    public: &[u8],
    info: &[u8],
    psk: &Psk<'_>,
    rng: &mut impl CryptoRng,
    into: [(&[u8], &mut [u8]); N],
) -> Result<Vec<u8>, SealError> {
    match suite {
        Suite::Small => export_with::<AesGcm128, X25519HkdfSha256, N>(public, info, psk, rng, into),
        Suite::Hybrid => export_with::<ChaCha20Poly1305, XWing, N>(public, info, psk, rng, into),
    }
}

fn export_with<A: hpke::aead::Aead, K: Kem, const N: usize>(
    public: &[u8],
    info: &[u8],
    psk: &Psk<'_>,
    rng: &mut impl CryptoRng,
    into: [(&[u8], &mut [u8]); N],
) -> Result<Vec<u8>, SealError> {
    let public = K::PublicKey::from_bytes(public).map_err(|_| SealError::CollectorKey)?;
    let mode = OpModeS::Psk(psk.bundle()?);
    let (encapsulated, context) = hpke::setup_sender_with_rng::<A, HkdfSha256, K>(&mode, &public, info, rng)
        .map_err(|_| SealError::CollectorKey)?;
    for (label, out) in into {
        context.export(label, out).map_err(|_| SealError::Internal)?;
    }
    Ok(encapsulated.to_bytes().to_vec())
}

/// Seals one message (RFC 9180 section 6.1), with no associated data: all that must be bound is in `info`. Gives the encapsulated key
/// and the ciphertext.
pub(crate) fn seal_once(
    suite: Suite,
    public: &[u8],
    info: &[u8],
    psk: Option<&Psk<'_>>,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<(Vec<u8>, Vec<u8>), SealError> {
    match suite {
        Suite::Small => seal_with::<AesGcm128, X25519HkdfSha256>(public, info, psk, plaintext, rng),
        Suite::Hybrid => seal_with::<ChaCha20Poly1305, XWing>(public, info, psk, plaintext, rng),
    }
}

fn seal_with<A: hpke::aead::Aead, K: Kem>(
    public: &[u8],
    info: &[u8],
    psk: Option<&Psk<'_>>,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<(Vec<u8>, Vec<u8>), SealError> {
    let public = K::PublicKey::from_bytes(public).map_err(|_| SealError::CollectorKey)?;
    let mode = match psk {
        Some(psk) => OpModeS::Psk(psk.bundle()?),
        None => OpModeS::Base,
    };
    let (encapsulated, sealed) =
        hpke::single_shot_seal_with_rng::<A, HkdfSha256, K>(&mode, &public, info, plaintext, &[], rng)
            .map_err(|_| SealError::CollectorKey)?;
    Ok((encapsulated.to_bytes().to_vec(), sealed))
}
