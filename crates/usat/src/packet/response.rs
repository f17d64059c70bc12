//! Response packets: proof of receipt (TS 102 225 clause 5.2).

use super::keys::{BLOCK, CHECKSUM};
use super::{CardKeys, Counter, PACKET_LIMIT, PacketError, Proof, Status, Tar, padding};

/// What stands before a response packet in its first short message and counts for the checksum: UDHL, IEI, its length (TS 31.115
/// clause 4.3).
const BEFORE: [u8; 3] = [0x02, 0x71, 0x00];
/// Octets that the RHL counts without a checksum.
const HEADER: usize = 10;

/// A proof of receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Of which application.
    pub tar: Tar,
    /// Counter of the command that it is about.
    pub counter: Counter,
    /// What became of it.
    pub status: Status,
    /// What the application says beside.
    pub data: Vec<u8>,
}

/// Seals a proof in the form that was asked.
pub fn seal_response(keys: &CardKeys, proof: Proof, response: &Response) -> Result<Vec<u8>, PacketError> {
    let checksum_length = if proof.checksum { CHECKSUM } else { 0 };
    let counted = 7 + checksum_length + response.data.len();
    let fill = if proof.ciphered { padding(counted) } else { 0 };
    let header = HEADER + checksum_length;
    let length = 1 + header + response.data.len() + usize::from(fill);
    if length > PACKET_LIMIT {
        return Err(PacketError::Length(length));
    }
    let [high, low] = u16::try_from(length).map_err(|_| PacketError::Length(length))?.to_be_bytes();
    let [tar1, tar2, tar3] = response.tar.0;
    // 10 or 18.
    let head = [high, low, header as u8, tar1, tar2, tar3];
    let mut middle = response.counter.octets().to_vec();
    middle.extend([fill, response.status.octet()]);
    let mut secured = response.data.clone();
    secured.resize(response.data.len() + usize::from(fill), 0);
    let mut rest = middle.clone();
    if proof.checksum {
        rest.extend(keys.checksum(&[&BEFORE, &head, &middle, &secured])?);
    }
    rest.extend(secured);
    if proof.ciphered {
        keys.encipher(&mut rest)?;
    }
    Ok([&head[..], &rest].concat())
}

/// Opens a proof that must have exactly the form that was asked.
pub fn open_response(keys: &CardKeys, proof: Proof, tar: Tar, packet: &[u8]) -> Result<Response, PacketError> {
    let wrong = PacketError::Length(packet.len());
    let (head, rest) = packet.split_first_chunk::<6>().ok_or(wrong)?;
    let [high, low, rhl, said @ ..] = *head;
    let checksum_length = if proof.checksum { CHECKSUM } else { 0 };
    if usize::from(u16::from_be_bytes([high, low])) + 2 != packet.len() || packet.len() > PACKET_LIMIT {
        return Err(wrong);
    }
    if usize::from(rhl) != HEADER + checksum_length {
        return Err(PacketError::OtherLevel);
    }
    if Tar(said) != tar {
        return Err(PacketError::Tar);
    }
    let mut rest = rest.to_vec();
    if proof.ciphered {
        if rest.len() % BLOCK != 0 {
            return Err(PacketError::Cipher);
        }
        keys.decipher(&mut rest)?;
    }
    let (middle, rest) = rest.split_first_chunk::<7>().ok_or(wrong)?;
    let (checksum, secured) = rest.split_at_checked(checksum_length).ok_or(wrong)?;
    if proof.checksum && !keys.verify(&[&BEFORE, head, middle, secured], checksum) {
        return Err(PacketError::Checksum);
    }
    let [counter @ .., fill, status] = *middle;
    if usize::from(fill) >= BLOCK || (fill > 0 && !proof.ciphered) {
        return Err(wrong);
    }
    let data = secured.len().checked_sub(fill.into()).and_then(|end| secured.get(..end)).ok_or(wrong)?;
    Ok(Response {
        tar,
        counter: Counter::from_octets(counter),
        status: Status::from_octet(status),
        data: data.to_vec(),
    })
}
