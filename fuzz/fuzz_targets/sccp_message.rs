//! Any octets as a message of SCCP (ITU-T Q.713): decoded, encoded again, never with a digit in what is shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ss7::sccp::{Form, Message};

fuzz_target!(|data: &[u8]| {
    let Ok(message) = Message::decode(data) else { return };
    let (form, octets) = match &message {
        Message::Unitdata(m) => (m.form, m.data.len()),
        Message::Service(m) => (m.form, m.data.len()),
    };
    assert!(octets <= 3952 && octets <= data.len());
    assert!(matches!(form, Form::Long(_)) || octets <= 255);
    // What came over IP may be too long for a signal unit, or without hops: it is read and not made.
    if let Ok(again) = message.encode() {
        assert_eq!(Message::decode(&again), Ok(message));
    }
});
