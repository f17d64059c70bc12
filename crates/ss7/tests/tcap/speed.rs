//! Figures for docs/performance.md, printed and never judged:
//! `cargo test --release -p ss7 --test tcap -- --ignored --nocapture speed`.

use std::time::Duration;

use ss7::tcap::{Indication, Output, Request};

use crate::support::*;

const DIALOGUES: u32 = 100_000;

/// CPU time of this thread so far, in nanoseconds, from `/proc`: other work on the machine does not count.
fn cpu_ns() -> u64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    times.split(' ').next().unwrap().parse().unwrap()
}

/// What one call took on average, in nanoseconds.
fn each(begun: u64, calls: u32) -> u64 {
    (cpu_ns() - begun) / u64::from(calls)
}

#[test]
#[ignore = "measures"]
fn speed_of_dialogues_of_one_operation() {
    let argument = [&[0x30, 0x3c, 0x80, 0x3a][..], &[7; 58]].concat();
    let (mut gmlc, mut hlr) = (party(1), party(2));

    // One after the other.
    let begun = cpu_ns();
    for _ in 0..DIALOGUES {
        gmlc.invoke(HLR, ENQUIRY, PSL, &argument, TEN_SECONDS, NOW).unwrap();
        let Some(Output::Send { octets, .. }) = gmlc.poll() else { panic!("no Begin") };
        hlr.receive(&octets, &GMLC, NOW);
        let Some(Output::Indication(Indication::Begin { dialogue, .. })) = hlr.poll() else { panic!("no Begin") };
        hlr.end(dialogue, &[Request::ResultLast { invoke_id: 1, result: &argument }]).unwrap();
        let Some(Output::Send { octets, .. }) = hlr.poll() else { panic!("no End") };
        gmlc.receive(&octets, &HLR, NOW);
        assert!(matches!(gmlc.poll(), Some(Output::Indication(Indication::Outcome { .. }))));
    }
    println!("both sides of a dialogue, one at a time: {} ns", each(begun, DIALOGUES));

    // A table full of them: each step on its own, a thousand seconds of a hand-moved clock.
    let mut messages = Vec::with_capacity(DIALOGUES as usize);
    let begun = cpu_ns();
    for at in 0..DIALOGUES {
        let now = NOW + Duration::from_millis(u64::from(at % 1_000));
        gmlc.invoke(HLR, ENQUIRY, PSL, &argument, TEN_SECONDS, now).unwrap();
        let Some(Output::Send { octets, .. }) = gmlc.poll() else { panic!("no Begin") };
        messages.push(octets);
    }
    println!("invoke, into a table of {}: {} ns", gmlc.len(), each(begun, DIALOGUES));
    let begun = cpu_ns();
    for octets in &messages {
        hlr.receive(octets, &GMLC, NOW);
    }
    println!("receive a Begin, into a table of {}: {} ns", hlr.len(), each(begun, DIALOGUES));
    let asked: Vec<_> = drain(&mut hlr)
        .into_iter()
        .map(|output| match output {
            Output::Indication(Indication::Begin { dialogue, .. }) => dialogue,
            other => panic!("{other:?}"),
        })
        .collect();
    let begun = cpu_ns();
    for dialogue in asked {
        hlr.end(dialogue, &[Request::ResultLast { invoke_id: 1, result: &argument }]).unwrap();
    }
    println!("end: {} ns", each(begun, DIALOGUES));
    let ends: Vec<_> = drain(&mut hlr);
    let begun = cpu_ns();
    for output in ends.into_iter().step_by(2) {
        let Output::Send { octets, .. } = output else { panic!("no End") };
        gmlc.receive(&octets, &HLR, NOW);
    }
    println!("receive an End: {} ns", each(begun, DIALOGUES / 2));
    let begun = cpu_ns();
    gmlc.expire(NOW + Duration::from_secs(20));
    println!("time out: {} ns", each(begun, DIALOGUES / 2));
    assert!(gmlc.is_empty() && hlr.is_empty());
}
