//! Shared by the tests: hex, a few identities and messages.

use lcs::{
    Address, ApnNi, ClientName, Codeword, FormatIndicator, Identities, Imei, Imsi, LcsCapabilitySets, LcsClientId,
    LcsClientType, Msisdn, Requestor,
};
use ss7::map::{DecodeError, MapError, Reply};

/// Octets of hex text; everything else is ignored.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    assert!(digits.len().is_multiple_of(2), "half an octet");
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A SEQUENCE around these elements.
pub(crate) fn sequence(elements: &[u8]) -> Vec<u8> {
    let mut out = vec![0x30];
    match elements.len() {
        short @ ..0x80 => out.push(u8::try_from(short).unwrap()),
        long @ ..0x100 => out.extend([0x81, u8::try_from(long).unwrap()]),
        long @ ..0x1_0000 => out.extend([0x82, (long >> 8) as u8, (long & 0xFF) as u8]),
        longer => panic!("{longer}"),
    }
    out.extend_from_slice(elements);
    out
}

pub(crate) fn imsi() -> Imsi {
    Imsi::parse("001010000000001").unwrap()
}

pub(crate) fn msisdn() -> Msisdn {
    Msisdn::parse("491701234567").unwrap()
}

pub(crate) fn imei() -> Imei {
    Imei::parse("35609204079301").unwrap()
}

pub(crate) fn target() -> Identities {
    Identities { imsi: Some(imsi()), msisdn: Some(msisdn()), imei: Some(imei()) }
}

pub(crate) fn number(digits: &str) -> Address {
    Address::international(digits).unwrap()
}

pub(crate) const GMLC: &str = "499500001";

pub(crate) fn sets(highest: u32) -> LcsCapabilitySets {
    LcsCapabilitySets((1 << highest) - 1)
}

/// A value added client with all that Annex B lets it have.
pub(crate) fn value_added() -> LcsClientId {
    LcsClientId {
        client_type: LcsClientType::ValueAdded,
        external: Some(number("4930123456")),
        internal: None,
        dialled: None,
        apn: Some(ApnNi::new("fleet.example").unwrap()),
        name: Some(ClientName::new("Acme", FormatIndicator::LogicalName).unwrap()),
        requestor: Some(Requestor { text: "+491701234567".to_owned(), format: FormatIndicator::Msisdn }),
        call_session_related: true,
    }
}

pub(crate) fn client_of(client_type: LcsClientType) -> LcsClientId {
    LcsClientId {
        client_type,
        external: None,
        internal: None,
        dialled: None,
        apn: None,
        name: None,
        requestor: None,
        call_session_related: false,
    }
}

pub(crate) fn codeword(text: &str) -> Codeword {
    Codeword::new(text.to_owned()).unwrap()
}

/// The error that answers what is wrong; panics for a Reject.
pub(crate) fn answered(error: DecodeError) -> MapError {
    match error.reply() {
        Reply::Error(error) => error,
        Reply::Reject(problem) => panic!("{error}: rejected with {problem:?}"),
    }
}
