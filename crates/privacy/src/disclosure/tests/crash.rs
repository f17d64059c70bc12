//! Power cuts and torn ends: what was acknowledged survives, what was torn is not taken, what is missing is noticed.

use super::*;

fn open(storage: &Memory) -> Result<(Writer<Memory>, Log), OpenError> {
    Writer::open(storage.clone(), keys(), Bounds::default())
}

/// A log with so many batches of these sizes, and the place where the last one begins.
fn log_of(batches: &[u64]) -> (Memory, usize) {
    let storage = Memory::new(64 << 10);
    let (mut writer, log) = open(&storage).unwrap();
    let (mut number, mut begin) = (0, 4096);
    for (at, size) in batches.iter().enumerate() {
        if at + 1 == batches.len() {
            let end = if at == 0 { 0 } else { storage.octets(0).iter().rposition(|octet| *octet != 0).unwrap() };
            begin = (end + 1).next_multiple_of(64).max(4096);
        }
        for _ in 0..*size {
            drop(record(&log, number));
            number += 1;
        }
        assert_eq!(writer.step(), Step::Committed(*size as usize));
    }
    (storage, begin)
}

#[test]
fn a_torn_end_at_every_octet_loses_only_what_was_not_acknowledged() {
    let (storage, begin) = log_of(&[2, 1, 2]);
    let whole = storage.octets(0);
    let end = whole.iter().rposition(|octet| *octet != 0).unwrap() + 1;
    assert!(end - begin > 600);
    for cut in begin..end {
        for garbage in [0, 0xA5] {
            let torn = storage.copy();
            torn.spoil(0, |octets| {
                octets[cut..end].fill(garbage);
            });
            if torn.octets(0) == whole {
                continue;
            }
            let (mut writer, log) = open(&torn).unwrap();
            assert_eq!(writer.size(), 3, "cut at {cut}");
            let again = record(&log, 9);
            assert_eq!(writer.step(), Step::Committed(1));
            assert_eq!(now(again).unwrap().unwrap().receipt().index, 3);
            assert_eq!(numbers(&mut torn.clone(), &[]), [Some(0), Some(1), Some(2), Some(9)]);
            let options = AuditOptions { every_signature: true, ..AuditOptions::default() };
            let report = audit(&mut torn.clone(), &key(), options, &mut |_| ()).unwrap();
            assert_eq!(report.checkpoint.size, 4);
        }
    }
}

#[test]
fn damage_before_good_batches_is_not_taken_for_a_torn_end() {
    let (storage, last) = log_of(&[2, 1, 2]);
    // Head, frames of 2 + 311 octets, root, then the signature.
    let signature = |begin: usize, entries: usize| begin + 24 + entries * 313 + 32..begin + 24 + entries * 313 + 96;
    let signatures = [signature(4096, 2), signature(4096 + 768, 1)];
    for at in (4096..last).step_by(17) {
        let spoiled = storage.copy();
        spoiled.spoil(0, |octets| octets[at] ^= 1);
        match open(&spoiled) {
            Err(OpenError::Damaged { segment: 0, .. }) => {}
            // Signatures that a later one covers are for audits to look at; the entries are whole.
            Ok((writer, _)) if writer.size() == 5 && signatures.iter().any(|range| range.contains(&at)) => {}
            other => panic!("octet {at}: {:?}", other.map(|(writer, _)| writer.size())),
        }
    }
}

#[test]
fn power_cuts_at_random_lose_nothing_acknowledged_and_forge_nothing() {
    let (mut partly, mut whole) = (0, 0);
    for seed in 0..250 {
        let mut random = Random(seed);
        let mut storage = Memory::new(32 << 10);
        let mut acknowledged: Vec<(u64, u64)> = Vec::new();
        let mut number = 0;
        // Several lives of one log: each ends in a power cut while a batch is being written.
        for _ in 0..4 {
            let (mut writer, log) = open(&storage).unwrap();
            let found = numbers(&mut storage, &[]);
            for (index, number) in &acknowledged {
                assert_eq!(found[*index as usize], Some(*number), "seed {seed}");
            }
            for _ in 0..random.below(12) {
                let waiting: Vec<_> = (0..=random.below(5))
                    .map(|_| {
                        number += 1;
                        (number, record(&log, number))
                    })
                    .collect();
                assert!(matches!(writer.step(), Step::Committed(_)));
                for (number, recording) in waiting {
                    acknowledged.push((now(recording).unwrap().unwrap().receipt().index, number));
                }
            }
            // The last batch is written, and the sync never returns.
            let before = writer.size();
            for _ in 0..=random.below(5) {
                number += 1;
                drop(record(&log, number));
            }
            storage.fail_from(storage.operations() + 1 + random.below(2), StorageError::Full);
            // Unless the batch needed a new segment, a second operation more is its sync, and then it must stay.
            let before = if matches!(writer.step(), Step::Committed(_)) { writer.size() } else { before };
            let style = random.below(4);
            let mut budget = random.below(40);
            storage = storage.after_power_cut(|| match style {
                0 => false,
                1 => {
                    budget = budget.saturating_sub(1);
                    budget > 0
                }
                2 => random.below(2) == 0,
                _ => true,
            });
            drop(writer);
            let (writer, _) = open(&storage).unwrap();
            assert!(writer.size() >= before);
            if writer.size() == before { partly += 1 } else { whole += 1 }
        }
        let mut found = numbers(&mut storage, &[]);
        let options = AuditOptions { every_signature: true, ..AuditOptions::default() };
        let report = audit(&mut storage, &key(), options, &mut |_| ()).unwrap();
        assert_eq!(report.checkpoint.size as usize, found.len());
        assert!(found.iter().all(Option::is_some), "nothing torn was taken");
        found.sort_unstable();
        found.dedup();
        assert_eq!(report.checkpoint.size as usize, found.len(), "nothing came twice");
    }
    assert!(partly > 100 && whole > 50, "both ends happened: {partly}, {whole}");
}

