//! Diameter messages as octets: just enough to find a message's end and an AVP, and to spoil either (RFC 6733 sections 3
//! and 4.1). Written apart from the codec on purpose, so that a fault does not depend on what the codec would allow.

use std::ops::Range;

/// Octets of a message header.
const HEADER: usize = 20;
/// Code of the Session-Id AVP.
const SESSION_ID: u32 = 263;
/// Code of the Location-Estimate AVP.
const LOCATION_ESTIMATE: u32 = 1242;

/// Length of the message that `buffer` starts with; `None` while its header is incomplete. Nonsense counts as a message
/// that is all of the buffer, so that it passes unchanged.
pub(super) fn message_length(buffer: &[u8]) -> Option<usize> {
    let &[_, a, b, c, ..] = buffer else { return None };
    let length = u24([a, b, c]);
    if length < HEADER { Some(buffer.len()) } else { Some(length) }
}

/// Whether a message is an answer.
pub(super) fn is_answer(message: &[u8]) -> bool {
    message.get(4).is_some_and(|flags| flags & 0x80 == 0)
}

/// Changes the hop-by-hop identifier, and with `end_to_end` that identifier too.
pub(super) fn change_identifiers(message: &mut [u8], end_to_end: bool) {
    let range = if end_to_end { 12..20 } else { 12..16 };
    for octet in message.get_mut(range).into_iter().flatten() {
        *octet ^= 0x5A;
    }
}

/// Value of the Session-Id.
pub(super) fn session_id(message: &[u8]) -> Option<&[u8]> {
    avps(message).find(|avp| avp.code == SESSION_ID && !avp.vendor).and_then(|avp| message.get(avp.value))
}

/// Puts the shape type of the Location-Estimate into the low half of octet 1.
pub(super) fn swap_shape_nibbles(message: &mut [u8]) {
    let estimate = avps(message).find(|avp| avp.code == LOCATION_ESTIMATE).map(|avp| avp.value.start);
    if let Some(octet) = estimate.and_then(|at| message.get_mut(at)) {
        *octet = octet.rotate_left(4);
    }
}

/// Takes the vendor identifier and its flag from the Location-Estimate.
pub(super) fn without_vendor(message: &mut Vec<u8>) {
    let Some(avp) = avps(message).find(|avp| avp.code == LOCATION_ESTIMATE && avp.vendor) else { return };
    let length = u24_octets(avp.value.end - avp.start - 4);
    let whole = u24_octets(message.len() - 4);
    if let Some([flags, a, b, c]) = message.get_mut(avp.start + 4..avp.start + 8) {
        *flags &= 0x7F;
        [*a, *b, *c] = length;
    }
    message.drain(avp.start + 8..avp.start + 12);
    if let Some(field) = message.get_mut(1..4) {
        field.copy_from_slice(&whole);
    }
}

struct Avp {
    code: u32,
    vendor: bool,
    start: usize,
    value: Range<usize>,
}

/// The AVPs of a message at its top level, as far as they are sound.
fn avps(message: &[u8]) -> impl Iterator<Item = Avp> {
    let mut at = HEADER;
    std::iter::from_fn(move || {
        let &[a, b, c, d, flags, e, f, g] = message.get(at..at + 8)? else { return None };
        let (start, vendor) = (at, flags & 0x80 != 0);
        let header = if vendor { 12 } else { 8 };
        let length = u24([e, f, g]);
        if length < header || start + length > message.len() {
            return None;
        }
        at = start + length.next_multiple_of(4);
        let code = u32::from_be_bytes([a, b, c, d]);
        Some(Avp { code, vendor, start, value: start + header..start + length })
    })
}

fn u24([a, b, c]: [u8; 3]) -> usize {
    usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)
}

fn u24_octets(value: usize) -> [u8; 3] {
    [(value >> 16) as u8, (value >> 8) as u8, value as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer with Session-Id "a;1" and a circle as Location-Estimate.
    fn answer() -> Vec<u8> {
        let mut message = vec![
            1, 0, 0, 52, 0x40, 0x80, 0, 0x0C, 1, 0, 0, 0x27, 0, 0, 0, 1, 0, 0, 0, 2, // header
            0, 0, 1, 7, 0x40, 0, 0, 11, b'a', b';', b'1', 0, // Session-Id, padded
            0, 0, 4, 0xDA, 0xC0, 0, 0, 20, 0, 0, 0x28, 0xAF, // Location-Estimate, 3GPP
            0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A,
        ];
        let length = message.len() as u8;
        message[3] = length;
        message
    }

    #[test]
    fn ends_and_kinds_of_messages_are_found() {
        let message = answer();
        assert_eq!(message_length(&message[..3]), None);
        assert_eq!(message_length(&message[..10]), Some(message.len()));
        assert_eq!(message_length(b"GET /"), Some(0x45_5420));
        assert_eq!(message_length(&[1, 0, 0, 3, 9]), Some(5));
        assert!(is_answer(&message));
        assert_eq!(session_id(&message), Some(&b"a;1"[..]));
    }

    #[test]
    fn the_shape_type_moves_to_the_low_half() {
        let mut message = answer();
        swap_shape_nibbles(&mut message);
        assert_eq!(message[44], 0x01);
    }

    #[test]
    fn the_vendor_goes_and_lengths_follow() {
        let mut message = answer();
        without_vendor(&mut message);
        let mut expected = answer();
        expected[3] -= 4;
        expected[36] = 0x40;
        expected[39] -= 4;
        expected.drain(40..44);
        assert_eq!(message, expected);
        without_vendor(&mut message);
        assert_eq!(message, expected);
    }

    #[test]
    fn identifiers_change() {
        let mut message = answer();
        change_identifiers(&mut message, false);
        assert_eq!(message[12..20], [0x5A, 0x5A, 0x5A, 0x5B, 0, 0, 0, 2]);
    }

    proptest::proptest! {
        #[test]
        fn no_octets_panic(octets: Vec<u8>) {
            let mut message = octets;
            let _ = (message_length(&message), is_answer(&message), session_id(&message).is_some());
            swap_shape_nibbles(&mut message);
            without_vendor(&mut message);
            change_identifiers(&mut message, true);
        }
    }
}
