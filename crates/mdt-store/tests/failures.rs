//! Reports of failures in the store: kept, sorted, erased, aged.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt::rrc::{FailureCause, FailureKind, FailureRecord, NamedCell, Plmn, Rat};
use mdt_store::*;
use sha2::{Digest, Sha256};
use support::*;

const DAY_MS: i64 = 86_400_000;

fn named(cell: u64) -> Option<NamedCell> {
    Some(NamedCell { network: Plmn::new("001", "001").unwrap(), cell, tracking_area: Some(0x1234) })
}

/// Every column has a value, each its own.
fn full() -> FailureRecord {
    FailureRecord {
        kind: FailureKind::Handover,
        cause: Some(FailureCause::LbtFailure),
        rat: Rat::Nr,
        since_s: Some(30),
        position: Some((4_800_837, -5956)),
        uncertainty: Some(18),
        failed: named(1 << 35),
        carrier: Some(632_448),
        pci: Some(1007),
        results: [Some(-17), Some(-30), Some(127)],
        previous: named(2),
        reestablishment: named(3),
        reconnection: named(4),
        until_reconnection_s: Some(172_800),
        since_handover_100ms: Some(1023),
        preambles: Some(200),
        failures: Some(8),
        flags: 31,
    }
}

fn kept(records: &[FailureRecord], token: u8) -> AnonymisedFailures {
    let erasure = Some(Sha256::digest([token; 32]).into());
    anonymiser().management_failures(&area_job(), records, Told::Nothing, erasure, NOON).unwrap().0
}

fn stored(store: &Store<Folder>, which: Option<&Which>, ages: Ages) -> Vec<Failure> {
    store.failures(which, ages).flat_map(|part| part.unwrap().iter().copied().collect::<Vec<_>>()).collect()
}

#[test]
fn what_is_kept_is_what_was_committed_sorted_or_not() {
    let folder = Folder::default();
    let mut store = Store::open(folder.clone()).unwrap();
    let empty = FailureRecord::EMPTY;
    store.commit_both(&AnonymisedRows::default(), &kept(&[full(), empty], 1)).unwrap();
    store.commit_both(&AnonymisedRows::default(), &kept(&[full()], 2)).unwrap();
    let (noon, waited) = (NOON.secs() as i64 * 1000, NOON.secs() as i64 * 1000 - 30_000);
    for sorted in [false, true] {
        if sorted {
            assert_eq!(store.compact(Limits::default()).unwrap().rows, 3);
            assert!(store.names().all(|name| name.starts_with("failures/day=2026-11-28/place=")));
        }
        let store = Store::open(folder.clone()).unwrap();
        let mut all = stored(&store, None, Ages::ALL);
        all.sort_by_key(|failure| (failure.time_ms, failure.erasure));
        assert_eq!(all.iter().map(|failure| failure.time_ms).collect::<Vec<_>>(), [waited, waited, noon]);
        assert!(all[2].record == empty);
        assert!(all[..2].iter().all(|failure| failure.record == FailureRecord { since_s: None, ..full() }));
        assert_eq!((store.len(), store.parts(None).count()), (3, 0), "not among the rows of logs");
    }
    let token = Which::Token([1; 32]);
    assert_eq!(stored(&store, Some(&token), Ages::ALL).len(), 2);
    assert_eq!((store.erase(&token).unwrap(), store.erase(&token).unwrap()), (2, 0));
    assert_eq!(stored(&store, None, Ages::ALL).len(), 1);
}

/// What is older than it may be is gone from what is read at once, and from disk by the pass; rows that name a subscriber by their own age.
#[test]
fn rows_and_failures_age() {
    let folder = Folder::default();
    let mut store = Store::open(folder.clone()).unwrap();
    let noon = NOON.secs() as i64 * 1000;
    let old = FailureRecord { since_s: Some(172_800), ..full() };
    store.commit_both(&support::kept(&area_job(), 1, None, &[london(5, 0)]), &kept(&[old, full()], 1)).unwrap();
    let from = |ms| Ages { anonymous_from_ms: ms, subjects_from_ms: ms };
    let left = |store: &Store<Folder>, ages| {
        let rows: usize = store.young_parts(None, ages).map(|part| part.unwrap().len()).sum();
        (rows, stored(store, None, ages).len())
    };
    assert_eq!(left(&store, Ages::ALL), (1, 2));
    assert_eq!(left(&store, from(noon - DAY_MS)), (1, 1), "not read any more");
    assert_eq!(store.expire(from(noon - 3 * DAY_MS)).unwrap(), 0);
    assert_eq!(store.expire(Ages { anonymous_from_ms: i64::MIN, subjects_from_ms: noon + DAY_MS }).unwrap(), 0);
    assert_eq!(store.expire(from(noon - DAY_MS)).unwrap(), 1);
    assert_eq!((left(&store, Ages::ALL), store.len()), ((1, 1), 2));
    assert_eq!(store.expire(from(noon + DAY_MS)).unwrap(), 2);
    assert_eq!(folder.list().unwrap(), ["catalog.json"], "and nothing is left on disk");
}
