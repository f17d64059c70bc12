//! The sealed part of a record, in CBOR (RFC 8949): maps keyed by small numbers that are never reused.

use super::codes;
use super::entry::{Content, Ending, Entry, Facts, Given, Outcome, RequestId};
use crate::RuleId;
use crate::consent::{Change, ConsentEntry, Source};
use lcs::{
    Address, Digits, FormatIndicator, Identities, Imei, Imsi, LcsClientType, Msisdn, PrivacySetting, Pseudonym, Qos,
    Requestor, ServiceType, Target, Timestamp,
};
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};

/// Longest text kept of what a client sent, octets; of longer text the beginning is kept.
const TEXT_MAX: usize = 512;

/// Why decrypted content makes no sense: it was written by a newer version, or by something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// Not the CBOR that is expected.
    #[error("the content is not the expected CBOR; a newer version may have written it")]
    Malformed,
    /// A field holds a value that this version does not know.
    #[error("field {0} of the content holds a value that this version does not know")]
    UnknownValue(u8),
}

/// Kinds of content, first of the two elements of the outer array.
const REQUEST: u8 = 1;
const GAP: u8 = 2;
const CONSENT: u8 = 3;

#[derive(Encode, Decode)]
#[cbor(map)]
struct Request<'b> {
    #[n(0)]
    time_us: u64,
    #[n(1)]
    request: ByteArray<16>,
    #[n(2)]
    via: u8,
    #[b(3)]
    account: &'b str,
    #[n(4)]
    client_type: u8,
    #[n(5)]
    external: Option<Numbered>,
    #[b(6)]
    requestor: Option<Named<'b>>,
    #[n(7)]
    service_type: Option<u8>,
    #[n(8)]
    location_type: u8,
    #[n(9)]
    qos: Asked,
    #[n(10)]
    target_kind: u8,
    /// Digits of the target as named, see [`Digits::to_word`].
    #[n(11)]
    target_word: Option<u64>,
    #[b(12)]
    pseudonym: Option<&'b str>,
    #[n(13)]
    imsi: Option<u64>,
    #[n(14)]
    msisdn: Option<u64>,
    #[n(15)]
    imei: Option<u64>,
    /// 1 allowed, 2 refused, 3 failed, 4 abandoned.
    #[n(16)]
    outcome: u8,
    /// Code of the reason or failure.
    #[n(17)]
    why: Option<u8>,
    #[n(18)]
    given: Option<GivenWire>,
    #[n(19)]
    basis: Option<u8>,
    #[n(20)]
    rule: Option<u8>,
    /// Code of the unrelated setting, and 1 + that of the related one in the high nibble.
    #[n(21)]
    settings: Option<u8>,
    #[n(22)]
    notification: u8,
    #[n(23)]
    second_round: Option<bool>,
    #[n(24)]
    answered_us: Option<u64>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct ConsentWire<'b> {
    #[n(0)]
    time_us: u64,
    #[n(1)]
    request: ByteArray<16>,
    #[n(2)]
    via: u8,
    #[b(3)]
    account: &'b str,
    #[n(4)]
    source: Source,
    #[n(5)]
    imsi: Option<u64>,
    #[n(6)]
    msisdn: Option<u64>,
    #[n(7)]
    imei: Option<u64>,
    #[n(8)]
    change: Change,
}

#[derive(Encode, Decode)]
struct Numbered {
    #[n(0)]
    nature: u8,
    #[n(1)]
    plan: u8,
    #[n(2)]
    word: u64,
}

