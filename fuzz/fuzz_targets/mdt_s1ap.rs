//! Any octets as a TraceActivation of S1AP in aligned PER: read or refused, and what is read is written so that it is read alike; the job that it
//! is of, where it is one, keeps the rules and goes back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdt::s1ap::TraceActivation;

fuzz_target!(|data: &[u8]| {
    let Ok(read) = TraceActivation::from_octets(data) else { return };
    let written = read.to_octets().expect("what was read can be written");
    assert_eq!(TraceActivation::from_octets(&written).as_ref(), Ok(&read));
    if let Ok(job) = read.job(1) {
        assert_eq!(job.check(), Ok(()));
        let again = TraceActivation::of_job(&job, read.recording_session).expect("it came from S1AP");
        assert_eq!(again.job(1), Ok(job));
    }
});
