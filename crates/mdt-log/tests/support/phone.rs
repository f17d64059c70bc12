//! A phone whose storage can be cut off at any octet, and whose vault keeps nothing but its last record.

use super::{Collector, NOW_S, TestRng, job};
use mdt_log::log::{Part, Profile, Recovery};
use mdt_log::machine::{Area, Camping, CellId, Configuration, Event, Radio, Trigger};
use mdt_log::*;
use sha2::Digest as _;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// One object: octets, and how many of them are durable.
#[derive(Clone, Default)]
pub struct File {
    pub octets: Vec<u8>,
    pub durable: usize,
}

/// What lies on a phone.
#[derive(Default)]
pub struct Disk {
    pub files: BTreeMap<u32, File>,
    pub vault: Option<Vec<u8>>,
    /// Octets that may still be written before power fails; operations on vault and files count one each.
    pub budget: Option<usize>,
    /// Octets that fit in all.
    pub room: Option<usize>,
}

impl Disk {
    /// What a crash leaves: of each file, what was durable and `kept` octets more at most.
    pub fn crash(&mut self, kept: usize) {
        self.budget = None;
        for file in self.files.values_mut() {
            file.octets.truncate(file.durable + kept.min(file.octets.len() - file.durable));
            file.durable = file.octets.len();
        }
        self.files.retain(|_, file| !file.octets.is_empty());
    }

    fn spend(&mut self, wanted: usize) -> Result<usize, StorageError> {
        let Some(budget) = &mut self.budget else { return Ok(wanted) };
        if *budget == 0 {
            return Err(StorageError::Failed);
        }
        let spent = wanted.min(*budget);
        *budget -= spent;
        Ok(spent)
    }
}

#[derive(Clone, Default)]
pub struct Shared(pub Rc<RefCell<Disk>>);

impl Storage for Shared {
    fn objects(&mut self) -> Result<Vec<u32>, StorageError> {
        Ok(self.0.borrow().files.keys().copied().collect())
    }

    fn len(&mut self, object: u32) -> Result<u32, StorageError> {
        self.0.borrow().files.get(&object).map(|f| f.octets.len() as u32).ok_or(StorageError::Missing)
    }