#[derive(Encode, Decode)]
struct Named<'b> {
    #[b(0)]
    text: &'b str,
    #[n(1)]
    format: u8,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Asked {
    #[n(0)]
    class: u8,
    #[n(1)]
    horizontal_m: Option<u32>,
    #[n(2)]
    vertical_m: Option<u32>,
    #[n(3)]
    response_time: Option<u8>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct GivenWire {
    #[n(0)]
    shape: Option<u8>,
    #[n(1)]
    accuracy_m: Option<u32>,
    #[n(2)]
    age_min: Option<u32>,
    #[n(3)]
    accuracy_fulfilled: Option<bool>,
    /// Bit 0 velocity, bit 1 cell, bit 2 civic address, bit 3 coarsened.
    #[n(4)]
    parts: u8,
    #[n(5)]
    octets: Option<ByteVec>,
}

/// Appends the CBOR of `content` to `out`.
pub(super) fn encode(content: &Content, out: &mut Vec<u8>) -> Result<(), ContentError> {
    match content {
        Content::Request(entry) => encode_entry(entry, out),
        Content::Consent(entry) => encode_consent(entry, out),
        Content::Gap { lost, since } => append(GAP, (*lost, since.micros()), out),
    }
}

/// Appends the CBOR of an entry to `out`.
pub(super) fn encode_entry(entry: &Entry, out: &mut Vec<u8>) -> Result<(), ContentError> {
    append(REQUEST, to_wire(entry), out)
}

/// Appends the CBOR of a change in the consent register to `out`.
pub(super) fn encode_consent(entry: &ConsentEntry, out: &mut Vec<u8>) -> Result<(), ContentError> {
    let ConsentEntry { time, request, via, account, source, identities, change } = entry;
    let wire = ConsentWire {
        time_us: time.micros(),
        request: ByteArray::from(request.0),
        via: codes::via_code(*via),
        account: clip(account),
        source: *source,
        imsi: identities.imsi.map(|imsi| imsi.expose_digits().to_word()),
        msisdn: identities.msisdn.map(|msisdn| msisdn.expose_digits().to_word()),
        imei: identities.imei.map(|imei| imei.expose_digits().to_word()),
        change: change.clone(),
    };
    append(CONSENT, wire, out)
}

fn append(kind: u8, body: impl Encode<()>, out: &mut Vec<u8>) -> Result<(), ContentError> {
    minicbor::encode((kind, body), out).map_err(|_| ContentError::Malformed)
}

/// Reads the content at the start of `octets`; what follows it must be zero padding.
pub(super) fn decode(octets: &[u8]) -> Result<Content, ContentError> {
    let mut decoder = minicbor::Decoder::new(octets);
    let content = read(&mut decoder)?;
    let padding = octets.get(decoder.position()..).unwrap_or_default();
    if padding.iter().any(|octet| *octet != 0) {
        return Err(ContentError::Malformed);
    }
    Ok(content)
}

fn read(decoder: &mut minicbor::Decoder<'_>) -> Result<Content, ContentError> {
    let malformed = |_| ContentError::Malformed;
    if decoder.array().map_err(malformed)? != Some(2) {
        return Err(ContentError::Malformed);
    }
    match decoder.u8().map_err(malformed)? {
        REQUEST => Ok(Content::Request(Box::new(from_wire(decoder.decode().map_err(malformed)?)?))),
        CONSENT => Ok(Content::Consent(Box::new(consent_from_wire(decoder.decode().map_err(malformed)?)?))),
        GAP => {
            let (lost, since) = decoder.decode().map_err(malformed)?;
            Ok(Content::Gap { lost, since: Timestamp::from_micros(since) })
        }
        _ => Err(ContentError::Malformed),
    }
}

/// The text, or its beginning if it is too long.
fn clip(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_MAX)).unwrap_or_default()
}

/// What an entry keeps of a pseudonym: its realm, from the "@" on. The pseudonym itself would stand beside the identity that it
/// hides, for whoever reads the entry to join.
fn veiled(pseudonym: &Pseudonym) -> &str {
    let text = pseudonym.expose();
    text.rfind('@').and_then(|at| text.get(at..)).unwrap_or("@")
}

