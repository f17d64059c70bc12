//! Random lists of operations with power failing at every octet: whatever was acknowledged is recovered, and nothing else opens.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt_log::log::{Profile, SealedLog};
use mdt_log::open::{UnlockedEpoch, open_segment, unlock};
use mdt_log::*;
use proptest::prelude::*;
use std::sync::OnceLock;
use support::phone::{BOOT, Shared, Uploaded};
use support::{Collector, TestRng};

#[derive(Debug, Clone)]
enum Operation {
    /// An entry of so many octets.
    Append(usize),
    Flush,
    Close,
    Clear,
    Upload,
    Receipt,
    /// Power fails once so many octets and operations more were written; so many of what was not durable survive.
    Cut(usize, usize),
    /// The program ends.
    Crash(usize),
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        8 => (0usize..300).prop_map(Operation::Append),
        4 => Just(Operation::Flush),
        1 => Just(Operation::Close),
        1 => Just(Operation::Clear),
        1 => Just(Operation::Upload),
        1 => Just(Operation::Receipt),
        2 => (0usize..1200, 0usize..1200).prop_map(|(budget, kept)| Operation::Cut(budget, kept)),
        1 => (0usize..1200).prop_map(Operation::Crash),
    ]
}

fn collector() -> &'static Collector {
    static COLLECTOR: OnceLock<Collector> = OnceLock::new();
    COLLECTOR.get_or_init(Collector::new)
}

/// What the test knows beside the log.
struct Model {
    disk: Shared,
    log: SealedLog<Shared, Shared, TestRng>,
    starts: u64,
    /// Numbers of entries that were appended since the last flush, that were acknowledged, and that may be there.
    pending: Vec<u32>,
    acknowledged: Vec<u32>,
    possible: Vec<u32>,
    next: u32,
    kept: usize,
    uploaded: Option<Uploaded>,
    /// What the collector has for good.
    received: Vec<u32>,
}

const PROFILE: Profile = Profile { log_octets: 12_000, segment_octets: 1_500, reports: 2 };

fn open(disk: &Shared, starts: u64) -> SealedLog<Shared, Shared, TestRng> {
    let mut log = SealedLog::open(disk.clone(), disk.clone(), TestRng::new(starts), PROFILE, BOOT).unwrap().0;
    log.begin(&support::facts(0), collector().list.keys[0].clone());
    log
}

fn content(number: u32, len: usize) -> Vec<u8> {
    let mut content = number.to_be_bytes().to_vec();
    content.resize(4 + len, number as u8);
    content
}

impl Model {
    fn new() -> Self {
        let disk = Shared::default();
        let log = open(&disk, 0);
        Self {
            disk,
            log,
            starts: 0,
            pending: vec![],
            acknowledged: vec![],
            possible: vec![],
            next: 0,
            kept: 0,
            uploaded: None,
            received: vec![],
        }
    }

    fn restart(&mut self, kept: usize) {
        self.disk.0.borrow_mut().crash(kept);
        self.starts += 1;
        self.pending.clear();
        self.log = open(&self.disk, self.starts);
        assert!(self.log.status().octets <= PROFILE.log_octets);
    }

    /// The result of a call, or the crash that it met.
    fn settled<T>(&mut self, result: Result<T, log::LogError>) -> Option<T> {
        match result {
            Ok(done) => Some(done),
            Err(log::LogError::Storage(_)) => {
                let kept = self.kept;
                self.restart(kept);
                None
            }
            Err(_) => None,
        }
    }

    fn flushed(&mut self) {
        self.acknowledged.append(&mut self.pending);
    }

