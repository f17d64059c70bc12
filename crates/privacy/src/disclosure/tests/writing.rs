//! Group commit, tickets, overload, failure and its end.

use super::*;
use std::thread;

const SEGMENT: u64 = 64 << 10;

fn open(storage: &Memory) -> (Writer<Memory>, Log) {
    Writer::open(storage.clone(), keys(), Bounds::default()).unwrap()
}

#[test]
fn nothing_is_released_before_its_batch_is_synced() {
    let storage = Memory::new(SEGMENT);
    let (mut writer, log) = open(&storage);
    let mut first = record(&log, 1);
    let second = record(&log, 2);
    {
        use std::future::Future;
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::pin::Pin::new(&mut first).poll(&mut context).is_pending());
    }
    assert_eq!((log.durable(), storage.syncs(), log.state().waiting), (0, 0, 2));
    assert_eq!(writer.step(), Step::Committed(2));
    assert_eq!((log.durable(), storage.syncs(), log.state().waiting), (2, 1, 0));
    assert_eq!(now(first).unwrap().unwrap().receipt(), Receipt { index: 0 });
    let recorded = now(second).unwrap().unwrap();
    assert_eq!(recorded.receipt(), Receipt { index: 1 });
    recorded.release();
    assert_eq!(writer.step(), Step::Idle);
}

#[test]
fn what_arrives_meanwhile_is_the_next_batch_in_order() {
    let mut storage = Memory::new(SEGMENT);
    let (mut writer, log) = open(&storage);
    let mut expected = Vec::new();
    for batch in 1..20_u64 {
        let waiting: Vec<_> = (0..batch).map(|at| record(&log, batch * 100 + at)).collect();
        expected.extend((0..batch).map(|at| Some(batch * 100 + at)));
        assert_eq!(writer.step(), Step::Committed(batch as usize));
        for recording in waiting {
            assert!(now(recording).unwrap().is_ok());
        }
    }
    assert_eq!(storage.syncs(), 19);
    assert!(storage.segments().unwrap().len() > 1, "rotation happened");
    assert_eq!(numbers(&mut storage, &[]), expected);
}

#[test]
fn a_ticket_ends_in_exactly_one_entry() {
    let mut storage = Memory::new(SEGMENT);
    let (mut writer, log) = open(&storage);
    drop(log.open(facts(1)));
    drop(record(&log, 2));
    let panicked = {
        let log = log.clone();
        thread::spawn(move || {
            let _ticket = log.open(facts(3));
            std::panic::resume_unwind(Box::new("the task dies"));
        })
        .join()
    };
    assert!(panicked.is_err());
    let mut ticket = log.open(facts(4));
    let salt = SubjectSalt::from_octets([4; 16]);
    ticket.identify(
        Subject::Subscriber(salt),
        Identities { imsi: Imsi::parse("262010000000004").ok(), ..Identities::default() },
    );
    let recording = ticket.record(refused(), ());
    assert_eq!(writer.step(), Step::Committed(4));
    assert!(now(recording).unwrap().is_ok());
    assert_eq!(numbers(&mut storage, &[Subject::Subscriber(salt)]), [Some(1), Some(2), Some(3), Some(4)]);
    // The subscriber's own entry has both identities; the others are under the operator's key and say how they ended.
    let sealer = Sealer::new(&keys().master, &origin()).unwrap();
    let operator = sealer.subject(&Subject::Operator);
    let subscriber = sealer.subject(&Subject::Subscriber(salt));
    let mut outcomes = Vec::new();
    walk(&mut storage, 0, |index, record| {
        let keys = if index == 3 { &subscriber } else { &operator };
        let Ok(Content::Request(entry)) = sealer.open(record, keys) else { panic!() };
        assert_eq!(entry.identities.imsi.is_some(), index == 3);
        assert!(entry.identities.msisdn.is_some());
        outcomes.push(entry.ending.outcome);
        true
    })
    .unwrap();
    let refusal = Outcome::Refused(RefusalReason::CodewordWrong);
    assert_eq!(outcomes, [Outcome::Abandoned, refusal.clone(), Outcome::Abandoned, refusal]);
}

