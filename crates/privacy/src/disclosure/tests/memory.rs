//! A storage in memory: counts, fails on demand, and loses what was not synced.

use super::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Disk {
    /// What a reader sees.
    segments: BTreeMap<u64, Vec<u8>>,
    /// What survives a power cut.
    durable: BTreeMap<u64, Vec<u8>>,
    /// Writes since the last sync: segment, offset, octets.
    unsynced: Vec<(u64, u64, Vec<u8>)>,
    objects: BTreeMap<String, Vec<u8>>,
    operations: usize,
    /// Operations that fail from this one on, until healed.
    fail_from: Option<(usize, StorageError)>,
    reads: usize,
    syncs: usize,
}

/// Handle of a disk in memory; clones see the same disk.
#[derive(Clone)]
pub(super) struct Memory {
    disk: Arc<Mutex<Disk>>,
    capacity: u64,
}

impl Memory {
    pub(super) fn new(capacity: u64) -> Self {
        Self { disk: Arc::default(), capacity }
    }

    fn disk<T>(&self, work: impl FnOnce(&mut Disk) -> T) -> T {
        work(&mut self.disk.lock().unwrap())
    }

    /// A copy with its own disk.
    pub(super) fn copy(&self) -> Self {
        let disk = self.disk(|disk| disk.clone());
        Self { disk: Arc::new(Mutex::new(disk)), capacity: self.capacity }
    }

    pub(super) fn fail_from(&self, operation: usize, error: StorageError) {
        self.disk(|disk| disk.fail_from = Some((operation, error)));
    }

    pub(super) fn heal(&self) {
        self.disk(|disk| disk.fail_from = None);
    }

    pub(super) fn operations(&self) -> usize {
        self.disk(|disk| disk.operations)
    }

    pub(super) fn syncs(&self) -> usize {
        self.disk(|disk| disk.syncs)
    }

    /// What a power cut leaves: everything synced, and of later writes whatever `keep` says, 64 octets at a time.
    pub(super) fn after_power_cut(&self, mut keep: impl FnMut() -> bool) -> Self {
        let copy = self.copy();
        copy.disk(|disk| {
            let mut left = disk.durable.clone();
            for (segment, offset, octets) in disk.unsynced.drain(..) {
                let Some(file) = left.get_mut(&segment) else { continue };
                for (at, sector) in octets.chunks(64).enumerate() {
                    let from = offset as usize + at * 64;
                    if keep() {
                        file[from..from + sector.len()].copy_from_slice(sector);
                    }
                }
            }
            disk.segments = left.clone();
            disk.durable = left;
            disk.fail_from = None;
        });
        copy
    }

    /// Octets of a segment, to read or to spoil.
    pub(super) fn spoil(&self, segment: u64, work: impl FnOnce(&mut Vec<u8>)) {
        self.disk(|disk| {
            work(disk.segments.get_mut(&segment).unwrap());
            disk.durable = disk.segments.clone();
        });
    }

    pub(super) fn octets(&self, segment: u64) -> Vec<u8> {
        self.disk(|disk| disk.segments[&segment].clone())
    }

    pub(super) fn drop_segment(&self, segment: u64) {
        self.disk(|disk| {
            disk.segments.remove(&segment);
            disk.durable.remove(&segment);
        });
    }

    pub(super) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.disk(|disk| disk.objects.clone())
    }

    pub(super) fn set_object(&self, path: &str, octets: Option<Vec<u8>>) {
        self.disk(|disk| match octets {
            Some(octets) => disk.objects.insert(path.to_owned(), octets),
            None => disk.objects.remove(path),
        });
    }

    fn operate<T>(&self, work: impl FnOnce(&mut Disk) -> Result<T, StorageError>) -> Result<T, StorageError> {
        self.disk(|disk| {
            disk.operations += 1;
            match disk.fail_from {
                Some((from, error)) if disk.operations > from => Err(error),
                _ => work(disk),
            }
        })
    }
}

impl ReadStorage for Memory {
    fn segments(&mut self) -> Result<Vec<u64>, StorageError> {
        Ok(self.disk(|disk| disk.segments.keys().copied().collect()))
    }

    fn read(&mut self, first: u64, offset: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        self.disk(|disk| {
            disk.reads += 1;
            let file = disk.segments.get(&first).ok_or(StorageError::Missing)?;
            let rest = file.get(offset as usize..).unwrap_or_default();
            let len = rest.len().min(into.len());
            into[..len].copy_from_slice(&rest[..len]);
            Ok(len)
        })
    }

    fn object(&mut self, path: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.disk(|disk| disk.objects.get(path).cloned()))
    }
}

impl Storage for Memory {
    fn capacity(&self) -> u64 {
        self.capacity
    }

    fn create(&mut self, first: u64, header: &[u8]) -> Result<(), StorageError> {
        let mut file = header.to_vec();
        file.resize(self.capacity as usize, 0);
        self.operate(|disk| {
            disk.segments.insert(first, file.clone());
            disk.durable.insert(first, file);
            Ok(())
        })
    }

    fn write(&mut self, first: u64, offset: u64, octets: &[u8]) -> Result<(), StorageError> {
        self.operate(|disk| {
            let file = disk.segments.get_mut(&first).ok_or(StorageError::Missing)?;
            file[offset as usize..offset as usize + octets.len()].copy_from_slice(octets);
            disk.unsynced.push((first, offset, octets.to_vec()));
            Ok(())
        })
    }

    fn sync(&mut self, first: u64) -> Result<(), StorageError> {
        self.operate(|disk| {
            disk.syncs += 1;
            let file = disk.segments.get(&first).ok_or(StorageError::Missing)?.clone();
            disk.durable.insert(first, file);
            disk.unsynced.clear();
            Ok(())
        })
    }
}

impl Publication for Memory {
    fn put(&mut self, path: &str, octets: &[u8], _: bool) -> Result<(), StorageError> {
        self.operate(|disk| {
            disk.objects.insert(path.to_owned(), octets.to_vec());
            Ok(())
        })
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        self.operate(|disk| {
            disk.objects.remove(path);
            Ok(())
        })
    }
}
