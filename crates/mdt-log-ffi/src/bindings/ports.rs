//! Callbacks of the other language as ports of the log.

use super::*;
use mdt_log::{Storage, StorageError, Vault};

/// A store of the phone did not do it.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum PortError {
    /// There is no room.
    #[error("the storage is full")]
    Full,
    /// There is no such object.
    #[error("there is no such object")]
    Missing,
    /// It failed.
    #[error("the storage failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PortError {
    // What went wrong in the other language is not told on: it may name what must not be named.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

impl From<PortError> for StorageError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Full => Self::Full,
            PortError::Missing => Self::Missing,
            PortError::Failed => Self::Failed,
        }
    }
}

/// Where sealed octets lie: objects by number, appended to and never changed.
#[uniffi::export(with_foreign)]
pub trait PhoneStorage: Send + Sync {
    /// Numbers of all objects, in any order.
    fn objects(&self) -> Result<Vec<u32>, PortError>;
    /// Octets of an object.
    fn size(&self, object: u32) -> Result<u32, PortError>;
    /// Octets from `offset` on, `count` of them, fewer at the end of the object only.
    fn read(&self, object: u32, offset: u32, count: u32) -> Result<Vec<u8>, PortError>;
    /// Appends; the object begins with its first octets.
    fn append(&self, object: u32, octets: Vec<u8>) -> Result<(), PortError>;
    /// Makes durable what was appended.
    fn flush(&self, object: u32) -> Result<(), PortError>;
    /// Overwrites and removes an object, durably. One that is not there is no error.
    fn erase(&self, object: u32) -> Result<(), PortError>;
}

/// Where secrets lie: one record below 4 KiB in the best protected store of the phone, that no other program and no backup takes.
#[uniffi::export(with_foreign)]
pub trait PhoneVault: Send + Sync {
    /// The record, if there is one.
    fn load(&self) -> Result<Option<Vec<u8>>, PortError>;
    /// Replaces it, at once and durably. The old one can then not be had back.
    fn replace(&self, record: Vec<u8>) -> Result<(), PortError>;
}

/// Two clocks.
#[uniffi::export(with_foreign)]
pub trait PhoneClock: Send + Sync {
    /// Milliseconds since the phone started, sleep included.
    fn since_boot_ms(&self) -> u64;
    /// Seconds since 1970.
    fn unix_s(&self) -> u64;
}

/// A source of random octets that nobody can guess.
#[uniffi::export(with_foreign)]
pub trait PhoneRandom: Send + Sync {
    /// So many.
    fn draw(&self, count: u32) -> Result<Vec<u8>, PortError>;
}

#[derive(Clone)]
pub(super) struct Ports {
    pub(super) storage: Arc<dyn PhoneStorage>,
    pub(super) vault: Arc<dyn PhoneVault>,
    pub(super) clock: Arc<dyn PhoneClock>,
    pub(super) random: Arc<dyn PhoneRandom>,
}

impl World for Ports {
    fn now_ms(&mut self) -> u64 {
        self.clock.since_boot_ms()
    }

    fn now_s(&mut self) -> u64 {
        self.clock.unix_s()
    }

    fn seed(&mut self) -> Option<Zeroizing<[u8; 32]>> {
        let drawn = Zeroizing::new(self.random.draw(32).ok()?);
        let mut seed = Zeroizing::new([0; 32]);
        if drawn.len() != seed.len() {
            return None;
        }
        seed.copy_from_slice(&drawn);
        // A source that gives nothing but zeroes is none.
        (*seed != [0; 32]).then_some(seed)
    }
}

impl Storage for Ports {
    fn objects(&mut self) -> Result<Vec<u32>, StorageError> {
        Ok(self.storage.objects()?)
    }

    fn len(&mut self, object: u32) -> Result<u32, StorageError> {
        Ok(self.storage.size(object)?)
    }

    fn read(&mut self, object: u32, offset: u32, into: &mut [u8]) -> Result<usize, StorageError> {
        let count = u32::try_from(into.len()).map_err(|_| StorageError::Failed)?;
        let octets = self.storage.read(object, offset, count)?;
        // More than was asked for is a lie.
        into.get_mut(..octets.len()).ok_or(StorageError::Failed)?.copy_from_slice(&octets);
        Ok(octets.len())
    }

    fn append(&mut self, object: u32, octets: &[u8]) -> Result<(), StorageError> {
        Ok(self.storage.append(object, octets.to_vec())?)
    }

    fn flush(&mut self, object: u32) -> Result<(), StorageError> {
        Ok(self.storage.flush(object)?)
    }

    fn erase(&mut self, object: u32) -> Result<(), StorageError> {
        Ok(self.storage.erase(object)?)
    }
}

impl Vault for Ports {
    fn load(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, StorageError> {
        Ok(self.vault.load()?.map(Zeroizing::new))
    }

    fn replace(&mut self, record: &[u8]) -> Result<(), StorageError> {
        Ok(self.vault.replace(record.to_vec())?)
    }
}
