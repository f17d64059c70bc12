//! Compaction in steps: what others do with the store between two of them.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt_store::*;
use sha2::{Digest as _, Sha256};
use support::*;

const TOKEN: [u8; 32] = [2; 32];

fn batch(session: u16) -> AnonymisedRows {
    let paris = Made { position: Some((4_555_000, 109_600)), ..london(1, 0) };
    let nowhere = Made { position: None, ..london(2, 0) };
    let token = [session as u8; 32];
    kept(&area_job(), session, Some(Sha256::digest(token).into()), &[london(9, 3), paris, nowhere])
}

/// What is done to a store, and in which folder that is.
type Between = fn(&mut Store<Folder>, &Folder);

/// A store that something is done to before step `at`.
struct Shared {
    store: Store<Folder>,
    folder: Folder,
    at: usize,
    between: Between,
    steps: usize,
}

impl Turns<Folder> for Shared {
    type Error = StoreError;

    fn turn<T>(&mut self, step: impl FnOnce(&mut Store<Folder>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.steps == self.at {
            (self.between)(&mut self.store, &self.folder);
        }
        self.steps += 1;
        step(&mut self.store)
    }
}

/// A compaction of sessions 1 to 3, the first of them sorted in already, with `between` before step `at`; nothing if there are not that many
/// steps.
fn with(between: Between, at: usize) -> Option<(Compacted, Shared)> {
    let folder = Folder::default();
    let mut store = Store::open(folder.clone()).unwrap();
    store.commit(&batch(1)).unwrap();
    store.compact(Limits::default()).unwrap();
    store.commit(&batch(2)).unwrap();
    store.commit(&batch(3)).unwrap();
    let mut shared = Shared { store, folder, at, between, steps: 0 };
    let done = compact(&mut shared, Limits::default()).unwrap();
    (shared.steps > at).then_some((done, shared))
}

/// Every row of these sessions is there once, now and after a crash, and no file but those of the store.
fn holds(shared: &Shared, sessions: &[u16]) {
    let mut expected: Vec<String> = sessions.iter().flat_map(|session| content(&batch(*session))).collect();
    expected.sort();
    let mut names: Vec<String> = shared.store.names().map(str::to_owned).chain(["catalog.json".to_owned()]).collect();
    names.sort();
    assert_eq!(shared.folder.list().unwrap(), names, "before step {}", shared.at);
    assert_eq!(stored(&shared.store), expected, "before step {}", shared.at);
    assert_eq!(stored(&Store::open(shared.folder.clone()).unwrap()), expected, "before step {}", shared.at);
}

#[test]
fn batches_are_kept_between_two_steps() {
    let mut steps = 0;
    while let Some((done, shared)) = with(|store, _| assert_eq!(store.commit(&batch(4)), Ok(4)), steps) {
        assert_eq!(shared.store.batches(), 4);
        assert!(done.taken >= 5, "two batches, three files that were there: {done:?}");
        holds(&shared, &[1, 2, 3, 4]);
        steps += 1;
    }
    assert!(steps > 10, "a step for each file: {steps}");
}

#[test]
fn what_is_erased_between_two_steps_does_not_come_back() {
    let mut at = 0;
    while let Some((_, shared)) = with(|store, _| assert_eq!(store.erase(&Which::Token(TOKEN)), Ok(3)), at) {
        holds(&shared, &[1, 3]);
        at += 1;
    }
    assert!(at > 10, "{at}");
}

#[test]
fn a_store_that_was_opened_anew_in_between_is_left_as_it_is() {
    let mut at = 0;
    while let Some((_, shared)) = with(|store, folder| *store = Store::open(folder.clone()).unwrap(), at) {
        holds(&shared, &[1, 2, 3]);
        at += 1;
    }
    assert!(at > 10, "{at}");
}
