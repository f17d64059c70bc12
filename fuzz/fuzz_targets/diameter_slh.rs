//! Both commands of SLh (TS 29.173 clause 6.2).
#![no_main]

use std::hint::black_box;

use diameter::codec::{ApplicationId, CommandCode};
use diameter::slh::{Ria, Rir, home_network, node_realm};
use fuzz::{comes_back, wire};
use libfuzzer_sys::fuzz_target;

const COMMANDS: &[(ApplicationId, CommandCode)] = &[(ApplicationId::SLH, CommandCode::LCS_ROUTING_INFO)];

fuzz_target!(|data: &[u8]| {
    let Some((message, sound)) = wire::message(&wire::frame(data, COMMANDS)) else { return };
    let header = message.header;
    comes_back!(Rir, &message, sound, header.ids);
    comes_back!(Ria, &message, sound, header);
    if let Ok(ria) = Ria::decode(&message) {
        black_box(ria.routing_info()).ok();
    }
    let text = String::from_utf8_lossy(data);
    black_box((home_network(&text), node_realm(&text)));
});
