//! A disclosure log in memory, a genuine one, and edits of it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use lcs::{LcsClientType, LocationType, Msisdn, Qos, RefusalReason, Target, Timestamp};
use privacy::disclosure::{
    AuditOptions, Bounds, Checkpoint, Ending, Facts, LogKeys, MasterKey, Origin, Publication, Publisher, ReadStorage,
    RequestId, SigningKey, Step, Storage, StorageError, VerifierKey, Via, Writer, audit, prove_consistency,
    prove_inclusion, walk,
};

/// Length of a segment: the least that the log takes, so that a genuine log of several is small.
const CAPACITY: u64 = 32 << 10;

/// Name of the log.
pub fn origin() -> Origin {
    Origin::new("gmlc1.example.net/disclosure").expect("a sound name")
}

/// Its secrets, always the same.
pub fn keys() -> LogKeys {
    let signing = SigningKey::from_seed(origin(), [7; 32]).expect("a sound seed");
    LogKeys { signing, master: MasterKey::from_octets([9; 32]) }
}

/// Segments and published files in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Segments by first index.
    pub segments: BTreeMap<u64, Vec<u8>>,
    /// Published files by path.
    pub objects: BTreeMap<String, Vec<u8>>,
}

impl ReadStorage for &mut Memory {
    fn segments(&mut self) -> Result<Vec<u64>, StorageError> {
        Ok(self.segments.keys().copied().collect())
    }

    fn read(&mut self, first: u64, offset: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        let file = self.segments.get(&first).ok_or(StorageError::Missing)?;
        let rest = usize::try_from(offset).ok().and_then(|at| file.get(at..)).unwrap_or_default();
        let len = rest.len().min(into.len());
        into[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn object(&mut self, path: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.objects.get(path).cloned())
    }
}

impl Storage for &mut Memory {
    fn capacity(&self) -> u64 {
        CAPACITY
    }

    fn create(&mut self, first: u64, header: &[u8]) -> Result<(), StorageError> {
        let mut file = header.to_vec();
        file.resize(file.len().max(CAPACITY as usize), 0);
        self.segments.insert(first, file);
        Ok(())
    }

    fn write(&mut self, first: u64, offset: u64, octets: &[u8]) -> Result<(), StorageError> {
        let file = self.segments.get_mut(&first).ok_or(StorageError::Missing)?;
        let at = usize::try_from(offset).map_err(|_| StorageError::Full)?;
        let end = at.checked_add(octets.len()).filter(|end| *end <= CAPACITY as usize).ok_or(StorageError::Full)?;
        file.resize(file.len().max(end), 0);
        file[at..end].copy_from_slice(octets);
        Ok(())
    }

    fn sync(&mut self, _: u64) -> Result<(), StorageError> {
        Ok(())
    }
}

impl Publication for &mut Memory {
    fn put(&mut self, path: &str, octets: &[u8], _: bool) -> Result<(), StorageError> {
        self.objects.insert(path.to_owned(), octets.to_vec());
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        self.objects.remove(path);
        Ok(())
    }
}

/// A log as its writer made it.
#[derive(Debug)]
pub struct Genuine {
    /// All of it, published.
    pub storage: Memory,
    /// Every record, in order.
    pub records: Vec<Vec<u8>>,
    /// Every checkpoint that was signed, the empty log included.
    pub checkpoints: Vec<Checkpoint>,
    /// The published checkpoint, signed.
    pub note: String,
    /// Proofs of it: one inclusion, one consistency.
    pub proofs: String,
}

/// The genuine log, made once in a process: a few batches, more than one segment.
pub fn genuine() -> &'static Genuine {
    static GENUINE: OnceLock<Genuine> = OnceLock::new();
    GENUINE.get_or_init(|| {
        let mut storage = Memory::default();
        let key = keys().verifier().clone();
        let (mut checkpoints, mut number) = (vec![whole(&mut storage, &key)], 0);
        for batch in [1, 28, 3, 28, 2, 28, 20] {
            number = extend(&mut storage, number, batch);
            checkpoints.push(whole(&mut storage, &key));
        }
        assert!(storage.segments.len() > 1);
        let mut publisher = Publisher::open(&mut storage, key.clone()).expect("a new log");
        publisher.publish(number).expect("all is there");
        drop(publisher);
        let mut records = Vec::new();
        walk(&mut &mut storage, 0, |_, record| {
            records.push(record.to_vec());
            true
        })
        .expect("memory does not fail");
        let inclusion = prove_inclusion(&mut &mut storage, &key, 3).expect("sound").expect("published").0;
        let consistency = prove_consistency(&mut &mut storage, &key, 29).expect("sound").expect("published").0;
        let note = String::from_utf8(storage.objects["checkpoint"].clone()).expect("text");
        Genuine { storage, records, checkpoints, note, proofs: inclusion + &consistency }
    })
}

