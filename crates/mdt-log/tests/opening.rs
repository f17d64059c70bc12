//! Sealed by the phone, opened by the collector: whole, altered, cut, in another order (check B34).

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt_log::open::{End, Finding, Hole, OpenError, UnlockedEpoch, Verdict, holes, open_report, open_segment};
use mdt_log::*;
use support::{Collector, Segment, TestRng, content, segment};

fn epoch() -> EpochKey {
    EpochKey::generate(&mut TestRng::new(2))
}

/// Opens and checks that each record that opens is genuine; gives their numbers.
fn open(collector: &Collector, octets: &[u8], epoch: &EpochKey) -> Result<(Verdict, Vec<u32>), OpenError> {
    open_with(collector, octets, &collector.unlocked(epoch))
}

fn open_with(collector: &Collector, octets: &[u8], epoch: &UnlockedEpoch) -> Result<(Verdict, Vec<u32>), OpenError> {
    let mut numbers = vec![];
    let verdict = open_segment(octets, &collector.private, epoch, |record| {
        assert_eq!((record.kind, record.content), (Kind::Entry, content(record.number).as_slice()));
        numbers.push(record.number);
    })?;
    Ok((verdict, numbers))
}

const CLOSED: End = End::Closed(CloseReason::Upload);

#[test]
fn what_was_sealed_opens_in_order_under_both_suites() {
    let (collector, epoch) = (Collector::new(), epoch());
    for suite in [Suite::Small, Suite::Hybrid] {
        let (octets, _) = segment(&collector, suite, &epoch, 200);
        let (verdict, numbers) = open(&collector, &octets, &epoch).unwrap();
        assert_eq!(verdict, Verdict { opened: 200, findings: vec![], end: CLOSED });
        assert!(verdict.is_complete());
        assert_eq!(numbers, (0..200).collect::<Vec<_>>());
    }
}

#[test]
fn b34_each_bit_of_the_head_is_bound() {
    let (collector, epoch) = (Collector::new(), epoch());
    let (octets, starts) = segment(&collector, Suite::Small, &epoch, 3);
    let unlocked = collector.unlocked(&epoch);
    for bit in 0..starts[0] * 8 {
        let mut altered = octets.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(open_with(&collector, &altered, &unlocked).is_err(), "bit {bit} of the head is not bound");
    }
}

#[test]
fn b34_a_flipped_bit_costs_one_record() {
    let (collector, epoch) = (Collector::new(), epoch());
    let (octets, starts) = segment(&collector, Suite::Small, &epoch, 8);
    let unlocked = collector.unlocked(&epoch);
    // Every bit of the fourth record's ciphertext and tag.
    for bit in (starts[3] + 2) * 8..starts[4] * 8 {
        let mut altered = octets.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let (verdict, numbers) = open_with(&collector, &altered, &unlocked).unwrap();
        assert_eq!(numbers, [0, 1, 2, 4, 5, 6, 7]);
        assert_eq!(verdict.findings, [Finding::Damaged { frame: 3 }, Finding::Missing { from: 3, count: 1 }]);
        assert_eq!(verdict.end, CLOSED);
    }
}

#[test]
fn b34_records_in_another_order_are_named() {
    let (collector, epoch) = (Collector::new(), epoch());
    let (octets, starts) = segment(&collector, Suite::Small, &epoch, 8);
    let mut swapped = octets[..starts[2]].to_vec();
    swapped.extend_from_slice(&octets[starts[3]..starts[4]]);
    swapped.extend_from_slice(&octets[starts[2]..starts[3]]);
    swapped.extend_from_slice(&octets[starts[4]..]);
    let (verdict, numbers) = open(&collector, &swapped, &epoch).unwrap();
    assert_eq!(numbers, [0, 1, 3, 2, 4, 5, 6, 7]);
    assert_eq!((verdict.findings, verdict.end), (vec![Finding::OutOfOrder { number: 2 }], CLOSED));
}

