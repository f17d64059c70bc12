//! Any octets as a line on the socket of the agent for routers: one of five verbs with what belongs to it, or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdt_agent::control::{LONGEST_PAUSE_S, Request, VERBS, Verb};

fuzz_target!(|line: &[u8]| {
    let Some(request) = Request::parse(line) else { return };
    assert!(VERBS.contains(&request.verb));
    match (request.verb, request.for_s) {
        (Verb::Pause, Some(seconds)) => assert!((1..=LONGEST_PAUSE_S).contains(&seconds)),
        (verb, for_s) => assert!(verb != Verb::Pause && for_s.is_none()),
    }
    let again = serde_json::to_vec(&request).expect("a request is written");
    assert_eq!(Request::parse(&again), Some(request));
});
