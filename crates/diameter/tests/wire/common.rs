//! Shared by the tests: hex, a few identities, messages.

use bytes::Bytes;
use diameter::{
    base::Origin,
    codec::{AvpCode, AvpFlags, AvpRef, Builder, Header, Identifiers, Message, VendorId},
    slg::Envelope,
};
use lcs::{Identities, Imei, Imsi, Msisdn};

pub(crate) const IDS: Identifiers = Identifiers { hop_by_hop: 0x0102_0304, end_to_end: 0x0506_0708 };
pub(crate) const GMLC: Origin<'static> = Origin { host: "gmlc.example.net", realm: "example.net" };
pub(crate) const MME: Origin<'static> = Origin { host: "mme1.example.net", realm: "example.net" };
pub(crate) const ENVELOPE: Envelope<'static> = Envelope {
    session_id: "gmlc.example.net;1;2",
    origin: GMLC,
    destination_host: "mme1.example.net",
    destination_realm: "example.net",
};

/// Octets of hex text; blanks are ignored.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub(crate) fn decode(octets: &[u8]) -> Message {
    Message::decode(Bytes::copy_from_slice(octets)).unwrap()
}

/// A message with these encoded AVPs.
pub(crate) fn message(header: Header, avps: &[u8]) -> Vec<u8> {
    let length = u32::try_from(20 + avps.len()).unwrap();
    let mut out = header.encode(length).to_vec();
    out.extend_from_slice(avps);
    out
}

/// AVPs that `fill` appends.
pub(crate) fn avps(fill: impl FnOnce(&mut Builder<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    fill(&mut Builder::fragment(&mut out));
    out
}

/// An AVP that no dictionary has.
pub(crate) fn unknown(flags: u8, data: &[u8]) -> AvpRef<'_> {
    AvpRef { code: AvpCode(999_999), vendor: Some(VendorId(99_999)), flags: AvpFlags(0x80 | flags), data }
}

pub(crate) fn imsi() -> Imsi {
    Imsi::parse("001010000000001").unwrap()
}

pub(crate) fn msisdn() -> Msisdn {
    Msisdn::parse("491701234567").unwrap()
}

pub(crate) fn target() -> Identities {
    Identities { imsi: Some(imsi()), msisdn: Some(msisdn()), imei: Some(Imei::parse("35609204079301").unwrap()) }
}

/// Whether `needle` occurs in `haystack`.
pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
