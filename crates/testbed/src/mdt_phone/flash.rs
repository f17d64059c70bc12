//! Where a simulated phone keeps its log and its secrets: memory that outlives the program on the phone, and can be looked at as a thief
//! would.

use aws_lc_rs::digest;
use mdt_log::rand_core::{TryCryptoRng, TryRng};
use mdt_log::{Storage, StorageError, Vault};
use parking_lot::Mutex;
use std::{collections::BTreeMap, convert::Infallible, sync::Arc};
use zeroize::{Zeroize, Zeroizing};

#[derive(Default)]
struct Content {
    objects: BTreeMap<u32, Vec<u8>>,
    vault: Option<Zeroizing<Vec<u8>>>,
}

/// Flash memory and protected store of a phone. Clones are the same memory.
#[derive(Clone, Default)]
pub struct Flash(Arc<Mutex<Content>>);

impl core::fmt::Debug for Flash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Flash({} objects)", self.0.lock().objects.len())
    }
}

impl Flash {
    /// Every octet that lies on the phone outside of its protected store: what somebody who opens it would have.
    #[must_use]
    pub fn image(&self) -> Vec<Vec<u8>> {
        self.0.lock().objects.values().cloned().collect()
    }
}

impl Storage for Flash {
    fn objects(&mut self) -> Result<Vec<u32>, StorageError> {
        Ok(self.0.lock().objects.keys().copied().collect())
    }

    fn len(&mut self, object: u32) -> Result<u32, StorageError> {
        let content = self.0.lock();
        let octets = content.objects.get(&object).ok_or(StorageError::Missing)?;
        u32::try_from(octets.len()).map_err(|_| StorageError::Failed)
    }

    fn read(&mut self, object: u32, offset: u32, into: &mut [u8]) -> Result<usize, StorageError> {
        let content = self.0.lock();
        let octets = content.objects.get(&object).ok_or(StorageError::Missing)?;
        let rest = octets.get(offset as usize..).unwrap_or_default();
        let len = rest.len().min(into.len());
        let (Some(from), Some(to)) = (rest.get(..len), into.get_mut(..len)) else { return Err(StorageError::Failed) };
        to.copy_from_slice(from);
        Ok(len)
    }

    fn append(&mut self, object: u32, octets: &[u8]) -> Result<(), StorageError> {
        self.0.lock().objects.entry(object).or_default().extend_from_slice(octets);
        Ok(())
    }

    fn flush(&mut self, object: u32) -> Result<(), StorageError> {
        self.0.lock().objects.contains_key(&object).then_some(()).ok_or(StorageError::Missing)
    }

    fn erase(&mut self, object: u32) -> Result<(), StorageError> {
        if let Some(mut octets) = self.0.lock().objects.remove(&object) {
            octets.zeroize();
        }
        Ok(())
    }
}

impl Vault for Flash {
    fn load(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, StorageError> {
        Ok(self.0.lock().vault.clone())
    }

    fn replace(&mut self, record: &[u8]) -> Result<(), StorageError> {
        self.0.lock().vault = Some(Zeroizing::new(record.to_vec()));
        Ok(())
    }
}

/// Random octets of a phone: SHA-256 of its seed and a counter.
pub struct Entropy {
    seed: Zeroizing<[u8; 32]>,
    count: u64,
}

impl Entropy {
    /// Those that follow from a seed, which nobody else has.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed: Zeroizing::new(seed), count: 0 }
    }
}

impl TryRng for Entropy {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_be_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_be_bytes(octets))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for part in into.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            self.count += 1;
            let mut context = digest::Context::new(&digest::SHA256);
            context.update(self.seed.as_slice());
            context.update(&self.count.to_be_bytes());
            let block = context.finish();
            part.iter_mut().zip(block.as_ref()).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }
}

impl TryCryptoRng for Entropy {}
