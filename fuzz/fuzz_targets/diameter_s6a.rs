//! Insert-Subscriber-Data of S6a and the LCS-Info in it (TS 29.272 clauses 7.2.9 and 7.3.84).
#![no_main]

use diameter::codec::{ApplicationId, CommandCode};
use diameter::s6a::{Ida, Idr, lcs_info, read_lcs_info};
use fuzz::{comes_back, wire};
use libfuzzer_sys::fuzz_target;

const COMMANDS: &[(ApplicationId, CommandCode)] = &[(ApplicationId::S6A, CommandCode::INSERT_SUBSCRIBER_DATA)];

fuzz_target!(|data: &[u8]| {
    // What is read of LCS-Info may say less than was sent, as unknown values are passed over; written, it reads the same.
    if let Ok(information) = read_lcs_info(data) {
        let octets = lcs_info(&information).expect("no longer than what was read");
        assert_eq!(read_lcs_info(&octets).as_ref(), Ok(&information));
    }
    let Some((message, sound)) = wire::message(&wire::frame(data, COMMANDS)) else { return };
    if let Ok(idr) = Idr::decode(&message)
        && sound
    {
        let mut octets = Vec::new();
        idr.encode(message.header.ids, &mut octets).expect("no longer than what was read");
        let again = diameter::codec::Message::decode(octets.into()).expect("sound as written");
        assert_eq!(Idr::decode(&again).as_ref(), Ok(&idr));
    }
    comes_back!(Ida, &message, sound, message.header);
});
