//! User data: its header, and a packet cut into parts (TS 23.040 clauses 9.2.3.24 and 9.2.3.24.1, TS 31.115 clauses 4.2 and 4.4).

use super::SmsError;

/// Octets of TP-UD in one message.
pub const USER_DATA_LIMIT: usize = 140;

const CONCATENATED_8: u8 = 0x00;
const COMMAND: u8 = 0x70;
const RESPONSE: u8 = 0x71;

/// What kind of packet a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carried {
    /// A command packet: information element 70.
    Command,
    /// A response packet: 71.
    Response,
}

/// One message's share of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Kind of packet; known of the first part alone.
    pub carried: Option<Carried>,
    /// Reference, number of parts, number of this part from 1; `None` for a packet in one message.
    pub concatenated: Option<(u8, u8, u8)>,
    /// Its octets of the packet.
    pub octets: Vec<u8>,
}

/// User data of each message, in order.
pub type Parts = Vec<Vec<u8>>;

/// Cuts a packet into user data; `reference` tells its parts from those of other packets.
pub fn split(carried: Carried, packet: &[u8], reference: u8) -> Result<Parts, SmsError> {
    let element = match carried {
        Carried::Command => COMMAND,
        Carried::Response => RESPONSE,
    };
    let alone = [0x02, element, 0x00];
    if packet.len() + alone.len() <= USER_DATA_LIMIT {
        return Ok(vec![[&alone, packet].concat()]);
    }
    let (first, rest) = packet.split_at_checked(USER_DATA_LIMIT - 8).ok_or(SmsError::Length)?;
    let chunks = rest.chunks(USER_DATA_LIMIT - 6);
    let total = u8::try_from(chunks.len() + 1).map_err(|_| SmsError::TooLong)?;
    let mut parts = vec![[&[0x07, element, 0x00, CONCATENATED_8, 0x03, reference, total, 1], first].concat()];
    for (chunk, number) in chunks.zip(2..=total) {
        parts.push([&[0x05, CONCATENATED_8, 0x03, reference, total, number], chunk].concat());
    }
    Ok(parts)
}

/// Reads user data that begins with a header. Elements of other kinds are passed over, as TS 23.040 clause 9.2.3.24 asks.
pub fn read_part(user_data: &[u8]) -> Result<Part, SmsError> {
    let (length, rest) = user_data.split_first().ok_or(SmsError::Header)?;
    let (mut header, octets) = rest.split_at_checked(usize::from(*length)).ok_or(SmsError::Header)?;
    let (mut carried, mut concatenated) = (None, None);
    while let Some(([element, length], rest)) = header.split_first_chunk::<2>() {
        let (value, rest) = rest.split_at_checked(usize::from(*length)).ok_or(SmsError::Header)?;
        header = rest;
        match (*element, value) {
            (CONCATENATED_8, &[reference, total, number]) if concatenated.is_none() => {
                if number == 0 || number > total {
                    return Err(SmsError::Part);
                }
                concatenated = Some((reference, total, number));
            }
            (COMMAND, []) if carried.is_none() => carried = Some(Carried::Command),
            (RESPONSE, []) if carried.is_none() => carried = Some(Carried::Response),
            (CONCATENATED_8 | COMMAND | RESPONSE, _) => return Err(SmsError::Header),
            _ => (),
        }
    }
    if !header.is_empty() {
        return Err(SmsError::Header);
    }
    Ok(Part { carried, concatenated, octets: octets.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_in_one_message() {
        let parts = split(Carried::Command, &[1, 2, 3], 9).unwrap();
        assert_eq!(parts, [[0x02, 0x70, 0x00, 1, 2, 3]]);
        let part = Part { carried: Some(Carried::Command), concatenated: None, octets: vec![1, 2, 3] };
        assert_eq!(read_part(&parts[0]).unwrap(), part);
    }

    /// Every length around the limits: no part is longer than a message, and joined they are the packet.
    #[test]
    fn packets_of_every_length() {
        for length in (0..600).chain([132 + 254 * 134]) {
            let packet: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let parts = split(Carried::Response, &packet, 0xAB).unwrap();
            let read: Vec<Part> = parts.iter().map(|part| read_part(part).unwrap()).collect();
            assert!(parts.iter().all(|part| part.len() <= USER_DATA_LIMIT));
            assert_eq!(read.iter().flat_map(|part| part.octets.clone()).collect::<Vec<u8>>(), packet);
            assert_eq!(read[0].carried, Some(Carried::Response));
            assert_eq!(read.len() > 1, length > 137);
            for (part, number) in read.iter().zip(1..=255) {
                let total = read.len() as u8;
                assert_eq!(part.concatenated, (total > 1).then_some((0xAB, total, number)));
            }
        }
        assert_eq!(split(Carried::Command, &vec![0; 132 + 254 * 134 + 1], 0), Err(SmsError::TooLong));
    }

    #[test]
    fn headers_that_are_none() {
        let wrong: [&[u8]; 8] = [
            &[],
            &[0x03, 0x70, 0x00],
            &[0x02, 0x70, 0x01],
            &[0x01, 0x70],
            // Twice the same element.
            &[0x04, 0x70, 0x00, 0x70, 0x00],
            // Part 0, part 3 of 2.
            &[0x05, 0x00, 0x03, 1, 2, 0],
            &[0x05, 0x00, 0x03, 1, 2, 3],
            // A command element with a value.
            &[0x03, 0x70, 0x01, 0x00],
        ];
        for octets in wrong {
            assert!(read_part(octets).is_err(), "{octets:02x?}");
        }
        // Another element is passed over.
        let part = read_part(&[0x06, 0x24, 0x02, 1, 2, 0x71, 0x00, 0xFF]).unwrap();
        assert_eq!((part.carried, part.octets.as_slice()), (Some(Carried::Response), &[0xFF][..]));
    }
}
