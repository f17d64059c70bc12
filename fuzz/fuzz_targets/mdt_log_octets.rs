//! Octets where a segment, a report, an unlock message, a key list or a receipt is expected: nothing forged is taken.
#![no_main]

use fuzz::mdt::{NOW_S, genuine};
use libfuzzer_sys::fuzz_target;
use mdt_log::open::{open_report, open_segment, unlock};
use mdt_log::{Frames, KeyList, Receipt, ReportHead, SegmentHead};
use std::hint::black_box;

fuzz_target!(|octets: &[u8]| {
    let genuine = genuine();
    if let Ok(parsed) = SegmentHead::parse(octets) {
        let mut frames = Frames::new(parsed.records);
        while let Some(sealed) = frames.next() {
            black_box(sealed);
        }
        assert_eq!(frames.read() + frames.left(), parsed.records.len());
    }
    if let Ok(verdict) = open_segment(octets, &genuine.private, &genuine.epoch, |_| ()) {
        assert!(!verdict.is_complete() || octets == genuine.segment);
    }
    if let Ok(parsed) = ReportHead::parse(octets) {
        black_box((parsed.is_whole(), &parsed.head.consent));
    }
    if open_report(octets, &genuine.private, &genuine.epoch, |_, _| ()).is_ok() {
        assert_eq!(octets, genuine.report);
    }
    if let Ok(epoch) = unlock(octets, &genuine.private) {
        // Anybody may seal a key of their own to the collector.
        black_box(epoch.id());
    }
    let (signed, root, list) = &genuine.list;
    if let Ok(taken) = KeyList::verify(octets, &[*root], 0, NOW_S) {
        assert!(octets == signed && taken == *list);
    }
    if let Ok(receipt) = Receipt::verify(octets, list, NOW_S) {
        assert!(octets == genuine.receipt.0 && receipt == genuine.receipt.1);
    }
});