#[test]
fn overload_is_answered_at_once_and_told_later() {
    let mut storage = Memory::new(1 << 20);
    let bounds = Bounds { entries: 8, octets: 1 << 20 };
    let (mut writer, log) = Writer::open(storage.clone(), keys(), bounds).unwrap();
    let taken: Vec<_> = (0..8).map(|number| record(&log, number)).collect();
    for number in 8..11 {
        let refused = now(record(&log, number)).unwrap().unwrap_err();
        assert_eq!(refused, LogUnavailable::Overloaded);
        assert_eq!(Failure::from(refused), Failure::Congestion);
    }
    // A ticket that dies has no other chance, and an emergency cannot wait: they still get in.
    drop(log.open(facts(11)));
    let emergency = Facts { client_type: LcsClientType::Emergency, ..facts(12) };
    let emergency = log.open(emergency).record(refused(), ());
    assert_eq!(log.state(), LogState { durable: 0, waiting: 11, lost: 3, failed: false });
    assert_eq!(writer.step(), Step::Committed(11));
    assert!(now(emergency).unwrap().is_ok());
    assert!(taken.into_iter().all(|recording| now(recording).unwrap().is_ok()));
    let mut expected: Vec<_> = (0..8).map(Some).collect();
    expected.extend([None, Some(11), Some(12)]);
    assert_eq!(numbers(&mut storage, &[]), expected);
    let sealer = Sealer::new(&keys().master, &origin()).unwrap();
    let gap = record_at(&mut storage, 8).unwrap().unwrap();
    assert_eq!(
        sealer.open(&gap, &sealer.subject(&Subject::Operator)),
        Ok(Content::Gap { lost: 3, since: facts(8).time })
    );
}

#[test]
fn losses_are_told_even_if_the_entry_that_tells_of_them_is_lost() {
    use crate::disclosure::queue::{Queue, Work};
    let queue = Queue::new(Bounds { entries: 1, octets: 1 << 20 }, 0);
    let at = |number| facts(number).time;
    let submit = |number, told: &mut Option<(u64, Timestamp)>| {
        let gap = |lost, since| {
            *told = Some((lost, since));
            Some((b"gap".to_vec(), leaf_hash(b"gap")))
        };
        queue.submit(b"entry", leaf_hash(b"entry"), at(number), false, gap)
    };
    let mut told = None;
    let first = submit(0, &mut told);
    assert!(first.is_ok() && submit(1, &mut told).is_err());
    assert!(matches!(queue.work(&mut None, false), Work::Batch(_)));
    // The next one takes the gap along, and both are refused because the batch before them fails.
    assert!(submit(2, &mut told).is_ok());
    assert_eq!(told.take(), Some((1, at(1))));
    queue.fail(at(0));
    assert_eq!(queue.state().lost, 2);
    queue.advance(1);
    assert!(submit(3, &mut told).is_ok());
    assert_eq!(told, Some((2, at(1))));
}

#[test]
fn the_bound_of_octets_holds_too() {
    let storage = Memory::new(SEGMENT);
    let (writer, log) = open(&storage);
    let refused = |recording: Recording<()>| matches!(now(recording), Some(Err(LogUnavailable::Overloaded)));
    let taken = (0..).take_while(|number| !refused(record(&log, *number))).count();
    // Twice as much and two of the longest records more must fit the segment.
    assert!((80..90).contains(&taken), "{taken}");
    let too_small = Writer::open(Memory::new(8 << 10), keys(), Bounds::default()).err();
    assert_eq!(too_small, Some(OpenError::SegmentTooSmall { capacity: 8 << 10 }));
    drop(writer);
}

#[test]
fn after_a_failure_everything_is_refused_until_the_storage_works() {
    let mut storage = Memory::new(SEGMENT);
    let (mut writer, log) = open(&storage);
    assert!(matches!((record(&log, 0), writer.step()), (_, Step::Committed(1))));
    for error in [StorageError::Full, StorageError::Io(std::io::ErrorKind::Other)] {
        storage.fail_from(storage.operations(), error);
        let base = log.durable();
        let waiting = [record(&log, 100 + base), record(&log, 200 + base)];
        assert_eq!(writer.step(), Step::Failed(CommitError::Storage(error)));
        for recording in waiting {
            assert_eq!(now(recording).unwrap().unwrap_err(), LogUnavailable::Failed);
        }
        assert!(log.state().failed);
        // Refused at once; the first in a new second asks for another attempt, which fails too.
        assert_eq!(now(record(&log, 300)).unwrap().unwrap_err(), LogUnavailable::Failed);
        assert_eq!(writer.step(), Step::Failed(CommitError::Storage(error)));
        assert_eq!(now(record(&log, 300)).unwrap().unwrap_err(), LogUnavailable::Failed);
        assert_eq!(writer.step(), Step::Idle);
        storage.heal();
        assert_eq!(now(record(&log, 301)).unwrap().unwrap_err(), LogUnavailable::Failed);
        assert_eq!(writer.step(), Step::Resumed(2));
        let after = record(&log, 400 + base);
        assert_eq!(writer.step(), Step::Committed(2), "a gap and the entry");
        assert!(now(after).unwrap().is_ok());
        assert!(!log.state().failed);
    }
    assert_eq!(log.state().lost, 6);
    let expected = [
        Some(0),
        Some(101),
        Some(201),
        None,
        Some(401), // the two were signed, so they stay
        Some(105),
        Some(205),
        None,
        Some(405),
    ];
    assert_eq!(numbers(&mut storage, &[]), expected);
    assert!(
        audit(&mut storage, &key(), AuditOptions { every_signature: true, ..AuditOptions::default() }, &mut |_| ())
            .is_ok()
    );
}

