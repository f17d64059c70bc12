//! Batches in, rows out, through compaction, erasure and crashes.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt::rrc::{NeighbourRat, Plmn};
use mdt_store::*;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use support::*;

fn optional<T: core::fmt::Debug + Clone>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(of)
}

fn quantities() -> impl Strategy<Value = [Option<i8>; 3]> {
    [optional(-127..=127_i8), optional(-127..=127_i8), optional(-127..=127_i8)]
}

fn made() -> impl Strategy<Value = Made> {
    let rats = prop::sample::select(vec![
        NeighbourRat::Lte,
        NeighbourRat::Nr,
        NeighbourRat::UtraFdd,
        NeighbourRat::UtraTdd,
        NeighbourRat::Geran1800,
        NeighbourRat::Geran1900,
        NeighbourRat::Cdma2000,
    ]);
    let neighbour = (rats, optional(0..0x7FFF_FFFF_u32), 0..1008_u16, quantities());
    let position = optional((-0x7F_FFFF..=0x7F_FFFF_i32, -0x80_0000..=0x7F_FFFF_i32));
    let networks = prop::sample::select(vec![Plmn::new("234", "15"), Plmn::new("001", "001"), Plmn::new("001", "01")]);
    (
        (0..=7200_u16, position, optional(0..=127_u8), optional(networks), optional(0..1_u64 << 36)),
        (optional(0..=0xFF_FFFF_u32), quantities(), any::<u8>(), prop::collection::vec(neighbour, 0..4)),
    )
        .prop_map(|((time_s, position, uncertainty, network, cell), (tac, quantities, flags, neighbours))| Made {
            time_s,
            position,
            uncertainty,
            network: network.flatten(),
            cell,
            tac,
            quantities,
            flags,
            neighbours,
        })
}

fn logs() -> impl Strategy<Value = Vec<(u16, Vec<Made>)>> {
    prop::collection::vec((0..4_u16, prop::collection::vec(made(), 0..12)), 1..6)
}

fn token(session: u16) -> [u8; 32] {
    [session as u8 + 1; 32]
}

fn batch(session: u16, entries: &[Made]) -> AnonymisedRows {
    kept(&area_job(), session, Some(Sha256::digest(token(session)).into()), entries)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Row by row, whatever was committed is what is read: from batches, after compaction into days and places, after another one.
    #[test]
    fn what_is_kept_is_what_was_committed(logs in logs(), full in 1..40_u64, budget in 0..30_u64) {
        let folder = Folder::default();
        let mut store = Store::open(folder.clone()).unwrap();
        let mut expected = Vec::new();
        for (number, (session, entries)) in logs.iter().enumerate() {
            let rows = batch(*session, entries);
            expected.extend(content(&rows));
            prop_assert_eq!(store.commit(&rows).unwrap(), number as u64 + 1);
        }
        expected.sort();
        prop_assert_eq!(&stored(&store), &expected);
        for _ in 0..=logs.len() {
            store.compact(Limits { rows: budget, full }).unwrap();
            prop_assert_eq!(&stored(&store), &expected);
        }
        prop_assert!(store.names().all(|name| !name.starts_with("incoming")), "all batches are sorted in by now");
        let reopened = Store::open(folder.clone()).unwrap();
        prop_assert_eq!(&stored(&reopened), &expected);
        prop_assert_eq!(reopened.len(), expected.len() as u64);
        let mut names: Vec<String> = reopened.names().map(str::to_owned).chain(["catalog.json".to_owned()]).collect();
        if expected.is_empty() {
            names.retain(|name| name == "catalog.json");
        }
        names.sort();
        prop_assert_eq!(folder.list().unwrap(), names, "nothing else is left in the folder");
    }

    /// B28: who shows the token erases what came of that log and nothing else, sorted in or not, and it is gone from every file.
    #[test]
    fn a_token_erases_its_log(logs in logs(), sorted in any::<bool>(), gone in 0..4_u16) {
        let folder = Folder::default();
        let mut store = Store::open(folder.clone()).unwrap();
        let (mut expected, mut erased) = (Vec::new(), 0);
        for (session, entries) in &logs {
            let rows = batch(*session, entries);
            if *session == gone {
                erased += rows.len() as u64;
            } else {
                expected.extend(content(&rows));
            }
            store.commit(&rows).unwrap();
        }
        expected.sort();
        if sorted {
            store.compact(Limits::default()).unwrap();
        }
        let asked: usize = store.parts(Some(&Which::Token(token(gone)))).map(|rows| rows.unwrap().len()).sum();
        prop_assert_eq!(asked as u64, erased);
        prop_assert_eq!(store.erase(&Which::Token(token(gone))).unwrap(), erased);
        prop_assert_eq!(store.erase(&Which::Token(token(gone))).unwrap(), 0);
        prop_assert_eq!(&stored(&store), &expected);
        prop_assert_eq!(&stored(&Store::open(folder).unwrap()), &expected);
    }

}

