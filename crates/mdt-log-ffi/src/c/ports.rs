//! Callbacks of C as ports of the log.

use super::types::{MDT_PORT_FULL, MDT_PORT_MISSING, MDT_PORT_OK, MdtPorts};
use crate::phone::World;
use crate::refusal::Refusal;
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::c_void;
use mdt_log::{Storage, StorageError, Vault};
use zeroize::Zeroizing;

/// Octets of the longest vault record, and one.
const VAULT_ROOM: usize = 4096;
/// Objects that a phone may have. A log has a few.
const MOST_OBJECTS: usize = 65_536;

/// The callbacks, none of them null.
#[derive(Clone, Copy)]
pub(super) struct Ports {
    context: *mut c_void,
    now_ms: unsafe extern "C" fn(*mut c_void) -> u64,
    now_s: unsafe extern "C" fn(*mut c_void) -> u64,
    random: unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> i32,
    objects: unsafe extern "C" fn(*mut c_void, *mut u32, usize, *mut usize) -> i32,
    len: unsafe extern "C" fn(*mut c_void, u32, *mut u32) -> i32,
    read: unsafe extern "C" fn(*mut c_void, u32, u32, *mut u8, usize, *mut usize) -> i32,
    append: unsafe extern "C" fn(*mut c_void, u32, *const u8, usize) -> i32,
    flush: unsafe extern "C" fn(*mut c_void, u32) -> i32,
    erase: unsafe extern "C" fn(*mut c_void, u32) -> i32,
    vault_load: unsafe extern "C" fn(*mut c_void, *mut u8, usize, *mut usize) -> i32,
    vault_replace: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> i32,
}

impl Ports {
    /// Takes them. That each does what the header says, as long as the phone lives, is what [`super::mdt_start`] asks of its caller:
    /// every call below rests on it.
    pub(super) fn new(given: &MdtPorts) -> Result<Self, Refusal> {
        let all = || {
            Some(Self {
                context: given.context,
                now_ms: given.now_ms?,
                now_s: given.now_s?,
                random: given.random?,
                objects: given.objects?,
                len: given.len?,
                read: given.read?,
                append: given.append?,
                flush: given.flush?,
                erase: given.erase?,
                vault_load: given.vault_load?,
                vault_replace: given.vault_replace?,
            })
        };
        all().ok_or(Refusal::Argument)
    }
}

fn outcome(code: i32) -> Result<(), StorageError> {
    match code {
        MDT_PORT_OK => Ok(()),
        MDT_PORT_FULL => Err(StorageError::Full),
        MDT_PORT_MISSING => Err(StorageError::Missing),
        _ => Err(StorageError::Failed),
    }
}

impl World for Ports {
    fn now_ms(&mut self) -> u64 {
        // SAFETY: the callback takes its context alone.
        unsafe { (self.now_ms)(self.context) }
    }

    fn now_s(&mut self) -> u64 {
        // SAFETY: the callback takes its context alone.
        unsafe { (self.now_s)(self.context) }
    }

    fn seed(&mut self) -> Option<Zeroizing<[u8; 32]>> {
        let mut seed = Zeroizing::new([0; 32]);
        // SAFETY: the callback writes 32 octets into 32.
        let code = unsafe { (self.random)(self.context, seed.as_mut_ptr(), seed.len()) };
        // A source that says it did and did nothing is no source.
        (code == MDT_PORT_OK && *seed != [0; 32]).then_some(seed)
    }
}

impl Storage for Ports {
    fn objects(&mut self) -> Result<Vec<u32>, StorageError> {
        let mut numbers = vec![0; 64];
        loop {
            let mut count = 0;
            // SAFETY: the callback writes into `room` numbers at most, and one count; both are there and initialised.
            outcome(unsafe { (self.objects)(self.context, numbers.as_mut_ptr(), numbers.len(), &raw mut count) })?;
            if count <= numbers.len() {
                numbers.truncate(count);
                return Ok(numbers);
            }
            if count > MOST_OBJECTS {
                return Err(StorageError::Failed);
            }
            numbers.resize(count, 0);
        }
    }

    fn len(&mut self, object: u32) -> Result<u32, StorageError> {
        let mut octets = 0;
        // SAFETY: the callback writes one number.
        outcome(unsafe { (self.len)(self.context, object, &raw mut octets) })?;
        Ok(octets)
    }

    fn read(&mut self, object: u32, offset: u32, into: &mut [u8]) -> Result<usize, StorageError> {
        let mut octets = 0;
        let (start, room) = (into.as_mut_ptr(), into.len());
        // SAFETY: the callback writes into `room` octets at most, and one count.
        outcome(unsafe { (self.read)(self.context, object, offset, start, room, &raw mut octets) })?;
        // More than was asked for is a lie.
        if octets > room { Err(StorageError::Failed) } else { Ok(octets) }
    }

    fn append(&mut self, object: u32, octets: &[u8]) -> Result<(), StorageError> {
        // SAFETY: the callback reads so many octets, which are there.
        outcome(unsafe { (self.append)(self.context, object, octets.as_ptr(), octets.len()) })
    }

    fn flush(&mut self, object: u32) -> Result<(), StorageError> {
        // SAFETY: the callback takes numbers alone.
        outcome(unsafe { (self.flush)(self.context, object) })
    }

    fn erase(&mut self, object: u32) -> Result<(), StorageError> {
        // SAFETY: the callback takes numbers alone.
        outcome(unsafe { (self.erase)(self.context, object) })
    }
}

impl Vault for Ports {
    fn load(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, StorageError> {
        let mut record = Zeroizing::new(vec![0; VAULT_ROOM]);
        let mut octets = 0;
        let start = record.as_mut_ptr();
        // SAFETY: the callback writes into `VAULT_ROOM` octets at most, and one count.
        match outcome(unsafe { (self.vault_load)(self.context, start, VAULT_ROOM, &raw mut octets) }) {
            Ok(()) if octets > VAULT_ROOM => Err(StorageError::Failed),
            Ok(()) => {
                record.truncate(octets);
                Ok(Some(record))
            }
            Err(StorageError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn replace(&mut self, record: &[u8]) -> Result<(), StorageError> {
        // SAFETY: the callback reads so many octets, which are there.
        outcome(unsafe { (self.vault_replace)(self.context, record.as_ptr(), record.len()) })
    }
}
