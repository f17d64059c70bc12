//! What is there when the program starts.

use super::state::State;
use super::{LogError, Object, Profile, SealedLog};
use crate::port::{Storage, Vault};
use crate::{BUCKETS, BootId, DeviceSecret, HeadError, Kind, ReportHead, SegmentHead};
use alloc::vec::Vec;
use hpke::rand_core::CryptoRng;

/// Octets of the longest head with its encapsulated key and confirmation, and of the longest report.
const LONGEST: usize = 4096;
const _: () = assert!(BUCKETS[BUCKETS.len() - 1] + 1024 < LONGEST);

/// What was found at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Whether the phone booted since: nothing that was logged before is kept (TS 38.331 clause 5.5a.2.2).
    pub booted: bool,
    /// Whether the vault's record could not be read. An opt-out may have stood in it.
    pub unreadable: bool,
    /// Objects kept.
    pub kept: usize,
    /// Objects erased: of a destroyed epoch, torn in their head, or of another format.
    pub erased: usize,
}

impl<S: Storage, V: Vault, R: CryptoRng> SealedLog<S, V, R> {
    /// Opens the log. What belongs to no epoch of the vault's record is erased: a clear that a crash interrupted is finished, and files
    /// that a backup brought back go. After a boot everything goes. Segments that were open stay without a close record and take nothing
    /// more: no key of theirs exists here any longer, so none can be used twice.
    ///
    /// # Errors
    /// [`LogError::Storage`] when a port fails. A vault record that cannot be read is replaced by an empty one: all that was logged is
    /// then closed for good, and [`crate::Agent`] starts as if the user had opted out.
    pub fn open(
        mut storage: S,
        mut vault: V,
        mut rng: R,
        profile: Profile,
        boot: BootId,
    ) -> Result<(Self, Recovery), LogError> {
        let mut recovery = Recovery::default();
        let old = vault.load()?;
        let mut changed = true;
        let state = match old.as_deref().map(|record| State::decode(record)) {
            Some(Ok(mut state)) => {
                changed = state.boot != boot;
                recovery.booted = changed;
                if changed {
                    state.epochs.clear();
                    state.boot = boot;
                }
                state
            }
            unread => {
                recovery.unreadable = unread.is_some();
                State { boot, device: DeviceSecret::generate(&mut rng), epochs: Vec::new(), machine: None }
            }
        };
        let mut objects = Vec::new();
        let mut next_object = 0;
        let mut gone = Vec::new();
        for object in storage.objects()? {
            next_object = next_object.max(object.saturating_add(1));
            match examine(&mut storage, object)? {
                Some(found) if state.epochs.iter().any(|e| e.key.id() == found.epoch) => objects.push(found),
                _ => gone.push(object),
            }
        }
        objects.sort_by_key(|o| o.object);
        recovery.kept = objects.len();
        recovery.erased = gone.len();
        let (records, unsaved) = (0, false);
        let (writing, facts) = (None, None);
        let mut log =
            Self { storage, vault, rng, profile, state, objects, writing, facts, next_object, records, unsaved };
        // Keys before octets: after this, what is left in storage is noise.
        if changed {
            log.save()?;
        }
        for object in gone {
            log.storage.erase(object)?;
        }
        Ok((log, recovery))
    }
}

/// What an object is; nothing when its head is torn or not one.
fn examine<S: Storage>(storage: &mut S, object: u32) -> Result<Option<Object>, LogError> {
    let octets = storage.len(object)?;
    let mut head = alloc::vec![0; LONGEST.min(octets as usize)];
    let read = storage.read(object, 0, &mut head)?;
    head.truncate(read);
    if let Ok(parsed) = SegmentHead::parse(&head) {
        let head = parsed.head;
        let number = Some(head.number);
        return Ok(Some(Object { object, epoch: head.epoch, id: head.segment, octets, number, kind: Kind::Entry }));
    }
    match ReportHead::parse(&head) {
        Ok(parsed) if parsed.is_whole() => {
            let head = parsed.head;
            // Which failure it is of is sealed. The latest replaces it like any other of its count.
            let kind = Kind::ConnectionFailure;
            Ok(Some(Object { object, epoch: head.epoch, id: head.report, octets, number: None, kind }))
        }
        Ok(_) | Err(HeadError::Magic | HeadError::Torn | HeadError::Malformed | HeadError::Suite(_)) => Ok(None),
    }
}
