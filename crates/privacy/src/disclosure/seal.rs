//! Sealing of records: who can read an entry, and who can tell which entries belong together.
//!
//! ```text
//! record = version 1 | time 8 | hint 2 | tag 16 | nonce 12 | AES-256-GCM-SIV(content, zero padded) | GCM tag 16
//!
//! master key ─HMAC─> subject key ─HMAC(salt)─> root of the subscriber ─F─> content key
//!            │                                                        ├F─> tag key;  tag = F(tag key, nonce)
//!            │                                                        └F─> bucket, 2 octets
//!            └HMAC─> hint key;  hint = bucket XOR F(hint key, nonce)
//! ```
//!
//! HMAC is HMAC-SHA256. F(key, input) is SHA-256(key, input) with a key of 32 octets and an input of one fixed length for
//! each use, the two together within one block: a keyed function by itself, for nothing can be appended. It costs a third of
//! HMAC, and is used once or twice for each entry where HMAC would be the greater part of the work.
//!
//! The salt is 16 random octets in the subscriber's record. Once it is destroyed, nobody can derive the two keys any more,
//! the holder of the master key included.

use super::checkpoint::Origin;
use super::content::{self, ContentError};
use super::entry::{Content, Entry};
use super::merkle::{Hash, hash};
use crate::consent::ConsentEntry;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use lcs::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Version of the record's format, its first octet.
const VERSION: u8 = 1;
const TIME: usize = 1;
const HINT: usize = 9;
const TAG: usize = 11;
const NONCE: usize = 27;
/// Octets before the ciphertext.
const CLEAR: usize = 39;
/// Octets that the cipher adds.
const OVERHEAD: usize = 16;
/// Content is padded to a multiple of this, so that its length says little: nearly every entry takes one block.
const BLOCK: usize = 256;
/// Longest record. Every text in it is cut, so that no content comes near.
pub(super) const RECORD_MAX: usize = CLEAR + 16 * BLOCK + OVERHEAD;

/// Random octets kept with a subscriber, without which the subscriber's entries can neither be read nor found.
///
/// Destroying every copy of them is what erases a subscriber from the disclosure log.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub struct SubjectSalt([u8; 16]);

impl SubjectSalt {
    /// A fresh salt from the system's random source; `None` if that source fails.
    #[must_use]
    pub fn random() -> Option<Self> {
        let mut salt = [0; 16];
        aws_lc_rs::rand::fill(&mut salt).ok()?;
        Some(Self(salt))
    }

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

/// Under whose key an entry is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A subscriber with a record.
    Subscriber(SubjectSalt),
    /// Nobody with a record: an unknown subscriber, an unresolved pseudonym, the log itself. The operator's own key.
    Operator,
}

/// The secret from which every key of sealed content derives. Whoever holds it and the salts reads everything.
#[derive(Clone, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// A fresh key from the system's random source; `None` if that source fails.
    #[must_use]
    pub fn random() -> Option<Self> {
        let mut key = Self([0; 32]);
        aws_lc_rs::rand::fill(&mut key.0).ok()?;
        Some(key)
    }

    /// From 32 octets.
    #[must_use]
    pub fn from_octets(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    pub(super) fn octets(&self) -> &[u8; 32] {
        &self.0
    }

    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        Zeroizing::new(first(hmac::sign(&master, purpose.as_bytes()).as_ref()))
    }
}

impl core::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MasterKey(hidden)")
    }
}

/// Why content could not be sealed. Nothing is recorded then, so nothing may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The system's random source or the cipher failed.
    #[error("the cryptographic library failed")]
    Crypto,
    /// The content cannot be encoded, or is longer than a record may be.
    #[error("the content does not fit a record")]
    Content,
}

/// Why a record could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenRecordError {
    /// The record is too short, or of a version that is not known.
    #[error("not a record of a version that this program knows")]
    Format,
    /// It belongs to another subject, or the salt was destroyed.
    #[error("sealed for another subject")]
    OtherSubject,
    /// The tag fits and the ciphertext does not: it was changed, or belongs to another log.
    #[error("the ciphertext does not authenticate")]
    Forged,
    /// Decrypted, and not understood.
    #[error(transparent)]
    Content(#[from] ContentError),
}

