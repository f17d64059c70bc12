//! A collector's keys, a job, a drive, and where one would look for what must not be found.

use getrandom::SysRng;
use mdt_agent::clock::Clock;
use mdt_agent::files::{KeyFile, LogFiles};
use mdt_agent::job::Job;
use mdt_agent::source::{Pace, Replay};
use mdt_agent::station::{Errand, Outcome, Station};
use mdt_log::entry::Entry;
use mdt_log::log::Profile;
use mdt_log::open::{CollectorPrivateKey, OpenedRecord, ReceiptSigner, RootSigner, open_segment, unlock};
use mdt_log::rand_core::UnwrapErr;
use mdt_log::{
    BootId, CollectorKey, KeyId, KeyList, Kind, ParsedSegment, ReceiptKey, Received, ReportHead, SegmentHead, Suite,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The reference of the consent.
pub(crate) const CONSENT: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
/// London and on, by so much a record: a place that no other record has.
const LATITUDE: f64 = 51.507_4;
const LONGITUDE: f64 = -0.127_8;
const STEP: f64 = 0.000_1;
/// The network that measured cells are of, beside the one that is registered: 999-77.
const CELL_PLMN: [u8; 3] = [0x99, 0xF9, 0x77];

pub(crate) fn now_s() -> u64 {
    Clock::default().now_s()
}

/// Keys of a collector, and its root.
pub(crate) struct Keys {
    pub(crate) private: Vec<CollectorPrivateKey>,
    pub(crate) list: KeyList,
    pub(crate) signer: ReceiptSigner,
    pub(crate) root: RootSigner,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let now_s = now_s();
        let (from_s, until_s) = (now_s - 3600, now_s + 30 * 86_400);
        let mut list = KeyList { version: 3, issued_s: from_s, expires_s: until_s, keys: vec![], receipts: vec![] };
        let mut private = vec![];
        for (at, suite) in [Suite::Small, Suite::Hybrid].into_iter().enumerate() {
            let id = KeyId([at as u8 + 1; 8]);
            let (key, public) = CollectorPrivateKey::generate(id, suite, &mut UnwrapErr(SysRng));
            list.keys.push(CollectorKey::new(id, 1, suite, from_s, until_s, public).unwrap());
            private.push(key);
        }
        let signer = ReceiptSigner::from_seed(KeyId([9; 8]), &[9; 32]);
        list.receipts.push(ReceiptKey { id: KeyId([9; 8]), from_s, until_s, public: signer.public() });
        Self { private, list, signer, root: RootSigner::from_seed(&[5; 32]) }
    }

    /// Opens a segment as the collector would.
    pub(crate) fn open(&self, octets: &[u8], unlocking: &[u8]) -> Vec<Entry> {
        let epoch = unlock(unlocking, &self.private).unwrap();
        let mut entries = vec![];
        let take = |record: OpenedRecord<'_>| {
            assert!(record.kind == Kind::Entry);
            entries.push(Entry::decode(record.content).unwrap());
        };
        let verdict = open_segment(octets, &self.private, &epoch, take).unwrap();
        assert!(verdict.is_complete(), "{verdict:?}");
        entries
    }

    /// The receipt for a segment or a report.
    pub(crate) fn receipt(&self, errand: &Errand, now_s: u64) -> Outcome {
        let Errand::Segment { segment, octets, .. } = errand else { panic!("no segment") };
        let epoch = match SegmentHead::parse(octets) {
            Ok(ParsedSegment { head, .. }) => head.epoch,
            Err(_) => ReportHead::parse(octets).unwrap().head.epoch,
        };
        let digest = Sha256::digest(octets).into();
        let (octets, kept) = (octets.len() as u32, 1);
        let received = Received { segment: *segment, octets, digest, kept, not_wanted: 0, unreadable: 0 };
        Outcome::Receipt(self.signer.sign(epoch, now_s, vec![received]).unwrap())
    }
}

/// A job of an area, for LTE, 10 minutes at 1.28 s.
pub(crate) fn job_text(trace_id: &str) -> Value {
    json!({
        "jobType": "LOGGED_MDT_ONLY",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": trace_id},
        "mdtConfig": {"loggedMDTConfig": {
            "traceCollectionEntityId": 1, "loggingDuration": "3600s", "loggingInterval": {"LTE": ["1.28s"]},
            "plmnList": [{"mcc": "234", "mnc": "15"}],
        }},
    })
}

pub(crate) fn job(trace_id: &str) -> Job {
    Job::read(job_text(trace_id).to_string().as_bytes(), Some(CONSENT.as_bytes())).unwrap()
}

/// Cell of record `at`.
fn cell(at: u32) -> u64 {
    0xA1B_2000 + u64::from(at)
}

/// Record `at` of a drive: each in a cell and at a place of its own.
pub(crate) fn record(at: u32, at_s: f64, state: &str) -> String {
    json!({
        "at_s": at_s, "technology": "lte", "state": state, "plmn": "23415",
        "cell": {"id": cell(at), "plmn": "99977", "tac": 7, "arfcn": 1300},
        "rsrp_dbm": -100.5, "rsrq_db": -10.5, "sinr_db": 9.5,
        "latitude": LATITUDE + f64::from(at) * STEP, "longitude": LONGITUDE, "uncertainty_m": 10.0,
    })
    .to_string()
}

/// A drive: a record each 1.28 s, so many, after one at the start.
pub(crate) fn drive(path: &Path, records: u32) {
    let mut text = String::new();
    for at in 0..=records {
        writeln!(text, "{}", record(at, f64::from(at) * 1.28, "camped")).unwrap();
    }
    std::fs::write(path, text).unwrap();
}