proptest! {
    // Each case is run once for every change of the folder.
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// A machine that stops before any change of the folder leaves what was there before the operation or after it.
    #[test]
    fn a_crash_anywhere_leaves_before_or_after(logs in logs(), operation in 0..3_u8) {
        let (last, before) = logs.split_last().unwrap();
        let run = |stop: Option<usize>| {
            let folder = Folder::default();
            let mut store = Store::open(folder.clone()).unwrap();
            for (session, entries) in before {
                store.commit(&batch(*session, entries)).unwrap();
            }
            let was = stored(&store);
            *folder.changes_left.borrow_mut() = stop;
            let done = match operation {
                0 => store.commit(&batch(last.0, &last.1)).map(drop),
                1 => store.compact(Limits { rows: 1000, full: 10 }).map(drop),
                _ => store.erase(&Which::Token(token(last.0))).map(drop),
            };
            *folder.changes_left.borrow_mut() = None;
            let again = Store::open(folder.clone()).unwrap();
            assert_eq!(folder.list().unwrap().iter().filter(|name| *name != "catalog.json").count(), again.names().count());
            (was, done, stored(&again), again.batches())
        };
        let (_, done, after, _) = run(None);
        prop_assert_eq!(done, Ok(()));
        for stop in 0.. {
            let (was, done, found, batches) = run(Some(stop));
            if operation == 0 {
                let is_in = batches == before.len() as u64 + 1;
                prop_assert_eq!(&found, if is_in { &after } else { &was }, "the number tells whether the batch is in");
                prop_assert!(is_in || done.is_err(), "acknowledged and lost");
            } else {
                prop_assert!(found == was || found == after);
                prop_assert!(found == after || done.is_err());
            }
            if done.is_ok() {
                break;
            }
        }
    }
}

#[test]
fn a_store_in_doubt_refuses_until_it_is_opened_again() {
    let folder = Folder::default();
    let mut store = Store::open(folder.clone()).unwrap();
    // The rows are written, the catalog is not.
    *folder.changes_left.borrow_mut() = Some(1);
    assert!(matches!(store.commit(&batch(1, &[london(0, 0)])), Err(StoreError::Files(_))));
    *folder.changes_left.borrow_mut() = None;
    assert_eq!(store.commit(&batch(1, &[london(0, 0)])), Err(StoreError::Doubtful));
    assert_eq!(store.erase(&Which::Token(token(1))), Err(StoreError::Doubtful));
    let mut store = Store::open(folder).unwrap();
    assert_eq!((store.batches(), store.commit(&batch(1, &[london(0, 0)]))), (0, Ok(1)));
}

#[test]
fn jobs_and_subjects_are_erased_by_name() {
    let mut store = Store::open(Folder::default()).unwrap();
    let other = job("000002", None, None);
    store.commit(&batch(1, &[london(0, 0)])).unwrap();
    store.commit(&kept(&other, 1, None, &[london(0, 1), london(5, 2)])).unwrap();
    let reference = other.trace_head([0, 1]).unwrap().trace_reference;
    assert_eq!(store.erase(&Which::Subject(SubjectId([1; 16]))), Ok(0));
    assert_eq!(store.erase(&Which::Job(reference)), Ok(2));
    assert_eq!(store.len(), 1);
}

/// Rows of one day and town come to lie in one folder, near ones near each other.
#[test]
fn compaction_sorts_by_day_and_place() {
    let mut store = Store::open(Folder::default()).unwrap();
    let paris = Made { position: Some((4_555_000, 109_600)), ..london(1, 0) };
    let nowhere = Made { position: None, ..london(2, 0) };
    let neither = Made { position: None, tac: None, ..london(3, 0) };
    store.commit(&batch(1, &[london(9, 3), paris, nowhere])).unwrap();
    store.commit(&batch(2, &[london(8, 1), neither, london(7, 2)])).unwrap();
    let done = store.compact(Limits::default()).unwrap();
    assert_eq!(done, Compacted { taken: 2, made: 4, rows: 6 });
    let folders: Vec<&str> = store.names().map(|name| name.rsplit_once('/').unwrap().0).collect();
    assert_eq!(
        folders,
        [
            "day=2026-11-28/place=nowhere",
            "day=2026-11-28/place=r395c0518",
            "day=2026-11-28/place=r402c0511",
            "day=2026-11-28/place=ta001234"
        ]
    );
    let parts: Vec<AnonymisedRows> = store.parts(None).collect::<Result<_, _>>().unwrap();
    let rows = parts.iter().flat_map(|rows| (0..rows.len()).filter_map(|at| rows.row(at)));
    let steps: Vec<i32> = rows.filter_map(|row| Some(row.position?.0 - 4_800_837)).collect();
    assert_eq!(steps, [4_555_000 - 4_800_837, 1, 2, 3]);
}