    fn read(&mut self, object: u32, offset: u32, into: &mut [u8]) -> Result<usize, StorageError> {
        let disk = self.0.borrow();
        let file = disk.files.get(&object).ok_or(StorageError::Missing)?;
        let rest = &file.octets[offset as usize..];
        let len = rest.len().min(into.len());
        into[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn append(&mut self, object: u32, octets: &[u8]) -> Result<(), StorageError> {
        let mut disk = self.0.borrow_mut();
        let used: usize = disk.files.values().map(|f| f.octets.len()).sum();
        if disk.room.is_some_and(|room| used + octets.len() > room) {
            return Err(StorageError::Full);
        }
        let written = disk.spend(octets.len())?;
        disk.files.entry(object).or_default().octets.extend_from_slice(&octets[..written]);
        if written < octets.len() { Err(StorageError::Failed) } else { Ok(()) }
    }

    fn flush(&mut self, object: u32) -> Result<(), StorageError> {
        let mut disk = self.0.borrow_mut();
        disk.spend(1)?;
        let file = disk.files.get_mut(&object).ok_or(StorageError::Missing)?;
        file.durable = file.octets.len();
        Ok(())
    }

    fn erase(&mut self, object: u32) -> Result<(), StorageError> {
        let mut disk = self.0.borrow_mut();
        disk.spend(1)?;
        disk.files.remove(&object);
        Ok(())
    }
}

impl Vault for Shared {
    fn load(&mut self) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, StorageError> {
        Ok(self.0.borrow().vault.clone().map(zeroize::Zeroizing::new))
    }

    fn replace(&mut self, record: &[u8]) -> Result<(), StorageError> {
        assert!(record.len() < 4096, "a small record");
        let mut disk = self.0.borrow_mut();
        disk.spend(1)?;
        disk.vault = Some(record.to_vec());
        Ok(())
    }
}

/// PLMN 234/15.
pub const PLMN: [u8; 3] = [0x32, 0xf4, 0x51];
pub const OTHER_PLMN: [u8; 3] = [0x62, 0xf2, 0x10];

pub fn cell(number: u64) -> CellId {
    CellId { plmn: PLMN, cell: number }
}

/// Camped normally on cell 1 of tracking area 7 in the home network.
pub fn camped() -> Radio {
    Radio {
        camping: Camping::Normally,
        rat: Rat::Nr,
        rplmn: Some(PLMN),
        cell: Some(cell(1)),
        tracking_area: Some(7),
        quality_half: None,
    }
}

/// Periodical, everywhere, at this interval and for this long.
pub fn configuration(interval_ms: u32, duration_s: u16) -> Configuration {
    Configuration {
        job: JobReference { interval_ms, duration_s, ..job() },
        content: Content::NrUper,
        consent: b"consent-1".to_vec(),
        trigger: Trigger::Periodical,
        area: Area::Any,
        plmns: vec![],
    }
}

pub fn configure(interval_ms: u32, duration_s: u16) -> Event {
    Event::Configure(Box::new(configuration(interval_ms, duration_s)))
}

pub const BOOT: BootId = BootId([1; 16]);

/// A phone under a clock that is moved by hand.
pub struct Phone {
    pub disk: Shared,
    pub agent: Agent<Shared, Shared, TestRng>,
    pub recovery: Recovery,
    pub now_ms: u64,
    /// Relative times of the entries that were logged, s; and whether each was of any cell selection.
    pub logged: Vec<(u16, bool)>,
    /// Everything else that was asked of the driver.
    pub asked: Vec<Request>,
    pub starts: u64,
}

impl Phone {
    pub fn start(collector: &Collector) -> Self {
        let mut phone = Self::boot(collector, Shared::default(), Profile::STANDARD, BOOT, 1_000, 0);
        phone.event(Event::Radio(camped()));
        phone
    }

    pub fn boot(collector: &Collector, disk: Shared, profile: Profile, boot: BootId, now_ms: u64, starts: u64) -> Self {
        let ports = (disk.clone(), disk.clone(), TestRng::new(50 + starts));
        let (agent, recovery, asked) =
            Agent::start(ports, profile, boot, collector.list.clone(), now_ms, NOW_S).unwrap();
        Self { disk, agent, recovery, now_ms, logged: vec![], asked, starts }
    }

    /// The program ends and starts again; `kept` octets of what was not durable survive.
    pub fn restart(self, collector: &Collector, boot: BootId, kept: usize) -> Self {
        self.disk.0.borrow_mut().crash(kept);
        let now_ms = if boot == BOOT { self.now_ms } else { 500 };
        Self::boot(collector, self.disk, Profile::STANDARD, boot, now_ms, self.starts + 1)
    }

    pub fn event(&mut self, event: Event) {
        let requests = self.agent.event(event, self.now_ms).unwrap();
        self.answer(requests);
    }

    /// Measures when asked to: an entry whose content is its relative time.
    fn answer(&mut self, requests: Vec<Request>) {
        for request in requests {
            match request {
                Request::Measure { relative_s, any_cell_selection } => {
                    let mut content = entry(relative_s);
                    if self.agent.entry(&mut content, true).unwrap() {
                        self.logged.push((relative_s, any_cell_selection));
                    }
                    assert!(content.iter().all(|octet| *octet == 0), "nothing is left in the driver's hands");
                }
                other => self.asked.push(other),
            }
        }
    }

    /// Lets this many milliseconds pass, waking when the machine wants.
    pub fn pass(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        while let Some(deadline) = self.agent.deadline_ms().filter(|deadline| *deadline <= end) {
            self.now_ms = deadline.max(self.now_ms);
            self.event(Event::Tick);
        }
        self.now_ms = end;
        self.event(Event::Tick);
    }

    pub fn segments(&self) -> usize {
        self.disk.0.borrow().files.len()
    }

    /// Uploads everything in pieces; what the collector has then.
    pub fn upload(&mut self) -> Option<Uploaded> {
        let log = self.agent.upload()?;
        let mut uploaded = Uploaded::default();
        for epoch in log.freeze().unwrap() {
            let mut last: Option<Part> = None;
            while let Some(part) = log.part(epoch, last.as_ref(), 200).unwrap() {
                uploaded.take(part.clone());
                last = Some(part);
            }
            assert!(last.is_none_or(|part| !part.more), "the flag is off in the last part alone");
            uploaded.epochs.push(epoch);
        }
        Some(uploaded)
    }
}

/// A 40 octet entry that can be told by its relative time.
pub fn entry(relative_s: u16) -> Vec<u8> {
    let mut content = b"CANARY-51.5074,-0.1278-234f15-1234501---".to_vec();
    content[38..].copy_from_slice(&relative_s.to_be_bytes());
    content
}

/// What reached a collector, put together by segment and offset: what comes twice is kept once.
#[derive(Default)]
pub struct Uploaded {
    pub epochs: Vec<EpochId>,
    pub parts: BTreeMap<SegmentId, (EpochId, BTreeMap<u32, Vec<u8>>)>,
    pub order: Vec<SegmentId>,
}

impl Uploaded {
    pub fn take(&mut self, part: Part) {
        if !self.order.contains(&part.segment) {
            self.order.push(part.segment);
        }
        self.parts.entry(part.segment).or_insert((part.epoch, BTreeMap::new())).1.insert(part.offset, part.octets);
    }

    pub fn whole(&self, segment: SegmentId) -> (EpochId, Vec<u8>) {
        let (epoch, parts) = &self.parts[&segment];
        (*epoch, parts.values().flatten().copied().collect())
    }

    /// A verified receipt for all of one epoch.
    pub fn receipt(&self, collector: &Collector, epoch: EpochId) -> Receipt {
        let of = self.order.iter().filter(|s| self.parts[s].0 == epoch);
        let received = of.map(|s| received(*s, &self.whole(*s).1)).collect();
        let octets = collector.signer.sign(epoch, NOW_S, received).unwrap();
        Receipt::verify(&octets, &collector.list, NOW_S).unwrap()
    }
}

/// What a receipt says of a segment of which a record was kept.
fn received(segment: SegmentId, octets: &[u8]) -> Received {
    let digest = sha2::Sha256::digest(octets).into();
    Received { segment, octets: octets.len() as u32, digest, kept: 1, not_wanted: 0, unreadable: 0 }
}
