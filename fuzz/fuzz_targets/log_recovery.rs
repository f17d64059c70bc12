//! A disclosure log whose files were changed in any way: opening and auditing find out, and nothing forged is accepted.
#![no_main]

use std::hint::black_box;

use fuzz::log::{Edit, edit, genuine, keys};
use libfuzzer_sys::fuzz_target;
use privacy::disclosure::{AuditOptions, Bounds, Publisher, Step, Writer, audit, walk};

fuzz_target!(|input: (bool, bool, Vec<Edit>)| {
    let (live, allow_pruned, edits) = input;
    let genuine = genuine();
    let mut storage = genuine.storage.clone();
    edits.iter().for_each(|change| edit(&mut storage, change));
    let key = keys().verifier().clone();

    let options = AuditOptions { live, allow_pruned, every_signature: true };
    if let Ok(report) = audit(&mut &mut storage, &key, options, &mut |_| ()) {
        assert!(
            genuine.checkpoints.contains(&report.checkpoint),
            "an audit passes what was signed, or a beginning of it"
        );
        walk(&mut &mut storage, report.first, |index, record| {
            if index < report.checkpoint.size {
                assert_eq!(Some(record), genuine.records.get(index as usize).map(Vec::as_slice));
            }
            true
        })
        .expect("memory does not fail");
    }
    if let Ok(mut publisher) = Publisher::open(&mut storage.clone(), key.clone()) {
        black_box(publisher.publish(genuine.records.len() as u64)).ok();
    }
    let published = storage.objects.contains_key("checkpoint");
    let Ok((mut writer, log)) = Writer::open(&mut storage, keys(), Bounds::default()) else { return };
    assert!(genuine.checkpoints.iter().any(|checkpoint| checkpoint.size == writer.size()));
    assert!(!published || writer.size() == genuine.records.len() as u64, "nothing published is given up");
    log.close();
    assert!(matches!(writer.step(), Step::Idle | Step::Ended));
});
