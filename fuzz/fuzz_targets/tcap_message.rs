//! Octets from any address to a subsystem with a dialogue in each state: what is sent back is sound and of bounded length,
//! whatever is indicated is of a dialogue under way, and in the end nothing is left.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use ss7::tcap::{ApplicationContext, Dialogues, Indication, Output, Request, TcapLimits};

/// Address of the peer; 9 is a stranger.
const PEER: u8 = 1;
const CONTEXT: ApplicationContext = ApplicationContext::map(38, 3);
const TIMEOUT: Duration = Duration::from_secs(10);

/// A party with dialogues that were sent, received, and are active; where their identifiers stand in a message is told
/// by the caller.
fn busy() -> (Dialogues<u8>, [u32; 4]) {
    let mut party = Dialogues::new(TcapLimits { components: 4, ..TcapLimits::default() }, 1);
    let mut peer = Dialogues::new(TcapLimits::default(), 2);
    let now = Duration::ZERO;
    let invoke = Request::Invoke { invoke_id: 1, linked_id: None, operation: 83, argument: &[5, 0], timeout: TIMEOUT };
    let single = party.invoke(PEER, CONTEXT, 83, &[5, 0], TIMEOUT, now).expect("room");
    let sent = party.begin(PEER, Some(CONTEXT), &[invoke], now).expect("room");
    while party.poll().is_some() {}
    let active = party.begin(PEER, None, &[invoke], now).expect("room");
    let Some(Output::Send { octets, .. }) = party.poll() else { unreachable!("a Begin") };
    peer.receive(&octets, &0, now);
    let Some(Output::Indication(Indication::Begin { dialogue, .. })) = peer.poll() else { unreachable!("a Begin") };
    peer.proceed(dialogue, &[invoke], now).expect("received");
    let Some(Output::Send { octets, .. }) = peer.poll() else { unreachable!("a Continue") };
    party.receive(&octets, &PEER, now);
    while party.poll().is_some() {}
    let begun = peer.begin(0, Some(CONTEXT), &[invoke], now).expect("room");
    let Some(Output::Send { octets, .. }) = peer.poll() else { unreachable!("a Begin") };
    party.receive(&octets, &PEER, now);
    while party.poll().is_some() {}
    (party, [single, sent, active, begun].map(|dialogue| dialogue.transaction_id()))
}

fuzz_target!(|data: &[u8]| {
    let Some((&how, rest)) = data.split_first() else { return };
    let (mut party, identifiers) = busy();
    // Identifiers cannot be guessed by mutation either, so a place is filled in.
    let mut octets = rest.to_vec();
    let identifier = identifiers[usize::from(how & 3)].to_be_bytes();
    if let Some(at) = octets.windows(6).position(|window| window[0] == 0x49 && window[1] == 4) {
        octets[at + 2..at + 6].copy_from_slice(&identifier);
    }
    let from = if how & 0x80 == 0 { PEER } else { 9 };
    let before = party.len();
    if how & 0x40 == 0 {
        party.receive(&octets, &from, Duration::from_secs(1));
    } else {
        party.returned(&octets);
    }
    let mut outputs = 0;
    while let Some(output) = party.poll() {
        outputs += 1;
        if let Output::Send { to, octets } = output {
            assert!(to == from && octets.len() <= 256, "an answer is no longer than what was asked for");
            let mut reader = Dialogues::new(TcapLimits::default(), 3);
            reader.receive(&octets, &0, Duration::ZERO);
            assert_eq!(reader.counters().discarded, 0, "what is sent can be read");
        }
    }
    assert!(outputs <= 2 && party.len() <= before + 1);
    party.expire(Duration::from_secs(700));
    assert!(party.is_empty() && party.deadline().is_none());
});