fn to_wire(entry: &Entry) -> Request<'_> {
    let Entry { facts, identities, ending } = entry;
    let (target_kind, target_word, pseudonym) = match &facts.target {
        Target::Imsi(imsi) => (1, Some(imsi.expose_digits().to_word()), None),
        Target::Msisdn(msisdn) => (2, Some(msisdn.expose_digits().to_word()), None),
        Target::Imei(imei) => (3, Some(imei.expose_digits().to_word()), None),
        Target::Pseudonym(pseudonym) => (4, None, Some(clip(veiled(pseudonym)))),
    };
    let (outcome, why, given) = match &ending.outcome {
        Outcome::Allowed(given) => (1, None, Some(given_to_wire(given))),
        Outcome::Refused(reason) => (2, Some(codes::reason_code(*reason)), None),
        Outcome::Failed(lcs::Failure::Refused(reason)) => (2, Some(codes::reason_code(*reason)), None),
        Outcome::Failed(failure) => (3, Some(codes::failure_code(*failure)), None),
        Outcome::Abandoned => (4, None, None),
    };
    Request {
        time_us: facts.time.micros(),
        request: ByteArray::from(facts.request.0),
        via: codes::via_code(facts.via),
        account: clip(&facts.account),
        client_type: facts.client_type.code(),
        external: facts.external.map(|address| Numbered {
            nature: codes::nature_code(address.nature),
            plan: codes::plan_code(address.plan),
            word: address.digits.to_word(),
        }),
        requestor: facts.requestor.as_ref().map(|r| Named { text: clip(&r.text), format: r.format as u8 }),
        service_type: facts.service_type.map(ServiceType::code),
        location_type: codes::location_type_code(facts.location_type),
        qos: Asked {
            class: codes::qos_class_code(facts.qos.class),
            horizontal_m: facts.qos.horizontal_m,
            vertical_m: facts.qos.vertical_m,
            response_time: facts.qos.response_time.map(codes::response_time_code),
        },
        target_kind,
        target_word,
        pseudonym,
        imsi: identities.imsi.map(|imsi| imsi.expose_digits().to_word()),
        msisdn: identities.msisdn.map(|msisdn| msisdn.expose_digits().to_word()),
        imei: identities.imei.map(|imei| imei.expose_digits().to_word()),
        outcome,
        why,
        given,
        basis: ending.basis.map(codes::basis_code),
        rule: ending.rule.map(RuleId::code),
        settings: ending
            .settings
            .map(|(unrelated, related)| unrelated.code() | related.map_or(0, |r| r.code() + 1) << 4),
        notification: codes::notification_code(ending.notification),
        second_round: ending.second_round.then_some(true),
        answered_us: ending.answered.map(Timestamp::micros),
    }
}

fn given_to_wire(given: &Given) -> GivenWire {
    GivenWire {
        shape: given.shape,
        accuracy_m: given.accuracy_m,
        age_min: given.age_min,
        accuracy_fulfilled: given.accuracy_fulfilled,
        parts: u8::from(given.velocity)
            | u8::from(given.cell) << 1
            | u8::from(given.civic_address) << 2
            | u8::from(given.coarsened) << 3,
        octets: given.octets.clone().map(ByteVec::from),
    }
}

/// Takes a known value, or names the field that holds an unknown one.
fn known<T>(field: u8, value: Option<T>) -> Result<T, ContentError> {
    value.ok_or(ContentError::UnknownValue(field))
}

/// Like [`known`] for a field that may be absent.
fn maybe<R, T>(field: u8, raw: Option<R>, read: impl FnOnce(R) -> Option<T>) -> Result<Option<T>, ContentError> {
    raw.map(|raw| known(field, read(raw))).transpose()
}

fn imsi(word: u64) -> Option<Imsi> {
    Imsi::new(Digits::from_word(word)?).ok()
}
fn msisdn(word: u64) -> Option<Msisdn> {
    Msisdn::new(Digits::from_word(word)?).ok()
}
fn imei(word: u64) -> Option<Imei> {
    Imei::new(Digits::from_word(word)?).ok()
}

