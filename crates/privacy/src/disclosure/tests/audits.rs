//! Audits: a good log is found good, any change is found, and erasure is no change.

use super::*;

const EVERY: AuditOptions = AuditOptions { live: false, allow_pruned: false, every_signature: true };

fn run(storage: &Memory, options: AuditOptions) -> Result<AuditReport, AuditError> {
    audit(&mut storage.clone(), &key(), options, &mut |_| ())
}

fn filled(batches: &[u64], segment: u64) -> Memory {
    let storage = Memory::new(segment);
    let (mut writer, log) = Writer::open(storage.clone(), keys(), Bounds::default()).unwrap();
    for size in batches {
        (0..*size).for_each(|at| drop(record(&log, at)));
        assert_eq!(writer.step(), Step::Committed(*size as usize));
    }
    storage
}

fn published(batches: &[u64], segment: u64) -> Memory {
    let storage = filled(batches, segment);
    let total = batches.iter().sum();
    assert_eq!(Publisher::open(storage.clone(), key()).unwrap().publish(total), Ok(total));
    storage
}

#[test]
fn a_good_log_is_found_good() {
    let storage = published(&[4; 80], 32 << 10);
    let segments = storage.clone().segments().unwrap();
    let mut seen = Vec::new();
    let report = audit(&mut storage.clone(), &key(), EVERY, &mut |entries| seen.push(entries)).unwrap();
    assert_eq!((report.checkpoint.size, report.batches, report.first), (320, 80, 0));
    assert_eq!((report.segments, report.signatures), (segments.len(), 80 + segments.len() as u64));
    assert_eq!((report.published, report.tiles, report.unfinished), (Some(320), 3, None));
    assert_eq!(seen.last(), Some(&320));
    let last_only = run(&storage, AuditOptions::default()).unwrap();
    assert_eq!(last_only.signatures, 2 * segments.len() as u64);
    assert_eq!(run(&Memory::new(4096), EVERY).unwrap().checkpoint, Checkpoint { size: 0, root: empty_root() });
}

#[test]
fn any_changed_octet_is_found() {
    let storage = published(&[1, 2, 1, 3, 2, 5, 1], 32 << 10);
    let segments = storage.clone().segments().unwrap();
    for segment in segments {
        for at in 0..storage.octets(segment).len() {
            // Every octet of the first batches, headers and ends; a sample of the long stretch of zeros.
            if storage.octets(segment)[at] == 0 && at % 61 != 0 {
                continue;
            }
            let spoiled = storage.copy();
            spoiled.spoil(segment, |octets| octets[at] ^= 0x40);
            assert!(run(&spoiled, EVERY).is_err(), "segment {segment}, octet {at}");
        }
    }
    for (path, octets) in storage.objects() {
        for at in 0..octets.len() {
            let spoiled = storage.copy();
            let mut changed = octets.clone();
            changed[at] ^= 1;
            spoiled.set_object(&path, Some(changed));
            assert!(run(&spoiled, EVERY).is_err(), "{path}, octet {at}");
        }
    }
}

#[test]
fn the_changed_entry_is_named() {
    let storage = published(&[10, 10], 64 << 10);
    let octets = storage.octets(0);
    // Entry 3: head, then frames of 2 + 311 octets each.
    let at = 4096 + 24 + 3 * 313 + 100;
    assert_ne!(octets[at], octets[at] ^ 1);
    storage.spoil(0, |octets| octets[at] ^= 1);
    let place = Place { segment: 0, offset: 4096, entry: 3 };
    // The published tile is compared first only when it is complete; here the batch's root tells.
    assert_eq!(run(&storage, EVERY), Err(AuditError::Changed { place }));
    storage.set_object("checkpoint", None);
    assert_eq!(run(&storage, EVERY), Err(AuditError::Changed { place: Place { entry: 0, ..place } }));
}