#[test]
fn a_broken_folder_is_refused_and_left_alone() {
    let folder = Folder::default();
    Store::open(folder.clone()).unwrap().commit(&batch(1, &[london(0, 0)])).unwrap();
    let good = folder.files.borrow().clone();
    let name = good.keys().find(|name| name.ends_with(".parquet")).unwrap().clone();
    for broken in ["", "{", "{\"version\":2,\"next\":1,\"batches\":1,\"files\":[]}"] {
        folder.files.borrow_mut().insert("catalog.json".to_owned(), broken.as_bytes().to_vec().into());
        assert!(matches!(Store::open(folder.clone()), Err(StoreError::Catalog)));
        assert!(folder.files.borrow().contains_key(&name), "nothing is removed by a catalog that cannot be read");
    }
    *folder.files.borrow_mut() = good.clone();
    let octets = good[&name].clone();
    for cut in [0, 1, octets.len() / 2, octets.len() - 1] {
        folder.files.borrow_mut().insert(name.clone(), octets.slice(..cut));
        let store = Store::open(folder.clone()).unwrap();
        assert!(matches!(store.parts(None).next(), Some(Err(StoreError::Rows { .. }))), "{cut}");
    }
    folder.files.borrow_mut().remove(&name);
    let store = Store::open(folder.clone()).unwrap();
    assert_eq!(store.parts(None).next().unwrap().unwrap_err(), StoreError::Missing { name });
}

/// The same part of the same file is kept once, also after its rows were erased; what was kept counts as no batch.
#[test]
fn what_is_imported_is_kept_once() {
    let folder = Folder::default();
    let mut store = Store::open(folder.clone()).unwrap();
    let (one, two) = (job("000001", None, None), job("000002", None, None));
    let name = |file: &[u8], job: &mdt::job::TraceJob| ImportName::new(file, job.reference().unwrap());
    let part = |job: &mdt::job::TraceJob| kept(job, 1, None, &[london(5, 0), london(10, 1)]);
    let first = [(name(b"file", &one), part(&one))];
    assert_eq!(store.import(&first), Ok(vec![true]));
    assert_eq!(store.import(&first), Ok(vec![false]));
    // Another job of the same file is another part, and another file is another one.
    let both = [(name(b"file", &one), part(&one)), (name(b"file", &two), part(&two))];
    assert_eq!(store.import(&both), Ok(vec![false, true]));
    assert_eq!(store.import(&[(name(b"file2", &one), part(&one))]), Ok(vec![true]));
    assert_eq!(store.import(&[(name(b"file3", &one), AnonymisedRows::default())]), Ok(vec![false]));
    assert_eq!((store.len(), store.batches()), (6, 0));
    assert!(!store.has_import(&name(b"file3", &one)), "nothing was kept of it");
    assert_eq!(store.erase(&Which::Job(one.reference().unwrap())), Ok(4));
    store.compact(Limits::default()).unwrap();
    let mut again = Store::open(folder).unwrap();
    assert_eq!(again.import(&both), Ok(vec![false, false]));
    assert!(again.has_import(&first[0].0));
    assert_eq!((again.len(), again.batches()), (2, 0));
}

/// A machine that stops at any change has the import or has it not, and a second try makes it whole.
#[test]
fn a_crash_leaves_an_import_whole_or_not_there() {
    for changes in 0..4 {
        let folder = Folder::default();
        let part = [(ImportName::new(b"file", area_job().reference().unwrap()), batch(1, &[london(5, 0)]))];
        let mut store = Store::open(folder.clone()).unwrap();
        *folder.changes_left.borrow_mut() = Some(changes);
        store.import(&part).ok();
        *folder.changes_left.borrow_mut() = None;
        let mut store = Store::open(folder).unwrap();
        assert_eq!(store.has_import(&part[0].0), store.len() == 1, "{changes}");
        store.import(&part).unwrap();
        assert_eq!(store.len(), 1, "{changes}");
    }
}