#[test]
fn a_failure_at_any_operation_loses_nothing_that_was_acknowledged() {
    for at in 0..60 {
        let mut storage = Memory::new(32 << 10);
        let (mut writer, log) = open(&storage);
        storage.fail_from(at, StorageError::Full);
        let (mut acknowledged, mut refused) = (Vec::new(), 0);
        for round in 0..25_u64 {
            let waiting: Vec<_> = (0..3).map(|n| (round * 3 + n, record(&log, round * 3 + n))).collect();
            while writer.step() != Step::Idle {}
            for (number, recording) in waiting {
                match now(recording).unwrap() {
                    Ok(recorded) => acknowledged.push((recorded.receipt().index, number)),
                    Err(_) => refused += 1,
                }
            }
            if round == 15 {
                storage.heal();
            }
        }
        assert!(acknowledged.len() + refused == 75 && acknowledged.len() >= 24);
        let found = numbers(&mut storage, &[]);
        for (index, number) in acknowledged {
            assert_eq!(found[index as usize], Some(number));
        }
        let mut once: Vec<u64> = found.iter().flatten().copied().collect();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), found.iter().flatten().count(), "no entry twice");
        let report = audit(&mut storage, &key(), AuditOptions::default(), &mut |_| ()).unwrap();
        assert_eq!(report.checkpoint.size as usize, found.len());
        drop(writer);
        let (writer, _) = open(&storage);
        assert_eq!(writer.size() as usize, found.len());
    }
}

#[test]
fn a_closed_log_writes_what_waits_and_ends() {
    let storage = Memory::new(SEGMENT);
    let (mut writer, log) = open(&storage);
    let waiting = record(&log, 1);
    log.close();
    assert_eq!(now(record(&log, 2)).unwrap().unwrap_err(), LogUnavailable::Closed);
    assert_eq!(writer.step(), Step::Committed(1));
    assert!(now(waiting).unwrap().is_ok());
    assert_eq!(writer.step(), Step::Ended);
    drop(writer);
    assert_eq!(log.wait_durable(1), None);
    assert_eq!(log.wait_durable(0), Some(1));
}

#[test]
fn a_writer_that_dies_leaves_nobody_waiting() {
    let storage = Memory::new(SEGMENT);
    let (writer, log) = open(&storage);
    let waiting = record(&log, 1);
    drop(writer);
    assert_eq!(now(waiting).unwrap().unwrap_err(), LogUnavailable::Closed);
    assert_eq!(now(record(&log, 2)).unwrap().unwrap_err(), LogUnavailable::Closed);
}

#[test]
fn many_threads_and_one_writer() {
    let mut storage = Memory::new(256 << 10);
    let (writer, log) = open(&storage);
    let writing = thread::spawn(move || {
        let mut steps = 0;
        writer.run(|_| steps += 1);
        steps
    });
    let clients: Vec<_> = (0..8_u64)
        .map(|client| {
            let log = log.clone();
            thread::spawn(move || {
                (0..100_u64)
                    .map(|n| {
                        let number = client * 1000 + n;
                        let recorded = futures_util::FutureExt::boxed(record(&log, number));
                        (block_on(recorded).unwrap().receipt().index, number)
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut receipts: Vec<_> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    assert_eq!(log.wait_durable(799), Some(800));
    log.close();
    assert!(writing.join().unwrap() >= 1);
    receipts.sort_unstable();
    let expected: Vec<_> = receipts.iter().map(|(_, number)| Some(*number)).collect();
    assert_eq!(numbers(&mut storage, &[]), expected);
    assert_eq!(receipts.iter().map(|(index, _)| *index).collect::<Vec<_>>(), (0..800).collect::<Vec<_>>());
}

/// Runs a future on this thread.
fn block_on<F: std::future::Future + Unpin>(mut future: F) -> F::Output {
    struct Unpark(thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    loop {
        match std::pin::Pin::new(&mut future).poll(&mut context) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => thread::park(),
        }
    }
}
