//! What the collector signs once it has made an upload durable. Only then does a phone delete.

use crate::keys::signed;
use crate::{EpochId, KeyId, KeyList, SegmentId};
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use thiserror::Error;

/// First octets of a receipt.
pub(crate) const RECEIPT: [u8; 5] = *b"MDTC\x01";
/// Segments and reports that a receipt may name.
pub const MAX_RECEIVED: usize = 1024;

/// One segment or report that is in safe hands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Received {
    /// Which.
    #[n(0)]
    pub segment: SegmentId,
    /// How many of its octets, from the first.
    #[n(1)]
    pub octets: u32,
}

/// A receipt for one epoch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Receipt {
    /// The key that signed.
    #[n(0)]
    pub key: KeyId,
    /// The epoch.
    #[n(1)]
    pub epoch: EpochId,
    /// When, seconds since 1970.
    #[n(2)]
    pub at_s: u64,
    /// What.
    #[n(3)]
    pub received: Vec<Received>,
}

/// A receipt counts for nothing; the phone keeps what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// Its octets are not those of a receipt.
    #[error("the receipt is malformed")]
    Malformed,
    /// The key list has no such key now.
    #[error("the receipt is signed by a key that the key list does not have")]
    Key,
    /// The key did not sign it.
    #[error("the signature of the receipt is wrong")]
    Signature,
}

impl Receipt {
    /// Reads a receipt and checks it against the key list.
    ///
    /// # Errors
    /// Why it counts for nothing.
    pub fn verify(octets: &[u8], keys: &KeyList, now_s: u64) -> Result<Self, ReceiptError> {
        // The name of the key is read before the signature is checked, and used for nothing but to find the key.
        let end = octets.len().saturating_sub(crate::keys::SIGNATURE);
        let body = octets.get(..end).and_then(|m| m.strip_prefix(&RECEIPT)).ok_or(ReceiptError::Malformed)?;
        let claimed: Self = minicbor::decode(body).map_err(|_| ReceiptError::Malformed)?;
        if claimed.received.len() > MAX_RECEIVED {
            return Err(ReceiptError::Malformed);
        }
        let key = keys.receipt_key(claimed.key, now_s).ok_or(ReceiptError::Key)?;
        signed(octets, &RECEIPT, &[key.public]).ok_or(ReceiptError::Signature)?;
        Ok(claimed)
    }
}
