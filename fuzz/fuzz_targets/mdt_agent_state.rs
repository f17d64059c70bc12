//! Any octets as what lies on the disk of the agent for routers: it starts on them or says why not, what the user decided is never less
//! than it was, and an opt-out leaves nothing.
#![no_main]

use fuzz::agent::{Scratch, keys, reporting};
use libfuzzer_sys::fuzz_target;
use mdt_agent::clock::Clock;
use mdt_agent::files::{KeyFile, LogFiles};
use mdt_agent::station::{Station, Wish};
use mdt_log::BootId;
use mdt_log::log::Profile;
use mdt_log::machine::Phase;

/// Where octets may stand. The first octet of a piece chooses, two say how many follow.
const FILES: [&str; 9] = [
    "keys/vault",
    "state/job",
    "state/intent",
    "state/failures-reference",
    "state/log/00000000.mdts",
    "state/log/00000001.mdts",
    "state/log/other",
    "keys/owed/sent-00000000000000000000000000000000",
    "keys/owed/erase-00000000000000000000000000000000",
];

fuzz_target!(|data: &[u8]| {
    let scratch = Scratch::new();
    let mut left = data;
    let mut intent = false;
    while let [which, high, low, rest @ ..] = left {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (octets, next) = rest.split_at(length);
        let name = FILES[usize::from(*which) % FILES.len()];
        intent |= name == "state/intent";
        scratch.write(name, octets);
        left = next;
    }
    let (state, secrets) = (scratch.folder("state"), scratch.folder("keys"));
    let clock = Clock::default();
    clock.hold(1 << 45);
    let start = |boot| {
        let ports = (LogFiles::new(&state.join("log")).ok()?, KeyFile::new(&secrets).ok()?);
        let boot = Some(BootId([boot; 16]));
        Station::start(ports, (&state, &secrets), Profile::REDUCED, boot, keys(), clock.clone(), 0).ok()
    };
    let Some(mut station) = start(1) else { return };
    let status = station.status();
    assert!(
        !intent || (status.octets, status.segments, status.reports) == (0, 0, 0),
        "a clear is finished at the start"
    );
    let out = station.phase() == Phase::OptedOut;
    // Whatever errand comes of it: it is one, or an error.
    drop(station.errand(true));
    if station.report_to(Some(reporting())).is_err() || station.wish(Wish::OptOut).is_err() {
        return;
    }
    drop(station);
    let Some(station) = start(2) else { panic!("what it wrote itself it reads") };
    let status = station.status();
    assert!(station.phase() == Phase::OptedOut && (status.octets, status.segments, status.reports) == (0, 0, 0));
    assert!(!out || status.phase == "opted-out");
});