fn from_wire(wire: Request<'_>) -> Result<Entry, ContentError> {
    let ending = ending_from_wire(&wire)?;
    let digits = wire.target_word.unwrap_or(0);
    let target = match wire.target_kind {
        1 => known(11, imsi(digits).map(Target::Imsi))?,
        2 => known(11, msisdn(digits).map(Target::Msisdn))?,
        3 => known(11, imei(digits).map(Target::Imei))?,
        4 => known(12, wire.pseudonym.and_then(|text| Pseudonym::new(text.to_owned())).map(Target::Pseudonym))?,
        _ => return Err(ContentError::UnknownValue(10)),
    };
    let facts = Facts {
        time: Timestamp::from_micros(wire.time_us),
        request: RequestId(*wire.request),
        via: known(2, codes::via_from(wire.via))?,
        account: wire.account.into(),
        client_type: known(4, LcsClientType::from_code(u32::from(wire.client_type)))?,
        external: maybe(5, wire.external, |n| {
            let (nature, plan) = (codes::nature_from(n.nature)?, codes::plan_from(n.plan)?);
            Some(Address { nature, plan, digits: Digits::from_word(n.word)? })
        })?,
        requestor: maybe(6, wire.requestor, |n| {
            Some(Requestor { text: n.text.to_owned(), format: FormatIndicator::from_code(u32::from(n.format))? })
        })?,
        service_type: maybe(7, wire.service_type, |code| ServiceType::new(u32::from(code)))?,
        location_type: known(8, codes::location_type_from(wire.location_type))?,
        qos: Qos {
            class: known(9, codes::qos_class_from(wire.qos.class))?,
            horizontal_m: wire.qos.horizontal_m,
            vertical_m: wire.qos.vertical_m,
            response_time: maybe(9, wire.qos.response_time, codes::response_time_from)?,
        },
        target,
    };
    let identities = Identities {
        imsi: maybe(13, wire.imsi, imsi)?,
        msisdn: maybe(14, wire.msisdn, msisdn)?,
        imei: maybe(15, wire.imei, imei)?,
    };
    Ok(Entry { facts, identities, ending })
}

fn consent_from_wire(wire: ConsentWire<'_>) -> Result<ConsentEntry, ContentError> {
    Ok(ConsentEntry {
        time: Timestamp::from_micros(wire.time_us),
        request: RequestId(*wire.request),
        via: known(2, codes::via_from(wire.via))?,
        account: wire.account.into(),
        source: wire.source,
        identities: Identities {
            imsi: maybe(5, wire.imsi, imsi)?,
            msisdn: maybe(6, wire.msisdn, msisdn)?,
            imei: maybe(7, wire.imei, imei)?,
        },
        change: wire.change,
    })
}

fn ending_from_wire(wire: &Request<'_>) -> Result<Ending, ContentError> {
    let why = wire.why.unwrap_or(0);
    let outcome = match wire.outcome {
        1 => Outcome::Allowed(known(18, wire.given.as_ref().map(given_from_wire))?),
        2 => Outcome::Refused(known(17, codes::reason_from(why))?),
        3 => Outcome::Failed(known(17, codes::failure_from(why))?),
        4 => Outcome::Abandoned,
        _ => return Err(ContentError::UnknownValue(16)),
    };
    Ok(Ending {
        outcome,
        basis: maybe(19, wire.basis, codes::basis_from)?,
        rule: maybe(20, wire.rule, RuleId::from_code)?,
        settings: maybe(21, wire.settings, settings_from)?,
        notification: known(22, codes::notification_from(wire.notification))?,
        second_round: wire.second_round.unwrap_or(false),
        answered: wire.answered_us.map(Timestamp::from_micros),
        keeps_position: false,
    })
}

fn settings_from(code: u8) -> Option<(PrivacySetting, Option<PrivacySetting>)> {
    let unrelated = PrivacySetting::from_code(u32::from(code & 0xF))?;
    match code >> 4 {
        0 => Some((unrelated, None)),
        related => Some((unrelated, Some(PrivacySetting::from_code(u32::from(related) - 1)?))),
    }
}

fn given_from_wire(wire: &GivenWire) -> Given {
    Given {
        shape: wire.shape,
        accuracy_m: wire.accuracy_m,
        age_min: wire.age_min,
        accuracy_fulfilled: wire.accuracy_fulfilled,
        velocity: wire.parts & 1 != 0,
        cell: wire.parts & 2 != 0,
        civic_address: wire.parts & 4 != 0,
        coarsened: wire.parts & 8 != 0,
        octets: wire.octets.as_ref().map(|octets| octets.to_vec()),
    }
}