#[test]
fn b34_missing_records_are_named() {
    let (collector, epoch) = (Collector::new(), epoch());
    let (octets, starts) = segment(&collector, Suite::Small, &epoch, 100);
    for (from, count) in [(0, 1), (2, 3), (10, 64), (99, 1)] {
        let mut cut = octets[..starts[from]].to_vec();
        cut.extend_from_slice(&octets[starts[from + count]..]);
        let (verdict, numbers) = open(&collector, &cut, &epoch).unwrap();
        assert_eq!(numbers.len(), 100 - count);
        let missing = Finding::Missing { from: from as u32, count: count as u32 };
        assert_eq!((verdict.findings, verdict.end), (vec![missing], CLOSED));
    }
}

#[test]
fn b34_a_record_that_stands_twice_or_comes_from_another_segment_is_named() {
    let (collector, epoch) = (Collector::new(), epoch());
    let (octets, starts) = segment(&collector, Suite::Small, &epoch, 8);
    let mut other = Segment::begin(&collector, Suite::Small, &epoch, 1);
    other.seal(Kind::Entry, &content(4));
    let foreign = &other.octets[other.starts[0]..];
    for extra in [&octets[starts[1]..starts[2]], foreign] {
        let mut with = octets[..starts[4]].to_vec();
        with.extend_from_slice(extra);
        with.extend_from_slice(&octets[starts[4]..]);
        let (verdict, numbers) = open(&collector, &with, &epoch).unwrap();
        assert_eq!(numbers, (0..8).collect::<Vec<_>>());
        assert_eq!((verdict.findings, verdict.end), (vec![Finding::Damaged { frame: 4 }], CLOSED));
    }
}

#[test]
fn b34_a_cut_at_every_octet_costs_what_was_cut_and_shows() {
    let (collector, epoch) = (Collector::new(), epoch());
    let (octets, starts) = segment(&collector, Suite::Small, &epoch, 6);
    let unlocked = collector.unlocked(&epoch);
    for end in 0..octets.len() {
        let result = open_with(&collector, &octets[..end], &unlocked);
        if end < starts[0] {
            assert_eq!(result.err(), Some(OpenError::Head(HeadError::Torn)), "cut at {end}");
            continue;
        }
        let (verdict, numbers) = result.unwrap();
        let whole = starts[1..].iter().filter(|start| **start <= end).count();
        assert_eq!(numbers, (0..whole as u32).collect::<Vec<_>>());
        assert_eq!(verdict.end, End::Open, "the cut shows");
        let torn = end - starts.iter().rfind(|start| **start <= end).unwrap();
        let findings = if torn == 0 { vec![] } else { vec![Finding::TornTail { octets: torn }] };
        assert_eq!(verdict.findings, findings);
    }
}

#[test]
fn what_stands_after_the_close_record_is_not_looked_at() {
    let (collector, epoch) = (Collector::new(), epoch());
    let (mut octets, starts) = segment(&collector, Suite::Small, &epoch, 3);
    octets.extend_from_within(starts[1]..starts[2]);
    let (verdict, numbers) = open(&collector, &octets, &epoch).unwrap();
    let octets = starts[2] - starts[1];
    assert_eq!((numbers.len(), verdict.findings), (3, vec![Finding::AfterClose { octets }]));
}

#[test]
fn garbage_between_records_ends_and_what_follows_is_found() {
    let (collector, epoch) = (Collector::new(), epoch());
    let (octets, starts) = segment(&collector, Suite::Small, &epoch, 150);
    let mut altered = octets.clone();
    // A block of storage that was never written, with lengths that look sound.
    for at in 20..120 {
        altered[starts[at] + 2..starts[at + 1]].fill(0);
    }
    let (verdict, numbers) = open(&collector, &altered, &epoch).unwrap();
    assert_eq!(numbers, (0..20).chain(120..150).collect::<Vec<_>>());
    assert_eq!(verdict.findings.len(), 65, "a bounded list, and the mark of more");
    assert_eq!(verdict.end, CLOSED);
    // Nothing but garbage: an end is reached all the same.
    let mut altered = octets[..starts[0]].to_vec();
    for _ in 0..20_000 {
        altered.extend_from_slice(&[0, 32]);
        altered.extend_from_slice(&[0x55; 32]);
    }
    let (verdict, numbers) = open(&collector, &altered, &epoch).unwrap();
    assert_eq!((numbers.len(), verdict.findings.len(), verdict.end), (0, 65, End::Open));
}

