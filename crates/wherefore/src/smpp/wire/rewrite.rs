//! A PDU with other addresses in it (TS 23.271 Annex E.1 steps 3 and 8).

use super::message::{Address, Message, Tlv, Which};
use super::pdu::Pdu;
use super::text::{self, Alphabet};

/// Type of number: international, alphanumeric (SMPP 5.0 section 4.7.1).
const INTERNATIONAL: u8 = 1;
const ALPHANUMERIC: u8 = 5;
/// Plans: ISDN, unknown (SMPP 5.0 section 4.7.2).
const ISDN: u8 = 1;
const NO_PLAN: u8 = 0;
/// The range for vendors (SMPP 5.0 section 4.8.1).
const VENDOR: core::ops::RangeInclusive<u16> = 0x1400..=0x3FFF;
/// A text that is longer than short_message takes.
const MESSAGE_PAYLOAD: u16 = 0x0424;
/// The number of a receipt's message: digits that are no telephone number.
const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
/// Parameters that lead to a subscriber: additional_status_info_text, source_subaddress, callback_num_pres_ind,
/// callback_num_atag, callback_num, billing_identification.
const TELLING: [u16; 6] = [0x001D, 0x0202, 0x0302, 0x0303, 0x0381, 0x060B];
/// Longest short_message.
const SHORT_MESSAGE: usize = 254;

/// A subscriber whose number is in a message towards a client, and what stands there instead.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// The alias, at most 20 characters.
    pub alias: &'a str,
    /// The pseudonym.
    pub pseudonym: &'a str,
    /// Ways to write the number: digits alone.
    pub spellings: &'a [String],
}

/// What is put on and taken off for a client.
#[derive(Debug, Clone, Copy)]
pub struct Dress<'a> {
    /// Tag of the parameter with the pseudonym.
    pub tlv: u16,
    /// Tags for vendors that pass.
    pub keep: &'a [u16],
    /// Whether the client knows parameters by tag: not before interface version 3.4.
    pub tlvs: bool,
    /// The default alphabet, where texts begin with the pseudonym.
    pub head: Option<Alphabet>,
}

/// A destination for the SMS centre; `None` where the client left it empty.
pub type Recipient<'a> = Option<&'a str>;

/// A destination that a client named, by what the SMS centre was told.
#[derive(Clone, PartialEq, Eq)]
pub struct Failed {
    /// Digits told to the SMS centre.
    pub digits: String,
    /// What the client had there: type, plan and text.
    pub named: (u8, u8, Vec<u8>),
}

impl core::fmt::Debug for Failed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Failed(hidden)")
    }
}