    fn apply(&mut self, operation: &Operation) {
        match operation {
            Operation::Append(len) => {
                let number = self.next;
                self.next += 1;
                self.possible.push(number);
                let result = self.log.append(Kind::Entry, &content(number, *len));
                if self.settled(result).is_some() {
                    self.pending.push(number);
                }
            }
            Operation::Flush => {
                let result = self.log.flush();
                if self.settled(result).is_some() {
                    // A segment that was full was made durable when it was closed.
                    self.flushed();
                }
            }
            Operation::Close => {
                let result = self.log.close(CloseReason::DurationOver);
                if self.settled(result).is_some() {
                    self.flushed();
                }
            }
            Operation::Clear => {
                let result = self.log.discard(true, true);
                if self.settled(result).is_some() {
                    self.log.begin(&support::facts(0), collector().list.keys[0].clone());
                    (self.pending, self.acknowledged, self.possible) = (vec![], vec![], vec![]);
                    self.uploaded = None;
                } else {
                    // Either it happened or not.
                    (self.pending, self.acknowledged) = (vec![], vec![]);
                }
            }
            Operation::Upload => {
                let result = self.log.freeze();
                if let Some(epochs) = self.settled(result) {
                    self.flushed();
                    self.uploaded = Some(upload(&mut self.log, &epochs));
                }
            }
            Operation::Receipt => {
                let Some(uploaded) = self.uploaded.take() else { return };
                for epoch in uploaded.epochs.clone() {
                    let receipt = uploaded.receipt(collector(), epoch);
                    let seen = open_all(&mut self.log, &uploaded, epoch);
                    let result = self.log.received(&receipt);
                    if self.settled(result).is_some() {
                        self.received.extend(&seen);
                    }
                    // Here, there, or both after a crash: the collector has it in any case.
                    self.acknowledged.retain(|number| !seen.contains(number));
                }
            }
            Operation::Cut(budget, kept) => {
                self.disk.0.borrow_mut().budget = Some(*budget);
                self.kept = *kept;
            }
            Operation::Crash(kept) => self.restart(*kept),
        }
    }

    /// Everything that opens at the end.
    fn finish(&mut self) -> Vec<u32> {
        self.disk.0.borrow_mut().budget = None;
        self.restart(usize::MAX / 2);
        let mut opened = vec![];
        loop {
            let epochs = self.log.freeze().unwrap();
            if epochs.is_empty() {
                return opened;
            }
            let uploaded = upload(&mut self.log, &epochs);
            for epoch in epochs {
                opened.extend(open_all(&mut self.log, &uploaded, epoch));
                self.log.received(&uploaded.receipt(collector(), epoch)).ok().unwrap();
            }
        }
    }
}

fn upload(log: &mut SealedLog<Shared, Shared, TestRng>, epochs: &[EpochId]) -> Uploaded {
    let mut uploaded = Uploaded { epochs: epochs.to_vec(), ..Uploaded::default() };
    for epoch in epochs {
        let mut last = None;
        while let Some(part) = log.part(*epoch, last.as_ref(), 500).unwrap() {
            uploaded.take(part.clone());
            last = Some(part);
        }
    }
    uploaded
}

fn open_all(log: &mut SealedLog<Shared, Shared, TestRng>, uploaded: &Uploaded, epoch: EpochId) -> Vec<u32> {
    let Ok(message) = log.unlock(epoch, &collector().list.keys[0]) else { return vec![] };
    let unlocked: UnlockedEpoch = unlock(&message, &collector().private).unwrap();
    let mut seen = vec![];
    for segment in uploaded.order.iter().filter(|s| uploaded.parts[s].0 == epoch) {
        let verdict = open_segment(&uploaded.whole(*segment).1, &collector().private, &unlocked, |record| {
            let number = u32::from_be_bytes(record.content[..4].try_into().unwrap());
            assert_eq!(record.content, content(number, record.content.len() - 4), "genuine octets");
            seen.push(number);
        })
        .unwrap();
        assert!(
            verdict.findings.iter().all(|finding| matches!(finding, open::Finding::TornTail { .. })),
            "a crash tears the tail and nothing else: {:?}",
            verdict.findings
        );
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_was_acknowledged_is_recovered(operations in prop::collection::vec(operation(), 1..60)) {
        let mut model = Model::new();
        operations.iter().for_each(|operation| model.apply(operation));
        let opened = model.finish();
        prop_assert!(opened.is_sorted(), "in order: {opened:?}");
        for number in &model.acknowledged {
            prop_assert!(opened.contains(number), "{number} was acknowledged");
        }
        for number in &opened {
            prop_assert!(model.possible.contains(number), "{number} was cleared or never logged");
            prop_assert!(!model.received.contains(number), "{number} was delivered");
        }
    }
}

#[test]
fn power_fails_at_every_octet_of_a_short_log() {
    for budget in 0..1_080 {
        let mut model = Model::new();
        model.apply(&Operation::Cut(budget, 0));
        for _ in 0..6 {
            model.apply(&Operation::Append(60));
            model.apply(&Operation::Flush);
        }
        let opened = model.finish();
        assert!(model.acknowledged.iter().all(|number| opened.contains(number)), "cut after {budget}");
    }
}