/// Opens the log, adds a batch and closes it.
fn extend(storage: &mut Memory, from: u64, batch: u64) -> u64 {
    let (mut writer, log) = Writer::open(storage, keys(), Bounds::default()).expect("a genuine log");
    for number in from..from + batch {
        let mut request = [0; 16];
        request[..8].copy_from_slice(&number.to_be_bytes());
        let facts = Facts {
            time: Timestamp::from_secs(1_700_000_000 + number),
            request: RequestId(request),
            via: Via::Mlp,
            account: "fleet".into(),
            client_type: LcsClientType::ValueAdded,
            external: None,
            requestor: None,
            service_type: None,
            location_type: LocationType::Current,
            qos: Qos::BEST_EFFORT,
            target: Target::Msisdn(Msisdn::parse("491720000002").expect("digits")),
        };
        drop(log.open(facts).record(Ending::refused(RefusalReason::CodewordWrong), ()));
    }
    assert_eq!(writer.step(), Step::Committed(batch as usize));
    from + batch
}

/// The checkpoint over all of a sound log.
fn whole(mut storage: &mut Memory, key: &VerifierKey) -> Checkpoint {
    let options = AuditOptions { live: false, allow_pruned: false, every_signature: true };
    audit(&mut storage, key, options, &mut |_| ()).expect("a genuine log").checkpoint
}

/// A change of a storage. Numbers are taken modulo what is there.
#[derive(Debug, arbitrary::Arbitrary)]
pub enum Edit {
    /// Octets of a segment replaced.
    Overwrite {
        /// Which segment.
        segment: u8,
        /// Where.
        offset: u16,
        /// With what.
        octets: Vec<u8>,
    },
    /// A piece of a segment copied over another place: a batch repeated or moved.
    Copy {
        /// From which segment.
        from: u8,
        /// From where.
        source: u16,
        /// To which segment.
        to: u8,
        /// To where.
        offset: u16,
        /// How much.
        len: u16,
    },
    /// A segment cut off here, or filled with zeros from here.
    Cut {
        /// Which segment.
        segment: u8,
        /// Where.
        offset: u16,
        /// Whether zeros follow.
        zeros: bool,
    },
    /// A segment taken away.
    Remove {
        /// Which one.
        segment: u8,
    },
    /// A segment under another first index.
    Rename {
        /// Which one.
        segment: u8,
        /// The new index.
        first: u8,
    },
    /// A segment of these octets alone.
    Insert {
        /// Its first index.
        first: u8,
        /// All of it.
        octets: Vec<u8>,
    },
    /// A published file changed, or taken away.
    Object {
        /// Which one.
        which: u8,
        /// Where.
        offset: u16,
        /// With what; nothing takes it away.
        octets: Option<Vec<u8>>,
    },
}

/// Does an edit.
pub fn edit(storage: &mut Memory, edit: &Edit) {
    let nth = |storage: &Memory, which: u8| {
        storage.segments.keys().nth(usize::from(which) % storage.segments.len().max(1)).copied()
    };
    match edit {
        Edit::Overwrite { segment, offset, octets } => {
            let Some(first) = nth(storage, *segment) else { return };
            overwrite(storage.segments.get_mut(&first), usize::from(*offset), octets);
        }
        Edit::Copy { from, source, to, offset, len } => {
            let (Some(from), Some(to)) = (nth(storage, *from), nth(storage, *to)) else { return };
            let rest = storage.segments.get(&from).and_then(|file| file.get(usize::from(*source)..));
            let piece = rest.map(|rest| rest[..rest.len().min(usize::from(*len))].to_vec()).unwrap_or_default();
            overwrite(storage.segments.get_mut(&to), usize::from(*offset), &piece);
        }
        Edit::Cut { segment, offset, zeros } => {
            let Some(file) = nth(storage, *segment).and_then(|first| storage.segments.get_mut(&first)) else { return };
            let len = file.len();
            file.truncate(usize::from(*offset));
            if *zeros {
                file.resize(len, 0);
            }
        }
        Edit::Remove { segment } => {
            nth(storage, *segment).and_then(|first| storage.segments.remove(&first));
        }
        Edit::Rename { segment, first } => {
            let file = nth(storage, *segment).and_then(|old| storage.segments.remove(&old));
            storage.segments.insert(u64::from(*first), file.unwrap_or_default());
        }
        Edit::Insert { first, octets } => {
            storage.segments.insert(u64::from(*first), octets.clone());
        }
        Edit::Object { which, offset, octets } => {
            let count = storage.objects.len().max(1);
            let Some(path) = storage.objects.keys().nth(usize::from(*which) % count).cloned() else { return };
            match octets {
                Some(octets) => overwrite(storage.objects.get_mut(&path), usize::from(*offset), octets),
                None => drop(storage.objects.remove(&path)),
            }
        }
    }
}

fn overwrite(file: Option<&mut Vec<u8>>, offset: usize, octets: &[u8]) {
    let rest = file.and_then(|file| file.get_mut(offset..)).unwrap_or_default();
    rest.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
}