/// What tells where record `at` was, in every form that it has anywhere: decimal digits, doubles either way round, the shape of TS
/// 23.032, the cell in CBOR and as a number, the network of the cell before it.
pub(crate) fn canaries(at: u32) -> Vec<Vec<u8>> {
    let latitude = LATITUDE + f64::from(at) * STEP;
    let code = (latitude * f64::from(1 << 23) / 90.0).floor() as u32;
    let cell = cell(at);
    let place = [&[0x10], &code.to_be_bytes()[1..], &[0xFF, 0xE8, 0xBC]].concat();
    let digits = [&[0x43][..], &CELL_PLMN, &[0x1A], &(cell as u32).to_be_bytes()].concat();
    vec![
        format!("{latitude}").into_bytes(),
        latitude.to_le_bytes().to_vec(),
        latitude.to_be_bytes().to_vec(),
        place,
        digits,
        cell.to_string().into_bytes(),
        format!("{cell:x}").into_bytes(),
        format!("{cell:X}").into_bytes(),
        cell.to_le_bytes().to_vec(),
        [&CELL_PLMN[..], &(cell as u32).to_be_bytes()].concat(),
    ]
}

/// The canaries that somebody finds in these octets, each as often as it is there.
pub(crate) fn found<'c>(octets: &[u8], canaries: &'c HashMap<[u8; 4], Vec<Vec<u8>>>) -> Vec<&'c [u8]> {
    let mut pairs = vec![false; 1 << 16];
    canaries.keys().for_each(|start| pairs[usize::from(u16::from_be_bytes([start[0], start[1]]))] = true);
    let mut found = vec![];
    for (at, window) in octets.windows(4).enumerate() {
        if !pairs[usize::from(u16::from_be_bytes([window[0], window[1]]))] {
            continue;
        }
        let of = canaries.get(window).into_iter().flatten();
        found.extend(of.filter(|canary| octets[at..].starts_with(canary)).map(Vec::as_slice));
    }
    found
}

/// Canaries of records by their first octets.
pub(crate) fn by_start(records: impl Iterator<Item = u32>) -> HashMap<[u8; 4], Vec<Vec<u8>>> {
    let mut by_start: HashMap<[u8; 4], Vec<Vec<u8>>> = HashMap::new();
    for canary in records.flat_map(canaries) {
        by_start.entry(canary[..4].try_into().unwrap()).or_default().push(canary);
    }
    by_start
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = vec![];
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

pub(crate) type Phone = Station<LogFiles, KeyFile>;

/// A station in a folder, under a clock that stands.
pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
}

/// When the tests begin, ms.
pub(crate) const START_MS: u64 = 1_000_000;

impl Bench {
    pub(crate) fn new() -> Self {
        let clock = Clock::default();
        clock.hold(START_MS);
        clock.set_date(now_s());
        Self { folder: tempfile::tempdir().unwrap(), clock, keys: Keys::new() }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn secrets(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub(crate) fn ports(&self) -> (LogFiles, KeyFile) {
        (LogFiles::new(&self.state().join("log")).unwrap(), KeyFile::new(&self.secrets()).unwrap())
    }

    pub(crate) fn start(&self, boot: u8) -> Phone {
        self.start_in(Some(BootId([boot; 16])))
    }

    pub(crate) fn start_in(&self, boot: Option<BootId>) -> Phone {
        // The order of the daemon: folders first.
        mdt_agent::files::own_folder(&self.state()).unwrap();
        let folders = (self.state(), self.secrets());
        let (keys, clock) = (self.keys.list.clone(), self.clock.clone());
        Station::start(self.ports(), (&folders.0, &folders.1), Profile::STANDARD, boot, keys, clock, 0).unwrap()
    }

    /// A drive that begins now.
    pub(crate) fn drive(&self, records: u32) -> Replay {
        let file = self.folder.path().join("drive.jsonl");
        drive(&file, records);
        Replay::open(&file, Pace::Times, self.clock.now_ms()).unwrap()
    }

    /// Takes the job at the start of the drive, and drives to its end.
    pub(crate) fn driven(&self, phone: &mut Phone, trace_id: &str, records: u32) {
        let mut drive = self.drive(records);
        let first = drive.see(self.clock.now_ms()).unwrap();
        phone.see(&first).unwrap();
        phone.take(&job(trace_id), &first).unwrap();
        self.go(phone, &mut drive);
    }

    pub(crate) fn go(&self, phone: &mut Phone, drive: &mut Replay) {
        while let Some(next_ms) = drive.next_ms() {
            self.clock.hold(next_ms);
            phone.see(&drive.see(next_ms).unwrap()).unwrap();
        }
    }

    pub(crate) fn advance(&self, ms: u64) {
        self.clock.hold(self.clock.now_ms() + ms);
    }

    /// Sealed octets on disk.
    pub(crate) fn sealed(&self) -> usize {
        std::fs::read_dir(self.state().join("log")).unwrap().count()
    }

    /// Everything that waits, opened; each settled with its receipt.
    pub(crate) fn fetch(&self, phone: &mut Phone) -> Vec<Entry> {
        let mut entries = vec![];
        while let Some(errand) = phone.errand(true).unwrap() {
            let Errand::Segment { octets, unlock, .. } = &errand else { panic!("something else") };
            entries.extend(self.keys.open(octets, unlock));
            phone.settle(&errand, &self.keys.receipt(&errand, self.clock.now_s())).unwrap();
        }
        entries
    }
}
