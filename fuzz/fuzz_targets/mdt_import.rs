//! Any octets as a TraceJob (TS 28.623), as CSV of a survey and as a trace file (TS 32.423): read or refused; a job that was read comes back
//! and may be told to phones, a trace file comes back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdt::job::TraceJob;
use mdt::rrc::{AbsoluteTime, Plmn, Rat, TraceHead, TraceReference};
use mdt::survey::{Mode, read};
use mdt::trace_file;

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
            let plmn = Plmn::new("234", "15").expect("digits");
            let trace_reference = TraceReference { plmn, trace_id: [0, 0, 1] };
            let logs = columns.logs(rat, TraceHead { trace_reference, recording_session: [0, 1], tce_id: 0 });
            assert!(logs.iter().map(|log| log.columns.len()).sum::<usize>() <= columns.len());
        }
    }
    if let Ok((file, report)) = trace_file::read(data, trace_file::Mode::Lenient) {
        assert_eq!(report.first.len() as u64, report.faults.min(100));
        for session in &file.sessions {
            let (logs, counts) = session.columns(&file);
            assert_eq!(logs.iter().map(|log| log.columns.len() as u64).sum::<u64>(), counts.rows);
        }
        let xml = file.to_xml();
        let (again, _) = trace_file::read(xml.as_bytes(), trace_file::Mode::Lenient).expect("it was written here");
        assert_eq!(again.to_xml(), xml);
    }
});