#[test]
fn a_log_that_was_cut_or_put_back_does_not_open() {
    let (storage, last) = log_of(&[2, 1, 2]);
    let mut publisher = Publisher::open(storage.clone(), key()).unwrap();
    assert_eq!(publisher.publish(5), Ok(5));
    let cut = storage.copy();
    cut.spoil(0, |octets| octets[last..].fill(0));
    assert_eq!(open(&cut).err(), Some(OpenError::RolledBack { found: 3, claimed: 5 }));
    let options = AuditOptions::default();
    assert_eq!(
        audit(&mut cut.clone(), &key(), options, &mut |_| ()),
        Err(AuditError::Tile { level: 0, index: 0 }).or(Err(AuditError::Cut { found: 3, claimed: 5 }))
    );
    let gone = storage.copy();
    gone.drop_segment(0);
    assert_eq!(open(&gone).err(), Some(OpenError::RolledBack { found: 0, claimed: 5 }));
    assert!(open(&storage).is_ok());
}

#[test]
fn another_tree_under_the_same_key_is_noticed() {
    let (storage, _) = log_of(&[2]);
    let (other, _) = log_of(&[1, 1]);
    Publisher::open(other.clone(), key()).unwrap().publish(2).unwrap();
    storage.set_object("checkpoint", other.objects().remove("checkpoint"));
    assert_eq!(open(&storage).err(), Some(OpenError::Changed { size: 2 }));
}

#[test]
fn wrong_keys_do_not_open_a_log() {
    let (storage, _) = log_of(&[2]);
    let other = LogKeys { signing: SigningKey::from_seed(origin(), [8; 32]).unwrap(), ..keys() };
    let error = Writer::open(storage.clone(), other, Bounds::default()).err();
    assert_eq!(error, Some(OpenError::Header { segment: 0, error: HeaderError::OtherLog }));
    let renamed = LogKeys { signing: SigningKey::from_seed(Origin::new("x").unwrap(), [7; 32]).unwrap(), ..keys() };
    let error = Writer::open(storage.clone(), renamed, Bounds::default()).err();
    assert_eq!(error, Some(OpenError::Header { segment: 0, error: HeaderError::OtherLog }));
    Publisher::open(storage.clone(), key()).unwrap().publish(2).unwrap();
    let other = LogKeys { signing: SigningKey::from_seed(origin(), [8; 32]).unwrap(), ..keys() };
    let error = Writer::open(storage, other, Bounds::default()).err();
    assert_eq!(error, Some(OpenError::Checkpoint(NoteError::Unsigned)));
}

#[test]
fn a_forged_batch_is_not_taken() {
    // Somebody who can write the file and knows the format, but not the signing key, appends an entry.
    let (storage, _) = log_of(&[2]);
    let (more, last) = log_of(&[2, 1]);
    let appended = more.octets(0)[last..].to_vec();
    let forged = storage.copy();
    forged.spoil(0, |octets| octets[last..].copy_from_slice(&appended));
    // Both logs have the same key, and the entries differ: the root of the appended batch is of another tree.
    let (writer, _) = open(&forged).unwrap();
    assert_eq!(writer.size(), 2);
}

proptest::proptest! {
    #[test]
    fn garbage_in_a_segment_never_panics(
        garbage in proptest::collection::vec(proptest::prelude::any::<u8>(), 1..300),
        at in 0_usize..6000,
        entries in proptest::prelude::any::<u32>(),
        frames in 0_u32..4000,
    ) {
        let (storage, last) = log_of(&[1, 1]);
        let spoiled = storage.copy();
        spoiled.spoil(0, |octets| octets[at..at + garbage.len()].copy_from_slice(&garbage));
        let head_only = storage.copy();
        head_only.spoil(0, |octets| {
            octets[last + 16..last + 20].copy_from_slice(&entries.to_be_bytes());
            octets[last + 20..last + 24].copy_from_slice(&frames.to_be_bytes());
        });
        for mut storage in [spoiled, head_only] {
            let whole = audit(&mut storage.copy(), &key(), AuditOptions::default(), &mut |_| ());
            proptest::prop_assert!(whole.is_err() || whole.is_ok_and(|report| report.checkpoint.size == 2));
            walk(&mut storage, 0, |_, _| true).unwrap();
            let published = Publisher::open(storage.copy(), key()).and_then(|mut publisher| publisher.publish(2));
            proptest::prop_assert!(published.is_err() || published.is_ok_and(|size| size <= 2));
            if let Ok((writer, _)) = open(&storage) {
                proptest::prop_assert!(writer.size() <= 2);
            }
        }
    }
}
