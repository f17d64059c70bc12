//! Any octets as a Diameter message: framed in pieces, decoded, walked, shown, encoded again (RFC 6733 sections 3 and 4).
#![no_main]

use bytes::BytesMut;
use diameter::Dump;
use diameter::codec::{ApplicationId, AvpRef, CommandCode, Framer};
use fuzz::wire;
use libfuzzer_sys::fuzz_target;

const COMMANDS: &[(ApplicationId, CommandCode)] =
    &[(ApplicationId::SLG, CommandCode::PROVIDE_LOCATION), (ApplicationId::COMMON, CommandCode::RE_AUTH)];

fuzz_target!(|data: &[u8]| {
    let frame = wire::frame(data, COMMANDS);
    framed(&frame);
    let Some((message, sound)) = wire::message(&frame) else { return };
    let mut members = 0;
    message.avps().for_each(|avp| walk(avp, 0, &mut members));
    let text = Dump(&message).to_string();
    // Of a group that is broken further on, what can be read is shown all the same; each AVP is eight octets at least.
    let most = if sound { 2 + 2 * members } else { 2 + 2 * (frame.len() / 8) };
    assert!(text.lines().count() <= most, "a line for each AVP, and one for what is none in each group");
    if sound {
        let mut again = Vec::new();
        message.encode(&mut again);
        assert_eq!(again, frame);
    }
});

/// Frames come out the same whether the octets arrive at once or one after the other.
fn framed(octets: &[u8]) {
    let framer = Framer { max_message: 4096 };
    let (mut whole, mut piecemeal) = (BytesMut::from(octets), BytesMut::new());
    let mut arriving = octets.iter();
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
        if !matches!(at_once, Ok(Some(_))) {
            return;
        }
    }
}

/// Reads an AVP in every way there is.
fn walk(avp: AvpRef<'_>, depth: usize, members: &mut usize) {
    *members += 1;
    let values = (avp.u32(), avp.u64(), avp.i32(), avp.utf8(), avp.identity(), avp.address(), avp.time());
    assert!(values.0.is_ok() == (avp.data.len() == 4));
    if let (Ok(group), true) = (avp.grouped(), depth < 16) {
        group.for_each(|member| walk(member, depth + 1, members));
    }
}