/// The function F: SHA-256 over key and input, at most 55 octets together.
fn keyed<const N: usize>(key: &[u8; 32], input: [u8; N]) -> Hash {
    const { assert!(N <= 23, "key and input fill no more than one block of SHA-256") };
    let mut block = Zeroizing::new([0_u8; 55]);
    block[..32].copy_from_slice(key);
    block[32..32 + N].copy_from_slice(&input);
    hash(&block[..32 + N])
}

/// The keys of one subject: opens that subject's records, and finds them.
pub struct SubjectKeys {
    content: Zeroizing<[u8; 32]>,
    tag: Zeroizing<[u8; 32]>,
    bucket: [u8; 2],
}

impl SubjectKeys {
    fn tag_of(&self, nonce: [u8; 12]) -> [u8; 16] {
        first(&keyed(&self.tag, nonce))
    }

    fn cipher(&self) -> Result<LessSafeKey, SealError> {
        let key = UnboundKey::new(&AES_256_GCM_SIV, &*self.content).map_err(|_| SealError::Crypto)?;
        Ok(LessSafeKey::new(key))
    }

    /// Number that [`Sealer::bucket_of`] gives for this subject's records: an index over many subjects.
    #[must_use]
    pub fn bucket(&self) -> u16 {
        u16::from_be_bytes(self.bucket)
    }
}

/// Seals and opens the records of one log.
pub struct Sealer {
    origin: Hash,
    subject: hmac::Key,
    hint: Zeroizing<[u8; 32]>,
    /// Secret of this run, from which nonces are drawn.
    nonces: Zeroizing<[u8; 32]>,
    drawn: AtomicU64,
}

impl core::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sealer(hidden)")
    }
}

impl Sealer {
    /// For the log of this origin. A record sealed for one log does not open as one of another. `None` if the system's
    /// random source fails.
    #[must_use]
    pub fn new(master: &MasterKey, origin: &Origin) -> Option<Self> {
        let mut nonces = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(&mut *nonces).ok()?;
        Some(Self {
            origin: hash(origin.as_str().as_bytes()),
            subject: hmac::Key::new(hmac::HMAC_SHA256, &*master.derive("wherefore disclosure subject v1")),
            hint: master.derive("wherefore disclosure hint v1"),
            nonces,
            drawn: AtomicU64::new(0),
        })
    }

    /// The keys of a subject.
    #[must_use]
    pub fn subject(&self, subject: &Subject) -> SubjectKeys {
        // The first octet keeps the operator's context apart from every salt.
        let mut context = Zeroizing::new([0_u8; 17]);
        let context: &[u8] = match subject {
            Subject::Subscriber(salt) => {
                context[0] = 1;
                context[1..].copy_from_slice(&salt.0);
                &*context
            }
            Subject::Operator => &[2],
        };
        let root = Zeroizing::new(first(hmac::sign(&self.subject, context).as_ref()));
        SubjectKeys {
            content: Zeroizing::new(keyed(&root, *b"content")),
            tag: Zeroizing::new(keyed(&root, *b"tag")),
            bucket: first(&keyed(&root, *b"bucket")),
        }
    }

