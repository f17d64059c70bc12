//! Any octets as a file of measurements of the agent for routers: played to its end at either pace, or refused by line and column without a
//! word of what stands there.
#![no_main]

use fuzz::agent::Scratch;
use libfuzzer_sys::fuzz_target;
use mdt_agent::source::{Pace, Replay};

const START_MS: u64 = 1 << 50;

fuzz_target!(|data: &[u8]| {
    let scratch = Scratch::new();
    let file = scratch.write("measurements.jsonl", data);
    for pace in [Pace::Times, Pace::AtOnce] {
        let Ok(mut replay) = Replay::open(&file, pace, START_MS).inspect_err(|error| tells_nothing(&error.to_string()))
        else {
            continue;
        };
        assert!(pace == Pace::Times || replay.start_ms() <= START_MS);
        let mut now_ms = replay.start_ms();
        // A line has an octet at least, so the end comes.
        for _ in 0..=data.len() {
            match replay.see(now_ms) {
                Ok(sighting) => drop(sighting),
                Err(error) => tells_nothing(&error.to_string()),
            }
            let Some(next_ms) = replay.next_ms() else { break };
            assert!(next_ms >= now_ms, "time goes on");
            now_ms = next_ms;
        }
        assert!(replay.next_ms().is_none());
    }
});

/// An error has numbers, names of keys and words of this program.
fn tells_nothing(error: &str) {
    assert!(error.len() < 160 && error.is_ascii(), "{error}");
}
