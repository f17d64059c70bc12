//! Any octets as a sealed record: only what was sealed opens, and only with the keys of its subject.
#![no_main]

use std::hint::black_box;
use std::sync::OnceLock;

use fuzz::log::{genuine, keys, origin};
use libfuzzer_sys::fuzz_target;
use privacy::disclosure::{Sealer, Subject, SubjectKeys, SubjectSalt, record_time};

struct Readers {
    sealer: Sealer,
    operator: SubjectKeys,
    subscriber: SubjectKeys,
}

fn readers() -> &'static Readers {
    static READERS: OnceLock<Readers> = OnceLock::new();
    READERS.get_or_init(|| {
        let sealer = Sealer::new(&keys().master, &origin()).expect("sound keys");
        let subscriber = sealer.subject(&Subject::Subscriber(SubjectSalt::from_octets([1; 16])));
        Readers { operator: sealer.subject(&Subject::Operator), subscriber, sealer }
    })
}

fuzz_target!(|data: &[u8]| {
    judge(data);
    // The input as an edit of a genuine record.
    if let [which, at, mask @ ..] = data {
        let records = &genuine().records;
        let mut record = records[usize::from(*which) % records.len()].clone();
        let rest = record.get_mut(usize::from(*at)..).unwrap_or_default();
        rest.iter_mut().zip(mask).for_each(|(octet, mask)| *octet ^= mask);
        judge(&record);
        record.truncate(usize::from(*at));
        judge(&record);
    }
});

fn judge(record: &[u8]) {
    let Readers { sealer, operator, subscriber } = readers();
    black_box((record_time(record), sealer.bucket_of(record)));
    let sealed = genuine().records.iter().any(|genuine| genuine == record);
    assert_eq!(sealer.open(record, operator).is_ok(), sealed);
    assert!(!sealer.belongs(record, subscriber) && sealer.open(record, subscriber).is_err());
}
