//! M3UA messages as octets (RFC 4666 section 3.1): just enough to find a message's end and the transaction inside. Written apart from
//! the codec on purpose, so that a fault does not depend on what the codec would allow.

/// Octets of the common header.
const HEADER: usize = 8;
/// Class and type of DATA.
const DATA: [u8; 2] = [1, 1];
/// Tag and length of a destination transaction identifier of four octets (ITU-T Q.773 clause 3.1.2).
const DESTINATION: [u8; 2] = [0x49, 4];
/// Tags of the messages of TCAP that have one: End, Continue, Abort.
const MESSAGES: [u8; 3] = [0x64, 0x65, 0x67];

/// Length of the message that `buffer` starts with; `None` while its header is incomplete. Nonsense counts as a message that is all
/// of the buffer, so that it passes unchanged.
pub(super) fn message_length(buffer: &[u8]) -> Option<usize> {
    let &[_, _, _, _, a, b, c, d, ..] = buffer else { return None };
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    if length < HEADER { Some(buffer.len()) } else { Some(length) }
}

/// Whether a message carries data.
pub(super) fn is_data(message: &[u8]) -> bool {
    message.get(2..4) == Some(&DATA[..])
}

/// Changes the destination transaction identifier, if there is one.
pub(super) fn change_transaction(message: &mut [u8]) {
    let begin = message.iter().skip(HEADER).position(|octet| MESSAGES.contains(octet)).map(|at| HEADER + at);
    let Some(begin) = begin else { return };
    let found = message.windows(2).skip(begin).position(|pair| pair == DESTINATION).map(|at| begin + at + 2);
    for octet in found.and_then(|at| message.get_mut(at..at + 4)).into_iter().flatten() {
        *octet ^= 0x5A;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_kinds_and_transactions_are_found() {
        let heartbeat = [1, 0, 3, 3, 0, 0, 0, 8];
        assert_eq!((message_length(&heartbeat), is_data(&heartbeat)), (Some(8), false));
        assert_eq!(message_length(&heartbeat[..7]), None);
        assert_eq!(message_length(&[1, 0, 3, 3, 0, 0, 0, 7, 9]), Some(9));
        let mut data = vec![1, 0, 1, 1, 0, 0, 0, 18, 0x64, 8, 0x49, 4, 1, 2, 3, 4, 0x6C, 0];
        assert!(is_data(&data));
        change_transaction(&mut data);
        assert_eq!(data[10..], [0x49, 4, 0x5B, 0x58, 0x59, 0x5E, 0x6C, 0]);
    }

    proptest::proptest! {
        #[test]
        fn no_octets_panic(octets: Vec<u8>) {
            let mut message = octets;
            let _ = (message_length(&message), is_data(&message));
            change_transaction(&mut message);
        }
    }
}
