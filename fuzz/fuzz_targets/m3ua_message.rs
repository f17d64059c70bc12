//! Any octets as messages of M3UA (RFC 4666 section 3): framed in pieces, decoded, encoded again; what is wrong has an answer.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use ss7::m3ua::{Framer, Message};

fuzz_target!(|data: &[u8]| {
    let framer = Framer { max_message: 4096 };
    let (mut whole, mut piecemeal) = (BytesMut::from(data), BytesMut::new());
    let mut arriving = data.iter();
    loop {
        let at_once = framer.next_frame(&mut whole);
        let in_pieces = loop {
            match framer.next_frame(&mut piecemeal) {
                Ok(None) => match arriving.next() {
                    Some(octet) => piecemeal.extend_from_slice(&[*octet]),
                    None => break Ok(None),
                },
                other => break other,
            }
        };
        assert_eq!(at_once, in_pieces);
        match at_once {
            Ok(Some(frame)) => one(&frame),
            _ => break,
        }
    }
    // SCTP delivers messages of any length.
    one(data);
});

fn one(octets: &[u8]) {
    match Message::decode(octets) {
        Ok(message) => assert_eq!(Message::decode(&message.encode()), Ok(message)),
        Err(error) => {
            let report = error.report();
            assert_eq!(report.is_none(), octets.get(2..4) == Some(&[0, 0]), "only an Error message has no answer");
            let Some(report) = report else { return };
            assert!(octets.starts_with(&report.diagnostic) && report.diagnostic.len() <= 40);
            assert_eq!(Message::decode(&Message::Error(report.clone()).encode()), Ok(Message::Error(report)));
        }
    }
}
