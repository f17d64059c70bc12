//! Messages as text for a person who looks for a fault, without anything that tells who or where somebody is.

use crate::{
    codec::{AvpRef, Avps, MAX_GROUP_DEPTH, Message},
    dictionary::{self, AvpDef, AvpType},
};
use core::fmt::{self, Display, Formatter};
use std::net::IpAddr;

/// Characters of a text shown.
const TEXT_MAX: usize = 128;

/// The tree of a message's AVPs. Values of AVPs that the dictionary marks as hidden, or does not know, are shown as a number
/// of octets; of a Session-Id only the three parts that RFC 6733 section 8.8 fixes.
#[derive(Clone, Copy)]
pub struct Dump<'a>(pub &'a Message);

impl Display for Dump<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let header = self.0.header;
        write!(f, "command {} {:?} application {}", header.command, header.flags, header.application)?;
        writeln!(f, " hop-by-hop {:08x} end-to-end {:08x}", header.ids.hop_by_hop, header.ids.end_to_end)?;
        write_avps(f, self.0.avps(), 1)
    }
}

impl fmt::Debug for Dump<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

fn write_avps(f: &mut Formatter<'_>, mut avps: Avps<'_>, depth: usize) -> fmt::Result {
    for avp in avps.by_ref() {
        write!(f, "{:1$}", "", 2 * depth)?;
        dictionary::write_name(f, avp.code, avp.vendor)?;
        write!(f, " {}{}", flag(avp.flags.0, 0x80, "V"), flag(avp.flags.0, 0x40, "M"))?;
        match dictionary::lookup(avp.code, avp.vendor) {
            Some(def) if def.kind == AvpType::Grouped && !def.hidden && depth <= MAX_GROUP_DEPTH => {
                writeln!(f)?;
                write_avps(f, Avps::new(avp.data), depth + 1)?;
            }
            Some(def) if !def.hidden => {
                f.write_str(" = ")?;
                write_value(f, avp, def)?;
                writeln!(f)?;
            }
            _ => writeln!(f, " = {} octets hidden", avp.data.len())?,
        }
    }
    if avps.rest().is_empty() {
        return Ok(());
    }
    writeln!(f, "{:1$}{2} octets that are no AVP", "", 2 * depth, avps.rest().len())
}

fn flag(flags: u8, bit: u8, letter: &'static str) -> &'static str {
    if flags & bit == 0 { "-" } else { letter }
}

fn write_value(f: &mut Formatter<'_>, avp: AvpRef<'_>, def: &AvpDef) -> fmt::Result {
    let value = match def.kind {
        AvpType::Integer32 => avp.i32().map(Shown::Signed),
        AvpType::Unsigned32 | AvpType::Enumerated => avp.u32().map(|value| Shown::Unsigned(value.into())),
        AvpType::Unsigned64 => avp.u64().map(Shown::Unsigned),
        AvpType::Time => avp.time().map(|time| Shown::Unsigned(time.secs())),
        AvpType::Address => avp.address().map(Shown::Address),
        AvpType::Utf8String | AvpType::DiameterIdentity | AvpType::DiameterUri => {
            avp.utf8().map(|text| Shown::Text(if avp.is(&dictionary::SESSION_ID) { fixed_part(text) } else { text }))
        }
        AvpType::OctetString | AvpType::Grouped => Ok(Shown::Octets(avp.data)),
    };
    match value {
        Ok(value) => Display::fmt(&value, f),
        Err(_) => write!(f, "{} octets that are no {:?}", avp.data.len(), def.kind),
    }
}

/// A value that may be shown.
enum Shown<'a> {
    Signed(i32),
    Unsigned(u64),
    Address(IpAddr),
    Text(&'a str),
    Octets(&'a [u8]),
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed(value) => write!(f, "{value}"),
            Self::Unsigned(value) => write!(f, "{value}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Text(text) => {
                let shown = text.char_indices().nth(TEXT_MAX).and_then(|(at, _)| text.get(..at)).unwrap_or(text);
                write!(f, "\"{}\"", shown.escape_debug())
            }
            Self::Octets(octets) => octets.iter().take(TEXT_MAX).try_for_each(|octet| write!(f, "{octet:02x}")),
        }
    }
}

/// A Session-Id without its optional part, where some peers put an identity.
fn fixed_part(session_id: &str) -> &str {
    session_id.match_indices(';').nth(2).and_then(|(at, _)| session_id.get(..at)).unwrap_or(session_id)
}
