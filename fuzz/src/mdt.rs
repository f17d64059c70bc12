//! A collector, and a genuine segment with its keys.

use std::convert::Infallible;
use std::sync::OnceLock;

use mdt_log::open::{CollectorPrivateKey, ReceiptSigner, RootSigner, UnlockedEpoch, unlock};
use mdt_log::rand_core::{TryCryptoRng, TryRng};
use mdt_log::{
    CloseReason, CollectorKey, Content, DeviceSecret, EpochKey, JobReference, KeyId, KeyList, Kind, Rat, Receipt,
    ReceiptKey, Received, ReportFacts, SegmentFacts, SegmentId, SegmentSealer, Suite, seal_report,
};

/// A generator that repeats itself: a counter through a multiplication. Fit for fuzzing only.
struct Counter(u64);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.try_next_u64()? as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Ok(mixed ^ (mixed >> 27))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for chunk in into.chunks_mut(8) {
            let octets = self.try_next_u64()?.to_be_bytes();
            chunk.copy_from_slice(&octets[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

/// When it plays, seconds since 1970.
pub const NOW_S: u64 = 1_795_600_800;

/// Content of a record, by its number.
pub fn content(number: u32) -> Vec<u8> {
    (0..number * 13 % 90).map(|octet| (number ^ octet) as u8).collect()
}

/// All that is genuine.
pub struct Genuine {
    /// Private keys.
    pub private: Vec<CollectorPrivateKey>,
    /// The epoch, unlocked.
    pub epoch: UnlockedEpoch,
    /// A closed segment.
    pub segment: Vec<u8>,
    /// How many records it has.
    pub records: u32,
    /// A report.
    pub report: Vec<u8>,
    /// An unlock message.
    pub unlock: Vec<u8>,
    /// A signed key list, its root and what it says.
    pub list: (Vec<u8>, [u8; 32], KeyList),
    /// A signed receipt, and what it says.
    pub receipt: (Vec<u8>, Receipt),
}

/// Made once in a process.
pub fn genuine() -> &'static Genuine {
    static GENUINE: OnceLock<Genuine> = OnceLock::new();
    GENUINE.get_or_init(make)
}

fn make() -> Genuine {
    let rng = &mut Counter(1);
    let (private, public) = CollectorPrivateKey::generate(KeyId([1; 8]), Suite::Small, rng);
    let key = CollectorKey::new(KeyId([1; 8]), 1, Suite::Small, 0, u64::MAX, public).expect("its own suite");
    let (epoch, device) = (EpochKey::generate(rng), DeviceSecret::generate(rng));
    let job = JobReference {
        trace_reference: vec![0x32, 0xf4, 0x51, 0, 0, 1],
        recording_session: [0, 1],
        tce_id: 1,
        rat: Rat::Nr,
        absolute_time: [0x26, 0x11, 0x28, 0x12, 0, 0],
        interval_ms: 5120,
        duration_s: 7200,
    };
    let facts = SegmentFacts { number: 0, content: Content::NrUper, job, consent: vec![] };
    let (mut segment, records) = (vec![], 24);
    let (mut sealer, _) = SegmentSealer::begin(&facts, &key, &epoch, &device, rng, &mut segment).expect("sound");
    for number in 0..records {
        sealer.seal(Kind::Entry, &content(number), &mut segment).expect("short");
    }
    sealer.close(CloseReason::Upload, &mut segment).expect("room");
    let facts = ReportFacts { content: Content::NrUper, consent: vec![] };
    let report = seal_report(Kind::RadioLinkFailure, b"failure", &facts, &key, &epoch, &device, rng).expect("sound").1;
    let message = epoch.unlock(&key, rng).expect("sound");
    let signer = ReceiptSigner::from_seed(KeyId([9; 8]), &[9; 32]);
    let receipts = vec![ReceiptKey { id: KeyId([9; 8]), from_s: 0, until_s: u64::MAX, public: signer.public() }];
    let list = KeyList { version: 2, issued_s: 0, expires_s: u64::MAX, keys: vec![key], receipts };
    let root = RootSigner::from_seed(&[5; 32]);
    let signed = root.sign(&list).expect("few keys");
    let (segment_id, digest) = (SegmentId([4; 16]), [7; 32]);
    let received = vec![Received { segment: segment_id, octets: 99, digest, kept: 22, not_wanted: 1, unreadable: 1 }];
    let receipt = signer.sign(epoch.id(), NOW_S, received).expect("one");
    let read = Receipt::verify(&receipt, &list, NOW_S).expect("genuine");
    let private = vec![private];
    let epoch = unlock(&message, &private).expect("genuine");
    let list = (signed, root.public(), list);
    Genuine { private, epoch, segment, records, report, unlock: message, list, receipt: (receipt, read) }
}
