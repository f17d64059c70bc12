//! What the tests of this crate share: a generator that repeats itself, keys, a job.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by several test programs, each of which uses a part; tests may unwrap"
)]

pub mod phone;

use mdt_log::open::{CollectorPrivateKey, ReceiptSigner, RootSigner, UnlockedEpoch, unlock};
use mdt_log::rand_core::{TryCryptoRng, TryRng};
use mdt_log::*;
use std::convert::Infallible;

/// The same octets for the same seed: BLAKE3 of a counter.
pub struct TestRng {
    seed: [u8; 32],
    count: u64,
}

impl TestRng {
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_be_bytes());
        Self { seed: key, count: 0 }
    }
}

impl TryRng for TestRng {
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
        self.count += 1;
        blake3::Hasher::new_keyed(&self.seed).update(&self.count.to_be_bytes()).finalize_xof().fill(into);
        Ok(())
    }
}

impl TryCryptoRng for TestRng {}

/// Seconds since 1970 at which the tests play.
pub const NOW_S: u64 = 1_795_600_800;
/// The trace collection entity of the tests.
pub const TCE: u8 = 1;

/// A collector with a key of each suite, its list and its signer.
pub struct Collector {
    pub private: Vec<CollectorPrivateKey>,
    pub list: KeyList,
    pub signer: ReceiptSigner,
    pub root: RootSigner,
}

impl Collector {
    pub fn new() -> Self {
        let mut rng = TestRng::new(7);
        let mut list =
            KeyList { version: 3, issued_s: NOW_S - 60, expires_s: NOW_S + 86_400, keys: vec![], receipts: vec![] };
        let mut private = vec![];
        for (at, suite) in [Suite::Small, Suite::Hybrid].into_iter().enumerate() {
            let id = KeyId([at as u8 + 1; 8]);
            let (key, public) = CollectorPrivateKey::generate(id, suite, &mut rng);
            list.keys.push(CollectorKey::new(id, TCE, suite, NOW_S - 3600, NOW_S + 30 * 86_400, public).unwrap());
            private.push(key);
        }
        let signer = ReceiptSigner::from_seed(KeyId([9; 8]), &[9; 32]);
        let public = signer.public();
        list.receipts.push(ReceiptKey { id: KeyId([9; 8]), from_s: NOW_S - 60, until_s: NOW_S + 86_400 * 60, public });
        Self { private, list, signer, root: RootSigner::from_seed(&[5; 32]) }
    }

    pub fn key(&self, suite: Suite) -> &CollectorKey {
        self.list.collector(TCE, suite, NOW_S).unwrap()
    }

    pub fn unlocked(&self, epoch: &EpochKey) -> UnlockedEpoch {
        let message = epoch.unlock(self.key(Suite::Hybrid), &mut TestRng::new(99)).unwrap();
        unlock(&message, &self.private).unwrap()
    }
}

/// PLMN 234/15, trace id 000001, session 0001, entity 1, 2010-10-11 12:00:00, 5.12 s, 120 min: the job of the published vectors.
pub fn job() -> JobReference {
    JobReference {
        trace_reference: vec![0x32, 0xf4, 0x51, 0, 0, 1],
        recording_session: [0, 1],
        tce_id: TCE,
        rat: Rat::Nr,
        absolute_time: [0x10, 0x10, 0x11, 0x12, 0, 0],
        interval_ms: 5120,
        duration_s: 7200,
    }
}

pub fn facts(number: u32) -> SegmentFacts {
    SegmentFacts { number, content: Content::NrUper, job: job(), consent: b"consent-1".to_vec() }
}

/// A segment in the making.
pub struct Segment {
    pub octets: Vec<u8>,
    pub sealer: SegmentSealer,
    /// Where each frame starts.
    pub starts: Vec<usize>,
}

impl Segment {
    pub fn begin(collector: &Collector, suite: Suite, epoch: &EpochKey, number: u32) -> Self {
        let mut octets = vec![];
        let device = DeviceSecret::generate(&mut TestRng::new(1));
        let mut rng = TestRng::new(1000 + u64::from(number));
        let (sealer, _) =
            SegmentSealer::begin(&facts(number), collector.key(suite), epoch, &device, &mut rng, &mut octets).unwrap();
        Self { octets, sealer, starts: vec![] }
    }

    pub fn seal(&mut self, kind: Kind, content: &[u8]) {
        self.starts.push(self.octets.len());
        self.sealer.seal(kind, content, &mut self.octets).unwrap();
    }

    pub fn close(mut self, reason: CloseReason) -> (Vec<u8>, Vec<usize>) {
        self.starts.push(self.octets.len());
        self.sealer.close(reason, &mut self.octets).unwrap();
        (self.octets, self.starts)
    }
}

/// The content of record `at`: its length goes through the buckets.
pub fn content(at: u32) -> Vec<u8> {
    (0..17 + at * 7 % 100).map(|octet| (at + octet) as u8).collect()
}

/// A closed segment of so many records.
pub fn segment(collector: &Collector, suite: Suite, epoch: &EpochKey, records: u32) -> (Vec<u8>, Vec<usize>) {
    let mut segment = Segment::begin(collector, suite, epoch, 0);
    (0..records).for_each(|at| segment.seal(Kind::Entry, &content(at)));
    segment.close(CloseReason::Upload)
}