#[test]
fn missing_segments_are_found() {
    let storage = published(&[4; 80], 32 << 10);
    let segments = storage.clone().segments().unwrap();
    assert!(segments.len() > 3);
    let beginning = storage.copy();
    beginning.drop_segment(0);
    assert_eq!(run(&beginning, EVERY), Err(AuditError::Pruned { first: segments[1] }));
    let allowed = run(&beginning, AuditOptions { allow_pruned: true, ..EVERY }).unwrap();
    assert_eq!((allowed.first, allowed.checkpoint.size), (segments[1], 320));
    let middle = storage.copy();
    middle.drop_segment(segments[2]);
    assert!(matches!(run(&middle, EVERY), Err(AuditError::Discontinued { .. })));
    let end = storage.copy();
    end.drop_segment(*segments.last().unwrap());
    assert!(matches!(run(&end, EVERY), Err(AuditError::Cut { claimed: 320, .. } | AuditError::Tile { .. })));
}

#[test]
fn a_log_being_written_may_have_an_unfinished_end() {
    let storage = published(&[2, 2], 64 << 10);
    let end = storage.octets(0).iter().rposition(|octet| *octet != 0).unwrap().next_multiple_of(64);
    storage.spoil(0, |octets| octets[end..end + 8].copy_from_slice(b"WHRFBAT1"));
    assert!(run(&storage, EVERY).is_err());
    let report = run(&storage, AuditOptions { live: true, ..EVERY }).unwrap();
    assert_eq!(report.unfinished, Some(Place { segment: 0, offset: end as u64, entry: 4 }));
}

#[test]
fn another_key_finds_nothing_good() {
    let storage = published(&[2], 64 << 10);
    let other = SigningKey::from_seed(origin(), [8; 32]).unwrap();
    let found = audit(&mut storage.clone(), other.verifier(), EVERY, &mut |_| ());
    assert_eq!(found, Err(AuditError::Note(NoteError::Unsigned)));
    storage.set_object("checkpoint", None);
    assert!(matches!(
        audit(&mut storage.clone(), other.verifier(), EVERY, &mut |_| ()),
        Err(AuditError::Header { error: HeaderError::OtherLog, .. })
    ));
}

#[test]
fn erasing_a_subscriber_leaves_the_log_good_and_the_entries_unreadable() {
    let storage = Memory::new(64 << 10);
    let (mut writer, log) = Writer::open(storage.clone(), keys(), Bounds::default()).unwrap();
    let (alice, bob) = (SubjectSalt::from_octets([1; 16]), SubjectSalt::from_octets([2; 16]));
    for number in 0..20 {
        let mut ticket = log.open(facts(number));
        let salt = if number % 2 == 0 { alice } else { bob };
        ticket.identify(Subject::Subscriber(salt), Identities::default());
        drop(ticket.record(refused(), ()));
    }
    assert_eq!(writer.step(), Step::Committed(20));
    Publisher::open(storage.clone(), key()).unwrap().publish(20).unwrap();
    let proof = prove_inclusion(&mut storage.clone(), &key(), 4).unwrap().unwrap();
    let readable = |salts: &[Subject]| numbers(&mut storage.clone(), salts).iter().flatten().count();
    assert_eq!(readable(&[Subject::Subscriber(alice), Subject::Subscriber(bob)]), 20);
    // Alice's salt is destroyed: all that is left to try is the other keys, and random ones.
    let sealer = Sealer::new(&keys().master, &origin()).unwrap();
    assert_eq!(readable(&[Subject::Subscriber(bob)]), 10);
    for guess in 3..60 {
        let guess = sealer.subject(&Subject::Subscriber(SubjectSalt::from_octets([guess; 16])));
        assert!(!sealer.belongs(&record_at(&mut storage.clone(), 4).unwrap().unwrap(), &guess));
    }
    assert!(run(&storage, EVERY).is_ok());
    assert!(verify_proofs(&proof.0, &key()).is_ok());
}
