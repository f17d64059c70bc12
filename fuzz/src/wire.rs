//! Diameter messages out of arbitrary octets.

use bytes::Bytes;
use diameter::base::{Origin, error_answer};
use diameter::codec::{
    ApplicationId, AvpCode, AvpFlags, AvpRef, Builder, CommandCode, CommandFlags, DecodeError, Header, Identifiers,
    Message, VendorId,
};
use diameter::dictionary::{self, AvpDef, AvpType};

/// The node that answers.
pub const HERE: Origin<'static> = Origin { host: "mme1.example.net", realm: "example.net" };

/// A whole frame. Octets that begin as a Diameter message (version 1) are taken as they are; all others are read as a
/// recipe: which of `commands`, request or answer, and then AVPs of the dictionary, so that lengths and padding fit and the
/// mutations spend themselves on contents.
pub fn frame(data: &[u8], commands: &[(ApplicationId, CommandCode)]) -> Vec<u8> {
    match data {
        [1, ..] | [] => data.to_vec(),
        [choice, flags, recipe @ ..] => {
            let (application, command) = commands[usize::from(*choice) % commands.len()];
            let ids = Identifiers { hop_by_hop: 0x0102_0304, end_to_end: 0x0506_0708 };
            let mut header = Header::request(application, command, ids);
            // R with E is no request at all and refused before anything is read.
            header.flags = CommandFlags(if flags & 0x80 != 0 { flags & 0xDF } else { *flags });
            let mut body = Vec::new();
            avps(recipe, &mut body);
            let length = u32::try_from(20 + body.len()).unwrap_or(u32::MAX);
            [&header.encode(length)[..], &body].concat()
        }
        [_] => Vec::new(),
    }
}

/// AVPs by recipe: an octet that names a definition, one for length and kind, then so many octets of contents. A group may
/// be opened instead; 0xFF closes it.
fn avps(mut recipe: &[u8], out: &mut Vec<u8>) {
    let all: Vec<&AvpDef> = dictionary::all().collect();
    let mut open: Vec<(&AvpDef, Vec<u8>)> = Vec::new();
    while let [name, kind, rest @ ..] = recipe {
        recipe = rest;
        if *name == 0xFF {
            close(&mut open, out);
            continue;
        }
        let def = all[usize::from(*name) % all.len()];
        if def.kind == AvpType::Grouped && kind & 0x80 == 0 && open.len() < 12 {
            open.push((def, Vec::new()));
            continue;
        }
        // Numbers get their four or eight octets in most cases.
        let wanted = match (def.kind, kind & 0x40) {
            (AvpType::Unsigned64, 0) => 8,
            (AvpType::Unsigned32 | AvpType::Enumerated | AvpType::Integer32 | AvpType::Time, 0) => 4,
            _ => usize::from(kind & 0x3F),
        };
        let (data, rest) = recipe.split_at(wanted.min(recipe.len()));
        recipe = rest;
        let into = open.last_mut().map_or(&mut *out, |(_, members)| members);
        let mut builder = Builder::fragment(into);
        if kind & 0xC0 == 0xC0 {
            let (code, vendor) = (AvpCode(u32::from(*name) + 90_000), Some(VendorId(10415)));
            builder.raw(AvpRef { code, vendor, flags: AvpFlags(*kind), data });
        } else {
            builder.avp(def, data);
        }
    }
    while !open.is_empty() {
        close(&mut open, out);
    }
}

fn close(open: &mut Vec<(&AvpDef, Vec<u8>)>, out: &mut Vec<u8>) {
    let Some((def, members)) = open.pop() else { return };
    let into = open.last_mut().map_or(out, |(_, outer)| outer);
    Builder::fragment(into).avp(def, &members);
}

/// The message of a frame, and whether it is sound; else it is what there is of it, which may be read and no more.
pub fn message(frame: &[u8]) -> Option<(Message, bool)> {
    match Message::decode(Bytes::copy_from_slice(frame)) {
        Ok(message) => Some((message, true)),
        Err(malformed) => {
            let message = malformed.message?;
            answerable(&message, &malformed.error);
            Some((message, false))
        }
    }
}

/// Whatever is wrong with a message, the answer that says so is sound (RFC 6733 section 7.2).
pub fn answerable(message: &Message, error: &DecodeError) {
    let mut out = Vec::new();
    error_answer(message, HERE, error, &mut out).expect("an answer to a message of 64 KiB fits");
    let answer = Message::decode(Bytes::from(out)).expect("our own answer is sound");
    assert!(!answer.is_request());
    assert_eq!(answer.header.ids, message.header.ids);
    assert_eq!(answer.find(&dictionary::RESULT_CODE).and_then(|avp| avp.u32().ok()), Some(error.result_code().0));
}

/// Reads a message as one type; if it is one and sound, its encoding says the same, and encoding that again gives the same
/// octets.
#[macro_export]
macro_rules! comes_back {
    ($type:ident, $message:expr, $sound:expr, $head:expr) => {
        match $type::decode($message) {
            Err(error) => $crate::wire::answerable($message, &error),
            Ok(_) if !$sound => {}
            Ok(read) => {
                let mut octets = Vec::new();
                read.encode($head, &mut octets).expect("what was read fits");
                let again = diameter::codec::Message::decode(bytes::Bytes::from(octets.clone())).expect("sound");
                let again = $type::decode(&again).map(|again| {
                    assert_eq!(again, read);
                    let mut twice = Vec::new();
                    again.encode($head, &mut twice).expect("what was read fits");
                    assert_eq!(twice, octets);
                });
                assert_eq!(again, Ok(()));
            }
        }
    };
}
