//! The record in the vault.

use super::LogError;
use crate::machine::Saved;
use crate::{BootId, DeviceSecret, EpochKey};
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

/// First octets of the record.
const MAGIC: [u8; 5] = *b"MDTV\x01";

/// What an epoch is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Purpose {
    /// Segments of the log.
    #[n(0)]
    Log,
    /// Single reports: they outlive a new configuration.
    #[n(1)]
    Reports,
}

/// An epoch.
#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct Epoch {
    #[n(0)]
    pub(crate) key: EpochKey,
    #[n(1)]
    pub(crate) purpose: Purpose,
    /// It is being uploaded: its key may be with the collector, so nothing more is sealed under it.
    #[n(2)]
    pub(crate) frozen: bool,
}

/// All that must not be lost and must not be read.
#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct State {
    #[n(0)]
    pub(crate) boot: BootId,
    #[n(1)]
    pub(crate) device: DeviceSecret,
    #[n(2)]
    pub(crate) epochs: Vec<Epoch>,
    #[n(3)]
    pub(crate) machine: Option<Saved>,
}

impl State {
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, LogError> {
        // Enough that it never moves while keys are in it.
        let mut record = Zeroizing::new(Vec::with_capacity(4096));
        record.extend_from_slice(&MAGIC);
        minicbor::encode(self, &mut *record).map_err(|_| LogError::Vault)?;
        Ok(record)
    }

    pub(crate) fn decode(record: &[u8]) -> Result<Self, LogError> {
        let body = record.strip_prefix(&MAGIC).ok_or(LogError::Vault)?;
        minicbor::decode(body).map_err(|_| LogError::Vault)
    }
}
