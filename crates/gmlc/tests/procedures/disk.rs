//! Storage of the disclosure log in memory: fails on demand, and tells what survives a power cut from what does not.

use privacy::disclosure::{ReadStorage, Storage, StorageError};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

const SEGMENT: usize = 64 << 10;

#[derive(Default)]
struct Files {
    written: BTreeMap<u64, Vec<u8>>,
    durable: BTreeMap<u64, Vec<u8>>,
    fault: Option<StorageError>,
}

/// Handle of a disk; clones see the same one.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<Files>>);

impl Disk {
    /// Every operation that changes something fails like this from now on; `None`: none does.
    pub(crate) fn fault(&self, fault: Option<StorageError>) {
        self.0.lock().unwrap().fault = fault;
    }

    pub(crate) fn is_faulty(&self) -> bool {
        self.0.lock().unwrap().fault.is_some()
    }

    /// What a power cut now would leave of all that was synced.
    pub(crate) fn durable(&self) -> Durable {
        Durable(self.clone())
    }

    fn change<T>(&self, work: impl FnOnce(&mut Files) -> T) -> Result<T, StorageError> {
        let mut files = self.0.lock().unwrap();
        match files.fault {
            Some(fault) => Err(fault),
            None => Ok(work(&mut files)),
        }
    }
}

fn read(files: &BTreeMap<u64, Vec<u8>>, first: u64, offset: u64, into: &mut [u8]) -> Result<usize, StorageError> {
    let file = files.get(&first).ok_or(StorageError::Missing)?;
    let rest = file.get(offset as usize..).unwrap_or_default();
    let len = rest.len().min(into.len());
    into[..len].copy_from_slice(&rest[..len]);
    Ok(len)
}

impl ReadStorage for Disk {
    fn segments(&mut self) -> Result<Vec<u64>, StorageError> {
        Ok(self.0.lock().unwrap().written.keys().copied().collect())
    }

    fn read(&mut self, first: u64, offset: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        read(&self.0.lock().unwrap().written, first, offset, into)
    }

    fn object(&mut self, _: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(None)
    }
}

impl Storage for Disk {
    fn capacity(&self) -> u64 {
        SEGMENT as u64
    }

    fn create(&mut self, first: u64, header: &[u8]) -> Result<(), StorageError> {
        let mut file = header.to_vec();
        file.resize(SEGMENT, 0);
        self.change(|files| {
            files.written.insert(first, file.clone());
            files.durable.insert(first, file);
        })
    }

    fn write(&mut self, first: u64, offset: u64, octets: &[u8]) -> Result<(), StorageError> {
        self.change(|files| {
            let file = files.written.get_mut(&first).unwrap();
            file[offset as usize..offset as usize + octets.len()].copy_from_slice(octets);
        })
    }

    fn sync(&mut self, first: u64) -> Result<(), StorageError> {
        self.change(|files| {
            let file = files.written[&first].clone();
            files.durable.insert(first, file);
        })
    }
}

/// Reads what is durable.
pub(crate) struct Durable(Disk);

impl ReadStorage for Durable {
    fn segments(&mut self) -> Result<Vec<u64>, StorageError> {
        Ok(self.0.0.lock().unwrap().durable.keys().copied().collect())
    }

    fn read(&mut self, first: u64, offset: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        read(&self.0.0.lock().unwrap().durable, first, offset, into)
    }

    fn object(&mut self, _: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(None)
    }
}
