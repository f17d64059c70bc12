//! What the collector signs once it has made an upload durable. Only then does a phone delete.

use crate::keys::signed;
use crate::{EpochId, KeyId, KeyList, SegmentId};
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use thiserror::Error;

/// First octets of a receipt.
pub(crate) const RECEIPT: [u8; 5] = *b"MDTC\x01";
/// First octets of a receipt for an erasure.
pub(crate) const ERASURE: [u8; 5] = *b"MDTE\x01";
/// Segments and reports that a receipt may name.
pub const MAX_RECEIVED: usize = 1024;

/// One segment or report that is in safe hands, or was refused for good: either way the phone need not keep it.
///
/// Why records are not kept is told in two counts alone, so that nobody who sees a receipt learns whether it was the job, the network or
/// the register that said no.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Received {
    /// Which.
    #[n(0)]
    pub segment: SegmentId,
    /// How many of its octets, from the first.
    #[n(1)]
    pub octets: u32,
    /// SHA-256 of those octets, as they were received.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub digest: [u8; 32],
    /// Records of which a row is kept.
    #[n(3)]
    pub kept: u32,
    /// Records that may not be kept. Of what was not opened: its frames.
    #[n(4)]
    pub not_wanted: u32,
    /// Records that are missing, do not open, or cannot be read.
    #[n(5)]
    pub unreadable: u32,
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
        let claimed: Self = verify(octets, &RECEIPT, keys, now_s, |claimed: &Self| claimed.key)?;
        if claimed.received.len() > MAX_RECEIVED { Err(ReceiptError::Malformed) } else { Ok(claimed) }
    }
}

/// A receipt for an erasure by token: what became of a segment or report is gone from the collector.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ErasureReceipt {
    /// The key that signed.
    #[n(0)]
    pub key: KeyId,
    /// SHA-256 of the token that was shown.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub commitment: [u8; 32],
    /// When, seconds since 1970.
    #[n(2)]
    pub at_s: u64,
    /// Rows that were erased: none when there were none, or they were erased before.
    #[n(3)]
    pub rows: u64,
}

impl ErasureReceipt {
    /// Reads a receipt and checks it against the key list.
    ///
    /// # Errors
    /// Why it counts for nothing.
    pub fn verify(octets: &[u8], keys: &KeyList, now_s: u64) -> Result<Self, ReceiptError> {
        verify(octets, &ERASURE, keys, now_s, |claimed: &Self| claimed.key)
    }
}

fn verify<'a, T: Decode<'a, ()>>(
    octets: &'a [u8],
    magic: &[u8; 5],
    keys: &KeyList,
    now_s: u64,
    key: impl Fn(&T) -> KeyId,
) -> Result<T, ReceiptError> {
    // The name of the key is read before the signature is checked, and used for nothing but to find the key.
    let end = octets.len().saturating_sub(crate::keys::SIGNATURE);
    let body = octets.get(..end).and_then(|m| m.strip_prefix(magic)).ok_or(ReceiptError::Malformed)?;
    let claimed: T = minicbor::decode(body).map_err(|_| ReceiptError::Malformed)?;
    let key = keys.receipt_key(key(&claimed), now_s).ok_or(ReceiptError::Key)?;
    signed(octets, magic, &[key.public]).ok_or(ReceiptError::Signature)?;
    Ok(claimed)
}