#[test]
fn another_epoch_key_opens_nothing() {
    // What a clear leaves behind: the segment and the collector's key, not the epoch's. Check B14, threat T7.
    let (collector, epoch) = (Collector::new(), epoch());
    let (octets, _) = segment(&collector, Suite::Hybrid, &epoch, 3);
    let other = EpochKey::generate(&mut TestRng::new(3));
    let refused = OpenError::Epoch { segment: epoch.id(), unlocked: other.id() };
    assert_eq!(open(&collector, &octets, &other).err(), Some(refused));
    // Nor when it pretends to be the same epoch.
    let mut message = other.unlock(collector.key(Suite::Hybrid), &mut TestRng::new(4)).unwrap();
    message[14..30].copy_from_slice(&epoch.id().0);
    assert_eq!(open::unlock(&message, &collector.private).err(), Some(OpenError::Altered));
}

#[test]
fn a_destroyed_collector_key_opens_nothing() {
    let (collector, epoch) = (Collector::new(), epoch());
    let (octets, _) = segment(&collector, Suite::Hybrid, &epoch, 3);
    let unlocked = collector.unlocked(&epoch);
    let result = open_segment(&octets, &collector.private[..1], &unlocked, |_| ());
    assert_eq!(result.err(), Some(OpenError::UnknownKey(KeyId([2; 8]))));
}

#[test]
fn b34_each_octet_of_a_single_report_is_bound() {
    let (collector, epoch) = (Collector::new(), epoch());
    let device = DeviceSecret::generate(&mut TestRng::new(1));
    let facts = ReportFacts { content: Content::NrUper, consent: vec![] };
    let key = collector.key(Suite::Small);
    let sealed =
        seal_report(Kind::RadioLinkFailure, b"a failure", &facts, key, &epoch, &device, &mut TestRng::new(5)).unwrap();
    let unlocked = collector.unlocked(&epoch);
    let mut seen = 0;
    open_report(&sealed.1, &collector.private, &unlocked, |head, record| {
        assert_eq!((head.report, record.kind, record.content), (sealed.0, Kind::RadioLinkFailure, &b"a failure"[..]));
        seen += 1;
    })
    .unwrap();
    assert_eq!(seen, 1);
    for kind in [Kind::Entry, Kind::Gap, Kind::Close] {
        let sealed = seal_report(kind, b"no failure", &facts, key, &epoch, &device, &mut TestRng::new(5));
        assert_eq!(sealed.err(), Some(SealError::NotAReport));
    }
    for at in 0..sealed.1.len() {
        let mut altered = sealed.1.clone();
        altered[at] ^= 1;
        let opened = open_report(&altered, &collector.private, &unlocked, |_, _| ());
        assert!(opened.is_err(), "octet {at} is not bound");
        assert!(open_report(&sealed.1[..at], &collector.private, &unlocked, |_, _| ()).is_err());
    }
}

#[test]
fn missing_segments_are_named() {
    let (full, done) = (End::Closed(CloseReason::SegmentFull), End::Closed(CloseReason::DurationOver));
    assert_eq!(holes([(0, full), (1, full), (2, done)]), []);
    assert_eq!(holes([(2, done), (0, full)]), [Hole::Between { from: 1, count: 1 }]);
    assert_eq!(holes([(3, done)]), [Hole::Between { from: 0, count: 3 }]);
    assert_eq!(holes([(0, full), (1, full)]), [Hole::After { last: 1 }]);
    assert_eq!(holes([(0, End::Open), (1, End::Open)]), [], "a crash, or a cut: not told apart");
}
