//! The collector's keys, as a list signed by a root that is kept offline.

use crate::{KeyId, ReportHead, SegmentHead, Suite};
use alloc::vec::Vec;
use ed25519_dalek::{Signature, VerifyingKey};
use minicbor::{Decode, Encode};
use thiserror::Error;

/// Keys that a list may have.
pub const MAX_KEYS: usize = 32;
/// First octets of a key list.
pub(crate) const LIST: [u8; 5] = *b"MDTK\x01";
/// Octets of a signature.
pub(crate) const SIGNATURE: usize = 64;

/// A key of the collector that logs are sealed to. Its private half lives as long as logs under it may arrive, and is then destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CollectorKey {
    #[n(0)]
    id: KeyId,
    #[n(1)]
    tce_id: u8,
    #[n(2)]
    suite: u8,
    #[n(3)]
    from_s: u64,
    #[n(4)]
    until_s: u64,
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
    public: Vec<u8>,
}

impl CollectorKey {
    /// A key, checked to be one of its suite. Valid from `from_s` until before `until_s`, seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn new(id: KeyId, tce_id: u8, suite: Suite, from_s: u64, until_s: u64, public: Vec<u8>) -> Option<Self> {
        let key = Self { id, tce_id, suite: suite.code(), from_s, until_s, public };
        key.is_sound().then_some(key)
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The trace collection entity that has it (TS 32.422 clause 5.10.11).
    #[must_use]
    pub fn tce_id(&self) -> u8 {
        self.tce_id
    }

    /// Its suite.
    #[must_use]
    pub fn suite(&self) -> Suite {
        // Made and read with a known one only.
        Suite::from_code(self.suite).unwrap_or(Suite::Hybrid)
    }

    /// From when on it is sealed to, seconds since 1970.
    #[must_use]
    pub fn from_s(&self) -> u64 {
        self.from_s
    }

    /// From when on it is not sealed to any more, seconds since 1970.
    #[must_use]
    pub fn until_s(&self) -> u64 {
        self.until_s
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    fn is_sound(&self) -> bool {
        Suite::from_code(self.suite).is_some_and(|suite| suite.takes(&self.public)) && self.from_s < self.until_s
    }
}

/// The key with which a collector signs receipts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReceiptKey {
    /// Its name.
    #[n(0)]
    pub id: KeyId,
    /// From when on it signs, seconds since 1970.
    #[n(1)]
    pub from_s: u64,
    /// From when on its signatures are not taken any more, seconds since 1970.
    #[n(2)]
    pub until_s: u64,
    /// Ed25519 public key (RFC 8032).
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub public: [u8; 32],
}

/// What the operator publishes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeyList {
    /// Grows with every list: an older one is refused.
    #[n(0)]
    pub version: u64,
    /// When it was signed, seconds since 1970.
    #[n(1)]
    pub issued_s: u64,
    /// From when on it is not taken any more, seconds since 1970.
    #[n(2)]
    pub expires_s: u64,
    /// Keys to seal to.
    #[n(3)]
    pub keys: Vec<CollectorKey>,
    /// Keys that sign receipts.
    #[n(4)]
    pub receipts: Vec<ReceiptKey>,
}

/// A list is not taken; the one before stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyListError {
    /// Its octets are not those of a list.
    #[error("the key list is malformed")]
    Malformed,
    /// No root key signed it.
    #[error("no root key signed the key list")]
    Signature,
    /// A newer one was seen: somebody sends an old one again.
    #[error("the key list has version {offered}, version {known} was seen")]
    Older {
        /// Version of the list in hand.
        known: u64,
        /// Version of this list.
        offered: u64,
    },
    /// Its time is over.
    #[error("the key list expired")]
    Expired,
}

impl KeyList {
    /// Takes a list that one of these roots signed (Ed25519), that is not older than `known`, the version seen last, and that has not
    /// expired at `now_s`, seconds since 1970. Two roots are given while one replaces the other.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn verify(octets: &[u8], roots: &[[u8; 32]], known: u64, now_s: u64) -> Result<Self, KeyListError> {
        let body = signed(octets, &LIST, roots).ok_or(KeyListError::Signature)?;
        let list: Self = minicbor::decode(body).map_err(|_| KeyListError::Malformed)?;
        let fits = list.keys.len() <= MAX_KEYS && list.receipts.len() <= MAX_KEYS;
        if !fits || !list.keys.iter().all(CollectorKey::is_sound) {
            return Err(KeyListError::Malformed);
        }
        if list.version < known {
            return Err(KeyListError::Older { known, offered: list.version });
        }
        if list.expires_s <= now_s {
            return Err(KeyListError::Expired);
        }
        Ok(list)
    }

    /// The key to seal to: of this collection entity and suite, valid at `now_s`, the newest. Nothing for an entity that the list does
    /// not know: a job for it is refused, whoever sent it.
    #[must_use]
    pub fn collector(&self, tce_id: u8, suite: Suite, now_s: u64) -> Option<&CollectorKey> {
        if self.expires_s <= now_s {
            return None;
        }
        let valid = |key: &&CollectorKey| key.from_s <= now_s && now_s < key.until_s;
        self.keys
            .iter()
            .filter(|key| key.tce_id == tce_id && key.suite() == suite)
            .filter(valid)
            .max_by_key(|k| k.from_s)
    }

    /// The key that the log of this collection entity is sealed to at `now_s`, and the second lock of whatever goes there: hybrid, or the
    /// small one where there is no other.
    #[must_use]
    pub fn preferred(&self, tce_id: u8, now_s: u64) -> Option<&CollectorKey> {
        [Suite::Hybrid, Suite::Small].into_iter().find_map(|suite| self.collector(tce_id, suite, now_s))
    }

    /// The key that the second lock of a sealed segment or report is sealed to at `now_s`: of the collection entity that its head names.
    /// `sealed` may end after the head and its encapsulated key.
    #[must_use]
    pub fn unlocking(&self, sealed: &[u8], now_s: u64) -> Option<&CollectorKey> {
        let tce_id = match SegmentHead::parse(sealed) {
            Ok(segment) => segment.head.job.tce_id,
            Err(_) => {
                let named = ReportHead::parse(sealed).ok()?.head.key;
                self.keys.iter().find(|key| key.id == named)?.tce_id
            }
        };
        self.preferred(tce_id, now_s)
    }

    /// The key of this name that signs receipts at `now_s`.
    #[must_use]
    pub fn receipt_key(&self, id: KeyId, now_s: u64) -> Option<&ReceiptKey> {
        self.receipts.iter().find(|key| key.id == id && key.from_s <= now_s && now_s < key.until_s)
    }
}

/// The CBOR between magic and signature, when one of these keys signed all before the signature.
pub(crate) fn signed<'a>(octets: &'a [u8], magic: &[u8; 5], by: &[[u8; 32]]) -> Option<&'a [u8]> {
    let (message, signature) = octets.split_last_chunk::<SIGNATURE>()?;
    let body = message.strip_prefix(magic)?;
    let signature = Signature::from_bytes(signature);
    let valid =
        |key: &[u8; 32]| VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok());
    by.iter().any(valid).then_some(body)
}