/// The message as its client may have it. Without a caller, only parameters that lead to a subscriber are taken out.
#[must_use]
pub fn to_client(pdu: &Pdu, message: &Message, caller: Option<&Caller<'_>>, dress: &Dress<'_>) -> Pdu {
    let body = pdu.body();
    let short = message.text.clone().and_then(|whole| body.get(whole.start + 1..whole.end)).unwrap_or_default();
    let payload = message.tlvs.iter().find(|tlv| tlv.tag == MESSAGE_PAYLOAD);
    let said = payload.and_then(|tlv| body.get(tlv.value.clone())).unwrap_or(short);
    let said = caller.and_then(|caller| words(message, said, caller, dress));
    // What the text has become, and where it now stands.
    let (short, payload_now) = match said {
        None => (None, None),
        Some(said) if payload.is_some() => (None, Some(said)),
        Some(said) if said.len() <= SHORT_MESSAGE => (Some(said), None),
        Some(said) if dress.tlvs => (Some(Vec::new()), Some(said)),
        // It does not fit and there is nowhere else: as it was.
        Some(_) => (None, None),
    };
    let mut out = Vec::with_capacity(body.len() + 160);
    let mut at = 0;
    for address in message.addresses.iter().filter(|address| address.which == Which::Source) {
        let Some(caller) = caller else { continue };
        copy(&mut out, body, at..address.whole.start);
        put(&mut out, ALPHANUMERIC, NO_PLAN, caller.alias.as_bytes());
        at = address.whole.end;
    }
    if let (Some(whole), Some(short)) = (message.text.clone(), short) {
        copy(&mut out, body, at..whole.start);
        out.push(u8::try_from(short.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(&short);
        at = whole.end;
    }
    copy(&mut out, body, at..message.fixed);
    for tlv in &message.tlvs {
        match &payload_now {
            Some(_) if tlv.tag == MESSAGE_PAYLOAD => {}
            _ if passes(tlv, body, caller, dress) => copy(&mut out, body, tlv.whole.clone()),
            _ => {}
        }
    }
    if let Some(said) = payload_now {
        parameter(&mut out, MESSAGE_PAYLOAD, &said);
    }
    if let Some(caller) = caller.filter(|_| dress.tlvs) {
        parameter(&mut out, dress.tlv, caller.pseudonym.as_bytes());
    }
    pdu.with_body(&out)
}

/// The text for the client, where it is another.
fn words(message: &Message, said: &[u8], caller: &Caller<'_>, dress: &Dress<'_>) -> Option<Vec<u8>> {
    // Receipts and intermediate notifications are the network's words, and read by programs (SMPP 5.0 section 4.7.12).
    if matches!(message.esm_class & 0x3C, 0x04 | 0x20) {
        return text::without_number(said, message.data_coding, caller.spellings, caller.alias);
    }
    let alphabet = dress.head?;
    text::with_head(said, message.esm_class, message.data_coding, alphabet, caller.pseudonym)
}

/// Whether a client may have a parameter.
fn passes(tlv: &Tlv, body: &[u8], caller: Option<&Caller<'_>>, dress: &Dress<'_>) -> bool {
    if TELLING.contains(&tlv.tag) || tlv.tag == dress.tlv {
        return false;
    }
    if VENDOR.contains(&tlv.tag) && !dress.keep.contains(&tlv.tag) {
        return false;
    }
    if matches!(tlv.tag, MESSAGE_PAYLOAD | RECEIPTED_MESSAGE_ID) {
        return true;
    }
    let value = body.get(tlv.value.clone()).unwrap_or_default();
    caller.is_none_or(|caller| text::without_number(value, 0, caller.spellings, "").is_none())
}

/// The request as the SMS centre is to have it: a number for each destination, in their order, and no pseudonym.
#[must_use]
pub fn from_client(pdu: &Pdu, message: &Message, recipients: &[Recipient<'_>], tlv: u16) -> Pdu {
    let body = pdu.body();
    let mut out = Vec::with_capacity(body.len() + 16);
    let mut at = 0;
    for (address, recipient) in message.destinations().zip(recipients) {
        let Some(digits) = recipient else { continue };
        copy(&mut out, body, at..address.whole.start);
        put(&mut out, INTERNATIONAL, ISDN, digits.as_bytes());
        at = address.whole.end;
    }
    copy(&mut out, body, at..message.fixed);
    for each in message.tlvs.iter().filter(|each| each.tag != tlv) {
        copy(&mut out, body, each.whole.clone());
    }
    pdu.with_body(&out)
}

/// The answer to a message to many as its client may have it: the failed destinations as the client named them. One that it did
/// not name becomes empty.
#[must_use]
pub fn multi_answer(pdu: &Pdu, message: &Message, named: &[Failed], dress: &Dress<'_>) -> Pdu {
    let body = pdu.body();
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    for address in &message.addresses {
        copy(&mut out, body, at..address.whole.start);
        let digits = address.text(pdu);
        let digits = digits.strip_prefix(b"+").unwrap_or(digits);
        match named.iter().find(|failed| failed.digits.as_bytes() == digits) {
            Some(Failed { named: (ton, npi, text), .. }) => put(&mut out, *ton, *npi, text),
            None => put(&mut out, 0, 0, b""),
        }
        at = address.whole.end;
    }
    copy(&mut out, body, at..message.fixed);
    tail(&mut out, body, message, dress);
    pdu.with_body(&out)
}

/// An answer of the SMS centre as its client may have it.
#[must_use]
pub fn without_tlvs(pdu: &Pdu, message: &Message, dress: &Dress<'_>) -> Pdu {
    let body = pdu.body();
    let mut out = Vec::with_capacity(body.len());
    copy(&mut out, body, 0..message.fixed);
    tail(&mut out, body, message, dress);
    pdu.with_body(&out)
}

fn tail(out: &mut Vec<u8>, body: &[u8], message: &Message, dress: &Dress<'_>) {
    for tlv in message.tlvs.iter().filter(|tlv| passes(tlv, body, None, dress)) {
        copy(out, body, tlv.whole.clone());
    }
}

fn copy(out: &mut Vec<u8>, body: &[u8], range: core::ops::Range<usize>) {
    out.extend_from_slice(body.get(range).unwrap_or_default());
}

fn put(out: &mut Vec<u8>, ton: u8, npi: u8, text: &[u8]) {
    out.extend([ton, npi]);
    out.extend_from_slice(text);
    out.push(0);
}

/// A parameter by tag; none whose value is too long for its length.
fn parameter(out: &mut Vec<u8>, tag: u16, value: &[u8]) {
    let Ok(length) = u16::try_from(value.len()) else { return };
    out.extend(tag.to_be_bytes());
    out.extend(length.to_be_bytes());
    out.extend_from_slice(value);
}

impl Address {
    /// What stands there: type, plan and text.
    #[must_use]
    pub fn named(&self, pdu: &Pdu) -> (u8, u8, Vec<u8>) {
        (self.ton, self.npi, self.text(pdu).to_vec())
    }
}
