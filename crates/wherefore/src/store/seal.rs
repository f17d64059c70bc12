//! Sealing values at rest, each bound to its place, and finding subscribers by keyed hash.
//!
//! ```text
//! value = version 1 | nonce 12 | AES-256-GCM-SIV(plain) with its tag     associated data: table 0 column 0 row
//! hash  = HMAC-SHA-256(kind, digits as one word)
//! ```

use super::StoreError;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use lcs::{Digits, Identities};
use zeroize::Zeroizing;

/// Version of the form of a sealed value, its first octet.
const VERSION: u8 = 1;
const NONCE: usize = 12;

/// Name of a row: random, 16 octets.
pub(super) type RowId = [u8; 16];

/// Where a sealed value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    pub(super) row: &'a [u8],
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        // Names hold no zero octet, so no two places make the same octets.
        [self.table.as_bytes(), b"\0", self.column.as_bytes(), b"\0", self.row].concat()
    }

    fn unreadable(&self) -> StoreError {
        StoreError::Unreadable { table: self.table, column: self.column }
    }
}

/// The keys of the store.
pub(super) struct Sealing {
    cipher: LessSafeKey,
    lookup: hmac::Key,
}

/// Keyed hashes of a subscriber's identities.
pub(super) struct Hashes {
    pub(super) imsi: Option<Vec<u8>>,
    pub(super) msisdn: Option<Vec<u8>>,
}

impl Sealing {
    pub(super) fn new(key: &[u8; 32]) -> Result<Self, StoreError> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, key);
        let derive = |purpose: &str| hmac::sign(&master, purpose.as_bytes());
        let cipher = UnboundKey::new(&AES_256_GCM_SIV, derive("wherefore store seal v1").as_ref());
        let lookup = hmac::Key::new(hmac::HMAC_SHA256, derive("wherefore store lookup v1").as_ref());
        Ok(Self { cipher: LessSafeKey::new(cipher.map_err(|_| StoreError::Seal)?), lookup })
    }

    pub(super) fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| StoreError::Seal)?;
        // Room for the tag, so that plain text is not left behind in a block that grew.
        let mut secret = Vec::with_capacity(plain.len() + 16);
        secret.extend_from_slice(plain);
        self.cipher
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.associated_data()),
                &mut secret,
            )
            .map_err(|_| StoreError::Seal)?;
        Ok([&[VERSION], nonce.as_slice(), &secret].concat())
    }

    pub(super) fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let (version, rest) = sealed.split_first().ok_or_else(|| place.unreadable())?;
        let (nonce, secret) = rest.split_first_chunk::<NONCE>().ok_or_else(|| place.unreadable())?;
        if *version != VERSION {
            return Err(place.unreadable());
        }
        let mut secret = Zeroizing::new(secret.to_vec());
        let aad = Aad::from(place.associated_data());
        let plain = self.cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut secret);
        let length = plain.map_err(|_| place.unreadable())?.len();
        secret.truncate(length);
        Ok(secret)
    }

    /// Seals JSON.
    pub(super) fn seal_json(&self, place: &Place<'_>, value: &impl serde::Serialize) -> Result<Vec<u8>, StoreError> {
        let json = Zeroizing::new(serde_json::to_vec(value).map_err(|_| StoreError::Seal)?);
        self.seal(place, &json)
    }

    /// Opens JSON.
    pub(super) fn open_json<T: serde::de::DeserializeOwned>(
        &self,
        place: &Place<'_>,
        sealed: &[u8],
    ) -> Result<T, StoreError> {
        let json = self.open(place, sealed)?;
        serde_json::from_slice(&json).map_err(|_| place.unreadable())
    }

    fn hash(&self, kind: u8, digits: Digits) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.lookup);
        context.update(&[kind]);
        context.update(&digits.to_word().to_be_bytes());
        context.sign().as_ref().to_vec()
    }

    /// The name of a row that is found by a text of this purpose: its keyed hash.
    pub(super) fn name(&self, purpose: &'static str, text: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.lookup);
        // Kinds of identities are 1 and 2, so a purpose, whose first octet is a letter, never makes the same octets.
        context.update(purpose.as_bytes());
        context.update(b"\0");
        context.update(text);
        context.sign().as_ref().to_vec()
    }

    /// What the identities are found by.
    pub(super) fn hashes(&self, identities: &Identities) -> Hashes {
        Hashes {
            imsi: identities.imsi.map(|imsi| self.hash(1, imsi.expose_digits())),
            msisdn: identities.msisdn.map(|msisdn| self.hash(2, msisdn.expose_digits())),
        }
    }
}

/// A fresh name for a row.
pub(super) fn fresh_row() -> Result<RowId, StoreError> {
    let mut row = [0; 16];
    aws_lc_rs::rand::fill(&mut row).map_err(|_| StoreError::Seal)?;
    Ok(row)
}
