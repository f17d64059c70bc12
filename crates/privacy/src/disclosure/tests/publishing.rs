//! Tiles, checkpoints and proofs as they are published.

use super::*;

fn filled(entries: u64, batch: u64) -> Memory {
    let storage = Memory::new(64 << 10);
    let (mut writer, log) = Writer::open(storage.clone(), keys(), Bounds::default()).unwrap();
    add(&mut writer, &log, entries, batch);
    storage
}

fn add(writer: &mut Writer<Memory>, log: &Log, entries: u64, batch: u64) {
    let mut left = entries;
    while left > 0 {
        let now = left.min(batch);
        (0..now).for_each(|at| drop(record(log, at)));
        assert_eq!(writer.step(), Step::Committed(now as usize));
        left -= now;
    }
}

#[test]
fn publishing_in_steps_restarts_or_at_once_gives_the_same() {
    let storage = filled(700, 9);
    let once = storage.copy();
    assert_eq!(Publisher::open(once.clone(), key()).unwrap().publish(700), Ok(700));
    let steps = storage.copy();
    let mut publisher = Publisher::open(steps.clone(), key()).unwrap();
    for durable in [1, 9, 18, 250, 256, 300, 512, 520, 700] {
        // Only whole batches are published.
        assert_eq!(publisher.publish(durable), Ok(if durable == 700 { 700 } else { durable / 9 * 9 }));
        let options = AuditOptions { every_signature: true, ..AuditOptions::default() };
        assert!(audit(&mut steps.clone(), &key(), options, &mut |_| ()).is_ok());
    }
    let restarts = storage.copy();
    for durable in [9, 200, 256, 270, 511, 530, 700] {
        let mut publisher = Publisher::open(restarts.clone(), key()).unwrap();
        publisher.publish(durable).unwrap();
    }
    // Where there were checkpoints before, their partial tiles stay until the full ones stand.
    let (once_there, after_steps, after_restarts) = (once.objects(), steps.objects(), restarts.objects());
    for (path, octets) in &once_there {
        assert_eq!((after_steps.get(path), after_restarts.get(path)), (Some(octets), Some(octets)), "{path}");
    }
    let more = |of: &std::collections::BTreeMap<String, Vec<u8>>| {
        of.keys().filter(|path| !once_there.contains_key(*path)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(more(&after_steps), ["tile/0/002.p/1", "tile/1/000.p/1"]);
    assert_eq!(more(&after_restarts), ["tile/0/002.p/10", "tile/1/000.p/1"]);
    assert_eq!(
        once.objects().keys().collect::<Vec<_>>(),
        ["checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"]
    );
}

#[test]
fn publishing_follows_a_log_that_grows_and_rotates() {
    let storage = Memory::new(64 << 10);
    let (mut writer, log) = Writer::open(storage.clone(), keys(), Bounds::default()).unwrap();
    let mut publisher = None;
    let mut random = Random(3);
    let mut total = 0;
    for _ in 0..120 {
        let entries = 1 + random.below(12) as u64;
        add(&mut writer, &log, entries, 5);
        total += entries;
        if random.below(3) == 0 {
            let publisher = publisher.get_or_insert_with(|| Publisher::open(storage.clone(), key()).unwrap());
            assert_eq!(publisher.publish(log.durable()), Ok(total));
            assert_eq!(latest(&mut storage.clone(), &key()).unwrap().unwrap().size, total);
        }
    }
    assert!(storage.clone().segments().unwrap().len() > 3);
}

/// The tree of an earlier checkpoint is whole in what is published, whenever its reader comes and wherever a later
/// publication was cut off.
#[test]
fn a_reader_with_an_earlier_checkpoint_finds_its_tiles() {
    let storage = filled(700, 9);
    let mut publisher = Publisher::open(storage.clone(), key()).unwrap();
    let mut kept = Vec::new();
    for durable in (9..=700).step_by(27) {
        kept.push(publisher.publish(durable).unwrap());
        if kept.len() % 5 == 0 {
            publisher = Publisher::open(storage.clone(), key()).unwrap();
        }
    }
    let now = latest(&mut storage.clone(), &key()).unwrap().unwrap();
    for size in kept {
        let mut reader = storage.clone();
        let mut tiles = Tiles::new(&mut reader, size);
        assert!(tiles.root(size).is_ok(), "{size} of {}", now.size);
        assert!(tiles.inclusion(size - 1, size).is_ok(), "{size} of {}", now.size);
    }
}

#[test]
fn lost_tiles_are_rebuilt() {
    let storage = filled(600, 7);
    Publisher::open(storage.clone(), key()).unwrap().publish(600).unwrap();
    let before = storage.objects();
    for (path, octets) in before.iter().filter(|(path, _)| path.starts_with("tile")) {
        let mut spoiled = octets.clone();
        spoiled.truncate(octets.len() - 32);
        for damage in [None, Some(spoiled)] {
            let damaged = storage.copy();
            damaged.set_object(path, damage);
            let faulty = audit(&mut damaged.clone(), &key(), AuditOptions::default(), &mut |_| ());
            assert!(matches!(faulty, Err(AuditError::Tile { .. })), "{path}");
            Publisher::rebuild(damaged.clone(), key()).publish(600).unwrap();
            assert_eq!(damaged.objects(), before);
        }
    }
    // A full tile that is gone is noticed when publishing goes on.
    let damaged = storage.copy();
    damaged.set_object("tile/0/001", None);
    Publisher::open(damaged.clone(), key()).unwrap().publish(600).unwrap();
    assert_eq!(damaged.objects(), before);
}

#[test]
fn an_unsynced_batch_is_not_published() {
    let storage = filled(10, 5);
    let mut publisher = Publisher::open(storage.clone(), key()).unwrap();
    assert_eq!(publisher.publish(9), Ok(5));
    assert_eq!(latest(&mut storage.clone(), &key()).unwrap().unwrap().size, 5);
    assert_eq!(publisher.publish(10), Ok(10));
}

#[test]
fn proofs_in_text_verify_alone_and_notice_changes() {
    let mut storage = filled(300, 10);
    let key = key();
    assert_eq!(prove_inclusion(&mut storage, &key, 0), Ok(None), "nothing is published yet");
    Publisher::open(storage.clone(), key.clone()).unwrap().publish(300).unwrap();
    for index in [0, 1, 255, 256, 299] {
        let proof = prove_inclusion(&mut storage, &key, index).unwrap().unwrap();
        assert!(proof.0.starts_with("c2sp.org/tlog-proof@v1\nextra "));
        let Proven::Inclusion { index: proven, record, checkpoint } = verify_proofs(&proof.0, &key).unwrap().remove(0)
        else {
            panic!()
        };
        assert_eq!((proven, checkpoint.size), (index, 300));
        assert_eq!(Some(record), record_at(&mut storage, index).unwrap());
        let wrong = proof.0.replacen(&format!("index {index}\n"), &format!("index {}\n", index ^ 1), 1);
        assert!(verify_proofs(&wrong, &key).is_err());
    }
    let range: String = (3..8).map(|index| prove_inclusion(&mut storage, &key, index).unwrap().unwrap().0).collect();
    assert_eq!(verify_proofs(&range, &key).unwrap().len(), 5);
    for old in [0, 1, 10, 255, 256, 299, 300] {
        let proof = prove_consistency(&mut storage, &key, old).unwrap().unwrap();
        let Proven::Consistency { old: proven, checkpoint } = verify_proofs(&proof.0, &key).unwrap().remove(0) else {
            panic!()
        };
        assert_eq!((proven.size, checkpoint.size), (old, 300));
    }
    let outside = prove_inclusion(&mut storage, &key, 300).unwrap_err();
    assert_eq!(outside, MakeProofError::Prove(ProveError::Outside { size: 300 }));
    let proof = prove_inclusion(&mut storage, &key, 77).unwrap().unwrap().0;
    for at in 0..proof.len() {
        let mut octets = proof.clone().into_bytes();
        octets[at] ^= 1;
        if let Ok(text) = String::from_utf8(octets) {
            assert!(verify_proofs(&text, &key).is_err(), "octet {at}");
        }
    }
    for text in ["", "\n", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1\n", "x\nc2sp.org/tlog-proof@v1\n"] {
        assert!(verify_proofs(text, &key).is_err());
    }
}