    /// A nonce that this run has not drawn before. Should a copy of this process draw the same, the cipher is one that
    /// gives away no more than that two contents of one subject are equal.
    fn nonce(&self, time: Timestamp) -> [u8; 12] {
        let mut input = [0; 16];
        input[..8].copy_from_slice(&self.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        input[8..].copy_from_slice(&time.micros().to_be_bytes());
        first(&keyed(&self.nonces, input))
    }

    /// Seals `content` for `subject`, with `time` in the clear. The position in the log is not known yet: the Merkle tree
    /// binds it; the cipher binds the origin of the log and everything in the clear.
    pub fn seal(&self, content: &Content, time: Timestamp, subject: &Subject) -> Result<Vec<u8>, SealError> {
        self.seal_with(time, subject, |out| content::encode(content, out))
    }

    /// Like [`seal`](Self::seal), for an entry that is not boxed.
    pub(super) fn seal_entry(&self, entry: &Entry, subject: &Subject) -> Result<Vec<u8>, SealError> {
        self.seal_with(entry.facts.time, subject, |out| content::encode_entry(entry, out))
    }

    /// Like [`seal`](Self::seal), for a change in the consent register.
    pub(super) fn seal_consent(&self, entry: &ConsentEntry, subject: &Subject) -> Result<Vec<u8>, SealError> {
        self.seal_with(entry.time, subject, |out| content::encode_consent(entry, out))
    }

    fn seal_with(
        &self,
        time: Timestamp,
        subject: &Subject,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<(), ContentError>,
    ) -> Result<Vec<u8>, SealError> {
        let keys = self.subject(subject);
        let nonce = self.nonce(time);
        let mut record = Vec::with_capacity(CLEAR + BLOCK + OVERHEAD);
        record.push(VERSION);
        record.extend_from_slice(&time.secs().to_be_bytes());
        record.extend_from_slice(&xor(keys.bucket, self.hint_mask(nonce)));
        record.extend_from_slice(&keys.tag_of(nonce));
        record.extend_from_slice(&nonce);
        encode(&mut record).map_err(|_| SealError::Content)?;
        let padded = CLEAR + (record.len() - CLEAR).div_ceil(BLOCK) * BLOCK;
        record.resize(padded, 0);
        if record.len() + OVERHEAD > RECORD_MAX {
            record.zeroize();
            return Err(SealError::Content);
        }
        let (clear, secret) = record.split_at_mut(CLEAR);
        let aad = self.associated(clear);
        let sealed =
            keys.cipher()?.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), secret);
        let Ok(tag) = sealed else {
            record.zeroize();
            return Err(SealError::Crypto);
        };
        record.extend_from_slice(tag.as_ref());
        Ok(record)
    }

    /// Whether a record belongs to the subject of these keys.
    #[must_use]
    pub fn belongs(&self, record: &[u8], keys: &SubjectKeys) -> bool {
        let Some((tag, nonce)) = record.get(TAG..NONCE).zip(record.get(NONCE..CLEAR)) else { return false };
        keys.tag_of(first(nonce)).ct_eq(tag).into()
    }

    /// Opens a record with the keys of its subject.
    pub fn open(&self, record: &[u8], keys: &SubjectKeys) -> Result<Content, OpenRecordError> {
        let (clear, secret) = record.split_at_checked(CLEAR).ok_or(OpenRecordError::Format)?;
        if clear.first() != Some(&VERSION) {
            return Err(OpenRecordError::Format);
        }
        if !self.belongs(record, keys) {
            return Err(OpenRecordError::OtherSubject);
        }
        let nonce = Nonce::assume_unique_for_key(first(clear.get(NONCE..).unwrap_or_default()));
        let mut secret = Zeroizing::new(secret.to_vec());
        let cipher = keys.cipher().map_err(|_| OpenRecordError::Forged)?;
        let plain = cipher
            .open_in_place(nonce, Aad::from(self.associated(clear)), &mut secret)
            .map_err(|_| OpenRecordError::Forged)?;
        Ok(content::decode(plain)?)
    }

    /// The bucket of a record's subject, to look candidates up by [`SubjectKeys::bucket`]; `None` if it is no record.
    #[must_use]
    pub fn bucket_of(&self, record: &[u8]) -> Option<u16> {
        let hint: [u8; 2] = record.get(HINT..TAG)?.try_into().ok()?;
        let mask = self.hint_mask(first(record.get(NONCE..CLEAR)?));
        Some(u16::from_be_bytes(xor(hint, mask)))
    }

    fn hint_mask(&self, nonce: [u8; 12]) -> [u8; 2] {
        first(&keyed(&self.hint, nonce))
    }

    fn associated(&self, clear: &[u8]) -> [u8; 32 + CLEAR] {
        let mut aad = [0; 32 + CLEAR];
        aad[..32].copy_from_slice(&self.origin);
        aad[32..].iter_mut().zip(clear).for_each(|(to, from)| *to = *from);
        aad
    }
}

/// Time in the clear of a record, whole seconds; `None` if it is no record.
#[must_use]
pub fn record_time(record: &[u8]) -> Option<Timestamp> {
    let secs: [u8; 8] = record.get(TIME..HINT)?.try_into().ok()?;
    Some(Timestamp::from_secs(u64::from_be_bytes(secs)))
}

/// The first `N` octets, zeros if there are fewer.
fn first<const N: usize>(octets: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
    out
}

fn xor(a: [u8; 2], b: [u8; 2]) -> [u8; 2] {
    [a[0] ^ b[0], a[1] ^ b[1]]
}
