//! Another codec of S1AP, pycrate (PyPI), as the program `peer.py` beside this file.

use super::pycrate::{Peer, found};
use super::{V13, hex, octets};
use mdt::job::TraceJob;
use mdt::s1ap::TraceActivation;
use serde_json::{Value, json};

/// The octets that it writes, and what they say.
fn ask(peer: &mut Peer, asked: &Value) -> (String, String) {
    let answer = peer.ask(asked);
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("octets"), text("said"))
}

/// Random activations of the other codec are read here and written again to the bit.
#[test]
fn what_the_other_codec_writes_is_read_and_written_alike() {
    if !found() {
        return;
    }
    let mut peer = Peer::start("tests/s1ap/peer.py");
    for seed in 0..400 {
        let (theirs, said) = ask(&mut peer, &json!({"make": seed}));
        let read =
            TraceActivation::from_octets(&octets(&theirs)).unwrap_or_else(|error| panic!("{error}: {theirs} {said}"));
        assert_eq!(hex(&read.to_octets().unwrap()), theirs, "{said}");
        if let Ok(job) = read.job(1) {
            let again = TraceActivation::of_job(&job, read.recording_session).unwrap();
            assert_eq!(again.job(1).unwrap(), job, "{said}");
        }
    }
}

/// What is written here of every kind of job the other codec reads, writes again to the bit, and says in words of the standard.
#[test]
fn what_is_written_here_the_other_codec_reads() {
    if !found() {
        return;
    }
    let mut peer = Peer::start("tests/s1ap/peer.py");
    for job in super::jobs() {
        let job = TraceJob::from_json(job.to_string().as_bytes()).unwrap();
        let ours = hex(&TraceActivation::of_job(&job, [1, 2]).unwrap().to_octets().unwrap());
        assert_eq!(ask(&mut peer, &json!({"read": ours})).0, ours);
    }
    let (again, said) = ask(&mut peer, &json!({"read": V13}));
    assert_eq!(again, V13);
    for word in ["logged-MDT-only", "pLMNWide", "ms5120", "m120", "32F451"] {
        assert!(said.contains(word), "{word} is not in {said}");
    }
}
