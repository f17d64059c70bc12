//! The least Diameter that a floor needs, written out by hand: no dictionary, no state machine, no choice.

pub(crate) const SLH: u32 = 16_777_291;
pub(crate) const SLG: u32 = 16_777_255;
pub(crate) const RIR: u32 = 8_388_622;
pub(crate) const PLR: u32 = 8_388_620;
const VENDOR: u32 = 10415;

pub(crate) fn be32(octets: &[u8]) -> u32 {
    u32::from_be_bytes([octets[0], octets[1], octets[2], octets[3]])
}

pub(crate) fn avp(out: &mut Vec<u8>, code: u32, vendor: bool, data: &[u8]) {
    let head = if vendor { 12 } else { 8 };
    let flags = if vendor { 0xC0u32 } else { 0x40 };
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(&(flags << 24 | (head + data.len()) as u32).to_be_bytes());
    if vendor {
        out.extend_from_slice(&VENDOR.to_be_bytes());
    }
    out.extend_from_slice(data);
    while !out.len().is_multiple_of(4) {
        out.push(0);
    }
}

pub(crate) fn avp_u32(out: &mut Vec<u8>, code: u32, vendor: bool, value: u32) {
    avp(out, code, vendor, &value.to_be_bytes());
}

pub(crate) fn header(flags: u8, command: u32, application: u32) -> Vec<u8> {
    let mut out = vec![1, 0, 0, 0];
    out.extend_from_slice(&(u32::from(flags) << 24 | command).to_be_bytes());
    out.extend_from_slice(&application.to_be_bytes());
    out.extend_from_slice(&[0; 8]);
    out
}

/// Writes the length of the message that starts at `start`.
pub(crate) fn finish(out: &mut [u8], start: usize) {
    let length = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&(1 << 24 | length).to_be_bytes());
}

pub(crate) fn cer(application: u32) -> Vec<u8> {
    let mut out = header(0x80, 257, 0);
    avp(&mut out, 264, false, b"gmlc.floor.example");
    avp(&mut out, 296, false, b"floor.example");
    avp(&mut out, 257, false, &[0, 1, 127, 0, 0, 1]);
    avp_u32(&mut out, 266, false, VENDOR);
    avp(&mut out, 269, false, b"floor");
    avp_u32(&mut out, 258, false, application);
    finish(&mut out, 0);
    out
}

/// A request as large as a real one: RIR with `rest` false, PLR with `rest` true.
pub(crate) fn request(command: u32, application: u32, host: &str, rest: bool) -> Vec<u8> {
    let mut out = header(0xC0, command, application);
    avp(&mut out, 263, false, b"gmlc.floor.example;1733000000;00000042;gw");
    avp_u32(&mut out, 277, false, 1);
    avp(&mut out, 264, false, b"gmlc.floor.example");
    avp(&mut out, 296, false, b"floor.example");
    avp(&mut out, 293, false, host.as_bytes());
    avp(&mut out, 283, false, b"floor.example");
    avp(&mut out, 1, false, b"001010123456789");
    if rest {
        avp_u32(&mut out, 2500, true, 0);
        avp(&mut out, 701, true, &[0x94, 0x71, 0x10, 0x32, 0x54, 0xF6]);
        let mut name = Vec::new();
        avp(&mut name, 1238, true, b"fleet-tracker.example");
        avp_u32(&mut name, 1237, true, 2);
        avp(&mut out, 2501, true, &name);
        avp_u32(&mut out, 1241, true, 1);
        let mut check = Vec::new();
        avp_u32(&mut check, 2512, true, 0);
        avp(&mut out, 2521, true, &check);
        let mut qos = Vec::new();
        avp_u32(&mut qos, 2523, true, 1);
        avp_u32(&mut qos, 2505, true, 50);
        avp(&mut out, 2504, true, &qos);
    }
    finish(&mut out, 0);
    out
}

/// Walks every AVP with its bounds and gives the session id, empty if there is none; `None` for a broken message.
pub(crate) fn session_id(body: &[u8]) -> Option<&[u8]> {
    find(body, 263).map(Option::unwrap_or_default)
}

/// Walks every AVP with its bounds and gives the data of the last of this code; `None` for a broken message.
pub(crate) fn find(body: &[u8], wanted: u32) -> Option<Option<&[u8]>> {
    let (mut rest, mut found) = (body, None);
    while rest.len() >= 8 {
        let (code, word) = (be32(rest), be32(&rest[4..]));
        let length = (word & 0xFF_FFFF) as usize;
        let head = if word & 0x8000_0000 != 0 { 12 } else { 8 };
        if length < head || length > rest.len() {
            return None;
        }
        if code == wanted {
            found = Some(&rest[head..length]);
        }
        rest = &rest[length.next_multiple_of(4).min(rest.len())..];
    }
    rest.is_empty().then_some(found)
}
