//! Any octets as a TraceJob (TS 28.623) and as CSV of a survey: read or refused; a job that was read comes back and may be told to phones.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdt::job::TraceJob;
use mdt::rrc::{AbsoluteTime, Rat};
use mdt::survey::{Mode, read};

fuzz_target!(|data: &[u8]| {
    if let Ok(job) = TraceJob::from_json(data) {
        let again = job.to_json().expect("it was read");
        assert_eq!(TraceJob::from_json(again.as_bytes()), Ok(job.clone()));
        let now = AbsoluteTime([0x26, 0x11, 0x28, 0x12, 0, 0]);
        if let Ok(told) = job.lte_configuration([0, 1], now) {
            told.encode().expect("it was checked");
        }
        if let Ok(told) = job.nr_configuration([0, 1], now) {
            told.encode().expect("it was checked");
        }
    }
    for rat in [Rat::Lte, Rat::Nr] {
        if let Ok((columns, report)) = read(data, rat, Mode::Lenient) {
            assert_eq!(columns.len() as u64, report.taken);
            assert!(report.faults.len() <= 100);
        }
    }
});
