//! Signs key lists (the root, offline) and receipts (the collector).

use super::OpenError;
use crate::keys::LIST;
use crate::receipt::{ERASURE, MAX_RECEIVED, RECEIPT};
use crate::{EpochId, ErasureReceipt, KeyId, KeyList, MAX_KEYS, Receipt, Received};
use alloc::vec::Vec;
use ed25519_dalek::{Signer, SigningKey};

fn sign(key: &SigningKey, magic: &[u8; 5], body: &[u8]) -> Vec<u8> {
    let mut message = magic.to_vec();
    message.extend_from_slice(body);
    let signature = key.sign(&message);
    message.extend_from_slice(&signature.to_bytes());
    message
}

/// The root's signing key. Meant for a machine without a network. It has no printable form.
pub struct RootSigner(SigningKey);

impl RootSigner {
    /// From its seed (RFC 8032 section 5.1.5).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// What phones are given: the root to trust.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs a list.
    ///
    /// # Errors
    /// [`OpenError::Malformed`] when it has more than [`MAX_KEYS`] keys of a kind, which no phone would take.
    pub fn sign(&self, list: &KeyList) -> Result<Vec<u8>, OpenError> {
        if list.keys.len() > MAX_KEYS || list.receipts.len() > MAX_KEYS {
            return Err(OpenError::Malformed);
        }
        let body = minicbor::to_vec(list).map_err(|_| OpenError::Malformed)?;
        Ok(sign(&self.0, &LIST, &body))
    }
}

/// The collector's key for receipts. It has no printable form.
pub struct ReceiptSigner {
    id: KeyId,
    key: SigningKey,
}

impl ReceiptSigner {
    /// From its seed (RFC 8032 section 5.1.5).
    #[must_use]
    pub fn from_seed(id: KeyId, seed: &[u8; 32]) -> Self {
        Self { id, key: SigningKey::from_bytes(seed) }
    }

    /// Its name in the key list.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What the key list says of it.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// Signs that all this is durable, at `at_s` seconds since 1970. The same facts give the same octets, so a receipt can be repeated.
    ///
    /// # Errors
    /// [`OpenError::Malformed`] when more than [`MAX_RECEIVED`] are named: sign several.
    pub fn sign(&self, epoch: EpochId, at_s: u64, received: Vec<Received>) -> Result<Vec<u8>, OpenError> {
        if received.len() > MAX_RECEIVED {
            return Err(OpenError::Malformed);
        }
        let receipt = Receipt { key: self.id, epoch, at_s, received };
        let body = minicbor::to_vec(&receipt).map_err(|_| OpenError::Malformed)?;
        Ok(sign(&self.key, &RECEIPT, &body))
    }

    /// Signs that what became of the log with this commitment is gone: so many rows, at `at_s` seconds since 1970.
    ///
    /// # Errors
    /// Never in practice: memory takes whatever is written.
    pub fn sign_erasure(&self, commitment: [u8; 32], at_s: u64, rows: u64) -> Result<Vec<u8>, OpenError> {
        let receipt = ErasureReceipt { key: self.id, commitment, at_s, rows };
        let body = minicbor::to_vec(&receipt).map_err(|_| OpenError::Malformed)?;
        Ok(sign(&self.key, &ERASURE, &body))
    }
}
